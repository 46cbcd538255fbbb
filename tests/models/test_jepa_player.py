"""Exported graphs of a model that embeds show what its network shows, and foresee what it foresees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from test_jepa import SHAPE, shaken, told

from lifeworld.models.data.footage import Footage
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.play.onnx import write_onnx
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_graphs_foresee_what_the_network_foresees(footage: Footage, tmp_path: Path) -> None:
    save(tmp_path / "model", shaken(SHAPE, footage), Card.of(SHAPE, footage, steps=1, seed=0))
    write_onnx(tmp_path / "model", tmp_path / "model.onnx")
    worlds = [WorldDream(tmp_path / name) for name in ("model", "model.onnx")]
    assert worlds[0].spec.signals == worlds[1].spec.signals
    actions = told(np.random.default_rng(0), 3, 7)
    for asked in (["embedding"], ["embedding", "rgb"]):
        ends, seen = zip(*(w.rollout([w.reset(tiny.episode(100), seed=0)] * 3, actions, asked) for w in worlds), strict=True)
        np.testing.assert_allclose(seen[0]["embedding"], seen[1]["embedding"], atol=1e-3)
        last = [w.observe(end[0], ["rgb"])["rgb"].astype(int) for w, end in zip(worlds, ends, strict=True)]
        assert np.abs(last[0] - last[1]).max() <= 4
