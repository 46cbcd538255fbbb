"""A dream finds the real pictures that it begins from: kept with the model, or in the bundle beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tiny
from msgspec.structs import replace

from lifeworld.core.errors import InputError
from lifeworld.models.data.footage import Footage
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.learned_from import learned_from


def test_the_bundle_kept_with_it_else_the_one_beside_it_with_its_episodes(footage: Footage, tmp_path: Path) -> None:
    card = Card.of(tiny.SHAPE, footage, steps=0, seed=0)
    model = tmp_path / "model"
    model.mkdir()
    with pytest.raises(InputError, match="--from"):
        learned_from(model, card)
    (tmp_path / "broken" / "meta").mkdir(parents=True)
    (tmp_path / "broken" / "meta" / "info.json").write_text("{")
    shutil.copytree(footage.bundle.path, tmp_path / "plays")
    assert learned_from(model, card) == tmp_path / "plays"
    with pytest.raises(InputError, match="none beside it"):
        learned_from(model, replace(card, episodes=("01a200e8-968d-7bfe-a785-643f45c74457",)))
    shutil.copytree(footage.bundle.path, model / "data" / "play")
    assert learned_from(model, card) == model / "data" / "play"
