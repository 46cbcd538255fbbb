"""What a robot is told to do, as acts: the verb, what it acts on and where to, in the names of a cast; and patterns over acts.

A pattern is words that an act must have ("pick|lift red_block from:drawer direction=left", `!x` what it must not have), several
acts joined by " + ". Adapters of data sets are tables of such patterns: they see names and canonical words, never a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lifeworld.scene.words.clause import Clause, Phrase, Reading
from lifeworld.scene.words.grounding.cast import Cast

if TYPE_CHECKING:
    from lifeworld.scene.words import acts as words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to or from, and how sure (0 to 1) that is."""

    relation: str
    name: str
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: canonical verb, names acted on, where to or from, what else was said ("direction=left"; "last" of the last act).

    `score` is how sure its things are.
    """

    verb: str
    things: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    values: tuple[str, ...] = ()
    score: float = 1.0

    @property
    def marks(self) -> frozenset[str]:
        """All that a pattern can ask for."""
        places = [mark for p in self.places for mark in (f"{p.relation}:{p.name}", f"at:{p.name}", f"{p.relation}:", "somewhere")]
        return frozenset((self.verb, *self.things, *places, *self.values))

    def __str__(self) -> str:
        return " ".join((self.verb, *self.things, *(f"{p.relation}:{p.name}" for p in self.places), *self.values))


@dataclass(frozen=True, slots=True)
class Told:
    """The acts of a sentence in order, how sure its reading is (0 to 1), and how sure all of it is."""

    acts: tuple[Act, ...]
    reading: float
    score: float


def told(text: str, cast: Cast, *, held: str | None = None, here: str | None = None) -> Told:
    """What a sentence tells to do.

    What is `held`, and else what it stands at (`here`), is meant by every noun that it answers to, where something is done with it; each
    act is marked with where the robot stands.

    Raises:
        WordsError: if it cannot be read.
    """
    from lifeworld.scene.words.acts import acts

    said = acts(text, cast)
    last, out = cast.last, []
    for act in said.acts:
        out.append(_act(act, replace(cast, last=last), tuple(name for name in (held, here) if name)))
        last = tuple(dict.fromkeys((*out[-1].things, *(p.name for p in out[-1].places), *last)))
    if here is not None:
        out = [replace(act, values=(*act.values, f"here:{here}")) for act in out]
    if out:
        out[-1] = replace(out[-1], values=(*out[-1].values, "last"))
    return Told(tuple(out), said.reading.score, said.score)


def _act(act: words.Act, cast: Cast, close: tuple[str, ...]) -> Act:
    """The act with what tells its things from others as places of its own, and with the score of each of its phrases by itself."""
    clause, things = act.clause, act.things
    score = _alone(replace(clause, links=(), with_=()), cast)
    for name in close:
        if sure := max((_answers(phrase, cast, name) for phrase in clause.things), default=0.0):
            things, score = (name,), sure
            break
    places = [
        Place(relation=link.relation, name=name, score=_alone(replace(clause, things=(), with_=(), links=(link,)), cast))
        for link, (_, names) in zip(clause.links, act.links, strict=True)
        for name in names
    ]
    values = [f"{key}={value}" for key, value in act.values]
    for phrase in clause.things:
        values += [f"word={word}" for word in phrase.words]
        for link in phrase.links:
            names = [name for to in link.to for name in _named(to, cast)]
            places += [Place(relation=link.relation, name=name, score=0.9) for name in names]
    return Act(verb=act.verb, things=(*things, *act.with_), places=tuple(places), values=tuple(values), score=score)


def _alone(clause: Clause, cast: Cast) -> float:
    """How sure a clause is of who is meant by its phrases."""
    from lifeworld.scene.words.acts import acts_of

    return acts_of(Reading(clauses=(clause,), score=1.0), cast).score


def _answers(phrase: Phrase, cast: Cast, name: str) -> float:
    """How well one of the cast answers to the noun of a phrase; 0 if not at all, or if anything would ("the object")."""
    from lifeworld.scene.words.grounding.called import EVERYTHING, called

    alone = replace(cast, referents=tuple(r for r in cast.referents if r.name == name))
    return max((one.score for one in called(phrase, alone, ("thing",))), default=0.0) if phrase.noun not in ("", *EVERYTHING) else 0.0


def _named(phrase: Phrase, cast: Cast) -> tuple[str, ...]:
    """Who answers best to the noun of a phrase."""
    from lifeworld.scene.words.grounding.called import called

    return tuple(one.referent.name for one in called(phrase, cast, ("thing", "part"))[:1]) if phrase.noun else ()


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
