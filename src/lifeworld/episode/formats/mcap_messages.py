"""Messages of others, a channel at a time, as columns of values: what `mcap.py` lists, by the schema's name.

A message is first made a dictionary, whatever it was encoded in; ROS names its fields as Foxglove does, or nearly so.
"""

from __future__ import annotations

import base64
import json
import struct
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import MissingExtra, UnreadableFile
from lifeworld.core.signal import SIGNALS, Index, Stored
from lifeworld.core.time import NS_PER_S, Times
from lifeworld.episode.codec.packets import scan_video
from lifeworld.episode.formats.mcap_file import Lane, McapFile
from lifeworld.episode.formats.mcap_own import video_of
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.sound_track import read_sound
from lifeworld.episode.formats.source import word
from lifeworld.episode.formats.stills import MOST_PIXELS, Stills
from lifeworld.episode.journal.annexb import is_key
from lifeworld.episode.proto import decode, read_descriptors

POSE = ("position x [m]", "position y [m]", "position z [m]", "quaternion w", "quaternion x", "quaternion y", "quaternion z")
TWIST = tuple(f"{what} velocity {axis} [{unit}]" for what, unit in (("linear", "m/s"), ("angular", "rad/s")) for axis in "xyz")
CHANNELS = {"rgb8": 3, "bgr8": 3, "8UC3": 3, "rgba8": 4, "bgra8": 4, "8UC4": 4, "mono8": 1, "8UC1": 1}
DEPTHS: dict[str, np.dtype[Any]] = {"32FC1": np.dtype("<f4"), "16UC1": np.dtype("<u2"), "mono16": np.dtype("<u2")}
MOST_LETTERS = {name: SIGNALS[name].dtype.itemsize // 4 for name in ("captions", "instruction")}

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a topic that become one stream; when each was logged, and when its header says it was (None: it has none) [ns]."""

    topic: str
    signal: str
    source: str
    values: Any
    logged_ns: Times
    stamps_ns: Times | None
    names: tuple[str, ...] = ()

    def chosen(self, index: Index) -> Any:
        """Some of the values; pictures stay unread."""
        if isinstance(self.values, Stored):
            return Chosen(self.values, index)
        return [self.values[i] for i in index.tolist()] if isinstance(self.values, list) else self.values[index]


class Chosen(Stored):
    """Some moments of other values."""

    def __init__(self, whole: Stored, index: Index) -> None:
        self.whole, self.index = whole, index
        self.shape, self.dtype, self.ragged = (len(index), *whole.shape[1:]), whole.dtype, whole.ragged

    def take(self, index: Index) -> Any:
        return self.whole.take(self.index[index])


def columns(file: McapFile, lane: Lane, report: Report) -> Iterator[Column]:
    """The streams of a channel; none, with a line in the report, where its schema is not known.

    Raises:
        UnreadableFile: if its messages are not what they say.
    """
    reader = _READERS.get(_kind(lane))
    known = lane.schema.split("/")[0].split(".")[0] in ("foxglove", *_ROS)
    if reader is None or not known:
        report.skip(lane.topic, f"no stream is made of {lane.schema or 'messages without a schema'} ({lane.encoding or 'no encoding'})")
        return
    channel = _Channel(file, lane, _decoder(file, lane), word(lane.topic, otherwise="topic"))
    try:
        yield from reader(channel, report)
    except WRONG as error:
        raise UnreadableFile(f"this is no {lane.schema}", where=channel.where, got=f"{type(error).__name__}: {error}") from error


def _kind(lane: Lane) -> str:
    """The last part of a schema's name: foxglove.RawImage, sensor_msgs/msg/Image."""
    return lane.schema.rpartition("/")[2].rpartition(".")[2]


WRONG = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a field raises that is missing or of another type: JSON may say anything under any name."""
_ROS = ("sensor_msgs", "geometry_msgs", "std_msgs", "tf2_msgs", "rcl_interfaces")


class _Channel:
    """A channel and how to read its messages."""

    def __init__(self, file: McapFile, lane: Lane, said: Callable[[bytes], Said], source: str) -> None:
        self.file, self.lane, self.said, self.source = file, lane, said, source
        self.where = f"{file.path.name}: {lane.topic}"
        self.logged = np.array(lane.times, dtype=np.uint64).astype(np.int64)

    def __len__(self) -> int:
        return len(self.lane)

    def __iter__(self) -> Iterator[Said]:
        return (self[i] for i in range(len(self.lane)))

    def __getitem__(self, index: int) -> Said:
        return self.said(self.file.message(self.lane, index))

    def column(self, signal: str, values: Any, stamps: list[int | None], *, source: str = "", names: tuple[str, ...] = ()) -> Column:
        told = None if any(stamp is None for stamp in stamps) else np.array(stamps, dtype=np.int64)
        return Column(self.lane.topic, signal, source or self.source, values, self.logged, told, names)


# -- encodings ---------------------------------------------------------------------------------------------------------------


def _decoder(file: McapFile, lane: Lane) -> Callable[[bytes], Said]:
    where = f"{file.path.name}: {lane.topic}"
    if lane.encoding == "protobuf" and lane.schema_encoding == "protobuf":
        table = read_descriptors(lane.schema_data, where=where)
        if lane.schema not in table:
            raise UnreadableFile("the schema does not hold its message", where=where, got=lane.schema)
        return lambda data: decode(table, lane.schema, data, where=where)
    if lane.encoding == "json":
        packed = _kind(lane) in ("CompressedImage", "CompressedVideo", "RawImage", "RawAudio")
        return lambda data: _json(data, packed, where)
    if lane.encoding == "cdr" and lane.schema_encoding == "ros2msg":
        return _ros(lane, where)
    raise UnreadableFile("messages in an encoding that is not read", where=where, got=f"{lane.encoding} by {lane.schema_encoding}")


def _json(data: bytes, packed: bool, where: str) -> Said:
    """A JSON object; where `packed`, its `data` are bytes in base64."""
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("a message is not JSON", where=where, got=str(error)) from error
    if not isinstance(found, dict):
        raise UnreadableFile("a message is not a JSON object", where=where)
    if packed:
        found["data"] = base64.b64decode(found["data"], validate=True)
    return found


def _ros(lane: Lane, where: str) -> Callable[[bytes], Said]:
    try:
        from mcap.records import Schema
        from mcap_ros2.decoder import DecoderFactory
    except ImportError:
        raise MissingExtra("reading ROS 2 messages", "formats") from None
    try:
        read = DecoderFactory().decoder_for("cdr", Schema(id=1, name=lane.schema, encoding="ros2msg", data=lane.schema_data))
    except Exception as error:  # its parser raises NameError, TypeError and bare Exceptions of its own over a stranger's schema
        raise UnreadableFile("the schema cannot be read", where=where, got=str(error)) from error
    assert read is not None

    def said(data: bytes) -> Said:
        try:
            found: Said = _plain(read(data))
        except (ValueError, struct.error, RuntimeError) as error:  # the last: what it does not know, or a message that holds itself
            raise UnreadableFile(f"this is no {lane.schema}", where=where, got=f"{type(error).__name__}: {error}") from error
        return found

    return said


def _plain(value: Any) -> Any:
    """ROS messages as dictionaries; arrays of numbers stay as they are."""
    if isinstance(value, SimpleNamespace):  # the decoder keeps its fields in slots of a class of its own
        return {name: _plain(getattr(value, name)) for name in getattr(type(value), "__slots__", ())}
    if isinstance(value, list) and value and isinstance(value[0], SimpleNamespace):
        return [_plain(each) for each in value]
    return value


# -- what messages mean ------------------------------------------------------------------------------------------------------


def _stamp(said: Said) -> int | None:
    """The header's time [ns], by either name of its parts."""
    stamp = said.get("timestamp") or (said.get("header") or {}).get("stamp")
    if not isinstance(stamp, dict):
        return None
    whole, part = (
        next((stamp[name] for name in names if name in stamp), 0) for names in (("seconds", "sec"), ("nanos", "nanosec", "nsec"))
    )
    return int(whole) * NS_PER_S + int(part)


def _compressed(channel: _Channel, report: Report) -> Iterator[Column]:
    pictures, stamps = [], []
    for said in channel:
        if "compressedDepth" in str(said.get("format")):
            report.skip(channel.lane.topic, "compressedDepth, whose scale is set by its publisher, is not read")
            return
        pictures.append(bytes(said["data"]))
        stamps.append(_stamp(said))
    yield channel.column("rgb", Stills(pictures, where=channel.where), stamps)


def _image(channel: _Channel, report: Report) -> Iterator[Column]:
    first = channel[0]
    encoding = str(first["encoding"])
    stamps = [_stamp(said) for said in channel]
    if encoding in CHANNELS:
        yield channel.column("rgb", _Pictures(channel, first), stamps)
    elif encoding == "32FC1" or (encoding in DEPTHS and "depth" in channel.lane.topic.lower()):
        if encoding != "32FC1":
            report.note(f"{channel.lane.topic}: depth in mm becomes m, and 0 unknown (ROS REP 118)")
        yield channel.column("depth_m", _Pictures(channel, first), stamps)
    else:
        report.skip(channel.lane.topic, f"pictures of the encoding {encoding} are not read")


class _Pictures(Stored):
    """Raw pictures or depth maps of a channel, unpacked when they are asked for."""

    def __init__(self, channel: _Channel, first: Said) -> None:
        self.channel, self.encoding = channel, str(first["encoding"])
        height, width = int(first["height"]), int(first["width"])
        if not 0 < height * width <= MOST_PIXELS:
            raise UnreadableFile("a picture of such a size is none", where=channel.where, got=f"{width} x {height}")
        depth = self.encoding in DEPTHS
        self.shape = (len(channel), height, width) if depth else (len(channel), height, width, 3)
        self.dtype = np.dtype(np.float32 if depth else np.uint8)

    def take(self, index: Index) -> NDArray[Any]:
        out = np.empty((len(index), *self.shape[1:]), dtype=self.dtype)
        for place, moment in enumerate(index.tolist()):
            try:
                out[place] = self._one(self.channel[moment], moment)
            except WRONG as error:
                where = f"{self.channel.where}, message {moment}"
                raise UnreadableFile("this is no picture", where=where, got=f"{type(error).__name__}: {error}") from error
        return out

    def _one(self, said: Said, moment: int) -> NDArray[Any]:
        height, width = self.shape[1:3]
        kept: np.dtype[Any] = DEPTHS.get(self.encoding, np.dtype(np.uint8))
        each = CHANNELS.get(self.encoding, 1) * kept.itemsize
        step = int(said.get("step") or width * each)
        data = bytes(said["data"])
        same = (said["encoding"], said["height"], said["width"]) == (self.encoding, height, width)
        if not same or len(data) < step * height or step < width * each:
            got = f"{said['width']} x {said['height']} {said['encoding']} in {len(data)} bytes"
            raise UnreadableFile("a picture that is not as the first", where=f"{self.channel.where}, message {moment}", got=got)
        rows = np.frombuffer(data, np.uint8, step * height).reshape(height, step)[:, : width * each]
        if self.encoding in DEPTHS:
            big = kept.newbyteorder(">") if said.get("is_bigendian") else kept
            levels = np.ascontiguousarray(rows).view(big)
            return levels.astype(np.float32) if kept.kind == "f" else np.where(levels == 0, np.float32(np.nan), levels * np.float32(0.001))
        pixels = rows.reshape(height, width, -1)
        if pixels.shape[2] == 1:
            return np.repeat(pixels, 3, axis=2)
        return pixels[..., [2, 1, 0]] if self.encoding in ("bgr8", "bgra8", "8UC3", "8UC4") else pixels[..., :3]


def _video(channel: _Channel, report: Report) -> Iterator[Column]:
    stamps = [_stamp(said) for said in channel]
    kind = str(channel[0]["format"])
    if kind != "h264":
        report.skip(channel.lane.topic, f"video of the format {kind} is not read")
        return
    begin = next((i for i, said in enumerate(channel) if is_key(bytes(said["data"]))), None)
    if begin is None:
        report.skip(channel.lane.topic, "no frame in it can be decoded by itself")
        return
    if begin:
        report.note(f"{channel.lane.topic}: its first {begin} frames wait for one that can be decoded by itself, and are left out")
    count = len(channel) - begin
    height, width = _coded_size(bytes(channel[begin]["data"]), channel.where)
    times = channel.logged[begin:] - channel.logged[begin]
    rising = np.maximum.accumulate(times + 2_000 * np.arange(count))  # only the order of frames matters here
    units = (bytes(channel[i]["data"]) for i in range(begin, len(channel)))
    video = video_of(units, rising.tolist(), height=height, width=width)
    found = scan_video(video.file)
    if len(found.times_ns) != count:
        raise UnreadableFile(
            "the video has another number of frames than messages", where=channel.where, got=len(found.times_ns), expected=count
        )
    told = None if any(stamp is None for stamp in stamps) else np.array(stamps[begin:], dtype=np.int64)
    yield Column(channel.lane.topic, "rgb", channel.source, video, channel.logged[begin:], told)


def _coded_size(unit: bytes, where: str) -> tuple[int, int]:
    """(height, width) of the picture that an access unit begins with."""
    import av

    context: Any = av.CodecContext.create("h264", "r")
    try:
        frame = next(iter([*context.decode(av.Packet(unit)), *context.decode(None)]), None)
    except av.error.FFmpegError as error:
        raise UnreadableFile("the first frame of the video cannot be decoded", where=where, got=str(error)) from error
    if frame is None:
        raise UnreadableFile("the first frame of the video cannot be decoded", where=where)
    return frame.height, frame.width


def _audio(channel: _Channel, report: Report) -> Iterator[Column]:
    first = channel[0]
    rate, channels = int(first["sample_rate"]), int(first["number_of_channels"])
    if first["format"] != "pcm-s16" or not 1_000 <= rate <= 400_000 or not 1 <= channels <= 64:
        report.skip(channel.lane.topic, f"sound of the format {first['format']}, {rate} Hz, {channels} channels is not read")
        return
    with tempfile.TemporaryDirectory(prefix="lifeworld-") as folder:
        path = Path(folder) / "sound.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(rate)
            for said in channel:
                out.writeframes(bytes(said["data"]))
        track = read_sound(path)
    if track is None:
        report.skip(channel.lane.topic, "there is no sound in it")
        return
    start = _stamp(first)
    begin = int(channel.logged[0]) if start is None else start
    name = "audio_mono" if track.values.ndim == 2 else "audio_stereo"
    told = begin + (track.times_ns - track.start_ns)
    yield Column(channel.lane.topic, name, channel.source, track.values, told, None)


def _calibration(channel: _Channel, report: Report) -> Iterator[Column]:
    rows, stamps = [], []
    for said in channel:
        k = [float(v) for v in (said.get("K") or said.get("k") or ())]
        if len(k) != 9:
            raise UnreadableFile("a calibration without its matrix K", where=channel.where, got=len(k), expected=9)
        rows.append((k[0], k[4], k[2] + 0.5, k[5] + 0.5))  # their pixel centres lie at whole numbers, ours at halves
        if any(float(v) for v in (said.get("D") or said.get("d") or ())):
            report.note(f"{channel.lane.topic}: the distortion of its lens is not kept")
        stamps.append(_stamp(said))
    yield channel.column("camera_intrinsics_px", np.array(rows), stamps)


def _joints(channel: _Channel, report: Report) -> Iterator[Column]:
    messages = list(channel)
    stamps = [_stamp(said) for said in messages]
    names = tuple(str(name) for name in messages[0]["name"])
    if any(tuple(said["name"]) != names for said in messages):
        raise UnreadableFile("the joints change from message to message", where=channel.where)
    parts = {part: [list(said[part]) for said in messages] for part in ("position", "velocity", "effort")}
    whole = {part: np.array(rows, np.float64) for part, rows in parts.items() if all(len(row) == len(names) for row in rows) and names}
    if "position" in whole:
        state = np.concatenate([whole[part] for part in ("position", "velocity") if part in whole], axis=1)
        said = tuple(f"{name} {part}" for part in ("position", "velocity") if part in whole for name in names)
        yield channel.column("embodiment_state", state, stamps, names=said)
    if "effort" in whole:
        yield channel.column(
            "reading", whole["effort"], stamps, source=f"{channel.source}_effort", names=tuple(f"{n} effort" for n in names)
        )


def _imu(channel: _Channel, _report: Report) -> Iterator[Column]:
    messages = list(channel)
    stamps = [_stamp(said) for said in messages]
    for signal, part in (("accelerometer_m_s2", "linear_acceleration"), ("gyro_rad_s", "angular_velocity")):
        yield channel.column(signal, np.array([_xyz(said[part]) for said in messages]), stamps)


def _transforms(channel: _Channel, _report: Report) -> Iterator[Column]:
    """A column for each child frame. Each of its times is its own header's."""
    found: dict[tuple[str, str], list[tuple[int, int | None, list[float]]]] = {}
    for logged, said in zip(channel.logged.tolist(), channel, strict=True):
        for each in said.get("transforms", [said]):
            inner = each.get("transform") or each
            parent = each.get("parent_frame_id") or (each.get("header") or {}).get("frame_id", "")
            turn = inner.get("rotation") or {"w": 1.0}
            moved = _xyz(inner.get("translation") or {}) + [float(turn.get(axis, 0.0)) for axis in "wxyz"]
            found.setdefault((str(each["child_frame_id"]), str(parent)), []).append((logged, _stamp(each), moved))
    for (child, parent), rows in found.items():
        stamps = [stamp for _, stamp, _ in rows]
        told = None if any(stamp is None for stamp in stamps) else np.array(stamps, dtype=np.int64)
        names = tuple(f"{name} in {parent}" if parent else name for name in POSE)
        logged_ns = np.array([logged for logged, _, _ in rows], dtype=np.int64)
        values = np.array([moved for _, _, moved in rows])
        yield Column(channel.lane.topic, "reading", word(child, otherwise="frame"), values, logged_ns, told, names)


def _poses(channel: _Channel, _report: Report) -> Iterator[Column]:
    rows, stamps = [], []
    for said in channel:
        inner = said.get("pose") or said
        inner = inner.get("pose") or inner  # PoseWithCovariance holds one more
        turn = inner.get("orientation") or {"w": 1.0}
        rows.append(_xyz(inner.get("position") or {}) + [float(turn.get(axis, 0.0)) for axis in "wxyz"])
        stamps.append(_stamp(said))
    yield channel.column("reading", np.array(rows), stamps, names=POSE)


def _twists(channel: _Channel, _report: Report) -> Iterator[Column]:
    rows, stamps = [], []
    for said in channel:
        inner = said.get("twist") or said
        rows.append(_xyz(inner["linear"]) + _xyz(inner["angular"]))
        stamps.append(_stamp(said))
    yield channel.column("reading", np.array(rows), stamps, names=TWIST)


def _texts(channel: _Channel, report: Report) -> Iterator[Column]:
    told, stamps = [], []
    for said in channel:
        text = said.get("message", said.get("msg", said.get("data", "")))
        told.append(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
        stamps.append(_stamp(said))
    name = "instruction" if "instruction" in channel.lane.topic.lower() else "captions"
    most = MOST_LETTERS[name]
    if any(len(text) > most for text in told):
        report.note(f"{channel.lane.topic}: texts are cut at {most} letters")
    dtype = SIGNALS[name].dtype
    values = np.array([text[:most] for text in told], dtype) if name == "instruction" else [np.array([t[:most]], dtype) for t in told]
    column = channel.column(name, values, stamps)
    yield Column(column.topic, name, "", values, column.logged_ns, column.stamps_ns)


def _numbers(channel: _Channel, _report: Report) -> Iterator[Column]:
    rows = [np.ravel(np.asarray(said["data"], dtype=np.float64)) for said in channel]
    if any(len(row) != len(rows[0]) for row in rows) or not len(rows[0]):
        raise UnreadableFile("its messages have no one length", where=channel.where)
    names = tuple(f"{channel.source} {i}" for i in range(len(rows[0]))) if len(rows[0]) > 1 else (channel.source,)
    yield channel.column("reading", np.stack(rows), [None] * len(rows), names=names)


def _xyz(said: Said) -> list[float]:
    return [float(said.get(axis, 0.0)) for axis in "xyz"]


_Reader = Callable[[_Channel, Report], Iterator[Column]]
_READERS: dict[str, _Reader] = {
    "CompressedImage": _compressed,
    "RawImage": _image,
    "Image": _image,
    "CompressedVideo": _video,
    "RawAudio": _audio,
    "CameraCalibration": _calibration,
    "CameraInfo": _calibration,
    "JointState": _joints,
    "Imu": _imu,
    "FrameTransform": _transforms,
    "FrameTransforms": _transforms,
    "TFMessage": _transforms,
    "TransformStamped": _transforms,
    "PoseInFrame": _poses,
    "Pose": _poses,
    "PoseStamped": _poses,
    "PoseWithCovarianceStamped": _poses,
    "Twist": _twists,
    "TwistStamped": _twists,
    "Log": _texts,
    "String": _texts,
    **dict.fromkeys(("Float32", "Float64", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Bool"), _numbers),
    **dict.fromkeys(("Float32MultiArray", "Float64MultiArray", "Int32MultiArray"), _numbers),
}
