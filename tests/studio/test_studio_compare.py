"""Two branches of a timeline say of each other what `whatif` says of a change, since both are the same question."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lifeworld.core.errors import InputError
from lifeworld.scene.starter import load
from lifeworld.studio.compare import MOST_POINTS, said
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif import as_json, whatif
from lifeworld.worlds.whatif.branches import LEAST_TICKS, compared, parting
from lifeworld.worlds.whatif.change import change_of

SENTENCE = "push the bottle at 1 m/s"


def made(*, ticks: int) -> tuple[WorldEventful, Timeline[Any]]:
    """A table after five ticks; from there on a branch on which the bottle is pushed, and `ticks` gone on."""
    world = WorldEventful(WorldPhysics(renderer="rays"))
    line = Timeline.of(world.reset(load("tabletop"), seed=0), "the beginning")
    for _ in range(5):
        line = line.step(world, {})
    change = change_of(SENTENCE, world.scene(line.state), now_s=0.1)
    line = line.then(change.made(world, line.state), SENTENCE)
    for _ in range(ticks):
        line = line.step(world, {})
    return world, line


def test_a_branch_and_where_it_left_say_what_whatif_says_of_the_change() -> None:
    world, line = made(ticks=3)
    found, ways = compared(WorldEventful(WorldPhysics(renderer="rays")), parting(world, line, 0, 1))
    start = line.nodes[1].left
    assert start is not None
    known = whatif((world, start.state, []), change=SENTENCE, seconds=LEAST_TICKS * 0.02, pictures=False)
    mine, theirs = as_json(found), as_json(known)
    for key in ("times_s", "moved", "first_touch", "relations", "events", "came", "gone", "outcomes"):
        assert mine[key] == theirs[key], key
    assert mine["moved"]
    assert [len(way) for way in ways] == [LEAST_TICKS + 1] * 2
    assert ways[1][3].inner == line.state.inner  # and what is shown is what was lived


def test_where_branches_part_is_the_earlier_of_where_they_left() -> None:
    world, line = made(ticks=4)
    early = line.to(world, 2).step(world, {})  # node 2 leaves the first after 2 ticks, node 1 after 5
    late = early.go(1).to(world, 7).step(world, {})  # node 3 leaves node 1 after 2
    for a, b, node, tick, lived in (
        (1, 2, 0, 2, (7, 1)),
        (2, 1, 0, 2, (1, 7)),
        (0, 2, 0, 2, (3, 1)),
        (1, 3, 1, 7, (2, 1)),
        (2, 3, 0, 2, (1, 6)),
    ):
        pair = parting(world, late, a, b)
        assert (pair.node, pair.tick, (pair.base.lived, pair.branch.lived)) == (node, tick, lived), (a, b)
        assert pair.state == late.go(a).at(world, tick)
    assert parting(world, late, 1, 2).base.changed.keys() == {3}
    with pytest.raises(InputError):
        parting(world, late, 1, 4)


def test_curves_are_short_and_as_high_as_they_were() -> None:
    world, line = made(ticks=300)
    pair = parting(world, line, 0, 1)
    found, _ = compared(WorldEventful(WorldPhysics(renderer="rays")), pair)
    answer = said(1, (0, 1), pair, found, line)
    assert pair.ticks == 300
    for row in answer.moved:
        assert len(row["apart_m"]) == len(answer.times_s) <= MOST_POINTS
        assert np.nanmax(np.array(row["apart_m"], dtype=float)) == pytest.approx(row["most_m"], abs=1e-6)
