"""A name or noun phrase as lemmas, however it was written: "coffee tables", `coffee_table`, `CoffeeTable`, "coffeetable" are one term."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from lifeworld.scene.words.lexicon.english import english
from lifeworld.scene.words.lexicon.entries import joined_phrases, spelling
from lifeworld.scene.words.lexicon.lemma import lemma
from lifeworld.scene.words.lexicon.taxonomy import senses

Term = tuple[str, ...]

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
_DROPPED = frozenset({"a", "an", "the", "some", "of", "s"})
# What is said of a thing by its amount or by a place on it, and means the thing: "a bar of soap", "the edge of the counter".
_PARTITIVE = frozenset({
    "back", "bar", "bit", "bottom", "bunch", "cake", "center", "centre", "chunk", "corner", "edge", "end", "foot", "front", "half", "head",
    "inside", "kind", "loaf", "lump", "middle", "pair", "part", "piece", "pile", "rest", "roll", "section", "set", "sheet", "side", "slice",
    "sort", "stack", "stick", "surface", "top", "type",
})  # fmt: skip
_LONGEST = 40


@lru_cache(maxsize=1 << 15)
def term(name: str) -> Term:
    """The lemmas of a name, the head last; empty if there are no letters in it.

    "bottle of wine" is ("wine", "bottle"); "pink bar of soap" ("pink", "soap", "bar"). Numbers are left out. A word joined of words that
    we know is taken apart ("butterknife").
    """
    text = _HUMP.sub(" ", unicodedata.normalize("NFKC", name[:200])).casefold()
    words = [word for word in _WORD.findall(text.replace("'s ", " ").replace("’s ", " "))]
    if "of" in words[1:-1]:
        at = words.index("of", 1)
        words = [*words[: at - 1], *words[at + 1 :], words[at - 1]]
    words = [part for word in words if word not in _DROPPED for part in _parts(word)]
    if not words:
        return ()
    return tuple(spelling(lemma(word, "noun")) for word in words)


def is_measure(word: str) -> bool:
    """Does a noun say only how much there is of another, or where on it (a bar, a loaf, the edge)?"""
    return word in _PARTITIVE


def _parts(word: str) -> tuple[str, ...]:
    """The words that a word is joined of."""
    written_apart = joined_phrases().get(lemma(word, "noun"))
    if written_apart is not None:
        return written_apart
    known = english()
    if len(word) < 6 or len(word) > _LONGEST or word in known or lemma(word) in known:
        return (word,)
    best: tuple[int, tuple[str, str]] | None = None
    for cut in range(2, len(word) - 1):
        first, second = word[:cut], word[cut:]
        a, b = known.get(first), known.get(lemma(second, "noun"))
        if min(len(first), len(second)) < 3 or a is None or b is None or not (a.common and b.common):
            continue
        if not (senses(first) and senses(lemma(second, "noun"))):
            continue
        worst = max(a.rank, b.rank)
        if best is None or worst < best[0]:
            best = (worst, (first, second))
    return (word,) if best is None else best[1]
