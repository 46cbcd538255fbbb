"""Our own turn at the table, by the same rules: WorldPhysics.observe of the signals named, the physics stepped off the clock.

Words after the plan: a quality of the renderer, then names of signals, or a family of them.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from turn import take

from benchmarks.peers import tumble
from lifeworld.core.signal import FAMILIES, SIGNALS
from lifeworld.worlds.physics.engine import WorldPhysics

QUALITY, *ASKED = sys.argv[2:]


class Ours:
    version = version("lifeworld")

    def __init__(self, scene: dict[str, Any]) -> None:
        camera = scene["camera"]
        start = tumble.tumble(len(scene["things"]), width_px=camera["width_px"], height_px=camera["height_px"])
        self.world = WorldPhysics(quality=QUALITY)
        self.start, self.states = self.world.reset(start, seed=0), tumble.frames(self.world, start)
        self.poses = np.array(scene["poses"])
        self.asked = [s.name for name in ASKED for s in SIGNALS.values() if name == (s.family if name in FAMILIES else s.name)]
        self.state = self.states[0]
        self.name = f"lifeworld, {QUALITY}"
        self.signals = ", ".join(self.asked)
        self.note = self.world.spec.renderer

    def place(self, poses: NDArray[np.float64]) -> None:
        """Step to the frame: its state is a new value each time, as in a recording, so nothing of an earlier lap can be handed out."""
        frame = int(np.abs(self.poses - poses).sum(axis=(1, 2)).argmin())
        self.state = self.states[frame - 1] if frame else self.start
        for _ in range(tumble.FRAME_TICKS):
            self.state = self.world.step(self.state, {})

    def look(self) -> Any:
        return self.world.observe(self.state, self.asked)

    def arrays(self, seen: Any) -> dict[str, NDArray[Any]]:
        ours = {stream.partition("@")[0]: value for stream, value in seen.values.items()}
        return {"rgb": ours["rgb"], "depth_m": ours["depth_m"], "ids": ours["instance_ids"]}


if __name__ == "__main__":
    take(Ours)
