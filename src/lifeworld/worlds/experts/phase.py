"""A phase of a task: where the grip goes, what has to hold meanwhile, and when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.pose import Pose

PhaseName = Literal[
    "rest", "wait", "approach", "descend", "grasp", "lift", "carry", "lower", "release", "retreat",
    "pull", "shut", "press", "push", "tilt", "pour", "right", "watch", "give_up",
]  # fmt: skip
PHASES: tuple[PhaseName, ...] = get_args(PhaseName)

Broken = Literal[
    "none", "no_way", "no_grasp", "no_place", "in_time", "stays_put", "held", "same_grip", "place_stays", "has_handle", "joint_follows",
    "in_line", "spilt", "goal",
]  # fmt: skip
"""What can turn out not to hold: no free way, grip or place is found; it takes too long; the thing moved before it was held; it is not
held; it slipped in the grip; where it is to go moved; the handle is lost; the joint does not come along; what is pushed left the line; what
was to be poured is no longer there; what was reached does not last."""
BROKEN: tuple[Broken, ...] = get_args(Broken)

PATIENCE_S = 0.1
"""What does not hold for so long is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """`way` gives, as the phase begins, the poses (world_from_grip) to pass; `follow`, given how long the phase lasts [s], one each tick.

    Without either the grip stays. `share`: how far the fingers are open. `keep` are named conditions that have to hold meanwhile.
    The phase ends when the last pose is reached (`arrive`), and `until` is true, if there is one; `least_s` it lasts at any rate,
    and after `most_s` what is `late` is broken.

    Raises:
        Stuck: from `way` or `follow`, where there is none.
    """

    name: PhaseName
    share: float
    way: Callable[[], tuple[Pose, ...]] | None = None
    follow: Callable[[float], Pose] | None = None
    keep: tuple[tuple[Broken, Callable[[], bool]], ...] = ()
    until: Callable[[], bool] | None = None
    arrive: bool = True
    least_s: float = 0.0
    most_s: float = 6.0
    late: Broken = "in_time"
    speed_m_s: float = 0.3


class Stuck(Exception):
    """A plan cannot be made from here: `broken` says what there is none of. Experts mend it themselves; it never leaves them."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken)
        self.broken: Broken = broken
