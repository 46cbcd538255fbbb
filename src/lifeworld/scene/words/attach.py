"""Which link belongs to whom: a flat clause has several readings, weighed by what its verb goes with.

    put the cup on the plate on the table   →   put (the cup) on (the plate on the table)      0.9
                                                put (the cup on the plate) on (the table)      0.8
    put A on B and C on D                   →   two clauses, the verb said once

Every link is tied to the verb or to a phrase on the right edge of what stands before it; every phrase after "and" joins a list that is
still open, or begins the next clause of the same verb. The best few ways are kept (a beam).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lifeworld.scene.words.clause import Frame, Link, Phrase
from lifeworld.scene.words.scan import CORNERS, Tag
from lifeworld.scene.words.syntax import Item, Tie
from lifeworld.scene.words.vocabulary import Frame as VerbFrame

BEAM = 24
VERB = -1
"""What a link is tied to that says where the clause's things go."""
LISTED = 1000
"""Added to the index of a phrase: what joins its list."""
SOURCES = ("from",)
SUPPORT = ("on", "in", "at")
SURFACES = frozenset({"wall", "floor", "ceiling", "room", "ground", "scene"})
"""Nouns that a relation seldom tells apart: "on the wall above the sofa" is on the wall, and above the sofa."""
SPOTS = {
    "side": "edge", "edge": "edge", "end": "edge", "half": "edge", "corner": "corner", "middle": "centre", "centre": "centre",
    "center": "centre", "rim": "edge", "border": "edge",
}  # fmt: skip
"""Nouns for a part of what comes after "of", which is nothing by itself."""
DEFINITE = ("the", "this", "that")


@dataclass(frozen=True, slots=True)
class Group:
    """What one clause says after ties are made: its things, its own links, and loose tags (sides, states, measures)."""

    things: tuple[Phrase, ...]
    links: tuple[Link, ...]
    loose: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Tied:
    """One way to tie a clause's items: groups, as many as clauses, and how likely it is."""

    groups: tuple[Group, ...]
    score: float
    ties: int = 1

    @property
    def sure(self) -> float:
        """How sure it is, 0 to 1: long clauses have more ties, and are not less sure for that alone."""
        return float(min(1.0, self.score) ** (1 / self.ties**0.5))


@dataclass(frozen=True, slots=True)
class _Way:
    """Items tied so far. `ties[i]` is what item i belongs to: the index of a phrase, VERB, or for a phrase the head of its list.

    `edge` are the items on the right edge, outermost first; `goals` the relations tied to the verb in this group.
    """

    ties: tuple[tuple[int, int], ...]
    edge: tuple[int, ...]
    group: int
    goals: tuple[str, ...]
    score: float
    had_thing: bool


def tied(items: Sequence[Item], frame: VerbFrame, *, several: bool = True) -> list[Tied]:
    """The ways to tie a clause's items, the likeliest first."""
    ways = [_Way((), (), 0, (), 1.0, False)]
    comma = joint = False
    for index, item in enumerate(items):
        if isinstance(item, Tag) and item.kind in ("AND", "COMMA"):
            joint = joint or bool(ways[0].ties)
            comma = comma or item.kind == "COMMA"
            continue
        grown: list[_Way] = []
        for way in ways:
            grown += _grow(way, items, index, frame, joint=joint, comma=comma, several=several)
        ways = sorted(grown, key=lambda way: -way.score)[:BEAM]
        comma = joint = False
    done = [replace(way, score=way.score * _ended(way, items, frame)) for way in ways]
    done.sort(key=lambda way: -way.score)
    best = done[0].score if done else 1.0
    return [Tied(_groups(way, items), way.score, max(1, len(items) - 1)) for way in done[:8] if way.score >= 0.3 * best]


def _grow(way: _Way, items: Sequence[Item], index: int, frame: VerbFrame, *, joint: bool, comma: bool, several: bool) -> list[_Way]:
    item = items[index]
    if isinstance(item, Phrase):
        return _phrase_ways(way, items, index, item, joint=joint, frame=frame, several=several)
    if isinstance(item, Tie):
        return _tie_ways(way, items, index, item, frame, comma=comma)
    return _side_ways(way, items, index, item, frame)


def _phrase_ways(
    way: _Way, items: Sequence[Item], index: int, phrase: Phrase, *, joint: bool, frame: VerbFrame, several: bool
) -> list[_Way]:
    if not way.edge or not joint:
        # A first thing, or one that follows a side or state: "paint the mug red" … a second object ("give me the cup") is a thing as well.
        worse = 0.6 if way.had_thing and not joint and not frame.two else 1.0
        return [replace(way, ties=(*way.ties, (index, VERB)), edge=(index,), score=way.score * worse, had_thing=True)]
    out: list[_Way] = []
    begun = max((i for i, tie in way.ties if tie < VERB), default=0)
    linked = any(tie == VERB and not isinstance(items[i], Phrase) for i, tie in way.ties if i >= begun)
    for depth, head in enumerate(reversed(way.edge)):
        before = items[head]
        like = before.to if isinstance(before, Tie) else before
        parallel = 1.0 if isinstance(like, Phrase) and _alike(like, phrase) else 0.75
        parallel *= 0.6 if head == way.edge[0] and _in_with(way, items) else 1.0
        needs = isinstance(before, Tie) and before.tag.name == "between" and _size(way, head) == 1
        if isinstance(before, Tie) and before.tag.name == "between" and not needs:
            parallel *= 0.3
        score = way.score * parallel * (0.95**depth) * (1.2 if needs else 1.0)
        if head == way.edge[0] and not isinstance(before, Tie) and linked:
            # After a goal was said: a new clause of the same verb, "put A on B and C on D".
            if several:
                again = replace(way, ties=(*way.ties, (index, VERB)), edge=(index,), group=way.group + 1, goals=(), score=score * 0.97)
                out.append(replace(again, ties=(*way.ties, (index, VERB - way.group - 1))))
            continue
        edge = way.edge[: way.edge.index(head)]
        out.append(
            replace(
                way,
                ties=(*way.ties, (index, _list_of(way, head))),
                edge=(*edge, index),
                score=score,
            )
        )
    if several and linked and all(not (t < VERB and i == index) for w in out for i, t in w.ties):
        out.append(
            replace(
                way, ties=(*way.ties, (index, VERB - way.group - 1)), edge=(index,), group=way.group + 1, goals=(), score=way.score * 0.8
            )
        )
    return out


def _list_of(way: _Way, head: int) -> int:
    """What a phrase that joins `head` belongs to: the same as that."""
    return LISTED + head


def _size(way: _Way, head: int) -> int:
    return 1 + sum(tie == LISTED + head for _, tie in way.ties)


def _tie_ways(way: _Way, items: Sequence[Item], index: int, tie: Tie, frame: VerbFrame, *, comma: bool) -> list[_Way]:
    name = tie.tag.name
    out: list[_Way] = []
    if not tie.who:
        fits = _fits_verb(way, name, tie, frame, comma)
        if fits > 0:
            # A link after "a kitchen with a table, a bowl …" is about the last of these, not about the kitchen.
            fits *= 0.5 if len(way.edge) > 1 and _in_with(way, items) else 1.0
            edge = (*way.edge[:1], index) if tie.to is not None else way.edge[:1]
            out.append(replace(way, ties=(*way.ties, (index, VERB)), edge=edge, goals=(*way.goals, name), score=way.score * fits))
    for depth, head in enumerate(reversed(way.edge)):
        phrase = _spoken(items[head])
        if not isinstance(phrase, Phrase):
            continue
        fits = _fits_phrase(phrase, tie, frame, depth, comma, outer=head == way.edge[0])
        fits *= 1.2 if depth == 0 and len(way.edge) > 1 and _in_with(way, items) and phrase.article == "a" else 1.0
        position = way.edge.index(head)
        edge = (*way.edge[: position + 1], index) if tie.to is not None else way.edge[: position + 1]
        out.append(replace(way, ties=(*way.ties, (index, head)), edge=edge, score=way.score * fits))
    return out or [replace(way, ties=(*way.ties, (index, VERB)), edge=(*way.edge, index), score=way.score * 0.5)]


def _directed(tie: Tie) -> bool:
    """Whether a relation says where something goes, never where it is: "into", "onto"."""
    return any(word in ("into", "onto") for word in tie.tag.said.split())


def _in_with(way: _Way, items: Sequence[Item]) -> bool:
    """Whether the right edge is within a list of what something has: "a kitchen with a table, a bowl …"."""
    ties = dict(way.ties)
    for root in way.edge[1:]:
        while ties[root] >= LISTED:
            root = ties[root] - LISTED
        head = items[root]
        if isinstance(head, Tie) and head.tag.name == "with" and ties[root] > VERB:
            return True
    return False


def _fits_verb(way: _Way, name: str, tie: Tie, frame: VerbFrame, comma: bool) -> float:
    if name == "than":
        return 0.8
    if name == "except":
        return 0.1
    if name in SOURCES:
        return 0.95
    if name == "to":
        return 1.0 if frame.to else 0.5
    if name in ("toward", "as", "for", "instead_of", "through") or _directed(tie):
        return 1.0
    if name in ("with", "without"):
        return 0.95 if frame.brings else 0.35
    if not way.had_thing:
        return 0.9
    if frame.links in ("scope", "turn"):
        return 1.0 if frame.links == "turn" and name in ("facing", "aligned_with", "around") else 0.3
    again = [goal for goal in way.goals if goal not in ("to", "from", "toward", "with")]
    if again:
        same = any(_sort(goal) == _sort(name) for goal in again)
        if not same and "turn" in (_sort(name), *map(_sort, again)):
            return 0.95
        return (0.35 if same else 0.85) * (1.1 if comma else 1.0)
    return 1.0


def _sort(relation: str) -> str:
    """What a relation settles of a pose: two of one sort are seldom both meant."""
    return "turn" if relation in ("facing", "aligned_with") else "support" if relation in SUPPORT else "side"


def _fits_phrase(phrase: Phrase, tie: Tie, frame: VerbFrame, depth: int, comma: bool, *, outer: bool) -> float:
    name = tie.tag.name
    if name == "except" and outer:
        return 1.0
    if phrase.pronoun is not None and phrase.pronoun not in ("one", "other", "both", "all", "something", "another", "rest"):
        return 0.03
    if tie.who:
        return 1.0 if depth == 0 else 0.7
    if tie.to is None and tie.tag.kind == "REL":
        return 0.2
    if name == "to" and not frame.to:
        return 0.9
    if name in ("to", "toward", "as", "for", "instead_of", "through"):
        return 0.1
    if _directed(tie):
        return 0.3
    if name == "than":
        return 0.3
    if name in SOURCES:
        return 0.3 if outer else 0.5
    if name == "with":
        return (0.4 if frame.brings else 0.95) * (0.9 if depth else 1.0)
    fits = 0.9 if phrase.article in DEFINITE or phrase.article is None else 0.75
    if frame.links in ("scope", "turn"):
        fits = 0.95 if name not in ("facing",) or frame.links == "scope" else 0.5
    if frame.links == "maybe" and outer:
        fits *= 0.7
    if name in ("facing", "aligned_with") and frame.links in ("goal", "maybe"):
        fits *= 0.8
    if tie.tag.spot in ("least", "most"):
        fits = 1.0
    if name == "except":
        return 0.7
    fits *= 0.6 if phrase.noun in SURFACES else 1.0
    return fits * 0.93**depth * (0.75 if comma and depth == 0 and not outer else 1.0)


def _side_ways(way: _Way, items: Sequence[Item], index: int, tag: Tag, frame: VerbFrame) -> list[_Way]:
    """A side tells which one ("the bowl on the left") or which way ("push it to the left"); other tags are the verb's."""
    verb = replace(way, ties=(*way.ties, (index, VERB)), score=way.score)
    if tag.kind != "SIDE" or not way.edge:
        return [verb]
    on = tag.said.split()[0] in ("on", "at", "in") or tag.said.startswith(("from", "behind you", "in front"))
    to = tag.said.split()[0] in ("to", "towards", "toward")
    which = (
        tag.number is not None
        or "_" in tag.name
        or tag.name in ("left", "right", "front", "back", "middle", "top", "bottom", "corner", "far")
    )
    later_goal = any(isinstance(item, Tie) and item.tag.name not in ("from", "with") for item in items[index + 1 :])
    own = 0.55 if frame.links == "scope" and on else 1.0
    own *= 0.1 if tag.number is not None else 0.4 if tag.said.startswith("from") else 1.0
    own *= 0.5 if len(way.edge) > 1 and _in_with(way, items) else 1.0
    own *= 0.6 if on and which and (later_goal or way.goals) else 1.0
    out = [replace(verb, score=way.score * own)]
    if which:
        for depth, head in enumerate(reversed(way.edge)):
            phrase = _spoken(items[head])
            if isinstance(phrase, Phrase):
                fits = (0.95 if frame.links == "scope" else 0.85) if on else (0.45 if to else 0.3)
                if isinstance(items[head], Tie) and to:
                    fits = 0.8
                fits = 0.03 if phrase.pronoun in ("it", "them") else 1.0 if tag.number is not None else fits
                out.append(
                    replace(
                        way,
                        ties=(*way.ties, (index, head)),
                        edge=way.edge[: way.edge.index(head) + 1],
                        score=way.score * fits * 0.95**depth,
                    )
                )
    return out


def _ended(way: _Way, items: Sequence[Item], frame: VerbFrame) -> float:
    """A verb with a goal wants one, in each of its clauses."""
    if frame.links != "goal":
        return 1.0
    score = 1.0
    if not any(_is_goal(item) for item in items):
        return 0.85
    for group in range(way.group + 1):
        has = any(
            _group_of(way, i) == group and _to_verb(way, i) and isinstance(items[i], Tie | Tag) and _is_goal(items[i]) for i, _ in way.ties
        )
        score *= 1.0 if has else 0.5
    return score


def _is_goal(item: Item) -> bool:
    if isinstance(item, Tie):
        return item.tag.name not in ("from", "with", "without", "for", "than")
    return isinstance(item, Tag) and item.kind == "SIDE"


def _to_verb(way: _Way, index: int) -> bool:
    return dict(way.ties)[index] <= VERB


def _group_of(way: _Way, index: int) -> int:
    """How many clauses of the verb began at or before an item."""
    return sum(1 for i, tie in way.ties if tie < VERB and i <= index)


def _spoken(item: Item) -> Phrase | None:
    """The phrase of an item, its own or what its relation is to."""
    if isinstance(item, Tie):
        return item.to
    return item if isinstance(item, Phrase) else None


def _alike(one: Phrase, other: Phrase) -> bool:
    """Whether two phrases go together in a list: both of definite things or both of any."""

    def sort(phrase: Phrase) -> str:
        if phrase.pronoun is not None and not phrase.noun and phrase.article is None:
            return "the"
        return (
            "the"
            if phrase.article in ("the", "this", "that", "every")
            else ("bare" if phrase.article is None and phrase.count is None else "a")
        )

    a, b = sort(one), sort(other)
    return a == b or "bare" in (a, b)


def _groups(way: _Way, items: Sequence[Item]) -> tuple[Group, ...]:
    """The clauses of a way, its links nested where they are tied."""
    ties = dict(way.ties)

    def phrase_at(index: int) -> Phrase:
        item = items[index]
        phrase = item.to if isinstance(item, Tie) else item
        assert isinstance(phrase, Phrase)
        for child, tie in way.ties:
            if tie == index and child != index:
                phrase = (
                    _with(phrase, items[child], link_at)
                    if not isinstance(items[child], Tie)
                    else _linked(phrase, link_at(child), items[child])
                )
        return phrase

    def listed(index: int) -> tuple[Phrase, ...]:
        out = [phrase_at(index)]
        for child, tie in way.ties:
            if tie == LISTED + index:
                out += listed(child)
        return tuple(out)

    def link_at(index: int) -> Link:
        tie = items[index]
        assert isinstance(tie, Tie)
        return link_of(tie, listed(index) if tie.to is not None else ())

    groups = []
    for group in range(way.group + 1):
        mine = [i for i, tie in way.ties if tie <= VERB and _group_of(way, i) == group]
        things = tuple(p for i in mine if isinstance(items[i], Phrase) for p in listed(i))
        links = tuple(link_at(i) for i in mine if isinstance(items[i], Tie) and items[i].tag.kind == "REL")  # type: ignore[union-attr]
        loose = tuple(item for i in mine if isinstance(item := items[i], Tag))
        groups.append(Group(things, links, loose))
    del ties
    return tuple(groups)


def _with(phrase: Phrase, item: Item, _: object) -> Phrase:
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


def _linked(phrase: Phrase, link: Link, item: Item) -> Phrase:
    assert isinstance(item, Tie)
    span = (min(phrase.span[0], link.span[0]), max(phrase.span[1], link.span[1]))
    if item.tag.kind == "SIDE":
        return replace(phrase, span=span, words=(*phrase.words, item.tag.name))
    if item.tag.kind == "STATE" and item.tag.unit in ("color", "material", "dimension") and not item.negated:
        return replace(phrase, span=span, words=(*phrase.words, item.tag.name))
    if item.tag.spot in ("least", "most"):
        return replace(phrase, span=span, compare=("distance", item.tag.spot), links=(*phrase.links, link))  # type: ignore[arg-type]
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
    frame: Frame | None = None
    return Link(
        relation=tag.name,
        span=(tie.span[0], end),
        to=to,
        spot=tag.spot if tag.spot not in ("least", "most") else None,
        frame=frame,
        distance_m=distance,
        negated=tie.negated,
    )
