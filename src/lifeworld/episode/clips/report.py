"""What a loader did and could not do, counted and named: nothing is replaced by something else behind one's back."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

NAMED = 1_000
"""How many failures are kept by name; all are counted."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A clip that could not be read: whose, the sample it begins at, and the error, which names the file."""

    bundle: str
    episode: str
    start: int
    error: str


@dataclass(slots=True)
class Report:
    """Counts since the loader was made.

    `failed` clips could not be read (the first 1,000 are named in `failures`; a clip met again counts again). `left_out` are episodes that
    give no clips, by reason. `decoded` samples were read from their files, `kept` of them written to the cache, and `not_kept` not, for
    the reasons in `why_not_kept`.
    """

    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    decoded: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    why_not_kept: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def fail(self, failure: Failure) -> None:
        with self._lock:
            self.failed += 1
            if len(self.failures) < NAMED:
                self.failures.append(failure)

    def read(self, stream: str, samples: int, *, kept: bool, why_not: str = "") -> None:
        with self._lock:
            self.decoded[stream] += samples
            if kept:
                self.kept[stream] += samples
            elif why_not:
                self.why_not_kept[why_not] += samples

    def __str__(self) -> str:
        lines = [f"{self.failed} clips could not be read"] if self.failed else ["every clip could be read"]
        lines += [f"  {f.bundle}: {f.episode} from sample {f.start}: {f.error}" for f in self.failures[:10]]
        if self.failed > 10:
            lines.append(f"  … and {self.failed - 10} more")
        lines += [f"{count} episodes left out: {why}" for why, count in self.left_out.items()]
        lines += [f"{count} samples of {stream} read from files, {self.kept[stream]} kept" for stream, count in self.decoded.items()]
        lines += [f"{count} samples not kept: {why}" for why, count in self.why_not_kept.items()]
        return "\n".join(lines)
