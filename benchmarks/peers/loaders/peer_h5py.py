"""h5py by hand: all frames of a size as one array in one HDF5 file, uncompressed and contiguous; a clip is one read."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from endless import ByHand
from torch.utils.data import Dataset
from turn import Plan, clips, source, take, wanted


def write(plan: Plan) -> None:
    count = sum(plan["lengths"])
    with h5py.File(Path(plan["folder"]) / "frames.h5", "w") as file:
        rgb = file.create_dataset("rgb", (count, plan["height"], plan["width"], 3), "uint8")
        action = file.create_dataset("action", (count, plan["actions_wide"]), "float32")
        first = 0
        for episode, frames in enumerate(plan["lengths"]):
            rgb[first : first + frames], action[first : first + frames] = source(plan, episode)
            first += frames


class Clips(Dataset[Any]):
    def __init__(self, plan: Plan) -> None:
        self.plan, self.clips, self.file = plan, clips(plan), None
        self.first = [0, *accumulate(plan["lengths"])]

    def __getitem__(self, index: int) -> dict[str, Any]:
        if self.file is None:  # in each worker its own
            self.file = h5py.File(Path(self.plan["folder"]) / "frames.h5", "r")
        episode, start = self.clips[index]
        at = wanted(self.plan, self.first[episode] + start)
        rgb = np.empty((self.plan["length"], self.plan["height"], self.plan["width"], 3), np.uint8)
        self.file["rgb"].read_direct(rgb, at)
        return {"rgb": rgb, "action": self.file["action"][at]}


if __name__ == "__main__":
    take(lambda plan: ByHand("h5py by hand", h5py.__version__, "raw frames in one contiguous array", Clips(plan), plan), write)
