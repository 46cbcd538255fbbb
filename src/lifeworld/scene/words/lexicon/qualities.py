"""What adjectives say of things: materials, sizes and states, from the hand-made `data/qualities.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from lifeworld.scene.material import COLORS
from lifeworld.scene.words.lexicon.english import DATA, english
from lifeworld.scene.words.lexicon.lemma import lemma

Way = Literal["more", "less"]


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The table as written: colors, shades, materials, sizes, states."""
    return tomllib.loads((DATA / "qualities.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1 << 12)
def is_quality(word: str) -> bool:
    """Does a word say what something is like, or which of several it is (red, wooden, big, empty, left), rather than what it is?"""
    entry = english().get(word)
    named = word in COLORS or any(word in table()[sort] for sort in ("colors", "shades")) or word in table()["places"]["words"]
    said = (material_of(word), size_of(word), state_of(word))
    return named or any(said) or (entry is not None and entry.parts[:1] == ("adj",))


@lru_cache(maxsize=1 << 10)
def material_of(word: str) -> str | None:
    """The material of `scene/material.py` that a word says: "wooden" is wood, "china" ceramic; None if it says none."""
    plain = word.casefold().replace("-", " ").replace("_", " ").removeprefix("made of ").strip()
    return _by_word("materials").get(plain)


@lru_cache(maxsize=1 << 10)
def state_of(word: str) -> str | None:
    """The state that a word says: open, closed, on, off, empty, full, clean, dirty, hot, cold, sliced, lying …; None if it says none."""
    return _by_word("states").get(word.casefold().replace("-", " "))


@lru_cache(maxsize=1 << 10)
def size_of(word: str) -> tuple[str, Way] | None:
    """The dimension a word speaks of and which way: "huge" is ("size", "more"), "shorter" ("height", "less"); None if it speaks of none."""
    sizes: Mapping[str, list[str]] = table()["sizes"]
    said = sizes.get(word.casefold()) or sizes.get(lemma(word, "adj"))
    if said is None:
        return None
    return (said[0], "more" if said[1] == "more" else "less")


@lru_cache(maxsize=8)
def _by_word(sort: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for value, words in table()[sort].items():
        for word in words:
            found.setdefault(word, value)
    return found
