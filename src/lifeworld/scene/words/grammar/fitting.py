"""How well a relation goes with a verb, or with a phrase it could tell apart: the priors of attachment, 0 to 1.

They were set by hand on the training halves; it is their order that matters: a goal goes with its verb, "from" with taking, "of" and
"with" with the noun before, two relations that settle the same of a pose seldom go together.
"""

from __future__ import annotations

from lifeworld.scene.words.clause import Phrase
from lifeworld.scene.words.grammar.syntax import Item, Tie
from lifeworld.scene.words.grammar.ways import Way
from lifeworld.scene.words.tagging.scan import Tag
from lifeworld.scene.words.tagging.vocabulary import Frame

WHITHER = ("toward", "as", "for", "instead_of", "through")
"""Relations that are always the verb's."""
CHOOSING = ("one", "other", "both", "all", "something", "another", "rest")
"""Pronouns that can be told apart by a relation: "the one on the left"."""
SUPPORT = ("on", "in", "at")
SURFACES = frozenset({"wall", "floor", "ceiling", "room", "ground", "scene"})
"""Nouns that a relation seldom tells apart: "on the wall above the sofa" is on the wall, and above the sofa."""
DEFINITE = ("the", "this", "that")


def fits_verb(way: Way, name: str, tie: Tie, frame: Frame, comma: bool) -> float:
    if name == "than":
        return 0.8
    if name == "except":
        return 0.1
    if name == "from":
        return 0.95
    if name == "to":
        return 1.0 if frame.to else 0.5
    if name in WHITHER or _directed(tie):
        return 1.0
    if name in ("with", "without"):
        return 0.95 if frame.brings else 0.35
    if not way.had_thing:
        return 0.9
    if frame.links in ("scope", "turn"):
        return 1.0 if frame.links == "turn" and name in ("facing", "aligned_with", "around") else 0.3
    again = [goal for goal in way.goals if goal not in ("to", "from", "toward", "with")]
    if again:
        same = any(sort_of(goal) == sort_of(name) for goal in again)
        if not same and "turn" in (sort_of(name), *map(sort_of, again)):
            return 0.95
        return (0.35 if same else 0.85) * (1.1 if comma else 1.0)
    return 1.0


def fits_phrase(phrase: Phrase, tie: Tie, frame: Frame, depth: int, comma: bool, *, outer: bool) -> float:
    name = tie.tag.name
    if name == "except" and outer:
        return 1.0
    if phrase.pronoun is not None and phrase.pronoun not in CHOOSING:
        return 0.03
    if tie.who:
        return 1.0 if depth == 0 else 0.7
    if tie.to is None and tie.tag.kind == "REL":
        return 0.2
    if name == "to" and not frame.to:
        return 0.9
    if name == "to" or name in WHITHER:
        return 0.1
    if _directed(tie):
        return 0.3
    if name == "than":
        return 0.3
    if name == "from":
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


def _directed(tie: Tie) -> bool:
    """Whether a relation says where something goes, never where it is: "into", "onto"."""
    return any(word in ("into", "onto") for word in tie.tag.said.split())


def sort_of(relation: str) -> str:
    """What a relation settles of a pose: two of one sort are seldom both meant."""
    return "turn" if relation in ("facing", "aligned_with") else "support" if relation in SUPPORT else "side"


def is_goal(item: Item) -> bool:
    if isinstance(item, Tie):
        return item.tag.name not in ("from", "with", "without", "for", "than")
    return isinstance(item, Tag) and item.kind == "SIDE"


def alike(one: Phrase, other: Phrase) -> bool:
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
