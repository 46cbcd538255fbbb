"""Foxglove's messages that we write and read, field by field, so that Foxglove, Lichtblick and Rerun show them without knowing us.

Source: github.com/foxglove/foxglove-sdk, schemas/proto/foxglove/*.proto, for every name and number.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.time import NS_PER_S
from lifeworld.episode.proto import Field, Table, decode, encode

VIDEO, IMAGE, RAW = "foxglove.CompressedVideo", "foxglove.CompressedImage", "foxglove.RawImage"

_SCHEMAS = {
    "google.protobuf.Timestamp": "seconds=1:int64 nanos=2:int32",
    "google.protobuf.Duration": "seconds=1:int64 nanos=2:int32",
    "foxglove.Vector3": "x=1:double y=2:double z=3:double",
    "foxglove.Quaternion": "x=1:double y=2:double z=3:double w=4:double",
    "foxglove.Pose": "position=1:foxglove.Vector3 orientation=2:foxglove.Quaternion",
    "foxglove.Color": "r=1:double g=2:double b=3:double a=4:double",
    "foxglove.KeyValuePair": "key=1:string value=2:string",
    "foxglove.CompressedImage": "timestamp=1:google.protobuf.Timestamp data=2:bytes format=3:string frame_id=4:string",
    "foxglove.CompressedVideo": "timestamp=1:google.protobuf.Timestamp frame_id=2:string data=3:bytes format=4:string",
    "foxglove.RawImage": "timestamp=1:google.protobuf.Timestamp width=2:fixed32 height=3:fixed32 encoding=4:string step=5:fixed32 "
    "data=6:bytes frame_id=7:string",
    "foxglove.RawAudio": "timestamp=1:google.protobuf.Timestamp data=2:bytes format=3:string sample_rate=4:fixed32 "
    "number_of_channels=5:fixed32",
    "foxglove.CameraCalibration": "timestamp=1:google.protobuf.Timestamp width=2:fixed32 height=3:fixed32 distortion_model=4:string "
    "D=5:double* K=6:double* R=7:double* P=8:double* frame_id=9:string",
    "foxglove.FrameTransform": "timestamp=1:google.protobuf.Timestamp parent_frame_id=2:string child_frame_id=3:string "
    "translation=4:foxglove.Vector3 rotation=5:foxglove.Quaternion",
    "foxglove.FrameTransforms": "transforms=1:foxglove.FrameTransform*",
    "foxglove.PoseInFrame": "timestamp=1:google.protobuf.Timestamp frame_id=2:string pose=3:foxglove.Pose",
    "foxglove.PosesInFrame": "timestamp=1:google.protobuf.Timestamp frame_id=2:string poses=3:foxglove.Pose*",
    "foxglove.Log": "timestamp=1:google.protobuf.Timestamp level=2:enum message=3:string name=4:string file=5:string line=6:fixed32",
    "foxglove.CubePrimitive": "pose=1:foxglove.Pose size=2:foxglove.Vector3 color=3:foxglove.Color",
    "foxglove.TextPrimitive": "pose=1:foxglove.Pose billboard=2:bool font_size=3:double scale_invariant=4:bool color=5:foxglove.Color "
    "text=6:string",
    "foxglove.SceneEntityDeletion": "timestamp=1:google.protobuf.Timestamp type=2:enum id=3:string",
    "foxglove.SceneEntity": "timestamp=1:google.protobuf.Timestamp frame_id=2:string id=3:string lifetime=4:google.protobuf.Duration "
    "frame_locked=5:bool metadata=6:foxglove.KeyValuePair* cubes=8:foxglove.CubePrimitive* texts=13:foxglove.TextPrimitive*",
    "foxglove.SceneUpdate": "deletions=1:foxglove.SceneEntityDeletion* entities=2:foxglove.SceneEntity*",
}
INFO = 2
"""Log.Level."""


def _parsed(text: str) -> tuple[Field, ...]:
    out = []
    for word in text.split():
        name, _, rest = word.partition("=")
        number, _, kind = rest.partition(":")
        out.append(Field(name, int(number), kind.removesuffix("*"), kind.endswith("*")))
    return tuple(out)


MESSAGES: Table = MappingProxyType({name: _parsed(text) for name, text in _SCHEMAS.items()})


def stamp(time_ns: int) -> dict[str, int]:
    """A Timestamp [ns since 1970]."""
    return {"seconds": time_ns // NS_PER_S, "nanos": time_ns % NS_PER_S}


def vector(xyz: Any) -> dict[str, float]:
    x, y, z = (float(v) for v in xyz)
    return {"x": x, "y": y, "z": z}


def quaternion(wxyz: Any) -> dict[str, float]:
    w, x, y, z = (float(v) for v in wxyz)
    return {"x": x, "y": y, "z": z, "w": w}


def pose(pose7: Any) -> dict[str, Any]:
    """A Pose of position and quaternion wxyz (7)."""
    return {"position": vector(pose7[:3]), "orientation": quaternion(pose7[3:])}


def compressed_video(time_ns: int, camera: str, unit: bytes) -> bytes:
    """The message of one access unit of H.264 (Annex B); `time_ns` since 1970."""
    return encode(MESSAGES, VIDEO, {"timestamp": stamp(time_ns), "frame_id": camera, "data": unit, "format": "h264"})


def video_data(message: bytes, *, where: str) -> bytes:
    """The access unit in a message of `compressed_video`.

    Raises:
        UnreadableFile: if it is no such message, or holds none.
    """
    unit: bytes = decode(MESSAGES, VIDEO, message, where=where)["data"]
    if not unit:
        raise UnreadableFile("the message holds no frame", where=where, expected=VIDEO)
    return unit
