"""What is a kind of what: the nouns of WordNet 3.0 that name things (a mug is drinking vessel, vessel, container, artifact).

The table is made by `scripts/build_words.py`; WordNet is © Princeton University, its notice is in NOTICE.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lifeworld.scene.words.lexicon.english import DATA

_HOME = 9  # how near to a household the nearest synsets are (artefacts, food)
_FAR_SENSE = 0.2  # what each sense before this one takes off
# Nouns of synsets that say too little of what is under them, or that speak of places: a toilet is a room to WordNet.
_TOO_GENERAL = frozenset({
    "entity", "physical entity", "abstraction", "thing", "object", "whole", "artifact", "matter", "substance", "instrumentality",
    "solid", "food product", "living thing", "organism", "causal agent", "unit", "room", "area", "structure", "construction",
    "location", "region", "part", "relation", "material", "creation", "product", "facility", "building", "opening", "passage",
    "surface", "group", "body", "compartment", "enclosure", "piece", "end", "line", "space", "way", "place", "covering", "system",
    "means", "natural object", "attribute", "formation", "form", "shape", "person", "commodity", "preparation", "compound", "chemical",
    "collection", "arrangement", "state", "concern", "enterprise", "sphere of work", "support", "implement", "instrument", "apparatus",
    "setup", "wear",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Tree:
    """Synsets by number: their words and what is right above them; and word → (synset, how likely this sense is, at most 1)."""

    words: tuple[tuple[str, ...], ...]
    above: tuple[tuple[int, ...], ...]
    senses: dict[str, tuple[tuple[int, float], ...]]


@lru_cache(maxsize=1)
def _tree() -> _Tree:
    words: list[tuple[str, ...]] = []
    above: list[tuple[int, ...]] = []
    raw: dict[str, list[tuple[int, float]]] = {}
    for number, line in enumerate((DATA / "nouns.txt").read_text(encoding="utf-8").splitlines()):
        left, _, right = line.partition("|")
        home, *lemmas = left.split()
        names = []
        for item in lemmas:
            lemma, _, place = item.rpartition(":")
            names.append(lemma.replace("_", " "))
            likely = int(home) / _HOME * max(0.2, 1 - _FAR_SENSE * (int(place) - 1))
            raw.setdefault(names[-1], []).append((number, likely))
        words.append(tuple(names))
        above.append(tuple(map(int, right.split())))
    senses = {}
    for name, found in raw.items():
        best = max(likely for _, likely in found)
        senses[name] = tuple(sorted(((number, likely / best) for number, likely in found), key=lambda item: (-item[1], item[0])))
    return _Tree(tuple(words), tuple(above), senses)


def senses(phrase: str) -> tuple[tuple[int, float], ...]:
    """(synset, likelihood) of a noun, the likeliest at home first with 1; empty if WordNet has none that is a thing."""
    return _tree().senses.get(phrase, ())


def synonyms(synset: int) -> tuple[str, ...]:
    """The nouns of a synset."""
    return _tree().words[synset]


@lru_cache(maxsize=1 << 13)
def ancestors(synset: int) -> dict[int, int]:
    """Everything above a synset that says something → how many steps up it is."""
    tree = _tree()
    found: dict[int, int] = {}
    level = [synset]
    steps = 0
    while level:
        steps += 1
        level = [up for at in level for up in tree.above[at] if up not in found]
        for up in level:
            found.setdefault(up, steps)
    return {up: steps for up, steps in found.items() if _TOO_GENERAL.isdisjoint(tree.words[up])}
