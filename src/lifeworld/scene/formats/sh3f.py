"""Sweet Home 3D furniture catalogues (.sh3f): OBJ models with true sizes, makers, terms, lamps, and doors that open.

A catalogue is a zip with `PluginFurnitureCatalog.properties`. Its frame is ours after the usual turn: width is x, depth is y with
the front at −y, height is z. Parts that open are named in the model itself (`sweethome3d_hinge_1`,
`sweethome3d_opening_on_hinge_1_…`, `…_rail_1`): the hinge part's box is longest along its axis. Angles of doors come from the sash
data, seen from above, counter-clockwise.

Source: Sweet Home 3D 6–7, DefaultFurnitureCatalog and ModelManager (names of properties and of deformable parts).
"""

from __future__ import annotations

import math
import posixpath
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import InputError, UnreadableFile, close_names
from lifeworld.scene.formats.archive import ArchiveSource
from lifeworld.scene.formats.asset import AssetLight, asset_name
from lifeworld.scene.formats.intake import CatalogueEntry
from lifeworld.scene.formats.mesh import Piece, build
from lifeworld.scene.formats.obj import read_obj
from lifeworld.scene.formats.properties import numbered, read_properties
from lifeworld.scene.formats.sandbox import Job
from lifeworld.scene.formats.source import bounded_text
from lifeworld.scene.formats.surface import Floats, Shape, Surface, bounds, check_shape, moved

CONTENTS = "PluginFurnitureCatalog.properties"
_MOST_CONTENTS_BYTES = 20_000_000
_MOST_LICENCE_BYTES = 200_000
_MOST_M = 100.0
_ZUP_FROM_YUP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_PART = re.compile(r"sweethome3d_(opening_on_|window_pane_on_|window_mirror_on_)?(hinge|rail)_(\d{1,3})(?!\d)")
_OTHER_PART = re.compile(r"sweethome3d_(ball|arm_on_ball|mannequin)")
_OPENS_RAD = math.radians(100)


def catalogue(job: Job) -> list[CatalogueEntry]:
    """Every entry of the catalogue `job.source`."""
    source = ArchiveSource(Path(job.source), job.limits)
    return [entry for entry, _ in _entries(source)]


def sh3f(job: Job) -> dict[str, Any]:
    """Writes one entry of the catalogue `job.source` to `job.work/asset`; what it is made of."""
    options = dict(job.options)
    source = ArchiveSource(Path(job.source), job.limits)
    entry, raw = _chosen(_entries(source), str(options.pop("entry")))
    if not entry.model.lower().endswith(".obj"):
        raise UnreadableFile("the model is in a format that is not read", got=posixpath.basename(entry.model), expected=".obj")
    name = source.find(entry.model.lstrip("/"))
    if name is None:
        raise UnreadableFile("the model of this entry is missing", got=entry.model[:200])
    shape = check_shape(read_obj(source, name, lenient=True), job.limits, where=name)
    surfaces = _sized(shape.surfaces, _rotation(raw), entry)
    pieces = _pieces(surfaces, entry, raw, shape)
    fixed = bool(options.pop("fixed", not entry.movable or entry.door_or_window))
    if entry.elevation_m > 0:
        shape.notes.append(f"its bottom hangs {entry.elevation_m:g} m over the floor")
    settled = build(pieces, shape, Path(job.work), job.limits, where=name, fixed=fixed, **options)
    _keep_licences(source, name, Path(job.work) / "asset")
    found = {each: getattr(settled, each) for each in settled.__slots__}
    tags = f" ({', '.join(entry.tags)})" if entry.tags else ""
    return {
        **found,
        "name": asset_name(entry.name),
        "summary": f"{entry.name}{tags}",
        "category": entry.category,
        "licence": entry.licence,
        "creator": entry.creator,
        "surface_m": entry.surface_m,
        "lights": _lights(raw, entry),
        "sources": [source.whole, *source.read_files.values()],
    }


def _entries(source: ArchiveSource) -> list[tuple[CatalogueEntry, dict[str, str]]]:
    name = source.find(CONTENTS)
    if name is None:
        raise UnreadableFile("not a furniture catalogue", expected=f"a zip with {CONTENTS}")
    properties = read_properties(source.read(name, most=_MOST_CONTENTS_BYTES, what="table of contents"))
    out = []
    for number, raw in numbered(properties).items():
        if "model" not in raw:
            continue
        try:
            out.append((_entry(number, raw, properties.get("license")), raw))
        except ValueError as error:
            raise UnreadableFile(
                f"entry {number} of the catalogue is not right: {bounded_text(str(error), 100)}", where=CONTENTS
            ) from error
    return out


def _entry(number: int, raw: dict[str, str], licence: str | None) -> CatalogueEntry:
    size = tuple(_metres(raw.get(key, "0")) for key in ("width", "depth", "height"))
    if min(size) <= 0:
        raise ValueError(f"its size is {size}")
    height = size[2]
    surface = _metres(raw["dropOnTopElevation"]) if raw.get("dropOnTopElevation") else height
    door = raw.get("doorOrWindow", "false").lower() == "true"
    return CatalogueEntry(
        id=bounded_text(raw.get("id") or str(number)),
        name=bounded_text(raw.get("name", "")) or f"entry {number}",
        category=bounded_text(raw.get("category", ""), 60),
        size_m=(size[0], size[1], height),
        creator=bounded_text(raw.get("creator", "")) or None,
        licence=bounded_text(raw.get("license") or licence or "", 2_000) or None,
        movable=raw.get("movable", "true").lower() == "true",
        tags=tuple(bounded_text(tag, 60) for tag in raw.get("tags", "").split(",") if tag.strip()),
        elevation_m=max(0.0, _metres(raw.get("elevation", "0"))),
        surface_m=None if surface < 0 or door else surface,
        door_or_window=door,
        sashes=len(_sashes(raw)),
        lights=len(raw.get("lightSourceX", "").split()),
        model=raw["model"][:1000],
    )


def _chosen(entries: list[tuple[CatalogueEntry, dict[str, str]]], wanted: str) -> tuple[CatalogueEntry, dict[str, str]]:
    """The entry of an id, of the last part of an id (after the maker's `#`), or of a name, in this order.

    Raises:
        InputError: if there is none, or a name is not the only one of its kind.
    """
    called = [(entry.id, entry.id.rpartition("#")[2], entry.name) for entry, _ in entries]
    for key in range(3):
        found = [each for each, names in zip(entries, called, strict=True) if names[key].lower() == wanted.lower()]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(entry.id.rpartition("#")[2] for entry, _ in found[:12])
            raise InputError(f"{len(found)} entries of the catalogue are called {wanted!r}", fix=f"Choose one by its id: {ids}.")
    near = close_names(wanted, {name for names in called for name in names[1:]})
    fix = f"Did you mean {' or '.join(map(repr, near))}?" if near else "catalogue(path) lists them."
    raise InputError(f"the catalogue has no entry {wanted[:100]!r}", fix=fix)


def _rotation(raw: dict[str, str]) -> Floats:
    words = raw.get("modelRotation", "").split()
    if not words:
        return np.eye(3)
    try:
        matrix = np.array([float(word) for word in words]).reshape(3, 3)
    except ValueError as error:
        raise UnreadableFile("modelRotation is not nine numbers", where=CONTENTS, got=" ".join(words)[:100]) from error
    if not np.isfinite(matrix).all() or not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-3):
        raise UnreadableFile("modelRotation is no rotation", where=CONTENTS, got=" ".join(words)[:100])
    return matrix


def _sized(surfaces: list[Surface], rotation: Floats, entry: CatalogueEntry) -> list[Surface]:
    """The surfaces turned to +Z up and stretched to the size the catalogue gives, the middle of the bottom on the origin."""
    turned = [moved(each, _ZUP_FROM_YUP @ rotation, np.zeros(3)) for each in surfaces]
    low, high = bounds(turned)
    span = high - low
    factor = np.where(span > 1e-9, np.array(entry.size_m) / np.where(span > 1e-9, span, 1.0), 1.0)
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return [moved(each, np.diag(factor), -factor * origin) for each in turned]


def _pieces(surfaces: list[Surface], entry: CatalogueEntry, raw: dict[str, str], shape: Shape) -> list[Piece]:
    """The still part, and a body for each leaf whose hinge or rail the model names."""
    still: list[Surface] = []
    opening: dict[tuple[str, str], list[Surface]] = {}
    axes: dict[tuple[str, str], list[Surface]] = {}
    for each in surfaces:
        found = _PART.search(each.part)
        single = replace(each, part="")  # names have done their work; surfaces of one look may now be joined
        if found is None:
            still.append(single)
            if each.part.startswith("sweethome3d_unique_rail"):
                axes.setdefault(("rail", "1"), []).append(single)
            elif other := _OTHER_PART.search(each.part):
                shape.left_out.append(f"movable parts of the sort {other.group(1)}")
        elif found.group(1):
            opening.setdefault((found.group(2), found.group(3)), []).append(single)
        else:
            axes.setdefault((found.group(2), found.group(3)), []).append(single)
            still.append(single)
    first = Piece(asset_name(entry.name).lower(), still)
    leaves = []
    sashes = _sashes(raw)
    for key, leaf in opening.items():
        kind, number = key
        if key not in axes:
            shape.left_out.append(f"{kind} {number}: the model has no axis for it")
            first.surfaces += leaf
            continue
        leaves.append(_leaf(kind, number, leaf, axes[key], still, sashes, entry, shape))
    if sashes and not any(kind == "hinge" for kind, _ in opening):
        shape.left_out.append(f"{len(sashes)} sash{'es' if len(sashes) > 1 else ''}: the model has no part of its own for them")
    if not still:  # all of it opens: the frame of the thing is an empty body, which needs a mass of its own
        shape.left_out.append("hinges: the model has nothing that stays still")
        return [Piece(first.name, [s for leaf in leaves for s in leaf.surfaces])]
    return [first, *leaves]


def _leaf(
    kind: str, number: str, leaf: list[Surface], axis: list[Surface], still: list[Surface], sashes: list[tuple[float, float, float]],
    entry: CatalogueEntry, shape: Shape,
) -> Piece:  # fmt: skip
    low, high = bounds(axis)
    along = int(np.argmax(high - low))
    direction = np.eye(3)[along]
    pivot = (low + high) / 2
    name = f"{kind}_{number}"
    joint = {"name": name, "axis": " ".join(f"{x:g}" for x in direction), "damping": "0.2", "frictionloss": "0.05"}
    own_low, own_high = bounds(leaf)
    if kind == "rail":
        a, b = float(low[along] - own_low[along]), float(high[along] - own_high[along])
        if b - a < 1e-6:
            shape.notes.append(f"{name}: its rail is no longer than what slides on it; it gets its own length to slide")
            a, b = 0.0, float(own_high[along] - own_low[along])
        joint |= {"type": "slide", "range": f"{min(a, 0.0):.6g} {max(b, 0.0):.6g}"}
        return Piece(f"leaf_{name}", leaf, joint, np.zeros(3))
    turn = _sash_turn(sashes, pivot, entry) if along == 2 else None
    if turn is None:
        turn = _outward(leaf, still, pivot, direction)
        shape.notes.append(f"{name}: the catalogue gives no angles; it opens {math.degrees(abs(turn)):.0f}° away from the rest")
    joint |= {"type": "hinge", "range": f"{min(0.0, turn):.6g} {max(0.0, turn):.6g}"}
    return Piece(f"leaf_{name}", leaf, joint, pivot)


def _sash_turn(sashes: list[tuple[float, float, float]], pivot: Floats, entry: CatalogueEntry) -> float | None:
    """How far the sash nearest to a hinge opens [rad], or None if none is near (a quarter of the width)."""
    near = [(math.hypot(x - pivot[0], y - pivot[1]), turn) for x, y, turn in sashes]
    if not near:
        return None
    distance, turn = min(near)
    return turn if distance < 0.25 * max(entry.size_m[0], entry.size_m[1]) else None


def _outward(leaf: list[Surface], still: list[Surface], pivot: Floats, axis: Floats) -> float:
    """The turn [rad] of 100° in that direction which carries the leaf further away from the middle of what stays."""
    low, high = bounds(still)
    leaf_low, leaf_high = bounds(leaf)
    arm, middle = (leaf_low + leaf_high) / 2 - pivot, (low + high) / 2

    def away(turn: float) -> float:  # Rodrigues
        turned = arm * math.cos(turn) + np.cross(axis, arm) * math.sin(turn) + axis * float(axis @ arm) * (1 - math.cos(turn))
        return float(np.linalg.norm(pivot + turned - middle))

    return _OPENS_RAD if away(math.radians(45)) >= away(-math.radians(45)) else -_OPENS_RAD


def _sashes(raw: dict[str, str]) -> list[tuple[float, float, float]]:
    """Each sash's hinge (x, y) [m] in the thing's frame and the angle it opens by [rad]."""
    keys = ("XAxis", "YAxis", "StartAngle", "EndAngle")
    columns = [raw.get(f"doorOrWindowSash{key}", "").split() for key in keys]
    width, depth = _metres(raw.get("width", "0")), _metres(raw.get("depth", "0"))
    out = []
    for x, y, start, end in zip(*columns, strict=False):
        turn = math.radians(float(end) - float(start))
        if not (math.isfinite(turn) and abs(turn) <= 2 * math.pi):
            raise ValueError("a sash without an angle")
        out.append((_metres(x) - width / 2, depth / 2 - _metres(y), turn))
    return out


def _lights(raw: dict[str, str], entry: CatalogueEntry) -> list[AssetLight]:
    colors, diameters = raw.get("lightSourceColor", "").split(), raw.get("lightSourceDiameter", "").split()
    places = zip(*(raw.get(f"lightSource{axis}", "").split() for axis in "XYZ"), strict=False)
    out = []
    for i, (x, y, z) in enumerate(places):
        position = (round(_metres(x) - entry.size_m[0] / 2, 6), round(entry.size_m[1] / 2 - _metres(y), 6), _metres(z))
        color = colors[i] if i < len(colors) and re.fullmatch(r"#[0-9a-fA-F]{6}", colors[i]) else "#ffffff"
        r, g, b = (int(color[j : j + 2], 16) / 255 for j in (1, 3, 5))
        out.append(AssetLight(position_m=position, color=(r, g, b), diameter_m=_metres(diameters[i]) if i < len(diameters) else None))
    return out[:100]


def _keep_licences(source: ArchiveSource, model: str, folder: Path) -> None:
    """Copies the texts of the terms, of the catalogue and of this model, into the asset."""
    kept = 0
    for name in source.names:
        base = posixpath.basename(name)
        if posixpath.dirname(name) not in ("", posixpath.dirname(model)) or not re.search(
            r"licen[cs]e|copying|readme", base, re.IGNORECASE
        ):
            continue
        if not base.lower().endswith((".txt", ".html", ".htm", ".md")) or kept >= 8:
            continue
        data = source.read(name, most=_MOST_LICENCE_BYTES, what="licence")
        suffix = ".html" if base.lower().endswith((".html", ".htm")) else ".txt"
        (folder / f"LICENCE_{kept}{suffix}").write_bytes(data)
        kept += 1


def _metres(text: str) -> float:
    value = round(float(text) / 100.0, 6)  # the catalogue counts in centimetres
    if not math.isfinite(value) or abs(value) > _MOST_M:
        raise ValueError(f"a length of {text[:20]} cm")
    return value
