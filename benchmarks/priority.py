"""SVT-AV1, opened by root, gives the thread that opens it real-time priority (FIFO, 99) and keeps it there.

Every thread and process begun from it inherits that. Two of them that are busy keep a machine of two cores from everything else: a
test suite once stood still for 80 minutes so, and what is timed afterwards is timed with the others held back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ordinary_priority() -> Iterator[None]:
    """Whatever happens to this thread's priority within does not last."""
    if not hasattr(os, "sched_getscheduler"):  # no Linux, no such thing
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)
