"""Edits: applying one and then its inverse is nothing; a diff leads from one scene to the other; JSON keeps them all."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_edits import scenes_and_edits
from random_scenes import poses, scenes

from lifeworld.core.errors import EditError, InputError, LifeworldError, LimitError, PlacementError, RelationCycle, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.edit import (
    Add,
    Close,
    Edit,
    EditPlan,
    Move,
    Open,
    Place,
    Relate,
    Remove,
    Set,
    SetCamera,
    SetLight,
    SetScene,
    apply,
    decode,
    describe,
    diff,
    encode,
    inverse,
    unmet,
    with_riders,
)
from lifeworld.scene.goal import Goal
from lifeworld.scene.relation import holds
from lifeworld.scene.scene import CameraMount, Ground, Light, Relation, Scene, Thing
from lifeworld.scene.sensor import Sensor


@given(scenes_and_edits(), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_an_edit_and_its_inverse_are_nothing(pair: tuple[Scene, Edit], seed: int) -> None:
    scene, edit = pair
    found = unmet(scene, edit, seed=seed)
    if found:
        with pytest.raises(InputError) as caught:
            apply(scene, edit, seed=seed)
        assert found[0].code == getattr(caught.value, "reason", caught.value.code)
        return
    after = apply(scene, edit, seed=seed)
    assert apply(after, inverse(scene, edit, seed=seed), seed=seed) == scene
    assert apply(scene, edit, seed=seed) == after  # and the same again


@given(scenes(), scenes())
@settings(max_examples=25, deadline=None)
def test_a_diff_leads_from_one_scene_to_the_other(before: Scene, after: Scene) -> None:
    assert apply(before, diff(before, after)) == after
    assert diff(before, before) == EditPlan(())


@given(scenes(), st.data())
@settings(max_examples=25, deadline=None)
def test_a_diff_of_near_scenes(scene: Scene, data: st.DataObject) -> None:
    order = data.draw(st.permutations(scene.things))
    changed = tuple(replace(t, color="red", pose=data.draw(poses())) if data.draw(st.booleans()) else t for t in order)
    after = replace(scene, things=changed)
    edits = diff(scene, after)
    assert apply(scene, edits) == after
    assert decode(encode(edits)) == edits


@given(scenes_and_edits())
@settings(max_examples=25, deadline=None)
def test_json_keeps_every_edit_and_words_tell_it(pair: tuple[Scene, Edit]) -> None:
    _, edit = pair
    assert decode(encode(edit)) == edit
    assert decode(encode([edit, edit])) == (edit, edit)
    words = describe(edit)
    assert words
    assert "\n" not in words
    assert "Unset" not in words
    assert "object" not in words


@given(scenes_and_edits(), st.data())
@settings(max_examples=25, deadline=None)
def test_broken_json_raises_our_errors_only(pair: tuple[Scene, Edit], data: st.DataObject) -> None:
    text = encode(pair[1]).decode()
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 4))
    text = text[:at] + data.draw(st.sampled_from(["", "[", '"', "null", "1", "true", "{}", ","])) + text[at + cut :]
    try:
        decode(text)
    except LifeworldError as error:
        str(error)


def _table_and_glass() -> Scene:
    return Scene(
        name="s",
        things=(
            Thing(name="base", kind="glass", pose=Pose((0, 0, 0)), fixed=True),
            Thing(name="mat", kind="magazine", pose=Pose((0.5, 0, 0))),
            Thing(name="cup", kind="glass", pose=Pose((0.5, 0.05, 0.0062)), relations=(Relation(kind="on", thing="mat"),)),
        ),
        cameras=(CameraMount(name="eye", pose=Pose(), attach="base"),),
        sensors=(Sensor(name="feel", kind="imu", attach="mat"),),
        goals=(Goal(name="drink", predicate="upright", thing="cup"),),
    )


needs_magazine = pytest.mark.skipif("magazine" not in archetype.kinds(), reason="the kind is not there yet")


@needs_magazine
def test_a_new_thing_is_placed_at_once_in_a_placed_scene() -> None:
    scene = _table_and_glass()
    tumbler = Thing(name="tumbler", kind="glass", relations=(Relation(kind="on", thing="mat"),))
    after = apply(scene, Add(tumbler), seed=3)
    assert after.thing("tumbler").pose is not None
    assert holds(tumbler.relations[0], after, thing="tumbler")
    assert after.thing("cup") == scene.thing("cup")
    assert apply(scene, Add(tumbler), seed=3) == after
    assert apply(scene, Add(tumbler, solve=False)).thing("tumbler").pose is None
    waiting = apply(scene, Move("base", None))
    assert apply(waiting, Add(tumbler)).thing("tumbler").pose is None  # waits with the others


@needs_magazine
def test_removing_a_support_keeps_the_others_and_drops_their_relation() -> None:
    scene = replace(_table_and_glass(), sensors=())
    after = apply(scene, Remove("mat"))
    assert after.thing("cup").pose == scene.thing("cup").pose
    assert after.thing("cup").relations == ()
    assert apply(after, inverse(scene, Remove("mat"))) == scene


@needs_magazine
def test_riders_go_along() -> None:
    scene = _table_and_glass()
    to = Pose.from_yaw((2, 1, 0.5), 0.7)
    after = apply(scene, with_riders(scene, Move("mat", to)))
    before_rel = scene.thing("mat").pose.inverse() @ scene.thing("cup").pose  # type: ignore[union-attr]
    after_rel = after.thing("mat").pose.inverse() @ after.thing("cup").pose  # type: ignore[union-attr]
    assert after_rel.position_m == pytest.approx(before_rel.position_m, abs=1e-12)
    assert after.thing("base") == scene.thing("base")


@pytest.mark.skipif("drawer_unit" not in archetype.kinds(), reason="the kind is not there yet")
def test_opening_and_closing() -> None:
    scene = Scene(name="s", things=(Thing(name="d", kind="drawer_unit", pose=Pose()),))
    joints = [j for j in archetype.build(scene.things[0]).joints if j.range is not None]
    assert len(joints) >= 2
    first = joints[0]
    assert first.range is not None
    opened = apply(scene, Open("d"))
    assert dict(opened.things[0].joints) == {first.name: first.range[1]}
    half = apply(scene, Open("d", joints[1].name, 0.5))
    assert dict(half.things[0].joints)[joints[1].name] == pytest.approx(sum(joints[1].range or ()) / 2)
    closed = apply(opened, Close("d"))
    assert all(dict(closed.things[0].joints)[j.name] == j.range[0] for j in joints if j.range is not None)


@pytest.mark.parametrize(
    ("edit", "error", "says"),
    [
        (Remove("cups"), UnknownName, "there is no thing 'cups'. Did you mean 'cup'?"),
        (Remove("base"), EditError, "the camera 'eye' is attached to 'base'"),
        (Remove("mat"), EditError, "the sensor 'feel' is attached to 'mat'"),
        (Remove("cup"), EditError, "the goal 'drink' is about 'cup'"),
        (Move("nobody", Pose()), UnknownName, "there is no thing 'nobody'"),
        (Move("cup", Pose((9e9, 0, 0))), LimitError, "position_m"),
        (Move("cup", Pose([(0, 0, 0)] * 2, [(1, 0, 0, 0)] * 2)), EditError, "a thing has one pose"),
        (Add(Thing(name="cup", kind="glass")), EditError, "there is a thing 'cup' already"),
        (Add(Thing(name="eye", kind="glass"), solve=False), EditError, "two things are called 'eye'"),
        (Add(Thing(name="new", kind="glas")), UnknownName, "Did you mean 'glass'?"),
        (Add(Thing(name="new", kind="glass", size_m=(9, 9, 9))), LimitError, "not made at this size"),
        (Add(Thing(name="new", kind="glass"), 7), EditError, "no such place in the list; got 7, expected 0 to 3"),
        (
            Add(Thing(name="new", kind="glass", relations=(Relation(kind="in", thing="cup", surface="x"),))),
            UnknownName,
            "container of a glass",
        ),
        (Relate("cup", (Relation(kind="on", thing="cup"),)), RelationCycle, "cannot be on itself"),
        (Relate("mat", (Relation(kind="on", thing="cup"),)), RelationCycle, "in a ring"),
        (Relate("cup", (Relation(kind="on", thing="mad"),)), UnknownName, "Did you mean 'mat'?"),
        (Set("cup", material="glas"), UnknownName, "there is no material 'glas'"),
        (Set("cup", joints=(("door", 1.0),)), UnknownName, "joint of a glass 'door'"),
        (Set("cup", friction=float("nan")), LimitError, "friction"),
        (Open("cup"), EditError, "has nothing to open or close"),
        (Open("cup", "lid"), UnknownName, "'lid'"),
        (Open("cup", None, 1.5), EditError, "fraction is out of bounds"),
        (SetCamera("other", CameraMount(name="eye", pose=Pose())), EditError, "the camera is called otherwise"),
        (SetCamera("no", None), UnknownName, "there is no camera 'no'"),
        (SetLight("no", None), UnknownName, "there is no light 'no'"),
        (SetScene(cameras=(CameraMount(name="cup", pose=Pose()),)), EditError, "two things are called 'cup'"),
        (Place("cup", (Relation(kind="in", thing="mat"),)), PlacementError, "has no container to be put in"),
    ],
)
@needs_magazine
def test_what_does_not_fit_is_refused(edit: Edit, error: type[LifeworldError], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)) as caught:
        apply(_table_and_glass(), edit)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("[", EditError, "e: not JSON"),
        ("3", SceneError, "e: an edit is a table"),
        ('{"type": "ad"}', UnknownName, "e: type: there is no type of edit 'ad'. Did you mean 'add'"),
        ('{"type": ["add"]}', UnknownName, "no type of edit"),
        ('[{"type": "remove"}]', EditError, "e: [0]: name is missing"),
        ('{"type": "remove", "nam": "a"}', UnknownName, "e: nam: there is no key of 'remove' 'nam'. Did you mean 'name'?"),
        ('{"type": "add", "thing": {"name": "a", "knd": "b"}}', UnknownName, "e: thing.knd"),
        ('{"type": "move", "name": "a", "pose": {"position_m": [0, 0]}}', SceneError, "e: pose.position_m"),
        ('{"type": "move", "name": "a", "pose": {"pos": [0, 0]}}', UnknownName, "e: pose.pos: there is no key of a pose"),
        ('{"type": "set", "name": "a", "mass_kg": true}', SceneError, "e: mass_kg: not a number"),
        ('{"type": "set", "name": "a", "joints": [1]}', SceneError, "e: joints: joints is a table"),
        ('{"type": "relate", "name": "a", "relations": [{"kind": "onn", "thing": "b"}]}', UnknownName, "e: relations[0].kind"),
        ("[" * 100_000, EditError, "e: not JSON"),
        (" " * 5_000_001, EditError, "too long"),
    ],
)
def test_broken_json(text: str, error: type[LifeworldError], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)) as caught:
        decode(text, source="e")
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Add(Thing(name="tumbler", kind="glass", relations=(Relation(kind="on", thing="mat"),))), "Add the glass 'tumbler' on 'mat'"),
        (Remove("mug"), "Remove 'mug'"),
        (Move("mug", Pose.from_yaw((0.1, 0.2, 0.74), 0.5)), "Move 'mug' to (0.1, 0.2, 0.74) m, turned by 28.6°"),
        (Place("mug", (Relation(kind="left_of", thing="plate"),)), "Place 'mug' left of 'plate'"),
        (Set("mug", color="red", mass_kg=0.3, fixed=True), "Set color to red, mass to 0.3 kg, fixed to on of 'mug'"),
        (Open("fridge", "door", 0.5), "Open 'door' of 'fridge' by 50 %"),
        (Close("fridge"), "Close 'fridge'"),
        (SetScene(gravity_m_s2=(0, 0, -1.62), ground=None), "Set gravity to 0 × 0 × -1.62 m/s², ground to none of the scene"),
        ([Remove("a"), Remove("b")], "Remove 'a'; then remove 'b'"),
        ([], "Change nothing"),
    ],
)
def test_words(edit: Edit, words: str) -> None:
    assert describe(edit) == words


def test_every_value_of_a_thing_and_a_scene_can_be_edited() -> None:
    assert {f.name for f in fields(Set)} == {f.name for f in fields(Thing)} - {"kind", "pose", "relations"}
    assert {f.name for f in fields(SetScene)} == {f.name for f in fields(Scene)} - {"things"}


def test_small_changes_are_small_diffs() -> None:
    scene = Scene(
        name="s", things=tuple(Thing(name=f"t{i}", kind="glass", pose=Pose((i, 0, 0))) for i in range(5)), lights=(Light(name="sun"),)
    )
    assert diff(scene, apply(scene, Set("t2", color="red"))).edits == (Set("t2", color="red"),)
    assert diff(scene, apply(scene, Remove("t2"))).edits == (Remove("t2"),)
    assert diff(scene, apply(scene, Move("t2", None))).edits == (Move("t2", None),)
    assert diff(scene, apply(scene, SetLight("sun", Light(name="sun", intensity=1.0)))).edits == (
        SetLight("sun", Light(name="sun", intensity=1.0)),
    )
    assert diff(scene, replace(scene, ground=Ground(material="stone"))).edits == (SetScene(ground=Ground(material="stone")),)
    new = Thing(name="new", kind="glass", pose=Pose((9, 0, 0)))
    assert diff(scene, apply(scene, Add(new, 1))).edits == (Add(new, 1, solve=False),)
    moved = replace(scene, things=(*scene.things[1:], scene.things[0]))
    assert diff(scene, moved).edits == (Remove("t0"), Add(scene.things[0], 4, solve=False))


def test_edits_are_json_that_people_can_read() -> None:
    edits = [Add(Thing(name="a", kind="glass", relations=(Relation(kind="on", thing="b"),)), 2), Set("b", fixed=None), Move("b", None)]
    assert json.loads(encode(edits)) == [
        {"type": "add", "thing": {"name": "a", "kind": "glass", "on": "b"}, "index": 2},
        {"type": "set", "name": "b", "fixed": None},
        {"type": "move", "name": "b", "pose": None},
    ]
