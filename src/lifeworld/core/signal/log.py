"""What recordings bring that no engine of ours makes: bodies as they were tracked, instructions, rewards, readings of other instruments."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.rows import PHASE_DTYPE
from lifeworld.core.signal.signal import Signal, signal

_logged = partial(
    signal,
    family="log",
    computed="Taken as the recording has it; the importer says what it converted.",
    exactness="To the bit as it was recorded, after the conversion of units that the importer states.",
    test="tests/episode/test_bundle.py::test_what_is_written_is_what_is_read",
)

LOG: tuple[Signal, ...] = (
    _logged(
        "skeleton_pose", np.float64, ("limbs", 7), "m, 1", "world", "embodiment", rate="tick", blend="slerp",
        meaning="Where each joint of a tracked body is: position, then quaternion wxyz; NaN where not tracked. The legend names them.",
    ),
    _logged(
        "skeleton_confidence", np.float32, ("limbs",), "1", "none", "embodiment", rate="tick",
        meaning="How sure the tracker was of each joint of a tracked body, from 0 to 1.",
    ),
    _logged(
        "reading", np.float64, ("channels",), "as the legend says", "none", "sensor", rate="tick", blend="linear",
        meaning="What an instrument read, one number a channel; NaN where it read nothing. The legend names the channels, with units.",
    ),
    _logged(
        "instruction", np.dtype("U1000"), (), "text", "none", "world", rate="start",
        meaning="What the one who acts was told to do, in words, from this moment on.",
    ),
    signal(
        "phase", PHASE_DTYPE, (), "1", "none", "embodiment", family="log", rate="tick", ragged=True,
        meaning="What the one who acts is doing, whether it failed or recovers, what broke and after which event: one row, in PHASE_DTYPE.",
        computed="Kept by whoever records, from an expert that says so (worlds/experts).",
        exactness="What the expert acted upon in that step.",
        test="tests/worlds/experts/test_recoveries.py::test_failure_and_recovery_are_in_one_episode",
    ),
    _logged(
        "reward", np.float64, (), "1", "none", "world", rate="tick",
        meaning="The reward that the last action earned.",
    ),
    _logged(
        "terminated", np.bool_, (), "1", "none", "world", rate="tick",
        meaning="Whether the task has ended at this moment, in success or failure.",
    ),
    _logged(
        "truncated", np.bool_, (), "1", "none", "world", rate="tick",
        meaning="Whether the recording was cut at this moment by a limit, not by the task.",
    ),
)  # fmt: skip
