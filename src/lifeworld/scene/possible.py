"""What can never come true in a scene, and why: asked before anything is watched for, so that nobody waits in vain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lifeworld.core.errors import LifeworldError, SceneError, UnknownName
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Body, body_of
from lifeworld.scene.check import is_asset, wanted_problem
from lifeworld.scene.condition import GROUND, Condition
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.predicate import PREDICATES, PredicateName
from lifeworld.scene.scene import Scene, Thing

Assets = Mapping[str, Assembly]
STANDING = frozenset({"upright", "toppled", "tips_over"})
FREE = frozenset({"falls", "falls_off", "tips_over", "toppled", "leaves", "held"})
"""What only becomes of things that are free to move."""
MOVING = frozenset({"moves", "moving", "faster"})
"""What becomes of things that are free or have joints."""
TALL = 1.4
"""What is so many times as high as it is narrow falls when it tips over."""
OPENING: dict[PredicateName, PredicateName] = {"opens": "open", "closes": "closed"}


def check_outcome(outcome: Outcome, scene: Scene, assets: Assets | None = None) -> None:
    """Raise where an outcome speaks of what is not there, or asks for what can never be.

    Raises:
        UnknownName: with the nearest names.
        SceneError: saying why it can never be.
    """
    for condition in outcome.conditions:
        check_condition(condition, scene, assets, where=f"outcome {outcome.name!r}")


def check_condition(condition: Condition, scene: Scene, assets: Assets | None = None, *, where: str | None = None) -> None:
    """As `check_outcome`, of one condition; the shapes of imported things are in `assets`, and not asked for where they are not."""
    things = {t.name: t for t in scene.things}
    if condition.thing not in things:
        raise UnknownName("thing", condition.thing, things, where=where)
    thing, other = things[condition.thing], things.get(condition.to or "")
    if condition.to is not None and other is None:
        _check_place(condition, scene, things, where)
    why = why_never(condition, scene, assets)
    if isinstance(why, LifeworldError):
        why.where = where
        raise why
    if why is not None and condition.holds:
        raise SceneError(f"this can never be so: {why}", where=where, got=f"{condition.predicate} of {thing.name!r}")


def _check_place(condition: Condition, scene: Scene, things: Mapping[str, Thing], where: str | None) -> None:
    """Raise unless `to` is the ground, a space or a hand, where one of these may be meant."""
    sort, to = PREDICATES[condition.predicate].to, str(condition.to)
    hands = {e.name for e in scene.embodiments if e.kind == "hand"}
    spaces = {s.name for s in scene.spaces}
    known = {"ground": {GROUND}, "space": spaces, "maybe": hands}.get(sort, set())
    if to not in known:
        raise UnknownName("thing", to, {*things, *known} if sort != "maybe" else hands, where=where)
    if to == GROUND and scene.ground is None:
        raise SceneError("this scene has no ground", where=where, got=f"{condition.predicate} of {condition.thing!r}")


def why_never(condition: Condition, scene: Scene, assets: Assets | None = None) -> str | LifeworldError | None:
    """Why a condition on things that are there can never hold; None where it may."""
    predicate, thing = condition.predicate, scene.thing(condition.thing)
    other = next((t for t in scene.things if t.name == condition.to), None)
    free, jointed = not is_fixed(thing), _has_joints(thing)
    if predicate in FREE and not free:
        return f"{thing.name!r} is fixed"
    if predicate in MOVING and not free and not jointed:
        return f"{thing.name!r} is fixed and has no joints"
    if predicate == "hits" and not free and (other is None or is_fixed(other)):
        return "neither of the two is free to move"
    if predicate == "falls" and not any(scene.gravity_m_s2):
        return "there is no gravity"
    if predicate == "held" and not any(e.kind == "hand" for e in scene.embodiments):
        return "there is no hand in this scene"
    body = _body(thing, assets)
    if predicate in STANDING and body is not None and not stands(thing, body):
        return f"{thing.name!r} is round or lies flat: it has no way to stand that it could lose"
    if predicate in ("open", "closed", *OPENING):
        bare = replace(condition, predicate=OPENING.get(predicate, predicate), amount=None)
        problem = wanted_problem(bare, thing, "")
        if problem is None and condition.much > 1.0:
            return "nothing is more open than the whole of its way"
        return problem
    if predicate == "beyond":
        return wanted_problem(condition, thing, "")
    return _why_not_carried(condition, thing, other, assets)


def _why_not_carried(condition: Condition, thing: Thing, other: Thing | None, assets: Assets | None) -> str | None:
    """Why it can never be on, in, off or out of another, or spill."""
    predicate = condition.predicate
    if predicate == "spills":
        body = _body(thing, assets)
        return None if body is None or body.containers else f"{thing.name!r} holds nothing that could be spilt"
    body = None if other is None else _body(other, assets)
    if other is None or body is None:
        return None
    if predicate == "in" and not body.containers:
        return f"nothing can be in {other.name!r}"
    if predicate == "on" and not body.surfaces:
        return f"nothing can be on {other.name!r}"
    if predicate in ("falls_off", "leaves") and not (body.surfaces or body.containers):
        return f"nothing can be on {other.name!r}, or in it"
    return None


def is_fixed(thing: Thing) -> bool:
    """Whether the thing is part of the building."""
    if thing.fixed is not None:
        return thing.fixed
    return not is_asset(thing) and archetype.kind(thing.kind).fixed


def stands(thing: Thing, body: Body) -> bool:
    """Whether a thing stands upright so that it can topple: at least as high as it is narrow, and no ball."""
    rolls = not is_asset(thing) and {"roll", "grasp"} <= set(archetype.kind(thing.kind).affordances)
    x, y, z = body.size_m
    round_ = rolls and max(x, y, z) < 1.3 * min(x, y, z)
    return bool(not round_ and z >= 0.95 * min(x, y))


def is_tall(thing: Thing, assets: Assets | None = None) -> bool:
    """Whether a thing stands so tall that to tip over is to fall."""
    body = _body(thing, assets)
    return body is not None and not is_fixed(thing) and stands(thing, body) and bool(body.size_m[2] > TALL * min(body.size_m[:2]))


def _has_joints(thing: Thing) -> bool:
    return is_asset(thing) or bool(archetype.build(thing).joints)


def _body(thing: Thing, assets: Assets | None) -> Body | None:
    """The body of a thing as it was drawn; None for an imported one whose shape nobody gave."""
    if is_asset(thing) and thing.kind.removeprefix("asset:") not in (assets or {}):
        return None
    return body_of(
        Thing(name=thing.name, kind=thing.kind, size_m=thing.size_m, options=thing.options, material=thing.material), assets or {}
    )
