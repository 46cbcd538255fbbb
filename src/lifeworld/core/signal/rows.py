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

CAPTION_DTYPE = np.dtype("U200")
"""One sentence."""

QUESTION_DTYPE = np.dtype([("question", "U160"), ("answer", "U80")])
"""A question about this moment and its answer."""
