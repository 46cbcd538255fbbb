"""What is held out of films cut into pieces: whole stretches, never a piece between two that are learned from, and never all of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeworld.core.origin import Origin, Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.codec.video import write_video
from lifeworld.episode.episode import Episode
from lifeworld.episode.parted import parted
from lifeworld.episode.seal import append_to
from lifeworld.models.data.apart import GAP_NS, apart
from lifeworld.models.data.footage import is_taken_in, open_footage

STEP_NS = 40_000_000
PIECE = 150
"""Pictures of a piece, 6 s."""


def film(name: str, pieces: int) -> list[Episode]:
    frames = np.zeros((PIECE * pieces, 2, 2, 3), np.uint8)  # too small for a video: kept as rows
    stream = Stream(SIGNALS["rgb"], np.arange(len(frames)) * STEP_NS, frames, origin=Origin.MEASURED, source="camera")
    made = Provenance.now(engine="import media", engine_version="2", parents=(f"sha256:{name} {name}.mp4",))
    whole = replace(Episode(streams={}, provenance=made, title=name).with_stream(stream))
    return [whole] if pieces == 1 else list(parted(whole, [k * PIECE * STEP_NS for k in range(pieces)]))


def bundle_of(folder: Path, films: list[int]) -> Bundle:
    with append_to(folder) as writer:
        for k, pieces in enumerate(films):
            writer.commit([writer.stage(piece) for piece in film(f"f{k}", pieces)])
    return open_bundle(folder)


@pytest.mark.parametrize(
    ("films", "held"),
    [
        ([1], []),
        ([1, 1, 1], [2]),
        ([1] * 10, [9]),
        ([1] * 21, [9, 19]),
        ([4], [3]),
        ([2, 3, 1], [4]),
        ([10], [9]),
        ([25], [23, 24]),
        ([25, 1, 1], [23, 24]),
        ([12, 11], [11, 22]),
        ([*[1] * 9, 3], [9, 10, 11]),
    ],
)
def test_a_tenth_is_held_out_in_whole_stretches(tmp_path: Path, films: list[int], held: list[int]) -> None:
    bundle = bundle_of(tmp_path / "b", films)
    found = apart(bundle, np.ones(len(bundle), bool))
    assert np.flatnonzero(found.held).tolist() == held


@given(st.lists(st.integers(1, 14), min_size=1, max_size=5))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_held_out_lies_together_and_apart(tmp_path_factory: pytest.TempPathFactory, films: list[int]) -> None:
    bundle = bundle_of(tmp_path_factory.mktemp("films") / "b", films)
    found = apart(bundle, np.ones(len(bundle), bool))
    assert not found.held.all()
    assert found.held.any() == (len(bundle) > 1)
    first = 0
    for pieces in films:
        mine, gaps = found.held[first : first + pieces].tolist(), found.gap_ns[first : first + pieces].tolist()
        assert mine == sorted(mine)  # what is held out of a film is its end
        assert gaps == [0] + [GAP_NS * (not a and b) for a, b in pairwise(mine)]
        first += pieces


def test_nothing_is_measured_right_after_what_is_learned(tmp_path: Path) -> None:
    bundle_of(tmp_path / "b", [5])
    footage = open_footage(tmp_path / "b", size=(4, 4), length=6, cache=tmp_path / "cache")
    held = footage.numbers(held_out=True)
    assert footage.clips_of(4).start + GAP_NS // STEP_NS == held[0]
    assert held[-1] == footage.clips_of(4).stop - 1
    assert footage.cut(40).numbers(held_out=True).tolist() == list(footage.cut(40).fresh(4))  # of long windows, half
    assert len(footage.cut(40).fresh(4)) == 36
    assert footage.fresh(0) == footage.clips_of(0)


def test_pieces_too_short_are_named(tmp_path: Path) -> None:
    with append_to(tmp_path / "b") as writer:
        for piece in [*film("long", 3), *parted(film("montage", 1)[0], [0, 5_600_000_000, 5_720_000_000])]:
            writer.add(piece)
    footage = open_footage(tmp_path / "b", size=(4, 4), length=6, cache=tmp_path / "cache")
    [note] = [note for note in footage.notes if "shorter" in note]
    assert note.startswith("2 of 6 episodes are shorter than 11 pictures, 0.3 s in all")
    assert "montage 2 of 3, montage 3 of 3" in note


def test_a_recording_is_known_again_where_a_model_took_it_in(tmp_path: Path) -> None:
    """So that what is judged on a folder of films leaves out what was learned from that folder."""
    folder, data = tmp_path / "films", tmp_path / "model" / "data"
    folder.mkdir()
    frames = np.random.default_rng(0).integers(0, 255, (60, 16, 16, 3), np.uint8)
    write_video(folder / "a.mp4", frames, np.arange(60) * STEP_NS, fps=Fraction(25))
    assert not is_taken_in(folder, data)
    learned = open_footage(folder, size=(16, 16), length=6, cache=data)
    assert is_taken_in(folder, data)
    assert not is_taken_in(folder, tmp_path / "report-data")
    assert open_footage(folder, size=(16, 16), length=8, cache=data).bundle.uids == learned.bundle.uids
    write_video(folder / "b.mp4", frames[::-1], np.arange(60) * STEP_NS, fps=Fraction(25))
    assert not is_taken_in(folder, data)
    assert not is_taken_in(learned.bundle.path, data)  # a bundle is read as it lies
