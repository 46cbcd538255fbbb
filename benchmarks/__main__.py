"""`python -m benchmarks [NAME …]`: run the benchmarks, print each number beside its bar, write them into docs/benchmarks.md.

Without names all that fits ten minutes of two quiet cores; `--long` runs what takes longer instead; `--list` says what there is.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.kept import FAILED, FILE, ROOT, Run, read
from benchmarks.one import heard
from benchmarks.others import Others
from benchmarks.page import PAGE, keep
from benchmarks.parts import WHOLE_S, Part, benches, parts_of, told
from benchmarks.row import Row

PATIENCE = 30
"""Times its share, that a part may take on a crowded machine before it is stopped."""


def main() -> int:
    """Run the named benchmarks, or all; 1 if one did not come to its end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--long", action="store_true", help="what takes longer, instead: training, thousands of futures")
    parser.add_argument("--list", action="store_true", help="say what there is and how long it takes, and do nothing")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(benches()):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(benches())}")
    parts = [part for bench in asked.names or benches() for part in parts_of(bench)]
    if asked.list:
        print("\n".join(f"{part.name:<18} {_minutes(part.share_s):>8}  {told(part.name)}" for part in parts))
        return 0
    both = {part.bench for part in parts if not part.long} & {part.bench for part in parts if part.long}
    named = set(asked.names) - both  # of these there is one part, and that one is meant
    wanted = [part for part in parts if part.long == asked.long or part.bench in named]
    return _run(wanted, whole=not asked.names and not asked.long)


def _run(parts: list[Part], *, whole: bool) -> int:
    first, others, start, broken = Run.now(), Others(), time.perf_counter(), []
    print(f"{first.machine}, commit {first.commit}, {first.date}")
    for number, part in enumerate(parts):
        done, left = (sum(p.share_s for p in some) for some in (parts[:number], parts[number:]))
        slower = (time.perf_counter() - start) / done if done else 1.0
        print(f"\n[{number + 1}/{len(parts)}] {part.name}: {told(part.name)}\n  (about {_minutes(left * slower)} left)", flush=True)
        begin = time.perf_counter()
        if not _measured(part):
            broken.append(part.name)
        print(f"  ({time.perf_counter() - begin:.0f} s; its share is {part.share_s:g} s)", flush=True)
    took = time.perf_counter() - start
    if whole:
        row = Row("make bench, all of it, on two quiet cores", took, "s", WHOLE_S, lower=True, n=len(parts))
        keep(replace(read().with_part("bench", [(row, others.share())], first, drop=True), whole=first, seconds=took))
    print(f"\n{_minutes(took)}; written to {PAGE.relative_to(ROOT)}, kept in {FILE.relative_to(ROOT)}")
    if broken:
        print(f"not measured whole: {', '.join(broken)}", file=sys.stderr)
    return int(bool(broken))


def _measured(part: Part) -> bool:
    """Run a part and keep its rows; whether it came to its end. Stopped by hand, what was measured until then is kept."""
    run, stopped, why = Run.now(), None, ""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "rows"
        try:
            why = _ran(part, file)
        except KeyboardInterrupt as error:
            stopped = error
        said = heard(file)
    why, rows = said.failed or why, list(said.rows)
    if why:
        print(f"  {FAILED}: {why}", flush=True)
        rows.append((Row(FAILED, None, "", note=why), None))
    if said.absent:
        print(f"  not on this machine: {said.absent}", flush=True)
    keep(read().with_part(part.name, rows, run, drop=not (stopped or why or said.absent)))
    if stopped:
        raise stopped
    return not why


def _ran(part: Part, file: Path) -> str:
    """Why it did not come to its end; nothing if it did."""
    command = [sys.executable, "-m", "benchmarks.one", part.bench, *(["long"] if part.long else []), str(file)]
    child = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        code = child.wait(PATIENCE * part.share_s + 60)
        return f"it ended with {code}" if code else ""
    except subprocess.TimeoutExpired:
        return f"still at it after {_minutes(PATIENCE * part.share_s + 60)}"
    finally:  # whoever it started, too
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
