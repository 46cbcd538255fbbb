"""A course of scenes that is possible, the impossible one beside it, and how one is woven from another.

A course is a scene for each picture, `PICTURE_NS` apart: a value that can be drawn, compared, and stepped from again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.scene import Scene, Thing

if TYPE_CHECKING:
    from lifeworld.worlds.physics.engine import WorldPhysics

Course = tuple[Scene, ...]

PICTURES = 20
TICKS = 4
PICTURE_NS = 80_000_000
APART_M = 0.004
"""Displacements that differ by more than this are of two futures [m]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """One event told twice.

    `possible` and `impossible` are the same scenes up to `moment`, the first picture whose scene differs; `mover` is the thing it is about,
    and `control` the one that changes its colour, to `otherwise`, in the visual control. `hidden`: a screen stands before it.
    """

    family: str
    hidden: bool
    twin: bool
    moment: int
    mover: str
    control: str
    otherwise: str
    possible: Course
    impossible: Course


def course(world: WorldPhysics, scene: Scene, pictures: int = PICTURES) -> Course:
    """What physics makes of a scene by itself."""
    state, scenes = world.reset(scene, seed=0), list[Scene]()
    for _ in range(pictures - 1):
        scenes.append(world.scene(state))
        for _ in range(TICKS):
            state = world.step(state, {})
    return (*scenes, world.scene(state))


def joined(past: Course, future: Course, moment: int) -> Course:
    """The past of one course and the future of another."""
    return (*past[:moment], *future[moment:])


def moved_as(shown: Course, other: Course, names: Collection[str], moment: int) -> Course:
    """A course in which these things move, from a moment on, as they do in another: by its displacements, and turned as there."""
    before, begun = shown[moment - 1], other[moment - 1]

    def told(at: int) -> Scene:
        scene = shown[at]
        for name in names:
            start, now = begun.thing(name), other[at].thing(name)
            shift = position(now) - position(start)
            pose = Pose(position(before.thing(name)) + shift, turn(now))
            moving = replace(
                scene.thing(name),
                pose=pose,
                linear_velocity_m_s=now.linear_velocity_m_s,
                angular_velocity_rad_s=now.angular_velocity_rad_s,
            )
            scene = scene.with_thing(moving)
        return scene

    return (*shown[:moment], *(told(at) for at in range(moment, len(shown))))


def parting(one: Course, other: Course, names: Collection[str]) -> int:
    """The first picture by which things have gone another way in two courses; how many pictures there are, where they never do."""
    for at in range(1, len(one)):
        for name in names:
            ways = [position(c[at].thing(name)) - position(c[0].thing(name)) for c in (one, other)]
            if np.linalg.norm(ways[0] - ways[1]) > APART_M:
                return at
    return len(one)


def without(every: Course, name: str) -> Course:
    """The course with a thing not there, the others as they were."""
    return tuple(replace(scene, things=tuple(t for t in scene.things if t.name != name)) for scene in every)


def position(thing: Thing) -> NDArray[np.float64]:
    """Where a placed thing is (3,) [m]."""
    assert thing.pose is not None
    return np.asarray(thing.pose.position_m)


def turn(thing: Thing) -> NDArray[np.float64]:
    """How a placed thing is turned (4,), wxyz."""
    assert thing.pose is not None
    return np.asarray(thing.pose.quat_wxyz)
