"""Rehearsal: many futures of one moment, on all cores, and what they say about what is asked.

    risk = rehearse(scene, events=asked("bump:6/min"), outcomes=[outcome_of("the mug falls off the table", scene)], futures=1000)
    risk.answers[0].share.value          # 0.041, between share.low and share.high

Each future draws its events, masses, frictions and times from a seed of its own, so the same seed gives the same futures to the bit,
whoever rolls them, in whatever company.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from lifeworld.core.errors import EngineError, InputError, LimitError
from lifeworld.core.interval import CONFIDENCE
from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import child_seed
from lifeworld.scene.event import Event, check_events
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Scene
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.physics.compile import TICK_NS
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.physics.watch import Watch
from lifeworld.worlds.rehearse import tilt
from lifeworld.worlds.rehearse.answer import Answer, answer
from lifeworld.worlds.rehearse.causes import told
from lifeworld.worlds.rehearse.future import Fate, seed_of
from lifeworld.worlds.rehearse.roll import Ask, Roll, begin, roll
from lifeworld.worlds.rehearse.share import effective
from lifeworld.worlds.rehearse.vary import Vary, laws

MOST_FUTURES = 10_000_000
MOST_SECONDS = 3_600.0
MOST_WORKERS = 256
ROUNDS = 3
"""Of pilots."""
LEAST_RARE = 100
MOST_TOGETHER, MOST_BYTES = 128, 400_000_000
"""Futures of one job, and what their models may take: so many are lost with a worker that dies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What came of a rehearsal: `answers` to each outcome that was asked for, and the `fates` of the futures they are drawn from.

    `weights` (futures,) say how much each counts, all alike where futures were drawn by the natural laws. Those in `lost` were cut: the
    engine blew up in them, or the worker died that rolled them.
    """

    ask: Ask
    fates: tuple[Fate, ...]
    weights: tuple[float, ...]
    answers: tuple[Answer, ...]
    pilots: int = 0
    """How many futures more were rolled to learn where to tilt to."""

    @property
    def lost(self) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.fates if fate.lost)

    @property
    def covered_s(self) -> float:
        """How much time [s] the futures went through, each until all was decided."""
        return math.fsum(fate.end_s for fate in self.fates)

    @property
    def stepped_s(self) -> float:
        """How much of it [s] the engine stepped; in the rest all was asleep."""
        return math.fsum(fate.stepped_s for fate in self.fates)

    @property
    def effective(self) -> float:
        """How many futures of equal weight those that count are worth."""
        return effective([w for w, fate in zip(self.weights, self.fates, strict=True) if fate.came])


def rehearse(
    start: Scene | PhysicsState | EventfulState,
    *,
    outcomes: Sequence[Outcome],
    events: Sequence[Event] = (),
    futures: int = 1_000,
    seconds: float = 10.0,
    seed: int = 0,
    vary: Vary | None = None,
    workers: int | None = None,
    assets: Path | str = ".",
    rare: bool = False,
    confidence: float = CONFIDENCE,
    on_fate: Callable[[Fate], None] | None = None,
) -> Risk:
    """What becomes of `outcomes` in so many futures of `start`, each `seconds` [s] long at most, in which its events and `events` happen.

    A scene is settled first; its imported assets lie under `assets`. In a state of a world with events what is going on goes on, and what
    is to come is drawn anew. Nobody acts: embodiments hold still. `vary` is what is not known for sure (None: masses to 10 %, friction to
    20 %). `workers` is how many processes roll futures at a time (None: one for each core; 1: this process). `on_fate` is told of each.

    With `rare`, three tenths of the futures find out what brings the first outcome about, and the others are drawn so that it comes often,
    with weights that make up for it (`tilt.py`).

    Raises:
        LimitError: for a number of futures, seconds or workers that cannot be.
        InputError: if nothing is asked for.
        SceneError, PlacementError: for a scene that cannot be built or settled, or an outcome that can never come true.
        EngineError: if no future came to an end.
    """
    ask = asked(start, outcomes=outcomes, events=events, seconds=seconds, seed=seed, vary=vary or Vary(), assets=assets)
    if not 1 <= futures <= MOST_FUTURES:
        raise LimitError("that many futures cannot be rehearsed", got=futures, expected=f"1 to {MOST_FUTURES:,}")
    pilots = 0
    if rare:
        if futures < LEAST_RARE:
            raise LimitError("too few futures to find out what is rare", got=futures, expected=f"at least {LEAST_RARE}")
        pilots = ROUNDS * (futures // 10)
        ask = _tilted(ask, futures // 10, workers, on_fate)
    fates = tuple(rolled(ask, range(futures - pilots), workers=workers, on_fate=on_fate))
    weights = np.ones(len(fates)) if ask.tilt is None else tilt.weights(fates, ask.tilt, ask.events)
    return Risk(
        ask=ask,
        fates=fates,
        weights=tuple(weights.tolist()),
        answers=tuple(answer(fates, weights, outcome, i, confidence=confidence) for i, outcome in enumerate(ask.outcomes)),
        pilots=pilots,
    )


def _tilted(ask: Ask, each: int, workers: int | None, on_fate: Callable[[Fate], None] | None) -> Ask:
    """What is asked, with the tilt that some rounds of pilots have found."""
    ask = replace(ask, events=tilt.apart(ask.events, begin(ask).inner.scene))
    seconds = ask.ticks * TICK_NS * 1e-9
    now = tilt.wide(ask.events, seconds)
    for number in range(ROUNDS):
        pilot = replace(ask, tilt=now, seed=child_seed(ask.seed, "pilot", number))
        fates = [fate for fate in rolled(pilot, range(each), workers=workers, on_fate=on_fate) if fate.came]
        w = tilt.weights(fates, now, ask.events)
        hit = np.array([told(fate, ask.outcomes[0], 0) for fate in fates], dtype=bool)
        now = tilt.learned(fates, hit, w, now=now, events=ask.events, seconds=seconds)
    return replace(ask, tilt=now)


def asked(
    start: Scene | PhysicsState | EventfulState,
    *,
    outcomes: Sequence[Outcome],
    events: Sequence[Event],
    seconds: float,
    seed: int,
    vary: Vary,
    assets: Path | str = ".",
) -> Ask:
    """What is asked, checked; a scene is settled."""
    if not outcomes:
        raise InputError("nothing is asked for", fix='Say what may happen: outcome_of("the mug falls off the table", scene).')
    ticks = round(seconds * 1e9 / TICK_NS) if math.isfinite(seconds) else 0
    if not 1 <= ticks <= MOST_SECONDS * 1e9 / TICK_NS:
        raise LimitError(
            "a future lasts from one tick to an hour", got=f"{seconds} s", expected=f"{TICK_NS * 1e-9:g} to {MOST_SECONDS:g} s"
        )
    world = WorldPhysics(renderer="rays", assets=assets)
    if isinstance(start, Scene):
        start = world.reset(settle(world, start, seed=seed), seed=seed)
    state = start if isinstance(start, EventfulState) else EventfulState(start, seed)
    scene = replace(state.inner.scene, events=(*state.inner.scene.events, *events))
    check_events(scene.events, scene.names())
    state = replace(state, inner=replace(state.inner, scene=scene, before=(), past=(), sound=None))
    Watch(state.inner.compiled, scene, outcomes)  # says what is wrong with what is asked
    return Ask(
        start=WorldEventful(world).save(state),
        assets=state.inner.compiled.assets,
        events=scene.events,
        outcomes=tuple(outcomes),
        ticks=ticks,
        seed=seed,
        vary=vary,
        laws=laws(vary, scene),
    )


def rolled(ask: Ask, numbers: Sequence[int], *, workers: int | None, on_fate: Callable[[Fate], None] | None = None) -> Iterator[Fate]:
    """The fates of the futures of these numbers, in their order; those that a dead worker was at are lost.

    Raises:
        EngineError: if all are.
    """
    count = cores() if workers is None else workers
    if not 1 <= count <= MOST_WORKERS:
        raise LimitError("that many workers cannot work", got=count, expected=f"1 to {MOST_WORKERS}")
    room = MOST_BYTES // max(int(begin(ask).inner.compiled.model.nbuffer), 1)
    together = max(1, min(MOST_TOGETHER, room, -(-len(numbers) // count)))
    jobs = [Roll(ask=ask, numbers=tuple(numbers[i : i + together])) for i in range(0, len(numbers), together)]
    lost = partial(_lost, ask.seed)
    last = ""
    some = False
    for fates in spread(roll, jobs, workers=min(count, len(jobs)), lost=lost if count > 1 else None):
        for fate in fates:
            some, last = some or bool(fate.came), fate.lost or last
            if on_fate is not None:
                on_fate(fate)
            yield fate
    if not some:
        raise EngineError("no future came to an end", got=last, fix="Look for what makes the engine blow up, or for more memory.")


def _lost(seed: int, job: Roll, why: EngineError) -> tuple[Fate, ...]:
    return tuple(Fate(number=n, seed=seed_of(seed, n), numbers={}, lost=why.what) for n in job.numbers)
