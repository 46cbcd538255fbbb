"""`lifeworld recover`: what a recording that was killed has left becomes episodes, and what else was left half-done goes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from lifeworld.commands.verb import Common, Outcome
from lifeworld.core.errors import InputError

if TYPE_CHECKING:
    from lifeworld.episode.journal import Recovered


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Make episodes of the journals that killed recordings have left in a bundle, and remove other half-written files.

    Recordings that go on are left alone. Doing it again changes nothing.
    """

    bundle: tyro.conf.Positional[Path]
    """The bundle."""
    keys: Path | None = None
    """The folder of the keys with which streams of people are encrypted, where their recording asked for it; the usual one if not given."""
    wait_s: float = 60.0
    """How long to wait for another process that writes to the bundle [s]."""


def run(options: Options) -> Outcome:
    from lifeworld.episode.journal import recover, sweep_bundle
    from lifeworld.episode.keys import Keys

    if not 0 <= options.wait_s < float("inf"):
        raise InputError("a time to wait is a number of seconds from 0 up", got=options.wait_s)
    found = recover(options.bundle, encrypt=Keys(options.keys) if options.keys else None, wait_s=options.wait_s)
    swept = sweep_bundle(options.bundle)
    lines = [_line(one) for one in found] or ["no recording was left to recover"]
    if swept:
        lines.append(f"{len(swept)} half-written or set aside files and folders removed, or put back")
    return Outcome(
        text="\n".join(lines),
        value={"journals": [asdict(one) for one in found], "swept": [str(path) for path in swept]},
        exit_code=1 if any(one.problem for one in found) else 0,
    )


def _line(one: Recovered) -> str:
    if one.problem:
        return f"{one.uid}: cannot be read and was left where it is: {one.problem}"
    torn = f"; {one.lost:,} torn bytes left out" if one.lost else ""
    if not one.count:
        return f"{one.uid}: nothing was recorded; removed{torn}"
    return f"{one.uid}: {one.seconds:.2f} s, {one.count:,} values in {len(one.streams)} streams{torn}"
