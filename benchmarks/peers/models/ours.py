"""Our nano model at the table: learned with its own objective, played as `lifeworld dream` does and from its graphs."""

from __future__ import annotations

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from turn import CLIPS, CONTEXT, PICTURES, SIDE, Said, clips, millions, per_second, say, seconds

from lifeworld.models.data.doing import Doing
from lifeworld.models.data.footage import Window
from lifeworld.models.dynamics.rolls import HALF, MOST, WHOLE, Rolls, Stage
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.play.onnx import write_onnx
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import Run, update
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.kinds import fresh

DOING = Doing(
    streams=("action@pusher",),
    names=(("x", "y"),),
    choices=(False,),
    low=(-1.0, -1.0),
    high=(1.0, 1.0),
    mean=(0.0, 0.0),
    std=(0.5, 0.5),
)


class Given:
    """The same clips at every step, as footage gives them."""

    def __init__(self, length: int) -> None:
        frames, actions = clips()
        bytes_ = (frames * 255).round().byte().movedim(2, -1).numpy()
        self.window = Window(np.ascontiguousarray(bytes_[:, :length]), actions.numpy()[:, : length - 1])

    def cut(self, _length: int) -> Given:
        return self

    def batch(self, *_args: object, **_words: object) -> Window:
        return self.window


class Even(Rolls):
    """Rolls as long as the table's clips, and as many; `seen` is the share of the height and width of pictures that they see."""

    seen = WHOLE

    def need(self, step: int) -> tuple[int, int]:
        return PICTURES, CLIPS

    def stage(self, step: int) -> Stage:
        return Stage(PICTURES - CONTEXT, CLIPS, self.seen)


def main() -> None:
    """Take the turn; `onnx` plays the graphs."""
    for_s, graphs = seconds(), sys.argv[2:] == ["onnx"]
    shape = Shape(height=SIDE, width=SIDE, context=CONTEXT)
    objective = Even(
        fresh(shape, DOING, seed=0), Plan(steps=1000, bf16=True), horizon=PICTURES - CONTEXT, frames=CLIPS * (PICTURES - CONTEXT)
    )
    run = Run(objective, fresh(shape, DOING, seed=0).requires_grad_(False), Objective.optimiser(objective))  # AdamW, like the others

    def learn() -> None:
        run.step = 0
        update(run, Given(PICTURES))  # type: ignore[arg-type]

    rates = {}
    for objective.seen in (HALF, MOST, WHOLE):
        rates[objective.seen] = CLIPS * per_second(learn, seconds=for_s)
    plan = Plan(steps=1000)
    shares = [Rolls(objective.model, plan).stage(step).share for step in range(plan.steps)]
    usual = len(shares) / sum(1 / rates[share] for share in shares)
    card = Card(
        kind="state",
        shape=shape,
        stream="rgb@above",
        frame_ns=80_000_000,
        doing=DOING,
        data_sha256="",
        episodes=(),
        steps=0,
        seed=0,
        made_with="",
    )
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder) / "model", run.average, card)
        if graphs:
            write_onnx(Path(folder) / "model", Path(folder) / "graphs")
        world = WorldDream(Path(folder) / ("graphs" if graphs else "model"))
        state = world.reset((clips()[0][0].movedim(1, -1) * 255).byte().numpy(), seed=0)
        action = {"pusher": np.zeros(2)}

        def play() -> None:
            nonlocal state
            state = world.step(state, action)
            world.observe(state, ["rgb"])

        played = per_second(play, seconds=for_s)
    say(
        Said(
            name="ours (ONNX Runtime)" if graphs else "ours",
            version=version("lifeworld"),
            numbers=millions(objective.model),
            samples_per_s=rates[WHOLE],
            usual_per_s=usual,
            played_per_s=played,
            note="rolls of 4 whole pictures from 4; usually of pieces of them; bfloat16 where there is any; played with its certainty",
        )
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
