"""The same work in several processes at once: all get ready, all start together, and what each did is summed.

A job is a function that gets everything ready and returns a `unit`: called again and again, each time it does one piece of the work
and says how many seconds of it count. Processes are spawned, not forked, as a recording on many cores would be.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Barrier
from typing import Any
from unittest import mock

from benchmarks.peers.turn import machine_busy_s, others_share

Job = Callable[..., Callable[[], float]]
PATIENCE_S = 300
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Done:
    """What one process did: pieces of work, the seconds that count, all the seconds, processor time of its own and of the machine,

    the most memory it ever had [MB].
    """

    pieces: int
    counted_s: float
    whole_s: float
    own_s: float
    machine_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Crew:
    """What all of them did together."""

    done: tuple[Done, ...]

    @property
    def rate(self) -> float:
        """Pieces a second of the counted time."""
        return sum(d.pieces / d.counted_s for d in self.done)

    @property
    def whole_rate(self) -> float:
        """Pieces a second of all the time, what does not count included."""
        return sum(d.pieces / d.whole_s for d in self.done)

    @property
    def others(self) -> float:
        """Which part of the machine other programs took meanwhile."""
        return others_share(self.done[0].machine_s, sum(d.own_s for d in self.done), self.done[0].whole_s)

    @property
    def busy_ms(self) -> float:
        """Processor time [ms] of a piece, what does not count included: nearly the same on a busy machine."""
        return 1000 * sum(d.own_s for d in self.done) / sum(d.pieces for d in self.done)

    @property
    def peak_mb(self) -> float:
        return max(d.peak_mb for d in self.done)


def together(job: Job, *args: Any, processes: int = 2, seconds: float = 4.0, warm: int = 6) -> Crew:
    """`job(*args)` in each process, worked at for `seconds` after `warm` pieces that are not counted.

    Raises:
        RuntimeError: with what went wrong in one of them.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    pipes, running = [], []
    # Two processes on two cores: one thread each for NumPy's BLAS, whose idle threads spin and take the core from the other process
    # (depth and ids by rays: 26 frames/s without, 109 with). Children inherit the environment. OpenGL's threads are the engine's choice.
    with mock.patch.dict(os.environ, ONE_THREAD):
        for _ in range(processes):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(job, args, barrier, theirs, seconds, warm), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            running.append(process)
    try:
        said = [_hear(pipe) for pipe in pipes]
    finally:
        for process in running:
            process.kill()
            process.join()
    if wrong := [word for word in said if isinstance(word, str)]:
        raise RuntimeError("\n".join(("a worker failed:", *wrong)))
    return Crew(tuple(said))


def _hear(pipe: Connection) -> Any:
    try:
        return pipe.recv() if pipe.poll(PATIENCE_S) else f"nothing heard for {PATIENCE_S} s"
    except EOFError:
        return "it ended without a word"


def _work(job: Job, args: tuple[Any, ...], barrier: Barrier, pipe: Connection, seconds: float, warm: int) -> None:
    try:
        unit = job(*args)
        for _ in range(warm):
            unit()
        barrier.wait(PATIENCE_S)
        pieces, counted_s = 0, 0.0
        machine_s, own_s, start = machine_busy_s(), time.process_time(), time.perf_counter()
        while time.perf_counter() - start < seconds:
            counted_s += unit()
            pieces += 1
        whole_s = time.perf_counter() - start
        own_s, machine_s = time.process_time() - own_s, machine_busy_s() - machine_s
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pipe.send(Done(pieces, counted_s, whole_s, own_s, machine_s, peak_mb))
    except Exception:  # whatever it was, the parent says it
        barrier.abort()
        pipe.send(traceback.format_exc())
    # Joined by kill: some drivers crash when they are torn down.
    time.sleep(PATIENCE_S)
