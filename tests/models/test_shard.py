"""Sharing a step between processes: the same clips, the same losses, and a run goes on in another number of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.cli import main
from lifeworld.core.errors import InputError, LimitError
from lifeworld.models.data.footage import Footage
from lifeworld.models.training import shard
from lifeworld.models.training.plan import Plan
from lifeworld.models.zoo.checkpoint import load

PLAN = Plan(steps=16, bf16=False)
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
