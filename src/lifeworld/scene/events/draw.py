"""What a kind of event draws from: its own random numbers, the scene as it stands, whom it befalls and how strong it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.errors import EventError
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Body
from lifeworld.scene.check import is_asset
from lifeworld.scene.mass import mass_of
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.naming import free_name
from lifeworld.scene.room import Placed, Room
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.scene.shape import Vec3

Array = NDArray[np.float64]


@dataclass(eq=False, kw_only=True)
class Draw:
    """One time that an event happens: draw with `rng`, in this order and nowhere else, and the same comes of it again."""

    event: str
    scene: Scene
    rng: Generator
    who: tuple[str, ...]
    strength: float
    direction: Vec3 | None = None
    of: tuple[str, ...] = ()
    assets: Mapping[str, Assembly] = field(default_factory=dict)

    def sort(self) -> str:
        """The kind of thing that comes in."""
        return self.one_of(*self.of)

    # -- whom it befalls ---------------------------------------------------------------------------------------------------

    @property
    def things(self) -> tuple[Thing, ...]:
        """The things it befalls."""
        return tuple(self.scene.thing(name) for name in self.who)

    @property
    def thing(self) -> Thing:
        """The one thing it befalls."""
        return self.scene.thing(self.who[0])

    @property
    def camera(self) -> CameraMount:
        return next(c for c in self.scene.cameras if c.name == self.who[0])

    @property
    def embodiment(self) -> Embodiment:
        return next(e for e in self.scene.embodiments if e.name == self.who[0])

    # -- the scene as it stands ----------------------------------------------------------------------------------------------

    @cached_property
    def room(self) -> Room:
        """All that has a pose, to be asked what is where. What is imported and not known here is not in it."""
        return room_of(self.scene, self.assets)

    def placed(self, thing: Thing) -> Placed:
        """A thing where it stands.

        Raises:
            EventError: if it has no pose, or its shape is not known.
        """
        if thing.name not in self.room.placed:
            raise self.refusal("no_room", f"it is not known where {thing.name!r} is, or what it looks like", fix="Place the scene first.")
        return self.room[thing.name]

    def body(self, thing: Thing) -> Body:
        return self.placed(thing).body

    def middle_m(self, thing: Thing) -> Array:
        """Where its centre of mass is (3,) [m], by volume and density."""
        return self.placed(thing).com_m

    def mass_kg(self, thing: Thing) -> float:
        """What a thing weighs.

        Raises:
            EventError: of an imported one that does not say.
        """
        mass = mass_of(thing)
        if mass is None:
            raise self.refusal("unknown_mass", f"what {thing.name!r} weighs is not known here", fix="Give it a mass_kg.")
        return mass

    @property
    def g_m_s2(self) -> float:
        """How strong gravity is downwards; 0 where it points elsewhere or there is none."""
        return max(-self.scene.gravity_m_s2[2], 0.0)

    # -- chance ------------------------------------------------------------------------------------------------------------------

    def between(self, least: float, most: float) -> float:
        return float(self.rng.uniform(least, most))

    def one_of(self, *choices: str) -> str:
        return choices[int(self.rng.integers(len(choices)))]

    def way(self, *, level: bool = True) -> Array:
        """A unit vector (3,): the direction asked for, else one drawn, level or with some upward share."""
        angle, up = self.between(0, 2 * math.pi), self.between(0.0, 0.6)
        if self.direction is not None:
            given = np.array(self.direction, dtype=np.float64)
            if level and (given[0] or given[1]):
                given[2] = 0.0
            return np.asarray(given / np.linalg.norm(given))
        drawn = np.array([math.cos(angle), math.sin(angle), 0.0 if level else up])
        return np.asarray(drawn / np.linalg.norm(drawn))

    # -- what is done -------------------------------------------------------------------------------------------------------------

    def name(self, stem: str, count: int = 0) -> str:
        """A name nobody has: `ball`, `ball_2` …; with a count, the names of so many before it are taken too."""
        taken = {*self.scene.names()}
        for _ in range(count):
            taken.add(free_name(stem, taken))
        return free_name(stem, taken)

    def in_frame(self, thing: Thing, point_m: Array) -> Vec3:
        """A point (3,) of the world in a thing's frame."""
        return vec3(self.placed(thing).pose.inverse().apply(point_m))

    def refusal(self, reason: str, why: str, *, fix: str | None = None) -> EventError:
        """The error that says why nothing can come of this event."""
        return EventError(why, reason=reason, where=f"event {self.event!r}", fix=fix)


def room_of(scene: Scene, assets: Mapping[str, Assembly] | None = None) -> Room:
    """The things of a scene that have a pose and a shape that is known, as bodies in the world."""
    known = [t for t in scene.things if t.pose is not None and (not is_asset(t) or t.kind.removeprefix("asset:") in (assets or {}))]
    names = {t.name for t in known}
    things = [replace(t, attach=None, relations=tuple(r for r in t.relations if names.issuperset(r.targets))) for t in known]
    return Room(Scene(name="room", ground=scene.ground, things=tuple(things), assets=scene.assets), assets)


def friction_of(thing: Thing) -> float:
    """The friction a thing has: its own, that of its kind, or that of its stuff."""
    if thing.friction is not None:
        return thing.friction
    what = None if is_asset(thing) else archetype.kind(thing.kind)
    if what is not None and what.friction is not None:
        return what.friction
    return MATERIALS[thing.material or (what.material if what is not None else "plastic")].friction


def vec3(value: Array) -> Vec3:
    """Three numbers, without the last bits that no text needs."""
    x, y, z = (round(float(v), 9) + 0.0 for v in value)
    return (x, y, z)


def upright(position_m: Array, heading_rad: float = 0.0) -> Pose:
    """An upright pose whose X axis points along `heading_rad` about +Z."""
    return Pose.from_yaw(vec3(position_m), heading_rad)
