"""Goals in a sentence: what is to be so in the end, as literals in the names of a cast.

    goals("pick up the bowl and place it in the top drawer", cast)
    frozenset({Literal(predicate="in", thing="bowl", to="cabinet/drawer_1")})

What is asked for later takes the place of what was asked for before: what is opened and then closed is to be closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from lifeworld.core.errors import WordsError
from lifeworld.scene.scene import RELATIONS
from lifeworld.scene.words.acts import PLACING, Act, acts
from lifeworld.scene.words.grounding.cast import Cast

STATES = {"open": "open", "close": "closed", "turn_on": "turned_on", "turn_off": "turned_off"}
OPPOSITE = {"open": "closed", "closed": "open", "turned_on": "turned_off", "turned_off": "turned_on"}
CARRYING = ("on", "in")
DONE = {"slice": "sliced", "heat": "hot", "cool": "cold", "clean": "clean", "fill": "full"}
"""What becomes of a thing by verbs that robots are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A predicate of a thing, `to` another where it is of two: on, in, left_of … open, closed, turned_on, turned_off, held."""

    predicate: str
    thing: str
    to: str | None = None


def goals(text: str, cast: Cast) -> frozenset[Literal]:
    """What a sentence wants to be so in the end.

    Raises:
        WordsError: for a text that cannot be read, and one that asks for no state of things.
    """
    return goals_scored(text, cast)[0]


def goals_scored(text: str, cast: Cast) -> tuple[frozenset[Literal], float]:
    """As `goals`, with how sure that is (0 to 1)."""
    said = acts(text, cast)
    literals = literals_of(said.acts, cast)
    if not literals:
        raise WordsError(
            "no state of things is asked for",
            reason="unsupported",
            span=(0, len(text)),
            suggestions=("put the mug on the plate", "open the drawer"),
        )
    return frozenset(literals), said.score


def literals_of(done: tuple[Act, ...], cast: Cast) -> list[Literal]:
    """The literals of acts in their order, the later ones instead of those they undo."""
    literals: list[Literal] = []
    for act in done:
        for literal in _of(act, cast, literals):
            literals = [old for old in literals if not _undone(old, literal)] + [literal]
    return literals


def _of(act: Act, cast: Cast, before: list[Literal]) -> list[Literal]:
    verb = act.verb
    if verb in STATES:
        return [Literal(predicate=STATES[verb], thing=name) for name in act.things]
    if verb in DONE:
        return [Literal(predicate=DONE[verb], thing=name) for name in act.things]
    states = [link.state for link in act.clause.links if link.state is not None]
    value = dict(act.values).get("state")
    if states or isinstance(value, str):
        from lifeworld.scene.words.grounding.traits import fact_of

        words = [*states, *([value] if isinstance(value, str) else [])]
        return [Literal(predicate=fact_of(w) or w, thing=name) for w in words for name in act.things]
    ends = [(_relation(relation, names, cast), names) for relation, names in act.links if names and relation != "from"]
    links = [(relation, names) for relation, names in ends if relation is not None]
    if verb in PLACING or verb == "goal" or (verb == "pick" and links):
        moved = list(act.things)
        if act.them:  # what stands on another of them goes with it
            riding = {old.thing for old in before if old.predicate in CARRYING and old.to in moved}
            moved = [name for name in moved if name not in riding]
        found = [Literal(predicate=relation, thing=name, to=other) for name in moved for relation, names in links for other in names[:1]]
        if verb == "stack" and not found:
            return [Literal(predicate="on", thing=a, to=b) for a, b in pairwise(moved)]
        return found
    if verb == "pick":
        return [Literal(predicate="held", thing=name) for name in act.things]
    return []


def _relation(relation: str, names: tuple[str, ...], cast: Cast) -> str | None:
    """The relation a link ends in; None for one that is no place."""
    if relation in RELATIONS:
        return relation
    if relation not in ("to", "toward", "at"):
        return None
    other = cast.named(names[0])
    holds = other is not None and any(k in ("holds", "empty", "full") for k, _ in other.facts)
    return "in" if holds else "on"


def _undone(old: Literal, new: Literal) -> bool:
    """Whether an earlier literal is no longer wanted once a later one is."""
    if old.thing != new.thing:
        return False
    if old.predicate == "held":
        return True
    if old.predicate in OPPOSITE:
        return new.predicate in (OPPOSITE[old.predicate], old.predicate)
    return old.predicate in CARRYING and new.predicate in CARRYING
