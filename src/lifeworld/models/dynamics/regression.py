"""Regression: the next picture's tokens at once, the one best guess. Where several things may happen it says their mean.

The plainest thing to do with a backbone, and what forcing has to be better than: one pass a picture, no noise, no steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from lifeworld.models.data.footage import Window
from lifeworld.models.dynamics.predictor import Moment, Predictor, PredictorShape, earlier
from lifeworld.models.dynamics.teaching import TokenObjective, moving
from lifeworld.models.training.shard import mean


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionShape(PredictorShape):
    """See PredictorShape."""


class Regression(Predictor):
    """The network: what was there before enters with the action, the difference to it comes out."""

    shape: RegressionShape

    def __init__(self, shape: RegressionShape) -> None:
        super().__init__(shape)
        self.say = nn.Linear(shape.deep, shape.tokens.numbers)
        nn.init.zeros_(self.say.weight)
        nn.init.zeros_(self.say.bias)

    def next(self, moment: Moment, action_BA: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.settled(moment.tokens, moment.tokens)
        seen, memory = self.backbone.step(*self.with_action(x, action_BA), moment.memory, moment.at)
        return moment.tokens + self.say(seen), seen, memory

    def settled(self, tokens_BTNC: Tensor, before_BTNC: Tensor) -> Tensor:
        out: Tensor = self.before(before_BTNC) + self.place
        return out


class NextTokens(TokenObjective):
    """What a Regression model learns by: the squared error, as a share of what copying costs."""

    model: Regression

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        clean, before, actions = self.read(window, step)
        model, context = self.model, self.model.shape.context
        seen = model.backbone(*model.with_actions(model.settled(clean, before), actions))
        guess = (before + model.say(seen)).float()
        wrong, copied = (((each - clean).square() * moving(clean))[:, context:].mean() for each in (guess, earlier(clean)))
        return wrong / mean(copied, window).clamp_min(1e-4), {}
