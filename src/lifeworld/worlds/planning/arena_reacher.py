"""The arena `reacher`: hold an arm of two links as in the goal's picture.

Rules: CLEAR-LeWM v0.9, EVALUATION_SPEC.md. A goal is 25 ticks further in a play; 50 ticks to get there; nothing moves at the start.
Moderate: both joints within 0.05 rad (the shoulder turns without end, the wrist does not) at any tick; strict: the finger within 1 cm of
where it is in the goal, for two ticks in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lifeworld.core.errors import ActionError, InputError
from lifeworld.core.seed import child_seed, generator
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.flat.engine import FlatState, WorldFlat
from lifeworld.worlds.flat.reacher import WRIST_RAD, Reacher
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.held import AgentHeld
from lifeworld.worlds.world import Action, Observation, World, WorldSpec

NEAR_RAD, STRICT_M = 0.05, 0.01
MOST_PLAYS = 200
FULL_RAD_S = 5.0
"""How fast a joint turns in the end under a full torque: that, 0.05 N m, over its damping, 0.01 N m s."""


class ArenaReacher:
    """See the head of this file."""

    name = "reacher"
    source = "reacher of dm_control's suite, judged by CLEAR-LeWM v0.9"
    camera = "rgb@above"
    hold, budget, ahead, still = Reacher.hold, 10, 5, 2
    seconds = 10.0
    signals: tuple[str, ...] = tuple(Reacher.signals)
    variations: Mapping[str, Sequence[Mapping[str, Any]]] = {
        "agent_colour": ({"color": "#3080c0", "finger_color": "#2060a0"}, {"color": "#50b350", "finger_color": "#309030"}),
        "density": ({"density_kg_m3": 600.0}, {"density_kg_m3": 1400.0}),
        "background": ({"floor": ("#4d331a", "#664d33")}, {"floor": ("#606060", "#808080")}),
    }

    def world(self, **variation: Any) -> WorldFlat:
        return WorldFlat(Reacher(**variation))

    def begin(self, world: World[Any], *, seed: int) -> FlatState:
        return world.reset(None, seed=seed)  # type: ignore[no-any-return]

    def start(self, world: World[Any], *, seed: int) -> FlatState:
        return self.begin(world, seed=child_seed(seed, "start"))

    def goal(self, world: World[Any], start: FlatState, *, seed: int) -> FlatState:
        """Where the first play from the start that gets elsewhere is after `ahead` decisions.

        Raises:
            InputError: if none of many does.
        """
        for number in range(MOST_PLAYS):
            agent, state = self.player(world), start
            agent.begin(world.spec, seed=child_seed(seed, "goal", number))
            for tick in range(self.ahead * self.hold):
                seen = world.observe(state, agent.signals)
                state = world.step(state, agent.act(seen, time_ns=tick * world.spec.tick_ns))
            if not any(self.reached(world, start, state)):
                return FlatState(state.row, 0)
        raise InputError("no play from this start gets elsewhere", got=start.row.tolist(), fix="Take one of arena.start(…).")

    def reached(self, world: World[Any], state: FlatState, goal: FlatState) -> Reached:
        if not (isinstance(world, WorldFlat) and isinstance(world.rules, Reacher)):
            raise InputError("this is not a world of the arena", where=self.name, got=world.spec.engine_version, fix="Use arena.world().")
        shoulder = abs((state.row[0] - goal.row[0] + np.pi) % (2 * np.pi) - np.pi)
        far = float(np.linalg.norm(Reacher.finger(state.row) - Reacher.finger(goal.row)))
        return Reached(bool(max(shoulder, abs(state.row[1] - goal.row[1])) < NEAR_RAD), far <= STRICT_M)

    def player(self, world: World[Any]) -> Agent:
        return AgentHeld(AgentTurner(world.spec.tick_ns * self.hold * 1e-9), hold=self.hold)


class AgentTurner:
    """Turns both joints towards angles drawn, then towards others, as hard and as straight as is drawn; now and then just somehow."""

    signals: tuple[str, ...] = ("embodiment_state@arm",)

    def __init__(self, decision_s: float) -> None:
        self._decision_s = decision_s

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._rng = generator(seed, "agent", "turner")
        self._left = 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if observation is None:
            raise ActionError("this agent looks before it acts", expected=", ".join(self.signals))
        row, rng = observation["embodiment_state@arm"], self._rng
        if self._left == 0:
            self._left = int(rng.integers(3, 15))
            self._aim = np.array([rng.uniform(-np.pi, np.pi), rng.uniform(-WRIST_RAD, WRIST_RAD)])
            self._pace, self._wanders = rng.uniform(0.15, 0.7), rng.random() < 0.25
        self._left -= 1
        if self._wanders:
            return {"arm": rng.uniform(-1.0, 1.0, 2)}
        way = self._aim - row[:2]
        way[0] = (way[0] + np.pi) % (2 * np.pi) - np.pi
        wanted = np.clip(way / (2.0 * self._decision_s), -self._pace * FULL_RAD_S, self._pace * FULL_RAD_S)
        return {"arm": np.clip(wanted / FULL_RAD_S + rng.normal(0.0, 0.1, 2), -1.0, 1.0)}
