"""Lidars: every beam of one scan from where the sensor is now, and how bright its return is. The whole scan is of one moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.beams import Array, Echoes, Fan, cast
from lifeworld.worlds.physics.senses.linear import LUMINANCE, linear
from lifeworld.worlds.physics.senses.look import Look, Sense


def directions(look: Look, sensor: str) -> Array:
    """Where the beams point (beams, 3), sensor frame."""
    return Fan.of(look.sensor(sensor).sensor).directions()


def _echoes(look: Look, sensor: str) -> Echoes:
    mounted = look.sensor(sensor)
    reach_m = Fan.of(mounted.sensor).reach_m
    return look.once(("lidar", sensor), lambda: cast(look.compiled, look.data, mounted, directions(look, sensor), reach_m))


def albedo(compiled: Compiled) -> Array:
    """How much light each surface gives back (surfaces + 1,): the luminance of its colour, without its picture; 0 of −1, nothing."""
    model = compiled.model
    kinds = ((model.geom_rgba, model.geom_matid), (model.flex_rgba[: model.nflex], soft.materials(model)))
    rgba = [np.where(made[:, None] >= 0, model.mat_rgba[made] if model.nmat else own, own) for own, made in kinds]
    return np.append(linear(np.concatenate(rgba)[:, :3]) @ LUMINANCE, 0.0)


def _intensity(look: Look, sensor: str) -> NDArray[np.float32]:
    echoes = _echoes(look, sensor)
    white = look.tables(albedo)[echoes.surface]
    square = -np.sum(echoes.normal * directions(look, sensor), axis=1)
    back = white * square / echoes.range_m**2
    return np.where(np.isnan(back), 0.0, back).astype(np.float32)


SENSES: dict[str, Sense] = {
    "lidar_range_m": lambda look, sensor: _echoes(look, sensor).range_m.astype(np.float32),
    "lidar_ids": lambda look, sensor: look.compiled.surfaces.instance[_echoes(look, sensor).surface],
    "lidar_normals": lambda look, sensor: _echoes(look, sensor).normal.astype(np.float32),
    "lidar_intensity": _intensity,
    "lidar_directions": lambda look, sensor: directions(look, sensor).astype(np.float32),
}
