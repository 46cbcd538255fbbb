"""Many futures of one moment: how likely something is, when, what it hangs on, and which futures to look at."""

from lifeworld.core.interval import wilson
from lifeworld.worlds.rehearse.answer import Answer
from lifeworld.worlds.rehearse.future import Fate, Occurrence
from lifeworld.worlds.rehearse.risk import Risk, rehearse
from lifeworld.worlds.rehearse.share import Share
from lifeworld.worlds.rehearse.vary import Vary

__all__ = ["Answer", "Fate", "Occurrence", "Risk", "Share", "Vary", "rehearse", "wilson"]
