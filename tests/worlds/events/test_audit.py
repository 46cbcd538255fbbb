"""The auditor: what the engine makes is never rejected, and what cannot happen always is, by the law that it breaks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lifeworld.core.errors import Diverged, PlacementError
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.episode.audit import AUDITED, NEEDS, Audit, audit
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter
from lifeworld.scene.edit import Move
from lifeworld.scene.events import asked, kinds
from lifeworld.scene.events.drawn import event_problems
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import AGENTS
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.produce import settle_anew
from lifeworld.worlds.physics.state import frozen
from lifeworld.worlds.record import record
from lifeworld.worlds.world import Action, Observation

WORLD = WorldPhysics(renderer="rays")
TICK = 12
"""When something is planted."""
Violation = Callable[[PhysicsState, str, np.random.Generator], PhysicsState]


class Tampered:
    """The physical world, in which something that cannot happen happens to one thing, in one tick or (a pump) in each from then on."""

    def __init__(self, plant: Violation, thing: str, seed: int, *, again: bool) -> None:
        self._plant, self._thing, self._seed, self._again = plant, thing, seed, again

    def __getattr__(self, name: str) -> Any:
        return getattr(WORLD, name)

    def step(self, state: PhysicsState, action: Action) -> PhysicsState:
        after = WORLD.step(state, action)
        if after.tick == TICK or (self._again and after.tick > TICK):
            return self._plant(after, self._thing, generator(self._seed, "plant"))
        return after

    def observe(self, state: PhysicsState, signals: Collection[str], *, then: PhysicsState | None = None) -> Observation:
        return WORLD.observe(state, signals, then=then)


def teleport(state: PhysicsState, thing: str, rng: np.random.Generator) -> PhysicsState:
    """Somewhere else in the air, by 3 to 30 cm."""
    pose = WORLD.scene(state).thing(thing).pose
    assert pose is not None
    way = rng.normal(size=3) * (1, 1, 0.3)
    off = way / np.linalg.norm(way) * rng.uniform(0.03, 0.3)
    return WORLD.edit(state, Move(thing, Pose(pose.position_m + (*off[:2], abs(off[2]) + 0.03), pose.quat_wxyz)))


def sink(state: PhysicsState, thing: str, rng: np.random.Generator) -> PhysicsState:
    """Into what it stands on, by 9 to 15 mm, tick after tick."""
    row, bound = state.vector.copy(), next(b for b in state.compiled.bounds if b.thing.name == thing)
    row[1 + bound.qpos + 2] -= rng.uniform(0.009, 0.015)
    return replace(state, vector=frozen(row))


def pump(state: PhysicsState, thing: str, rng: np.random.Generator) -> PhysicsState:
    """Faster, by 0.3 to 1.5 m/s, and nobody pushed."""
    row, bound = state.vector.copy(), next(b for b in state.compiled.bounds if b.thing.name == thing)
    at = 1 + state.compiled.model.nq + bound.dof
    angle = rng.uniform(0, 2 * np.pi)
    row[at : at + 3] += rng.uniform(0.3, 1.5) * np.array([np.cos(angle), np.sin(angle), 0.0])
    return replace(state, vector=frozen(row))


PLANTED = [
    *(("teleport", teleport, "teleport", seed) for seed in range(17)),
    *(("penetration", sink, "interpenetration", seed) for seed in range(16)),
    *(("energy", pump, "energy pump", seed) for seed in range(17)),
]
assert len(PLANTED) == 50


@pytest.fixture(scope="module")
def tabletop() -> Scene:
    return settle_anew(WORLD, starter.load("tabletop"), 0)


@pytest.mark.parametrize(("law", "plant", "what", "seed"), PLANTED, ids=lambda x: str(x) if isinstance(x, str | int) else "")
def test_what_cannot_happen_is_found(law: str, plant: Violation, what: str, seed: int, tabletop: Scene) -> None:
    """By the law that it breaks, to whom it was done, and when."""
    names = ["mug", "orange", "bottle", "box", "can", "bowl", "apple"]
    thing = names[seed % len(names)] if plant is not sink else ["mug", "bottle", "box", "can", "bowl"][seed % 5]
    world = Tampered(plant, thing, seed, again=False)
    episode = record(world, AGENTS["rest"](), tabletop, seconds=0.4, seed=0, signals=AUDITED)
    found = audit(episode)
    assert not found.ok
    mine = [f for f in found.findings if f.law == law and thing in f.things]
    assert mine, [str(f) for f in found.findings]
    assert abs(mine[0].time_ns - TICK * 20_000_000) <= 40_000_000
    assert thing in str(mine[0])


def clean(number: int, seconds: float) -> tuple[Episode, Audit]:
    """An episode as `make` makes them: a starter settled anew, somebody or nobody in it, three kinds of events.

    Not among them is what makes things bounce: what bounces between slopes gains energy in the engine, and is rightly rejected.
    """
    rng, names = generator(number, "clean"), [n for n in starter.names() if n != "push_table"]
    scene = settle_anew(WORLD, starter.load(names[number % len(names)]), number)
    possible = [k for k in kinds() if k != "turns_bouncy" and not list(event_problems(replace(scene, events=asked(k))))]
    events = ",".join(f"{k}:20/min" for k in rng.choice(possible, size=3))
    agent = AGENTS[str(rng.choice(["curious", "random", "rest"]))]()
    world = WorldEventful(WORLD, asked(events))
    episode = record(world, agent, scene, seconds=seconds, seed=number, signals=[*AUDITED, "happened"])
    return episode, audit(episode)


def test_what_the_engine_makes_is_not_rejected() -> None:
    for number in range(40):
        _, found = clean(number, 0.6)
        assert not found.unchecked
        assert found.ok, (number, [str(f) for f in found.findings])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_none_of_five_hundred_clean_episodes_is_rejected() -> None:
    rejected, made, number = {}, 0, 0
    while made < 500:
        number += 1
        try:
            _, found = clean(number, 3.0)
        except (Diverged, PlacementError):
            continue
        made += 1
        if not found.ok:
            rejected[number] = [str(f) for f in found.findings]
    assert not rejected


@pytest.mark.slow
def test_what_the_engine_gets_wrong_is_rejected_too() -> None:
    """A rubber ball made bouncy and sticky on a ramp: the engine gives it a quarter of a joule that nobody gave."""
    scene = settle_anew(WORLD, starter.load("ramp_and_balls"), 93)
    events = asked("turns_bouncy:20/min,gets_sticky:20/min,lorry_passes:20/min")
    episode = record(WorldEventful(WORLD, events), AGENTS["curious"](), scene, seconds=3.0, seed=93, signals=[*AUDITED, "happened"])
    assert "energy" in {f.law for f in audit(episode).findings}


def test_what_cannot_be_looked_at_is_said() -> None:
    episode, _ = clean(0, 0.2)
    bare = replace(episode, streams={name: s for name, s in episode.streams.items() if name not in ("contacts", "impulses")})
    found = audit(bare)
    assert found.ok
    assert set(found.unchecked) == {"penetration", "energy"}
    assert "contacts" in found.unchecked["penetration"]
    nothing = audit(replace(episode, streams={}))
    assert nothing.ok
    assert set(nothing.unchecked) == set(NEEDS)


def test_what_events_gave_is_allowed_for_and_without_the_ledger_it_is_not(tabletop: Scene) -> None:
    world = WorldEventful(WORLD, asked("bump@0.1s:on=bottle"))
    episode = record(world, AGENTS["rest"](), tabletop, seconds=0.4, seed=0, signals=[*AUDITED, "happened"])
    assert audit(episode).ok
    without = audit(replace(episode, streams={name: s for name, s in episode.streams.items() if name != "happened"}))
    assert [f.law for f in without.findings][:1] == ["energy"]
    assert without.findings[0].things == ("bottle",)
