"""Plans in a running world: what is accepted holds and moves nobody else, what is refused leaves everything as it was to the bit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from plans import drawn_plan

from lifeworld.core.errors import EditError, LifeworldError, PlacementError
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene import archetype, starter
from lifeworld.scene import edit as edits
from lifeworld.scene.edit import (
    Add,
    Attach,
    Close,
    Detach,
    EditPlan,
    Fill,
    Move,
    Open,
    Place,
    Remove,
    Rename,
    Scale,
    Set,
    SetCamera,
    SetScene,
)
from lifeworld.scene.relation import holds, why_not
from lifeworld.scene.scene import CameraMount, Relation, Scene, Thing
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle

PLANS = 6
RESTING = [name for name in starter.names() if not starter.load(name).moving]


@cache
def running(name: str) -> tuple[WorldPhysics, PhysicsState]:
    """A starter, settled and alive."""
    world = WorldPhysics(renderer="rays")
    return world, world.reset(settle(world, starter.load(name), seed=0), seed=0)


def plan(*each: edits.Edit) -> EditPlan:
    return EditPlan(each)


def on(thing: str, **more: object) -> tuple[Relation, ...]:
    return (Relation(kind="on", thing=thing, **more),)  # type: ignore[arg-type]


def changed(before: Scene, after: Scene) -> set[str]:
    """The things that are not the same to the bit, but for their relations."""
    was = {t.name: replace(t, relations=()) for t in before.things}
    return {t.name for t in after.things if was.get(t.name) != replace(t, relations=())}


def later(world: WorldPhysics, state: PhysicsState, ticks: int = 50) -> Scene:
    for _ in range(ticks):
        state = world.step(state, {})
    return world.scene(state)


def stays(world: WorldPhysics, state: PhysicsState, but: Collection[str] = ()) -> bool:
    """Whether nothing moves by more than 1 cm in the next second."""
    then = later(world, state)
    pairs = [(a.pose, b.pose) for a, b in zip(world.scene(state).things, then.things, strict=True) if a.name not in but]
    return all(np.linalg.norm(a.position_m - b.position_m) < 0.01 for a, b in pairs if a is not None and b is not None)


def named(said: EditPlan) -> set[str]:
    return {str(getattr(e, key)) for e in said for key in ("name", "copy") if hasattr(e, key)} | {n for e in said for n in e.brings}


@pytest.mark.parametrize("name", starter.names())
def test_drawn_plans_hold_or_change_nothing(name: str) -> None:
    world, state = running(name)
    for _ in range(5):
        state = world.step(state, {})
    before, saved, spec = world.scene(state), world.save(state), world.spec
    for number in range(PLANS):
        said = drawn_plan(before, generator(number, "plans", name), edits=1 + number % 2)
        world.reset(before, seed=0)
        try:
            there = world.edit(state, said)
        except LifeworldError:
            assert (world.save(state), world.spec.things) == (saved, spec.things)
            continue
        after = world.scene(there)
        assert there.tick == state.tick
        assert world.save(state) == saved
        assert world.load(world.save(there)) == there
        if not before.moving:
            fallen = edits_release(said)
            assert fallen or stays(world, there)
            for thing in after.things:
                for relation in thing.relations:
                    assert why_not(relation, after, thing=thing.name) is None, (said, thing.name, relation)
        along = set().union(*(edits.riders(before, n) for n in named(said) if any(t.name == n for t in before.things)), set())
        assert changed(before, after) <= named(said) | along
        back = world.edit(there, edits.diff(after, before))
        assert np.array_equal(back.vector, state.vector)
        assert world.scene(back) == before


def edits_release(said: EditPlan) -> bool:
    """Whether a plan takes away what may have carried others."""
    return any(isinstance(e, Remove | edits.Replace) or (isinstance(e, Set) and e.mass_kg is not edits.UNSET) for e in said)


def test_a_glass_on_the_magazine_stands_there_and_nobody_else_has_moved() -> None:
    world, state = running("tabletop")
    glass = Thing(name="glass", kind="glass", relations=on("magazine"))
    there = world.edit(state, plan(Add(glass)))
    after = world.scene(there)
    assert holds(on("magazine")[0], after, thing="glass")
    assert changed(world.scene(state), after) == {"glass"}
    assert there.tick == state.tick
    assert stays(world, there)
    raw = world.scene(world.edit(state, Add(glass))).thing("glass").pose
    settled = after.thing("glass").pose
    assert raw is not None
    assert settled is not None
    assert 0 < raw.position_m[2] - settled.position_m[2] < 0.0005  # it has come down to where it rests


def test_a_plan_settles_in_a_world_that_runs_as_in_one_that_begins() -> None:
    world, state = running("tabletop")
    for _ in range(7):
        state = world.step(state, {})
    mug = world.scene(state).thing("mug")
    assert any(mug.linear_velocity_m_s)  # as still as things are
    assert mug.pose is not None
    there = world.scene(world.edit(state, plan(Place("mug", (*on("table"), Relation(kind="left_of", thing="bowl")))))).thing("mug")
    assert not any(there.linear_velocity_m_s)
    with pytest.raises(PlacementError, match="falls by 30 cm"):
        world.edit(state, plan(Move("mug", Pose(mug.pose.position_m + (0, 0, 0.3), mug.pose.quat_wxyz))))
    thrown = Thing(name="ball", kind="ball", pose=Pose((0, 0, 1.5)), linear_velocity_m_s=(1.0, 0, 0))
    assert world.scene(world.edit(state, plan(Add(thrown)))).thing("ball") == thrown


def test_what_stands_on_a_thing_comes_along_though_no_relation_says_so() -> None:
    world, state = running("tabletop")
    loose = world.edit(state, [edits.Relate(t.name, ()) for t in world.scene(state).things])
    there = world.edit(loose, plan(Scale("table", 1.2)))
    before, after = world.scene(loose), world.scene(there)
    assert changed(before, after) == {t.name for t in before.things} - {"drawers"}  # they stand beside it
    assert stays(world, there)


def test_a_drawer_takes_along_what_lies_in_it() -> None:
    world, state = running("drawer")
    before = world.scene(state)
    ball = before.thing("ball").relations[0]
    shut = world.edit(state, plan(Close("drawers", "drawer_1")))
    opened = world.edit(shut, plan(Open("drawers", "drawer_1")))
    for there, least, most in ((shut, 0.15, 0.25), (opened, 0.15, 0.4)):
        earlier = before if there is shut else world.scene(shut)
        after = world.scene(there)
        assert holds(ball, after, thing="ball")
        assert changed(earlier, after) <= {"drawers", "ball"}
        moved = after.thing("ball").pose.position_m - earlier.thing("ball").pose.position_m  # type: ignore[union-attr]
        assert least < np.linalg.norm(moved[:2]) < most
        assert stays(world, there)


def test_what_is_to_open_opens_as_far_as_there_is_room() -> None:
    def beside_a_wall(gap_m: float) -> PhysicsState:
        wardrobe = Thing(name="wardrobe", kind="wardrobe", pose=Pose(), fixed=True)
        half = archetype.kind("wardrobe").size_m[0] / 2
        wall = Thing(name="wall", kind="wall", size_m=(3.0, 0.1, 2.5), pose=Pose.from_yaw((half + 0.05 + gap_m, 0, 0), np.pi / 2))
        return world.reset(Scene(name="room", things=(wardrobe, wall)), seed=0)

    world = WorldPhysics(renderer="rays")
    reach = [
        dict(world.scene(world.edit(beside_a_wall(gap), plan(Open("wardrobe", "door_right")))).thing("wardrobe").joints)
        for gap in (2, 0.02)
    ]
    (low, high) = next(j.range for j in archetype.build(Thing(name="x", kind="wardrobe")).joints if j.name == "door_right" and j.range)
    free, blocked = ((r["door_right"] - low) / (high - low) for r in reach)
    assert free > 0.95
    assert 0.3 < blocked < 0.95
    with pytest.raises(PlacementError, match="inside 'wall'"):  # said how far, it is taken at its word
        world.edit(beside_a_wall(0.02), plan(Open("wardrobe", "door_right", 0.99)))


def test_refusals_say_why() -> None:
    world, state = running("tabletop")
    mug = world.scene(state).thing("mug")
    assert mug.pose is not None
    bowl = world.scene(state).thing("bowl").pose
    assert bowl is not None
    cases: list[tuple[edits.Edit, str, str]] = [
        (Move("mug", Pose(mug.pose.position_m + (0, 0, 0.5), mug.pose.quat_wxyz)), "unstable", "falls by 50 cm"),
        (Move("mug", Pose(bowl.position_m, mug.pose.quat_wxyz)), "no_room", "cm inside"),
        (Move("mug", Pose(mug.pose.position_m - (0, 0, 0.76), mug.pose.quat_wxyz)), "no_room", "inside the ground"),
        (Place("table", (Relation(kind="left_of", thing="mug"),)), "no_room", "comes along"),
        (edits.Relate("mug", on("plate")), "unstable", "does not stay on 'plate'"),
    ]
    for edit, reason, said in cases:
        with pytest.raises(PlacementError, match=said) as raised:
            world.edit(state, plan(edit))
        assert raised.value.reason == reason
    with pytest.raises(EditError, match=r"edit 2 of 2 \(Remove 'apple'\)"):
        world.edit(state, plan(Remove("orange"), Remove("apple")))  # a goal is about the apple


def test_who_would_be_pushed_is_named() -> None:
    """A plank is put across the edge of the table: where it tips, it takes the can with it."""
    world, state = running("tower")
    before = world.scene(state)
    under = before.thing("block_2").pose
    assert under is not None
    with pytest.raises(PlacementError, match=r"'block_\d+' would move by .* because of 'block_2'") as raised:
        world.edit(state, plan(Move("block_2", Pose(under.position_m + (0.3, 0, 0), under.quat_wxyz))))
    assert raised.value.reason == "unstable"


def test_what_moves_already_is_left_moving() -> None:
    world, state = running("tabletop")
    rolling = world.edit(state, Set("can", linear_velocity_m_s=(-0.2, 0.0, 0.0)))
    there = world.edit(rolling, plan(Add(Thing(name="glass", kind="glass", relations=on("magazine")))))
    assert changed(world.scene(rolling), world.scene(there)) == {"glass"}
    assert world.scene(there).thing("can").linear_velocity_m_s == (-0.2, 0.0, 0.0)


def test_what_is_taken_away_lets_others_fall_later() -> None:
    world, state = running("tabletop")
    there = world.edit(state, plan(edits.SetGoal("mug_by_bottle", None), Remove("table")))
    before, after = world.scene(state), world.scene(there)
    assert changed(before, after) == set()
    then = later(world, there)
    assert all(t.pose is not None and t.pose.position_m[2] < 0.3 for t in then.things)


def test_a_relation_the_plan_makes_untrue_is_dropped() -> None:
    world, state = running("tabletop")
    beside = Relation(kind="beside", thing="bowl")
    state = world.edit(state, plan(Place("spoon", (*on("table"), beside))))
    assert beside in world.scene(state).thing("spoon").relations
    there = world.edit(state, plan(Place("bowl", (*on("table"), Relation(kind="beside", thing="bottle")))))
    assert world.scene(there).thing("spoon").relations == on("table")
    assert changed(world.scene(state), world.scene(there)) == {"bowl", "apple"}


def test_a_relation_that_a_later_edit_of_the_plan_makes_untrue_is_not_kept() -> None:
    world, state = running("tabletop")
    left, right = Relation(kind="left_of", thing="plate"), Relation(kind="left_of", thing="mug")
    there = world.scene(world.edit(state, plan(Place("mug", (*on("table"), left)), Place("plate", (*on("table"), right)))))
    assert there.thing("mug").relations == on("table")
    assert there.thing("plate").relations == (*on("table"), right)


def test_another_name_changes_nothing_else() -> None:
    for name in ("tabletop", "soft_things"):
        world, state = running(name)
        for _ in range(3):
            state = world.step(state, {})
        for edit in (Rename("table", "desk"), plan(Rename("table", "desk"))):
            there = world.edit(state, edit)
            assert np.array_equal(there.vector, state.vector)
            assert np.array_equal(world.step(there, {}).vector, world.step(state, {}).vector)


def test_a_name_can_pass_to_another() -> None:
    world, state = running("tabletop")
    there = world.edit(state, plan(Remove("can"), Rename("spoon", "can")))
    before, after = world.scene(state), world.scene(there)
    assert after.thing("can") == replace(before.thing("spoon"), name="can")
    assert stays(world, there)


def test_held_fast_stays_held_until_it_is_let_go() -> None:
    world, state = running("tabletop")
    state = world.edit(state, plan(edits.SetGoal("mug_by_bottle", None), Place("mug", (Relation(kind="on", thing="box"),))))
    held = world.edit(state, plan(Attach("mug", "box")))
    assert changed(world.scene(state), world.scene(held)) == {"mug"}
    box = world.scene(held).thing("box")
    assert box.pose is not None

    def offset(scene: Scene) -> Pose:
        a, b = scene.thing("box").pose, scene.thing("mug").pose
        assert a is not None
        assert b is not None
        return a.inverse() @ b

    def tipped(state: PhysicsState) -> Scene:
        turned = Pose(box.pose.position_m + (0, 0, 0.4), (0.0, 1.0, 0.0, 0.0)) @ box.pose.inverse()  # type: ignore[union-attr,operator]
        things = world.scene(state)
        moves = [Move(n, turned @ things.thing(n).pose) for n in ("box", "mug")]  # type: ignore[operator]
        return later(world, world.edit(state, moves), 8)

    assert np.linalg.norm(offset(tipped(held)).position_m - offset(world.scene(held)).position_m) < 0.002
    free = world.edit(held, plan(Detach("mug")))
    assert changed(world.scene(held), world.scene(free)) == {"mug"}
    assert world.scene(free).thing("mug") == replace(world.scene(held).thing("mug"), attach=None)
    assert np.linalg.norm(offset(tipped(free)).position_m - offset(world.scene(free)).position_m) < 0.05
    assert world.load(world.save(held)) == held


def test_soft_things_give_way_to_what_is_put_on_them() -> None:
    world, state = running("soft_things")
    there = world.edit(state, plan(Add(Thing(name="book", kind="book", relations=on("pillow")))))
    assert holds(on("pillow")[0], world.scene(there), thing="book")
    assert stays(world, there)


def test_what_is_drawn_hangs_on_the_tick_and_nothing_else() -> None:
    world, state = running("tabletop")
    said = plan(Fill("mug", Thing(name="grape", kind="ball", size_m=(0.02, 0.02, 0.02)), 0.2), Add(Thing(name="ball", kind="ball")))
    first, again = (world.edit(state, said) for _ in range(2))
    assert first == again
    other = world.edit(world.step(state, {}), said)
    assert world.scene(other).thing("ball") != world.scene(first).thing("ball")


def test_plans_of_looks_cost_no_physics_and_keep_every_bit() -> None:
    world, state = running("tabletop")
    camera = CameraMount(name="top", pose=Pose.look_at((0, 0, 3), (0, 0, 0), up=(0, 1, 0)))
    said = plan(Set("mug", color="blue"), SetCamera("top", camera), SetScene(title="Another"), edits.SetTime(18.0))
    there = world.edit(state, said)
    assert np.array_equal(there.vector, state.vector)
    assert world.scene(there).thing("mug").color == "blue"


def test_what_rings_rings_on() -> None:
    world = WorldPhysics(renderer="rays", hearing=True)
    state = world.reset(running("tabletop")[1].scene, seed=0)
    state = world.edit(state, Move("spoon", Pose((0.2, -0.22, 0.8))))
    for _ in range(10):
        state = world.step(state, {})
    assert state.sound is not None
    there = world.edit(state, plan(Set("mug", color="blue")))
    assert there.sound == state.sound
    added = world.edit(state, plan(Add(Thing(name="glass", kind="glass", relations=on("magazine")))))
    assert added.sound is not None
    world.step(added, {})


def test_where_motion_is_the_point_nothing_waits() -> None:
    world, state = running("dominoes")
    there = world.edit(state, plan(Add(Thing(name="mug", kind="mug", pose=Pose((0, 3, 0.5))))))
    assert world.scene(there).thing("mug").pose == Pose((0, 3, 0.5))
