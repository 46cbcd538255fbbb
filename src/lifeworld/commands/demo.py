"""`lifeworld demo`: what lifeworld is for, within twelve minutes of two cores."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from lifeworld.commands.verb import Common, Outcome, need, say
from lifeworld.core.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """See what lifeworld does: a sentence becomes a kitchen in which things happen, and its episodes a dream; a model learns to plan.

    Real recordings of two people at play become a dream too; reports say what each is worth. Then the studio opens, with three doors: the
    kitchen, its dream, a real session.

    Every step is a command that you could type; it is shown. Stopped anywhere, the same command goes on from there.
    """

    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("out/demo")
    """Where everything is put."""
    input: Path | None = None
    """A folder of your own recordings (videos, most simply) in place of the sessions."""
    fast: bool = False
    """Within three minutes: learn nothing, and look at a model that comes along."""
    enter: bool = True
    """Open the studio at the end, where this is a terminal."""


def run(options: Options) -> Outcome:
    for module, what, extra in (("torch", "learning", "learn"), ("fastapi", "the studio", "studio")):
        need(module, what, extra)
    if options.input is not None and not options.input.exists():
        raise InputError("there is no such folder of recordings", got=str(options.input), fix="lifeworld demo --input FOLDER")
    from lifeworld.demo import page
    from lifeworld.demo.course import Demo
    from lifeworld.demo.step import run as run_steps

    begin = time.monotonic()
    folder = options.out / "fast" if options.fast else options.out
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(folder=folder, given=options.input, fast=options.fast, seed=options.seed)
    done, doors = run_steps(demo.steps, folder, say=say), f"lifeworld enter {folder}"
    made = [page.write(folder, demo.steps, done, doors), *dict.fromkeys(path for step in demo.steps for path in step.makes)]
    say("\n".join(["", f"done in {(time.monotonic() - begin) / 60:.1f} minutes:", *(f"  {path}" for path in made)]))
    if options.enter and sys.stdout.isatty() and not options.json:
        os.execv(sys.executable, [sys.executable, "-m", "lifeworld", "enter", str(folder)])
    return Outcome(text=f"step in: {doors}", value={"made": [str(path) for path in made], "enter": doors})
