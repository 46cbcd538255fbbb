"""Training: the same to the bit however often it is stopped, better than copying in seconds, honest when it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
import tiny
import torch
from torch import nn

from lifeworld.core.errors import Diverged, InputError, LimitError, UnreadableFile
from lifeworld.core.seed import generator
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import score
from lifeworld.models.data.footage import Footage
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.dynamics.state import Dynamics
from lifeworld.models.training.logs import LINES as LOG
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.resume import planned
from lifeworld.models.training.weights import TRAINING, write_tensors

PLAN = Plan(steps=24)
ROLLS = {"horizon": 4, "frames": 8}


def same(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


@pytest.fixture(scope="module")
def unbroken(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> tuple[nn.Module, nn.Module, str]:
    folder = tmp_path_factory.mktemp("unbroken")
    run = tiny.learn(footage, PLAN, folder, **ROLLS)
    return run.objective, run.average, (folder / LOG).read_text()


@pytest.mark.parametrize(("seed", "stops"), [(0, 2), (1, 2), (2, 20)])
def test_a_stopped_run_ends_with_the_same_weights(
    seed: int, stops: int, footage: Footage, unbroken: tuple[nn.Module, nn.Module, str], tmp_path: Path
) -> None:
    rng = generator(seed, "stops")
    for _ in range(stops):
        left = iter(range(int(rng.integers(0, 2 * PLAN.steps // stops))))
        tiny.learn(footage, PLAN, tmp_path, stop=lambda left=left: next(left, None) is None, **ROLLS)
    run = tiny.learn(footage, PLAN, tmp_path, **ROLLS)
    assert run.step == PLAN.steps
    assert same(run.objective, unbroken[0])
    assert same(run.average, unbroken[1])
    assert (tmp_path / LOG).read_text() == unbroken[2]


@pytest.mark.slow
def test_a_killed_process_goes_on_from_its_last_checkpoint(
    bundle: Path, footage: Footage, unbroken: tuple[nn.Module, nn.Module, str], tmp_path: Path
) -> None:
    code = (
        "import sys, time; from pathlib import Path; import torch; torch.set_num_threads(1); sys.path.insert(0, sys.argv[3])\n"
        "import tiny; from test_train import PLAN, ROLLS\n"
        "from lifeworld.models.data.footage import open_footage\n"
        "footage = open_footage(sys.argv[1], size=(16, 16), length=10, cache=Path(sys.argv[2]) / 'cache')\n"
        "tiny.learn(footage, PLAN, Path(sys.argv[2]), on_step=lambda s, l: time.sleep(0.05), keep_s=0.0, **ROLLS)\n"
    )
    here = str(Path(__file__).parent)
    with subprocess.Popen([sys.executable, "-c", code, str(bundle), str(tmp_path), here], env=os.environ) as process:
        deadline = time.monotonic() + 120
        while not (tmp_path / TRAINING).exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / TRAINING).exists()
    run = tiny.learn(footage, PLAN, tmp_path, **ROLLS)
    assert same(run.objective, unbroken[0])
    assert same(run.average, unbroken[1])


def test_seconds_of_training_beat_copying(model: Path, footage: Footage) -> None:
    found = score(SubjectDream(model), footage.cut(10), horizon=8)
    at = found.horizons.index(4)
    assert found.model.whole[at] > found.copying.whole[at] + 1
    assert found.model.changing[at] > found.copying.changing[at] + 2
    assert found.delta_db[0] > 0.5  # it does what it is told
    assert max(found.calibration_error) < 0.15
    assert found.break_even is None
    assert "PSNR" in str(found)
    assert found.named()["copy_psnr_db@4"] == found.copying.whole[at]


def test_rolls_grow_and_the_rate_falls() -> None:
    def growing(steps: int, horizon: int, frames: int = 48) -> list[tuple[int, int]]:
        rolls = Rolls(Dynamics(tiny.SHAPE), Plan(steps=steps), horizon=horizon, frames=frames)
        return [(length - tiny.SHAPE.context, count) for length, count in map(rolls.need, range(steps))]

    rolls = growing(1000, 16)
    assert sorted(rolls, key=lambda r: r[0]) == rolls
    assert {horizon for horizon, _ in rolls} == {1, 2, 4, 8, 16}
    assert all(horizon * count in (48, 64) for horizon, count in rolls)  # at least four of the longest
    assert rolls[59][0] == 1
    assert rolls[849][0] < rolls[850][0] == 16
    assert growing(10, 3)[9][0] == 3
    assert {horizon for horizon, _ in growing(100, 32)} == {1, 2, 4, 8, 16, 32}
    assert {horizon for horizon, _ in growing(100, 1)} == {1}
    plan = Plan(steps=1000)
    assert plan.rate_at(0) < plan.rate_at(150) == plan.rate > plan.rate_at(999)


@pytest.mark.parametrize("steps", [5, 15, 64, 500, 3000])
def test_few_steps_too_are_made_near_the_full_rate(steps):
    rates = [Plan(steps=steps).rate_at(step) for step in range(steps)]
    assert max(rates) > 0.75 * Plan(steps=steps).rate
    assert sum(rates) > 0.4 * steps * Plan(steps=steps).rate


def test_a_checkpoint_of_another_plan_is_refused(footage: Footage, tmp_path: Path) -> None:
    how = {"horizon": 1, "frames": 2}
    tiny.learn(footage, Plan(steps=1), tmp_path, **how)
    assert planned(tmp_path) == Plan(steps=1)
    for plan, other in ((Plan(steps=2), how), (Plan(steps=1), {"horizon": 2, "frames": 2})):
        with pytest.raises(InputError, match="another plan"):
            tiny.learn(footage, plan, tmp_path, **other)


def test_a_training_of_another_version_is_refused(footage: Footage, tmp_path: Path) -> None:
    then = msgspec.json.encode([{"steps": 1}, {}, "hash"]).decode()  # the head that version 1 wrote
    write_tensors(tmp_path / TRAINING, {"step": torch.tensor(1)}, then)
    before = (tmp_path / TRAINING).read_bytes()
    for attempt in (lambda: planned(tmp_path), lambda: tiny.learn(footage, PLAN, tmp_path, **ROLLS)):
        with pytest.raises(UnreadableFile, match="another version"):
            attempt()
    assert (tmp_path / TRAINING).read_bytes() == before


def test_what_is_not_finite_stops_it_and_keeps_the_last_checkpoint(footage: Footage, tmp_path: Path) -> None:
    plan, how = Plan(steps=3), {"horizon": 1, "frames": 2}
    tiny.learn(footage, plan, tmp_path, stop=iter([False, True]).__next__, **how)
    before = (tmp_path / TRAINING).read_bytes()
    lines = (tmp_path / LOG).read_text()

    def spoil(frames: Footage) -> Footage:
        frames.batch = lambda *a, **k: (w := Footage.batch(frames, *a, **k))._replace(actions=w.actions * float("nan"))  # type: ignore[method-assign, operator]
        return frames

    class Spoiled(Footage):
        def cut(self, length: int) -> Footage:
            return spoil(super().cut(length))

    spoiled = Spoiled.__new__(Spoiled)
    spoiled.__dict__.update(footage.__dict__)
    with pytest.raises(Diverged, match="blew up"):
        tiny.learn(spoiled, plan, tmp_path, **how)
    assert (tmp_path / TRAINING).read_bytes() == before
    assert (tmp_path / LOG).read_text() == lines


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"steps": 1, "threads": 0}, {"steps": 1, "rate": 0.0}, {"steps": 1, "average": 1.0}])
def test_a_plan_without_steps_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(LimitError):
        Plan(**wrong)  # type: ignore[arg-type]


def test_rolls_without_pictures_are_refused() -> None:
    for wrong in ({"frames": 0}, {"horizon": 0}):
        with pytest.raises(LimitError):
            Rolls(Dynamics(tiny.SHAPE), Plan(steps=1), **wrong)


def test_the_log_has_a_line_every_few_steps(unbroken: tuple[nn.Module, nn.Module, str]) -> None:
    lines = [json.loads(line) for line in unbroken[2].splitlines()]
    assert [line["step"] for line in lines] == [20, 24]
    assert all(line["loss"] > 0 for line in lines)
