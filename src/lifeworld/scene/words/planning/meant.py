"""Whom a clause acts on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.ground import PLACES, WHOLES
from lifeworld.scene.words.planning.draft import Draft

TELLING = ("on", "in", "under", "beside", "near", "left_of", "right_of", "behind", "in_front_of", "from", "between")
"""Relations of a clause that places nothing: they tell which things are meant."""


def themes(draft: Draft, clause: Clause) -> list[Referent]:
    """The things a clause acts on, groups taken apart; what was picked up before, where none is said.

    Raises:
        WordsError: for things that are not there or not clear.
    """
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    sources = [link for link in clause.links if link.relation == "from" and link.to]
    ends = tuple(k.to[0].noun for k in sources if len(k.to) == 1 and k.to[0].noun in ("top", "bottom") and k.to[0].of is None)
    if ends:  # "the green block off the top": the topmost green one
        phrases = tuple(replace(p, words=(*p.words, *ends)) for p in phrases)
        sources = [k for k in sources if k.to[0].noun not in ends]
    for link in sources:
        for p in link.to:
            draft.speak(*draft.find(p, PLACES, any_number=True).names[:1])
    found: list[Referent] = []
    for phrase in phrases:
        told = told_apart(phrase, sources)
        sorts = ("thing", "embodiment", "group") if phrase.noun else ("thing", "group")
        for one in draft.find(told, sorts).referents:
            found += members(draft, one)
        if len(phrases) > 1:  # "the plate and everything on it"
            draft.speak(*(one.name for one in found[-1:]))
    return list(dict.fromkeys(found))


def things_of(
    draft: Draft,
    clause: Clause,
    *,
    sorts: tuple[str, ...] = ("thing", "group"),
    fits: Callable[[Referent], bool] | None = None,
) -> list[Referent]:
    """The things a clause changes."""
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    links = tuple(k for k in clause.links if k.to and k.relation in TELLING)
    found: list[Referent] = []
    for phrase in phrases:
        told = replace(phrase, links=(*phrase.links, *links)) if phrase.noun else phrase
        for one in draft.find(told, sorts, fits=fits).referents:
            found += members(draft, one)
    names = tuple(dict.fromkeys(one.name for one in found))
    draft.speak(*names)
    return [one for name in names for one in found if one.name == name][: len(names)]


def told_apart(phrase: Phrase, links: Sequence[Link]) -> Phrase:
    """A phrase with what the clause says of which are meant; a pronoun means those spoken of, wherever they are."""
    return replace(phrase, links=(*phrase.links, *links)) if phrase.noun or phrase.pronoun in WHOLES else phrase


def members(draft: Draft, one: Referent) -> list[Referent]:
    """The things of a group; any other by itself."""
    if one.sort != "group":
        return [one]
    group = next(g for g in draft.scene.groups if g.name == one.name)
    return [r for name in group.members if (r := draft.cast.named(name)) is not None]


def some_names(draft: Draft) -> list[str]:
    return [t.name for t in draft.scene.things][:6]
