"""What a flat world has to know: how rows of numbers go on, and how they look. Whatever keeps to it is alive in `WorldFlat`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.scene import Scene
from lifeworld.worlds.world import ActionSpec

Rows = NDArray[np.float64]
"""States (n, size), or actions (n, numbers): one row a world."""


class Rules(Protocol):
    """See the head of this file. A row by itself goes on, and looks, as it does among others, to the bit.

    `name` and `version` say whose rules they are, `options` what of them was chosen; `tick_ns` is how long a step lasts, `hold` how many of
    them lie between two pictures; `action` is who acts; `size` numbers make a state; `signals` are the streams, `rgb@above` among them, and
    `things` whom those of them are about that are per thing.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def tick_ns(self) -> int: ...

    @property
    def hold(self) -> int: ...

    @property
    def action(self) -> ActionSpec: ...

    @property
    def size(self) -> int: ...

    @property
    def signals(self) -> Mapping[str, str]: ...

    @property
    def things(self) -> tuple[str, ...]: ...

    @property
    def options(self) -> Mapping[str, Any]:
        """What was chosen, as plain values: two with the same name, version and options are the same rules."""
        ...

    def begin(self, *, seed: int) -> Rows:
        """A first state (size,)."""
        ...

    def step(self, states: Rows, actions: Rows) -> Rows:
        """The states one tick later; actions lie within their bounds."""
        ...

    def scene(self, row: Rows) -> Scene:
        """What there is at a state (size,), as far as scenes know of it."""
        ...

    def show(self, stream: str, states: Rows) -> NDArray[Any]:
        """One stream of each state (n, …)."""
        ...
