"""A Scene becomes a MuJoCo model: bodies, geoms, joints, materials, cameras, lights, and who is who among them.

A model depends only on a scene's structure (what there is and how it is built), not on where free things are: those poses
live in the state. So undoing an edit, or forking after one, finds the compiled model again in a cache.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError, SceneError
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.scene import CameraMount, Light, Scene, Thing
from lifeworld.worlds.physics import asset
from lifeworld.worlds.physics.build import TIMESTEP_S, Builder, add_camera, add_light, is_fixed, is_held, is_soft
from lifeworld.worlds.physics.embody import WITH_EYES, Embodied, add_embodiment, bind_embodiment
from lifeworld.worlds.physics.layout import root_id
from lifeworld.worlds.physics.mount import Mounted, mounted
from lifeworld.worlds.physics.surface import Surfaces

TICK_STEPS = 10  # one tick is 20 ms: 50 actions a second
TICK_NS = TICK_STEPS * 2_000_000
MOVING = (int(mujoco.mjtJoint.mjJNT_HINGE), int(mujoco.mjtJoint.mjJNT_SLIDE))  # an engine enum is not equal to a NumPy integer
MOST_KEPT, MOST_KEPT_BYTES = 64, 512_000_000
SPEC_AND_MODEL = 5  # times the model's own buffer: what a model and the spec it grows from take together (measured: 33 MB for 6.6)

DEFAULT_CAMERA = CameraMount(name="overview", pose=Pose.look_at((1.4, -1.8, 1.7), (0.0, 0.0, 0.5)))
DEFAULT_LIGHTS = (
    Light(name="sun", kind="sun", direction=(0.35, 0.55, -1.0), position_m=(-1.5, -2.5, 5.0), intensity=0.55),
    Light(name="fill", kind="sun", direction=(-0.6, 0.3, -0.5), position_m=(3.0, -1.0, 3.0), intensity=0.2, shadow=False),
)


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """Where one thing lives in the model: its body, and for what moves its addresses in qpos and qvel."""

    thing: Thing
    body: int
    qpos: int  # address of the free joint, −1 for what is fixed
    dof: int
    joints: tuple[tuple[str, int, int], ...]  # name, qpos address, dof address
    reach: tuple[tuple[float, float], ...]  # what a scene can say of each joint
    soft: int = -1  # flex id


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A model and who is who in it. Instance ids: 0 background and ground, i + 1 the i-th thing, then the embodiments."""

    scene: Scene
    assets: Path
    spec: mujoco.MjSpec
    model: mujoco.MjModel
    bounds: tuple[Bound, ...]
    embodied: tuple[Embodied, ...]
    cameras: tuple[CameraMount, ...]
    body_instance: NDArray[np.int32]
    geom_instance: NDArray[np.int32]
    flex_instance: NDArray[np.int32]
    surfaces: Surfaces
    sensors: tuple[Mounted, ...]

    @property
    def state_size(self) -> int:
        return int(mujoco.mj_stateSize(self.model, int(mujoco.mjtState.mjSTATE_INTEGRATION)))


_COMPILED: dict[tuple[Scene, Path], Compiled] = {}


def compile_scene(scene: Scene, *, assets: Path = Path(), base: Compiled | None = None) -> Compiled:
    """The model of a scene; its imported assets lie in folders under `assets`.

    Where the scene is that of `base` with things added at the end, only those are built: the rest is copied.

    Raises:
        SceneError: for kinds, sizes or options that do not exist, or things without a pose.
        EngineError: if MuJoCo refuses the model (a bug of ours: checked scenes compile).
    """
    for thing in scene.things:
        if thing.pose is None:
            raise SceneError(
                "this thing has no pose yet",
                where=f"thing {thing.name!r}",
                fix="Place the scene first: lifeworld.scene.place.place(scene, seed=0).",
            )
    key = (structure(scene), assets)
    if key not in _COMPILED:
        try:
            _COMPILED[key] = _grown(base, *key) or _compile(*key)
        except ValueError as error:  # what the bindings raise
            raise EngineError("MuJoCo refuses this scene", where=f"scene {scene.name!r}", got=str(error)) from error
        kept = SPEC_AND_MODEL * sum(int(c.model.nbuffer) for c in _COMPILED.values())
        while len(_COMPILED) > MOST_KEPT or (kept > MOST_KEPT_BYTES and len(_COMPILED) > 2):
            kept -= SPEC_AND_MODEL * int(_COMPILED.pop(next(iter(_COMPILED))).model.nbuffer)
    else:
        _COMPILED[key] = _COMPILED.pop(key)  # the last used is the last to go
    return _COMPILED[key]


def structure(scene: Scene) -> Scene:
    """The scene without what the state holds: poses and velocities of free things, joint positions, relations, titles.

    The pose of what is held fast to another is the one in that other's frame.
    """
    poses = {t.name: t.pose for t in scene.things}
    return replace(
        scene,
        name="structure",
        title="",
        moving=False,
        spaces=(),
        groups=(),
        events=(),
        things=tuple(
            replace(
                thing,
                pose=thing.pose if is_fixed(thing) or is_soft(thing) else _held(thing.pose, poses.get(thing.attach or "")),
                relations=(),
                joints=(),
                linear_velocity_m_s=(0.0, 0.0, 0.0),
                angular_velocity_rad_s=(0.0, 0.0, 0.0),
            )
            for thing in scene.things
        ),
    )


def _held(pose: Pose | None, holder: Pose | None) -> Pose | None:
    """holder_from_thing, to 10 µm: so that what has sagged by less since it was attached leads to the same model."""
    if pose is None or holder is None:
        return None
    at = holder.inverse() @ pose
    return Pose(np.round(at.position_m, 5), np.round(at.quat_wxyz, 5))


def _check_names(scene: Scene) -> None:
    """Raise SceneError for a name that the engine, or an embodiment's own camera, has already."""
    eyes = {f"{e.name}_eye": e.name for e in scene.embodiments if e.kind in WITH_EYES}
    for camera in scene.cameras:
        if camera.name in eyes:
            raise SceneError(
                f"{eyes[camera.name]!r} has a camera of this name", where=f"camera {camera.name!r}", fix="Call your camera otherwise."
            )
    for sort, named in (("thing", scene.things), ("embodiment", scene.embodiments)):
        if any(one.name == "world" for one in named):
            raise SceneError("'world' is the name of the whole", where=f"{sort} 'world'", fix="Call it otherwise.")


def _compile(scene: Scene, assets: Path) -> Compiled:
    _check_names(scene)
    spec = mujoco.MjSpec()
    _options(spec, scene)
    builder = Builder(spec, assets)
    if scene.ground is not None:
        builder.ground(scene)
    # Embodiments come before things, so that a thing added later has the same place in the state as one that was there at once.
    for embodiment in scene.embodiments:
        if embodiment.kind == "robot":
            asset.attach_robot(spec, embodiment, scene, assets)
        else:
            add_embodiment(spec, embodiment)
    for thing in scene.things:
        builder.thing(thing, scene)
    for thing in filter(is_held, scene.things):
        builder.hold(thing)
    for camera in scene.cameras or (DEFAULT_CAMERA,):
        add_camera(spec, camera)
    for light in scene.lights or DEFAULT_LIGHTS:
        add_light(spec.worldbody, light.name, light)
    return _bound(spec, scene, assets)


def _grown(base: Compiled | None, scene: Scene, assets: Path) -> Compiled | None:
    """`base` with the things that the scene has more, at its end; None where more has changed, or what is new changes the whole."""
    if base is None or base.assets != assets:
        return None
    old, new = base.scene.things, scene.things[len(base.scene.things) :]
    if scene.things[: len(old)] != old or replace(scene, things=old) != base.scene or any(is_fixed(t) or is_soft(t) for t in new):
        return None
    _check_names(scene)
    spec = base.spec.copy()
    builder = Builder(spec, assets)
    for thing in new:
        builder.thing(thing, scene)
    for thing in filter(is_held, new):
        builder.hold(thing)
    return _bound(spec, scene, assets)


def _bound(spec: mujoco.MjSpec, scene: Scene, assets: Path) -> Compiled:
    """The compiled model with who is who in it."""
    model = spec.compile()
    embodied = tuple(
        bind_embodiment(model, e, TICK_NS * 1e-9, asset.home(e, scene, assets) if e.kind == "robot" else None) for e in scene.embodiments
    )
    cameras = scene.cameras or (DEFAULT_CAMERA,)
    width_px, height_px = cameras[0].width_px, cameras[0].height_px  # no scene says how large an eye's pictures are
    eyes = tuple(replace(eye, width_px=width_px, height_px=height_px) for e in embodied for eye in e.cameras)
    bodies = _instances(model, scene)
    joints = _joints_by_owner(model)
    geom_instance = bodies[model.geom_bodyid] if model.ngeom else np.zeros(0, np.int32)
    flex_instance = np.array([_flex_instance(model, scene, i) for i in range(model.nflex)], dtype=np.int32)
    return Compiled(
        scene=scene,
        assets=assets,
        spec=spec,
        model=model,
        bounds=tuple(_bind(model, thing, joints.get(thing.name, [])) for thing in scene.things),
        embodied=embodied,
        cameras=(*cameras, *eyes),
        body_instance=bodies,
        geom_instance=geom_instance,
        flex_instance=flex_instance,
        surfaces=Surfaces.of(model, scene, geom_instance, flex_instance),
        sensors=mounted(model, scene),
    )


def _options(spec: mujoco.MjSpec, scene: Scene) -> None:
    spec.option.timestep = TIMESTEP_S
    spec.option.gravity = scene.gravity_m_s2
    # Euler steps rigid scenes 1.4 times as fast as implicitfast (LOG.md); robots' stiff motors want the latter, and only the
    # discrete integrator takes the elasticity of soft bodies at this time step.
    integrator = mujoco.mjtIntegrator.mjINT_EULER
    if any(is_soft(t) for t in scene.things):
        integrator = mujoco.mjtIntegrator.mjINT_DISCRETE
    elif any(e.kind == "robot" for e in scene.embodiments):
        integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.integrator = integrator
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 5.0  # stiffer friction than normal force: what is held does not creep
    spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_ISLAND  # 1.25 times as fast for things that stand apart (LOG.md)
    spec.option.iterations = 50
    spec.option.ls_iterations = 50  # with 20 the line search gives up in furnished rooms, and light things are kicked about
    spec.compiler.inertiagrouprange = [0, 3]
    spec.compiler.autolimits = True
    spec.compiler.degree = False  # MjSpec starts out in degrees
    spec.visual.headlight.ambient = (0.38, 0.38, 0.4)
    spec.visual.headlight.diffuse = (0.22, 0.22, 0.22)


def _joints_by_owner(model: mujoco.MjModel) -> dict[str, list[tuple[str, int, int]]]:
    """thing → (joint, qpos address, dof address) of its named hinges and slides."""
    out: dict[str, list[tuple[str, int, int]]] = {}
    for j in range(model.njnt):
        owner, slash, joint = model.joint(j).name.partition("/")
        if slash and int(model.jnt_type[j]) in MOVING:
            out.setdefault(owner, []).append((joint, int(model.jnt_qposadr[j]), int(model.jnt_dofadr[j])))
    return out


def _bind(model: mujoco.MjModel, thing: Thing, joints: list[tuple[str, int, int]]) -> Bound:
    free = mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_JOINT), thing.name)
    soft = mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_FLEX), thing.name)
    known = {} if asset.is_asset(thing) else {j.name: archetype.reach(j) for j in archetype.build(thing).joints}
    return Bound(
        thing=thing,
        body=root_id(model, thing.name),
        qpos=int(model.jnt_qposadr[free]) if free >= 0 else -1,
        dof=int(model.jnt_dofadr[free]) if free >= 0 else -1,
        joints=tuple(joints),
        reach=tuple(known.get(name, (-math.inf, math.inf)) for name, _, _ in joints),
        soft=soft,
    )


def _instances(model: mujoco.MjModel, scene: Scene) -> NDArray[np.int32]:
    """Instance id of every body, inherited from the thing or embodiment it hangs on."""
    names = {name: i + 1 for i, name in enumerate([*(t.name for t in scene.things), *(e.name for e in scene.embodiments)])}
    ids = np.zeros(model.nbody, dtype=np.int32)
    for body in range(1, model.nbody):
        own = names.get(model.body(body).name.partition("/")[0])
        ids[body] = own if own is not None else ids[model.body_parentid[body]]
    return ids


def _flex_instance(model: mujoco.MjModel, scene: Scene, flex: int) -> int:
    name = mujoco.mj_id2name(model, int(mujoco.mjtObj.mjOBJ_FLEX), flex)
    return next(i + 1 for i, thing in enumerate(scene.things) if thing.name == name)
