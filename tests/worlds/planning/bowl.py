"""A world whose best plans are known in closed form: a point that goes where it is told, in as many directions as one likes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import EditError
from lifeworld.core.origin import Origin
from lifeworld.scene.scene import Scene
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.world import Action, ActionSpec, Observation, WorldSpec

Array = NDArray[np.float64]
PLACE = "embodiment_state@point"


@dataclass(frozen=True)
class Bowl:
    """A state is a place (size,); a step goes `pace` times the action, which lies within ±1 in each direction."""

    size: int = 2
    pace: float = 0.1
    low: float = -1.0
    high: float = 1.0

    @property
    def spec(self) -> WorldSpec:
        labels = tuple(f"along_{i}" for i in range(self.size))
        ends = {name: (value,) * self.size for name, value in (("low", self.low), ("high", self.high), ("rest", 0.0))}
        return WorldSpec(
            engine="bowl",
            engine_version="1",
            tick_ns=20_000_000,
            actions=(ActionSpec(name="point", labels=labels, **ends),),
            signals={PLACE: "embodiment_state"},
            things=(),
            origin=Origin.SIMULATED,
            renderer="none",
        )

    def reset(self, start: Array, *, seed: int) -> Array:
        return np.asarray(start, dtype=np.float64)

    def step(self, state: Array, action: Action) -> Array:
        return state + self.pace * np.clip(np.asarray(action["point"]), self.low, self.high)

    def observe(self, state: Array, signals: Collection[str], *, then: Array | None = None) -> Observation:
        return Observation(time_ns=0, values={PLACE: state}, origin=Origin.SIMULATED)

    def edit(self, state: Array, edit: Any) -> Array:
        raise EditError("nothing here can be edited", reason="cannot")

    def scene(self, state: Array) -> Scene:
        return Scene(name="bowl")

    def save(self, state: Array) -> bytes:
        return state.tobytes()

    def load(self, data: bytes) -> Array:
        return np.frombuffer(data)

    def rollout(
        self, states: Sequence[Array], actions: Mapping[str, ArrayLike], signals: Collection[str], *, ticks: int | None = None
    ) -> tuple[list[Array], Observation]:
        done = np.clip(np.asarray(actions["point"]), self.low, self.high)
        course = np.stack(states)[:, None] + self.pace * done.cumsum(axis=1)
        return list(course[:, -1]), Observation(time_ns=0, values={PLACE: course} if signals else {}, origin=Origin.SIMULATED)


@dataclass(frozen=True)
class Slope(Bowl):
    """A bowl that knows its slope."""

    def slope(self, state: Array, actions: Array, cost: Cost) -> tuple[Array, Array]:
        _, seen = self.rollout([state] * len(actions), {"point": actions}, (PLACE,))
        downhill = 2 * (seen[PLACE] - cost.goal[PLACE])  # type: ignore[attr-defined]
        return cost.of(seen).sum(axis=1), self.pace * downhill[:, ::-1].cumsum(axis=1)[:, ::-1]


@dataclass(frozen=True)
class Knowing(Bowl):
    """A bowl that knows what leads where: straight there, as fast as it goes."""

    def toward(self, state: Array, cost: Cost, *, ticks: int) -> Mapping[str, Array]:
        way = cost.goal[PLACE] - state  # type: ignore[attr-defined]
        rows = []
        for _ in range(ticks):
            rows.append(np.clip(way / self.pace, self.low, self.high))
            way = way - self.pace * rows[-1]
        return {"point": np.stack(rows)}
