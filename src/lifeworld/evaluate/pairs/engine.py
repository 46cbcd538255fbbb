"""What the engine itself makes of a story: how far what is told is from what physics does next. It tests the test.

surprised(told, told.possible)                  # 0: physics does what it did
surprised(told, told.impossible)                # metres
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lifeworld.evaluate.pairs.story import Course, Story, course, position
from lifeworld.scene.scene import Scene

if TYPE_CHECKING:
    from lifeworld.worlds.physics.engine import WorldPhysics

MISSING_M = 1.0
"""What somebody who is not there counts for, or who is there and should not be [m]."""


def surprised(story: Story, told: Course) -> float:
    """How far things are [m], in the mean of the pictures from the moment on, from where they go from the last one that all share."""
    begun = told[story.moment - 1]
    foreseen = course(_world(), begun, len(told) - story.moment + 1)
    return float(np.mean([apart_m(one, other) for one, other in zip(foreseen[1:], told[story.moment :], strict=True)]))


def apart_m(one: Scene, other: Scene) -> float:
    """How far things are from where they are in another scene, added up [m]."""
    here, there = ({thing.name: thing for thing in scene.things} for scene in (one, other))
    missing = MISSING_M * len(here.keys() ^ there.keys())
    return missing + float(sum(np.linalg.norm(position(here[name]) - position(there[name])) for name in sorted(here.keys() & there.keys())))


@lru_cache(maxsize=1)
def _world() -> WorldPhysics:
    from lifeworld.worlds.physics.engine import WorldPhysics

    return WorldPhysics(quality="draft")
