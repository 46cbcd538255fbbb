"""HTTP for those who do not dawdle: who has not said what they want in a few seconds is hung up on.

uvicorn waits for the head of a request for as long as somebody sends a byte now and then; a hundred who do that would take every place.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From a connection, or the first byte of a further request, to the end of its headers."""


class Impatient(H11Protocol):
    """A connection with a clock that runs while the head of a request is outstanding."""

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before or self.transport.get_protocol() is not self:  # a request, or a WebSocket now
            self._stop()
        elif self.cycle is None or self.cycle.response_complete:
            self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
