"""The library of events: kinds with sensible strengths, what each draws from a scene as it stands, and what people type to ask for them.

events = asked("bump:2/min,slip,door@4s")      # what `--events` takes
drawn = draw(event, scene, rng)                # deeds and edits with numbers, for one time it happens
kinds()                                        # all there are, by name
"""

from lifeworld.scene.events.asked import asked
from lifeworld.scene.events.drawn import Drawn, check_kinds, draw
from lifeworld.scene.events.kind import EventKind, kind, kinds

__all__ = ["Drawn", "EventKind", "asked", "check_kinds", "draw", "kind", "kinds"]
