"""Putting a thing into a container: flat on the bottom, on another side, leaning on the rim, or let down until it touches.

A spoon in a mug leans; an apple in a bowl is let down between the walls; the fifth apple comes to lie on the others.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.body import Body, Site
from lifeworld.scene.carry import ON_M, SUNK, carried
from lifeworld.scene.footprint import hull, within_m
from lifeworld.scene.lean import lean, rests
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.spot import SNUG, find_spot
from lifeworld.scene.stance import Stance, sides, upright
from lifeworld.scene.trial import GAP_M, Trial

Array = NDArray[np.float64]

FIRM_M = 0.001
"""How far within its points of contact the centre of mass of a thing must be to lie firmly."""


def find_inside(room: Room, thing: Thing, body: Body, site: Site, relation: Relation, rng: Generator) -> tuple[Pose | None, Trial]:
    """A pose (site_from_thing) in a container, or None; and a trial to tell why there is none."""
    # Whom others are to stand on keeps its top up.
    carries = any(r.kind == "on" and r.thing == thing.name for t in room.scene.things for r in t.relations)
    stances = (upright(body), *(() if carries else sides(body)))
    trials = [Trial(room, thing, stance, site, reach_m=_reach(site, stance)) for stance in stances]
    for trial in trials:
        if trial.stance.stable and _goes_in(trial.stance, site):
            found = find_spot(trial, thing, body, relation, rng, SNUG)
            if found is not None:
                return _sunk(trial, body, found), trial
    if site.opening == "front":
        return None, trials[0]
    short = float(body.size_m.max()) <= max(site.size_m)
    lying, firmly = _let_down(trials, body, relation, rng) if short else (None, False)
    if firmly:
        return lying, trials[0]
    leaning = None if carries else lean(trials[0], body, site, rng)
    if leaning is None and not short:
        lying, _ = _let_down(trials, body, relation, rng)
    return leaning or lying, trials[0]


def _goes_in(stance: Stance, site: Site) -> bool:
    """Whether it is no wider than the container, and does not stand so far out that it would fall over the rim."""
    size = stance.high_m - stance.low_m
    if site.opening == "front" and stance.height_m + GAP_M > site.height_m:
        return False
    if not stance.upright and stance.com_m[2] > site.height_m:
        return False
    return bool(min(size[:2]) <= max(site.size_m) and np.hypot(*size[:2]) <= np.hypot(*site.size_m))


def _sunk(trial: Trial, body: Body, pose: Pose) -> Pose:
    """The pose as low as it goes: the bottom of a bowl is lower in the middle than where its container begins."""
    solids = body.solid.moved(Pose(pose.position_m[None], pose.quat_wxyz[None]))
    by = max(float(trial.lowered(solids, SUNK * trial.site.height_m)[0]) - GAP_M, 0.0)
    return Pose(pose.position_m - (0.0, 0.0, by), pose.quat_wxyz)


def _let_down(trials: list[Trial], body: Body, relation: Relation, rng: Generator) -> tuple[Pose | None, bool]:
    """As low as it goes from above, upright or on a side, at the best of a few spots; and whether it lies there firmly."""
    site = trials[0].site
    best: tuple[tuple[bool, float], Pose] | None = None
    for trial in trials:
        stance = trial.stance
        if np.hypot(*(stance.high_m - stance.low_m)[:2]) > 2.5 * np.hypot(*site.size_m):
            continue
        for height, poses in _hung(trial, relation, rng):
            pose = Pose(poses.position_m[0], poses.quat_wxyz[0])
            if not rests(body, site, poses)[0] or not all(carried(body, site, pose)[1:]):
                continue
            if not all(a.kept(body, poses)[0] for a in trial.asides):
                continue
            points = trial.touching(body.solid.moved(pose))
            firm = len(points) > 0 and within_m(hull(points), pose.apply(body.com_m)[:2]) > FIRM_M
            key = (not firm, height)
            if best is None or key < best[0]:
                best = key, pose
            if firm:
                break
    return (best[1], not best[0][0]) if best is not None else (None, False)


def _hung(trial: Trial, relation: Relation, rng: Generator) -> list[tuple[float, Pose]]:
    """Spots in the container with how high [m] the thing then hangs in it, the lowest first; poses (1,), site_from_thing."""
    site, stance, k = trial.site, trial.stance, 24
    middle = -(stance.low_m + stance.high_m)[:2] / 2
    xy = rng.uniform(-0.5, 0.5, (k, 2)) * np.asarray(site.size_m) * 0.9 + middle
    xy[:2] = middle
    if relation.at_m is not None:
        xy[:] = relation.at_m
    turns = rng.uniform(-np.pi, np.pi, k) if relation.yaw_deg is None else np.full(k, np.deg2rad(relation.yaw_deg))
    quats = np.column_stack([np.cos(turns / 2), np.zeros((k, 2)), np.sin(turns / 2)])
    here = site.holds(xy - middle)
    xy, quats = xy[here], quats[here]
    for level in np.linspace(0.0, site.height_m - ON_M, 16):
        poses = Pose(np.column_stack([xy, np.full(len(xy), GAP_M + level)]), quats)
        free = np.flatnonzero(trial.free(trial.solids(poses)))
        if len(free):
            poses = Pose(poses.position_m[free], quats[free])
            down = np.maximum(trial.lowered(trial.solids(poses), level + SUNK * site.height_m) - GAP_M, 0.0)
            poses = Pose(poses.position_m - np.column_stack([np.zeros((len(free), 2)), down]), poses.quat_wxyz)
            things = poses @ Pose(np.tile(stance.pose.position_m, (len(free), 1)), np.tile(stance.pose.quat_wxyz, (len(free), 1)))
            order = np.argsort(poses.position_m[:, 2], kind="stable")[:8]
            return [(float(poses.position_m[i, 2]), Pose(things.position_m[i : i + 1], things.quat_wxyz[i : i + 1])) for i in order]
    return []


def _reach(site: Site, stance: Stance) -> tuple[Array, Array]:
    """Bounds (3,) [m] in the site's frame of all the thing can take up in the container, however it is turned."""
    long = float(np.linalg.norm(stance.high_m - stance.low_m))
    half = np.asarray(site.size_m) / 2 + long
    return np.array([-half[0], -half[1], -0.02]), np.array([half[0], half[1], site.height_m + long])
