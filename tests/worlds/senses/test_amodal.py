"""Outlines of things hidden or not, how much of them is seen, and the boxes around them in the picture and in space."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from casting import BOX, CAPSULE, CYLINDER, ELLIPSOID, SPHERE
from hypothesis import given, settings
from hypothesis import strategies as st
from shots import HEIGHT, WIDTH, Shot, shot

from lifeworld.core.pose import Pose, quat_from_rotation_vector
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount, Scene, Thing
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.painter import working_backend
from lifeworld.worlds.physics.state import FULL

starters = pytest.mark.parametrize("name", starter.names())
needs_gl = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")


def alone(bits: np.ndarray, instance: int) -> np.ndarray:
    return (bits[..., (instance - 1) // 8] >> ((instance - 1) % 8) & 1).astype(bool)


@starters
def test_amodal_holds_what_is_seen(name: str) -> None:
    seen = shot(name).now
    ids, bits = seen["instance_ids"], seen["amodal_bits"]
    compiled = shot(name).state.compiled
    instances = len(compiled.bounds) + len(compiled.embodied)
    assert bits.shape == (HEIGHT, WIDTH, -(-instances // 8))
    for instance in range(1, instances + 1):
        assert alone(bits, instance)[ids == instance].all()
    for nobody in range(instances + 1, 8 * bits.shape[-1] + 1):
        assert not alone(bits, nobody).any()


@starters
def test_amodal_is_the_thing_alone(name: str) -> None:
    """Each thing that can be said by a scene, put alone before the same camera, is seen exactly where its amodal mask is set."""
    seen = shot(name)
    compiled, scene = seen.state.compiled, seen.world.scene(seen.state)
    values = seen.now["camera_pose"]
    still = CameraMount(name="flying", pose=Pose(values[:3], values[3:]), width_px=WIDTH, height_px=HEIGHT)
    hidden = [v < 0.9999 for v in np.nan_to_num(seen.now["visible_fraction"], nan=0.5)]
    order = sorted(range(len(scene.things)), key=lambda i: not hidden[i])  # those that something hides are the test
    for i in [i for i in order if compiled.bounds[i].soft < 0][:6]:
        one = Scene(name="alone", things=(replace(scene.things[i], relations=()),), cameras=(still,), ground=None)
        world = WorldPhysics(renderer="rays")
        truth = world.observe(world.reset(one, seed=0), ["instance_ids"])["instance_ids"] == 1
        wrong = np.count_nonzero(truth != alone(seen.now["amodal_bits"], i + 1))
        assert wrong <= 1  # a pose told by a scene is rounded in its last bit


def test_amodal_of_a_soft_thing_is_the_thing_alone() -> None:
    towel = Thing(name="towel", kind="towel", pose=Pose((0, 0, 0.0)))
    pillow = Thing(name="pillow", kind="pillow", pose=Pose((0.1, 0.3, 0.0)))
    tall = Thing(name="box", kind="box", pose=Pose((0.1, -0.3, 0.0)), size_m=(0.3, 0.1, 0.4))
    camera = CameraMount(name="c", pose=Pose.look_at((0.1, -1.2, 0.7), (0.1, 0, 0.1)), width_px=WIDTH, height_px=HEIGHT)
    scene = Scene(name="s", things=(tall, towel, pillow), cameras=(camera,))
    world = WorldPhysics(renderer="rays")
    seen = world.observe(world.reset(scene, seed=0), ["amodal_bits", "visible_fraction"])
    assert (seen["visible_fraction"] < 0.95).tolist() == [False, True, True]
    for i, thing in ((1, towel), (2, pillow)):
        truth = world.observe(world.reset(replace(scene, things=(thing,), ground=None), seed=0), ["instance_ids"])["instance_ids"]
        assert np.array_equal(truth == 1, alone(seen["amodal_bits"], i + 1))


@needs_gl
@pytest.mark.parametrize("name", ["tabletop", "soft_things", "kitchen_counter"])
def test_gl_and_rays_agree_on_outlines(name: str) -> None:
    rays = shot(name)
    world = WorldPhysics(renderer="auto")
    state = replace(world.reset(rays.state.scene, seed=0), vector=rays.state.vector, tick=rays.state.tick, past=rays.state.past)
    gl = world.observe(state, ["amodal_bits@flying", "instance_ids@flying"])
    for i in range(1, len(rays.state.compiled.bounds) + 1):
        one, other = alone(gl["amodal_bits"], i), alone(rays.now["amodal_bits"], i)
        assert one[gl["instance_ids"] == i].all()
        assert np.count_nonzero(one != other) <= 2  # pixels whose middle lies on the outline


@starters
def test_visible_fraction_is_modal_over_amodal(name: str) -> None:
    seen = shot(name).now
    for i, fraction in enumerate(seen["visible_fraction"]):
        whole = np.count_nonzero(alone(seen["amodal_bits"], i + 1))
        if whole:
            assert fraction == np.count_nonzero(seen["instance_ids"] == i + 1) / whole
        else:
            assert np.isnan(fraction)


@starters
def test_boxes_hold_their_masks_and_no_more(name: str) -> None:
    seen = shot(name).now
    for i in range(len(seen["visible_fraction"])):
        for signal, mask in (("box_2d_px", seen["instance_ids"] == i + 1), ("box_2d_amodal_px", alone(seen["amodal_bits"], i + 1))):
            box = seen[signal][i]
            if not mask.any():
                assert np.isnan(box).all()
                continue
            rows, columns = np.nonzero(mask)
            assert box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_a_box_of_one_pixel_is_one_pixel_wide() -> None:
    ball = Thing(name="ball", kind="ball", pose=Pose((0.0, 20.0, 0.0)))
    camera = CameraMount(name="c", pose=Pose.look_at((0.0, 0.0, 0.06), (0.0, 20.0, 0.04)), width_px=65, height_px=49)
    world = WorldPhysics(renderer="rays")
    seen = world.observe(world.reset(Scene(name="s", things=(ball,), cameras=(camera,)), seed=0), ["box_2d_px", "visible_fraction"])
    assert seen["box_2d_px"].tolist() == [[32, 24, 33, 25]]
    assert seen["visible_fraction"].tolist() == [1.0]


# boxes in space


def surface_points(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> np.ndarray:
    """Points (n, 3) [m] of a geom's surface, world frame: every corner and vertex, and many of what is round."""
    kind, size = int(model.geom_type[geom]), model.geom_size[geom]
    turn = data.geom_xmat[geom].reshape(3, 3)
    if model.geom_dataid[geom] >= 0:
        mesh = int(model.geom_dataid[geom])
        own = model.mesh_vert[model.mesh_vertadr[mesh] :][: model.mesh_vertnum[mesh]].astype(float)
    elif kind == BOX:
        own = size * np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    else:
        # Towards each axis of every frame that matters: a normal there means a surface point that reaches farthest.
        wanted = np.concatenate([turn, -turn, np.array(FRAMES[-1]) @ turn, -np.array(FRAMES[-1]) @ turn])
        random = generator(geom, "points").normal(size=(2000, 3))
        normals = np.concatenate([wanted, random])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        if kind == SPHERE:
            own = size[0] * normals
        elif kind == ELLIPSOID:
            own = size**2 * normals / np.linalg.norm(size * normals, axis=1, keepdims=True)
        else:
            flat = normals * (1, 1, 0)
            ends = np.where(normals[:, 2:] >= 0, 1, -1) * (0, 0, size[1])
            if kind == CYLINDER:
                own = size[0] * flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12) + ends
            else:
                assert kind == CAPSULE
                own = size[0] * normals + ends
    return own @ turn.T + data.geom_xpos[geom]


FRAMES: list[np.ndarray] = [np.eye(3)]  # the axes (rows) of the box that is being checked


def check_boxes(compiled: Compiled, data: mujoco.MjData, boxes: np.ndarray) -> None:
    model = compiled.model
    for i, bound in enumerate(compiled.bounds):
        box, turn = boxes[i], Pose(boxes[i, :3], boxes[i, 3:7]).rotation
        assert np.allclose(turn, data.xmat[bound.body].reshape(3, 3), atol=1e-9)
        FRAMES[-1] = turn.T
        if bound.soft >= 0:
            points = soft.skin(model, data, bound.soft).reshape(-1, 3)
        else:
            geoms = np.flatnonzero((compiled.geom_instance == i + 1) & (model.geom_group < 3))
            points = np.concatenate([surface_points(model, data, g) for g in geoms])
        own = (points - box[:3]) @ turn
        assert np.allclose(own.max(axis=0), box[7:] / 2, atol=1e-6)
        assert np.allclose(own.min(axis=0), -box[7:] / 2, atol=1e-6)


@starters
def test_the_box_in_space_is_tight(name: str) -> None:
    seen: Shot = shot(name)
    data = mujoco.MjData(seen.state.compiled.model)
    mujoco.mj_setState(seen.state.compiled.model, data, seen.state.vector, FULL)
    mujoco.mj_forward(seen.state.compiled.model, data)
    check_boxes(seen.state.compiled, data, seen.now["box_3d"])


@settings(max_examples=10, deadline=None)
@given(opened=st.lists(st.floats(0, 1), min_size=6, max_size=6), turn=st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_the_box_of_what_opens_grows_with_it(opened: list[float], turn: list[float]) -> None:
    """Parts count where they are: doors, lids and drawers half open, at any pose of the whole."""
    quat = quat_from_rotation_vector(np.array(turn))
    kinds = ("fridge", "laptop", "chest", "scissors", "stool", "egg")
    things = tuple(Thing(name=k, kind=k, pose=Pose((2.0 * i, 0, 2.0), quat)) for i, k in enumerate(kinds))
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", things=things), seed=0)
    ajar = [
        replace(t, joints=tuple((n, low + f * (high - low)) for (n, _, _), (low, high) in zip(b.joints, b.reach, strict=True)))
        for t, b, f in zip(things, state.compiled.bounds, opened, strict=True)
    ]
    state = world.reset(Scene(name="s", things=tuple(ajar)), seed=0)
    data = mujoco.MjData(state.compiled.model)
    mujoco.mj_setState(state.compiled.model, data, state.vector, FULL)
    mujoco.mj_forward(state.compiled.model, data)
    check_boxes(state.compiled, data, world.observe(state, ["box_3d"])["box_3d"])
