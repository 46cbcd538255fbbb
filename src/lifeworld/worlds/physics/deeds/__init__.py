"""Deeds made real: how each of the physical ways an event has into a world becomes forces, faults and held joints of one tick.

    handles(compiled)                 what of each thing a force takes hold of
    Stance.of(model, data)            where all bodies are and how they move, for one state or for many rows
    running = begin(deed, …)          what a deed remembers while it lasts
    load(running, …)                  the forces of one tick, which `write` puts into state rows
    account(load, before, after, …)   what they gave: momentum, angular momentum, energy

Forces are constant within a tick and part of the engine's state vector (`xfrc_applied`, `qfrc_applied`), so a state in the middle of a push
goes on like any other.
"""

from lifeworld.worlds.physics.deeds.account import Given, account
from lifeworld.worlds.physics.deeds.handle import Handle, Handles
from lifeworld.worlds.physics.deeds.load import Load, write
from lifeworld.worlds.physics.deeds.running import Running, begin, follow, load
from lifeworld.worlds.physics.deeds.stance import Stance

__all__ = ["Given", "Handle", "Handles", "Load", "Running", "Stance", "account", "begin", "follow", "load", "write"]
