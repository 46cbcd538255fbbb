"""LeRobot data sets of version 3: what is packed comes back to the bit, and so does a recording of others."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.priority import ordinary_priority
from lerobot_sets import KEY, WHO, film, read, times

from lifeworld.core.errors import InputError
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import resample
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.excerpt import Excerpt
from lifeworld.episode.codec.packets import scan_video
from lifeworld.episode.codec.video import Video, write_video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import Report, open_recording
from lifeworld.episode.formats.lerobot_write import write
from lifeworld.episode.seal import append_to
from lifeworld.episode.view import tables
from lifeworld.episode.view.check import check_view

G1 = Path(__file__).parents[4] / "shared/data/robot_g1"


def episode(
    seed: int, count: int = 20, *, cameras: tuple[str, ...] = ("top", "side"), size: tuple[int, int] = (32, 48), **more: Any
) -> Episode:
    at = times(count, 25)
    rng = np.random.default_rng(seed)
    streams = [
        Stream(SIGNALS["rgb"], at, film(count, size=size, seed=seed + k), origin="simulated", source=c) for k, c in enumerate(cameras)
    ]
    streams.append(Stream(SIGNALS["action"], at, rng.normal(size=(count, 2)).astype(np.float32), origin="simulated", source="hand"))
    streams.append(
        Stream(SIGNALS["embodiment_state"], at, rng.normal(size=(count, 4)).astype(np.float32), origin="simulated", source="hand")
    )
    streams.append(Stream(SIGNALS["reward"], at + 40_000_000, rng.normal(size=count).astype(np.float32), origin="simulated"))
    named = {f"{s.signal.name}@{s.source}" if s.source else s.signal.name: s for s in streams}
    return Episode(streams=named, provenance=WHO, labels={"task": f"task {seed % 2}"}, legend={"action@hand": ("x", "y")}, **more)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bundle, and the data set that is made of it."""
    folder = tmp_path_factory.mktemp("packed")
    with append_to(folder / "bundle") as writer:
        writer.commit([writer.stage(episode(k, 17 + k)) for k in range(4)])
    assert write(open_bundle(folder / "bundle"), folder / "set") == 4
    return folder / "bundle", folder / "set"


def test_what_is_packed_comes_back_to_the_bit(packed: tuple[Path, Path]) -> None:
    before = open_bundle(packed[0])
    after, report = read(packed[1])
    assert (report.skipped, report.notes) == ([], [])
    assert len(after) == 4
    for a, b in zip(before, after, strict=True):
        assert {n for n in b.streams if n != "instruction"} == set(a.streams)
        for name in a.streams:
            assert np.array_equal(a[name].times_ns, b[name].times_ns), name
            assert np.array_equal(np.asarray(a[name].values), np.asarray(b[name].values)), name
        assert b.legend["action@hand"] == ("x", "y")
        assert (b.labels["task"], b.origin) == (a.labels["task"], "simulated")
    assert isinstance(after[2]["rgb@top"].values, Excerpt)


def test_what_is_cut_from_a_shared_video_is_sealed_without_loss(packed: tuple[Path, Path], tmp_path: Path) -> None:
    cut = read(packed[1])[0][2]
    with append_to(tmp_path / "b") as writer:
        writer.add(cut)
    sealed, whole = open_bundle(tmp_path / "b")[0], open_bundle(packed[0])[2]
    for name in ("rgb@top", "rgb@side"):
        assert np.array_equal(sealed[name].values[:], whole[name].values[:])
        assert scan_video(sealed[name].values.file).keyframes.tolist() == [0, 16]
        assert np.array_equal(cut[name].values.keyframes, [0, 16])
    assert list(check_view(tmp_path / "b", open_bundle(tmp_path / "b"))) == []


def test_the_packed_files_are_those_of_lerobot(packed: tuple[Path, Path]) -> None:
    root = packed[1]
    files = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    videos = [f"videos/observation.images.{c}/chunk-000/file-000.mp4" for c in ("side", "top")]
    meta = ["meta/episodes/chunk-000/file-000.parquet", "meta/info.json", "meta/stats.json", "meta/tasks.parquet"]
    assert files == [".lifeworld-files", "data/chunk-000/file-000.parquet", *meta, *videos]
    data = pq.ParquetFile(root / "data/chunk-000/file-000.parquet")
    assert [data.metadata.row_group(k).num_rows for k in range(data.num_row_groups)] == [17, 18, 19, 20]
    info = json.loads((root / "meta/info.json").read_text())
    assert (info["total_frames"], info["total_tasks"], info["splits"]) == (74, 2, {"train": "0:4"})
    spans = [(row[f"videos/{KEY}/from_timestamp"], row[f"videos/{KEY}/to_timestamp"]) for row in tables.read_rows(root, 4)]
    assert spans == [(0, 17 / 25), (17 / 25, 35 / 25), (35 / 25, 54 / 25), (54 / 25, 74 / 25)]
    scanned = scan_video(root / videos[1])
    assert np.array_equal(scanned.times_ns, times(74, 25))
    bundle_stats, stats = (tables.read_stats(r) for r in packed)
    for key, words in stats.items():
        for word, value in words.items():
            np.testing.assert_allclose(value, bundle_stats[key][word], err_msg=f"{key} {word}")


def test_files_turn_when_they_are_full(packed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifeworld.episode.formats.lerobot_write.DATA_BYTES", 3000)
    monkeypatch.setattr("lifeworld.episode.formats.lerobot_write.VIDEO_BYTES", 2 * 17_000 // 10)
    write(open_bundle(packed[0]), tmp_path / "set")
    assert len(list((tmp_path / "set/data/chunk-000").iterdir())) > 1
    assert len(list((tmp_path / "set/videos" / KEY / "chunk-000").iterdir())) > 1
    again = read(tmp_path / "set")[0]
    for a, b in zip(open_bundle(packed[0]), again, strict=True):
        assert np.array_equal(a["rgb@top"].values[:], b["rgb@top"].values[:])
        assert np.array_equal(a["action@hand"].values[:], b["action@hand"].values[:])


def test_another_encoding_begins_another_file(tmp_path: Path) -> None:
    write_video(tmp_path / "own.mp4", film(20, seed=5), times(20, 25), fps=Fraction(25))
    import av

    with ordinary_priority(), av.open(str(tmp_path / "av1.mp4"), "w") as out:
        track = out.add_stream("libsvtav1", rate=25, options={"preset": "12"})
        track.width, track.height, track.pix_fmt = 64, 64, "yuv420p"
        for picture in film(20, size=(64, 64), seed=5):
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode())
    first = episode(0, cameras=("top",), size=(64, 64))
    second = first.with_stream(
        Stream(SIGNALS["rgb"], times(20, 25), Video(tmp_path / "av1.mp4", count=20, height=64, width=64), origin="measured", source="top")
    )
    write([first, second, first], tmp_path / "set")
    assert [row[f"videos/{KEY}/file_index"] for row in tables.read_rows(tmp_path / "set", 3)] == [0, 1, 2]
    assert scan_video(tmp_path / "set" / tables.place(tables.VIDEO, 1, KEY)).codec == "av1"
    assert np.array_equal(read(tmp_path / "set")[0][1]["rgb@top"].values[:], second["rgb@top"].values[:])
    write([second, second], tmp_path / "av1")
    cut = read(tmp_path / "av1")[0][1]
    assert isinstance(cut["rgb@top"].values, Excerpt)
    with append_to(tmp_path / "b") as writer:
        writer.add(cut)
    sealed = open_bundle(tmp_path / "b")[0]["rgb@top"].values
    assert scan_video(sealed.file).codec == "av1"
    assert np.array_equal(sealed[:], second["rgb@top"].values[:])


def test_a_cut_between_key_frames_is_decoded(packed: tuple[Path, Path], tmp_path: Path) -> None:
    root = tmp_path / "set"
    shutil.copytree(packed[1], root)
    path = root / "meta/episodes/chunk-000/file-000.parquet"
    listed = pq.read_table(path).to_pylist()
    listed[1][f"videos/{KEY}/from_timestamp"] = 15 / 25  # two frames too early
    pq.write_table(pa.Table.from_pylist(listed, schema=pq.read_schema(path)), path)
    episodes, report = read(root)
    assert report.notes == [
        "file-000.mp4 of observation.images.top cannot be cut between its packets: what is sealed of it is encoded anew"
    ]
    got, expected = episodes[1]["rgb@top"], open_bundle(packed[0])
    assert not isinstance(got.values, Video)
    assert np.array_equal(got.values[2:20], expected[1]["rgb@top"].values[:])
    assert np.array_equal(got.values[:2], expected[0]["rgb@top"].values[15:])


def test_sizes_are_brought_together(tmp_path: Path) -> None:
    two = [episode(0), episode(1, size=(64, 96))]
    report = Report()
    assert write(two, tmp_path / "a", report=report) == 1
    assert report.skipped == [("episode 1", "observation.images.top of 96 x 64 px, the view has 48 x 32")]
    assert write(two, tmp_path / "b", size=(24, 36)) == 2
    small = read(tmp_path / "b")[0][1]["rgb@top"].values[:]
    averaged = film(20, size=(64, 96), seed=1)
    assert small.shape == (20, 24, 36, 3)
    assert abs(float(small.mean()) - float(averaged.mean())) < 1.5


def test_nothing_to_write_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    empty = Episode(streams={}, provenance=WHO, title="void")
    with pytest.raises(InputError, match=r"no episode to write.*episode 0 \(void\): there is nothing in it"):
        write([empty], tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_shared_rows_may_lie_in_one_group(packed: tuple[Path, Path], tmp_path: Path) -> None:
    root = tmp_path / "set"
    shutil.copytree(packed[1], root)
    path = root / "data/chunk-000/file-000.parquet"
    table = pq.read_table(path)
    pq.write_table(table, path, row_group_size=30)
    for a, b in zip(read(packed[1])[0], read(root)[0], strict=True):
        assert np.array_equal(a["action@hand"].values, b["action@hand"].values)
    mixed = table.take(np.random.default_rng(0).permutation(len(table)))
    pq.write_table(mixed, path)
    episodes, report = read(root)
    assert episodes == []
    assert all("do not lie together" in why for _, why in report.skipped)


# -- a recording of others -------------------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.skipif(not G1.is_dir(), reason="needs ../shared/data/robot_g1")
def test_g1_goes_in_out_and_in_again(tmp_path: Path) -> None:
    recording = open_recording(G1)
    some = [next(recording.episodes) for _ in range(3)]
    with append_to(tmp_path / "b") as writer:
        writer.commit([writer.stage(each) for each in some])
    bundle = open_bundle(tmp_path / "b")
    assert (bundle.info["fps"], bundle.info["total_frames"]) == (15, 197 + 172 + 179)
    assert list(check_view(tmp_path / "b", bundle)) == []
    assert write(bundle, tmp_path / "set") == 3
    again, report = read(tmp_path / "set")
    assert (report.skipped, report.notes) == ([], [])
    body = "Unitree_G1_Inspire"
    for first, sealed, packed in zip(some, bundle, again, strict=True):
        at = first["rgb@cam_high"].times_ns
        assert np.array_equal(at, first[f"action@{body}"].times_ns[::2])
        pictures = first["rgb@cam_high"].values[::9]
        for each in (sealed, packed):
            assert np.array_equal(each["rgb@cam_high"].times_ns, at)
            assert np.array_equal(each["rgb@cam_high"].values[::9], pictures)
        for name in (f"action@{body}", f"embodiment_state@{body}"):
            assert sealed[name] == first[name]
            assert np.array_equal(packed[name].values, resample(first[name].times_ns, first[name].values, at))


@pytest.mark.data
@pytest.mark.skipif(not G1.is_dir(), reason="needs ../shared/data/robot_g1")
def test_g1_as_it_was_published_keeps_its_av1(tmp_path: Path) -> None:
    """Episode 29 with the video that its uploader published: AV1 at 30 frames a second."""
    (tmp_path / "meta").mkdir()
    for name in ("info.json", "tasks.jsonl"):
        shutil.copyfile(G1 / "meta" / name, tmp_path / "meta" / name)
    lines = (G1 / "meta/episodes.jsonl").read_text().splitlines()
    (tmp_path / "meta/episodes.jsonl").write_text(next(line for line in lines if '"episode_index": 29,' in line))
    video = tmp_path / "videos/chunk-000/observation.images.cam_high/episode_000029.mp4"
    for source, target in (
        (G1 / "data/chunk-000/episode_000029.parquet", tmp_path / "data/chunk-000/episode_000029.parquet"),
        (G1 / "original/episode_000029.mp4", video),
    ):
        target.parent.mkdir(parents=True)
        shutil.copyfile(source, target)
    [whole], report = read(tmp_path)
    assert report.skipped == []
    assert np.array_equal(whole["rgb@cam_high"].times_ns, whole["action@Unitree_G1_Inspire"].times_ns)
    assert whole["rgb@cam_high"].values.shape[1:] == (480, 640, 3)
    with append_to(tmp_path / "b") as writer:
        writer.add(whole)
    sealed = open_bundle(tmp_path / "b")[0]["rgb@cam_high"]
    assert scan_video(sealed.values.file).codec == "av1"
    half = np.array([0, 50, 101])
    assert np.array_equal(sealed.values[half], whole["rgb@cam_high"].values[half])
    shown = Video(G1 / "videos/chunk-000/observation.images.cam_high/episode_000029.mp4", count=_frames(), height=240, width=320)
    ours = np.empty((3, 240, 320, 3), np.uint8)
    sealed.values.read_into(ours, half * 2)
    assert np.abs(shown[half].astype(int) - ours).mean() < 4  # SOURCE.md: every second frame, by area


def _frames() -> int:
    return len(scan_video(G1 / "videos/chunk-000/observation.images.cam_high/episode_000029.mp4").times_ns)
