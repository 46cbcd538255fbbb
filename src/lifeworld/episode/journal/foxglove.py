"""One frame of H.264 as Foxglove's `CompressedVideo`, so that Foxglove, Lichtblick and Rerun show a journal without knowing us.

The message is Protocol Buffers on the wire, written by hand: four fields do not need the `protobuf` package, and their JSON form would
be a third larger (base64). The schema goes along as a FileDescriptorSet, which MCAP asks for with this encoding.

    message CompressedVideo {
      google.protobuf.Timestamp timestamp = 1;
      string frame_id = 2;                       // the camera
      bytes data = 3;                            // one access unit, Annex B, no B-frames, parameter sets before every key frame
      string format = 4;                         // "h264"
    }

Sources: https://docs.foxglove.dev/docs/visualization/message-schemas/compressed-video; https://protobuf.dev/programming-guides/encoding;
google/protobuf/descriptor.proto.
"""

from __future__ import annotations

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.time import NS_PER_S

VIDEO = "foxglove.CompressedVideo"
_VARINT, _I64, _LENGTH, _I32 = 0, 1, 2, 5
_STRING, _MESSAGE, _BYTES, _INT32, _INT64 = 9, 11, 12, 5, 3  # FieldDescriptorProto.Type
_OPTIONAL = 1


def compressed_video(time_ns: int, camera: str, data: bytes) -> bytes:
    """The message of one frame; `time_ns` since 1970."""
    stamp = _number(1, time_ns // NS_PER_S) + _number(2, time_ns % NS_PER_S)
    return _piece(1, stamp) + _piece(2, camera.encode()) + _piece(3, data) + _piece(4, b"h264")


def video_data(message: bytes, *, where: str) -> bytes:
    """The access unit in a message.

    Raises:
        UnreadableFile: if it is no such message, or holds none.
    """
    at, found = 0, b""
    try:
        while at < len(message):
            tag, at = _varint(message, at)
            match tag & 7:
                case 0:
                    _, at = _varint(message, at)
                case 1:
                    at += 8
                case 5:
                    at += 4
                case 2:
                    size, at = _varint(message, at)
                    if tag >> 3 == 3:
                        found = message[at : at + size]
                    at += size
                case other:
                    raise UnreadableFile("not a protobuf message", where=where, got=f"wire type {other}")
    except IndexError:
        at = len(message) + 1
    if at != len(message) or not found:
        raise UnreadableFile("the message holds no whole frame", where=where, got=f"{len(message)} bytes", expected=VIDEO)
    return found


def video_schema() -> bytes:
    """The FileDescriptorSet of the message, with the Timestamp it uses."""
    stamp = _file(
        "google/protobuf/timestamp.proto", "google.protobuf", "Timestamp", [("seconds", 1, _INT64, ""), ("nanos", 2, _INT32, "")], ()
    )
    fields = [
        ("timestamp", 1, _MESSAGE, ".google.protobuf.Timestamp"),
        ("frame_id", 2, _STRING, ""),
        ("data", 3, _BYTES, ""),
        ("format", 4, _STRING, ""),
    ]
    video = _file("foxglove/CompressedVideo.proto", "foxglove", "CompressedVideo", fields, ("google/protobuf/timestamp.proto",))
    return _piece(1, stamp) + _piece(1, video)


def _file(name: str, package: str, message: str, fields: list[tuple[str, int, int, str]], needs: tuple[str, ...]) -> bytes:
    """A FileDescriptorProto with one message."""
    said = _piece(1, message.encode())
    for field, number, kind, type_name in fields:
        one = _piece(1, field.encode()) + _number(3, number) + _number(4, _OPTIONAL) + _number(5, kind)
        said += _piece(2, one + (_piece(6, type_name.encode()) if type_name else b""))
    wanted = b"".join(_piece(3, need.encode()) for need in needs)
    return _piece(1, name.encode()) + _piece(2, package.encode()) + wanted + _piece(4, said) + _piece(12, b"proto3")


def _piece(field: int, data: bytes) -> bytes:
    return _encoded(field << 3 | _LENGTH) + _encoded(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _encoded(field << 3 | _VARINT) + _encoded(value)


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise IndexError
