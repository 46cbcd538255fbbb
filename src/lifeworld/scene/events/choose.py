"""Whom an event befalls: the query of `Who`, asked of the scene as it stands, and which of those found are meant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator

from lifeworld.core.errors import EventError
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.check import is_asset
from lifeworld.scene.condition import GROUND
from lifeworld.scene.event import Who
from lifeworld.scene.events.draw import room_of
from lifeworld.scene.events.kind import Body, EventKind
from lifeworld.scene.mass import mass_of
from lifeworld.scene.possible import is_fixed
from lifeworld.scene.relation import why_not_in
from lifeworld.scene.room import NEAR_M, Room
from lifeworld.scene.scene import Relation, Scene, Thing

LEVEL_M = 1e-4
"""What begins at most so much lower than a thing does not carry it."""
Assets = Mapping[str, Assembly]
BODY = 'Give the scene a body: [[embodiment]] with kind = "hand", or draw it with one (lifeworld scene does).'
NOUNS = {"thing": "a thing", "things": "things", "camera": "a camera", "embodiment": "an embodiment"}


def chosen(what: EventKind, who: Who, scene: Scene, rng: Generator, *, where: str, assets: Assets | None = None) -> list[tuple[str, ...]]:
    """The names of those an event befalls; of a scene as a whole nobody. Where any one is meant, all in the order in which to try them.

    Raises:
        EventError: if there is nobody, saying why not.
    """
    meant = could(what, who, scene, where=where)
    if who.on is not None:
        room = room_of(scene, assets)
        meant = [one for one in meant if not isinstance(one, Thing) or _is_on(one, who.on, room)]
    if what.befalls == "scene":
        return [()]
    if not meant:
        raise EventError(f"nothing stands on {who.on!r} that it could befall", reason="nobody", where=where)
    names = [one.name for one in meant]
    turns = rng.permutation(len(names)).tolist()  # drawn in any case, so that what is drawn next does not hang on the pick
    if who.pick == "all" or (who.pick == "any" and what.befalls == "things"):
        return [tuple(names)]
    if who.pick == "any":
        return [(names[i],) for i in turns]
    return [(min(meant, key=lambda one: _rank(one, who.pick, scene)).name,)]


def could(what: EventKind, who: Who, scene: Scene, *, where: str) -> list[Body]:
    """All it could befall, wherever they stand.

    Raises:
        EventError: if there is nobody, saying why not.
    """
    refused = what.needs(scene) if what.needs is not None else None
    if refused is not None:
        raise EventError(f"it cannot happen here: {refused[1]}", reason=refused[0], where=where)
    held: dict[str, tuple[Body, ...]] = {"camera": scene.cameras, "embodiment": scene.embodiments, "scene": ()}
    asked = [one for one in held.get(what.befalls, scene.things) if _is_meant(one, who)]
    if not asked and what.befalls != "scene":
        noun = NOUNS[what.befalls]
        named = f" called {' or '.join(map(repr, who.names))}" if who.names else " that is as asked" if who != Who(pick=who.pick) else ""
        fix = BODY if what.befalls == "embodiment" and not scene.embodiments else None
        raise EventError(f"it befalls {noun}, and there is none{named}", reason="nobody", where=where, fix=fix)
    why = {one.name: what.takes(scene, one) if what.takes is not None else None for one in asked}
    taken = [one for one in asked if why[one.name] is None]
    if asked and not taken:
        refusals = [refusal for refusal in why.values() if refusal is not None]
        # That walls are fixed tells nobody why; what came nearest to it does.
        reason, told = next((one for one in refusals if one[0] != "fixed"), refusals[0])
        more = f"; nor the {len(why) - 1} others" if len(why) > 1 else ""
        raise EventError(f"it can befall nobody here: {told}{more}", reason=reason, where=where)
    return taken


def _is_meant(one: Body, who: Who) -> bool:
    """Whether all is true of somebody that can be told without looking where things stand."""
    if who.names and one.name not in who.names:
        return False
    asks = (who.category, who.kind, who.affordance, who.free)
    if not isinstance(one, Thing):
        return all(a is None for a in asks) or (who.kind == getattr(one, "kind", "") and who.category is None and who.affordance is None)
    if who.free is not None and is_fixed(one) == who.free:
        return False
    if is_asset(one):
        return who.category is None and who.affordance is None and who.kind in (None, one.kind)
    known = archetype.kind(one.kind)
    return (
        who.kind in (None, one.kind)
        and who.category in (None, known.category)
        and (who.affordance is None or who.affordance in known.affordances)
    )


def _is_on(one: Thing, on: str, room: Room) -> bool:
    """Whether something stands on a thing (or on what stands on it), or on the ground."""
    if one.name not in room.placed:
        return False
    if on == GROUND and on not in room.placed:
        return bool(abs(room[one.name].bounds_m[0][2]) < NEAR_M)
    return one.name != on and on in room.placed and on in _carriers(room, one.name)


def _carriers(room: Room, name: str) -> set[str]:
    """The names of all that something stands on, and of what these stand on."""
    found: set[str] = set()
    queue = [name]
    while queue:
        low, high = room[placed := queue.pop()].bounds_m
        under = room.near(low - (0.0, 0.0, NEAR_M), np.array([high[0], high[1], low[2] + NEAR_M]), but=(*found, name, placed))
        for other in under:
            relation = Relation(kind="on", thing=other.thing.name)
            if other.bounds_m[0][2] < low[2] - LEVEL_M and why_not_in(room, relation, room[placed].thing) is None:
                found.add(other.thing.name)
                queue.append(other.thing.name)
    return found


def _rank(one: Body, pick: str, scene: Scene) -> float:
    """The less, the more it is meant."""
    pose = one.pose
    if pick == "highest":
        return -float(pose.position_m[2]) if pose is not None else 0.0
    if pick == "nearest":
        places = [t.pose.position_m for t in scene.things if t.pose is not None and not is_fixed(t)]
        middle = np.mean(places, axis=0) if places else np.zeros(3)
        return float(np.linalg.norm(pose.position_m - middle)) if pose is not None else np.inf
    mass = (mass_of(one) or 0.0) if isinstance(one, Thing) else 0.0
    return -mass if pick == "heaviest" else mass


def riders(room: Room, carrier: str) -> list[Thing]:
    """The things that are free to move and stand on another, or on what stands on it."""
    low, high = room[carrier].bounds_m
    over = room.near(low, np.array([high[0], high[1], np.inf]), but=(carrier,))
    return [one.thing for one in over if not is_fixed(one.thing) and carrier in _carriers(room, one.thing.name)]
