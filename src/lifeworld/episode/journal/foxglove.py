"""One frame of H.264 as Foxglove's `CompressedVideo`, so that Foxglove, Lichtblick and Rerun show a journal without knowing us.

Protocol Buffers, not their JSON form, in which a frame would be a third larger (base64).

Source: https://docs.foxglove.dev/docs/visualization/message-schemas/compressed-video
"""

from __future__ import annotations

from lifeworld.core.errors import UnreadableFile
from lifeworld.episode.formats.foxglove import MESSAGES, stamp
from lifeworld.episode.formats.proto import decode, descriptors, encode

VIDEO = "foxglove.CompressedVideo"


def compressed_video(time_ns: int, camera: str, unit: bytes) -> bytes:
    """The message of one access unit (Annex B); `time_ns` since 1970."""
    return encode(MESSAGES, VIDEO, {"timestamp": stamp(time_ns), "frame_id": camera, "data": unit, "format": "h264"})


def video_data(message: bytes, *, where: str) -> bytes:
    """The access unit in a message.

    Raises:
        UnreadableFile: if it is no such message, or holds none.
    """
    unit: bytes = decode(MESSAGES, VIDEO, message, where=where)["data"]
    if not unit:
        raise UnreadableFile("the message holds no frame", where=where, expected=VIDEO)
    return unit


def video_schema() -> bytes:
    """The FileDescriptorSet of the message, which MCAP asks for with protobuf."""
    return descriptors(MESSAGES, VIDEO)
