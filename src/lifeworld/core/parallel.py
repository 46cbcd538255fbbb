"""Many jobs on many cores: local processes, each job a function of plain values, the results in the order of the jobs.

Processes, not threads: engines and OpenGL contexts belong to one thread. They are spawned, not forked, because a forked OpenGL
context is a broken one, and they end when their parent does, however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from lifeworld.core.errors import EngineError

J = TypeVar("J")
R = TypeVar("R")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[J], R], jobs: Iterable[J], *, workers: int, tries: int = 1, lost: Callable[[J, EngineError], R] | None = None
) -> Iterator[R]:
    """`work(job)` of every job, in their order, on `workers` processes; with one worker, and without `lost`, in this process.

    `work` and the jobs are pickled: a function of a module, and plain values. A few jobs are begun ahead of those asked for. The first
    error is raised here. Then, at Ctrl-C, or when nobody asks any more, jobs that run are interrupted (KeyboardInterrupt in the
    worker, so that they tidy up) and no more are begun.

    A job whose worker dies (out of memory, most often) is begun anew by another, until so many `tries` were in vain. Then it gives
    `lost(job, why)`, and the other worker goes on with the rest.

    Raises:
        EngineError: if all the workers that tried a job died, and `lost` is None.
    """
    if workers <= 1 and lost is None:
        yield from map(work, jobs)
        return
    context = multiprocessing.get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)  # its end tells the workers to stop: closed here, or by this process's own end

    def hired() -> _Worker[J, R]:
        return _Worker(ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(os.getpid(), lifeline)), work)

    crew = [hired() for _ in range(max(workers, 1))]
    waiting: deque[tuple[J, _Worker[J, R]]] = deque()

    def result() -> R:
        job, worker = waiting.popleft()
        for left in reversed(range(tries)):
            try:
                return worker.result()
            except BrokenProcessPool as error:
                why = "Did it run out of memory? Use fewer workers, or smaller jobs. In a script: is all under `if __name__ == '__main__'`?"
                died = EngineError("a worker process died", got=str(error), fix=why)
                if lost is None and not left:
                    raise died from error
                crew[crew.index(worker)] = another = hired()
                if left:
                    another.begin(job)
                for i, (later, whose) in enumerate(waiting):  # what it had not begun
                    if whose is worker:
                        another.begin(later)
                        waiting[i] = later, another
                worker.pool.shutdown(wait=False)
                worker = another
        assert lost is not None
        return lost(job, died)

    try:
        for job in jobs:
            worker = min(crew, key=lambda one: one.left())
            worker.begin(job)
            waiting.append((job, worker))
            if len(waiting) >= 2 * len(crew):
                yield result()
        while waiting:
            yield result()
    finally:
        held.close()
        for worker in crew:
            worker.pool.shutdown(wait=True, cancel_futures=True)
        lifeline.close()


@dataclass(slots=True, eq=False)
class _Worker(Generic[J, R]):
    """One process and the jobs it was given, which it does one after the other: when it dies, it died of the first it has not done."""

    pool: ProcessPoolExecutor
    work: Callable[[J], R]
    given: deque[Future[R]] = field(default_factory=deque)

    def begin(self, job: J) -> None:
        try:
            self.given.append(self.pool.submit(_run, self.work, job))
        except BrokenProcessPool:  # another will begin it, once it is known which job it died of
            self.given.append(Future())

    def left(self) -> int:
        """How many jobs it has not done, or will not do."""
        return sum(not one.done() or one.exception() is not None for one in self.given)

    def result(self) -> R:
        return self.given.popleft().result()


# -- in a worker -----------------------------------------------------------------------------------------------------------

_busy = _stopped = False


def _begin(parent: int, lifeline: Connection) -> None:
    """Ctrl-C is the parent's business; nobody works for a parent that is gone; one core is one worker's share."""
    signal.signal(signal.SIGINT, _interrupted)
    os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa would start a thread for every core in every worker
    threading.Thread(target=_watch, args=(parent, lifeline), daemon=True).start()


def _run(work: Callable[[J], R], job: J) -> R:
    global _busy
    _busy = True
    try:
        if _stopped:
            raise KeyboardInterrupt
        return work(job)
    finally:
        _busy = False


def _interrupted(_number: int, _frame: object) -> None:
    global _busy
    if _busy and _stopped:
        _busy = False  # once: tidying up is not interrupted
        raise KeyboardInterrupt


def _watch(parent: int, lifeline: Connection) -> None:
    global _stopped
    lifeline.poll(None)
    _stopped = True
    main, orphaned = threading.main_thread().ident, 0
    assert main is not None
    while orphaned < 8:  # two seconds to tidy up
        signal.pthread_kill(main, signal.SIGINT)  # again and again: one that comes just before a long sleep is noticed after it
        time.sleep(0.25)
        orphaned += os.getppid() != parent
    os._exit(1)
