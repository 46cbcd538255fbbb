"""A timeline: undo and redo are exact, and no branch is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import InputError
from lifeworld.worlds.timeline import Timeline


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
