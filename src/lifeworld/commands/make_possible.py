"""`lifeworld make possible`: courses that physics allows, to learn from without anybody acting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lifeworld.commands.verb import Outcome, progress, say
from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.write import replace_file

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
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.seal import files_of
    from lifeworld.episode.sheet import sheet
    from lifeworld.evaluate.pairs.possible import SECONDS, possible_to

    begin = time.perf_counter()
    usual = type(options)(scene=options.scene, out=options.out)
    if changed := [name for name in NOT_HERE if getattr(options, name) != getattr(usual, name)]:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in changed)
        raise InputError("these courses are as they are", where=NAME, got=words, fix="Leave that away, or make a scene.")
    if options.workers is not None and options.workers < 1:
        raise LimitError("that many workers cannot work", got=options.workers, expected="1 or more")
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
    bundle = open_bundle(options.out)
    earlier = len(bundle) - len(uids)
    if earlier:
        say(f"note: {earlier} episodes of earlier runs are there too; --anew would delete them")
    with replace_file(options.out / "sheet.png") as beside:
        sheet(bundle[earlier]).save(beside, format="PNG")
    size = [sum(file.bytes for file in files_of(options.out, bundle.manifest(i))) for i in range(earlier, len(bundle))]
    spent = time.perf_counter() - begin
    return Outcome(
        text=f"{len(uids)} possible courses of {SECONDS:g} s in {options.out}, {sum(size) / len(size) / 1e6:.2f} MB each ({spent:.1f} s); "
        f"learn from them: lifeworld learn {options.out} --goal plan -o model",
        value={
            "bundle": str(options.out),
            "episodes": uids,
            "earlier_episodes": earlier,
            "bytes": size,
            "sheet": str(options.out / "sheet.png"),
            "seconds": round(spent, 3),
        },
    )
