"""Muon: turned steps are as long in every direction, and what one process does on parts agrees with what it says."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lifeworld.models.training.muon import Muon, orthogonal


@settings(max_examples=25)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 2**31), st.floats(1e-6, 1e6))
def test_what_is_orthogonal_keeps_directions_and_evens_lengths(rows: int, columns: int, seed: int, scale: float) -> None:
    drawn = torch.randn(1, rows, columns, generator=torch.Generator().manual_seed(seed))
    left, values, right = torch.linalg.svd(drawn[0], full_matrices=False)
    if values[-1] < 0.1 * values[0]:  # five steps do not lift what is nearly flat
        return
    turned = orthogonal(scale * drawn)[0].float()
    along = torch.einsum("ir,ij,rj->r", left, turned, right)
    assert along.min() > 0.5
    assert along.max() < 1.35
    assert (turned - left @ torch.diag(along) @ right).norm() < 0.1 * turned.norm()


def test_every_direction_of_a_matrix_moves_as_far_and_the_rest_as_by_adam() -> None:
    torch.manual_seed(0)
    conv, adam = nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)
    adam.load_state_dict(conv.state_dict())
    before = conv.weight.detach().clone()
    mine = Muon([conv.weight], [conv.bias], rate=0.01, times=2.0, decay=0.0)
    other = torch.optim.AdamW([adam.bias], lr=0.01, weight_decay=0.0, betas=(0.9, 0.98), eps=1e-10)
    for seed in range(3):
        x = torch.randn(4, 8, 6, 6, generator=torch.Generator().manual_seed(seed))
        for each, optimiser in ((conv, mine), (adam, other)):
            for parameter in each.parameters():
                parameter.grad = torch.ones_like(parameter) * x.mean() + x[0, 0, 0, 0] * parameter.detach()
            optimiser.step()
    lengths = torch.linalg.svdvals((conv.weight - before).detach().permute(0, 2, 3, 1).flatten(1))
    assert lengths.max() < 3 * 0.01 * 2.0 * 1.35
    assert lengths.min() > 0.2 * lengths.max()
    torch.testing.assert_close(conv.bias, adam.bias)


def test_a_matrix_learns_what_adam_learns() -> None:
    torch.manual_seed(1)
    wanted, layer = torch.randn(12, 20), nn.Linear(20, 12)
    optimiser = Muon([layer.weight], [layer.bias], rate=0.06, times=1.0, decay=0.0)
    x = torch.randn(256, 20)
    first = last = 0.0
    for step in range(400):
        for group in optimiser.param_groups:
            group["lr"] = 0.06 * (1 - step / 400)
        loss = (layer(x) - x @ wanted.T).square().mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        first, last = (float(loss.detach()), 0.0) if step == 0 else (first, float(loss.detach()))
    assert last < 0.05 * first
