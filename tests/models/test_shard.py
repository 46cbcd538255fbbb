"""Sharing a step between processes: the same clips, the same losses, and a run goes on in another number of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.cli import main
from lifeworld.core.errors import InputError, LimitError
from lifeworld.models.actions.inferred import loudness
from lifeworld.models.data.footage import Footage, Window
from lifeworld.models.dynamics.forcing import ForcingShape, ShortcutForcing
from lifeworld.models.dynamics.maskgit import HiddenTokens, MaskgitShape
from lifeworld.models.dynamics.regression import NextTokens, RegressionShape
from lifeworld.models.tokens.latents import encoded
from lifeworld.models.tokens.tokenizer import TokenShape
from lifeworld.models.training import shard
from lifeworld.models.training.plan import Plan
from lifeworld.models.zoo.checkpoint import load
from lifeworld.models.zoo.kinds import fresh

PLAN = Plan(steps=16, bf16=False)
TOKENS = TokenShape(height=16, width=16, channels=8, wide=16, deep=32, fine=8, layers=1, heads=2)
BODY: dict[str, Any] = {"actions": 2, "context": 2, "deep": 32, "layers": 2, "heads": 2, "registers": 1, "window": 6}
SHAPES: dict[str, Any] = {
    "forcing": ForcingShape(tokens=TOKENS, **BODY),
    "regression": RegressionShape(tokens=TOKENS, **BODY),
    "maskgit": MaskgitShape(tokens=replace(TOKENS, levels=(5, 5, 4)), **BODY),
}
ROLLS = {"horizon": 4, "frames": 9}  # nine clips, four, two: not always the same number for each
ALONE = f"""
import json, sys; from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
import tiny; from test_shard import PLAN, ROLLS
from lifeworld.models.data.footage import open_footage
from lifeworld.models.training.shard import processes, rank
bundle, folder, left, losses = sys.argv[1], Path(sys.argv[2]), iter(range(int(sys.argv[3]))), []
footage = open_footage(bundle, size=(16, 16), length=10, cache=folder / "cache")
how = {{"on_step": lambda step, loss: losses.append(loss), "stop": lambda: next(left, None) is None}}
with processes():
    run = tiny.learn(footage, PLAN, folder, **how, **ROLLS)
    weights = [float(p.double().abs().sum()) for p in run.average.parameters()]
    if rank() == 0:
        (folder / "said.json").write_text(json.dumps([losses, weights]))
"""


def learned(bundle: Path, folder: Path, *, processes: int, steps: int) -> tuple[list[float], list[float]]:
    """The losses of so many steps in so many processes, and how large the averaged weights then are."""
    folder.mkdir(exist_ok=True)
    (folder / "learn.py").write_text(ALONE)
    how = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    command = [sys.executable, *how, str(folder / "learn.py"), str(bundle), str(folder), str(steps)]
    done = subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-9000:]
    losses, weights = json.loads((folder / "said.json").read_text())
    return losses, weights


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_learn_what_one_does_and_go_on_for_each_other(bundle: Path, tmp_path: Path) -> None:
    alone = learned(bundle, tmp_path / "one", processes=1, steps=16)
    pair = learned(bundle, tmp_path / "two", processes=2, steps=16)
    np.testing.assert_allclose(pair[0], alone[0], rtol=1e-4)
    np.testing.assert_allclose(pair[1], alone[1], rtol=1e-4)
    for first, then in ((1, 2), (2, 1)):
        folder = tmp_path / f"{first}-{then}"
        losses = learned(bundle, folder, processes=first, steps=9)[0]
        rest, weights = learned(bundle, folder, processes=then, steps=16)
        np.testing.assert_allclose([*losses, *rest], alone[0], rtol=1e-4)
        np.testing.assert_allclose(weights, alone[1], rtol=1e-4)
        lines = (folder / "log.jsonl").read_text().splitlines()
        assert [json.loads(line)["step"] for line in lines] == [16]


class Processes:
    """Several processes, one after the other: what each says of its clips is added up first, and told to all then."""

    def __init__(self) -> None:
        self.said: list[list[torch.Tensor]] = []

    def __call__(self, objective: Any, windows: list[Window], patch: pytest.MonkeyPatch) -> float:
        for each in ("forcing", "regression", "maskgit"):
            patch.setattr(f"lifeworld.models.dynamics.{each}.mean", self._asked)
        for self.telling in (False, True):
            losses = []
            for window in windows:
                self.at = 0
                losses.append(cost(objective, window) * len(window.frames) / (window.of or 1))
        return sum(losses)

    def _asked(self, value: torch.Tensor, window: Window) -> torch.Tensor:
        self.at += 1
        if self.telling:
            return torch.stack(self.said[self.at - 1]).sum(0)
        if len(self.said) < self.at:
            self.said.append([])
        self.said[self.at - 1].append(value.detach() * len(window.frames) / (window.of or 1))
        return value


STEP = 2
"""One in which forcing learns long steps too."""


def cost(objective: Any, window: Window) -> float:
    """What these clips cost at that step."""
    with torch.no_grad():
        return float(objective.loss(window, STEP)[0])


@pytest.mark.parametrize("name", ["forcing", "regression", "maskgit"])
def test_what_parts_cost_in_tokens_is_what_the_whole_costs(
    name: str, footage: Footage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objectives = {"forcing": ShortcutForcing, "regression": NextTokens, "maskgit": HiddenTokens}
    model: Any = fresh(SHAPES[name], footage.doing, seed=0)
    with torch.no_grad():
        for parameter in model.parameters():  # fresh, it says that all stays as it is
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    latents = encoded(footage, model.tokenizer, tmp_path)
    assert latents is not None
    objective = objectives[name](model, Plan(steps=8, bf16=False), length=5, clips=5)
    cut = latents.cut(5)
    whole = cost(objective, cut.batch(STEP, 5, seed=0))
    parts = [cut.batch(STEP, 5, seed=0, some=some) for some in (range(0, 2), range(2, 5))]
    alone = sum(cost(objective, part) * len(part.frames) / 5 for part in parts)
    assert Processes()(objective, parts, monkeypatch) == pytest.approx(whole, rel=1e-5)
    assert alone != pytest.approx(whole, rel=1e-4)  # a statistic of each part alone is another one


def test_how_loud_parts_are_is_how_loud_the_whole_is() -> None:
    said = 0.2 * torch.randn(6, 4, 3, generator=torch.Generator().manual_seed(0))
    said[:2] += 0.5
    whole, parts, asked = loudness(said, 0), (said[:2], said[2:]), list[torch.Tensor]()
    for part in parts:
        loudness(part, 0, lambda each: asked.append(each) or each)  # type: ignore[func-returns-value]
    asked = [len(part) / len(said) * each for part, each in zip((parts[0], parts[0], parts[1], parts[1]), asked, strict=True)]
    sums = iter([asked[0] + asked[2], asked[1] + asked[3]])
    torch.testing.assert_close(loudness(said[:2], 0, lambda _: next(sums)), whole)
    assert float(loudness(said[:2], 0)) != pytest.approx(float(whole))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_torchrun_learns_as_one_types_it(bundle: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "lifeworld",
        "learn",
        str(bundle),
    ]
    how = ["-o", str(tmp_path / "model"), "--pixels", "16", "--horizon", "4", "--steps", "4", "--threads", "1", "--json"]
    done = subprocess.run([*command, *how], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (said,) = done.stdout.splitlines()  # one of them speaks
    assert json.loads(said)["steps"] == 4
    assert load(tmp_path / "model")[1].steps == 4


@given(clips=st.integers(1, 60), processes=st.integers(1, 8))
def test_every_clip_falls_to_one_process(clips: int, processes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard, "count", lambda: processes)
        shares = []
        for rank in range(processes):
            patch.setattr(shard, "rank", lambda rank=rank: rank)
            if clips < processes:
                with pytest.raises(LimitError, match="fewer clips"):
                    shard.share(clips)
                return
            shares.append(shard.share(clips))
    assert [i for each in shares for i in each] == list(range(clips))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_share_is_a_part_of_the_step(footage: Footage) -> None:
    whole, part = footage.batch(3, 5, seed=0), footage.batch(3, 5, seed=0, some=range(2, 4))
    np.testing.assert_array_equal(part.frames, whole.frames[2:4])
    assert (part.first, part.of) == (2, 5)
    objective = tiny.rolls(footage, PLAN, **ROLLS)
    assert torch.equal(objective.draw(part, (3,), "x", 0), objective.draw(whole, (3,), "x", 0)[2:4])


def test_half_of_what_torchrun_says_is_refused(
    monkeypatch: pytest.MonkeyPatch, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(InputError, match="do not find each other"), shard.processes():
        pass
    assert main(["learn", str(bundle), "-o", str(tmp_path / "m")]) == 2
    assert "torchrun" in capsys.readouterr().err
