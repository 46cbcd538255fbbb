"""Watching many futures at once: which conditions hold in state rows, and which outcomes have come true."""

from lifeworld.worlds.physics.watch.watch import Seen, Verdict, Watch

__all__ = ["Seen", "Verdict", "Watch"]
