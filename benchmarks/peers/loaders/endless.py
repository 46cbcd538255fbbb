"""torch's DataLoader as everybody sets it up, for the peers that are map-style data sets: shuffled, batched, without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler
from turn import Plan


class Endless(Sampler[int]):
    """These indices in another order each epoch, epoch after epoch: workers never stand still between two."""

    def __init__(self, indices: Sequence[int], seed: int) -> None:
        self.indices, self.seed = torch.as_tensor(indices), seed

    def __iter__(self) -> Iterator[int]:
        chance = torch.Generator().manual_seed(self.seed)
        while True:
            yield from self.indices[torch.randperm(len(self.indices), generator=chance)].tolist()


def endless(
    data: Dataset[Any], indices: Sequence[int], plan: Plan, collate: Callable[[list[Any]], Any] | None = None, **more: Any
) -> Iterator[Any]:
    """Batches of the plan's size, by as many workers as it says."""
    sampler = Endless(indices, plan["seed"])
    return iter(DataLoader(data, plan["batch"], sampler=sampler, num_workers=plan["workers"], collate_fn=collate, **more))


@dataclass
class ByHand:
    """A peer that somebody wrote by hand: a map-style data set of every clip, each as the arrays that the proof asks for."""

    name: str
    version: str
    note: str
    data: Dataset[Any]
    plan: Plan

    def batches(self) -> Iterator[Any]:
        return endless(self.data, range(self.plan["clips"]), self.plan)

    def arrays(self, batch: Any) -> dict[str, Any]:
        return {name: values.numpy() for name, values in batch.items()}
