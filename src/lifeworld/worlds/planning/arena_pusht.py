"""The arena `pusht`: push a T to where it lies in the goal's picture.

Rules: CLEAR-LeWM v0.9, EVALUATION_SPEC.md. A goal is 25 ticks further in a play; 50 ticks to get there; nothing moves at the start.
Moderate: disk and block, as four numbers, within 20 px, the block turned by less than 20°, at any tick; strict: the block within 10 px and
10°, wherever the disk is, for 3 ticks in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lifeworld.core.errors import ActionError, InputError
from lifeworld.core.seed import child_seed, generator
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.flat.engine import FlatState, WorldFlat
from lifeworld.worlds.flat.pusht import PX_M, PushT
from lifeworld.worlds.flat.rules import Rows
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.held import AgentHeld
from lifeworld.worlds.world import Action, Observation, World, WorldSpec

NEAR_PX, NEAR_RAD = 20.0, np.deg2rad(20.0)
STRICT_PX, STRICT_RAD = 10.0, np.deg2rad(10.0)
FIRST_TICKS = (0, 100)
"""A start comes after so many ticks of a play, at least and at most."""
FEW_PLAYS, MOST_PLAYS, MOST_STARTS = 8, 200, 200
BEHIND_PX = 70.0
"""How far behind the block's middle a push begins [px]."""


class ArenaPushT:
    """See the head of this file."""

    name = "pusht"
    source = "swm/PushT-v1 (stable-worldmodel 0.1.1), judged by CLEAR-LeWM v0.9"
    camera = "rgb@above"
    hold, budget, ahead, still = PushT.hold, 10, 5, 3
    seconds = 20.0
    signals: tuple[str, ...] = tuple(PushT.signals)
    variations: Mapping[str, Sequence[Mapping[str, Any]]] = {
        "agent_colour": ({"color": "#e03030"}, {"color": "#20a020"}),
        "agent_size": ({"radius_px": 10.0}, {"radius_px": 20.0}),
        "block_colour": ({"block_color": "#c07030"}, {"block_color": "#303030"}),
        "block_shape": tuple({"block": name} for name in ("small_T", "L", "Z", "square", "I", "+")),
        "background": ({"background": "#d0e8ff"}, {"background": "#ffe0c0"}),
        "mark": ({"mark": False}, {"mark_color": "#ff9090"}),
    }

    def world(self, **variation: Any) -> WorldFlat:
        return WorldFlat(PushT(**variation))

    def begin(self, world: World[Any], *, seed: int) -> FlatState:
        return world.reset(None, seed=seed)  # type: ignore[no-any-return]

    def start(self, world: World[Any], *, seed: int) -> FlatState:
        for number in range(MOST_STARTS):
            own = child_seed(seed, "start", number)
            ticks = int(generator(own, "ticks").integers(*FIRST_TICKS))
            played = self._played(world, self.begin(world, seed=own), seed=own, ticks=ticks)
            state = _resting(played)
            if np.all(np.abs(state.row[:2] - 256.0) < 256.0) and self._found(world, state, seed=seed, plays=FEW_PLAYS) is not None:
                return state
        raise InputError("no play moves the block enough from any start", where=self.name, fix="Vary it less.")

    def goal(self, world: World[Any], start: FlatState, *, seed: int) -> FlatState:
        """Where the first play from the start that moves the block enough is after `ahead` decisions.

        Raises:
            InputError: if none of many does.
        """
        found = self._found(world, start, seed=seed, plays=MOST_PLAYS)
        if found is None:
            raise InputError("no play from this start moves the block enough", got=start.row.tolist(), fix="Take one of arena.start(…).")
        return found

    def reached(self, world: World[Any], state: FlatState, goal: FlatState) -> Reached:
        if not (isinstance(world, WorldFlat) and isinstance(world.rules, PushT)):
            raise InputError("this is not a world of the arena", where=self.name, got=world.spec.engine_version, fix="Use arena.world().")
        here, there = state.row, goal.row
        turned = abs((here[4] - there[4] + np.pi) % (2 * np.pi) - np.pi)
        both, block = float(np.linalg.norm(here[:4] - there[:4])), float(np.linalg.norm(here[2:4] - there[2:4]))
        return Reached(bool(both < NEAR_PX and turned < NEAR_RAD), bool(block < STRICT_PX and turned < STRICT_RAD))

    def player(self, world: World[Any]) -> Agent:
        return AgentHeld(AgentNudger(), hold=self.hold)

    def _found(self, world: World[Any], start: FlatState, *, seed: int, plays: int) -> FlatState | None:
        for number in range(plays):
            end = self._played(world, start, seed=child_seed(seed, "goal", number), ticks=self.ahead * self.hold)
            if not any(self.reached(world, start, end)):
                return FlatState(end.row, 0)
        return None

    def _played(self, world: World[Any], state: FlatState, *, seed: int, ticks: int) -> FlatState:
        agent = self.player(world)
        agent.begin(world.spec, seed=seed)
        for tick in range(ticks):
            seen = world.observe(state, agent.signals)
            state = world.step(state, agent.act(seen, time_ns=tick * world.spec.tick_ns))
        return state


class AgentNudger:
    """Goes behind the block, pushes it towards a place drawn, then towards another; now and then it just goes about.

    How hard and how straight is drawn too, so that no action follows from the picture alone.
    """

    signals: tuple[str, ...] = ("embodiment_state@agent", "position_m")

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._rng = generator(seed, "agent", "nudger")
        self._left = 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if observation is None:
            raise ActionError("this agent looks before it acts", expected=", ".join(self.signals))
        rng, disk = self._rng, observation["embodiment_state@agent"][:2] / PX_M
        middle = observation["position_m"][:, :2].mean(axis=0) / PX_M  # its centre of gravity
        if self._left == 0:
            self._left = int(rng.integers(3, 10))
            self._aim, self._wanders = rng.uniform(100.0, 412.0, 2), rng.random() < 0.15
            self._offset, self._pace = rng.normal(0.0, 25.0, 2), rng.uniform(0.15, 0.45)
        self._left -= 1
        way = self._way(disk, middle)
        straight = self._pace * way / max(float(np.linalg.norm(way)), 20.0)
        return {"agent": np.clip(straight + rng.normal(0.0, 0.06, 2), -1.0, 1.0)}

    def _way(self, disk: Rows, middle: Rows) -> Rows:
        if self._wanders:
            return self._aim - disk
        along = self._aim - middle
        along = along / max(float(np.linalg.norm(along)), 1e-6)
        offset = disk - (middle + self._offset)
        back = float(offset @ along)
        aside = offset - back * along
        if back < -20.0 and np.linalg.norm(aside) < 30.0:  # behind it: push
            return np.asarray(along - aside / 40.0)
        if back > 0 and np.linalg.norm(aside) < BEHIND_PX:  # in front of it: round it
            return np.asarray(1.5 * aside / max(float(np.linalg.norm(aside)), 1e-6) - along)
        return middle + self._offset - BEHIND_PX * along - disk


def _resting(state: FlatState) -> FlatState:
    """The same, nothing moving, its clock at 0."""
    row = state.row.copy()
    row[5:] = 0.0
    row.flags.writeable = False
    return FlatState(row, 0)
