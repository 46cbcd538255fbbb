"""What a model has no business with it is not sure of; at home nothing is taken back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.seed import generator
from lifeworld.models.data.footage import Footage, Window, open_footage
from lifeworld.models.dreamer import Dreamer
from lifeworld.models.familiar import Familiar, familiarised, sureness, told_apart
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.zoo.checkpoint import load, save


@pytest.fixture(scope="module")
def knowing(model: Path, footage: Footage) -> Dreamer:
    network, _ = load(model)
    network.familiar = familiarised(network, footage)
    return network


def home(count: int = 40) -> torch.Tensor:
    """The first two pictures of plays that nobody learned from."""
    frames = np.stack([tiny.play(1000 + i)[0][:2] for i in range(count)])
    return torch.from_numpy(frames).movedim(-1, -3).float() / 255


def test_it_is_surer_at_home_than_among_strangers(knowing: Dreamer) -> None:
    at_home, alone = sureness(knowing, home())
    assert float((at_home / alone).mean()) > 0.9
    pencil = torch.Generator().manual_seed(0)
    bright = 1 - home()
    shifted = home().roll(1, 2)  # the same squares in another colour
    for strange in (torch.rand(40, 2, 3, 16, 16, generator=pencil), bright, shifted):
        assert told_apart(at_home, sureness(knowing, strange)[0]) > 0.95


def test_it_is_kept_with_the_weights_and_shows_in_what_is_observed(knowing: Dreamer, model: Path, tmp_path: Path) -> None:
    save(tmp_path, knowing, load(model)[1])
    again, _ = load(tmp_path)
    assert torch.equal(again.known(again.encode(home())), knowing.known(knowing.encode(home())))
    world = WorldDream(tmp_path)
    noise = generator(0, "noise").integers(0, 256, (2, 16, 16, 3)).astype(np.uint8)
    known, strange = (
        world.observe(world.step(world.reset(pictures, seed=0), {}), ["rgb"]).certainty["rgb@above"]
        for pictures in (tiny.play(1001)[0][:2], noise)
    )
    assert known.mean() > 0.5
    assert strange.max() < 0.01


def test_it_learns_nothing_from_what_is_held_out(model: Path, footage: Footage) -> None:
    network, _ = load(model)
    asked, seen, windows = list[int](), footage.cut(2), Footage.windows

    def noted(self: Footage, numbers: np.ndarray) -> Window:
        asked.extend(self.episodes(numbers).tolist())
        return windows(self, numbers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Footage, "windows", noted)
        familiarised(network, footage)
    held = set(seen.episodes(seen.numbers(held_out=True)).tolist())
    assert held
    assert asked
    assert not held & set(asked)


def test_about_one_in_twenty_of_what_is_like_home_is_strange(tmp_path: Path, model: Path) -> None:
    """Judged on plays that neither the model nor what is familiar to it ever saw."""
    network, _ = load(model)
    plays = open_footage(tiny.bundle(tmp_path / "many", 40), size=(16, 16), length=10, cache=tmp_path)
    network.familiar = familiarised(network, plays)
    fresh = np.stack([tiny.play(1000 + i)[0][i % 22 : i % 22 + 2] for i in range(500)])
    known = network.known(network.encode(torch.from_numpy(fresh).movedim(-1, -3).float() / 255))
    assert 0.01 < float((known < 1).float().mean()) < 0.15


def test_a_model_without_it_is_as_sure_as_it_says(model: Path) -> None:
    network, _ = load(model)
    assert network.familiar is None
    said, alone = sureness(network, home(4))
    assert torch.equal(said, alone)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 40), count=st.integers(2, 200))
def test_what_is_farther_out_is_never_more_familiar(seed: int, size: int, count: int) -> None:
    rng = generator(seed, "familiar")
    usual = torch.from_numpy(np.sort(rng.chisquare(size, 64) / size).astype(np.float32))
    familiar = Familiar(torch.zeros(size), torch.eye(size), usual)
    features = torch.from_numpy(rng.normal(size=(count, size)).astype(np.float32)) * torch.linspace(0, 5, count)[:, None]
    distance, known = familiar.distance(features), familiar(features)
    order = torch.argsort(distance)
    assert (known[order].diff() <= 0).all()
    assert ((known >= 0) & (known <= 1)).all()
    assert (known[distance <= usual[0]] == 1).all()
    assert (known[distance > usual[-1]] == 0).all()


def test_one_episode_is_enough_to_begin(tmp_path: Path, model: Path) -> None:
    single = open_footage(tiny.bundle(tmp_path / "one", 1), size=(16, 16), length=10, cache=tmp_path)
    network, _ = load(model)
    assert familiarised(network, single).usual.isfinite().all()


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_telling_apart_is_the_share_of_pairs(seed: int) -> None:
    rng = generator(seed, "pairs")
    one, other = (torch.from_numpy(rng.integers(0, 5, n)).float() for n in (7, 9))
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in one for b in other]
    assert told_apart(one, other) == pytest.approx(np.mean(pairs))
    assert told_apart(one, other) + told_apart(other, one) == pytest.approx(1)
