"""One row of the doctor's table, and trying a thing in a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was tried, how it went, what it is for, and the command or sentence that mends it (None when it is ok)."""

    name: str
    state: State
    found: str
    needed_for: str
    mend: str | None
    base: bool
    """Whether the base install cannot do without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A row before it is known how it went."""

    name: str
    needed_for: str
    mend: str | None = None
    base: bool = False

    def ok(self, found: str) -> Check:
        return Check(name=self.name, state="ok", found=found, needed_for=self.needed_for, mend=None, base=self.base)

    def missing(self, found: str) -> Check:
        return Check(name=self.name, state="missing", found=found, needed_for=self.needed_for, mend=self.mend, base=self.base)

    def broken(self, found: str) -> Check:
        return Check(name=self.name, state="broken", found=found, needed_for=self.needed_for, mend=self.mend, base=self.base)


def tried(need: Need, args: list[str], *, timeout_s: float) -> Check:
    """Run this Python with `args`; the last line of its stdout is a JSON object that says how it went.

    `{"ok": true, "found": …}` or `{"ok": false, "missing": true or false, "why": …}`; saying nothing, or too late, is `broken`.
    """
    code, out, why = ran([sys.executable, *args], timeout_s=timeout_s)
    try:
        said = json.loads(out.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return need.broken(why or f"said nothing and ended with {code}")
    if said["ok"]:
        return need.ok(said["found"])
    return need.missing(said["why"]) if said["missing"] else need.broken(said["why"])


def ran(command: list[str], *, timeout_s: float) -> tuple[int, str, str]:
    """Exit code, stdout, and in one line why it failed ("" when it did not)."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout_s, stdin=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "", f"no answer within {timeout_s:g} s"
    except OSError as error:
        return -1, "", str(error)
    if done.returncode == 0:
        return 0, done.stdout, ""
    last = (done.stderr.strip().splitlines() or [""])[-1]
    how = f"killed by signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    return done.returncode, done.stdout, f"{how}: {last}" if last else how
