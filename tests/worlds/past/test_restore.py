"""Any tick of a recorded episode comes back to the bit; what cannot come back says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import known_episodes as episodes
import numpy as np
import pytest

from lifeworld.core.errors import InputError, StateError
from lifeworld.core.origin import Origin
from lifeworld.core.seed import generator
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.scene import starter
from lifeworld.scene.edit import Add, EditPlan, SetScene
from lifeworld.scene.scene import Relation, Thing
from lifeworld.worlds.agent import AgentRandom, AgentRest
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.record import record
from lifeworld.worlds.replay import AgentRecorded, open_past, record_line, replay, restore
from lifeworld.worlds.timeline import Timeline


def _check(number: int, ticks: int, tmp: Path) -> None:
    """`ticks` random ticks of one episode, from the bundle it was sealed in: the same bytes, and the same a tick later."""
    episode, states = episodes.recorded(number)
    with append_to(tmp) as bundle:
        bundle.add(episode)
    past = open_past(open_bundle(tmp)[-1], renderer="rays")
    assert past.ticks == len(states) - 1
    for tick in generator(number, "ticks").integers(0, len(states), ticks).tolist():
        state = past.at(tick)
        assert state == states[tick]
        assert past.world.save(state) == past.world.save(states[tick])
        if tick < past.ticks:
            assert past.world.step(state, past.course.actions[tick]) == states[tick + 1]


@pytest.mark.parametrize("number", [1, 4, 8])
def test_any_tick_comes_back_to_the_bit(number: int, tmp_path: Path) -> None:
    _check(number, 6, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
def test_a_thousand_random_ticks_of_twenty_episodes(number: int, tmp_path: Path) -> None:
    _check(number, 50, tmp_path)


def test_what_went_on_from_a_restored_state_looks_the_same() -> None:
    """Not states alone: pictures, contacts, what happened in the frame before."""
    seen = ["rgb", "flow_backward", "contacts", "events", "position_m"]
    scene = episodes.small(starter.load("cube_toss"))
    episode = record(WorldPhysics(renderer="rays"), AgentRest(), scene, seconds=0.5, seed=1, signals=seen)
    past = open_past(episode, renderer="rays")
    shown = past.world.observe(past.at(24), seen)
    assert len(past.world.spec.streams(seen)) == len(shown.values)
    for name, value in shown.values.items():
        row = np.searchsorted(episode[name].times_ns, 24 * past.world.spec.tick_ns)
        np.testing.assert_array_equal(value, episode[name].values[row], err_msg=name)


def test_a_replay_is_exact_and_ends_where_the_episode_did() -> None:
    episode, states = episodes.recorded(1, seconds=0.6)
    found = replay(episode, renderer="rays")
    assert found.exact
    assert found.told.endswith("to the bit")
    assert max(found.apart_m) == max(found.turned_rad) == 0.0
    assert found.since_s is None
    assert found.past.at(found.past.ticks) == states[-1]


def test_a_replay_by_another_engine_says_how_far_it_drifts() -> None:
    """An engine that pulls a little harder stands for another version: the states of the episode are refused, and its drift is measured."""
    episode, _ = episodes.recorded(4, seconds=0.6)
    assert episode.scene is not None
    states = episode["state"]
    older = [np.frombuffer(bytes(row).replace(_version(), b"\xa53.2.0"), np.uint8) for row in states.values]
    other = episode.with_stream(Stream(SIGNALS["state"], states.times_ns, older, origin=Origin.SIMULATED))
    other = replace(other, scene=replace(episode.scene, gravity_m_s2=(0.0, 0.0, -9.9)))
    with pytest.raises(StateError, match=r"another engine or version; got mujoco 3\.2\.0.*replay\(episode\)"):
        open_past(other)
    found = replay(other, renderer="rays")
    assert not found.exact
    assert max(found.apart_m) > 1e-3
    assert found.since_s is not None
    assert 0 < found.since_s <= 0.6
    assert "drifts farthest" in found.told


def _version() -> bytes:
    import mujoco

    version = mujoco.__version__.encode()
    return bytes([0xA0 + len(version)]) + version


def test_an_episode_without_states_offers_a_replay_or_a_dream() -> None:
    episode, _ = episodes.recorded(0, seconds=0.1)
    bare = replace(episode, streams={name: s for name, s in episode.streams.items() if name != "state"})
    with pytest.raises(StateError, match=r"keeps no states.*replay\(episode\)"):
        open_past(bare)
    assert not replay(bare, renderer="rays").exact  # nothing to hold it against …
    assert max(replay(bare, renderer="rays").apart_m) == 0.0  # … but places
    with pytest.raises(StateError, match="can only be dreamed on"):
        open_past(replace(bare, scene=None))
    with pytest.raises(StateError, match="can only be dreamed on"):
        replay(replace(bare, scene=None))


def test_damaged_states_are_refused() -> None:
    episode, _ = episodes.recorded(0, seconds=0.4)
    stream = episode["state"]

    def with_rows(rows: list[bytes], first: int = 0) -> Episode:
        values = [np.frombuffer(row, dtype=np.uint8) for row in rows]
        return episode.with_stream(Stream(SIGNALS["state"], stream.times_ns[first : first + len(rows)], values, origin=Origin.SIMULATED))

    rows = [bytes(row) for row in stream.values]
    with pytest.raises(StateError, match=r"not a saved state|damaged"):
        open_past(with_rows([rows[0][:100]]))
    flipped = bytearray(rows[0])
    flipped[len(flipped) // 2] ^= 1
    with pytest.raises(StateError, match="damaged"):
        open_past(with_rows([bytes(flipped)]))
    with pytest.raises(StateError, match="do not begin"):
        open_past(with_rows(rows[1:], 1))
    with pytest.raises(StateError, match="no such engine"):
        open_past(replace(episode, legend={"state": ("engine=game",)}))
    with pytest.raises(StateError, match="legend"):
        open_past(replace(episode, legend={"state": ("engine=physics", "frame_ticks=-1", "tick_ns=20000000")}))


def test_ticks_that_are_not_there_are_refused() -> None:
    episode, states = episodes.recorded(0, seconds=0.4)
    with pytest.raises(InputError, match="no such tick"):
        restore(episode, len(states))
    past = open_past(episode)
    assert past.tick_at(0.2) == 10
    for seconds in (-0.1, 0.5, float("nan"), float("inf")):
        with pytest.raises(InputError, match="no such moment"):
            past.tick_at(seconds)


def test_who_acted_once_acts_again() -> None:
    episode, states = episodes.recorded(3, seconds=0.6)
    past = open_past(episode, renderer="rays")
    again = record(past.world, AgentRecorded(past.course.actions), episode.scene, seconds=0.6, seed=3, signals=["position_m"])  # type: ignore[arg-type]
    assert again["position_m"] == episode["position_m"]
    line = past.timeline()
    assert line.to(past.world, 17).state == states[17]


def test_a_timeline_is_kept_and_comes_back(tmp_path: Path) -> None:
    """Steps, a change, a branch from within: the branch that is now goes into a bundle, and all its ticks come back."""
    world = WorldPhysics(renderer="rays")
    start = world.reset(episodes.small(starter.load("tabletop")), seed=2)
    agent = AgentRandom()
    agent.begin(world.spec, seed=2)

    def on(line: Timeline[PhysicsState], ticks: int) -> Timeline[PhysicsState]:
        for tick in range(ticks):
            line = line.step(world, agent.act(None, time_ns=tick * 20_000_000))
        return line

    line = on(Timeline.of(start, "a table"), 23).to(world, 14)
    glass = Thing(name="glass", kind="glass", relations=(Relation(kind="on", thing="magazine"),))
    line = on(line.then(world.edit(line.state, EditPlan((Add(thing=glass),))), "a glass on the magazine"), 17)
    line = on(line.then(world.edit(line.state, SetScene(gravity_m_s2=(0.5, 0.0, -9.7))), "tilted"), 5)
    with append_to(tmp_path) as bundle:
        bundle.add(record_line(world, line, seed=2, signals=["position_m"]))
    episode = open_bundle(tmp_path)[0]
    assert episode.labels["changes"] == "0.28 s: a glass on the magazine; 0.62 s: tilted"
    past = open_past(episode, renderer="rays")
    assert past.ticks == line.tick == 36
    for tick in (0, 9, 13, 14, 15, 30, 31, 36):
        assert past.at(tick) == line.at(world, tick), tick
    assert np.isnan(episode["position_m"].values[13][-1]).all()
    assert np.isfinite(episode["position_m"].values[14][-1]).all()
