"""`lifeworld make` of an arena: plays to learn from, a picture a decision."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lifeworld.commands.make_plays import added, only_usual
from lifeworld.commands.verb import Outcome, progress
from lifeworld.core.errors import LimitError

if TYPE_CHECKING:
    from lifeworld.commands.make import Options

NOT_HERE = ("events", "sheet", "keep_rejected", "signals", "renderer", "quality")
"""Options of scenes that mean nothing in an arena: its signals, its looks and what happens in it are its own."""


def is_meant(options: Options) -> bool:
    """Whether an arena is asked for: by a name that no scene has, or by its player."""
    from lifeworld.scene.starter import names
    from lifeworld.worlds.planning.arenas import ARENAS
    from lifeworld.worlds.planning.play import PLAYER

    return options.agent == PLAYER or (options.scene in ARENAS and options.scene not in names())


def run(options: Options) -> Outcome:
    """Play in the arena and keep what was seen and done."""
    from lifeworld.core.origin import Terms
    from lifeworld.worlds.planning.arenas import named
    from lifeworld.worlds.planning.play import PLAYER, play_to

    begin, arena = time.perf_counter(), named(options.scene)
    only_usual(options, NOT_HERE, what="an arena is as it is published", where=arena.name)
    with progress(f"plays of {arena.name}", options.episodes) as done:
        uids = play_to(
            options.out,
            arena,
            episodes=options.episodes,
            seed=options.seed,
            seconds=options.seconds,
            agent=options.agent or PLAYER,
            variation=_sized(options.pixels),
            terms=Terms(license=options.licence),
            anew=options.anew,
            workers=options.workers,
            on_episode=done,
        )
    plays = added(options, uids)
    spent, lasts = time.perf_counter() - begin, plays.bundle[plays.earlier].duration_ns * 1e-9
    world = arena.world()
    decision_s = arena.hold * world.spec.tick_ns * 1e-9
    return Outcome(
        text=f"{len(uids)} {'play' if len(uids) == 1 else 'plays'} of {lasts:g} s in {options.out}, a decision and a picture every "
        f"{decision_s:g} s, {plays.megabytes_each:.2f} MB each ({spent:.1f} s); look at {plays.sheet}",
        value={"arena": arena.name, "source": arena.source, "decision_s": decision_s, **plays.value(spent)},
    )


def _sized(pixels: str | None) -> dict[str, int]:
    """The option of an arena's world for a size of pictures, which are square."""
    if pixels is None:
        return {}
    width, x, height = pixels.partition("x")
    if not (x and width.isdecimal() and width == height):
        raise LimitError("no such size of pictures in an arena", got=pixels, expected="as wide as high, like 96x96")
    return {"size_px": int(width)}
