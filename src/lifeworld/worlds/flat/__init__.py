"""Flat worlds: small, exact, quick ones by published rules, seen from above. A state is a row of numbers."""

from lifeworld.worlds.flat.engine import FlatState, WorldFlat

__all__ = ["FlatState", "WorldFlat"]
