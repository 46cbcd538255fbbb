"""`lifeworld evaluate`: what a model is worth, as one page on which every number stands beside what costs nothing."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.learn import check_torch
from lifeworld.commands.verb import LONG_S, Common, Outcome, bars, progress, say
from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.write import replace_folder

if TYPE_CHECKING:
    from lifeworld.evaluate.compare import Comparison
    from lifeworld.evaluate.heldout import HeldOut
    from lifeworld.evaluate.judged import Report
    from lifeworld.evaluate.opening import Contestant
    from lifeworld.evaluate.planning import Course
    from lifeworld.evaluate.section import Section
    from lifeworld.evaluate.subject import Subject
    from lifeworld.worlds.planning.mind import Mind
    from lifeworld.worlds.world import World

STARTS = 100


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Say what a model is worth on recordings that it never saw.

    The report is a folder: index.html, one page that needs no network; report.json, the same for programs; strips, its pictures. Every
    number has its interval and stands beside what costs nothing, like copying the last picture or acting at random.
    """

    what: tyro.conf.Positional[tuple[str, ...]]
    """A model (its folder, or the name of one that comes with lifeworld) and a bundle of episodes, or any recording; with --compare several
    models and a bundle."""
    compare: bool = False
    """Put several models side by side: differences clip by clip, with their intervals."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("report")
    """The folder of the report; an earlier report in it is replaced."""
    only: str | None = None
    """Only these families of measurements, separated by commas: fidelity,certainty (docs/evaluate.md)."""
    clips: int = 200
    """How many clips at most."""
    horizon: int = 32
    """How many pictures ahead."""
    camera: str | None = None
    """Which pictures, rgb@NAME; those that the model knows if nothing is said."""
    pairs: int = 40
    """How many pairs of films, possible and impossible, of each family of physics; and how many things pass behind screens."""
    planning: str | None = None
    """An arena in which goals are gone for by plans made in the model, tworoom or push_table (docs/arenas.md); it takes minutes."""
    manifest: Path | None = None
    """Starts and goals that were frozen earlier, in place of --planning: manifest.json of another report."""
    starts: int | None = None
    """How many goals, each from a start of its own; 100, or all of a manifest, if nothing is said."""
    tries: int = 3
    """How often each start is tried, with other draws of the planner."""
    varied: int = 0
    """How many starts are tried with each factor of the arena varied: colours, sizes, friction …"""
    planner: Literal["icem", "cem", "mppi", "gradient", "amortised"] = "icem"
    """How futures are chosen that are tried."""
    threads: int = 1
    """How many threads a model runs on."""


def run(options: Options) -> Outcome:
    begin = time.perf_counter()
    models, bundle = _given(options)
    for name, most in (("clips", 100_000), ("horizon", 10_000), ("threads", 256), ("pairs", 10_000), ("starts", 10_000), ("tries", 1000)):
        if (value := getattr(options, name)) is not None and not 1 <= value <= most:
            raise LimitError(f"so many {name} cannot be measured", got=value, expected=f"1 to {most:,}")
    if not 0 <= options.varied <= 10_000:
        raise LimitError("so many starts cannot be varied", got=options.varied, expected="0 to 10,000")
    from lifeworld.evaluate.sections import check

    only = tuple(part.strip() for part in options.only.split(",")) if options.only is not None else ()
    check(only)
    check_torch()
    from lifeworld.evaluate import report
    from lifeworld.evaluate.compare import compared
    from lifeworld.evaluate.opening import opened
    from lifeworld.worlds.planning.manifest import write

    course = _course(options)
    with replace_folder(options.out) as folder, ExitStack() as open_now:
        contestants = [open_now.enter_context(opened(each, threads=options.threads)) for each in models]
        heldout = _heldout(models, bundle, [each.subject for each in contestants], options)
        for note in heldout.footage.notes if heldout.footage else ():
            say(f"note: {note}")
        say(f"{heldout.of}, {heldout.pictures.shape[1]} pictures each, {1e9 / heldout.frame_ns:g} a second")
        reports = [_report(each, heldout, course, only, options) for each in contestants]
        if course is not None:
            write(course.manifest, folder / "manifest.json")
        if options.compare:
            comparison = compared(reports)
            report.write_several(comparison, folder)
        else:
            report.write(reports[0], folder)
    text, value = _told_of_several(comparison) if options.compare else _told(reports[0])
    page = options.out / "index.html"
    return Outcome(text=f"{text}\n{page} ({time.perf_counter() - begin:.0f} s)", value=value | {"page": str(page)})


def _given(options: Options) -> tuple[list[str], str]:
    """The models and the bundle.

    Raises:
        InputError: if they are too few, or too many.
    """
    count = len(options.what)
    if count < 3 if options.compare else count != 2:
        expected = "lifeworld evaluate --compare MODEL MODEL BUNDLE" if options.compare else "lifeworld evaluate MODEL BUNDLE"
        fix = "Several models side by side: --compare." if count > 2 else None
        raise InputError("a model is judged on a bundle", got=" ".join(options.what) or "nothing", expected=expected, fix=fix)
    *models, bundle = options.what
    return models, bundle


def _heldout(models: list[str], bundle: str, subjects: list[Subject], options: Options) -> HeldOut:
    """Clips that no subject learned from; a recording that one of them took in itself is known again, by the uids it gave it."""
    from lifeworld.evaluate.heldout import open_heldout
    from lifeworld.models.data.footage import is_taken_in

    usual = options.out.with_name(f"{options.out.name}-data")
    learned = [Path(model) / "data" for model in models]
    with bars(after_s=LONG_S) as bar:
        return open_heldout(
            bundle,
            subjects,
            cache=next((cache for cache in learned if is_taken_in(Path(bundle), cache)), usual),
            horizon=options.horizon,
            clips=options.clips,
            stream=options.camera,
            seed=options.seed,
            on_read=bar,
        )


def _report(contestant: Contestant, heldout: HeldOut, course: Course | None, only: tuple[str, ...], options: Options) -> Report:
    from lifeworld.evaluate.judged import Made, Report, judged, judged_on
    from lifeworld.evaluate.sections import SECTIONS, Asked, ask

    subject, seconds = contestant.subject, dict[str, float]()
    with progress(f"asking {subject.name}", (len(only) or len(SECTIONS)) + (course.count if course else 0)) as advance:

        def on_section(name: str, took: float) -> None:
            seconds[name] = took
            advance()

        plan = None if course is None else _planning(contestant, course, options, advance)
        asked = Asked(subject=subject, heldout=heldout, seed=options.seed, plan=plan, pairs=options.pairs)
        sections = ask(asked, only, on_section=on_section)
    return Report(
        model=judged(subject),
        data=judged_on(heldout, Path(options.what[-1]).resolve().name),
        seed=options.seed,
        command=_command(options),
        sections=sections,
        made=Made.now(seconds),
    )


def _course(options: Options) -> Course | None:
    """The goals that are gone for; None if no arena is named.

    Raises:
        InputError: for an arena and a manifest, or one that is not as it was frozen.
    """
    if options.planning is not None and options.manifest is not None:
        got = f"{options.planning}, {options.manifest}"
        raise InputError("a manifest names its arena itself", got=got, expected="--planning ARENA or --manifest FILE")
    if options.planning is None and options.manifest is None:
        return None
    from msgspec import structs

    from lifeworld.evaluate.planning import Course
    from lifeworld.worlds.planning.arenas import named
    from lifeworld.worlds.planning.manifest import freeze, read

    if options.planning is not None:
        arena, count = named(options.planning), options.starts or STARTS
        with progress("freezing starts", count) as advance:
            manifest = freeze(arena, count=count, seed=options.seed, on_errand=advance)
    else:
        assert options.manifest is not None
        manifest = read(options.manifest)
        if options.starts is not None and options.starts > len(manifest.frozen):
            raise InputError(
                "the manifest has not so many starts", where=str(options.manifest), got=options.starts, expected=len(manifest.frozen)
            )
        manifest = structs.replace(manifest, frozen=manifest.frozen[: options.starts])
        manifest = structs.replace(manifest, sha256=manifest.sum())
    return Course.of(manifest, tries=options.tries, varied=options.varied)


def _planning(contestant: Contestant, course: Course, options: Options, advance: Callable[[], None]) -> Callable[[], Section]:
    from lifeworld.evaluate.planning import planning
    from lifeworld.worlds.planning.mind import Behind
    from lifeworld.worlds.planning.planners import planner_of
    from lifeworld.worlds.planning.pursue import check_same

    subject, arena = contestant.subject, course.manifest.arena()

    def mind_of(true: World[Any]) -> Mind:
        return Behind.of(contestant.world(true), true, camera=arena.camera, context=subject.context, hold=arena.hold)

    true = course.manifest.world()
    check_same(true, mind_of(true).world)  # what does not fit is said before anything is measured
    return lambda: planning(
        subject.name,
        subject.sha256,
        mind_of,
        lambda mind: planner_of(options.planner, hold=mind.hold),
        course,
        seed=options.seed,
        on_done=advance,
    )


def _command(options: Options) -> str:
    """What makes the report again."""
    parts = ["lifeworld", "evaluate", *options.what, *(["--compare"] if options.compare else []), "-o", str(options.out)]
    for name in ("only", "clips", "horizon", "camera", "pairs", "planning", "manifest", "starts", "tries", "varied", "planner", "seed"):
        value = getattr(options, name)
        if value != Options.__dataclass_fields__[name].default:
            parts += [f"--{name}", str(value)]
    return shlex.join(parts)


def _told(report: Report) -> tuple[str, dict[str, Any]]:
    """A report in words, and for programs without the numbers of every single clip."""
    from lifeworld.evaluate.report import told, words

    value = told.as_json(report)
    for section in value["sections"]:
        for measured in section["measured"]:
            measured.pop("raw")
    return words.of_one(report), value


def _told_of_several(comparison: Comparison) -> tuple[str, dict[str, Any]]:
    from lifeworld.evaluate.report import told, words

    return words.of_several(comparison), told.several_as_json(comparison)
