"""One way, so far, to tie the items of a clause to each other; and the clauses that come of a whole one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lifeworld.scene.words.clause import Link, Phrase
from lifeworld.scene.words.grammar.syntax import Item, Tie
from lifeworld.scene.words.tagging.scan import CORNERS, Tag

VERB = -1
"""What a link is tied to that says where the clause's things go; the first phrase of the next clause of the same verb is below it."""
LISTED = 1000
"""Added to the index of a phrase: what joins its list."""
SPOTS = {
    "side": "edge", "edge": "edge", "end": "edge", "half": "edge", "corner": "corner", "middle": "centre", "centre": "centre",
    "center": "centre", "rim": "edge", "border": "edge",
}  # fmt: skip
"""Nouns for a part of what comes after "of", which is nothing by itself."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one clause says after ties are made: its things, its own links, and loose tags (sides, states, measures)."""

    things: tuple[Phrase, ...]
    links: tuple[Link, ...]
    loose: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Items tied so far. `ties[i]` is what item i belongs to: the index of a phrase, VERB, or for a phrase the head of its list.

    `edge` are the items on the right edge, outermost first; `goals` the relations tied to the verb in this group.
    """

    ties: tuple[tuple[int, int], ...]
    edge: tuple[int, ...]
    group: int
    goals: tuple[str, ...]
    score: float
    had_thing: bool


def group_of(way: Way, index: int) -> int:
    """How many clauses of the verb began at or before an item."""
    return sum(1 for i, tie in way.ties if tie < VERB and i <= index)


def size_of(way: Way, head: int) -> int:
    return 1 + sum(tie == LISTED + head for _, tie in way.ties)


def in_with(way: Way, items: Sequence[Item]) -> bool:
    """Whether the right edge is within a list of what something has: "a kitchen with a table, a bowl …"."""
    ties = dict(way.ties)
    for root in way.edge[1:]:
        while ties[root] >= LISTED:
            root = ties[root] - LISTED
        head = items[root]
        if isinstance(head, Tie) and head.tag.name == "with" and ties[root] > VERB:
            return True
    return False


def spoken(item: Item) -> Phrase | None:
    """The phrase of an item, its own or what its relation is to."""
    if isinstance(item, Tie):
        return item.to
    return item if isinstance(item, Phrase) else None


def groups_of(way: Way, items: Sequence[Item]) -> tuple[Group, ...]:
    """The clauses of a way, its links nested where they are tied."""

    def phrase_at(index: int) -> Phrase:
        phrase = spoken(items[index])
        assert phrase is not None
        for child, tie in way.ties:
            if tie == index:
                item = items[child]
                phrase = linked(phrase, link_at(child), item) if isinstance(item, Tie) else _with(phrase, item)
        return phrase

    def listed(index: int) -> tuple[Phrase, ...]:
        joined = (phrase for child, tie in way.ties if tie == LISTED + index for phrase in listed(child))
        return (phrase_at(index), *joined)

    def link_at(index: int) -> Link:
        tie = items[index]
        assert isinstance(tie, Tie)
        return link_of(tie, listed(index) if tie.to is not None else ())

    groups = []
    for group in range(way.group + 1):
        mine = [(i, items[i]) for i, tie in way.ties if tie <= VERB and group_of(way, i) == group]
        things = tuple(phrase for i, item in mine if isinstance(item, Phrase) for phrase in listed(i))
        links = tuple(link_at(i) for i, item in mine if isinstance(item, Tie) and item.tag.kind == "REL")
        groups.append(Group(things, links, tuple(item for _, item in mine if isinstance(item, Tag))))
    return tuple(groups)


def _with(phrase: Phrase, item: Item) -> Phrase:
    """A phrase with a side that tells which: "the bowl on the left"."""
    assert isinstance(item, Tag)
    span = (min(phrase.span[0], item.span[0]), max(phrase.span[1], item.span[1]))
    if item.number is not None:
        return replace(phrase, span=span, order=int(item.number), order_from=item.name)
    if item.name == "corner" or item.name in CORNERS:
        link = Link(relation="in" if item.name == "corner" else "on", span=item.span, spot=item.name)
        return replace(phrase, span=span, links=(*phrase.links, link))
    if item.said.startswith("from") and (phrase.order is not None or phrase.compare is not None):
        return replace(phrase, span=span, order_from=item.name)
    return replace(phrase, span=span, words=(*phrase.words, item.name))


def linked(phrase: Phrase, link: Link, item: Item) -> Phrase:
    assert isinstance(item, Tie)
    span = (min(phrase.span[0], link.span[0]), max(phrase.span[1], link.span[1]))
    if item.tag.kind == "SIDE":
        return replace(phrase, span=span, words=(*phrase.words, item.tag.name))
    if item.tag.kind == "STATE" and item.tag.unit in ("color", "material", "dimension") and not item.negated:
        return replace(phrase, span=span, words=(*phrase.words, item.tag.name))
    if item.tag.spot in ("least", "most"):
        way: Literal["least", "most"] = "least" if item.tag.spot == "least" else "most"
        return replace(phrase, span=span, compare=("distance", way), links=(*phrase.links, link))
    if link.relation == "to" and phrase.of is None and len(link.to) == 1:
        return replace(phrase, span=span, of=link.to[0])  # "the door to the fridge"
    return replace(phrase, span=span, links=(*phrase.links, link))


def link_of(tie: Tie, to: tuple[Phrase, ...]) -> Link:
    """A tie as a link to what it was said of."""
    tag = tie.tag
    distance = tie.measure.number if tie.measure is not None and tie.measure.unit == "length" else None
    if tag.kind == "STATE":
        return Link(relation="state", span=tie.span, state=tag.name, negated=tie.negated)
    if tag.kind == "SIDE":
        return Link(relation="state", span=tie.span, state=tag.name, negated=tie.negated)
    end = max([tie.span[1], *(phrase.span[1] for phrase in to)])
    part = to[0] if len(to) == 1 else None
    if part is not None and part.of is not None and part.noun in SPOTS and tag.name in ("on", "in", "at", "to", "near", "beside"):
        side = next((word for word in part.words if word in ("left", "right", "front", "back")), SPOTS[part.noun])
        relation = "in" if tag.name == "in" else "on"
        return Link(relation=relation, span=(tie.span[0], end), to=(part.of,), spot=side)
    return Link(
        relation=tag.name,
        span=(tie.span[0], end),
        to=to,
        spot=tag.spot if tag.spot not in ("least", "most") else None,
        distance_m=distance,
        negated=tie.negated,
    )
