"""How time goes in a session: whether, how fast, how far; and when the next tick is due."""

from __future__ import annotations

import time

from lifeworld.core.errors import InputError

SPEEDS = (0.05, 4.0)
MOST_STEP = 3_000
LATE_S = 0.25
"""Who is later than this does not hurry to catch up: time goes slower, and is said to."""


class Pace:
    """Time goes on, or stands, or goes on for a number of ticks.

    Where only an undo made it stand, so that there is something to redo, it goes on by itself once something else is done.
    """

    def __init__(self) -> None:
        self.speed = 1.0
        self._playing, self._taken_back = True, False
        self._left = 0  # ticks still to go where they were counted
        self._fast = False  # and whether as fast as they can be
        self._due = time.monotonic()

    @property
    def going(self) -> bool:
        return self._playing or self._left > 0

    def play(self, speed: float) -> None:
        """On from here, so many times as fast as outside.

        Raises:
            InputError: for a speed out of bounds.
        """
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise InputError("a speed out of bounds", got=speed, expected=f"{SPEEDS[0]} to {SPEEDS[1]}")
        self._playing, self.speed, self._left, self._taken_back = True, speed, 0, False

    def stand(self) -> None:
        self._playing, self._left, self._taken_back = False, 0, False

    def count(self, ticks: int, *, fast: bool = False) -> None:
        """So many ticks on, then time stands; `fast`: without waiting between them.

        Raises:
            InputError: for none, or too many.
        """
        if not 1 <= ticks <= MOST_STEP:
            raise InputError("a number of ticks out of bounds", got=ticks, expected=f"1 to {MOST_STEP}")
        self._playing, self._left, self._taken_back, self._fast = False, ticks, False, fast

    def take_back(self) -> None:
        """Stand after an undo: the next tick would leave nothing to redo."""
        self._taken_back = self._taken_back or self._playing
        self._playing, self._left = False, 0

    def go_on(self) -> None:
        """Time goes on again where only an undo made it stand."""
        self._playing, self._taken_back = self._playing or self._taken_back, False

    def forget_undo(self) -> None:
        """Who goes elsewhere finds time standing as it stands."""
        self._taken_back = False

    def wait_s(self, *, now: float) -> float:
        """How long until the next tick [s]."""
        return 0.0 if self._hurries else max(0.0, self._due - now)

    def is_due(self, *, now: float) -> bool:
        return self._hurries or now >= self._due

    def ticked(self, tick_s: float, *, now: float) -> None:
        """A tick was gone through."""
        self._left = max(0, self._left - 1)
        self._due += tick_s / self.speed
        if now - self._due > LATE_S:
            self._due = now

    def lasts_s(self, tick_s: float) -> float:
        """How long a tick takes here [s]; no time where they are gone through as fast as they can be, or time stands."""
        return 0.0 if self._hurries or not self.going else tick_s / self.speed

    @property
    def _hurries(self) -> bool:
        return self._fast and self._left > 0

    def rest(self, *, now: float) -> None:
        """Nothing goes on: when it does again, it does at once."""
        self._due = now
