"""donkeycar tubs: JPEGs untouched at their milliseconds, cut where the clock jumps, steering and throttle as they were driven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from films import packets, picture
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import InputError, UnreadableFile, UnsafeFile
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.formats import open_recording
from lifeworld.episode.seal import append_to

DATA = Path(__file__).parents[4] / "shared" / "data" / "rc_car"
INPUTS = {
    "cam/image_array": "image_array",
    "user/angle": "float",
    "user/throttle": "float",
    "user/mode": "str",
    "imu/gyr": "vector",
    "pilot/on": "boolean",
}


def write_tub(folder: Path, times_ms: list[int], *, deleted: tuple[int, ...] = (), sessions: tuple[str, ...] = (), **changed: Any) -> None:
    (folder / "images").mkdir(parents=True)
    lines = []
    for k, time_ms in enumerate(times_ms):
        name = f"{k}_cam_image_array_.jpg"
        Image.fromarray(picture(k)).save(folder / "images" / name)
        record = {
            "_index": k, "_session_id": sessions[k] if sessions else "a", "_timestamp_ms": 1_706_111_016_186 + time_ms,
            "cam/image_array": name, "user/angle": k / 10, "user/throttle": -k / 20, "user/mode": "user" if k < 3 else "pilot",
            "imu/gyr": [k, 2 * k, 0.5], "pilot/on": k > 3,
        }  # fmt: skip
        lines.append(json.dumps({**record, **changed.get(f"at_{k}", {})}))
    (folder / "c0.catalog").write_text("\n".join(lines[:4]) + "\n", encoding="utf-8")
    (folder / "c1.catalog").write_text("\n".join(lines[4:]) + "\n", encoding="utf-8")
    said = {"paths": ["c0.catalog", "c1.catalog"], "current_index": len(lines), "max_len": 4, "deleted_indexes": list(deleted)}
    manifest: list[object] = [list(INPUTS), list(INPUTS.values()), {}, {"created_at": 1706111013.7}, said]
    (folder / "manifest.json").write_text("".join(json.dumps(line) + "\n" for line in manifest), encoding="utf-8")


def test_a_tub_is_cut_where_its_clock_jumps(tmp_path: Path) -> None:
    write_tub(tmp_path / "tub", [0, 50, 103, 1103, 2104, 2150, 2200], deleted=(5,))
    recording = open_recording(tmp_path / "tub")
    first, second = recording.episodes
    assert recording.format == "tub"
    assert first["action@car"].times_ns.tolist() == [0, 50_000_000, 103_000_000, 1_103_000_000]  # exactly a second is no gap
    assert second["action@car"].times_ns.tolist() == [0, 96_000_000]
    assert np.array_equal(second["action@car"].values, [[0.4, -0.2], [0.6, -0.3]])
    assert second.legend["action@car"] == ("steering", "throttle")
    assert first.legend["reading@user_mode"] == ("user/mode [0 user, 1 pilot]",)
    assert np.asarray(first["reading@user_mode"].values).ravel().tolist() == [0, 0, 0, 1]
    assert second.labels["user/mode"] == "pilot"
    assert second.labels["recorded"] == "2024-01-24T15:43:38.290+00:00"
    assert np.array_equal(first["reading@imu_gyr"].values[2], [2, 4, 0.5])
    assert np.asarray(second["reading@pilot_on"].values).ravel().tolist() == [1, 1]
    assert any("1 deleted" in note for note in recording.report.notes)
    assert [s.origin for s in first.streams.values()] == ["measured"] * 5


def test_the_jpegs_are_sealed_as_they_are(tmp_path: Path) -> None:
    write_tub(tmp_path / "tub", [0, 50, 103, 150, 201, 250])
    [episode] = open_recording(tmp_path / "tub").episodes
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    [sealed] = (tmp_path / "out").rglob("*.mp4")
    assert packets(sealed) == [(tmp_path / "tub" / "images" / f"{k}_cam_image_array_.jpg").read_bytes() for k in range(6)]
    again = open_bundle(tmp_path / "out")[0]
    assert again["rgb@camera"].times_ns.tolist() == [0, 50_000_000, 103_000_000, 150_000_000, 201_000_000, 250_000_000]
    assert again["action@car"] == episode["action@car"]


def test_a_new_session_or_a_clock_that_runs_back_is_another_episode(tmp_path: Path) -> None:
    write_tub(tmp_path / "tub", [0, 50, 20, 70, 120, 170], sessions=("a", "a", "a", "a", "b", "b"))
    assert [len(e) for e in open_recording(tmp_path / "tub").episodes] == [2, 2, 2]


def test_records_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    times = [50 * k for k in range(8)]
    times[2] = times[1]
    write_tub(tmp_path / "tub", times, at_4={"user/angle": "left"}, at_6={"cam/image_array": "gone.jpg"}, at_7={"_timestamp_ms": 1.5})
    images = tmp_path / "tub" / "images"
    (images / "5_cam_image_array_.jpg").write_bytes((images / "5_cam_image_array_.jpg").read_bytes()[:400])
    recording = open_recording(tmp_path / "tub")
    [episode] = recording.episodes
    assert np.asarray(episode["action@car"].values)[:, 0].tolist() == [0, 0.1, 0.3]
    assert [what for what, _ in recording.report.skipped] == ["c1.catalog, line 4", "record 2", "record 4", "record 5", "record 6"]


@pytest.mark.parametrize("name", ["../../secret.jpg", "/etc/passwd"])
def test_a_tub_reads_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    write_tub(tmp_path / "tub", [0, 50], at_1={"cam/image_array": name})
    with pytest.raises(UnsafeFile):
        list(open_recording(tmp_path / "tub").episodes)


def test_a_tub_without_records(tmp_path: Path) -> None:
    write_tub(tmp_path / "tub", [])
    with pytest.raises(UnreadableFile, match="no record"):
        list(open_recording(tmp_path / "tub").episodes)


@pytest.fixture(scope="module")
def tub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tubs") / "tub"
    write_tub(folder, [0, 50, 103, 150, 201])
    return folder


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_torn_and_flipped_tubs_give_episodes_or_a_typed_error(tub: Path, data: st.DataObject) -> None:
    file = tub / data.draw(st.sampled_from(["manifest.json", "c0.catalog", "c1.catalog", "images/2_cam_image_array_.jpg"]))
    whole = file.read_bytes()
    raw = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        file.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
        for episode in open_recording(tub).episodes:
            assert np.asarray(episode["rgb@camera"].values).shape[0] == len(episode["action@car"])
    except InputError:
        pass
    finally:
        file.write_bytes(whole)


@pytest.mark.data
@pytest.mark.slow
def test_the_car_drives_22_stretches() -> None:
    if not DATA.is_dir():
        pytest.skip("the recordings are not here")
    recording = open_recording(DATA)
    lengths = [len(episode) for episode in recording.episodes]
    assert (len(lengths), sum(lengths), sum(n > 300 for n in lengths)) == (22, 10_949, 17)
    assert recording.report.skipped == []
