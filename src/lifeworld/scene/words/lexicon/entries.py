"""What people call things, as written by hand in `data/lexicon.toml`: words for one thing, words near to each other, what is also what."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any

from lifeworld.scene.words.lexicon.english import DATA
from lifeworld.scene.words.lexicon.lemma import lemma


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads((DATA / "lexicon.toml").read_text(encoding="utf-8"))


def _plain(phrase: str) -> str:
    """A phrase of the table as its lemmas with spaces, "X of Y" turned into "Y X" as in `term`."""
    words = phrase.replace("-", " ").split()
    if "of" in words[1:-1]:
        at = words.index("of")
        words = [*words[: at - 1], *words[at + 1 :], words[at - 1]]
    return " ".join(spelling(lemma(word, "noun")) for word in words)


def spelling(word: str) -> str:
    """One spelling of a word that is written in several ways (colour, color)."""
    folded: dict[str, str] = _table()["spelling"]
    return folded.get(word, word)


@lru_cache(maxsize=1)
def same() -> dict[str, frozenset[str]]:
    """Phrase → all that are words for the same thing; it is among them."""
    found: dict[str, set[str]] = {}
    for ring in _table()["same"]:
        plain = {_plain(phrase) for phrase in ring}
        for phrase in plain:
            found.setdefault(phrase, set()).update(plain)
    return {phrase: frozenset(others) for phrase, others in found.items()}


@lru_cache(maxsize=1)
def near() -> dict[str, dict[str, float]]:
    """Phrase → what is often said for it though it is something else, each with all its words, and how sure that is."""
    found: dict[str, dict[str, float]] = {}
    for pair, sure in ((pair, float(sure)) for sure, pairs in _table()["near"].items() for pair in pairs):
        one, other = map(_plain, pair)
        for a, b in ((one, other), (other, one)):
            for word in same().get(a, frozenset({a})):
                entry = found.setdefault(word, {})
                entry.update({name: max(sure, entry.get(name, 0.0)) for name in same().get(b, frozenset({b}))})
    return found


@lru_cache(maxsize=1)
def loosely() -> tuple[tuple[tuple[str, ...], tuple[str, ...], float], ...]:
    """(word, what it is also said for, how sure the word is at most where both are there), the first two as terms."""
    return tuple((tuple(_plain(one).split()), tuple(_plain(other).split()), float(most)) for one, other, most in _table()["loosely"])


@lru_cache(maxsize=1)
def general() -> dict[str, frozenset[str]]:
    """Phrase → words for what it also is, beside WordNet's."""
    found: dict[str, set[str]] = {}
    for phrase, above in _table()["is"].items():
        for word in same().get(_plain(phrase), frozenset({_plain(phrase)})):
            found.setdefault(word, set()).update(_plain(general) for general in above)
    return {phrase: frozenset(above) for phrase, above in found.items()}


@lru_cache(maxsize=1)
def kind_words() -> dict[str, tuple[str, ...]]:
    """Kind of the library → words for it beside those of its builder."""
    return {kind: tuple(words) for kind, words in _table()["kinds"].items()}


@lru_cache(maxsize=1)
def joined_phrases() -> dict[str, tuple[str, ...]]:
    """Phrases of several words that the table has, by how they look joined: "handtowelholder" → ("hand", "towel", "holder")."""
    phrases = set(same()) | set(near()) | set(general()) | {_plain(w) for words in kind_words().values() for w in words}
    return {phrase.replace(" ", ""): tuple(phrase.split()) for phrase in sorted(phrases) if " " in phrase}
