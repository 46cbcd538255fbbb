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

from lifeworld.scene.words.clause import Phrase
from lifeworld.scene.words.grammar.fitting import alike, fits_phrase, fits_verb, is_goal
from lifeworld.scene.words.grammar.syntax import Item, Tie
from lifeworld.scene.words.grammar.ways import LISTED, VERB, Group, Way, group_of, groups_of, in_with, size_of, spoken
from lifeworld.scene.words.tagging.scan import CORNERS, Tag
from lifeworld.scene.words.tagging.vocabulary import Frame

BEAM = 24
MOST = 8
"""So many ways are given out, none worse than `WORST` of the best."""
WORST = 0.3
WHICH = frozenset({"left", "right", "front", "back", "middle", "top", "bottom", "corner", *CORNERS})
"""Sides that can tell which one is meant."""


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


def tied(items: Sequence[Item], frame: Frame, *, several: bool = True) -> list[Tied]:
    """The ways to tie a clause's items, the likeliest first."""
    items = _with_ends(items)
    ways = [Way((), (), 0, (), 1.0, False)]
    comma = joint = False
    for index, item in enumerate(items):
        if isinstance(item, Tag) and item.kind in ("AND", "COMMA"):
            joint = joint or bool(ways[0].ties)
            comma = comma or item.kind == "COMMA"
            continue
        grown: list[Way] = []
        for way in ways:
            grown += _grow(way, items, index, frame, joint=joint, comma=comma, several=several)
        ways = sorted(grown, key=lambda way: -way.score)[:BEAM]
        comma = joint = False
    done = [replace(way, score=way.score * _ended(way, items, frame)) for way in ways]
    done.sort(key=lambda way: -way.score)
    best = done[0].score if done else 1.0
    return [Tied(groups_of(way, items), way.score, max(1, len(items) - 1)) for way in done[:MOST] if way.score >= WORST * best]


def _with_ends(items: Sequence[Item]) -> list[Item]:
    """ "behind and to the left of the sofa": both are to the sofa."""
    out = list(items)
    for i in range(len(out) - 3, -1, -1):
        one, joint, other = out[i : i + 3]
        if isinstance(one, Tie) and one.to is None and isinstance(other, Tie) and isinstance(joint, Tag) and joint.kind == "AND":
            out[i] = replace(one, to=other.to)
    return out


def _grow(way: Way, items: Sequence[Item], index: int, frame: Frame, *, joint: bool, comma: bool, several: bool) -> list[Way]:
    item = items[index]
    if isinstance(item, Phrase):
        return _phrase_ways(way, items, index, item, joint=joint, frame=frame, several=several)
    if isinstance(item, Tie):
        return _tie_ways(way, items, index, item, frame, joint=joint, comma=comma)
    return _side_ways(way, items, index, item, frame)


def _phrase_ways(way: Way, items: Sequence[Item], index: int, phrase: Phrase, *, joint: bool, frame: Frame, several: bool) -> list[Way]:
    """A phrase is the first thing, joins a list that is open, or begins the next clause of the verb: "put A on B and C on D"."""
    if not way.edge or not joint:
        worse = 0.6 if way.had_thing and not joint and not frame.two else 1.0
        return [replace(way, ties=(*way.ties, (index, VERB)), edge=(index,), score=way.score * worse, had_thing=True)]
    out: list[Way] = []
    begun = max((i for i, tie in way.ties if tie < VERB), default=0)
    linked = any(tie == VERB and not isinstance(items[i], Phrase) for i, tie in way.ties if i >= begun)
    anew = 0.8
    for depth, head in enumerate(reversed(way.edge)):
        before = items[head]
        like = spoken(before)
        score = 0.95**depth * (1.0 if like is not None and alike(like, phrase) else 0.75)
        score *= 0.6 if head == way.edge[0] and in_with(way, items) else 1.0
        if isinstance(before, Tie) and before.tag.name == "between":
            score *= 1.2 if size_of(way, head) == 1 else 0.3
        if head == way.edge[0] and not isinstance(before, Tie) and linked:
            anew = 0.97 * score
        else:
            edge = (*way.edge[: way.edge.index(head)], index)
            out.append(replace(way, ties=(*way.ties, (index, LISTED + head)), edge=edge, score=way.score * score))
    if several and linked:
        ties = (*way.ties, (index, VERB - way.group - 1))
        out.append(replace(way, ties=ties, edge=(index,), group=way.group + 1, goals=(), score=way.score * anew))
    return out


def _tie_ways(way: Way, items: Sequence[Item], index: int, tie: Tie, frame: Frame, *, joint: bool, comma: bool) -> list[Way]:
    """A relation is the verb's, or tells apart a phrase on the right edge; after "and" it goes where the relation before it went."""
    name = tie.tag.name
    alike_tied = joint and not comma and index > 1 and isinstance(items[index - 2], Tie)
    out: list[Way] = []
    if not tie.who:
        fits = fits_verb(way, name, tie, frame, comma) * (0.2 if _of_all(items, index, tie) else 1.0)
        fits = 0.95 if alike_tied and (index - 2, VERB) in way.ties else fits
        if fits > 0:
            # A link after "a kitchen with a table, a bowl …" is about the last of these, not about the kitchen.
            fits *= 0.5 if in_with(way, items) else 1.0
            edge = (*way.edge[:1], index) if tie.to is not None else way.edge[:1]
            out.append(replace(way, ties=(*way.ties, (index, VERB)), edge=edge, goals=(*way.goals, name), score=way.score * fits))
    for depth, head in enumerate(reversed(way.edge)):
        phrase = spoken(items[head])
        if phrase is None:
            continue
        fits = fits_phrase(phrase, tie, frame, depth, comma, outer=head == way.edge[0])
        fits *= 0.3 if alike_tied and head == index - 2 else 1.0
        new = tie.to is not None and tie.to.article == "a" and not tie.who
        if new and frame.links == "goal" and phrase.article == "the" and phrase is items[head] and head == way.edge[0]:
            fits *= 0.75  # "put the mug on a stool …": which mug it is, is hardly told by what is not known
        fits *= 1.2 if depth == 0 and in_with(way, items) and phrase.article == "a" else 1.0
        position = way.edge.index(head)
        edge = (*way.edge[: position + 1], index) if tie.to is not None else way.edge[: position + 1]
        out.append(replace(way, ties=(*way.ties, (index, head)), edge=edge, score=way.score * fits))
    return out or [replace(way, ties=(*way.ties, (index, VERB)), edge=(*way.edge, index), score=way.score * 0.5)]


def _of_all(items: Sequence[Item], index: int, tie: Tie) -> bool:
    """Whether a relation tells which are all: "the bowl and everything in it"."""
    before = items[index - 1] if index else None
    it = tie.to is not None and tie.to.pronoun in ("it", "them") and not tie.to.noun
    return it and isinstance(before, Phrase) and before.pronoun == "all"


def _side_ways(way: Way, items: Sequence[Item], index: int, tag: Tag, frame: Frame) -> list[Way]:
    """A side tells which one ("the bowl on the left") or which way ("push it to the left"); other tags are the verb's."""
    verb = replace(way, ties=(*way.ties, (index, VERB)))
    if tag.kind != "SIDE" or not way.edge:
        return [verb]
    on = tag.said.split()[0] in ("on", "at", "in") or tag.said.startswith(("from", "behind you", "in front"))
    to = tag.said.split()[0] in ("to", "towards", "toward")
    numbered = tag.number is not None  # "the drawer second from the bottom"
    which = numbered or tag.name in WHICH
    goal_follows = any(isinstance(item, Tie) and item.tag.name not in ("from", "with") for item in items[index + 1 :])
    own = 0.1 if numbered else 0.4 if tag.said.startswith("from") else 1.0
    own *= 0.55 if frame.links == "scope" and on else 1.0
    own *= 0.5 if in_with(way, items) else 1.0
    own *= 0.6 if on and which and (goal_follows or way.goals) else 1.0
    out = [replace(verb, score=way.score * own)]
    for depth, head in enumerate(reversed(way.edge if which else ())):
        phrase = spoken(items[head])
        if phrase is None:
            continue
        fits = 0.8 if isinstance(items[head], Tie) and to else 0.45 if to else 0.3
        fits = (0.95 if frame.links == "scope" else 0.85) if on else fits
        fits = 0.03 if phrase.pronoun in ("it", "them") else 1.0 if numbered else fits
        edge = way.edge[: way.edge.index(head) + 1]
        out.append(replace(way, ties=(*way.ties, (index, head)), edge=edge, score=way.score * fits * 0.95**depth))
    return out


def _ended(way: Way, items: Sequence[Item], frame: Frame) -> float:
    """A verb with a goal wants one, in each of its clauses."""
    if frame.links != "goal":
        return 1.0
    if not any(is_goal(item) for item in items):
        return 0.85
    with_goal = {group_of(way, i) for i, tie in way.ties if tie <= VERB and is_goal(items[i])}
    return float(0.5 ** (way.group + 1 - len(with_goal)))
