"""Who decides: an agent turns what it was shown into actions. It acts through embodiments and knows nothing of engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError
from lifeworld.core.seed import generator
from lifeworld.worlds.world import Action, Observation, WorldSpec


class Agent(Protocol):
    """Somebody or something that decides."""

    signals: tuple[str, ...]
    """What it wants to be shown before each decision; empty for one that looks at nothing."""

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        """A new episode in a world of this spec."""
        ...

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        """What to do during the next step."""
        ...


class AgentRest:
    """Does nothing, in every world."""

    signals: tuple[str, ...] = ()

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        """Nothing to prepare."""

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        return {}


class AgentRandom:
    """Wanders: every number follows an Ornstein–Uhlenbeck process inside its bounds, so motion is smooth and goes somewhere.

    Args:
        scale: spread of the wander as a share of each bound's half range.
        memory_s: how long a direction is kept [s].

    Source: Uhlenbeck & Ornstein, On the theory of the Brownian motion (1930).
    """

    signals: tuple[str, ...] = ()

    def __init__(self, *, scale: float = 0.4, memory_s: float = 0.5) -> None:
        self._scale, self._memory_s = scale, memory_s
        self._spec: WorldSpec | None = None
        self._value: dict[str, NDArray[np.float64]] = {}

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._spec = spec
        self._rng = generator(seed, "agent", "random")
        self._value = {a.name: np.zeros(a.size) for a in spec.actions}

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if self._spec is None:
            raise ActionError("the agent has not begun", fix="Call begin(spec, seed=0) first.")
        keep = np.exp(-self._spec.tick_ns * 1e-9 / self._memory_s)
        out = {}
        for action in self._spec.actions:
            noise = self._rng.standard_normal(action.size)
            self._value[action.name] = keep * self._value[action.name] + np.sqrt(1 - keep**2) * noise
            low, high, rest = (np.asarray(v) for v in (action.low, action.high, action.rest))
            out[action.name] = np.clip(rest + self._scale * (high - low) / 2 * self._value[action.name], low, high)
        return out


class AgentScripted:
    """Follows a script: pairs of (seconds, action), one after the other; rests when it is over.

    Raises:
        ActionError: at `begin`, if the script names an embodiment or a size that the world does not have.
    """

    signals: tuple[str, ...] = ()

    def __init__(self, script: Sequence[tuple[float, Mapping[str, Sequence[float]]]]) -> None:
        self._until_ns = np.cumsum([round(seconds * 1e9) for seconds, _ in script]).tolist()
        self._actions = [{name: np.asarray(value, dtype=np.float64) for name, value in action.items()} for _, action in script]

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        for action in self._actions:
            for name, value in action.items():
                if value.shape != (spec.action(name).size,):
                    raise ActionError(
                        f"the script's action of {name!r} has the wrong size", got=value.shape, expected=(spec.action(name).size,)
                    )

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        for until, action in zip(self._until_ns, self._actions, strict=True):
            if time_ns < until:
                return action
        return {}
