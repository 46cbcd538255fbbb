"""Why a thing found no place, with the numbers behind it: too tall, would tip, no room, and what would help."""

from __future__ import annotations

import numpy as np

from lifeworld.core.errors import PlacementError
from lifeworld.core.pose import Pose
from lifeworld.scene.aside import first_of
from lifeworld.scene.body import Body, Site
from lifeworld.scene.check import CARRYING
from lifeworld.scene.measure import SIDES, gaps_m
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.trial import GAP_M, Trial


def refusal(thing: Thing, body: Body, carrier: Relation | None, failed: list[Trial], low: list[Site]) -> PlacementError:
    """The error for a thing that no site took: `failed` are the trials there were, `low` the sites it is too tall for."""
    where, size = f"thing {thing.name!r}", body.size_m
    owner = carrier.thing if carrier is not None else _owner(thing, failed)
    of = f" of {owner!r}" if owner is not None else ""
    if not failed:
        site = max(low, key=lambda s: s.height_m)
        return PlacementError(
            f"{thing.name!r} is {size[2]:.3g} m tall, but at most {site.height_m:.3g} m is free above {site.name!r}{of}",
            reason="too_tall",
            where=where,
            fix="Choose a surface with more room above it, or a smaller size.",
        )
    best = max(failed, key=lambda t: (t.tally.tipping, t.tally.related, t.tally.placed))
    site, tally = best.site, best.tally
    if tally.tipping and (size[:2] > site.size_m).any():
        return PlacementError(
            f"{thing.name!r} would tip over the edge of {site.name!r}{of}: it is {size[0]:.3g} × {size[1]:.3g} m,"
            f" and {site.size_m[0]:.3g} × {site.size_m[1]:.3g} m would carry it",
            reason="unstable",
            where=where,
            fix="Choose a larger surface.",
        )
    if carrier is not None and carrier.at_m is not None and not tally.placed:
        return PlacementError(
            f"{list(carrier.at_m)} is past the edge of {site.name!r}{of}, which is {site.size_m[0]:.3g} × {site.size_m[1]:.3g} m",
            reason="unstable",
            where=where,
            fix="Choose a spot nearer to its middle, which is [0, 0].",
        )
    if carrier is not None and carrier.at_m is not None:
        spot = Pose(np.array([[*carrier.at_m, GAP_M]]), np.array([[1.0, 0.0, 0.0, 0.0]]))
        names = ", ".join(repr(n) for n in best.in_the_way(spot)) or "something"
        return PlacementError(
            f"no room for {thing.name!r} at {list(carrier.at_m)} of {site.name!r}{of}: {names} is in the way",
            reason="no_room",
            where=where,
            fix="Choose another spot, or leave at_m out.",
        )
    asked = [_told(r) for r in thing.relations if r.kind not in CARRYING or r.spot is not None]
    if asked and tally.placed and not site.endless:
        return PlacementError(
            f"no {'free ' if tally.related else ''}spot on {site.name!r}{of} is also {' and '.join(asked)}:"
            f" it takes {size[0]:.3g} × {size[1]:.3g} m{_space(best)}{_blocked(thing, best)}",
            reason="no_room",
            where=where,
            fix="Ask for less, or give it a pose.",
        )
    if site.sort == "air":
        return PlacementError(
            f"no free spot {' and '.join(asked)} for {thing.name!r} to hang at: it takes {size[0]:.3g} × {size[1]:.3g} × {size[2]:.3g} m"
            f"{_blocked(thing, best)}",
            reason="no_room",
            where=where,
            fix="Take something away, or give it a pose.",
        )
    if site.sort == "ground":
        beside = f" {' and '.join(asked)}" if asked else " within 8 m of the middle"
        return PlacementError(
            f"no room for {thing.name!r} on the ground{beside}: it takes {size[0]:.3g} × {size[1]:.3g} m"
            f"{_space(best)}{_blocked(thing, best)}",
            reason="no_room",
            where=where,
            fix="Take something away, or give it a pose.",
        )
    if carrier is not None and carrier.kind == "in":
        inside = f"{site.size_m[0]:.3g} × {site.size_m[1]:.3g} × {site.height_m:.3g} m"
        if all(size[2] > t.site.height_m and t.site.opening == "front" for t in failed):
            return PlacementError(
                f"{thing.name!r} is {size[2]:.3g} m tall, but {site.name!r}{of} is {site.height_m:.3g} m high inside",
                reason="too_tall",
                where=where,
                fix="Choose a larger container.",
            )
        return PlacementError(
            f"no room for {thing.name!r} in {site.name!r}{of}: it is {size[0]:.3g} × {size[1]:.3g} × {size[2]:.3g} m, the inside {inside}",
            reason="no_room",
            where=where,
            fix="Take something out, or choose a larger container.",
        )
    return PlacementError(
        f"no room for {thing.name!r} on {site.name!r}{of}: it takes {size[0]:.3g} × {size[1]:.3g} m; of {site.size_m[0]:.3g} ×"
        f" {site.size_m[1]:.3g} m about {best.free_m2():.2g} m² are free, in pieces",
        reason="no_room",
        where=where,
        fix="Take something away, or choose another surface.",
    )


def _owner(thing: Thing, failed: list[Trial]) -> str | None:
    """Whose surface it was tried on, if that of what it is to be beside."""
    guide = first_of(thing.relations)
    if guide is None or not failed or failed[0].site.endless:
        return None
    beside = failed[0].room[guide.thing]
    return next((r.thing for r in beside.thing.relations if r.kind in CARRYING), None)


def _space(trial: Trial) -> str:
    """How much room there is where it was asked for, as far as that is one number: between two, or on one side of another."""
    guide = next((a for a in trial.asides if a.relation.kind == "between" or a.relation.kind in SIDES), None)
    if guide is None:
        return ""
    relation = guide.relation
    low, high = guide.other_m
    if relation.kind == "between":
        second = trial.room[relation.targets[1]].bounds_in(guide.frame)
        gap = float(gaps_m(low, high, second[0][None], second[1][None], axes=2)[0])
        return f", and {gap:.2g} m are between them"
    if trial.site.endless:
        return ""
    axis, way = SIDES[relation.kind]
    corners = trial.site.outline()
    edge = guide.frame_from_site.apply(np.column_stack([corners, np.zeros(len(corners))]))[:, axis]
    left = max(float((edge * way).max() - (high[axis] if way > 0 else -low[axis])), 0.0)
    return f", and {left:.2g} m of {trial.site.name!r} are {relation.kind.replace('_', ' ')} {relation.thing!r}"


def _blocked(thing: Thing, trial: Trial) -> str:
    """Who is in the way there, but for those it is to be beside."""
    names = [name for name in trial.in_the_way() if name not in thing.relation_targets] if thing.relations else []
    if not names:
        return ""
    few = " and ".join(repr(name) for name in names[:3])
    return f"; {few} {'is' if len(names) == 1 else 'are'} in the way"


def _told(relation: Relation) -> str:
    if relation.spot is not None:
        return f"at the {relation.spot.replace('_', ' ')}{' side of ' + repr(relation.thing) if relation.kind == 'against' else ''}"
    far = f" by {relation.distance_m:.3g} m" if relation.distance_m is not None else ""
    return f"{relation.kind.replace('_', ' ')} {' and '.join(repr(name) for name in relation.targets)}{far}"
