"""Our OpenGL: what pixels hit is what rays hit, and whoever would be seen alone is said so."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest
from gl_scenes import GEOM, LOOK, MANY, gl, of_spec, ready, with_camera
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.errors import EngineError
from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount, Scene, Thing
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.painter import QUALITIES, Painter, working_backend
from lifeworld.worlds.physics.senses.rays import RayPainter

pytestmark = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")


def cast(model: mujoco.MjModel, data: mujoco.MjData, mount: CameraMount) -> tuple[NDArray, NDArray, NDArray]:
    """The engine's own rays through the middle of every pixel: geom, depth [m], normal in the camera's frame, towards the camera."""
    camera = Camera.from_fov_y(np.deg2rad(mount.fov_y_deg), mount.width_px, mount.height_px)
    index = model.cam(mount.name).id
    axes = data.cam_xmat[index].reshape(3, 3) @ np.diag([1.0, -1.0, -1.0])
    toward = camera.rays().reshape(-1, 3)
    stretch = np.linalg.norm(toward, axis=1)
    n = len(toward)
    geom, distance, normal = np.full(n, -1, np.int32), np.zeros(n), np.zeros(3 * n)
    world = np.ascontiguousarray(toward / stretch[:, None] @ axes.T)
    groups = np.array([1, 1, 1, 0, 0, 0], dtype=np.uint8)
    mujoco.mj_multiRay(model, data, data.cam_xpos[index], world.ravel(), groups, True, -1, geom, distance, normal, n, mujoco.mjMAXVAL)
    facing = normal.reshape(-1, 3) @ axes
    facing *= -np.sign(np.sum(facing * toward, axis=1, keepdims=True))
    size = camera.image_shape
    return geom.reshape(size), np.where(geom >= 0, distance / stretch, np.inf).reshape(size), facing.reshape(*size, 3)


def away_from_edges(ids: NDArray, depth: NDArray) -> NDArray:
    """Pixels whose neighbours show the same, as far away to a twentieth: a thing may hide itself."""
    inner, near = np.ones(ids.shape, dtype=bool), np.where(np.isinf(depth), 0, depth)
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= (np.roll(ids, step, axis=axis) == ids) & (np.abs(np.roll(near, step, axis=axis) - near) <= 0.05 * near)
    return inner


def degrees(a: NDArray, b: NDArray) -> NDArray:
    return np.rad2deg(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=-1) / 2, 0, 1)))


def assert_as_rays(hits: Hits, model: mujoco.MjModel, data: mujoco.MjData, mount: CameraMount, *, at_least: float = 0.995) -> None:
    geom, depth, normal = cast(model, data, mount)
    inner = away_from_edges(geom, depth)
    with np.errstate(invalid="ignore"):
        tie = np.abs(hits.depth_m - depth) < 1e-5 * depth  # of two that lie in one place either is right
    assert ((hits.surface == geom) | tie)[inner].mean() >= at_least if inner.any() else True
    assert np.array_equal(np.isinf(hits.depth_m), hits.surface < 0)
    assert np.array_equal(np.isnan(hits.normal[..., 0]), hits.surface < 0)
    same = inner & (hits.surface == geom) & (geom >= 0)
    error = np.abs(hits.depth_m[same] - depth[same])
    assert (error <= 0.001 + 0.001 * depth[same]).mean() > 0.999 if same.any() else True
    assert np.median(error / depth[same]) < 1e-5 if same.any() else True
    assert np.percentile(degrees(hits.normal, normal)[same], 99) < 1.0 if same.any() else True
    assert np.abs(np.linalg.norm(hits.normal[hits.surface >= 0], axis=-1) - 1).max(initial=0) < 1e-5


sizes = st.floats(0.02, 0.3)
turns = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1)
PRIMITIVES = (GEOM.mjGEOM_SPHERE, GEOM.mjGEOM_CAPSULE, GEOM.mjGEOM_ELLIPSOID, GEOM.mjGEOM_CYLINDER, GEOM.mjGEOM_BOX)


@settings(max_examples=40, deadline=None)
@given(
    things=st.lists(
        st.tuples(st.sampled_from(PRIMITIVES), st.tuples(sizes, sizes, sizes), turns, st.tuples(*[st.floats(-0.4, 0.4)] * 3)),
        min_size=1,
        max_size=6,
    ),
    plane=turns,
    fov=st.floats(10, 120),
)
def test_primitives_are_where_geometry_says(things: list, plane: tuple, fov: float) -> None:
    """Depth and surface as the engine's rays; the normal is the gradient of the shape's own equation at the point that was hit."""
    mount = replace(LOOK, fov_y_deg=fov, width_px=64, height_px=48)
    spec = with_camera(mount)
    spec.worldbody.add_geom(type=GEOM.mjGEOM_PLANE, size=(0, 0, 1), pos=(0, 0, -0.6), quat=plane)
    spec.worldbody.add_geom(type=GEOM.mjGEOM_PLANE, size=(0.4, 0.3, 1), pos=(0, 0, -0.3))
    for kind, size, quat, pos in things:
        spec.worldbody.add_geom(type=kind, size=size, quat=quat, pos=pos)
    compiled, data = of_spec(spec)
    model = compiled.model
    assume(abs((data.cam_xpos[0] - data.geom_xpos[0]) @ data.geom_xmat[0].reshape(3, 3)[:, 2]) > 1e-3)  # not with the eye in the plane
    hits = gl(compiled).hits(data, mount)
    assert_as_rays(hits, model, data, mount)
    points = hits.camera.unproject(hits.camera.pixel_centers(), hits.depth_m.astype(float))
    axes = hits.world_from_camera.matrix[:3, :3]
    for geom in np.unique(hits.surface[hits.surface >= 0]):
        on = hits.surface == geom
        turn = data.geom_xmat[geom].reshape(3, 3)
        at = (hits.world_from_camera.apply(points[on]) - data.geom_xpos[geom]) @ turn
        error = degrees(
            hits.normal[on], _toward(_outward(int(model.geom_type[geom]), model.geom_size[geom], at) @ turn.T @ axes, points[on])
        )
        assert (error > 0.2).sum() <= 2 + 0.01 * len(error), (geom, np.sort(error)[-5:])  # at the rim of a face either side is right


def _outward(kind: int, size: NDArray, at: NDArray) -> NDArray:
    """Unit normals of a primitive at points (n, 3) of its surface."""
    if kind == GEOM.mjGEOM_PLANE:
        return np.tile((0.0, 0.0, 1.0), (len(at), 1))
    if kind == GEOM.mjGEOM_BOX:
        far = np.abs(at) / size
        return np.where(far == far.max(axis=1, keepdims=True), np.sign(at), 0.0)
    if kind == GEOM.mjGEOM_CYLINDER:
        on_side = size[0] - np.linalg.norm(at[:, :2], axis=1) < size[1] - np.abs(at[:, 2])
        side, end = at * (1, 1, 0), at * (0, 0, 1)
        out = np.where(on_side[:, None], side, end)
    elif kind == GEOM.mjGEOM_CAPSULE:
        out = at - np.clip(at, (0, 0, -size[1]), (0, 0, size[1]))
    else:
        out = at / (size if kind == GEOM.mjGEOM_ELLIPSOID else size[0]) ** 2
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def _toward(normals: NDArray, points: NDArray) -> NDArray:
    return -np.sign(np.sum(normals * points, axis=1, keepdims=True)) * normals


def test_meshes_are_where_rays_hit_them() -> None:
    """Closed and open, smooth and not: surface, depth and the triangle's own normal, though light sees a rounded one."""
    spec = with_camera()
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(60, 3))
    cloud *= 0.25 / np.linalg.norm(cloud, axis=1, keepdims=True)
    hull = spec.add_mesh(name="hull", uservert=cloud.ravel())
    hull.maxhullvert = -1
    for name, smooth in (("tent", True), ("sharp", False)):
        tent = spec.add_mesh(name=name, uservert=[0, 0, 0.3, -0.3, -0.3, 0, 0.3, -0.3, 0, 0.3, 0.3, 0, -0.3, 0.3, 0], smoothnormal=smooth)
        tent.userface = [0, 1, 2, 0, 2, 3, 0, 3, 4]  # three sides of four: one looks into it
        tent.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
    for index, name in enumerate(("hull", "tent", "sharp")):
        spec.worldbody.add_geom(type=GEOM.mjGEOM_MESH, meshname=name, pos=(0.45 * index - 0.4, 0, 0), quat=(1, 0.3, 0.2 * index, 1))
    compiled, data = of_spec(spec)
    for pose in (LOOK.pose, Pose.look_at((-0.5, 1.0, 0.4), (0, 0, 0))):
        data.cam_xpos[0], data.cam_xmat[0] = pose.position_m, (pose.matrix[:3, :3] * (1, -1, -1)).ravel()
        hits = gl(compiled).hits(data, LOOK)
        assert_as_rays(hits, compiled.model, data, LOOK, at_least=1.0)
        geom, _, normal = cast(compiled.model, data, LOOK)
        same = (hits.surface == geom) & (geom >= 0)
        assert np.percentile(degrees(hits.normal, normal)[same], 95) < 0.1  # at a ridge the ray may be on either side


def test_height_fields_are_where_rays_hit_them() -> None:
    spec = with_camera()
    heights = np.random.default_rng(1).uniform(size=(9, 7))
    spec.add_hfield(name="hills", nrow=9, ncol=7, size=(0.4, 0.5, 0.2, 0.05), userdata=heights.ravel())
    spec.worldbody.add_geom(type=GEOM.mjGEOM_HFIELD, hfieldname="hills", quat=(1, 0, 0.1, 0.4))
    compiled, data = of_spec(spec)
    assert_as_rays(gl(compiled).hits(data, LOOK), compiled.model, data, LOOK)


@pytest.mark.parametrize(
    "name", ["tabletop", pytest.param("kitchen_counter", marks=pytest.mark.slow), pytest.param("desk", marks=pytest.mark.slow)]
)
def test_starters_are_where_rays_hit_them(name: str) -> None:
    compiled, data = ready(starter.load(name))
    mount = replace(compiled.cameras[0], width_px=128, height_px=96)
    assert_as_rays(gl(compiled).hits(data, mount), compiled.model, data, mount)


def test_soft_bodies_are_where_their_triangles_are() -> None:
    things = (
        Thing(name="towel", kind="towel", pose=Pose((0.1, 0.1, 0.0))),
        Thing(name="pillow", kind="pillow", pose=Pose((-0.1, -0.2, 0.0))),
    )
    compiled, data = ready(Scene(name="s", things=things, cameras=(LOOK,)))
    hits, rays = gl(compiled).hits(data, LOOK), RayPainter(compiled).hits(data, LOOK)
    assert hits.triangle is not None
    assert rays.triangle is not None
    assert (rays.surface >= compiled.model.ngeom).sum() > 500
    inner = away_from_edges(rays.surface, rays.depth_m)
    assert (hits.surface == rays.surface)[inner].mean() > 0.995
    soft = inner & (hits.surface == rays.surface) & (rays.surface >= compiled.model.ngeom)
    assert (hits.triangle == rays.triangle)[soft].mean() > 0.99
    assert (hits.triangle >= 0)[hits.surface >= compiled.model.ngeom].all()
    assert (hits.triangle == -1)[hits.surface < compiled.model.ngeom].all()
    assert np.abs(hits.depth_m[soft] - rays.depth_m[soft]).max() < 1e-4
    assert np.percentile(degrees(hits.normal, rays.normal)[soft], 99) < 1.0


def test_soft_bodies_have_their_own_colors() -> None:
    """Each its own: the engine has a material for every element, not for every body."""
    look = replace(LOOK, pose=Pose.look_at((0.0, -0.1, 1.2), (0.0, 0.0, 0.0)))
    things = tuple(Thing(name=c, kind="pillow", color=c, pose=Pose((x, 0.0, 0.0))) for c, x in (("red", -0.4), ("blue", 0.4)))
    compiled, data = ready(Scene(name="s", things=things, cameras=(look,)))
    for ours in (gl(compiled, "standard"), RayPainter(compiled)):
        picture, surface = ours.rgb(data, look).astype(int), ours.hits(data, look).surface
        red, blue = (picture[surface == compiled.model.ngeom + flex].mean(axis=0) for flex in (0, 1))
        assert red[0] > red[2] + 40
        assert blue[2] > blue[0] + 40


def alone(compiled: Compiled, instance: int) -> Compiled:
    """The same scene with nobody seen but one."""
    model = copy.copy(compiled.model)
    model.geom_group[:] = np.where(compiled.geom_instance == instance, model.geom_group, 3)
    return replace(compiled, model=model)


def bits(masks: NDArray, instances: int) -> NDArray:
    """(height, width, instances) bool."""
    return np.unpackbits(masks, axis=-1, bitorder="little", count=instances).astype(bool)


def test_amodal_is_each_thing_alone() -> None:
    """To the pixel: what would be seen of a thing with all others gone; and what is seen is part of it."""
    compiled, data = ready(replace(starter.load("tabletop"), cameras=()))
    mount = replace(compiled.cameras[0], width_px=80, height_px=60)
    ours = gl(compiled)
    n = len(compiled.bounds) + len(compiled.embodied)
    masks = ours.amodal(data, mount)
    assert masks.shape == (60, 80, (n + 7) // 8)
    assert masks.dtype == np.uint8
    seen = bits(masks, n)
    ids = np.append(compiled.geom_instance, 0)[ours.hits(data, mount).surface]
    rows, columns = np.nonzero(ids)
    assert seen[rows, columns, ids[rows, columns] - 1].all()
    assert (seen.sum(axis=-1) > 1).any()  # something hides something
    for instance in range(1, n + 1):
        assert np.array_equal(seen[..., instance - 1], gl(alone(compiled, instance)).hits(data, mount).surface >= 0)


@pytest.mark.parametrize("count", [70, 300])
def test_amodal_of_many_things(count: int) -> None:
    """More than a layer has bits for, and more than a pass has layers for."""
    spec = with_camera(replace(LOOK, pose=Pose.look_at((0, 0, 3), (0, 0.01, 0))))
    for i in range(count):
        spec.worldbody.add_geom(type=GEOM.mjGEOM_BOX, size=(0.02, 0.02, 0.02), pos=(0.07 * (i % 20) - 0.65, 0.07 * (i // 20) - 0.5, 0))
    compiled, data = of_spec(spec)
    compiled = replace(compiled, bounds=(None,) * count)  # type: ignore[arg-type]  # only counted
    mount = replace(LOOK, width_px=160, height_px=120)
    ours = gl(compiled)
    seen, surface = bits(ours.amodal(data, mount), count), ours.hits(data, mount).surface
    assert set(np.unique(surface)) == {-1, *range(count)}
    assert np.array_equal(seen, surface[..., None] == np.arange(count))


def everything(ours: Painter, data: mujoco.MjData, mount: CameraMount, order: str) -> list[bytes]:
    """The bytes of all that can be seen, asked for in this order, given in one."""
    out = {}
    for word in order:
        if word == "c":
            out[word] = ours.rgb(data, mount).tobytes()
        elif word == "h":
            hits = ours.hits(data, mount)
            assert hits.triangle is not None
            out[word] = b"".join(a.tobytes() for a in (hits.surface, hits.depth_m, hits.normal, hits.triangle))
        else:
            out[word] = ours.amodal(data, mount).tobytes()
    return [out[word] for word in "cha"]


@pytest.mark.parametrize("quality", ["draft", "standard", "high"])
def test_looking_twice_is_the_same_and_changes_nothing(quality: str) -> None:
    """In whichever order, and after another camera, another scene and another size of it were painted."""
    compiled, data = ready(MANY)
    model_before, data_before = _bytes(compiled.model), copy.copy(data)
    ours = gl(compiled, quality)
    first = everything(ours, data, LOOK, "cha")
    for order in ("hca", "ach", "hac"):
        everything(ours, data, compiled.cameras[1], "cha")
        assert everything(ours, data, LOOK, order) == first
    other, other_data = ready(replace(MANY, things=MANY.things[1:]))
    assert everything(gl(other, quality), other_data, LOOK, "hca") != first
    everything(ours, data, replace(LOOK, width_px=50), "cha")
    assert everything(ours, data, LOOK, "chah") == first
    assert everything(gl(compiled, quality), data, LOOK, "cha") == first
    assert _bytes(compiled.model) == model_before
    for name in ("qpos", "qvel", "xpos", "geom_xpos", "flexvert_xpos", "cam_xpos"):
        assert np.array_equal(getattr(data, name), getattr(data_before, name))


def _bytes(model: mujoco.MjModel) -> bytes:
    out = np.empty(mujoco.mj_sizeModel(model), dtype=np.uint8)
    mujoco.mj_saveModel(model, None, out)
    return out.tobytes()


def test_looking_ahead_is_looking() -> None:
    """What was hit before it was painted, as a recording does it, is what a painter sees that comes fresh to every moment."""
    from lifeworld.worlds.physics.senses.gl import easel as easels

    compiled, data = ready(MANY)
    ours, ahead = gl(compiled, "standard"), copy.copy(data)
    for moment in range(8):
        mujoco.mj_step(compiled.model, ahead, nstep=10)
        mujoco.mj_forward(compiled.model, ahead)
        for camera in compiled.cameras:
            if moment % 4 != 3:  # and now and then does not
                ours.hits(ahead, camera)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(easels, "MOST_PIXELS_KEPT", 20_000 if moment > 5 else 4_000_000)  # and has little room
            for camera in compiled.cameras:
                seen = everything(ours, data, camera, ("cha", "hac")[moment % 2])
                fresh = gl(compiled, "standard")
                fresh.close()  # what it shares with others is forgotten, it sees none the worse
                assert everything(gl(replace(compiled), "standard"), data, camera, "cha") == seen
        data = copy.copy(ahead)


@pytest.mark.parametrize("size", [(1, 1), (37, 23), (2, 300), (4096, 2)])
@pytest.mark.parametrize("quality", ["standard", "high"])
def test_any_size(size: tuple[int, int], quality: str) -> None:
    compiled, data = ready(MANY)
    mount = replace(LOOK, width_px=size[0], height_px=size[1])
    ours = gl(compiled, quality)
    assert ours.rgb(data, mount).shape == (size[1], size[0], 3)
    assert ours.amodal(data, mount).shape == (size[1], size[0], 1)
    hits, rays = ours.hits(data, mount), RayPainter(compiled).hits(data, mount)
    assert hits.surface.shape == hits.depth_m.shape == (size[1], size[0])
    assert (hits.surface == rays.surface).mean() > 0.99


def test_the_largest_picture() -> None:
    spec = with_camera(replace(LOOK, width_px=4096, height_px=4096))
    spec.worldbody.add_geom(type=GEOM.mjGEOM_SPHERE, size=(0.2, 0, 0))
    compiled, data = of_spec(spec)
    mount = replace(LOOK, width_px=4096, height_px=1024)
    surface = gl(compiled).hits(data, mount).surface
    assert surface.shape == (1024, 4096)
    assert set(np.unique(surface)) == {-1, 0}


def test_a_picture_larger_than_what_is_kept_is_whole() -> None:
    """Its canvases are in use together, however large: none is given away for another."""
    glass = Scene(name="g", things=(Thing(name="glass", kind="glass", pose=Pose((0.1, 0, 0.0))),), cameras=(LOOK,))
    compiled, data = ready(glass)
    ours, small, large = gl(compiled, "standard"), LOOK, replace(LOOK, width_px=2048, height_px=1536)
    for mount in (small, large, small):
        hits, rgb = ours.hits(data, mount), ours.rgb(data, mount)
        assert (hits.surface >= 0).mean() > 0.9
        assert float(np.nanmin(hits.depth_m)) == pytest.approx(1.2, abs=0.4)
        assert 100 < rgb.mean() < 250


@pytest.mark.parametrize("kind", [*PRIMITIVES, GEOM.mjGEOM_MESH])
def test_from_inside_a_thing_its_far_side_is_seen(kind: mujoco.mjtGeom) -> None:
    spec = with_camera()
    if kind == GEOM.mjGEOM_MESH:
        corners = [[x, y, z] for x in (-0.3, 0.3) for y in (-0.4, 0.4) for z in (-0.35, 0.35)]
        spec.add_mesh(name="m", uservert=np.ravel(corners))
    spec.worldbody.add_geom(type=kind, size=(0.3, 0.4, 0.35), pos=LOOK.pose.position_m, meshname="m" if kind == GEOM.mjGEOM_MESH else "")
    spec.worldbody.add_geom(type=GEOM.mjGEOM_BOX, size=(1, 1, 0.01))
    compiled, data = of_spec(spec)
    hits = gl(compiled).hits(data, LOOK)
    assert (hits.surface == 0).all()
    assert_as_rays(hits, compiled.model, data, LOOK)
    assert np.isfinite(gl(compiled, "standard").rgb(data, LOOK)).all()


def test_scenes_share_meshes() -> None:
    """A thing added, a painter made anew: what was in the driver's memory is not sent again, and goes when nobody needs it."""
    from lifeworld.worlds.physics.senses.gl import meshes
    from lifeworld.worlds.physics.senses.gl.easel import easel

    compiled, data = ready(MANY)
    ours = gl(compiled)
    first = everything(ours, data, LOOK, "cha")
    shared = easel(working_backend()).stage.meshes
    before = shared.uploads
    mug = Thing(name="mug_2", kind="mug", pose=Pose((-0.3, 0.2, 0.0002)))
    more, more_data = ready(replace(MANY, things=(*MANY.things, mug)))
    theirs = gl(more)
    assert shared.uploads == before
    new = Thing(name="chair", kind="chair", size_m=(0.47, 0.49, 0.87), pose=Pose((-0.9, 0.2, 0.0002)))
    third = gl(ready(replace(MANY, things=(*MANY.things, new)))[0])
    assert shared.uploads > before
    seen = everything(theirs, more_data, LOOK, "cha")
    version = shared.version
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meshes, "MOST_BYTES", 0)
        third.close()
    assert shared.version > version  # the others moved together
    assert everything(theirs, more_data, LOOK, "cha") == seen
    assert everything(ours, data, LOOK, "cha") == first


def test_nothing_at_all_is_sky() -> None:
    up = replace(LOOK, pose=Pose.look_at((0, 0, 1), (0.001, 0, 9)))
    compiled, data = ready(Scene(name="s", cameras=(up,), ground=None))
    ours = gl(compiled, "standard")
    hits = ours.hits(data, up)
    assert (hits.surface == -1).all()
    assert np.isinf(hits.depth_m).all()
    assert np.isnan(hits.normal).all()
    assert not ours.amodal(data, up).size
    assert np.abs(ours.rgb(data, up)[36, 48] / 255 - (0.62, 0.72, 0.83)).max() < 0.01


def test_egl_and_osmesa_agree() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np
from gl_scenes import LOOK, MANY, ready
from lifeworld.worlds.physics.senses.painter import painter
compiled, data = ready(MANY)
ours = painter(compiled, backend=sys.argv[1], quality="standard")
hits = ours.hits(data, LOOK)
np.savez(sys.argv[2], name=ours.name, rgb=ours.rgb(data, LOOK), surface=hits.surface, depth=hits.depth_m, amodal=ours.amodal(data, LOOK))
"""
    import tempfile

    environment = {k: v for k, v in os.environ.items() if k not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for backend in ("egl", "osmesa"):
            path = f"{folder}/{backend}.npz"
            done = subprocess.run([sys.executable, "-c", code, backend, path], capture_output=True, text=True, env=environment)
            if done.returncode and "does not work here" in done.stderr:
                pytest.skip(f"no {backend} here")
            assert not done.returncode, done.stderr
            found[backend] = dict(np.load(path))
    egl, osmesa = found["egl"], found["osmesa"]
    assert str(egl["name"]).startswith("egl: ")
    assert str(osmesa["name"]).startswith("osmesa: ")
    assert (egl["surface"] == osmesa["surface"]).mean() > 0.999
    assert (egl["amodal"] == osmesa["amodal"]).mean() > 0.999
    same = (egl["surface"] == osmesa["surface"]) & (egl["surface"] >= 0)
    assert np.allclose(egl["depth"][same], osmesa["depth"][same], rtol=1e-4)
    assert np.abs(egl["rgb"].astype(int) - osmesa["rgb"]).mean() < 1.0


def test_a_program_that_the_driver_refuses_is_an_error_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lifeworld.worlds.physics.senses.gl import context
    from lifeworld.worlds.physics.senses.gl.easel import easel

    (tmp_path / "bad.glsl").write_text("void main() { nonsense; }")
    monkeypatch.setattr(context, "GLSL", tmp_path)
    with pytest.raises(EngineError, match=r"refuses.*nonsense"), easel(working_backend()).begin():
        easel(working_backend()).context.program(("bad",), ("bad",))


def test_threads_take_turns() -> None:
    """The context is lent to one thread at a time: who drew a picture lets go of it, and others wait for theirs."""
    compiled, data = ready(MANY)
    mine = gl(compiled).rgb(data, LOOK)
    others: list[np.ndarray] = []

    def draw() -> None:
        painter, own = gl(compiled), copy.copy(data)
        for _ in range(3):
            others.append(painter.rgb(own, LOOK))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    again = [gl(compiled).rgb(data, LOOK) for _ in range(3)]
    for thread in threads:
        thread.join()
    assert len(others) == 9
    assert all((picture == mine).all() for picture in (*others, *again))


def test_qualities_differ_where_they_say() -> None:
    compiled, data = ready(MANY)
    pictures = {name: gl(compiled, name).rgb(data, LOOK).astype(int) for name in QUALITIES}
    assert 0.2 < np.abs(pictures["draft"] - pictures["standard"]).mean() < 20
    assert np.abs(pictures["standard"] - pictures["high"]).mean() < 8
