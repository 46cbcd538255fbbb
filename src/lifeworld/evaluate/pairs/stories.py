"""The eight families of stories: what is never seen in a world like ours, each told in the open, and behind a screen where that can be.

    story("solidity", 7, index=12)

`index` counts the stories of a family under a seed: 0 and 1 are twins, 2 and 3 are those of the next drawing, and so on. In twins the same
is drawn; what is possible in one is what is impossible in the other. Every other drawing of a family that can be hidden is hidden.

Source: the principles are those of Riochet et al., IntPhys (2018), Bordes et al., IntPhys 2 (2025), and Spelke, Principles of object
perception (1990).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lifeworld.core.errors import UnknownName
from lifeworld.core.seed import generator
from lifeworld.evaluate.pairs.stage import AWAY_M, MOVERS, Stage
from lifeworld.evaluate.pairs.story import PICTURE_NS, Course, Story, course, joined, moved_as, parting, without
from lifeworld.scene.scene import Scene, Thing

if TYPE_CHECKING:
    from lifeworld.worlds.physics.engine import WorldPhysics

PICTURE_S = PICTURE_NS * 1e-9
MOVER, OTHER, MARK = "mover", "other", "mark"


class Told(NamedTuple):
    """Two courses that are both possible, and what each would be with the other's future. `control` is what changes colour where."""

    moment: int
    courses: tuple[Course, Course]
    impossible: tuple[Course, Course]
    control: tuple[str, str] = (MOVER, MOVER)


class Family(NamedTuple):
    """`says` what holds in our world, `tell` how it is told; `hides` whether it can happen behind a screen."""

    says: str
    tell: Callable[[Stage], Told]
    hides: bool


def story(family: str, seed: int, *, index: int = 0, purpose: str = "pairs") -> Story:
    """A story of a family; `purpose` keeps what is learned from apart from what is judged by, whatever the seeds.

    Raises:
        UnknownName: if there is no such family.
    """
    if family not in FAMILIES:
        raise UnknownName("family of stories", family, FAMILIES)
    drawing, twin = divmod(index, 2)
    told, color = _told(family, seed, drawing, purpose)
    return Story(
        family=family,
        hidden=_is_hidden(family, drawing),
        twin=bool(twin),
        moment=told.moment,
        mover=MOVER,
        control=told.control[twin],
        otherwise=color,
        possible=told.courses[twin],
        impossible=told.impossible[twin],
    )


def engine() -> str:
    """Which engine tells, and its version."""
    world = _world()
    world.reset(Scene(name="empty"), seed=0)
    return world.spec.engine_version


def permanence(stage: Stage) -> Told:
    """What goes out of sight is still there; what is not there does not come."""
    moment, x = _moment(stage), stage.between(-0.25, 0.25)
    thing, speed = _slider(stage, x, moment)
    screens = [stage.screen("screen", x, _wide(thing, speed), high_m=1.3 * _size(thing))] if stage.hidden else []
    there = course(_world(), stage.scene(thing, *screens))
    gone = without(there, MOVER)
    return Told(moment, (there, gone), (joined(there, gone, moment), joined(gone, there, moment)), (MOVER, MARK))


def continuity(stage: Stage) -> Told:
    """Who goes from here to there passes what is between."""
    moment, reach = int(stage.rng.integers(5, 7)), stage.between(0.5, 0.9)
    kind, size, speed = _kind(stage), stage.between(0.26, 0.3), stage.between(1.2, 1.45)
    middle = stage.between(-0.05, 0.05)
    probe = stage.mover(MOVER, (0, 0, 0), (speed, 0, 0), kind=kind, size_m=size, color=stage.colors[0])
    wide = _wide(probe, speed)
    if stage.hidden:
        reach = wide + size + 2.2 * speed * PICTURE_S  # so that it is seen between the screens
    places = [middle - stage.way * reach / 2, middle + stage.way * reach / 2]
    screens = [stage.screen(f"screen_{i}", x, wide, high_m=1.3 * size) for i, x in enumerate(places)] if stage.hidden else []
    both = [course(_world(), stage.scene(_arriving(stage, probe, x, speed, moment), *screens)) for x in places]
    return Told(moment, (both[0], both[1]), (joined(both[0], both[1], moment), joined(both[1], both[0], moment)))


def inertia(stage: Stage) -> Told:
    """What nothing touches goes on as it moved."""
    moment, x = _moment(stage), stage.between(-0.25, 0.25)
    thing, speed = _slider(stage, x, moment)
    other = ("back", "rest", "away")[0 if stage.hidden else int(stage.rng.integers(3))]
    velocity = {"back": (-stage.way * speed, 0.0), "rest": (0.0, 0.0), "away": (0.0, speed)}[other]
    screens = [stage.screen("screen", x, _wide(thing, speed), high_m=1.3 * _size(thing))] if stage.hidden else []
    ways = [(stage.way * speed, 0.0), velocity]
    both = []
    for across, deep in ways:
        begin = (x - across * moment * PICTURE_S, -deep * moment * PICTURE_S, 0.0)
        one = stage.mover(MOVER, begin, (across, deep, 0.0), kind=thing.kind, size_m=_size(thing), color=stage.colors[0])
        both.append(course(_world(), stage.scene(one, *screens)))
    moment += 1  # at the moment itself both are at one place
    return Told(moment, (both[0], both[1]), (joined(both[0], both[1], moment), joined(both[1], both[0], moment)))


def gravity(stage: Stage) -> Told:
    """What nothing holds falls, and what stands does not."""
    moment, fall = int(stage.rng.integers(4, 6)), 9.81
    since, size, kind, x = moment * PICTURE_S, stage.between(0.26, 0.32), _kind(stage), stage.between(-0.35, 0.35)
    low = stage.between(0.0, 0.25 if moment == 5 else 0.45)
    high, aside = low + fall / 2 * since**2, -0.55 if x > 0 else 0.55
    both = []
    for begin, speed, pillar_x in ((low, fall * since, x + aside), (high, 0.0, x)):
        one = stage.mover(MOVER, (x, 0.0, begin), (0.0, 0.0, speed), kind=kind, size_m=size, color=stage.colors[0], restitution=0.5)
        pillar = stage.block("pillar", (pillar_x, 0.0, 0.0), (0.16, 0.16, high), stage.colors[1])
        both.append(course(_world(), stage.scene(one, pillar)))
    thrown, standing, moment = both[0], both[1], moment + 1  # at the moment itself it stands in the air: there its throw ends
    return Told(moment, (thrown, standing), (moved_as(thrown, standing, (MOVER,), moment), moved_as(standing, thrown, (MOVER,), moment)))


def solidity(stage: Stage) -> Told:
    """What is solid lets nothing through; where there is nothing, nothing bounces."""
    moment, x, size, speed = _moment(stage), stage.between(-0.15, 0.15), stage.between(0.26, 0.32), stage.between(1.3, 1.7)
    kind, thick, lane, nearer = _kind(stage), stage.between(0.06, 0.1), 0.2, -0.3
    wall = stage.block("wall", (x, lane + 0.06, 0.0), (thick, 0.56, stage.between(0.65, 0.85)), stage.colors[1])
    screens = [stage.screen("screen", x, size + 2 * speed * PICTURE_S + 0.2, high_m=1.25 * size)] if stage.hidden else []
    begin = x - stage.way * ((thick + size) / 2 + speed * (moment - 0.5) * PICTURE_S)
    both = []
    for y in (lane, nearer):
        one = stage.mover(MOVER, (begin, y, 0.0), (stage.way * speed, 0, 0), kind=kind, size_m=size, color=stage.colors[0])
        both.append(course(_world(), stage.scene(one, wall, *screens)))
    return _exchanged(both[0], both[1], (MOVER,))


def collision(stage: Stage) -> Told:
    """What is hit moves, and nothing else does."""
    moment, size, speed = _moment(stage), stage.between(0.26, 0.32), stage.between(1.3, 1.7)
    x, kind, nearer = stage.way * stage.between(0.0, 0.2), _kind(stage), -0.5
    still = stage.mover(OTHER, (x, 0.0, 0.0), (0, 0, 0), kind=kind, size_m=size, color=stage.colors[1])
    meet = x - stage.way * size
    screens = [stage.screen("screen", x - stage.way * size / 2, 2 * size + 0.25, high_m=1.25 * size)] if stage.hidden else []
    both = []
    for y in (0.0, nearer):
        begin = meet - stage.way * speed * (moment - 0.5) * PICTURE_S
        one = stage.mover(MOVER, (begin, y, 0.0), (stage.way * speed, 0, 0), kind=kind, size_m=size, color=stage.colors[0])
        both.append(course(_world(), stage.scene(one, still, *screens)))
    return _exchanged(both[0], both[1], (MOVER, OTHER))


def support(stage: Stage) -> Told:
    """What stands on something stays up, what stands on nothing falls."""
    moment, speed, size = _moment(stage), stage.between(0.9, 1.3), stage.between(0.24, 0.3)
    high, edge, kind = stage.between(0.75, 0.95), stage.between(-0.2, 0.1), _kind(stage)
    begin = stage.way * edge - stage.way * speed * (moment - 0.5) * PICTURE_S
    one = stage.mover(MOVER, (begin, 0.0, high), (stage.way * speed, 0, 0), kind=kind, size_m=size, color=stage.colors[0], restitution=0.3)
    both = []
    for end in (edge, 1.45):
        middle, long = stage.way * (end - 1.45) / 2, end + 1.45
        plank = stage.slab("plank", (middle, 0.0, high - 0.05), (long, 0.4, 0.05), stage.colors[1])
        legs = [stage.block("leg", (-stage.way * 1.0, 0.05, 0.0), (0.08, 0.2, high - 0.05), stage.colors[1])]
        if end > 1:
            legs.append(stage.block("second_leg", (stage.way * 1.0, 0.05, 0.0), (0.08, 0.2, high - 0.05), stage.colors[1]))
        both.append(course(_world(), stage.scene(one, plank, *legs)))
    return _exchanged(both[0], both[1], (MOVER,))


def containment(stage: Stage) -> Told:
    """What is in a tray stops with the tray, what is beside it does not."""
    moment, speed, size, kind = int(stage.rng.integers(5, 8)), stage.between(1.0, 1.3), stage.between(0.22, 0.27), _kind(stage)
    half, deep, rim, x = 0.36, 0.5, stage.between(0.13, 0.16), stage.way * stage.between(0.15, 0.35)
    begin = x - stage.way * speed * (moment - 0.5) * PICTURE_S
    tray = _tray(stage, begin, stage.way * speed, (2 * half, deep, rim))
    stop = stage.block("stop", (x + stage.way * (half + 0.05), 0.0, 0.0), (0.1, deep, 0.25), stage.colors[2])
    stop = replace(stop, restitution=0.0)
    both = []
    for y, z in ((0.0, 0.03), (-0.55, 0.0)):
        one = stage.mover(MOVER, (begin, y, z), (stage.way * speed, 0, 0), kind=kind, size_m=size, color=stage.colors[0], restitution=0.2)
        both.append(course(_world(), stage.scene(one, *tray, stop)))
    return _exchanged(both[0], both[1], (MOVER,))


FAMILIES: dict[str, Family] = {
    tell.__name__: Family((tell.__doc__ or "").rstrip("."), tell, hides)
    for tell, hides in (
        (permanence, True),
        (solidity, True),
        (continuity, True),
        (gravity, False),
        (inertia, True),
        (support, False),
        (containment, False),
        (collision, True),
    )
}


# -- what they share -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)  # twins are asked for one after the other
def _told(family: str, seed: int, drawing: int, purpose: str) -> tuple[Told, str]:
    """What is told, and a colour that nothing in it has."""
    stage = Stage.drawn(generator(seed, purpose, family, drawing), hidden=_is_hidden(family, drawing))
    return FAMILIES[family].tell(stage), stage.colors[4]


def _is_hidden(family: str, drawing: int) -> bool:
    return FAMILIES[family].hides and drawing % 2 == 1


@lru_cache(maxsize=1)
def _world() -> WorldPhysics:
    from lifeworld.worlds.physics.engine import WorldPhysics

    return WorldPhysics(quality="draft")


def _exchanged(hit: Course, miss: Course, names: tuple[str, ...]) -> Told:
    """Two courses that differ by what meets: each with the motion of the other from where they part."""
    moment = parting(hit, miss, names)
    return Told(moment, (hit, miss), (moved_as(hit, miss, names, moment), moved_as(miss, hit, names, moment)))


def _moment(stage: Stage) -> int:
    return int(stage.rng.integers(6, 9))


def _kind(stage: Stage) -> str:
    return str(stage.rng.choice(MOVERS))


def _slider(stage: Stage, x: float, moment: int) -> tuple[Thing, float]:
    """Something that slides along the lane and is at x at the moment, and how fast."""
    speed = stage.between(1.3, 1.7)
    thing = stage.mover(MOVER, (0, 0, 0), (0, 0, 0), kind=_kind(stage), size_m=stage.between(0.26, 0.32), color=stage.colors[0])
    return _arriving(stage, thing, x, speed, moment), speed


def _arriving(stage: Stage, thing: Thing, x: float, speed: float, moment: int) -> Thing:
    begin = (x - stage.way * speed * moment * PICTURE_S, 0.0, 0.0)
    return stage.mover(thing.name, begin, (stage.way * speed, 0.0, 0.0), kind=thing.kind, size_m=_size(thing), color=thing.color or "red")


def _wide(thing: Thing, speed: float) -> float:
    """How wide a screen hides it for a picture at least."""
    return _size(thing) + 2 * AWAY_M + speed * PICTURE_S


def _size(thing: Thing) -> float:
    assert thing.size_m is not None
    return thing.size_m[0]


def _tray(stage: Stage, x: float, speed: float, size_m: tuple[float, float, float]) -> list[Thing]:
    """A floor with four walls held fast to it, all of a slide."""
    long, deep, rim = size_m
    wall, floor = 0.03, 0.03
    parts = {
        "tray": ((x, 0.0, 0.0), (long, deep, floor)),
        "tray_left": ((x - (long - wall) / 2, 0.0, floor), (wall, deep, rim - floor)),
        "tray_right": ((x + (long - wall) / 2, 0.0, floor), (wall, deep, rim - floor)),
        "tray_front": ((x, -(deep - wall) / 2, floor), (long - 2 * wall, wall, rim - floor)),
        "tray_back": ((x, (deep - wall) / 2, floor), (long - 2 * wall, wall, rim - floor)),
    }
    made = []
    for name, (at, size) in parts.items():
        block = stage.block(name, at, size, stage.colors[1])
        made.append(
            replace(
                block,
                fixed=None,
                mass_kg=4.0,
                restitution=0.0,
                attach=None if name == "tray" else "tray",
                linear_velocity_m_s=(speed, 0.0, 0.0),
            )
        )
    return made
