"""`lifeworld evaluate`: what a model is worth, as one page on which every number stands beside what costs nothing."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from lifeworld.commands.learn import check_torch
from lifeworld.commands.verb import Common, Outcome, progress, say
from lifeworld.core.errors import InputError, LimitError

if TYPE_CHECKING:
    from lifeworld.evaluate.compare import Comparison
    from lifeworld.evaluate.heldout import HeldOut
    from lifeworld.evaluate.judged import Report
    from lifeworld.evaluate.subject import Subject

MOST_CLIPS, MOST_HORIZON = 100_000, 10_000


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
    threads: int = 1
    """How many threads a model runs on."""


def run(options: Options) -> Outcome:
    begin = time.perf_counter()
    models, bundle = _given(options)
    if not (1 <= options.clips <= MOST_CLIPS and 1 <= options.horizon <= MOST_HORIZON and 1 <= options.threads <= 256):
        got = f"{options.clips} clips, {options.horizon} pictures ahead, {options.threads} threads"
        raise LimitError(
            "that cannot be measured", got=got, expected=f"1 to {MOST_CLIPS:,} clips, to {MOST_HORIZON:,} pictures, to 256 threads"
        )
    from lifeworld.evaluate.sections import check

    only = tuple(part.strip() for part in options.only.split(",")) if options.only is not None else ()
    check(only)
    check_torch()
    from lifeworld.evaluate import report

    subjects = [_subject(each, options) for each in models]
    heldout = _heldout(bundle, subjects, options)
    for note in heldout.footage.notes if heldout.footage else ():
        say(f"note: {note}")
    say(f"{heldout.of}, {heldout.pictures.shape[1]} pictures each, {1e9 / heldout.frame_ns:g} a second")
    reports = [_report(subject, heldout, Path(bundle), only, options) for subject in subjects]
    if options.compare:
        comparison = report.write_several(reports, options.out)
        text, value = _told_of_several(comparison)
    else:
        report.write(reports[0], options.out)
        text, value = _told(reports[0])
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


def _subject(said: str, options: Options) -> Subject:
    from lifeworld.evaluate.ours import SubjectDream

    return SubjectDream(Path(said), threads=options.threads)


def _heldout(bundle: str, subjects: list[Subject], options: Options) -> HeldOut:
    from lifeworld.evaluate.heldout import open_heldout

    return open_heldout(
        bundle,
        subjects,
        cache=options.out.with_name(f"{options.out.name}-data"),
        horizon=options.horizon,
        clips=options.clips,
        stream=options.camera,
        seed=options.seed,
    )


def _report(subject: Subject, heldout: HeldOut, bundle: Path, only: tuple[str, ...], options: Options) -> Report:
    from lifeworld.evaluate.judged import Made, Report, judged, judged_on
    from lifeworld.evaluate.sections import SECTIONS, Asked, ask

    seconds: dict[str, float] = {}
    with progress(f"asking {subject.name}", len(only) or len(SECTIONS)) as advance:

        def on_section(name: str, took: float) -> None:
            seconds[name] = took
            advance()

        sections = ask(Asked(subject=subject, heldout=heldout, seed=options.seed), only, on_section=on_section)
    return Report(
        model=judged(subject),
        data=judged_on(heldout, bundle.resolve().name),
        seed=options.seed,
        command=_command(options),
        sections=sections,
        made=Made.now(seconds),
    )


def _command(options: Options) -> str:
    """What makes the report again."""
    parts = ["lifeworld", "evaluate", *options.what, *(["--compare"] if options.compare else []), "-o", str(options.out)]
    for name in ("only", "clips", "horizon", "camera", "seed"):
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
