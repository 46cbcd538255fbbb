"""`python -m benchmarks.peers loaders [NAME …]`: our loader beside others', in turns in one run, each in its own environment.

Everyone reads the same clips of the same corpus (`corpus.py`) in batches, shuffled, with the number of workers that was best for it. First
each begins alone: its time to the first batch and its first epoch's pace, with the page cache emptied of its files and with it full, ours
without its cache. Then all sit at the table, stopped, and are let go for a moment one after the other, round after round, ours in each
round. What was given is held against the corpus. What is built or written or found to be best is kept under out/ and used again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.kept import Run, read
from benchmarks.others import Others
from benchmarks.page import keep
from benchmarks.peers.loaders import corpus
from benchmarks.peers.loaders.contestants import CONTESTANTS, OURS, Contestant
from benchmarks.peers.loaders.corpus import SIZES, Size
from benchmarks.peers.loaders.report import markdown, text, verdicts
from benchmarks.peers.loaders.together import Seat, drop, plan_of, proved, read_all, written
from benchmarks.peers.together import ROOT, NoTurn
from benchmarks.peers.venvs import NotBuilt, build
from benchmarks.row import Row, machine

HERE = Path(__file__).parent
OUT = corpus.HOME / "results.json"
TUNED = corpus.HOME / "workers.json"
PAGE = ROOT / "docs" / "loader-peers.md"
STRIDES = (1, 4)
EPOCH_S = 30.0
"""So long [s] an epoch is followed at most; the slow ones are in their stride long before."""
AT_TABLE = 4
"""Peers that sit at the table with ours at a time: of each the batches it has read ahead are in memory."""
Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured: rounds of windows [s], the first epoch's beginning [s], and whether the disk is tried too."""

    rounds: int
    window_s: float
    cold_s: float
    disk: bool
    tune_s: float = 1.0


FULL = Effort(rounds=5, window_s=0.5, cold_s=2.0, disk=True)
QUICK = Effort(rounds=2, window_s=0.4, cold_s=1.0, disk=False)


@dataclass(slots=True)
class Table:
    """One size: who can take part, with what plan; `why_not` for the others."""

    size: Size
    folder: Path
    truth: list[Any]
    pythons: dict[str, Path] = field(default_factory=dict)
    why_not: dict[str, str] = field(default_factory=dict)

    def plan(self, one: Contestant, *, stride: int, workers: int, cold_s: float, epoch: bool = False) -> dict[str, Any]:
        more = {"folder": str(self.home(one).absolute()), "proof": str(self.folder / "proof.npz")}
        return (
            plan_of(self.size, stride=stride, truth=self.truth) | more | {"workers": workers, "cold_s": cold_s, "epoch_s": EPOCH_S * epoch}
        )

    def home(self, one: Contestant) -> Path:
        return self.size.home / "forms" / one.name

    def files(self, one: Contestant) -> list[Path]:
        """What the contestant reads, ours without its cache."""
        root = self.home(one) if one.writes else self.size.bundle
        return [file for file in root.rglob("*") if file.is_file() and not file.is_relative_to(self.size.bundle / "cache")]

    def seat(self, one: Contestant, *, stride: int, workers: int, cold_s: float, epoch: bool = False) -> Seat:
        plan = self.plan(one, stride=stride, workers=workers, cold_s=cold_s, epoch=epoch)
        return Seat(self.pythons[one.name], HERE / one.script, one.words, plan, self.folder / f"{one.name}-{stride}.json")


def main(words: list[str]) -> int:
    """Draw up the table."""
    names = [c.name for c in CONTESTANTS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers loaders", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, beside ours: {', '.join(names)}")
    parser.add_argument("--all", action="store_true", help="those too that are not usual")
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--quick", action="store_true", help="shorter, without the disk, and the page in docs/ is left as it is")
    parser.add_argument("--tune", action="store_true", help="try anew how many workers suit each best")
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run of the same effort measured at this commit")
    asked = parser.parse_args(words)
    if unknown := set(asked.names) - set(names):
        parser.error(f"no contestant {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    wanted = [c for c in CONTESTANTS if c.name == OURS or (c.name in asked.names if asked.names else c.usual or asked.all)]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    effort = QUICK if asked.quick else FULL
    if asked.tune:
        TUNED.unlink(missing_ok=True)
    results: Results = {"machine": machine(), "quick": asked.quick, "sizes": {}}
    if asked.resume and OUT.exists():
        before = json.loads(OUT.read_text(encoding="utf-8"))
        if (before["machine"], before["quick"]) == (results["machine"], asked.quick):
            results = before
    print(results["machine"], flush=True)
    run, others = Run.now(), Others()
    for name in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="loader-peers-") as folder:
            _measure(SIZES[name], Path(folder), wanted, effort, results)
        print(text(results, name), flush=True)
        if not asked.quick and not asked.names:
            keep(read().with_part("peers: loaders", [(row, others.share()) for row in rows(results, name)], run, drop=False))
    if not asked.quick and set(asked.sizes) == set(SIZES) and not asked.names:
        PAGE.write_text(markdown(results, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"written to {PAGE}")
    print(f"kept in {OUT}")
    return 0


def rows(results: Results, size: str) -> list[Row]:
    """Rows of docs/benchmarks.md: ours beside the best of those that are judged, in each way of reading."""
    return [
        Row(f"ours beside the best peer, {size}: {what}", times, "x", bar, timed=True, note=best)
        for what, best, times, bar in verdicts(results["sizes"][size])
    ]


def _measure(size: Size, folder: Path, wanted: list[Contestant], effort: Effort, results: Results) -> None:
    corpus.seal(size)
    table = Table(size, folder, corpus.stored(size))
    rows: Results = results["sizes"].setdefault(size.name, {})
    _prepare(table, wanted)
    tuned = _tuned(table, wanted, effort)
    for one in wanted:
        row = rows.setdefault(one.name, {})
        row["judged"] = one.judged
        if one.name in table.why_not:
            row["why_not"] = table.why_not[one.name]
        else:
            row |= {"workers": tuned.get(one.name, 0), "disk_mb": sum(f.stat().st_size for f in table.files(one)) / 1e6}
            row.pop("why_not", None)
    playing = [one for one in wanted if one.name not in table.why_not]
    for stride in STRIDES:
        for state in ("disk", "pages") if effort.disk and stride == 1 else ("pages",):
            for one in playing:
                cell = rows[one.name].setdefault(f"{state}-{stride}", {})
                if not cell:
                    cell |= _begin(table, one, rows[one.name], state, stride, effort)
                    _keep(results)
        peers = [one for one in playing if one.name != OURS and f"rounds-{stride}" not in rows[one.name]]
        for at in range(0, len(peers), AT_TABLE):
            _rounds(table, [playing[0], *peers[at : at + AT_TABLE]], rows, stride, effort)
            _keep(results)
    if (cache := size.bundle / "cache").exists():
        rows[OURS]["cache_mb"] = sum(f.stat().st_size for f in cache.rglob("*") if f.is_file()) / 1e6


def _prepare(table: Table, wanted: list[Contestant]) -> None:
    """Everybody's environment, and the corpus in everybody's form."""
    mark = corpus.fingerprint(table.size)
    with ExitStack() as pixels:
        for one in wanted:
            try:
                table.pythons[one.name] = Path(sys.executable) if one.environment is None else build(one.environment)
                if one.writes:
                    script = hashlib.sha256((HERE / one.script).read_bytes()).hexdigest()[:16]
                    stamp, wanted_stamp = table.home(one) / "written", f"{mark} {script} {' '.join(one.words)}"
                    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted_stamp:
                        continue
                    pixels.enter_context(corpus.frames(table.size))
                    shutil.rmtree(table.home(one), ignore_errors=True)
                    table.home(one).mkdir(parents=True)
                    plan = table.plan(one, stride=1, workers=0, cold_s=0)
                    written(table.pythons[one.name], HERE / one.script, one.words, plan, table.folder / f"{one.name}-write.json")
                    stamp.write_text(wanted_stamp, encoding="utf-8")
            except (NotBuilt, NoTurn) as error:
                table.why_not[one.name] = f"{'not built' if isinstance(error, NotBuilt) else 'did not write'}: {error}"


def _tuned(table: Table, wanted: list[Contestant], effort: Effort) -> dict[str, int]:
    """How many workers suit each best, by trying; kept for the next time."""
    held = json.loads(TUNED.read_text(encoding="utf-8")) if TUNED.exists() else {}
    best: dict[str, int] = held.setdefault(table.size.name, {})
    for one in wanted:
        if one.name in best or one.name in table.why_not:
            continue
        rates = {}
        try:
            for workers in one.workers if len(one.workers) > 1 else ():
                seat = table.seat(one, stride=1, workers=workers, cold_s=effort.tune_s)
                seat.answer()
                said = seat.ask("window", effort.tune_s)
                rates[workers] = said["clips"] / said["whole_s"]
                seat.end()
        except NoTurn as error:
            table.why_not[one.name] = f"did not run: {error}"
            continue
        best[one.name] = max(rates, key=lambda w: rates[w]) if rates else one.workers[0]
        TUNED.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    return best


def _begin(table: Table, one: Contestant, row: Results, state: str, stride: int, effort: Effort) -> Results:
    """The first epoch, in a process of its own: of ours from an empty cache, and all of it, for it keeps what it decodes; of the others its

    beginning, but from the disk all of it too, for then the files are in memory at its end.
    """
    if one.environment is None:
        shutil.rmtree(table.size.bundle / "cache", ignore_errors=True)
    (drop if state == "disk" else read_all)(table.files(one))
    try:
        epoch = one.environment is None or state == "disk"
        seat = table.seat(one, stride=stride, workers=row["workers"], cold_s=effort.cold_s, epoch=epoch)
        said = seat.answer()
        seat.ask("prove")
        seat.end()
        said["pixels"] = proved(table.size, table.folder / "proof.npz", table.truth, stride=stride)
    except NoTurn as error:
        return {"why_not": f"did not run: {error}"}
    row |= {word: said.pop(word) for word in ("name", "version", "note")}
    return said | {"clips_s": said["clips"] / said["whole_s"]}


def _rounds(table: Table, seated: list[Contestant], rows: Results, stride: int, effort: Effort) -> None:
    """Windows in turns; `seated[0]` is ours, and its cache is full."""
    ours, *_ = seated
    plan_file = table.folder / "fill.json"
    plan_file.write_text(json.dumps(table.plan(ours, stride=stride, workers=0, cold_s=0)), encoding="utf-8")
    subprocess.run([sys.executable, HERE / ours.script, "fill", plan_file], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    seats: dict[str, Seat] = {}
    try:
        for one in seated:
            read_all(table.files(one))
            with _excused(rows[one.name], seats, one.name):
                seats[one.name] = table.seat(one, stride=stride, workers=rows[one.name]["workers"], cold_s=effort.cold_s / 2)
                first = seats[one.name].answer()
                if one.name == OURS:
                    rows[OURS].setdefault("again_s", []).append(first["first_batch_s"])
        windows: dict[str, list[Results]] = {name: [] for name in seats}
        for _ in range(effort.rounds):
            for name, seat in list(seats.items()):
                with _excused(rows[name], seats, name):
                    windows[name].append(seat.ask("window", effort.window_s))
        for name, seat in list(seats.items()):
            with _excused(rows[name], seats, name):
                seat.ask("prove")
                pixels = proved(table.size, table.folder / "proof.npz", table.truth, stride=stride)
                cell: Results = {"windows": windows[name], "pixels": pixels, "memory": seat.ask("memory")} | _rate(windows[name])
                cell["times"] = [_of(a) / _of(b) for a, b in zip(windows[OURS], windows[name], strict=True)]
                cell["times_busy"] = _rate(windows[name])["busy_ms"] / _rate(windows[OURS])["busy_ms"]
                rows[name].setdefault(f"rounds-{stride}", []).append(cell)
    finally:
        for seat in seats.values():
            seat.end()


@contextmanager
def _excused(row: Results, seats: dict[str, Seat], name: str) -> Iterator[None]:
    """Whoever cannot go on leaves the table and the others go on; not ours: without it there is no table."""
    try:
        yield
    except NoTurn as error:
        if name == OURS:
            raise
        seats.pop(name).end()
        row["why_not"] = f"did not run: {error}"


def _of(window: Results) -> float:
    return float(window["clips"] / window["whole_s"])


def _rate(windows: list[Results]) -> Results:
    rates = [_of(w) for w in windows]
    busy = sum(w["busy_s"] for w in windows) / sum(w["clips"] for w in windows)
    return {"clips_s": statistics.median(rates), "least": min(rates), "most": max(rates), "busy_ms": 1000 * busy}


def _keep(results: Results) -> None:
    results["when"] = time.strftime("%Y-%m-%d %H:%M")
    OUT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
