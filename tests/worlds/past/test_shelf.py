"""A shelf: what was put there comes back to the bit, and a timeline with one is the same timeline in less memory."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LifeworldError
from lifeworld.scene import starter
from lifeworld.worlds.actions import Actions
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.shelf import Shelf
from lifeworld.worlds.timeline import RECENT, Timeline


class Counting:
    """A world whose state is all that was ever done in it."""

    def step(self, state: list[Any], action: dict[str, Any]) -> list[Any]:
        return [*state, np.asarray(action["a"]).tolist()]

    def save(self, state: list[Any]) -> bytes:
        return msgspec.json.encode(state)

    def load(self, data: bytes) -> list[Any]:
        return msgspec.json.decode(data)


COUNTING: Any = Counting()
NUMBERS = st.lists(st.floats(allow_nan=True, width=64), min_size=0, max_size=3)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["hand", "walker", ""]), NUMBERS, max_size=2).flatmap(
            lambda one: st.lists(st.just(one), max_size=3)
        )
    )
)
@settings(deadline=None)
def test_actions_are_kept_to_the_bit(groups: list[list[dict[str, list[float]]]]) -> None:
    given_ = [one for group in groups for one in group]
    for done in (Actions(given_), Actions.from_bytes(Actions(given_).to_bytes())):
        assert len(done) == len(given_)
        for kept in (list(done), done[:], [done[i] for i in range(len(given_))]):
            for action, wanted in zip(kept, given_, strict=True):
                assert list(action) == list(wanted)
                assert all(np.asarray(action[name]).tobytes() == np.array(wanted[name], float).tobytes() for name in wanted)
                assert not any(np.asarray(numbers).flags.writeable for numbers in action.values())


@given(st.lists(st.one_of(st.integers(0, 40), st.sampled_from(["step", "step", "change", "change", "undo", "redo", "mark"])), max_size=80))
@settings(max_examples=60, deadline=None)
def test_a_timeline_with_a_shelf_is_the_same_timeline(moves: list[int | str]) -> None:
    lines = [Timeline.of([0]), Timeline.of([0], shelf=Shelf(COUNTING))]
    for number, move in enumerate(moves):
        for i, line in enumerate(lines):
            match move:
                case "step":
                    lines[i] = line.step(COUNTING, {"a": [number]})
                case "change":
                    lines[i] = line.then([*line.state, "changed", number], str(number))
                case "undo" if line.nodes[line.now.node].left is not None:
                    lines[i] = line.undo()
                case "redo" if line.ahead:
                    lines[i] = line.redo()
                case "mark":
                    lines[i] = line.mark("here")
                case int() if move % 3:
                    lines[i] = line.to(COUNTING, min(move, line.tick))
                case int():
                    lines[i] = line.go(move % len(line.nodes))
    plain, shelved = lines
    assert (shelved.state, shelved.tick, shelved.path(), shelved.branches()) == (plain.state, plain.tick, plain.path(), plain.branches())
    assert [n.state for n in shelved.nodes] == [n.state for n in plain.nodes]
    assert [n.left and n.left.state for n in shelved.nodes] == [n.left and n.left.state for n in plain.nodes]
    assert [shelved.at(COUNTING, tick) for tick in range(shelved.tick)] == [plain.at(COUNTING, tick) for tick in range(plain.tick)]
    assert [str(action) for action in shelved.actions()] == [str(action) for action in plain.actions()]
    assert [(name, place.state) for name, place in shelved.marks] == [(name, place.state) for name, place in plain.marks]


def test_a_disk_that_refuses_is_told_once_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    told: list[LifeworldError] = []
    line = Timeline.of([0], shelf=Shelf(COUNTING, tmp_path / "file" / "none", told=told.append))
    for number in range(3 * RECENT):
        line = line.then([number])
    assert [node.state for node in line.nodes] == [[0], *([n] for n in range(3 * RECENT))]
    (error,) = told
    assert "stays in memory" in str(error)


def test_who_changes_something_all_the_time_needs_no_more_memory() -> None:
    """The law of a long session: what a change leaves in memory is some hundred bytes, not its states (60 kB of this scene)."""
    world = WorldPhysics(hearing=True, renderer="rays")
    line = Timeline.of(world.reset(starter.load("tabletop"), seed=0), shelf=Shelf(WorldPhysics(hearing=True, renderer="rays")))

    def live(changes: int) -> None:
        nonlocal line
        for number in range(changes):
            line = line.then(world.edit(line.state, ()), "a change")
            for tick in range(6):
                line = line.step(world, {"hand": [0.01 * tick, 0.001 * number, -0.2, 0, 0, 0, 1]})

    live(3 * RECENT)
    gc.collect()
    tracemalloc.start()
    try:
        live(2 * RECENT)  # as many come to be as go
        gc.collect()
        before, states = tracemalloc.get_traced_memory()[0], _states()
        live(20)
        gc.collect()
        grown = (tracemalloc.get_traced_memory()[0] - before) / 20
    finally:
        tracemalloc.stop()
    assert _states() <= states + 2
    assert grown < 6_000
    first = line.to(world, 0)
    assert first.state == line.nodes[0].course.start


def _states() -> int:
    return sum(type(one) is PhysicsState for one in gc.get_objects())  # to ask `isinstance` wakes what others load late


@pytest.mark.parametrize("tick", [0, 2, 10, 77])
def test_what_lay_on_a_shelf_goes_on_to_the_bit(tick: int) -> None:
    world = WorldPhysics(renderer="rays")
    plain = shelved = Timeline.of(world.reset(starter.load("tabletop"), seed=0))
    shelved = Timeline.of(plain.state, shelf=Shelf(WorldPhysics(renderer="rays")))
    for number in range(RECENT + 4):
        state = world.edit(plain.state, ())
        plain, shelved = plain.then(state), shelved.then(state)
        for _ in range(7):
            action = {"hand": [0.02 * number, 0, -0.3, 0, 0, 0, 1]}
            plain, shelved = plain.step(world, action), shelved.step(world, action)
    assert shelved.at(world, tick) == plain.at(world, tick)
    one, other = shelved.to(world, tick), plain.to(world, tick)
    for _ in range(3):
        one, other = one.again(world), other.again(world)
    assert one.state == other.state
    assert np.array_equal(one.state.vector, other.state.vector)
