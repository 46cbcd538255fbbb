"""On each side: "a glass on each side of the plate", "a knife and a fork, one on either side of the plate"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.planning.adding import named
from lifeworld.scene.words.planning.coming import is_new
from lifeworld.scene.words.planning.draft import Draft


def flanked(draft: Draft, clause: Clause, plan_one: Callable[[Draft, Clause], None]) -> bool:
    """Whether a clause speaks of both sides of something; then one thing is planned left of it, and one right of it.

    Raises:
        WordsError: `ambiguous`, for a single thing that is here; `impossible`, for more than two.
    """
    link = next((k for k in clause.links if k.relation == "flanking" and k.to), None)
    if link is None:
        return False
    things = tuple(p for p in clause.things if p.pronoun != "one")
    pair = _pair(draft, clause, things)
    for phrase, side in zip(pair, ("left_of", "right_of"), strict=True):
        aside: Link = replace(link, relation=side)
        plan_one(draft, replace(clause, things=(phrase,), links=tuple(aside if k is link else k for k in clause.links)))
    return True


def _pair(draft: Draft, clause: Clause, things: tuple[Phrase, ...]) -> tuple[Phrase, Phrase]:
    """What goes to the left and what to the right: two that were named, or one new one for each side."""
    if len(things) == 2:
        return things[0], things[1]
    if len(things) != 1:
        raise impossible(f"there are two sides, and {len(things)} things were named", clause.span)
    (phrase,) = things
    if is_new(phrase) or (phrase.article is None and phrase.count in (1, 2)):
        one = replace(phrase, article="a", count=None, plural=False)
        return one, one
    found = draft.find(phrase).referents
    if len(found) == 1:
        raise WordsError(
            f"{found[0].name!r} cannot be on both sides", reason="ambiguous", span=clause.span,
            suggestions=(f"put {found[0].name} to the left of it",), question=f"On which side is {found[0].name} to be?",
        )  # fmt: skip
    if len(found) != 2:
        raise impossible(f"there are two sides, and {len(found)} things were meant", clause.span)
    return named(found[0].name, phrase), named(found[1].name, phrase)
