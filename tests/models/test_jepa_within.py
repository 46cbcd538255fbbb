"""Where nobody acts, what moves within a clip is asked to show in embeddings: it costs less to tell moments apart than not to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_jepa import SHAPE

from lifeworld.core.errors import LimitError
from lifeworld.models.data.footage import Window
from lifeworld.models.jepa.foreseeing import Foreseeing
from lifeworld.models.training.plan import Plan
from lifeworld.models.zoo.kinds import fresh


def objective(**how: Any) -> Foreseeing:
    model: Any = fresh(replace(SHAPE, actions=0, latent=True), None, seed=0)
    return Foreseeing(model, Plan(steps=4), clips=4, more=5, **how)


def window(*, still: bool) -> Window:
    frames = np.random.default_rng(0).integers(0, 256, (9, 6, SHAPE.height, SHAPE.width, 3), dtype=np.uint8)
    return Window(np.repeat(frames[:, :1], 6, axis=1) if still else frames, None)


def test_moments_that_are_all_alike_cost_more() -> None:
    moving, still = (objective(within=0.5).loss(window(still=each), 0)[1]["within"] for each in (False, True))
    assert still > 1.5 * moving > 0


def test_it_comes_on_top_and_is_drawn_alike_each_time() -> None:
    made = objective(within=0.5)
    cost, told = made.loss(window(still=False), 0)
    again, _ = objective(within=0.5).loss(window(still=False), 0)
    without, plain = objective().loss(window(still=False), 0)
    assert cost.detach() == again.detach()
    assert float(cost.detach() - without.detach()) == pytest.approx(made.weight * told["within"], rel=1e-4)
    assert "within" not in plain


def test_a_share_is_below_one() -> None:
    with pytest.raises(LimitError, match="share"):
        objective(within=1.0)
