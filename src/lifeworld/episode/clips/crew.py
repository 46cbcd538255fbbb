"""A few threads that do what is asked, in the order it was asked, and are gone when they are let go."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue
from types import TracebackType

Work = Callable[[], None]


class Crew:
    """`threads` of them. What they are given must handle its own errors."""

    def __init__(self, threads: int) -> None:
        self._asked: SimpleQueue[Work | None] = SimpleQueue()
        self._threads = [threading.Thread(target=_work, args=(self._asked,), name=f"clips-{i}", daemon=True) for i in range(threads)]
        for thread in self._threads:
            thread.start()
        self._end = weakref.finalize(self, _dismiss, self._asked, self._threads)  # also at the end of the process

    def __len__(self) -> int:
        return len(self._threads)

    def ask(self, work: Work) -> None:
        self._asked.put(work)

    def close(self) -> None:
        """Forget what was not begun, wait for what was."""
        self._end()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()


def _work(asked: SimpleQueue[Work | None]) -> None:
    while (work := asked.get()) is not None:
        work()


def _dismiss(asked: SimpleQueue[Work | None], threads: list[threading.Thread]) -> None:
    try:
        while True:
            asked.get_nowait()
    except Empty:
        pass
    for _ in threads:
        asked.put(None)
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join()
