"""Words become outcomes: what is asked of futures, read as a subject, what becomes of it, and when.

outcome_of("the glass falls off the table within 3 seconds", scene)
"""

from lifeworld.scene.words.outcome.outcome import outcome_of

__all__ = ["outcome_of"]
