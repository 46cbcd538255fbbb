"""The score of a lesson: goals count in their order, and what is to be kept is kept to the end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lifeworld.core.errors import LifeworldError, SceneError, ShapeError, UnknownName
from lifeworld.scene.goal import Goal, check_order
from lifeworld.scene.score import score

FIRST = Goal(name="first", predicate="upright", thing="mug", points=10)
SECOND = Goal(name="second", predicate="on", thing="mug", to="table", after="first", points=20)
KEPT = Goal(name="kept", predicate="upright", thing="vase", keep=True, points=5)
LATER = Goal(name="later", predicate="upright", thing="vase", keep=True, after="second", points=1)
GOALS = (FIRST, SECOND, KEPT, LATER)


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 12), st.just(4)), elements=st.sampled_from([0.0, 0.5, 1.0])))
def test_a_goal_counts_once_those_before_it_are_reached(progress: np.ndarray) -> None:  # type: ignore[type-arg]
    result = score(GOALS, progress)
    so = progress == 1.0
    first = next((t for t in range(len(so)) if so[t, 0]), None)
    second = None if first is None else next((t for t in range(first, len(so)) if so[t, 1]), None)
    assert [m.tick for m in result.marks[:2]] == [first, second]
    assert result.marks[2].reached == so[:, 2].all()
    assert result.marks[3].reached == (second is not None and bool(so[second:, 3].all()))
    assert result.points == sum(m.goal.points for m in result.marks if m.reached) <= result.most == 36
    assert result.passed == (result.points == 36)
    assert (result.next is None) == (second is not None)
    if result.next is not None:
        assert result.next.name == ("first" if first is None else "second")


def test_labels_say_it() -> None:
    labels = score(GOALS, [[1.0, 0.0, 1.0, 0.0]]).labels
    assert labels == {"score": "15 of 36", "goals_reached": "first, kept"}
    assert score((), np.zeros((3, 0))).labels == {}


def test_progress_of_other_goals_is_refused() -> None:
    with pytest.raises(ShapeError, match="goal by goal"):
        score(GOALS, np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("goals", "error", "says"),
    [
        ((SECOND,), UnknownName, "first"),
        (
            (Goal(name="a", predicate="upright", thing="m", after="b"), Goal(name="b", predicate="upright", thing="m", after="a")),
            SceneError,
            "wait",
        ),
        ((Goal(name="a", predicate="upright", thing="m", after="a"),), SceneError, "wait"),
    ],
)
def test_goals_that_can_never_count_are_refused(goals: tuple[Goal, ...], error: type[LifeworldError], says: str) -> None:
    with pytest.raises(error, match=says):
        check_order(goals)
