"""The edits themselves: one frozen value a change. UNSET means: leave as it is (None is a value: as the kind has it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from msgspec import UNSET, UnsetType

from lifeworld.core.pose import Pose
from lifeworld.scene.goal import Goal
from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Ground, Light, Relation, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.shape import Vec3
from lifeworld.scene.space import Space


@dataclass(frozen=True, slots=True)
class Add:
    """A new thing, at place `index` among the things (None: at the end).

    Without a pose it is placed by its relations at once, if every other thing of the scene has its pose; otherwise, or with
    `solve` false, it waits for `place` as the others do.
    """

    thing: Thing
    index: int | None = None
    solve: bool = True


@dataclass(frozen=True, slots=True)
class Remove:
    """A thing goes. What stood on it stays where it is (and will fall); relations to it are dropped."""

    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """A thing, and nothing with it, to another pose; None takes its pose away. See `with_riders` for a table with what is on it."""

    name: str
    pose: Pose | None


@dataclass(frozen=True, slots=True)
class Relate:
    """Other relations for a thing that stays where it is."""

    name: str
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A thing to where relations say (None: its own); solved when `Add` would be."""

    name: str
    relations: tuple[Relation, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    def given(self) -> dict[str, Any]:
        """The values that are set."""
        pairs = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: v for k, v in pairs.items() if v is not UNSET and not (k == "name" and isinstance(self, Set))}


@dataclass(frozen=True, slots=True)
class Set(_Values):
    """Other values for a thing. `joints` and `options` are all of them, not some."""

    name: str
    size_m: Vec3 | UnsetType | None = UNSET
    color: str | UnsetType | None = UNSET
    material: str | UnsetType | None = UNSET
    mass_kg: float | UnsetType | None = UNSET
    friction: float | UnsetType | None = UNSET
    restitution: float | UnsetType | None = UNSET
    fixed: bool | UnsetType | None = UNSET
    turned_on: bool | UnsetType = UNSET
    joints: tuple[tuple[str, float], ...] | UnsetType = UNSET
    options: tuple[tuple[str, int | float | str | bool], ...] | UnsetType = UNSET
    linear_velocity_m_s: Vec3 | UnsetType = UNSET
    angular_velocity_rad_s: Vec3 | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Open:
    """A joint to `fraction` of its way from closed (0) to open (1); without a name, the first joint that has a range."""

    name: str
    joint: str | None = None
    fraction: float = 1.0


@dataclass(frozen=True, slots=True)
class Close:
    """A joint to where it is closed; without a name, every joint that has a range."""

    name: str
    joint: str | None = None


@dataclass(frozen=True, slots=True)
class SetCamera:
    """A camera as it is to be: another of this name, a new one at place `index` (None: at the end), or None to take it away."""

    name: str
    camera: CameraMount | None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class SetLight:
    """A light as it is to be, as `SetCamera`."""

    name: str
    light: Light | None
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetScene(_Values):
    """Other values for the scene as a whole."""

    name: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    gravity_m_s2: Vec3 | UnsetType = UNSET
    moving: bool | UnsetType = UNSET
    ground: Ground | UnsetType | None = UNSET
    cameras: tuple[CameraMount, ...] | UnsetType = UNSET
    lights: tuple[Light, ...] | UnsetType = UNSET
    embodiments: tuple[Embodiment, ...] | UnsetType = UNSET
    sensors: tuple[Sensor, ...] | UnsetType = UNSET
    goals: tuple[Goal, ...] | UnsetType = UNSET
    assets: tuple[AssetRef, ...] | UnsetType = UNSET
    spaces: tuple[Space, ...] | UnsetType = UNSET


Edit = Add | Remove | Move | Relate | Place | Set | Open | Close | SetCamera | SetLight | SetScene
Edits = Edit | Sequence[Edit]
"""One edit, or several in a row."""
