"""How those of a cast are to each other now: what tells "the cup left of the plate" from the other cups."""

from __future__ import annotations

import math

from lifeworld.scene.words.grounding.cast import Cast, Referent
from lifeworld.scene.words.grounding.view import sideways

Spot = tuple[float, float, float]

NEAR_M = 0.6
"""Near, as said to tell one of several: farther than the near of placing goes, because the nearest of them is meant in any case."""
ASIDE = {"left_of": (0, -1), "right_of": (0, 1), "in_front_of": (1, -1), "behind": (1, 1)}
LIKE = {"beside": ("near", "against"), "near": ("beside", "against"), "on": ("above",), "in": ("inside",)}
"""Relations that speak of nearly the same."""


def stands(relation: str, one: Referent, others: tuple[Referent, ...], cast: Cast) -> bool:
    """Whether `one` is so to the others (two for `between`), by what is known of the cast: its facts first, then where things are.

    Left, right, in front and behind are the viewer's.
    """
    other = others[0]
    if one.name == other.name:
        return False
    if any((kind, other.name) in one.facts for kind in (relation, *LIKE.get(relation, ()))):
        return True
    if relation == "from" and other.sort == "scene":
        return True
    if relation in ("on", "in", "from"):
        return _carried(relation, one, other, cast)
    if relation == "with":
        return other.part_of == one.name or any((kind, one.name) in other.facts for kind in ("on", "in", "attached_to"))
    if relation == "of":
        return one.part_of == other.name or ("in", other.name) in one.facts
    if one.position_m is None or any(o.position_m is None for o in others):
        return False
    here = one.position_m
    there = [o.position_m for o in others if o.position_m is not None]
    if relation == "between":
        return len(there) > 1 and _between(here, there[0], there[1])
    way = _way(here, there[0], cast.viewer_yaw_deg)
    gap = max(0.0, math.hypot(way[0], way[1]) - _reach(one) - _reach(other))
    if relation in ASIDE:
        axis, sign = ASIDE[relation]
        return sign * way[axis] > 0.01 and abs(way[axis]) >= 0.6 * abs(way[1 - axis])
    if relation in ("beside", "near", "against", "around"):
        return gap <= NEAR_M and abs(way[2]) < 1.0
    if relation == "far_from":
        return gap > NEAR_M
    if relation == "under":
        return way[2] < 0 and math.hypot(way[0], way[1]) <= max(_reach(other), 0.05)
    if relation == "above":
        return way[2] > 0 and math.hypot(way[0], way[1]) <= max(_reach(other), 0.05) + 0.1
    return False


def distance_m(one: Referent, other: Referent) -> float:
    """How far [m] apart their middles are; infinite where that is not known."""
    if one.position_m is None or other.position_m is None:
        return math.inf
    return math.dist(one.position_m, other.position_m)


def _carried(relation: str, one: Referent, other: Referent, cast: Cast) -> bool:
    kinds = ("on", "in") if relation == "from" else (relation,)
    names = {name for kind, name in one.facts if kind in kinds}
    if other.name in names:
        return True
    if other.part_of is not None:  # on a part of it that is not known: on the whole will do where the whole has but that place
        alike = [r for r in cast.referents if r.part_of == other.part_of and r.facts == other.facts]
        return other.part_of in names and len(alike) == 1
    if other.sort == "ground":
        return not any(kind in ("on", "in") for kind, _ in one.facts) and one.sort == "thing"
    if any(name.split("/")[0] == other.name for name in names):
        return True
    # What is on a tray on the table is on the table too, for those who speak of it.
    return any(
        (r := cast.named(name)) is not None and r.name != one.name and ("on", other.name) in r.facts and _reach(r) > 1.5 * _reach(one)
        for name in names
    )


def _way(here: Spot, there: Spot, yaw_deg: float | None) -> Spot:
    """From `there` to `here`: to the viewer's right, away from the viewer, up [m]."""
    right, away = sideways(yaw_deg, here[0] - there[0], here[1] - there[1])
    return right, away, here[2] - there[2]


def _between(here: Spot, a: Spot, b: Spot) -> bool:
    ab = [b[i] - a[i] for i in range(3)]
    ah = [here[i] - a[i] for i in range(3)]
    long_m = math.hypot(*ab)
    if long_m < 1e-3:
        return False
    along = sum(p * q for p, q in zip(ah, ab, strict=True)) / long_m
    off = math.sqrt(max(sum(p * p for p in ah) - along**2, 0.0))
    return 0.1 < along / long_m < 0.9 and off < max(0.5 * long_m, 0.1)


def _reach(one: Referent) -> float:
    return 0.5 * max(one.size_m[:2]) if one.size_m is not None else 0.0
