"""Planners find what is known to be best, within bounds, the same each time; and say what they lack."""

from __future__ import annotations

import numpy as np
import pytest
from bowl import PLACE, Bowl, Knowing, Slope
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError
from lifeworld.worlds.planning.amortised import Amortised
from lifeworld.worlds.planning.cem import CEM
from lifeworld.worlds.planning.cost_state import CostState
from lifeworld.worlds.planning.decisions import Decisions, tried
from lifeworld.worlds.planning.gradient import Gradient
from lifeworld.worlds.planning.icem import ICEM, coloured
from lifeworld.worlds.planning.mppi import MPPI
from lifeworld.worlds.planning.planner import Planned, Planner
from lifeworld.worlds.planning.undirected import Undirected

HORIZON = 4
SAMPLING = (
    CEM(horizon=HORIZON, samples=64, rounds=12, elites=8),
    ICEM(horizon=HORIZON, samples=128, rounds=8, elites=8),
    MPPI(horizon=HORIZON, samples=64, rounds=12),
)
ALL: tuple[tuple[Planner, Bowl], ...] = (
    *((planner, Bowl()) for planner in SAMPLING),
    (Gradient(horizon=HORIZON, samples=4, rounds=60), Slope()),
    (Amortised(horizon=HORIZON, samples=8), Knowing()),
)
NAMES = [type(planner).__name__ for planner, _ in ALL]
places = st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))


def best_cost(start: np.ndarray, goal: np.ndarray, pace: float, decisions: int) -> float:
    """What going straight there costs, each direction by itself: nothing is cheaper."""
    way = np.abs(goal - start)[None] - pace * np.arange(1, decisions + 1)[:, None]
    return float(np.square(np.maximum(way, 0.0)).sum())


@pytest.mark.parametrize(("planner", "world"), ALL, ids=NAMES)
@settings(max_examples=12, deadline=None)
@given(start=places, goal=places, seed=st.integers(0, 2**32))
def test_a_plan_is_nearly_as_good_as_the_best_there_is(planner: Planner, world: Bowl, start, goal, seed: int) -> None:
    here, there = world.reset(np.array(start), seed=0), np.array(goal)
    cost = CostState.like(world, there)
    plan = planner.plan(world, here, cost, seed=seed)
    nothing = HORIZON * float(np.square(there - here).sum())
    best = best_cost(here, there, world.pace, HORIZON)
    assert best - 1e-12 <= plan.cost <= best + 0.2 * (nothing - best) + 2e-3
    course = world.rollout([here], {"point": plan.actions["point"][None]}, (PLACE,))[1]
    assert float(cost.of(course).sum()) == pytest.approx(plan.cost, abs=1e-12), "it costs what it says"


@pytest.mark.parametrize(("planner", "world"), [*ALL, (Undirected(horizon=HORIZON), Bowl())], ids=[*NAMES, "Undirected"])
def test_plans_keep_to_their_bounds_and_come_again(planner: Planner, world: Bowl) -> None:
    world = type(world)(low=-0.3, high=0.2)
    cost = CostState.like(world, np.array([5.0, -5.0]))
    plan, same = (planner.plan(world, np.zeros(2), cost, seed=7) for _ in range(2))
    assert plan.actions["point"].shape == (HORIZON, 2)
    assert (plan.actions["point"] >= -0.3).all()
    assert (plan.actions["point"] <= 0.2).all()
    np.testing.assert_array_equal(plan.actions["point"], same.actions["point"])
    assert (plan.steps, plan.cost) == (same.steps, pytest.approx(same.cost, nan_ok=True))


@pytest.mark.parametrize("planner", SAMPLING, ids=NAMES[:3])
def test_beginning_from_a_good_plan_loses_nothing(planner: Planner) -> None:
    world, there = Bowl(), np.array([0.3, -0.35])
    cost = CostState.like(world, there)
    best = Knowing().toward(np.zeros(2), cost, ticks=HORIZON)
    begun = planner.plan(world, np.zeros(2), cost, seed=1, before=Planned(actions=best, cost=0.0, steps=0))
    assert begun.cost <= best_cost(np.zeros(2), there, world.pace, HORIZON) + 1e-9


@pytest.mark.parametrize("planner", SAMPLING, ids=NAMES[:3])
def test_a_held_decision_is_tried_as_it_is_followed(planner: Planner) -> None:
    held = type(planner)(horizon=2, hold=3, samples=32, rounds=6)
    world, cost = Bowl(), CostState.like(Bowl(), np.array([0.5, 0.2]))
    plan = held.plan(world, np.zeros(2), cost, seed=0)
    rows = plan.actions["point"]
    assert rows.shape == (6, 2)
    assert (rows[:3] == rows[0]).all()
    assert (rows[3:] == rows[3]).all()
    seen = world.rollout([np.zeros(2)], {"point": rows[None]}, (PLACE,))[1]
    assert float(cost.of(seen)[0, 2::3].sum()) == pytest.approx(plan.cost), "looked at when each decision is over"


@settings(max_examples=20, deadline=None)
@given(hold=st.integers(1, 4), decisions=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_plans_are_told_and_heard(hold: int, decisions: int, seed: int) -> None:
    one = Decisions.of(Bowl(size=3).spec, hold=hold)
    plan = np.random.default_rng(seed).uniform(-1, 1, (decisions, 3))
    actions = one.planned(plan, cost=0.0, steps=0).actions
    np.testing.assert_array_equal(one.heard(actions, decisions), plan)
    np.testing.assert_array_equal(one.heard(actions, decisions + 2)[decisions:], np.stack([plan[-1]] * 2))
    rest = Planned(actions=actions, cost=0.0, steps=0).rest(hold)
    assert (rest is None) == (decisions == 1)
    if rest is not None:
        np.testing.assert_array_equal(one.heard(rest.actions, decisions - 1), plan[1:])


@settings(max_examples=12, deadline=None)
@given(colour=st.floats(0.0, 3.0), length=st.integers(1, 12))
def test_noise_has_unit_variance_and_its_colour(colour: float, length: int) -> None:
    noise = coloured(np.random.default_rng(0), (4000, length, 2), colour)
    assert float(noise.std()) == pytest.approx(1.0, abs=0.04)
    if length > 3 and colour > 1.0:
        along = float((noise[:, 1:] * noise[:, :-1]).mean())
        assert along > 0.2, "what is smooth in time is like what was before"


def test_who_tries_says_what_is_no_number() -> None:
    world, cost = Bowl(), CostState.like(Bowl(), np.zeros(2))
    with pytest.raises(InputError, match="a future costs no number"):
        tried(world, np.array([np.nan, 0.0]), np.zeros((4, 2, 2)), cost, Decisions.of(world.spec, hold=1))


@pytest.mark.parametrize("planner", [Gradient(), Amortised()])
def test_who_lacks_what_a_planner_needs_says_so(planner: Planner) -> None:
    with pytest.raises(InputError, match="this world does not know") as error:
        planner.plan(Bowl(), np.zeros(2), CostState.like(Bowl(), np.zeros(2)), seed=0)
    assert "--planner icem" in str(error.value)


@pytest.mark.parametrize("how", [{"horizon": 0}, {"samples": 0}, {"rounds": 0}, {"hold": 0}, {"samples": 5, "elites": 6}])
def test_a_planner_that_draws_nothing_is_refused(how: dict[str, int]) -> None:
    with pytest.raises(InputError):
        CEM(**how)


def test_a_number_without_bounds_is_refused() -> None:
    with pytest.raises(InputError, match="draws within bounds"):
        Decisions.of(Bowl(high=np.inf).spec, hold=1)
