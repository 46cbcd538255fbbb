"""Deeds, queries and events: their bounds, their text, their words; what can never happen is told before it is waited for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from random_scenes import DEEDS, EVENTS

from lifeworld.core.errors import EventError, SceneError
from lifeworld.scene.check import check
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Blind, Deed, Fault, Latch, Pull, Push, Shake, Turn, Walk, Wind
from lifeworld.scene.event import Event, Who
from lifeworld.scene.event_words import deed_words, event_words
from lifeworld.scene.scene import Scene, Thing
from lifeworld.scene.text import parse, to_text

PUSH = Push(thing="ball", impulse_n_s=(0.0, 0.0, 1.0))
BALL = Thing(name="ball", kind="ball")
TABLE = Thing(name="table", kind="table", fixed=True)


@given(DEEDS)
@settings(max_examples=80, deadline=None)
def test_every_deed_has_words_for_it(deed: Deed) -> None:
    said = deed_words(deed)
    assert said[0].islower()
    assert "None" not in said
    assert "\n" not in said


@given(EVENTS)
@settings(max_examples=80, deadline=None)
def test_every_event_has_words_for_it(given: dict[str, Any]) -> None:
    trigger = given.pop("trigger")
    if given["kind"] is None:
        given.update(who=None, strength=None, direction=None)
    else:
        given.pop("deeds")
    said = event_words(Event(name="e", **given, **trigger))
    assert "None" not in said
    assert "_" not in said


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Push(thing="a"), "one of two"),
        (lambda: Push(thing="a", impulse_n_s=(0, 0, 0), velocity_m_s=(0, 0, 0)), "one of two"),
        (lambda: Push(thing="a", impulse_n_s=(1e30, 0, 0)), "out of bounds"),
        (lambda: Push(thing="a", impulse_n_s=(0, 0, 1), duration_s=0.0), "duration_s"),
        (lambda: Push(thing="a", impulse_n_s=(0, 0, 1), delay_s=-1.0), "delay_s"),
        (lambda: Turn(thing="a", joint="lid"), "one of two"),
        (lambda: Wind(velocity_m_s=(1, 0, 0), things=()), "no things"),
        (lambda: Shake(acceleration_m_s2=(1, 0, 0), frequency_hz=0.0), "frequency_hz"),
        (lambda: Pull(thing="a", velocity_m_s=(1, 0, 0), most_n=-1.0), "most_n"),
        (lambda: Latch(thing="a", joint="lid", held=False, most=1.0), "holds against nothing"),
        (lambda: Fault(embodiment="hand", frozen=True, gain=0.5), "frozen"),
        (lambda: Blind(camera="front", how="dark"), "fault of a camera"),  # type: ignore[arg-type]
        (lambda: Blind(camera="front", amount=2.0), "amount"),
        (lambda: Walk(thing="a", path=(), most_m_s=1.0, most_n=1.0), "no waypoints"),
        (lambda: Walk(thing="a", path=((1, 0, 0, 0), (1, 1, 0, 0)), most_m_s=1.0, most_n=1.0), "one after another"),
        (lambda: Who(pick="first"), "pick"),  # type: ignore[arg-type]
        (lambda: Event(name="e", deeds=(PUSH,)), "one trigger"),
        (lambda: Event(name="e", at_s=1.0, rate_per_min=1.0, deeds=(PUSH,)), "one trigger"),
        (lambda: Event(name="e", rate_per_min=-1.0, deeds=(PUSH,)), "rate_per_min is out of bounds"),
        (lambda: Event(name="e", rate_per_min=0.0, deeds=(PUSH,)), "never happens"),
        (lambda: Event(name="e", at_s=1.0), "does nothing"),
        (lambda: Event(name="e", at_s=1.0, kind="bump", deeds=(PUSH,)), "draws its deeds itself"),
        (lambda: Event(name="e", at_s=1.0, who=Who(), deeds=(PUSH,)), "only an event of a kind"),
        (lambda: Event(name="e", at_s=1.0, delay_s=1.0, deeds=(PUSH,)), "has a delay"),
        (lambda: Event(name="e", at_s=1.0, most=2, deeds=(PUSH,)), "a time comes once"),
        (lambda: Event(name="e", rate_per_min=1.0, most=0, deeds=(PUSH,)), "most is out of bounds"),
        (lambda: Event(name="e", at_s=1.0, kind="bump", direction=(0, 0, 0)), "no length"),
        (lambda: Event(name="e", at_s=1.0, kind="bump", safety="safe"), "safety"),  # type: ignore[arg-type]
    ],
)
def test_values_that_are_none(make: Any, says: str) -> None:
    with pytest.raises(SceneError, match=says):
        make()


def test_what_events_speak_of_is_there() -> None:
    for event, says in (
        (Event(name="e", at_s=1.0, kind="bump", who=Who(names=("bal",))), "Did you mean 'ball'"),
        (Event(name="e", at_s=1.0, kind="bump", who=Who(on="tabel")), "no thing 'tabel'"),
        (Event(name="e", at_s=1.0, deeds=(Wind(velocity_m_s=(1, 0, 0), things=("bat",)),)), "no thing 'bat'"),
        (Event(name="e", at_s=1.0, deeds=(Blind(camera="front"),)), "no thing 'front'"),
        (Event(name="e", after="d", deeds=(PUSH,)), "no event 'd'"),
        (Event(name="e", after="e", deeds=(PUSH,)), "wait for each other"),
    ):
        with pytest.raises(SceneError, match=says):
            Scene(name="s", things=(BALL,), events=(event,))
    ring = [Event(name=name, after=after, deeds=(PUSH,)) for name, after in (("a", "b"), ("b", "c"), ("c", "a"))]
    with pytest.raises(SceneError, match="wait for each other"):
        Scene(name="s", things=(BALL,), events=tuple(ring))
    Scene(name="s", things=(BALL,), events=(Event(name="e", at_s=1.0, kind="bump", who=Who(on="ground")),))


@pytest.mark.parametrize(
    ("event", "reason", "says"),
    [
        (Event(name="e", at_s=1.0, kind="bump", who=Who(names=("table",))), "fixed", "'table' is fixed"),
        (Event(name="e", at_s=1.0, kind="bump", who=Who(category="food")), "nobody", "there is none that is as asked"),
        (Event(name="e", at_s=1.0, kind="door_slam"), "no_joint", "no door, drawer or lid"),
        (Event(name="e", at_s=1.0, kind="slip"), "nobody", "an embodiment, and there is none"),
        (Event(name="e", at_s=1.0, kind="sensor_dropout"), "nobody", "a camera, and there is none"),
        (Event(name="e", at_s=1.0, kind="power_cut"), "no_light", "no lamp is on"),
        (Event(name="e", at_s=1.0, kind="comes_loose"), "not_held", "not attached"),
        (Event(name="e", at_s=1.0, kind="spill"), "holds_nothing", "could be spilt"),
        (Event(name="e", when=Condition(predicate="tips_over", thing="table"), kind="gust"), "never", "never comes: 'table' is fixed"),
    ],
)
def test_what_can_never_happen_is_told_before(event: Event, reason: str, says: str) -> None:
    things = (BALL, TABLE) if event.kind != "spill" else (BALL,)
    with pytest.raises(EventError, match=says) as caught:
        check(Scene(name="s", things=(*things, *((TABLE,) if event.kind == "spill" else ())), events=(event,)))
    assert caught.value.reason == reason
    assert "event 'e'" in str(caught.value)


def test_a_kind_there_is_not_is_named_with_file_and_line() -> None:
    text = to_text(Scene(name="s", things=(BALL,), events=(Event(name="e", at_s=1.0, kind="bump"),)))
    parse(text)
    with pytest.raises(SceneError, match=r"<text>:\d+: event\[0\]\.kind: there is no kind of event 'bmup'. Did you mean 'bump'"):
        parse(text.replace('"bump"', '"bmup"'))


def test_what_an_event_brings_can_be_befallen() -> None:
    text = """
lifeworld = 1
name = "s"

[[event]]
name = "come"
at_s = 1
edits = [{ type = "add", thing = { name = "ball", kind = "ball", position_m = [0, 0, 1] } }]

[[event]]
name = "bumps"
kind = "bump"
rate_per_min = 6
who = { names = ["ball"] }
"""
    check(parse(text))
