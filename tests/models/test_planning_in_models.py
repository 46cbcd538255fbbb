"""Models are planned in as physics is: by embeddings where they have some, pixel by pixel where they draw, with every planner that fits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.models.data.footage import Footage
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.jepa.network import JepaShape
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.kinds import fresh
from lifeworld.worlds.planning.cost_image import CostImage
from lifeworld.worlds.planning.decisions import Decisions, tried
from lifeworld.worlds.planning.planners import PLANNERS, planner_of

JEPA = JepaShape(height=16, width=16, actions=2, context=2, numbers=16, wide=8, deep=32, layers=2, heads=2, reach=3)
FEW = {"cem": {"samples": 8, "rounds": 2}, "icem": {"samples": 8, "rounds": 2}, "mppi": {"samples": 8, "rounds": 2},
       "gradient": {"samples": 4, "rounds": 3}, "amortised": {"samples": 4, "rounds": 2}}  # fmt: skip


@pytest.fixture(scope="module")
def embeds(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> WorldDream:
    folder = tmp_path_factory.mktemp("embeds") / "model"
    model = fresh(JEPA, footage.doing, seed=1)
    with torch.no_grad():
        for parameter in model.parameters():  # what begins at nothing would not hear what is done
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    save(folder, model, Card.of(JEPA, footage, steps=1, seed=0))
    return WorldDream(folder)


@pytest.fixture(scope="module")
def draws(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> WorldDream:
    shape, folder = Shape(height=16, width=16, actions=2), tmp_path_factory.mktemp("draws") / "model"
    save(folder, fresh(shape, footage.doing, seed=1), Card.of(shape, footage, steps=1, seed=0))
    return WorldDream(folder)


def pictures(world: WorldDream, seed: int) -> NDArray[np.uint8]:
    shape = world.card.shape
    return np.random.default_rng(seed).integers(0, 255, (shape.context, shape.height, shape.width, 3), dtype=np.uint8)


def wanted(world: WorldDream) -> CostImage:
    return CostImage.like(world, world.reset(pictures(world, 2), seed=0))


@pytest.mark.parametrize("name", PLANNERS)
def test_every_planner_plans_in_embeddings(name: str, embeds: WorldDream) -> None:
    state, cost = embeds.reset(pictures(embeds, 1), seed=0), wanted(embeds)
    assert cost.signals == ("embedding",)
    planner = planner_of(name, horizon=3, **FEW[name])
    plan, same = (planner.plan(embeds, state, cost, seed=3) for _ in range(2))
    (spec,) = embeds.spec.actions
    rows = plan.actions[spec.name]
    assert rows.shape == (3, 2)
    assert (rows >= spec.low).all()
    assert (rows <= spec.high).all()
    np.testing.assert_array_equal(rows, same.actions[spec.name])
    costs = tried(embeds, state, rows[None], cost, Decisions.of(embeds.spec, hold=1))
    assert plan.cost == pytest.approx(float(costs[0]), rel=1e-4)


def test_going_down_the_slope_costs_less(embeds: WorldDream) -> None:
    state, cost = embeds.reset(pictures(embeds, 1), seed=0), wanted(embeds)
    begun, gone = (planner_of("gradient", horizon=3, samples=4, rounds=n).plan(embeds, state, cost, seed=3) for n in (1, 30))
    assert gone.cost < begun.cost


def test_where_nothing_is_embedded_pixels_are_compared(draws: WorldDream) -> None:
    state, cost = draws.reset(pictures(draws, 1), seed=0), wanted(draws)
    assert cost.signals == ("rgb@above",)
    plan = planner_of("icem", horizon=2, **FEW["icem"]).plan(draws, state, cost, seed=0)
    assert 0.0 < plan.cost < 2.0
    with pytest.raises(InputError, match="foreseen and wanted"):
        planner_of("gradient", horizon=2).plan(draws, state, cost, seed=0)
    with pytest.raises(InputError, match="foreseen and wanted"):
        planner_of("amortised", horizon=2).plan(draws, state, cost, seed=0)
