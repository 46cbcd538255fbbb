"""What pixels hit, held against rays cast from the text-book: distances, normals, names, and places on things."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from casting import BOX, CYLINDER, first_hits, normal_of
from hypothesis import given, settings
from hypothesis import strategies as st
from shots import GEOMETRY, WIDTH, inner, shot, stirred

from lifeworld.core.pose import Pose, quat_from_rotation_vector
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount, Scene, Thing
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses.hits import pinhole_of
from lifeworld.worlds.physics.senses.painter import working_backend
from lifeworld.worlds.physics.state import FULL

starters = pytest.mark.parametrize("name", starter.names())
needs_gl = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")


def engine_at(state: PhysicsState) -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = state.compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, FULL)
    mujoco.mj_forward(model, data)
    return model, data


def some_pixels(name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    ids = shot(name).now["instance_ids"]
    return np.unravel_index(generator(0, name).choice(ids.size, count, replace=False), ids.shape)


def world_from_camera(values: np.ndarray) -> Pose:
    return Pose(values[:3], values[3:])


@starters
def test_depth_is_an_independent_ray_cast(name: str) -> None:
    seen = shot(name)
    model, data = engine_at(seen.state)
    rows, columns = some_pixels(name, 600)
    eye = world_from_camera(seen.now["camera_pose"])
    rays = seen.lens.rays()[rows, columns] @ eye.rotation.T
    truth, surface = first_hits(model, data, eye.position_m, rays)
    depth = seen.now["depth_m"][rows, columns]
    ids = seen.state.compiled.surfaces.instance[surface]
    near = np.isfinite(truth)
    right = np.where(near, np.abs(depth - np.where(near, truth, 0.0)) <= 0.001 + 0.001 * truth, np.isinf(depth))
    away = inner(seen.now["instance_ids"])[rows, columns]
    assert right[away].mean() > 0.999  # the engine's and our rays may pass a crack between two triangles on other sides
    assert right.mean() > 0.997
    assert (ids == seen.now["instance_ids"][rows, columns])[away].mean() > 0.998


poses = st.builds(
    lambda x, y, turn: (x, y, tuple(turn)),
    st.floats(-0.05, 0.05),
    st.floats(-0.05, 0.05),
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
)


@settings(max_examples=12, deadline=None)
@given(placed=st.lists(poses, min_size=5, max_size=5), fov=st.floats(20.0, 90.0))
def test_normals_of_primitives_are_the_analytic_ones(placed: list[tuple[float, float, tuple[float, ...]]], fov: float) -> None:
    kinds = ("ball", "box", "cylinder", "egg", "pencil")
    things = tuple(
        Thing(name=kind, kind=kind, pose=Pose((0.3 * i - 0.6 + x, y, 0.4), quat_from_rotation_vector(np.array(turn))), relations=())
        for i, (kind, (x, y, turn)) in enumerate(zip(kinds, placed, strict=True))
    )
    camera = CameraMount(name="c", pose=Pose.look_at((0.3, -0.9, 0.9), (0, 0, 0.3)), fov_y_deg=fov, width_px=WIDTH, height_px=72)
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", things=things, cameras=(camera,)), seed=0)
    seen = world.observe(state, ["normals", "depth_m"])
    model, data = engine_at(state)
    lens = pinhole_of(camera)
    toward = lens.rays().reshape(-1, 3)
    _, surface = first_hits(model, data, camera.pose.position_m, toward @ camera.pose.rotation.T)
    points = camera.pose.apply(lens.unproject(lens.pixel_centers(), seen["depth_m"])).reshape(-1, 3)
    normals = seen["normals"].reshape(-1, 3).astype(float)
    assert np.allclose(np.linalg.norm(normals[surface >= 0], axis=1), 1.0, atol=1e-5)
    assert (np.sum(normals * toward, axis=1)[surface >= 0] <= 1e-6).all()
    met = set()
    for geom in np.unique(surface[surface >= 0]).tolist():
        kind, size = int(model.geom_type[geom]), model.geom_size[geom]
        if model.geom_dataid[geom] >= 0:
            continue
        met.add(kind)
        turn = data.geom_xmat[geom].reshape(3, 3)
        own = (points[surface == geom] - data.geom_xpos[geom]) @ turn
        truth = normal_of(kind, size, own) @ turn.T @ camera.pose.rotation
        truth *= -np.sign(np.sum(truth * toward[surface == geom], axis=1, keepdims=True))
        angle = np.arccos(np.clip(np.sum(truth * normals[surface == geom], axis=1), -1, 1))
        crease = on_crease(kind, size, own)
        assert np.rad2deg(angle[~crease]).max(initial=0.0) < 1.0
    assert len(met) >= 3


def on_crease(kind: int, size: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which points (n, 3) of a shape are within 1e-4 of a second side, where rounding decides."""
    if kind == BOX:
        return np.sort(np.abs(points) / size, axis=1)[:, 1] > 1 - 1e-4
    if kind == CYLINDER:
        return np.minimum(np.abs(points[:, 2]) / size[1], np.linalg.norm(points[:, :2], axis=1) / size[0]) > 1 - 1e-4
    return np.zeros(len(points), bool)


@starters
def test_points_lie_on_the_surface_of_the_named_body(name: str) -> None:
    """From its own thing's frame back to the world, each point is the pixel's; and a ray that ends there ends on that thing."""
    seen = shot(name)
    model, data = engine_at(seen.state)
    compiled = seen.state.compiled
    ids, coordinates, depth = (seen.now[k] for k in ("instance_ids", "object_coords_m", "depth_m"))
    assert np.array_equal(np.isnan(coordinates).any(axis=-1), np.isinf(depth))
    eye = world_from_camera(seen.now["camera_pose"])
    points = eye.apply(seen.lens.unproject(seen.lens.pixel_centers(), depth))
    bodies = np.array([0, *(b.body for b in compiled.bounds), *(e.body for e in compiled.embodied)])[ids]
    back = np.einsum("hwij,hwj->hwi", data.xmat[bodies].reshape(*ids.shape, 3, 3), coordinates.astype(float)) + data.xpos[bodies]
    rigid = np.isfinite(depth) & ~np.isin(ids, [i + 1 for i, b in enumerate(compiled.bounds) if b.soft >= 0])
    off = np.linalg.norm(back - points, axis=-1)
    assert (off[rigid] <= 1e-5 + 1e-5 * depth[rigid]).all()
    rows, columns = some_pixels(name, 300)
    chosen = rigid[rows, columns] & inner(ids)[rows, columns]
    ends = back[rows, columns][chosen]
    length, surface = first_hits(model, data, eye.position_m, ends - eye.position_m)
    assert (np.abs(length - 1.0) * depth[rows, columns][chosen] <= 0.001 + 0.001 * depth[rows, columns][chosen]).mean() > 0.99
    assert (compiled.surfaces.instance[surface] == ids[rows, columns][chosen]).mean() > 0.99


def test_a_soft_things_points_stay_the_same_however_it_moves() -> None:
    """As it is laid down a soft thing's coordinates are its points in its own frame; when it has fallen they still lie in that box."""
    world = WorldPhysics(renderer="rays")
    pose = Pose((0.1, 0.05, 0.1), quat_from_rotation_vector(np.array([0.0, 0.0, 0.5])))
    camera = CameraMount(name="c", pose=Pose.look_at((0.2, -0.7, 0.7), (0.1, 0, 0.1)), width_px=WIDTH, height_px=72)
    for kind in ("towel", "pillow"):
        state = world.reset(Scene(name="s", things=(Thing(name="soft", kind=kind, pose=pose),), cameras=(camera,)), seed=0)
        boxes = []
        for ticks in (0, 12):
            for _ in range(ticks):
                state = world.step(state, {})
            seen = world.observe(state, ["instance_ids", "object_coords_m", "depth_m", "box_3d"])
            own = seen["object_coords_m"][seen["instance_ids"] == 1]
            boxes.append((own.min(axis=0), own.max(axis=0)))
            if ticks == 0:
                lens = pinhole_of(camera)
                points = camera.pose.apply(lens.unproject(lens.pixel_centers(), seen["depth_m"]))[seen["instance_ids"] == 1]
                assert np.allclose(pose.inverse().apply(points), own, atol=1e-5)
                half = seen["box_3d"][0, 7:] / 2
                middle = pose.inverse().apply(seen["box_3d"][0, :3])
        assert seen["box_3d"][0, 2] < pose.position_m[2] - 0.02  # it has fallen
        for low, high in boxes:
            assert (low >= middle - half - 1e-5).all()
            assert (high <= middle + half + 1e-5).all()
        assert np.allclose(boxes[0], boxes[1], atol=0.05)


@starters
def test_ids_of_all_three_sorts_agree(name: str) -> None:
    seen = shot(name)
    legend, compiled = seen.world.spec.legend, seen.state.compiled
    ids, parts, kinds = (seen.now[k] for k in ("instance_ids", "part_ids", "semantic_ids"))
    scene = compiled.scene
    owners = [*scene.things, *scene.embodiments]
    for instance in np.unique(ids).tolist():
        mask = ids == instance
        if instance == 0:
            assert not parts[mask].any()
            assert not kinds[mask].any()
            continue
        owner = owners[instance - 1]
        assert legend["instance_ids"][instance] == owner.name
        assert {legend["part_ids"][p].partition("/")[0] for p in np.unique(parts[mask])} == {owner.name}
        assert [legend["semantic_ids"][k] for k in np.unique(kinds[mask])] == [owner.kind]
    assert len(np.unique(ids)) > 1


@needs_gl
@starters
def test_gl_and_rays_agree(name: str) -> None:
    rays = shot(name)
    world = WorldPhysics(renderer="auto")
    scene = rays.state.scene
    state = world.reset(scene, seed=0)
    state = replace(state, vector=rays.state.vector, tick=rays.state.tick, past=rays.state.past)
    gl = world.observe(state, [f"{signal}@flying" for signal in GEOMETRY], then=replace(state, vector=rays.after.vector))
    away = inner(rays.now["instance_ids"])
    assert (gl["instance_ids"] == rays.now["instance_ids"])[away].mean() >= 0.995
    for hidden in ("occluded_forward", "occluded_backward"):
        assert (gl[hidden] == rays.now[hidden])[away].mean() >= 0.995
    same = inner(rays.now["part_ids"]) & (gl["part_ids"] == rays.now["part_ids"]) & np.isfinite(rays.now["depth_m"])
    depth = rays.now["depth_m"][same]
    assert (np.abs(gl["depth_m"][same] - depth) <= 0.001 + 0.001 * depth).mean() >= 0.995
    cosine = np.sum(gl["normals"][same] * rays.now["normals"][same], axis=-1)
    assert (cosine > np.cos(np.deg2rad(1.0))).mean() >= 0.995
    for signal, tolerance in (("flow_forward", 0.05), ("flow_backward", 0.05), ("scene_flow_m", 1e-4), ("object_coords_m", 0.001)):
        error = np.abs(gl[signal][same] - rays.now[signal][same]).max(axis=-1)
        assert np.mean(~(error > tolerance + (0.001 * depth if signal == "object_coords_m" else 0))) >= 0.995


def test_stirred_scenes_move() -> None:
    """The tests above would prove little of scenes at rest."""
    assert stirred(starter.load("tabletop"), 1) != starter.load("tabletop")
    for name in ("kitchen_counter", "soft_things", "tabletop"):
        assert np.nanmax(np.abs(shot(name).now["scene_flow_m"])) > 0.01
