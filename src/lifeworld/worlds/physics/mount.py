"""Where the sensors of a scene sit in its model: those it names, and those that embodiments bring along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import mujoco

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.scene.scene import Embodiment, Scene
from lifeworld.scene.sensor import Sensor
from lifeworld.worlds.physics.layout import root_id

SIGNALS_OF: dict[str, tuple[str, ...]] = {
    "imu": ("accelerometer_m_s2", "gyro_rad_s"),
    "tactile": ("tactile_n",),
    "lidar": ("lidar_range_m", "lidar_ids", "lidar_normals", "lidar_intensity", "lidar_directions"),
    "proximity": ("proximity_m",),
}
"""Which signals each sort of sensor gives."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """A sensor in a model: the body it is fixed to (0 the world), and its pose on it."""

    sensor: Sensor
    body: int
    body_from_sensor: Pose


def mounted(model: mujoco.MjModel, scene: Scene) -> tuple[Mounted, ...]:
    """Every sensor of the scene, then those of its embodiments.

    Raises:
        UnknownName: if a sensor is on a part that its thing does not have.
        SceneError: if it is on a soft thing, which has no frame to fix it to.
    """
    named = [Mounted(s, _body(model, s), s.pose) for s in scene.sensors]
    taken = {s.name for s in scene.sensors}
    own = (m for e in scene.embodiments for m in _own(model, e) if m.sensor.name not in taken)
    return (*named, *own)


def _body(model: mujoco.MjModel, sensor: Sensor) -> int:
    if sensor.attach is None:
        return 0
    if mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_FLEX), sensor.attach) >= 0:
        raise SceneError(
            "a soft thing has no frame to fix a sensor to",
            where=f"sensor {sensor.name!r}",
            got=f"attach = {sensor.attach!r}",
            fix="Attach it to a rigid thing, or to what the soft one lies on.",
        )
    if sensor.part is None:
        return root_id(model, sensor.attach)
    body = int(mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_BODY), f"{sensor.attach}/{sensor.part}"))
    if body < 0:
        prefix = f"{sensor.attach}/"
        parts = [name.removeprefix(prefix) for b in range(model.nbody) if (name := model.body(b).name).startswith(prefix)]
        raise UnknownName(f"moving part of {sensor.attach!r}", sensor.part, parts, where=f"sensor {sensor.name!r}")
    return body


_FINGER_FACES = {
    # The inner face of each finger: x across it, y along it, z out of it towards the other finger.
    "left": Pose((-0.006, 0.0, -0.035), quat_from_matrix([[0, 0, -1], [-1, 0, 0], [0, 1, 0]])),
    "right": Pose((0.006, 0.0, -0.035), quat_from_matrix([[0, 0, 1], [1, 0, 0], [0, 1, 0]])),
}


def _own(model: mujoco.MjModel, embodiment: Embodiment) -> Iterator[Mounted]:
    """What an embodiment feels by itself: where it is in space, and with its fingers."""
    name = embodiment.name
    if embodiment.kind == "free_camera":  # nothing holds it and nothing touches it
        return
    head = f"{name}/head" if embodiment.kind == "walker" else None
    yield Mounted(Sensor(name=f"{name}_imu", kind="imu", attach=name), model.body(head).id if head else root_id(model, name), Pose())
    if embodiment.kind == "hand":
        for side, pose in _FINGER_FACES.items():
            face = Sensor(
                name=f"{name}_{side}", kind="tactile", attach=name, part=side, pose=pose, rows=12, columns=4, size_m=(0.022, 0.07)
            )
            yield Mounted(face, model.body(f"{name}/{side}").id, pose)
