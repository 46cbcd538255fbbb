"""Rolling futures on: some of them side by side in one process, tick by tick, each until all that is asked of it is decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import Diverged
from lifeworld.scene.event import Event
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.outcome import Outcome
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.happened import NEVER, Happened
from lifeworld.worlds.physics.compile import TICK_NS
from lifeworld.worlds.physics.deeds.running import FORCES
from lifeworld.worlds.physics.drowsy import WorldDrowsy
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.shared import Shared
from lifeworld.worlds.physics.watch import Watch
from lifeworld.worlds.rehearse.future import Fate, Occurrence, seed_of
from lifeworld.worlds.rehearse.tilt import Tilt
from lifeworld.worlds.rehearse.vary import Vary, draw, ratios, timed

TICK_S = TICK_NS * 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked, in plain values: the same for all futures of a rehearsal.

    `start` is a saved state of a WorldEventful whose scene's assets lie under `assets`; `events` are those of its scene and more, as one
    draws them; `laws` those of the numbers that are drawn; `tilt` what most futures are drawn from instead.
    """

    start: bytes
    assets: Path
    events: tuple[Event, ...]
    outcomes: tuple[Outcome, ...]
    ticks: int
    seed: int
    vary: Vary
    laws: Mapping[str, Magnitude]
    tilt: Tilt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """A job for one worker: the futures of these numbers."""

    ask: Ask
    numbers: tuple[int, ...]


def roll(job: Roll) -> tuple[Fate, ...]:
    """What came of each future, in the order of the numbers; the same whatever others are rolled beside it."""
    start = begin(job.ask)
    lanes = [Lane.of(job.ask, start, number) for number in job.numbers]
    watch = Watch(start.inner.compiled, start.inner.scene, job.ask.outcomes)
    rows = np.repeat(start.inner.vector[None], len(lanes), axis=0)
    seen, left = watch.begin(rows), np.arange(len(lanes))
    fates: dict[int, Fate] = {}
    tick = 0
    while True:
        verdict = watch.verdict(seen)
        over = verdict.decided.all(axis=1) | (tick >= job.ask.ticks) | np.array([bool(lanes[i].lost) for i in left])
        for k in np.flatnonzero(over).tolist():
            times = tuple(None if math.isnan(t) else float(t) for t in verdict.time_s[k].tolist())
            fates[int(left[k])] = lanes[left[k]].fate(tuple(verdict.came[k].tolist()), times, tick)
        left, rows, seen = left[~over], rows[~over], seen.take(~over)
        if not len(left):
            return tuple(fates[i] for i in range(len(lanes)))
        for k, i in enumerate(left.tolist()):
            if lanes[i].tick == tick:  # the others sleep on
                rows[k] = lanes[i].on()
        if any(lanes[i].lost for i in left.tolist()):
            continue
        ticks = min(min(lanes[i].tick for i in left.tolist()), job.ask.ticks) - tick
        tick += ticks
        seen = watch.after(seen, rows, ticks=ticks)


def begin(ask: Ask) -> EventfulState:
    """The state that all futures begin from."""
    return WorldEventful(WorldPhysics(renderer="rays", assets=ask.assets)).load(ask.start)


@dataclass(slots=True, eq=False)
class Lane:
    """One future on its way."""

    number: int
    seed: int
    numbers: Mapping[str, float]
    inner: WorldDrowsy
    world: WorldEventful
    state: EventfulState
    began: int
    done: int
    """How much had happened before it began."""
    lost: str = ""
    shared: Shared | None = None

    @classmethod
    def of(cls, ask: Ask, start: EventfulState, number: int) -> Lane:
        """A future at its beginning: its numbers drawn, its events due as its own seed has them."""
        seed = seed_of(ask.seed, number)
        tilt = Tilt() if ask.tilt is None else ask.tilt.of(number)
        numbers = draw(ask.laws, seed)
        inner = WorldDrowsy(start.inner, ratios=ratios(numbers))
        scene = replace(start.inner.scene, events=timed(tilt.events(ask.events), ask.vary, seed))
        world = WorldEventful(inner)
        if start.tick == 0 and not start.happened:
            state = world.reset(scene, seed=seed)
        else:
            state = world.anew(replace(start, inner=inner.reset(scene, seed=seed)), seed=seed)
        return cls(number, seed, numbers, inner, world, state, start.tick, len(start.happened))

    @property
    def tick(self) -> int:
        """How many ticks it has gone on."""
        return self.state.tick - self.began

    def free(self) -> int:
        """For how many ticks nothing but the time changes."""
        if not self.inner.asleep(self.state.inner) or any(isinstance(one.deed, FORCES) for one in self.state.running):
            return 0
        ends = [one.until for one in self.state.running if one.until is not None]
        next_one = min([*(one.tick for one in self.state.due), *(one.tick for one in self.state.waiting), *ends], default=NEVER)
        return max(next_one - 1 - self.state.tick, 0)

    def on(self, most: int = NEVER) -> NDArray[np.float64]:
        """Go on by a tick, or as far as all sleeps but by no more than `most`; the state row then, as the model it began with has it."""
        free = min(self.free(), most)
        try:
            if free:
                self.state = replace(self.state, inner=self.inner.later(self.state.inner, free), entries=())
            else:
                self.state = self.world.step(self.state, {})
        except Diverged as error:
            self.lost = str(error)
        compiled = self.state.inner.compiled
        if self.shared is None or self.shared.new is not compiled:
            self.shared = Shared.of(self.inner.start.compiled, compiled)
        return self.shared.row(self.state.inner.vector, self.inner.start.vector)

    def fate(self, came: tuple[bool, ...], times_s: tuple[float | None, ...], tick: int) -> Fate:
        """What came of it, `tick` ticks after it began."""
        return Fate(
            number=self.number,
            seed=self.seed,
            came=came,
            time_s=times_s,
            end_s=tick * TICK_S,
            numbers=self.numbers,
            happened=tuple(_occurrence(one, self.began) for one in self.state.happened[self.done :]),
            stepped_s=self.inner.stepped * TICK_S,
            lost=self.lost,
        )


def _occurrence(one: Happened, began: int) -> Occurrence:
    return Occurrence(
        event=one.event,
        time_s=(one.tick - began) * TICK_S,
        who=one.who,
        strength=one.strength,
        momentum_n_s=math.sqrt(sum(x * x for x in one.momentum_n_s)),
        energy_j=one.energy_j,
        safety=one.safety,
        why=one.why,
    )
