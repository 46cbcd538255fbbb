"""Planning as it is judged: starts are what is counted, random is beside it, and the intervals are worth their name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.interval import wilson
from lifeworld.evaluate.planning import Course, excess, planning, share
from lifeworld.evaluate.section import Section
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.manifest import freeze
from lifeworld.worlds.planning.mind import Inside
from lifeworld.worlds.planning.planners import planner_of
from lifeworld.worlds.planning.undirected import Undirected

calm = settings(deadline=None, max_examples=30)
hits = st.lists(st.booleans(), min_size=2, max_size=60).map(lambda each: np.array(each, dtype=np.float64))


@given(hits)
@calm
def test_one_try_each_is_wilson(each):
    found = share(each, 1)
    assert (found.low, found.high) == pytest.approx(wilson(int(each.sum()), len(each)))


@given(hits, st.integers(2, 5))
@calm
def test_tries_that_all_end_alike_say_no_more_than_one(each, tries):
    assert share(each, tries) == pytest.approx(share(each, 1), abs=0.02)


def test_tries_that_have_nothing_to_do_with_each_other_all_count():
    rng = np.random.default_rng(0)
    each = rng.binomial(4, 0.5, 5000) / 4
    found, all_of_them = share(each, 4), wilson(int(each.sum() * 4), 20_000)
    assert (found.low, found.high) == pytest.approx(all_of_them, abs=0.002)


@given(hits, st.integers(1, 3))
@calm
def test_nobody_is_better_than_themselves(each, tries):
    found = excess(each, each, tries)
    assert found.value == 0
    assert found.low <= 0 <= found.high


@given(hits, st.randoms(use_true_random=False))
@calm
def test_the_excess_lies_in_its_interval_and_there_and_back_is_the_same(mine, random):
    floor = np.array(random.sample(mine.tolist(), len(mine)))
    there, back = excess(mine, floor, 1), excess(floor, mine, 1)
    assert there.low - 1e-12 <= there.value <= there.high + 1e-12
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_nineteen_of_twenty_intervals_hold_the_truth():
    """Starts that differ in how hard they are, 60 of them with three tries each, again and again."""
    rng, held = np.random.default_rng(1), np.zeros(2)
    for _ in range(2000):
        easy = rng.beta(2, 2, 60)
        mine, floor = rng.binomial(3, easy) / 3, rng.binomial(3, easy * 0.4) / 3
        reached, more = share(mine, 3), excess(mine, floor, 3)
        held += [reached.low <= 0.5 <= reached.high, more.low <= 0.3 <= more.high]
    assert (abs(held / 2000 - 0.95) < 0.015).all()


def tried(planner, *, seed: int = 0, starts: int, tries: int, varied: int = 0) -> Section:
    course = Course.of(freeze(named("tworoom"), count=starts, seed=seed), tries=tries, varied=varied)
    hold = named("tworoom").hold
    return planning("the world itself", "a" * 64, lambda true: Inside(true, hold), lambda mind: planner, course, seed=seed)


def test_plans_in_the_world_itself_reach_more_than_chance_and_the_same_each_time():
    planner = planner_of("icem", samples=24, rounds=2, hold=named("tworoom").hold)
    runs = [{each.name: each for each in tried(planner, starts=3, tries=2).measured} for _ in range(2)]
    numbers = runs[0]
    assert numbers["success"].value > numbers["success"].floors[0].value
    assert numbers["excess"].value == pytest.approx(numbers["success"].value - numbers["success"].floors[0].value)
    assert numbers["success_strict"].value <= numbers["success"].value
    assert len(numbers["success"].raw) == len(numbers["excess"].raw) == 3
    assert 0 < numbers["plan_steps"].value < numbers["plan_steps"].floors[0].value
    assert numbers | {"plan_ms": runs[1]["plan_ms"]} == runs[1]


def test_every_factor_of_the_arena_is_varied():
    section = tried(Undirected(horizon=1, hold=named("tworoom").hold), starts=2, tries=1, varied=1)
    names = {each.name: each.data_sha256 for each in section.measured}
    varied = {f"success_{factor}" for factor in named("tworoom").variations}
    assert varied <= names.keys()
    assert len({names[each] for each in varied}) == len(varied)  # errands of their own
    assert not section.without


def test_who_plans_nothing_is_told_from_chance_by_nothing():
    section = tried(Undirected(horizon=1, hold=named("tworoom").hold), starts=4, tries=1)
    numbers = {each.name: each for each in section.measured}
    assert numbers["excess"].above_floor is None
    assert numbers["plan_steps"].value == 0
    (curve,) = section.curves
    assert all(line.y[0] == 0 and list(line.y) == sorted(line.y) for line in curve.lines)
    assert "not asked for" in next(iter(section.without.values()))
    other = {each.name: each for each in tried(Undirected(horizon=1, hold=named("tworoom").hold), starts=4, tries=1, seed=1).measured}
    assert other["success"].data_sha256 != numbers["success"].data_sha256
