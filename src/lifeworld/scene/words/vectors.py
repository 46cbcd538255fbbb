"""How alike words are by their vectors: what is left where the tables of words say nothing.

The table (`data/vectors.npz`, made by `scripts/build_vectors.py`) has 64 bytes a word, from all-MiniLM-L6-v2.
"""

from __future__ import annotations

from collections.abc import Mapping

from lifeworld.scene.words.term import Term


def likeness(said: Term, names: Mapping[str, Term]) -> dict[str, float]:
    """Name → how likely it is meant, for those that are alike at all."""
    return {}
