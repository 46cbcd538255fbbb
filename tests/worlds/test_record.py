"""World × agent → episode: clocks, actions and pictures where they belong; settled scenes; `lifeworld make` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.core.errors import ActionError, LimitError, PlacementError
from lifeworld.core.origin import Origin
from lifeworld.core.pose import Pose
from lifeworld.episode.bundle import open_bundle
from lifeworld.scene import starter
from lifeworld.scene.generate import tabletop
from lifeworld.scene.scene import Embodiment, Relation, Scene, Thing
from lifeworld.worlds.agent import AgentCurious, AgentRandom, AgentRest, AgentScripted
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import drift, settle
from lifeworld.worlds.record import record

PUSH = Scene(
    name="push",
    things=(Thing(name="block", kind="block", pose=Pose((0.1, 0, 0.0002))),),
    embodiments=(Embodiment(name="p", kind="pusher"),),
)


def test_clocks_and_actions_are_where_they_belong() -> None:
    world = WorldPhysics(renderer="rays", frame_ticks=5)
    script = AgentScripted([(0.1, {"p": [0.5, 0.0]}), (0.1, {"p": [0.0, 0.5]})])
    episode = record(world, script, PUSH, seconds=0.3, seed=1, signals=["position_m", "contacts", "camera_pose"])
    assert episode["position_m"].times_ns.tolist() == [i * 20_000_000 for i in range(16)]
    assert episode["camera_pose@overview"].times_ns.tolist() == [0, 100_000_000, 200_000_000, 300_000_000]
    assert episode["action@p"].values.tolist() == [[0.5, 0.0]] * 5 + [[0.0, 0.5]] * 5 + [[0.0, 0.0]] * 5
    assert episode["action@p"].times_ns[-1] == 280_000_000  # the last action begins one step before the end
    assert (episode.origin, episode.provenance.seed, episode.duration_ns) == (Origin.SIMULATED, 1, 300_000_000)
    assert episode.provenance.scene_sha256 is not None


@pytest.mark.parametrize("agent", [AgentRandom, AgentCurious, AgentRest])
def test_the_same_seed_gives_the_same_episode(agent: type) -> None:
    scene = starter.load("tower")
    first, again, other = (
        record(WorldPhysics(renderer="rays"), agent(), scene, seconds=0.4, seed=s, signals=["position_m"]) for s in (5, 5, 6)
    )
    assert first["position_m"] == again["position_m"]
    assert first["action@pusher"] == again["action@pusher"]
    if agent is not AgentRest:
        assert first["action@pusher"] != other["action@pusher"]


def test_a_curious_hand_moves_things() -> None:
    world = WorldPhysics(renderer="rays")
    episode = record(world, AgentCurious(), settle(world, starter.load("tabletop"), seed=0), seconds=6, seed=2, signals=["position_m"])
    moved = np.linalg.norm(episode["position_m"].values[-1] - episode["position_m"].values[0], axis=-1)
    assert (moved > 0.02).sum() >= 1


def test_wrong_scripts_and_durations_are_refused() -> None:
    world = WorldPhysics(renderer="rays")
    with pytest.raises(ActionError, match="size"):
        record(world, AgentScripted([(1.0, {"p": [0.5]})]), PUSH, seconds=1, seed=0, signals=["position_m"])
    with pytest.raises(ActionError, match="no embodiment 'q'"):
        record(world, AgentScripted([(1.0, {"q": [0.5, 0]})]), PUSH, seconds=1, seed=0, signals=["position_m"])
    for seconds in (0.0, -1.0, float("nan"), 1e9):
        with pytest.raises(LimitError):
            record(world, AgentRest(), PUSH, seconds=seconds, seed=0, signals=["position_m"])


def test_settled_scenes_stay() -> None:
    world = WorldPhysics(renderer="rays")
    for seed in range(4):
        scene = settle(world, tabletop(seed=seed), seed=seed)
        state = world.reset(scene, seed=0)
        for _ in range(100):
            state = world.step(state, {})
        moved, turned = drift(scene, world.scene(state))
        assert moved < 0.01
        assert turned < np.deg2rad(5)


def test_a_scene_that_does_not_hold_is_refused() -> None:
    """A plate that the scene says is on the table, and that hangs over its edge, is no scene to stand still."""
    table = Thing(name="table", kind="table", pose=Pose(), fixed=True)
    plate = Thing(name="plate", kind="plate", pose=Pose((0.75, 0.0, 0.7402)), relations=(Relation(kind="on", thing="table"),))
    with pytest.raises(PlacementError) as error:
        settle(WorldPhysics(renderer="rays"), Scene(name="s", things=(table, plate)), seed=0)
    assert error.value.reason == "unstable"


def test_make_writes_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    code = main(["make", "drawer", "-o", str(out), "--episodes", "2", "--seconds", "0.2", "--seed", "7", "--json", "--quality", "draft"])
    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert said["ok"] is True
    bundle = open_bundle(said["bundle"])
    assert (said["bundle"], said["episodes"]) == (str(out), bundle.uids)
    assert len(bundle) == 2
    episode = bundle[0]
    assert {"rgb@front", "depth_m@front", "instance_ids@front", "contacts", "joint_position", "action@hand"} <= set(episode.streams)
    assert (out / "sheet.png").stat().st_size > 10_000
    assert (
        main(["make", str(out / "scene.toml"), "-o", str(tmp_path / "again"), "--seconds", "0.1", "--signals", "position_m", "--json"]) == 0
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["make", "tabeltop"], "tabletop"),
        (["make", "tabletop", "--signals", "rgbb"], "rgb"),
        (["make", "tabletop", "--episodes", "0"], "episodes"),
        (["make", "tabletop", "--seconds", "-3"], "tick"),
        (["make", "nothing/here.toml"], "nothing"),
    ],
)
def test_bad_input_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], args: list[str], words: str) -> None:
    assert main([*args, "-o", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
