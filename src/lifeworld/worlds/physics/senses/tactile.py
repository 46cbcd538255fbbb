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


def tactile(look: Look, name: str) -> NDArray[np.float32]:
    """(rows, columns, 3) [N]: shear along the face's x and y, and pressure; row r is at y = (r + ½) height / rows − height / 2.

    A contact counts if it is one of the body that the face is on, lies before the face (to half a taxel beyond its rim, and to
    DEPTH_M) and pushes into it. It is shared by the four taxels around it, so that sums are kept.
    """
    mounted = look.sensor(name)
    sensor = mounted.sensor
    shape = (sensor.rows or TAXELS, sensor.columns or TAXELS)
    point, force = _on_body(look, mounted)
    size = np.array(sensor.size_m or SIZE_M)
    pitch = size / (shape[1], shape[0])
    on = (np.abs(point) <= [*((size + pitch) / 2), DEPTH_M]).all(axis=1) & (force[:, 2] < 0)
    felt = force[on] * (1.0, 1.0, -1.0)
    # In taxels from the centre of the first: each contact lies between two rows and two columns.
    at = np.clip((point[on, :2] + size / 2) / pitch - 0.5, 0.0, (shape[1] - 1, shape[0] - 1))
    low = np.minimum(at.astype(np.int64), np.maximum((shape[1] - 2, shape[0] - 2), 0))
    share = at - low
    out = np.zeros((*shape, 3))
    for right in (0, 1):
        for up in (0, 1):
            part = np.abs(1 - right - share[:, 0]) * np.abs(1 - up - share[:, 1])
            row, column = (np.minimum(low[:, i] + step, most - 1) for i, step, most in ((1, up, shape[0]), (0, right, shape[1])))
            np.add.at(out, (row, column), part[:, None] * felt)
    return out.astype(np.float32)


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
