"""`lifeworld make possible`: courses that physics allows, to learn from without anybody acting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lifeworld.commands.make_plays import added, only_usual
from lifeworld.commands.verb import Outcome, progress

if TYPE_CHECKING:
    from lifeworld.commands.make import Options

NAME = "possible"
NOT_HERE = ("events", "sheet", "keep_rejected", "signals", "renderer", "quality", "pixels", "agent", "seconds")
"""Options of scenes that mean nothing here: these courses are as long, and look, as the films that models are judged by."""


def is_meant(options: Options) -> bool:
    """Whether they are asked for, by their name."""
    return options.scene == NAME


def run(options: Options) -> Outcome:
    """Record them and draw a sheet of the first."""
    from lifeworld.core.origin import Terms
    from lifeworld.evaluate.pairs.possible import SECONDS, possible_to

    begin = time.perf_counter()
    only_usual(options, NOT_HERE, what="these courses are as they are", where=NAME)
    with progress("possible courses", options.episodes) as done:
        uids = possible_to(
            options.out,
            episodes=options.episodes,
            seed=options.seed,
            terms=Terms(license=options.licence),
            anew=options.anew,
            workers=options.workers,
            on_episode=done,
        )
    plays, spent = added(options, uids), time.perf_counter() - begin
    return Outcome(
        text=f"{len(uids)} possible courses of {SECONDS:g} s in {options.out}, {plays.megabytes_each:.2f} MB each ({spent:.1f} s); "
        f"learn from them: lifeworld learn {options.out} --goal plan -o model",
        value=plays.value(spent),
    )
