"""PyAV by hand, on the mp4 files of our bundle as they lie: seek to the group of pictures, decode on to the last frame wanted.

What a careful person writes in an afternoon: files stay open, each clip is decoded once and put into its array without a detour, only
frames that are wanted are converted. With workers one thread each, without any two threads.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import av
import numpy as np
from endless import ByHand
from torch.utils.data import Dataset
from turn import Plan, clips, take, wanted


class Clips(Dataset[Any]):
    def __init__(self, plan: Plan) -> None:
        self.plan, self.clips = plan, clips(plan)
        self.actions = [np.load(f"{plan['actions']}/{episode:04d}.npy") for episode in range(len(plan["lengths"]))]
        self.opened = lru_cache(maxsize=64)(self._open)

    def _open(self, episode: int) -> tuple[Any, Any]:
        file = av.open(self.plan["videos"][episode])
        video = file.streams.video[0]
        video.codec_context.thread_type = "AUTO"
        video.codec_context.thread_count = 1 if self.plan["workers"] else 2
        return file, video

    def __getitem__(self, index: int) -> dict[str, Any]:
        episode, start = self.clips[index]
        file, video = self.opened(episode)
        at = wanted(self.plan, start)
        step = 1 / (video.average_rate * video.time_base)
        rgb = np.empty((self.plan["length"], self.plan["height"], self.plan["width"], 3), np.uint8)
        file.seek(int(start * step), stream=video)
        for frame in file.decode(video):
            number = round(frame.pts / step)
            if number >= start and (number - start) % at.step == 0:
                k = (number - start) // at.step
                rgb[k] = frame.to_ndarray(format="rgb24")
                if k == len(rgb) - 1:
                    break
        return {"rgb": rgb, "action": self.actions[episode][at]}


NOTE = "the very same mp4 files as ours; PyAV's plain conversion to RGB"

if __name__ == "__main__":
    take(lambda plan: ByHand("PyAV by hand", av.__version__, NOTE, Clips(plan), plan))
