"""What goes wrong: said in words, and nothing lost by it."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from test_data import film

from lifeworld.core.errors import Diverged, InputError, ShapeError, StorageError
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.seal import append_to
from lifeworld.models.data.footage import Footage, Window, open_footage
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import train
from lifeworld.models.training.weights import TRAINING, WEIGHTS
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save

PLAN, ROLLS = Plan(steps=6), {"horizon": 1, "frames": 2}


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """No file can be larger than so many bytes in here: a disk that is full, for those who write more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_leaves_the_last_checkpoint_which_goes_on(footage: Footage, tmp_path: Path) -> None:
    whole = tiny.learn(footage, PLAN, tmp_path / "a", **ROLLS)
    left = iter(range(3))
    tiny.learn(footage, PLAN, tmp_path / "b", stop=lambda: next(left, None) is None, **ROLLS)
    before = (tmp_path / "b" / TRAINING).read_bytes()
    with no_room(len(before) // 2), pytest.raises(StorageError, match="larger than this system allows"):
        tiny.learn(footage, PLAN, tmp_path / "b", **ROLLS)
    assert (tmp_path / "b" / TRAINING).read_bytes() == before
    assert not [path for path in (tmp_path / "b").iterdir() if path.name.startswith(".part")]
    again = tiny.learn(footage, PLAN, tmp_path / "b", **ROLLS)
    pairs = zip(whole.average.state_dict().values(), again.average.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_a_full_disk_leaves_the_model_that_was_there(footage: Footage, tmp_path: Path) -> None:
    network, card = tiny.rolls(footage, PLAN).model, Card.of(tiny.SHAPE, footage, steps=0, seed=0)
    save(tmp_path, network, card)
    before = (tmp_path / WEIGHTS).read_bytes()
    with no_room(len(before) // 2), pytest.raises(StorageError):
        save(tmp_path, network, card)
    assert (tmp_path / WEIGHTS).read_bytes() == before


def test_gradients_that_are_not_finite_stop_it_before_the_weights_are(footage: Footage, tmp_path: Path) -> None:
    class Steep(Rolls):
        def loss(self, window: Window, step: int) -> tuple[torch.Tensor, dict[str, float]]:
            cost, said = super().loss(window, step)
            return (cost + 0 * torch.sqrt(cost * 0) if step == 3 else cost), said  # finite, but its slope is not

    def objective() -> Rolls:
        return Steep(tiny.rolls(footage, PLAN).model, PLAN, horizon=1, frames=2)

    left = iter(range(2))
    train(objective(), footage, tmp_path, stop=lambda: next(left, None) is None)
    before = (tmp_path / TRAINING).read_bytes()
    with pytest.raises(Diverged, match=r"step 3.*lower --rate"):
        train(objective(), footage, tmp_path)
    assert (tmp_path / TRAINING).read_bytes() == before


def test_clips_of_two_seconds_are_enough(tmp_path: Path) -> None:
    for i in range(4):
        film(tmp_path / "films" / f"{i}.mp4", 50, rate=25, seed=i)  # 25 pictures at the model's pace
    found = open_footage(tmp_path / "films", size=(16, 16), length=20, cache=tmp_path / "cache")
    assert (found.stride, len(found.numbers(held_out=False)) > 0) == (2, True)
    for i in range(4):
        film(tmp_path / "slow" / f"{i}.mp4", 20, rate=10, seed=i)
    found = open_footage(tmp_path / "slow", size=(16, 16), length=20, cache=tmp_path / "cache")
    assert len(found.numbers(held_out=False)) == 3
    with pytest.raises(InputError, match=r"2\.\d s.*--horizon"):
        open_footage(tmp_path / "slow", size=(16, 16), length=30, cache=tmp_path / "cache")


def test_actions_of_other_sizes_are_refused(tmp_path: Path) -> None:
    with append_to(tmp_path / "play", exact=("rgb",)) as writer:
        uids = []
        for seed, size in ((0, 2), (1, 3)):
            episode = tiny.episode(seed)
            times = episode["action@square"].times_ns
            acts = Stream(SIGNALS["action"], times, np.ones((len(times), size)), origin="simulated", source="square")
            uids.append(writer.stage(episode.with_stream(acts)))
        writer.commit(uids)
    with pytest.raises(ShapeError, match="one size"):
        open_footage(tmp_path / "play", size=(16, 16), length=10, cache=tmp_path / "cache")
