"""`lifeworld check`: everything that is wrong with a bundle, and what should be known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from lifeworld.commands.verb import Common, Outcome


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Check a bundle: every file there with its hash, every manifest, time, shape, consent and picture as it must be.

    Lists all that is wrong, each with how to mend it. The exit code is 2 if something is, and 0 if there are only warnings.
    """

    path: tyro.conf.Positional[Path]
    """The folder of the bundle."""
    deep: bool = False
    """Decode every value, not a few of each stream."""
    keys: Path | None = None
    """The folder of the keys that open what is encrypted; the usual one if not given."""


def run(options: Options) -> Outcome:
    from dataclasses import asdict

    from lifeworld.episode.check import check
    from lifeworld.episode.keys import Keys

    problems = check(options.path, deep=options.deep, keys=Keys(options.keys))
    wrong = [problem for problem in problems if not problem.warning]
    warnings = [problem for problem in problems if problem.warning]
    lines = [f"✗ {problem}" for problem in wrong] + [f"! {problem}" for problem in warnings]
    said = "nothing is wrong" if not wrong else "1 thing is wrong" if len(wrong) == 1 else f"{len(wrong)} things are wrong"
    said += f", {len(warnings)} to know" if warnings else ""
    return Outcome(
        text="\n".join([*lines, f"{options.path}: {said}"]),
        value={"problems": [asdict(problem) for problem in problems], "wrong": len(wrong), "warnings": len(warnings)},
        exit_code=2 if wrong else 0,
    )
