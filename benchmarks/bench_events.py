"""What events cost: a step in which nothing goes on beside a bare one, each sort of deed, conditions; and what an audit takes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.row import Row
from lifeworld.episode.audit import AUDITED, audit
from lifeworld.scene import starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Deed, Latch, Pull, Push, Shake, Wind
from lifeworld.scene.event import Event
from lifeworld.scene.events import asked
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import AGENTS
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import record

SHARE_S = 10

ROUNDS, STEPS = 10, 40
PUSH = Push(thing="mug", impulse_n_s=(0.01, 0.0, 0.0), duration_s=3_000.0)


def run() -> Iterator[Row]:
    """On the settled tabletop, nobody acting; processor time, the median of rounds that take turns."""
    bare = WorldPhysics(renderer="rays")
    scene = settle(bare, starter.load("tabletop"), seed=0)
    late = Event(name="late", at_s=3_000.0, deeds=(PUSH,))
    yield Row("a step with an event to come", *_more(bare, scene, late), bar=5.0, lower=True)
    waits = Event(name="waits", when=Condition(predicate="falls_off", thing="mug", to="table"), deeds=(PUSH,))
    yield Row("a step with a condition watched: the mug falls off the table", *_more(bare, scene, waits))
    deeds: dict[str, Deed] = {
        "a push": PUSH,
        "a wind on everything": Wind(velocity_m_s=(1.0, 0.0, 0.0), duration_s=3_000.0),
        "a shake of everything": Shake(acceleration_m_s2=(0.1, 0.0, 0.0), duration_s=3_000.0),
        "a pull": Pull(thing="mug", velocity_m_s=(0.0, 0.0, 0.0), most_n=1.0, duration_s=3_000.0),
    }
    for name, deed in deeds.items():
        yield Row(f"a step with {name}", *_more(bare, scene, Event(name="it", at_s=0.0, deeds=(deed,))))
    drawer = settle(bare, starter.load("drawer"), seed=0)
    jam = Latch(thing="drawers", joint="drawer_1")
    yield Row("a step with a drawer held shut", *_more(bare, drawer, Event(name="it", at_s=0.0, deeds=(jam,))))
    yield from _audits(bare, scene)


def _more(bare: WorldPhysics, scene: Scene, event: Event) -> tuple[float, str]:
    """How much longer than a bare step one takes in which this event is there, in per cent."""
    eventful = WorldEventful(bare, (event,))
    one: PhysicsState = bare.reset(scene, seed=0)
    other: EventfulState = eventful.reset(scene, seed=0)
    shares = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(STEPS):
            one = bare.step(one, {})
        middle = time.process_time()
        for _ in range(STEPS):
            other = eventful.step(other, {})
        shares.append((time.process_time() - middle) / (middle - start))
    return 100.0 * (float(np.median(shares)) - 1.0), "% more"


def _audits(bare: WorldPhysics, scene: Scene) -> Iterator[Row]:
    world = WorldEventful(bare, asked("bump:20/min,gust"))
    times = {}
    for signals in ((), (*AUDITED, "happened")):
        start = time.process_time()
        episode = record(world, AGENTS["curious"](), scene, seconds=10.0, seed=0, signals=("position_m", *signals))
        times[bool(signals)] = time.process_time() - start
    start = time.process_time()
    found = audit(episode)
    yield Row("audit of 10 s with bumps and gusts", 1e3 * (time.process_time() - start), "ms")
    yield Row("taking what the auditor needs, beside positions alone", times[True] - times[False], "s")
    yield Row("findings in it", float(len(found.findings)), "", bar=0.0, lower=True)
