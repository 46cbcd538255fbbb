"""episodata's Zarr store, as its own writer writes it, read by its `segments()` through torch's DataLoader or by its own stream.

With no workers its own `segment_stream` is taken, with a read chunk of two batches (its default of 2,048 clips would be gigabytes here);
with workers its map-style view, as its documentation shows. It knows no stride: a clip of every fourth frame is read whole, then thinned.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from endless import endless
from episodata import Dataset
from turn import Plan, source, take


def write(plan: Plan) -> None:
    Dataset.from_episodes(_episodes(plan), path=Path(plan["folder"]) / "own")


def _episodes(plan: Plan) -> Any:
    """Each action beside the frame in which it was taken: the frame after the last action is the last one once more."""
    for episode in range(len(plan["lengths"])):
        frames, actions = source(plan, episode)
        yield {
            "initial_observation": np.asarray(frames[0]),
            "observations": np.concatenate([frames[1:], frames[-1:]]),
            "actions": actions,
            "rewards": np.zeros(len(actions), np.float32),
            "truncated": True,
        }


class Episodata:
    name, version = "episodata", version("episodata")
    note = "Zarr by TensorStore, uncompressed as is its default"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.data = Dataset.open(Path(plan["folder"]) / "own")
        self.span = plan["length"] * plan["stride"]

    def batches(self) -> Any:
        plan = self.plan
        if plan["workers"] == 0:
            return iter(
                self.data.segment_stream(
                    sequence_length=self.span, batch_size=plan["batch"], seed=plan["seed"], read_chunk_size=2 * plan["batch"]
                )
            )
        segments = self.data.segments(sequence_length=self.span)
        return endless(segments, range(len(segments)), plan, segments.collate, multiprocessing_context="spawn")

    def arrays(self, batch: Any) -> dict[str, Any]:
        step = self.plan["stride"]
        return {"rgb": np.asarray(batch.obs)[:, ::step], "action": np.asarray(batch.action)[:, ::step]}


if __name__ == "__main__":
    take(Episodata, write)
