"""Things that come in: thrown, rolled, dropped, spilt. They begin at a free pose, with a velocity that is said."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.body import Site
from lifeworld.scene.deed import Push
from lifeworld.scene.edit.values import Add
from lifeworld.scene.event import Who
from lifeworld.scene.events.draw import Array, Draw, upright, vec3
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.library.contact import MOST_BUMP_N_S
from lifeworld.scene.events.takes import grounded, hard, holding
from lifeworld.scene.events.way_in import (
    amid_m,
    colored,
    flight,
    floor_m,
    is_free,
    is_on_floor,
    is_way_free,
    let_go,
    new_body,
    straight,
    to_side_m,
)
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.scene import Thing

TRIES = 40
MOST_BEADS = 30
FULL = 1.4
"""How much more a vessel weighs with its beads."""
HIT_M = 0.12
"""This near to what it is thrown at, something thrown need not find its way free."""


@event_kind(
    "throw",
    befalls="thing",
    takes=hard,
    who=Who(free=True),
    strength=Magnitude(law="lognormal", a=4.0, b=0.3, low=2.0, high=9.0),
    unit="m/s",
    means="how fast it is thrown",
    by=("add",),
    safety="caution",
    of=("ball", "ball", "apple", "orange", "football"),
    expects="moves",
    synonyms=("thrown", "throw_ball", "ball_thrown"),
)
def throw(draw: Draw) -> Done:
    """Somebody throws a ball or a piece of fruit at a thing, from where nothing is in the way."""
    kind = draw.sort()
    thing = colored(draw, Thing(name=draw.name(f"thrown_{kind}"), kind=kind))
    body = new_body(draw, thing)
    target = draw.middle_m(draw.thing)
    for _ in range(TRIES):
        far, up = draw.between(0.9, 2.6), draw.between(-0.1, 0.7)
        start = target - draw.way() * far + (0.0, 0.0, up)
        time_s = far / draw.strength
        velocity = (target - start) / time_s + (0.0, 0.0, 0.5 * draw.g_m_s2 * time_s)
        seen = 1.0 - min(HIT_M + float(max(body.size_m)), 0.6 * far) / far
        start = start - body.com_m
        if np.linalg.norm(velocity) < 12.0 and is_way_free(draw, body, flight(start, velocity, draw.g_m_s2, time_s * seen)):
            spin = np.array([draw.between(-6, 6), draw.between(-6, 6), draw.between(-6, 6)])
            yield Add(let_go(thing, body, upright(start), velocity, spin), solve=False)
            return
    raise draw.refusal("no_room", f"from nowhere around is the way to {draw.thing.name!r} free", fix="Say another thing, or a direction.")


@event_kind(
    "roll_in",
    befalls="scene",
    needs=grounded,
    strength=Magnitude(law="lognormal", a=1.2, b=0.4, low=0.4, high=3.0),
    unit="m/s",
    means="how fast it rolls",
    by=("add",),
    of=("ball", "football", "orange"),
    expects="moving",
    synonyms=("ball_rolls_in", "rolls_in", "roll"),
)
def roll_in(draw: Draw) -> Done:
    """A ball rolls in over the floor, towards where things are."""
    kind = draw.sort()
    thing = colored(draw, Thing(name=draw.name(f"rolling_{kind}"), kind=kind))
    body = new_body(draw, thing)
    floor, aim = floor_m(draw), amid_m(draw)
    radius = float(body.size_m[2]) / 2
    for _ in range(TRIES):
        way, far = draw.way(), draw.between(1.0, 2.6)
        aside = np.array([-way[1], way[0], 0.0]) * draw.between(-0.5, 0.5)
        end = np.array([aim[0], aim[1], floor + 0.001]) + aside
        start = end - way * far
        if is_way_free(draw, body, straight(start, start + way * 0.5), margin_m=0.004) and is_on_floor(draw, start):
            spin = np.cross((0.0, 0.0, 1.0), way) * draw.strength / radius
            yield Add(let_go(thing, body, upright(start), way * draw.strength, spin), solve=False)
            return
    raise draw.refusal("no_room", "nowhere around is the floor free for a ball to roll in")


@event_kind(
    "drop",
    befalls="thing",
    takes=hard,
    who=Who(free=True),
    strength=Magnitude(law="uniform", a=0.15, b=0.8),
    unit="m",
    means="from how high over it",
    by=("add",),
    safety="caution",
    of=("apple", "orange", "spoon", "mug", "book", "ball", "block", "can", "lemon", "tape_roll"),
    synonyms=("fall_from_above", "dropped", "something_falls"),
)
def drop(draw: Draw) -> Done:
    """Something falls from above onto a thing or close beside it, as if it had slipped out of a hand."""
    kind = draw.sort()
    thing = colored(draw, Thing(name=draw.name(f"dropped_{kind}"), kind=kind))
    body = new_body(draw, thing)
    _, high = draw.placed(draw.thing).bounds_m
    middle = draw.middle_m(draw.thing)
    for _ in range(TRIES // 3):
        aside = np.array([draw.between(-1, 1), draw.between(-1, 1)]) * (0.03 + 0.5 * float(max(body.size_m[:2])))
        spot = np.array([*(middle[:2] + aside), high[2] + draw.strength])
        pose = upright(spot - body.com_m, draw.between(0, 2 * math.pi))
        if is_free(draw, body, pose, margin_m=0.01):
            spin = np.array([draw.between(-2, 2), draw.between(-2, 2), draw.between(-2, 2)])
            yield Add(let_go(thing, body, pose, np.zeros(3), spin), solve=False)
            return
    raise draw.refusal("no_room", f"over {draw.thing.name!r} there is no room to fall from")


@event_kind(
    "spill",
    befalls="thing",
    takes=holding,
    strength=Magnitude(law="uniform", a=0.5, b=1.0),
    unit="of its room",
    means="how full it is",
    by=("add", "push"),
    safety="hazard",
    expects="tips_over",
    rate_per_min=2.0,
    synonyms=("spills", "spilled", "pour_out"),
)
def spill(draw: Draw) -> Done:
    """A vessel is filled with beads, which stand for what is in it, and knocked over so that they spill."""
    vessel = draw.thing
    placed = draw.placed(vessel)
    inner = max((s for s in placed.sites("container") if s.opening == "top"), key=lambda s: s.size_m[0] * s.size_m[1] * s.height_m)
    if inner.pose.rotation[2, 2] < 0.97:
        raise draw.refusal("holds_nothing", f"{vessel.name!r} does not stand upright")
    size = float(np.clip(min(inner.size_m) / 5.5, 0.008, 0.02))
    bead = Thing(name="bead", kind="marble", size_m=(size, size, size), color="#8fc1d9")
    body = new_body(draw, bead)
    poses = [Pose(spot) for spot in _layers(draw, inner, size) if is_free(draw, body, Pose(spot), margin_m=0.0)]
    if not poses:
        raise draw.refusal("no_room", f"there is no room for anything in {vessel.name!r}")
    wanted = max(3, round(draw.strength * min(len(poses), MOST_BEADS)))
    for i, pose in enumerate(poses[:wanted]):
        yield Add(replace(bead, name=draw.name("bead", i), pose=pose), solve=False)
    yield _tipped(draw, vessel, draw.way())


def _tipped(draw: Draw, vessel: Thing, way: Array) -> Push:
    """A hand that takes a vessel by its rim and tips it, full as it is: a turn over its edge, and a little along."""
    placed = draw.placed(vessel)
    low, high = placed.bounds_m
    mass, height, edge = FULL * draw.mass_kg(vessel), float(high[2] - low[2]), to_side_m(high - low, way)
    lasts_s, fast_rad_s = draw.between(0.12, 0.18), draw.between(6.0, 9.0)
    turned = mass * (edge**2 + height**2 / 3) * fast_rad_s + mass * draw.g_m_s2 * edge * lasts_s
    axis = np.cross((0.0, 0.0, 1.0), way)
    at = np.array([*placed.com_m[:2], low[2] + 0.85 * height])
    return Push(
        thing=vessel.name,
        impulse_n_s=vec3(way * min(mass * draw.between(0.3, 0.6), MOST_BUMP_N_S)),
        spin_n_m_s=vec3(axis * turned),
        duration_s=lasts_s,
        at_m=draw.in_frame(vessel, at),
        delay_s=0.4,
    )


def _layers(draw: Draw, inner: Site, size: float) -> list[Array]:
    """Spots (3,) for beads in a vessel, layer upon layer from its bottom, all of them inside."""
    step, spots = size * 1.08, []
    reach = np.array(inner.size_m) / 2 - size / 2 - 0.001
    count = np.floor(reach / step).astype(int)
    height = 0.003
    while height + size < inner.height_m:
        shift = draw.between(-0.15, 0.15) * step
        for i in range(-count[0], count[0] + 1):
            for j in range(-count[1], count[1] + 1):
                spot = np.array([i * step + shift, j * step, height])
                inside = np.hypot(*spot[:2]) <= min(reach) if inner.round else (np.abs(spot[:2]) <= reach).all()
                if inside:
                    spots.append(inner.pose.apply(spot))
        height += step
    return spots
