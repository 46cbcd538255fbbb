"""Proximity sensors: the way to the nearest thing in a cone, as an infrared or ultrasonic ranger has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.beams import Fan, cast
from lifeworld.worlds.physics.senses.look import Look, Sense


def proximity(look: Look, sensor: str) -> NDArray[np.float32]:
    """The least way [m] along the cone's rays; NaN where none meets anything within reach."""
    mounted = look.sensor(sensor)
    fan = Fan.of(mounted.sensor)
    range_m = cast(look.compiled, look.data, mounted, fan.directions(), fan.reach_m).range_m
    return np.asarray(np.fmin.reduce(range_m), dtype=np.float32)


SENSES: dict[str, Sense] = {"proximity_m": proximity}
