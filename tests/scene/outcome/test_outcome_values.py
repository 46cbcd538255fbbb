"""Conditions and outcomes check their own bounds, and what they are made of is what they say."""

from __future__ import annotations

from typing import Any

import pytest

from lifeworld.core.errors import LifeworldError, LimitError, SceneError, UnknownName
from lifeworld.scene.condition import Condition
from lifeworld.scene.outcome import HOWS, Outcome
from lifeworld.scene.predicate import PREDICATE_NAMES, PREDICATES

MUG = Condition(predicate="falls_off", thing="mug", to="table")


@pytest.mark.parametrize("name", PREDICATE_NAMES)
def test_every_predicate_takes_what_its_row_says_and_nothing_else(name: str) -> None:
    row = PREDICATES[name]  # type: ignore[index]
    given: dict[str, Any] = {"predicate": name, "thing": "mug"}
    given |= {} if row.to == "none" else {"to": "table"}
    given |= {} if row.amount is None else {"amount": 0.5}
    given |= {"joint": "lid"} if row.joint else {}
    right = Condition(**given)
    assert right.much == (0.5 if row.amount is not None else row.usual)
    assert set(right.targets) == {"mug", *({"table"} if row.to != "none" else ())}
    wrong: list[dict[str, Any]] = [{"joint": "lid"}] if not row.joint else []
    wrong += [{"amount": 0.5}] if row.amount is None else [{"amount": -1.0}, {"amount": float("nan")}]
    wrong += [{"to": "table"}] if row.to == "none" else [{"to": "mug"}, *([] if row.to == "maybe" else [{"to": None}])]
    for change in wrong:
        with pytest.raises(LifeworldError):
            Condition(**{**given, **change})


def test_the_ground_is_nobody() -> None:
    assert Condition(predicate="on", thing="mug", to="ground").targets == ("mug",)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"how": "often"}, UnknownName, "ever"),
        ({"conditions": ()}, LimitError, "some conditions"),
        ({"least": 2}, LimitError, "1 to 1"),
        ({"least": 0}, LimitError, "1 to 1"),
        ({"within_s": 0.0}, SceneError, "within no time"),
        ({"after_s": 2.0, "within_s": 1.0}, SceneError, "within no time"),
        ({"within_s": float("inf")}, LimitError, "within_s"),
        ({"name": "a\nb"}, LimitError, "line of text"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(given: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Outcome(**({"name": "risk", "conditions": (MUG,)} | given))


@pytest.mark.parametrize("how", HOWS)
def test_an_outcome_needs_all_of_its_conditions_or_as_many_as_it_says(how: Any) -> None:
    both = (MUG, Condition(predicate="tips_over", thing="vase"))
    assert Outcome(name="risk", conditions=both, how=how).needed == 2
    assert Outcome(name="risk", conditions=both, how=how, least=1).needed == 1
    assert Outcome(name="risk", conditions=both, how=how).targets == {"mug", "table", "vase"}
