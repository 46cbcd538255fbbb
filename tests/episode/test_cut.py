"""Pieces of an episode: side by side they are the episode, cut in one go or in several, and each tells its times from its own beginning."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bundles import WHO
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import InputError
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.cut import TIME, cut, decimal, part
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter

MOST_NS = 40
"""So small that cuts, and the samples of several streams, fall upon one another."""
NAMES = ("reward", "captions", "happened", "pixel_events", "audio_mono", "instruction", "position_m")


SCENE = starter.load("tabletop")


def episode(*streams: Stream) -> Episode:
    whole = Episode(streams={}, provenance=WHO, scene=SCENE, labels={"weather": "rain"})
    for stream in streams:
        whole = whole.with_stream(stream)
    return whole


def made(name: str, times: list[int]) -> Stream:
    """A stream whose values say the times of their samples; rows of what leads to its time, the times before it."""
    signal = SIGNALS[name.partition("@")[0]]
    values: Any
    name = signal.name
    if name in ("happened", "pixel_events"):
        values = [np.zeros(2, signal.dtype) for _ in times]
        for rows, time in zip(values, times, strict=True):
            rows[TIME] = [time - 3, time]
    elif signal.dtype.kind == "U":
        values = [[str(t)] for t in times] if signal.ragged else np.array([str(t) for t in times], signal.dtype)
    else:
        shape = {"audio_mono": (8,), "position_m": (2, 3)}.get(name, ())
        values = np.broadcast_to(np.reshape(times, (-1, *(1 for _ in shape))), (len(times), *shape)).astype(signal.dtype)
    return Stream(signal, times, values, origin="measured", source="front" if signal.per == "camera" else "")


@st.composite
def wholes(draw: Callable[..., Any]) -> Episode:
    """Episodes of streams of every sort, on clocks of their own, empty ones among them."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    return episode(*(made(name, sorted(draw(st.sets(st.integers(0, MOST_NS), max_size=8)))) for name in names))


CUTS = st.sets(st.integers(1, MOST_NS + 2), max_size=4).map(sorted)


def side_by_side(whole: Episode, cuts: list[int]) -> list[Episode]:
    return [part(whole, start, stop) for start, stop in zip([0, *cuts], [*cuts, None], strict=True)]


def same(one: Episode, other: Episode) -> bool:
    return dict(one.streams) == dict(other.streams) and one.scene == other.scene


@given(wholes(), CUTS)
def test_every_sample_lies_in_one_piece_at_its_own_time(whole: Episode, cuts: list[int]) -> None:
    """Held against a rule written out sample by sample."""
    for name, stream in whole.streams.items():
        sound, holds = stream.signal.family == "hear", stream.signal.rate == "start"
        for start, stop in pairwise([0, *cuts, 10**9]):
            lies = [t for t in stream.times_ns.tolist() if (start < t <= stop if sound else start <= t < stop) or (start == 0 == t)]
            before = [t for t in stream.times_ns.tolist() if t < start]
            held = before[-1:] if holds and start not in lies else []
            got = part(whole, start, stop).streams.get(name, made(name, []))
            assert got.times_ns.tolist() == [0] * len(held) + [t - start for t in lies]
            expected = made(name, held + lies)
            for mine, theirs in zip(got.values, expected.values, strict=True):
                if TIME in (stream.signal.dtype.names or ()):
                    mine, theirs = mine[TIME] + start, theirs[TIME]
                assert np.array_equal(mine, theirs)


@given(wholes(), CUTS)
def test_cutting_twice_is_cutting_once(whole: Episode, cuts: list[int]) -> None:
    """A piece of a piece is the piece that begins and ends there."""
    starts = [0, *cuts]
    once = side_by_side(whole, cuts)
    for first in range(len(starts)):
        rest = part(whole, starts[first], None)
        again = side_by_side(rest, [start - starts[first] for start in starts[first + 1 :]])
        assert all(same(one, other) for one, other in zip(once[first:], again, strict=True))
        for last in range(first + 1, len(starts)):
            middle = part(whole, starts[first], starts[last])
            inner = side_by_side(middle, [start - starts[first] for start in starts[first + 1 : last]])
            assert all(same(one, other) for one, other in zip(once[first:last], inner, strict=True))


@given(wholes(), st.integers(0, MOST_NS))
def test_all_of_it_is_the_episode(whole: Episode, more: int) -> None:
    assert same(part(whole, 0, None), whole)
    if len(whole):
        assert same(cut(whole, 0, whole.duration_ns + max(more, not whole.duration_ns)), whole)


@given(wholes(), st.integers(0, MOST_NS), st.integers(1, MOST_NS))
def test_a_piece_holds_something_or_is_refused(whole: Episode, start: int, lasts: int) -> None:
    stop = start + lasts
    to_the_end = stop >= whole.duration_ns
    within = part(whole, start, None if to_the_end else stop)
    lies = False
    for stream in whole.streams.values():
        late = stream.signal.family == "hear" and start > 0
        lies |= any(start + late <= t and (t < stop + late or to_the_end) for t in stream.times_ns.tolist())
    if not lies:
        with pytest.raises(InputError, match="nothing lies between"):
            cut(whole, start, stop)
        return
    piece = cut(whole, start, stop, parent="0193")
    assert same(piece, within)
    assert piece.provenance.parents == ("0193",)
    assert piece.labels == {**whole.labels, "cut": f"{decimal(start)} s to {decimal(stop)} s"}


def test_a_film_from_one_second_to_three_lasts_two() -> None:
    """The frame at 3 s begins the next piece. Before, it ended this one too, and two seconds of film were 51 frames."""
    whole = episode(Stream(SIGNALS["reward"], np.arange(126) * 40_000_000, np.arange(126.0), origin="measured"))
    pieces = [cut(whole, start * 10**9, (start + 2) * 10**9) for start in (1, 3)]
    assert [len(piece["reward"]) for piece in pieces] == [50, 51]  # the second ends with the whole
    assert np.concatenate([np.asarray(piece["reward"].values) for piece in pieces]).tolist() == list(range(25, 126))


def test_what_was_said_last_holds_until_something_else_is_said() -> None:
    """Before, a piece in which something else was said had nothing until then."""
    whole = episode(made("instruction", [0, 20]), made("reward", list(range(40))))
    assert [str(said) for said in cut(whole, 10, 30)["instruction"].values] == ["0", "20"]
    assert cut(whole, 10, 30)["instruction"].times_ns.tolist() == [0, 10]
    assert cut(whole, 20, 30)["instruction"].times_ns.tolist() == [0]
