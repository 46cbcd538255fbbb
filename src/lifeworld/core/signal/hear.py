"""What can be heard where a camera stands: sound made from what touches what, how hard, and of what it is made."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.signal import Signal, signal

RATE_HZ = 48_000
"""Samples a second of all sound."""

_heard = partial(signal, family="hear", per="camera", rate="tick")
_HOW = (
    "Each thing has twelve modes by its size, mass and sound class. Blows (how strong, how long by Hertz's law) and rubbing, read from the "
    "contacts of every engine step, drive them; what leaves a thing falls with the distance and comes with the speed of sound."
)

HEAR: tuple[Signal, ...] = (
    _heard(
        "audio_mono", np.float32, ("samples",), "1", "none",
        meaning="The sound of the last tick where the camera stands, 48,000 24-bit samples a second, full scale at ±1 (94 dB SPL is 0.1).",
        computed=_HOW,
        exactness="A model, not a measurement. It begins within one tick of the contact and its way; 6 dB less for twice the distance; "
        "blocks join without a seam; what rests is exactly silent. No echo, no shift of pitch by motion.",
        test="tests/worlds/senses/test_hear.py::test_sound_begins_with_the_contact",
    ),
    _heard(
        "audio_stereo", np.float32, ("samples", 2), "1", "camera",
        meaning="The sound of the last tick at the camera's left and right ear, 18 cm apart.",
        computed=_HOW + " The ears differ by the way and by the head's shadow, up to 5 dB more or less.",
        exactness="As audio_mono; what is on the left is louder and earlier on the left.",
        test="tests/worlds/senses/test_hear.py::test_what_is_on_the_left_is_heard_on_the_left",
    ),
)  # fmt: skip
