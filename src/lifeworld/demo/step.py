"""A step of the demo: a command that anyone can type, what it leaves, and about how long it takes. It is done once."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lifeworld.core.errors import LifeworldError
from lifeworld.core.origin import Origin
from lifeworld.core.write import replace_file

DONE = "steps.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`title` and `says` are for people; `makes` is what is there afterwards, and `origin` where its pictures come from; `minutes` about
    how long it takes on two cores.

    `command` is what follows `lifeworld` on the command line, asked for when its turn comes: what an interrupted one left is gone on with.
    """

    name: str
    title: str
    says: str
    command: Callable[[], Sequence[str]]
    makes: tuple[Path, ...]
    minutes: float
    origin: Origin = Origin.SIMULATED

    @property
    def digest(self) -> str:
        """What the step is about; another one has to be done again."""
        return hashlib.sha256(msgspec.json.encode([self.says, *(str(path) for path in self.makes)])).hexdigest()[:16]


class Done(msgspec.Struct, frozen=True):
    """A step that was done: its digest, the command that did it, how many minutes that took."""

    digest: str
    command: tuple[str, ...]
    minutes: float


class StepFailed(LifeworldError):
    """A step's command ended badly; what it said is on stderr."""


def run(steps: Sequence[Step], folder: Path, *, say: Callable[[str], None]) -> dict[str, Done]:
    """Do those that are not done, in order; how each was done, by name.

    Raises:
        StepFailed: if a command ends badly. What was done before is kept, and the next run goes on from there.
    """
    done, pace = _done(folder), 1.0

    def is_done(step: Step) -> bool:
        return step.name in done and done[step.name].digest == step.digest and all(path.exists() for path in step.makes)

    for number, step in enumerate(steps, 1):
        head = f"[{number}/{len(steps)}] {step.says}"
        if is_done(step):
            say(f"{head}: there already, {step.makes[0]}")
            continue
        left = sum(s.minutes for s in steps[number - 1 :] if not is_done(s)) * pace
        say(f"{head} (about {_lasts(step.minutes * pace)}; {_lasts(left)} left in all)")
        command, begin = list(step.command()), time.monotonic()
        say(f"    $ lifeworld {shlex.join(command)}")
        code = subprocess.call([sys.executable, "-m", "lifeworld", *command], stdout=sys.stderr)
        if code == 130:
            raise KeyboardInterrupt
        if code:
            raise StepFailed(
                f"the demo's step {step.name!r} failed",
                where=f"lifeworld {shlex.join(command)}",
                got=f"exit code {code}",
                fix="What is said above mends it; the same command goes on from there.",
            )
        minutes = (time.monotonic() - begin) / 60
        if step.minutes > 0.5:  # short ones are mostly waiting for Python
            pace = 0.5 * pace + 0.5 * minutes / step.minutes
        done[step.name] = Done(step.digest, tuple(command), round(minutes, 2))
        with replace_file(folder / DONE) as beside:
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(done)))
    return done


def _done(folder: Path) -> dict[str, Done]:
    """The steps that were done in this folder, by name; none where that cannot be read."""
    try:
        return msgspec.json.decode((folder / DONE).read_bytes(), type=dict[str, Done])
    except (OSError, msgspec.MsgspecError):
        return {}


def _lasts(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes >= 1.5 else f"{max(5, round(minutes * 60 / 5) * 5)} s"
