"""STL, binary or text: bare triangles, no unit, no colour.

Source: 3D Systems, StereoLithography Interface Specification (1989).
"""

from __future__ import annotations

import re
import struct

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.scene.formats.source import Source
from lifeworld.scene.formats.surface import Shape, Surface

_VERTEX = re.compile(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)")


def read_stl(source: Source, name: str) -> Shape:
    """The shape in the STL file `name` of `source`; equal corners become one vertex.

    Raises:
        UnreadableFile, FileTooLarge: as for every reader.
    """
    data = source.read(name, most=source.limits.mesh_bytes, what="mesh")
    most = source.limits.mesh_faces
    count = struct.unpack_from("<I", data, 80)[0] if len(data) >= 84 else -1
    if count >= 0 and len(data) == 84 + 50 * count:  # binary files may begin with "solid" too: their length tells
        if count > most:
            raise FileTooLarge("a mesh with too many faces", where=name, got=f"{count:,}", expected=f"at most {most:,}")
        rows = np.frombuffer(data, dtype=np.uint8, offset=84).reshape(count, 50)
        corners = rows[:, 12:48].copy().view("<f4").reshape(-1, 3).astype(float)
    elif data.lstrip()[:5].lower() == b"solid":
        if data.count(b"vertex") > 3 * most:
            raise FileTooLarge("a mesh with too many faces", where=name, expected=f"at most {most:,}")
        try:
            corners = np.array([[float(x) for x in found] for found in _VERTEX.findall(data)]).reshape(-1, 3)
        except ValueError as error:
            raise UnreadableFile("a vertex that is not made of numbers", where=name) from error
        if len(corners) % 3:
            raise UnreadableFile("a triangle cut short", where=name)
    else:
        raise UnreadableFile("neither a binary nor a text STL, or cut short", where=name)
    vertices, to = np.unique(corners, axis=0, return_inverse=True)
    faces = to.reshape(-1, 3)
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    return Shape([Surface("", vertices, faces)] if len(faces) else [])


def write_stl(vertices: np.ndarray, faces: np.ndarray) -> bytes:
    """Triangles as a binary STL."""
    corners = vertices[faces].astype("<f4")  # (m, 3, 3)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    rows = np.zeros(len(faces), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows["normal"] = normal / np.where(length > 0, length, 1.0)
    rows["corners"] = corners
    return b"lifeworld".ljust(80) + struct.pack("<I", len(faces)) + rows.tobytes()
