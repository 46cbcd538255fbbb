"""Nothing is computed from an answer that is not one: right ones pass untouched, every wrong one is a typed error that says whose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.evaluate.adapters.checked import Checked
from lifeworld.evaluate.subject import Ahead, Foresees, Gift

B, T, H, W, D, A = 2, 3, 4, 5, 6, 2


class Answers:
    """A subject that says what it is told to."""

    name, sha256, context, size, frame_ns, actions = "mine", "0" * 64, 1, (H, W), 100, A
    latent, stream, learned = False, None, None
    gives: frozenset[Gift] = frozenset({"pictures", "certainty", "embeddings", "inverse"})

    def __init__(self) -> None:
        self.says: dict[str, Any] = {
            "pictures": np.zeros((B, T, H, W, 3), np.uint8),
            "certainty": np.full((B, T, H, W), 0.5, np.float32),
            "embeddings": np.ones((B, T, D), np.float32),
            "embed": np.ones((B, T, D), np.float32),
            "between": np.ones((B, T - 1, A), np.float32),
        }

    def begin(self, pictures: NDArray[np.uint8]) -> Any:
        return None

    def ahead(self, state: Any, actions: NDArray[np.float32]) -> Ahead:
        return Ahead(state=state, **{name: self.says[name] for name in ("pictures", "certainty", "embeddings")})

    def embed(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        said: NDArray[np.float32] = self.says["embed"]
        return said

    def between(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        said: NDArray[np.float32] = self.says["between"]
        return said


def ask(subject: Answers) -> list[Any]:
    checked, clip = Checked(subject), np.zeros((B, T, H, W, 3), np.uint8)
    ahead = checked.ahead(checked.begin(clip[:, :1]), np.zeros((B, T, A), np.float32))
    return [ahead.pictures, ahead.certainty, ahead.embeddings, checked.embed(clip), checked.between(clip)]


def test_right_answers_pass_untouched() -> None:
    subject = Answers()
    for got, said in zip(ask(subject), subject.says.values(), strict=True):
        assert got is said


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["pictures", "certainty", "embeddings", "embed", "between"]), st.data())
def test_wrong_shapes_and_kinds(name: str, data: st.DataObject) -> None:
    subject = Answers()
    right = subject.says[name]
    axis = data.draw(st.integers(0, right.ndim - 1))
    wrong = {
        "longer": np.concatenate([right, right], axis),
        "without an axis": right[0],
        "another kind": right.astype(np.float64),
        "no array": right.tolist(),
    }
    how = data.draw(st.sampled_from(sorted(wrong)))
    if how == "longer" and name == "embeddings" and axis == 2:
        subject.says["embed"] = np.concatenate([subject.says["embed"], np.ones((B, T, 1), np.float32)], 2)  # D may be anything, but one
    subject.says[name] = wrong[how]
    with pytest.raises(ShapeError, match="mine answers with the wrong shape"):
        ask(subject)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["certainty", "embeddings", "embed", "between"]), st.sampled_from([np.nan, np.inf, -np.inf]), st.data())
def test_what_is_no_number(name: str, value: float, data: st.DataObject) -> None:
    subject = Answers()
    subject.says[name].flat[data.draw(st.integers(0, subject.says[name].size - 1))] = value
    with pytest.raises(InputError, match="what mine answers is no number") as said:
        ask(subject)
    assert "1 of" in str(said.value)


def test_what_else_it_offers_is_offered_too() -> None:
    """Who foresees without drawing still does, and is checked there; who does not, does not."""
    assert not isinstance(Checked(Answers()), Foresees)

    class Foreseeing(Answers):
        def foresee(self, state: Any, actions: NDArray[np.float32]) -> NDArray[np.float32]:
            said: NDArray[np.float32] = self.says["embeddings"]
            return said

    subject = Foreseeing()
    checked: Any = Checked(subject)
    assert isinstance(checked, Foresees)
    told = np.zeros((B, T, A), np.float32)
    assert checked.foresee(None, told) is subject.says["embeddings"]
    subject.says["embeddings"][1, 2, 3] = np.nan
    with pytest.raises(InputError, match="no number"):
        checked.foresee(None, told)


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_a_certainty_is_a_chance(value: float) -> None:
    subject = Answers()
    subject.says["certainty"][0, 0, 0, 0] = value
    with pytest.raises(InputError, match="no chance"):
        ask(subject)


@pytest.mark.parametrize("gift", ["pictures", "certainty", "embeddings"])
def test_it_gives_what_it_says_that_it_gives(gift: Gift) -> None:
    subject = Answers()
    subject.gives = subject.gives - {gift}
    with pytest.raises(InputError, match="what it says that it does not give"):
        ask(subject)
    subject = Answers()
    said = subject.ahead

    def less(state: Any, actions: NDArray[np.float32]) -> Ahead:
        return replace(said(state, actions), **{gift: None})

    subject.ahead = less  # type: ignore[method-assign]
    with pytest.raises(InputError, match="what it says that it gives"):
        ask(subject)
