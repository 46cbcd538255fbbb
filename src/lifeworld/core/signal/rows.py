"""What one row of a ragged signal holds: contacts, impulses, pixel events, facts, happenings, words."""

from __future__ import annotations

import numpy as np

CONTACT_DTYPE = np.dtype(
    [
        ("body_a", np.int32),
        ("body_b", np.int32),
        ("part_a", np.int32),
        ("part_b", np.int32),
        ("position_m", np.float64, (3,)),
        ("normal", np.float64, (3,)),
        ("distance_m", np.float64),
        ("force_n", np.float64),
        ("tangential_force_n", np.float64, (3,)),
        ("slip_m_s", np.float64, (3,)),
    ]
)
"""One contact: the instance ids of both sides (0 is the background, which never moves) and their part ids, the middle of it and the
unit normal from a to b in the world frame, the distance (below 0 they overlap), the force along the normal (below 0 only where an imported
surface sticks), the
friction that a puts on b and the velocity of b's surface over a's, both in the tangent plane, world frame."""

IMPULSE_DTYPE = np.dtype([("body_a", np.int32), ("body_b", np.int32), ("impulse_n_s", np.float64, (3,)), ("peak_force_n", np.float64)])
"""What one thing gave another by touching it during the last tick: the impulse that a gave b, world frame, and the largest
normal force in between."""

PIXEL_EVENT_DTYPE = np.dtype([("time_ns", np.int64), ("x", np.uint16), ("y", np.uint16), ("polarity", np.int8)])
"""One event of an event camera: when [ns from the episode's start], which pixel, and whether it became brighter (+1) or darker (−1)."""

FACT_DTYPE = np.dtype([("predicate", np.int32), ("a", np.int32), ("b", np.int32)])
"""One thing that is so: a predicate (a number in the legend of the world's spec) of instance a, and of b where it takes two, else 0."""

EVENT_DTYPE = np.dtype([("kind", np.int32), ("a", np.int32), ("b", np.int32), ("value", np.float64)])
"""One thing that happened: its kind (a number in the legend), to instance a, with b where there are two (else 0), and how much."""

HAPPENED_DTYPE = np.dtype(
    [
        ("time_ns", np.int64),
        ("event", np.int32),
        ("deed", np.int32),
        ("thing", np.int32),
        ("impulse_n_s", np.float64, (3,)),
        ("angular_impulse_n_m_s", np.float64, (3,)),
        ("energy_j", np.float64),
        ("safety", np.int32),
    ]
)
"""What one deed of an event did to one thing during the last tick: when the event happened [ns from the episode's start], which event and
which sort of deed (numbers in the legend), the instance id of the thing (0 where it is about none), the momentum, the angular momentum
about the thing's centre of mass and the energy that were given, and how bad that is (0 not said, else a number in the legend)."""

PHASE_DTYPE = np.dtype([("phase", np.int32), ("status", np.int32), ("broken", np.int32), ("cause", np.int32), ("tries", np.int32)])
"""What an expert is at: the phase of its task, how it goes, what turned out not to hold (0: nothing), the event that came before that
(0: none), and how often it had to plan again. The first four are numbers in the legend of `phase`."""

CAPTION_DTYPE = np.dtype("U200")
"""One sentence."""

QUESTION_DTYPE = np.dtype([("question", "U160"), ("answer", "U80")])
"""A question about this moment and its answer."""
