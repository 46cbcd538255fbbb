"""Ways to speak of kinds of events: the patterns of `said.toml`, and how words are held against them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lifeworld.scene.words.lexicon.lemma import lemma
from lifeworld.scene.words.tagging.tokens import Word

FILLERS = frozenset({
    "a", "an", "the", "some", "then", "just", "suddenly", "please", "there", "is", "comes", "that", "will", "does", "now", "and", "also",
    "out", "away", "by", "itself", "my", "your", "another", "big", "small", "little", "one",
})  # fmt: skip
"""Words that say nothing here, wherever they stand."""
SOMEBODY = frozenset({
    "somebody", "someone", "anybody", "i", "you", "we", "they", "person", "people", "child", "kid", "man", "woman", "guest", "visitor",
})  # fmt: skip
SLOTS = ("X", "_", "~")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to speak of `kinds`: `parts` are alternatives of lemmas, or a slot; those of `maybe` may be missing."""

    kinds: tuple[str, ...]
    parts: tuple[frozenset[str], ...]
    maybe: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """Words held against a pattern: who it befalls (X), and phrases that have to be of nobody here (_)."""

    kinds: tuple[str, ...]
    who: tuple[Word, ...]
    strangers: tuple[tuple[Word, ...], ...]


@cache
def patterns() -> tuple[Pattern, ...]:
    """All patterns, in order."""
    text = files("lifeworld.scene.words.happening").joinpath("said.toml").read_text(encoding="utf-8")
    return tuple(_pattern(tuple(said["kinds"]), line) for said in tomllib.loads(text)["said"] for line in said["patterns"])


def _pattern(kinds: tuple[str, ...], line: str) -> Pattern:
    parts = [(part.strip("[]"), part.startswith("[")) for part in line.split()]
    return Pattern(kinds, tuple(frozenset(part.split("|")) for part, _ in parts), tuple(maybe for _, maybe in parts))


def bindings(words: Sequence[Word]) -> Iterator[Bound]:
    """Every pattern the words fit as a whole, in the patterns' order."""
    forms = [_forms(word) for word in words]
    for pattern in patterns():
        for who, strangers in _fits(pattern, words, forms, 0, 0):
            yield Bound(pattern.kinds, who, strangers)


Slots = tuple[tuple[Word, ...], tuple[tuple[Word, ...], ...]]


def _fits(pattern: Pattern, words: Sequence[Word], forms: Sequence[frozenset[str]], part: int, at: int) -> Iterator[Slots]:
    if part == len(pattern.parts):
        if all(word.low in FILLERS for word in words[at:]):
            yield (), ()
        return
    wanted = pattern.parts[part]
    slot = next((s for s in SLOTS if s in wanted), None)
    if slot is None:
        if at < len(words) and (wanted & forms[at] or ("somebody" in wanted and words[at].low in SOMEBODY)):
            yield from _fits(pattern, words, forms, part + 1, at + 1)
    else:
        for end in range(len(words), at, -1):
            for who, strangers in _fits(pattern, words, forms, part + 1, end):
                taken = tuple(words[at:end])
                yield (taken if slot == "X" else who), ((taken, *strangers) if slot == "_" else strangers)
    if pattern.maybe[part]:
        yield from _fits(pattern, words, forms, part + 1, at)
    if slot is None and at < len(words) and words[at].low in FILLERS:
        yield from _fits(pattern, words, forms, part, at + 1)


def _forms(word: Word) -> frozenset[str]:
    """A word as it stands, as a verb and as a noun."""
    return frozenset((word.low, lemma(word.low, "verb"), lemma(word.low, "noun"), lemma(word.low, "adj")))
