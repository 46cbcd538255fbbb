"""Sentences become edits: read (grammar), ground (who is meant), plan (what to change).

said = understand("add a glass and place it on the magazine", scene)
said.plan    # an EditPlan, for edit.apply or world.edit
said.told    # what was understood, in plain words
"""

from lifeworld.scene.words.understand import Understood, understand

__all__ = ["Understood", "understand"]
