"""The adapters of other people's sentences: what they make of files and plans, before any sentence is read."""

from __future__ import annotations

import pytest
from benchmarks.words import alfred, calvin, judged, libero
from benchmarks.words.facts import accepts, facts
from benchmarks.words.split import half
from benchmarks.words.steps import Act, Place, fits
from benchmarks.words.tally import LANGUAGE, Outcome, rows

from lifeworld.core.pose import Pose
from lifeworld.scene.edit import EditPlan
from lifeworld.scene.edit import values as edits
from lifeworld.scene.edit.values import Add, Move, Open, Remove, Scale, Set, SetTime
from lifeworld.scene.scene import Relation, Thing

needs_data = pytest.mark.skipif(not LANGUAGE.exists(), reason="the shared data is not here")


def test_half_is_by_name_and_about_even() -> None:
    halves = [half(f"task {i}") for i in range(1000)]
    assert halves == [half(f"task {i}") for i in range(1000)]
    assert 400 < halves.count("held") < 600


@needs_data
@pytest.mark.data
def test_libero_has_every_goal_in_its_cast() -> None:
    tasks = [*libero.tasks("dev"), *libero.tasks("held")]
    assert len(tasks) == 130
    for task in tasks:
        names = {r.name for r in task.cast.referents} | {"wooden_two_layer_shelf_1/bottom_region"}
        assert task.goal, task.name
        assert all(thing in names and to in names | {None} for _, thing, to in task.goal), task.name


@needs_data
@pytest.mark.data
def test_alfred_has_words_and_a_place_in_the_cast_for_every_argument() -> None:
    steps = [step for which in ("dev", "held") for step in alfred.steps(which, every=40)]
    assert len(steps) > 500
    for step in steps:
        assert not step.thing or step.cast.named(step.thing) is not None, step


@needs_data
@pytest.mark.data
def test_calvin_has_389_paraphrases_of_34_tasks_that_the_table_knows() -> None:
    every = [*calvin.paraphrases("dev"), *calvin.paraphrases("held")]
    assert len(every) == 389
    assert {one.task for one in every} == {name for name, _ in calvin.tasks()}
    assert len(calvin.tasks()) == 34


def test_what_is_said_of_robots_is_matched_by_patterns() -> None:
    lift = Act(verb="pick", things=("red_block",), places=(Place(relation="from", name="drawer"),), values=("direction=up",))
    assert fits("pick|lift red_block from:drawer", (lift,))
    assert fits("pick at:drawer direction=up !on:", (lift,))
    assert not fits("pick blue_block", (lift,))
    assert not fits("pick !from:drawer", (lift,))
    assert not fits("pick + pick", (lift,)), "one act is not two"
    assert fits("place + pick", (lift, Act(verb="place")))


def test_a_plan_is_told_in_facts() -> None:
    scene = judged.placed("tabletop")
    mug = scene.thing("mug").pose
    assert mug is not None
    plan = EditPlan(
        (
            Add(Thing(name="glass", kind="glass", color="red", relations=(Relation(kind="on", thing="magazine"),))),
            edits.Place("mug", (Relation(kind="between", thing="can", and_thing="bowl"),)),
            edits.Place("glass", (Relation(kind="left_of", thing="bowl", distance_m=0.2),)),
            Move("mug", Pose(mug.position_m + (-0.2, 0.01, 0.0), mug.quat_wxyz)),
            Set("bowl", color="blue", mass_kg=0.5),
            Remove("can"),
            Scale("box", 1.5),
            Open("box", "lid", 0.5),
            SetTime(18.0),
        )
    )
    told = facts(plan, scene)
    assert accepts(
        "add glass; +glass.color red; +glass on magazine; mug between bowl,can; +glass left_of bowl 0.2; shift mug left 0.2; "
        "bowl.color blue; bowl.mass_kg 0.5; remove can; scale box 1.5; open box/lid 0.5; time 18",
        told,
    )
    assert told[0] == ("add", "glass")


@pytest.mark.parametrize(
    ("wanted", "told", "so"),
    [
        ("add mug", [("add", "mug")], True),
        ("add mug", [("add", "mug"), ("+mug", "on", "table")], False),
        ("add mug anywhere", [("add", "mug"), ("+mug", "on", "table")], True),
        ("2 add mug", [("add", "mug")], False),
        ("2 add mug", [("add", "mug"), ("add", "mug")], True),
        ("mug on table", [("mug", "on", "table/top")], True),
        ("mug on table", [("mug", "on", "table", "centre")], True),
        ("mug on table edge", [("mug", "on", "table", "centre")], False),
        ("scale mug 2", [("scale", "mug", "2.01")], True),
        ("scale mug 2", [("scale", "mug", "2.5")], False),
        ("duck in drawers/*", [("duck", "in", "drawers/drawer_2")], True),
        ("mug on plate|bowl", [("mug", "on", "bowl")], True),
        ("mug on plate; remove can", [("remove", "can"), ("mug", "on", "plate")], True),
        ("mug on plate", [("mug", "on", "plate"), ("remove", "can")], False),
        ("*.color white", [("a.color", "white"), ("b.color", "white")], False),
        ("2 *.color white", [("a.color", "white"), ("b.color", "white")], True),
    ],
)
def test_facts_are_accepted_as_written_down(wanted: str, told: list[tuple[str, ...]], so: bool) -> None:
    assert accepts(wanted, told) is so


def test_rates_count_what_is_wrong_and_sure_of_itself() -> None:
    def outcome(right: bool, score: float) -> Outcome:
        return Outcome(task="t", text="x", sort="s", wanted="", made="", right=right, score=score, seconds=0.001)

    told = rows("set", [outcome(True, 0.9), outcome(False, 0.8), outcome(False, 0.6), outcome(True, 0.2)], bar=50.0)
    rates = {row.name.split(": ")[1]: row.value for row in told}
    assert rates["accuracy"] == 25.0
    assert rates["coverage"] == 75.0
    assert rates["abstention"] == 25.0
    assert rates["accuracy of what is answered"] == pytest.approx(100 / 3)
    assert rates["wrong but confident"] == 25.0
