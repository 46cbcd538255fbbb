"""Every kind alone on the ground: it stands still, keeps shut, and its doors, drawers and lids go the whole way without hitting itself."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import build, kind, kinds
from lifeworld.scene.scene import MIN_SIZE_M, Scene, Thing
from lifeworld.worlds.physics.compile import Bound, compile_scene

NAMES = tuple(name for name in kinds() if build(Thing(name="it", kind=name)).soft is None)
MOVED_M, TURNED_RAD, DEEP_M = 0.01, np.radians(5.0), 0.002
# Their own motion, or rolling, is the point of these.
RESTLESS = {"newton_cradle", "pendulum"}


def alone(thing: Thing) -> tuple[mujoco.MjModel, mujoco.MjData, Bound]:
    compiled = compile_scene(Scene(name="alone", things=(thing,)))
    return compiled.model, mujoco.MjData(compiled.model), compiled.bounds[0]


def put(data: mujoco.MjData, bound: Bound, joints: dict[str, float]) -> None:
    """The thing at the origin, with these joint positions and the others at rest."""
    data.qvel[:] = 0
    if bound.qpos >= 0:
        data.qpos[bound.qpos : bound.qpos + 7] = (0, 0, 0, 1, 0, 0, 0)
    rest = {joint.name: joint.rest for joint in build(bound.thing).joints}
    for name, address, _ in bound.joints:
        data.qpos[address] = joints.get(name, rest[name])


def deepest(data: mujoco.MjData) -> float:
    return -min((contact.dist for contact in data.contact), default=0.0)


def sized(name: str, way: str) -> Thing:
    what = kind(name)
    scale = {"least": what.scale[0], "true": 1.0, "most": what.scale[1]}[way]
    x, y, z = (max(side * scale, MIN_SIZE_M) for side in what.size_m)
    return Thing(name="it", kind=name, size_m=(x, y, z), pose=Pose())


@pytest.mark.parametrize("way", ["least", "true", "most"])
@pytest.mark.parametrize("name", NAMES)
def test_it_stands_still_and_keeps_shut(name: str, way: str) -> None:
    model, data, bound = alone(sized(name, way))
    put(data, bound, {})
    mujoco.mj_forward(model, data)
    assert deepest(data) <= DEEP_M
    place, turn = data.xpos[bound.body].copy(), data.xmat[bound.body].reshape(3, 3).copy()
    start = data.qpos.copy()
    while data.time < 2.0:
        mujoco.mj_step(model, data)
    assert np.isfinite(data.qpos).all()
    assert np.linalg.norm(data.xpos[bound.body] - place) <= MOVED_M
    between = data.xmat[bound.body].reshape(3, 3) @ turn.T
    assert np.arccos(np.clip((np.trace(between) - 1) / 2, -1, 1)) <= TURNED_RAD
    if name not in RESTLESS:
        for joint, address, _ in bound.joints:
            assert abs(data.qpos[address] - start[address]) <= 0.02, joint


@pytest.mark.parametrize("name", [name for name in NAMES if build(Thing(name="it", kind=name)).joints])
def test_its_joints_go_the_whole_way(name: str) -> None:
    for way in ("least", "true", "most"):
        thing = sized(name, way)
        model, data, bound = alone(thing)
        for joint in build(thing).joints:
            low, high = joint.range or (-np.pi, np.pi)
            for value in np.linspace(low, high, 9):
                put(data, bound, {joint.name: float(value)})
                mujoco.mj_forward(model, data)
                assert deepest(data) <= DEEP_M, f"{joint.name} at {value:.2f}"
