"""An event camera: pixels that report by themselves, when and whether they became brighter or darker by a step.

Memoryless: the logarithm of light is cut into steps of THRESHOLD on one fixed grid, and every crossing of a step is an event. So the
events of any span of time, summed, are exactly the change of the step a pixel is in. Between two sub-frames the logarithm is taken
to go in a straight line.

Source: Rebecq, Gehrig & Scaramuzza, ESIM: an open event camera simulator (CoRL 2018), whose pixels remember their own last step.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import PIXEL_EVENT_DTYPE
from lifeworld.worlds.physics.senses.course import course, frame_start_ns, halves, most_px, picture, picture_before, stands_still, stop
from lifeworld.worlds.physics.senses.linear import luminance
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.see import rgb

THRESHOLD = 0.15
DARK = 0.001
"""What is added to light (0 to 1) before its logarithm, as a pixel's dark current: without it black has none."""
MOST_HALF = 4
"""Either half of a frame is cut into this many parts at most."""
Array = NDArray[np.float64]
Picture = NDArray[np.uint8]


def log_light(seen: Picture) -> Array:
    """The logarithm of linear luminance plus DARK (…) of a picture (…, 3)."""
    return np.log(luminance(seen).astype(np.float64) + DARK)


def pixel_events(look: Look, camera: str) -> NDArray[np.void]:
    """The events of the frame that led here, by time, then row, then column."""
    if look.last is look.now:
        return np.zeros(0, PIXEL_EVENT_DTYPE)
    events = np.concatenate([between(*span) for span in _spans(look, camera)])
    return events[np.lexsort((events["x"], events["y"], events["time_ns"]))]


def _spans(look: Look, camera: str) -> Iterator[tuple[Picture, Picture, int, int]]:
    """Pictures one after the other, two by two, and when each was taken."""
    if stands_still(look, camera):  # at most a level trembles: no need of the way
        yield picture_before(look, camera), rgb(look, camera), frame_start_ns(look), look.state.time_ns
        return
    at_ns = course(look).times_ns
    count = 2 * min(halves(most_px(look, camera)), MOST_HALF)
    steps = sorted({stop(len(at_ns) - 1, part / count) for part in range(count + 1)})
    for before, after in pairwise(steps):
        yield picture(look, camera, before), picture(look, camera, after), int(at_ns[before]), int(at_ns[after])


def between(before: Picture, after: Picture, start_ns: int, end_ns: int) -> NDArray[np.void]:
    """The events (n,) between two pictures (height, width, 3), within (start, end], in no order of time."""
    y, x = np.nonzero((before != after).any(axis=2))
    pixel, part, polarity = crossings(log_light(before[y, x]) / THRESHOLD, log_light(after[y, x]) / THRESHOLD)
    out = np.empty(len(pixel), PIXEL_EVENT_DTYPE)
    out["time_ns"] = times_ns(part, start_ns, end_ns)
    out["x"], out["y"], out["polarity"] = x[pixel], y[pixel], polarity
    return out


def times_ns(part: Array, start_ns: int, end_ns: int) -> NDArray[np.int64]:
    """When parts (n,) 0 to 1 of a span are over, never at its very start, which belongs to the span before."""
    return start_ns + np.clip(np.ceil(part * (end_ns - start_ns)).astype(np.int64), 1, end_ns - start_ns)


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
