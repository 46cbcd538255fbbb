"""Wavefront OBJ with its MTL: triangles by part and look. Lines, curves and smoothing groups are not triangles and are passed by.

Source: Wavefront, Advanced Visualizer appendix B1 (OBJ) and MTL material format.
"""

from __future__ import annotations

import posixpath

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.source import Source, bounded_text
from lifeworld.scene.formats.surface import Look, Shape, Surface

_OPTIONS = {
    "-s": 3,
    "-o": 3,
    "-t": 3,
    "-mm": 2,
    "-bm": 1,
    "-blendu": 1,
    "-blendv": 1,
    "-boost": 1,
    "-cc": 1,
    "-clamp": 1,
    "-texres": 1,
    "-imfchan": 1,
    "-type": 1,
}
_MOST_MTL_BYTES = 5_000_000
_MOST_CORNERS = 10_000  # of one polygon


def read_obj(source: Source, name: str, *, lenient: bool = False) -> Shape:
    """The shape in the OBJ file `name` of `source`.

    `lenient` passes over pictures whose path leads elsewhere (the makers' own disks, in catalogues) instead of refusing the file.

    Raises:
        UnreadableFile, FileTooLarge, UnsafeFile: as for every reader.
    """
    data = source.read(name, most=source.limits.mesh_bytes, what="mesh")
    if (lines := data.count(b"\nf ") + data.count(b"\nf\t")) > source.limits.mesh_faces:
        raise FileTooLarge("a mesh with too many faces", where=name, got=f"{lines:,}", expected=f"at most {source.limits.mesh_faces:,}")
    shape = Shape()
    looks: dict[str, Look] = {}
    places: list[tuple[float, ...]] = []
    uvs: list[tuple[float, ...]] = []
    normals: list[tuple[float, ...]] = []
    corners: dict[tuple[str, str], list[tuple[int, int, int]]] = {}  # (part, material) → three corners a triangle
    part, material = "", ""
    current = corners.setdefault((part, material), [])
    budget = 3 * source.limits.mesh_faces
    try:
        for line in data.decode("utf-8", "replace").replace("\\\n", " ").split("\n"):
            words = line.split()
            if not words:
                continue
            head = words[0]
            if head == "v":
                places.append((float(words[1]), float(words[2]), float(words[3])))
            elif head == "vt":
                uvs.append((float(words[1]), float(words[2]) if len(words) > 2 else 0.0))
            elif head == "vn":
                normals.append((float(words[1]), float(words[2]), float(words[3])))
            elif head == "f":
                if len(words) > _MOST_CORNERS:
                    raise FileTooLarge("a face with too many corners", where=name, expected=f"at most {_MOST_CORNERS:,}")
                ring = [_corner(word, len(places), len(uvs), len(normals)) for word in words[1:]]
                for i in range(1, len(ring) - 1):
                    current += (ring[0], ring[i], ring[i + 1])
                budget -= 3 * max(0, len(ring) - 2)
                if budget < 0:
                    raise FileTooLarge("a mesh with too many faces", where=name, expected=f"at most {source.limits.mesh_faces:,}")
            elif head in ("o", "g"):
                part = bounded_text(line[1:], 200)
                current = corners.setdefault((part, material), [])
            elif head == "usemtl":
                material = line[6:].strip()[:200]
                current = corners.setdefault((part, material), [])
            elif head == "mtllib":
                looks |= _materials(source, line[6:].strip(), name, shape, lenient=lenient)
    except (ValueError, IndexError) as error:  # a word too few, or one that is no number
        raise UnreadableFile(f"a line that is not OBJ: {bounded_text(line, 80)!r}", where=name) from error
    held = (np.array(places, dtype=float).reshape(-1, 3), np.array(uvs).reshape(-1, 2), np.array(normals).reshape(-1, 3))
    for (part, material), triangles in corners.items():
        if triangles:
            shape.surfaces.append(_surface(part, looks.get(material, Look()), np.array(triangles, dtype=np.int64), held, name))
    return shape


def _corner(word: str, places: int, uvs: int, normals: int) -> tuple[int, int, int]:
    """The place, texture and normal indices of `v`, `v/t`, `v//n` or `v/t/n`, from zero; −1 where there is none."""
    ids = word.split("/")
    v = int(ids[0])
    t = int(ids[1]) if len(ids) > 1 and ids[1] else 0
    n = int(ids[2]) if len(ids) > 2 and ids[2] else 0
    if max(abs(v), abs(t), abs(n)) > 1 << 40:
        raise ValueError("an index beyond every file")
    return (v - 1 if v > 0 else places + v, t - 1 if t >= 0 else uvs + t, n - 1 if n >= 0 else normals + n)


def _surface(part: str, look: Look, triangles: np.ndarray, held: tuple[np.ndarray, np.ndarray, np.ndarray], name: str) -> Surface:
    places, uvs, normals = held
    if triangles[:, 0].min() < 0 or triangles.max(axis=0)[0] >= len(places):
        raise UnreadableFile("a face names a vertex that is not there", where=name)
    has_uv = bool((triangles[:, 1] >= 0).all() and (triangles[:, 1] < len(uvs)).all())
    has_normals = bool((triangles[:, 2] >= 0).all() and (triangles[:, 2] < len(normals)).all())
    key = triangles * np.array([1, has_uv, has_normals])
    unique, to = np.unique(key, axis=0, return_inverse=True)
    return Surface(
        part,
        places[unique[:, 0]],
        to.reshape(-1, 3),
        uvs[unique[:, 1]] if has_uv else None,
        normals[unique[:, 2]] if has_normals else None,
        look,
    )


def _materials(source: Source, reference: str, name: str, shape: Shape, *, lenient: bool) -> dict[str, Look]:
    folder = posixpath.dirname(name)
    found = source.find(reference, beside=folder)
    if found is None:
        shape.left_out.append(f"materials: {bounded_text(reference, 80)} is missing")
        return {}
    text = source.read(found, most=_MOST_MTL_BYTES, what="material library").decode("utf-8", "replace")
    looks: dict[str, Look] = {}
    current, rgb, alpha, picture = "", (0.8, 0.8, 0.8), 1.0, None
    for line in text.split("\n"):
        words = line.split()
        if not words:
            continue
        head = words[0].lower()
        try:
            if head == "newmtl":
                current, rgb, alpha, picture = line.strip()[6:].strip()[:200], (0.8, 0.8, 0.8), 1.0, None
            elif head == "kd":
                r, g, b = (min(max(float(x), 0.0), 1.0) for x in (words[1:4] if len(words) > 3 else words[1:2] * 3))
                rgb = (r, g, b)
            elif head == "d":
                alpha = min(max(float(words[-1]), 0.0), 1.0)
            elif head == "tr":
                alpha = 1.0 - min(max(float(words[1]), 0.0), 1.0)
            elif head == "map_kd":
                picture = _picture(source, _file_of(line), folder, posixpath.dirname(found), shape, lenient=lenient)
        except (ValueError, IndexError) as error:
            raise UnreadableFile(f"a line that is not MTL: {bounded_text(line, 80)!r}", where=found) from error
        if current:
            if len(looks) > source.limits.mesh_faces // 100:
                raise FileTooLarge("too many materials", where=found)
            # where a picture covers it, exporters write any colour at all into Kd; the picture is the colour
            looks[current] = Look((*((1.0, 1.0, 1.0) if picture else rgb), alpha), picture)
    return looks


def _file_of(line: str) -> str:
    """The file a `map_…` line names: what is left after its options; names may hold spaces."""
    rest = line.strip().split(None, 1)[1:]
    words = rest[0].split(" ") if rest else []
    while words and words[0] in _OPTIONS:
        words = words[1 + _OPTIONS[words[0]] :]
    return " ".join(words).strip()


def _picture(source: Source, reference: str, folder: str, beside: str, shape: Shape, *, lenient: bool) -> str | None:
    try:
        found = source.find(reference, beside=beside)
    except UnsafeFile:
        if not lenient:
            raise
        found = source.find(posixpath.basename(reference.replace("\\", "/")) or "?", beside=folder)
    if found is None:
        shape.left_out.append(f"picture: {bounded_text(posixpath.basename(reference.replace(chr(92), '/')), 80)} is missing")
        return None
    if found not in shape.pictures:
        shape.pictures[found] = source.read(found, most=source.limits.texture_bytes, what="texture")
    return found


def write_obj(surface: Surface, limits: Limits) -> bytes:
    """The surface as an OBJ of our own, to a micrometre or six digits; readers merge nothing and split nothing."""
    assert len(surface.faces) <= limits.mesh_faces
    lines = [f"v {x:.7g} {y:.7g} {z:.7g}" for x, y, z in surface.vertices.tolist()]
    corner = "{0}"
    if surface.uv is not None:
        lines += [f"vt {u:.6g} {v:.6g}" for u, v in surface.uv.tolist()]
        corner = "{0}/{0}"
    if surface.normals is not None:
        lines += [f"vn {x:.5g} {y:.5g} {z:.5g}" for x, y, z in surface.normals.tolist()]
        corner = "{0}/{0}/{0}" if surface.uv is not None else "{0}//{0}"
    face = " ".join(["f", corner, corner.replace("0", "1"), corner.replace("0", "2")])
    lines += [face.format(a, b, c) for a, b, c in (surface.faces + 1).tolist()]
    return ("\n".join(lines) + "\n").encode()
