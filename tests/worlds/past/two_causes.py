"""Episodes with two possible causes, scripted so that it is known without any engine which of them counts.

A box stands on a table, so far from its edge. How far a push makes it slide follows from Coulomb's law alone (`slide_m`), and every script
keeps 20 % away from the edge on either side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Push
from lifeworld.scene.edit import Set
from lifeworld.scene.event import Event
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Scene, Thing

G_M_S2, FRICTION, SLIPPERY = 9.81, 0.5, 0.2
PUSH_S, STEP_S = 0.06, 1e-4
SCRIPTS = ("another thing", "aside", "both needed", "too late", "made slippery", "already gone", "at once")
SECONDS = 3.0
FALLS = Outcome(name="box falls off table", conditions=(Condition(predicate="falls_off", thing="box", to="table"),))


@dataclass(frozen=True, slots=True)
class Script:
    """A scene with two events, and which of them are the causes of `FALLS`."""

    sort: str
    scene: Scene
    causes: frozenset[str]


def slide_m(speed_m_s: float, friction: float = FRICTION) -> float:
    """How far a push that would give this speed makes a box slide against friction."""
    time_s = speed = way = 0.0
    while time_s < PUSH_S or speed > 0:
        push = speed_m_s * math.pi / (2 * PUSH_S) * math.sin(math.pi * time_s / PUSH_S) if time_s < PUSH_S else 0.0
        speed = max(speed + (push - friction * G_M_S2) * STEP_S, 0.0)
        way += speed * STEP_S
        time_s += STEP_S
    return way


def speed_for(way_m: float, friction: float = FRICTION) -> float:
    """The push that makes it slide so far."""
    low, high = 0.0, 10.0
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if slide_m(middle, friction) < way_m else (low, middle)
    return high


def script(number: int) -> Script:
    """The `number`-th of many scripts, of all sorts in turn."""
    rng = generator(number, "two causes")
    sort = SCRIPTS[number % len(SCRIPTS)]
    names = ["first", "second"] if rng.random() < 0.5 else ["second", "first"]
    mass, edge = float(rng.uniform(0.2, 2.0)), float(rng.uniform(0.10, 0.20))
    turn = int(rng.integers(4)) * math.pi / 2
    out = (math.cos(turn), math.sin(turn))
    half = 0.6 if abs(out[0]) > 0.5 else 0.4
    place = ((half - edge) * out[0], (half - edge) * out[1])
    one_s, other_s = float(rng.uniform(0.1, 0.3)), float(rng.uniform(1.2, 1.4))

    def pushed(name: str, at_s: float, thing: str, way_m: float, towards: tuple[float, float] = out) -> Event:
        speed = math.copysign(speed_for(abs(way_m)), way_m)
        return Event(name=name, at_s=at_s, deeds=(Push(thing=thing, velocity_m_s=(speed * towards[0], speed * towards[1], 0.0)),))

    a, b = names
    far, aside = 1.6 * edge, (-out[1], out[0])
    match sort:
        case "another thing":
            events, causes = (pushed(a, one_s, "box", far), pushed(b, other_s, "other", 0.05)), {a}
        case "aside":
            events, causes = (pushed(a, one_s, "box", 0.02, aside), pushed(b, other_s, "box", far)), {b}
        case "both needed":
            events, causes = (pushed(a, one_s, "box", 0.65 * edge), pushed(b, other_s, "box", 0.65 * edge)), {a, b}
        case "too late":  # the second would have done it, had the first not
            events, causes = (pushed(a, one_s, "box", far), pushed(b, 1.4, "box", far)), {a}
        case "made slippery":
            slips = Event(name=a, at_s=one_s, edits=(Set("box", friction=SLIPPERY),))
            events, causes = (slips, pushed(b, other_s, "box", 0.62 * edge)), {a, b}
        case "already gone":
            events, causes = (pushed(a, one_s, "box", far), pushed(b, 1.8, "box", -0.1)), {a}
        case _:
            events, causes = (pushed(a, one_s, "box", far), pushed(b, one_s, "box", far)), {a, b}
    scene = Scene(
        name="two_causes",
        things=(
            Thing(name="table", kind="table", size_m=(1.2, 0.8, 0.7), pose=Pose(), fixed=True, friction=0.05),
            Thing(name="box", kind="box", size_m=(0.12, 0.12, 0.05), mass_kg=mass, friction=FRICTION, pose=Pose((*place, 0.7))),
            Thing(name="other", kind="box", size_m=(0.1, 0.1, 0.05), mass_kg=0.5, friction=FRICTION, pose=Pose((0.0, 0.0, 0.7))),
        ),
        events=tuple(sorted(events, key=lambda event: event.name)),
    )
    return Script(sort, scene, frozenset(causes))
