"""Who stands how to whom: under, and of neighbours beside, left of, right of, in front of and behind, as in a scene."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.carry import ON_M
from lifeworld.scene.measure import SIDES, beside_reach_m, is_aside, is_below
from lifeworld.scene.scene import RelationKind
from lifeworld.worlds.physics.senses.tell.cast import Ints, Truth
from lifeworld.worlds.physics.senses.tell.stage import Stage

Array = NDArray[np.float64]

NEIGHBOURS = 4
"""How many of the nearest are told of."""


def neighbours(stage: Stage, on: Truth, inside: Truth) -> Iterator[tuple[str, Ints, Ints]]:
    """under, of things under each other; beside, left_of … of neighbours."""
    cast, (low, high) = stage.cast, stage.box_m
    if not cast.count:
        return
    yaw = frame_yaw(stage, on, inside)
    # Under: another's box is over some of ours and reaches above us.
    above = (low[:, None, :2] <= high[:, :2]).all(axis=2) & (low[:, :2] <= high[:, None, :2]).all(axis=2)
    above &= high[:, 2] >= high[:, None, 2] - ON_M
    above &= ~(on | inside)[:, 1:]
    np.fill_diagonal(above, False)
    a, b = np.nonzero(above)
    if len(a):
        lows, highs = stage.bounds_in(a, yaw[b])
        piece_low, piece_high, of, begin = stage.piece_bounds_in(b, yaw[b])
        under = np.logical_or.reduceat(is_below(piece_low, piece_high, lows[of], highs[of]), begin)
        yield "under", a[under] + 1, b[under] + 1
    a, b = _neighbours(stage, on, inside)
    if len(a):
        # Many frames are turned alike, as what stands on one table is: each thing is measured once for each turn.
        turns, turn = np.unique(yaw, return_inverse=True)
        keys, of = np.unique(np.concatenate([a, b]) * len(turns) + np.concatenate([turn[b], turn[b]]), return_inverse=True)
        lows, highs = stage.bounds_in(keys // len(turns), turns[keys % len(turns)])
        mine, theirs = of[: len(a)], of[len(a) :]
        kinds: list[RelationKind] = ["beside", *SIDES]  # type: ignore[list-item]  # its keys are kinds of relation
        for kind in kinds:
            fits = is_aside(kind, lows[theirs], highs[theirs], lows[mine], highs[mine])
            yield kind, a[fits] + 1, b[fits] + 1


def _neighbours(stage: Stage, on: Truth, inside: Truth) -> tuple[Ints, Ints]:
    """Pairs (k,) of things that are on or in the same, near enough to be beside each other, and one among the nearest of the other."""
    low, high = stage.box_m
    shared = joined(on, on.T) | joined(inside, inside.T)
    np.fill_diagonal(shared, False)
    a, b = np.nonzero(shared)
    gap = np.linalg.norm(np.maximum(np.maximum(low[b] - high[a], low[a] - high[b]), 0.0)[:, :2], axis=1)
    # Boxes along other axes than the world's are at most so much nearer to each other.
    near = gap <= beside_reach_m(low[b], high[b], low[a], high[a])
    a, b, gap = a[near], b[near], gap[near]
    away = gap + 1e-3 * np.linalg.norm(((low + high)[a] - (low + high)[b])[:, :2], axis=1)
    order = np.lexsort((b, away, a))
    rank = np.empty(len(a), dtype=np.int64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(a[order])) + 1]) if len(a) else np.zeros(0, dtype=np.int64)
    rank[order] = np.arange(len(a)) - np.repeat(starts, np.diff([*starts, len(a)]))
    chosen = np.zeros(shared.shape, dtype=bool)
    chosen[a, b] = rank < NEIGHBOURS
    one, other = np.nonzero(chosen | chosen.T)
    return one, other


def frame_yaw(stage: Stage, on: Truth, inside: Truth) -> Array:
    """How the frame of left, right … of each thing is turned (things,): as its front, else as what carries it, else as the world."""
    cast = stage.cast
    carrier = np.where(
        inside[:, 1:].any(axis=1), inside[:, 1:].argmax(axis=1), np.where(on[:, 1:].any(axis=1), on[:, 1:].argmax(axis=1), -1)
    )
    at = np.arange(cast.count)
    for _ in range(cast.count):
        go = (at >= 0) & ~cast.fronted[at]
        if not go.any():
            break
        at = np.where(go, carrier[at], at)
    return np.where((at >= 0) & cast.fronted[at], stage.heading_rad[at], 0.0)


def joined(first: Truth, second: Truth) -> Truth:
    """Which a and c have a b with first[a, b] and second[b, c]: what a product of matrices says, for few that are true."""
    out = np.zeros((len(first), second.shape[1]), dtype=bool)
    a, b = np.nonzero(first)
    np.logical_or.at(out, a, second[b])
    return out
