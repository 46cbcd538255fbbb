"""Rehearsals: the same futures whoever rolls them, answers that agree with each other, and what is lost is said to be lost."""

from __future__ import annotations

import math
import os
import signal
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from small import AT_END, FALLS, STAYS, bumps, moment

from lifeworld.core.errors import InputError, LimitError, SceneError, UnknownName
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Push
from lifeworld.scene.edit import Add, Set
from lifeworld.scene.event import Event
from lifeworld.scene.outcome import Outcome
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.rehearse import risk as rehearsing
from lifeworld.worlds.rehearse import roll as rolling
from lifeworld.worlds.rehearse.future import Fate, Occurrence, seed_of
from lifeworld.worlds.rehearse.risk import Risk, rehearse
from lifeworld.worlds.rehearse.roll import Roll, roll
from lifeworld.worlds.rehearse.vary import Vary, draw, laws, ratios, timed

SHOVE = Event(name="shove", at_s=1.0, deeds=(Push(thing="can", velocity_m_s=(2.0, 0.0, 0.3)),))
SHOVES = (
    Event(name="shove", rate_per_min=60.0, deeds=(Push(thing="can", velocity_m_s=(1.0, 0.0, 0.0)),)),
    Event(name="nudge", rate_per_min=30.0, deeds=(Push(thing="block", velocity_m_s=(0.0, 0.4, 0.0)),)),
)
CALM = Vary(mass=0.0, friction=0.0)


@lru_cache(maxsize=1)
def usual() -> Risk:
    return rehearse(moment(), outcomes=[FALLS, STAYS, AT_END], events=SHOVES, futures=40, seconds=3.0, workers=1)


# -- the same futures --------------------------------------------------------------------------------------------------------


def test_a_future_is_the_same_in_any_company() -> None:
    alone = [roll(Roll(ask=usual().ask, numbers=(n,)))[0] for n in (0, 7, 39)]
    assert alone == [usual().fates[n] for n in (0, 7, 39)]
    backwards = roll(Roll(ask=usual().ask, numbers=(39, 7, 0)))
    assert list(backwards) == alone[::-1]


def test_a_rehearsal_is_the_same_with_any_workers_and_another_with_another_seed() -> None:
    again = rehearse(moment(), outcomes=[FALLS, STAYS, AT_END], events=SHOVES, futures=40, seconds=3.0, workers=2)
    assert again.fates == usual().fates
    assert [(a.share, a.factors, a.instructive) for a in again.answers] == [(a.share, a.factors, a.instructive) for a in usual().answers]
    other = rehearse(moment(), outcomes=[FALLS], events=SHOVES, futures=8, seconds=3.0, workers=1, seed=1)
    assert [f.happened for f in other.fates] != [f.happened for f in usual().fates[:8]]


def test_more_futures_begin_with_the_same_ones() -> None:
    few = rehearse(moment(), outcomes=[FALLS, STAYS, AT_END], events=SHOVES, futures=5, seconds=3.0, workers=1)
    assert few.fates == usual().fates[:5]


def test_a_future_goes_the_way_the_waking_world_goes() -> None:
    """Before two things meet, the can falls at the same moment to a tick or two, and the same events befall the same things."""
    ask = rehearsing.asked(moment(), outcomes=[FALLS], events=(SHOVE,), seconds=3.0, seed=0, vary=CALM)
    fate = roll(Roll(ask=ask, numbers=(0,)))[0]
    world = WorldEventful(WorldPhysics(renderer="rays"), (SHOVE,))
    state = world.reset(moment().scene, seed=seed_of(0, 0))
    heights = []
    for _ in range(150):
        state = world.step(state, {})
        pose = world.scene(state).thing("can").pose
        assert pose is not None
        heights.append(pose.position_m[2])
    fell_s = 0.02 * (1 + int(np.argmax(np.array(heights) < heights[0] - 0.1)))
    assert fate.came == (True,)
    assert fate.time_s[0] is not None
    assert abs(fate.time_s[0] - fell_s) < 0.2
    assert [(o.event, o.who, round(o.time_s, 6)) for o in fate.happened] == [("shove", ("can",), 1.0)]
    assert fate.happened[0].momentum_n_s == pytest.approx(math.hypot(*state.happened[0].momentum_n_s), rel=1e-6)


# -- what the answers say ----------------------------------------------------------------------------------------------------


def test_what_falls_does_not_stay() -> None:
    falls, stays, upright = usual().answers
    assert 0.0 < falls.share.value < 1.0
    assert stays.share.value == pytest.approx(1.0 - falls.share.value)
    assert (stays.share.low, stays.share.high) == pytest.approx((1.0 - falls.share.high, 1.0 - falls.share.low))
    assert falls.curve is not None
    assert falls.curve.share[-1] == pytest.approx(falls.share.value)
    assert stays.curve is not None
    assert stays.curve.share.tolist() == falls.curve.share.tolist()
    assert upright.curve is None
    assert {one.future for one in falls.instructive} <= {f.number for f in usual().fates}


def test_time_is_counted_until_all_is_decided() -> None:
    one = rehearse(moment(), outcomes=[FALLS], events=(SHOVE,), futures=3, seconds=60.0, workers=1, vary=CALM)
    assert {f.came for f in one.fates} == {(True,)}
    assert one.covered_s < 3 * 2.5  # it ends where the can has fallen
    none = rehearse(moment(), outcomes=[FALLS], futures=3, seconds=60.0, workers=1, vary=CALM)
    assert none.covered_s == pytest.approx(180.0)
    assert none.stepped_s < 1.0  # all sleep


def test_who_is_pushed_harder_is_what_it_hangs_on() -> None:
    fates = tuple(
        Fate(
            number=i,
            seed=i,
            numbers={},
            came=(i % 10 >= 5,),
            time_s=(2.0 if i % 10 >= 5 else None,),
            end_s=2.0 if i % 10 >= 5 else 5.0,
            happened=(Occurrence(event="bump", time_s=0.5, who=("can",), strength=0.1 * (i % 10)),)
            + ((Occurrence(event="gust", time_s=3.0),) if i % 10 < 5 else ()),
        )
        for i in range(200)
    )
    found = rehearsing.answer(fates, np.ones(200), FALLS, 0).factors
    assert [(f.name, f.of, f.clear) for f in found if f.effect > 0] == [
        ("bump: strength", "events", True),
        ("bump", "events", True),
        ("bump of can", "events", True),
    ]
    assert found[0].effect > 0.9
    assert next(f for f in found if f.name == "gust").effect < 0.0  # though futures without the outcome have more of them


def test_a_moment_of_a_world_with_events_goes_on_where_it_is() -> None:
    world = WorldEventful(WorldPhysics(renderer="rays"), (SHOVE,))
    state = world.reset(moment().scene, seed=5)
    for _ in range(53):
        state = world.step(state, {})
    assert state.running or state.happened
    risk = rehearse(state, outcomes=[FALLS], futures=2, seconds=2.0, workers=1, vary=CALM)
    assert {f.came for f in risk.fates} == {(True,)}
    assert all(not f.happened for f in risk.fates)  # the shove was before


def test_what_an_event_brings_takes_part() -> None:
    """A block set down over the can pushes it about; rows go on being told of the scene that was asked about."""
    heavy = Event(name="heavier", at_s=0.5, edits=(Set("can", mass_kg=1.0),))
    after = Event(name="shove", at_s=1.0, deeds=(Push(thing="can", impulse_n_s=(0.7, 0.0, 0.1)),))
    light = rehearse(moment(), outcomes=[FALLS], events=(after,), futures=2, seconds=3.0, workers=1, vary=CALM)
    laden = rehearse(moment(), outcomes=[FALLS], events=(heavy, after), futures=2, seconds=3.0, workers=1, vary=CALM)
    assert {f.came for f in light.fates} == {(True,)}
    assert {f.came for f in laden.fates} == {(False,)}
    ball = replace(moment().scene.thing("block"), name="guest", pose=moment().scene.thing("can").pose, relations=())
    assert ball.pose is not None
    above = replace(ball, pose=replace_height(ball.pose, 0.4))
    guest = Event(name="guest", at_s=0.2, edits=(Add(above),))
    shoved = rehearse(moment(), outcomes=[FALLS], events=(guest, after), futures=2, seconds=3.0, workers=1, vary=CALM)
    assert all("guest" in {o.event for o in f.happened} for f in shoved.fates)


def replace_height(pose: object, by_m: float) -> object:
    from lifeworld.core.pose import Pose

    assert isinstance(pose, Pose)
    return Pose(pose.position_m + (0.0, 0.0, by_m), pose.quat_wxyz)


# -- what is drawn -----------------------------------------------------------------------------------------------------------


def test_numbers_are_drawn_by_name_and_thing() -> None:
    every = laws(Vary(), moment().scene)
    assert set(every) == {"can: mass", "can: friction", "block: mass", "block: friction", "table: friction"}
    drawn = np.array([draw(every, seed)["can: mass"] for seed in range(2_000)])
    assert np.log(drawn).mean() == pytest.approx(0.0, abs=0.01)
    assert np.log(drawn).std() == pytest.approx(0.1, abs=0.01)
    some = {name: law for name, law in every.items() if name != "block: mass"}
    assert draw(some, 3)["can: friction"] == draw(every, 3)["can: friction"]
    assert ratios({"can: mass": 2.0, "can: friction": 0.5})["can"].mass == 2.0


def test_times_vary_and_never_begin_before_the_beginning() -> None:
    times = [timed((SHOVE,), Vary(timing_s=0.5), seed)[0].at_s or 0.0 for seed in range(500)]
    assert min(times) >= 0.0
    assert np.mean(times) == pytest.approx(1.0, abs=0.1)
    assert np.std(times) == pytest.approx(0.5, abs=0.08)
    assert timed((SHOVE,), Vary(), 0) == (SHOVE,)


# -- what is lost ------------------------------------------------------------------------------------------------------------


def dies_with_number_13(job: Roll) -> tuple[Fate, ...]:
    if 13 in job.numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return roll(job)


def test_a_worker_that_is_killed_loses_only_its_futures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "roll", dies_with_number_13)
    monkeypatch.setattr(rehearsing, "MOST_TOGETHER", 10)
    told = []
    risk = rehearse(moment(), outcomes=[FALLS, STAYS, AT_END], events=SHOVES, futures=40, seconds=3.0, workers=2, on_fate=told.append)
    assert [f.number for f in risk.lost if f.lost == "a worker process died"] == list(range(10, 20))
    assert [f for f in risk.fates if not 10 <= f.number < 20] == [f for f in usual().fates if not 10 <= f.number < 20]
    assert risk.answers[0].share.count <= 30
    assert len(told) == 40


def test_a_future_that_blows_up_counts_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    from lifeworld.core.errors import Diverged
    from lifeworld.worlds.physics.drowsy import WorldDrowsy

    step = WorldDrowsy.step

    def blows_up(self: WorldDrowsy, state: object, action: object) -> object:
        if self.start.tick + 55 < state.tick:  # type: ignore[attr-defined]
            raise Diverged("the simulation blew up", where="tick 56")
        return step(self, state, action)  # type: ignore[arg-type]

    monkeypatch.setattr(WorldDrowsy, "step", blows_up)
    ask = rehearsing.asked(moment(), outcomes=[FALLS], events=bumps(15.0, 1.0), seconds=3.0, seed=0, vary=CALM)
    fates = roll(Roll(ask=ask, numbers=tuple(range(12))))
    cut = [f for f in fates if f.lost]
    assert cut
    assert all("blew up" in f.lost and 1.0 < f.end_s < 3.0 for f in cut)
    monkeypatch.undo()
    found = rehearsing.answer(fates, np.ones(12), FALLS, 0)
    assert found.share.count == 12 - sum(f.time_s[0] is None for f in cut)
    assert found.curve is not None
    assert rolling.TICK_S == 0.02


# -- what is refused ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_rehearsed_is_refused() -> None:
    with pytest.raises(InputError, match="nothing is asked for"):
        rehearse(moment(), outcomes=[])
    with pytest.raises(LimitError, match="that many futures"):
        rehearse(moment(), outcomes=[FALLS], futures=0)
    with pytest.raises(LimitError, match="one tick to an hour"):
        rehearse(moment(), outcomes=[FALLS], seconds=float("nan"))
    with pytest.raises(LimitError, match="that many workers"):
        rehearse(moment(), outcomes=[FALLS], workers=0)
    with pytest.raises(LimitError, match="spread of mass"):
        Vary(mass=-0.1)
    with pytest.raises(LimitError, match="too few futures"):
        rehearse(moment(), outcomes=[FALLS], futures=50, rare=True)
    with pytest.raises(UnknownName, match="'cam'"):
        rehearse(moment(), outcomes=[Outcome(name="x", conditions=(Condition(predicate="falls", thing="cam"),))])
    with pytest.raises(SceneError, match="never be so"):
        rehearse(moment(), outcomes=[Outcome(name="x", conditions=(Condition(predicate="falls", thing="table"),))])
    with pytest.raises(UnknownName):
        rehearse(moment(), outcomes=[FALLS], events=(replace(SHOVE, deeds=(Push(thing="cup", impulse_n_s=(1.0, 0, 0)),)),))


def test_a_bare_moment_and_one_with_events_are_one() -> None:
    bare = rehearse(moment(), outcomes=[FALLS], events=SHOVES, futures=3, seconds=2.0, workers=1)
    wrapped = rehearse(EventfulState(moment(), 0), outcomes=[FALLS], events=SHOVES, futures=3, seconds=2.0, workers=1)
    assert bare.fates == wrapped.fates
