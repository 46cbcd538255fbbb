"""Typing errors: the words that may have been meant by one that is none."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from functools import lru_cache

from lifeworld.scene.words.lexicon.english import english
from lifeworld.scene.words.lexicon.sense import meaning
from lifeworld.scene.words.lexicon.term import Term, term

_WAYS = 8  # in which a term is mended at most
_LONGEST = 40  # letters of a word that is looked at


def mended(said: Term, candidates: tuple[str, ...]) -> list[tuple[Term, float]]:
    """The term with its typing errors mended in every way that is equally likely, and how sure that is; empty if it has none."""
    pool = _pool(candidates)
    ways = itertools.islice(itertools.product(*(mends(word, pool) for word in said)), _WAYS)
    found = [(tuple(part for word, _ in way for part in term(word)), math.prod(sure for _, sure in way)) for way in ways]
    return [(right, sure) for right, sure in found if right != said]


@lru_cache(maxsize=1 << 8)
def _pool(candidates: tuple[str, ...]) -> tuple[str, ...]:
    """All single words by which one of some names can be called."""
    pool: dict[str, None] = {}
    for name in candidates:
        what = meaning(term(name))
        for phrase in (what.phrase, *sorted(what.same), *sorted(what.general)):
            pool.update(dict.fromkeys(word for word in (phrase.replace(" ", ""), *phrase.split()) if len(word) > 2))
    return tuple(pool)


def mends(word: str, pool: Iterable[str]) -> list[tuple[str, float]]:
    """The words of a pool that may have been meant by a misspelt one, all with as few errors, and how sure that is; itself with 1 if right.

    A common English word is never taken for a misspelling of another ("cap" stays a cap), nor is one of three letters or less.
    """
    from rapidfuzz.distance import OSA, Indel

    entry = english().get(word)
    plural = None if word.endswith(("u", "s", "i")) else english().get(f"{word}s")  # "cactus" is no plural of "cactu"
    if len(word) < 4 or len(word) > _LONGEST or any(form.common for form in (entry, plural) if form is not None):
        return [(word, 1.0)]
    allowed = 1 if len(word) < 6 or entry is not None else 2 if len(word) < 10 else 3
    # What looked like a plural may have been none ("chees"), so it is tried with its s as well.
    near = [
        (max(distance, 1) + (found[0] != word[0]), -Indel.normalized_similarity(written, found), found)
        for written, most in ((word, allowed), (f"{word}s", 1))
        for found in pool
        if (distance := OSA.distance(written, found, score_cutoff=most)) <= most
    ]
    if not near or any(found == word for _, _, found in near):
        return [(word, 1.0)]
    errors = min(near)[0]
    sure = 0.94 - 0.08 * (errors - 1) - (0.0 if entry is None else 0.2)
    return [(found, sure) for found in dict.fromkeys(found for count, _, found in sorted(near) if count == errors)]
