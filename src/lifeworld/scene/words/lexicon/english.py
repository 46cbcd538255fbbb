"""The English words we know: 29,000 base forms with their parts of speech and how common they are, and the irregular forms.

The tables are made by `scripts/build_words.py` from WordNet 3.0 (© Princeton University; its notice is in NOTICE).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Pos = Literal["noun", "verb", "adj", "adv", "function"]
DATA = Path(__file__).parent / "data"
_POS: dict[str, Pos] = {"n": "noun", "v": "verb", "a": "adj", "r": "adv", "f": "function"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A base form: `rank` is its place by frequency (0 is "a"), `parts` its parts of speech, the commonest first.

    `common` words are those of everyday text, never taken for a typing error; `singular_s` is a noun that ends in s and is no plural.
    """

    rank: int
    parts: tuple[Pos, ...]
    common: bool
    singular_s: bool


@lru_cache(maxsize=1)
def english() -> dict[str, Entry]:
    """Every base form we know, by frequency."""
    entries: dict[str, Entry] = {}
    common = True
    for line in (DATA / "words.txt").read_text(encoding="utf-8").splitlines():
        if not line:
            common = False
            continue
        word, tags = line.split(" ")
        parts = tuple(_POS[tag] for tag in tags if tag in _POS)
        entries[word] = Entry(len(entries), parts, common, "s" in tags)
    return entries


@lru_cache(maxsize=1)
def irregular() -> dict[tuple[str, Pos], str]:
    """(form, part of speech) → base form, for what no rule makes: ("knives", "noun") → "knife"."""
    rows = (line.split(" ") for line in (DATA / "forms.txt").read_text(encoding="utf-8").splitlines())
    table: dict[tuple[str, Pos], str] = {}
    for form, base, pos in rows:
        table.setdefault((form, _POS[pos]), base)
    return table
