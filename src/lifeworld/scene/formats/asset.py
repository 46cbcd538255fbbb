"""An asset folder: a foreign robot or thing in our own normal form, and the values its `asset.toml` holds.

    cup/
      asset.toml      who made it, under which terms, how large, which joints; the sha256 of every other file
      model.xml       MJCF that names only files of this folder; metres, +Z up; attachable under a prefix
      meshes/  textures/  LICENCE.txt …

A thing stands on its origin (the middle of the bottom of its box); a robot keeps the frame its maker gave it.
Geoms of group 0 are seen and collide, 2 are only seen, 3 only collide, 4 do neither.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile, UnsafeFile

FORMAT = 1
MANIFEST = "asset.toml"
MODEL = "model.xml"
MOST_MANIFEST_BYTES = 2_000_000
MOST_FILES = 2_000
MOST_BYTES = 1_000_000_000

Vec3 = tuple[float, float, float]
Range = tuple[float, float]
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetJoint:
    """A freedom of the asset; `range` [rad or m] is None where it has no limit."""

    name: str
    type: Literal["free", "ball", "slide", "hinge"]
    range: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetActuator:
    """What an action moves. `range` is of its command: [rad or m], [rad/s or m/s], [N·m or N]; None where it has no limit."""

    name: str
    kind: Literal["position", "velocity", "torque", "other"]
    range: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPose:
    """A named posture: joint name → position [rad or m], of hinges and slides; `controls` actuator name → command."""

    name: str
    joints: dict[str, float]
    controls: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLight:
    """A lamp of the thing, in its frame."""

    position_m: Vec3
    color: Vec3 = (1.0, 1.0, 1.0)  # sRGB, 0 to 1
    diameter_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFile:
    """A file by its name in the folder (or in the source), with its digest."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What an asset folder says of itself; `folder` is where it lies.

    `size_m` is the box at rest, `low_m` its lower corner in the asset's frame. `fixed` says that no free joint lets it move as
    a whole. `surface_m` is the height of the surface one puts things on. `left_out` names what the source has and this has not;
    `notes` names what was assumed or changed on the way.
    """

    folder: Path
    name: str
    summary: str
    category: str
    source_format: str
    licence: str | None
    creator: str | None
    fixed: bool
    size_m: Vec3
    low_m: Vec3
    mass_kg: float | None
    surface_m: float | None
    joints: tuple[AssetJoint, ...]
    actuators: tuple[AssetActuator, ...]
    poses: tuple[AssetPose, ...]
    lights: tuple[AssetLight, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[AssetFile, ...]
    files: tuple[AssetFile, ...]
    digest: str  # sha256 of asset.toml, and through it of everything

    @property
    def model(self) -> Path:
        """The MJCF file."""
        return self.folder / MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`asset.toml` as it is written: an Asset without its place."""

    format: int
    name: str
    summary: str
    category: str
    source_format: str
    fixed: bool
    size_m: Vec3
    low_m: Vec3
    licence: str | None = None
    creator: str | None = None
    mass_kg: float | None = None
    surface_m: float | None = None
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    joints: tuple[AssetJoint, ...] = ()
    actuators: tuple[AssetActuator, ...] = ()
    poses: tuple[AssetPose, ...] = ()
    lights: tuple[AssetLight, ...] = ()
    sources: tuple[AssetFile, ...] = ()
    files: tuple[AssetFile, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name {self.name!r}: a letter, then up to 63 letters, digits and underscores")
        numbers = [*self.size_m, *self.low_m, self.mass_kg or 0.0, self.surface_m or 0.0]
        numbers += [x for span in [j.range for j in self.joints] + [a.range for a in self.actuators] for x in span or ()]
        numbers += [x for pose in self.poses for x in (*pose.joints.values(), *pose.controls.values())]
        numbers += [x for light in self.lights for x in (*light.position_m, *light.color, light.diameter_m or 0.0)]
        if not all(math.isfinite(x) for x in numbers):
            raise ValueError("a number is not finite")
        if min(self.size_m) < 0 or (self.mass_kg or 0.0) < 0:
            raise ValueError("a size or mass is below zero")

    def at(self, folder: Path, digest: str) -> Asset:
        """The Asset lying in `folder`."""
        held = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "format"}
        return Asset(folder=folder, digest=digest, **held)


def print_manifest(manifest: Manifest) -> str:
    """The text of `asset.toml`; reading it back gives an equal Manifest."""
    lines: list[str] = []
    tables: list[tuple[str, Mapping[str, Any]]] = []
    for key, value in msgspec.to_builtins(manifest).items():
        if value is None or value == ():
            continue
        if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            tables += [(key, each) for each in value]
        elif value != []:
            lines.append(f"{key} = {_toml(value)}")
    for key, table in tables:
        lines.append(f"\n[[{key}]]")
        lines += [f"{k} = {_toml(v)}" for k, v in table.items() if v is not None]
    return "\n".join(lines) + "\n"


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest of an asset folder and the digest of its text.

    Raises:
        UnreadableFile: if there is none, or it does not say what it must.
        FileTooLarge: if it is over 2 MB.
    """
    path = folder / MANIFEST
    where = f"{folder.name}/{MANIFEST}"
    if not path.is_file() or path.is_symlink():
        raise UnreadableFile("this is no asset folder: it has no asset.toml", where=folder.name, fix="Make one with `lifeworld import`.")
    if path.stat().st_size > MOST_MANIFEST_BYTES:
        raise FileTooLarge("asset.toml is too long", where=where, got=path.stat().st_size, expected=f"at most {MOST_MANIFEST_BYTES} bytes")
    data = path.read_bytes()
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        known = {each.name for each in fields(Manifest)}
        if strange := sorted(set(raw) - known):
            raise UnreadableFile(f"unknown key {strange[0]!r}", where=where)
        if raw.get("format") != FORMAT:
            raise UnreadableFile("another version of the asset format", where=where, got=raw.get("format"), expected=FORMAT)
        manifest = msgspec.convert(raw, Manifest)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"asset.toml is not right: {str(error)[:300]}", where=where) from error
    return manifest, hashlib.sha256(data).hexdigest()


def check_files(folder: Path, manifest: Manifest) -> None:
    """Every listed file is there, plain, inside the folder and unchanged; nothing beside them is read by the model.

    Raises:
        UnsafeFile: for a name that leaves the folder, or a link.
        UnreadableFile: for a missing or changed file.
        FileTooLarge: for more than 2,000 files or 1 GB.
    """
    where = folder.name
    if len(manifest.files) > MOST_FILES or sum(each.bytes for each in manifest.files) > MOST_BYTES:
        raise FileTooLarge("too many files or bytes for one asset", where=where)
    if MODEL not in {each.name for each in manifest.files}:
        raise UnreadableFile("the asset lists no model.xml", where=where)
    for each in manifest.files:
        path = folder.joinpath(*_confined(each.name, where))
        held = folder
        for part in PurePosixPath(each.name).parts:
            held = held / part
            if held.is_symlink():
                raise UnsafeFile(f"{each.name} is a symbolic link", where=where)
        if not path.is_file():
            raise UnreadableFile(f"{each.name} is missing", where=where, fix="Import it again.")
        if path.stat().st_size != each.bytes or digest_of(path) != each.sha256:
            raise UnreadableFile(f"{each.name} was changed since it was imported", where=where, fix="Import it again.")


def digest_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def asset_name(text: str, otherwise: str = "thing") -> str:
    """`text` made into a name: letters, digits and underscores, beginning with a letter."""
    name = re.sub(r"[^a-zA-Z0-9]+", "_", text).strip("_")
    name = name if name[:1].isalpha() else f"{otherwise}_{name}".rstrip("_")
    return name[:64].rstrip("_")


def check_asset_name(name: str) -> str:
    """The name, if it may be one.

    Raises:
        InputError: otherwise.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "not a name for an asset", got=name, expected="a letter, then letters, digits, underscores", fix=f"Try {asset_name(name)!r}."
        )
    return name


def _confined(name: str, where: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in parts:
        raise UnsafeFile("a file name leaves the asset's folder", where=where, got=name[:200])
    return parts


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")
