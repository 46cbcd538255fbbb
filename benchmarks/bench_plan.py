"""Planning in a nano JEPA on TwoRoom: every planner on the same goals beside CEM 300 × 30, what a plan costs, and what a prefix saves.

The plays and the model are kept under out/plan; delete them to begin anew. Plan times are of processor time.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from lifeworld.episode.head import is_bundle
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.play.dream import DreamState, WorldDream
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.decisions import Decisions
from lifeworld.worlds.planning.errand import errands_of, pace_of
from lifeworld.worlds.planning.judge import Judged, judge
from lifeworld.worlds.planning.mind import Behind
from lifeworld.worlds.planning.planners import planner_of
from lifeworld.worlds.planning.play import play_to
from lifeworld.worlds.planning.success import excess

LONG_S = 900

OUT = Path("out/plan")
ARENA, PLAYS, MINUTES = "tworoom", 400, 4
GOALS = 40
QUICK = ("icem", "mppi", "gradient", "amortised")
SHARE = 0.1
"""Of CEM's time, that a plan may take at equal success."""


def run_long() -> Iterator[Row]:
    """Play and learn unless it is done, then plan with each planner."""
    arena = named(ARENA)
    if not (OUT / "model" / "model.safetensors").exists():
        if not is_bundle(OUT / "plays"):
            play_to(OUT / "plays", arena, episodes=PLAYS, seed=5)
        command = [sys.executable, "-m", "lifeworld", "learn", str(OUT / "plays"), "--goal", "plan", "--hz", "2"]
        subprocess.run([*command, "--minutes", str(MINUTES), "-o", str(OUT / "model")], check=True)
    with on_threads(1):
        dream = WorldDream(OUT / "model")
        true = arena.world()
        mind = Behind.of(dream, true, camera=arena.camera, context=dream.card.shape.context, hold=arena.hold)
        errands = tuple(errands_of(arena, true, count=GOALS, seed=1))
        judged = {}
        for name in ("cem", *QUICK):
            judged[name] = judge(true, errands, mind=mind, planner=planner_of(name), pace=pace_of(arena))
            yield from counted(name, judged[name])
        for name in QUICK:
            yield from beside(name, judged[name], judged["cem"])
        yield from prefix(dream, mind.enter(true, [errands[0].start]))


def counted(name: str, judged: Judged) -> Iterator[Row]:
    """How often goals are reached, and what a plan takes."""
    for rule, success in (("moderate", judged.moderate), ("strict", judged.strict)):
        yield Row(f"{name}: goals reached, {rule}", 100 * success.reached.value, "%")
        yield Row(f"{name}: more than at random, {rule}, at least", 100 * success.excess.low, "points", 20 if rule == "moderate" else None)
    yield Row(f"{name}: a plan", judged.price.ms, "ms")
    yield Row(f"{name}: ticks of tried futures for a plan", judged.price.steps, "steps")


def beside(name: str, judged: Judged, cem: Judged) -> Iterator[Row]:
    """The share of CEM's time, and whether as many goals are reached: pair by pair, 95 %."""
    mine, theirs = (np.array([pursuit.strict is not None for pursuit in each.pursuits]) for each in (judged, cem))
    more = excess(mine, theirs)
    yield Row(f"{name}: of the time of CEM 300 x 30", judged.price.ms / cem.price.ms, "x", SHARE, lower=True)
    yield Row(f"{name}: goals more than CEM, strict", 100 * more.value, "points")
    yield Row(f"{name}: at most so many more (0 or more: CEM is not surely better)", 100 * more.high, "points", 0)


def prefix(dream: WorldDream, state: DreamState, *, plans: int = 300, ticks: int = 5) -> Iterator[Row]:
    """All moments of many plans in one pass, and moment by moment, with nothing drawn either way; and with pictures drawn."""
    decisions = Decisions.of(dream.spec, hold=1)
    drawn = np.random.default_rng(0).uniform(decisions.low, decisions.high, (plans, ticks, decisions.size))

    def at_once(signals: tuple[str, ...]) -> None:
        dream.rollout([state] * plans, decisions.told(drawn), signals)

    def one_by_one() -> None:
        states = [state] * plans
        for tick in range(ticks):
            states, _ = dream.rollout(states, decisions.told(drawn[:, tick : tick + 1]), ("embedding",))

    whole, single, pictured = (1e3 * _least(work) for work in (lambda: at_once(("embedding",)), one_by_one, lambda: at_once(("rgb",))))
    yield Row(f"{plans} plans of {ticks} decisions, all moments in one pass", whole, "ms")
    yield Row("the same moment by moment", single, "ms")
    yield Row("the same drawn as pictures", pictured, "ms")
    yield Row("one pass is so many times as fast as moment by moment", single / whole, "x", 1)


def _least(work: Callable[[], None], repeats: int = 5) -> float:
    """The least processor time [s] of several runs."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)
