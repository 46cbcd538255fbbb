"""What one types to steer a dream."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError
from lifeworld.models.play.steer import row, steered
from lifeworld.worlds.world import ActionSpec


def spec(name: str, *labels: str, low: float = 0.0, high: float = 1.0) -> ActionSpec:
    n = len(labels)
    return ActionSpec(name=name, labels=labels, low=(low,) * n, high=(high,) * n, rest=(0.0,) * n)


KEYS = [spec("player", "left", "right", "up", "jump")]
PLAIN = [spec("pusher", "x_m_s", "y_m_s", low=-0.4, high=0.5)]
CAR = [spec("car", "steering", "throttle", low=-1.0)]
COOKS = [spec("blue", "right", "down", "interact", low=-1.0), spec("green", "right", "down", "interact", low=-1.0)]


@pytest.mark.parametrize(
    ("said", "specs", "expected"),
    [
        ("right", KEYS, [0, 1, 0, 0]),
        ("right+jump", KEYS, [0, 1, 0, 1]),
        ("up", KEYS, [0, 0, 1, 0]),
        ("rest", KEYS, [0, 0, 0, 0]),
        ("left", PLAIN, [-0.4, 0]),
        ("up", PLAIN, [0, 0.5]),
        ("left+up", PLAIN, [-0.4, 0.5]),
        ("0.1/-0.2", PLAIN, [0.1, -0.2]),
        ("steering=-0.4+throttle", CAR, [-0.4, 1]),
        ("-steering", CAR, [-1, 0]),
        ("left", CAR, [-1, 0]),
        ("blue/left+green/interact", COOKS, [-1, 0, 0, 0, 0, 1]),
        ("green/up", COOKS, [0, 0, 0, 0, -1, 0]),
        ("1/0/0/0/0/1", COOKS, [1, 0, 0, 0, 0, 1]),
    ],
)
def test_words_are_actions(said: str, specs: list[ActionSpec], expected: list[float]) -> None:
    found = row(said, specs)
    assert list(found) == [one.name for one in specs]
    assert np.concatenate(list(found.values())).tolist() == expected


@given(st.lists(st.tuples(st.sampled_from(["left", "right+jump", "rest", "recorded"]), st.integers(1, 9)), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None)
def test_each_word_lasts_as_long_as_it_says(words: list[tuple[str, int]]) -> None:
    found = steered(",".join(f"{word}*{count}" for word, count in words), KEYS)
    assert len(found) == sum(count for _, count in words)
    assert sum(each is None for each in found) == sum(count for word, count in words if word == "recorded")


@pytest.mark.parametrize(
    ("said", "specs", "word"),
    [
        ("fly", KEYS, "left, right, up, jump"),
        ("jmup", KEYS, "jump"),
        ("down", KEYS, "no action here"),
        ("right", COOKS, "blue/right or green/right"),
        ("red/right", COOKS, "no action here"),
        ("0.1", PLAIN, "2 finite"),
        ("0/nan", PLAIN, "2 finite"),
        ("steering=fast", CAR, "no number"),
        ("steering=inf", CAR, "no number"),
        ("left+", PLAIN, "no action here"),
        ("left*x", PLAIN, "number of pictures"),
        ("left*0", PLAIN, "so many"),
        ("left*9999,up*2", PLAIN, "so many"),
        ("", PLAIN, "no action here"),
    ],
)
def test_what_is_no_action_says_what_there_is(said: str, specs: list[ActionSpec], word: str) -> None:
    with pytest.raises(InputError) as caught:
        steered(said, specs)
    assert word in str(caught.value)
