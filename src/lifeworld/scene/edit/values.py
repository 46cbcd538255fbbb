"""The edits themselves: one frozen value a change. UNSET means: leave as it is (None is a value: as the kind has it)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from lifeworld.core.pose import Pose
from lifeworld.scene.event import Event
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Ground, Light, Relation, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.shape import Vec3
from lifeworld.scene.space import Space

Axis = Literal["x", "y", "z"]


class _Change:
    """What every edit is; `brings` are the names that come with it, as far as they can be told before."""

    __slots__ = ()

    @property
    def brings(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Add(_Change):
    """A new thing, at place `index` among the things (None: at the end).

    Without a pose it is placed by its relations at once, if every other thing of the scene has its pose; otherwise, or with
    `solve` false, it waits for `place` as the others do.
    """

    thing: Thing
    index: int | None = None
    solve: bool = True

    @property
    def brings(self) -> tuple[str, ...]:
        return (self.thing.name,)


@dataclass(frozen=True, slots=True)
class Remove(_Change):
    """A thing goes. What stood on it stays where it is (and will fall), what it held is let go, relations and groups are without it."""

    name: str


@dataclass(frozen=True, slots=True)
class Replace(_Change):
    """Another thing where one was: in its place among the things, and for all who speak of it.

    What the new one leaves open (pose, relations) it has from the old one; what stood on or in that stands on or in the new one, as far
    as it can. If it does not fit where the old one stood, it is placed by its relations. With `solve` false it is put in just as it is.
    """

    name: str
    thing: Thing
    solve: bool = True

    @property
    def brings(self) -> tuple[str, ...]:
        return (self.thing.name,)


@dataclass(frozen=True, slots=True)
class Copy(_Change):
    """One more thing like another, called `copy`, at rest, where relations say (None: beside it, on what it stands on).

    Solved when `Add` would be.
    """

    name: str
    copy: str
    relations: tuple[Relation, ...] | None = None
    index: int | None = None
    solve: bool = True

    @property
    def brings(self) -> tuple[str, ...]:
        return (self.copy,)


@dataclass(frozen=True, slots=True)
class Rename(_Change):
    """Another name for a thing, camera, light, embodiment, sensor, goal, group, event or space, wherever the scene speaks of it."""

    name: str
    to: str

    @property
    def brings(self) -> tuple[str, ...]:
        return (self.to,)


@dataclass(frozen=True, slots=True)
class Fill(_Change):
    """Things like `thing` into a container: as many as take up `amount` (0 to 1) of its room when they lie loosely, and at least one.

    They are called as `thing` is, with numbers; `container` names one of several (None: the largest). What finds no room stays out.
    """

    name: str
    thing: Thing
    amount: float = 1.0
    container: str | None = None


@dataclass(frozen=True, slots=True)
class Move(_Change):
    """A thing, and nothing with it, to another pose; None takes its pose away. See `with_riders` for a table with what is on it."""

    name: str
    pose: Pose | None


@dataclass(frozen=True, slots=True)
class Relate(_Change):
    """Other relations for a thing that stays where it is."""

    name: str
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Place(_Change):
    """A thing to where relations say (None: its own), with all that stands on it or in it; solved when `Add` would be."""

    name: str
    relations: tuple[Relation, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rotate(_Change):
    """A thing, with all that stands on it or in it, turned by `angle_deg` where it stands, counter-clockwise as seen against the axis.

    `z` is the vertical; `x` points to its right and `y` to its back, both level: about those it tips over and is set down again.
    """

    name: str
    angle_deg: float
    axis: Axis = "z"


@dataclass(frozen=True, slots=True)
class Scale(_Change):
    """A thing made larger or smaller: every side by `factor`, or each (x, y, z) by its own. What stands on it goes up or down with it."""

    name: str
    factor: float | Vec3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values(_Change):
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
    attach: str | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class TurnOn(_Change):
    """A lamp or an appliance goes on."""

    name: str


@dataclass(frozen=True, slots=True)
class TurnOff(_Change):
    """A lamp or an appliance goes off."""

    name: str


@dataclass(frozen=True, slots=True)
class Attach(_Change):
    """A thing is held fast to another, as the two stand to each other."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Detach(_Change):
    """A thing is let go of what it was held fast to."""

    name: str


@dataclass(frozen=True, slots=True)
class Open(_Change):
    """A joint to `fraction` of its way from closed (0) to open (1); without a name, the first joint that has a range."""

    name: str
    joint: str | None = None
    fraction: float = 1.0


@dataclass(frozen=True, slots=True)
class Close(_Change):
    """A joint to where it is closed; without a name, every joint that has a range."""

    name: str
    joint: str | None = None


@dataclass(frozen=True, slots=True)
class SetCamera(_Change):
    """A camera as it is to be: another of this name, a new one at place `index` (None: at the end), or None to take it away."""

    name: str
    camera: CameraMount | None
    index: int | None = None

    @property
    def brings(self) -> tuple[str, ...]:
        return () if self.camera is None else (self.name,)


@dataclass(frozen=True, slots=True)
class SetLight(_Change):
    """A light as it is to be, as `SetCamera`."""

    name: str
    light: Light | None
    index: int | None = None

    @property
    def brings(self) -> tuple[str, ...]:
        return () if self.light is None else (self.name,)


@dataclass(frozen=True, slots=True)
class SetGroup(_Change):
    """A group of things as it is to be, as `SetCamera`."""

    name: str
    group: Group | None
    index: int | None = None

    @property
    def brings(self) -> tuple[str, ...]:
        return () if self.group is None else (self.name,)


@dataclass(frozen=True, slots=True)
class SetGoal(_Change):
    """A goal as it is to be, as `SetCamera`."""

    name: str
    goal: Goal | None
    index: int | None = None

    @property
    def brings(self) -> tuple[str, ...]:
        return () if self.goal is None else (self.name,)


@dataclass(frozen=True, slots=True)
class SetEvent(_Change):
    """An event as it is to be, as `SetCamera`."""

    name: str
    event: Event | None
    index: int | None = None

    @property
    def brings(self) -> tuple[str, ...]:
        return () if self.event is None else (self.name,)


@dataclass(frozen=True, slots=True)
class SetTime(_Change):
    """The time of day, `hour` from 0 to 24: sun and sky as they are then take the place of every light of the kind `sun`; lamps stay."""

    hour: float


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
    groups: tuple[Group, ...] | UnsetType = UNSET
    events: tuple[Event, ...] | UnsetType = UNSET


Edit = (
    Add
    | Remove
    | Replace
    | Copy
    | Rename
    | Fill
    | Move
    | Relate
    | Place
    | Rotate
    | Scale
    | Set
    | TurnOn
    | TurnOff
    | Open
    | Close
    | Attach
    | Detach
    | SetCamera
    | SetLight
    | SetGroup
    | SetGoal
    | SetEvent
    | SetTime
    | SetScene
)
