"""Every kind of event, drawn in the starter scenes: the same again by the same seed, possible, bounded, and nothing inside another."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lifeworld.core.errors import EventError, SceneError
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.scene.deed import Deed, Pull, Push, Shake, Turn, Walk, Wind
from lifeworld.scene.edit import Add, apply
from lifeworld.scene.edit.saved import TYPE_NAMES
from lifeworld.scene.edit.values import Edit
from lifeworld.scene.event import SAFETIES, Event, Who
from lifeworld.scene.events import Drawn, asked, draw, kinds
from lifeworld.scene.events.drawn import event_problems
from lifeworld.scene.events.kind import FAMILIES
from lifeworld.scene.events.page import BEGIN, END, table
from lifeworld.scene.place import place
from lifeworld.scene.relation import collisions
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Light, Relation, Scene, Thing
from lifeworld.scene.text import parse, to_text

DOCS = Path(__file__).parents[3] / "docs"
SCENES = ("tabletop", "kitchen_counter", "drawer", "living_room", "soft_things")
SEEDS = range(2)
REASONS = set(re.findall(r"`(\w+)`", (EventError.__doc__ or "")))
"""Those that the docstring of `EventError` names."""
# No body, hand or wind of the library is faster or stronger than these.
FASTEST_M_S, STRONGEST_N_S, STRONGEST_N, WINDIEST_M_S, SHAKIEST_M_S2 = 12.0, 15.0, 420.0, 30.0, 20.0


@cache
def scene(name: str) -> Scene:
    """A starter as placed, with what some kinds need beside: a lamp that is on, a sun, and something held fast."""
    made = place(starter.load(name), seed=0)
    if name == "tabletop":
        lit = Thing(name="reading_lamp", kind="lamp", turned_on=True, relations=(Relation(kind="on", thing="table"),))
        held = Thing(name="hook", kind="block", relations=(Relation(kind="on", thing="table"),))
        made = apply(made, (Add(lit), Add(held)), seed=0)
        made = made.with_thing(replace(made.thing("hook"), attach="table"))
        made = replace(made, lights=(Light(name="day"),))
    return made


@cache
def drawn(kind: str, where: str, seed: int) -> Drawn | EventError:
    try:
        return draw(asked(kind)[0], scene(where), generator(seed, "test", kind))
    except EventError as error:
        return error


def everywhere(kind: str) -> list[tuple[str, Drawn]]:
    found = [(where, drawn(kind, where, seed)) for where in SCENES for seed in SEEDS]
    return [(where, one) for where, one in found if isinstance(one, Drawn)]


def _sort(done: Deed | Edit) -> str:
    return type(done).__name__.lower() if isinstance(done, Deed) else TYPE_NAMES[type(done)]


def test_there_are_enough_kinds_of_every_family() -> None:
    assert len(kinds()) >= 20
    assert {k.family for k in kinds().values()} == set(FAMILIES)
    named = [name for k in kinds().values() for name in (k.name, *k.synonyms)]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", kinds())
def test_its_facts_are_sensible(name: str) -> None:
    kind = kinds()[name]
    assert 10 <= len(kind.summary) <= 110
    assert kind.summary.endswith(".")
    assert kind.safety in SAFETIES
    assert 0.5 <= kind.rate_per_min <= 10
    low, high = kind.strength.span
    assert 0 < low <= high < np.inf
    if kind.unit:
        assert kind.strength.law != "fixed"
        assert kind.means != "nothing"


@pytest.mark.parametrize("name", kinds())
def test_it_happens_somewhere_by_the_deeds_it_says_and_says_why_not_elsewhere(name: str) -> None:
    done = everywhere(name)
    assert done, "nothing comes of it in any of the scenes"
    sorts = {_sort(deed) for _, one in done for deed in (*one.deeds, *one.edits)}
    assert sorts <= set(kinds()[name].by)
    for where in SCENES:
        for seed in SEEDS:
            refused = drawn(name, where, seed)
            if isinstance(refused, EventError):
                assert refused.reason in REASONS
                assert name in str(refused)
            else:
                assert refused.deeds or refused.edits


@pytest.mark.parametrize("name", kinds())
def test_the_same_seed_draws_the_same_and_text_keeps_it(name: str) -> None:
    where, first = everywhere(name)[0]
    seed = next(seed for seed in SEEDS if drawn(name, where, seed) is first)
    assert draw(asked(name)[0], scene(where), generator(seed, "test", name)) == first
    event = Event(name="drawn", at_s=0.0, deeds=first.deeds[:30], edits=first.edits[:30], expects=first.expects, safety=first.safety)
    told = replace(scene(where), events=(event,))
    assert parse(to_text(told)) == told


@pytest.mark.parametrize("name", kinds())
def test_nothing_is_faster_or_stronger_than_such_things_are(name: str) -> None:
    for where, one in everywhere(name):
        masses = {t.name: 0.0 for t in scene(where).things}
        for deed in one.deeds:
            if isinstance(deed, Push) and deed.impulse_n_s is not None:
                assert np.linalg.norm(deed.impulse_n_s) <= STRONGEST_N_S + 1e-6
            if isinstance(deed, Push) and deed.velocity_m_s is not None:
                assert np.linalg.norm(deed.velocity_m_s) <= FASTEST_M_S
            if isinstance(deed, Turn) and deed.speed is not None:
                assert abs(deed.speed) <= FASTEST_M_S
            if isinstance(deed, Pull):
                assert np.linalg.norm(deed.velocity_m_s) <= 2.0
                assert deed.most_n <= 1600.0 if deed.thing in masses else STRONGEST_N
            if isinstance(deed, Walk):
                assert deed.most_m_s <= 3.5
                assert deed.most_n <= STRONGEST_N
                steps = np.diff(np.array(deed.path), axis=0)
                assert (np.hypot(steps[:, 1], steps[:, 2]) <= deed.most_m_s * steps[:, 0] + 1e-6).all()
            if isinstance(deed, Wind):
                assert np.linalg.norm(deed.velocity_m_s) <= WINDIEST_M_S
            if isinstance(deed, Shake):
                assert np.linalg.norm(deed.acceleration_m_s2) <= SHAKIEST_M_S2
        for edit in one.edits:
            if isinstance(edit, Add):
                assert np.linalg.norm(edit.thing.linear_velocity_m_s) <= FASTEST_M_S


@pytest.mark.parametrize("name", [k.name for k in kinds().values() if "add" in k.by])
def test_what_comes_in_begins_inside_nothing(name: str) -> None:
    for where, one in everywhere(name):
        before = scene(where)
        new = {edit.thing.name for edit in one.edits if isinstance(edit, Add)}
        after = apply(before, one.edits, seed=0)
        assert [c for c in collisions(after, over_m=0.0) if {c[0], c[1]} & new] == []
        room = Room(after)
        for thing in new:
            assert before.ground is None or room[thing].bounds_m[0][2] >= 0.0
            for other in (t for t in after.things if t.name not in new):
                assert after.thing(other.name).pose == before.thing(other.name).pose


def test_a_strength_and_a_direction_that_are_asked_for_are_kept() -> None:
    event = asked("bump:strength=0.4:towards=right:on=can")[0]
    one = draw(event, scene("tabletop"), generator(0, "x"))
    assert one.strength == 0.4
    assert one.who == ("can",)
    push = one.deeds[0]
    assert isinstance(push, Push)
    assert push.impulse_n_s is not None
    assert push.impulse_n_s[0] > 0
    assert push.impulse_n_s[1:] == (0.0, 0.0)


def test_whom_it_befalls_is_asked_of_the_scene_as_it_stands() -> None:
    """By what they stand on, also by way of others, by weight and height; chance takes every one of them in turn."""
    table = scene("tabletop")
    on = {draw(asked("bump:upon=table")[0], table, generator(seed, "x")).who for seed in range(60)}
    assert {("can",), ("orange",), ("bottle",)} <= on
    assert ("chair",) not in on
    plate = asked("bump:upon=plate")[0]
    assert {draw(plate, table, generator(seed, "x")).who for seed in range(10)} == {("orange",)}
    assert plate.who is not None
    for pick, name in (("heaviest", "bottle"), ("lightest", "hook")):
        who = replace(plate.who, on="table", pick=pick)
        assert draw(replace(plate, who=who), table, generator(0, "x")).who != ("plate",), name
    everything = draw(replace(plate, who=replace(plate.who, on="table", pick="all")), table, generator(0, "x"))
    assert len(everything.who) == len(everything.deeds) > 5


def test_what_comes_in_is_of_the_kind_that_is_asked_for() -> None:
    table = scene("tabletop")
    for kind, of in (("throw", "orange"), ("drop", "book"), ("roll_in", "football")):
        (add,) = draw(Event(name="e", kind=kind, at_s=0.0, of=of), table, generator(0, kind)).edits
        assert isinstance(add, Add)
        assert add.thing.kind == of


def test_nothing_comes_in_by_what_brings_nothing() -> None:
    table = scene("tabletop")
    for event, why in (
        (Event(name="e", kind="bump", at_s=0.0, of="ball"), "nothing comes in"),
        (Event(name="e", kind="drop", at_s=0.0, of="wall"), "stands fast"),
    ):
        with pytest.raises(SceneError, match=why):
            draw(event, table, generator(0, "e"))
        assert [why in str(error) for _, error in event_problems(replace(table, events=(event,)))] == [True]


def test_from_another_height_there_is_room() -> None:
    """A hand is in the way at most heights over the plate: it falls from one where it is not."""
    table = scene("tabletop")
    event = Event(name="e", kind="drop", at_s=0.0, of="apple", who=Who(names=("plate",)))
    for seed in range(12):
        assert draw(event, table, generator(seed, "height")).edits


def test_the_docs_have_every_kind() -> None:
    text = (DOCS / "events.md").read_text(encoding="utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == table().strip(), "run: python -c \"from lifeworld.scene.events.page import write; write('docs/events.md')\""
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        told = parse(f'lifeworld = 1\nname = "example"\n{block}')
        assert parse(to_text(told)) == told
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, {})
