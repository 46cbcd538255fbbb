"""What a JEPA learns by: statistics against closed forms, embeddings that do not collapse, and runs that go on to the bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_jepa import SHAPE

from lifeworld.cli import main
from lifeworld.core.errors import InputError, LimitError
from lifeworld.models.data.footage import Footage, Window, open_footage
from lifeworld.models.data.tensors import tensors
from lifeworld.models.jepa.foreseeing import Foreseeing, moved, standing
from lifeworld.models.jepa.looking import Looking
from lifeworld.models.jepa.network import Jepa
from lifeworld.models.jepa.normal import FAR, KNOTS, sigreg, straight, vicreg
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import train
from lifeworld.models.zoo import sizes
from lifeworld.models.zoo.checkpoint import load
from lifeworld.models.zoo.kinds import fresh
from lifeworld.models.zoo.stages import STAGES, Stage, learn


def alone(value: torch.Tensor) -> torch.Tensor:
    return value


def drawn(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


def model_of(footage: Footage, **more: Any) -> Jepa:
    made: Any = fresh(replace(SHAPE, **more), footage.doing, seed=0)
    return made


def plans(embedding: int, pictures: int) -> Any:
    steps = {"embedding": embedding, "pictures": pictures}
    return lambda stage, *_: Plan(steps=steps[stage.name], rate=2e-3 * stage.rate, average=0.97)


# -- statistics ---------------------------------------------------------------------------------------------------------------


@given(n=st.integers(2, 40), d=st.integers(1, 6), seed=st.integers(0, 99), loc=st.floats(-2, 2), scale=st.floats(0.1, 3))
@settings(max_examples=25, deadline=None)
def test_sigreg_is_the_plain_sum(n: int, d: int, seed: int, loc: float, scale: float) -> None:
    z, directions = loc + scale * drawn(n, d, seed=seed), drawn(d, 5, seed=seed + 1)
    ours = float(sigreg(z, directions, alone))
    rows, at = z.double().numpy(), np.linspace(0, FAR, KNOTS)
    sums = []
    for direction in directions.double().numpy().T:
        along = rows @ (direction / np.linalg.norm(direction))
        apart = np.abs(np.exp(1j * along[:, None] * at).mean(0) - np.exp(-(at**2) / 2)) ** 2 * np.exp(-(at**2) / 2)
        sums.append(2 * np.trapezoid(apart, at))
    assert ours == pytest.approx(np.mean(sums), rel=1e-3, abs=1e-5)


def test_sigreg_knows_what_is_normal() -> None:
    directions, normal = drawn(16, 64, seed=1), drawn(4000, 16)
    least = float(sigreg(normal, directions, alone))
    assert 4000 * least == pytest.approx(1, abs=0.5)  # what Epps and Pulley's statistic is of normal ones, about
    for other in (0.5 * normal, normal + 0.5, torch.zeros_like(normal), normal[:, :1].expand(-1, 16), normal.sign()):
        assert float(sigreg(other, directions, alone)) > 3 * least


def test_vicreg_is_nothing_where_numbers_are_apart_and_spread() -> None:
    apart = drawn(20000, 4)
    assert float(vicreg(apart, alone)) < 0.02
    assert float(vicreg(0.01 * apart, alone)) == pytest.approx(0.98, abs=0.03)
    assert float(vicreg(apart[:, :1].expand(-1, 4), alone)) == pytest.approx(0.04 * 3, rel=0.1)  # twelve of sixteen covariances are 1


def test_a_straight_line_bends_nowhere() -> None:
    line = torch.arange(5.0)[None, :, None] * torch.tensor([1.0, -2.0])
    assert float(straight(line)) == pytest.approx(0, abs=1e-6)
    assert float(straight(torch.tensor([[[0.0, 0], [1, 0], [1, 1]]]))) == pytest.approx(1, abs=1e-6)


# -- learning -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> Jepa:
    shape = replace(SHAPE, wide=16, deep=48)
    done = learn(shape, footage, tmp_path_factory.mktemp("jepa"), plans(600, 300), horizon=6)
    assert done.finished
    model: Any = done.model
    return model


def held_out(footage: Footage) -> tuple[torch.Tensor, torch.Tensor]:
    some = footage.cut(8)
    frames, actions = tensors(some.windows(some.numbers(held_out=True, hop=2)))
    assert actions is not None
    return frames, actions


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_comes_is_foreseen_better_than_by_copying_and_needs_its_actions(learned: Jepa, footage: Footage) -> None:
    frames, actions = held_out(footage)
    with torch.no_grad():
        z, state = learned.embed(frames), learned.encode(frames[:, :2])
        course = learned.course(state._asdict())
        wrong = [
            float((learned.ahead(course, told)[1] - z[:, 2:]).square().mean())
            for told in (actions[:, 1:], actions[torch.randperm(len(actions), generator=torch.Generator().manual_seed(0))][:, 1:])
        ]
    copied = float((z[:, 1:2] - z[:, 2:]).square().mean())
    assert wrong[0] < 0.85 * copied
    assert wrong[0] < 0.8 * wrong[1]
    spread = z.flatten(0, 1).std(0)
    assert float(spread.min()) > 0.3  # nothing has collapsed
    said = learned.between(frames)
    assert np.corrcoef(said.flatten(), actions.flatten())[0, 1] > 0.5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_knows_when_it_is_wrong_and_can_be_looked_at(learned: Jepa, footage: Footage) -> None:
    frames, actions = held_out(footage)
    with torch.no_grad():
        state = learned.encode(frames[:, :2])
        _, z, doubt = learned.ahead(learned.course(state._asdict()), actions[:, 1:4])
        wrong = (z - learned.embed(frames[:, 2:5])).square().mean(-1)
        assert float(doubt.mean()) == pytest.approx(float(wrong.mean()), rel=0.5)
        drawn, _ = learned.painted(learned.embed(frames[:, 4]), frames[:, 1], state.origin)
    errors = [float((each - frames[:, 4]).square().mean()) for each in (drawn, frames[:, 1])]
    assert errors[0] < errors[1]


@pytest.mark.parametrize(
    "how",
    [{"apart": "vicreg", "follow": 0.9}, {"hidden": 0.5, "bent": 0.1, "within": 0.5, "shifted": 2}, {"dropped": 0.0, "inverse": 0.0}],
    ids=str,
)
def test_variants_go_on_to_the_bit(how: dict[str, Any], footage: Footage, tmp_path: Path) -> None:
    some, plan = footage.cut(5), Plan(steps=5)
    made = [Foreseeing(model_of(some), plan, clips=4, more=5, **how) for _ in range(3)]
    whole = train(made[0], some, tmp_path / "whole")
    left = iter(range(2))
    train(made[1], some, tmp_path / "parts", stop=lambda: next(left, None) is None)
    parts = train(made[2], some, tmp_path / "parts")
    for module in ("average", "objective"):
        ours, theirs = (getattr(run, module).state_dict() for run in (whole, parts))
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    with pytest.raises(InputError, match="another plan"):
        train(Foreseeing(model_of(some), plan, clips=5, more=4, **how), some, tmp_path / "parts")


def test_what_is_learned_last_changes_no_embedding(footage: Footage, tmp_path: Path) -> None:
    model = model_of(footage)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    after = train(Looking(model, Plan(steps=3), horizon=4), footage, tmp_path).average.state_dict()
    same = {name for name, value in before.items() if torch.equal(value, after[name])}
    assert {name for name in before if not name.startswith("finish")} <= same
    assert not {name for name in before if name.startswith("finish.painter.out")} & same


def test_pictures_alone_are_learned_from(tmp_path: Path) -> None:
    footage = open_footage(tiny.bundle(tmp_path / "play", 4, acts=False), size=(16, 16), length=6, cache=tmp_path)
    done = learn(replace(SHAPE, actions=0, latent=True), footage, tmp_path / "model", plans(4, 2), horizon=4)
    assert done.finished
    assert isinstance(done.model, Jepa)
    assert done.model.inverse is None
    frames = torch.rand(2, 4, 3, 16, 16)
    assert done.model.between(frames).shape == (2, 3, 0)


def test_a_clip_is_moved_as_one(footage: Footage) -> None:
    frames, _ = tensors(footage.cut(4).batch(0, 12, seed=0))
    chance = torch.rand(12, 2, generator=torch.Generator().manual_seed(0))
    after, by = moved(frames, chance, 3), ((chance * 7).long() - 3).tolist()
    for i, (y, x) in enumerate(by):
        assert torch.equal(after[i, ..., 3:13, 3:13], frames[i, ..., 3 + y : 13 + y, 3 + x : 13 + x])
    assert len({tuple(each) for each in by}) > 4


@given(clips=st.integers(1, 9), more=st.integers(0, 40), processes=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_clips_that_are_foreseen_in_are_spread_over_processes(footage: Footage, clips: int, more: int, processes: int) -> None:
    objective, count = Foreseeing(model_of(footage), Plan(steps=1), clips=clips, more=more), clips + more
    if count < processes:
        return
    found, begun = 0, []
    for rank in range(processes):
        some = range(count * rank // processes, count * (rank + 1) // processes)
        window = Window(np.zeros((len(some), 2, 1, 1, 3), np.uint8), None, some.start, count)
        whole, is_whole = objective._whole(window)
        assert len(whole.frames) == int(is_whole.sum())
        begun.append((whole.first, found))
        found += len(whole.frames)
    assert found == clips
    assert all(first == before for first, before in begun)


def test_shares_are_shares(footage: Footage) -> None:
    for wrong in ({"dropped": 1.0}, {"follow": -0.1}, {"hidden": 2.0}):
        with pytest.raises(LimitError, match="share"):
            Foreseeing(model_of(footage), Plan(steps=1), **wrong)


def test_both_stages_have_their_time() -> None:
    stages: tuple[Stage, ...] = STAGES["jepa"]
    assert sum(stage.share for stage in stages) == 1


def test_it_is_learned_by_its_goal_at_a_pace(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sizes.SIZES["jepa"], "nano", {"numbers": 16, "wide": 8, "deep": 32, "layers": 1, "heads": 2, "reach": 3})
    how = ["--goal", "plan", "--pixels", "16", "--horizon", "4", "--steps", "8", "--threads", "1", "--json"]
    assert main(["learn", str(bundle), "-o", str(tmp_path / "model"), "--hz", "6.25", *how]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["steps"] == 8
    _, card = load(tmp_path / "model")
    assert (card.kind, card.frame_ns) == ("jepa", 160_000_000)
    assert WorldDream(tmp_path / "model").spec.signals == {"rgb@above": "rgb", "embedding": "embedding"}
    for wrong, why in ((["--hz", "9"], "so often"), (["--hz", "0"], "pace"), (["--latent", "4"], "infers no actions")):
        assert main(["learn", str(bundle), "-o", str(tmp_path / "other"), *wrong, *how]) == 2
        assert why in capsys.readouterr().err


@given(moving=st.floats(0, 40), apart=st.floats(0, 40))
@settings(max_examples=10, deadline=None)
def test_what_stands_still_is_what_differs_from_clip_to_clip_alone(moving: float, apart: float) -> None:
    rng = np.random.default_rng(0)
    frames = 128 + moving * rng.uniform(-1, 1, (128, 6, 1, 1, 1)) + apart * rng.uniform(-1, 1, (128, 1, 1, 1, 1))
    window = Window(frames.round().astype(np.uint8), None, 0, 128)
    share = standing(SimpleNamespace(batch=lambda *_, **__: window), seed=0)  # type: ignore[arg-type]
    assert 0 <= share <= 1
    if max(moving, apart) > 5:  # of whole levels' rounding nothing is left
        assert share == pytest.approx((apart**2 + moving**2 / 6) / (apart**2 + moving**2), abs=0.15)
