"""What measures distance by itself, and what reports changes of light: lidar, proximity, event cameras."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.rows import PIXEL_EVENT_DTYPE
from lifeworld.core.signal.signal import Signal, signal

_measured = partial(signal, family="range")
_CAST = "One ray a beam, all at this moment (no rolling scan), to what cameras see too; what the sensor is mounted on is not there for it."
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
        computed=_CAST, exactness="The instance that an independent ray cast hits.", test=f"{_TESTS}::test_beams_name_what_they_hit",
    ),
    _measured(
        "lidar_normals", np.float32, ("beams", 3), "1", "sensor", "sensor", rate="frame",
        meaning="The unit normal of what each beam hits, on the side it comes from; NaN where nothing answers.",
        computed=_CAST, exactness="Of walls the analytic normal to 1e-6, else as normals.", test=f"{_TESTS}::test_beams_reach_the_walls",
    ),
    _measured(
        "lidar_intensity", np.float32, ("beams",), "1", "none", "sensor", rate="frame",
        meaning="How bright each return is: 1 is a white wall met squarely at 1 m; 0 where nothing answers.",
        computed="The surface's albedo (linear luminance of its colour, without its texture) times the cosine of incidence, over the "
        "square of the way.",
        exactness="Of a matt surface of one colour to 0.1 %; gloss, textures and the width of a beam are not in it.",
        test=f"{_TESTS}::test_a_return_fades_with_the_square_of_the_way",
    ),
    _measured(
        "lidar_directions", np.float32, ("beams", 3), "1", "sensor", "sensor", rate="start",
        meaning="Where each beam points: unit vectors in the sensor's frame (+X forward, +Z up).",
        computed="From the lidar's pattern: rings from the top down, each from left to right, so that they reshape to (rows, columns); or "
        "a golden-angle spiral from straight ahead outward.",
        exactness="To float32.", test=f"{_TESTS}::test_patterns_point_where_they_say",
    ),
    _measured(
        "proximity_m", np.float32, (), "m", "sensor", "sensor", rate="tick",
        meaning="How far the nearest thing in the sensor's cone is; NaN where nothing is within its reach.",
        computed="The least of 64 rays that fill the cone.",
        exactness="Of what those rays hit, to 1 mm; what is thinner than their spacing (a ninth of the cone) may lie between.",
        test=f"{_TESTS}::test_proximity_is_the_way_to_the_nearest",
    ),
    _measured(
        "pixel_events", PIXEL_EVENT_DTYPE, (), "ns, px, 1", "camera", "camera", rate="frame", ragged=True,
        meaning="What an event camera reports of the frame that led here, in the order of time, in PIXEL_EVENT_DTYPE; none at the start.",
        computed="Pictures drawn at 2 to 8 sub-frames, a pixel of the fastest motion apart up to 8 pixels; an event wherever "
        "log(light + 0.001) crosses a multiple of the threshold, at the time a straight line between sub-frames gives.",
        exactness="Summed, the change of the logarithm of rgb's light to within one threshold (0.15), at every pixel.",
        test="tests/worlds/senses/test_sensor.py::test_events_sum_to_the_change_of_light",
    ),
)  # fmt: skip
