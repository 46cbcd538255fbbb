"""LeRobot's own reader of its v3 format: on our bundle as it lies, or (with the word av1) on what its own writer makes of the corpus.

Its class at version 0.4.4, the last for Python 3.11, as repacked by `lerobot-dataset`; video by torchcodec, its documented choice. Clips
are its `delta_timestamps`. It gives float32 in [0, 1]; its default encoder is SVT-AV1, crf 30, every second frame a key frame.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

import ffmpeg  # noqa: F401  # begins this script anew, so it comes before what takes long to load

# isort: split
import numpy as np
import shim  # noqa: F401
import torch
from endless import endless
from ledataset.datasets.lerobot_dataset import LeRobotDataset
from turn import Plan, clips, source, take

OWN = "av1" in sys.argv[3:]
KEY = "observation.images.top"


def write(plan: Plan) -> None:
    features = {
        KEY: {"dtype": "video", "shape": (plan["height"], plan["width"], 3), "names": ["height", "width", "channels"]},
        "action": {"dtype": "float32", "shape": (plan["actions_wide"],), "names": None},
    }
    data = LeRobotDataset.create(
        "bench/own", plan["fps"], features, root=Path(plan["folder"]) / "own", use_videos=True, image_writer_threads=2
    )
    for episode in range(len(plan["lengths"])):
        for frame, action in zip(*source(plan, episode), strict=True):
            data.add_frame({KEY: np.asarray(frame), "action": action, "task": "push"})
        data.save_episode()
    data.finalize()
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # SVT-AV1, opened by root, takes real-time priority for good


class LeRobot:
    name = "LeRobot v3, own AV1" if OWN else "LeRobot v3, our bundle"
    version = version("lerobot-dataset")
    note = "torchcodec; float32 in [0, 1]; " + ("as its own writer writes" if OWN else "the very same mp4 files as ours")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        times = [k * plan["stride"] / plan["fps"] for k in range(plan["length"])]
        root = Path(plan["folder"]) / "own" if OWN else Path(plan["bundle"])
        self.data = LeRobotDataset("bench/own", root=root, delta_timestamps={KEY: times, self._action(): times}, video_backend="torchcodec")
        first = [0, *accumulate(plan["lengths"])]
        self.indices = [first[episode] + start for episode, start in clips(plan)]

    def _action(self) -> str:
        return "action"

    def batches(self) -> Any:
        return endless(self.data, self.indices, self.plan)

    def arrays(self, batch: Any) -> dict[str, Any]:
        rgb = (batch[KEY] * 255).round().to(torch.uint8).permute(0, 1, 3, 4, 2)
        return {"rgb": rgb.numpy(), "action": batch[self._action()].to(torch.float32).numpy()}


if __name__ == "__main__":
    take(LeRobot, write if OWN else None)
