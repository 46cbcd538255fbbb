"""What a touch sensor's face feels: the contacts on it, each shared out to the taxels around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.mount import Mounted
from lifeworld.worlds.physics.senses.contact import touching
from lifeworld.worlds.physics.senses.look import Look

TAXELS = 8
SIZE_M = (0.02, 0.02)  # a fingertip
DEPTH_M = 0.005  # contacts lie between two overlapping surfaces, and a face may be a little bent
_CORNERS = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])


def tactile(look: Look, name: str) -> NDArray[np.float32]:
    """(rows, columns, 3) [N]: shear along the face's x and y, and pressure; row r is at y = (r + ½) height / rows − height / 2.

    A contact counts if it is one of the body that the face is on, lies before the face (to half a taxel beyond its rim, and to
    DEPTH_M) and pushes into it. It is shared by the four taxels around it, so that sums are kept.
    """
    mounted = look.sensor(name)
    sensor = mounted.sensor
    rows, columns = sensor.rows or TAXELS, sensor.columns or TAXELS
    out = np.zeros((rows * columns, 3))
    point, force = _on_body(look, mounted)
    if len(point):
        size, count = np.array(sensor.size_m or SIZE_M), np.array((columns, rows))
        pitch = size / count
        on = (np.abs(point) <= [*((size + pitch) / 2), DEPTH_M]).all(axis=1) & (force[:, 2] < 0)
        felt = force[on] * (1.0, 1.0, -1.0)
        at = np.clip((point[on, :2] + size / 2) / pitch - 0.5, 0.0, count - 1)  # in taxels from the middle of the first
        low = at.astype(np.int64)
        share = np.abs(1 - _CORNERS - (at - low)[:, None]).prod(axis=2)
        taxel = np.minimum(low[:, None] + _CORNERS, count - 1) @ (1, columns)
        np.add.at(out, taxel, share[..., None] * felt[:, None])
    return out.reshape(rows, columns, 3).astype(np.float32)


def _on_body(look: Look, mounted: Mounted) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where other bodies touch the one that the face is on (n, 3) [m], and what they put on it (n, 3) [N], in the sensor's frame."""
    touch, data = touching(look), look.data
    of_b = touch.body == mounted.body
    mine = np.flatnonzero(of_b[:, 0] != of_b[:, 1])
    force = np.where(of_b[mine, 1:], touch.force_n[mine], -touch.force_n[mine])
    world_from_body = data.xmat[mounted.body].reshape(3, 3)
    origin = data.xpos[mounted.body] + world_from_body @ mounted.body_from_sensor.position_m
    world_from_sensor = world_from_body @ mounted.body_from_sensor.rotation
    return (touch.rows["position_m"][mine] - origin) @ world_from_sensor, force @ world_from_sensor
