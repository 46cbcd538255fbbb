"""What can be heard where a camera stands: sound made from what touches what, how hard, and of what it is made."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.signal import Signal, signal

RATE_HZ = 48_000
"""Samples a second of all sound."""

_heard = partial(signal, family="hear", per="camera", rate="tick")
_HOW = "Modes of each thing struck, rubbed and rolled by its contacts' forces; heard through the air at the camera."

HEAR: tuple[Signal, ...] = (
    _heard(
        "audio_mono", np.float32, ("samples",), "1", "none",
        meaning="The sound of the last tick where the camera stands, 48,000 samples a second, full scale at ±1 (94 dB SPL is 0.1).",
        computed=_HOW,
        exactness="A model, not a measurement; it begins within one tick of the contact and falls with the distance.",
        test="tests/worlds/senses/test_hear.py::test_sound_begins_with_the_contact",
    ),
    _heard(
        "audio_stereo", np.float32, ("samples", 2), "1", "camera",
        meaning="The sound of the last tick at the camera's left and right ear, 18 cm apart.",
        computed=_HOW + " The ears differ by the way and by the head's shadow.",
        exactness="As audio_mono; what is on the left is louder and earlier on the left.",
        test="tests/worlds/senses/test_hear.py::test_what_is_on_the_left_is_heard_on_the_left",
    ),
)  # fmt: skip
