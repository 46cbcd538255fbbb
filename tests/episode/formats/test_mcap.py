"""MCAP: ours comes back to the bit, `mcap`'s own reader and Google's protobuf read it too; others' messages come in by what they mean."""

from __future__ import annotations

import base64
import io
import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.records import Chunk
from mcap.stream_reader import StreamReader
from mcap.writer import CompressionType, Writer
from mcap_ros2.writer import Writer as RosWriter
from some_episodes import ball, same, stream, whole

from lifeworld.core.errors import ForeignFileError, UnreadableFile
from lifeworld.episode.codec.video import Video
from lifeworld.episode.formats import mcap, mcap_write
from lifeworld.episode.formats.mcap_write import access_units
from lifeworld.episode.formats.report import Report
from lifeworld.episode.foxglove import MESSAGES
from lifeworld.episode.proto import decode, descriptors, encode, read_descriptors

T0 = 1_700_000_000_000_000_000


def taken(path: Path, **options: Any) -> tuple[list[Any], Report]:
    report = Report()
    return list(mcap.read(path, report=report, **options)), report


def google(name: str) -> Any:
    """A message class that Google's protobuf makes of our descriptors."""
    found = descriptor_pb2.FileDescriptorSet.FromString(descriptors(MESSAGES, name))
    pool = descriptor_pool.DescriptorPool()
    for file in found.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


# -- ours --------------------------------------------------------------------------------------------------------------------


def test_what_is_exported_comes_back_to_the_bit(tmp_path: Path) -> None:
    made = whole(tmp_path)
    assert mcap_write.write([made, made.between(0, 200_000_000)], tmp_path / "out.mcap") == 2
    (first, second), report = taken(tmp_path / "out.mcap")
    same(made, first)
    same(made.between(0, 200_000_000), second)
    assert not report.skipped
    assert list(access_units(first["rgb@front"].values)) == list(access_units(made["rgb@front"].values))  # not encoded anew


def test_the_mcap_reader_finds_an_index_and_order(tmp_path: Path) -> None:
    made = whole(tmp_path)
    mcap_write.write([made], tmp_path / "out.mcap")
    with (tmp_path / "out.mcap").open("rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.chunk_indexes
        times = [message.log_time for _, _, message in reader.iter_messages()]
        assert times == sorted(times)
        topics = {channel.topic: schema for schema, channel, _ in reader.iter_messages()}
        assert topics["rgb@front"].name == "foxglove.CompressedVideo"
        assert topics["rgb@small"].name == "foxglove.CompressedImage"
        assert topics["depth_m@front"].name == topics["instance_ids@front"].name == "foxglove.RawImage"
        assert topics["part_ids@front"] is None  # numbers too large for 16 bits
        views = {"/tf/front", "/tf/things", "/boxes", "/calibration/front", "/sound/front", "/log/captions", "/plot/action@hand"}
        assert views <= topics.keys()
        _, _, plot = next(iter(reader.iter_messages(topics=["/plot/action@hand"])))
        assert list(json.loads(plot.data)) == ["x [m]", "y [m]", "grip"]
        for topic in ("/tf/front", "/boxes", "/calibration/front", "/sound/front", "/log/captions", "depth_m@front"):
            schema, _, message = next(iter(reader.iter_messages(topics=[topic])))
            assert schema is not None
            google(schema.name).FromString(message.data)  # Google's parser agrees that this is one
        _, _, boxes = next(iter(reader.iter_messages(topics=["/boxes"])))
        assert [entity.id for entity in google("foxglove.SceneUpdate").FromString(boxes.data).entities] == ["ball", "box"]


def test_video_that_viewers_cannot_decode_is_attached_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "b.mp4"
    with av.open(str(path), "w") as out:
        track: Any = out.add_stream("libx264", rate=Fraction(20))
        track.width, track.height, track.pix_fmt, track.options = 64, 48, "yuv420p", {"bf": "2", "b-adapt": "0", "g": "12"}
        for picture in ball(12):
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode(None))
    made = whole(tmp_path).with_stream(
        stream("rgb@front", np.arange(12, dtype=np.int64) * 50_000_000, Video(path, count=12, height=48, width=64))
    )
    mcap_write.write([made], tmp_path / "out.mcap")
    (back,), _ = taken(tmp_path / "out.mcap")
    same(made, back)
    assert back["rgb@front"].values.file == path.read_bytes()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
def test_a_torn_file_is_read_up_to_the_tear(tmp_path: Path, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcap_write, "CHUNK_BYTES", 4096)
    made = whole(tmp_path)
    mcap_write.write([made], tmp_path / "out.mcap")
    data = (tmp_path / "out.mcap").read_bytes()
    (tmp_path / "torn.mcap").write_bytes(data[: int(share * len(data))])
    (back,), report = taken(tmp_path / "torn.mcap")
    assert any("torn" in why for _, why in report.skipped)
    for name, got in back.streams.items():
        assert got == made[name].between(-1, int(got.times_ns[-1]) + 1 if len(got) else -1), name
    assert len(back["depth_m@front"]) > 0


def test_a_damaged_chunk_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcap_write, "CHUNK_BYTES", 4096)
    made = whole(tmp_path)
    mcap_write.write([made], tmp_path / "out.mcap")
    data = bytearray((tmp_path / "out.mcap").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "bad.mcap").write_bytes(data)
    (back,), report = taken(tmp_path / "bad.mcap")
    assert len(report.skipped) == 1
    assert "chunk" in report.skipped[0][0]
    assert sum(map(len, back.streams.values())) < sum(map(len, made.streams.values()))


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=12, deadline=None)
def test_a_flipped_byte_is_data_or_a_typed_error(tmp_path_factory: pytest.TempPathFactory, at: int, flip: int) -> None:
    folder = tmp_path_factory.mktemp("flip")
    made = whole(folder, count=2)
    mcap_write.write([made], folder / "a.mcap")
    data = bytearray((folder / "a.mcap").read_bytes())
    data[at * len(data) // 10_001] ^= flip
    (folder / "a.mcap").write_bytes(data)
    try:
        for episode in taken(folder / "a.mcap")[0]:
            for each in episode.streams.values():
                list(each.values)
    except ForeignFileError as error:
        assert str(error)  # noqa: PT017 — most flips are harmless; what must not come is another error


# -- protobuf ----------------------------------------------------------------------------------------------------------------

_COORDINATE = st.floats(allow_nan=False, width=64)
_VECTOR = st.fixed_dictionaries({"x": _COORDINATE, "y": _COORDINATE, "z": _COORDINATE})
_ENTITY = st.fixed_dictionaries(
    {
        "id": st.text(max_size=5),
        "frame_locked": st.booleans(),
        "lifetime": st.fixed_dictionaries({"seconds": st.integers(-(2**63), 2**63 - 1), "nanos": st.integers(-5, 999_999_999)}),
        "cubes": st.lists(st.fixed_dictionaries({"size": _VECTOR}), max_size=2),
    }
)


@given(st.lists(_ENTITY, max_size=3))
@settings(max_examples=40, deadline=None)
def test_messages_are_those_of_googles_protobuf(entities: list[dict[str, Any]]) -> None:
    kind = google("foxglove.SceneUpdate")
    ours = encode(MESSAGES, "foxglove.SceneUpdate", {"entities": entities})
    theirs = kind(entities=entities)
    assert kind.FromString(ours) == theirs
    table = read_descriptors(descriptors(MESSAGES, "foxglove.SceneUpdate"), where="here")
    back = decode(table, "foxglove.SceneUpdate", theirs.SerializeToString(), where="here")
    for got, want in zip(back["entities"], entities, strict=True):
        assert {name: got[name] for name in ("id", "frame_locked", "lifetime")} == {
            name: want[name] for name in got.keys() & want.keys() - {"cubes"}
        }
        assert [cube["size"] for cube in got["cubes"]] == [cube["size"] for cube in want["cubes"]]


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_message_or_a_typed_error(data: bytes) -> None:
    for read in (lambda: decode(MESSAGES, "foxglove.SceneUpdate", data, where="x"), lambda: read_descriptors(data, where="x")):
        try:
            read()
        except UnreadableFile as error:
            assert "x" in str(error)  # noqa: PT017


# -- others' -----------------------------------------------------------------------------------------------------------------


def foxglove_file(path: Path, *, encoding: str = "protobuf") -> Path:
    """What a Foxglove SDK would record: headers 3 ms before the log."""
    with path.open("wb") as out:
        writer = Writer(out, compression=CompressionType.LZ4)
        writer.start()
        channels: dict[str, Any] = {}

        def put(topic: str, name: str, time_ns: int, **said: Any) -> None:
            stamped = "timestamp" in {field.name for field in MESSAGES[name]}
            at = time_ns - 3_000_000
            if topic not in channels:
                body = descriptors(MESSAGES, name) if encoding == "protobuf" else b'{"type":"object"}'
                schema = writer.register_schema(name, "protobuf" if encoding == "protobuf" else "jsonschema", body)
                channels[topic] = writer.register_channel(topic, encoding, schema)
            if encoding == "protobuf":
                if stamped:
                    said["timestamp"] = {"seconds": at // 10**9, "nanos": at % 10**9}
                data = google(name)(**said).SerializeToString()
            else:
                if stamped:
                    said["timestamp"] = {"sec": at // 10**9, "nsec": at % 10**9}
                said = {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in said.items()}
                data = json.dumps(said).encode()
            writer.add_message(channels[topic], time_ns, data, time_ns)

        pictures = ball(5)
        for i in range(5):
            t = T0 + i * 100_000_000
            size = {"width": 64, "height": 48}
            bgr = np.ascontiguousarray(pictures[i][..., ::-1]).tobytes()
            put("/camera/color", "foxglove.RawImage", t, encoding="bgr8", step=192, data=bgr, **size)
            millimetres = np.full((48, 64), 1500 + i, "<u2")
            millimetres[0, 0] = 0
            put("/camera/depth", "foxglove.RawImage", t, encoding="16UC1", step=128, data=millimetres.tobytes(), **size)
            put("/camera/jpeg", "foxglove.CompressedImage", t, format="png", data=mcap_write.png(pictures[i]))
            put("/tf", "foxglove.FrameTransforms", t, transforms=[{"child_frame_id": "arm", "parent_frame_id": "base",
                "translation": {"x": 0.1 * i}, "rotation": {"w": 1.0}}])  # fmt: skip
            put("/goal", "foxglove.PoseInFrame", t, pose={"position": {"y": 1.0}, "orientation": {"w": 1.0}})
            put("/talk", "foxglove.Log", t, message=f"step {i}")
            sound = (np.sin(np.arange(4800) / 20) * 9000).astype("<i2").tobytes()
            put("/mic", "foxglove.RawAudio", t, format="pcm-s16", sample_rate=48_000, number_of_channels=1, data=sound)
            put("/calibration", "foxglove.CameraCalibration", t, K=[50.0, 0, 31.5, 0, 51.0, 23.5, 0, 0, 1], **size)
            put("/scene", "foxglove.SceneUpdate", t)
        writer.finish()
    return path


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_foxglove_messages_become_streams(tmp_path: Path, encoding: str) -> None:
    (episode,), report = taken(foxglove_file(tmp_path / "fox.mcap", encoding=encoding), license="MIT")
    pictures = ball(5)
    np.testing.assert_array_equal(np.asarray(episode["rgb@camera_color"].values), pictures)
    np.testing.assert_array_equal(np.asarray(episode["rgb@camera_jpeg"].values), pictures)
    depth = np.asarray(episode["depth_m@camera_depth"].values)
    np.testing.assert_allclose(depth[:, 5, 5], [1.5, 1.501, 1.502, 1.503, 1.504], rtol=1e-6)
    assert np.isnan(depth[:, 0, 0]).all()
    np.testing.assert_allclose(episode["reading@arm"].values[:, 0], [0, 0.1, 0.2, 0.3, 0.4])
    assert episode.legend["reading@arm"][0] == "position x [m] in base"
    assert episode["reading@goal"].values[0].tolist() == [0, 1, 0, 1, 0, 0, 0]
    assert [str(row[0]) for row in episode["captions"].values] == [f"step {i}" for i in range(5)]
    assert episode["camera_intrinsics_px@calibration"].values[0].tolist() == [50.0, 51.0, 32.0, 24.0]
    sound = episode["audio_mono@mic"]
    assert sound.values.shape == (25, 960)
    np.testing.assert_allclose(np.ravel(sound.values)[:100], np.sin(np.arange(100) / 20) * 9000 / 32768, atol=1e-4)
    colors = episode["rgb@camera_color"]
    assert np.diff(colors.times_ns).tolist() == [100_000_000] * 4
    assert colors.clock.source == "header of /camera/color"
    assert colors.terms.license == "MIT"
    assert any("3.0 to 3.0 ms" in note for note in report.notes)
    assert report.skipped == [("/scene", f"no stream is made of foxglove.SceneUpdate ({encoding})")]


def test_compressed_video_from_elsewhere(tmp_path: Path) -> None:
    made = whole(tmp_path)
    units = list(access_units(made["rgb@front"].values))
    with (tmp_path / "v.mcap").open("wb") as out:
        writer = Writer(out)
        writer.start()
        schema = writer.register_schema("foxglove.CompressedVideo", "protobuf", descriptors(MESSAGES, "foxglove.CompressedVideo"))
        channel = writer.register_channel("/cam", "protobuf", schema)
        for i, unit in enumerate(units):
            t = T0 + i * 50_000_000
            data = encode(
                MESSAGES,
                "foxglove.CompressedVideo",
                {"data": unit, "format": "h264", "timestamp": {"seconds": t // 10**9, "nanos": t % 10**9}},
            )
            writer.add_message(channel, t, data, t)
        writer.finish()
    (episode,), _ = taken(tmp_path / "v.mcap")
    np.testing.assert_array_equal(np.asarray(episode["rgb@cam"].values), np.asarray(made["rgb@front"].values))
    np.testing.assert_array_equal(episode["rgb@cam"].times_ns, made["rgb@front"].times_ns)


HEADER = "std_msgs/Header header\n"
PARTS = {
    "std_msgs/Header": "builtin_interfaces/Time stamp\nstring frame_id\n",
    "builtin_interfaces/Time": "int32 sec\nuint32 nanosec\n",
    "geometry_msgs/Vector3": "float64 x\nfloat64 y\nfloat64 z\n",
    "geometry_msgs/Quaternion": "float64 x\nfloat64 y\nfloat64 z\nfloat64 w\n",
}
TAIL = "\n" + "".join(f"{'=' * 80}\nMSG: {name}\n{text}" for name, text in PARTS.items())
ROS = {
    "sensor_msgs/msg/JointState": HEADER + "string[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort" + TAIL,
    "sensor_msgs/msg/Imu": HEADER + "geometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\ngeometry_msgs/Vector3 "
    "angular_velocity\nfloat64[9] angular_velocity_covariance\ngeometry_msgs/Vector3 linear_acceleration\nfloat64[9] "
    "linear_acceleration_covariance" + TAIL,
    "sensor_msgs/msg/Image": HEADER + "uint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data" + TAIL,
    "std_msgs/msg/String": "string data",
    "std_msgs/msg/Float64": "float64 data",
    "geometry_msgs/msg/Twist": "geometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular" + TAIL,
}  # fmt: skip


def test_ros_2_messages_become_streams(tmp_path: Path) -> None:
    """Headers by a robot's own clock, which began at its start: moved onto the log's by the least delay."""
    with (tmp_path / "ros.mcap").open("wb") as out:
        writer = RosWriter(out)
        schemas = {name: writer.register_msgdef(name, text) for name, text in ROS.items()}
        for i in range(4):
            log = T0 + i * 20_000_000 + (5_000_000 if i else 2_000_000)
            header = {"stamp": {"sec": 7, "nanosec": i * 20_000_000}, "frame_id": "base"}
            xyz = {"x": 0.5, "y": float(i), "z": 9.81}
            twist = {"linear": xyz, "angular": xyz}
            imu = {"header": header, "angular_velocity": xyz, "linear_acceleration": xyz, "orientation": xyz | {"w": 1.0}}
            imu |= {f"{n}_covariance": [0.0] * 9 for n in ("orientation", "angular_velocity", "linear_acceleration")}
            joints = {"header": header, "name": ["a", "b"], "position": [1.0, float(i)], "velocity": [0.0, 2.0], "effort": []}
            image = {"header": header, "height": 2, "width": 3, "encoding": "mono8", "is_bigendian": 0, "step": 4, "data": bytes(range(8))}
            said = [
                ("/joint_states", "sensor_msgs/msg/JointState", joints),
                ("/imu", "sensor_msgs/msg/Imu", imu),
                ("/image", "sensor_msgs/msg/Image", image),
                ("/instruction", "std_msgs/msg/String", {"data": "go"}),
                ("/battery", "std_msgs/msg/Float64", {"data": 11.5 - i}),
                ("/cmd_vel", "geometry_msgs/msg/Twist", twist),
            ]
            for topic, kind, message in said:
                writer.write_message(topic, schemas[kind], message, log_time=log)
        writer.finish()
    (episode,), report = taken(tmp_path / "ros.mcap")
    assert not report.skipped
    joints = episode["embodiment_state@joint_states"]
    assert joints.values[3].tolist() == [1.0, 3.0, 0.0, 2.0]
    assert episode.legend["embodiment_state@joint_states"] == ("a position", "b position", "a velocity", "b velocity")
    assert np.diff(joints.times_ns).tolist() == [20_000_000] * 3  # the header's steps, not the log's
    assert joints.clock.offset_ns == T0 + 2_000_000 - 7 * 10**9
    assert joints.clock.uncertainty_ns == 3_000_000
    assert episode["accelerometer_m_s2@imu"].values[2].tolist() == [0.5, 2.0, 9.81]
    assert np.asarray(episode["rgb@image"].values)[0, :, :, 0].tolist() == [[0, 1, 2], [4, 5, 6]]
    assert episode["instruction"].values.tolist() == ["go"] * 4
    assert episode["reading@battery"].values[:, 0].tolist() == [11.5, 10.5, 9.5, 8.5]
    assert episode.legend["reading@cmd_vel"][5] == "angular velocity z [rad/s]"


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("float64 Data", bytes(12)),  # its parser says NameError
        ("float64[x] data", bytes(12)),  # TypeError
        ("uint8 data -1", bytes(12)),  # an Exception of its own
        ("wstring data", bytes(12)),  # NotImplementedError
        ("std_msgs/Float64 data", bytes(12)),  # RecursionError
        ("float64 data", bytes(11)),  # struct.error
        ("float64 data", b""),  # ValueError
    ],
)
def test_a_ros_topic_that_cannot_be_decoded_is_left_out(tmp_path: Path, schema: str, data: bytes) -> None:
    with (tmp_path / "ros.mcap").open("wb") as out:
        writer = Writer(out)
        writer.start()
        for topic, text, message in (("/bad", schema, data), ("/battery", "float64 data", b"\0\1\0\0" + struct.pack("<d", 11.5))):
            kind = writer.register_schema("std_msgs/msg/Float64", "ros2msg", text.encode())
            writer.add_message(writer.register_channel(topic, "cdr", kind), T0, message, T0)
        writer.finish()
    (episode,), report = taken(tmp_path / "ros.mcap")
    assert episode["reading@battery"].values.tolist() == [[11.5]]
    assert [what for what, _ in report.skipped] == ["/bad"]


@pytest.mark.parametrize("packing", ["zstd", "lz4"])
def test_a_chunk_that_does_not_unpack_is_left_out(tmp_path: Path, packing: str) -> None:
    with (tmp_path / "a.mcap").open("wb") as out:
        writer = Writer(out, chunk_size=1, compression=CompressionType[packing.upper()])  # a chunk a message
        writer.start()
        log = writer.register_schema("foxglove.Log", "jsonschema", b"{}")
        channel = writer.register_channel("/log", "json", log)
        for i in range(3):
            writer.add_message(channel, T0 + i, b'{"message": "%d"}' % i, T0 + i)
        writer.finish()
    data = (tmp_path / "a.mcap").read_bytes()
    chunks = [r for r in StreamReader(io.BytesIO(data), emit_chunks=True).records if isinstance(r, Chunk)]
    (tmp_path / "a.mcap").write_bytes(data.replace(chunks[1].data, bytes(len(chunks[1].data))))
    (episode,), report = taken(tmp_path / "a.mcap")
    assert [words.tolist() for words in episode["captions"].values] == [["0"], ["2"]]
    [(_, why)] = report.skipped
    assert "a chunk cannot be unpacked" in why


def test_messages_that_are_not_what_they_say_cost_their_topic(tmp_path: Path) -> None:
    with (tmp_path / "bad.mcap").open("wb") as out:
        writer = Writer(out)
        writer.start()
        image = writer.register_schema("foxglove.RawImage", "jsonschema", b"{}")
        for topic, data in (("/a", b"[1]"), ("/b", b'{"encoding": "rgb8"}'), ("/c", b"nonsense")):
            channel = writer.register_channel(topic, "json", image)
            writer.add_message(channel, T0, data, T0)
        log = writer.register_schema("foxglove.Log", "jsonschema", b"{}")
        writer.add_message(writer.register_channel("/log", "json", log), T0, b'{"message": "fine"}', T0)
        writer.finish()
    (episode,), report = taken(tmp_path / "bad.mcap")
    assert list(episode.streams) == ["captions"]
    assert {what for what, _ in report.skipped} == {"/a", "/b", "/c"}


def test_what_is_no_mcap_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mcap").write_bytes(b"not")
    with pytest.raises(UnreadableFile, match="no MCAP file"):
        taken(tmp_path / "x.mcap")
    with (tmp_path / "empty.mcap").open("wb") as out:
        writer = Writer(out)
        writer.start()
        writer.finish()
    with pytest.raises(UnreadableFile, match="nothing in it"):
        taken(tmp_path / "empty.mcap")
