"""Open-loop rolls that grow longer, judged as a dream is judged: what the nano model learns by.

    train(Rolls(model, Plan(steps=4000)), footage, Path("model"))

A roll begins from real pictures and goes on by itself; the squared error of each of its pictures, heavier where something changed, counts
in proportion to what copying the last picture would cost there. The first rolls are one picture long and many at a time, the last ones as
long as `horizon` and few. Most of a picture stands still: all but the longest rolls are of pieces of pictures, drawn where most happens,
so that a step sees four times as many.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.core.errors import LimitError
from lifeworld.models.actions.inferred import loudness, told
from lifeworld.models.data.footage import Window
from lifeworld.models.data.pieces import CELL, corners, cut
from lifeworld.models.dreamer import CHANGED, Dreamer, State, right
from lifeworld.models.dynamics.state import Dynamics
from lifeworld.models.training.muon import Muon
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.shard import joint, mean

GROWS = ((0.2, 0.4, 0.6, 0.8, 1.0), (0.06, 0.15, 0.3, 0.55, 0.85))
"""After which shares of all steps which shares of the doublings are done: long rolls teach more, short ones faster."""
WHOLE, MOST, HALF = 1.0, 0.75, 0.5
"""How high and wide pieces are, as a share of the picture: all in the longest rolls, most in those half as long, where things get far."""
LEAST_CLIPS = 4
"""So many at least, unless `frames` are fewer: less keeps a processor waiting."""
LEAST_PX = 16
EDGES = ("model.first", "model.out", "model.place")
"""What touches pictures, and what is no matrix."""


class Stage(NamedTuple):
    """How long the rolls of a step are [pictures], how many, and which share of the pictures' height and width they see."""

    horizon: int
    clips: int
    share: float


class Rolls(Objective):
    """A step's rolls of up to `horizon` pictures have as many pixels as `frames` whole pictures; those that change count `changed` times.

    `copying` (shares, horizon) is what copying the last picture costs so many pictures on, a running mean, by how much of it is seen; 0
    where nothing is known yet.
    """

    model: Dreamer
    copying: Tensor

    def __init__(self, model: Dreamer, plan: Plan, *, frames: int = 64, horizon: int = 16, changed: float = 1.5) -> None:
        super().__init__(model, plan, objective="rolls", frames=frames, horizon=horizon, changed=changed)
        if min(frames, horizon) < 1:
            raise LimitError("rolls have pictures", got=f"frames {frames}, horizon {horizon}", expected="1 or more of each")
        self.frames, self.horizon, self.changed = frames, horizon, changed
        self.in_pieces = isinstance(model, Dynamics) and not model.shape.latent  # what was done is seen in whole pictures only
        self.register_buffer("copying", torch.zeros(3, horizon))

    def stage(self, step: int) -> Stage:
        """1 picture, 2, 4 …, the longest towards the end."""
        doublings = math.ceil(math.log2(self.horizon))
        from_shares = np.interp(np.arange(1, doublings + 1) / max(1, doublings), *GROWS)
        horizon = min(self.horizon, 2 ** int((step >= from_shares * self.plan.steps).sum()))
        halvings = math.ceil(math.log2(self.horizon / horizon)) if self.in_pieces else 0
        share = (WHOLE, MOST, HALF)[min(halvings, 2)]
        height, width = self._size(share)
        pictures = self.frames * self.model.shape.height * self.model.shape.width / (height * width)
        return Stage(horizon, max(min(LEAST_CLIPS, self.frames), round(pictures / horizon)), share)

    def need(self, step: int) -> tuple[int, int]:
        stage = self.stage(step)
        return self.model.shape.context + stage.horizon, stage.clips

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """The error as a share of what copying the last picture costs, and how wrong it is about being right."""
        context, horizon, share = self.model.shape.context, self.stage(step).horizon, self.stage(step).share
        window, at = self._piece(window, share, step)
        (frames, actions), loud = self.tensors(window), torch.zeros(())
        if actions is None:
            said = self.model.between(frames)
            actions = told(said, self.draw(window, tuple(said.shape[1:]), "noise", step), self.model.codes)
            loud = loudness(said, self.model.codes, lambda each: joint(each, window))
        rolled, sure = self._rolled(frames[:, :context], actions[:, context - 1 :], at)
        truth, last = frames[:, context:], frames[:, context - 1 : context]
        weight = 1 + (self.changed - 1) * ((truth - last).abs().amax(2, keepdim=True) > CHANGED).float()
        wrong, copied = (((each - truth).square() * weight).mean((0, 2, 3, 4)) for each in (rolled.float(), last))
        row = self.copying[(WHOLE, MOST, HALF).index(share), :horizon]
        before, copied = row.clone(), mean(copied, window)
        row.copy_(torch.where(before > 0, torch.lerp(before, copied, 0.02), copied))
        error = (wrong / row.clamp_min(1e-5)).mean()
        honest = F.binary_cross_entropy_with_logits(sure.float(), right(rolled.detach().float(), truth).float())
        return error + 0.02 * honest + loud, {"horizon": horizon, "share": float(error.detach())}

    def _rolled(self, frames_BTCHW: Tensor, actions_BTA: Tensor, at: list[tuple[int, int]] | None) -> tuple[Tensor, Tensor]:
        """As `dreamer.roll`, of whole pictures or pieces."""
        model = self.model
        state: State = model.encode(frames_BTCHW, at) if isinstance(model, Dynamics) else model.encode(frames_BTCHW)
        frames, sure = [], []
        for action in actions_BTA.unbind(1):
            state = model.step(state, action)
            frames.append(state.frame)
            sure.append(state.sure)
        return torch.stack(frames, 1), torch.stack(sure, 1)

    def optimiser(self) -> torch.optim.Optimizer:
        """Muon for what mixes channels within the model, AdamW for the rest."""
        named = [(name, p) for name, p in self.named_parameters() if p.requires_grad]
        matrices = [p for name, p in named if p.ndim == 4 and not name.startswith(EDGES)]
        of = {id(p) for p in matrices}
        return Muon(matrices, [p for _, p in named if id(p) not in of], rate=self.plan.rate)

    def _size(self, share: float) -> tuple[int, int]:
        shape = self.model.shape
        height, width = (max(min(LEAST_PX, whole), int(share * whole) // CELL * CELL) for whole in (shape.height, shape.width))
        return height, width

    def _piece(self, window: Window, share: float, step: int) -> tuple[Window, list[tuple[int, int]] | None]:
        """The piece of each clip in which most happens, and where it lies; nothing changed if all is to be seen."""
        size = self._size(share)
        if size == window.frames.shape[2:4]:
            return window, None
        chance = self.draw(window, (), "piece", step, normal=False).double().cpu().numpy()
        at = corners(window.frames[:, self.model.shape.context - 1 :], size, chance)
        return window._replace(frames=cut(window.frames, at, size)), [(y, x) for y, x in at.tolist()]
