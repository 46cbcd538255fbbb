"""What is not known for sure: how much things weigh, how they rub, and when what is expected comes; drawn anew for each future."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import generator
from lifeworld.scene.event import Event
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.build import is_fixed, is_soft
from lifeworld.worlds.physics.drowsy import Ratio

MOST_SPREAD = 1.0
MOST_TIMING_S = 3_600.0
SIGMAS = 3.0
"""No factor is drawn farther from 1, and no time farther from its own, than so many deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vary:
    """How far from what the scene says things may be.

    `mass` and `friction` are the standard deviations of the natural logarithm of a factor on each thing's own, 0.1 for about 10 %;
    `timing_s` [s] that of the time of each event that comes at a time.
    """

    mass: float = 0.1
    friction: float = 0.2
    timing_s: float = 0.0

    def __post_init__(self) -> None:
        for name, value, most in (
            ("mass", self.mass, MOST_SPREAD),
            ("friction", self.friction, MOST_SPREAD),
            ("timing_s", self.timing_s, MOST_TIMING_S),
        ):
            if not 0.0 <= value <= most:
                raise LimitError(f"a spread of {name} is out of bounds", got=value, expected=f"0 to {most:g}")


NOTHING = Vary(mass=0.0, friction=0.0)


def laws(vary: Vary, scene: Scene) -> dict[str, Magnitude]:
    """The natural law of each number that is drawn for a future, by its name: `mug: mass` …, factors all of them."""
    out = {}
    for thing in scene.things:
        if is_soft(thing):
            continue
        if vary.mass and not is_fixed(thing):
            out[f"{thing.name}: mass"] = _factor(vary.mass)
        if vary.friction:
            out[f"{thing.name}: friction"] = _factor(vary.friction)
    return out


def draw(laws: Mapping[str, Magnitude], seed: int) -> dict[str, float]:
    """The numbers of the future with this seed, by their laws; drawing others changes none."""
    return {name: law.draw(generator(seed, "vary", name)) for name, law in laws.items()}


def ratios(numbers: Mapping[str, float]) -> dict[str, Ratio]:
    """The drawn numbers by thing, as the world takes them."""
    out: dict[str, Ratio] = {}
    for name, value in numbers.items():
        thing, _, what = name.partition(": ")
        out[thing] = replace(out.get(thing, Ratio()), **{what: value})
    return out


def timed(events: Sequence[Event], vary: Vary, seed: int) -> tuple[Event, ...]:
    """The events, those that come at a time a little earlier or later."""
    if not vary.timing_s:
        return tuple(events)
    law = Magnitude(law="normal", a=0.0, b=vary.timing_s, low=-SIGMAS * vary.timing_s, high=SIGMAS * vary.timing_s)
    return tuple(
        e if e.at_s is None else replace(e, at_s=max(e.at_s + law.draw(generator(seed, "vary", "timing", e.name)), 0.0)) for e in events
    )


def _factor(spread: float) -> Magnitude:
    return Magnitude(law="lognormal", a=1.0, b=spread, low=math.exp(-SIGMAS * spread), high=math.exp(SIGMAS * spread))
