"""What people type to ask for events."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, LifeworldError, UnknownName
from lifeworld.scene.event import Event, Who
from lifeworld.scene.events import asked, kinds
from lifeworld.scene.magnitude import Magnitude


def test_the_line_of_the_readme() -> None:
    bump, slip, door = asked("bump:2/min,slip,door")
    assert bump == Event(name="bump", kind="bump", rate_per_min=2.0)
    assert slip.kind == "slip"
    assert slip.rate_per_min == kinds()["slip"].rate_per_min
    assert door.kind == "door_slam"


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("bump:0.1/s", Event(name="bump", kind="bump", rate_per_min=6.0)),
        ("bump:120/hour", Event(name="bump", kind="bump", rate_per_min=2.0)),
        ("bump@4s", Event(name="bump", kind="bump", at_s=4.0)),
        ("bump:@500ms", Event(name="bump", kind="bump", at_s=0.5)),
        ("bump@1min", Event(name="bump", kind="bump", at_s=60.0)),
        (" gust : 3/min ", Event(name="gust", kind="gust", rate_per_min=3.0)),
        ("power cut@2".replace(" ", "-"), Event(name="power_cut", kind="power_cut", at_s=2.0)),
        ("bump:on=mug@1s", Event(name="bump", kind="bump", at_s=1.0, who=Who(names=("mug",)))),
        ("bump@1s:on=mug+can", Event(name="bump", kind="bump", at_s=1.0, who=Who(names=("mug", "can"), pick="all"))),
        ("bump@1s upon=table", Event(name="bump", kind="bump", at_s=1.0, who=Who(on="table"))),
        ("gust@1s:strength=12", Event(name="gust", kind="gust", at_s=1.0, strength=Magnitude(a=12.0))),
        ("gust@1s:towards=left", Event(name="gust", kind="gust", at_s=1.0, direction=(-1.0, 0.0, 0.0))),
        ("bump@1s:strength=0.2..0.8", Event(name="bump", kind="bump", at_s=1.0, strength=Magnitude(law="uniform", a=0.2, b=0.8))),
        ("drop@1s:of=apple:on=mug", Event(name="drop", kind="drop", at_s=1.0, of="apple", who=Who(names=("mug",)))),
        ("bump:2/min:times=3", Event(name="bump", kind="bump", rate_per_min=2.0, most=3)),
    ],
)  # fmt: skip
def test_what_can_be_said(said: str, event: Event) -> None:
    assert asked(said) == (event,)


def test_two_of_a_kind_have_names_of_their_own() -> None:
    assert [event.name for event in asked("bump,bump@2s,gust", taken=("bump",))] == ["bump_2", "bump_3", "gust"]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("", "no events are named"),
        (" , ", "no events are named"),
        ("bump,,slip", "between two commas"),
        ("bmup", "Did you mean 'bump'"),
        ("bump:2", "not understood"),
        ("bump:-2/min", "a rate below zero"),
        ("bump:0/min", "never happens"),
        ("bump:2/mins", "no unit of a rate 'mins'. Did you mean 'min'"),
        ("bump:x/min", "not a rate"),
        ("bump:9e9/min", "out of bounds"),
        ("bump@", "not a time"),
        ("bump@4x", "no unit of time 'x'"),
        ("bump@-1s", "out of bounds"),
        ("bump:2/min@4s", "two triggers"),
        ("bump:2/min:3/min", "said twice"),
        ("@4s", "begins with its kind"),
        (":", "begins with its kind"),
        ("bump:at=mug", "no word 'at'"),
        ("bump:on=", "not understood"),
        ("bump:on=1mug", "not a name"),
        ("bump:strength=much", "not a strength"),
        ("bump:strength=0.8..0.2", "less to more"),
        ("gust:towards=lefd", "Did you mean 'left'"),
        ("drop:of=appel", "Did you mean 'apple'"),
        ("bump:times=0", "most is out of bounds"),
        ("bump:times=many", "not a number of times"),
        ("bump," * 70 + "bump", "too much to ask"),
        ("b" * 5000, "too much to ask"),
    ],
)
def test_what_cannot_be_said(said: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        asked(said)
    assert "--events" in str(caught.value)


@given(st.text("bumpslgtdor:@,=/+0123456789. smin-", max_size=30))
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_gives_events_or_our_errors(said: str) -> None:
    try:
        events = asked(said)
    except LifeworldError:
        return
    assert len({event.name for event in events}) == len(events)


def test_every_kind_can_be_asked_for_by_each_of_its_names() -> None:
    for kind in kinds().values():
        for name in (kind.name, *kind.synonyms):
            assert asked(name)[0].kind == kind.name, name
    with pytest.raises(UnknownName, match="lifeworld scenes --events"):
        asked("dance")
