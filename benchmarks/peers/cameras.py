"""`python -m benchmarks.peers cameras [NAME …]`: our cameras beside others', one after the other in one run, each in its own environment.

Each takes its turn with the same number of processes, started together; what they draw in a second is summed. Everyone draws the
same frames of the same scene (`tumble.py`); before a number counts, the depth they draw is held against ours. A peer that cannot
be built or does not run has its line in the table all the same, with the reason. The table is kept in out/bench-peers.json, and the
ratios in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.kept import Run, read
from benchmarks.page import keep
from benchmarks.peers.together import NoTurn, same_view, together
from benchmarks.peers.tumble import FRAMES, described, tumble
from benchmarks.peers.turn import others_share
from benchmarks.peers.venvs import NotBuilt, build
from benchmarks.row import DISTURBED, Row, machine
from benchmarks.watch import ALL_SEE

HERE = Path(__file__).parent
OUT = Path("out/bench-peers.json")
SAME = 0.95
"""Of the pixels: the same view, whatever is done at edges and to round things made of triangles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Who draws what: `environment` None is ours; `bar` is how many times as fast as it the one called `against` must be."""

    name: str
    environment: str | None
    script: str
    words: tuple[str, ...] = ()
    size_px: tuple[int, int] = (320, 240)
    least: int = 3
    against: str = ""
    bar: float | None = None


@dataclass(slots=True)
class Line:
    """One line of the table; without `frames_per_s` it says why in `note`."""

    name: str
    version: str = ""
    signals: str = ""
    size: str = ""
    frames_per_s: float | None = None
    same_view: float | None = None
    ratio: float | None = None
    ratio_by_processor: float | None = None
    bar: float | None = None
    busy_ms: float | None = None
    others: float | None = None
    peak_mb: float | None = None
    disturbed: bool = False
    note: str = ""
    turns: list[dict[str, Any]] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        if self.bar is None or self.ratio is None:
            return ""
        if self.disturbed:
            return "DISTURBED"
        return "ok" if self.ratio >= self.bar else "SHORT"


SMALL, CLIP = "ours", "ours-clip"
CONTESTANTS = (
    Contestant(name=SMALL, environment=None, script="ours.py", words=("standard", "rgb", "depth_m", "instance_ids")),
    Contestant(name="ours-unshadowed", environment=None, script="ours.py", words=("draft", "rgb", "depth_m", "instance_ids")),
    Contestant(name="pybullet", environment="pybullet", script="peer_pybullet.py", against=SMALL, bar=1.5),
    Contestant(name="mujoco", environment="mujoco", script="peer_mujoco.py", against=SMALL),
    Contestant(name="mujoco-tuned", environment="mujoco", script="peer_mujoco.py", words=("tuned",), against=SMALL),
    Contestant(name="genesis", environment="genesis", script="peer_genesis.py", against=SMALL, bar=5),
    Contestant(name="newton", environment="newton", script="peer_newton.py", against=SMALL, bar=5),
    Contestant(name=CLIP, environment=None, script="ours.py", words=("standard", *ALL_SEE), size_px=(256, 256), least=FRAMES),
    Contestant(name="cycles", environment="bpy", script="peer_bpy.py", size_px=(256, 256), least=FRAMES, against=CLIP, bar=50),
)


def main(words: list[str]) -> int:
    """Draw up the table."""
    names = [c.name for c in CONTESTANTS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers cameras", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, with ours: {', '.join(names)}")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each draws at least")
    asked = parser.parse_args(words)
    if unknown := set(asked.names) - set(names):
        parser.error(f"no contestant {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    wanted = [c for c in CONTESTANTS if not asked.names or c.name in asked.names]
    wanted = [c for c in CONTESTANTS if c in wanted or c.name in {w.against for w in wanted}]
    rules = f"{asked.processes} processes each, at least {asked.seconds:g} s of drawing; the rules are in benchmarks/peers/turn.py"
    print(f"{machine()}\n{rules}\n")
    lines: dict[str, Line] = {}
    run = Run.now()
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        for line, contestant in _turns(wanted, Path(folder), processes=asked.processes, seconds=asked.seconds):
            ours = lines.get(contestant.against)
            if ours is not None and ours.frames_per_s and line.frames_per_s:
                line.ratio = ours.frames_per_s / line.frames_per_s
                line.ratio_by_processor = (line.busy_ms or 0) / (ours.busy_ms or 1)
                line.disturbed = any((one.others or 0) > DISTURBED for one in (ours, line))
            lines[contestant.name] = line
            print(_text(line), flush=True)
    report = {"machine": machine(), "processes": asked.processes, "lines": [asdict(li) | {"verdict": li.verdict} for li in lines.values()]}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    keep(read().with_part("peers: cameras", rows(report["lines"]), run, drop=not asked.names))
    print(f"\nkept in {OUT}")
    return 0


def rows(lines: list[dict[str, Any]]) -> list[tuple[Row, float | None]]:
    """A row of docs/benchmarks.md for each line, with the share of the machine that others took: while it drew or while ours did."""
    found, taken = [], {line["name"]: line["others"] for line in lines}
    against = {contestant.name: contestant.against for contestant in CONTESTANTS}
    for line in lines:
        drawn = sum(turn["frames"] for turn in line["turns"])
        if line["frames_per_s"] is None:
            row = Row(f"{line['name']}, {line['size']}", None, "", line["bar"], note=line["note"])
        elif line["ratio"] is None:
            row = Row(f"{line['name']}, {line['size']}, 2 processes", line["frames_per_s"], "frames/s", n=drawn)
        else:
            note = f"{line['version']}: {line['frames_per_s']:.4g} frames/s"
            row = Row(f"ours beside {line['name']}, {line['size']}", line["ratio"], "x", line["bar"], timed=True, n=drawn, note=note)
        others = [taken[name] for name in (line["name"], against[line["name"]]) if taken.get(name) is not None]
        found.append((row, max(others, default=None)))
    return found


def _turns(wanted: list[Contestant], folder: Path, *, processes: int, seconds: float) -> Iterator[tuple[Line, Contestant]]:
    scenes = {size: described(tumble(width_px=size[0], height_px=size[1])) for size in {c.size_px for c in wanted}}
    proofs: dict[tuple[int, int], Path] = {}
    for contestant in wanted:
        line = Line(name=contestant.name, bar=contestant.bar, size="×".join(map(str, contestant.size_px)))
        try:
            python = Path(sys.executable) if contestant.environment is None else build(contestant.environment)
            plans = [folder / f"{contestant.name}-{i}.json" for i in range(processes)]
            for plan in plans:
                told = {"scene": scenes[contestant.size_px], "seconds": seconds, "least": contestant.least}
                plan.write_text(json.dumps(told | {"proof": str(plan.with_suffix(".npz"))}), encoding="utf-8")
            line.turns = together(python, HERE / contestant.script, contestant.words, plans)
        except NotBuilt as error:
            line.note = f"NOT BUILT: {error}"
        except NoTurn as error:
            line.note = f"DID NOT RUN: {error}"
        else:
            first = line.turns[0]
            line.version, line.signals, line.note = first["version"], first["signals"], first["note"]
            line.frames_per_s = sum(turn["frames"] / turn["drawing_s"] for turn in line.turns)
            line.busy_ms = 1000 * sum(turn["busy_s"] for turn in line.turns) / sum(turn["frames"] for turn in line.turns)
            line.others = others_share(first["machine_s"], sum(turn["own_s"] for turn in line.turns), first["whole_s"])
            line.peak_mb = max(turn["peak_mb"] for turn in line.turns)
            proof = plans[0].with_suffix(".npz")
            if contestant.environment is None:
                proofs.setdefault(contestant.size_px, proof)
            if contestant.size_px in proofs:
                line.same_view = same_view(proofs[contestant.size_px], proof)
            if line.same_view is not None and line.same_view < SAME:
                line.frames_per_s, line.note = None, f"ANOTHER VIEW than ours ({line.same_view:.0%} of depth agrees): no number"
        yield line, contestant


def _text(line: Line) -> str:
    if line.frames_per_s is None:
        return f"{line.name:<16} {line.note}"
    ratio = "" if line.ratio is None else f"ours ×{line.ratio:.2f}"
    bar = "" if line.bar is None else f"(bar ×{line.bar:g}) {line.verdict}"
    head = f"{line.name:<16} {line.version:<11} {line.size:<8} {line.frames_per_s:>9.2f} frames/s  {ratio:<12} {bar:<18}"
    view = "view not compared, ours is missing" if line.same_view is None else f"same view {line.same_view:.1%}"
    less = "" if line.ratio_by_processor is None else f" (×{line.ratio_by_processor:.2f} ours)"
    cost = f"{line.busy_ms:.4g} ms of processor a frame{less}, {line.peak_mb:.0f} MB, {view}, others took {line.others:.0%} of the machine"
    return f"{head}\n{'':<16} {cost}\n{'':<16} {line.signals}; {line.note}"
