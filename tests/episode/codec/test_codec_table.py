"""Tables come back to the bit for every signal there is, others read the same, and a strange column is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from many_threads import read_by_many_threads
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.core.signal import SIGNALS
from lifeworld.core.signal.signal import Signal
from lifeworld.core.signal.stored import Stored
from lifeworld.episode.codec import table
from lifeworld.episode.codec.table import Table, read_times, write_table, write_times

SMALL = sorted(name for name, s in SIGNALS.items() if len(s.shape) < 3 and all(n in range(20) or isinstance(n, str) for n in s.shape))
LETTERS = "aé€😀\u0000 \n\"'"


def anything(dtype: np.dtype[Any], shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
    """Any value that the dtype holds: NaN of every kind, -0, words of all planes."""
    if dtype.names is not None:
        out = np.zeros(shape, dtype)
        for name in dtype.names:
            out[name] = anything(dtype.fields[name][0].base, out[name].shape, rng)  # type: ignore[index]
        return out
    count = int(np.prod(shape))
    if dtype.kind == "U":
        words = ["".join(rng.choice(list(LETTERS), rng.integers(0, 9))) for _ in range(count)]
        return np.array(words or [""], dtype)[:count].reshape(shape)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).reshape(shape)


def some(signal: Signal, count: int, rng: np.random.Generator) -> tuple[Any, tuple[int, ...]]:
    sizes = tuple(int(rng.integers(0, 4)) if isinstance(n, str) else n for n in signal.shape)
    if not signal.ragged:
        return anything(signal.dtype, (count, *sizes), rng), sizes
    return tuple(anything(signal.dtype, (int(rng.integers(0, 4)), *sizes), rng) for _ in range(count)), sizes


def same(got: Any, wanted: Any) -> bool:
    """To the bit, of each row alone where they are ragged."""
    if isinstance(wanted, tuple):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    return bool(got.dtype == wanted.dtype and got.shape == wanted.shape and got.tobytes() == wanted.tobytes())


@given(name=st.sampled_from(SMALL), count=st.sampled_from([0, 1, 2, 7, 150]), seed=st.integers(0, 10**6), in_memory=st.booleans())
@settings(max_examples=70, deadline=None)
def test_what_is_written_is_read_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, name: str, count: int, seed: int, in_memory: bool
) -> None:
    rng = np.random.default_rng(seed)
    signal = SIGNALS[name]
    values, sizes = some(signal, count, rng)
    times = np.cumsum(rng.integers(1, 10**9, count))
    path = tmp_path_factory.getbasetemp() / "law.parquet"
    write_table(path, signal, times, values)
    file = path.read_bytes() if in_memory else path
    assert np.array_equal(read_times(file), times)
    read = Table(file, signal, sizes)
    assert (read.shape, read.dtype, read.ragged) == ((count, *sizes), signal.dtype, signal.ragged)
    assert same(read[:], values)
    if count:
        index = rng.integers(0, count, 9)
        assert same(read[index], tuple(values[i] for i in index) if signal.ragged else values[index])


def test_strangers_find_what_is_said(tmp_path: Path) -> None:
    signal = SIGNALS["camera_pose"]
    values = np.random.default_rng(0).normal(size=(40, 7))
    write_table(tmp_path / "a.parquet", signal, np.arange(40) * 20_000_000, values)
    found = pq.read_table(tmp_path / "a.parquet")
    assert found.column_names == ["t_ns", "camera_pose"]
    assert np.array_equal(np.stack(found["camera_pose"].to_numpy()), values)
    said = json.loads(found.schema.metadata[b"lifeworld.signal"])
    assert (said["unit"], said["frame"], said["dtype"], said["shape"]) == ("m, 1", "world", "float64", [7])
    assert said["meaning"] == signal.meaning
    column = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(1)
    assert column.compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in column.encodings


def test_rows_of_a_ragged_table_are_structs(tmp_path: Path) -> None:
    signal = SIGNALS["contacts"]
    rows = anything(signal.dtype, (3,), np.random.default_rng(0))
    write_table(tmp_path / "a.parquet", signal, [5, 9], (rows[:0], rows))
    [none, three] = pq.read_table(tmp_path / "a.parquet")["contacts"].to_pylist()
    assert none == []
    assert [r["body_a"] for r in three] == rows["body_a"].tolist()
    assert np.array([r["normal"] for r in three]).tobytes() == rows["normal"].tobytes()


def test_only_the_seconds_that_are_asked_for_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 3000  # a minute at 50 Hz
    values = np.arange(count, dtype=np.float64)
    write_table(tmp_path / "a.parquet", SIGNALS["reward"], np.arange(count) * 20_000_000, values)
    metadata = pq.ParquetFile(tmp_path / "a.parquet").metadata
    assert metadata.num_row_groups == 12
    asked: list[list[int]] = []
    read = pq.ParquetFile.read_row_groups

    def noted(self: Any, groups: list[int], *args: Any, **more: Any) -> Any:
        asked.append(groups)
        return read(self, groups, *args, **more)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", noted)
    rewards = Table(tmp_path / "a.parquet", SIGNALS["reward"], ())
    assert np.array_equal(rewards[[2999, 260, 10]], [2999, 260, 10])
    assert asked == [[0, 1, 11]]


def test_stored_values_are_written_a_group_at_a_time(tmp_path: Path) -> None:
    class Counted(Stored):
        shape, dtype = (1000,), np.dtype(np.float64)
        most = 0

        def take(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
            Counted.most = max(Counted.most, len(index))
            return index.astype(np.float64)

    write_table(tmp_path / "a.parquet", SIGNALS["reward"], np.arange(1000) * 20_000_000, Counted())
    assert Counted.most == 250
    assert np.array_equal(Table(tmp_path / "a.parquet", SIGNALS["reward"], ())[:], np.arange(1000))


def test_many_threads_read_the_same(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(2000, 7))
    write_table(tmp_path / "a.parquet", SIGNALS["camera_pose"], np.arange(2000) * 20_000_000, values)
    poses = Table(tmp_path / "a.parquet", SIGNALS["camera_pose"], (7,))
    read_by_many_threads(poses, values)


def test_times_alone(tmp_path: Path) -> None:
    times = np.cumsum(np.random.default_rng(0).integers(1, 10**9, 500))
    for count in (0, 1, 500):
        write_times(tmp_path / "t.parquet", times[:count])
        assert np.array_equal(read_times(tmp_path / "t.parquet"), times[:count])
        assert read_times(tmp_path / "t.parquet").dtype == np.int64


# -- damage ----------------------------------------------------------------------------------------------------------------


def test_times_that_do_not_rise_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_times(tmp_path / "a.parquet", [3, 3])
    pq.write_table(pa.table({"t_ns": pa.array([5, 4], pa.int64())}), tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match=r"a\.parquet: the times do not rise"):
        read_times(tmp_path / "a.parquet")


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not Unicode"):
        write_table(tmp_path / "a.parquet", SIGNALS["instruction"], [0], np.array(["\ud800"], "U1000"))
    assert not list(tmp_path.iterdir())


T, F8 = pa.array([1, 2], pa.int64()), pa.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"t_ns": T}, "'reward' is not as expected; got no such column, expected double"),
        ({"reward": F8}, "'t_ns' is not as expected"),
        ({"t_ns": pa.array([1, 2], pa.int32()), "reward": F8}, "'t_ns' is not as expected; got int32"),
        ({"t_ns": T, "reward": pa.array([1, 2])}, "'reward' is not as expected; got int64, expected double"),
        ({"t_ns": T, "reward": pa.array([[1.0], [2.0]])}, "'reward' is not as expected; got list"),
        ({"t_ns": T, "reward": F8, "more": F8}, "'more' is not as expected; got double, expected no such column"),
        ({"t_ns": T, "reward": pa.array([1.0, None])}, "'reward' is damaged; got 1 nulls"),
    ],
)
def test_another_column_is_named(tmp_path: Path, columns: dict[str, Any], match: str) -> None:
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match=f"a.parquet: column {match}"):
        Table(tmp_path / "a.parquet", SIGNALS["reward"], ())[:]


def test_words_that_are_too_long_are_named(tmp_path: Path) -> None:
    signal = SIGNALS["instruction"]
    pq.write_table(pa.table({"t_ns": T, "instruction": pa.array(["a", "b" * 1001])}), tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match="more than 1000 letters"):
        Table(tmp_path / "a.parquet", signal, ())[:]


def test_nulls_within_rows_are_named(tmp_path: Path) -> None:
    kind = pa.list_(pa.field("element", pa.float64(), nullable=False), 7)
    column = pa.array([[1.0] * 7, None], kind)
    pq.write_table(pa.table({"t_ns": T, "camera_pose": column}), tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match="camera_pose"):
        Table(tmp_path / "a.parquet", SIGNALS["camera_pose"], (7,))[:]


def test_another_size_is_named(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", SIGNALS["reading"], [0, 1], np.zeros((2, 5)))
    with pytest.raises(UnreadableFile, match=r"\[5\].*expected.*\[6\]"):
        Table(tmp_path / "a.parquet", SIGNALS["reading"], (6,))


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "cut", "head"])
def test_what_is_no_table_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.parquet"
    write_table(path, SIGNALS["reward"], np.arange(100), np.zeros(100))
    raw = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "text": b"t_ns,reward\n1,2\n", "cut": raw[:-20], "head": raw[:50]}[damage])
    for read in (read_times, lambda p: Table(p, SIGNALS["reward"], ())):
        with pytest.raises(UnreadableFile, match=str(path)):
            read(path)


def test_damaged_bytes_are_a_table_of_the_same_shape_or_a_typed_error() -> None:
    """In a column's pages a byte more or less is another value (the sha256 of the manifest finds those), elsewhere it is an error."""
    rng = np.random.default_rng(0)
    read = refused = 0
    for _ in range(60):
        raw = bytearray(_EXAMPLE)
        for at in rng.integers(0, len(raw), rng.integers(1, 4)).tolist():
            raw[at] ^= 1 << int(rng.integers(8))
        try:
            values = Table(bytes(raw), SIGNALS["reading"], (3,))[:]
        except UnreadableFile:
            refused += 1
        else:
            read += 1
            assert (values.shape, values.dtype) == ((200, 3), np.float64)
    assert min(read, refused) > 5


def test_a_giant_claim_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_GROUP_BYTES", 10_000)
    pq.write_table(pa.table({"t_ns": pa.array(range(5000), pa.int64())}), tmp_path / "a.parquet")
    with pytest.raises(FileTooLarge, match="claims more"):
        read_times(tmp_path / "a.parquet")


def _example() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        write_table(path, SIGNALS["reading"], np.arange(200) * 10**8, np.random.default_rng(0).normal(size=(200, 3)))
        return path.read_bytes()


_EXAMPLE = _example()
