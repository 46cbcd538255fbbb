"""Models on the disk: what is written is what is read, and nothing else is opened."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import tiny
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from safetensors.torch import save_file

from lifeworld.core.errors import LimitError, ShapeError, UnreadableFile, UnsafeFile
from lifeworld.models.data.footage import Footage
from lifeworld.models.dynamics.state import Dynamics, Shape
from lifeworld.models.training.weights import WEIGHTS
from lifeworld.models.zoo.checkpoint import load, save


def test_a_model_comes_back_as_it_was_with_its_lineage(model: Path, footage: Footage, tmp_path: Path) -> None:
    one, card = load(model)
    assert set(card.episodes) == set(footage.uids)
    assert card.data_sha256 == footage.sha256
    assert card.doing is not None
    assert card.doing.streams == ("action@square",)
    save(tmp_path, one, structs.replace(card, scores={"psnr_db@8": 30.0}))
    other, again = load(tmp_path / WEIGHTS)
    assert again == structs.replace(card, scores={"psnr_db@8": 30.0})
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_loading_draws_none_of_anybodys_random_numbers(model: Path) -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    load(model)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "model.ckpt", "weights.bin", "model.pkl"])
def test_a_pickle_is_refused_unopened(name: str, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (pytest.fail, ("the pickle was opened",))

    (tmp_path / name).write_bytes(pickle.dumps(Trap()))
    with pytest.raises(UnsafeFile, match="save_file"):
        load(tmp_path / name)


def test_what_is_no_model_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no model here"):
        load(tmp_path)
    save_file({"x": torch.zeros(2)}, tmp_path / WEIGHTS)
    with pytest.raises(UnreadableFile, match="do not say what they are"):
        load(tmp_path)
    one, card = load(model)
    save(tmp_path, one, structs.replace(card, format=7))
    with pytest.raises(UnreadableFile, match="another version"):
        load(tmp_path)
    save(tmp_path, one, structs.replace(card, shape=Shape(height=16, width=16, context=2, wide=24, blocks=1, fine=8)))
    with pytest.raises(UnreadableFile, match="another model"):
        load(tmp_path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 0.999))
def test_half_a_file_is_refused(cut: float, model: Path, tmp_path: Path) -> None:
    whole = (model / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(whole[: int(cut * len(whole))])
    with pytest.raises(UnreadableFile):
        load(tmp_path)


@pytest.mark.parametrize("wrong", [{"height": 20}, {"width": 8}, {"wide": 0}, {"actions": 0}, {"context": 17}, {"blocks": True}])
def test_sizes_that_are_none_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(LimitError):
        Shape(**wrong)


def test_pictures_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError):
        Dynamics(tiny.SHAPE).encode(torch.zeros(1, 3, 3, 16, 16))


def test_nano_has_about_a_million_numbers() -> None:
    assert 0.5e6 < sum(p.numel() for p in Dynamics(Shape()).parameters()) < 3e6
