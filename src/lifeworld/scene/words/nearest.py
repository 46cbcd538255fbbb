"""Which of some names a noun means: exactly, by its lemma, a synonym, something more general or more special, a typing error, a likeness.

    nearest("couch", ["sofa", "armchair"]) → [Match("sofa", 0.95, "synonym"), Match("armchair", 0.6, "synonym")]
    nearest("fruit", ["apple", "mug"])     → [Match("apple", 0.72, "hypernym"), …]

A score is how often a match like it is right, as measured on people's sentences (`benchmarks/words`): from 0.9 on surely meant, below
0.5 not to be trusted. Names may be anybody's, not only those of our kinds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from lifeworld.scene.words import entries, taxonomy, vectors
from lifeworld.scene.words.english import english
from lifeworld.scene.words.qualities import is_quality
from lifeworld.scene.words.term import Term, is_measure, term

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
MEASURE = 0.96  # "slice of bread" for bread
CLIPPED = 0.45  # "butter" for a butter knife
_SHAPES = frozenset({"bar", "loaf", "roll", "stick"})  # that stuff comes in, and is called by
_WAYS = 8  # in which a term's typing errors are mended at most
_LONGEST = 40  # letters of a word that is looked at for typing errors
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
        for right, sure in _mended(said, candidates):
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
    return tuple(_Name(name, name.casefold().replace("_", " "), term(name), *_keys(term(name))) for name in candidates)


def _compared(word: str, said: Term, names: tuple[_Name, ...]) -> dict[str, Match]:
    """What the tables of words say of each name; those they say nothing of are left out."""
    written = word.casefold()
    low, high = _keys(said)
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
    for one, kept in _cores(said):
        for two, left in _cores(name.term):
            score: float
            how: How
            score, how = (LEMMA, "lemma") if one == two else _by_sense(_meaning(one), _meaning(two))
            if score < SYNONYM and (len(one) > 1 or len(two) > 1):
                score, how = max((score, how), _by_head(one, two), key=lambda found: found[0])
            if score * kept * left > best[0]:
                # A red mug is a mug: whoever wants to know which of several has to look at the rest of the phrase.
                less = how == "hyponym" or (one != said and not is_measure(said[-1]))
                best = (score * kept * left, "hyponym" if less else "hypernym" if two != name.term else how)
    return Match(name.name, *best) if best[0] > 0 else None


@lru_cache(maxsize=1 << 14)
def _keys(words: Term) -> tuple[frozenset[str | int], frozenset[str | int]]:
    """All that a term, its head or its first word is called by; and that with all that is near to it or above it."""
    low: set[str | int] = set()
    high: set[str | int] = set()
    for core, _ in _cores(words) if words else ():
        low.add("".join(core))
        for part in (core, core[-1:], core[:1]):
            meaning = _meaning(part)
            low.update(part, meaning.same, meaning.senses)
            high.update(meaning.general, meaning.near, meaning.above)
    return frozenset(low), frozenset(low | high)


@lru_cache(maxsize=1 << 14)
def _cores(words: Term) -> tuple[tuple[Term, float], ...]:
    """A term, and without what says only how much of it, where on it or what it is like; with what each loss costs.

    "slice of bread" is bread, "edge of the counter" the counter, "small black bowl" a bowl, "small black table" a small table, which has a
    meaning of its own, before it is a table: but a soap bar stays one, and a hot dog is no dog.
    """
    found: dict[Term, float] = {words: 1.0}
    worth = 1.0
    while len(words) > 1 and is_measure(words[-1]) and not _is_own(words):
        words, worth = words[:-1], MEASURE
        found[words] = worth
    core = words
    while len(core) > 1 and is_quality(core[0]) and len(_meaning(core).same) == 1 and _is_its_head(core):
        core = core[1:]
    for quality in words[: len(words) - len(core)]:
        if _is_own((quality, *core)):
            found.setdefault((quality, *core), worth * LEMMA)
    found.setdefault(core, worth * LEMMA)
    return tuple(found.items())


def _is_own(words: Term) -> bool:
    """Has a compound a meaning of its own?"""
    meaning = _meaning(words)
    return bool(meaning.senses) or len(meaning.same) > 1


def loosely(noun: str, words: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """What things are at most worth because their noun is often said for others that are there too: "knife", with a butter knife about.

    `words` are all the words of each thing by its name.
    """
    said = _cores(term(noun))[-1][0] if term(noun) else ()
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
    return bool(one) and " ".join(other) in _meaning(_cores(one)[-1][0]).same


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a term can mean: its phrase, the words for the same and for the near, its synsets and all that is above it with its steps."""

    phrase: str
    same: frozenset[str]
    near: dict[str, float]
    senses: dict[int, float]
    above: dict[int, tuple[float, int]]
    general: frozenset[str]
    head: str | None  # of a compound that has no near words of its own: a martini glass is a glass


@lru_cache(maxsize=1 << 14)
def _meaning(words: Term) -> _Meaning:
    phrase = " ".join(words)
    same = entries.same().get(phrase, frozenset({phrase}))
    near = entries.near().get(phrase, {})
    general = entries.general().get(phrase, frozenset())
    senses: dict[int, float] = {}
    for number, likely in taxonomy.senses(phrase):
        hinted = (same - {phrase}) & set(taxonomy.synonyms(number))
        higher = {name for up in taxonomy.ancestors(number) for name in taxonomy.synonyms(up)}
        senses[number] = 1.0 if hinted or higher & (general | near.keys()) else likely
    above: dict[int, tuple[float, int]] = {}
    for number, likely in senses.items():
        for up, steps in taxonomy.ancestors(number).items():
            if up not in above or (likely, -steps) > (above[up][0], -above[up][1]):
                above[up] = (likely, steps)
    head = words[-1] if len(words) > 1 and phrase not in near else None
    return _Meaning(phrase, same, near, senses, above, general, head)


def _by_sense(said: _Meaning, other: _Meaning) -> tuple[float, How]:
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
    if not (_is_its_head(said) and _is_its_head(other)) or is_measure(said[-1]) or is_measure(other[-1]):
        return none
    heads, how = _by_sense(_meaning(said[-1:]), _meaning(other[-1:])) if said[-1] != other[-1] else (1.0, "synonym")
    if heads < NEAR:
        return none
    # Each modifier by one of all the words for it: a telly stand is a tv stand.
    mine, theirs = ({min(_meaning((word,)).same) for word in words[:-1]} for words in (said, other))
    if mine == theirs:
        return (heads * LEMMA, how)
    if mine < theirs:
        return max(none, (heads * HEADED, "hyponym" if how == "hyponym" else "hypernym"), key=lambda found: found[0])
    if theirs < mine:
        worth = NARROWER if heads >= SYNONYM else OTHER_MODIFIER  # an office desk is a desk, but may be no table
        return max(none, (heads * worth, "hyponym"), key=lambda found: found[0])
    shared = len(mine & theirs) / len(mine | theirs)
    return max(none, (heads * (OTHER_MODIFIER + 0.4 * shared), "hyponym"), key=lambda found: found[0])


@lru_cache(maxsize=1 << 14)
def _is_its_head(words: Term) -> bool:
    """Is a compound a kind of what its last word says? A trash can is no can, a looking glass no glass; one nobody knows may well be."""
    meaning = _meaning(words)
    if len(words) == 1 or not meaning.senses:
        return True
    head = words[-1]
    above = {name for up in meaning.above for name in taxonomy.synonyms(up)} | meaning.general
    return head in meaning.same or any(name.split()[-1] == head for name in above)


def _mended(said: Term, candidates: tuple[str, ...]) -> list[tuple[Term, float]]:
    """The term with its typing errors mended in every way that is equally likely, and how sure that is; empty if it has none."""
    pool = _pool(candidates)
    ways = itertools.islice(itertools.product(*(mends(word, pool) for word in said)), _WAYS)
    found = [(tuple(part for word, _ in way for part in term(word)), math.prod(sure for _, sure in way)) for way in ways]
    return [(right, sure) for right, sure in found if right != said]


@lru_cache(maxsize=1 << 8)
def _pool(candidates: tuple[str, ...]) -> tuple[str, ...]:
    """All single words by which one of some names can be called."""
    pool: dict[str, None] = {}
    for name in candidates:
        meaning = _meaning(term(name))
        for phrase in (meaning.phrase, *sorted(meaning.same), *sorted(meaning.general)):
            pool.update(dict.fromkeys(word for word in (phrase.replace(" ", ""), *phrase.split()) if len(word) > 2))
    return tuple(pool)


def mends(word: str, pool: Iterable[str]) -> list[tuple[str, float]]:
    """The words of a pool that may have been meant by a misspelt one, all with as few errors, and how sure that is; itself with 1 if right.

    A common English word is never taken for a misspelling of another ("cap" stays a cap), nor is one of three letters or less.
    """
    from rapidfuzz.distance import OSA, Indel

    entry = english().get(word)
    if len(word) < 4 or len(word) > _LONGEST or any(form.common for form in (entry, english().get(f"{word}s")) if form is not None):
        return [(word, 1.0)]
    allowed = 1 if len(word) < 6 or entry is not None else 2 if len(word) < 10 else 3
    # What looked like a plural may have been none ("chees"), so it is tried with its s as well.
    near = [
        (max(distance, 1) + (found[0] != word[0]), -Indel.normalized_similarity(written, found), found)
        for written, most in ((word, allowed), (f"{word}s", 1))
        for found in pool
        if (distance := OSA.distance(written, found, score_cutoff=most)) <= most
    ]
    if not near or any(found == word for _, _, found in near):
        return [(word, 1.0)]
    errors = min(near)[0]
    sure = 0.94 - 0.08 * (errors - 1) - (0.0 if entry is None else 0.2)
    return [(found, sure) for found in dict.fromkeys(found for count, _, found in sorted(near) if count == errors)]
