"""An event camera: pixels that report by themselves, when and whether they became brighter or darker by a step.

Memoryless: the logarithm of light is cut into steps of THRESHOLD on one fixed grid, and every crossing of a step is an event. So the
events of any span of time, summed, are exactly the change of the step a pixel is in. Between two sub-frames the logarithm is taken
to go in a straight line.

Source: Rebecq, Gehrig & Scaramuzza, ESIM: an open event camera simulator (CoRL 2018), whose pixels remember their own last step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import PIXEL_EVENT_DTYPE
from lifeworld.worlds.physics.senses.course import course, most_px, parts, picture, stands_still
from lifeworld.worlds.physics.senses.linear import luminance
from lifeworld.worlds.physics.senses.look import Look, Sense

THRESHOLD = 0.15
DARK = 0.001
"""What is added to light (0 to 1) before its logarithm, as a pixel's dark current: without it black has none."""
MOST = 8
Array = NDArray[np.float64]


def log_light(rgb: NDArray[np.uint8]) -> Array:
    """The logarithm of linear luminance plus DARK (…) of a picture (…, 3)."""
    return np.log(luminance(rgb).astype(np.float64) + DARK)


def pixel_events(look: Look, camera: str) -> NDArray[np.void]:
    """The events of the frame that led here, by time, then row, then column."""
    times_ns = course(look).times_ns
    steps = len(times_ns) - 1
    if not steps:
        return np.zeros(0, PIXEL_EVENT_DTYPE)
    spans = 1 if stands_still(look, camera) else parts(most_px(look, camera), MOST)
    stops = np.unique(np.rint(np.linspace(0, steps, spans + 1)).astype(int)).tolist()
    pictures = [picture(look, camera, step) for step in stops]
    ends = times_ns[stops].tolist()
    pairs = zip(pictures[:-1], pictures[1:], ends[:-1], ends[1:], strict=True)
    events = np.concatenate([between(*pair) for pair in pairs])
    return events[np.lexsort((events["x"], events["y"], events["time_ns"]))]


def between(before: NDArray[np.uint8], after: NDArray[np.uint8], start_ns: int, end_ns: int) -> NDArray[np.void]:
    """The events (n,) between two pictures (height, width, 3), within (start, end], in no order of time."""
    y, x = np.nonzero((before != after).any(axis=2))
    pixel, part, polarity = crossings(log_light(before[y, x]) / THRESHOLD, log_light(after[y, x]) / THRESHOLD)
    out = np.empty(len(pixel), PIXEL_EVENT_DTYPE)
    after_ns = np.ceil(part * (end_ns - start_ns)).astype(np.int64)
    out["time_ns"] = start_ns + np.clip(after_ns, 1, end_ns - start_ns)
    out["x"], out["y"], out["polarity"] = x[pixel], y[pixel], polarity
    return out


def crossings(before: Array, after: Array) -> tuple[NDArray[np.int64], Array, NDArray[np.int8]]:
    """Every whole number that values (n,) cross on their way: whose (k,), at which part of the way (k,), and up or down (k,)."""
    first, last = np.floor(before).astype(np.int64), np.floor(after).astype(np.int64)
    count = np.abs(last - first)
    pixel = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(pixel)) - np.repeat(np.cumsum(count) - count, count)
    rising = (last > first)[pixel]
    level = np.where(rising, first[pixel] + 1 + number, first[pixel] - number)
    part = (level - before[pixel]) / (after - before)[pixel]
    return pixel, part, np.where(rising, 1, -1).astype(np.int8)


SENSES: dict[str, Sense] = {"pixel_events": pixel_events}
