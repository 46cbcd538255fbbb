"""HDF5: each layout as h5py writes it comes in to the bit; what leads out of the file, or may be a pickle, does not."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import ForeignFileError, UnreadableFile, UnsafeFile
from lifeworld.core.origin import Origin
from lifeworld.episode.formats.hdf5 import read
from lifeworld.episode.formats.report import Report

RNG = np.random.default_rng(3)
PIXELS = RNG.integers(0, 256, (7, 6, 8, 3), dtype=np.uint8)
ACTIONS = RNG.normal(size=(7, 4)).astype(np.float32)


def taken(path: Path, **options: Any) -> tuple[list[Any], Report]:
    report = Report()
    return list(read(path, report=report, **options)), report


def robomimic(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        env = {"env_name": "Lift", "type": 1, "env_kwargs": {"control_freq": 20}}
        data.attrs["env_args"] = json.dumps(env)
        for number in (0, 10, 9):
            demo = data.create_group(f"demo_{number}")
            demo.attrs["model_file"] = "<mujoco/>"
            demo["actions"] = ACTIONS + number
            demo["rewards"], demo["dones"] = np.arange(7) / 7, np.array([0] * 6 + [1])
            demo["obs/agentview_image"] = PIXELS
            demo["obs/robot0_eef_pos"] = RNG.normal(size=(7, 3))
            demo["next_obs/robot0_eef_pos"] = np.zeros((7, 3))
        file["mask/train"] = np.array([b"demo_0", b"demo_9"])
    return path


def test_robomimic(tmp_path: Path) -> None:
    episodes, report = taken(robomimic(tmp_path / "low.hdf5"))
    assert [e.labels["demo"] for e in episodes] == ["demo_0", "demo_9", "demo_10"]
    assert [e.labels.get("split") for e in episodes] == ["train", "train", None]
    first = episodes[0]
    np.testing.assert_array_equal(first["action@robot"].values, ACTIONS.astype(np.float64))
    np.testing.assert_array_equal(first["action@robot"].times_ns, np.arange(7) * 50_000_000)
    np.testing.assert_array_equal(np.asarray(first["rgb@agentview_image"].values), PIXELS)
    np.testing.assert_array_equal(first["rgb@agentview_image"].values[[5, 1, 5]], PIXELS[[5, 1, 5]])
    assert first["terminated"].values.tolist() == [False] * 6 + [True]
    assert first.origin is Origin.SIMULATED
    assert first.legend["reading@robot0_eef_pos"] == ("robot0_eef_pos 0", "robot0_eef_pos 1", "robot0_eef_pos 2")
    assert not any("next_obs" in name for name in first.streams)
    assert any("model_file" in note for note in report.notes)
    assert not report.skipped


@pytest.mark.parametrize("packed", [False, True])
def test_aloha(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "episode_0.hdf5"
    with h5py.File(path, "w") as file:
        file.attrs["sim"] = False
        file["action"] = RNG.normal(size=(7, 14))
        file["observations/qpos"], file["observations/qvel"] = np.ones((7, 14)), np.full((7, 14), 2.0)
        if packed:
            pictures = [io.BytesIO() for _ in PIXELS]
            for out, pixels in zip(pictures, PIXELS, strict=True):
                Image.fromarray(pixels).save(out, format="PNG")
            wide = max(len(out.getvalue()) for out in pictures)
            rows = [np.frombuffer(out.getvalue().ljust(wide, b"\0"), np.uint8) for out in pictures]
            file["observations/images/top"], file["compress_len"] = np.stack(rows), np.zeros((1, 7))
        else:
            file["observations/images/top"] = PIXELS
    (episode,), _ = taken(path)
    np.testing.assert_array_equal(np.asarray(episode["rgb@top"].values), PIXELS)
    assert episode["embodiment_state@robot"].values.shape == (7, 28)
    assert episode["embodiment_state@robot"].values[3, 13:15].tolist() == [1.0, 2.0]
    assert episode["action@robot"].times_ns[1] == 20_000_000
    assert episode.origin is Origin.MEASURED
    assert set(episode.streams) == {"action@robot", "embodiment_state@robot", "rgb@top"}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.booleans())
@settings(max_examples=15, deadline=None)
def test_stretches_are_cut_where_they_say(tmp_path_factory: pytest.TempPathFactory, lengths: list[int], ends: bool) -> None:
    path = tmp_path_factory.mktemp("h5") / "flat.h5"
    rows = sum(lengths)
    pixels = RNG.integers(0, 256, (rows, 3, 4, 5), dtype=np.uint8)
    with h5py.File(path, "w") as file:
        file["pixels"], file["action"] = pixels, np.arange(rows)[:, None]
        stops = np.cumsum(lengths)
        if ends:
            over = np.zeros(rows, bool)
            over[stops - 1] = True
            file["terminals"] = over
        else:
            file["ep_len"], file["ep_offset"] = lengths, stops - lengths
    episodes, _ = taken(path, fps=5)
    assert [len(e["action@robot"]) for e in episodes] == lengths
    joined = np.concatenate([np.asarray(e["rgb@pixels"].values) for e in episodes])
    np.testing.assert_array_equal(joined, np.moveaxis(pixels, 1, -1))
    assert np.concatenate([e["action@robot"].values[:, 0] for e in episodes]).tolist() == list(range(rows))


def test_anything_else_with_its_own_times(tmp_path: Path) -> None:
    path = tmp_path / "log.h5"
    with h5py.File(path, "w") as file:
        file["timestamp_ms"] = np.array([100, 130, 190])
        file["force"], file["big"] = np.ones((3, 6)), np.zeros((3, 80, 80), np.float32)
        file["comment"], file["other"] = np.array([b"a", b"b", b"c"], object), np.zeros(9)
    (episode,), report = taken(path)
    assert episode["reading@force"].times_ns.tolist() == [0, 30_000_000, 90_000_000]
    assert set(episode.streams) == {"reading@force"}
    for name in ("big", "comment", "other"):
        assert any(name in note for note in report.notes), name


def test_what_leads_out_of_the_file_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["action"] = np.ones((3, 1))
    external, virtual, raw, soft = (tmp_path / f"{name}.h5" for name in ("external", "virtual", "raw", "soft"))
    with h5py.File(external, "w") as file:
        file["action"], file["state"] = np.ones((3, 1)), h5py.ExternalLink("secret.h5", "/action")
    with h5py.File(virtual, "w") as file:
        layout = h5py.VirtualLayout(shape=(3, 1), dtype="f8")
        layout[:] = h5py.VirtualSource(secret, "action", shape=(3, 1))
        file.create_virtual_dataset("action", layout)
    (tmp_path / "bytes.raw").write_bytes(bytes(24))
    with h5py.File(raw, "w") as file:
        file.create_dataset("action", (3, 1), "f8", external=[(str(tmp_path / "bytes.raw"), 0, 24)])
    for path in (external, virtual, raw):
        with pytest.raises(UnsafeFile, match=path.name):
            taken(path)
    with h5py.File(soft, "w") as file:
        file["action"], file["again"] = np.ones((3, 1)), h5py.SoftLink("/action")
    (episode,), report = taken(soft)
    assert set(episode.streams) == {"action@robot"}
    assert any("soft link" in note for note in report.notes)


def test_pickles_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "pickle.h5"
    with h5py.File(path, "w") as file:
        file["action"] = np.ones((2, 1))
        file["opaque"] = np.array([b"\x80\x04", b"\x80\x05"], dtype="V2")
        ragged = file.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype(np.uint8))
        ragged[0] = np.arange(3, dtype=np.uint8)
    (episode,), report = taken(path)
    assert set(episode.streams) == {"action@robot"}
    assert sum("is not loaded" in note for note in report.notes) == 2


def test_what_is_broken_is_an_error(tmp_path: Path) -> None:
    whole = robomimic(tmp_path / "a.hdf5").read_bytes()
    path = tmp_path / "cut.hdf5"
    for end in (0, 100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:end])
        with pytest.raises(ForeignFileError, match=r"cut\.hdf5"):
            taken(path)
    with pytest.raises(UnreadableFile, match="no HDF5 file"):
        taken(tmp_path / "nothing")


@given(st.integers(0, 2000), st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_a_flipped_byte_is_data_or_an_error(tmp_path_factory: pytest.TempPathFactory, at: int, flip: int) -> None:
    path = tmp_path_factory.mktemp("flip") / "a.hdf5"
    whole = bytearray(robomimic(path).read_bytes())
    whole[at * len(whole) // 2001] ^= flip
    path.write_bytes(whole)
    try:
        for episode in taken(path)[0]:
            np.asarray(episode["rgb@agentview_image"].values)
    except ForeignFileError as error:
        assert "a.hdf5" in str(error)  # noqa: PT017 — most flips are harmless; what must not come is another error
