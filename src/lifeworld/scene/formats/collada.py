"""COLLADA (.dae) meshes, as robots' URDFs use them: triangles and plain diffuse colours, in metres.

The file's up axis is not applied: URDF viewers (RViz first) never did, and robots are drawn so that it comes out right.

Source: Khronos, COLLADA 1.4.1 Specification.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.scene.formats.source import Source, bounded_text
from lifeworld.scene.formats.surface import Floats, Look, Shape, Surface, moved
from lifeworld.scene.formats.xml_tree import read_xml

_MOST_DEPTH = 64
_MOST_NODES = 20_000


def read_collada(source: Source, name: str) -> Shape:
    """The shape of the scene in the COLLADA file `name`.

    Raises:
        UnreadableFile, FileTooLarge: as for every reader.
    """
    data = source.read(name, most=source.limits.mesh_bytes, what="mesh")
    limits = replace(source.limits, xml_bytes=source.limits.mesh_bytes, xml_elements=200_000)
    root = read_xml(data, limits, where=name)
    try:
        with np.errstate(all="ignore"):  # what is not finite in the end is refused by `check_shape`
            return _File(root, name, source.limits.mesh_faces).shape()
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise UnreadableFile(f"not a COLLADA file that can be read: {bounded_text(str(error), 100)}", where=name) from error


class _File:
    def __init__(self, root: ET.Element, name: str, most: int) -> None:
        self.root, self.name, self.most = root, name, most
        self.ids = {each.get("id", ""): each for each in root.iter() if each.get("id")}
        self.out = Shape()
        self.faces = self.nodes = 0

    def shape(self) -> Shape:
        unit = self.root.find("asset/unit")
        scale = float(unit.get("meter", "1")) if unit is not None else 1.0
        if not 1e-6 <= scale <= 1e3:
            raise UnreadableFile("a unit that is none", where=self.name, got=f"{scale:g} m")
        scene = self.root.find("scene/instance_visual_scene")
        visual = self._by(scene.get("url", "")) if scene is not None else self.root.find("library_visual_scenes/visual_scene")
        if visual is None:
            raise UnreadableFile("a COLLADA file without a scene", where=self.name)
        for node in visual.findall("node"):
            self._node(node, np.diag([scale, scale, scale, 1.0]), 0)
        return self.out

    def _by(self, url: str) -> ET.Element | None:
        return self.ids.get(url.removeprefix("#"))

    def _node(self, node: ET.Element, parent: Floats, depth: int) -> None:
        self.nodes += 1
        if depth > _MOST_DEPTH or self.nodes > _MOST_NODES:  # nodes may be used again: ten of ten of ten …
            raise FileTooLarge("too many nodes, or nested too deeply", where=self.name, expected=f"at most {_MOST_NODES:,}")
        matrix = parent
        for child in node:
            values = np.array([float(x) for x in (child.text or "").split()]) if child.tag in _TRANSFORMS else None
            if values is not None:
                matrix = matrix @ _TRANSFORMS[child.tag](values)
        if not np.isfinite(matrix).all():
            raise UnreadableFile("a place that is not finite", where=self.name)
        for instance in node.findall("instance_geometry"):
            geometry = self._by(instance.get("url", ""))
            if geometry is not None and (mesh := geometry.find("mesh")) is not None:
                symbols = {m.get("symbol", ""): m.get("target", "") for m in instance.iter("instance_material")}
                self._mesh(mesh, matrix, symbols)
        for child in node.findall("node"):
            self._node(child, matrix, depth + 1)
        for instance in node.findall("instance_node"):
            if (other := self._by(instance.get("url", ""))) is not None:
                self._node(other, matrix, depth + 1)

    def _mesh(self, mesh: ET.Element, matrix: Floats, symbols: dict[str, str]) -> None:
        for group in mesh:
            if group.tag not in ("triangles", "polylist", "polygons"):
                if group.tag in ("lines", "linestrips", "trifans", "tristrips"):
                    self.out.left_out.append(f"<{group.tag}>")
                continue
            vertices, faces = self._faces(mesh, group)
            self.faces += len(faces)
            if self.faces > self.most:
                raise FileTooLarge("a mesh with too many faces", where=self.name, expected=f"at most {self.most:,}")
            if len(faces) and abs(np.linalg.det(matrix[:3, :3])) > 0:
                surface = Surface("", vertices, faces, look=self._look(symbols.get(group.get("material", ""), "")))
                self.out.surfaces.append(moved(surface, matrix[:3, :3], matrix[:3, 3]))

    def _faces(self, mesh: ET.Element, group: ET.Element) -> tuple[Floats, np.ndarray]:
        inputs = group.findall("input")
        stride = max((int(each.get("offset", "0")) for each in inputs), default=0) + 1
        corner = self._input(inputs, "VERTEX")
        if not 0 < stride <= 32:
            raise UnreadableFile("a strange number of inputs", where=self.name)
        vertices_element = self._by(corner.get("source", ""))
        if vertices_element is None:
            raise self._missing("vertices")
        place = self._input(vertices_element.findall("input"), "POSITION")
        places = self._floats(place.get("source", ""))
        at = int(corner.get("offset", "0"))
        lists = [np.array((p.text or "").split(), dtype=np.int64)[at::stride] for p in group.findall("p")]
        if group.tag == "triangles":
            flat = np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)
            return places, flat[: len(flat) // 3 * 3].reshape(-1, 3)
        if group.tag == "polylist":
            counts = np.array((group.findtext("vcount") or "").split(), dtype=np.int64)
            flat = np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)
            if (counts < 0).any() or counts.sum() > len(flat):
                raise UnreadableFile("polygons cut short", where=self.name)
            lists = np.split(flat[: counts.sum()], np.cumsum(counts)[:-1])
        faces = [[ring[0], ring[i], ring[i + 1]] for ring in lists for i in range(1, len(ring) - 1)]
        return places, np.array(faces, dtype=np.int64).reshape(-1, 3)

    def _floats(self, url: str) -> Floats:
        source = self._by(url)
        array = source.find("float_array") if source is not None else None
        if source is None or array is None:
            raise self._missing("an array of places")
        accessor = source.find("technique_common/accessor")
        values = np.array((array.text or "").split(), dtype=float)
        stride = int(accessor.get("stride", "3")) if accessor is not None else 3
        if not 3 <= stride <= 32:
            raise UnreadableFile("a strange stride", where=self.name, got=stride)
        return values[: len(values) // stride * stride].reshape(-1, stride)[:, :3]

    def _input(self, inputs: list[ET.Element], semantic: str) -> ET.Element:
        for each in inputs:
            if each.get("semantic") == semantic:
                return each
        raise self._missing(semantic)

    def _missing(self, what: str) -> UnreadableFile:
        return UnreadableFile(f"the file lacks {what}", where=self.name)

    def _look(self, target: str) -> Look:
        material = self._by(target)
        instance = material.find("instance_effect") if material is not None else None
        effect = self._by(instance.get("url", "")) if instance is not None else None
        if effect is None:
            return Look()
        for diffuse in effect.iter("diffuse"):
            color = diffuse.find("color")
            if color is not None:
                r, g, b, a = (min(max(float(x), 0.0), 1.0) for x in [*(color.text or "").split(), "1", "1", "1", "1"][:4])
                return Look((r, g, b, a if a > 0 else 1.0))
            if diffuse.find("texture") is not None:
                self.out.left_out.append("pictures of COLLADA meshes")
        return Look()


def _matrix(values: Floats) -> Floats:
    return values.reshape(4, 4)


def _translate(values: Floats) -> Floats:
    out = np.eye(4)
    out[:3, 3] = values.reshape(3)
    return out


def _rotate(values: Floats) -> Floats:
    from lifeworld.core.pose import matrix_from_quat, quat_from_rotation_vector

    axis = values[:3] / max(float(np.linalg.norm(values[:3])), 1e-12)
    out = np.eye(4)
    out[:3, :3] = matrix_from_quat(quat_from_rotation_vector(axis * np.radians(values[3])))
    return out


def _scale(values: Floats) -> Floats:
    return np.diag([*values.reshape(3), 1.0])


_TRANSFORMS = {"matrix": _matrix, "translate": _translate, "rotate": _rotate, "scale": _scale}
