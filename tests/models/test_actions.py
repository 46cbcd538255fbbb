"""Actions inferred from pictures: they tell what was done, the model obeys them, and it dreams with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from lifeworld.core.errors import InputError
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import score
from lifeworld.models.actions.inferred import Inferred
from lifeworld.models.data.footage import Footage, Window, open_footage
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.play.dream import WorldDream, opening
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import begin
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.kinds import fresh

LATENT = replace(tiny.SHAPE, actions=3, latent=True)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    folder = tiny.bundle(tmp_path_factory.mktemp("silent") / "play", 24, acts=False)
    return open_footage(folder, size=(16, 16), length=10, cache=folder.parent / "cache")


@pytest.fixture(scope="module")
def learned(silent: Footage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("latent")
    run = tiny.learn(silent, Plan(steps=360, average=0.97), folder, shape=LATENT, horizon=4, frames=24)
    save(folder, run.average, Card.of(LATENT, silent, steps=run.step, seed=0))
    return folder


def test_the_model_obeys_what_it_inferred(learned: Path, silent: Footage) -> None:
    found = score(SubjectDream(learned), silent.cut(10), horizon=8)
    at = found.horizons.index(4)
    assert found.model.changing[at] > found.copying.changing[at] + 2
    assert found.delta_db[0] > 0.5


def test_what_it_infers_tells_what_was_done(learned: Path) -> None:
    model, _ = load(learned)
    said, done = [], []
    for seed in range(200, 230):
        frames, actions = tiny.play(seed)
        with torch.no_grad():
            said.append(model.between(torch.from_numpy(frames).movedim(-1, -3).float()[None] / 255)[0].numpy())
        places = np.array([[np.argwhere(f[..., 0] > 100).mean(axis=0)] for f in frames])[:, 0]
        done.append(np.diff(places, axis=0))  # what was done shows as how far the square went
        assert len(actions) == 2 * len(done[-1])
    x, y = np.concatenate(said), np.concatenate(done)
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    half = len(x) // 2
    fit = np.linalg.lstsq(x[:half], y[:half], rcond=None)[0]
    left = ((x[half:] @ fit - y[half:]) ** 2).sum(axis=0) / ((y[half:] - y[half:].mean(axis=0)) ** 2).sum(axis=0)
    assert (1 - left).mean() > 0.4  # R² of a linear probe, on plays it was not fitted to


def test_one_dreams_with_inferred_actions(learned: Path) -> None:
    world = WorldDream(learned)
    (spec,) = world.spec.actions
    assert (spec.name, spec.low, spec.high) == ("latent", (-0.8,) * 3, (0.8,) * 3)
    episode = tiny.episode(300)
    told = world.inferred(opening(episode, world.card, first=1, pictures=6))
    assert told.shape == (5, 3)
    state = world.reset(episode, seed=0)
    for action in told:
        state = world.step(state, {"latent": action})
    assert world.observe(state, ["rgb"])["rgb"].shape == (16, 16, 3)


def test_a_stopped_run_ends_with_the_same_weights_with_noise_too(silent: Footage, tmp_path: Path) -> None:
    plan, how = Plan(steps=6), {"shape": LATENT, "horizon": 2, "frames": 4}
    whole = tiny.learn(silent, plan, tmp_path / "a", **how)  # type: ignore[arg-type]
    tiny.learn(silent, plan, tmp_path / "b", stop=iter([False, False, True]).__next__, **how)  # type: ignore[arg-type]
    again = tiny.learn(silent, plan, tmp_path / "b", **how)  # type: ignore[arg-type]
    pairs = zip(whole.objective.state_dict().values(), again.objective.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_noise_follows_its_seed_and_numbers_keep_their_bounds(silent: Footage) -> None:
    objective = tiny.rolls(silent, Plan(steps=1), shape=LATENT)
    window = Window(np.zeros((4, 6, 16, 16, 3), np.uint8), None)
    drawn = objective.draw(window, (5, 3), "noise", 3)
    assert torch.equal(drawn, objective.draw(window, (5, 3), "noise", 3))
    assert not torch.equal(drawn, objective.draw(window, (5, 3), "noise", 4))
    half = window._replace(frames=window.frames[2:], first=2, of=4)
    assert torch.equal(drawn[2:], objective.draw(half, (5, 3), "noise", 3))  # a clip's noise is its own, whoever learns from it
    said = Inferred(3).between(torch.rand(2, 4, 3, 16, 16) * 1000)
    assert said.shape == (2, 3, 3)
    assert said.abs().max() <= 1


def test_recorded_and_inferred_are_not_mixed_up(silent: Footage, footage: Footage, model: Path) -> None:
    plan = Plan(steps=1)
    for shape, what in ((tiny.SHAPE, silent), (LATENT, footage), (replace(tiny.SHAPE, actions=5), footage)):
        with pytest.raises(InputError, match="do not fit"):
            fresh(shape, what.doing, seed=0)
    with pytest.raises(InputError, match="do not fit"):
        begin(tiny.rolls(silent, plan, shape=LATENT), footage)
    with pytest.raises(InputError, match="infers no actions"):
        WorldDream(model).inferred(tiny.play(1)[0])
    assert Shape(latent=True).latent
