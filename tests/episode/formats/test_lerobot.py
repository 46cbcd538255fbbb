"""LeRobot data sets of either layout become the same episodes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lerobot_sets import V21, at_root, film, read, rows, times
from numpy.typing import NDArray

from lifeworld.core.origin import Origin, Terms
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.video import Video
from lifeworld.episode.formats import open_recording
from lifeworld.episode.formats.lerobot_files import snapped
from lifeworld.episode.seal import append_to
from lifeworld.episode.view import tables
from lifeworld.episode.view.check import check_view


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return V21(tmp_path_factory.mktemp("v21") / "set", {1: 20, 3: 31}).root


def test_rows_and_pictures_keep_their_own_rates(sound: Path) -> None:
    (first, second), report = read(sound)
    assert (report.skipped, report.notes) == ([], [])
    assert list(first.streams) == ["action@arm_7", "embodiment_state@arm_7", "rgb@top", "instruction"]
    assert [len(s) for s in second.streams.values()] == [31, 31, 16, 1]
    action, state, rgb = (second[n] for n in ("action@arm_7", "embodiment_state@arm_7", "rgb@top"))
    assert np.array_equal(rgb.times_ns, action.times_ns[::2])
    assert np.array_equal(action.times_ns, times(31, 30))
    table = rows(3, 31)
    assert np.array_equal(action.values, np.stack(table["action"].to_numpy()))
    assert np.array_equal(state.values, np.stack(table["observation.state"].to_numpy()))
    assert second.legend == {"action@arm_7": ("reach", "grip"), "embodiment_state@arm_7": ("a", "b", "c")}
    assert second.labels == {"robot": "arm 7", "episode": "3", "split": "test", "task": "stack"}
    assert (second.title, str(second["instruction"].values[0]), second.origin) == ("stack", "stack", Origin.MEASURED)
    assert isinstance(rgb.values, Video)
    assert np.abs(rgb.values[:].astype(int) - film(16, seed=3)).mean() < 3
    assert first.provenance.parents[0].startswith("sha256:")
    assert first.provenance.parents != second.provenance.parents


def test_the_packets_of_the_camera_are_sealed_as_they_are(sound: Path, tmp_path: Path) -> None:
    (episode, _), _ = read(sound)
    with append_to(tmp_path / "b") as writer:
        writer.add(episode)
    import av

    sealed = open_bundle(tmp_path / "b")[0]["rgb@top"].values.file
    packets = [[bytes(p) for p in av.open(str(f)).demux(video=0) if p.size] for f in (sealed, V21.video(at_root(sound), 1))]
    assert packets[0] == packets[1]
    assert list(check_view(tmp_path / "b", open_bundle(tmp_path / "b"))) == []


def test_it_is_found_by_what_it_is(sound: Path) -> None:
    recording = open_recording(sound)
    assert (recording.format, len(list(recording.episodes))) == ("lerobot", 2)


def test_frames_near_rows_stand_at_the_times_of_rows() -> None:
    even = times(40, 30000 / 1001)
    shaken = even[::2] + np.random.default_rng(0).integers(-999_000, 999_000, 20)
    assert np.array_equal(snapped(shaken, even), even[::2])
    late = shaken + 5_000_000
    assert np.array_equal(snapped(late, even), late)
    assert np.array_equal(snapped(np.array([400_000]), np.array([0])), [0])


def test_uneven_rows_keep_the_times_they_say(tmp_path: Path) -> None:
    made = V21(tmp_path, {0: 5}, hz=30)
    said = np.array([0, 0.03, 0.09, 0.1, 0.14], np.float32)
    table = pq.read_table(made.data(0))
    pq.write_table(table.set_column(table.schema.get_field_index("timestamp"), "timestamp", pa.array(said)), made.data(0))
    [episode], report = read(tmp_path)
    assert np.array_equal(episode["action@arm_7"].times_ns, np.rint(said.astype(np.float64) * 1e9).astype(np.int64))
    assert "its rows are not 30 a second" in report.notes[0]


def test_other_features_become_readings_rewards_and_ends(tmp_path: Path) -> None:
    made = V21(tmp_path, {0: 10})
    made.column(0, "observation.effort", [[1.0, 2.0]] * 10, {"dtype": "float32", "shape": [2], "names": ["x", "y"]})
    made.column(0, "gripper", range(10), {"dtype": "int64", "shape": [1], "names": None})
    made.column(0, "grid", [[[1, 2, 3], [4, 5, 6]]] * 10, {"dtype": "float32", "shape": [2, 3], "names": None})
    made.column(0, "next.reward", np.arange(10, dtype=np.float32), {"dtype": "float32", "shape": [1], "names": None})
    made.column(0, "next.done", [False] * 9 + [True], {"dtype": "bool", "shape": [1], "names": None})
    made.column(0, "comment", ["a"] * 10, {"dtype": "string", "shape": [1], "names": None})
    made.column(0, "huge", [[0.0] * 5000] * 10, {"dtype": "float32", "shape": [5000], "names": None})
    [episode], report = read(tmp_path)
    assert episode["reading@effort"].values.tolist() == [[1, 2]] * 10
    assert (episode.legend["reading@effort"], episode.legend["reading@gripper"]) == (("x", "y"), ("gripper",))
    assert episode["reading@grid"].values.shape == (10, 6)
    assert episode["reward"].times_ns.tolist() == [*times(10, 30)[1:].tolist(), 333_333_333]
    assert episode["terminated"].values.tolist() == [False] * 9 + [True]
    assert report.notes == ["left out comment: text in every row", "left out huge: 5000 numbers a row, which is no reading"]
    with append_to(tmp_path / "b") as writer:
        writer.add(episode)
    seen = pq.read_table(tmp_path / "b" / tables.place(tables.DATA, 0))
    assert seen["next.reward"].to_pylist() == [1, 5, 9, 13, 17]  # the camera takes every second row
    assert seen["next.done"].to_pylist() == [False, False, False, False, True]


def test_split_actions_are_streams_of_their_own(tmp_path: Path) -> None:
    made = V21(tmp_path, {0: 4})
    del made.info["features"]["action"]
    made.column(0, "action.left", [[1.0, 2.0]] * 4, {"dtype": "float32", "shape": [2], "names": None})
    made.column(0, "action.right", [3.0] * 4, {"dtype": "float32", "shape": [1], "names": None})
    [episode], _ = read(tmp_path)
    assert episode["action@right"].values.tolist() == [[3]] * 4
    assert "action@left" in episode.streams


def test_instructions_stand_where_they_change(tmp_path: Path) -> None:
    made = V21(tmp_path, {0: 6})
    table = pq.read_table(made.data(0))
    changed = table.set_column(table.schema.get_field_index("task_index"), "task_index", pa.array([4, 4, 0, 0, 4, 9]))
    pq.write_table(changed, made.data(0))
    (tmp_path / "meta/tasks.jsonl").write_text('{"task_index": 0, "task": "stack"}\n{"task_index": 4, "task": "reach"}\n')
    [episode], report = read(tmp_path)
    told = episode["instruction"]
    assert told.values.tolist() == ["reach", "stack", "reach", ""]
    assert np.array_equal(told.times_ns, times(6, 30)[[0, 2, 4, 5]])
    assert report.notes == ["episode 0: its rows name tasks that are not listed: 9"]


def png(picture: NDArray[Any]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def test_pictures_may_lie_in_the_rows_or_beside_them(tmp_path: Path) -> None:
    made = V21(tmp_path, {0: 4})
    pictures = film(4, size=(20, 24))
    (tmp_path / "images").mkdir()
    (tmp_path / "images/one.png").write_bytes(png(pictures[1]))
    held = [{"bytes": png(p), "path": None} for p in pictures]
    held[1] = {"bytes": None, "path": "images/one.png"}
    made.column(0, "observation.images.wrist", held, {"dtype": "image", "shape": [20, 24, 3], "names": None})
    far = [{"bytes": png(np.array([[0, 1234], [65535, 1]], np.uint16)), "path": "f.png"}] * 4
    made.column(0, "observation.images.depth", far, {"dtype": "image", "shape": [2, 2, 1], "names": None, "info": {"is_depth_map": True}})
    [episode], report = read(tmp_path)
    assert np.array_equal(episode["rgb@wrist"].values[:], pictures)
    np.testing.assert_array_equal(episode["depth_m@depth"].values[0], np.array([[np.nan, 1.234], [65.535, 0.001]], np.float32))
    assert report.notes == ["observation.images.depth: depth taken to be millimetres, 0 not known"]


@pytest.mark.parametrize("format", ["gray12le", "yuv420p12le"])
def test_depth_in_video_is_in_metres_again(tmp_path: Path, format: str) -> None:
    import av

    made = V21(tmp_path, {0: 6}, hz=30)
    level = np.random.default_rng(0).integers(0, 4096, (6, 32, 48)).astype(np.uint16)
    path = made.video(0).parents[1] / "observation.images.far/episode_000000.mp4"
    path.parent.mkdir()
    with av.open(str(path), "w") as out:
        track: Any = out.add_stream("libx265", rate=30, options={"x265-params": "lossless=1:log-level=none:bframes=2"})
        track.width, track.height, track.pix_fmt = 48, 32, format
        for one in level:
            frame = av.VideoFrame(48, 32, format)
            for number, plane in enumerate(frame.planes):
                held = np.frombuffer(plane, np.uint16).reshape(-1, plane.line_size // 2)
                held[:] = 2048
                if not number:
                    held[:, :48] = one
            out.mux(track.encode(frame))
        out.mux(track.encode())
    about = {"is_depth_map": True, "video.depth_min": 0.1, "video.depth_max": 5.0, "video.shift": 1.0, "video.use_log": True}
    made.info["features"]["observation.images.far"] = {"dtype": "video", "shape": [32, 48, 1], "names": None, "info": about}
    made.say()
    [episode], report = read(tmp_path)
    assert report.skipped == []
    expected = np.exp(np.log(1.1) + level / 4095 * (np.log(6.0) - np.log(1.1))) - 1
    expected[level == 0] = np.nan
    depth = episode["depth_m@far"]
    np.testing.assert_allclose(depth.values[:], expected, rtol=1e-5)
    np.testing.assert_allclose(depth.values[[5, 0, 3, 3]], expected[[5, 0, 3, 3]], rtol=1e-5)
    assert np.array_equal(depth.times_ns, episode["action@arm_7"].times_ns)


@pytest.mark.parametrize(("said", "licence"), [("apache-2.0", "Apache-2.0"), ('"cc-by-4.0"', "CC-BY-4.0"), ("other-thing", "other-thing")])
def test_the_card_says_the_licence(tmp_path: Path, said: str, licence: str) -> None:
    V21(tmp_path, {0: 4})
    (tmp_path / "README.md").write_text(f"---\nlicense: {said}\ntags: [a]\n---\n# A set\nlicense: none\n")
    [episode], _ = read(tmp_path)
    assert {s.terms for s in episode.streams.values()} == {Terms(license=licence)}
    [episode], _ = read(tmp_path, license="MIT", origin="simulated")
    assert episode["rgb@top"].terms.license == "MIT"
    assert episode.origin == "simulated"
