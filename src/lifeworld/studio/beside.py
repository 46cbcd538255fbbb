"""What takes longer than a tick is done beside the world: in a thread of its own, with a world of its own, one at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from lifeworld.core.errors import EditError, InputError, LifeworldError
from lifeworld.studio import wire
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.world import World

TOLD_S = 0.2
"""How often it is told how far something is."""

OnTick = Callable[[int, int], None]
Say = Callable[[wire.Answer], None]


class Beside:
    """Does one thing at a time. States are values, so a world like the one they are of can go through them again."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._busy = False

    def begin(self, seq: int, say: Say, wanted: Callable[[], bool], job: Callable[[OnTick], wire.Answer]) -> None:
        """Answer the question `seq` by what `job` gives, or by why it could not; ends early when it is no longer `wanted`.

        Raises:
            InputError: while something else is being done.
        """
        if self._busy:
            raise InputError("something is still being compared or kept", fix="Wait until that is done.")
        told = 0.0

        def tell(tick: int, ticks: int) -> None:
            nonlocal told
            if self._stopped.is_set() or not wanted():
                raise InputError("nobody waits for this any more")
            if (now := time.monotonic()) - told > TOLD_S:
                told = now
                say(wire.Going(seq, round(tick / max(ticks, 1), 3)))

        def work() -> None:
            try:
                answer = job(tell)
            except LifeworldError as error:
                answer = wire.wrong(error, seq)
            except Exception as error:  # a bug of ours takes nobody's world away
                logging.getLogger(__name__).exception("a job went wrong")
                answer = wire.Wrong(seq, "internal_error", f"Something went wrong here, and nothing was changed: {error!r}")
            self._busy = False  # before it is said: who hears it may ask at once
            say(answer)

        self._busy = True
        self._thread = threading.Thread(target=work, name="beside a session", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End what is being done; what is half-way into a bundle is no part of it."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(10.0)


def like(world: Any, *, hearing: bool = False) -> WorldEventful:
    """Another world like one, for another thread. It does not listen unless it is asked to: what moves, moves the same.

    Raises:
        EditError: for a game or a dream.
    """
    if not isinstance(world, WorldEventful):
        raise EditError("this is for physical worlds so far", got=world.spec.engine, reason="cannot")
    return WorldEventful(WorldPhysics(assets=world.assets, frame_ticks=world.spec.frame_ticks, hearing=hearing), world.events)


def another(world: World[Any]) -> World[Any]:
    """A world to look with from another thread: like this one, or this one itself where looking changes nothing of it."""
    return like(world, hearing="audio_mono" not in world.spec.off) if isinstance(world, WorldEventful) else world
