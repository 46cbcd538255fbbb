"""An MJCF file and all it uses, checked and gathered into one private folder, before the engine reads anything.

Includes are written into one tree; every file it names is found inside the source, bounded, and copied under a name of ours, so
that the engine never sees a path a stranger wrote. What multiplies (replicate, attach, flexcomp) is multiplied out on paper first.
"""

from __future__ import annotations

import math
import posixpath
import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile
from lifeworld.scene.formats.picture import as_png
from lifeworld.scene.formats.source import Source, bounded_text
from lifeworld.scene.formats.xml_tree import numbers, read_xml

_DIRS = ("meshdir", "texturedir", "assetdir", "strippath")
_TEXTURE_FILES = ("file", "fileright", "fileleft", "fileup", "filedown", "filefront", "fileback")
_MOST = {  # attribute → the largest product of its numbers; what an engine allocates by
    "dim": 10_000,
    "num": 10_000,
    "nsample": 10_000,
    "actdim": 1_000,
    "nkey": 1_000,
    "octree_maxdepth": 8,
    "resolution": 4096 * 4096,
}
_MOST_MESH_PARAMS = 1_000_000
_MOST_NUMERIC = 10_000
_MOST_MODELS = 50


class Gatherer:
    """Gathers from `source` into the folder `work`; `kept` maps each path given to the engine to the name it should keep."""

    def __init__(self, source: Source, work: Path) -> None:
        self.source, self.limits, self.work = source, source.limits, work
        self.kept: dict[str, str] = {}
        self._copies: dict[tuple[str, str], str] = {}
        self._models: dict[str, tuple[str, int]] = {}
        self._opening: list[str] = []
        self._weight = 0
        work.mkdir(parents=True, exist_ok=True)

    def gather(self, name: str) -> ET.Element:
        """The tree of the MJCF file `name`, whole, with paths of ours.

        Raises:
            UnsafeFile: for a path out of the source, a plug-in, an entity.
            FileTooLarge: for anything over the limits.
            UnreadableFile: for a missing or broken file.
        """
        root, self._weight = self._model(name)
        return root

    def _model(self, name: str) -> tuple[ET.Element, int]:
        if name in self._opening:
            raise UnsafeFile("a model that holds itself", where=name, got=" → ".join([*self._opening, name])[:300])
        if len(self._opening) >= 5:
            raise FileTooLarge("models within models, more than 5 deep", where=name)
        self._opening.append(name)
        try:
            included = {name}
            root = self._read(name)
            if root.tag != "mujoco":
                raise UnreadableFile(f"the root element is <{bounded_text(root.tag, 40)}>", where=name, expected="<mujoco>")
            root = self._with_includes(root, name, posixpath.dirname(name), included)
            weight = self._rewrite(root, name)
        finally:
            self._opening.pop()
        return root, weight

    def _read(self, name: str) -> ET.Element:
        data = self.source.read(name, most=self.limits.xml_bytes, what="XML")
        return read_xml(data, self.limits, where=name)

    def _with_includes(self, root: ET.Element, name: str, main: str, included: set[str]) -> ET.Element:
        """`root` with every <include> replaced by the children of the file it names (found beside it, else beside the main file)."""
        count = 0

        def expand(element: ET.Element, folder: str, depth: int) -> ET.Element:
            nonlocal count
            if depth > self.limits.xml_depth:
                raise FileTooLarge("the XML is nested too deeply", where=name, expected=f"at most {self.limits.xml_depth} levels")
            out = ET.Element(element.tag, dict(element.attrib))
            count += 1
            if count > self.limits.xml_elements:
                raise FileTooLarge("too many elements with all includes", where=name, expected=f"at most {self.limits.xml_elements:,}")
            for child in element:
                if child.tag != "include":
                    out.append(expand(child, folder, depth + 1))
                    continue
                reference = child.get("file", "")
                found = self.source.find(reference, beside=folder) or self.source.find(reference, beside=main)
                if found is None:
                    raise UnreadableFile("an included file is missing", where=name, got=reference[:200])
                if found in included:
                    raise UnreadableFile("a file is included twice", where=name, got=reference[:200], fix="Use <attach> for that.")
                included.add(found)
                for grandchild in expand(self._read(found), posixpath.dirname(found), depth + 1):
                    out.append(grandchild)
            return out

        return expand(root, main, 1)

    def _rewrite(self, root: ET.Element, name: str) -> int:
        folder = posixpath.dirname(name)
        strip, mesh_dir, texture_dir = False, "", ""
        for compiler in root.iter("compiler"):
            strip = compiler.get("strippath", str(strip).lower()) == "true"
            mesh_dir = compiler.get("meshdir", compiler.get("assetdir", mesh_dir))
            texture_dir = compiler.get("texturedir", compiler.get("assetdir", texture_dir))
            for attribute in _DIRS:
                compiler.attrib.pop(attribute, None)
        dirs = {"texture": texture_dir, "model": ""}
        models: dict[str, int] = {}
        for element in root.iter():
            self._check(element, name)
            for attribute in [a for a in element.attrib if a.startswith("file")]:
                reference = element.get(attribute, "")
                if not reference:
                    continue
                if element.tag == "model":
                    models[element.get("name", "")] = self._attached(element, reference, name, folder)
                    continue
                sort = dirs.get(element.tag, mesh_dir)
                path = posixpath.basename(reference.replace("\\", "/")) if strip else reference
                found = self.source.find(path, beside=_join(folder, sort, reference))
                if found is None:
                    raise UnreadableFile("a file is missing", where=name, got=reference[:200], fix="Put it where the model says it is.")
                if "name" not in element.attrib and element.tag in ("mesh", "hfield", "texture") and attribute == "file":
                    element.set("name", posixpath.splitext(posixpath.basename(reference.replace("\\", "/")))[0])
                element.set(attribute, self._copy(found, element, attribute, name))
            element.attrib.pop("content_type", None)
        return self._count(root, name, models)

    def _check(self, element: ET.Element, name: str) -> None:
        tag = element.tag
        if tag in ("plugin", "extension", "instance") or "plugin" in element.attrib:
            which = element.get("plugin") or next((p.get("plugin", "") for p in element.iter("plugin")), "")
            raise UnsafeFile(
                f"the model asks for a plug-in{f' ({bounded_text(which, 60)})' if which else ''}", where=name, fix="Remove its <extension>."
            )
        if any(word.lower().lstrip("+-").startswith("nan") for k, v in element.attrib.items() if k != "name" for word in v.split()):
            raise UnreadableFile(f"<{tag}> holds a number that is none (NaN)", where=name)
        for attribute, most in _MOST.items():
            if attribute in element.attrib and tag != "default":
                self._product(element, attribute, most, name)
        if tag == "size":
            for attribute in ("memory", "njmax", "nconmax", "nstack"):  # what a world sets aside is not for its parts to say
                element.attrib.pop(attribute, None)
        for attribute in element.attrib:
            if attribute.startswith("nuser_"):
                self._product(element, attribute, 1_000, name)
        if tag == "texture":
            for attribute in ("width", "height"):
                self._product(element, attribute, self.limits.texture_px, name)
            self._product(element, "gridsize", 144, name)
        elif tag == "hfield":
            sides = [max(numbers(element, side, "0", where=name), default=0.0) for side in ("nrow", "ncol")]
            if not all(side >= 0 for side in sides) or sides[0] * sides[1] > self.limits.hfield_points:
                raise FileTooLarge("a height field with too many points", where=name, expected=f"at most {self.limits.hfield_points:,}")
        elif tag == "mesh":
            fineness = [max(1.0, abs(x)) for x in numbers(element, "params", "", where=name)]
            most = 8 if element.get("builtin") == "sphere" else 1_000  # 20·4^n faces; others have n² points, or n·m·k
            if math.prod(fineness) > _MOST_MESH_PARAMS or max(fineness, default=0.0) > most:
                raise FileTooLarge("a built-in mesh that is too fine", where=name, expected=f"at most {_MOST_MESH_PARAMS:,} points")
        elif tag == "flexcomp":
            for attribute, default in (("count", "10 10 10"), ("cellcount", "1 1 1")):
                self._product(element, attribute, self.limits.soft_points, name, default)
        elif tag == "numeric":
            self._product(element, "size", _MOST_NUMERIC, name)
        elif tag == "composite":
            raise UnreadableFile("<composite> is no longer part of MJCF", where=name, fix="Use <flexcomp> or <replicate>.")

    def _product(self, element: ET.Element, attribute: str, most: int, name: str, default: str = "") -> None:
        if attribute == "dim" and element.tag in ("flexcomp", "flex"):  # there it means dimension
            most = 3
        product = math.prod(max(1.0, abs(x)) for x in numbers(element, attribute, default, where=name))
        if not product <= most:
            got = bounded_text(element.get(attribute, default), 60)
            raise FileTooLarge(f"<{element.tag} {attribute}> is too large", where=name, got=got, expected=f"at most {most:,} in all")

    def _count(self, root: ET.Element, name: str, models: dict[str, int]) -> int:
        """Elements after replicate and attach have done their work."""
        total = 0

        def walk(element: ET.Element, copies: int) -> None:
            nonlocal total
            if element.tag == "replicate":
                count = numbers(element, "count", "1", where=name)
                copies *= max(1, int(count[0])) if count and abs(count[0]) < 1e9 else 1 << 30
                if copies > self.limits.replicas:
                    got = bounded_text(element.get("count", ""), 40)
                    raise FileTooLarge(
                        "<replicate> makes too many copies", where=name, got=got, expected=f"at most {self.limits.replicas:,} in all"
                    )
            weight = 1
            if element.tag == "attach":
                weight += models.get(element.get("model", ""), max(models.values(), default=0))
            elif element.tag == "flexcomp":
                weight += int(math.prod(max(1.0, x) for x in numbers(element, "count", "10 10 10", where=name)))
            total += copies * weight
            if total > self.limits.xml_elements:
                raise FileTooLarge("too many elements once copies are made", where=name, expected=f"at most {self.limits.xml_elements:,}")
            for child in element:
                walk(child, copies)

        walk(root, 1)
        return total

    def _attached(self, element: ET.Element, reference: str, name: str, folder: str) -> int:
        found = self.source.find(reference, beside=folder)
        if found is None:
            raise UnreadableFile("an attached model is missing", where=name, got=reference[:200])
        if found not in self._models:
            if len(self._models) >= _MOST_MODELS:
                raise FileTooLarge(f"more than {_MOST_MODELS} attached models", where=name)
            root, weight = self._model(found)
            path = self.work / f"model_{len(self._models):03d}.xml"
            path.write_bytes(ET.tostring(root))
            self._models[found] = (str(path), weight)
        path_text, weight = self._models[found]
        element.set("file", path_text)
        return weight

    def _copy(self, found: str, element: ET.Element, attribute: str, name: str) -> str:
        """A bounded, checked copy under a name of ours; its path."""
        tag = "flexcomp" if element.tag == "flexcomp" else element.tag
        key = (found, tag)
        if key in self._copies:
            return self._copies[key]
        if tag in ("mesh", "flexcomp"):
            data = self.source.read(found, most=self.limits.mesh_bytes, what="mesh")
            suffix = _mesh_suffix(data, found, self.limits.mesh_faces, soft=tag == "flexcomp")
        elif tag == "texture":
            data = self.source.read(found, most=self.limits.texture_bytes, what="texture")
            data, suffix = as_png(data, self.limits, where=found), ".png"
        elif tag == "hfield":
            data = self.source.read(found, most=self.limits.texture_bytes, what="height field")
            data, suffix = self._hfield(data, found)
        elif tag == "skin":
            data, suffix = self.source.read(found, most=self.limits.mesh_bytes, what="skin"), ".skn"
        else:
            raise UnsafeFile(f"<{bounded_text(tag, 40)} {bounded_text(attribute, 40)}> names a file", where=name, got=found[:200])
        path = self.work / f"file_{len(self.kept):04d}{suffix}"
        path.write_bytes(data)
        self.kept[str(path)] = posixpath.splitext(posixpath.basename(found))[0] + suffix
        self._copies[key] = str(path)
        return str(path)

    def _hfield(self, data: bytes, found: str) -> tuple[bytes, str]:
        if found.lower().endswith(".png"):
            return as_png(data, self.limits, where=found, gray=True), ".png"
        rows, columns = struct.unpack_from("<ii", data) if len(data) >= 8 else (0, 0)
        if rows < 1 or columns < 1 or rows * columns > self.limits.hfield_points:
            expected = f"1 to {self.limits.hfield_points:,} points"
            raise FileTooLarge("a height field of a strange size", where=found, got=f"{rows} × {columns}", expected=expected)
        if len(data) != 4 * (2 + rows * columns):
            raise UnreadableFile("a height field cut short", where=found)
        return data, ".hf"


def _join(folder: str, sort: str, reference: str) -> str:
    """The folder a reference is relative to. An absolute `meshdir` or file is given on, for `find` to refuse."""
    sort = sort.replace("\\", "/")
    if sort.startswith(("/", "~")) or re.match(r"[a-zA-Z]+:", sort):
        raise UnsafeFile("an absolute folder", got=sort[:200], expected="a folder inside the model's own")
    return posixpath.join(folder, sort)


def _mesh_suffix(data: bytes, found: str, most_faces: int, *, soft: bool) -> str:
    """The suffix the engine chooses its reader by, once the file is known to be of that sort and small enough."""
    suffix = posixpath.splitext(found)[1].lower()
    faces = -1
    if suffix == ".stl":
        if len(data) >= 84:
            faces = struct.unpack_from("<I", data, 80)[0]
        if faces < 0 or len(data) != 84 + 50 * faces:
            raise UnreadableFile("not a binary STL, or cut short", where=found, fix="Save it as binary STL.")
    elif suffix == ".obj":
        faces = data.count(b"\nf ") + data.count(b"\nf\t") + data.startswith(b"f ")
    elif suffix == ".msh" and not soft:
        if len(data) < 16:
            raise UnreadableFile("a mesh cut short", where=found)
        vertices, normals, corners, faces = struct.unpack_from("<4i", data)
        if min(vertices, normals, corners, faces) < 0 or len(data) < 16 + 12 * (vertices + normals + faces) + 8 * corners:
            raise UnreadableFile("a mesh cut short", where=found)
    elif soft:
        return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ".msh"
    else:
        raise UnreadableFile(
            f"a mesh of a sort the engine does not read ({bounded_text(suffix, 20)})", where=found, expected="STL, OBJ or MSH"
        )
    if faces > most_faces:
        raise FileTooLarge("a mesh with too many faces", where=found, got=f"{faces:,}", expected=f"at most {most_faces:,}")
    return suffix
