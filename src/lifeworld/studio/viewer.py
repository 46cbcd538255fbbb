"""Somebody in a session, and what waits to be sent to them: answers in their order, and of what moves the latest only."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from lifeworld.studio import compare, wire

MOST_IN_FLIGHT = 8
ACK_S = 2.0
"""After so long without a word a page is taken to have drawn what it was sent: it may have been hidden."""
MOST_TEXTS = 1_000
"""What is told to everybody is not told to who has so much to read still."""


@dataclass(slots=True, eq=False)
class Viewer:
    """Somebody in a session. `wake` is called, from another thread, when there is something to send."""

    who: str
    wake: Callable[[], None]
    seat: str = "guest"
    texts: deque[str] = field(default_factory=deque)
    latest: dict[int, bytes] = field(default_factory=dict)  # of each stream
    compared: compare.Comparison | None = None
    sent: dict[int, float] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)  # the portraits it knows of
    gone: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can take another binary message: it has drawn all but a few."""
        now = time.monotonic()
        self.sent = {seq: at for seq, at in self.sent.items() if now - at < ACK_S}
        return len(self.sent) < MOST_IN_FLIGHT

    def say(self, answer: wire.Answer) -> None:
        """An answer, which is sent whatever else is."""
        self.texts.append(wire.text(answer))
        self.wake()

    def show(self, stream: int, message: bytes) -> None:
        """A binary message, in place of what of this stream still waits."""
        self.latest[stream] = message
        self.wake()

    def drawn(self, seq: int) -> None:
        """The binary message of this number is on the screen."""
        self.sent.pop(seq, None)
        self.wake()

    def take(self) -> tuple[list[str], list[bytes]]:
        """What is to be sent now."""
        texts = []
        while self.texts:
            texts.append(self.texts.popleft())
        states = []
        for stream in sorted(self.latest):
            if self.ready:
                states.append(state := self.latest.pop(stream))
                self.sent[wire.HEADER.unpack_from(state)[3]] = time.monotonic()
        return texts, states
