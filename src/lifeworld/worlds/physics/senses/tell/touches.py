"""Who touches whom at one moment and how hard, pair by pair; and what hands hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.contact import Solved
from lifeworld.worlds.physics.senses.tell.cast import Cast, Ints

Array = NDArray[np.float64]

BEARS = 0.2
"""The share of a thing's weight that what it rests on bears at least."""
AGAINST = -0.5
"""The cosine between the pushes of two fingers that hold something is at most this."""


@dataclass(frozen=True, slots=True, eq=False)
class Touches:
    """Every touching pair (k,) once: instance ids a < b (0 the background), the normal force [N] between them, and how hard b pushes

    a up [N], friction and all.
    """

    a: Ints
    b: Ints
    force_n: Array
    up_n: Array


def touches(cast: Cast, solved: Solved) -> Touches:
    """Every touching pair of instances; a thing's own parts do not count."""
    ids = cast.compiled.surfaces.instance[solved.surface].astype(np.int64)
    two = np.flatnonzero(ids[:, 0] != ids[:, 1])
    ids = ids[two]
    first = ids[:, 0] < ids[:, 1]
    low, high = np.where(first, ids[:, 0], ids[:, 1]), np.where(first, ids[:, 1], ids[:, 0])
    on_second_up = -solved.force_n[two] @ cast.down
    keys, of = np.unique(low * cast.instances + high, return_inverse=True)
    return Touches(
        a=keys // cast.instances,
        b=keys % cast.instances,
        force_n=_sums(of, solved.normal_n[two], len(keys)),
        up_n=_sums(of, np.where(first, -on_second_up, on_second_up), len(keys)),
    )


def bearers(cast: Cast, touch: Touches) -> list[tuple[int, int]]:
    """(a, b) where b bears a; what hands and other embodiments do is holding."""
    a, b, up = np.concatenate([touch.a, touch.b]), np.concatenate([touch.b, touch.a]), np.concatenate([touch.up_n, -touch.up_n])
    fit = (a > 0) & (a <= cast.count) & (b <= cast.count)
    a, b, up = a[fit], b[fit], up[fit]
    bears = cast.free[a - 1] & (up > 0) & (up >= BEARS * cast.weight_n[a - 1])
    return sorted(zip(a[bears].tolist(), b[bears].tolist(), strict=True))


def grips(cast: Cast, solved: Solved) -> Iterator[tuple[tuple[int, int], float]]:
    """((a, hand), the lesser of the two fingers' normal forces [N]) of free things that both fingers press on, one against the other."""
    if not cast.hands:
        return
    body, instance = (table[solved.surface] for table in (cast.compiled.surfaces.body, cast.compiled.surfaces.instance))
    push = solved.normal_n[:, None] * solved.normal
    for hand, *fingers in cast.hands:
        pressed = np.zeros((2, cast.instances, 3))
        for finger, forces in zip(fingers, pressed, strict=True):
            rows, side = np.nonzero(body == finger)
            np.add.at(forces, instance[rows, 1 - side], np.where(side == 0, 1.0, -1.0)[:, None] * push[rows])
        left, right = np.linalg.norm(pressed, axis=2)
        against = (pressed[0] * pressed[1]).sum(axis=1) < AGAINST * left * right
        held = np.flatnonzero(against[1 : cast.count + 1] & cast.free) + 1
        yield from (((a, hand), float(min(left[a], right[a]))) for a in held.tolist())


def _sums(of: NDArray[np.intp], values: Array, count: int) -> Array:
    return np.bincount(of, values, count).astype(np.float64, copy=False)
