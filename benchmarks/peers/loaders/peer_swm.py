"""stable-worldmodel's own readers of its own formats, as its own writers write them: lance, hdf5, video or folder (the word says which).

Image quality and chunks are its defaults: JPEG of quality 95 in Lance and in folders, one uncompressed chunk a frame in HDF5, H.264 by
imageio at its default in video. Its clip with a stride spans length × stride frames and brings the actions of all of them.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import shim  # noqa: F401
import simplejpeg
import torch
from endless import endless
from stable_worldmodel.data.format import get_format
from stable_worldmodel.data.formats import lance
from turn import Plan, clips, source, take

FORM = sys.argv[3]
WHERE = {"lance": "own.lance", "hdf5": "own.h5", "video": "own", "folder": "own"}[FORM]


def write(plan: Plan) -> None:
    more = {"fps": plan["fps"]} if FORM == "video" else {}
    with get_format(FORM).open_writer(Path(plan["folder"]) / WHERE, mode="overwrite", **more) as out:
        out.write_episodes(_episodes(plan))


def _episodes(plan: Plan) -> Any:
    for episode in range(len(plan["lengths"])):
        frames, actions = source(plan, episode)
        yield {"pixels": list(np.asarray(frames)), "action": list(actions)}


class StableWorldModel:
    name, version = f"stable-worldmodel, {FORM}", version("stable-worldmodel")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        more = {"video_keys": ["pixels"]} if FORM == "video" else {}
        self.data = get_format(FORM).open_reader(Path(plan["folder"]) / WHERE, num_steps=plan["length"], frameskip=plan["stride"], **more)
        assert self.data.clip_indices == clips(plan)
        self.note = {"lance": "JPEG by libjpeg-turbo", "hdf5": "raw frames, one chunk each", "video": "decord", "folder": "PIL"}[FORM]

    def batches(self) -> Any:
        return endless(self.data, range(len(self.data)), self.plan)

    def arrays(self, batch: Any) -> dict[str, Any]:
        wide = self.plan["actions_wide"]
        return {"rgb": batch["pixels"].permute(0, 1, 3, 4, 2).numpy(), "action": batch["action"].numpy()[..., :wide]}


def _decode_jpeg(held: list[torch.Tensor], mode: Any) -> list[torch.Tensor]:
    """What torchvision's `decode_jpeg` does, which is missing in the build that is to be had here: libjpeg-turbo, one after the other."""
    return [torch.from_numpy(simplejpeg.decode_jpeg(one.numpy())).permute(2, 0, 1) for one in held]


lance._tv_decode_jpeg = _decode_jpeg  # left as it is it would fall back to PIL, which is slower

if __name__ == "__main__":
    take(StableWorldModel, write)
