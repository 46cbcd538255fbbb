"""Our own turn at the table, by the same rules: what `record` would look at in each frame; the physics is stepped off the clock.

Words after the plan: a quality of the renderer, then names of signals.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from turn import take

from benchmarks.peers import tumble
from benchmarks.watch import Watch
from lifeworld.worlds.physics.engine import WorldPhysics

QUALITY, *ASKED = sys.argv[2:]


class Ours:
    version = version("lifeworld")
    name = f"lifeworld, {QUALITY}"
    signals = ", ".join(ASKED)

    def __init__(self, scene: dict[str, Any]) -> None:
        camera = scene["camera"]
        start = tumble.tumble(len(scene["things"]), width_px=camera["width_px"], height_px=camera["height_px"])
        self.world = WorldPhysics(quality=QUALITY, frame_ticks=tumble.FRAME_TICKS)
        self.start, self.states = self.world.reset(start, seed=0), tumble.frames(self.world, start)
        self.poses = np.array(scene["poses"])
        self.watch = Watch(self.world, ASKED)
        self.note = self.world.spec.renderer

    def place(self, poses: NDArray[np.float64]) -> None:
        """Step to the frame: its state is a new value each time, as in a recording, so nothing of an earlier lap can be handed out."""
        frame = int(np.abs(self.poses - poses).sum(axis=(1, 2)).argmin())
        self.state, self.last = self.states[frame - 1] if frame else self.start, frame == len(self.poses) - 1
        for _ in range(tumble.FRAME_TICKS):
            self.state = self.world.step(self.state, {})

    def look(self) -> Any:
        return self.watch.look(self.state, last=self.last)

    def arrays(self, seen: Any) -> dict[str, NDArray[Any]]:
        return {"rgb": seen["rgb"], "depth_m": seen["depth_m"], "ids": seen["instance_ids"]}


if __name__ == "__main__":
    take(Ours)
