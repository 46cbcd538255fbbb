"""What is told of a session: half-way to a tick as the engine had it, and of its branches what is new, bounded however many there are."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visiting import TICK_S, Page

from lifeworld.scene import starter
from lifeworld.studio import wire
from lifeworld.studio.branches import MOST_NODES, Branches
from lifeworld.studio.pace import Pace
from lifeworld.studio.scenery import halfway
from lifeworld.studio.story import Story
from lifeworld.studio.viewer import MOST_IN_FLIGHT, Viewer
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.compile import TICK_STEPS
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.timeline import Timeline


@pytest.mark.parametrize("hearing", [False, True])
def test_half_way_is_where_the_engine_was(hearing: bool) -> None:
    """Half of a tick's steps from where it began, to the bit; and the tick ends where it would have ended."""
    world = WorldEventful(WorldPhysics(hearing=hearing, renderer="rays"))
    state = world.reset(starter.load("tabletop"), seed=0)
    assert halfway(world, state) is None
    for tick in range(8):
        state = world.step(state, {"hand": [0.2, 0.1 * tick, -0.3, 0, 0, 0, 1]})
        half = halfway(world, state)
        assert half is not None
        model, data = state.inner.compiled.model, mujoco.MjData(state.inner.compiled.model)
        mujoco.mj_setState(model, data, state.inner.past[-1].commanded, FULL)
        vector = np.empty_like(half.vector)
        for expected in (half.vector, state.inner.vector):
            mujoco.mj_step(model, data, nstep=TICK_STEPS // 2)
            mujoco.mj_getState(model, data, vector, FULL)
            assert np.array_equal(vector, expected)
    assert halfway(world, world.load(world.save(state))) is None


def test_what_moves_is_shown_half_way_too(page: Page) -> None:
    """Twice a tick while time goes on; where all stands still, or where one goes by ticks, there is nothing between them."""
    page.until(lambda said: said["is"] == "line" and said["tick"] > 150)
    halves, tick = page.halves, page.line["tick"]
    page.until(lambda said: said["is"] == "line" and said["tick"] > tick + 50)
    assert page.halves == halves
    page.ask("act", embodiment="hand", value=[0.1, 0.05, 0.2, 0, 0, 1.0, 1])
    page.until(lambda said: said["is"] == "line" and page.halves > halves + 10)
    page.answer("pause")
    before = page.step(1)["tick"]
    halves = page.halves
    page.answer("step", ticks=30, fast=True)
    page.until(lambda said: said["is"] == "line" and said["tick"] == before + 30)
    page.shown()
    page.answer("seek", tick=before)
    page.shown()
    assert page.halves == halves
    assert page.state[2] & wire.PAUSED
    assert round(page.state[4] / TICK_S) == before


def test_slow_pages_are_spared_what_is_half_way() -> None:
    """A page that is behind is sent ticks alone; the law is of the viewer, so nobody's speed is in it."""
    viewer = Viewer("me", lambda: None)
    message = wire.binary(wire.STATE, b"", seq=0, time_s=0.0, last_input=0, of=0)
    for number in range(MOST_IN_FLIGHT):
        assert viewer.keeps_up == (number <= MOST_IN_FLIGHT // 2)
        viewer.show(wire.NOW, wire.binary(wire.STATE, b"", seq=number, time_s=0.0, last_input=0, of=0))
        assert viewer.take()[1]
    viewer.show(wire.NOW, message)
    assert viewer.take()[1] == []


class Standing:
    """A world of nothing but ticks."""

    def step(self, state: int, action: Any) -> int:
        return state + 1


DEEDS = st.lists(st.tuples(st.sampled_from(["tick", "change", "undo", "redo", "seek", "mark"]), st.booleans()), max_size=60)


@given(DEEDS)
@settings(max_examples=60, deadline=None)
def test_who_hears_the_news_knows_what_there_is(deeds: list[tuple[str, bool]]) -> None:
    world: Any = Standing()
    story, pace, told = Story(world, Timeline.of(0)), Pace(), Branches()
    known: dict[int, Any] = {}

    def hear(lines: list[wire.Line]) -> None:
        for line in lines:
            known.update({node["number"]: node for node in line.nodes})
        whole = told.all(story, pace)
        assert [known[i] for i in sorted(known)] == [node for line in whole for node in line.nodes]
        assert (lines[-1].node, lines[-1].tick) == (story.line.now.node, story.line.now.ticks)

    hear(told.news(story, pace))
    for what, heard in deeds:
        line = story.line
        match what:
            case "tick":
                story.line = line.step(world, {})
            case "change":
                story.line = line.then(line.state, "said")
            case "undo":
                story.line = line.undo() if line.nodes[line.now.node].left else line
            case "redo":
                story.line = line.redo() if line.ahead else line
            case "seek":
                story.line = line.to(world, line.tick // 2)
            case "mark":
                story.line = line.mark("here")
        if heard:
            hear(told.news(story, pace))
    hear(told.news(story, pace))
    assert told.news(story, pace)[0].nodes == ()


def test_news_is_small_however_many_branches_there_are() -> None:
    """After a thousand changes and more a tick is told in as many bytes as after one."""
    world: Any = Standing()
    story, pace, told = Story(world, Timeline.of(0)), Pace(), Branches()
    for _ in range(3 * MOST_NODES):
        story.line = story.line.then(story.line.state, "put a glass on the magazine")
    lines = told.news(story, pace)
    assert [len(line.nodes) for line in lines] == [MOST_NODES, MOST_NODES, MOST_NODES, 1]
    assert [line.more for line in lines] == [True, True, True, False]
    story.line = story.line.step(world, {})
    (line,) = told.news(story, pace)
    assert len(line.nodes) == 1
    assert len(wire.text(line)) < 400


def test_while_nothing_happens_the_branches_are_not_told_again(page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    page.answer("pause")
    page.names()
    heard: list[str] = []

    def often_enough(said: dict[str, Any]) -> bool:
        heard.append(said["is"])
        return heard.count("outline") == 4

    page.until(often_enough)
    assert heard.count("line") <= 1
