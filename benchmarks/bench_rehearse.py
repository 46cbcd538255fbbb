"""Rehearsals: simulated seconds a wall second, whether intervals hold what they promise, and what tilting saves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.row import Row
from lifeworld.core.interval import wilson
from lifeworld.core.parallel import cores, spread
from lifeworld.core.pose import Pose
from lifeworld.core.seed import child_seed
from lifeworld.scene import starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.event import Event
from lifeworld.scene.events import asked
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Relation, Scene, Thing
from lifeworld.scene.words.outcome import outcome_of
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.physics.watch import Watch
from lifeworld.worlds.rehearse import Vary, rehearse
from lifeworld.worlds.rehearse.risk import asked as ask_of
from lifeworld.worlds.rehearse.roll import Roll, roll
from lifeworld.worlds.rehearse.share import share

SHARE_S = 42
LONG_S = 1500

MORE = ("glass", "mug", "block", "book", "fork", "knife", "ball", "can", "bowl", "glass", "block", "book")
TRUTH, SMALL, TIMES = 20_000, 60, 200
RARE = 400
FALLS = Outcome(name="the can falls off the table", conditions=(Condition(predicate="falls_off", thing="can", to="table"),))


def tabletop(things: int = 20) -> Scene:
    """The starter, with so many things on and around its table."""
    scene = starter.load("tabletop")
    kinds = MORE[: things - len(scene.things)]
    more = (Thing(name=f"more_{i}", kind=k, relations=(Relation(kind="on", thing="table"),)) for i, k in enumerate(kinds))
    return replace(scene, things=(*scene.things, *more))


def edge() -> Scene:
    """A can near the edge of a table, and a block: small enough for twenty thousand futures."""
    table = Thing(name="table", kind="table", pose=Pose(), fixed=True)
    can = Thing(name="can", kind="can", relations=(Relation(kind="on", thing="table", at_m=(0.45, 0.0)),))
    block = Thing(name="block", kind="block", relations=(Relation(kind="on", thing="table", at_m=(-0.2, 0.1)),))
    return Scene(name="edge", things=(table, can, block))


def bumps(rate_per_min: float, median: float) -> tuple[Event, ...]:
    law = Magnitude(law="lognormal", a=median, b=0.5, high=4.0)
    return (Event(name="bump", kind="bump", rate_per_min=rate_per_min, strength=law),)


def run() -> Iterator[Row]:
    """How fast futures go by, and whether they end as they would awake."""
    yield from speed(("bump:6/min",))
    yield from sleeping(60)


def run_long() -> Iterator[Row]:
    """The same with other events, and thousands of futures: whether intervals hold, what tilting saves."""
    yield from speed(("bump:2/min", "bump:20/min", "gust:3/min"))
    yield from sleeping(240)
    yield from coverage()
    yield from rare()


def speed(asked_for: Sequence[str], futures: int = 400) -> Iterator[Row]:
    """Seconds of futures gone through a second, with nothing to draw: until each is decided, skipped ones included; and those stepped."""
    state = laid(tabletop())
    outcome = outcome_of("the mug falls off the table", state.scene)
    for events in asked_for:
        begin = time.perf_counter()
        risk = rehearse(state, outcomes=[outcome], events=asked(events), futures=futures, seconds=10.0)
        wall_s = time.perf_counter() - begin
        name = f"20 things, {events}, futures of 10 s, {cores()} cores"
        yield Row(name, risk.covered_s / wall_s, "s/s", 150.0 if events == "bump:6/min" else None, n=futures)
        yield Row("  of it stepped by the engine", 100 * risk.stepped_s / risk.covered_s, "%")
        begin = time.process_time()
        fates = roll(Roll(ask=risk.ask, numbers=tuple(range(64))))
        yield Row("  the same by processor time of one core", sum(f.end_s for f in fates) / (time.process_time() - begin), "s/s")


def sleeping(futures: int) -> Iterator[Row]:
    """Whether the drowsy world's futures are as likely as the waking one's: the same seeds in both."""
    state = laid(edge())
    ask = ask_of(state, outcomes=[FALLS], events=bumps(30.0, 0.8), seconds=4.0, seed=3, vary=Vary(mass=0.0, friction=0.0))
    fates = roll(Roll(ask=ask, numbers=tuple(range(futures))))
    world = WorldEventful(WorldPhysics(renderer="rays"), bumps(30.0, 0.8))
    waking = []
    for fate in fates:
        now = world.reset(state.scene, seed=fate.seed)
        watch = Watch(state.compiled, state.scene, [FALLS])
        seen = watch.begin(now.inner.vector[None])
        for _ in range(ask.ticks):
            now = world.step(now, {})
            seen = watch.after(seen, now.inner.vector[None])
        waking.append(bool(watch.verdict(seen).came[0, 0]))
    drowsy = np.array([fate.came[0] for fate in fates])
    yield Row("futures that end alike asleep and awake", 100 * float((drowsy == np.array(waking)).mean()), "%", 95, n=futures)
    yield Row("  share of the outcome, asleep less awake", 100 * (drowsy.mean() - np.mean(waking)), "points", n=futures)


def coverage() -> Iterator[Row]:
    """How often the interval of a small rehearsal holds the truth, which a large one tells."""
    state = laid(edge())
    ask = ask_of(state, outcomes=[FALLS], events=bumps(30.0, 0.8), seconds=4.0, seed=0, vary=Vary())
    truth = np.mean(came(ask_jobs(ask, range(TRUTH))))
    inside = []
    for number in range(TIMES):
        other = replace(ask, seed=child_seed(1, "coverage", number))
        one = share(came(ask_jobs(other, range(SMALL)), workers=1))
        inside.append(one.low <= truth <= one.high)
    covered = 100 * float(np.mean(inside))
    yield Row(f"truth of {TRUTH:,} futures", 100 * float(truth), "%", n=TRUTH)
    yield Row(f"intervals of rehearsals of {SMALL} futures that hold it", covered, "%", 90, n=TIMES)
    yield Row("  and not too often", covered, "%", 98, lower=True, n=TIMES)


def rare(times: int = 20) -> Iterator[Row]:
    """How many times as many futures the natural laws would have needed for an interval as narrow, and how often it holds the truth."""
    state = laid(edge())
    found = [
        rehearse(state, outcomes=[FALLS], events=bumps(1.0, 0.5), futures=RARE, seconds=5.0, seed=seed, rare=True, workers=1)
        .answers[0]
        .share
        for seed in range(times)
    ]
    # Of all together: each an unbiased guess.
    truth = float(np.mean([one.value for one in found]))
    widths = np.array([one.width for one in found])
    needed = np.array([natural(truth, width) for width in widths])
    yield Row("a rare outcome: its probability", 1000 * truth, "in 1,000", n=times)
    yield Row(
        f"  natural futures for the width of {RARE} tilted ones (pilots counted), median",
        float(np.median(needed)) / RARE,
        "times",
        10,
        n=times,
    )
    yield Row("  and at the worst quartile", float(np.quantile(needed, 0.25)) / RARE, "times", n=times)
    yield Row("  intervals that hold the mean of all", 100 * float(np.mean([one.low <= truth <= one.high for one in found])), "%", n=times)


def natural(p: float, width: float) -> float:
    """How many natural futures have a Wilson interval of this width at probability p."""
    low, high = 1.0, 1e9
    for _ in range(80):
        count = (low * high) ** 0.5
        a, b = wilson(p * count, count)
        low, high = (count, high) if b - a > width else (low, count)
    return low


def laid(scene: Scene) -> PhysicsState:
    world = WorldPhysics(renderer="rays")
    return world.reset(settle(world, scene, seed=0), seed=0)


def ask_jobs(ask: object, numbers: Sequence[int], together: int = 100) -> list[Roll]:
    return [Roll(ask=ask, numbers=tuple(numbers[i : i + together])) for i in range(0, len(numbers), together)]  # type: ignore[arg-type]


def came(jobs: list[Roll], *, workers: int | None = None) -> list[bool]:
    fates = [fate for some in spread(roll, jobs, workers=workers or cores()) for fate in some]
    return [fate.came[0] for fate in fates if fate.came and not (fate.lost and fate.time_s[0] is None)]
