"""An episode while it happens, in a file that survives what kills the recorder; sealed into a bundle afterwards (`writer.py`)."""

from lifeworld.episode.journal.recover import Recovered, recover, sweep_bundle
from lifeworld.episode.journal.writer import Journal

__all__ = ["Journal", "Recovered", "recover", "sweep_bundle"]
