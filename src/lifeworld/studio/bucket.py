"""How often somebody may ask: a bucket that fills again."""

from __future__ import annotations

import threading
import time

MOST_KNOWN = 1_000


class Buckets:
    """A bucket for each name: it holds `burst`, and fills by `rate` a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, name: str, *, now: float | None = None) -> bool:
        """Whether one more is left, and then it is gone. Of too many names the ones that asked longest ago are forgotten."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, at = self._left.pop(name, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.rate)
            self._left[name] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > MOST_KNOWN:
                self._left.pop(next(iter(self._left)))
            return left >= 1
