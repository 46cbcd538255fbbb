"""Imported assets join a model: their own MJCF attached under the thing's or the robot's name."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np

from lifeworld.core.errors import SceneError, UnsafeFile
from lifeworld.core.pose import Pose
from lifeworld.scene.assembly import Assembly, Surface, box, root
from lifeworld.scene.formats import Asset, AssetPose, load_asset
from lifeworld.scene.scene import Embodiment, Scene, Thing


def is_asset(thing: Thing) -> bool:
    return thing.kind.startswith("asset:")


def attach_thing(spec: mujoco.MjSpec, thing: Thing, scene: Scene, folder: Path, *, fixed: bool) -> None:
    """Add an imported thing at its pose, free to move unless `fixed`."""
    body = _attach(spec, thing.name, thing.kind.removeprefix("asset:"), thing.pose or Pose(), scene, folder)
    free = [j for j in body.joints if j.type == mujoco.mjtJoint.mjJNT_FREE]
    if fixed:
        for joint in free:
            spec.delete(joint)
    elif free:
        free[0].name = thing.name
    else:
        body.add_freejoint(name=thing.name)


def attach_robot(spec: mujoco.MjSpec, embodiment: Embodiment, scene: Scene, folder: Path) -> None:
    """Add an imported robot at its pose; its base is held there unless it has a free joint of its own.

    Its own actuators are kept unless `action` asks for another sort of command; then every movable joint gets one of that sort.
    """
    assert embodiment.asset is not None
    _attach(spec, embodiment.name, embodiment.asset, embodiment.pose, scene, folder)
    prefix = f"{embodiment.name}/"
    own = [a for a in spec.actuators if a.name.startswith(prefix)]
    if embodiment.action is None and own:
        return
    for actuator in own:
        spec.delete(actuator)
    for joint in spec.joints:
        if joint.name.startswith(prefix) and joint.type in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE):
            _drive(spec, joint, embodiment.action or "position")


def root_body(spec: mujoco.MjSpec, name: str) -> mujoco.MjsBody:
    """The body of a thing or embodiment in a model being built, as `layout.root_id` in a compiled one.

    An imported root keeps its own name, since excludes, welds and sensors of the asset refer to it.
    """
    body = spec.body(name)
    return body if body is not None else next(b for b in spec.bodies if b.name.startswith(f"{name}/"))


def stand_ins(scene: Scene, folder: Path) -> dict[str, Assembly]:
    """What the placement solver takes imported things for: the box each says it fills, or up to its surface if it names one."""
    out = {}
    for ref in scene.assets:
        asset = _load(ref.name, scene, folder)
        low, size = np.array(asset.low_m), np.array(asset.size_m)
        if asset.surface_m is not None:  # solid up to where things are put; what rises above it (a back) is left out
            size[2] = max(asset.surface_m - low[2], 0.001)
        middle = tuple((low + size / 2).tolist())
        top: tuple[Surface, ...] = ()
        if asset.surface_m is not None:
            top = (Surface(name="top", size_m=(float(size[0]), float(size[1])), pose=Pose((*middle[:2], asset.surface_m))),)
        out[ref.name] = Assembly(parts=(root([box(tuple(np.maximum(size, 0.001).tolist()), middle)]),), surfaces=top)
    return out


def home(embodiment: Embodiment, scene: Scene, folder: Path) -> AssetPose | None:
    """The posture a robot starts in: its own `home`, else the first it has, else none."""
    asset = _load(embodiment.asset or "", scene, folder)
    named = [p for p in asset.poses if p.name.endswith("home")] or list(asset.poses)
    return named[0] if named else None


def _load(asset_name: str, scene: Scene, folder: Path) -> Asset:
    ref = next(a for a in scene.assets if a.name == asset_name)
    asset = load_asset(folder / ref.folder)
    if asset.digest != ref.sha256:
        raise UnsafeFile(
            "the asset is not the one the scene was made with",
            where=str(ref.folder),
            got=asset.digest,
            expected=ref.sha256,
            fix="If you changed it on purpose, write its new sha256 into the scene.",
        )
    return asset


def _attach(spec: mujoco.MjSpec, name: str, asset_name: str, pose: Pose, scene: Scene, folder: Path) -> mujoco.MjsBody:
    asset = _load(asset_name, scene, folder)
    child = mujoco.MjSpec.from_file(str(asset.model))
    roots = [body.name for body in child.worldbody.bodies]
    frame = spec.worldbody.add_frame(pos=pose.position_m, quat=pose.quat_wxyz)
    try:
        spec.attach(child, prefix=f"{name}/", frame=frame)
    except ValueError as error:
        raise SceneError("the asset cannot be joined to this scene", where=f"asset {asset_name!r}", got=str(error)) from error
    return spec.body(f"{name}/{roots[0]}")


def _drive(spec: mujoco.MjSpec, joint: mujoco.MjsJoint, action: str) -> None:
    """A motor for one joint: stiff enough for a robot arm of a few kilograms."""
    actuator = spec.add_actuator(name=joint.name, target=joint.name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    if action == "position":
        actuator.set_to_position(kp=200.0, kv=20.0)
        if joint.range[0] < joint.range[1]:
            actuator.ctrlrange = joint.range
    elif action == "velocity":
        actuator.set_to_velocity(kv=20.0)
        actuator.ctrlrange = (-3.0, 3.0)
    else:
        actuator.set_to_motor()
        actuator.ctrlrange = (-80.0, 80.0)
