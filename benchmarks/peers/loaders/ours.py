"""Our own turn, by the same rules: `Clips` on the bundle, its cache where it lies by itself (in the bundle).

Words after the plan: `blocks` for that order of clips, `uncached` for none. `fill` instead of `take` reads each frame once, so that the
cache holds all of it, as it does after an epoch.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from turn import Plan, take

from benchmarks.peers.loaders.corpus import CAMERA, ROBOT
from lifeworld.episode.clips import Clips

RGB, ACTION = f"rgb@{CAMERA}", f"action@{ROBOT}"


class Ours:
    name, version = "lifeworld", version("lifeworld")

    def __init__(self, plan: Plan) -> None:
        order = "blocks" if "blocks" in sys.argv[3:] else "scattered"
        self.clips = Clips(
            plan["bundle"], signals=(RGB, ACTION), length=plan["length"], stride=plan["stride"], batch=plan["batch"], seed=plan["seed"],
            order=order, cache="uncached" not in sys.argv[3:], float32=True, drop_last=True, loop=True,
        )  # fmt: skip
        self.note = f"{order}, {self.clips.threads} threads"

    def batches(self) -> Any:
        return iter(self.clips)

    def arrays(self, batch: Any) -> dict[str, Any]:
        return {"rgb": batch[RGB], "action": batch[ACTION]}


def fill(plan: Plan) -> None:
    """Have the cache hold every frame."""
    clips = Clips(plan["bundle"], signals=(RGB, ACTION), length=1, batch=plan["batch"] * plan["length"], order="listed")
    for _ in clips:
        pass


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    else:
        take(Ours)
