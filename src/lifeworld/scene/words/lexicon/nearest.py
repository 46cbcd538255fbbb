"""Which of some names a noun means: exactly, by its lemma, a synonym, something more general or more special, a typing error, a likeness.

    nearest("couch", ["sofa", "armchair"]) → [Match("sofa", 0.95, "synonym"), Match("armchair", 0.6, "synonym")]
    nearest("fruit", ["apple", "mug"])     → [Match("apple", 0.72, "hypernym"), …]

A score is how often a match like it is right, as measured on people's sentences (`benchmarks/words`): from 0.9 on surely meant, below
0.5 not to be trusted. Names may be anybody's, not only those of our kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from lifeworld.scene.words.lexicon import entries, vectors
from lifeworld.scene.words.lexicon.misspelt import mended
from lifeworld.scene.words.lexicon.sense import Meaning, cores, is_its_head, keys, meaning
from lifeworld.scene.words.lexicon.term import Term, is_measure, term

How = Literal["exact", "lemma", "synonym", "hypernym", "hyponym", "typo", "vector"]
"""A hypernym is more general than the name ("fruit" for an apple), a hyponym more special ("armchair" for a chair, "red mug" for a mug)."""

# What a match of each sort is worth; measured, see the module's docstring.
EXACT, LEMMA, SYNONYM, NEAR = 1.0, 0.98, 0.95, 0.6
HEADED = 0.88  # the name says so itself: "knife" for a butter knife
SPECIAL = 0.72  # the name is a kind of what was said: "fruit" for an apple, "table" for a counter
NARROWER = 0.86  # what was said says so itself: "garden chair" for a chair
GENERAL = 0.8  # the name is what the said is a kind of: "armchair" for a chair
STEP = 0.03  # what each step of the taxonomy beyond the first takes off
OTHER_MODIFIER = 0.48  # "coffee table" for a dining table
CLIPPED = 0.45  # "butter" for a butter knife
_SHAPES = frozenset({"bar", "loaf", "roll", "stick"})  # that stuff comes in, and is called by
FLOOR = 0.05  # what is not worth to be told


@dataclass(frozen=True, slots=True)
class Match:
    """A name that may be meant: how surely (0 to 1) and by what."""

    candidate: str
    score: float
    how: How


def nearest(word: str, candidates: Iterable[str]) -> list[Match]:
    """The names that a noun or compound may mean, best first; of equals the one that was given first. Empty if none comes near."""
    names = tuple(dict.fromkeys(candidates))
    most = loosely(word, {name: (name,) for name in names})
    if not most:
        return list(called(word, names))
    found = [replace(match, score=min(match.score, most.get(match.candidate, 1.0))) for match in called(word, names)]
    return sorted(found, key=lambda match: -match.score)


@lru_cache(maxsize=1 << 12)
def called(word: str, candidates: tuple[str, ...]) -> tuple[Match, ...]:
    """The same, each name taken by itself: not that a cup is less surely meant by "cup" where there is a mug too."""
    said = term(word)
    if not said:
        return ()
    names = _names(candidates)
    found = _compared(word, said, names)
    if max((match.score for match in found.values()), default=0.0) < NEAR:
        for right, sure in mended(said, candidates):
            for match in _compared(" ".join(right), right, names).values():
                if match.candidate not in found or match.score * sure > found[match.candidate].score:
                    found[match.candidate] = Match(match.candidate, match.score * sure, "typo")
    if max((match.score for match in found.values()), default=0.0) < SYNONYM:
        for name, score in vectors.likeness(said, {name.name: name.term for name in names}).items():
            if name not in found or found[name].score < score:
                found[name] = Match(name, score, "vector")
    order = {name: place for place, name in enumerate(candidates)}
    ranked = sorted(found.values(), key=lambda match: (-match.score, order[match.candidate]))
    return tuple(replace(match, score=round(match.score, 3)) for match in ranked if match.score >= FLOOR)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it is compared: as written but for case and underscores, its term, and all that it is called by, near to and below."""

    name: str
    written: str
    term: Term
    low: frozenset[str | int]
    high: frozenset[str | int]


@lru_cache(maxsize=1 << 6)
def _names(candidates: tuple[str, ...]) -> tuple[_Name, ...]:
    return tuple(_Name(name, name.casefold().replace("_", " "), term(name), *keys(term(name))) for name in candidates)


def _compared(word: str, said: Term, names: tuple[_Name, ...]) -> dict[str, Match]:
    """What the tables of words say of each name; those they say nothing of are left out."""
    written = word.casefold()
    low, high = keys(said)
    found: dict[str, Match] = {}
    for name in names:
        if written == name.written:
            found[name.name] = Match(name.name, EXACT, "exact")
        elif not (low.isdisjoint(name.high) and name.low.isdisjoint(high)):  # most share nothing by which they could be compared
            match = _compare(said, name)
            if match is not None:
                found[name.name] = match
    return found


def _compare(said: Term, name: _Name) -> Match | None:
    """What the tables of words say of one name; None if nothing."""
    if said == name.term or "".join(said) == "".join(name.term):
        return Match(name.name, LEMMA, "lemma")
    best: tuple[float, How] = (0.0, "synonym")
    for one, kept in cores(said):
        for two, left in cores(name.term):
            score: float
            how: How
            score, how = (LEMMA, "lemma") if one == two else _by_sense(meaning(one), meaning(two))
            if score < SYNONYM and (len(one) > 1 or len(two) > 1):
                score, how = max((score, how), _by_head(one, two), key=lambda found: found[0])
            if score * kept * left > best[0]:
                # A red mug is a mug: whoever wants to know which of several has to look at the rest of the phrase.
                less = how == "hyponym" or (one != said and not is_measure(said[-1]))
                best = (score * kept * left, "hyponym" if less else "hypernym" if two != name.term else how)
    return Match(name.name, *best) if best[0] > 0 else None


def loosely(noun: str, words: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """What things are at most worth because their noun is often said for others that are there too: "knife", with a butter knife about.

    `words` are all the words of each thing by its name.
    """
    said = cores(term(noun))[-1][0] if term(noun) else ()
    found: dict[str, float] = {}
    for word, other, most in entries.loosely():
        if word == said:
            terms = {name: [term(one) for one in own] for name, own in words.items()}
            meant = [name for name, own in terms.items() if any(_means(one, word) for one in own)]
            also = [name for name, own in terms.items() if name not in meant and any(_means(one, other) for one in own)]
            if meant and also:
                found.update(dict.fromkeys(meant, most) | dict.fromkeys(also, min(most, round(1.3 - most, 2))))
    return found


def _means(one: Term, other: Term) -> bool:
    return bool(one) and " ".join(other) in meaning(cores(one)[-1][0]).same


def _by_sense(said: Meaning, other: Meaning) -> tuple[float, How]:
    """Synonym, more special, more general or near, by the hand's table and by WordNet."""
    if other.phrase in said.same:
        return (SYNONYM, "synonym")
    best: tuple[float, How] = (0.0, "synonym")
    told_apart = len(said.same) > 1 and len(other.same) > 1  # what is written by hand goes before WordNet's synonyms
    for number in () if told_apart else sorted(said.senses.keys() & other.senses.keys()):
        best = max(best, ((SYNONYM - 0.02) * said.senses[number] * other.senses[number], "synonym"), key=lambda found: found[0])
    if said.phrase in other.general or said.same & other.general:
        best = max(best, (SPECIAL, "hypernym"), key=lambda found: found[0])
    if other.phrase in said.general:
        best = max(best, (GENERAL, "hyponym"), key=lambda found: found[0])
    for number, likely in said.senses.items():
        if number in other.above:
            trust, steps = other.above[number]
            best = max(best, (likely * trust * (SPECIAL - STEP * (steps - 1) / 2), "hypernym"), key=lambda found: found[0])
    for number, likely in other.senses.items():
        if number in said.above:
            trust, steps = said.above[number]
            best = max(best, (likely * trust * (GENERAL - STEP * (steps - 1)), "hyponym"), key=lambda found: found[0])
    if other.phrase in said.near:
        best = max(best, (said.near[other.phrase], "synonym"), key=lambda found: found[0])
    elif said.head in other.near:
        best = max(best, (other.near[said.head] - 0.1, "synonym"), key=lambda found: found[0])
    return best


def _by_head(said: Term, other: Term) -> tuple[float, How]:
    """Compounds: by their heads if those agree, and by what stands before them."""
    none: tuple[float, How] = (0.0, "synonym")
    for one, whole in ((said, other), (other, said)):
        if len(whole) > len(one) == 1 and whole[0] == one[0] and whole[-1] != one[0]:
            none = (CLIPPED, "synonym")
    if len(said) == 1 and said[0] == other[-1] and said[0] in _SHAPES:
        return (NEAR, "synonym")  # "bar" for a bar of soap
    if not (is_its_head(said) and is_its_head(other)) or is_measure(said[-1]) or is_measure(other[-1]):
        return none
    heads, how = _by_sense(meaning(said[-1:]), meaning(other[-1:])) if said[-1] != other[-1] else (1.0, "synonym")
    if heads < NEAR:
        return none
    # Each modifier by one of all the words for it: a telly stand is a tv stand.
    mine, theirs = ({min(meaning((word,)).same) for word in words[:-1]} for words in (said, other))
    if mine == theirs:
        return (heads * LEMMA, how)
    if mine < theirs:
        return max(none, (heads * HEADED, "hyponym" if how == "hyponym" else "hypernym"), key=lambda found: found[0])
    if theirs < mine:
        worth = NARROWER if heads >= SYNONYM else OTHER_MODIFIER  # an office desk is a desk, but may be no table
        return max(none, (heads * worth, "hyponym"), key=lambda found: found[0])
    shared = len(mine & theirs) / len(mine | theirs)
    return max(none, (heads * (OTHER_MODIFIER + 0.4 * shared), "hyponym"), key=lambda found: found[0])
