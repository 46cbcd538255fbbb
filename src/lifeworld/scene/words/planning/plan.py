"""Clauses become a plan of edits: each in turn, over the scene as the ones before it leave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Reading, Value
from lifeworld.scene.words.planning import (
    adding,
    exchanging,
    filling,
    holding,
    naming,
    opening,
    placing,
    setting,
    staging,
    switching,
    taking,
    turning,
)  # fmt: skip
from lifeworld.scene.words.planning.draft import UNHEEDED, Draft
from lifeworld.scene.words.planning.flanking import flanked
from lifeworld.scene.words.planning.likening import likened

Verb = Callable[[Draft, Clause], None]

VERBS: Mapping[str, Verb] = {
    "add": adding.add, "remove": taking.remove, "replace": exchanging.replace_, "place": placing.put, "move": placing.put,
    "push": placing.put, "pull": placing.put, "slide": placing.put, "lift": placing.put, "pick": taking.pick, "stack": placing.stack,
    "unstack": taking.unstack, "swap": exchanging.swap, "copy": exchanging.copy, "rotate": turning.rotate, "face": turning.face,
    "scale": setting.scale, "set": setting.set_, "open": opening.open_, "close": opening.close, "turn_on": switching.turn_on,
    "turn_off": switching.turn_off, "fill": filling.fill, "attach": holding.attach, "detach": holding.detach, "group": naming.group,
    "rename": naming.rename, "camera": staging.camera, "light": staging.light, "time": staging.time, "goal": staging.goal,
}  # fmt: skip
"""What each verb does to a draft."""
NEAREST = {
    "go": "move the chair to the table", "slice": "replace the bread with two pieces of bread", "heat": "turn on the stove",
    "fold": "put the towel on the table", "cool": "put the bottle in the fridge", "clean": "put the plate in the sink",
    "event": "after 2 seconds remove the mug",
}  # fmt: skip
"""What can be said instead of verbs that no scene follows."""
WHOLE = {"add", "remove", "replace", "place", "move", "pick", "stack", "swap", "copy", "group", "attach", "detach"}
"""Verbs of whole things: none is half moved, and of several nobody knows which half is meant."""
MOVING = frozenset({"amount", "dimension", "direction", "distance_m", "way"})
SIZES = frozenset({"by_m", "depth_m", "dimension", "factor", "height_m", "length_m", "size_m", "thickness_m", "way", "width_m"})
SCENES = frozenset({"gravity", "hour", "intensity", "name"})
SETTING = SIZES | SCENES | {"by_friction", "by_kg", "color", "friction", "mass_kg", "material", "restitution", "state"}
SEEING = frozenset({"direction", "dimension", "distance_m", "factor", "intensity", "way", "color", "hour"})
HEEDED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("place", "move", "push", "pull", "slide", "lift", "stack"), MOVING), **dict.fromkeys(("set", "scale"), SETTING),
    **dict.fromkeys(("camera", "light", "time", "face"), SEEING), **dict.fromkeys(("rename", "group"), frozenset({"name"})),
    "add": SIZES | {"mass_kg", "name"}, "rotate": frozenset({"angle_deg", "axis", "direction"}), "fill": frozenset({"amount"}),
    "copy": frozenset({"count", "factor"}),
    **dict.fromkeys(("open", "close"), frozenset({"amount", "angle_deg", "degree", "opening_m"})), "event": MOVING,
}  # fmt: skip
"""Which values each verb takes; `SLIGHT` are those that nobody misses."""
SLIGHT = frozenset({"degree"})
ASKED = {"place", "move", "stack", "push", "pull", "slide", "lift"}


def plan(reading: Reading, draft: Draft) -> None:
    """The steps of a reading, into a draft.

    Raises:
        WordsError: for the first clause that cannot be followed; the draft is then of no use.
    """
    for clause in reading.clauses:
        plan_clause(draft, clause)
    if draft.held and draft.held_from is not None:
        taking.put_down(draft, draft.held_from)
    if draft.held:
        name = draft.held[0]
        raise WordsError(
            f"{name!r} was picked up and put nowhere",
            reason="unsupported",
            span=reading.clauses[-1].span,
            suggestions=(f"put the {name} on the floor", f"remove the {name}"),
            fix="Say where it is to go.",
        )


def plan_clause(draft: Draft, clause: Clause) -> None:
    """The steps of one clause."""
    if clause.negated:
        raise WordsError(
            f"nothing is done that is not to be done: {clause.said!r}",
            reason="negated",
            span=clause.span,
            suggestions=("remove the mug", "put the mug on the table"),
            fix="Say what is to be done instead.",
        )
    if clause.when is not None or clause.at_s is not None:
        return staging.event(draft, clause, plan_clause)
    if clause.verb not in VERBS:
        instead = NEAREST.get(clause.verb, "put the mug on the plate")
        raise WordsError(
            f"a scene is not told to {clause.verb.replace('_', ' ')} anything",
            reason="unsupported",
            span=clause.span,
            suggestions=(instead,),
            fix=f"What comes nearest: {instead!r}.",
        )
    _refuse_shares(clause)
    clause = likened(draft, _numbered(draft, clause))
    if flanked(draft, clause, plan_clause):
        return None
    if clause.verb in ASKED and draft.held:
        if not clause.things or all(p.pronoun is not None and not p.noun for p in clause.things):
            draft.speak(*draft.held)
        draft.held = ()
    if clause.verb == "face" and len(clause.things) + len([k for k in clause.links if k.to]) == 1:
        return staging.camera(draft, clause)  # "look at the mug"
    if any(p.noun == "camera" for p in clause.things) and clause.verb in ("move", "face", "push", "pull", "lift", "rotate"):
        return staging.camera(draft, clause)
    if clause.verb in ("place", "move") and clause.value("direction") in ("on_its_side", "upside_down", "upright") and not clause.links:
        return turning.rotate(draft, clause)
    if clause.verb == "push" and _goes_in(draft, clause):
        return plan_clause(draft, replace(clause, verb="close", links=(), values=_how_far(clause)))
    if clause.verb in ("pull", "slide", "pick") and _goes_in(draft, clause):
        return plan_clause(draft, replace(clause, verb="open", links=(), values=_how_far(clause)))
    if clause.verb == "add" and clause.links and clause.things and all(p.article in ("the", "this", "that") for p in clause.things):
        return placing.put(draft, replace(clause, verb="place"))  # "I want the mug on the plate": it is there already
    if clause.verb == "add" and any(p.article in ("the", "this", "that") and p.noun for p in clause.things):
        phrase = next(p for p in clause.things if p.article in ("the", "this", "that") and p.noun)
        found = draft.find(phrase, any_number=True).referents
        raise WordsError(
            f"{found[0].name!r} is there already",
            reason="unsupported",
            span=phrase.span,
            suggestions=(f"add another {phrase.noun}", f"put the {phrase.noun} on the floor"),
            fix="Say where it is to go, or add another.",
        )
    if any(p.noun == "gravity" for p in clause.things) and clause.verb in ("set", "scale", "turn_on", "turn_off", "remove"):
        return staging.gravity(draft, clause)
    VERBS[clause.verb](draft, clause)
    _admit(draft, clause)
    return None


def _admit(draft: Draft, clause: Clause) -> None:
    """What was said of how much and how, and is not done, weighs on the score."""
    heeded = HEEDED.get(clause.verb, frozenset()) | SLIGHT | ({"angle_deg", "direction"} if clause.verb == "set" else frozenset())
    for key, value in clause.values:
        if key not in heeded:
            draft.score = min(draft.score, UNHEEDED)
            draft.evidence.append(f"not heeded: {key.replace('_', ' ')} {value}")


def _how_far(clause: Clause) -> tuple[tuple[str, Value], ...]:
    keys = {"amount": "amount", "distance_m": "opening_m", "angle_deg": "angle_deg"}
    return tuple((keys[key], value) for key, value in clause.values if key in keys)


def _refuse_shares(clause: Clause) -> None:
    """Raise for what would be dropped: a half of what is moved.

    Raises:
        WordsError: `unsupported`.
    """
    if clause.verb in WHOLE and clause.value("amount") is not None:
        raise WordsError(
            f"{clause.verb.replace('_', ' ')} is about whole things and places, not about a share of them",
            reason="unsupported",
            span=clause.span,
            suggestions=("remove two of the apples", "move the mug 10 cm to the left"),
            fix="Say how many, or how far.",
        )


def _numbered(draft: Draft, clause: Clause) -> Clause:
    """ "Block 5" is the thing called block_5, where there is one."""
    number = clause.value("count")
    if number is None or len(clause.things) != 1 or clause.things[0].count is not None:
        return clause
    stem = clause.things[0].noun.replace(" ", "_")
    name, first = f"{stem}_{number:g}", number == 1 and draft.cast.named(f"{stem}_2") is not None
    if draft.cast.named(name) is None and not first:
        return clause
    bare = tuple(v for v in clause.values if v[0] != "count")
    one = replace(clause.things[0], plural=False)
    return replace(clause, things=(replace(one, noun=stem, order=1) if first else replace(one, noun=name),), values=bare)


def _goes_in(draft: Draft, clause: Clause) -> bool:
    """Whether what is pushed or pulled is a drawer or a door: those close and open."""
    if any(to.span != link.span for link in clause.links for to in link.to) or len(clause.things) != 1 or not clause.things[0].noun:
        return False
    try:
        found = draft.find(clause.things[0], ("thing", "part")).referents
    except WordsError:
        return False
    return all(one.sort == "part" and any(k in ("open", "closed") for k, _ in one.facts) for one in found)
