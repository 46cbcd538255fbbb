"""Somebody who plays with a pusher: goes behind a thing, pushes it somewhere, then takes another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError
from lifeworld.core.seed import generator
from lifeworld.worlds.world import Action, Observation, WorldSpec

Array = NDArray[np.float64]
BEHIND_M = 0.09
"""How far behind a thing's middle a push begins [m]."""
HEAVIEST_KG = 1.5
"""What it does not try to push [kg]: furniture, walls."""
SPAN_M = 0.17
"""Half the side of the square that things are pushed to [m]."""


class AgentPusher:
    """Pushes things about with every `pusher` of a world; what it does is drawn at random and never repeats.

    In turn it goes round behind a thing, pushes it towards a spot drawn in the midst of all things, or wanders. Speeds are drawn too,
    and a smooth noise is over all of it, so that actions are varied and none follows from the picture alone. It takes its own state for
    its place: pushers of its worlds begin at the origin.

    Args:
        speed_m_s: the mean speed of a push [m/s].
    """

    def __init__(self, *, speed_m_s: float = 0.3) -> None:
        self._speed = speed_m_s
        self.signals: tuple[str, ...] = ()

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._names = [a.name for a in spec.actions if a.labels == ("x_m_s", "y_m_s")]
        if not self._names:
            raise ActionError("nobody here pushes", expected='an embodiment of kind "pusher" with action = "velocity"')
        self._keep = np.exp(-spec.tick_ns * 1e-9 / 0.3)
        self._rng = generator(seed, "agent", "pusher")
        self.signals = ("position_m", "mass_kg", *(f"embodiment_state@{name}" for name in self._names))
        self._until_ns = dict.fromkeys(self._names, 0)
        self._plan = dict.fromkeys(self._names, (0, np.zeros(2), 0.0, False))
        self._noise = {name: np.zeros(2) for name in self._names}

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if observation is None:
            raise ActionError("this agent looks before it acts", expected=", ".join(self.signals))
        everything = observation["position_m"][:, :2]
        places = everything[observation["mass_kg"] < HEAVIEST_KG]
        if not len(places):
            raise ActionError("there is nothing here that can be pushed", expected=f"a thing of less than {HEAVIEST_KG:g} kg")
        middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
        return {name: self._one(name, observation[f"embodiment_state@{name}"][:2], places, middle, time_ns) for name in self._names}

    def _one(self, name: str, here: Array, places: Array, middle: Array, time_ns: int) -> Array:
        rng = self._rng
        self._noise[name] = self._keep * self._noise[name] + np.sqrt(1 - self._keep**2) * rng.normal(0, 1, 2)
        if time_ns >= self._until_ns[name]:
            self._until_ns[name] = time_ns + round(rng.uniform(1.0, 3.0) * 1e9)
            self._plan[name] = (
                int(rng.integers(len(places))),
                middle + rng.uniform(-SPAN_M, SPAN_M, 2),
                rng.gamma(8, self._speed / 8),
                rng.random() < 0.15,
            )
        thing, goal, speed, wanders = self._plan[name]
        if wanders:
            way = goal - here
        else:
            along = goal - places[thing]
            along = along / max(float(np.linalg.norm(along)), 1e-6)
            offset = here - places[thing]
            back = float(offset @ along)
            aside = offset - back * along
            if back < -0.02 and np.linalg.norm(aside) < 0.04:  # behind it: push
                way = along - 4.0 * aside
            elif back > 0 and np.linalg.norm(aside) < BEHIND_M:  # in front of it: round it
                side = aside / max(float(np.linalg.norm(aside)), 1e-6)
                way = 1.5 * side - along
            else:
                way = places[thing] - BEHIND_M * along - here
        pace = speed * way / max(float(np.linalg.norm(way)), 0.02)
        return np.clip(pace + 0.12 * self._noise[name], -1.0, 1.0)
