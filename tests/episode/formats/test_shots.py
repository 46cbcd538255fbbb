"""Where films are cut: at every splice and nowhere else, into pieces that hold every frame once and no piece longer than it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.time import NS_PER_S
from lifeworld.episode.formats.shots import Glances, cuts, cutting, planned

CLIPS = Path(__file__).parents[4] / "shared" / "data" / "clips"
SPLICED = ("bulk-water.mov", "car-detection.mp4", "bottle-detection.mp4", "solidWhiteRight.mp4")
FPS = 25


def shot(seed: int, count: int) -> NDArray[np.uint8]:
    """Pictures (count, 3, 16, 16) of a wavy scene that moves, with the noise of a camera."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16] / 16
    at, way = rng.uniform(0, 6, (3, 2)), rng.uniform(-0.03, 0.03, (3, 2))
    base = rng.uniform(60, 190, 3)
    pictures = [
        [base[c] + 40 * np.sin(at[c, 0] + way[c, 0] * t + 5 * x) * np.cos(at[c, 1] + way[c, 1] * t + 4 * y) for c in range(3)]
        for t in range(count)
    ]
    return np.clip(np.array(pictures) + rng.normal(0, 0.5, (count, 3, 16, 16)), 0, 255).astype(np.uint8)


def times(count: int) -> NDArray[np.int64]:
    return np.arange(count, dtype=np.int64) * (NS_PER_S // FPS)


@given(st.lists(st.integers(20, 60), min_size=1, max_size=6), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_every_splice_is_found_and_nothing_else(lengths: list[int], seed: int) -> None:
    film = np.concatenate([shot(100 * seed + k, n) for k, n in enumerate(lengths)])
    assert cuts(film, times(len(film))) == np.cumsum(lengths)[:-1].tolist()


@given(st.integers(10, 60), st.integers(1, 5), st.sampled_from(["white", "black"]), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_a_flash_is_no_cut(at: int, lasts: int, sort: str, seed: int) -> None:
    film = shot(seed, 80)
    film[at : at + lasts] = 250 if sort == "white" else 10
    assert cuts(film, times(80)) == []


@given(st.integers(8, 40), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_what_fades_is_no_cut(lasts: int, seed: int) -> None:
    one, other, share = shot(seed, 100).astype(float), shot(seed + 5000, 100), np.linspace(0, 1, lasts)[:, None, None, None]
    across = one.copy()
    across[30 : 30 + lasts] = (1 - share) * one[30 : 30 + lasts] + share * other[30 : 30 + lasts]
    across[30 + lasts :] = other[30 + lasts :]
    dark = one.copy()
    dark[30 : 30 + lasts] *= 1 - share
    dark[30 + lasts :] = 0
    for film in (across, dark):
        assert cuts(film.astype(np.uint8), times(100)) == []


def test_a_pan_is_no_cut() -> None:
    wide = np.random.default_rng(0).uniform(30, 220, (3, 16, 200))
    wide = sum(np.roll(wide, k, axis=2) for k in range(8)) / 8  # a scene has no edges as sharp as noise
    film = np.stack([wide[:, :, t : t + 16] for t in range(0, 184, 2)]).astype(np.uint8)
    assert cuts(film, times(len(film))) == []


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_pieces_hold_every_frame_once_in_order(data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(1, 3 * NS_PER_S), min_size=0, max_size=60))
    shown = np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    count = len(shown)
    begins = sorted(data.draw(st.sets(st.integers(1, max(count - 1, 1)), max_size=4))) if count > 1 else []
    partings = data.draw(st.sets(st.integers(0, count - 1)))
    about_s = data.draw(st.sampled_from([0.5, 2.0, 7.0, 100.0]))
    pieces = planned(shown, begins, partings, about_s)
    assert [frame for piece in pieces for frame in range(piece.first, piece.stop)] == list(range(count))
    assert {piece.first for piece in pieces} >= {0, *begins}
    assert [piece.shot for piece in pieces] == [int(np.searchsorted(begins, piece.first, side="right")) for piece in pieces]
    for piece in pieces:  # as long as its last frame is shown at the earliest
        assert piece.stop - piece.first == 1 or shown[piece.stop - 1] - shown[piece.first] <= 1.5 * about_s * NS_PER_S
    assert pieces == planned(shown, begins, partings, about_s)


def test_long_shots_are_cut_where_packets_can_be_parted() -> None:
    pieces = planned(times(FPS * 100), [], {0, 400, 900, 1100, 1510, 2000}, 20)
    assert [piece.stop for piece in pieces] == [400, 900, 1510, 2000, 2500]
    assert [piece.stop for piece in planned(times(FPS * 100), [], {0}, 20)] == [500, 1000, 1500, 2000, 2500]
    assert len(planned(times(FPS * 29), [], set(), 20)) == 1  # a little longer is no reason to cut


@pytest.mark.parametrize(("said", "about_s"), [("shots", 20.0), ("none", None), ("7.5", 7.5)])
def test_what_can_be_said(said: str, about_s: float | None) -> None:
    assert cutting(said) == about_s


@pytest.mark.parametrize("said", ["", "0", "-3", "nan", "inf", "scenes"])
def test_what_cannot_be_said_is_refused(said: str) -> None:
    with pytest.raises(InputError, match="shots, none"):
        cutting(said)


@pytest.mark.data
def test_splices_of_real_clips_are_found() -> None:
    """Recall and precision of at least 0.95 on 12 films of 12 shots each, as short as 0.6 s; no clip is cut by itself."""
    if not CLIPS.is_dir():
        pytest.skip("the recordings are not here")
    clips = [_glances(CLIPS / name) for name in SPLICED]
    assert [cuts(clip, times(len(clip))) for clip in clips] == [[]] * len(clips)
    rng, found, known, both = np.random.default_rng(0), 0, 0, 0
    for _ in range(12):
        order = [int(rng.integers(len(clips)))]
        while len(order) < 12:
            order.append(int((order[-1] + rng.integers(1, len(clips))) % len(clips)))
        parts = []
        for which in order:
            length = int(rng.integers(15, 200))
            at = int(rng.integers(len(clips[which]) - length))
            parts.append(clips[which][at : at + length])
        film, true = np.concatenate(parts), set(np.cumsum([len(part) for part in parts])[:-1].tolist())
        said = set(cuts(film, times(len(film))))
        found, known, both = found + len(said), known + len(true), both + len(said & true)
    assert both >= 0.95 * known  # recall
    assert both >= 0.95 * found  # precision


def _glances(path: Path) -> NDArray[np.uint8]:
    import av

    seen = Glances()
    with av.open(str(path)) as file:
        reader: Any = file
        for frame in reader.decode(video=0):
            seen.see(frame)
    return np.stack(seen._seen)
