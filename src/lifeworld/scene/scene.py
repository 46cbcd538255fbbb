"""A scene: what there is. Frozen values, equal when their text is equal; text first (see `text.py`), always printable.

A thing is named by its kind (an archetype) and placed by a pose, by relations, or by both: relations are kept beside the
settled poses, so that a scene can be checked again later. Every value is bounded here, however it came to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.event import Event, check_events
from lifeworld.scene.goal import Goal, check_order
from lifeworld.scene.group import Group
from lifeworld.scene.material import MATERIALS, rgba
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.shape import Vec3
from lifeworld.scene.space import Space

RelationKind = Literal[
    "on", "in", "under", "above", "beside", "near", "far_from", "left_of", "right_of", "in_front_of", "behind",
    "between", "against", "around", "facing", "aligned_with",
]  # fmt: skip
RELATIONS: tuple[RelationKind, ...] = get_args(RelationKind)
Spot = Literal[
    "centre", "edge", "corner", "left", "right", "front", "back", "front_left", "front_right", "back_left", "back_right"
]  # fmt: skip
SPOTS: tuple[Spot, ...] = get_args(Spot)

MAX_THINGS = 2_000
MAX_TITLE = 200
MIN_SIZE_M, MAX_SIZE_M = 0.001, 100.0
MAX_MASS_KG = 100_000.0
REACH_M = 1_000.0  # how far from the origin a thing may be
MAX_SPEED_M_S = 300.0
MAX_SPIN_RAD_S = 1_000.0
MAX_JOINT = 1e6  # [rad or m]: the turns of a wheel add up


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """`kind` to another thing: on its `surface` (None: any that fits), at `at_m` (x, y) [m] in that surface's frame (None: anywhere),

    turned by `yaw_deg` about the vertical of that frame (None: as suits the kind). `and_thing` is the second of `between`; `spot` which
    part of the surface; `distance_m` [m] the gap to the other. Left, right, front and back are seen in the frame turned by `frame_yaw_deg`
    in the world, +X to the right and +Y away from who looks (None: the other's own). Which kinds take which: `check.TAKES`.
    """

    kind: RelationKind
    thing: str
    surface: str | None = None
    at_m: tuple[float, float] | None = None
    yaw_deg: float | None = None
    and_thing: str | None = None
    spot: Spot | None = None
    distance_m: float | None = None
    frame_yaw_deg: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in RELATIONS:
            raise UnknownName("relation", self.kind, RELATIONS)
        check_name(self.thing, "thing")
        if self.surface is not None:
            check_name(self.surface, "surface")
        if self.at_m is not None:
            finite("at_m", self.at_m, most=MAX_SIZE_M)
        for key, turn in (("yaw_deg", self.yaw_deg), ("frame_yaw_deg", self.frame_yaw_deg)):
            if turn is not None:
                finite(key, (turn,), most=360.0)
        if self.and_thing is not None:
            check_name(self.and_thing, "thing")
        if self.spot is not None and self.spot not in SPOTS:
            raise UnknownName("spot", self.spot, SPOTS)
        if self.distance_m is not None:
            finite("distance_m", (self.distance_m,), least=0.0, most=MAX_SIZE_M)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the others it is about."""
        return (self.thing,) if self.and_thing is None else (self.thing, self.and_thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing. None means: as the kind has it.

    `size_m` (x, y, z) [m]; `restitution` how much speed a bounce keeps, 0 to 1; `pose` world_from_thing, None until placed;
    `joints` name → position [rad or m];
    `linear_velocity_m_s`, `angular_velocity_rad_s` at the start, world frame; `turned_on` for lamps and appliances;
    `options` are the kind's own settings; `attach` names the thing it is held fast to, as the two stand to each other.
    """

    name: str
    kind: str
    size_m: Vec3 | None = None
    color: str | None = None
    material: str | None = None
    mass_kg: float | None = None
    friction: float | None = None
    restitution: float | None = None
    fixed: bool | None = None
    turned_on: bool = False
    pose: Pose | None = None
    relations: tuple[Relation, ...] = ()
    joints: tuple[tuple[str, float], ...] = ()
    options: tuple[tuple[str, int | float | str | bool], ...] = ()
    linear_velocity_m_s: Vec3 = (0.0, 0.0, 0.0)
    angular_velocity_rad_s: Vec3 = (0.0, 0.0, 0.0)
    attach: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "thing")
        where = f"thing {self.name!r}"
        if self.size_m is not None:
            finite("size_m", self.size_m, least=MIN_SIZE_M, most=MAX_SIZE_M, where=where)
        if self.color is not None:
            rgba(self.color, where=where)
        if self.material is not None and self.material not in MATERIALS:
            raise UnknownName("material", self.material, MATERIALS, where=where)
        if self.mass_kg is not None:
            finite("mass_kg", (self.mass_kg,), least=1e-6, most=MAX_MASS_KG, where=where)
        if self.friction is not None:
            finite("friction", (self.friction,), least=0.0, most=10.0, where=where)
        if self.restitution is not None:
            finite("restitution", (self.restitution,), least=0.0, most=1.0, where=where)
        if self.pose is not None:
            finite("position_m", self.pose.position_m.tolist(), most=REACH_M, where=where)
        finite("linear_velocity_m_s", self.linear_velocity_m_s, most=MAX_SPEED_M_S, where=where)
        finite("angular_velocity_rad_s", self.angular_velocity_rad_s, most=MAX_SPIN_RAD_S, where=where)
        for name, value in self.joints:
            check_name(name, "joint")
            finite(f"joints.{name}", (value,), most=MAX_JOINT, where=where)
        for name, option in self.options:
            check_name(name, "option")
            if isinstance(option, float):
                finite(f"options.{name}", (option,), where=where)
        if self.attach is not None:
            check_name(self.attach, "thing")
            if self.attach == self.name:
                raise SceneError("a thing is not held fast to itself", where=where, fix="Take away the line: attach = …")
        for key, pairs in (("joints", self.joints), ("options", self.options)):
            names = [name for name, _ in pairs]
            if len(set(names)) < len(names):
                raise SceneError(f"{key} names one twice", where=where, got=", ".join(sorted(names)))
        # Their order has no meaning: one order for all, so that scenes are equal when their text is.
        object.__setattr__(self, "relations", tuple(sorted(self.relations, key=lambda r: RELATIONS.index(r.kind))))
        object.__setattr__(self, "joints", tuple(sorted(self.joints)))
        object.__setattr__(self, "options", tuple(sorted(self.options)))

    @property
    def relation_targets(self) -> tuple[str, ...]:
        return tuple(name for r in self.relations for name in r.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMount:
    """A camera in the scene: OpenCV frame (+Z forward), `pose` is world_from_camera, or attach_from_camera when `attach` names a thing."""

    name: str
    pose: Pose
    fov_y_deg: float = 50.0
    width_px: int = 320
    height_px: int = 240
    attach: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "camera")
        where = f"camera {self.name!r}"
        finite("fov_y_deg", (self.fov_y_deg,), least=1.0, most=170.0, where=where)
        finite("position_m", self.pose.position_m.tolist(), most=REACH_M, where=where)
        for key, value in (("width_px", self.width_px), ("height_px", self.height_px)):
            if not isinstance(value, int) or not 1 <= value <= 4096:
                raise LimitError(f"{key} is out of bounds", where=where, got=value, expected="a whole number from 1 to 4096")


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A light: `sun` (parallel, shines along `direction`), `spot` (cone of `spread_deg`) or `point`, at `position_m`."""

    name: str
    kind: Literal["sun", "spot", "point"] = "sun"
    position_m: Vec3 = (0.0, 0.0, 3.0)
    direction: Vec3 = (0.2, 0.4, -1.0)
    color: str = "#ffffff"
    intensity: float = 0.7
    spread_deg: float = 90.0
    shadow: bool = True

    def __post_init__(self) -> None:
        check_name(self.name, "light")
        where = f"light {self.name!r}"
        if self.kind not in ("sun", "spot", "point"):
            raise UnknownName("kind of light", self.kind, ("sun", "spot", "point"), where=where)
        finite("position_m", self.position_m, most=REACH_M, where=where)
        finite("direction", self.direction, most=1e6, where=where)
        if not any(self.direction):
            raise LimitError("direction has no length", where=where, got=self.direction)
        finite("intensity", (self.intensity,), least=0.0, most=10.0, where=where)
        finite("spread_deg", (self.spread_deg,), least=1.0, most=180.0, where=where)
        rgba(self.color, where=where)


EmbodimentKind = Literal["free_camera", "hand", "pusher", "walker", "robot"]
EMBODIMENTS: tuple[EmbodimentKind, ...] = ("free_camera", "hand", "pusher", "walker", "robot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embodiment:
    """The body an agent acts through. `robot` needs an `asset` of the scene; `action` chooses what its numbers command.

    None for `action` is the kind's own: velocities for cameras, hands, walkers and pushers, positions for robots.
    """

    name: str
    kind: EmbodimentKind
    pose: Pose = field(default_factory=Pose)
    asset: str | None = None
    action: Literal["position", "velocity", "torque"] | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "embodiment")
        where = f"embodiment {self.name!r}"
        if self.kind not in EMBODIMENTS:
            raise UnknownName("kind of embodiment", self.kind, EMBODIMENTS, where=where)
        if self.action not in (None, "position", "velocity", "torque"):
            raise UnknownName("action", self.action, ("position", "velocity", "torque"), where=where)
        if self.action not in (None, "velocity") and self.kind in ("free_camera", "hand", "walker"):
            raise SceneError(f"a {self.kind} is commanded by velocities", where=where, got=self.action, expected="velocity")
        if (self.kind == "robot") != (self.asset is not None):
            raise SceneError("a robot needs an asset, and only a robot has one", where=where, got=self.asset)
        finite("position_m", self.pose.position_m.tolist(), most=REACH_M, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRef:
    """An imported asset the scene uses: a folder beside the scene's file, and the digest it had when it was taken in."""

    name: str
    folder: str
    sha256: str

    def __post_init__(self) -> None:
        check_name(self.name, "asset")
        where = f"asset {self.name!r}"
        parts = self.folder.replace("\\", "/").removesuffix("/").split("/")
        if self.folder.startswith(("/", "~")) or ":" in self.folder or not {"", ".", ".."}.isdisjoint(parts):
            raise SceneError(
                "an asset lies in a folder beside the scene", where=where, got=self.folder, expected="a relative path without .."
            )
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise SceneError("not a digest", where=where, got=self.sha256, expected="64 hexadecimal digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The level ground at z = 0."""

    material: str = "floorboard"
    color: str | None = None
    friction: float | None = None

    def __post_init__(self) -> None:
        if self.material not in MATERIALS:
            raise UnknownName("material", self.material, MATERIALS, where="ground")
        if self.color is not None:
            rgba(self.color, where="ground")
        if self.friction is not None:
            finite("friction", (self.friction,), least=0.0, most=10.0, where="ground")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything there is. Names are unique among all that it holds together, but for assets.

    `moving` says that motion is the point of this scene (dominoes fall, a cube is tossed), so that nobody waits for it to rest.

    Raises:
        SceneError, LimitError, UnknownName: for names used twice, unknown targets, or numbers out of bounds.
    """

    name: str
    title: str = ""
    gravity_m_s2: Vec3 = (0.0, 0.0, -9.81)
    moving: bool = False
    ground: Ground | None = field(default_factory=Ground)
    things: tuple[Thing, ...] = ()
    cameras: tuple[CameraMount, ...] = ()
    lights: tuple[Light, ...] = ()
    embodiments: tuple[Embodiment, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    goals: tuple[Goal, ...] = ()
    assets: tuple[AssetRef, ...] = ()
    spaces: tuple[Space, ...] = ()
    groups: tuple[Group, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name, "scene")
        if len(self.title) > MAX_TITLE or not self.title.isprintable():
            raise LimitError("title is not a line of text", got=self.title, expected=f"at most {MAX_TITLE} characters that can be shown")
        finite("gravity_m_s2", self.gravity_m_s2, most=1_000.0)
        if len(self.things) > MAX_THINGS:
            raise LimitError("too many things", got=len(self.things), expected=f"at most {MAX_THINGS}")
        few = ("cameras", "lights", "embodiments", "sensors", "goals", "spaces", "groups", "events")
        for name, most in (*((name, 64) for name in few), ("assets", 256)):
            if len(getattr(self, name)) > most:
                raise LimitError(f"too many {name}", got=len(getattr(self, name)), expected=f"at most {most}")
        seen: set[str] = set()
        for name in self.names():
            if name in seen:
                raise SceneError(f"two things are called {name!r}", fix="Names are unique in a scene: rename one.")
            seen.add(name)
        things = {t.name for t in self.things}
        assets = {a.name for a in self.assets}
        if len(assets) < len(self.assets):
            raise SceneError("two assets have one name", got=", ".join(sorted(a.name for a in self.assets)))
        for thing in self.things:
            for target in thing.relation_targets:
                if target not in things:
                    raise UnknownName("thing", target, things, where=f"thing {thing.name!r}")
            if thing.attach is not None and thing.attach not in things:
                raise UnknownName("thing", thing.attach, things, where=f"thing {thing.name!r}")
            if thing.kind.startswith("asset:") and thing.kind[6:] not in assets:
                raise UnknownName("asset", thing.kind[6:], assets, where=f"thing {thing.name!r}")
        bodies = things | {e.name for e in self.embodiments}
        places = [*(("camera", c.name, c.attach) for c in self.cameras), *(("sensor", s.name, s.attach) for s in self.sensors)]
        for sort, name, attach in places:
            if attach is not None and attach not in bodies:
                raise UnknownName("thing", attach, bodies, where=f"{sort} {name!r}")
        for goal in self.goals:
            for target in goal.targets:
                if target not in things:
                    raise UnknownName("thing", target, things, where=f"goal {goal.name!r}")
        check_order(self.goals)
        for embodiment in self.embodiments:
            if embodiment.asset is not None and embodiment.asset not in assets:
                raise UnknownName("asset", embodiment.asset, assets, where=f"embodiment {embodiment.name!r}")
        for group in self.groups:
            for member in group.members:
                if member not in things:
                    raise UnknownName("thing", member, things, where=f"group {group.name!r}")
        check_events(self.events, seen)

    def names(self) -> Iterator[str]:
        """The names of all it holds but its assets: no two may be the same."""
        held = (self.things, self.cameras, self.lights, self.embodiments, self.sensors, self.goals, self.spaces, self.groups, self.events)
        return (one.name for some in held for one in some)

    def thing(self, name: str) -> Thing:
        """The thing of this name.

        Raises:
            UnknownName: with the nearest names.
        """
        for thing in self.things:
            if thing.name == name:
                return thing
        raise UnknownName("thing", name, (t.name for t in self.things))

    def with_thing(self, thing: Thing) -> Scene:
        """The scene with the thing of the same name replaced, or with a new one at the end."""
        if any(t.name == thing.name for t in self.things):
            return replace(self, things=tuple(thing if t.name == thing.name else t for t in self.things))
        return replace(self, things=(*self.things, thing))
