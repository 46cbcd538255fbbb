"""The laws of the house, to be run on anything that promises to keep them: ours, and what outsiders write.

from lifeworld.testing import check_episode, check_world
check_world(MyWorld(), scene)          # raises LawBroken, naming the law and what differed
check_episode(my_episode)              # or a bundle: each of its episodes, and itself
"""

from lifeworld.testing.episode import EPISODE_LAWS, EpisodeLaw, EpisodeTrial, check_episode
from lifeworld.testing.trial import LawBroken, Trial
from lifeworld.testing.world import WORLD_LAWS, Law, check_world

__all__ = [
    "EPISODE_LAWS",
    "WORLD_LAWS",
    "EpisodeLaw",
    "EpisodeTrial",
    "Law",
    "LawBroken",
    "Trial",
    "check_episode",
    "check_world",
]
