"""The loop gets where it plans to, counts what it took, and is judged beside chance, pair by pair."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bowl import Bowl
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.scene import starter
from lifeworld.scene.place import place
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.planning.arena import Reached, judged
from lifeworld.worlds.planning.cem import CEM
from lifeworld.worlds.planning.cost_goal import CostGoal, all_so, wanted
from lifeworld.worlds.planning.cost_image import CostImage
from lifeworld.worlds.planning.cost_state import CostState
from lifeworld.worlds.planning.errand import Errand, Pace, errands_in_words
from lifeworld.worlds.planning.icem import ICEM
from lifeworld.worlds.planning.judge import judge
from lifeworld.worlds.planning.mind import Behind, Inside, Mind
from lifeworld.worlds.planning.planners import planner_of
from lifeworld.worlds.planning.pursue import Pursuit, pursue
from lifeworld.worlds.planning.success import excess, rate

QUICK = ICEM(horizon=3, samples=32, rounds=3, elites=4)


def near(goal: np.ndarray, state: np.ndarray) -> Reached:
    far = float(np.linalg.norm(state - goal))
    return Reached(far < 0.1, far < 0.02)


def errand(start: tuple[float, float], goal: tuple[float, float], *, seed: int = 0) -> Errand:
    there = np.array(goal)
    return Errand(
        start=np.array(start), goal=there, reached=partial(near, there), wanting=lambda mind: CostState.like(mind.world, there), seed=seed
    )


def gone(one: Errand, **how: int) -> Pursuit:
    world = Bowl()
    mind: Mind = Inside(world, how.get("hold", 1))
    planner = replace(QUICK, hold=mind.hold)
    pace = {"hold": 1, "budget": 20, "seed": 3, **how}
    return pursue(world, one.start, mind=mind, planner=planner, cost=one.wanting(mind), reached=one.reached, **pace)


@settings(max_examples=15, deadline=None)
@given(angle=st.floats(0, 6.28), far=st.floats(0.2, 0.8), hold=st.integers(1, 3))
def test_a_pursuit_gets_there_and_comes_again(angle: float, far: float, hold: int) -> None:
    one = errand((0.0, 0.0), (far * math.cos(angle), far * math.sin(angle)))
    pursuit, same = (gone(one, hold=hold) for _ in range(2))
    assert pursuit.moderate is not None
    assert 1 <= pursuit.moderate <= pursuit.decisions
    assert pursuit.decisions == len(pursuit.actions["point"]) == len(pursuit.plans) == len(pursuit.plan_s)
    np.testing.assert_array_equal(pursuit.actions["point"], same.actions["point"])
    state = one.start
    for action, then in zip(pursuit.actions["point"][:-1], pursuit.states[1:], strict=False):
        for _ in range(hold):
            state = Bowl().step(state, {"point": action})
        np.testing.assert_array_equal(state, then)


@pytest.mark.parametrize("follow", [1, 2, 3])
def test_a_plan_is_followed_for_as_long_as_was_said(follow: int) -> None:
    pursuit = gone(errand((0.0, 0.0), (5.0, 0.0)), follow=follow, budget=7)
    assert pursuit.moderate is None
    assert pursuit.decisions == 7
    assert len(pursuit.plans) == -(-7 // follow)
    for number, plan in enumerate(pursuit.plans):
        rows = pursuit.actions["point"][number * follow : (number + 1) * follow]
        np.testing.assert_array_equal(plan.actions["point"][: len(rows)], rows)


def test_the_strict_rule_has_to_hold_as_long_as_was_said() -> None:
    one, world = errand((0.0, 0.0), (0.3, 0.0)), Bowl()
    quick, long = (gone(one, hold=2, steady=steady) for steady in (1, 4))
    assert quick.strict is not None
    assert long.strict is not None
    assert long.strict > quick.strict
    assert world.observe(long.states[-1], ()) is not None


def test_neither_rule_ends_what_the_other_asks_for() -> None:
    def reached(state: np.ndarray) -> Reached:  # the strict rule is the easier one
        far = float(np.linalg.norm(state - one.goal))
        return Reached(far < 0.02, far < 0.25)

    one = errand((0.0, 0.0), (0.6, 0.0))
    pursuit = gone(replace(one, reached=reached))
    assert pursuit.moderate is not None
    assert pursuit.strict is not None
    assert pursuit.strict < pursuit.moderate == pursuit.decisions
    arena: Any = SimpleNamespace(reached=lambda _world, state, _goal: reached(state), still=1)
    assert judged(arena, Bowl(), one.goal, pursuit.states) == Reached(True, True)


def test_what_is_so_from_the_start_is_not_judged() -> None:
    with pytest.raises(InputError, match="before anything is done"):
        gone(errand((0.0, 0.0), (0.05, 0.0)))


def test_two_worlds_that_take_other_actions_are_told_apart() -> None:
    one = errand((0.0, 0.0), (1.0, 0.0))
    mind = Inside(Bowl(size=3), 1)
    with pytest.raises(InputError, match="knows other actions") as error:
        pursue(Bowl(), one.start, mind=mind, planner=QUICK, cost=None, reached=one.reached, hold=1, budget=2, seed=0)  # type: ignore[arg-type]
    assert "point (3 numbers)" in str(error.value)


def test_errands_are_judged_beside_chance_and_apart_from_each_other() -> None:
    world = Bowl()
    errands = [errand((0.0, 0.0), (0.7 * math.cos(a), 0.7 * math.sin(a)), seed=i) for i, a in enumerate(np.linspace(0, 6, 12))]
    pace = Pace(hold=1, budget=12)
    both = judge(world, errands, mind=Inside(world, 1), planner=QUICK, pace=pace)
    assert both.moderate.reached.value == 1.0
    assert both.moderate.random.value < 0.4
    assert both.moderate.excess.low > 0.2
    assert both.moderate.excess.value == pytest.approx(both.moderate.reached.value - both.moderate.random.value)
    assert both.price.plans == both.price.decisions
    few = judge(world, errands[5:7], mind=Inside(world, 1), planner=QUICK, pace=pace)
    for alone, among in zip((*few.pursuits, *few.floors), (*both.pursuits[5:7], *both.floors[5:7]), strict=True):
        np.testing.assert_array_equal(alone.actions["point"], among.actions["point"])
    with pytest.raises(InputError, match="nothing is to be reached"):
        judge(world, [], mind=Inside(world, 1), planner=QUICK, pace=pace)


# -- counting ----------------------------------------------------------------------------------------------------------------


def test_the_excess_is_newcombes_own_example() -> None:
    """His paper (1998), method 10: of 50 pairs 36 both, 12 and 2 of one only, none neither."""
    pairs = [(True, True)] * 36 + [(True, False)] * 12 + [(False, True)] * 2
    found = excess(np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0569, 0.3404)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_an_excess_lies_in_its_interval_and_turns_with_its_pairs(pairs: list[tuple[bool, bool]]) -> None:
    mine, floor = (np.array([pair[i] for pair in pairs]) for i in (0, 1))
    one, other = excess(mine, floor), excess(floor, mine)
    assert -1.0 - 1e-12 <= one.low <= one.value <= one.high <= 1.0 + 1e-12
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    assert rate(mine).low <= rate(mine).value <= rate(mine).high
    with pytest.raises(ShapeError):
        excess(mine, np.append(floor, True))


def test_an_excess_covers_the_truth() -> None:
    rng, held, n = np.random.default_rng(0), 0, 60
    for _ in range(600):
        same = rng.random(n) < 0.4  # half of the luck is the goal's
        luck = rng.random(n)
        mine, floor = (np.where(same, luck, rng.random(n)) < p for p in (0.7, 0.3))
        found = excess(mine, floor)
        held += found.low <= 0.4 <= found.high
    assert 0.93 <= held / 600 <= 0.99


# -- costs and minds in physics ----------------------------------------------------------------------------------------------


def test_costs_are_nothing_at_the_goal_and_something_elsewhere() -> None:
    world = WorldPhysics(renderer="rays")
    scene = place(starter.load("push_table"), seed=1)
    start = world.reset(scene, seed=1)
    push = {"pusher": np.tile([0.2, 0.9], (1, 60, 1))}
    ends, _ = world.rollout([start], push, ())
    for cost in (CostState.like(world, ends[0]), CostImage.like(world, ends[0])):
        _, seen = world.rollout([start], push, cost.signals)
        spent = cost.of(seen)
        assert spent.shape == (1, 60)
        assert spent[0, -1] == pytest.approx(0.0, abs=1e-9)
        assert spent[0, 0] > 1e-4
        assert (spent >= 0).all()


def test_goals_in_words_cost_nothing_once_they_are_so() -> None:
    world = WorldPhysics(renderer="rays")
    scene = place(starter.load("push_table"), seed=4)
    errands = list(errands_in_words("the drum left of the brick", world, scene, count=1, seed=4, pictured=True))
    goal, start = errands[0].goal, errands[0].start
    assert errands[0].reached(goal).moderate
    assert not errands[0].reached(start).moderate
    cost = CostGoal.for_goals(world.scene(start))
    rested = {"pusher": np.zeros((1, 1, 2))}
    spent = [float(cost.of(world.rollout([state], rested, cost.signals)[1])[0, 0]) for state in (goal, start)]
    assert spent[0] == 0.0
    assert spent[1] > 0.1
    assert not all_so(world, start).moderate


def test_who_reaches_for_a_thing_is_on_the_way_to_a_goal() -> None:
    world = WorldPhysics(renderer="rays")
    start = world.reset(wanted("the block touching the tile", place(starter.load("push_table"), seed=2)), seed=2)
    cost = CostGoal.for_goals(world.scene(start))
    block = world.observe(start, ("center_of_mass_m",))["center_of_mass_m"][world.spec.things.index("block"), :2]
    towards = 0.4 * block / np.linalg.norm(block)
    both = np.stack([np.tile(towards, (12, 1)), np.tile(-towards, (12, 1))])
    spent = cost.of(world.rollout([start] * 2, {"pusher": both}, cost.signals)[1])
    assert spent[0, -1] < spent[1, -1]


def test_a_mind_behind_a_camera_says_what_does_not_fit() -> None:
    world = WorldPhysics(renderer="rays", frame_ticks=4)
    world.reset(starter.load("push_table"), seed=0)
    with pytest.raises(InputError, match="another camera") as error:
        Behind.of(Bowl(), world, camera="rgb@side", context=1, hold=5)
    assert "rgb@above" in str(error.value)
    assert Behind.of(Bowl(), world, camera="rgb@above", context=1, hold=5).hold == 5

    class Slow(Bowl):
        @property
        def spec(self):  # type: ignore[no-untyped-def]
            return replace(super().spec, tick_ns=80_000_000)

    with pytest.raises(InputError, match="pace of decisions") as error:
        Behind.of(Slow(), world, camera="rgb@above", context=1, hold=5)
    assert "10 pictures a second" in str(error.value)


def test_planners_go_by_name_and_say_what_they_have_not() -> None:
    assert planner_of("cem", samples=64, rounds=None) == CEM(samples=64, elites=8)
    with pytest.raises(InputError, match="amortised has no elites"):
        planner_of("amortised", elites=3)
    with pytest.raises(InputError, match="no planner 'cme'"):
        planner_of("cme")
