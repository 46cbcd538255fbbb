"""One bundle and one trained model for all tests here; one thread, so that the same numbers come out on every machine of a sort."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
import torch

from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.training.plan import Plan
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.bundle(tmp_path_factory.mktemp("bundles") / "play", 24)


@pytest.fixture(scope="session")
def footage(bundle: Path) -> Footage:
    return open_footage(bundle, size=(16, 16), length=10, cache=bundle.parent / "cache")


@pytest.fixture(scope="session")
def model(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "square"
    run = tiny.learn(footage, Plan(steps=260, average=0.97), folder, horizon=8, frames=16)
    save(folder, run.average, Card.of(tiny.SHAPE, footage, steps=run.step, seed=0))
    return folder
