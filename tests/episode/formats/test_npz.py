"""NumPy archives: rows at their times, cut into episodes, known signals in our units and axes; bounded, and never unpickled."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile, UnsafeFile
from lifeworld.core.pose import quat_from_rotation_vector, quat_multiply, rotate
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import Report, npz_arrays, open_recording

DATA = Path(__file__).parents[4] / "shared" / "data" / "tosses"


def read(path: Path, **options: Any) -> tuple[list[Episode], Report]:
    recording = open_recording(path, **options)
    return list(recording.episodes), recording.report


def spun(n: int = 200, dt: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    """A body that turns at a changing rate about a changing axis: world_from_body (n, 4), and its angular velocity in the world (n, 3)."""
    t = np.arange(n) * dt
    world = np.stack([3 * np.sin(2 * t), 2 * np.cos(3 * t), np.full(n, 2.5)], axis=1)
    quats = [quat_from_rotation_vector([1.0, 0.4, -0.7])]
    for k in range(1, n):
        quats.append(quat_multiply(quat_from_rotation_vector(world[k] * dt), quats[-1]))
    return np.stack(quats), world


@pytest.mark.parametrize("frame", ["world", "body"])
def test_velocities_end_up_in_world_axes(tmp_path: Path, frame: str) -> None:
    quats, world = spun()
    given_ = world if frame == "world" else rotate(quats * [1, -1, -1, -1], world)
    np.savez(tmp_path / "a.npz", quaternion=quats, angular_velocity=given_, t=np.arange(200) * 0.01)
    [episode], report = read(tmp_path / "a.npz")
    assert np.allclose(episode["angular_velocity_rad_s"].values[:, 0], world, atol=1e-9)
    assert any(("was turned" in note) == (frame == "body") for note in report.notes if "angular" in note)


def test_a_velocity_that_fits_nothing_is_only_a_reading(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", angular_velocity=np.ones((5, 3)), t=np.arange(5))
    [episode], report = read(tmp_path / "a.npz")
    assert list(episode.streams) == ["reading@angular_velocity"]
    assert any("which axes" in note for note in report.notes)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("t", np.array([5.0, 5.25, 6.0]), [0, 250_000_000, 1_000_000_000]),
        ("time_ms", np.array([1, 2, 5], dtype=np.uint16), [0, 1_000_000, 4_000_000]),
        ("timestamp_ns", np.array([2**60, 2**60 + 1, 2**60 + 7]), [0, 1, 7]),
        ("timestamps", np.array([1706111016186, 1706111016197, 1706111016250]), [0, 11_000_000, 64_000_000]),
        (
            "stamp",
            np.array(["2024-01-01T00:00:00", "2024-01-01T00:00:01.5", "2024-01-01T00:00:02"], dtype="M8[ms]"),
            [0, 1_500_000_000, 2_000_000_000],
        ),
    ],
)
def test_times_by_name_and_unit(tmp_path: Path, name: str, values: np.ndarray, expected: list[int]) -> None:
    np.savez_compressed(tmp_path / "a.npz", **{name: values, "speed": np.arange(3)})
    [episode], _ = read(tmp_path / "a.npz")
    assert episode["reading@speed"].times_ns.tolist() == expected


def test_what_is_known_by_name_and_shape(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = {
        "images": rng.integers(0, 256, (4, 3, 8, 6), dtype=np.uint8), "depth_m": np.ones((4, 8, 6), np.float16),
        "actions": rng.normal(size=(4, 2)), "grip": np.arange(4.0), "map": np.zeros((4, 5, 5)),
        "qpos": rng.normal(size=4), "rewards": np.arange(4), "dones": np.array([0, 0, 0, 1]), "timeouts": np.zeros((4, 1), bool),
        "quat_xyzw": np.tile([0.0, 0.0, 0.0, -1.0], (4, 1)), "position": rng.normal(size=(4, 3)),
    }  # fmt: skip
    np.savez(tmp_path / "a.npz", **rows, fps=20, task="pour", names=np.array(["a", "b"]))
    [episode], report = read(tmp_path / "a.npz")
    assert np.array_equal(episode["rgb@camera"].values, np.moveaxis(rows["images"], 1, -1))
    assert np.array_equal(episode["action@robot"].values, rows["actions"])
    assert np.array_equal(episode["embodiment_state@robot"].values[:, 0], rows["qpos"])
    assert np.asarray(episode["terminated"].values).tolist() == [False, False, False, True]
    assert np.asarray(episode["quat_wxyz"].values)[:, 0].tolist() == [[1, 0, 0, 0]] * 4
    assert {"depth_m@camera", "reward", "truncated", "position_m", "reading@grip"} <= set(episode.streams)
    assert episode["reward"].times_ns.tolist() == [0, 50_000_000, 100_000_000, 150_000_000]
    assert episode.labels == {"fps": "20", "task": "pour"}
    assert episode.legend["action@robot"] == ("actions[0]", "actions[1]")
    assert [any(name in note for note in report.notes) for name in ("map", "names", "20 Hz")] == [True] * 3


@pytest.mark.parametrize("ends", ["offsets", "episode_ends"])
def test_rows_are_cut_into_episodes(tmp_path: Path, ends: str) -> None:
    bounds = [0, 3, 3, 10] if ends == "offsets" else [3, 3, 10]
    np.savez(tmp_path / "a.npz", **{ends: bounds, "action": np.arange(10.0), "number": np.array([7, 8, 9]), "rate_hz": 10})
    episodes, report = read(tmp_path / "a.npz")
    assert [np.asarray(e["action@robot"].values).ravel().tolist() for e in episodes] == [[0, 1, 2], [3, 4, 5, 6, 7, 8, 9]]
    assert [e["action@robot"].times_ns[0] for e in episodes] == [0, 0]
    assert [e.labels["number"] for e in episodes] == ["7", "9"]
    assert [what for what, _ in report.skipped] == ["a.npz, episode 1"]
    assert len({e.provenance.parents[0] for e in episodes}) == 2


def test_the_rate_may_stand_beside_the_file_or_be_given(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", action=np.arange(3.0))
    with pytest.raises(UnreadableFile, match="--fps"):
        read(tmp_path / "a.npz")
    assert read(tmp_path / "a.npz", fps=4)[0][0].duration_ns == 500_000_000
    (tmp_path / "params.json").write_text(json.dumps({"dt_s": 0.5, "object": "cube", "more": {}}), encoding="utf-8")
    [episode], _ = read(tmp_path / "a.npz")
    assert (episode.duration_ns, episode.labels["object"]) == (1_000_000_000, "cube")


# -- hostile files -----------------------------------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("/tmp/lifeworld-was-here").touch, ())


def test_a_pickle_is_refused_and_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", t=np.arange(3), it=np.array([Bomb()] * 3, dtype=object))
    (tmp_path / "b.pkl").write_bytes(pickle.dumps(Bomb()))
    (tmp_path / "c.dat").write_bytes(pickle.dumps(Bomb()))
    (tmp_path / "d.pickle").write_bytes(pickle.dumps(Bomb(), protocol=0))
    with zipfile.ZipFile(tmp_path / "e.pt", "w") as archive:
        archive.writestr("e/data.pkl", pickle.dumps(Bomb()))
    for path in tmp_path.iterdir():
        with pytest.raises(UnsafeFile, match="pickle"):
            read(path)
    assert not Path("/tmp/lifeworld-was-here").exists()


def member(shape: str, data: bytes, descr: str = "<f8") -> bytes:
    head = io.BytesIO()
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    head.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
    return head.getvalue() + data


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(-1,)", "(2, 3)", "(0,)", "(4611686018427387904, 4)"])
def test_an_array_that_lies_about_its_size_is_refused_before_memory_is_taken(tmp_path: Path, shape: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("t.npy", member(shape, b"\0" * 24))
    with pytest.raises(UnreadableFile, match=r"as long as it says|broken"):
        read(tmp_path / "a.npz")


def test_a_bomb_is_refused_by_its_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz_arrays, "ALWAYS_BYTES", 2**20)
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("t.npy", "w") as file:
        for _ in range(4):
            file.write(bytes(2**20))
    with pytest.raises(FileTooLarge, match="unpacks"):
        read(tmp_path / "a.npz")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    quats, world = spun(8)
    np.savez_compressed(path, quaternion=quats, angular_velocity=world, t=np.arange(8) * 0.1, offsets=[0, 4, 8])
    return path.read_bytes()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_torn_and_flipped_archives_give_episodes_or_a_typed_error(tmp_path: Path, archive: bytes, data: st.DataObject) -> None:
    raw = bytearray(archive)
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / "a.npz").write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    try:
        episodes, _ = read(tmp_path / "a.npz")
        assert all(len(e) for e in episodes)
    except InputError:
        pass


NUMBERS = st.one_of(st.integers(-5, 2**62), st.floats(allow_nan=True, allow_infinity=True), st.booleans())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_arrays_there_are(tmp_path: Path, data: st.DataObject) -> None:
    names = st.sampled_from(
        ["t", "time_ms", "offsets", "episode_ends", "position", "quat", "angular_velocity", "rgb", "action", "done", "fps", "x"]
    )
    shapes = st.sampled_from([(), (0,), (3,), (3, 1), (3, 3), (3, 4), (2, 3), (3, 2, 2, 3)])
    arrays = {}
    for name in data.draw(st.sets(names, max_size=6)):
        shape = data.draw(shapes)
        size = int(np.prod(shape))
        arrays[name] = np.array(data.draw(st.lists(NUMBERS, min_size=size, max_size=size))).reshape(shape)
    arrays = {name: array for name, array in arrays.items() if array.dtype != object}
    np.savez(tmp_path / "a.npz", **arrays)
    try:
        for episode in open_recording(tmp_path / "a.npz").episodes:
            for stream in episode.streams.values():
                assert np.all(np.diff(stream.times_ns) > 0)
                assert int(stream.times_ns[0]) == 0
    except InputError:
        pass


@pytest.mark.parametrize("large", [1.3407807929942597e154, 1e300])
def test_numbers_too_large_to_square_are_nothing_known(tmp_path: Path, large: float) -> None:
    unit = np.array([[1.0, 0, 0, 0]] * 3)
    np.savez(tmp_path / "quat.npz", t=np.arange(3.0), quat=np.array([[0, 0, 0, large]] * 3))
    np.savez(tmp_path / "velocity.npz", t=np.arange(3.0), quat=unit, angular_velocity=np.full((3, 3), large))
    for name in ("quat.npz", "velocity.npz"):
        for episode in open_recording(tmp_path / name).episodes:
            assert not {stream.partition("@")[0] for stream in episode.streams} & {"pose", "angular_velocity_rad_s"}


@pytest.mark.data
def test_the_tosses_come_in_as_physics_sees_them() -> None:
    if not DATA.is_dir():
        pytest.skip("the recordings are not here")
    episodes, report = read(DATA)
    assert (len(episodes), sum(map(len, episodes))) == (456, 48_108)
    assert report.skipped == []
    raw = np.load(DATA / "tosses.npz")
    toss, rows = episodes[17], slice(*raw["offsets"][17:19])
    assert np.array_equal(toss["position_m"].values[:, 0], raw["position"][rows].astype(np.float64))
    quats = np.asarray(toss["quat_wxyz"].values)[:, 0]
    assert np.allclose(np.asarray(toss["angular_velocity_rad_s"].values)[:, 0], rotate(quats, raw["angular_velocity"][rows]), atol=1e-5)
    assert toss.labels["toss_number"] == str(raw["toss_number"][17])
    assert toss.legend["position_m"] == ("cube",)
    assert toss["position_m"].times_ns[148 // 2] == 500_000_000
