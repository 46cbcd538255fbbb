"""The arena `tworoom`: get a dot through a doorway to where it is in the goal's picture.

Rules: CLEAR-LeWM v0.9, EVALUATION_SPEC.md. A start and a goal lie in opposite rooms, 25 ticks apart in one play; 50 ticks to get there;
moderate: within 16 px at any tick; strict: within 8 px, on the goal's side (nobody gets there but by a legal crossing: the rules of
`TwoRoom` sweep the whole disk).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, InputError
from lifeworld.core.seed import child_seed, generator
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.flat.engine import FlatState, WorldFlat
from lifeworld.worlds.flat.tworoom import MIDDLE_PX, TwoRoom
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.held import AgentHeld
from lifeworld.worlds.world import Action, Observation, World, WorldSpec

NEAR_PX, STRICT_PX = 16.0, 8.0
MOST_PLAYS = 400
"""Plays from a start that are looked at for one that crosses; starts from which hardly any does are drawn anew."""
FEW_PLAYS = 40


class ArenaTwoRoom:
    """See the head of this file."""

    name = "tworoom"
    source = "swm/TwoRoom-v1 (stable-worldmodel 0.1.1), judged by CLEAR-LeWM v0.9"
    camera = "rgb@above"
    hold, budget, ahead, still = TwoRoom.hold, 10, 5, 1
    seconds = 20.0
    signals: tuple[str, ...] = tuple(TwoRoom.signals)
    variations: Mapping[str, Sequence[Mapping[str, Any]]] = {
        "agent_colour": ({"color": "#0000ff"}, {"color": "#00a000"}, {"color": "#ff8000"}),
        "agent_size": ({"radius_px": 9.0}, {"radius_px": 12.0}),
        "agent_speed": ({"speed_px": 3.5}, {"speed_px": 7.0}),
        "background": ({"background": "#d0e8ff"}, {"background": "#ffe0c0"}, {"background": "#808080"}),
        "wall_colour": ({"wall_color": "#804000"}, {"wall_color": "#a0a0a0"}),
        "wall_thickness": ({"wall_px": 20}, {"wall_px": 30}),
        "doorway": ({"door_px": (112.0,)}, {"door_px": (175.0,)}, {"door_px": (49.0, 150.0)}),
        "wall_direction": ({"across": True},),
    }

    def world(self, **variation: Any) -> WorldFlat:
        return WorldFlat(TwoRoom(**variation))

    def begin(self, world: World[Any], *, seed: int) -> FlatState:
        return world.reset(None, seed=seed)  # type: ignore[no-any-return]

    def start(self, world: World[Any], *, seed: int) -> FlatState:
        """A place from which some plays cross; the goal of this seed is where the first of them does."""
        for number in range(MOST_PLAYS):
            state: FlatState = world.reset(None, seed=child_seed(seed, "start", number))
            if self._crossing(world, state, seed=seed, plays=FEW_PLAYS) is not None:
                return state
        raise InputError("no play crosses from any start", where=self.name, fix="Widen the doorway, or make the dot faster.")

    def goal(self, world: World[Any], start: FlatState, *, seed: int) -> FlatState:
        """Where a play from the start is after `ahead` decisions, in the other room.

        Raises:
            InputError: if it is so far from the doorway that none is.
        """
        found = self._crossing(world, start, seed=seed, plays=MOST_PLAYS)
        if found is None:
            raise InputError("no play from this start gets into the other room", got=start.row.tolist(), fix="Take one of arena.start(…).")
        return found

    def reached(self, world: World[Any], state: FlatState, goal: FlatState) -> Reached:
        far = float(np.linalg.norm(state.row - goal.row))
        rules = rules_of(world)
        return Reached(far < NEAR_PX, far < STRICT_PX and bool(rules.side(state.row) == rules.side(goal.row)))

    def player(self, world: World[Any]) -> Agent:
        return AgentHeld(AgentRoamer(rules_of(world)), hold=self.hold)

    def _crossing(self, world: World[Any], start: FlatState, *, seed: int, plays: int) -> FlatState | None:
        """The end of the first play that ends in the other room, farther than either rules call reached; None without one."""
        rules = rules_of(world)
        room = rules.side(start.row)
        way = np.linalg.norm(start.row - [rules.door(i) for i in range(len(rules.door_px))], axis=1).min() + rules.thick_px
        if room < 0 or way > self.ahead * self.hold * rules.speed_px * np.sqrt(2.0):
            return None
        for number in range(plays):
            agent, state = self.player(world), start
            agent.begin(world.spec, seed=child_seed(seed, "goal", number))
            for tick in range(self.ahead * self.hold):
                seen = world.observe(state, agent.signals)
                state = world.step(state, agent.act(seen, time_ns=tick * world.spec.tick_ns))
            if rules.side(state.row) == 1 - room and not self.reached(world, start, state).moderate:
                return FlatState(state.row, 0)
        return None


class AgentRoamer:
    """Goes to places drawn in both rooms, through the nearest doorway where one lies beyond the wall; now and then it just goes.

    How fast it is, how straight and how long it keeps to a place is drawn too, so that no action follows from the picture alone.
    """

    signals: tuple[str, ...] = ("embodiment_state@agent",)

    def __init__(self, rules: TwoRoom) -> None:
        self._rules = rules

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._rng = generator(seed, "agent", "roamer")
        self._left = 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if observation is None:
            raise ActionError("this agent looks before it acts", expected=", ".join(self.signals))
        here, rng = observation["embodiment_state@agent"], self._rng
        if self._left == 0:
            self._left = int(rng.integers(3, 13))
            self._target = self._rules.begin(seed=int(rng.integers(2**62)))
            self._pace, self._wanders = rng.uniform(0.5, 1.4), rng.random() < 0.2
        self._left -= 1
        if self._wanders:
            return {"agent": rng.uniform(-1.0, 1.0, 2)}
        way = self._waypoint(here) - here
        straight = self._pace * way / max(float(np.linalg.norm(way)), 1e-6)
        return {"agent": np.clip(straight + rng.normal(0.0, 0.25, 2), -1.0, 1.0)}

    def _waypoint(self, here: NDArray[np.float64]) -> NDArray[np.float64]:
        """The target, or the way to it through the nearest doorway: first before it, then behind."""
        rules, aim = self._rules, self._target
        there, room = rules.side(aim), rules.side(here)
        if room == there:
            return aim
        doors = [rules.door(number) for number in range(len(rules.door_px))]
        door = min(doors, key=lambda middle: float(np.linalg.norm(middle - here)))
        beyond = np.zeros(2)
        beyond[rules.through] = 1.2 * rules.thick_px * np.sign(aim[rules.through] - MIDDLE_PX)
        beside = abs(here[1 - rules.through] - door[1 - rules.through])
        before = abs(here[rules.through] - MIDDLE_PX) < 1.6 * rules.thick_px and beside < rules.door_half_px - rules.radius_px
        return door + beyond if before else door - beyond


def rules_of(world: World[Any]) -> TwoRoom:
    """The rules of a world of this arena.

    Raises:
        InputError: if it is of another.
    """
    if not (isinstance(world, WorldFlat) and isinstance(world.rules, TwoRoom)):
        raise InputError(
            "this is not a world of the arena", where=ArenaTwoRoom.name, got=world.spec.engine_version, fix="Use arena.world()."
        )
    return world.rules
