"""Planning: how often goals are reached by plans made in a model, and how much more often than at random from the same starts.

Starts and goals are frozen in a manifest. Each is tried several times with plans and as often at random; what is counted are starts. The
same again with one factor of the world varied at a time, of which the model is told nothing.

Source: the excess over a paired random policy, moderate and strict rules: CLEAR-LeWM v0.9; intervals of differences by variance estimates
recovered: Zou & Donner (2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, wilson
from lifeworld.core.origin import Origin
from lifeworld.core.seed import child_seed
from lifeworld.evaluate.measured import Floor, Measured
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.worlds.planning.arena import Arena
from lifeworld.worlds.planning.errand import errand_to, pace_of
from lifeworld.worlds.planning.judge import Judged, judge
from lifeworld.worlds.planning.manifest import Manifest, freeze
from lifeworld.worlds.planning.mind import Mind
from lifeworld.worlds.planning.planner import Planner
from lifeworld.worlds.world import World

Shares = NDArray[np.float64]
CEM_FUTURES, CEM_ROUNDS, CEM_AHEAD = 300, 30, 5
"""How plans are made in the literature: CEM, so many futures of so many decisions, so many times."""
SHOWN, MOMENTS = 3, 6
TITLE = "Can one plan in it?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is to be done: the errands of a manifest, each `tries` times, and under each factor of its arena those of one of `varied`."""

    manifest: Manifest
    tries: int = 3
    varied: Mapping[str, Manifest] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest, *, tries: int = 3, varied: int = 0) -> Course:
        """With so many starts drawn under the first value of each factor."""
        arena = manifest.arena()
        factors = arena.variations.items() if varied else ()
        return cls(
            manifest=manifest,
            tries=tries,
            varied={name: freeze(arena, count=varied, seed=manifest.seed, variation=values[0]) for name, values in factors},
        )

    @property
    def count(self) -> int:
        """How often a goal is gone for."""
        return len(self.manifest.frozen) * self.tries + sum(len(each.frozen) for each in self.varied.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tried:
    """Starts tried: of each (n,) the share of its tries that reached the goal, by plans and at random, by rule."""

    judged: Judged
    sha256: str
    reached: Mapping[str, Shares]
    random: Mapping[str, Shares]


def planning(
    name: str,
    model_sha256: str,
    mind_of: Callable[[World[Any]], Mind],
    planner_of: Callable[[Mind], Planner],
    course: Course,
    *,
    seed: int,
    on_done: Callable[[], None] = lambda: None,
) -> Section:
    """The section.

    Args:
        name: what the model is called, and `model_sha256` the hash of its weights.
        mind_of: the model as it is planned in, behind the eyes in a true world.
        planner_of: how is planned in it.
        on_done: is called after each try.

    Raises:
        InputError: if the model knows another camera, pace or other actions than the arena's, as `Behind.of` and `pursue`.
    """
    arena, true, starts = course.manifest.arena(), course.manifest.world(), len(course.manifest.frozen)
    mind = mind_of(true)
    planner = planner_of(mind)
    published = _tried(course.manifest, true, mind, planner, tries=course.tries, seed=seed, on_done=on_done)
    seeds = (course.manifest.seed, seed)
    measured = [*_successes(published, "", model_sha256, seeds, course.tries), _steps(published, mind, model_sha256, seeds)]
    measured.append(_time(published, arena, true, model_sha256, seeds))
    for factor, manifest in course.varied.items():
        other = manifest.world()
        tried = _tried(manifest, other, mind_of(other), planner, tries=1, seed=seed, on_done=on_done)
        measured += [m for m in _successes(tried, f"_{factor}", model_sha256, seeds, 1) if m.name == f"success_{factor}"]
    of = f"{starts} starts, each tried {course.tries} times" if course.tries > 1 else f"{starts} starts"
    without = {} if course.varied else {"success under factors of variation": "not asked for: --varied N starts for each factor"}
    return Section(
        name="planning",
        title=TITLE,
        says=f"{arena.name} ({arena.source}): {of}, {type(planner).__name__} over {name}, {arena.budget} decisions of {arena.hold} ticks."
        " Success by the rules as published, and by stricter ones; excess over a random policy from the same starts.",
        measured=tuple(measured),
        curves=(_by_decision(published, arena.budget),),
        strips=(_strip(published, true, arena.camera),),
        without=without,
    )


def _tried(
    manifest: Manifest, true: World[Any], mind: Mind, planner: Planner, *, tries: int, seed: int, on_done: Callable[[], None]
) -> _Tried:
    arena, starts = manifest.arena(), len(manifest.frozen)
    errands = (
        errand_to(arena, true, start, goal, seed=child_seed(own, "try", seed, number))
        for start, goal, own in manifest.errands(true)
        for number in range(tries)
    )
    judged = judge(true, errands, mind=mind, planner=planner, pace=pace_of(arena), on_done=lambda _pursuit: on_done())
    shares = [
        {
            rule: np.array([getattr(p, rule) is not None for p in pursuits], dtype=np.float64).reshape(starts, tries).mean(1)
            for rule in ("moderate", "strict")
        }
        for pursuits in (judged.pursuits, judged.floors)
    ]
    return _Tried(judged=judged, sha256=manifest.sha256, reached=shares[0], random=shares[1])


def _successes(tried: _Tried, after: str, model_sha256: str, seeds: tuple[int, ...], tries: int) -> list[Measured]:
    found = []
    for rule, suffix in (("moderate", ""), ("strict", "_strict")):
        mine, floor = tried.reached[rule], tried.random[rule]
        reached, random, more = share(mine, tries), share(floor, tries), excess(mine, floor, tries)
        for name, each, beside, raw in (
            ("success", reached, Floor(name="at random from the same starts", value=random.value, low=random.low, high=random.high), mine),
            ("excess", more, Floor(name="no more often than at random", value=0.0), mine - floor),
        ):
            found.append(
                Measured(
                    name=f"{name}{suffix}{after}",
                    value=each.value,
                    low=each.low,
                    high=each.high,
                    unit="",
                    n=len(mine),
                    of=f"starts, {tries} tries each" if tries > 1 else "starts",
                    seeds=seeds,
                    floors=(beside,),
                    better="higher",
                    data_sha256=tried.sha256,
                    model_sha256=model_sha256,
                    raw=tuple(raw.tolist()),
                )
            )
    return found


def _steps(tried: _Tried, mind: Mind, model_sha256: str, seeds: tuple[int, ...]) -> Measured:
    """Ticks of the model that a plan tries: its price, whatever the machine."""
    steps = [plan.steps for pursuit in tried.judged.pursuits for plan in pursuit.plans]
    cem = Floor(name=f"CEM {CEM_FUTURES} × {CEM_ROUNDS}, {CEM_AHEAD} ahead", value=float(CEM_FUTURES * CEM_ROUNDS * CEM_AHEAD * mind.hold))
    return _price("plan_steps", steps, "steps", cem, tried, model_sha256, seeds)


def _time(tried: _Tried, arena: Arena, true: World[Any], model_sha256: str, seeds: tuple[int, ...]) -> Measured:
    """Processor time of a plan on this machine, beside how long a decision lasts: in less, one plans while the world goes on."""
    spent = [1e3 * s for pursuit in tried.judged.pursuits for s in pursuit.plan_s]
    lasts = Floor(name="how long a decision lasts", value=arena.hold * true.spec.tick_ns / 1e6)
    return _price("plan_ms", spent, "ms", lasts, tried, model_sha256, seeds)


def _price(name: str, each: Sequence[float], unit: str, floor: Floor, tried: _Tried, model_sha256: str, seeds: tuple[int, ...]) -> Measured:
    low, middle, high = np.percentile(each, [2.5, 50, 97.5]).tolist()
    return Measured(
        name=name,
        value=middle,
        low=low,
        high=high,
        unit=unit,
        n=len(each),
        of="plans: their median, and where 95 % of them lie",
        seeds=seeds,
        floors=(floor,),
        better="lower",
        data_sha256=tried.sha256,
        model_sha256=model_sha256,
    )


def share(shares: Shares, tries: int) -> Interval:
    """The mean of shares (n,) of `tries` each, with Wilson's interval for as many independent tries as would vary as much.

    Those are n at least (tries from one start all end alike) and n · tries at most (they have nothing to do with each other).
    """
    n, p = len(shares), float(shares.mean())
    variance = float(shares.var(ddof=1)) / n if n > 1 else 0.0
    count = float(np.clip(p * (1 - p) / variance, n, n * tries)) if variance > 0 else float(n)
    return Interval(p, *wilson(p * count, count))


def excess(mine: Shares, floor: Shares, tries: int) -> Interval:
    """By how much the mean of `mine` (n,) is more than that of `floor` (n,), start by start."""
    (p, p_low, p_high), (q, q_low, q_high) = share(mine, tries), share(floor, tries)
    spread = float(mine.std() * floor.std())
    alike = float(((mine - p) * (floor - q)).mean()) / spread if spread > 0 else 0.0
    low = math.sqrt(max((p - p_low) ** 2 - 2 * alike * (p - p_low) * (q_high - q) + (q_high - q) ** 2, 0.0))
    high = math.sqrt(max((p_high - p) ** 2 - 2 * alike * (p_high - p) * (q - q_low) + (q - q_low) ** 2, 0.0))
    return Interval(p - q, p - q - low, p - q + high)


def _by_decision(tried: _Tried, budget: int) -> Curve:
    """The share of tries that has reached the goal, decision by decision."""
    x = tuple(float(i) for i in range(budget + 1))
    lines = []
    for name, pursuits, rule, floor in (
        ("plans", tried.judged.pursuits, "moderate", False),
        ("plans, strict", tried.judged.pursuits, "strict", False),
        ("at random", tried.judged.floors, "moderate", True),
        ("at random, strict", tried.judged.floors, "strict", True),
    ):
        done = np.array([math.inf if getattr(p, rule) is None else getattr(p, rule) for p in pursuits])
        lines.append(Line(name=name, x=x, y=tuple(float((done <= i).mean()) for i in x), floor=floor))
    return Curve(title="Share that has reached the goal", x_label="decisions", y_label="", lines=tuple(lines))


def _strip(tried: _Tried, true: World[Any], camera: str) -> Strip:
    """The first few starts: nobody chose them."""
    tries = len(tried.judged.pursuits) // len(tried.reached["moderate"])
    rows, words = [], []
    for number in range(min(SHOWN, len(tried.reached["moderate"]))):
        errand, pursuit = tried.judged.errands[number * tries], tried.judged.pursuits[number * tries]
        at = np.linspace(0, pursuit.decisions, MOMENTS).round().astype(int).tolist()
        states = [errand.goal, *(pursuit.states[i] for i in at)]
        rows.append(np.stack([np.asarray(true.observe(state, (camera,))[camera]) for state in states]))
        how = "not reached" if pursuit.moderate is None else f"reached in {pursuit.moderate}" + (", strictly too" if pursuit.strict else "")
        words.append(f"{number + 1}: {how}, of {pursuit.decisions} decisions")
    columns = ("the goal", "start", *("" for _ in range(MOMENTS - 2)), "end")
    return Strip(
        caption="The first goals, and the way that was gone for each, evenly taken.",
        rows=tuple(words),
        columns=columns,
        pictures=np.stack(rows),
        origin=Origin(true.spec.origin),
    )
