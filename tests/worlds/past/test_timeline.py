"""A timeline: undo, redo and going back by ticks are exact, and no branch is ever lost."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.worlds.timeline import RECENT, Timeline


def test_there_and_back() -> None:
    line = Timeline.of("a").then("b", "go on").then("c")
    assert [line.state, line.undo().state, line.undo().undo().state] == ["c", "b", "a"]
    assert line.undo().redo() == line
    assert line.undo().undo().redo().state == "b"
    assert line.nodes[1].said == "go on"


def test_a_new_step_after_undo_is_a_branch_beside_the_old_one() -> None:
    line = Timeline.of("a").then("b").undo().then("c")
    assert line.state == "c"
    assert [line.nodes[i].state for i in line.branches()] == ["b", "c"]
    assert [line.nodes[i].state for i in line.path()] == ["a", "c"]
    with pytest.raises(InputError, match="nothing to redo"):
        line.redo()
    assert line.go(1).state == "b"


def test_the_ends_say_so() -> None:
    line = Timeline.of(0)
    with pytest.raises(InputError, match="nothing to undo"):
        line.undo()
    with pytest.raises(InputError, match="no such state"):
        line.go(1)
    with pytest.raises(InputError, match="no such state"):
        line.go(-1)


@given(st.lists(st.sampled_from(["then", "undo", "redo"]), max_size=40))
def test_it_does_what_two_stacks_do(moves: list[str]) -> None:
    """Undo and redo are those of any editor: a stack of states behind and one ahead."""
    line, behind, ahead, now = Timeline.of(0), list[int](), list[int](), 0
    for number, move in enumerate(moves, start=1):
        if move == "then":
            line, behind, ahead, now = line.then(number), [*behind, now], [], number
        elif move == "undo" and behind:
            line, ahead, now = line.undo(), [*ahead, now], behind.pop()
        elif move == "redo" and ahead:
            line, behind = line.redo(), [*behind, now]
            now = ahead.pop()
        assert line.state == now
        assert [line.nodes[i].state for i in line.path()] == [*behind, now]
    assert {node.state for node in line.nodes} == {0, *(n for n, move in enumerate(moves, start=1) if move == "then")}


class Counting:
    """A world whose state is all that was ever done in it: what comes back is told apart from anything else."""

    def step(self, state: tuple[Any, ...], action: dict[str, Any]) -> tuple[Any, ...]:
        return (*state, tuple(action["a"]))


COUNTING: Any = Counting()


def test_any_tick_of_a_branch_comes_back() -> None:
    line, done = Timeline.of(()), [()]
    for number in range(37):
        line = line.step(COUNTING, {"a": [number]})
        done.append(line.state)
    assert line.tick == 37
    changed = line.to(COUNTING, 21).then(("changed",), "a change")
    for number in range(5):
        changed = changed.step(COUNTING, {"a": [-number]})
    assert [line.at(COUNTING, tick) for tick in range(38)] == done
    assert changed.tick == 26
    assert changed.at(COUNTING, 20) == done[20]
    assert changed.at(COUNTING, 21) == ("changed",)
    assert changed.at(COUNTING, 26) == ("changed", (0.0,), (-1.0,), (-2.0,), (-3.0,), (-4.0,))
    assert changed.undo().state == done[21]
    assert changed.undo().redo() == changed
    assert [changed.go(i).state for i in changed.branches()] == [done[37], changed.state]
    with pytest.raises(InputError, match="no such tick"):
        changed.to(COUNTING, 27)


def test_going_on_from_within_is_a_branch_beside_what_was_done() -> None:
    line = Timeline.of(())
    for number in range(12):
        line = line.step(COUNTING, {"a": [number]})
    other = line.to(COUNTING, 4).step(COUNTING, {"a": [99]})
    assert other.state == (*line.at(COUNTING, 4), (99.0,))
    assert other.go(0).state == line.state
    assert len(other.branches()) == 2
    assert other.tick == 5
    with pytest.raises(InputError, match="ticks follow already"):
        line.to(COUNTING, 4).step_to({"a": [1]}, ())


def test_a_place_with_a_name_is_found_again() -> None:
    line = Timeline.of(()).step(COUNTING, {"a": [1]}).mark("here")
    later = line.step(COUNTING, {"a": [2]}).then("x").mark("there")
    assert later.back_to("here").state == line.state
    assert later.undo().back_to("there").state == "x"
    assert later.mark("here").back_to("here").state == "x"
    with pytest.raises(UnknownName, match="Did you mean 'here'"):
        line.back_to("her")


@given(st.lists(st.one_of(st.integers(0, 60), st.sampled_from(["step", "step", "step", "change", "undo"])), max_size=60))
@settings(deadline=None)
def test_what_was_done_once_stays_as_it_was(moves: list[int | str]) -> None:
    """However one goes about, each value of a timeline leads to the states it led to when it was made."""
    line = Timeline.of((0,))
    made = [(line, [(0,)])]
    for number, move in enumerate(moves):
        past = [line.at(COUNTING, tick) for tick in range(line.tick)]
        match move:
            case "step":
                line, past = line.step(COUNTING, {"a": [number]}), [*past, line.state]
            case "change":
                line = line.then((*line.state, "changed", number))
            case "undo":
                if line.nodes[line.now.node].left is None:
                    continue
                line = line.undo()
                past = past[: line.tick]
            case int():
                line = line.to(COUNTING, min(move, line.tick))
                past = past[: line.tick]
        made.append((line, [*past, line.state]))
    for earlier, states in made:
        assert [earlier.at(COUNTING, tick) for tick in range(earlier.tick)] == states[:-1]
        assert earlier.state == states[-1]


class Counting:
    """A world in which time is all there is."""

    steps = 0

    def step(self, state: int, action: Any) -> int:
        self.steps += 1
        return state + 1


@given(st.lists(st.integers(0, 32_000), max_size=8))
@settings(max_examples=10, deadline=None)
def test_who_lives_for_long_keeps_few_states_and_every_moment(ticks: list[int]) -> None:
    world, line = Counting(), long_line()
    assert line.nodes[0].course.ticks == 32_000
    assert len(line.nodes[0].course.keys) < 32_000 / 100 + 3_000 / 10 + 10
    for tick in ticks:
        world.steps = 0
        assert line.to(world, tick).state == tick  # type: ignore[arg-type]
        assert world.steps < (10 if tick > 29_100 else 100 if tick > 2_100 else 1_000)


def test_who_changes_something_every_second_keeps_few_states_and_every_moment() -> None:
    world, line = Counting(), Timeline.of(0)
    for change in range(100):
        for _ in range(120):
            line = line.step(world, {})  # type: ignore[arg-type]
        line = line.undo().redo() if change % 3 else line.to(world, line.tick - 60)
        line = line.then(line.state, f"change {change}")
    kept = [len(node.course.keys) for node in line.nodes]
    assert max(kept) > 10  # the latest keep all of theirs
    assert sum(kept[:-RECENT]) <= 2 * len(kept)
    for number in (0, 3, 50, 97, 100):
        there = line.go(number)
        ticks = range(0, there.tick + 1, 97)
        assert [there.at(world, tick) for tick in ticks] == list(ticks)  # type: ignore[arg-type]


@cache
def long_line() -> Timeline[int]:
    world, line = Counting(), Timeline.of(0)
    for tick in range(32_000):
        line = line.step(world, {"hand": np.full(3, tick // 7_000)})  # type: ignore[arg-type]
    return line


def test_what_goes_on_for_long_is_kept_once_to_the_bit() -> None:
    line = Timeline.of(0)
    for value in (0.0, 0.0, -0.0, 1.0):
        line = line.step(Counting(), {"hand": np.array([value])})  # type: ignore[arg-type]
    actions = line.actions()
    assert actions[0] is actions[1]
    assert [np.signbit(action["hand"][0]) for action in actions] == [False, False, True, False]


def test_a_tick_is_gone_again_along_what_was_done() -> None:
    world = Counting()
    line = Timeline.of(0)
    for _ in range(25):
        line = line.step(world, {})  # type: ignore[arg-type]
    back = line.to(world, 12)  # type: ignore[arg-type]
    for tick in range(13, 26):
        back = back.again(world)  # type: ignore[arg-type]
        assert (back.state, back.tick, len(back.nodes)) == (tick, tick, 1)
    assert back == line
    with pytest.raises(InputError, match="nothing was done here"):
        back.again(world)  # type: ignore[arg-type]
