"""What works on this machine, what is missing, and the exact command that mends it.

Every part is really tried, not looked up: engine, drivers, codecs and torch each in a child process with a time limit, so that
one that crashes or hangs is a row of the table and not the end of it. Nothing heavy is loaded into the process that asks.
"""

from __future__ import annotations

from lifeworld.doctor.check import Check
from lifeworld.doctor.parts import examine, renderer

__all__ = ["Check", "examine", "renderer"]
