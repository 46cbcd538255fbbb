"""Pieces lie where something happens, within the picture; a model goes on from one as from the whole, away from its edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.seed import generator
from lifeworld.episode.seal import append_to
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.data.held import Held
from lifeworld.models.data.pieces import CELL, corners, cut
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.dynamics.state import Dynamics, Shape
from lifeworld.models.training.plan import Plan

SIZE = st.integers(1, 6).map(lambda n: n * CELL)


@settings(max_examples=40)
@given(SIZE, SIZE, st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**31))
def test_pieces_lie_within(height: int, width: int, rows: int, columns: int, seed: int) -> None:
    rng = generator(seed, "pieces")
    size = min(height, rows * CELL), min(width, columns * CELL)
    frames = rng.integers(0, 256, (5, 3, height, width, 3), np.uint8)
    at = corners(frames, size, rng.random(5))
    assert (at % CELL == 0).all()
    assert (at >= 0).all()
    assert (at + size <= (height, width)).all()
    pieces = cut(frames, at, size)
    assert pieces.shape == (5, 3, *size, 3)
    assert all(np.array_equal(p, f[:, y : y + size[0], x : x + size[1]]) for p, f, (y, x) in zip(pieces, frames, at, strict=True))


def test_pieces_lie_where_something_moves_and_now_and_then_anywhere() -> None:
    frames = np.full((400, 3, 64, 64, 3), 90, np.uint8)
    for clip in range(400):
        frames[clip, 1:, 40:46, 8:14] = 200
    at = corners(frames, (32, 32), (np.arange(400) + 0.5) / 400)
    inside = (at[:, 0] <= 40) & (at[:, 0] + 32 >= 46) & (at[:, 1] <= 8)
    assert 0.9 < inside.mean() < 1
    assert len(np.unique(at[inside], axis=0)) > 3


def test_a_piece_becomes_what_it_becomes_in_the_whole() -> None:
    torch.manual_seed(3)
    model = Dynamics(Shape(wide=16, blocks=1, fine=8, context=2)).eval()
    frames, action = torch.rand(2, 2, 3, 64, 64), torch.randn(2, 2)
    at = [(8, 16), (24, 0)]
    with torch.no_grad():
        whole = model.step(model.encode(frames), action)
        pieces = torch.stack([f[..., y : y + 40, x : x + 40] for f, (y, x) in zip(frames, at, strict=True)])
        piece = model.step(model.encode(pieces, at), action)
    for i, (y, x) in enumerate(at):  # sixteen pixels from its edges nothing of them is felt by one step of one block
        inner = whole.frame[i, :, y + 16 : y + 24, x + 16 : x + 24]
        assert not torch.equal(piece.frame[i], whole.frame[i, :, y : y + 40, x : x + 40])
        torch.testing.assert_close(piece.frame[i, :, 16:24, 16:24], inner, atol=2e-2, rtol=0)


def test_rolls_see_pieces_first_and_all_at_last() -> None:
    rolls = Rolls(Dynamics(Shape(wide=8, blocks=1, fine=4)), Plan(steps=100), horizon=8)
    stages = [rolls.stage(step) for step in range(100)]
    assert [s.share for s in stages] == sorted(s.share for s in stages)
    assert {(s.horizon, s.share) for s in stages} == {(1, 0.5), (2, 0.5), (4, 0.75), (8, 1.0)}
    assert all(64 * 0.7 <= s.horizon * s.clips * s.share**2 <= 64 * 1.3 for s in stages)
    whole = Rolls(Dynamics(Shape(wide=8, blocks=1, fine=4, latent=True)), Plan(steps=100), horizon=8)
    assert {whole.stage(step).share for step in range(100)} == {1.0}


@pytest.mark.parametrize("length", [2, 5, 10])
def test_what_is_held_is_what_is_read(footage: Footage, length: int) -> None:
    some = footage.cut(length)
    numbers = some.numbers(held_out=False)[:: 7 * length]
    read, (frames, actions) = some.windows(numbers), Held(footage).windows(some, numbers)
    assert np.array_equal(read.frames, frames)
    assert read.actions is not None
    assert actions is not None
    assert np.array_equal(read.actions, actions)


def test_episodes_too_short_for_some_windows_are_held_for_others(tmp_path: Path) -> None:
    with append_to(tmp_path / "mixed", exact=("rgb",)) as writer:
        writer.commit([writer.stage(tiny.episode(seed, pictures)) for seed, pictures in enumerate((24, 6, 1, 24))])
    footage = open_footage(tmp_path / "mixed", size=(16, 16), length=20, cache=tmp_path / "cache")
    short, held = footage.cut(4), Held(footage)
    numbers = short.numbers(held_out=False)
    assert len(np.unique(short.episodes(numbers))) > len(np.unique(footage.episodes(footage.numbers(held_out=False))))
    assert np.array_equal(short.windows(numbers).frames, held.windows(short, numbers)[0])


def test_held_footage_gives_the_same_batches_and_keeps_its_stride(footage: Footage) -> None:
    wide = Footage(
        footage.bundle, stream=footage.stream, size=footage.size, stride=3, frame_ns=3 * tiny.FRAME_NS, length=4, doing=footage.doing
    )
    for each in (footage.cut(6), wide):
        before = each.batch(5, 4, seed=1)
        assert each.hold()
        after = each.batch(5, 4, seed=1)
        assert np.array_equal(before.frames, after.frames)
        assert before.actions is not None
        assert after.actions is not None
        assert np.array_equal(before.actions, after.actions)
        assert each.cut(3).hold()
