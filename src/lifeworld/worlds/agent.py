"""Who decides: an agent turns what it was shown into actions. It acts through embodiments and knows nothing of engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, UnknownName
from lifeworld.core.seed import generator
from lifeworld.scene.scene import Scene
from lifeworld.worlds.pusher import AgentPusher
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


@runtime_checkable
class Noting(Protocol):
    """An agent that says what it is at, beside what it does: whoever records keeps that too.

    After `begin`, `notes` are the streams it will say (stream → signal) and `legend` the words that their numbers stand for.
    """

    notes: Mapping[str, str]
    legend: Mapping[str, tuple[str, ...]]

    def noted(self) -> Mapping[str, NDArray[Any]]:
        """A value of each stream, of the step it decided on last."""
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


class AgentCurious:
    """Goes from thing to thing and meddles: hands and pushers head for a thing drawn at random, push past it, then draw another.

    Embodiments that cannot reach for things (cameras, walkers, robots) wander as `AgentRandom` does, more slowly.

    Args:
        visit_s: how long one thing keeps it busy [s].
    """

    signals: tuple[str, ...] = ()

    def __init__(self, *, visit_s: float = 1.6) -> None:
        self._visit_ns = round(visit_s * 1e9)
        self._wander = AgentRandom(scale=0.15)

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._spec = spec
        self._rng = generator(seed, "agent", "curious")
        self._wander.begin(spec, seed=seed)
        self._reaching = [a for a in spec.actions if {"grip", "x_m_s"} & set(a.labels) and f"embodiment_state@{a.name}" in spec.signals]
        states = tuple(f"embodiment_state@{a.name}" for a in self._reaching)
        self.signals = ("position_m", *states) if states and spec.things else ()
        self._until_ns = {a.name: 0 for a in self._reaching}
        self._goal = {a.name: (0, np.zeros(3)) for a in self._reaching}

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        out = dict(self._wander.act(observation, time_ns=time_ns))
        if observation is None or not self.signals:
            return out
        places = observation["position_m"]
        for action in self._reaching:
            hand = "grip" in action.labels
            here = observation[f"embodiment_state@{action.name}"][: 3 if hand else 2]
            if time_ns >= self._until_ns[action.name]:
                near = np.argsort(np.linalg.norm(places[:, : len(here)] - here, axis=1))[:8]
                past = np.append(self._rng.normal(0.0, 0.07, 2), self._rng.uniform(0.0, 0.06))
                self._goal[action.name] = (int(self._rng.choice(near)), past)
                self._until_ns[action.name] = time_ns + self._visit_ns
            thing, past = self._goal[action.name]
            # A hand reaches down with its fingertips, which are 9 cm below the palm.
            late = 1.0 - (self._until_ns[action.name] - time_ns) / self._visit_ns
            through = 1.0 if late < 0.6 else -1.5  # comes to one side, then sweeps across
            goal = places[thing] + past * (through, through, 1.0) + (0.0, 0.0, 0.09 if hand else 0.0)
            lift = 0.18 * max(0.0, 0.4 - late) if hand else 0.0  # comes from above
            speed = 3.0 * (goal[: len(here)] - here + (np.array([0.0, 0.0, lift]) if hand else 0.0))
            value = np.asarray(action.rest, dtype=np.float64).copy()
            value[: len(here)] = np.clip(speed, action.low[: len(here)], action.high[: len(here)])
            if hand:
                value[-1] = 1.0 if late < 0.6 else 0.0  # closes on what is there
            out[action.name] = value
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


AGENTS: dict[str, Callable[[], Agent]] = {"curious": AgentCurious, "pusher": AgentPusher, "random": AgentRandom, "rest": AgentRest}
"""Agents that need nothing to begin, by name: somebody who reaches for things, who pushes them about, who wanders, nobody."""


def agent_of(name: str, scene: Scene, *, assets: Path) -> Agent:
    """The agent of this name: one of `AGENTS`, or an expert with its task (`pick_and_place:apple,plate`) in this scene.

    Raises:
        UnknownName: for another name.
        InputError: for a task that is not one of this scene.
    """
    if name in AGENTS:
        return AGENTS[name]()
    from lifeworld.worlds.experts.expert import AgentExpert
    from lifeworld.worlds.experts.task import TASK_KINDS, is_task

    if not is_task(name):
        known = [*AGENTS, *TASK_KINDS]
        raise UnknownName("agent", name, known, fix=f"There are {', '.join(known)}; the last six take things: push:mug,can.")
    return AgentExpert(name, scene, assets=assets)
