"""Which episodes are held out: about one in ten, of which nothing is learned.

Pieces of one film look alike where they meet. So of a film its end is held out, in one stretch, and of that nothing is measured that begins
within GAP_NS after what is learned from. Other recordings are taken for independent of each other, and every tenth is held out.

Of few pieces that is one. To hold out the end of each piece instead would be to measure on shots of which the beginning was learned; so it
stays one, and what is measured on it says that it is (evaluate/heldout.py).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.time import NS_PER_S
from lifeworld.episode.bundle import Bundle
from lifeworld.episode.parted import place_of

HELD_OUT = 10
"""One in so many is held out."""
GAP_NS = 2 * NS_PER_S
"""What begins sooner after something that is learned from, in the same film, is nearly the same picture."""


class Apart(NamedTuple):
    """Of every episode (n,) whether it is `held` out, and how much of its beginning is left out of measuring: `gap_ns`."""

    held: NDArray[np.bool_]
    gap_ns: NDArray[np.int64]


def apart(bundle: Bundle, usable: NDArray[np.bool_]) -> Apart:
    """What is held out of a bundle, of its `usable` episodes (n,).

    Of a film in ten or more pieces that is its last tenth; of films in fewer, and of recordings that are no pieces of any, every tenth as a
    whole. Where that would be nothing, it is the last piece of the film with the most, or the last recording of several.
    """
    held, gap_ns = np.zeros(len(bundle), bool), np.zeros(len(bundle), np.int64)
    films = _films(bundle, usable)
    chosen = [film[-(len(film) // HELD_OUT) :] for film in films if len(film) >= HELD_OUT]
    chosen += [film for film in films if len(film) < HELD_OUT][HELD_OUT - 1 :: HELD_OUT]
    if not chosen and films:
        longest = max(films, key=len)
        chosen = [longest[-1:]] if len(longest) > 1 else films[1:][-1:]
    for stretch in chosen:
        held[stretch] = True
    for film in films:
        for before, piece in pairwise(film):
            if held[piece] and not held[before]:
                gap_ns[piece] = GAP_NS
    return Apart(held, gap_ns)


def _films(bundle: Bundle, usable: NDArray[np.bool_]) -> list[list[int]]:
    """The episodes by the film they are pieces of, in its order; an episode that is no piece of one by itself."""
    films: dict[str, list[tuple[int, int]]] = {}
    for episode in np.flatnonzero(usable).tolist():
        place = place_of(bundle.manifest(episode).provenance)
        film, start_ns = (place.film, place.start_ns) if place else (bundle.uids[episode], 0)
        films.setdefault(film, []).append((start_ns, episode))
    return [[episode for _, episode in sorted(pieces)] for pieces in films.values()]
