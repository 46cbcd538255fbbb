"""RLDS: the check sum and the wire format against independent makers, then the laws of import, then real data."""

from __future__ import annotations

import contextlib
import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.episode.codec.crc32c import crc32c
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.rlds import read
from lifeworld.episode.formats.stills import Stills
from lifeworld.episode.formats.tfrecord import example, masked, records
from lifeworld.episode.proto import varints

BRIDGE = Path(__file__).parents[4] / "shared/data/bridge"


def slow_crc32c(data: bytes) -> int:
    """Bit by bit, as RFC 3720 defines it."""
    word = 0xFFFFFFFF
    for byte in data:
        word ^= byte
        for _ in range(8):
            word = word >> 1 ^ (0x82F63B78 if word & 1 else 0)
    return word ^ 0xFFFFFFFF


def _example_class() -> Any:
    """tf.train.Example by Google's protobuf, from the text of its .proto."""
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="t", syntax="proto3")
    kinds = {"BytesList": 12, "FloatList": 2, "Int64List": 3}
    for name, kind in kinds.items():
        file.message_type.add(name=name).field.add(name="value", number=1, type=kind, label=3)
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, name in enumerate(kinds, start=1):
        feature.field.add(name=name.lower(), number=number, type=11, label=1, type_name=f".t.{name}", oneof_index=0)
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=9, label=1)
    entry.field.add(name="value", number=2, type=11, label=1, type_name=".t.Feature")
    features.field.add(name="feature", number=1, type=11, label=3, type_name=".t.Features.FeatureEntry")
    file.message_type.add(name="Example").field.add(name="features", number=1, type=11, label=1, type_name=".t.Features")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Example"))


EXAMPLE = _example_class()


def encoded(features: dict[str, Any]) -> bytes:
    out = EXAMPLE()
    for name, value in features.items():
        held = out.features.feature[name]
        if isinstance(value, list):
            held.byteslist.value.extend(value)
        elif value.dtype.kind == "f":
            held.floatlist.value.extend(value.tolist())
        else:
            held.int64list.value.extend(value.tolist())
    return out.SerializeToString()


def framed(*bodies: bytes) -> bytes:
    def check(data: bytes) -> bytes:
        crc = slow_crc32c(data)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    heads = [struct.pack("<Q", len(body)) for body in bodies]
    return b"".join(head + check(head) + body + check(body) for head, body in zip(heads, bodies, strict=True))


@given(st.binary(max_size=2000))
@settings(max_examples=30, deadline=None)
def test_the_check_is_the_one_done_bit_by_bit(data: bytes) -> None:
    assert crc32c(data) == slow_crc32c(data)


def test_the_check_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert masked(0) == 0xA282EAD8


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40))
@settings(max_examples=40, deadline=None)
def test_whole_numbers_come_back(numbers: list[int]) -> None:
    message = EXAMPLE()
    message.features.feature["n"].int64list.value.extend(numbers)
    message.features.feature["keep"].byteslist.value.append(b"x")
    found = example(message.SerializeToString(), where="here")
    assert found["n"].tolist() == numbers if numbers else len(found["n"]) == 0
    assert found["keep"] == (b"x",)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_an_example_or_a_typed_error(data: bytes) -> None:
    with contextlib.suppress(UnreadableFile):
        assert all(map(is_feature, example(data, where="here").values()))


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_flipped_example_is_an_example_or_a_typed_error(flips: list[tuple[float, int]]) -> None:
    data = bytearray(encoded(steps()))
    for where, flip in flips:
        data[int(where * len(data))] ^= flip
    with contextlib.suppress(UnreadableFile):
        found = example(bytes(data), where="here")
        assert all(map(is_feature, found.values()))
        assert flips or {name: list(value) for name, value in found.items()} == {name: list(value) for name, value in steps().items()}


def is_feature(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(type(each) is bytes for each in value)
    return value.ndim == 1 and value.dtype in (np.int64, np.float32)


def test_a_varint_that_does_not_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="cut off"):
        varints(b"\x80")
    with pytest.raises(ValueError, match="ten bytes"):
        varints(b"\xff" * 11 + b"\x01")


def picture(level: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (level, 0, 255 - level)).save(out, format="PNG")
    return out.getvalue()


def steps(count: int = 4) -> dict[str, Any]:
    return {
        "steps/observation/image": [picture(40 * i) for i in range(count)],
        "steps/observation/state": np.arange(3 * count, dtype=np.float32),
        "steps/observation/gripper": np.linspace(0, 1, count, dtype=np.float32),
        "steps/action/world": np.arange(2 * count, dtype=np.float32) / 7,
        "steps/action/close": np.arange(count) % 2,
        "steps/language_instruction": [b"go", b"go", b"stop", "häl".encode()][:count],
        "steps/is_first": np.array([1] + [0] * (count - 1)),
        "steps/is_last": np.array([0] * (count - 1) + [1]),
        "steps/is_terminal": np.array([0] * count),
        "steps/reward": np.full(count, 0.5, np.float32),
        "episode_metadata/file_path": [b"/home/somebody/x"],
        "episode_metadata/place": [b"kitchen"],
    }


def tensor(*shape: int, dtype: str = "float32") -> dict[str, Any]:
    return {"tensor": {"shape": {"dimensions": [str(s) for s in shape]}, "dtype": dtype, "encoding": "none"}}


FEATURES = {
    "featuresDict": {
        "features": {
            "steps": {
                "sequence": {
                    "feature": {
                        "featuresDict": {
                            "features": {
                                "observation": {
                                    "featuresDict": {
                                        "features": {
                                            "image": {"image": {"shape": {"dimensions": ["6", "8", "3"]}, "dtype": "uint8"}},
                                            "state": tensor(3),
                                            "gripper": tensor(),
                                        }
                                    }
                                },
                                "action": {"featuresDict": {"features": {"world": tensor(2), "close": tensor(dtype="int64")}}},
                                "language_instruction": {"text": {}},
                                "reward": tensor(),
                            }
                        }
                    }
                }
            }
        }
    }
}


def dataset(folder: Path, *bodies: bytes, features: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "toy-train.tfrecord-00000-of-00001").write_bytes(framed(*bodies))
    if features:
        (folder / "features.json").write_text(json.dumps(FEATURES))
    info = {"name": "toy", "version": "1.0.0", "redistributionInfo": {"license": "CC-BY-4.0"}}
    (folder / "dataset_info.json").write_text(json.dumps(info))
    return folder


@pytest.mark.parametrize("features", [True, False])
def test_steps_become_streams(tmp_path: Path, features: bool) -> None:
    report = Report()
    (episode,) = read(dataset(tmp_path, encoded(steps()), features=features), report=report, fps=4)
    flat = steps()
    np.testing.assert_array_equal(episode["action@robot"].times_ns, np.arange(4) * 250_000_000)
    np.testing.assert_array_equal(np.asarray(episode["rgb@image"].values)[:, 0, 0, 0], [0, 40, 80, 120])
    np.testing.assert_array_equal(episode["embodiment_state@robot"].values, flat["steps/observation/state"].reshape(4, 3))
    close, world = flat["steps/action/close"][:, None], flat["steps/action/world"].reshape(4, 2)
    np.testing.assert_array_equal(episode["action@robot"].values, np.concatenate([close, world], axis=1))
    assert episode.legend["action@robot"] == ("close 0", "world 0", "world 1")
    assert episode["instruction"].values.tolist() == ["go", "stop", "häl"]
    assert episode["instruction"].times_ns.tolist() == [0, 500_000_000, 750_000_000]
    assert episode["truncated"].values.tolist() == [False, False, False, True]
    assert not episode["terminated"].values.any()
    assert episode["action@robot"].clock.uncertainty_ns is None
    assert episode["reward"].terms.license == "CC-BY-4.0"
    assert episode.labels["place"] == "kitchen"
    assert "somebody" not in str(episode.labels)
    assert any("file_path" in note for note in report.notes)
    assert not report.skipped


def test_a_broken_record_is_named_and_the_rest_of_its_shard_left_out(tmp_path: Path) -> None:
    folder = dataset(tmp_path, encoded(steps()), encoded(steps()))
    shard = next(folder.glob("*.tfrecord*"))
    whole = shard.read_bytes()
    shard.write_bytes(whole[: len(whole) // 2 + 40] + bytes([whole[len(whole) // 2 + 40] ^ 1]) + whole[len(whole) // 2 + 41 :])
    report = Report()
    assert len(list(read(folder, report=report))) == 1
    assert "record 1 at byte" in report.skipped[0][1]
    for cut in (5, 100, len(whole) - 1):
        shard.write_bytes(whole[:cut])
        report = Report()
        list(read(folder, report=report))
        assert len(report.skipped) == 1
    shard.write_bytes(whole)
    with pytest.raises(FileTooLarge, match="at most 10"):
        list(records(shard, most_bytes=10))


def test_one_bad_episode_costs_only_itself(tmp_path: Path) -> None:
    odd = steps() | {"steps/reward": np.zeros(3, np.float32)}
    report = Report()
    found = list(read(dataset(tmp_path, encoded(steps()), encoded(odd), b"\x08\x01", encoded(steps(2))), report=report))
    assert [len(e["reward"]) for e in found] == [4, 2]
    assert len(report.skipped) == 2
    assert "disagree on the number of steps" in report.skipped[0][1]


def test_what_is_no_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no TFRecord"):
        list(read(tmp_path, report=Report()))
    with pytest.raises(InputError, match="above 0"):
        list(read(dataset(tmp_path / "a", encoded(steps())), report=Report(), fps=0))
    folder = dataset(tmp_path / "b", encoded(steps()))
    (folder / "features.json").write_text("[" * 10_000)
    with pytest.raises(UnreadableFile, match=r"features\.json"):
        list(read(folder, report=Report()))


def test_pictures_of_other_sizes_and_no_pictures_are_errors() -> None:
    small = io.BytesIO()
    Image.new("RGB", (4, 4)).save(small, format="PNG")
    stills = Stills([picture(1), small.getvalue()], where="there")
    assert stills[0].shape == (6, 8, 3)
    with pytest.raises(InputError, match="there, picture 1"):
        stills[1]
    with pytest.raises(UnreadableFile, match="not a picture"):
        Stills([b"\xff\xd8\xffnothing"], where="there")


@pytest.mark.data
@pytest.mark.skipif(not BRIDGE.is_dir(), reason="the recordings are not here")
def test_the_bridge_recordings() -> None:
    report = Report()
    found = list(read(BRIDGE, report=report))
    assert len(found) == 25
    assert not report.skipped
    assert {len(e) for e in found} == {10}
    said = [e.title for e in found]
    assert said.count("put carrot on plate") == 8
    raw = (next(BRIDGE.rglob("*.tfrecord*"))).read_bytes()
    first = raw.index(b"\xff\xd8\xff")  # found by its start bytes, not by our parser
    cameras = {tuple(s.values.encoded) for s in found[0].streams.values() if s.signal.name == "rgb"}
    assert any(raw.startswith(pictures[0], first) for pictures in cameras)
    for episode in found:
        assert np.asarray(episode["rgb@image_0"].values).shape == (10, 64, 64, 3)
        assert not np.asarray(episode["rgb@image_3"].values).any()  # SOURCE.md: black in every sequence
        assert np.abs(episode["action@robot"].values[:, :6]).max() < 0.5  # motions of a hand
