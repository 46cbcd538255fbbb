"""The laws of the house, to be run on anything that promises to keep them: ours, and what outsiders write.

from lifeworld.testing import check_world
check_world(MyWorld(), scene)          # raises LawBroken, naming the law and what differed
"""

from lifeworld.testing.trial import LawBroken, Trial
from lifeworld.testing.world import WORLD_LAWS, Law, check_world

__all__ = ["WORLD_LAWS", "Law", "LawBroken", "Trial", "check_world"]
