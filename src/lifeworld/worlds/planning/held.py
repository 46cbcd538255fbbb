"""Somebody who decides at a pace: between two decisions the same is done."""

from __future__ import annotations

from lifeworld.worlds.agent import Agent
from lifeworld.worlds.world import Action, Observation, WorldSpec


class AgentHeld:
    """An agent that is asked once in `hold` ticks and holds what it said."""

    def __init__(self, agent: Agent, *, hold: int) -> None:
        self._agent, self._hold = agent, hold
        self.signals: tuple[str, ...] = agent.signals

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._agent.begin(spec, seed=seed)
        self.signals = self._agent.signals
        self._left = 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if self._left == 0:
            self._said, self._left = self._agent.act(observation, time_ns=time_ns), self._hold
        self._left -= 1
        return self._said
