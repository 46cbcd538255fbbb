"""A mesh file as a thing: what is seen kept as it is, what is touched made of convex parts, standing on its origin, with a mass.

Also builds the MJCF that catalogue furniture becomes (`sh3f.py`), whose doors and lids are further bodies on joints.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.scene.formats.convex import Hull, convex_parts, one_box, one_hull
from lifeworld.scene.formats.gltf import read_gltf
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.mjcf import main_file, report
from lifeworld.scene.formats.obj import read_obj, write_obj
from lifeworld.scene.formats.picture import as_png
from lifeworld.scene.formats.sandbox import Job
from lifeworld.scene.formats.source import FolderSource, Source
from lifeworld.scene.formats.stl import read_stl, write_stl
from lifeworld.scene.formats.surface import Floats, Look, Shape, Surface, bounds, check_shape, joined, moved, thinned

SOLID_KG_M3, SOLID_M, HOLLOW_KG_M3 = 600.0, 0.04, 50.0
"""How a mass is guessed: parts up to 4 cm thick are solid (wood, thick plastic), thicker ones ever more hollow or soft: a table top
weighs as wood does, a cushion or a cupboard drawn as one block about what real ones do."""
MOST_PICTURE_PX = 2048
_READERS: dict[str, Callable[[Source, str], Shape]] = {".obj": read_obj, ".stl": read_stl, ".gltf": read_gltf, ".glb": read_gltf}
_UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254}
_ZUP_FROM_YUP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_LEAST_M, _MOST_M = 0.001, 100.0


@dataclass(slots=True)
class Piece:
    """A body to build: surfaces in the thing's frame [m], and the joint that carries it (None for the first, the frame of all)."""

    name: str
    surfaces: list[Surface]
    joint: dict[str, str] = field(default_factory=dict)
    pivot_m: Floats = field(default_factory=lambda: np.zeros(3))


def mesh(job: Job) -> dict[str, Any]:
    """Writes the mesh file `job.source` to `job.work/asset`; what it is made of."""
    source = FolderSource(Path(job.root), job.limits)
    name = main_file(source, job)
    shape = read_shape(source, name)
    options = dict(job.options)
    default_up = "z" if name.lower().endswith(".stl") else "y"
    linear = _ZUP_FROM_YUP if options.pop("up", default_up) == "y" else np.eye(3)
    low, high = bounds(shape.surfaces)
    scale = float(options.pop("scale", 1.0)) * _unit(options.pop("unit", "m"), float(np.max(high - low)), shape.notes)
    surfaces = placed(shape.surfaces, linear * scale, where=name)
    piece = Piece("body", surfaces)
    settled = build([piece], shape, Path(job.work), job.limits, where=name, **options)
    return report(settled, source=source)


def read_shape(source: Source, name: str) -> Shape:
    """The shape in a mesh file of any sort that is read."""
    suffix = posixpath.splitext(name)[1].lower()
    if suffix not in _READERS:
        raise UnreadableFile("a sort of mesh that is not read", where=name, expected=", ".join(_READERS))
    return check_shape(_READERS[suffix](source, name), source.limits, where=name)


def placed(surfaces: list[Surface], linear: Floats, *, where: str) -> list[Surface]:
    """Surfaces turned and scaled, with the middle of the bottom of their box on the origin.

    Raises:
        UnreadableFile: if the result is under 1 mm or over 100 m.
    """
    turned = [moved(each, linear, np.zeros(3)) for each in surfaces]
    low, high = bounds(turned)
    longest = float(np.max(high - low))
    if not _LEAST_M <= longest <= _MOST_M:
        fix = 'Say what one unit is: unit="mm", "cm" or "inch" (or "auto", which guesses).'
        raise UnreadableFile("no size for a thing", where=where, got=f"{longest:g} m", expected=f"{_LEAST_M} to {_MOST_M:g} m", fix=fix)
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return [moved(each, np.eye(3), -origin) for each in turned]


def build(
    pieces: list[Piece],
    shape: Shape,
    work: Path,
    limits: Limits,
    *,
    where: str,
    collision: str = "parts",
    hulls: int | None = None,
    density_kg_m3: float | None = None,
    mass_kg: float | None = None,
    fixed: bool = False,
) -> Any:
    """The settled asset of some pieces, the first of which carries the others. See `model.settle`."""
    kept: dict[str, str] = {}
    root = ET.Element("mujoco", model="thing")
    ET.SubElement(root, "compiler", angle="radian", autolimits="true")
    assets, world = ET.SubElement(root, "asset"), ET.SubElement(root, "worldbody")
    gathered = work / "gathered"
    gathered.mkdir()

    def write(data: bytes, stem: str, suffix: str) -> str:
        path = gathered / f"{len(kept):04d}{suffix}"
        path.write_bytes(data)
        kept[str(path)] = stem + suffix
        if sum(each.stat().st_size for each in gathered.iterdir()) > limits.output_bytes:
            raise FileTooLarge("it makes too many bytes of files", where=where, expected=f"at most {limits.output_bytes:,}")
        return str(path)

    before = sum(len(s.faces) for p in pieces for s in p.surfaces)
    if before > limits.visual_faces:
        _thin(pieces, limits.visual_faces)
        after = sum(len(s.faces) for p in pieces for s in p.surfaces)
        shape.notes.append(f"drawn with {after:,} triangles of {before:,}")
    materials = _materials(assets, [s.look for p in pieces for s in p.surfaces], shape, limits, write)
    parts = [_parts(piece, collision, min(hulls or limits.hulls, limits.hulls)) for piece in pieces]
    if not sum(hull.volume for some in parts for hull in some) > 0.0:
        raise UnreadableFile("the mesh has no extent to touch", where=where)
    masses = [[_mass(hull, density_kg_m3) for hull in some] for some in parts]
    if mass_kg is not None:
        share = mass_kg / sum(sum(some) for some in masses)
        masses = [[each * share for each in some] for some in masses]
    elif density_kg_m3 is None:
        shape.notes.append(f"mass guessed: parts under {100 * SOLID_M:g} cm as {SOLID_KG_M3:g} kg/m³, thicker ones as ever more hollow")

    bodies: list[ET.Element] = []
    for piece, some, weights in zip(pieces, parts, masses, strict=True):
        body = ET.SubElement(bodies[0] if bodies else world, "body", name=piece.name, pos=_text(piece.pivot_m))
        if not bodies and not fixed:
            ET.SubElement(body, "freejoint", name="free")
        if piece.joint:
            ET.SubElement(body, "joint", piece.joint)
        for surface in joined(piece.surfaces):
            local = _four(moved(surface, np.eye(3), -piece.pivot_m))
            stem = f"{piece.name}_{materials[surface.look]}"
            name = _mesh(assets, write(write_obj(local, limits), stem, ".obj"), stem, inertia="shell")
            ET.SubElement(
                body, "geom", type="mesh", mesh=name, material=materials[surface.look], contype="0", conaffinity="0", group="2", density="0"
            )
        for i, (hull, weight) in enumerate(zip(some, weights, strict=True)):
            _touched(assets, body, hull, piece, i, weight, write)
        bodies.append(body)

    if len(pieces) > 1:  # leaves lie in their frames, closer than hulls can tell
        contact = ET.SubElement(root, "contact")
        names = [piece.name for piece in pieces]
        for i, name in enumerate(names):
            for other in names[i + 1 :]:
                ET.SubElement(contact, "exclude", body1=name, body2=other)

    from lifeworld.scene.formats.model import read_spec, settle

    settled = settle(read_spec(root, gathered), kept, work / "asset", hidden=str(gathered))
    settled.left_out[:0] = list(dict.fromkeys(shape.left_out))[:50]
    settled.notes[:0] = list(dict.fromkeys(shape.notes))[:50]
    return settled


def _thin(pieces: list[Piece], most: int) -> None:
    """Thins all pieces alike: each keeps the share of triangles it had."""
    total = sum(len(s.faces) for p in pieces for s in p.surfaces)
    for piece in pieces:
        own = sum(len(s.faces) for s in piece.surfaces)
        if piece.surfaces:
            kept = thinned(piece.surfaces, max(12, int(0.98 * most * own / total)))
            piece.surfaces = kept or piece.surfaces[:1]


def _mass(hull: Hull, density_kg_m3: float | None) -> float:
    if density_kg_m3 is None:
        density_kg_m3 = max(HOLLOW_KG_M3, SOLID_KG_M3 * min(1.0, SOLID_M / hull.thickness))
    return hull.volume * density_kg_m3


def _parts(piece: Piece, collision: str, most: int) -> list[Hull]:
    surfaces = [s for s in piece.surfaces if len(s.faces)]
    if not surfaces:
        return []
    if collision == "box":
        return one_box(surfaces)
    return one_hull(surfaces) if collision == "hull" else convex_parts(surfaces, most=most)


def _touched(assets: ET.Element, body: ET.Element, hull: Hull, piece: Piece, i: int, mass_kg: float, write: Callable[..., str]) -> None:
    """A collision geom of a convex part: a box where it is one (quicker and steadier in contact), else a mesh."""
    look = {"group": "3", "mass": repr(mass_kg), "rgba": "0.5 0.6 0.7 0.5"}
    low, high = hull.vertices.min(axis=0), hull.vertices.max(axis=0)
    if hull.box:
        ET.SubElement(
            body, "geom", {"type": "box", "size": _text((high - low) / 2), "pos": _text((low + high) / 2 - piece.pivot_m), **look}
        )
        return
    stem = f"{piece.name}_part_{i}"
    path = write(write_stl(hull.vertices - piece.pivot_m, hull.faces), stem, ".stl")
    name = _mesh(assets, path, stem, inertia="convex", maxhullvert="64")
    ET.SubElement(body, "geom", {"type": "mesh", "mesh": name, **look})


def _four(surface: Surface) -> Surface:
    """The surface with the four vertices the engine wants at least: a lone triangle is drawn twice, with one corner of its own."""
    if len(surface.vertices) >= 4:
        return surface

    def again(rows: Floats | None) -> Floats | None:
        return None if rows is None else np.concatenate([rows, rows[-1:]])

    twin = np.where(surface.faces == len(surface.vertices) - 1, len(surface.vertices), surface.faces)
    vertices = np.concatenate([surface.vertices, surface.vertices[-1:]])
    return replace(
        surface, vertices=vertices, faces=np.concatenate([surface.faces, twin]), uv=again(surface.uv), normals=again(surface.normals)
    )


def _mesh(assets: ET.Element, path: str, stem: str, **more: str) -> str:
    taken = {each.get("name") for each in assets}
    name, count = stem, 1
    while name in taken:
        name, count = f"{stem}_{count}", count + 1
    ET.SubElement(assets, "mesh", {"name": name, "file": path, **more})
    return name


def _materials(assets: ET.Element, looks: list[Look], shape: Shape, limits: Limits, write: Callable[..., str]) -> dict[Look, str]:
    """A material for each look, and a texture of our own for each picture they use."""
    names: dict[Look, str] = {}
    textures: dict[str, str] = {}
    for look in looks:
        if look in names:
            continue
        name = f"look_{len(names)}"
        attributes = {"name": name, "rgba": _text(np.array(look.rgba))}
        if look.picture is not None and look.picture in shape.pictures:
            if look.picture not in textures:
                textures[look.picture] = f"picture_{len(textures)}"
                png = as_png(shape.pictures[look.picture], limits, where=posixpath.basename(look.picture), most_px=MOST_PICTURE_PX)
                path = write(png, textures[look.picture], ".png")
                # three channels unless it has alpha: the engine must be told
                channels = {0: "1", 6: "4"}.get(png[25], "3")
                ET.SubElement(assets, "texture", {"name": textures[look.picture], "type": "2d", "file": path, "nchannel": channels})
            attributes["texture"] = textures[look.picture]
        ET.SubElement(assets, "material", attributes)
        names[look] = name
    return names


def _unit(unit: str, longest: float, notes: list[str]) -> float:
    """Metres in one unit; `auto` takes the one under which the longest side is nearest to half a metre's order, and says so."""
    if unit != "auto":
        return _UNITS[unit]
    guess = min(("m", "cm", "mm"), key=lambda u: abs(np.log(max(longest * _UNITS[u], 1e-12) / 0.5)))
    notes.append(f"unit guessed: {guess} (the longest side is then {longest * _UNITS[guess]:.3g} m)")
    return _UNITS[guess]


def _text(values: Floats) -> str:
    return " ".join(repr(float(x)) for x in values)
