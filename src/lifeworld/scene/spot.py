"""Looking for a free spot on one site: drawn spots first, with wide margins, then narrower ones, then a grid over all of it.

What is drawn hangs on the generator alone, one a thing, so that a thing more or less elsewhere changes nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.aside import Aside
from lifeworld.scene.body import Body
from lifeworld.scene.check import CARRYING, is_asset
from lifeworld.scene.draw import Draw, bounds, poses_at, towards_rad
from lifeworld.scene.offer import offer, window
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.trial import Trial

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambition:
    """How many spots to draw, how far to keep off others, and how freely.

    `spread` of 1 uses all that a relation allows; `quarters` allows any of four turns, `any_turn` all.
    """

    tries: int
    margin_m: float
    spread: float
    exact: bool = False
    quarters: bool = False
    any_turn: bool = False
    radius_m: float = 1.0  # on the ground: how far from the middle


ROOMY = (
    Ambition(tries=64, margin_m=0.03, spread=0.1, radius_m=1.0),
    Ambition(tries=192, margin_m=0.008, spread=0.4, radius_m=2.0),
    Ambition(tries=256, margin_m=0.002, spread=1.0, quarters=True, radius_m=4.0),
    Ambition(tries=64, margin_m=0.0, spread=1.0, exact=True, quarters=True, radius_m=8.0),
)
SNUG = (
    Ambition(tries=64, margin_m=0.01, spread=0.3),
    Ambition(tries=128, margin_m=0.002, spread=1.0, quarters=True),
    Ambition(tries=96, margin_m=0.0, spread=1.0, exact=True, any_turn=True),
)
NESTED_M = (0.001, 0.002, 0.004)
"""How much higher [m] what nests may begin: less than what still counts as on."""
FINE, COARSE = 48, 12
"""Steps of the grids a side: where boxes judge, and where the pieces themselves do."""


def find_spot(
    trial: Trial, thing: Thing, body: Body, relation: Relation | None, rng: Generator, ambitions: tuple[Ambition, ...]
) -> Pose | None:
    """A good pose (site_from_thing) for a thing, or None; `relation` is the one to whoever carries it.

    Where the relation names a spot, only turns are looked for.
    """
    yaw_deg = relation.yaw_deg if relation is not None else None
    if relation is not None and relation.at_m is not None:
        for quarters in (False, True):
            turns = _turns(thing, body, rng, 24, yaw_deg=yaw_deg, quarters=quarters)
            poses = _faced(trial, poses_at(np.tile(relation.at_m, (len(turns), 1)), turns), rng)
            found = trial.first(poses) or trial.first(poses, overhang=True)
            if found is not None:
                return found
        return None
    guide = next((a for a in trial.asides if a.relation.kind != "facing"), None)
    in_part = guide is not None and guide.relation.kind in CARRYING  # who offers spots of a part knows them all
    for ambition in ambitions:
        if ambition.exact and not trial.site.endless and not in_part:
            steps = FINE if trial.site.sort == "surface" else 2 * COARSE
            found = trial.first(_faced(trial, _grid(trial, rng, yaw_deg, steps), rng), exact=False, margin_m=ambition.margin_m)
            if found is not None:
                return found
        if guide is not None:
            poses = offer(trial, guide, body, _draw(thing, body, guide, rng, ambition, yaw_deg), rng)
        else:
            turns = _turns(thing, body, rng, ambition.tries, yaw_deg=yaw_deg, quarters=ambition.quarters, any_turn=ambition.any_turn)
            poses = _scattered(trial, turns, rng, ambition)
            poses = _faced(trial, poses, rng)
        open_sky = trial.site.sort == "ground" and not trial.asides and not ambition.exact
        found = trial.first(poses, margin_m=ambition.margin_m, exact=ambition.exact, open_sky=open_sky)
        if found is not None:
            return found
    if trial.site.endless:
        return None
    if guide is not None and in_part:
        found = trial.first(offer(trial, guide, body, _draw(thing, body, guide, rng, ambitions[-1], yaw_deg), rng), overhang=True)
    else:
        found = trial.first(_faced(trial, _grid(trial, rng, yaw_deg, COARSE), rng))
        if found is None and trial.site.sort == "surface":
            found = trial.first(_faced(trial, _grid(trial, rng, yaw_deg, COARSE, overhang=True), rng), overhang=True)
    if found is None and trial.site.sort == "surface":
        found = _nested(trial, _turns(thing, body, rng, 8, yaw_deg=yaw_deg, quarters=True))
    return found


def _nested(trial: Trial, turns: Array) -> Pose | None:
    """In the middle and a little higher: a plate on a plate is carried by its rim as much as by its foot."""
    low, high = bounds(trial, turns)
    middle = -(low + high)[:, :2] / 2
    for lift in NESTED_M:
        found = trial.first(poses_at(middle, turns, np.full(len(turns), lift)), overhang=True)
        if found is not None:
            return found
    return None


def jitter_rad(thing: Thing, body: Body) -> float:
    """How far [rad] a thing is turned at random from the way its place lies: furniture hardly, a book a little, a glass any way."""
    category = "" if is_asset(thing) else archetype.kind(thing.kind).category
    fixed = thing.fixed if thing.fixed is not None else not is_asset(thing) and archetype.kind(thing.kind).fixed
    x, y, _ = body.size_m
    if fixed:
        return 0.0
    if category in ("furniture", "appliance", "opening", "structure"):
        return float(np.deg2rad(2.0))
    if abs(x - y) <= 0.03 * max(x, y) and not body.has_front:
        return float(np.pi)
    boxes = not body.solid.hull.any() and not body.solid.round_m.any()
    if body.has_front or (boxes and len(body.solid) <= 9):
        return float(np.deg2rad(8.0))
    return float(np.deg2rad(15.0)) if max(x, y) > 1.8 * min(x, y) else float(np.pi)


def _turns(thing: Thing, body: Body, rng: Generator, k: int, *, yaw_deg: float | None, quarters: bool, any_turn: bool = False) -> Array:
    """Turns (k,) [rad] to try, as seen from the frame they lie in."""
    drawn = rng.uniform(-1.0, 1.0, k), rng.integers(0, 4, k)
    if yaw_deg is not None:
        return np.full(k, np.deg2rad(yaw_deg))
    if any_turn:
        return drawn[0] * np.pi
    return drawn[0] * jitter_rad(thing, body) + (drawn[1] * np.pi / 2 if quarters else 0.0)


def _draw(thing: Thing, body: Body, guide: Aside, rng: Generator, ambition: Ambition, yaw_deg: float | None) -> Draw:
    """What is drawn for the offers of a guiding relation."""
    if guide.relation.yaw_deg is not None:
        yaw_deg = guide.relation.yaw_deg
    k = ambition.tries
    turns = _turns(thing, body, rng, k, yaw_deg=yaw_deg, quarters=ambition.quarters, any_turn=ambition.any_turn)
    u, which = rng.uniform(0.0, 1.0, (k, 2)), rng.integers(0, 4, k)
    return Draw(turns=turns, u=u, which=which, margin_m=ambition.margin_m, spread=ambition.spread, turned=yaw_deg is not None)


def _scattered(trial: Trial, turns: Array, rng: Generator, ambition: Ambition) -> Pose:
    """Spots drawn evenly from where the thing, turned so, has all of itself on the site; on the ground, from around the middle."""
    k = len(turns)
    u = rng.uniform(0.0, 1.0, (k, 2))
    if trial.site.endless:
        reach = ambition.radius_m * np.sqrt(u[:, :1])
        return poses_at(reach * np.column_stack([np.cos(2 * np.pi * u[:, 1]), np.sin(2 * np.pi * u[:, 1])]), turns)
    low, high = bounds(trial, turns)
    if trial.site.round:
        middle = (low + high)[:, :2] / 2
        spare = np.maximum(min(trial.site.size_m) / 2 - np.linalg.norm((high - low)[:, :2], axis=1) / 2 * 0.8, 0.0)
        reach = spare * np.sqrt(u[:, 0])
        return poses_at(reach[:, None] * np.column_stack([np.cos(2 * np.pi * u[:, 1]), np.sin(2 * np.pi * u[:, 1])]) - middle, turns)
    least, most = window(trial, low, high, edge=ambition.margin_m)
    return poses_at(least + u * (most - least), turns)


def _grid(trial: Trial, rng: Generator, yaw_deg: float | None, steps: int, *, overhang: bool = False) -> Pose:
    """Spots all over the site, in drawn order, as it lies and turned by a quarter; `overhang` uses it to the very edge."""
    turns = np.array([0.0, np.pi / 2]) if yaw_deg is None else np.array([np.deg2rad(yaw_deg)])
    low, high = bounds(trial, turns)
    spots = np.stack(np.meshgrid(*[np.linspace(0, 1, steps)] * 2), axis=-1).reshape(-1, 2)
    if overhang:
        half = np.asarray(trial.site.size_m) / 2
        least, most = np.tile(-half, (len(turns), 1)), np.tile(half, (len(turns), 1))
    else:
        least, most = window(trial, low, high, edge=0.0)
    xy = (least[:, None] + spots * (most - least)[:, None]).reshape(-1, 2)
    order = rng.permutation(len(xy))
    return poses_at(xy[order], np.repeat(turns, len(spots))[order])


def _faced(trial: Trial, poses: Pose, rng: Generator) -> Pose:
    """The same spots, turned to what the thing faces, if it faces something."""
    facing = next((a for a in trial.asides if a.relation.kind == "facing"), None)
    if facing is None:
        return poses
    middle = facing.frame_from_site.inverse().apply((facing.other_m[0] + facing.other_m[1]) / 2)
    way = middle[:2] - poses.position_m[:, :2]
    return poses_at(poses.position_m[:, :2], towards_rad(way) + rng.uniform(-0.05, 0.05, len(way)))
