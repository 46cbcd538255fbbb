"""torch-world's LeWM learns from the table's data for the table's processor time: `peer_torch_world.py PLAN.json`, in its own environment.

    data      an .npz: pictures (n, 64, 64, 3), actions (n, A) after each (of the last of an episode: nothing), first (episodes + 1,)
    make      which model of `lewm.py`; out: where `lewm.pt` goes
    seconds   processor time to learn for; batch: clips an update; rate: the highest learning rate
    steps     updates, instead of seconds, to try it

As its own benchmarks learn: AdamW, gradients clipped at 10, pixels in 0..1, batch norms counted anew at the end. The learning rate rises
for a twentieth of the time and falls along a cosine, which is better for it than staying the same. A sample is a clip of history + 1
pictures.
"""

from __future__ import annotations

import json
import math
import sys
import time
from importlib.metadata import version
from pathlib import Path

import lewm
import numpy as np
import torch
from torch_world.utils import recompute_batchnorm


def main() -> None:
    """Learn, keep the weights, say how it went as a line of JSON."""
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    torch.set_num_threads(1)
    torch.manual_seed(told["seed"])
    with np.load(told["data"]) as data:
        pictures, actions, first = (torch.from_numpy(data[name]) for name in ("pictures", "actions", "first"))
    told_of = torch.ones(len(actions), dtype=torch.bool)
    told_of[first[1:] - 1] = False  # after the last picture of an episode nothing was done
    actions = (actions - actions[told_of].mean(0)) / actions[told_of].std(0, correction=0)
    model = getattr(lewm, told["make"])()
    long = model.history + 1
    starts = torch.cat([torch.arange(a, b - long + 1) for a, b in zip(first[:-1].tolist(), first[1:].tolist(), strict=True)])
    dealt = torch.Generator().manual_seed(told["seed"])

    def clips() -> tuple[torch.Tensor, torch.Tensor]:
        rows = starts[torch.randint(len(starts), (told["batch"],), generator=dealt)][:, None] + torch.arange(long)
        return pictures[rows].movedim(-1, 2).float() / 255, actions[rows]

    optimiser = torch.optim.AdamW(model.parameters(), lr=told["rate"])
    begin, step, losses = time.process_time(), 0, []
    while (share := (step / told["steps"] if told["steps"] else (time.process_time() - begin) / told["seconds"])) < 1:
        for group in optimiser.param_groups:
            group["lr"] = told["rate"] * min(share / 0.05, 0.5 + 0.5 * math.cos(math.pi * share))
        said = model(*clips())
        optimiser.zero_grad(set_to_none=True)
        said["loss"].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimiser.step()
        losses.append({name: float(value.detach()) for name, value in said.items()})
        step += 1
    spent = time.process_time() - begin
    recompute_batchnorm(model, (clips() for _ in range(16)), lambda clip: model(*clip))
    torch.save(model.state_dict(), Path(told["out"]) / "lewm.pt")
    last = losses[-max(1, len(losses) // 20) :]
    found = {
        "version": version("torch-world"),
        "numbers": sum(p.numel() for p in model.parameters()) / 1e6,
        "steps": step,
        "seconds": spent,
        "samples_per_s": step * told["batch"] / spent,
        "pictures_a_sample": long,
        "losses": {name: sum(each[name] for each in last) / len(last) for name in last[0]},
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
