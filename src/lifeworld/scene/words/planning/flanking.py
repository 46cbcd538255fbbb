"""On each side, in each corner: "a glass on each side of the plate", "a candle in each corner"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.planning.adding import named
from lifeworld.scene.words.planning.coming import is_new
from lifeworld.scene.words.planning.draft import Draft

PLACES: dict[str, tuple[tuple[str, str | None], ...]] = {
    "flanking": (("left_of", None), ("right_of", None)),
    "cornering": (("on", "back_left"), ("on", "back_right"), ("on", "front_left"), ("on", "front_right")),
}
"""Relations that speak of several places at once: each as a relation and a spot."""
CALLED = {"flanking": "sides", "cornering": "corners"}


def flanked(draft: Draft, clause: Clause, plan_one: Callable[[Draft, Clause], None]) -> bool:
    """Whether a clause speaks of all sides or corners of something; then one thing is planned for each of them.

    Raises:
        WordsError: `ambiguous`, for a single thing that is here; `impossible`, for more or fewer than there are places.
    """
    link = next((k for k in clause.links if k.relation in PLACES and k.to), None)
    if link is None:
        return False
    places = PLACES[link.relation]
    things = tuple(p for p in clause.things if p.pronoun != "one")
    for phrase, (relation, spot) in zip(_each(draft, clause, link, things), places, strict=True):
        there: Link = replace(link, relation=relation, spot=spot)
        plan_one(draft, replace(clause, things=(phrase,), links=tuple(there if k is link else k for k in clause.links)))
    return True


def _each(draft: Draft, clause: Clause, link: Link, things: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """What goes to each place: those that were named, or a new one each."""
    count, called = len(PLACES[link.relation]), CALLED[link.relation]
    if len(things) == count:
        return things
    if len(things) != 1:
        raise impossible(f"there are {count} {called}, and {len(things)} things were named", clause.span)
    (phrase,) = things
    if is_new(phrase) or (phrase.article is None and phrase.count in (1, count)):
        return (replace(phrase, article="a", count=None, plural=False),) * count
    found = draft.find(phrase).referents
    if len(found) == 1:
        raise WordsError(
            f"{found[0].name!r} cannot be at all {called}", reason="ambiguous", span=clause.span,
            suggestions=(f"put {found[0].name} to the left of it",), question=f"At which of the {called} is {found[0].name} to be?",
        )  # fmt: skip
    if len(found) != count:
        raise impossible(f"there are {count} {called}, and {len(found)} things were meant", clause.span)
    return tuple(named(one.name, phrase) for one in found)
