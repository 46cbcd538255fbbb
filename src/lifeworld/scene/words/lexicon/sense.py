"""What a term can mean: all its words, senses and generalities; its core without amounts and adjectives; whether its head is true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lifeworld.scene.words.lexicon import entries, taxonomy
from lifeworld.scene.words.lexicon.qualities import is_quality
from lifeworld.scene.words.lexicon.term import Term, is_measure

MEASURE, QUALITY = 0.96, 0.98  # what is lost where "slice of bread" is taken for bread, "black bowl" for a bowl


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a term can mean: its phrase, the words for the same and for the near, its synsets and all that is above it with its steps."""

    phrase: str
    same: frozenset[str]
    near: dict[str, float]
    senses: dict[int, float]
    above: dict[int, tuple[float, int]]
    general: frozenset[str]
    head: str | None  # of a compound that has no near words of its own: a martini glass is a glass


@lru_cache(maxsize=1 << 14)
def meaning(words: Term) -> Meaning:
    """What the tables say of a term.

    Of WordNet's senses those are meant that the hand-made table has words for, or for what is above them.
    """
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
    return Meaning(phrase, same, near, senses, above, general, head)


@lru_cache(maxsize=1 << 14)
def keys(words: Term) -> tuple[frozenset[str | int], frozenset[str | int]]:
    """All that a term, its head or its first word is called by; and that with all that is near to it or above it."""
    low: set[str | int] = set()
    high: set[str | int] = set()
    for core, _ in cores(words) if words else ():
        low.add("".join(core))
        for part in (core, core[-1:], core[:1]):
            what = meaning(part)
            low.update(part, what.same, what.senses)
            high.update(what.general, what.near, what.above)
    return frozenset(low), frozenset(low | high)


@lru_cache(maxsize=1 << 14)
def cores(words: Term) -> tuple[tuple[Term, float], ...]:
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
    while len(core) > 1 and is_quality(core[0]) and len(meaning(core).same) == 1 and is_its_head(core):
        core = core[1:]
    for quality in words[: len(words) - len(core)]:
        if _is_own((quality, *core)):
            found.setdefault((quality, *core), worth * QUALITY)
    found.setdefault(core, worth * QUALITY)
    return tuple(found.items())


def _is_own(words: Term) -> bool:
    """Has a compound a meaning of its own?"""
    what = meaning(words)
    return bool(what.senses) or len(what.same) > 1


@lru_cache(maxsize=1 << 14)
def is_its_head(words: Term) -> bool:
    """Is a compound a kind of what its last word says? A trash can is no can, a looking glass no glass; one nobody knows may well be."""
    what = meaning(words)
    if len(words) == 1 or not what.senses:
        return True
    head = words[-1]
    above = {name for up in what.above for name in taxonomy.synonyms(up)} | what.general
    return head in what.same or any(name.split()[-1] == head for name in above)
