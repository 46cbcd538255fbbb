"""Tokenizers: codes are bijective, hidden patches are hidden, causal ones never look ahead, and streaming gives the same numbers."""

from __future__ import annotations

from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.models.layers.fsq import codes, levels_of, to_levels
from lifeworld.models.tokens.latents import from_bytes, to_bytes
from lifeworld.models.tokens.tokenizer import Tokenizer, TokenShape

SMALL = {"height": 16, "width": 24, "wide": 8, "deep": 16, "fine": 8, "layers": 2, "heads": 2}


def tokenizer(**options: object) -> Tokenizer:
    torch.manual_seed(1)
    return Tokenizer(TokenShape(**{**SMALL, **options})).eval().requires_grad_(False)  # type: ignore[arg-type]


LEVELS = st.lists(st.integers(2, 9), min_size=1, max_size=4).map(tuple)


@given(levels=LEVELS)
def test_every_code_has_levels_of_its_own_and_comes_back(levels: tuple[int, ...]) -> None:
    every = torch.arange(prod(levels))
    stood = levels_of(every, levels)
    assert torch.equal(codes(stood, levels), every)
    assert len({tuple(row) for row in stood.tolist()}) == len(every)
    assert stood.min() >= -1
    assert stood.max() <= 1
    assert torch.equal(from_bytes(torch.from_numpy(to_bytes(stood)), levels), stood)  # a byte on the disk is enough


@given(levels=LEVELS, seed=st.integers(0, 99))
def test_rounding_is_to_a_code_and_lets_the_slope_through(levels: tuple[int, ...], seed: int) -> None:
    x = torch.randn(5, len(levels), generator=torch.Generator().manual_seed(seed)).requires_grad_()
    rounded = to_levels(x, levels)
    torch.testing.assert_close(levels_of(codes(rounded.detach(), levels), levels), rounded.detach())
    torch.autograd.backward(rounded.sum())
    assert x.grad is not None
    torch.testing.assert_close(x.grad, 1 - torch.tanh(x.detach()) ** 2)


@settings(max_examples=8, deadline=None)
@given(causal=st.booleans(), levels=st.sampled_from([(), (4, 3)]), pictures=st.integers(1, 6), seed=st.integers(0, 99))
def test_picture_by_picture_gives_the_same_numbers(causal: bool, levels: tuple[int, ...], pictures: int, seed: int) -> None:
    net = tokenizer(causal=causal, levels=levels, window=3, layers=5)
    frames = torch.rand(2, pictures, 3, 16, 24, generator=torch.Generator().manual_seed(seed))
    tokens = net.encode(frames)
    assert tokens.shape == (2, pictures, 6, 2 if levels else 16)
    assert tokens.abs().max() <= 1
    seen, painted = net.encoder.blank(2), net.blank(2)
    for t in range(pictures):
        count = torch.full((2,), t)
        alone, seen = net.look(frames[:, t], seen, count)
        torch.testing.assert_close(alone, tokens[:, t], atol=1e-5, rtol=0)
        shown, painted = net.show(tokens[:, t], painted, count)
        torch.testing.assert_close(shown, net.decode(tokens)[:, t], atol=1e-5, rtol=0)


@pytest.mark.parametrize("causal", [False, True])
def test_what_comes_later_changes_nothing(causal: bool) -> None:
    net, frames = tokenizer(causal=causal), torch.rand(1, 5, 3, 16, 24)
    other = frames.clone()
    other[:, 3] = 1 - other[:, 3]
    moved = (net.encode(other) - net.encode(frames)).abs().amax((0, 2, 3)) > 1e-5
    assert moved.tolist() == [False, False, False, True, causal]


def test_a_hidden_patch_cannot_be_seen() -> None:
    net, frames = tokenizer(), torch.rand(1, 1, 3, 16, 24)
    hide = torch.zeros(1, 1, 6, dtype=torch.bool)
    hide[..., 4] = True  # below, in the middle
    other = frames.clone()
    other[..., 8:, 8:16] = torch.rand(3, 8, 8)
    assert torch.equal(net.encode(frames, hide_BTN=hide), net.encode(other, hide_BTN=hide))
    assert not torch.equal(net.encode(frames), net.encode(other))
    assert not torch.equal(net.encode(frames), net.encode(frames, hide_BTN=hide))


@pytest.mark.parametrize(
    "wrong",
    [{"height": 20}, {"width": 30}, {"patch": 12}, {"heads": 3}, {"levels": (8, 1)}, {"levels": (256, 257)}, {"height": 256, "width": 512},
     {"channels": 0}, {"height": 256, "width": 256, "patch": 4}],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(LimitError):
        tokenizer(**wrong)


@pytest.mark.parametrize("patch", [8, 16, 32])
def test_patches_of_all_sizes(patch: int) -> None:
    net = tokenizer(height=64, width=32, patch=patch)
    assert net.decode(net.encode(torch.rand(1, 1, 3, 64, 32))).shape == (1, 1, 3, 64, 32)


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(ShapeError, match="size"):
        tokenizer().encode(torch.rand(1, 2, 3, 24, 16))
