"""A tensor has one name in a graph, so what is told twice has to be two."""

from __future__ import annotations

import torch

from lifeworld.models.play.onnx import _apart


def test_what_comes_out_twice_or_went_in_is_copied() -> None:
    given, once, twice = (torch.full((2,), float(i)) for i in range(3))
    parts = (once, twice, given, twice)
    made = _apart(parts, (given,))
    assert len({id(each) for each in (given, *made)}) == 5
    assert made[0] is once  # and nothing else: a memory is megabytes
    assert made[1] is twice
    assert all(torch.equal(a, b) for a, b in zip(made, parts, strict=True))
