"""Nothing that is shown flashes more than three times a second, and what does not flash is shown as it is.

Counted here by another way than the page's own: in every second, the longest run of changes to and fro in each cell.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Visit, needed
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.studio.library import Library
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session

WEB = Path(__file__).parents[2] / "web"
ROWS, COLUMNS, FIELD = 48, 64, 16
Pictures = NDArray[np.float64]
"""(pictures, ROWS, COLUMNS, 3): what is sent to the display, 0 to 1."""


@pytest.fixture(scope="module")
def shares() -> Iterator[Callable[[NDArray[np.float64], Pictures], NDArray[np.float64]]]:
    if shutil.which("node") is None or not (WEB / "node_modules/vite").is_dir():
        pytest.skip("needs Node and the page's packages: make page")
    command = ["node", str(Path(__file__).with_name("flashes.mjs")), str(WEB)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None

        def ask(times_ms: NDArray[np.float64], pictures: Pictures) -> NDArray[np.float64]:
            assert running.stdin is not None
            assert running.stdout is not None
            packed = base64.b64encode(pictures.astype("<f4").tobytes()).decode()
            running.stdin.write(json.dumps([times_ms.tolist(), packed]) + "\n")
            running.stdin.flush()
            return np.array(json.loads(running.stdout.readline()))

        yield ask
        running.stdin.close()


def shown(pictures: Pictures, share: NDArray[np.float64]) -> Pictures:
    """What is on the screen: each picture laid over what was there."""
    out = [pictures[0]]
    for picture, part in zip(pictures[1:], share[1:], strict=True):
        out.append(out[-1] + part * (picture - out[-1]))
    return np.array(out)


def quantities(pictures: Pictures) -> dict[str, tuple[NDArray[np.float64], float, float]]:
    """Relative luminance and saturated red, each with what a change is and below what its lesser value has to be (WCAG 2.2)."""
    linear = np.where(pictures <= 0.04045, pictures / 12.92, ((pictures + 0.055) / 1.055) ** 2.4)
    red, green, blue = np.moveaxis(linear, -1, 0)
    saturated = red >= 0.8 * (red + green + blue)
    return {
        "light": (linear @ np.array([0.2126, 0.7152, 0.0722]), 0.1, 0.8),
        "red": (np.where(saturated, np.maximum(red - green - blue, 0), 0.0), 20 / 320, np.inf),
    }


def flashes(values: NDArray[np.float64], change: float, below: float) -> NDArray[np.int64]:
    """How many pairs of changes to and fro there are in rows of values (n, …), at most, in each place (…)."""
    best = np.zeros(values.shape[1:], dtype=np.int64)
    for first in (1.0, -1.0):
        edge, count, way = values[0].copy(), np.zeros(best.shape, dtype=np.int64), np.full(best.shape, first)
        for value in values[1:]:
            far = (value - edge) * way
            turned = (far >= change) & (np.minimum(value, edge) < below)
            edge = np.where(turned | (far < 0), value, edge)
            count, way = count + turned, np.where(turned, -way, way)
        best = np.maximum(best, count)
    return best // 2


def worst(times_ms: NDArray[np.float64], pictures: Pictures) -> int:
    """In how many cells of a field at most there are more than three flashes within a second."""
    found = 0
    for values, change, below in quantities(pictures).values():
        for first, begin in enumerate(times_ms):
            within = values[first : np.searchsorted(times_ms, begin + 1000.0)]
            over = flashes(within, change, below) > 3
            fields = np.lib.stride_tricks.sliding_window_view(over, (FIELD, FIELD)).sum((-1, -2))
            found = max(found, int(fields.max()))
    return found


@st.composite
def films(draw: st.DrawFn) -> tuple[NDArray[np.float64], Pictures]:
    """Pictures that flash in all kinds of ways: whole or in part, fully or faintly, in one colour or another, evenly or not."""
    many = draw(st.integers(2, 50))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    gap = draw(st.sampled_from([16.0, 40.0, 80.0, 150.0]))
    times = np.cumsum(rng.uniform(0.5, 1.5, many) * gap)
    colors = rng.uniform(0, 1, (draw(st.integers(2, 3)), 3)) if draw(st.booleans()) else np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0]])
    part = rng.uniform(size=(ROWS, COLUMNS)) < draw(st.sampled_from([0.15, 0.3, 0.6, 1.0]))
    which = rng.integers(0, len(colors), many) if draw(st.booleans()) else np.arange(many) % len(colors)
    pictures = np.broadcast_to(colors[0], (many, ROWS, COLUMNS, 3)).copy()
    pictures[:, part] = colors[which][:, None]
    return times, np.clip(pictures + rng.normal(0, draw(st.sampled_from([0.0, 0.02, 0.2])), pictures.shape), 0, 1)


def turned(times_ms: NDArray[np.float64], cells: float, hz: float, contrast: float) -> Pictures:
    """What a turning view sees of bright and dark bars that are so many cells wide and go by so often a second."""
    x = (np.arange(4 * COLUMNS) / 4)[None] / (2 * cells) - hz * times_ms[:, None] / 1e3
    bars = 0.5 + contrast * (np.floor(2 * x) % 2 - 0.5)
    seen = bars.reshape(len(times_ms), COLUMNS, 4).mean(-1)  # cells are means
    return np.broadcast_to(seen[:, None, :, None], (len(times_ms), ROWS, COLUMNS, 3)).copy()


@settings(max_examples=25, deadline=None)
@given(cells=st.floats(0.5, 40.0), hz=st.floats(0.5, 12.0), contrast=st.floats(0.1, 1.0), rate_hz=st.sampled_from([12.0, 30.0, 60.0]))
def test_a_view_that_turns_fast_past_bars_does_not_strobe(shares: Any, cells: float, hz: float, contrast: float, rate_hz: float) -> None:
    times = np.arange(0.0, 2_000.0, 1e3 / rate_hz)
    pictures = turned(times, cells, hz, contrast)
    share = shares(times, pictures)
    assert worst(times, shown(pictures, share)) <= FIELD * FIELD // 4
    if hz <= 2.9 and rate_hz > 2.5 * hz:  # who turns slowly sees it as it is
        assert (share == 1).all()


def test_bars_that_go_by_fast_are_told_by_the_count() -> None:
    times = np.arange(0.0, 1_500.0, 20.0)
    assert worst(times, turned(times, 3.0, 5.0, 1.0)) > FIELD * FIELD // 4
    assert worst(times, turned(times, 3.0, 2.0, 1.0)) == 0


@settings(max_examples=25, deadline=None)
@given(film=films())
def test_nothing_flashes_more_than_three_times_a_second(shares: Any, film: tuple[NDArray[np.float64], Pictures]) -> None:
    times, pictures = film
    assert worst(times, shown(pictures, shares(times, pictures))) <= FIELD * FIELD // 4


def test_a_strobe_is_told_from_a_film_by_the_count() -> None:
    """What counts here finds what the page has to hold back."""
    times = np.arange(50) * 40.0
    strobe = np.broadcast_to((np.arange(50) % 2)[:, None, None, None], (50, ROWS, COLUMNS, 3)).astype(float)
    assert worst(times, strobe) == FIELD * FIELD
    assert worst(times * 5, strobe) == 0  # five changes a second


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["faint", "slow", "fade", "small"]))
def test_what_does_not_flash_is_shown_as_it_is(shares: Any, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    times = np.arange(60) * 33.0
    pictures = np.full((60, ROWS, COLUMNS, 3), 0.5)
    match kind:
        case "faint":
            pictures += rng.uniform(-0.03, 0.03, pictures.shape)
        case "slow":
            pictures[:] = ((times // 400) % 2)[:, None, None, None]
        case "fade":
            pictures[:] = np.linspace(0, 1, 60)[:, None, None, None]
        case "small":
            half = FIELD // 2
            top, left = rng.integers(0, ROWS - half), rng.integers(0, COLUMNS - half)
            pictures[::2, top : top + half, left : left + half] = 1.0
            pictures[1::2, top : top + half, left : left + half] = 0.0
    assert (shares(times, pictures) == 1).all()


def test_what_was_held_back_is_shown_within_a_second(shares: Any) -> None:
    strobe = np.broadcast_to((np.arange(31) % 2)[:, None, None, None], (31, ROWS, COLUMNS, 3)).astype(float)
    times = np.arange(31) * 40.0
    last = np.concatenate([times, times[-1] + 60.0 * np.arange(1, 18)])
    pictures = np.concatenate([strobe, np.ones((17, ROWS, COLUMNS, 3))])
    share = shares(last, pictures)
    assert share.min() < 1
    assert shown(pictures, share)[-1] == pytest.approx(1.0)


# -- in a browser ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Server]:
    """A bundle with one film: black, white, black, twenty-five times a second."""
    times = np.arange(100) * 40_000_000
    film = np.zeros((100, 48, 64, 3), np.uint8)
    film[1::2] = 255
    strobe = Episode(
        streams={"rgb@front": Stream(SIGNALS["rgb"], times, film, origin="measured", source="front")},
        provenance=Provenance.now(engine="test", engine_version="1"),
        title="a strobe",
    )
    with append_to(tmp_path / "mine") as writer:
        writer.add(strobe)

    def begin(word: str, *, episode: str | None = None, tick: int = 0) -> Session:
        raise NotImplementedError

    with Server(library=Library((tmp_path,), begin)) as server:
        yield server


class TestInABrowser:
    pytestmark = needed

    def test_a_strobing_film_does_not_strobe(self, browser: Any, shelf: Server) -> None:
        visit = Visit(browser, shelf)
        page = visit.page
        page.goto(shelf.studio.door.link)
        page.get_by_role("button", name="mine").first.click()
        page.get_by_role("link", name="a strobe").first.click()
        visit.until(lambda: page.locator(".reel canvas").count() == 1, "the film is there")
        page.evaluate(
            """() => {
                window.seen = [];
                const canvas = document.querySelector(".reel canvas"), pen = canvas.getContext("2d");
                (function look(now) {
                    const [r, g, b] = pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
                    const held = document.querySelector(".reel [role=status]") ? 1 : 0;
                    window.seen.push([now ?? performance.now(), r / 255, g / 255, b / 255, held]);
                    requestAnimationFrame(look);
                })();
            }"""
        )
        visit.press("Play")
        visit.until(lambda: "0:04.0" in page.locator(".transport output").inner_text(), "it is over")
        page.wait_for_timeout(1_500)
        seen = np.array(page.evaluate("window.seen"))
        light, change, below = quantities(seen[:, None, None, 1:4])["light"]
        most = 0
        for first, begin in enumerate(seen[:, 0]):
            most = max(most, int(flashes(light[first : np.searchsorted(seen[:, 0], begin + 1000.0), 0, 0], change, below)))
        assert 1 <= most <= 3
        assert seen[:, 4].any() or len(seen) < 80  # that it is held back is told; where so few pictures were drawn there was no need
        assert not seen[-1, 4]
        assert seen[-1, 1] == pytest.approx(1.0, abs=0.02)  # and in the end the last picture is there
        assert not visit.errors

    def test_a_view_that_strobes_is_veiled(self, browser: Any) -> None:
        """A WebGL canvas, drawn anew for every picture of the display: black, white; then evenly white; then slowly darker."""
        if shutil.which("node") is None or not (WEB / "node_modules/vite").is_dir():
            pytest.skip("needs Node and the page's packages: make page")
        script = subprocess.run(
            ["node", str(Path(__file__).with_name("calm.mjs")), str(WEB)], check=True, capture_output=True, text=True
        ).stdout
        page = browser.new_page()
        page.set_content("<canvas id=view width=320 height=240></canvas><canvas id=veil hidden></canvas>")
        page.evaluate(script + "; window.Calm = Calm; null")
        seen = page.evaluate(
            """() => new Promise((done) => {
                const view = document.querySelector("#view"), veil = document.querySelector("#veil");
                const gl = view.getContext("webgl2"), seen = [];
                const glass = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
                const calm = new Calm(view, veil);
                let [begin, count] = [performance.now(), 0];
                (function draw() {
                    const now = performance.now(), spent = (now - begin) / 1000;
                    const light = spent < 2 ? Number(count++ % 2) : spent < 4.5 ? 1 : 1 - Math.min(0.9, 0.3 * (spent - 4.5));
                    gl.clearColor(light, light, light, 1);
                    gl.clear(gl.COLOR_BUFFER_BIT);
                    const held = calm.drawn(now);
                    glass.drawImage(view, 0, 0, 1, 1);
                    if (!veil.hidden) glass.drawImage(veil, 0, 0, 1, 1);
                    seen.push([now, light, glass.getImageData(0, 0, 1, 1).data[0] / 255, Number(held), Number(!veil.hidden)]);
                    if (spent > 6.5) done(seen);
                    else requestAnimationFrame(draw);
                })();
            })"""
        )
        page.close()
        now, meant, shown_there, held, veiled = np.array(seen).T
        light, change, below = quantities(np.repeat(shown_there[:, None, None, None], 3, axis=-1))["light"]
        rows = light[:, 0, 0]
        most = max(int(flashes(rows[i : np.searchsorted(now, t + 1000.0)], change, below)) for i, t in enumerate(now))
        assert most <= 3
        if np.count_nonzero(now < now[0] + 1000) >= 12:  # so many were drawn in a second that there was something to hold back
            assert most >= 1
            assert held.any()
        late = now > now[0] + 4_000
        assert not held[late].any()
        assert not veiled[now > now[0] + 5_000].any()
        assert shown_there[late] == pytest.approx(meant[late], abs=0.01)
