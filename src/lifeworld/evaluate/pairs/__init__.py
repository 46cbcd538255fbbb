"""Matched films of what can be and what cannot, made by the engine: does a model know the difference?

    pair = draw(story("permanence", 7))
    pair.possible, pair.impossible, pair.visual      # uint8 (20, 64, 64, 3) each, equal until `pair.seen`

A *story* is a course of scenes that physics brought about, and beside it one that it cannot: the same past, and a future that belongs to
another. Stories come in twins: what cannot be in the one is what is so in the other. So nothing impossible is ever to be seen in a single
picture, nor in how much moves: only which future follows which past tells.
"""

from lifeworld.evaluate.pairs.films import Films, draw
from lifeworld.evaluate.pairs.stories import FAMILIES, story
from lifeworld.evaluate.pairs.story import Story

__all__ = ["FAMILIES", "Films", "Story", "draw", "story"]
