"""What a rollout is told, checked the same way for every engine: many futures at once, each with actions of its own.

told = told_of(self.spec, actions, len(states), ticks)       # (n, ticks, size) of all who act, within their bounds
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ActionError, StateError
from lifeworld.worlds.world import WorldSpec


def ticks_of(actions: Mapping[str, ArrayLike], n: int, ticks: int | None) -> int:
    """How many ticks the actions (n, ticks, size) of a rollout are for; `ticks` says it where there are none.

    Raises:
        StateError: if there is no state to go on from.
        ActionError: for shapes that disagree, or no tick at all.
    """
    if n < 1:
        raise StateError("a rollout needs at least one state")
    try:
        shapes = {name: np.shape(value) for name, value in actions.items()}
    except ValueError as error:  # lists of unequal lengths
        raise ActionError("the actions of a rollout are not arrays", got=str(error), expected=f"name → ({n}, ticks, size)") from error
    said = {shape[1] for shape in shapes.values() if len(shape) == 3 and shape[0] == n} | ({ticks} if ticks is not None else set())
    if len(said) != 1 or any(len(shape) != 3 or shape[0] != n for shape in shapes.values()) or min(said) < 1:
        raise ActionError(
            "the actions of a rollout agree in number and ticks",
            got=f"{shapes or 'none'}, ticks={ticks}",
            expected=f"name → ({n}, ticks, size), or ticks=",
        )
    return int(said.pop())


def told_of(spec: WorldSpec, actions: Mapping[str, ArrayLike], n: int, ticks: int | None = None) -> NDArray[np.float64]:
    """The actions (n, ticks, size) of all who act in a world, side by side and within their bounds; rest where nothing is said.

    Raises:
        StateError, ActionError: as `ticks_of`; also for a name that nobody has, a wrong size, or a number that is not finite.
    """
    for name in actions:
        spec.action(name)
    count = ticks_of(actions, n, ticks)
    parts = [np.zeros((n, count, 0))]  # nobody may act
    for each in spec.actions:
        value = np.asarray(actions.get(each.name, np.broadcast_to(np.array(each.rest), (n, count, each.size))), dtype=np.float64)
        if value.shape != (n, count, each.size):
            raise ActionError(
                f"the action of {each.name!r} has the wrong size",
                got=value.shape,
                expected=f"({n}, {count}, {each.size}): {', '.join(each.labels)}",
            )
        if not np.isfinite(value).all():
            raise ActionError(f"the action of {each.name!r} is not finite", got=value.tolist() if value.size < 8 else value.shape)
        parts.append(np.clip(value, each.low, each.high))
    return np.concatenate(parts, axis=-1)
