"""The story of issue 9 in a real browser: come in by the link, say a sentence, take it back, go on otherwise, compare both, keep one,
take a picture away and hear who made it, come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import AXE, Visit, needed
from numpy.typing import NDArray

from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.provenance import verify
from lifeworld.studio.library import Library
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.worlds.game import WorldGame
from lifeworld.worlds.game.procgen import home

pytestmark = needed
IDS = "instance_ids@front"
PIXELS = """(stream) => {
  const pane = document.querySelector(`article[aria-label="${stream}"]`), canvas = pane?.querySelector("canvas");
  if (!canvas?.width) return null;
  const names = [...pane.querySelectorAll(".names > span")].map((one) => {
    const [r, g, b] = getComputedStyle(one.querySelector(".dot")).backgroundColor.match(/\\d+/g).map(Number);
    return [one.textContent.trim(), r, g, b];
  });
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return { names, width: canvas.width, height: canvas.height, data: Array.from(data) };
}"""


def begin(word: str, *, episode: str | None = None, tick: int = 0) -> Session:
    return Session(word)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("LIFEWORLD_SIGNING", str(tmp_path / "signing"))
    monkeypatch.setenv("LIFEWORLD_AUTHOR", "the one who tests")
    with Server(library=Library((), begin)) as server:
        yield server


def seen(visit: Visit, thing: str) -> NDArray[np.bool_]:
    """Where a thing is (height, width) in the picture of ids that the page shows, by the names that stand under it."""
    shown = visit.page.evaluate(PIXELS, IDS)
    if shown is None:
        return np.zeros((1, 1), dtype=bool)
    picture = np.array(shown["data"], dtype=np.uint8).reshape(shown["height"], shown["width"], 4)[..., :3]
    colors = [color for name, *color in shown["names"] if name == thing]
    return np.asarray((picture == colors[0]).all(axis=-1)) if colors else np.zeros(picture.shape[:2], dtype=bool)


def on_it(visit: Visit, thing: str, carrier: str) -> bool:
    """Whether a thing is seen, and what is seen right below its lowest pixels is what carries it."""
    above, below = seen(visit, thing), seen(visit, carrier)
    if above.sum() < 20 or above.shape != below.shape:
        return False
    lowest = int(np.flatnonzero(above.any(axis=1)).max())
    columns = np.flatnonzero(above[lowest])
    return bool(below[lowest + 1 : lowest + 4, columns].mean() > 0.8)


def test_enter_say_undo_branch_compare_keep_take_away_and_come_back(browser: Any, server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    session = server.studio.add(Session("tabletop", keep=folder))
    session.wait()
    link = server.studio.door.link
    visit = Visit(browser, server)
    page = visit.page

    page.goto(link)
    visit.text("[role=dialog]", "Recording: off")
    visit.text("[role=dialog]", "Simulated")
    visit.text("[role=dialog]", "apple is on plate")
    assert "#" not in page.url  # the token is not left lying about
    visit.press("Enter")
    visit.there("magazine")
    visit.there("glass", is_there=False)
    visit.press("Pause")  # a branch that is not lived long is soon compared

    line = page.get_by_label("What should change?")
    line.fill("put a glass on the magazin")
    visit.text("[role=alert]", "magazine")
    line.fill("put a glass on the magazine")
    visit.text(".reading", "Add a glass on magazine")
    visit.say("put a glass on the magazine")
    visit.there("glass")
    facts = page.locator("li", has=page.get_by_role("treeitem").filter(has_text="magazine")).last
    visit.until(lambda: facts.get_by_role("treeitem").filter(has_text="glass").count() == 1, "the glass is under what carries it")

    visit.press("Signals")
    page.get_by_role("button", name=IDS, exact=True).click()
    page.keyboard.press("Escape")
    visit.until(lambda: on_it(visit, "glass", "magazine"), "the glass is in the picture of ids, on the magazine")

    visit.press("Undo")
    visit.there("glass", is_there=False)
    visit.press("Redo")
    visit.there("glass")
    visit.until(lambda: on_it(visit, "glass", "magazine"), "the glass is back in the picture")
    visit.press("Undo")
    visit.there("glass", is_there=False)
    visit.say("push the bottle at 1 m/s")
    visit.text(".time", "push the bottle at 1 m/s")  # the branch is on the axis; what is compared is the one we are on

    visit.press("Compare")
    visit.text(".words", "Only in A: glass")
    visit.text(".compare table", "bottle")
    assert page.locator(".curves svg path.curve").count() >= 1
    visit.text(".compare figcaption", "put a glass on the magazine")
    clock = page.get_by_label("Ticks since they part")
    clock.focus()
    clock.press("End")
    visit.until(lambda: not page.locator(".compare output").inner_text().startswith("+0.00"), "both are looked at in the end")
    visit.press("+ Another")
    visit.until(lambda: page.locator(".sides canvas:not(.veil)").count() == 3, "three are looked at")
    page.get_by_role("tab", name="C against A").click()
    visit.text(".findings", "Only in C")
    assert not AXE.exists() or visit.axe() == []
    visit.press("Without C")
    visit.until(lambda: page.locator(".sides canvas:not(.veil)").count() == 2, "two are looked at")
    visit.press("Back to the world")

    assert not folder.exists()
    visit.press("nothing is kept")
    visit.press("No, keep nothing")
    assert not folder.exists()
    visit.press("nothing is kept")
    page.get_by_label("Models may learn from it.").check()
    visit.press("Yes, keep it")
    visit.text("[role=dialog]", f"lifeworld erase {folder} --subject")
    page.get_by_role("dialog", name="It is kept").get_by_role("button").click()
    visit.until(lambda: page.get_by_role("button", name="1 kept").count() == 1, "it says what is kept")
    assert check(folder, deep=True) == []
    (episode,) = open_bundle(folder)
    assert "push the bottle at 1 m/s" in episode.labels["changes"]
    assert "glass" not in episode.labels["changes"]
    assert {c.purposes for stream in episode.streams.values() for c in stream.terms.consents} == {("train",)}

    visit.press("Take away")
    with page.expect_download() as taken:
        page.get_by_role("dialog", name="Take away").get_by_role("button", name="Picture").click()
    picture = tmp_path / taken.value.suggested_filename
    taken.value.save_as(picture)
    found = verify(picture)
    assert (found.standing, found.who, found.origin) == ("known", "the one who tests", "simulated")

    page.reload()
    visit.text("[role=dialog]", "You own this session")
    visit.press("Enter")
    visit.text(".time", "push the bottle at 1 m/s")  # on the branch where they were
    visit.there("bottle")

    page.goto(f"{visit.origin}verify")
    page.get_by_label("Choose a file to verify").set_input_files(picture)
    visit.text(".verdict", "the one who tests")
    visit.text(".verdict .badge", "Simulated")
    raw = bytearray(picture.read_bytes())
    raw[-2_000] ^= 1  # one bit, amid the pixels
    picture.write_bytes(raw)
    page.get_by_label("Choose a file to verify").set_input_files(picture)
    visit.text(".verdict h2", "Changed")

    assert visit.errors == []
    again = Visit(browser, server)
    again.page.goto(link)
    again.text("h1", "This link opens no more")
    assert visit.strangers == again.strangers == []


@pytest.mark.slow
@pytest.mark.skipif(not (home() / "bin/python").exists(), reason="procgen is not installed")
def test_a_game_is_entered_played_and_gone_back_in(browser: Any, server: Server) -> None:
    world = WorldGame("coinrun")
    session = server.studio.add(Session(None, world=world, title="CoinRun"))
    session.wait()
    visit = Visit(browser, server)
    page = visit.page
    page.goto(server.studio.door.link)
    visit.text("[role=dialog]", "computed by a game")
    visit.press("Enter")
    now = page.get_by_label("Time of the world")
    visit.until(lambda: now.inner_text() != "0:00.0", "time goes on")
    page.locator(".stage canvas.view").focus()
    visit.until(lambda: page.locator(".stage canvas.view").evaluate("(c) => c.width") > 100, "the game is drawn")
    assert page.get_by_label("What should change?").count() == 0  # no words change a game
    visit.press("Pause")
    then = now.inner_text()
    page.get_by_role("button", name="One tick back", exact=True).click()
    visit.until(lambda: now.inner_text() <= then, "back")
    assert (visit.errors, visit.strangers) == ([], [])
    session.stop()
    world.close()


@pytest.mark.slow
def test_a_dream_is_entered_and_says_what_it_is(browser: Any, server: Server, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.models import tiny

    from lifeworld.models.data.footage import open_footage
    from lifeworld.models.training.plan import Plan
    from lifeworld.models.zoo.card import Card
    from lifeworld.models.zoo.checkpoint import save
    from lifeworld.studio.opening import begun, opened

    data = tiny.bundle(tmp_path / "play", 6)
    footage = open_footage(data, size=(16, 16), length=10, cache=tmp_path / "cache")
    run = tiny.learn(footage, Plan(steps=20, average=0.9), tmp_path / "run", horizon=4, frames=16)
    model = tmp_path / "square"
    save(model, run.average, Card.of(tiny.SHAPE, footage, steps=run.step, seed=0))
    session = server.studio.add(begun(opened(str(model), source=data)))
    session.wait()
    visit = Visit(browser, server)
    page = visit.page
    page.goto(server.studio.door.link)
    visit.text("[role=dialog]", "Dreamed")
    visit.text("[role=dialog]", "imagined by a learned model")
    visit.press("Enter")
    now = page.get_by_label("Time of the world")
    visit.until(lambda: now.inner_text() != "0:00.0", "it goes on")
    visit.until(lambda: page.locator(".stage canvas.view").evaluate("(c) => c.width") > 100, "and is drawn")
    assert page.locator(".frame.dreamed").count() == 1
    assert page.get_by_label("What should change?").count() == 0  # there are no things in it to speak of
    assert page.get_by_role("button", name="Dream again").count() == 0
    seen = session._world.observe

    def lost(*asked: Any, **how: Any) -> Any:
        told = seen(*asked, **how)
        return replace(told, certainty={name: np.zeros_like(sure) for name, sure in told.certainty.items()})

    session._world.observe = lost  # type: ignore[method-assign]  # as after minutes: it is no longer sure of anything
    visit.press("Dream again")
    visit.until(lambda: len(session._story.line.nodes) == 2, "it begins again as a branch")
    branch = session._story.line.nodes[1]
    assert branch.left is not None
    assert (branch.left.node, branch.left.ticks) == (0, 0)
    visit.until(lambda: session._story.line.now.node == 1 and session._story.line.now.ticks > 3, "and goes on")
    assert (visit.errors, visit.strangers) == ([], [])
    session.stop()
