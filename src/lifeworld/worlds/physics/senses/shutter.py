"""The blur of a shutter that stays open for the second half of a frame: the mean light of pictures in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.course import course, most_px, parts, picture, stands_still
from lifeworld.worlds.physics.senses.linear import LIGHT, levels
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.see import rgb

MOST = 8


def blurred(look: Look, camera: str) -> NDArray[np.uint8]:
    """One picture for each pixel that the fastest one comes while the shutter is open, 2 to 8 of them; `rgb` where nothing moves."""
    if stands_still(look, camera):
        return rgb(look, camera)
    steps = open_steps(len(course(look).times_ns) - 1, most_px(look, camera) / 2)
    light = sum((LIGHT[picture(look, camera, step)] for step in steps), np.float32(0))
    return levels(np.asarray(light / np.float32(len(steps))))


def open_steps(steps: int, motion_px: float) -> list[int]:
    """The steps of a frame of so many at whose ends pictures are taken: the middles of equal parts of its second half."""
    count, half = parts(motion_px, MOST), steps / 2
    return [int(step) for step in np.unique(np.rint(half + (np.arange(count) + 0.5) * half / count))]


SENSES: dict[str, Sense] = {"rgb_blurred": blurred}
