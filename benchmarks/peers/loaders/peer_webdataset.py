"""webdataset: an episode is a sample of a tar file, its frames JPEG of quality 95 (or, with the word npy, one raw array).

A tar file is read from front to back, so clips are cut from each episode as it comes by (8 of them, from anywhere in it), go through a
shuffle buffer of 16 batches while still encoded, and only then are the frames wanted decoded, by libjpeg-turbo (simplejpeg): shuffle
before decode, as its documentation advises. An epoch therefore holds clips by chance, not each clip once.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
import torch
import webdataset as wds
from turn import Plan, source, take

RAW = "npy" in sys.argv[3:]
CUTS, QUALITY, SHARDS = 8, 95, 8


def write(plan: Plan) -> None:
    each = -(-len(plan["lengths"]) // SHARDS)
    with wds.ShardWriter(str(Path(plan["folder"]) / "%04d.tar"), maxcount=each, maxsize=1 << 40, verbose=0) as out:
        for episode in range(len(plan["lengths"])):
            frames, actions = source(plan, episode)
            sample: dict[str, Any] = {"__key__": f"{episode:04d}", "action.npy": actions}
            if RAW:
                sample["rgb.npy"] = np.asarray(frames)
            else:
                sample |= {
                    f"{k:04d}.jpg": simplejpeg.encode_jpeg(np.ascontiguousarray(f), QUALITY, colorsubsampling="420")
                    for k, f in enumerate(frames)
                }
            out.write(sample)


class WebDataset:
    name, version = "webdataset, npy" if RAW else "webdataset, JPEG", version("webdataset")
    note = f"{CUTS} clips of an episode at a time, shuffled among 16 batches before they are decoded"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.chance = np.random.default_rng()

    def batches(self) -> Any:
        shards = sorted(map(str, Path(self.plan["folder"]).glob("*.tar")))
        data = wds.DataPipeline(
            wds.ResampledShards(shards),  # without end; each worker draws its own
            wds.tarfile_to_samples(),
            self._cut,
            wds.shuffle(16 * self.plan["batch"], initial=8 * self.plan["batch"]),
            wds.map(self._decode),
            wds.batched(self.plan["batch"], collation_fn=_collated),
        )
        return iter(wds.WebLoader(data, batch_size=None, num_workers=self.plan["workers"]))

    def _cut(self, samples: Any) -> Iterator[dict[str, Any]]:
        length, stride = self.plan["length"], self.plan["stride"]
        for sample in samples:
            action = np.load(io.BytesIO(sample["action.npy"]))
            raw = _array(sample["rgb.npy"]) if RAW else None
            for start in self.chance.integers(0, len(action) - length * stride + 1, CUTS):
                at = range(start, start + length * stride, stride)
                rgb = raw[at.start : at.stop : stride] if RAW else [sample[f"{k:04d}.jpg"] for k in at]
                yield {"rgb": rgb, "action": action[at.start : at.stop : stride]}

    def _decode(self, clip: dict[str, Any]) -> dict[str, Any]:
        if RAW:
            return clip
        rgb = np.empty((self.plan["length"], self.plan["height"], self.plan["width"], 3), np.uint8)
        for k, jpeg in enumerate(clip["rgb"]):
            simplejpeg.decode_jpeg(jpeg, buffer=rgb[k])
        return {"rgb": rgb, "action": clip["action"]}

    def arrays(self, batch: Any) -> dict[str, Any]:
        return {name: values.numpy() for name, values in batch.items()}


def _collated(clips: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Without the key that webdataset puts into every sample."""
    return {name: torch.from_numpy(np.stack([clip[name] for clip in clips])) for name in ("rgb", "action")}


def _array(held: bytes) -> np.ndarray:
    """A .npy file's array where it lies in memory, without the copy that np.load makes."""
    file = io.BytesIO(held)
    np.lib.format.read_magic(file)
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    return np.frombuffer(held, dtype, offset=file.tell()).reshape(shape)


if __name__ == "__main__":
    take(WebDataset, write)
