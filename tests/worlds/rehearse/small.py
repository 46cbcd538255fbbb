"""A small moment to rehearse: a can and a block on a table, and somebody who bumps into them now and then."""

from __future__ import annotations

from functools import lru_cache

from lifeworld.core.pose import Pose
from lifeworld.scene.condition import Condition
from lifeworld.scene.event import Event
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Relation, Scene, Thing
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle

FALLS = Outcome(name="the can falls off the table", conditions=(Condition(predicate="falls_off", thing="can", to="table"),))
STAYS = Outcome(name="the can stays on the table", conditions=FALLS.conditions, how="never")
AT_END = Outcome(name="the can stands upright", conditions=(Condition(predicate="upright", thing="can"),), how="at_end")


def bumps(rate_per_min: float = 12.0, median: float = 0.6) -> tuple[Event, ...]:
    """Somebody bumps into one of the two, mostly gently."""
    return (Event(name="bump", kind="bump", rate_per_min=rate_per_min, strength=Magnitude(law="lognormal", a=median, b=0.5, high=4.0)),)


@lru_cache(maxsize=1)
def moment() -> PhysicsState:
    table = Thing(name="table", kind="table", pose=Pose(), fixed=True)
    can = Thing(name="can", kind="can", relations=(Relation(kind="on", thing="table", at_m=(0.45, 0.0)),))
    block = Thing(name="block", kind="block", relations=(Relation(kind="on", thing="table", at_m=(-0.2, 0.1)),))
    world = WorldPhysics(renderer="rays")
    scene = Scene(name="small", things=(table, can, block))
    return world.reset(settle(world, scene, seed=0), seed=0)
