"""A step of the demo: a command that anyone can type, what it leaves, and about how long it takes. It is done once."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lifeworld.core.errors import LifeworldError
from lifeworld.core.write import replace_file

DONE = "steps.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`says` what is done and why it is worth looking at; `makes` what is there afterwards, the first of it shown; `minutes` about how long
    that takes on two cores.

    `command` is what follows `lifeworld` on the command line, asked for when its turn comes: what an interrupted one left is gone on with.
    """

    name: str
    says: str
    command: Callable[[], Sequence[str]]
    makes: tuple[Path, ...]
    minutes: float

    @property
    def digest(self) -> str:
        """What the step is about; another one has to be done again."""
        return hashlib.sha256(json.dumps([self.says, *(str(path) for path in self.makes)]).encode()).hexdigest()[:16]


class StepFailed(LifeworldError):
    """A step's command ended badly; what it said is on stderr."""


def run(steps: Sequence[Step], folder: Path, *, say: Callable[[str], None]) -> list[Path]:
    """Do those that are not done, in order; the paths that there are then.

    Raises:
        StepFailed: if a command ends badly. What was done before is kept, and the next run goes on from there.
    """
    done, pace = _done(folder), 1.0
    for number, step in enumerate(steps, 1):
        head = f"[{number}/{len(steps)}] {step.says}"
        if done.get(step.name) == step.digest and all(path.exists() for path in step.makes):
            say(f"{head}: there already, {step.makes[0]}")
            continue
        left = sum(s.minutes for s in steps[number - 1 :] if done.get(s.name) != s.digest) * pace
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
        if step.minutes > 0.5:  # short ones are mostly waiting for Python
            pace = 0.5 * pace + 0.5 * (time.monotonic() - begin) / 60 / step.minutes
        done[step.name] = step.digest
        with replace_file(folder / DONE) as beside:
            beside.write_text(json.dumps(done, indent=1), encoding="utf-8")
    return [path for step in steps for path in step.makes]


def _done(folder: Path) -> dict[str, str]:
    """The steps that were done in this folder, by name; none where that cannot be read."""
    try:
        found = json.loads((folder / DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}


def _lasts(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes >= 1.5 else f"{max(5, round(minutes * 60 / 5) * 5)} s"
