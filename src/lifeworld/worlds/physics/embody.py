"""The bodies agents act through: a free camera, a floating hand, a planar pusher, a walker, any imported robot.

An embodiment adds its bodies to the model, then says how an action changes the engine's inputs. Commands work on many
state rows at once and are pure arithmetic, so one step and a rollout of thousands give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import OPENCV_FROM_OPENGL
from lifeworld.core.errors import SceneError
from lifeworld.core.pose import Pose, quat_from_matrix, quat_from_rotation_vector, quat_multiply, rotate
from lifeworld.scene.formats import AssetPose
from lifeworld.scene.scene import CameraMount, Embodiment
from lifeworld.worlds.physics.layout import Layout, root_id
from lifeworld.worlds.world import ActionSpec

Array = NDArray[np.float64]
Command = Callable[[Array, Array], None]
"""(state rows (n, size), actions (n, k)): writes controls and mocap poses into the rows."""

WITH_EYES = ("free_camera", "hand", "walker")  # each has a camera NAME_eye
EYE_HEIGHT_M = 1.6
HAND_LEASH_M = 0.04  # how far the hand's target may run ahead of the hand: it bounds the force of a push to about 60 N
FINGER_TRAVEL_M = 0.045
WALKER_FROM_EYE = Pose((0.0, 0.0, 0.0), quat_from_matrix([[0, 0, 1], [-1, 0, 0], [0, -1, 0]]))  # looks along +X
HAND_FROM_WRIST_CAMERA = Pose((0.0, -0.07, 0.02), quat_from_matrix([[1, 0, 0], [0, -1, 0], [0, 0, -1]]))  # looks along −Z


@dataclass(frozen=True, slots=True, eq=False)
class Embodied:
    """An embodiment in a model: its action, its own cameras, its command, and its state (which qpos and qvel are its own)."""

    embodiment: Embodiment
    action: ActionSpec
    command: Command
    cameras: tuple[CameraMount, ...]
    body: int
    qpos: NDArray[np.int64]
    qvel: NDArray[np.int64]
    start: tuple[tuple[int, float], ...] = ()  # qpos address and value where it does not start at zero


def add_embodiment(spec: mujoco.MjSpec, embodiment: Embodiment) -> None:
    """Put the embodiment's bodies, joints and actuators into a model being built (robots are attached by `asset`)."""
    {"free_camera": _add_camera, "hand": _add_hand, "pusher": _add_pusher, "walker": _add_walker}[embodiment.kind](spec, embodiment)


def bind_embodiment(model: mujoco.MjModel, embodiment: Embodiment, tick_s: float, home: AssetPose | None = None) -> Embodied:
    """Who the embodiment is in the compiled model; a robot starts, and rests, at `home`."""
    name, layout = embodiment.name, Layout.of(model)
    make = {"free_camera": _bind_camera, "hand": _bind_hand, "pusher": _bind_pusher, "walker": _bind_walker}
    if embodiment.kind == "robot":
        action, command = _bind_robot(model, layout, embodiment, home)
    else:
        action, command = make[embodiment.kind](model, layout, embodiment, tick_s)
    prefix = f"{name}/"
    own = [j for j in range(model.njnt) if model.joint(j).name.startswith(prefix)]
    sizes = {int(mujoco.mjtJoint.mjJNT_FREE): (7, 6), int(mujoco.mjtJoint.mjJNT_BALL): (4, 3)}
    qpos = [q for j in own for q in range(model.jnt_qposadr[j], model.jnt_qposadr[j] + sizes.get(int(model.jnt_type[j]), (1, 1))[0])]
    qvel = [q for j in own for q in range(model.jnt_dofadr[j], model.jnt_dofadr[j] + sizes.get(int(model.jnt_type[j]), (1, 1))[1])]
    eyes = tuple(
        CameraMount(name=f"{name}_eye", pose=Pose(), fov_y_deg=float(model.cam_fovy[c]), attach=name)
        for c in range(model.ncam)
        if model.cam(c).name == f"{name}_eye"
    )
    start = tuple(
        (int(model.jnt_qposadr[mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_JOINT), prefix + joint)]), value)
        for joint, value in (home.joints.items() if home is not None else ())
    )
    return Embodied(
        embodiment, action, command, eyes, root_id(model, name), np.array(qpos, dtype=np.int64), np.array(qvel, dtype=np.int64), start
    )


# -- a free camera ---------------------------------------------------------------------------------------------------------


def _add_camera(spec: mujoco.MjSpec, e: Embodiment) -> None:
    body = spec.worldbody.add_body(name=e.name, mocap=True, pos=e.pose.position_m, quat=e.pose.quat_wxyz)
    body.add_camera(name=f"{e.name}_eye", quat=OPENCV_FROM_OPENGL.quat_wxyz, fovy=55.0)


def _bind_camera(model: mujoco.MjModel, layout: Layout, e: Embodiment, tick_s: float) -> tuple[ActionSpec, Command]:
    mocap = int(model.body_mocapid[model.body(e.name).id])
    spec = _action(
        e.name, ("right_m_s", "down_m_s", "forward_m_s", "about_right_rad_s", "about_down_rad_s", "about_forward_rad_s"),
        (2.0,) * 3 + (2.0,) * 3,
    )  # fmt: skip

    def command(rows: Array, action: Array) -> None:
        position, quat = layout.mocap_pos(rows, mocap), layout.mocap_quat(rows, mocap)
        position += rotate(quat, action[:, :3] * tick_s)
        quat[:] = _unit(quat_multiply(quat, quat_from_rotation_vector(action[:, 3:] * tick_s)))

    return spec, command


# -- a floating hand with two fingers --------------------------------------------------------------------------------------


def _add_hand(spec: mujoco.MjSpec, e: Embodiment) -> None:
    target = spec.worldbody.add_body(name=f"{e.name}/target", mocap=True, pos=e.pose.position_m, quat=e.pose.quat_wxyz)
    palm = spec.worldbody.add_body(name=e.name, pos=e.pose.position_m, quat=e.pose.quat_wxyz, gravcomp=1.0)
    palm.add_freejoint(name=f"{e.name}/base")
    look = {"rgba": (0.25, 0.28, 0.33, 1.0), "condim": 4}
    palm.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=(0.06, 0.022, 0.018), mass=0.4, **look)
    palm.add_geom(type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=(0.022, 0.03, 0), pos=(0, 0, 0.045), mass=0.1, **look)
    palm.add_camera(
        name=f"{e.name}_eye",
        pos=HAND_FROM_WRIST_CAMERA.position_m,
        quat=(HAND_FROM_WRIST_CAMERA @ OPENCV_FROM_OPENGL).quat_wxyz,
        fovy=70.0,
    )
    for side, sign in (("left", 1.0), ("right", -1.0)):
        finger = palm.add_body(name=f"{e.name}/{side}", pos=(sign * 0.008, 0, -0.018), gravcomp=1.0)
        finger.add_joint(
            name=f"{e.name}/{side}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=(sign, 0, 0), range=(0.0, FINGER_TRAVEL_M), damping=[8.0, 0, 0],
            armature=0.02,
        )  # fmt: skip
        finger.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX, size=(0.006, 0.011, 0.035), pos=(0, 0, -0.035), mass=0.04, friction=(1.2, 0.02, 0.001),
            rgba=(0.13, 0.14, 0.16, 1.0), condim=4, priority=1, solref=(0.005, 1.0),
        )  # fmt: skip
        spec.add_exclude(bodyname1=e.name, bodyname2=f"{e.name}/{side}")
        actuator = spec.add_actuator(name=f"{e.name}/{side}", target=f"{e.name}/{side}", trntype=mujoco.mjtTrn.mjTRN_JOINT)
        actuator.set_to_position(kp=600.0, kv=20.0)
        actuator.ctrlrange, actuator.forcerange = (0.0, FINGER_TRAVEL_M), (-25.0, 25.0)
    # A spring of six numbers, limited in force, pulls the palm to its target; a weld would push as hard as it takes.
    target.add_site(name=f"{e.name}/target")
    palm.add_site(name=f"{e.name}/palm")
    for index, axis in enumerate(("x", "y", "z", "about_x", "about_y", "about_z")):
        turns = index >= 3
        servo = spec.add_actuator(
            name=f"{e.name}/{axis}", target=f"{e.name}/palm", refsite=f"{e.name}/target", trntype=mujoco.mjtTrn.mjTRN_SITE,
            gear=[float(i == index) for i in range(6)],
        )  # fmt: skip
        servo.set_to_position(kp=8.0 if turns else 1500.0, kv=0.3 if turns else 60.0)
        most = 4.0 if turns else 60.0
        servo.forcerange = (-most, most)


def _bind_hand(model: mujoco.MjModel, layout: Layout, e: Embodiment, tick_s: float) -> tuple[ActionSpec, Command]:
    mocap = int(model.body_mocapid[model.body(f"{e.name}/target").id])
    base = int(model.jnt_qposadr[model.joint(f"{e.name}/base").id])
    fingers = [model.actuator(f"{e.name}/{side}").id for side in ("left", "right")]
    spec = _action(
        e.name, ("x_m_s", "y_m_s", "z_m_s", "about_x_rad_s", "about_y_rad_s", "about_z_rad_s", "grip"),
        (0.6,) * 3 + (2.5,) * 3 + (1.0,), low=(-0.6,) * 3 + (-2.5,) * 3 + (0.0,), rest=(0.0,) * 6 + (1.0,),
    )  # fmt: skip

    def command(rows: Array, action: Array) -> None:
        position, quat = layout.mocap_pos(rows, mocap), layout.mocap_quat(rows, mocap)
        palm = layout.view(rows, "qpos")[..., base : base + 3]
        ahead = position + action[:, :3] * tick_s - palm
        length = np.linalg.norm(ahead, axis=-1, keepdims=True)
        position[:] = palm + ahead * np.minimum(1.0, HAND_LEASH_M / np.maximum(length, 1e-9))
        if action[:, 3:6].any():  # a hand at rest is the common one, and turning it by nothing takes the longest
            quat[:] = _unit(quat_multiply(quat_from_rotation_vector(action[:, 3:6] * tick_s), quat))
        for finger in fingers:
            layout.view(rows, "ctrl")[..., finger] = action[:, 6] * FINGER_TRAVEL_M

    return spec, command


# -- a pusher on a plane ---------------------------------------------------------------------------------------------------


def _add_pusher(spec: mujoco.MjSpec, e: Embodiment) -> None:
    body = spec.worldbody.add_body(name=e.name, pos=e.pose.position_m, quat=e.pose.quat_wxyz, gravcomp=1.0)
    for axis, direction in (("x", (1, 0, 0)), ("y", (0, 1, 0))):
        body.add_joint(name=f"{e.name}/{axis}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=direction, damping=[1.0, 0, 0])
        actuator = spec.add_actuator(name=f"{e.name}/{axis}", target=f"{e.name}/{axis}", trntype=mujoco.mjtTrn.mjTRN_JOINT)
        if e.action == "position":
            actuator.set_to_position(kp=400.0, kv=40.0)
        elif e.action == "torque":
            actuator.set_to_motor()
        else:
            actuator.set_to_velocity(kv=60.0)
        actuator.forcerange = (-20.0, 20.0)
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=(0.015, 0.05, 0), pos=(0, 0, 0.055), mass=0.4, rgba=(0.8, 0.25, 0.2, 1.0), condim=4
    )


def _bind_pusher(model: mujoco.MjModel, layout: Layout, e: Embodiment, tick_s: float) -> tuple[ActionSpec, Command]:
    unit, most = {"position": ("m", 2.0), "torque": ("n", 20.0)}.get(e.action or "velocity", ("m_s", 1.0))
    spec = _action(e.name, (f"x_{unit}", f"y_{unit}"), (most, most))
    drives = [model.actuator(f"{e.name}/{axis}").id for axis in ("x", "y")]

    def command(rows: Array, action: Array) -> None:
        layout.view(rows, "ctrl")[..., drives] = action

    return spec, command


# -- somebody who walks and looks ------------------------------------------------------------------------------------------


def _add_walker(spec: mujoco.MjSpec, e: Embodiment) -> None:
    body = spec.worldbody.add_body(name=e.name, pos=e.pose.position_m, quat=e.pose.quat_wxyz)
    slides = (("x", (1, 0, 0)), ("y", (0, 1, 0)), ("z", (0, 0, 1)))
    for axis, direction in slides:
        body.add_joint(name=f"{e.name}/{axis}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=direction)
    body.add_joint(name=f"{e.name}/yaw", type=mujoco.mjtJoint.mjJNT_HINGE, axis=(0, 0, 1), damping=[5.0, 0, 0])
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        size=(0.2, 0.62, 0),
        pos=(0, 0, 0.83),
        mass=70.0,
        rgba=(0.35, 0.45, 0.6, 1.0),
        condim=1,
        priority=2,
        group=3,
    )
    head = body.add_body(name=f"{e.name}/head", pos=(0.05, 0, EYE_HEIGHT_M))
    head.add_joint(
        name=f"{e.name}/pitch", type=mujoco.mjtJoint.mjJNT_HINGE, axis=(0, 1, 0), range=(-1.4, 1.4), damping=[1.0, 0, 0], armature=0.05
    )
    head.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=(0.05, 0, 0), mass=1.0, contype=0, conaffinity=0, group=3)
    head.add_camera(name=f"{e.name}_eye", quat=(WALKER_FROM_EYE @ OPENCV_FROM_OPENGL).quat_wxyz, fovy=65.0)
    for axis, kv, force in (("x", 2000.0, 400.0), ("y", 2000.0, 400.0), ("yaw", 60.0, 100.0), ("pitch", 20.0, 50.0)):
        actuator = spec.add_actuator(name=f"{e.name}/{axis}", target=f"{e.name}/{axis}", trntype=mujoco.mjtTrn.mjTRN_JOINT)
        actuator.set_to_velocity(kv=kv)
        actuator.forcerange = (-force, force)


def _bind_walker(model: mujoco.MjModel, layout: Layout, e: Embodiment, tick_s: float) -> tuple[ActionSpec, Command]:
    spec = _action(e.name, ("forward_m_s", "left_m_s", "turn_left_rad_s", "look_down_rad_s"), (1.6, 1.6, 2.5, 2.0))
    drives = [model.actuator(f"{e.name}/{axis}").id for axis in ("x", "y", "yaw", "pitch")]
    yaw = int(model.jnt_qposadr[model.joint(f"{e.name}/yaw").id])

    def command(rows: Array, action: Array) -> None:
        heading = layout.view(rows, "qpos")[..., yaw]
        forward, left = action[:, 0], action[:, 1]
        controls = layout.view(rows, "ctrl")
        controls[..., drives[0]] = np.cos(heading) * forward - np.sin(heading) * left
        controls[..., drives[1]] = np.sin(heading) * forward + np.cos(heading) * left
        controls[..., drives[2:]] = action[:, 2:]

    return spec, command


# -- an imported robot -----------------------------------------------------------------------------------------------------


def _bind_robot(model: mujoco.MjModel, layout: Layout, e: Embodiment, home: AssetPose | None) -> tuple[ActionSpec, Command]:
    prefix = f"{e.name}/"
    drives = [a for a in range(model.nu) if model.actuator(a).name.startswith(prefix)]
    if not drives:
        raise SceneError(
            "this robot has nothing that drives it", where=f"embodiment {e.name!r}", fix='Say what to command: action = "position".'
        )
    limits = [model.actuator_ctrlrange[a] if model.actuator_ctrllimited[a] else (-100.0, 100.0) for a in drives]
    controls = (home.controls | (home.joints if e.action == "position" else {})) if home is not None else {}
    wanted = [controls.get(model.actuator(a).name[len(prefix) :], 0.0) for a in drives]
    rest = np.clip(wanted, [low for low, _ in limits], [high for _, high in limits])
    spec = ActionSpec(
        name=e.name,
        labels=tuple(model.actuator(a).name[len(prefix) :] for a in drives),
        low=tuple(float(low) for low, _ in limits),
        high=tuple(float(high) for _, high in limits),
        rest=tuple(float(r) for r in rest),
    )

    def command(rows: Array, action: Array) -> None:
        layout.view(rows, "ctrl")[..., drives] = action

    return spec, command


def _action(
    name: str,
    labels: tuple[str, ...],
    high: tuple[float, ...],
    *,
    low: tuple[float, ...] | None = None,
    rest: tuple[float, ...] | None = None,
) -> ActionSpec:
    return ActionSpec(name=name, labels=labels, high=high, low=low or tuple(-h for h in high), rest=rest or (0.0,) * len(labels))


def _unit(quat: Array) -> Array:
    return np.asarray(quat / np.linalg.norm(quat, axis=-1, keepdims=True))
