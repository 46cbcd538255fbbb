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
    (found,), ways = compared(WorldEventful(WorldPhysics(renderer="rays")), parting(world, line, (0, 1)))
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
        apart = parting(world, late, (a, b))
        assert (apart.node, apart.tick, tuple(way.lived for way in apart.ways)) == (node, tick, lived), (a, b)
        assert apart.state == late.go(a).at(world, tick)
    assert parting(world, late, (1, 2)).ways[0].changed.keys() == {3}
    for wrong in ((1, 4), (1,), (1, 1), (0, 1, 2, 3, 0), ()):
        with pytest.raises(InputError):
            parting(world, late, wrong)


def test_of_several_each_says_what_it_says_alone() -> None:
    """Four that part at the same moment: each differs from the first as it does where the two are compared alone."""
    world, line = made(ticks=3)  # node 1: the bottle is pushed at tick 5
    for sentence in ("push the mug to the left at 1 m/s", "put a glass on the magazine"):
        line = line.go(0)
        line = line.then(change_of(sentence, world.scene(line.state), now_s=0.1).made(world, line.state), sentence)
    nodes = (0, 1, 2, 3)
    apart = parting(world, line, nodes)
    found, ways = compared(WorldEventful(WorldPhysics(renderer="rays")), apart)
    assert (apart.tick, apart.node, len(found), [len(way) for way in ways]) == (5, 0, 3, [apart.ticks + 1] * 4)
    answer = said(1, nodes, apart, found, line)
    assert answer.said == ("as it went on", *(line.nodes[node].said for node in nodes[1:]))
    assert [other.came for other in answer.others] == [(), (), ("glass",)]
    assert [len(one["results"]) for one in answer.outcomes] == [4] * len(answer.outcomes)
    (pair,), _ = compared(WorldEventful(WorldPhysics(renderer="rays")), parting(world, line, (0, 2)))
    mine, theirs = as_json(found[1]), as_json(pair)
    for key in ("times_s", "moved", "first_touch", "relations", "events", "came", "gone"):
        assert mine[key] == theirs[key], key
    assert {row["outcome"] for row in theirs["outcomes"]} <= {row["outcome"] for row in answer.outcomes}


def test_curves_are_short_and_as_high_as_they_were() -> None:
    world, line = made(ticks=300)
    apart = parting(world, line, (0, 1))
    found, _ = compared(WorldEventful(WorldPhysics(renderer="rays")), apart)
    (other,) = said(1, (0, 1), apart, found, line).others
    assert apart.ticks == 300
    assert other.moved
    for row in other.moved:
        assert len(row["apart_m"]) == len(other.times_s) <= MOST_POINTS
        assert np.nanmax(np.array(row["apart_m"], dtype=float)) == pytest.approx(row["most_m"], abs=1e-6)
