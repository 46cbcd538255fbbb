"""What a rollout is told: whatever the engine, it is bounded, rested where nothing is said, and refused in the same words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, StateError
from lifeworld.core.origin import Origin
from lifeworld.worlds.futures import ticks_of, told_of
from lifeworld.worlds.world import ActionSpec, WorldSpec

HAND = ActionSpec(name="hand", labels=("x [m/s]", "y [m/s]"), low=(-1.0, -2.0), high=(1.0, 2.0), rest=(0.0, 0.0))
GRIP = ActionSpec(name="grip", labels=("width [m]",), low=(0.0,), high=(0.1,), rest=(0.1,))


def spec(*actions: ActionSpec) -> WorldSpec:
    return WorldSpec(
        engine="tests", engine_version="1", tick_ns=1, actions=actions, signals={}, things=(), origin=Origin.SIMULATED, renderer="none",
        frame_ticks=1, cannot=(),
    )  # fmt: skip


@given(n=st.integers(1, 4), ticks=st.integers(1, 5), seed=st.integers(0, 99), grips=st.booleans())
def test_all_who_act_stand_side_by_side_within_their_bounds(n: int, ticks: int, seed: int, grips: bool) -> None:
    rng = np.random.default_rng(seed)
    said: dict[str, NDArray[np.float64]] = {"hand": rng.normal(0, 3, (n, ticks, 2))} | (
        {"grip": rng.normal(0, 1, (n, ticks, 1))} if grips else {}
    )
    told = told_of(spec(HAND, GRIP), said, n)
    np.testing.assert_array_equal(told[..., :2], np.clip(said["hand"], HAND.low, HAND.high))
    np.testing.assert_array_equal(told[..., 2:], np.clip(said["grip"], 0, 0.1) if grips else np.full((n, ticks, 1), 0.1))
    np.testing.assert_array_equal(told_of(spec(HAND, GRIP), said, n, ticks), told)


def test_where_nobody_acts_or_says_anything_ticks_say_how_long() -> None:
    assert told_of(spec(), {}, 3, 4).shape == (3, 4, 0)
    np.testing.assert_array_equal(told_of(spec(GRIP), {}, 2, 3), np.full((2, 3, 1), 0.1))
    assert ticks_of({"hand": np.zeros((2, 5, 2))}, 2, None) == 5


@dataclass(frozen=True)
class Wrong:
    """What cannot be rolled out, and a word of why."""

    actions: dict[str, object] = field(default_factory=dict)
    n: int = 2
    ticks: int | None = None
    word: str = "agree in number and ticks"


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(),
        Wrong(ticks=0),
        Wrong({"hand": np.zeros((2, 0, 2))}),
        Wrong({"hand": np.zeros((2, 3, 2))}, ticks=4),
        Wrong({"hand": np.zeros((2, 3, 2)), "grip": np.zeros((2, 4, 1))}),
        Wrong({"hand": np.zeros((3, 3, 2))}),
        Wrong({"hand": np.zeros(2)}),
        Wrong({"hand": [[[0.0, 0.0]], [[0.0]]]}, word="not arrays"),
        Wrong({"hand": np.zeros((2, 3, 1))}, word="wrong size"),
        Wrong({"hand": np.full((2, 3, 2), np.nan)}, word="not finite"),
        Wrong({"foot": np.zeros((2, 3, 2))}, word="foot"),
    ],
)
def test_what_cannot_be_rolled_out_is_refused(wrong: Wrong) -> None:
    with pytest.raises(ActionError, match=wrong.word):
        told_of(spec(HAND, GRIP), wrong.actions, wrong.n, wrong.ticks)  # type: ignore[arg-type]


def test_no_state_is_no_rollout() -> None:
    with pytest.raises(StateError, match="at least one state"):
        told_of(spec(HAND), {"hand": np.zeros((0, 3, 2))}, 0)
