"""What measures distance by itself, and what reports changes of light: lidar, proximity, event cameras."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.rows import PIXEL_EVENT_DTYPE
from lifeworld.core.signal.signal import Signal, signal

_measured = partial(signal, family="range")
_CAST = "One ray a beam, cast by the engine, from where the sensor is at this tick."
_TESTS = "tests/worlds/senses/test_range.py"

RANGE: tuple[Signal, ...] = (
    _measured(
        "lidar_range_m", np.float32, ("beams",), "m", "sensor", "sensor", rate="frame",
        meaning="How far each beam goes before it hits something; NaN where nothing answers within the lidar's reach.",
        computed=_CAST, exactness="To 1 mm + 0.1 % of an independent ray cast.",
        test=f"{_TESTS}::test_beams_reach_the_walls",
    ),
    _measured(
        "lidar_ids", np.int32, ("beams",), "1", "none", "sensor", rate="frame",
        meaning="The instance id of what each beam hits; 0 the background or nothing.",
        computed=_CAST, exactness="Exact.", test=f"{_TESTS}::test_beams_name_what_they_hit",
    ),
    _measured(
        "lidar_normals", np.float32, ("beams", 3), "1", "sensor", "sensor", rate="frame",
        meaning="The unit normal of what each beam hits, on the side it comes from; NaN where nothing answers.",
        computed=_CAST, exactness="As normals.", test=f"{_TESTS}::test_beams_reach_the_walls",
    ),
    _measured(
        "lidar_intensity", np.float32, ("beams",), "1", "none", "sensor", rate="frame",
        meaning="How bright each return is: 1 is a white wall met squarely at 1 m; 0 where nothing answers.",
        computed="The surface's albedo times the cosine of incidence, over the square of the distance.",
        exactness="A model of a matt surface.", test=f"{_TESTS}::test_a_return_fades_with_the_square_of_the_way",
    ),
    _measured(
        "lidar_directions", np.float32, ("beams", 3), "1", "sensor", "sensor", rate="start",
        meaning="Where each beam points: unit vectors in the sensor's frame (+X forward, +Z up).",
        computed="From the lidar's pattern.", exactness="To float32.", test=f"{_TESTS}::test_patterns_point_where_they_say",
    ),
    _measured(
        "proximity_m", np.float32, (), "m", "sensor", "sensor", rate="tick",
        meaning="How far the nearest thing in the sensor's cone is; NaN where nothing is within its reach.",
        computed="The least of a cone full of rays.", exactness="Of what the cone's rays hit, to 1 mm.",
        test=f"{_TESTS}::test_proximity_is_the_way_to_the_nearest",
    ),
    _measured(
        "pixel_events", PIXEL_EVENT_DTYPE, (), "ns, px, 1", "camera", "camera", rate="frame", ragged=True,
        meaning="What an event camera reports of the frame that led here, in the order of time, in PIXEL_EVENT_DTYPE; none at the start.",
        computed="Pictures drawn at sub-frames; an event wherever the logarithm of a pixel's light crosses a multiple of the threshold.",
        exactness="Summed, the change of the logarithm of light to within one threshold (0.15).",
        test=f"{_TESTS}::test_events_sum_to_the_change_of_light",
    ),
)  # fmt: skip
