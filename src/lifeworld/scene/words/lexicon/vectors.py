"""How alike words are by their vectors: what is left where the tables of words say nothing.

The table (`data/vectors.npz`, 64 bytes a word piece, made by `scripts/build_vectors.py`) holds the token embeddings of all-MiniLM-L6-v2
(Apache-2.0; see NOTICE). A word of several pieces is their mean, a compound that of its words, the head counting most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.words.lexicon.english import DATA
from lifeworld.scene.words.lexicon.term import Term

Vector = NDArray[np.float32]

# P(meant) = exp(_SHARP cos) / (exp(_SHARP cos of all) + exp(_NONE)): a conditional logit (McFadden 1974) in which "none of them" is one of
# the choices; fitted to the nouns of ALFRED's dev half, the thing meant taken out of the choices every other time.
_SHARP, _NONE = 6.0, 4.5
_HEAD = 1.5  # what the last word of a compound counts against each other


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, int], NDArray[np.int8]]:
    with np.load(DATA / "vectors.npz") as file:
        pieces = file["pieces"].tobytes().decode().split("\n")
        return {piece: row for row, piece in enumerate(pieces)}, file["vectors"]


@lru_cache(maxsize=1 << 14)
def vector(words: Term) -> Vector:
    """The unit vector (64,) of a term; zeros if no word of it can be put together of pieces."""
    total = np.zeros(_table()[1].shape[1], np.float32)
    for at, word in enumerate(words):
        total += _word(word) * np.float32(_HEAD if at == len(words) - 1 else 1.0)
    return _unit(total)


@lru_cache(maxsize=1 << 14)
def _word(word: str) -> Vector:
    """The unit vector of one word: that of its longest pieces, from the left (WordPiece)."""
    rows, vectors = _table()
    found: list[int] = []
    at = 0
    while at < len(word):
        start = "##" if at else ""
        end = next((end for end in range(len(word), at, -1) if start + word[at:end] in rows), None)
        if end is None:
            return np.zeros(vectors.shape[1], np.float32)
        found.append(rows[start + word[at:end]])
        at = end
    return _unit(vectors[found].astype(np.float32).sum(0))


def _unit(total: Vector) -> Vector:
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, np.float32)


def likeness(said: Term, names: Mapping[str, Term]) -> dict[str, float]:
    """Name → the probability that it is meant, if it is one of these or none, by its vector alone.

    Names that share a word with it are left out: those are for the tables to judge.
    """
    own = vector(said)
    if not own.any() or not names:
        return {}
    words = set(said)
    strange = np.array([words.isdisjoint(term) for term in names.values()])
    weights = np.where(strange, np.exp(_SHARP * (_matrix(tuple(names.values())) @ own)), 0.0)
    total = float(weights.sum()) + math.exp(_NONE)
    return {name: float(weight) / total for name, weight in zip(names, weights, strict=True) if weight > 0}


@lru_cache(maxsize=1 << 6)
def _matrix(terms: tuple[Term, ...]) -> Vector:
    return np.stack([vector(term) for term in terms])
