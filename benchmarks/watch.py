"""Looking at frame after frame as `record` does, and which signals of the family "see" are meant by all and by geometry."""

from __future__ import annotations

from collections.abc import Sequence

from lifeworld.core.signal import SIGNALS
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.world import Observation

SENSOR_VARIANTS = ("rgb_blurred", "rgb_noisy", "depth_noisy_m")
"""What a real camera makes of rgb and depth: an option, drawn from several pictures and measured apart."""
ALL_SEE = tuple(s.name for s in SIGNALS.values() if s.family == "see" and s.name not in SENSOR_VARIANTS)
GEOMETRY = tuple(name for name in ALL_SEE if name != "rgb")


class Watch:
    """The frames of one recording: what looks forward (flow …) is taken of a frame when the next one's state is known."""

    def __init__(self, world: WorldPhysics, signals: Sequence[str]) -> None:
        streams = world.spec.streams(signals)
        self._world = world
        self._now = tuple(s for s in streams if not SIGNALS[world.spec.signals[s]].forward)
        self._ahead = tuple(s for s in streams if SIGNALS[world.spec.signals[s]].forward)
        self._before: PhysicsState | None = None

    def look(self, state: PhysicsState, *, last: bool = False) -> Observation:
        """This frame's signals; after a `last` one, another recording begins."""
        seen = self._world.observe(state, self._now)
        if self._ahead and self._before is not None:
            self._world.observe(self._before, self._ahead, then=state)
        if self._ahead and last:
            self._world.observe(state, self._ahead)
        self._before = None if last else state
        return seen
