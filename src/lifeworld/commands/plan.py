"""`lifeworld plan`: reach goals by trying futures, and say how often that works, beside chance."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, need, progress
from lifeworld.commands.words import counted
from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.write import replace_folder

if TYPE_CHECKING:
    from lifeworld.core.interval import Interval
    from lifeworld.models.play.dream import WorldDream
    from lifeworld.worlds.planning.errand import Errand, Pace
    from lifeworld.worlds.planning.judge import Judged
    from lifeworld.worlds.planning.mind import Mind
    from lifeworld.worlds.planning.success import Success
    from lifeworld.worlds.world import World

PHYSICS = "physics"
HOLD, BUDGET, STILL = 5, 40, 25
"""In a scene: ticks (of 20 ms) that a decision is held, decisions at most, ticks that a goal has to stay so by the strict rule."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Plan: reach goals in a world by trying futures in a model of it, or in the world itself.

    Every goal is gone for twice, with plans and at random. The output folder holds a page of what came of the first few (plan.png), a film
    of them (plan.mp4), and all numbers (plan.json).
    """

    who: tyro.conf.Positional[str]
    """Where futures are tried: the folder of a model, the name of one that comes with lifeworld, or physics, for the world itself."""
    world: str | None = None
    """Where goals are reached: an arena (tworoom, push_table …, docs/arenas.md); with --goal, a starter or the path of a scene file."""
    manifest: Path | None = None
    """Frozen starts and goals of an arena, instead of drawn ones: what two planners are compared on (docs/arenas.md)."""
    goal: str | None = None
    """What is wanted, in words: --goal "the block beside the drum". Without, goals are drawn by the arena's rules."""
    episodes: int = 100
    """How many goals."""
    planner: Literal["icem", "cem", "mppi", "gradient", "amortised"] = "icem"
    """How futures are chosen that are tried."""
    horizon: int | None = None
    """How many decisions ahead a plan goes."""
    samples: int | None = None
    """How many futures are tried at a time."""
    rounds: int | None = None
    """How many times that is done for one plan."""
    follow: int = 1
    """How many decisions of a plan are followed before the next one is made."""
    budget: int | None = None
    """How many decisions there are for a goal; the arena's own if nothing is said."""
    vary: str | None = None
    """A factor of the arena that is varied, and which of its values: background, or background:1. The model is not told."""
    threads: int = 1
    """Threads that a model runs on; more help only where nobody else works."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("plan")
    """The folder to write to."""


def run(options: Options) -> Outcome:
    if options.episodes < 1:
        raise LimitError("there is a goal to be reached at least", got=options.episodes, expected="1 or more")
    need("av", "planning, which is filmed,", "episodes" if options.who == PHYSICS else "learn")
    begin = time.perf_counter()
    from lifeworld.worlds.planning.judge import judge
    from lifeworld.worlds.planning.mind import Behind, Inside
    from lifeworld.worlds.planning.planners import planner_of

    dream = None if options.who == PHYSICS else _dream(options)
    true, drawn, pace, camera = _asked(options, dream)
    first = next(drawn)  # from here on the world knows what it takes and gives
    mind: Mind = Inside(true, pace.hold)
    if dream is not None:
        mind = Behind.of(dream, true, camera=camera, context=dream.card.shape.context, hold=pace.hold)
    who = PHYSICS if dream is None else f"{dream.card.kind} {options.who}"
    planner = planner_of(options.planner, horizon=options.horizon, samples=options.samples, rounds=options.rounds, hold=mind.hold)
    with progress("goals", options.episodes) as done:
        judged = judge(
            true, chain([first], drawn), mind=mind, planner=planner, pace=pace, follow=options.follow, on_done=lambda _pursuit: done()
        )
    value = _value(options, judged, who, mind.world.spec.engine_version, planner)
    with replace_folder(options.out) as beside:
        _written(beside, judged, true, mind, camera, value, f"{who} in {_where(options)}")
    spent = time.perf_counter() - begin
    return Outcome(text=f"{_text(options, judged)}\n{spent:.0f} s in all; look at {options.out / 'plan.png'}", value=value)


def _asked(options: Options, dream: WorldDream | None) -> tuple[World[Any], Iterator[Errand], Pace, str]:
    """The world, its errands, their pace, and the camera that they are seen through."""
    from dataclasses import replace

    from lifeworld.worlds.planning.arenas import named
    from lifeworld.worlds.planning.errand import Pace, errands_frozen, errands_in_words, errands_of, pace_of

    count, seed = options.episodes, options.seed
    if options.manifest is not None:
        from lifeworld.worlds.planning.manifest import read

        if said := [name for name in ("world", "goal", "vary", "budget") if getattr(options, name) is not None]:
            raise InputError("a manifest says where goals are reached, and how", got=f"--{said[0]}", fix="Leave it out, or --manifest.")
        frozen = read(options.manifest)
        arena, world = frozen.arena(), frozen.world()
        return world, islice(errands_frozen(frozen, world), count), pace_of(arena), arena.camera
    if options.world is None:
        raise InputError("nothing is said of where goals are reached", expected="--world tworoom, or --manifest FILE")
    if options.goal is None:
        arena = named(options.world)
        variation = _variation(options, arena.variations)
        world = arena.world(**variation)
        pace = pace_of(arena)
        pace = pace if options.budget is None else replace(pace, budget=options.budget)
        return world, errands_of(arena, world, count=count, seed=seed), pace, arena.camera
    from lifeworld.scene.starter import find
    from lifeworld.worlds.physics.compile import TICK_NS
    from lifeworld.worlds.physics.engine import WorldPhysics

    if options.vary is not None:
        raise InputError("a scene has no factors that vary", got=options.vary, fix="Leave out --goal to plan in an arena.")
    scene = find(options.world)
    if not scene.cameras:
        raise InputError("nobody can look at this scene", where=options.world, fix="Give it a camera.")
    folder = Path(options.world).parent if options.world.endswith(".toml") else Path()
    physics = WorldPhysics(assets=folder)
    hold = HOLD if dream is None else max(round(dream.spec.tick_ns / TICK_NS), 1)
    pace = Pace(hold=hold, budget=options.budget or BUDGET, still=STILL)
    errands = errands_in_words(options.goal, physics, scene, count=count, seed=seed, pictured=dream is not None)
    return physics, errands, pace, f"rgb@{scene.cameras[0].name}"


def _variation(options: Options, variations: Any) -> Any:
    """The options of a world that has a factor varied; none if none is."""
    if options.vary is None:
        return {}
    from lifeworld.core.errors import UnknownName

    name, _, which = options.vary.partition(":")
    if name not in variations:
        raise UnknownName("factor", name, variations)
    if not (which or "0").isdecimal() or int(which or 0) >= len(variations[name]):
        raise LimitError("a factor has so many values", got=options.vary, expected=f"{name}:0 to {name}:{len(variations[name]) - 1}")
    return variations[name][int(which or 0)]


def _dream(options: Options) -> WorldDream:
    """The model that is planned in."""
    from lifeworld.models.play.player import is_graphs

    if not is_graphs(Path(options.who)):
        from lifeworld.commands.learn import check_torch

        check_torch()
    from lifeworld.models.play.dream import WorldDream
    from lifeworld.models.zoo.ready import located

    return WorldDream(located(options.who), threads=options.threads)


def _written(beside: Path, judged: Judged, true: World[Any], mind: Mind, camera: str, value: dict[str, Any], title: str) -> None:
    import msgspec

    from lifeworld.worlds.planning.shown import page, write_film, write_page

    write_page(beside / "plan.png", page(judged, true, mind, camera=camera, title=title, said=_line("moderate", judged.moderate)))
    write_film(beside / "plan.mp4", judged, true, camera=camera, title=title)
    (beside / "plan.json").write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")


def _where(options: Options) -> str:
    where = str(options.world or options.manifest)
    return where if options.goal is None else f"{where}: {options.goal}"


def _text(options: Options, judged: Judged) -> str:
    price = judged.price
    steps = f"{price.steps:,.0f} steps tried" if price.steps else "nothing tried"
    return "\n".join(
        [
            f"{_where(options)}, {counted(judged.moderate.n, 'goal')}, {options.planner}:",
            _line("moderate", judged.moderate),
            _line("strict", judged.strict),
            f"a plan takes {price.ms:,.0f} ms of processor time, {steps}; {price.decisions} decisions, {price.plans} plans",
        ]
    )


def _line(rule: str, success: Success) -> str:
    """One rule's numbers, in percent."""
    return (
        f"{rule + ':':<9} reached {_percent(success.reached)}, at random {_percent(success.random)}, "
        f"{_points(success.excess)} more, N = {success.n}"
    )


def _percent(share: Interval) -> str:
    return f"{100 * share.value:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f})"


def _points(share: Interval) -> str:
    return f"{100 * share.value:+.0f} points ({100 * share.low:+.0f} to {100 * share.high:+.0f})"


def _value(options: Options, judged: Judged, who: str, engine: str, planner: Any) -> dict[str, Any]:
    from dataclasses import asdict

    price = judged.price
    return {
        "who": who,
        "engine": engine,
        "world": options.world,
        "manifest": None if options.manifest is None else str(options.manifest),
        "goal": options.goal,
        "vary": options.vary,
        "seed": options.seed,
        "planner": {"name": options.planner, "follow": options.follow, **asdict(planner)},
        "n": judged.moderate.n,
        "moderate": _rates(judged.moderate),
        "strict": _rates(judged.strict),
        "plan_ms": round(price.ms, 3),
        "plan_steps": price.steps,
        "plans": price.plans,
        "decisions": price.decisions,
        "episodes": [
            {
                "seed": errand.seed,
                "moderate": mine.moderate,
                "strict": mine.strict,
                "random_moderate": floor.moderate,
                "random_strict": floor.strict,
            }
            for errand, mine, floor in zip(judged.errands, judged.pursuits, judged.floors, strict=True)
        ],
        "out": str(options.out),
    }


def _rates(success: Success) -> dict[str, dict[str, float]]:
    rates = {"reached": success.reached, "random": success.random, "excess": success.excess}
    return {name: {key: round(number, 6) for key, number in share._asdict().items()} for name, share in rates.items()}
