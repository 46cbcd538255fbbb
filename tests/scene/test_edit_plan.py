"""Plans: made and taken back they are nothing, refused they say which edit and why; the new edits one by one; undo and redo."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_edits import plans
from random_scenes import scenes

from lifeworld.core.errors import EditError, InputError, LifeworldError, LimitError, PlacementError, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype, starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Push
from lifeworld.scene.edit import (
    Add,
    Attach,
    Copy,
    Detach,
    Edit,
    EditPlan,
    Fill,
    Move,
    Open,
    Place,
    Remove,
    Rename,
    Replace,
    Rotate,
    Scale,
    Set,
    SetCamera,
    SetEvent,
    SetGoal,
    SetGroup,
    SetTime,
    TurnOff,
    TurnOn,
    apply,
    decode,
    describe,
    diff,
    encode,
    inverse,
    riders,
    unmet,
)
from lifeworld.scene.edit.daylight import daylight
from lifeworld.scene.edit.history import History
from lifeworld.scene.event import Event
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.naming import free_name, mentions, renamed
from lifeworld.scene.place import place
from lifeworld.scene.relation import collisions, holds
from lifeworld.scene.scene import Light, Relation, Scene, Thing
from lifeworld.scene.text import parse, to_text

DOCS = Path(__file__).parents[2] / "docs"


@given(st.data(), scenes(), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_a_plan_and_its_inverse_are_nothing(data: st.DataObject, scene: Scene, seed: int) -> None:
    _there_and_back(scene, data.draw(plans(scene)), seed)


@given(st.data(), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_so_it_is_among_things_that_stand_on_each_other(table: Scene, data: st.DataObject, seed: int) -> None:
    _there_and_back(table, data.draw(plans(table)), seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@given(st.data(), st.none() | scenes(), st.integers(0, 3))
@settings(max_examples=500, deadline=None)
def test_five_hundred_plans_and_their_inverses_are_nothing(table: Scene, data: st.DataObject, scene: Scene | None, seed: int) -> None:
    scene = table if scene is None else scene
    _there_and_back(scene, data.draw(plans(scene)), seed)


def _there_and_back(scene: Scene, plan: EditPlan, seed: int) -> None:
    kept = to_text(scene)
    try:
        after = apply(scene, plan, seed=seed)
    except InputError as error:
        _named(error, scene, plan, seed)
    else:
        assert apply(after, inverse(scene, plan, seed=seed), seed=seed) == scene
        assert unmet(scene, plan, seed=seed) == ()
        assert parse(to_text(after)) == after
        assert apply(scene, diff(scene, after)) == after
    assert decode(encode(plan)) == plan
    assert to_text(scene) == kept


def _named(error: InputError, scene: Scene, plan: EditPlan, seed: int) -> None:
    """Refused plans name the first edit that does not fit."""
    found = unmet(scene, plan, seed=seed)
    assert found
    at = found[0].at
    apply(scene, EditPlan(plan.edits[:at]), seed=seed)
    if len(plan) > 1:
        assert str(error).startswith(f"edit {at + 1} of {len(plan)} ({describe(plan.edits[at])})")
    assert found[0].message


@pytest.fixture(scope="module")
def table() -> Scene:
    return place(starter.load("tabletop"), seed=0)


def _made(scene: Scene, edit: Edit) -> Scene:
    """The scene after an edit that fits, which is taken back exactly, told by JSON, text and a diff."""
    assert unmet(scene, edit) == ()
    after = apply(scene, edit)
    assert apply(after, inverse(scene, edit)) == scene
    assert apply(scene, diff(scene, after)) == after
    assert apply(after, diff(after, scene)) == scene
    assert parse(to_text(after)) == after
    assert decode(encode(edit)) == edit
    return after


def test_replacing_keeps_the_place_the_talk_and_what_is_in_it(table: Scene) -> None:
    after = _made(table, Replace("bowl", Thing(name="dish", kind="plate", color="red")))
    assert [t.name for t in after.things].index("dish") == [t.name for t in table.things].index("bowl")
    assert after.thing("dish").pose == table.thing("bowl").pose
    assert after.thing("dish").relations == table.thing("bowl").relations
    apple = after.thing("apple")
    assert apple.relations == (Relation(kind="on", thing="dish"),)
    assert holds(apple.relations[0], after, thing="apple")
    told = replace(table, goals=(Goal(name="g", predicate="beside", thing="bowl", to="mug"),), groups=(Group(name="k", members=("bowl",)),))
    after = _made(told, Replace("bowl", Thing(name="dish", kind="plate")))
    assert after.goals[0].thing == "dish"
    assert after.groups[0].members == ("dish",)
    same = _made(table, Replace("mug", Thing(name="mug", kind="glass")))
    assert same.goals == table.goals
    with pytest.raises(PlacementError, match="sofa"):
        apply(table, Replace("mug", Thing(name="sofa", kind="sofa")))


def test_copies_stand_beside_and_are_at_rest(table: Scene) -> None:
    moving = apply(table, Set("mug", linear_velocity_m_s=(0, 0, 1.0), color="blue"))
    after = _made(moving, Copy("mug", "mug_2"))
    copy = after.thing("mug_2")
    assert copy.linear_velocity_m_s == (0, 0, 0)
    assert copy.color == "blue"
    assert holds(Relation(kind="on", thing="table"), after, thing="mug_2")
    assert holds(Relation(kind="beside", thing="mug"), after, thing="mug_2")
    there = _made(table, Copy("mug", "mug_2", (Relation(kind="on", thing="magazine"),)))
    assert holds(Relation(kind="on", thing="magazine"), there, thing="mug_2")


def test_a_new_name_is_said_everywhere(table: Scene) -> None:
    fall = Event(name="fall", at_s=1.0, deeds=(Push(thing="bowl", impulse_n_s=(0, 0, 1)),), edits=(Remove("bowl"),))
    told = replace(table, groups=(Group(name="dishes", members=("bowl", "plate")),), events=(fall,))
    after = _made(told, Rename("bowl", "basin"))
    assert "bowl" not in mentions(replace(after, things=tuple(replace(t, kind="box", options=()) for t in after.things)))
    assert after.thing("apple").relations[0].thing == "basin"
    assert after.events[0].edits == (Remove("basin"),)
    assert _made(told, Rename("dishes", "crockery")).groups[0].name == "crockery"
    assert _made(told, Rename("front", "face")).cameras[0].name == "face"
    assert renamed(table, "nobody", "somebody") is table
    floor = Event(name="fall", when=Condition(predicate="touching", thing="bowl", to="ground"), edits=(Remove("can"),))
    for edit in (Rename("mug", "ground"), Replace("mug", Thing(name="ground", kind="mug")), Rename("mug", "bowl"), Rename("mug", "1")):
        assert unmet(replace(table, events=(floor,)), edit)
    _made(table, Rename("mug", "ground"))


@given(st.lists(st.from_regex(r"\A[a-z][a-z_0-9]{0,63}\Z"), min_size=1, max_size=5))
@settings(max_examples=50)
def test_free_names_are_free_and_names(taken: list[str]) -> None:
    name = free_name(taken[0], taken)
    assert name not in taken
    Thing(name=name, kind="glass")
    assert free_name("new", ["new", "new_2"]) == "new_3"


def test_filling_fills_and_stays_inside(table: Scene) -> None:
    scene = apply(table, EditPlan((SetGoal("apple_on_plate", None), Remove("apple"))))
    grain = Thing(name="berry", kind="ball", size_m=(0.03, 0.03, 0.03))
    some = _made(scene, Fill("bowl", grain, 0.2))
    more = _made(scene, Fill("bowl", grain, 0.5))
    count = [sum(t.name.startswith("berry") for t in s.things) for s in (some, more)]
    assert 1 <= count[0] < count[1]
    inside = Relation(kind="in", thing="bowl")
    assert all(holds(inside, more, thing=t.name) for t in more.things if t.name.startswith("berry"))
    assert not collisions(more)
    for edit, code in (
        (Fill("table", grain), "cannot"),
        (Fill("bowl", grain, 2.0), "limit_error"),
        (Fill("bowl", grain, container="lid"), "cannot"),
        (Fill("bowl", replace(grain, relations=(inside,))), "does_not_fit"),
        (Fill("bowl", Thing(name="sofa", kind="sofa")), "no_room"),
    ):
        assert [need.code for need in unmet(scene, edit)] == [code]


def test_turning_takes_along_and_tipping_lays_down(table: Scene) -> None:
    after = _made(table, Rotate("table", 90))
    assert after.thing("table").pose is not None
    for name in riders(table, "table"):
        one, other = table.thing(name).pose, after.thing(name).pose
        assert one is not None
        assert other is not None
        x, y, z = one.position_m
        assert other.position_m == pytest.approx((-y, x, z), abs=1e-9)
    assert {"mug", "apple", "bowl", "magazine"} <= riders(table, "table")
    lying = _made(table, Rotate("bottle", 90, "x")).thing("bottle").pose
    up = table.thing("bottle").pose
    assert lying is not None
    assert up is not None
    assert abs(lying.rotation[2, 2]) < 1e-9  # its axis is level
    assert apply(table, Rotate("bottle", 360)).thing("bottle").pose.position_m == pytest.approx(up.position_m)  # type: ignore[union-attr]
    assert [u.code for u in unmet(table, Rotate("bottle", float("nan")))] == ["limit_error"]
    assert [u.code for u in unmet(apply(table, Move("bottle", None)), Rotate("bottle", 9))] == ["no_pose"]


def test_scaling_lifts_what_stands_on_it_and_keeps_doors_ajar(table: Scene) -> None:
    after = _made(table, Scale("table", (1.0, 1.0, 1.1)))
    high = archetype.kind("table").size_m[2] * 0.1
    for name in ("mug", "apple"):
        before, now = table.thing(name).pose, after.thing(name).pose
        assert before is not None
        assert now is not None
        assert now.position_m == pytest.approx(before.position_m + (0, 0, high), abs=2e-3)
    chest = Scene(name="s", things=(Thing(name="d", kind="drawer_unit", pose=Pose()),))
    half = apply(chest, Open("d", None, 0.5))
    grown = _made(half, Scale("d", 1.2))
    assert grown.things == apply(apply(chest, Scale("d", 1.2)), Open("d", None, 0.5)).things
    for factor, code in ((100.0, "limit_error"), (0.0, "limit_error"), (float("inf"), "limit_error"), ((1.0, 2.0), "does_not_fit")):
        assert [u.code for u in unmet(table, Scale("mug", factor))] == [code]  # type: ignore[arg-type]  # wrong on purpose


def test_placing_takes_along(table: Scene) -> None:
    after = _made(table, Place("bowl", (Relation(kind="on", thing="magazine"),)))
    assert holds(Relation(kind="in", thing="bowl"), after, thing="apple")
    assert after.thing("apple").pose != table.thing("apple").pose
    assert not collisions(after, over_m=0.002)


def test_switches(table: Scene) -> None:
    scene = Scene(name="s", things=(Thing(name="lamp", kind="lamp"), Thing(name="mug", kind="mug")))
    lit = _made(scene, TurnOn("lamp"))
    assert lit.thing("lamp").turned_on
    assert _made(lit, TurnOff("lamp")) == scene
    assert _made(scene, TurnOff("lamp")) == scene
    with pytest.raises(EditError, match="a mug has nothing to turn on or off"):
        apply(scene, TurnOn("mug"))


def test_holding(table: Scene) -> None:
    held = _made(table, Attach("apple", "bowl"))
    assert held.thing("apple").attach == "bowl"
    assert _made(held, Detach("apple")) == table
    assert _made(replace(held, goals=()), Remove("bowl")).thing("apple").attach is None
    for scene, edit, code in (
        (table, Attach("apple", "can"), "too_far"),
        (held, Attach("bowl", "apple"), "does_not_fit"),
        (table, Attach("apple", "apple"), "does_not_fit"),
        (table, Detach("apple"), "not_attached"),
        (table, Attach("apple", "bowls"), "unknown_name"),
    ):
        assert [u.code for u in unmet(scene, edit)] == [code]
    soft = Scene(name="s", things=(Thing(name="cushion", kind="pillow"), Thing(name="mug", kind="mug")))
    assert [u.code for u in unmet(soft, Attach("cushion", "mug"))] == ["soft"]


def test_groups_goals_and_events(table: Scene) -> None:
    fruit = _made(table, SetGroup("fruit", Group(name="fruit", members=("apple", "orange"))))
    free = apply(fruit, SetGoal("apple_on_plate", None))
    one = _made(free, Remove("apple"))
    assert one.groups == (Group(name="fruit", members=("orange",)),)
    assert _made(one, Remove("orange")).groups == ()
    wish = Goal(name="tidy", predicate="in", thing="orange", to="bowl")
    assert _made(table, SetGoal("tidy", wish)).goals[-1] == wish
    when = Condition(predicate="touching", thing="apple", to="ground")
    event = Event(name="drop", when=when, edits=(Add(Thing(name="new", kind="glass")), Place("new", ()), SetCamera("front", None)))
    with_event = _made(table, SetEvent("drop", event))
    assert _made(with_event, SetEvent("drop", None)) == table
    assert [u.code for u in unmet(with_event, Remove("apple"))] == ["needed", "needed"]
    assert event.targets == {"apple", "front"}
    lost = Event(name="drop", at_s=1.0, edits=(Remove("nobody"),))
    with pytest.raises(UnknownName, match="nobody"):
        apply(table, SetEvent("drop", lost))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"edits": (Remove("a"),)}, SceneError, "one trigger"),
        ({"at_s": 1.0, "when": Condition(predicate="upright", thing="a"), "edits": (Remove("a"),)}, SceneError, "one trigger"),
        ({"at_s": float("nan"), "edits": (Remove("a"),)}, LimitError, "at_s"),
        ({"at_s": -1.0, "edits": (Remove("a"),)}, LimitError, "at_s"),
        ({"at_s": 1.0}, SceneError, "does nothing"),
        ({"at_s": 1.0, "edits": (Remove("a"),) * 65}, LimitError, "too much"),
        ({"at_s": 1.0, "edits": (SetEvent("e", Event(name="e", at_s=1.0, edits=(Remove("a"),))),)}, SceneError, "makes events"),
    ],
)
def test_events_that_are_none(given: dict[str, Any], error: type[LifeworldError], says: str) -> None:
    with pytest.raises(error, match=says):
        Event(name="e", **given)
    for make in (
        lambda: Push(thing="a", impulse_n_s=(1e30, 0, 0)),
        lambda: Condition(predicate="on", thing="a"),
        lambda: Group(name="g", members=()),
    ):
        with pytest.raises(SceneError):
            make()


def test_the_sun_goes_its_way(table: Scene) -> None:
    lamp = Light(name="candle", kind="point")
    lit = replace(table, lights=(Light(name="old", kind="sun"), lamp))
    noon = _made(lit, SetTime(12.0))
    assert [light.name for light in noon.lights] == ["sun", "sky", "candle"]
    morning, evening, night = daylight(7.0)[0], daylight(19.0)[0], daylight(0.5)[0]
    assert morning.direction[0] < 0 < evening.direction[0]  # from the east, then from the west
    strengths = [daylight(h)[0].intensity for h in (5.0, 7.0, 9.0, 12.0)]
    assert strengths == sorted(strengths)
    assert night.intensity < morning.intensity
    assert -daylight(12.0)[0].direction[2] == pytest.approx(np.sin(np.deg2rad(90 - 50 + 23.44)), abs=1e-6)  # its height at noon
    reds = [int(daylight(h)[0].color[1:3], 16) - int(daylight(h)[0].color[5:7], 16) for h in (12.0, 17.0, 19.5)]
    assert reds == sorted(reds)
    for hour in np.linspace(0, 24, 97):
        sun, _ = daylight(float(hour))
        assert sun.direction[2] < 0
    assert [u.code for u in unmet(table, SetTime(25.0))] == ["limit_error"]


def test_undo_and_redo(table: Scene) -> None:
    history = History(table)
    steps = [
        EditPlan((Add(Thing(name="glass", kind="glass", relations=(Relation(kind="on", thing="magazine"),))),), said="a glass"),
        Rotate("table", 30),
        [Scale("bowl", 1.1), Rename("mug", "cup")],
    ]
    scenes_seen = [table]
    for seed, step in enumerate(steps):
        history = history.do(step, seed=seed)
        scenes_seen.append(history.scene)
    assert [s.told for s in history.done] == [
        "a glass",
        "Turn 'table' to the left by 30°",
        "Scale 'bowl' by 1.1; then rename 'mug' to 'cup'",
    ]
    for scene in reversed(scenes_seen[:-1]):
        history = history.undo()
        assert history.scene == scene
    with pytest.raises(EditError, match="nothing to undo"):
        history.undo()
    for scene in scenes_seen[1:]:
        history = history.redo()
        assert history.scene == scene
    with pytest.raises(EditError, match="nothing to redo"):
        history.redo()
    assert history.undo().do(Remove("can")).undone == ()


def test_a_refused_plan_names_the_edit(table: Scene) -> None:
    plan = EditPlan((Set("can", color="red"), Remove("apple"), Remove("nobody")))
    fix = "Take the goal away first: SetGoal('apple_on_plate', None)."
    says = f"edit 2 of 3 (Remove 'apple'): the goal 'apple_on_plate' is about 'apple'. {fix}"
    with pytest.raises(EditError, match=re.escape(says)):
        apply(table, plan)
    (need,) = unmet(table, plan)
    assert (need.code, need.at, need.fix) == ("needed", 1, fix)
    assert {u.code for u in unmet(table, Set("mug", mass_kg=-1.0, color="reddish", material="glas"))} == {"limit_error", "unknown_name"}
    assert len(unmet(table, Set("mug", mass_kg=-1.0, color="reddish", material="glas"))) == 3
    with pytest.raises(EditError, match="not an edit"):
        apply(table, ["remove"])  # type: ignore[list-item]  # wrong on purpose
    with pytest.raises(EditError, match="a tuple of edits"):
        EditPlan([Remove("a")])  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(LimitError, match="says too much"):
        EditPlan((), said="x" * 20_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"plan": 2, "edits": []}', "newer format"),
        ('{"plan": true, "edits": []}', "not a version"),
        ('{"edits": []}', "not a version"),
        ('{"plan": 1}', "e: edits: a plan has a list of edits"),
        ('{"plan": 1, "edits": [], "sad": ""}', "there is no key of a plan 'sad'. Did you mean 'said'?"),
        ('{"plan": 1, "edits": [{"type": "remove"}]}', "e: edits[0]: name is missing"),
        ('{"plan": 1, "edits": [], "said": 3}', "e: said: a wrong sort of value"),
        ('{"plan": 1, "edits": [{"type": "scale", "name": "a", "factor": [1, 2]}]}', "e: edits[0].factor"),
        ('{"plan": 1, "edits": [{"type": "scale", "name": "a", "factor": "big"}]}', "e: edits[0].factor"),
        ('{"plan": 1, "edits": [{"type": "set_group", "name": "a", "group": {"name": "a", "members": "b"}}]}', "members"),
    ],
)
def test_broken_plans(text: str, says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        decode(text, source="e")


def test_the_page_tells_every_edit_and_all_of_its_fields() -> None:
    text = (DOCS / "edits.md").read_text(encoding="utf-8")
    rows = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE)}
    for sort in get_args(Edit):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", sort.__name__).lower()
        told = re.findall(r"(\[?)`(\w+)`", rows[name])
        assert [key for _, key in told] == [f.name for f in fields(sort)], name
        assert [bool(bracket) for bracket, _ in told] == [f.default is not f.default_factory for f in fields(sort)], name
    blocks = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        plan = decode(block)
        assert decode(encode(plan)) == plan


def test_no_edit_leads_to_a_scene_that_cannot_be_read() -> None:
    chest = Thing(name="chest", kind="drawer_unit", pose=Pose(), options=(("drawers", 3),))
    ball = Thing(name="ball", kind="ball", pose=Pose((0, 0, 0.1)), relations=(Relation(kind="in", thing="chest", surface="drawer_3"),))
    wish = Goal(name="wish", predicate="open", thing="chest", joint="drawer_3")
    when = Condition(predicate="open", thing="chest", joint="drawer_2")
    event = Event(name="event", when=when, deeds=(Push(thing="ball", impulse_n_s=(0, 0, 0.1)),))
    scene = Scene(name="s", things=(chest, ball), goals=(wish,), events=(event,))
    assert parse(to_text(scene)) == scene
    bare = replace(scene, things=(chest,), goals=(), events=())
    for before, edit, says in (
        (scene, Set("chest", options=(("drawers", 2),)), "container of a drawer_unit 'drawer_3'"),
        (replace(scene, things=(chest, replace(ball, relations=()))), Set("chest", options=(("drawers", 2),)), "'drawer_3'"),
        (scene, Replace("chest", Thing(name="mug", kind="mug")), "'mug' has nothing that opens"),
        (bare, SetGoal("g", Goal(name="g", predicate="open", thing="chest", joint="drawer_9")), "'drawer_9'"),
        (
            bare,
            SetEvent("e", Event(name="e", when=Condition(predicate="open", thing="chest", joint="lid"), edits=(Remove("chest"),))),
            "lid",
        ),
    ):
        with pytest.raises(InputError, match=re.escape(says)):
            apply(before, edit)
    raw = _made(replace(scene, goals=(), events=()), Replace("chest", Thing(name="mug", kind="mug"), solve=False))
    assert raw.thing("ball").relations == (Relation(kind="in", thing="mug"),)
    two = Scene(name="s", things=(replace(chest, options=(("drawers", 2),)), replace(ball, relations=())))
    assert apply(scene, diff(scene, two)) == two
    assert apply(two, diff(two, scene)) == scene
