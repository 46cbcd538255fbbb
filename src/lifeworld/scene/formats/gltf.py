"""glTF 2.0, as .gltf with its files or as one .glb: the default scene at rest, with base colours and base-colour pictures.

What moves or deforms (animations, skins, morph targets), cameras, lights and all other material properties are left out by name.

Source: Khronos, glTF 2.0 Specification (ISO/IEC 12113:2022); KHR_texture_transform.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import posixpath
import struct
import urllib.parse
from typing import Any

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.pose import matrix_from_quat, wxyz_from_xyzw
from lifeworld.scene.formats.source import Source, bounded_text
from lifeworld.scene.formats.surface import Floats, Ints, Look, Shape, Surface, moved

_MOST_JSON_BYTES = 20_000_000
_MOST_NODES = 20_000
_MOST_DEPTH = 64
_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_UNDERSTOOD = {"KHR_texture_transform", "KHR_materials_unlit", "KHR_mesh_quantization", "KHR_materials_specular", "KHR_materials_ior"}


def read_gltf(source: Source, name: str) -> Shape:
    """The shape of the default scene, +Y up as the format has it.

    Raises:
        UnreadableFile, FileTooLarge, UnsafeFile: as for every reader.
    """
    data = source.read(name, most=source.limits.mesh_bytes, what="glTF")
    binary: bytes | None = None
    if data.startswith(b"glTF"):
        data, binary = _glb(data, name)
    if len(data) > _MOST_JSON_BYTES:
        raise FileTooLarge("the JSON of the glTF is too long", where=name, expected=f"at most {_MOST_JSON_BYTES:,} bytes")
    try:
        tree = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
        with np.errstate(all="ignore"):  # what is not finite in the end is refused by `check_shape`
            return _File(source, name, tree, binary).shape()
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError, ValueError, struct.error) as error:
        raise UnreadableFile(f"not a glTF that can be read: {type(error).__name__} {bounded_text(str(error), 100)}", where=name) from error


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _glb(data: bytes, name: str) -> tuple[bytes, bytes | None]:
    if len(data) < 20:
        raise UnreadableFile("a GLB cut short", where=name)
    _, version, length = struct.unpack_from("<4sII", data)
    if version != 2 or length > len(data):
        raise UnreadableFile("a GLB of another version, or cut short", where=name, got=f"version {version}, {length:,} bytes")
    at, text, binary = 12, None, None
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise UnreadableFile("a chunk of the GLB is cut short", where=name)
        chunk = data[at + 8 : at + 8 + size]
        if kind == 0x4E4F534A and text is None:
            text = chunk
        elif kind == 0x004E4942 and binary is None:
            binary = chunk
        at += 8 + size
    if text is None:
        raise UnreadableFile("a GLB without JSON", where=name)
    return text, binary


class _File:
    """One parsed glTF: buffers are fetched when asked for, and every slice of them is checked."""

    def __init__(self, source: Source, name: str, tree: Any, binary: bytes | None) -> None:
        if not isinstance(tree, dict):
            raise UnreadableFile("the JSON of the glTF is no object", where=name)
        self.source, self.name, self.tree, self.binary = source, name, tree, binary
        self.folder = posixpath.dirname(name)
        self.buffers: dict[int, bytes] = {}
        self.out = Shape()
        self.faces = self.vertices = 0

    def shape(self) -> Shape:
        if str(self.tree["asset"]["version"]).split(".")[0] != "2":
            raise UnreadableFile("another version of glTF", where=self.name, got=self.tree["asset"]["version"], expected="2.0")
        if missing := sorted(set(self.tree.get("extensionsRequired", [])) - _UNDERSTOOD):
            fix = "Save it again without compression (plain glTF 2.0)."
            raise UnreadableFile(f"the glTF needs {bounded_text(', '.join(map(str, missing)), 100)}", where=self.name, fix=fix)
        for key in ("animations", "skins", "cameras"):
            if count := len(self.tree.get(key, [])):
                self.out.left_out.append(f"{count} {key}")
        nodes = self.tree.get("nodes", [])
        if len(nodes) > _MOST_NODES:
            raise FileTooLarge("too many nodes", where=self.name, got=len(nodes), expected=f"at most {_MOST_NODES:,}")
        scenes = self.tree.get("scenes", [])
        roots = scenes[self.tree.get("scene", 0)].get("nodes", []) if scenes else range(len(nodes))
        seen: set[int] = set()
        for root in roots:
            self._node(self._index(root), np.eye(4), seen, 0)
        return self.out

    def _node(self, index: int, parent: Floats, seen: set[int], depth: int) -> None:
        if index in seen or depth > _MOST_DEPTH:
            raise UnreadableFile("a node that is its own ancestor, or two nodes' child", where=self.name)
        seen.add(index)
        node = self.tree["nodes"][index]
        matrix = parent @ _local(node)
        if "mesh" in node:
            self._mesh(self._index(node["mesh"]), matrix, bounded_text(str(node.get("name", "")), 100))
        for child in node.get("children", []):
            self._node(self._index(child), matrix, seen, depth + 1)

    def _mesh(self, index: int, matrix: Floats, part: str) -> None:
        for primitive in self.tree["meshes"][index]["primitives"]:
            if (mode := primitive.get("mode", 4)) not in (4, 5, 6):
                self.out.left_out.append("points or lines")
                continue
            if primitive.get("targets"):
                self.out.left_out.append("morph targets")
            attributes = primitive["attributes"]
            vertices = self._accessor(attributes["POSITION"], 3)
            faces = self._faces(primitive, mode, len(vertices))
            self.faces += len(faces)
            self.vertices += len(vertices)
            if max(self.faces, self.vertices // 3) > self.source.limits.mesh_faces:
                raise FileTooLarge("a mesh with too many faces", where=self.name, expected=f"at most {self.source.limits.mesh_faces:,}")
            look, channel, transform = self._look(primitive.get("material"))
            uv = None
            if look.picture is not None and f"TEXCOORD_{channel}" in attributes:
                uv = _transformed(self._accessor(attributes[f"TEXCOORD_{channel}"], 2), transform)
            normals = self._accessor(attributes["NORMAL"], 3) if "NORMAL" in attributes else None
            if "COLOR_0" in attributes:
                look = self._tinted(look, self._accessor(attributes["COLOR_0"], None))
            for each in (uv, normals):
                if each is not None and len(each) != len(vertices):
                    raise UnreadableFile("vertex attributes of different lengths", where=self.name)
            surface = Surface(part, vertices, faces, uv, normals, look)
            if abs(float(np.linalg.det(matrix[:3, :3]))) > 0.0:
                self.out.surfaces.append(moved(surface, matrix[:3, :3], matrix[:3, 3]))

    def _faces(self, primitive: dict[str, Any], mode: int, count: int) -> Ints:
        if "indices" in primitive:
            indices = self._accessor(primitive["indices"], 1, scaled=False).reshape(-1).astype(np.int64)
        else:
            indices = np.arange(count, dtype=np.int64)
        if len(indices) and indices.max() >= count:
            raise UnreadableFile("a face names a vertex that is not there", where=self.name)
        if mode == 4:
            return indices[: len(indices) // 3 * 3].reshape(-1, 3)
        if len(indices) < 3:
            return np.zeros((0, 3), dtype=np.int64)
        if mode == 6:
            return np.stack([np.full(len(indices) - 2, indices[0]), indices[1:-1], indices[2:]], axis=1)
        strip = np.stack([indices[:-2], indices[1:-1], indices[2:]], axis=1)
        strip[1::2] = strip[1::2, [1, 0, 2]]
        return strip

    def _accessor(self, index: Any, width: int | None, *, scaled: bool = True) -> Floats:
        """The rows of an accessor as float64 (count, width), bounds checked; normalised integers become 0 to 1."""
        accessor = self.tree["accessors"][self._index(index)]
        if "sparse" in accessor or "bufferView" not in accessor:
            raise UnreadableFile("a sparse accessor", where=self.name, fix="Save the glTF again without sparse accessors.")
        kind, columns = np.dtype(_TYPES[accessor["componentType"]]), _WIDTHS[accessor["type"]]
        if width is not None and columns != width:
            raise UnreadableFile("an accessor of the wrong type", where=self.name, got=accessor["type"])
        count = self._natural(accessor["count"])
        view = self.tree["bufferViews"][self._index(accessor["bufferView"])]
        buffer = self._buffer(self._index(view["buffer"]))
        start, size = self._natural(view.get("byteOffset", 0)), self._natural(view["byteLength"])
        offset, row = self._natural(accessor.get("byteOffset", 0)), kind.itemsize * columns
        stride = self._natural(view.get("byteStride", row)) or row
        if start + size > len(buffer) or stride < row or (count and offset + stride * (count - 1) + row > size):
            raise UnreadableFile("an accessor reaches past its buffer", where=self.name)
        if count > 3 * self.source.limits.mesh_faces:
            raise FileTooLarge("an accessor with too many rows", where=self.name, got=f"{count:,}")
        rows = np.ndarray((count, columns), kind, buffer, start + offset, (stride, kind.itemsize)).astype(np.float64)
        if accessor.get("normalized") and scaled and kind.kind in "iu":
            rows = np.maximum(rows / np.iinfo(kind).max, -1.0)
        if not np.isfinite(rows).all():
            raise UnreadableFile("a number of the mesh is not finite", where=self.name)
        return rows

    def _buffer(self, index: int) -> bytes:
        if index not in self.buffers:
            buffer = self.tree["buffers"][index]
            length = self._natural(buffer["byteLength"])
            if "uri" in buffer:
                data = self._uri(buffer["uri"], most=self.source.limits.mesh_bytes, what="buffer")
            elif index == 0 and self.binary is not None:
                data = self.binary
            else:
                raise UnreadableFile("a buffer without bytes", where=self.name)
            if len(data) < length:
                raise UnreadableFile("a buffer is cut short", where=self.name, got=f"{len(data):,} bytes", expected=f"{length:,}")
            self.buffers[index] = data[:length]
        return self.buffers[index]

    def _uri(self, uri: str, *, most: int, what: str) -> bytes:
        if uri.startswith("data:"):
            head, _, body = uri.partition(",")
            if not head.endswith(";base64") or len(body) > most * 4 // 3 + 4:
                raise FileTooLarge(f"a {what} inside the glTF that is too large, or not base64", where=self.name)
            try:
                return base64.b64decode(body, validate=True)
            except binascii.Error as error:
                raise UnreadableFile(f"a {what} inside the glTF is not base64", where=self.name) from error
        reference = urllib.parse.unquote(uri)
        found = self.source.find(reference, beside=self.folder)
        if found is None:
            raise UnreadableFile(f"a {what} is missing", where=self.name, got=reference[:200], fix="Put it where the glTF says it is.")
        return self.source.read(found, most=most, what=what)

    def _look(self, index: Any) -> tuple[Look, int, Floats]:
        """The look of a material, the texture channel it uses and how that is moved (3 × 3)."""
        plain = np.eye(3)
        if index is None:
            return Look(), 0, plain
        material = self.tree["materials"][self._index(index)]
        body = material.get("pbrMetallicRoughness", {})
        r, g, b, a = (float(x) for x in body.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0)))
        alpha = 1.0 if material.get("alphaMode", "OPAQUE") == "OPAQUE" else a
        rgba = (_srgb(r), _srgb(g), _srgb(b), min(max(alpha, 0.0), 1.0))
        texture = body.get("baseColorTexture")
        if texture is None:
            return Look(rgba), 0, plain
        key = self._picture(self._index(texture["index"]))
        more = texture.get("extensions", {}).get("KHR_texture_transform", {})
        channel = self._natural(more.get("texCoord", texture.get("texCoord", 0)))
        return Look(rgba, key), channel, _uv_matrix(more)

    def _picture(self, index: int) -> str | None:
        texture = self.tree["textures"][index]
        if "source" not in texture:
            self.out.left_out.append("a picture in a format glTF itself does not have")
            return None
        at = self._index(texture["source"])
        key = f"image {at}"
        if key not in self.out.pictures:
            image = self.tree["images"][at]
            if "uri" in image:
                data = self._uri(image["uri"], most=self.source.limits.texture_bytes, what="texture")
            else:
                view = self.tree["bufferViews"][self._index(image["bufferView"])]
                buffer = self._buffer(self._index(view["buffer"]))
                start, size = self._natural(view.get("byteOffset", 0)), self._natural(view["byteLength"])
                if start + size > len(buffer):
                    raise UnreadableFile("a picture reaches past its buffer", where=self.name)
                data = buffer[start : start + size]
            self.out.pictures[key] = data
        return key

    def _tinted(self, look: Look, colors: Floats) -> Look:
        if not len(colors) or np.allclose(colors[:, :3], 1.0):
            return look
        self.out.notes.append("colours of single vertices became one mean colour for each material")
        mean = colors[:, :3].mean(axis=0)
        r, g, b = (look.rgba[i] * _srgb(float(mean[i])) for i in range(3))
        return Look((r, g, b, look.rgba[3]), look.picture)

    def _index(self, value: Any) -> int:
        return self._natural(value)

    def _natural(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 40:
            raise UnreadableFile("a count, index or offset that is none", where=self.name, got=str(value)[:40])
        return value


def _local(node: dict[str, Any]) -> Floats:
    if "matrix" in node:
        matrix = np.array(node["matrix"], dtype=float).reshape(4, 4).T  # column by column in the file
    else:
        matrix = np.eye(4)
        rotation = matrix_from_quat(wxyz_from_xyzw(_unit(node.get("rotation", (0.0, 0.0, 0.0, 1.0)))))
        matrix[:3, :3] = rotation * np.array(node.get("scale", (1.0, 1.0, 1.0)), dtype=float).reshape(3)
        matrix[:3, 3] = np.array(node.get("translation", (0.0, 0.0, 0.0)), dtype=float).reshape(3)
    if not np.isfinite(matrix).all():
        raise ValueError("a node's place is not finite")
    return matrix


def _unit(quat: Any) -> Floats:
    q = np.array(quat, dtype=float).reshape(4)
    length = float(np.linalg.norm(q))
    return q / length if length > 1e-9 else np.array([0.0, 0.0, 0.0, 1.0])


def _uv_matrix(more: dict[str, Any]) -> Floats:
    offset, scale = (np.array(more.get(key, default), dtype=float).reshape(2) for key, default in (("offset", (0, 0)), ("scale", (1, 1))))
    c, s = math.cos(float(more.get("rotation", 0.0))), math.sin(float(more.get("rotation", 0.0)))
    return np.array([[scale[0] * c, scale[1] * s, offset[0]], [-scale[0] * s, scale[1] * c, offset[1]], [0.0, 0.0, 1.0]])


def _transformed(uv: Floats, matrix: Floats) -> Floats:
    """Texture places moved, and turned over: glTF counts rows of a picture from the top, we from the bottom."""
    out = uv @ matrix[:2, :2].T + matrix[:2, 2]
    return np.stack([out[:, 0], 1.0 - out[:, 1]], axis=1)


def _srgb(linear: float) -> float:
    """A linear colour value as sRGB, both 0 to 1 (IEC 61966-2-1)."""
    linear = min(max(linear, 0.0), 1.0)
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
