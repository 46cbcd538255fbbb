"""Which of some names a noun means: exactly, by its lemma, a synonym, something more general or more special, a typing error, a likeness.

    nearest("couch", ["sofa", "armchair"]) → [Match("sofa", 0.95, "synonym"), Match("armchair", 0.6, "synonym")]
    nearest("fruit", ["apple", "mug"])     → [Match("apple", 0.86, "hypernym"), …]

A score is how often a match like it is right, as measured on people's sentences (`benchmarks/words`): from 0.9 on surely meant, below
0.5 not to be trusted. Names may be anybody's, not only those of our kinds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from lifeworld.scene.words import entries, taxonomy, vectors
from lifeworld.scene.words.english import english
from lifeworld.scene.words.qualities import is_quality
from lifeworld.scene.words.term import Term, is_measure, term

How = Literal["exact", "lemma", "synonym", "hypernym", "typo", "vector"]

# What a match of each sort is worth; measured, see the module's docstring.
EXACT, LEMMA, SYNONYM, NEAR = 1.0, 0.98, 0.95, 0.62
SPECIAL = 0.88  # the name is a kind of what was said: "fruit" for an apple, "knife" for a butter knife
GENERAL = 0.80  # the name is what the said is a kind of: "armchair" for a chair
STEP = 0.03  # what each step of the taxonomy beyond the first takes off
OTHER_MODIFIER = 0.45  # "coffee table" for a dining table
CLIPPED = 0.45  # "butter" for a butter knife
FLOOR = 0.05  # what is not worth to be told


@dataclass(frozen=True, slots=True)
class Match:
    """A name that may be meant: how surely (0 to 1) and by what."""

    candidate: str
    score: float
    how: How


def nearest(word: str, candidates: Iterable[str]) -> list[Match]:
    """The names that a noun or compound may mean, best first; of equals the one that was given first. Empty if none comes near."""
    return list(_nearest(word, tuple(dict.fromkeys(candidates))))


@lru_cache(maxsize=1 << 12)
def _nearest(word: str, candidates: tuple[str, ...]) -> tuple[Match, ...]:
    said = term(word)
    if not said:
        return ()
    found = {match.candidate: match for name in candidates if (match := _compare(word, said, name)) is not None}
    best = max((match.score for match in found.values()), default=0.0)
    if best < NEAR:
        mended = _mended(said, candidates)
        if mended is not None:
            right, cost = mended
            for name in candidates:
                match = _compare(" ".join(right), right, name)
                if match is not None and match.score * cost > (found[name].score if name in found else 0):
                    found[name] = Match(name, match.score * cost, "typo")
    if max((match.score for match in found.values()), default=0.0) < SYNONYM:
        for name, score in vectors.likeness(said, {name: term(name) for name in candidates}).items():
            if name not in found or found[name].score < score:
                found[name] = Match(name, score, "vector")
    order = {name: place for place, name in enumerate(candidates)}
    ranked = sorted(found.values(), key=lambda match: (-match.score, order[match.candidate]))
    return tuple(replace(match, score=round(match.score, 3)) for match in ranked if match.score >= FLOOR)


def _compare(word: str, said: Term, name: str) -> Match | None:
    """What the tables of words say of one name; None if nothing."""
    if word.casefold() == name.casefold().replace("_", " "):
        return Match(name, EXACT, "exact")
    other = term(name)
    if not other:
        return None
    if said == other or "".join(said) == "".join(other):
        return Match(name, LEMMA, "lemma")
    best = _by_sense(_meaning(said), _meaning(other))
    if len(said) > 1 or len(other) > 1:
        best = max(best, _by_head(said, other), key=lambda found: found[0])
    score, how = best
    return Match(name, score, how) if score > 0 else None


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a term can mean: its phrase, the words for the same and for the near, its synsets and all that is above it with its steps."""

    phrase: str
    same: frozenset[str]
    near: frozenset[str]
    senses: dict[int, float]
    above: dict[int, tuple[float, int]]
    general: frozenset[str]


@lru_cache(maxsize=1 << 14)
def _meaning(words: Term) -> _Meaning:
    phrase = " ".join(words)
    same = entries.same().get(phrase, frozenset({phrase}))
    general = entries.general().get(phrase, frozenset())
    senses: dict[int, float] = {}
    for number, likely in taxonomy.senses(phrase):
        hinted = (same - {phrase}) & set(taxonomy.synonyms(number))
        higher = {name for up in taxonomy.ancestors(number) for name in taxonomy.synonyms(up)}
        senses[number] = 1.0 if hinted or higher & (general | entries.near().get(phrase, frozenset())) else likely
    above: dict[int, tuple[float, int]] = {}
    for number, likely in senses.items():
        for up, steps in taxonomy.ancestors(number).items():
            if up not in above or (likely, -steps) > (above[up][0], -above[up][1]):
                above[up] = (likely, steps)
    return _Meaning(phrase, same, entries.near().get(phrase, frozenset()), senses, above, general)


def _by_sense(said: _Meaning, other: _Meaning) -> tuple[float, How]:
    """Synonym, more special, more general or near, by the hand's table and by WordNet."""
    if other.phrase in said.same:
        return (SYNONYM, "synonym")
    best: tuple[float, How] = (0.0, "synonym")
    for number in said.senses.keys() & other.senses.keys():
        best = max(best, ((SYNONYM - 0.02) * said.senses[number] * other.senses[number], "synonym"), key=lambda found: found[0])
    if said.phrase in other.general or said.same & other.general:
        best = max(best, (SPECIAL, "hypernym"), key=lambda found: found[0])
    if other.phrase in said.general:
        best = max(best, (GENERAL, "hypernym"), key=lambda found: found[0])
    for number, likely in said.senses.items():
        if number in other.above:
            trust, steps = other.above[number]
            best = max(best, (likely * trust * (SPECIAL - STEP * (steps - 1) / 2), "hypernym"), key=lambda found: found[0])
    for number, likely in other.senses.items():
        if number in said.above:
            trust, steps = said.above[number]
            best = max(best, (likely * trust * (GENERAL - STEP * (steps - 1)), "hypernym"), key=lambda found: found[0])
    if other.phrase in said.near:
        best = max(best, (NEAR, "synonym"), key=lambda found: found[0])
    return best


def _by_head(said: Term, other: Term) -> tuple[float, How]:
    """Compounds: by their heads if those agree, and by what stands before them."""
    none: tuple[float, How] = (0.0, "synonym")
    for one, whole, worth in ((said, other, CLIPPED), (other, said, CLIPPED)):
        if len(whole) > len(one) and whole[: len(one)] == one and is_measure(whole[-1]) and not _meaning(whole).senses:
            return (SYNONYM - 0.05, "synonym")  # soap, bar of soap
        if len(whole) > len(one) == 1 and whole[0] == one[0] and whole[-1] != one[0]:
            none = max(none, (worth, "synonym"), key=lambda found: found[0])
    if not (_is_its_head(said) and _is_its_head(other)) or is_measure(said[-1]) or is_measure(other[-1]):
        return none
    heads, how = _by_sense(_meaning(said[-1:]), _meaning(other[-1:])) if said[-1] != other[-1] else (1.0, "hypernym")
    if heads < NEAR:
        return none
    mine, theirs = _modifiers(said), _modifiers(other)
    if mine == theirs:
        return (heads * LEMMA, how)
    if mine < theirs:
        return max(none, (heads * SPECIAL, "hypernym"), key=lambda found: found[0])
    if theirs < mine:
        return max(none, (heads * (GENERAL + 0.04), "hypernym"), key=lambda found: found[0])
    shared = len(mine & theirs) / len(mine | theirs)
    return max(none, (heads * (OTHER_MODIFIER + 0.4 * shared), "hypernym"), key=lambda found: found[0])


@lru_cache(maxsize=1 << 14)
def _modifiers(words: Term) -> frozenset[str]:
    """What stands before the head and says which sort it is: not the colours and sizes, nor materials of what is no word of its own."""
    whole = _meaning(words)
    if whole.senses or len(whole.same) > 1:
        return frozenset(words[:-1])
    return frozenset(word for word in words[:-1] if not is_quality(word))


@lru_cache(maxsize=1 << 14)
def _is_its_head(words: Term) -> bool:
    """Is a compound a kind of what its last word says? A trash can is no can, a looking glass no glass; one nobody knows may well be."""
    meaning = _meaning(words)
    if len(words) == 1 or not meaning.senses:
        return True
    head = words[-1]
    above = {name for up in meaning.above for name in taxonomy.synonyms(up)} | meaning.general
    return head in meaning.same or any(name.split()[-1] == head for name in above)


def _mended(said: Term, candidates: tuple[str, ...]) -> tuple[Term, float] | None:
    """The term with its typing errors mended, by words that could be meant here, and what that costs; None if there are none."""
    pool: dict[str, None] = {}
    for name in candidates:
        meaning = _meaning(term(name))
        for phrase in (meaning.phrase, *sorted(meaning.same), *sorted(meaning.general)):
            pool.update(dict.fromkeys(phrase.split()))
    mended, cost = [], 1.0
    for word in said:
        right, worth = mend(word, pool)
        mended.append(right)
        cost *= worth
    return None if cost == 1.0 else (tuple(mended), cost)


def mend(word: str, pool: Iterable[str]) -> tuple[str, float]:
    """The word of a pool that was meant by a misspelt one, and how sure that is; the word itself with 1 if it is none.

    A common English word is never taken for a misspelling of another ("cap" stays a cap), nor is one of three letters or less.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    entry = english().get(word)
    if len(word) < 4 or len(word) > 40 or (entry is not None and entry.common):
        return word, 1.0
    allowed = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
    near = process.extract(word, [known for known in pool if len(known) > 2], scorer=OSA.distance, score_cutoff=allowed, limit=8)
    if not near:
        return word, 1.0
    best, distance, _ = min(near, key=lambda found: (found[1], found[0][0] != word[0], -_shared_start(word, found[0]), found[0]))
    if best == word:
        return word, 1.0
    sure = 0.94 - 0.08 * (distance - 1) - (0.1 if best[0] != word[0] else 0.0)
    return best, sure if entry is None else sure - 0.2


def _shared_start(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
