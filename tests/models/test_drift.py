"""Drift: a model that copies is as good as copying and keeps its contrast; one that fades is caught; bounds hold what they bound."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
import tiny
import torch
from torch import Tensor

from lifeworld.core.errors import InputError
from lifeworld.models.data import Footage, open_footage
from lifeworld.models.dreamer import Dreamer
from lifeworld.models.drift import drift
from lifeworld.models.score import score


class Still(NamedTuple):
    frame: Tensor
    sure: Tensor


class Fading(Dreamer):
    """What it saw last, at every step a little nearer to grey, and always half sure."""

    def __init__(self, keep: float) -> None:
        super().__init__(tiny.SHAPE)
        self.keep = keep

    def encode(self, frames_BTCHW: Tensor) -> Still:
        return Still(frames_BTCHW[:, -1], torch.zeros_like(frames_BTCHW[:, -1, 0]))

    def step(self, state: Any, action_BA: Tensor) -> Still:
        return Still(0.5 + self.keep * (state.frame - 0.5), state.sure)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    folder = tmp_path_factory.mktemp("long")
    return open_footage(tiny.bundle(folder / "play", 4, 60), size=(16, 16), length=52, cache=folder / "cache")


def test_what_copies_drifts_as_copying_does(long: Footage) -> None:
    found = drift(Fading(1.0), long, all_of_it=True)
    assert found.ahead == (50,)
    assert found.psnr_db == pytest.approx(found.copying_db)
    assert found.contrast[0] == pytest.approx(1, abs=0.05)  # the square is as large wherever it is
    assert found.sure == pytest.approx((0.5,))
    assert 0.5 < found.right[0] < 1
    assert "contrast" in str(found)


def test_what_fades_is_caught(long: Footage) -> None:
    found = drift(Fading(0.9), long)
    assert found.contrast[0] < 0.05
    assert found.clips < drift(Fading(0.9), long, all_of_it=True).clips


def test_what_is_too_short_says_so(footage: Footage) -> None:
    with pytest.raises(InputError, match="long enough"):
        drift(Fading(1.0), footage)


def test_bounds_hold_the_number_and_shrink_with_more(footage: Footage) -> None:
    few, all_of_them = (score(Fading(1.0), footage.cut(10), horizon=8, all_of_it=a) for a in (False, True))
    for found in (few, all_of_them):
        for value, (low, high) in zip(found.model.whole, found.model.whole_bounds, strict=True):
            assert low <= value <= high
        assert found.model.whole == pytest.approx(found.copying.whole)
        assert found.named()["psnr_low_db@4"] < found.named()["psnr_db@4"] < found.named()["psnr_high_db@4"]
        assert found.data_sha256[:12] in str(found)
    assert all_of_them.episodes > few.episodes
    assert few.data_sha256 != all_of_them.data_sha256
    widths = [np.mean([high - low for low, high in found.model.whole_bounds]) for found in (few, all_of_them)]
    assert widths[1] < widths[0]
