"""What a robot is told to do, as acts: the verb, what it acts on and where to, in the names of a cast; and patterns over acts.

A pattern is words that an act must have ("pick|lift red_block from:drawer direction=left", `!x` what it must not have), several
acts joined by " + ". Adapters of data sets are tables of such patterns: they see names and canonical words, never a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifeworld.scene.words.cast import Cast
from lifeworld.scene.words.clause import Phrase

if TYPE_CHECKING:
    from lifeworld.scene.words import acts as words


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: canonical verb, names acted on, (relation, name) where to or from, and what else was said of it ("direction=left")."""

    verb: str
    things: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    values: tuple[str, ...] = ()

    @property
    def marks(self) -> frozenset[str]:
        """All that a pattern can ask for."""
        places = [mark for relation, name in self.places for mark in (f"{relation}:{name}", f"at:{name}")]
        return frozenset((self.verb, *self.things, *places, *(f"{relation}:" for relation, _ in self.places), *self.values))

    def __str__(self) -> str:
        return " ".join((self.verb, *self.things, *(f"{r}:{n}" for r, n in self.places), *self.values))


def acts(text: str, cast: Cast, *, held: str | None = None) -> tuple[tuple[Act, ...], float]:
    """The acts of a sentence in order, and how sure its understanding is (0 to 1).

    What is `held` is meant by every noun that it answers to, where something is done with it.

    Raises:
        WordsError: if it cannot be read.
    """
    from lifeworld.scene.words import acts as words

    said = words.acts(text, cast)
    return tuple(_act(act, cast, held) for act in said.acts), said.score


def _act(act: words.Act, cast: Cast, held: str | None) -> Act:
    things = act.things
    if held is not None and any(held in _answering(phrase, cast) for phrase in act.clause.things):
        things = (held,)
    places = [(relation, name) for relation, names in act.links for name in names]
    told = [f"{key}={value}" for key, value in act.values]
    for phrase in act.clause.things:
        told += [f"word={word}" for word in phrase.words]
        places += [(link.relation, name) for link in phrase.links for to in link.to for name in _answering(to, cast)[:1]]
    return Act(verb=act.verb, things=(*things, *act.with_), places=tuple(places), values=tuple(told))


def _answering(phrase: Phrase, cast: Cast) -> tuple[str, ...]:
    """Who of the cast answers to the noun of a phrase, best first."""
    from lifeworld.scene.words.called import called

    return tuple(one.referent.name for one in called(phrase, cast, ("thing",))) if phrase.noun else ()


def fits(pattern: str, acts: Sequence[Act]) -> bool:
    """Whether every part of a pattern is met by an act, and no act by two parts."""
    left = list(acts)
    for part in pattern.split(" + "):
        found = next((act for act in left if meets(part, act)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def meets(part: str, act: Act) -> bool:
    """Whether an act has every word of a part of a pattern."""
    marks = act.marks
    return all(_has(word, marks) for word in part.split())


def _has(word: str, marks: Iterable[str]) -> bool:
    if word.startswith("!"):
        return not _has(word[1:], marks)
    return any(one in marks for one in word.split("|"))
