"""A fork: without a change nothing is otherwise, to the bit; with one, what is told of it is what the streams say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import known_episodes as episodes
import numpy as np
import pytest

from lifeworld.core.errors import InputError, SceneError, StateError, UnknownName, WordsError
from lifeworld.core.pose import Pose
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.scene import starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Push
from lifeworld.scene.edit import Add, EditPlan, Move, Remove, SetEvent
from lifeworld.scene.event import Event
from lifeworld.scene.events import asked
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import CameraMount, Relation, Scene, Thing
from lifeworld.worlds.agent import AgentCurious, AgentRest
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record
from lifeworld.worlds.replay import open_past
from lifeworld.worlds.whatif import WhatIf, as_json, overlay, side_by_side, strip, told, whatif, why

TABLE = Scene(
    name="table",
    things=(
        Thing(name="table", kind="table", size_m=(1.2, 0.8, 0.7), pose=Pose(), fixed=True, friction=0.05),
        Thing(name="box", kind="box", size_m=(0.12, 0.12, 0.05), friction=0.5, pose=Pose((0.45, 0.0, 0.7))),
        Thing(name="far", kind="box", size_m=(0.12, 0.12, 0.05), friction=0.5, pose=Pose((-0.3, 0.1, 0.7))),
    ),
    cameras=(CameraMount(name="front", pose=Pose.look_at((0.2, -1.6, 1.4), (0.2, 0.0, 0.5)), width_px=64, height_px=48),),
)
PUSH = Event(name="push", at_s=0.0, deeds=(Push(thing="box", velocity_m_s=(2.0, 0.0, 0.0)),))


@pytest.fixture(scope="module")
def calm() -> Episode:
    return record(WorldPhysics(renderer="rays"), AgentRest(), TABLE, seconds=2.0, seed=0, signals=["position_m"])


@pytest.fixture(scope="module")
def pushed(calm: Episode) -> WhatIf:
    return whatif(calm, at_s=0.4, change=PUSH, renderer="rays")


@pytest.mark.parametrize("number", [1, 6])
def test_a_fork_without_a_change_is_the_recording(number: int) -> None:
    episode, _ = episodes.recorded(number, seconds=1.0)
    found = whatif(episode, at_s=0.34, change=None, renderer="rays", seconds=0.66)
    assert found.exact
    assert found.divergence.nothing
    assert not found.outcomes
    assert "nothing is otherwise" in told(found)
    for name, stream in found.base.streams.items():
        assert stream == found.branch[name], name
    held = episode["position_m"].between(round(0.34e9), 10**12)
    assert np.array_equal(found.base["position_m"].values, held.values, equal_nan=True)


def test_what_is_told_is_what_the_streams_say(pushed: WhatIf) -> None:
    apart = pushed.divergence
    assert [each.thing for each in apart.moved] == ["box"]
    [moved] = apart.moved
    way = np.linalg.norm(np.asarray(pushed.branch["position_m"].values) - np.asarray(pushed.base["position_m"].values), axis=-1)[:, 1]
    assert np.array_equal(moved.apart_m, way)
    assert moved.since_s == pytest.approx(0.02, abs=0.011)  # in the first tick or two
    assert moved.most_m == way.max() > 0.7  # down from the table
    assert apart.first_touch is not None
    assert (apart.first_touch.a, apart.first_touch.b, apart.first_touch.side) in {("box", "table", "base"), ("box", "ground", "branch")}
    assert {(e.word, e.side) for e in apart.events if e.a == "box"} >= {("comes_off", "branch"), ("falls", "branch"), ("lands", "branch")}
    assert {(r.word, r.b, r.side) for r in apart.relations if r.a == "box"} >= {("on", "table", "base"), ("on", "ground", "branch")}
    came = {
        outcome.name: (one, other) for outcome, one, other in zip(pushed.outcomes, pushed.base_results, pushed.branch_results, strict=True)
    }
    one, other = came["box falls off table"]
    assert one is not None
    assert other is not None
    assert (one.came, other.came) == (False, True)
    assert not any(name.startswith("far") for name in came)  # nothing is otherwise with it
    text = told(pushed)
    assert "box lands on ground" in text
    assert "to the bit" in text
    said = as_json(pushed)
    assert json.loads(json.dumps(said)) == said
    assert said["moved"][0]["most_m"] == moved.most_m


def test_why_is_the_change(pushed: WhatIf) -> None:
    found = {each.outcome.name: each for each in why(pushed)}
    assert found["box falls off table"].causes == ("push",)
    assert "without that it does not come about" in found["box falls off table"].told


def test_what_a_change_prevents_is_told_of_too() -> None:
    """A box that would be pushed off is taken out of the way: it is the change that keeps it from falling."""
    scene = replace(TABLE, events=(replace(PUSH, name="shove", at_s=0.5),))
    world = WorldEventful(WorldPhysics(renderer="rays"))
    episode = record(world, AgentRest(), scene, seconds=1.6, seed=0, signals=["position_m"])
    back = EditPlan((Move("box", Pose((-0.3, -0.2, 0.7))),))
    found = whatif(episode, at_s=0.2, change=back, pictures=False)
    [reason] = [each for each in why(found) if each.prevented is not None and each.prevented.name == "box falls off table"]
    assert reason.causes == (found.change.said,)
    assert reason.told.startswith("box falls off table is prevented by")


def test_a_branch_can_be_forked_again(pushed: WhatIf, tmp_path: Path) -> None:
    with append_to(tmp_path) as bundle:
        bundle.add(pushed.branch)
    again = open_bundle(tmp_path)[0]
    assert again.labels["side"] == "branch"
    past = open_past(again, renderer="rays")
    at = past.world.observe(past.at(25), ["position_m"])["position_m"]
    assert np.array_equal(at, pushed.branch["position_m"].values[25])
    second = whatif(again, at_s=0.5, change=None, pictures=False)
    assert second.exact
    assert second.divergence.nothing


def test_things_come_and_go() -> None:
    scene = episodes.small(starter.load("tabletop"))
    episode = record(WorldPhysics(renderer="rays"), AgentCurious(), scene, seconds=1.0, seed=3, signals=["position_m"])
    glass = Thing(name="glass", kind="glass", relations=(Relation(kind="on", thing="magazine"),))
    found = whatif(episode, at_s=0.5, change=EditPlan((Add(thing=glass), Remove("orange"))), renderer="rays", pictures=False)
    assert (found.divergence.came, found.divergence.gone) == (("glass",), ("orange",))
    assert ("glass", "on", "magazine") in {(r.a, r.word, r.b) for r in found.divergence.relations if r.side == "branch"}
    assert "glass is new" in told(found)
    assert "orange is gone" in told(found)


def test_who_is_thrown_in_on_both_sides_is_told_of_on_neither() -> None:
    """Events of the recording happen in the branch too, and bring whom they brought."""
    world = WorldEventful(WorldPhysics(renderer="rays"), asked("throw@0.1s:strength=1"))
    episode = record(world, AgentRest(), replace(TABLE, embodiments=()), seconds=1.0, seed=3, signals=["position_m", "happened"])
    assert np.isnan(episode["position_m"].values[0]).any()
    found = whatif(episode, at_s=0.04, change=PUSH, renderer="rays")
    assert found.exact
    assert found.divergence.came == found.divergence.gone == ()
    assert "box" in {each.thing for each in found.divergence.moved}
    assert all(each.most_m > 0 for each in found.divergence.moved)


def test_later_is_later(calm: Episode) -> None:
    """Times in a change count from the fork; what is asked of what is not there is not told."""
    later = SetEvent("push", replace(PUSH, at_s=0.5))
    wanted = [Outcome(name="box falls", conditions=(Condition(predicate="falls_off", thing="box", to="table"),))]
    found = whatif(calm, at_s=0.4, change=later, outcomes=wanted, pictures=False)
    [moved] = found.divergence.moved
    assert 0.5 < moved.since_s < 0.56
    [result] = found.branch_results
    assert result is not None
    assert result.time_s is not None
    assert 0.5 < result.time_s < 1.1
    gone = whatif(calm, at_s=0.4, change=Remove("box"), outcomes=wanted, pictures=False, seconds=1.0)
    assert gone.branch_results == (None,)
    assert "not there" in told(gone)


def test_it_goes_on_after_the_recording(calm: Episode) -> None:
    found = whatif(calm, at_s=2.0, change=PUSH, pictures=False, seconds=1.2)
    assert found.base.duration_ns == round(1.2e9)
    assert found.divergence.moved[0].most_m > 0.7


def test_the_words_are_followed(calm: Episode) -> None:
    found = whatif(calm, at_s=0.4, change="remove the table", pictures=False, seconds=1.0)
    assert found.divergence.gone == ("table",)
    assert {(e.word, e.a) for e in found.divergence.events if e.side == "branch"} >= {("lands", "box"), ("lands", "far")}


def test_words_tell_what_happens_too(calm: Episode) -> None:
    found = whatif(calm, at_s=0.4, change="push the box at 2 m/s to the right", pictures=False)
    assert found.divergence.moved[0].thing == "box"
    assert ("box", "on", "ground") in {(r.a, r.word, r.b) for r in found.divergence.relations if r.side == "branch"}
    late = whatif(calm, at_s=0.4, change="push the box at 2 m/s to the right after 0.5 seconds", pictures=False)
    assert 0.5 < late.divergence.moved[0].since_s < 0.56


def test_pictures_show_both(pushed: WhatIf, tmp_path: Path) -> None:
    import av
    from PIL import Image

    from lifeworld.worlds.whatif.scenery import WAS

    strip(pushed, tmp_path / "strip.png")
    page = np.asarray(Image.open(tmp_path / "strip.png"))
    assert (np.abs(page.astype(int) - WAS).max(axis=-1) < 40).sum() > 50  # a ghost's outline
    for name, draw in (("side", side_by_side), ("over", overlay)):
        draw(pushed, tmp_path / f"{name}.mp4")
        with av.open(str(tmp_path / f"{name}.mp4")) as film:
            frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        shown = len(pushed.base["rgb@front"])
        assert shown < len(frames) <= shown + 50
        assert (np.abs(frames[shown - 1].astype(int) - frames[0]) > 30).sum() > 1_000  # the box has moved in it


def test_a_state_can_be_forked_as_it_is() -> None:
    world = WorldPhysics(renderer="rays")
    found = whatif((world, world.reset(TABLE, seed=0), []), change=PUSH, pictures=False, seconds=1.0)
    assert found.exact is None
    assert [each.thing for each in found.divergence.moved] == ["box"]


def test_bad_input(calm: Episode) -> None:
    with pytest.raises(InputError, match="no such moment"):
        whatif(calm, at_s=9.0, change=None)
    with pytest.raises(UnknownName, match="front"):
        whatif(calm, at_s=0.4, change=None, camera="frnt")
    with pytest.raises(StateError, match="keeps no states"):
        whatif(replace(calm, streams={"position_m": calm["position_m"]}), at_s=0.4, change=None)
    with pytest.raises(UnknownName):
        whatif(calm, at_s=0.4, change=Remove("nobody"), renderer="rays")
    with pytest.raises(WordsError):
        whatif(calm, at_s=0.4, change="colourless green ideas sleep furiously", renderer="rays")
    with pytest.raises(SceneError, match=r"cannot happen|nobody"):
        whatif(calm, at_s=0.4, change=replace(PUSH, deeds=(Push(thing="nobody", velocity_m_s=(1, 0, 0)),)), renderer="rays")
    with pytest.raises(InputError, match="a moment already"):
        whatif((None, None, []), at_s=1.0, change=None)
