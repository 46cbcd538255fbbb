"""All kinds of dynamics: the laws of worlds, that each learns to move a square in seconds, and what becomes of a run that was stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tiny
import torch

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.episode.seal import append_to
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import score
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.dynamics.diffusion import DiffusionShape
from lifeworld.models.dynamics.forcing import FINEST, ForcingShape
from lifeworld.models.dynamics.maskgit import MaskgitShape
from lifeworld.models.dynamics.predictor import PredictorShape
from lifeworld.models.dynamics.regression import RegressionShape
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.play.player_torch import PlayerTorch
from lifeworld.models.tokens.latents import encoded
from lifeworld.models.tokens.tokenizer import TokenShape
from lifeworld.models.training.plan import Plan
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.kinds import KINDS, fresh, kind_of
from lifeworld.models.zoo.sizes import SIZES, shape_of
from lifeworld.models.zoo.stages import STAGES, Stage, learn
from lifeworld.testing.trial import Trial
from lifeworld.testing.world import WORLD_LAWS

TOKENS = TokenShape(height=16, width=16, channels=8, wide=32, deep=64, fine=16, layers=2, heads=2)
BODY: dict[str, Any] = {"actions": 2, "context": 2, "deep": 64, "layers": 3, "heads": 2, "registers": 1, "window": 6}
SHAPES: dict[str, Any] = {
    "forcing": ForcingShape(tokens=TOKENS, **BODY),
    "regression": RegressionShape(tokens=TOKENS, **BODY),
    "maskgit": MaskgitShape(tokens=replace(TOKENS, levels=(5, 5, 4)), **BODY),
    "diffusion": DiffusionShape(height=16, width=16, context=2, wide=32, deep=48, blocks=2),
}
"""Small ones of the kinds that are here."""


def stepped(**steps: int) -> Callable[..., Plan]:
    """So many steps for each stage."""

    def plan(stage: Stage, *_: object) -> Plan:
        return Plan(steps=steps[stage.name], rate=2.5e-3 * stage.rate, average=0.97)

    return plan


def kept(model: Any, shape: Any, footage: Footage, folder: Path) -> WorldDream:
    save(folder, model, Card.of(shape, footage, steps=1, seed=0))
    return WorldDream(folder)


@pytest.fixture(scope="module", params=[*SHAPES, "causal", "token"])
def fresh_world(request: pytest.FixtureRequest, footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> WorldDream:
    """A model that has learned nothing: laws are kept all the same."""
    shape = SHAPES.get(request.param, SHAPES["forcing"])
    if request.param == "causal":
        shape = replace(shape, tokens=replace(TOKENS, causal=True, window=3), steps=4)
    if request.param == "token":
        shape = replace(shape, told="token", steps=1)
    model = fresh(shape, footage.doing, seed=1)
    with torch.no_grad():
        for parameter in model.parameters():  # what begins at nothing would hide what it does
            parameter.add_(0.02 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    return kept(model, shape, footage, tmp_path_factory.mktemp("fresh") / "model")


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_laws(law: Callable[[Trial], None], fresh_world: WorldDream) -> None:
    law(Trial(fresh_world, tiny.episode(100), seed=3, ticks=4, tolerance=0.05))


def test_a_card_comes_back_with_the_shape_of_its_kind(fresh_world: WorldDream) -> None:
    card = fresh_world.card
    assert card.kind == kind_of(card.shape)
    assert msgspec.convert(msgspec.to_builtins(card.shape), KINDS[card.kind].shape) == card.shape


def test_a_memory_is_full_and_goes_on(fresh_world: WorldDream) -> None:
    state = fresh_world.reset(tiny.episode(100), seed=0)
    for _ in range(20):
        state = fresh_world.step(state, {})
    again = fresh_world.reset(tiny.episode(100), seed=5)
    for _ in range(20):
        again = fresh_world.step(again, {})
    seen = fresh_world.observe(state, ["rgb"])["rgb"]
    np.testing.assert_array_equal(seen, fresh_world.observe(again, ["rgb"])["rgb"])


# -- learning -----------------------------------------------------------------------------------------------------------------


def beats_copying(name: str, footage: Footage, folder: Path, *, ground: bool = True, **steps: int) -> None:
    """Where the square goes, and on whole pictures too unless the `ground` is not asked for."""
    done = learn(SHAPES[name], footage, folder, stepped(**steps), horizon=8)
    assert done.finished
    card = Card.of(SHAPES[name], footage, steps=done.steps, seed=0)
    with append_to(folder / "fresh", exact=("rgb",)) as writer:  # what is held out are two plays: too few to judge a model by
        writer.commit([writer.stage(tiny.episode(500 + seed)) for seed in range(12)])
    fresh_plays = open_footage(folder / "fresh", size=(16, 16), length=10, cache=folder)
    found = score(SubjectDream(PlayerTorch(done.model.eval(), card)), fresh_plays, horizon=8, all_of_it=True)
    at = found.horizons.index(4)
    assert not ground or found.model.whole[at] > found.copying.whole[at] + 0.5, found
    assert found.model.changing[at] > found.copying.changing[at] + 2, found
    assert found.delta_db[1] > 0.5, found  # where something changes it does what it is told


@pytest.mark.timeout(900)
def test_forcing_moves_the_square(footage: Footage, tmp_path: Path) -> None:
    beats_copying("forcing", footage, tmp_path, tokenizer=110, dynamics=150, certainty=12)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_regression_moves_the_square(footage: Footage, tmp_path: Path) -> None:
    beats_copying("regression", footage, tmp_path, tokenizer=110, dynamics=150, certainty=12)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_maskgit_moves_the_square(footage: Footage, tmp_path: Path) -> None:
    beats_copying("maskgit", footage, tmp_path, tokenizer=200, dynamics=600, certainty=12)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_diffusion_moves_the_square(footage: Footage, tmp_path: Path) -> None:
    # Its ground is noisy for long: 0.1 to 0.7 dB better than copying in whole after these steps, by seed and processor.
    beats_copying("diffusion", footage, tmp_path, ground=False, dynamics=900, certainty=40)


@pytest.mark.parametrize("name", SHAPES)
def test_a_run_stopped_in_any_stage_ends_with_the_same_weights(name: str, tmp_path: Path) -> None:
    footage = open_footage(tiny.bundle(tmp_path / "play", 3), size=(16, 16), length=5, cache=tmp_path / "cache")
    few = stepped(tokenizer=3, dynamics=3, certainty=2)
    whole = learn(SHAPES[name], footage, tmp_path / "whole", few, horizon=2)
    asked, done = 0, None
    while done is None or not done.finished:
        left = iter(range(2))  # two questions more each time, whoever asks
        asked += 1
        done = learn(SHAPES[name], footage, tmp_path / "broken", few, horizon=2, stop=lambda left=left: next(left, None) is None)  # type: ignore[misc]
    assert asked > 2
    for mine, theirs in zip(done.model.state_dict().items(), whole.model.state_dict().items(), strict=True):
        assert mine[0] == theirs[0]
        assert torch.equal(mine[1], theirs[1]), mine[0]
    assert done.steps == whole.steps


def test_pictures_without_actions_are_learned_too(tmp_path: Path) -> None:
    silent = open_footage(tiny.bundle(tmp_path / "play", 3, acts=False), size=(16, 16), length=5, cache=tmp_path / "cache")
    shape = replace(SHAPES["forcing"], latent=True, actions=3)
    done = learn(shape, silent, tmp_path / "model", stepped(tokenizer=2, dynamics=4, certainty=1), horizon=2)
    between = done.model.between(torch.rand(2, 4, 3, 16, 16))
    assert between.shape == (2, 3, 3)
    assert between.abs().max() <= 1
    world = kept(done.model, shape, silent, tmp_path / "model")
    assert world.inferred(tiny.play(3)[0][:5]).shape == (4, 3)


# -- forcing ------------------------------------------------------------------------------------------------------------------


def test_steps_lead_to_the_mean_where_the_truth_is_gaussian() -> None:
    """Where the best guess of what is clean is known in closed form, many steps give the truth's mean and spread."""
    spread, mean, x = 0.5, 2.0, torch.randn(20000, generator=torch.Generator().manual_seed(0))
    steps = 64
    for i in range(steps):
        level = i / steps
        # x = (1 - level) noise + level clean, clean ~ N(mean, spread²): the posterior mean
        gain = level * spread**2 / (level**2 * spread**2 + (1 - level) ** 2)
        guess = mean + gain * (x - level * mean)
        x = x + (guess - x) / (steps - i)  # the update of Forcing.next
    assert float(x.mean()) == pytest.approx(mean, abs=0.02)
    assert float(x.std()) == pytest.approx(spread, abs=0.03)


def test_a_long_step_is_told_where_two_short_ones_lead(footage: Footage) -> None:
    from lifeworld.models.dynamics.forcing import Forcing, ShortcutForcing

    model = fresh(SHAPES["forcing"], footage.doing, seed=0)
    assert isinstance(model, Forcing)
    learns = ShortcutForcing(model, Plan(steps=4), length=4, clips=2)
    noisy, before, actions = torch.randn(2, 4, 4, 8), torch.randn(2, 4, 4, 8), torch.randn(2, 3, 2)
    size = torch.full((2, 4), 3)
    level = torch.where(torch.tensor([True, True, False, False]), FINEST, 0).expand(2, 4)
    known = level == FINEST
    aim = learns._halves(noisy, level, torch.where(known, 0, size), before, actions)
    with torch.no_grad():
        half = torch.where(known, 0, size - 1)
        first = model.guess(noisy, level, half, before, actions)
        middle = torch.where(known[..., None, None], noisy, noisy + (first - noisy) / 2)
        second = model.guess(middle, torch.where(known, level, FINEST // 2), half, before, actions)
        end = middle + (second - middle)  # from half the way on, all that is left
    torch.testing.assert_close(aim[:, 2:], end[:, 2:], atol=1e-5, rtol=1e-5)


def test_nothing_of_the_tokenizer_moves_while_the_dynamics_learn(footage: Footage, tmp_path: Path) -> None:
    from lifeworld.models.dynamics.forcing import ShortcutForcing
    from lifeworld.models.training.train import train

    model: Any = fresh(SHAPES["forcing"], footage.doing, seed=0)
    before = {name: t.clone() for name, t in model.state_dict().items()}
    latents = encoded(footage, model.tokenizer, tmp_path / "latents")
    assert latents is not None
    after = train(ShortcutForcing(model, Plan(steps=3)), latents, tmp_path / "run").average.state_dict()
    same = {name for name, t in before.items() if torch.equal(t, after[name])}
    assert {name for name in before if name.startswith(("tokenizer", "finish"))} <= same
    assert not {name for name in before if name.startswith("backbone.layers")} & same


# -- sizes ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "size"), [(name, size) for name in SIZES for size in SIZES[name]])
def test_sizes_are_as_large_as_they_say(name: str, size: str) -> None:
    shape = shape_of(name, size, height=64, width=64, actions=2, context=4, latent=False)
    assert name in STAGES
    with torch.device("meta"):
        count = sum(p.numel() for p in KINDS[name].model(shape).parameters())
    least, most = {"nano": (0.7e6, 3.5e6), "small": (10e6, 20e6), "base": (40e6, 160e6)}[size]
    assert least <= count <= most, count


def test_what_there_is_not_is_refused() -> None:
    common: dict[str, Any] = {"height": 64, "width": 64, "actions": 2, "context": 4, "latent": False}
    with pytest.raises(UnknownName, match="state"):
        shape_of("stat", "nano", **common)
    with pytest.raises(UnknownName, match="size of"):
        shape_of("forcing", "huge", **common)
    with pytest.raises(LimitError, match="divide"):
        shape_of("forcing", "small", **{**common, "height": 70})
    with pytest.raises(LimitError, match="steps"):
        ForcingShape(tokens=TOKENS, steps=3)
    with pytest.raises(LimitError, match="levels"):
        MaskgitShape(tokens=TOKENS)
    with pytest.raises(LimitError, match="told"):
        PredictorShape(tokens=TOKENS, told="shouted")


def test_a_model_on_the_disk_is_the_model(footage: Footage, tmp_path: Path) -> None:
    model = fresh(SHAPES["maskgit"], footage.doing, seed=0)
    save(tmp_path, model, Card.of(SHAPES["maskgit"], footage, steps=1, seed=0))
    back, card = load(tmp_path)
    assert card.shape == SHAPES["maskgit"]
    assert all(torch.equal(a, b) for a, b in zip(back.state_dict().values(), model.state_dict().values(), strict=True))
