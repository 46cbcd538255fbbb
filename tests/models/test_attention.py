"""The backbone: stepping is the same as seeing all at once, nothing comes from later or from too long ago, and states are values."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.models.layers.attention import Backbone, turn, turns_in_time


def backbone(window: int, *, layers: int = 6, extra: int = 1, registers: int = 2) -> Backbone:
    torch.manual_seed(3)
    return Backbone(16, layers=layers, heads=2, grid=(2, 3), extra=extra, registers=registers, window=window)


@settings(max_examples=12, deadline=None)
@given(
    window=st.integers(1, 6),
    pictures=st.integers(1, 11),
    layers=st.integers(1, 9),
    extra=st.integers(0, 1),
    registers=st.integers(0, 2),
    seed=st.integers(0, 99),
)
def test_stepping_is_seeing_all_at_once(window: int, pictures: int, layers: int, extra: int, registers: int, seed: int) -> None:
    net = backbone(window, layers=layers, extra=extra, registers=registers)
    pencil = torch.Generator().manual_seed(seed)
    x, told = (torch.randn(2, pictures, n, 16, generator=pencil) for n in (6, 1))
    with torch.no_grad():
        whole = net(x, told if extra else None)
        memory, steps = net.blank(2), []
        for t in range(pictures):
            given = (x[:, t], told[:, t] if extra else None, memory, torch.full((2,), t))
            out, memory = net.step(*given)
            assert torch.equal(net.look(*given), out)
            assert torch.equal(net.remembered(*given), memory)
            steps.append(out)
    assert memory.shape == net.blank(2).shape  # static
    torch.testing.assert_close(torch.stack(steps, 1), whole, atol=1e-5, rtol=0)


def test_a_batch_may_be_of_different_ages() -> None:
    net, x = backbone(3), torch.randn(2, 7, 6, 16)
    told = torch.randn(2, 7, 1, 16)
    with torch.no_grad():
        alone = []
        for b, upto in ((0, 7), (1, 4)):
            memory = net.blank(1)
            for t in range(upto - 1):
                memory = net.remembered(x[b : b + 1, t], told[b : b + 1, t], memory, torch.tensor([t]))
            alone.append(memory)
        last = torch.stack([x[0, 6], x[1, 3]]), torch.stack([told[0, 6], told[1, 3]])
        out, _ = net.step(*last, torch.cat(alone), torch.tensor([6, 3]))
        torch.testing.assert_close(out[0], net(x, told)[0, 6], atol=1e-5, rtol=0)
        torch.testing.assert_close(out[1], net(x[:, :4], told[:, :4])[1, 3], atol=1e-5, rtol=0)


def test_nothing_comes_from_later_or_from_before_the_window() -> None:
    net = backbone(3, layers=4)  # one layer along time: exactly the window is seen
    x, told = torch.randn(1, 9, 6, 16), torch.randn(1, 9, 1, 16)
    with torch.no_grad():
        whole = net(x, told)
        for at in range(9):
            other = x.clone()
            other[:, at] += 1
            moved = (net(other, told) - whole).abs().amax((0, 2, 3)) > 1e-5
            assert moved.tolist() == [at <= t < at + 3 for t in range(9)]


def test_the_memory_given_stays_as_it_is() -> None:
    net, memory = backbone(3), backbone(3).blank(1)
    with torch.no_grad():
        _, after = net.step(torch.randn(1, 6, 16), torch.randn(1, 1, 16), memory, torch.tensor([0]))
    assert not memory.any()
    assert after.any()


@given(shift=st.integers(-40, 10**12), one=st.integers(0, 30), other=st.integers(0, 30))
def test_turning_tells_only_how_far_apart_two_are(shift: int, one: int, other: int) -> None:
    pencil = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 8, generator=pencil).unbind()

    def alike(a: int, b: int) -> float:
        places = turns_in_time(torch.tensor([a, b]), 8)
        return float(turn(q, places[0]) @ turn(k, places[1]))

    assert alike(one, other) == pytest.approx(alike(one + shift, other + shift), abs=1e-4)


def test_remembering_leaves_out_what_nobody_asks_for() -> None:
    net, gone = backbone(3, layers=8), list[int]()
    for i, layer in enumerate(net.layers):
        layer.get_submodule("down").register_forward_hook(lambda _module, _given, _made, i=i: gone.append(i))
    given = torch.randn(1, 6, 16), torch.randn(1, 1, 16), net.blank(1), torch.tensor([0])
    with torch.no_grad():
        net.remembered(*given)
        assert gone == [0, 1, 2, 3]  # the fifth is the last that looks along time: its key and value are all that is kept of it
        net.step(*given)
    assert gone[4:] == [*range(8)]


def test_playing_in_short_numbers_sees_what_was_learned_since() -> None:
    net, x = backbone(3), torch.randn(1, 4, 6, 16)
    told = torch.randn(1, 4, 1, 16)

    def played() -> torch.Tensor:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return net(x, told).float()

    before = played()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(net(x, told).float(), before, atol=0, rtol=0)
        net.get_parameter("layers.1.up.weight").mul_(-1)
    assert not torch.equal(played(), before)
