"""A film becomes several episodes, of which nothing is lost: put one after the other they are the film."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import films
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.cli import main
from lifeworld.commands import take_in_recording
from lifeworld.core.errors import InputError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.codec.video import Video
from lifeworld.episode.cut import decimal
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import open_recording
from lifeworld.episode.parted import Place, place_of, placed
from lifeworld.episode.seal import append_to
from lifeworld.models.data.footage import open_any

SHOTS = (36, 24, 48)
"""Frames of each, 40 ms apart."""
SIZE = (48, 64)


def picture(k: int, height: int, width: int) -> NDArray[np.uint8]:
    """A picture of the film: three scenes, in each of which something moves."""
    scene = int(np.searchsorted(np.cumsum(SHOTS), k, side="right"))
    y, x = np.mgrid[:height, :width]
    base = np.array([[200, 60, 40], [40, 90, 200], [90, 200, 60]])[scene]
    waves = 30 * np.sin((x + (y if scene else -y) + 1.5 * k) / 6)
    return np.clip(base + waves[..., None], 0, 255).astype(np.uint8)


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(films, "picture", picture)
    folder = tmp_path / "films"
    folder.mkdir()
    return written(folder / "walk.mkv")


def written(path: Path, **options: Any) -> Path:
    sound = np.sin(np.arange(48_000 * 5) / 40).astype(np.float32)[:, None]
    films.write_film(path, times_ms=tuple(range(0, 40 * sum(SHOTS), 40)), size=SIZE, sound=(48_000, sound, 7), **options)
    path.with_suffix(".srt").write_text("1\n00:00:00,200 --> 00:00:01,000\nfirst\n\n2\n00:00:02,600 --> 00:00:03,000\nthird\n")
    path.with_suffix(".json").write_text(json.dumps({"instruction": "walk on"}))
    return path


def pieces_of(path: Path, cut: str = "shots") -> list[Episode]:
    return list(open_recording(path, cut=cut).episodes)


def joined(pieces: list[Episode], name: str) -> tuple[list[int], list[Any]]:
    """Times in the film and values of a stream, one piece after the other."""
    times, values = [], []
    for piece in pieces:
        place = place_of(piece.provenance)
        assert place is not None
        if name in piece.streams:
            times += (piece[name].times_ns + place.start_ns).tolist()
            values += list(piece[name].values)
    return times, values


def test_a_film_is_cut_between_its_shots(film: Path) -> None:
    first, second, third = pieces = pieces_of(film)
    assert [len(piece["rgb@camera"]) for piece in pieces] == list(SHOTS)
    assert [piece.labels["shot"] for piece in pieces] == ["1 of 3", "2 of 3", "3 of 3"]
    assert [piece.labels["cut"] for piece in pieces][:2] == ["0 s to 1.44 s", "1.44 s to 2.4 s"]
    assert {piece.labels["film"] for piece in pieces} == {"walk.mkv"}
    assert second.title == "walk 2 of 3"
    assert all(int(piece["rgb@camera"].times_ns[0]) == 0 for piece in pieces)
    assert all(piece["instruction"].values[0] == "walk on" for piece in pieces)  # it holds for all of it
    assert "captions" not in second.streams
    assert third["captions"].times_ns.tolist() == [200_000_000]  # 2.6 s, of what begins at 2.4 s
    assert len({place_of(piece.provenance).film for piece in pieces if place_of(piece.provenance)}) == 1
    assert first.provenance.parents[0].endswith("#t=0,1.44 walk.mkv")


@given(cut=st.sampled_from(["shots", "0.3", "0.7", "1", "3"]))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pieces_are_the_film(film: Path, cut: str) -> None:
    [whole], pieces = pieces_of(film, "none"), pieces_of(film, cut)
    places = [place_of(piece.provenance) for piece in pieces]
    assert place_of(whole.provenance) is None
    assert all(one and other and one.stop_ns == other.start_ns for one, other in pairwise(places))
    for name in ("rgb@camera", "audio_mono@camera", "captions"):
        times, values = joined(pieces, name)
        assert times == whole[name].times_ns.tolist()
        assert np.all(np.diff(times) > 0)
        assert all(np.array_equal(one, other) for one, other in zip(values, whole[name].values, strict=True))


@pytest.mark.parametrize(("options", "kept"), [({"g": "12", "sc_threshold": "0"}, True), ({"g": "300", "sc_threshold": "0"}, False)])
def test_packets_are_kept_where_they_can_be_parted(film: Path, tmp_path: Path, options: dict[str, str], kept: bool) -> None:
    written(film, options=options)
    recording = open_recording(film)
    pieces = list(recording.episodes)
    assert [isinstance(piece["rgb@camera"].values, Video) for piece in pieces] == [kept] * 3
    assert any("encoded anew" in note for note in recording.report.notes) != kept
    with append_to(tmp_path / "out") as writer:
        uids = [writer.add(piece) for piece in pieces]
    bundle = open_bundle(tmp_path / "out")
    assert bundle.uids == uids
    assert not [problem for problem in check(tmp_path / "out") if not problem.warning]
    before, after = (np.stack([p for e in some for p in e["rgb@camera"].values]).astype(float) for some in (pieces, bundle))
    error = np.square(before - after).mean((1, 2, 3))
    assert np.all(error == 0) if kept else np.all(10 * np.log10(255**2 / np.maximum(error, 1e-9)) > 38)
    if kept:
        sealed = [p for e in bundle for p in _packets(e["rgb@camera"].values.file)]
        assert sealed == films.packets(film)


def test_open_groups_of_pictures_are_not_parted(film: Path) -> None:
    written(film, options={"g": "10", "bf": "3", "x264-params": "open-gop=1:scenecut=0"})
    [whole], pieces = pieces_of(film, "none"), pieces_of(film, "0.4")
    _, values = joined(pieces, "rgb@camera")
    assert all(np.array_equal(one, other) for one, other in zip(values, whole["rgb@camera"].values, strict=True))


def test_what_is_there_is_not_added_again_however_it_is_cut(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def taken_in(out: str, *more: str) -> tuple[int, int]:
        assert main(["import", str(film), "-o", str(tmp_path / out), "--json", *more]) == 0
        said = json.loads(capsys.readouterr().out)
        return said["episodes"], said["already_there"]

    assert taken_in("a", "--limit", "2") == (2, 0)
    assert taken_in("a") == (1, 2)  # goes on
    assert taken_in("a", "--cut", "0.5") == (0, 9)
    assert taken_in("a", "--cut", "none") == (0, 1)
    assert taken_in("b", "--cut", "none") == (1, 0)
    assert taken_in("b") == (0, 3)


def test_how_far_a_film_is_read_is_told(film: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    *_, _ = open_recording(film, on_read=lambda *far: told.append(far)).episodes
    frames = sum(SHOTS)
    assert told[:frames] == [("reading walk.mkv, frames", k + 1, frames) for k in range(frames)]
    assert told[frames:] == [("taking in walk.mkv, pieces", k, 3) for k in range(4)]
    once = len(told)
    notes = list[str]()
    for _ in range(2):  # of the same files once
        open_any(film, cache=tmp_path / "cache", notes=notes, on_read=lambda *far: told.append(far))
        assert told[once:] == told[:once]


def test_import_shows_how_far_a_long_film_is_read(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(out: str) -> str:
        assert main(["import", str(film), "-o", str(tmp_path / out), "--json"]) == 0
        got = capsys.readouterr()
        assert json.loads(got.out)["episodes"] == 3
        return got.err

    monkeypatch.setattr(take_in_recording, "LONG_S", 1e9)
    assert "frames" not in said("soon")
    monkeypatch.setattr(take_in_recording, "LONG_S", 0.0)
    err = said("late")
    assert "reading walk.mkv, frames" in err
    assert "108/108" in err
    assert "taking in walk.mkv, pieces" in err


def test_a_film_that_cannot_be_cut_so_is_refused(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="cannot be cut so"):
        pieces_of(film, "scenes")
    assert main(["import", str(film), "-o", str(film.parent / "out"), "--cut", "scenes"]) == 2
    assert "shots, none" in capsys.readouterr().err


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_places_are_exact(start_ns: int, stop_ns: int) -> None:
    assert placed(f"sha256:abc#t={decimal(start_ns)},{decimal(stop_ns)} a film.mp4") == Place("abc", start_ns, stop_ns)


@pytest.mark.parametrize("parent", ["sha256:abc film.mp4", "sha256:abc#3 film", "sha256:abc#t=1 film", "sha256:abc#t=x,y film", ""])
def test_other_parents_are_no_places(parent: str) -> None:
    assert placed(parent) is None


def _packets(file: Path | bytes) -> list[bytes]:
    import av

    assert isinstance(file, Path)
    with av.open(str(file)) as held:
        return [bytes(packet) for packet in held.demux(video=0) if packet.size]
