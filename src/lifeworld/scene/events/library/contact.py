"""Somebody touches something: bumps, topples, spins, drags, lifts, pulls away."""

from __future__ import annotations

import math

import numpy as np

from lifeworld.scene.deed import Pull, Push, Shake
from lifeworld.scene.event import Who
from lifeworld.scene.events.choose import riders
from lifeworld.scene.events.draw import Array, Draw, friction_of, vec3
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import laden, light, pulled_away, rigid, soft_sheet, standing
from lifeworld.scene.events.way_in import to_side_m
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.mass import mass_of
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Vec3
from lifeworld.scene.stance import upright

MOST_BUMP_N_S = 15.0
"""What somebody who walks into a thing gives it at most: a fifth of what 70 kg have at a walk."""
MOST_HAND_N = 120.0
"""What one hand pulls with at most."""
MOST_SWEPT = 40


@event_kind(
    "bump",
    befalls="thing",
    takes=light,
    strength=Magnitude(law="lognormal", a=0.7, b=0.5, low=0.3, high=2.5),
    unit="m/s",
    means="how fast it is when it is let go",
    by=("push",),
    safety="caution",
    expects="moves",
    synonyms=("nudge", "knock", "push", "hit", "shove"),
)
def bump(draw: Draw) -> Done:
    """Somebody bumps into a thing, from one side and somewhat below its middle or above."""
    thing, way = draw.thing, draw.way()
    lasts_s = draw.between(0.03, 0.1)
    braked = friction_of(thing) * draw.g_m_s2 * lasts_s  # by what it stands on, meanwhile
    speed, at_m, mass = draw.strength + braked, _struck(draw, thing, way), mass_of(thing)
    if mass is None:  # of what is imported the engine alone knows what it weighs
        yield Push(thing=thing.name, velocity_m_s=vec3(way * speed), duration_s=lasts_s, at_m=at_m)
    else:
        yield Push(thing=thing.name, impulse_n_s=vec3(way * min(mass * speed, MOST_BUMP_N_S)), duration_s=lasts_s, at_m=at_m)


@event_kind(
    "topple",
    befalls="thing",
    takes=standing,
    strength=Magnitude(law="uniform", a=1.1, b=1.8),
    unit="times what it takes",
    means="the impulse, as a multiple of what just tips it over",
    by=("push",),
    safety="caution",
    expects="tips_over",
    synonyms=("knock_over", "tip", "tip_over"),
)
def topple(draw: Draw) -> Done:
    """A thing is knocked over by a push near its top."""
    thing, way = draw.thing, draw.way()
    placed, mass = draw.placed(thing), draw.mass_kg(thing)
    stance = upright(placed.body)
    low, high = placed.bounds_m
    foot = placed.pose.rotation[:2, :2] @ stance.contact_m.T
    middle = placed.com_m - placed.pose.position_m
    edge = float((foot.T @ way[:2]).max() - middle[:2] @ way[:2])
    height, top = float(middle[2]), float(high[2] - low[2])
    arm = math.hypot(max(edge, 1e-3), height)
    # About the edge it tips over: I = m r² plus its own, taken for that of a rod; it has to be lifted by r − h.
    inertia = mass * (arm**2 + top**2 / 12)
    spin = math.sqrt(2 * mass * max(draw.g_m_s2, 0.1) * max(arm - height, 1e-3) / inertia)
    at, lasts_s = 0.92 * top, draw.between(0.04, 0.08)
    # Meanwhile its weight holds against it, by m g at its edge.
    turned = draw.strength * inertia * spin + mass * draw.g_m_s2 * edge * lasts_s
    impulse = turned / at
    if impulse > MOST_BUMP_N_S:
        raise draw.refusal("fixed", f"{thing.name!r} is too heavy to be knocked over by the way", fix="Say a lighter thing: on=…")
    spot = np.array([*placed.com_m[:2], low[2] + at])
    yield Push(thing=thing.name, impulse_n_s=vec3(way * impulse), duration_s=lasts_s, at_m=draw.in_frame(thing, spot))


@event_kind(
    "spin",
    befalls="thing",
    takes=rigid,
    strength=Magnitude(law="lognormal", a=10.0, b=0.5, low=4.0, high=30.0),
    unit="rad/s",
    means="how fast it turns when it is let go",
    by=("push",),
    expects="moving",
    synonyms=("twirl", "twist", "whirl"),
)
def spin(draw: Draw) -> Done:
    """A thing is given a turn about the upright, as one turns a coin or a bottle."""
    thing = draw.thing
    x, y, _ = draw.body(thing).size_m
    radius, lasts_s = float(x + y) / 4, draw.between(0.02, 0.05)
    about = draw.mass_kg(thing) * float(x * x + y * y) / 12
    # Meanwhile what it stands on brakes it: by μ m g at two thirds of its radius.
    braked = friction_of(thing) * draw.g_m_s2 * radius * 2 / 3 * draw.mass_kg(thing) / about * lasts_s
    sense = 1.0 if draw.between(0, 1) < 0.5 else -1.0
    yield Push(
        thing=thing.name,
        impulse_n_s=(0.0, 0.0, 0.0),
        spin_n_m_s=(0.0, 0.0, round(sense * about * (draw.strength + braked), 9)),
        duration_s=lasts_s,
    )


@event_kind(
    "drag",
    befalls="thing",
    takes=light,
    strength=Magnitude(law="uniform", a=0.1, b=0.5),
    unit="m/s",
    means="how fast it is dragged",
    by=("pull",),
    expects="moves",
    synonyms=("somebody_moves_it", "slide", "move"),
)
def drag(draw: Draw) -> Done:
    """Somebody drags a thing some way along where it stands, and lets go of it."""
    thing, way = draw.thing, draw.way()
    weight = draw.mass_kg(thing) * max(draw.g_m_s2, 1.0)
    far_m = draw.between(0.08, 0.4)
    yield Pull(
        thing=thing.name,
        velocity_m_s=vec3(way * draw.strength),
        most_n=round(min(max(1.6 * weight, 2.0), MOST_HAND_N), 6),
        duration_s=far_m / draw.strength,
    )


@event_kind(
    "lift",
    befalls="thing",
    takes=rigid,
    strength=Magnitude(law="uniform", a=0.08, b=0.5),
    unit="m",
    means="how high it is lifted",
    by=("pull",),
    safety="caution",
    expects="falls",
    synonyms=("lift_and_drop", "let_fall", "pick_up"),
)
def lift(draw: Draw) -> Done:
    """Somebody lifts a thing, and it falls out of the hand."""
    thing = draw.thing
    weight = draw.mass_kg(thing) * max(draw.g_m_s2, 1.0)
    speed, lean = draw.between(0.3, 0.6), draw.way() * draw.between(0.0, 0.25)
    way = (np.array([0.0, 0.0, 1.0]) + lean) * speed
    yield Pull(thing=thing.name, velocity_m_s=vec3(way), most_n=round(2.5 * weight + 1.0, 6), duration_s=draw.strength / speed)


@event_kind(
    "jolt",
    befalls="thing",
    takes=laden,
    who=Who(category="furniture"),
    strength=Magnitude(law="lognormal", a=8.0, b=0.4, low=3.0, high=20.0),
    unit="m/s²",
    means="how hard the furniture is jerked to and fro",
    by=("shake",),
    synonyms=("bumped_table", "table_bump"),
)
def jolt(draw: Draw) -> Done:
    """Somebody runs into a piece of furniture, and what stands on it is shaken."""
    yield Shake(
        acceleration_m_s2=vec3(draw.way() * draw.strength),
        frequency_hz=draw.between(3.0, 7.0),
        duration_s=draw.between(0.3, 0.8),
        things=tuple(one.name for one in _riders(draw)),
    )


@event_kind(
    "child_pulls_cloth",
    befalls="thing",
    takes=pulled_away,
    strength=Magnitude(law="uniform", a=0.3, b=1.2),
    unit="m/s",
    means="how fast it is pulled",
    by=("pull",),
    safety="hazard",
    expects="moves",
    synonyms=("pull_cloth", "tablecloth", "pull_out"),
)
def child_pulls_cloth(draw: Draw) -> Done:
    """A child pulls at the edge of a cloth, or of a tray or a magazine that things stand on."""
    thing, way = draw.thing, draw.way()
    placed = draw.placed(thing)
    low, high = placed.bounds_m
    edge = (low + high) / 2 + way * to_side_m(high - low, way) * 0.95  # the one that looks the way it is pulled
    slope = np.array([0.0, 0.0, -0.25 if soft_sheet(draw.scene, thing) is None else 0.0])
    yield Pull(
        thing=thing.name,
        velocity_m_s=vec3((way + slope) * draw.strength),
        most_n=round(draw.between(8.0, 25.0), 6),
        duration_s=draw.between(0.4, 1.0),
        at_m=draw.in_frame(thing, edge),
    )


@event_kind(
    "sweep",
    befalls="thing",
    takes=laden,
    who=Who(category="furniture"),
    strength=Magnitude(law="uniform", a=0.5, b=1.6),
    unit="m/s",
    means="how fast the arm sweeps",
    by=("pull",),
    safety="caution",
    synonyms=("wipe", "sweep_off"),
)
def sweep(draw: Draw) -> Done:
    """An arm sweeps over a table: what stands there is pushed along, one thing after another."""
    way = draw.way()
    places = {one.name: float(draw.middle_m(one) @ way) for one in _riders(draw)}
    first, far_m = min(places.values()), draw.between(0.15, 0.45)
    for name in sorted(places, key=lambda n: (places[n], n))[:MOST_SWEPT]:
        weight = draw.mass_kg(draw.scene.thing(name)) * max(draw.g_m_s2, 1.0)
        yield Pull(
            thing=name,
            velocity_m_s=vec3(way * draw.strength),
            most_n=round(min(2.0 * weight, MOST_HAND_N), 6),
            duration_s=far_m / draw.strength,
            delay_s=round((places[name] - first) / draw.strength, 6),
        )


def _riders(draw: Draw) -> list[Thing]:
    """What is free and stands on the one it befalls.

    Raises:
        EventError: if nothing does any more.
    """
    stand = riders(draw.room, draw.thing.name)
    if not stand:
        raise draw.refusal("nobody", f"nothing that is free stands on {draw.thing.name!r}", fix='Say whom: on = "table".')
    return stand


def _struck(draw: Draw, thing: Thing, way: Array) -> Vec3:
    """Where a thing is struck, in its frame: on the side away from `way`, in line with its middle, at a height drawn."""
    placed = draw.placed(thing)
    low, high = placed.bounds_m
    height = low[2] + (high[2] - low[2]) * draw.between(0.3, 0.75)
    return draw.in_frame(thing, np.array([*(placed.com_m - way * to_side_m(high - low, way))[:2], height]))
