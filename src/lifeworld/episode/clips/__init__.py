"""Clips of episodes in batches: the loader that training reads from (docs/clips.md)."""

from lifeworld.episode.clips.batch import Batch, Ragged
from lifeworld.episode.clips.clips import Clips, State
from lifeworld.episode.clips.report import Failure, Report

__all__ = ["Batch", "Clips", "Failure", "Ragged", "Report", "State"]
