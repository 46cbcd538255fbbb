"""The way in: a foreign file becomes an asset folder, whole or not at all.

    asset = import_file("ur5e/ur5e.xml", "assets/ur5e")
    sofa = import_file("BlendSwap-CC-0.sh3f", "assets/sofa", entry="sofa")

The file is read in a child process (`sandbox.py`); this side only looks at its name and size, and writes what comes back.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile, UnsafeFile
from lifeworld.core.write import replace_folder
from lifeworld.scene.formats.asset import (
    FORMAT,
    MANIFEST,
    Asset,
    AssetActuator,
    AssetFile,
    AssetJoint,
    AssetLight,
    AssetPose,
    Manifest,
    Vec3,
    asset_name,
    check_asset_name,
    digest_of,
    print_manifest,
)
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.load import note
from lifeworld.scene.formats.sandbox import Job, run_child, workplace
from lifeworld.scene.formats.source import bounded_text

SUFFIXES = {
    ".xml": "mjcf",
    ".mjcf": "mjcf",
    ".urdf": "urdf",
    ".obj": "mesh",
    ".stl": "mesh",
    ".gltf": "mesh",
    ".glb": "mesh",
    ".sh3f": "sh3f",
}
"""suffix → how the file is read; an `.xml` whose root is <robot> is a URDF."""
_HEAD_BYTES = 4096
_MOST_MAIN_BYTES = {"mjcf": "xml_bytes", "urdf": "xml_bytes", "mesh": "mesh_bytes", "sh3f": "source_bytes"}
_OPTIONS = {
    "mjcf": set[str](),
    "urdf": {"actuate", "fixed"},
    "mesh": {"unit", "up", "scale", "collision", "density_kg_m3", "mass_kg", "fixed", "hulls"},
    "sh3f": {"entry", "collision", "density_kg_m3", "mass_kg", "fixed", "hulls"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One piece of a furniture catalogue. Sizes are the maker's true ones; +Z up, the front looks to −Y."""

    id: str
    name: str
    category: str
    size_m: Vec3
    creator: str | None
    licence: str | None
    movable: bool
    tags: tuple[str, ...]
    elevation_m: float  # of its bottom over the floor: wall cupboards hang
    surface_m: float | None  # where one puts things on; None if nowhere
    door_or_window: bool
    sashes: int  # leaves the catalogue gives angles for
    lights: int
    model: str  # the model's name in the archive


class _Report(msgspec.Struct, frozen=True):
    """What a child hands back."""

    fixed: bool
    size_m: Vec3
    low_m: Vec3
    mass_kg: float
    joints: tuple[AssetJoint, ...]
    actuators: tuple[AssetActuator, ...]
    poses: tuple[AssetPose, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[AssetFile, ...]
    name: str = ""
    summary: str = ""
    category: str = ""
    licence: str | None = None
    creator: str | None = None
    surface_m: float | None = None
    lights: tuple[AssetLight, ...] = ()


def import_file(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    name: str | None = None,
    summary: str | None = None,
    category: str | None = None,
    licence: str | None = None,
    creator: str | None = None,
    root: str | os.PathLike[str] | None = None,
    entry: str | None = None,
    unit: Literal["m", "cm", "mm", "inch", "auto"] | None = None,
    up: Literal["y", "z"] | None = None,
    scale: float | None = None,
    collision: Literal["parts", "hull", "box"] | None = None,
    hulls: int | None = None,
    density_kg_m3: float | None = None,
    mass_kg: float | None = None,
    actuate: Literal["position", "velocity", "torque"] | None = None,
    fixed: bool | None = None,
    overwrite: bool = False,
    limits: Limits | None = None,
) -> Asset:
    """Reads a foreign file and writes the asset folder `out`.

    MJCF, URDF, meshes (OBJ, binary or text STL, glTF, GLB) and one `entry` (id or name) of a Sweet Home 3D catalogue (.sh3f).

    Args:
        root: the folder nothing the file names may leave; its own folder when not given. `package://` of a URDF starts there.
        unit: what one unit of a mesh is; metres when not given, "auto" guesses by the size and says so in `notes`.
        up: the axis of a mesh that points up; +Y for OBJ and glTF, +Z for STL when not given.
        collision: convex parts (the default), one hull, or one box.
        hulls: most convex parts of one body.
        density_kg_m3: of the collision shape, when no `mass_kg` is given.
        actuate: gives every free-standing joint of a URDF an actuator.
        fixed: the thing or robot stands still as a whole; else it gets a free joint.
        overwrite: also replace a folder that holds files which were not made by an import.

    Raises:
        UnreadableFile, UnsafeFile, FileTooLarge: what is wrong with the file; nothing is written.
        InputError: for an option that has no meaning for this sort of file, or a bad name.
        MissingExtra: if convex parts are asked for and `coacd` is not installed.
    """
    source, limits = _beside_its_files(path), limits or Limits()
    sort = _sort(source, limits)
    options = {
        "entry": entry, "unit": unit, "up": up, "scale": scale, "collision": collision, "hulls": hulls,
        "density_kg_m3": density_kg_m3, "mass_kg": mass_kg, "actuate": actuate, "fixed": fixed,
    }  # fmt: skip
    given = {key: value for key, value in options.items() if value is not None}
    _check_options(sort, given, source.name)
    if name is not None:
        check_asset_name(name)
    top = Path(os.path.realpath(root)) if root is not None else source.parent
    with workplace() as work:
        (work / "asset").mkdir()
        raw = run_child(Job(sort, str(source), str(top), str(work), limits, given), shown=source.name)
        report = msgspec.json.decode(raw, type=_Report)
        files = _listed(work / "asset", limits)
        manifest = Manifest(
            format=FORMAT,
            name=name or asset_name(report.name or source.stem),
            summary=bounded_text(summary or report.summary or report.name or source.stem),
            category=bounded_text(category or report.category or ("robot" if report.actuators else "object"), 60),
            source_format=source.suffix.lower().lstrip(".") if sort != "mjcf" else "mjcf",
            licence=bounded_text(licence or report.licence or "", 2_000) or None,
            creator=bounded_text(creator or report.creator or "") or None,
            fixed=report.fixed,
            size_m=report.size_m,
            low_m=report.low_m,
            mass_kg=report.mass_kg,
            surface_m=report.surface_m,
            left_out=report.left_out,
            notes=report.notes,
            joints=report.joints,
            actuators=report.actuators,
            poses=report.poses,
            lights=report.lights,
            sources=report.sources,
            files=files,
        )
        with replace_folder(out, overwrite=overwrite) as folder:
            for each in files:
                (folder / each.name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(work / "asset" / each.name, folder / each.name)
            (folder / MANIFEST).write_text(print_manifest(manifest), encoding="utf-8")
            digest = digest_of(folder / MANIFEST)
    note(digest)
    return manifest.at(Path(os.path.abspath(out)), digest)


def catalogue(path: str | os.PathLike[str], *, limits: Limits | None = None) -> list[CatalogueEntry]:
    """What a Sweet Home 3D furniture catalogue (.sh3f) holds, in its own order.

    Raises:
        UnreadableFile, UnsafeFile, FileTooLarge: what is wrong with the file.
    """
    source, limits = _beside_its_files(path), limits or Limits()
    if _sort(source, limits) != "sh3f":
        raise UnreadableFile("not a furniture catalogue", where=source.name, expected="a .sh3f file")
    with workplace() as work:
        raw = run_child(Job("catalogue", str(source), str(source.parent), str(work), limits, {}), shown=source.name)
    return msgspec.json.decode(raw, type=list[CatalogueEntry])


def _beside_its_files(path: str | os.PathLike[str]) -> Path:
    """The file in its real folder: a link on the way to the folder is the user's own, one from the folder outward is not followed."""
    folder, name = os.path.split(os.path.abspath(path))
    return Path(os.path.realpath(folder)) / name


def _sort(source: Path, limits: Limits) -> str:
    """How the file is to be read, by its suffix and its first bytes; refuses by its size what need not be opened."""
    try:
        held = source.stat()
    except OSError as error:
        raise UnreadableFile(f"it cannot be read: {error.strerror}", where=source.name) from error
    if not stat.S_ISREG(held.st_mode):
        raise UnsafeFile("this is not a plain file", where=source.name)
    sort = SUFFIXES.get(source.suffix.lower())
    if sort is None:
        raise UnreadableFile(
            "a sort of file that is not read", where=source.name, expected=", ".join(SUFFIXES), fix="Convert it to one of these."
        )
    most = getattr(limits, _MOST_MAIN_BYTES[sort])
    if held.st_size > most:
        raise FileTooLarge("the file is too large", where=source.name, got=f"{held.st_size:,} bytes", expected=f"at most {most:,}")
    if held.st_size == 0:
        raise UnreadableFile("the file is empty", where=source.name)
    if source.suffix.lower() == ".xml":
        with source.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if b"<robot" in head and b"<mujoco" not in head.split(b"<robot")[0]:
            return "urdf"
    return sort


def _check_options(sort: str, given: dict[str, Any], shown: str) -> None:
    if strange := sorted(set(given) - _OPTIONS[sort]):
        has = ", ".join(sorted(_OPTIONS[sort])) or "none"
        raise InputError(f"{strange[0]} has no meaning for this sort of file", where=shown, fix=f"Its options: {has}.")
    for key, words in (
        ("unit", "m cm mm inch auto"),
        ("up", "y z"),
        ("collision", "parts hull box"),
        ("actuate", "position velocity torque"),
    ):
        if key in given and given[key] not in words.split():
            raise InputError(f"{key} is one of {', '.join(words.split())}", where=shown, got=given[key])
    for key, low, high in (("scale", 1e-6, 1e6), ("density_kg_m3", 0.1, 30_000.0), ("mass_kg", 1e-6, 1e5), ("hulls", 1, 256)):
        value = given.get(key)
        if value is not None and not (isinstance(value, int | float) and low <= value <= high):
            raise InputError(f"{key} is out of range", where=shown, got=value, expected=f"{low:g} to {high:g}")
    if sort == "sh3f" and "entry" not in given:
        raise InputError("a catalogue holds many things", where=shown, fix="Choose one by entry=…; catalogue(path) lists them.")


def _listed(folder: Path, limits: Limits) -> tuple[AssetFile, ...]:
    """The files a child wrote; nothing but plain files, and not too much of them."""
    files = []
    for here, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            if os.path.islink(os.path.join(here, name)):
                raise UnsafeFile("a link among the files that were made", where=name)
        for name in names:
            path = Path(here, name)
            files.append(AssetFile(name=path.relative_to(folder).as_posix(), sha256=digest_of(path), bytes=path.stat().st_size))
    if sum(each.bytes for each in files) > limits.output_bytes:
        raise FileTooLarge("it makes too many bytes of files", expected=f"at most {limits.output_bytes:,}")
    return tuple(sorted(files, key=lambda each: each.name))
