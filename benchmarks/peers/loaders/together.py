"""The conductor: one seat a loader, and only one of them runs at a time.

Loaders work ahead. So whoever is not on is stopped with all its workers (SIGSTOP), and goes on where it was when its turn comes again:
that way all can be measured in turns, A B C A B C, on a machine that is not the same from one minute to the next.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.loaders.corpus import Size
from benchmarks.peers.together import ROOT, NoTurn

PATIENCE_S = 300


class Seat:
    """One loader's process, begun at once; `answer` is what it said last. Raises NoTurn, with its last line, when it fails."""

    def __init__(self, python: Path, script: Path, words: tuple[str, ...], plan: dict[str, Any], file: Path) -> None:
        file.write_text(json.dumps(plan | {"started": time.time()}), encoding="utf-8")
        self.log = file.with_suffix(".log")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        environment |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
        if python == Path(sys.executable):
            environment["PYTHONPATH"] = str(ROOT)
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                [str(python), str(script), "take", str(file), *words],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, start_new_session=True,
            )  # fmt: skip

    def answer(self) -> dict[str, Any]:
        """What it says next; then it is stopped."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            late = "" if ready else f" (nothing for {PATIENCE_S} s)"
            self.end()
            raise NoTurn(_last_line(self.log) + late)
        self._signal(signal.SIGSTOP)
        said: dict[str, Any] = json.loads(line)
        return said

    def ask(self, *words: object) -> dict[str, Any]:
        """Let it go on, say a word and wait for the answer."""
        assert self.process.stdin is not None
        self._signal(signal.SIGCONT)
        self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        self._signal(signal.SIGKILL)
        self.process.communicate()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def written(python: Path, script: Path, words: tuple[str, ...], plan: dict[str, Any], file: Path) -> None:
    """Let a peer write the corpus in its own form.

    Raises:
        NoTurn: with the last line it said.
    """
    file.write_text(json.dumps(plan), encoding="utf-8")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    log = file.with_suffix(".log")
    with log.open("wb") as errors:
        done = subprocess.run([str(python), str(script), "write", str(file), *words], stderr=errors, stdout=errors, env=clean, check=False)
    if done.returncode:
        raise NoTurn(_last_line(log))


def plan_of(size: Size, *, stride: int, truth: list[Any], length: int = 16) -> dict[str, Any]:
    """What every loader is told; `clips` is how many there are."""
    lengths = size.lengths()
    return {
        "bundle": str(size.bundle.absolute()),
        "videos": [str(values.file.absolute()) for values in truth],
        "actions": str((size.home / "actions").absolute()),
        "frames": str((size.home / "frames").absolute()),
        "lengths": lengths,
        "height": size.height,
        "width": size.width,
        "actions_wide": size.actions_wide,
        "fps": size.fps,
        "batch": size.batch,
        "length": length,
        "stride": stride,
        "clips": sum(n - length * stride + 1 for n in lengths),
        "seed": 0,
    }


def proved(size: Size, proof: Path, truth: list[Any], *, stride: int) -> str:
    """What a loader gave, held against the corpus: which clip it is, its actions tell, each row of which comes only once.

    Raises:
        NoTurn: if it is no clip of the corpus, or far from its pixels.
    """
    actions = [np.load(size.home / "actions" / f"{number:04d}.npy") for number in range(size.episodes)]
    where = {row.tobytes(): (number, k) for number, rows in enumerate(actions) for k, row in enumerate(rows)}
    worst_db, most = np.inf, 0
    with np.load(proof) as held:
        for rgb, action in zip(held["rgb"], held["action"], strict=True):
            number, start = where.get(np.ascontiguousarray(action[0], dtype=np.float32).tobytes(), (-1, -1))
            at = slice(start, start + len(rgb) * stride, stride)
            if number < 0 or not np.array_equal(actions[number][at], action):
                raise NoTurn("gave a clip whose actions are not in the corpus")
            true = truth[number][at]
            if true.shape != rgb.shape or rgb.dtype != np.uint8:
                raise NoTurn(f"gave frames {rgb.shape} {rgb.dtype}, not {true.shape} uint8")
            off = np.abs(true.astype(np.int16) - rgb)
            most = max(most, int(off.max()))
            worst_db = min(worst_db, 10 * np.log10(255**2 / max(float(np.mean(off.astype(np.float64) ** 2)), 1e-12)))
    if most == 0:
        return "the same"
    if worst_db < 25:
        raise NoTurn(f"gave other frames than those asked for ({worst_db:.1f} dB)")
    return f"{worst_db:.1f} dB"


def read_all(files: Iterable[Path]) -> None:
    """Have the page cache hold them."""
    for file in files:
        with file.open("rb", buffering=0) as stream:
            while stream.read(1 << 22):
                pass


def drop(files: Iterable[Path]) -> None:
    """Have the page cache forget them: of these files only, so that nobody else on the machine pays for it."""
    for file in files:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _last_line(log: Path) -> str:
    said = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return said[-1].strip() if said else "not a word"
