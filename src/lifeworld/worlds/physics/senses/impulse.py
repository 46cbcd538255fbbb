"""What things gave each other while the last tick went by, from the contact forces of each of the engine's steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import IMPULSE_DTYPE
from lifeworld.worlds.physics.senses.contact import Raw, Solved, solve
from lifeworld.worlds.physics.senses.look import Look

_THREE = np.arange(3)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The contacts of the engine's steps of the last ticks, one after the other: `step` (n,) counts them, `instance` (n, 2) says who."""

    count: int
    step: NDArray[np.int64]
    instance: NDArray[np.int32]
    solved: Solved


def steps(look: Look, ticks: int = 1) -> Steps:
    """Those that led here; none at the start."""

    def make() -> Steps:
        moments = look.contacts_of_steps(ticks)
        raw = Raw.joined(moments or [Raw._make(part[:0] for part in Raw.of(look.data))])
        solved = solve(raw, look.model.ngeom)
        step = np.repeat(np.arange(len(moments)), [len(m.address) for m in moments])[solved.index]
        return Steps(len(moments), step, look.compiled.surfaces.instance[solved.surface], solved)

    return look.once(("contacts of steps", ticks), make)


def impulses(look: Look) -> NDArray[np.void]:
    """One row of IMPULSE_DTYPE for each two that pushed each other in the last tick, in the order of their ids, the lesser one as a.

    The engine holds a step's forces for the whole step, so force times duration is the impulse itself. The peak is that of the step in
    which the pair's contacts together pressed hardest.
    """
    touched = steps(look)
    solved, (a, b) = touched.solved, touched.instance.T.astype(np.int64)
    pushed = np.flatnonzero((a != b) & (solved.normal_n != 0.0))  # there is no friction without
    low, high = np.minimum(a, b).take(pushed), np.maximum(a, b).take(pushed)
    most = int(high.max(initial=0)) + 1
    pairs, which = np.unique(low * most + high, return_inverse=True)
    out = np.zeros(len(pairs), IMPULSE_DTYPE)
    out["body_a"], out["body_b"] = pairs // most, pairs % most
    given = solved.force_n.take(pushed, 0) * np.where(a < b, look.model.opt.timestep, -look.model.opt.timestep).take(pushed)[:, None]
    out["impulse_n_s"] = np.bincount((which[:, None] * 3 + _THREE).ravel(), given.ravel(), 3 * len(pairs)).reshape(-1, 3)
    step = which * touched.count + touched.step.take(pushed)
    pressed = np.bincount(step, solved.normal_n.take(pushed), len(pairs) * touched.count).reshape(len(pairs), touched.count)
    out["peak_force_n"] = pressed.max(axis=1, initial=0.0)
    return out
