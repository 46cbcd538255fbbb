"""Games as worlds: Gymnasium environments and procgen's, entered, forked, saved and recorded like any other."""

from lifeworld.worlds.game.engine import GameState, WorldGame

__all__ = ["GameState", "WorldGame"]
