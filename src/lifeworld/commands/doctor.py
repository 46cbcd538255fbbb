"""`lifeworld doctor`: what works on this machine, what is missing, and the command that mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.core.errors import InputError
from lifeworld.doctor import Check, examine, renderer


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Say what works on this machine, what is missing, what each thing is for, and the exact command that mends it.

    Each part is really tried, in a child process with a time limit. Exit code 1 when something the base install needs is broken.
    """

    timeout_s: float = 60.0
    """How long each part may take before it counts as broken [s]."""


def run(options: Options) -> Outcome:
    if not 0 < options.timeout_s < float("inf"):
        raise InputError("a time limit is a positive number of seconds", got=options.timeout_s)
    say("lifeworld doctor: trying each part …")
    checks = examine(timeout_s=options.timeout_s)
    broken = [check.name for check in checks if check.base and check.state != "ok"]
    return Outcome(
        text=_page(checks, broken),
        value={"checks": [asdict(check) for check in checks], "renderer": renderer(checks), "broken": broken},
        exit_code=1 if broken else 0,
    )


def _page(checks: list[Check], broken: list[str]) -> str:
    wide = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{check.state:<8} {check.name:<{wide}}  {check.found}")
        if check.state != "ok":
            lines.append(f"{'':<8} {'':<{wide}}  for: {check.needed_for}")
            lines.append(f"{'':<8} {'':<{wide}}  mend: {check.mend}")
    paints = {"egl": "EGL", "osmesa": "OSMesa", "rays": "rays, without OpenGL"}
    chosen = renderer(checks)
    lines.append("")
    lines.append(f"Pictures are made by {paints[chosen]}." if chosen else "No picture can be made.")
    lines.append(f"Broken, and needed by everything: {', '.join(broken)}." if broken else "All that the base install needs works.")
    return "\n".join(lines)
