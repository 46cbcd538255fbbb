"""Many jobs on many cores: local processes, each job a function of plain values, the results in the order of the jobs.

Processes, not threads: engines and OpenGL contexts belong to one thread. They are spawned, not forked, because a forked OpenGL
context is a broken one, and they end when their parent does, however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from lifeworld.core.errors import EngineError

J = TypeVar("J")
R = TypeVar("R")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[J], R], jobs: Iterable[J], *, workers: int) -> Iterator[R]:
    """`work(job)` of every job, in their order, on `workers` processes; with one worker in this process.

    `work` and the jobs are pickled: a function of a module, and plain values. A few jobs are begun ahead of those asked for. The first
    error is raised here and no more jobs are begun.

    Raises:
        EngineError: if a worker dies (out of memory, most often).
    """
    if workers <= 1:
        yield from map(work, jobs)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(os.getpid(),))
    waiting: deque[Future[R]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(work, job))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise EngineError(
            "a worker process died", got=str(error), fix="It may have run out of memory: use fewer workers, or smaller jobs."
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(parent: int) -> None:
    """In a worker: Ctrl-C is the parent's business; nobody works for a parent that is gone; one core is one worker's share."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa would start a thread for every core in every worker
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(0.5)
    os._exit(1)
