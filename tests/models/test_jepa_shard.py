"""What is told of all embeddings of a step is the same on two processes as on one, and so is what is learned from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = f"""
import json, sys; from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_jepa import SHAPE
from lifeworld.models.data.footage import open_footage
from lifeworld.models.jepa.foreseeing import Foreseeing
from lifeworld.models.zoo.kinds import fresh
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.shard import processes, rank
from lifeworld.models.training.train import train
bundle, folder, how, losses = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]), []
footage = open_footage(bundle, size=(16, 16), length=5, cache=folder / "cache")
with processes():
    objective = Foreseeing(fresh(SHAPE, footage.doing, seed=0), Plan(steps=6, bf16=False), clips=5, more=6, **how)
    run = train(objective, footage, folder, on_step=lambda step, loss: losses.append(loss))
    if rank() == 0:
        weights = [float(p.double().abs().sum()) for p in [*run.average.parameters(), *run.average.buffers()]]
        (folder / "said.json").write_text(json.dumps([losses, weights]))
"""


def learned(bundle: Path, folder: Path, how: dict[str, object], processes: int) -> tuple[list[float], list[float]]:
    folder.mkdir()
    (folder / "learn.py").write_text(SCRIPT)
    many = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    command = [sys.executable, *many, str(folder / "learn.py"), str(bundle), str(folder), json.dumps(how)]
    done = subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    losses, weights = json.loads((folder / "said.json").read_text())
    return losses, weights


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "how", [{}, {"apart": "vicreg", "follow": 0.9, "hidden": 0.4, "within": 0.5}], ids=["sigreg", "vicreg, followed, hidden"]
)
def test_two_processes_learn_what_one_does(how: dict[str, object], bundle: Path, tmp_path: Path) -> None:
    alone, pair = (learned(bundle, tmp_path / str(count), how, count) for count in (1, 2))
    np.testing.assert_allclose(pair[0], alone[0], rtol=1e-4)
    # Sums in another order, and AdamW divides the small differences by small numbers: 1.04e-4 on one processor.
    np.testing.assert_allclose(pair[1], alone[1], rtol=5e-4)
