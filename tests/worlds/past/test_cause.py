"""Which of two possible causes it was, against scripts whose answer follows from Coulomb's law."""

from __future__ import annotations

from dataclasses import replace

import pytest
import two_causes
from two_causes import FALLS, SCRIPTS, SECONDS, script

from lifeworld.core.errors import LimitError, SceneError
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.whatif import Because, because
from lifeworld.worlds.whatif.change import Change


def _world() -> WorldEventful:
    return WorldEventful(WorldPhysics(renderer="rays"))


def _named(number: int) -> Because:
    return because(_world(), script(number).scene, [], outcome=FALLS, seconds=SECONDS)


@pytest.mark.parametrize("number", range(7))
def test_the_cause_is_the_one_that_it_was(number: int) -> None:
    assert set(_named(number).causes) == script(number).causes


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_scripts() -> None:
    right = [set(_named(number).causes) == script(number).causes for number in range(200)]
    assert sum(right) >= 190


def test_what_stood_ready_is_told_apart_from_what_did_it() -> None:
    number = SCRIPTS.index("too late")
    found, [cause] = _named(number), script(number).causes
    assert found.causes == (cause,)
    assert found.ready == tuple({"first", "second"} - {cause})
    at = f"{found.result.time_s:.2f} s"
    assert found.told == f"box falls off table ({at}) because of {cause}; without that {found.ready[0]} would have done it"
    both = _named(SCRIPTS.index("at once"))
    assert both.enough
    assert "each alone would have been enough" in both.told
    assert "it takes them all" in _named(SCRIPTS.index("both needed")).told


def test_what_did_not_come_about_has_no_cause() -> None:
    scene = script(0).scene
    calm = replace(scene, events=tuple(e for e in scene.events if e.name not in script(0).causes))
    found = because(_world(), calm, [], outcome=FALLS, seconds=SECONDS)
    assert (found.result.came, found.causes, found.without) == (False, (), ())
    assert "did not come about" in found.told


def test_what_comes_about_anyway_is_nobodys_doing() -> None:
    held = script(0).scene
    scene = replace(held, events=tuple(e for e in held.events if e.name not in script(0).causes))
    tilted = replace(scene, gravity_m_s2=(3.0, 0.0, -9.3), things=tuple(replace(t, friction=0.05) for t in scene.things))
    found = because(_world(), tilted, [], outcome=FALLS, seconds=SECONDS)
    assert found.result.came
    assert found.causes == ()
    assert "not because of" in found.told


def test_changes_are_causes_too_and_followers_go_with_whom_they_follow() -> None:
    """A push made by hand at a tick; and an event that happens after another, which is taken away with it."""
    whole = script(0)
    [name] = whole.causes
    [event] = [e for e in whole.scene.events if e.name == name]
    bare = replace(whole.scene, events=())
    push = Change(steps=(replace(event, name="by_hand", at_s=0.0),), said="by hand", told="by hand")
    found = because(_world(), bare, [], outcome=FALLS, seconds=SECONDS, changes=[(20, "by hand", push)])
    assert found.causes == ("by hand",)
    chain = replace(event, name="later", at_s=None, after=name, delay_s=0.1)
    [other] = [e for e in whole.scene.events if e.name != name]
    other = replace(other, name=name)
    found = because(_world(), replace(whole.scene, events=(other, chain)), [], outcome=FALLS, seconds=SECONDS)
    assert set(found.causes) == {name, "later"}  # without the first, the second does not happen


def test_from_a_state_on() -> None:
    whole, world = script(2), _world()
    state = world.reset(whole.scene, seed=0)
    for _ in range(3):
        state = world.step(state, {})
    found = because(world, state, [], outcome=FALLS, seconds=SECONDS)
    assert set(found.causes) == whole.causes


def test_bad_input() -> None:
    scene = script(0).scene
    with pytest.raises(SceneError, match="told apart by name"):
        because(_world(), scene, [], outcome=FALLS, seconds=1.0, causes=["nobody"])
    many = tuple(replace(scene.events[0], name=f"e{i}") for i in range(33))
    with pytest.raises(LimitError, match="too many possible causes"):
        because(_world(), replace(scene, events=many), [], outcome=FALLS, seconds=1.0)


def test_the_law_that_the_scripts_follow() -> None:
    """Sliding after a short push: v² / 2μg, a little less for the friction while it lasts."""
    for speed in (0.6, 1.0, 1.8):
        free = speed**2 / (2 * two_causes.FRICTION * two_causes.G_M_S2)
        assert 0.5 * free < two_causes.slide_m(speed) < free + speed * two_causes.PUSH_S
        assert two_causes.slide_m(two_causes.speed_for(0.2)) == pytest.approx(0.2, rel=1e-2)
