"""`python -m benchmarks.peers models [NAME …]`: our nano model beside others' of about its size, in one run, each in its own environment.

Each takes its turn alone and on one thread; what counts is processor time (`turn.py`). The table is kept in
out/bench-models.json, and the ratios in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.kept import Run, read
from benchmarks.others import Others
from benchmarks.page import keep
from benchmarks.peers.venvs import NotBuilt, build
from benchmarks.row import Row, machine
from benchmarks.workers import ONE_THREAD

HERE, OUT = Path(__file__).parent, Path("out/bench-models.json")
BAR = 1.5
"""Samples a second of ours over theirs."""
PATIENCE_S = 1800


class Contestant(NamedTuple):
    """Who takes a turn: `environment` None is ours."""

    name: str
    environment: str | None
    script: str
    words: tuple[str, ...] = ()


CONTESTANTS = (
    Contestant("ours", None, "ours.py"),
    Contestant("ours-onnx", None, "ours.py", ("onnx",)),
    Contestant("dreamer4", "dreamer4", "peer_dreamer4.py"),
    Contestant("simulusion", "simulusion", "peer_simulusion.py"),
    Contestant("torch-world", "torch-world", "peer_torch_world.py"),
)


def main(args: list[str]) -> int:
    """Draw up the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers models")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, with ours: {', '.join(c.name for c in CONTESTANTS)}")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each thing is measured, of processor time")
    asked = parser.parse_args(args)
    print(
        f"{machine()}\none thread each, per second of its processor time; clips of 8 pictures of 64 × 64, 8 a batch; a sample is a clip\n"
    )
    print(f"{'':<20} {'version':<9} {'numbers':>8} {'learned':>12} {'ours':>7} {'usually':>7} {'played':>12} {'ours':>7}")
    lines: list[dict[str, Any]] = []
    run, others = Run.now(), Others()
    for contestant in CONTESTANTS:
        if asked.names and contestant.name not in asked.names and contestant.environment is not None:
            continue
        try:
            said = _turn(contestant, asked.seconds)
        except (NotBuilt, subprocess.SubprocessError, ValueError) as error:
            lines.append({"name": contestant.name, "note": str(error).splitlines()[-1][:300], "others": others.share()})
            print(f"{contestant.name:<20} no number: {lines[-1]['note']}", flush=True)
            continue
        ours = lines[0] if lines and contestant.environment is not None and "samples_per_s" in lines[0] else None
        if ours is not None:
            said["ratio_learned"] = ours["samples_per_s"] / said["samples_per_s"]
            said["ratio_usual"] = ours["usual_per_s"] / said["samples_per_s"]
            said["ratio_played"] = ours["played_per_s"] / said["played_per_s"] if said["played_per_s"] else None
        said["others"] = others.share()
        lines.append(said)
        print(_text(said), flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"machine": machine(), "bar": BAR, "lines": lines}, indent=1) + "\n", encoding="utf-8")
    keep(read().with_part("peers: models", rows(lines), run, drop=not asked.names))
    ratios = [line["ratio_learned"] for line in lines if "ratio_learned" in line]
    usual = min((line["ratio_usual"] for line in lines if "ratio_usual" in line), default=0)
    said = f"×{min(ratios, default=0):.2f} as fast as each from whole pictures (bar ×{BAR}), ×{usual:.2f} as it usually learns"
    print(f"\nlearned at least {said}" if ratios else "\nno peer to compare with")
    return 0


def rows(lines: list[dict[str, Any]]) -> list[tuple[Row, float | None]]:
    """Rows of docs/benchmarks.md for each line, with the share of the machine that others took: in its turn or in ours."""
    found: list[tuple[Row, float | None]] = []
    ours = lines[0].get("others")
    for line in lines:
        name, others = line["name"], max((share for share in (ours, line.get("others")) if share is not None), default=None)
        if "samples_per_s" not in line:
            found.append((Row(f"ours beside {name}", None, "", BAR, note=line["note"]), others))
            continue
        rate = f"{line['version']}, {line['numbers']:.2f} M numbers: {line['samples_per_s']:.3g} clips/s learned"
        if "ratio_learned" not in line:
            found.append(
                (Row(f"{name}: learned, of one core", line["samples_per_s"], "clips/s", note=f"{line['numbers']:.2f} M numbers"), others)
            )
            found.append((Row("  played, of one core", line["played_per_s"], "1/s"), others))
            continue
        found.append(
            (Row(f"ours beside {name}: learned from whole pictures", line["ratio_learned"], "x", BAR, timed=True, note=rate), others)
        )
        found.append((Row("  as it usually learns, from pieces", line["ratio_usual"], "x", timed=True), others))
        if line["ratio_played"]:
            played = f"{line['played_per_s']:.3g} pictures/s"
            found.append((Row("  played", line["ratio_played"], "x", timed=True, note=played), others))
    return found


def _turn(contestant: Contestant, seconds: float) -> dict[str, Any]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))} | ONE_THREAD
    folders = [str(HERE), str(HERE.parent / "loaders")]  # turn.py, and the shim for torchvision
    python = Path(sys.executable) if contestant.environment is None else build(contestant.environment)
    command = [str(python), str(HERE / contestant.script), str(seconds), *contestant.words]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=clean | {"PYTHONPATH": os.pathsep.join(folders)}
    )
    if done.returncode:
        raise ValueError(done.stderr.strip() or f"exit {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _text(said: dict[str, Any]) -> str:
    def ratio(name: str) -> str:
        return f"×{said[name]:.2f}" if said.get(name) else ""

    played = "" if said["played_per_s"] is None else f"{said['played_per_s']:.1f}/s"
    head = f"{said['name']:<20} {said['version']:<9} {said['numbers']:>6.2f} M {said['samples_per_s']:>10.1f}/s {ratio('ratio_learned'):>7}"
    usual = f"{said['usual_per_s']:.1f}/s" if said.get("usual_per_s") else ratio("ratio_usual")
    return f"{head} {usual:>7} {played:>12} {ratio('ratio_played'):>7}   {said['note']}"
