"""What stands on a round foot on the ground stays standing: the engine's contact of a plane and a cylinder is treacherous there."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics.compile import compile_scene
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.state import FULL, start_vector

KINDS = ("candle", "can", "glass", "bottle")


def test_nothing_that_stands_on_the_ground_is_thrown_up() -> None:
    """On a ground level to the last bit a tenth of these leap within 5 s."""
    turns = generator(0, "round feet").uniform(0, 2 * np.pi, 120)
    things = tuple(
        Thing(name=f"t{i}", kind=KINDS[i % 4], pose=Pose.from_yaw((0.5 * (i % 12), 0.5 * (i // 12), 0.0002), float(turn)))
        for i, turn in enumerate(turns)
    )
    scene = Scene(name="feet", things=things)
    compiled = compile_scene(scene)
    data = mujoco.MjData(compiled.model)
    mujoco.mj_setState(compiled.model, data, start_vector(compiled, scene), FULL)
    linear = np.array([b.dof for b in compiled.bounds])[:, None] + np.arange(3)
    mujoco.mj_step(compiled.model, data, nstep=100)
    worst = np.zeros(len(things))
    for _ in range(1400):
        mujoco.mj_step(compiled.model, data)
        worst = np.maximum(worst, np.linalg.norm(data.qvel[linear], axis=1))
    assert worst.max() < 0.05, [t.name for t, speed in zip(things, worst, strict=True) if speed > 0.05]


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_a_heap_has_no_more_pairs_than_the_engine_has_room_for(count: int) -> None:
    """With nothing else in the scene: apples that fall into a bowl once ended the engine (broadphase buffer full)."""
    apples = (Thing(name=f"apple_{i}", kind="apple", pose=Pose((0.01 * i, 0.0, 0.5 + 0.12 * i))) for i in range(count))
    world = WorldPhysics()
    state = world.reset(Scene(name="s", things=(Thing(name="bowl", kind="bowl", pose=Pose()), *apples)), seed=0)
    for _ in range(60 + 10 * count):
        state = world.step(state, {})
    assert np.isfinite(state.vector).all()
