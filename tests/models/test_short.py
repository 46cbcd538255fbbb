"""Networks learn and play in numbers of 16 bits where the processor multiplies those itself, else in numbers of 32."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from lifeworld.models.data.footage import open_footage
from lifeworld.models.layers import short
from lifeworld.models.play.player_torch import PlayerTorch
from lifeworld.models.training.muon import orthogonal
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import begin, update
from lifeworld.models.zoo.card import Card

PROCESSORS = (({"avx2": True}, torch.float32), ({"avx512_bf16": True}, torch.bfloat16), ({"amx_bf16": True}, torch.bfloat16))


@pytest.fixture(params=PROCESSORS, ids=("none", "avx512", "amx"))
def numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.dtype]:
    """The numbers that a processor multiplies, on a machine that says it has that one."""
    able, dtype = request.param
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    short._multiplies.cache_clear()
    yield dtype
    short._multiplies.cache_clear()


def test_learning_and_playing_are_in_numbers_that_the_processor_multiplies(bundle: Path, tmp_path: Path, numbers: torch.dtype) -> None:
    footage = open_footage(bundle, size=(16, 16), length=4, cache=tmp_path)
    run = begin(tiny.rolls(footage, Plan(steps=2), frames=4, horizon=2), footage)
    seen: list[torch.dtype] = []
    model: Any = run.objective.model
    model.go[0].first.register_forward_hook(lambda _module, _given, made: seen.append(made.dtype))
    update(run, footage)
    player = PlayerTorch(model, Card.of(tiny.SHAPE, footage, steps=1, seed=0))
    player.step(player.encode(np.zeros((1, 2, 3, 16, 16), np.float32)), np.zeros((1, 2), np.float32))
    assert len(seen) >= 2
    assert set(seen) == {numbers}
    assert orthogonal(torch.eye(4)[None]).dtype == numbers


def test_a_plan_may_do_without(numbers: torch.dtype) -> None:
    with short.shortened(torch.device("cpu"), wanted=False):
        assert (torch.eye(2) @ torch.eye(2)).dtype == torch.float32
    with short.shortened(torch.device("cpu")):
        assert (torch.eye(2) @ torch.eye(2)).dtype == numbers
