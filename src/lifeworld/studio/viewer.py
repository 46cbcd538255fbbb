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
MOST_SOUNDS = 8
"""Chunks of sound that may wait: of sound every chunk counts, until it is too late for it."""
MOST_TEXTS = 1_000
"""What is told to everybody is not told to who has so much to read still."""


@dataclass(slots=True, eq=False)
class Viewer:
    """Somebody in a session. `wake` is called, from another thread, when there is something to send."""

    who: str
    wake: Callable[[], None]
    seat: str = "guest"
    may_own: bool = True
    texts: deque[str] = field(default_factory=deque)
    latest: dict[int, bytes] = field(default_factory=dict)  # of each stream
    sounds: deque[bytes] = field(default_factory=lambda: deque(maxlen=MOST_SOUNDS))
    compared: compare.Comparison | None = None
    sent: dict[int, tuple[float, bool]] = field(default_factory=dict)  # by number: when, and whether it is of a pane
    told: set[int] = field(default_factory=set)  # the portraits it knows of
    knows_branches: bool = False
    """Whether it has been told of all branches there are, so that news is enough."""
    gone: bool = False

    @property
    def has_room(self) -> bool:
        """Whether it can be told what everybody is told."""
        return len(self.texts) < MOST_TEXTS

    @property
    def keeps_up(self) -> bool:
        """Whether it has drawn nearly all that it was sent."""
        return len(self.sent) <= MOST_IN_FLIGHT // 2

    def ready(self, *, pane: bool) -> bool:
        """Whether it can take another binary message: it has drawn all but a few. Panes hold up panes only."""
        now = time.monotonic()
        self.sent = {seq: one for seq, one in self.sent.items() if now - one[0] < ACK_S}
        return sum(of_pane == pane for _, of_pane in self.sent.values()) < MOST_IN_FLIGHT

    def say(self, answer: wire.Answer) -> None:
        """An answer, which is sent whatever else is."""
        self.texts.append(wire.text(answer))
        self.wake()

    def show(self, stream: int, message: bytes, *, all_of_it: bool = False) -> None:
        """A binary message, in place of what of this stream still waits, or (`all_of_it`) behind it."""
        if all_of_it:
            self.sounds.append(message)
        else:
            self.latest[stream] = message
        self.wake()

    def drawn(self, seq: int) -> None:
        """The binary message of this number is on the screen. What was sent before it of the world has been drawn too, or passed over."""
        of_pane = self.sent.pop(seq, (0.0, True))[1]
        if not of_pane:
            self.sent = {number: one for number, one in self.sent.items() if one[1] or number > seq}
        if self.latest or self.sounds:
            self.wake()

    def take(self) -> tuple[list[str], list[bytes]]:
        """What is to be sent now."""
        texts = []
        while self.texts:
            texts.append(self.texts.popleft())
        states: list[bytes] = []
        while self.sounds and self.ready(pane=True):
            self._send(self.sounds.popleft(), states, pane=True)
        for stream in sorted(list(self.latest)):
            pane = stream >= wire.FIRST_PANE
            if self.ready(pane=pane) and (message := self.latest.pop(stream, None)) is not None:
                self._send(message, states, pane=pane)
        return texts, states

    def _send(self, message: bytes, states: list[bytes], *, pane: bool) -> None:
        states.append(message)
        self.sent[wire.HEADER.unpack_from(message)[3]] = (time.monotonic(), pane)
