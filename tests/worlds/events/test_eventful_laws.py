"""A world with events keeps every law of the World protocol, idle or busy; without events it is the bare one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Blind, Fault, Latch, Pull, Push, Shake, Turn, Walk, Wind
from lifeworld.scene.edit import Set
from lifeworld.scene.event import Event
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.testing import WORLD_LAWS, Law, Trial
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics

ROOM = Scene(
    name="room",
    things=(
        Thing(name="drawers", kind="drawer_unit", pose=Pose((0.6, 0.5, 0)), fixed=True),
        Thing(name="mug", kind="mug", pose=Pose((0.0, 0.0, 0.0))),
        Thing(name="ball", kind="ball", pose=Pose((0.1, -0.3, 0.2))),
        Thing(name="block", kind="block", pose=Pose((-0.4, 0.2, 0.0))),
        Thing(name="cloth", kind="towel", pose=Pose((-0.6, -0.6, 0.01))),
    ),
    cameras=(CameraMount(name="front", pose=Pose.look_at((0.5, -1.5, 1.0), (0.2, 0, 0.2)), width_px=24, height_px=24),),
    embodiments=(Embodiment(name="hand", kind="hand", pose=Pose((0.0, 0.0, 0.35))),),
)
MOVES = Condition(predicate="moves", thing="mug", amount=0.002)
BUSY = (
    Event(name="shove", at_s=0.0, deeds=(Push(thing="mug", impulse_n_s=(0.2, 0.0, 0.0), duration_s=0.1),)),
    Event(name="gust", at_s=0.02, deeds=(Wind(velocity_m_s=(4.0, 0.0, 0.0), duration_s=0.2),)),
    Event(name="quake", after="gust", delay_s=0.04, deeds=(Shake(acceleration_m_s2=(0.0, 2.0, 0.0)),)),
    Event(name="tug", at_s=0.04, deeds=(Pull(thing="cloth", velocity_m_s=(0.2, 0.0, 0.0), most_n=3.0, at_m=(0.1, 0.1, 0.0)),)),
    Event(name="drag", at_s=0.0, deeds=(Pull(thing="block", velocity_m_s=(0.2, 0.0, 0.0), most_n=3.0, delay_s=0.04),)),
    Event(name="opens", at_s=0.04, deeds=(Turn(thing="drawers", joint="drawer_1", speed=0.5),)),
    Event(name="jams", at_s=0.06, deeds=(Latch(thing="drawers", joint="drawer_2", duration_s=0.06),)),
    Event(name="rolls", at_s=0.02, deeds=(Walk(thing="ball", path=((1.0, 0.5, -0.3, 0.0),), most_m_s=1.0, most_n=5.0),)),
    Event(name="weak", at_s=0.02, deeds=(Fault(embodiment="hand", gain=0.5), Fault(embodiment="hand", label="grip", frozen=True))),
    Event(name="dark", at_s=0.06, deeds=(Blind(camera="front", how="noise", amount=0.5), Blind(camera="front", how="blur", amount=0.5))),
    Event(name="stuck", at_s=0.1, deeds=(Blind(camera="front", how="freeze"),)),
    Event(name="heavy", at_s=0.08, edits=(Set("block", mass_kg=0.7),)),
    Event(name="waits", when=MOVES, deeds=(Push(thing="mug", impulse_n_s=(0.0, 0.1, 0.0)),)),
    Event(name="rain", rate_per_min=600, deeds=(Push(thing="ball", impulse_n_s=(0.0, 0.0, -0.01)),)),
)  # fmt: skip


@pytest.fixture(scope="module")
def quiet() -> Trial:
    rigid = replace(ROOM, things=ROOM.things[:-1])
    return Trial(WorldEventful(WorldPhysics(renderer="rays")), rigid, ticks=3, signals=["rgb@front", "be", "touch", "tell"])


@pytest.fixture(scope="module")
def busy() -> Trial:
    return Trial(WorldEventful(WorldPhysics(renderer="rays"), BUSY), ROOM, ticks=6, signals=["rgb@front", "be", "happened"])


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_law_where_nothing_happens(law: Law, quiet: Trial) -> None:
    law(quiet)


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_law_where_everything_happens(law: Law, busy: Trial) -> None:
    law(busy)


def test_everything_happens_in_the_trial(busy: Trial) -> None:
    end, _ = busy.run(busy.first, busy.actions())
    happened = {one.event for one in end.happened}
    assert happened == {event.name for event in BUSY}
    assert not any(one.why for one in end.happened)


def test_without_events_it_is_the_bare_world() -> None:
    """Stepped and observed to the same bits; the bare world goes on from its inner state as well."""
    scene = starter.load("tabletop")
    bare, eventful = WorldPhysics(renderer="rays"), WorldEventful(WorldPhysics(renderer="rays"))
    one, other = bare.reset(scene, seed=3), eventful.reset(scene, seed=3)
    rng = np.random.default_rng(0)
    for _ in range(60):
        action = {a.name: rng.uniform(a.low, a.high) for a in bare.spec.actions}
        one, other = bare.step(one, action), eventful.step(other, action)
    assert np.array_equal(one.vector, other.inner.vector)
    assert not other.happened
    assert bare.spec.signals.keys() | {"happened"} == eventful.spec.signals.keys()


def test_before_the_first_event_nothing_is_other_than_without_it() -> None:
    scene = replace(
        starter.load("tabletop"), events=(Event(name="late", at_s=1.0, deeds=(Push(thing="mug", impulse_n_s=(1.0, 0.0, 0.0)),)),)
    )
    bare, eventful = WorldPhysics(renderer="rays"), WorldEventful(WorldPhysics(renderer="rays"))
    one, other = bare.reset(scene, seed=3), eventful.reset(scene, seed=3)
    for _ in range(49):
        one, other = bare.step(one, {}), eventful.step(other, {})
    assert np.array_equal(one.vector, other.inner.vector)
    other = eventful.step(eventful.step(other, {}), {})
    assert not np.array_equal(bare.step(bare.step(one, {}), {}).vector, other.inner.vector)
