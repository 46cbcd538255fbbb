"""Words become events: what is to happen, told as one tells it.

happening_of("a gust of wind from the left after 2 seconds", scene)
"""

from lifeworld.scene.words.happening.happening import happening_of

__all__ = ["happening_of"]
