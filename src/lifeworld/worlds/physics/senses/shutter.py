"""The blur of a shutter that stays open for the second half of a frame: the mean light of pictures in between.

Between two pictures light is taken to change evenly, so those at the ends count half. They are taken when an event camera takes its own
(`pixel_events.py`): who asks for both pays for one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.course import course, halves, most_px, picture, stands_still, stop
from lifeworld.worlds.physics.senses.linear import LIGHT, levels
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.see import rgb


def blurred(look: Look, camera: str) -> NDArray[np.uint8]:
    """The mean of 2 to 9 pictures, one pixel of the fastest motion apart where eight parts suffice; `rgb` where nothing moves."""
    if stands_still(look, camera):
        return rgb(look, camera)
    steps, shares = exposure(len(course(look).times_ns) - 1, most_px(look, camera))
    light = sum((share * LIGHT[picture(look, camera, step)] for step, share in zip(steps, shares, strict=True)), np.zeros((), np.float32))
    return levels(np.asarray(light))


def exposure(steps: int, motion_px: float) -> tuple[list[int], NDArray[np.float32]]:
    """The steps of a frame of so many after which pictures are taken, from its middle to its end, and each one's share of the light."""
    count = halves(motion_px)
    at = np.unique([stop(steps, (count + part) / (2 * count)) for part in range(count + 1)])
    gaps = np.diff(at, prepend=at[0], append=at[-1])
    shares = (gaps[:-1] + gaps[1:]) / (2 * (at[-1] - at[0]))
    return at.tolist(), shares.astype(np.float32)


SENSES: dict[str, Sense] = {"rgb_blurred": blurred}
