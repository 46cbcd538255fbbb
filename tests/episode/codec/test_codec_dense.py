"""Dense arrays come back to the bit, zarr-python reads them and we read its, and damage is named before memory is asked for."""

from __future__ import annotations

import contextlib
import json
from functools import partial
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from many_threads import read_by_many_threads
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, BytesCodec, TransposeCodec

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.core.signal.stored import Stored
from lifeworld.episode.codec.crc32c import crc32c
from lifeworld.episode.codec.dense import DTYPES, MOMENTS, Dense, write_dense

shapes = st.tuples(st.integers(0, 40), st.lists(st.integers(1, 5), max_size=3)).map(lambda s: (s[0], *s[1]))


def noise(dtype: str, shape: tuple[int, ...], seed: int) -> NDArray:
    """Any bits; of floats NaN, infinity and -0 too."""
    count = int(np.prod(shape))
    if dtype == "bool":
        return np.random.default_rng(seed).integers(0, 2, shape).astype(bool)
    return np.frombuffer(np.random.default_rng(seed).bytes(count * np.dtype(dtype).itemsize), dtype).reshape(shape)


@given(dtype=st.sampled_from(sorted(DTYPES)), shape=shapes, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_to_the_bit_by_us_and_by_zarr(
    tmp_path_factory: pytest.TempPathFactory, dtype: str, shape: tuple[int, ...], seed: int
) -> None:
    values = noise(dtype, shape, seed)
    folder = tmp_path_factory.mktemp("dense") / "a.zarr"
    write_dense(folder, values)
    array = Dense(folder)
    assert (array.shape, array.dtype) == (values.shape, values.dtype)
    assert array[:].tobytes() == values.tobytes()
    theirs = zarr.open_array(folder, mode="r")[:]
    assert theirs.tobytes() == values.tobytes()
    if shape[0]:
        some = np.random.default_rng(seed).integers(0, shape[0], 9)
        assert array[some].tobytes() == values[some].tobytes()
        start = int(some[0])
        assert array[start : start + 20].tobytes() == values[start : start + 20].tobytes()
        held = (folder / "c" / "/".join("0" * len(shape))).read_bytes()
        assert Dense(folder, shard=held)[:].tobytes() == values.tobytes()


@given(values=hnp.arrays(np.float32, st.tuples(st.integers(1, 40), st.integers(1, 6)), elements=st.sampled_from([0.0, 1.0, 2.5])))
@settings(max_examples=15, deadline=None)
def test_what_zarr_writes_with_these_codecs_we_read(tmp_path_factory: pytest.TempPathFactory, values: NDArray) -> None:
    folder = tmp_path_factory.mktemp("dense") / "a.zarr"
    create = partial(
        zarr.create_array, folder, shape=values.shape, dtype=values.dtype, chunks=(8, values.shape[1]), zarr_format=3, overwrite=True,
        shards=(-(-len(values) // 8) * 8, values.shape[1]), filters=[TransposeCodec(order=(1, 0))], serializer=BytesCodec(),
    )  # fmt: skip
    create(compressors=[BloscCodec(cname="lz4")])[:] = values
    with pytest.raises(UnreadableFile, match="codecs"):
        Dense(folder)
    array = create(compressors=[BloscCodec(cname="zstd", clevel=1, shuffle="shuffle")])
    array[:] = values  # chunks of zeros are left out
    if values.any():
        assert Dense(folder)[:].tobytes() == values.tobytes()


def test_the_same_values_give_the_same_bytes(tmp_path: Path) -> None:
    values = np.cumsum(noise("uint8", (70, 64, 64), 1) % 3, axis=0, dtype=np.float32)
    for name in ("a", "b"):
        write_dense(tmp_path / name, values)
    first, second = ((tmp_path / name / "c/0/0/0").read_bytes() for name in ("a", "b"))
    assert first == second
    assert len(first) < values.nbytes / 3


def test_stored_values_are_read_a_chunk_at_a_time(tmp_path: Path) -> None:
    class Counted(Stored):
        shape, dtype = (100, 3), np.dtype(np.int32)
        most = 0

        def take(self, index: NDArray) -> NDArray:
            Counted.most = max(Counted.most, len(index))
            return np.repeat(index[:, None], 3, axis=1).astype(np.int32)

    write_dense(tmp_path / "a", Counted())
    assert Counted.most <= MOMENTS
    assert np.array_equal(Dense(tmp_path / "a")[:, ], np.asarray(Counted()))  # fmt: skip


def test_large_samples_are_few_a_chunk(tmp_path: Path) -> None:
    write_dense(tmp_path / "a", np.zeros((3, 2048, 4096), np.float32))
    assert Dense(tmp_path / "a").moments == 1


def test_reading_into_a_part_of_a_batch(tmp_path: Path) -> None:
    values = noise("float32", (40, 6, 5), 2)
    write_dense(tmp_path / "a", values)
    array = Dense(tmp_path / "a")
    batch = np.zeros((3, 20, 6, 7), np.float32)
    array.read_into(batch[1, :, :, 1:6], np.arange(10, 30))
    assert batch[1, :, :, 1:6].tobytes() == values[10:30].tobytes()
    assert not batch[[0, 2]].any()


def test_many_threads_read_the_same(tmp_path: Path) -> None:
    values = noise("float32", (200, 16, 16), 3)
    write_dense(tmp_path / "a", values)
    array = Dense(tmp_path / "a")
    read_by_many_threads(array, values, times=30, moments=12)


@pytest.mark.parametrize("values", [np.zeros((3, 2), "U4"), np.zeros((3, 0), np.float32), np.zeros(3, [("a", "f4")])])
def test_what_is_not_numbers_is_refused(tmp_path: Path, values: NDArray) -> None:
    with pytest.raises(InputError, match="not an array of numbers"):
        write_dense(tmp_path / "a", values)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_dense(tmp_path / "a", np.zeros((3, 2)))
    with pytest.raises(InputError, match="something at this place"):
        write_dense(tmp_path / "a", np.ones((3, 2)))
    assert not Dense(tmp_path / "a")[:].any()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_dense(tmp_path / "a.zarr", noise("float32", (40, 8, 8), 4))
    return tmp_path / "a.zarr"


@pytest.mark.parametrize("cut", [0, 1, 4, 30, 60, 1000, -1])
def test_a_file_that_is_cut_off_is_named(folder: Path, cut: int) -> None:
    shard = folder / "c/0/0/0"
    raw = shard.read_bytes()
    shard.write_bytes(raw[:cut] if cut >= 0 else raw[:-1])
    with pytest.raises(UnreadableFile, match=str(shard)):
        Dense(folder)[:]


def test_a_flipped_bit_never_crashes_and_one_of_the_index_is_found(folder: Path) -> None:
    shard = folder / "c/0/0/0"
    whole = shard.read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(whole), 100).tolist() + rng.integers(len(whole) - 52, len(whole), 20).tolist():
        raw = bytearray(whole)
        raw[at] ^= 1 << int(rng.integers(8))
        if at >= len(raw) - 3 * 16 - 4:
            with pytest.raises(UnreadableFile, match=str(shard)):
                Dense(folder, shard=bytes(raw))[:]
        else:  # the sha256 of the manifest is what finds those
            with contextlib.suppress(UnreadableFile):
                assert Dense(folder, shard=bytes(raw))[:].shape == (40, 8, 8)


def changed(folder: Path, **more: object) -> None:
    file = folder / "zarr.json"
    metadata = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(metadata | more), encoding="utf-8")


@pytest.mark.parametrize(
    "more",
    [
        {"zarr_format": 2}, {"data_type": "float128"}, {"data_type": "int16"}, {"data_type": ["float32"]}, {"shape": [40, 8, 9]},
        {"shape": [-1, 8, 8]}, {"shape": [40, 8]}, {"shape": "all"}, {"shape": []}, {"shape": [200, 8, 8]}, {"fill_value": 1.0},
        {"codecs": []}, {"codecs": [{"name": "bytes"}]}, {"chunk_key_encoding": None},
    ],
)  # fmt: skip
def test_a_description_that_is_not_ours_is_named(folder: Path, more: dict[str, object]) -> None:
    changed(folder, **more)
    with pytest.raises(UnreadableFile, match=str(folder)):
        Dense(folder)[:]


@pytest.mark.parametrize("shape", [[2**40, 2**10, 2**10], [40, 2**20, 2**20], [2**62, 8, 8], [40, 2**70, 1]])
def test_giant_claims_are_refused_before_memory_is_asked_for(folder: Path, shape: list[int]) -> None:
    metadata = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
    codecs = metadata["codecs"]
    codecs[0]["configuration"]["chunk_shape"] = [16, *shape[1:]]
    grid = {"name": "regular", "configuration": {"chunk_shape": [-(-shape[0] // 16) * 16, *shape[1:]]}}
    changed(folder, shape=shape, codecs=codecs, chunk_grid=grid)
    with pytest.raises((FileTooLarge, UnreadableFile), match=str(folder)):
        Dense(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 5000, "null", '{"shape": 1}'])
def test_a_description_that_is_no_description_is_named(folder: Path, text: str) -> None:
    (folder / "zarr.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"zarr\.json"):
        Dense(folder)
    (folder / "zarr.json").unlink()
    with pytest.raises(UnreadableFile, match="no such array"):
        Dense(folder)


@given(data=st.binary(max_size=400))
@settings(max_examples=25, deadline=None)
def test_the_checksum_is_googles(data: bytes) -> None:
    assert crc32c(data) == google_crc32c.value(data)
    assert crc32c(data * 40) == google_crc32c.value(data * 40)


def test_the_checksum_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(bytes(range(32))) == 0x46DD794E
