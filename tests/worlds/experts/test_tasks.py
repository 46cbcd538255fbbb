"""Experts do their tasks, with a floating hand and with an imported arm; whether a task is done is told by the tell sense."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.expert_scenes import scene_for
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.cli import main
from lifeworld.core.errors import InputError, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.episode.episode import Episode
from lifeworld.scene.goal import Goal
from lifeworld.scene.scene import Embodiment, Scene, Thing
from lifeworld.scene.starter import find
from lifeworld.scene.text import to_text
from lifeworld.worlds.agent import agent_of
from lifeworld.worlds.experts.expert import AgentExpert
from lifeworld.worlds.experts.limb import limb_of
from lifeworld.worlds.experts.motion import ACCELERATION_M_S2, Reference
from lifeworld.worlds.experts.recover import demonstrate, reached
from lifeworld.worlds.experts.task import Task, task_of
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.gripper import grippers

BOTH = pytest.mark.parametrize("who", ["hand", "arm"])


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assets")


def did(task: str, seed: int, who: str, assets: Path, *, seconds: float) -> Episode:
    scene, words = scene_for(task, seed, assets=assets if who == "arm" else None)
    return demonstrate(WorldPhysics(renderer="rays", assets=assets), words, scene, seconds=seconds, seed=seed)


def phases(episode: Episode) -> list[str]:
    """What the expert was at, each phase once for as long as it lasted."""
    stream = next(s for name, s in episode.streams.items() if name.startswith("phase@"))
    names = [episode.legend["phase"][int(np.asarray(row)["phase"][0])] for row in stream.values]
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


@BOTH
def test_a_thing_is_picked_and_placed(assets: Path, who: str) -> None:
    episode = did("pick_and_place", 0, who, assets, seconds=8.0)
    assert reached(episode)
    assert phases(episode) == ["approach", "descend", "grasp", "lift", "carry", "lower", "release", "retreat", "wait", "watch"]
    progress = np.asarray(episode["goal_progress"].values)[:, -1]
    assert progress[0] < 1.0  # it was not so from the start
    assert f"action@{who}" in episode.streams


@BOTH
def test_a_drawer_is_opened(assets: Path, who: str) -> None:
    episode = did("open_drawer", 1, who, assets, seconds=8.0)
    assert reached(episode)
    assert phases(episode) == ["approach", "descend", "grasp", "pull", "release", "retreat", "watch"]


def test_the_same_seed_gives_the_same_demonstration(assets: Path) -> None:
    one, other = (did("close_drawer", 2, "arm", assets, seconds=1.5) for _ in range(2))
    assert np.array_equal(one["action@arm"].values, other["action@arm"].values)
    assert [np.asarray(v).tolist() for v in one["phase@arm"].values] == [np.asarray(v).tolist() for v in other["phase@arm"].values]


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("task", ["push", "close_drawer", "open_door"])
def test_other_tasks_are_done(assets: Path, who: str, task: str) -> None:
    assert reached(did(task, 1, who, assets, seconds=12.0))


@pytest.mark.slow
def test_what_is_reached_for_is_touched_and_what_is_poured_goes_over(assets: Path) -> None:
    world = WorldPhysics(renderer="rays")
    for task, seconds in (("reach", 5.0), ("pour", 16.0)):
        scene, words = scene_for(task, 3)
        episode = demonstrate(world, words, scene, seconds=seconds, seed=3)
        told = [(episode.legend["relations"][int(p)], int(a), int(b)) for p, a, b in np.asarray(episode["relations"].values[-1]).tolist()]
        thing, to = (1 + [t.name for t in scene.things].index(name) for name in ("thing", "to"))
        if task == "reach":
            assert ("touching", thing, 1 + len(scene.things)) in told
        else:
            grains = [i + 1 for i, t in enumerate(scene.things) if t.kind == "marble"]
            assert sum(("in", grain, to) in told for grain in grains) >= 0.75 * len(grains)
            assert ("upright", thing, 0) in told


# -- the limb and the grip -------------------------------------------------------------------------------------------------


def test_grippers_are_read_off_the_model(assets: Path) -> None:
    found = []
    for folder in (None, assets):
        scene, _ = scene_for("reach", 0, assets=folder)
        compiled = WorldPhysics(assets=assets).reset(scene, seed=0).compiled
        found.append(next(iter(grippers(compiled).values())))
    for gripper in found:  # the arm carries a hand of the same measures, upside down and driven otherwise
        assert gripper.widest_m == pytest.approx(0.094, abs=1e-6)
        assert gripper.depth_m == pytest.approx(0.07, abs=1e-6)
        assert gripper.thick_m == pytest.approx((0.012, 0.022), abs=1e-6)
        assert np.abs(gripper.palm_from_grip.rotation[:, 2]).tolist() == pytest.approx([0, 0, 1], abs=1e-9)
    assert [len(g.drives) for g in found] == [2, 1]


def test_who_has_no_gripper_is_told(assets: Path) -> None:
    scene = replace(find("tabletop"), embodiments=(Embodiment(name="eye", kind="free_camera"),))
    with pytest.raises(SceneError, match="nobody in this scene has a gripper"):
        AgentExpert("reach:mug", WorldPhysics().scene(WorldPhysics().reset(scene, seed=0)))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**20))
def test_inverse_kinematics_comes_to_where_the_arm_can_be(assets: Path, seed: int) -> None:
    """Law: the grip's pose at any posture is one that a posture is found for, within the joints' ranges."""
    scene, words = scene_for("open_door", 0, assets=assets)
    world = WorldPhysics(renderer="rays", assets=assets)
    state = world.reset(scene, seed=0)
    expert = AgentExpert(words, scene, assets=assets)
    truth = expert.truth
    truth.see(world.observe(state, expert.signals))
    limb = limb_of(truth, world.spec.action("arm"), 0.02, generator(seed, "limb"))
    rng = generator(seed, "posture")
    low, high = np.array(world.spec.action("arm").low)[:7], np.array(world.spec.action("arm").high)[:7]
    start = truth.own()
    drawn = start.copy()
    drawn[:7] = np.clip(start[:7] + rng.uniform(-0.5, 0.5, 7), low, high)
    there = truth.imagine(own=drawn)
    wanted = there.body_pose(truth.gripper.palm) @ truth.gripper.palm_from_grip
    found = limb.posture(wanted)
    assert found is not None
    got = truth.imagine(own=found).body_pose(truth.gripper.palm) @ truth.gripper.palm_from_grip
    assert np.linalg.norm(got.position_m - wanted.position_m) < 0.0011
    assert (got.inverse() @ wanted).quat_wxyz[0] > np.cos(0.011 / 2)
    assert (found[:7] >= low - 1e-9).all()
    assert (found[:7] <= high + 1e-9).all()


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.floats(-0.25, 0.25)] * 3), st.floats(0.1, 0.6))
def test_the_reference_moves_smoothly_and_arrives(to: tuple[float, float, float], speed: float) -> None:
    """Law: never faster than asked, never a jolt, and at last where it is to be, if the body keeps up."""
    reference, target = Reference(Pose()), Pose(to, Pose.from_yaw((0, 0, 0), 1.0).quat_wxyz)
    before = np.zeros(3)
    for _ in range(400):
        here = reference.pose
        reference.onward([target], here, speed_m_s=speed, tick_s=0.02)
        velocity = (reference.pose.position_m - here.position_m) / 0.02
        assert np.linalg.norm(velocity) <= speed + 1e-9
        far = np.linalg.norm(target.position_m - reference.pose.position_m)
        if far > 0.02:
            assert np.linalg.norm(velocity - before) <= 2 * ACCELERATION_M_S2 * 0.02 + 1e-9
        before = velocity
    assert np.allclose(reference.pose.position_m, to, atol=1e-6)
    assert abs(reference.pose.quat_wxyz @ target.quat_wxyz) > 1 - 1e-6


# -- what is asked ---------------------------------------------------------------------------------------------------------


def test_words_become_tasks_and_goals() -> None:
    table, drawers = find("tabletop"), find("drawer")
    assert task_of("pick_and_place:apple,plate", table) == Task(kind="pick_and_place", thing="apple", to="plate")
    assert task_of("pick_and_place:apple,bowl", table).inside
    assert task_of("pick_and_place", table) == Task(kind="pick_and_place", thing="apple", to="plate")  # what a goal asks for
    assert task_of("open:drawers,drawer_2", drawers).goal() == Goal(name="task", predicate="open", thing="drawers", joint="drawer_2")
    assert task_of("close", drawers) == Task(kind="close", thing="drawers", joint="drawer_1")
    assert task_of("push:mug,can", table).goal() == Goal(name="task", predicate="beside", thing="mug", to="can")


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ("juggle:apple", UnknownName, "no agent 'juggle:apple'"),
        ("pick_and_place:appel,plate", UnknownName, "Did you mean 'apple'"),
        ("pick_and_place:apple", InputError, "about other things"),
        ("reach:apple,plate", InputError, "about other things"),
        ("open:plate", SceneError, "does not open"),
        ("pour", InputError, "no goal of the scene asks"),
    ],
)
def test_what_is_not_a_task_is_refused(words: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        agent_of(words, find("tabletop"), assets=Path())


def test_an_arm_that_takes_torques_is_refused(assets: Path) -> None:
    scene, words = scene_for("reach", 0, assets=assets)
    scene = replace(scene, embodiments=(replace(scene.embodiments[0], action="torque"),))
    world = WorldPhysics(renderer="rays", assets=assets)
    world.reset(scene, seed=0)
    with pytest.raises(SceneError, match="positions or velocities"):
        AgentExpert(words, scene, assets=assets).begin(world.spec, seed=0)


def test_what_has_no_handle_is_said_to_have_none() -> None:
    lid = Thing(name="box", kind="box_with_lid", pose=Pose(), fixed=True)
    scene = Scene(name="s", things=(lid,), embodiments=(Embodiment(name="hand", kind="hand", pose=Pose((0, 0, 0.6))),))
    with pytest.raises(SceneError, match="no handle"):
        demonstrate(WorldPhysics(renderer="rays"), "open:box", scene, seconds=0.1, seed=0)


def test_make_takes_a_task_as_a_user_types_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene, words = scene_for("reach", 0)
    path = tmp_path / "s.toml"
    path.write_text(to_text(scene), encoding="utf-8")
    common = ["-o", str(tmp_path / "out"), "--seconds", "0.2", "--signals", "be", "--renderer", "rays", "--json"]
    assert main(["make", str(path), "--agent", "reach:nothing", *common]) == 2
    assert not (tmp_path / "out").exists()  # nothing half-written
    capsys.readouterr()
    assert main(["make", str(path), "--agent", words, *common]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]
