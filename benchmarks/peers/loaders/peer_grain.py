"""grain on ArrayRecord: a record is one raw frame with its action behind it, uncompressed and alone in its group, which reads fastest.

A clip is one call for its records. Without workers grain's own reading threads do it, with workers its processes.
"""

from __future__ import annotations

from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

import grain
import numpy as np
from array_record.python.array_record_module import ArrayRecordWriter
from turn import Plan, clips, source, take, wanted


def write(plan: Plan) -> None:
    out = ArrayRecordWriter(str(Path(plan["folder"]) / "frames.array_record"), "group_size:1,uncompressed")
    for episode in range(len(plan["lengths"])):
        for frame, action in zip(*source(plan, episode), strict=True):
            out.write(frame.tobytes() + action.tobytes())
    out.close()


class Clips(grain.sources.RandomAccessDataSource):
    def __init__(self, plan: Plan) -> None:
        self.plan, self.clips, self.first = plan, clips(plan), [0, *accumulate(plan["lengths"])]
        self.records = grain.sources.ArrayRecordDataSource(str(Path(plan["folder"]) / "frames.array_record"))

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        episode, start = self.clips[index]
        at = wanted(self.plan, self.first[episode] + start)
        shape = (self.plan["height"], self.plan["width"], 3)
        rgb = np.empty((self.plan["length"], *shape), np.uint8)
        action = np.empty((self.plan["length"], self.plan["actions_wide"]), np.float32)
        size = rgb[0].nbytes
        for k, record in enumerate(self.records.__getitems__(range(at.start, at.stop, at.step))):
            rgb[k] = np.frombuffer(record, np.uint8, size).reshape(shape)
            action[k] = np.frombuffer(record, np.float32, offset=size)
        return {"rgb": rgb, "action": action}


class Grain:
    name, version = "grain on ArrayRecord", version("grain")
    note = "raw frames, a record each"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def batches(self) -> Any:
        data = grain.MapDataset.source(Clips(self.plan)).shuffle(seed=self.plan["seed"]).repeat()
        if self.plan["workers"] == 0:
            return iter(
                data.to_iter_dataset(grain.ReadOptions(num_threads=2, prefetch_buffer_size=2 * self.plan["batch"])).batch(
                    self.plan["batch"]
                )
            )
        one = grain.ReadOptions(num_threads=1, prefetch_buffer_size=self.plan["batch"])
        ways = grain.MultiprocessingOptions(num_workers=self.plan["workers"], per_worker_buffer_size=2)
        return iter(data.to_iter_dataset(one).batch(self.plan["batch"]).mp_prefetch(ways))

    def arrays(self, batch: Any) -> dict[str, Any]:
        return dict(batch)


if __name__ == "__main__":
    take(Grain, write)
