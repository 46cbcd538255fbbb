"""A session: one world, its timeline, its clock, and who is in it.

    asyncio (app.py) ── ask(viewer, question) ──► queue ──► the session's own thread: story.py, pace.py, autosave.py
                     ◄── wake() ── viewer.py ◄── telling.py: answers in order, and only the latest of what moves

A world is used by one thread, so the session has one. It follows what is asked in the order it came, steps when time goes on, and says
where everything is after every tick. The past is never lost: undo goes back in the timeline, and who goes on otherwise begins a branch.
"""

from __future__ import annotations

import itertools
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lifeworld.core.errors import InputError, LifeworldError
from lifeworld.provenance import Verdict
from lifeworld.scene.scene import Scene
from lifeworld.scene.starter import load as starter
from lifeworld.studio import compare, keep, wire
from lifeworld.studio.autosave import Gone, Saving, go_on
from lifeworld.studio.beside import Beside, OnTick, another, like
from lifeworld.studio.happenings import fitting
from lifeworld.studio.outline import actions, ghost
from lifeworld.studio.pace import Pace
from lifeworld.studio.pane import offered
from lifeworld.studio.panes import Panes
from lifeworld.studio.scenery import Sceneries
from lifeworld.studio.seats import Seats
from lifeworld.studio.story import Story
from lifeworld.studio.telling import OUTLINE_S, Telling, pictures
from lifeworld.studio.viewer import Viewer
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.shelf import Shelf
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif.branches import compared, parting
from lifeworld.worlds.whatif.change import Change
from lifeworld.worlds.world import World

MOST_WAITING = 1_000
FOLLOW_S = 0.1
"""So long what is asked is followed before time goes on and what was done is saved."""
GUESTS_MAY = (wire.Watch, wire.Probe, wire.Draw, wire.Again, wire.Take, wire.Drawn, wire.Read, wire.Compare, wire.At)


class Session:
    """A world that people are in.

    Args:
        start: where it begins: what the world's `reset` takes, the name of a starter scene, or a timeline of the world to go on with.
        world: any World; None for a physical one of the session's own, in which events happen.
        title: what it is called; None for what the scene says.
        keep: the folder of the bundle that its owner may keep episodes in; None where nothing is ever kept.
        foreign: what is known about the file it came in, where that is a stranger's: time stands and nothing is changed until the owner
            accepts it.
        source: the file it came in, if any: what is taken away says so.
        saving: where what is done is saved as it is done, and gone on with; None where it is lost with the server.
        recorded: whether the timeline it begins with is a recording, which is gone along until somebody steps in.
    """

    def __init__(
        self,
        start: Any,
        *,
        seed: int = 0,
        world: World[Any] | None = None,
        title: str | None = None,
        keep: Path | None = None,
        foreign: Verdict | None = None,
        source: Path | None = None,
        saving: Saving | None = None,
        recorded: bool = False,
    ) -> None:
        self.name = secrets.token_hex(4)
        self._start = starter(start) if isinstance(start, str) else start
        self._seed = seed
        self._world: World[Any] = world or WorldEventful(WorldPhysics(hearing=True))
        self._title, self._keep = title, keep
        self._saving = saving
        self._saved: Gone | None = None
        self._recorded = recorded
        self.foreign, self.source = foreign, source
        self._story: Story
        self._pace = Pace()
        self._beside = Beside()
        self._panes: Panes
        self._telling: Telling
        self.sceneries = Sceneries()
        self._asked: queue.Queue[tuple[Viewer, wire.Question] | None] = queue.Queue(MOST_WAITING)
        self._seats = Seats()
        self._number = itertools.count(1).__next__
        self._stopped = threading.Event()
        self._begun = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"session {self.name}", daemon=True)
        self._thread.start()

    # -- for others' threads -----------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        if self._title is None and isinstance(self._start, Scene):
            return self._start.title or self._start.name
        return self._title or "a world"

    @property
    def resumed(self) -> str | None:
        """Where it was gone on from, in a sentence; None where it is new."""
        return None if self._saved is None else self._saved.told

    @property
    def viewers(self) -> int:
        """How many are in it."""
        return len(self._seats)

    def wait(self, timeout_s: float = 60.0) -> None:
        """Until there is a world.

        Raises:
            LifeworldError: if there is none: why.
        """
        if not self._begun.wait(timeout_s):
            raise InputError("the world takes too long to begin", got=f"{timeout_s:g} s")
        if self._failed is not None:
            raise self._failed

    def enter(self, who: str, wake: Callable[[], None], *, guest: bool = False) -> Viewer:
        """A seat: the first to come owns the session, unless they may only be a `guest`; who comes back has the seat they had."""
        viewer = Viewer(who, wake, may_own=not guest)
        self._seats.enter(viewer)
        self._asked.put((viewer, wire.Again(0)))  # whoever comes is told where everything is
        return viewer

    def owns(self, who: str) -> bool:
        """Whether somebody owns this session."""
        return self._seats.owns(who)

    def accept(self) -> None:
        """From now on a stranger's world is as good as one's own."""
        self.foreign = None

    def copied(self) -> tuple[World[Any], Timeline[Any], int]:
        """A world to look with from another thread, the timeline as it is now, and the seed."""
        self.wait()
        world, line = another(self._world), self._story.line
        if world is not self._world:
            world.edit(line.state, ())  # it has not heard yet what it is
        return world, line, self._seed

    def leave(self, viewer: Viewer) -> None:
        """The seat is free; the world goes on only while somebody is there."""
        self._seats.leave(viewer)
        if self._begun.is_set() and self._failed is None:
            self._panes.leave(viewer)

    def ask(self, viewer: Viewer, question: wire.Question) -> None:
        """Something to do, in the order it comes.

        Raises:
            InputError: if too much waits already.
        """
        if isinstance(question, wire.Drawn):
            viewer.drawn(question.seq)
            return
        try:
            self._asked.put_nowait((viewer, question))
        except queue.Full:
            raise InputError("too much is asked at once", got=f"{MOST_WAITING} messages wait") from None

    def stop(self, why: str = "The session was closed.") -> None:
        """An end for everybody."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._asked.put(None)
            self._beside.stop()
            self._thread.join(10.0)
            if self._failed is None:
                self._panes.stop()
            if self._saved is not None:
                self._saved.autosave.note(self._world, self._story.line, self._pace.speed, now=True)
                self._saved.autosave.close()
            self._seats.tell(wire.Bye(why))

    # -- the session's thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._story = self._first()
            self._panes = Panes(another(self._world), self._number)
            self._telling = Telling(self.name, self._story, self._pace, self._seats, self._panes, self.sceneries, number=self._number)
        except LifeworldError as error:
            self._failed = error
            return
        finally:
            self._begun.set()
        pace, telling = self._pace, self._telling
        while not self._stopped.is_set():
            now = time.monotonic()
            self._follow(min(pace.wait_s(now=now) if self._going else OUTLINE_S, telling.wait_s(now=now)))
            telling.end_tick(now=(now := time.monotonic()))
            if not self._going:
                pace.rest(now=now)
            elif pace.is_due(now=now):
                self._tick(now)
            if telling.words_due(now=now):
                telling.words()
            self._save()

    def _first(self) -> Story:
        if isinstance(self._start, Timeline):
            base = self._start
        else:
            base = Timeline.of(self._world.reset(self._start, seed=self._seed), "the beginning")
        folder = None if self._saving is None else self._saving.folder
        base = replace(base, shelf=Shelf(another(self._world), folder, told=self._trouble))
        recorded = base.nodes[0].course.ticks if self._recorded else 0
        if recorded:
            self._pace.stand()
        if self._saving is None:
            return Story(self._world, base, recorded=recorded)
        gone = go_on(self._saving, self._world, base, title=self.title, seed=self._seed, told=self._trouble)
        if gone.told is not None:
            self._pace.stand()
            self._pace.speed = gone.speed
        self._saved = gone
        return Story(self._world, gone.line, recorded=recorded)

    def _trouble(self, error: LifeworldError) -> None:
        """To everybody, what went wrong by itself."""
        self._seats.tell(wire.wrong(error, None))

    @property
    def _going(self) -> bool:
        return self._pace.going and len(self._seats) > 0 and self.foreign is None

    def _save(self, *, now: bool = False) -> None:
        if self._saved is not None:
            self._saved.autosave.note(self._world, self._story.line, self._pace.speed, now=now)

    def _follow(self, wait_s: float) -> None:
        """Do what is asked, until nothing waits, or a while is over; wait for the first so long."""
        end = time.monotonic() + wait_s + FOLLOW_S
        try:
            asked = self._asked.get(timeout=wait_s) if wait_s > 0 else self._asked.get_nowait()
            while asked is not None:
                self._answer(*asked)
                if time.monotonic() > end:
                    return
                asked = self._asked.get_nowait()
        except queue.Empty:
            pass

    def _answer(self, viewer: Viewer, question: wire.Question) -> None:
        if viewer.gone:
            return
        if viewer.seat == "guest" and not isinstance(question, GUESTS_MAY):
            viewer.say(wire.Wrong(question.seq, "guest", "You are a guest here: you can look, and not change anything."))
            return
        if self.foreign is not None and not isinstance(question, GUESTS_MAY):
            viewer.say(wire.Wrong(question.seq, "not_accepted", f"Look first, then accept it: {self.foreign.told}"))
            return
        try:
            self._do(viewer, question)
        except LifeworldError as error:
            viewer.say(wire.wrong(error, question.seq))
        except Exception as error:  # a bug of ours takes nobody's world away
            logging.getLogger(__name__).exception("question %s went wrong", type(question).__name__)
            viewer.say(wire.Wrong(question.seq, "internal_error", f"Something went wrong here, and nothing was changed: {error!r}"))

    def _do(self, viewer: Viewer, question: wire.Question) -> None:
        story, pace = self._story, self._pace
        match question:
            case wire.Act(seq, embodiment, value):
                story.act(embodiment, value)
                self._telling.last_input = seq
            case wire.Read(seq, text, selected):
                change = story.asked(text, selected)
                viewer.say(wire.Understood(seq, change.told, change.score, tuple(ghost(thing) for thing in story.placed(change))))
            case wire.Say(seq, text, selected):
                self._changed(viewer, seq, story.asked(text, selected))
            case wire.Change(seq, plan):
                self._changed(viewer, seq, story.planned(bytes(plan)))
            case wire.Undo(seq):
                line = story.line.undo()
                pace.take_back()
                self._gone(viewer, seq, line)
            case wire.Redo(seq):
                line = story.line.redo()
                if not line.ahead:
                    pace.go_on()
                self._gone(viewer, seq, line)
            case wire.Go(seq, node):
                line = story.line.go(node)
                pace.forget_undo()
                self._gone(viewer, seq, line)
            case wire.Seek(seq, tick):
                line = story.line.to(story.world, tick)
                pace.stand()
                self._gone(viewer, seq, line)
            case wire.Mark(seq, name):
                self._gone(viewer, seq, story.line.mark(name[:80]))
            case wire.Play(seq, speed, along):
                pace.play(speed)
                story.along = along
                self._gone(viewer, seq, story.line)
            case wire.Pause(seq):
                pace.stand()
                self._gone(viewer, seq, story.line)
            case wire.Step(seq, ticks, fast):
                pace.count(ticks, fast=fast)
                self._gone(viewer, seq, story.line)
            case wire.Compare(seq, nodes):
                self._compared(viewer, seq, nodes)
            case wire.At(seq, tick):
                self._look(viewer, tick)
            case wire.Keep(seq):
                self._kept(viewer, question)
            case wire.Watch():
                self._panes.watch(viewer, question, self._world.spec)
            case wire.Probe():
                viewer.say(self._panes.probe(question, self._world.spec))
            case wire.Draw(seq):
                self._panes.draw(viewer, question)
                viewer.say(wire.Done(seq))
                self._telling.move()
            case wire.Again():
                self._welcome(viewer)
            case wire.Take(seq):
                for one in self._seats.take(viewer):
                    self._welcome(one)
                viewer.say(wire.Done(seq, "You are the owner now."))

    def _tick(self, now: float) -> None:
        """One tick on; who diverges is paused and told, and where a recording is over time stands."""
        try:
            if self._story.ends:
                self._pace.stand()
            else:
                self._story.tick()
                self._pace.ticked(self._story.tick_s, now=now)
                self._telling.tick(now=now)
        except LifeworldError as error:
            self._pace.stand()
            self._trouble(error)
        except Exception as error:  # a bug of ours takes nobody's world away
            logging.getLogger(__name__).exception("a tick went wrong")
            self._pace.stand()
            self._seats.tell(wire.Wrong(None, "internal_error", f"Something went wrong here, and time stands: {error!r}"))
        if not self._pace.going:
            self._telling.words()

    def _changed(self, viewer: Viewer, seq: int, change: Change) -> None:
        self._story.make(change)
        self._pace.go_on()
        self._save(now=True)  # who is told that it is done finds it again, whatever becomes of this process
        viewer.say(wire.Done(seq, change.told, self._story.line.now.node))
        self._telling.show()

    def _gone(self, viewer: Viewer, seq: int, line: Timeline[Any]) -> None:
        """At another place of the timeline, or the same with the clock set otherwise."""
        moved = line.state is not self._story.line.state
        self._story.line = line
        viewer.say(wire.Done(seq, node=line.now.node))
        if moved:
            self._telling.show()
        else:
            self._telling.line()

    # -- beside the world --------------------------------------------------------------------------------------------------

    def _compared(self, viewer: Viewer, seq: int, nodes: list[int]) -> None:
        """Branches gone through again beside the world, and told; their states stay for `at`."""
        world, line = like(self._world), self._story.line
        apart = parting(self._world, line, nodes)
        self._story.heed()

        def job(on_tick: OnTick) -> wire.Answer:
            found, ways = compared(world, apart, seed=self._seed, on_tick=on_tick)
            viewer.compared = compare.Comparison(apart.tick, ways)
            return compare.said(seq, nodes, apart, found, line)

        self._beside.begin(seq, viewer.say, lambda: not viewer.gone, job)

    def _look(self, viewer: Viewer, tick: int) -> None:
        """The branches at a tick, the latest that was asked for only."""
        if viewer.compared is None:
            raise InputError("nothing is compared", fix="Ask to compare branches first.")
        for stream, state in enumerate(viewer.compared.at(tick), start=wire.FIRST):
            self._telling.side(viewer, state, stream, (viewer.compared.tick + max(tick, 0)) * self._story.tick_s)

    def _kept(self, viewer: Viewer, asked: wire.Keep) -> None:
        """The branch that is now into the session's folder, beside the world, which goes on."""
        folder = self._keep
        if folder is None:
            raise InputError("this session keeps nothing", fix="Begin it with a folder to keep things in: lifeworld enter … --keep mine/")
        keep.check(asked)
        world, line = like(self._world), self._story.line

        def job(on_tick: OnTick) -> wire.Answer:
            return keep.keep(folder, world, line, asked, title=self.title, seed=self._seed, who=viewer.who, on_tick=on_tick)

        self._beside.begin(asked.seq, viewer.say, lambda: True, job)

    # -- what is said ------------------------------------------------------------------------------------------------------

    def _welcome(self, viewer: Viewer) -> None:
        spec = self._world.spec
        viewer.say(
            wire.Welcome(
                session=self.name,
                seat="owner" if viewer.seat == "owner" else "guest",
                title=self.title,
                origin=spec.origin.value,
                engine=f"{spec.engine} {spec.engine_version}",
                cannot=spec.cannot,
                tick_s=self._story.tick_s,
                actions=actions(self._story),
                pictures=pictures(spec),
                editable=spec.editable,
                keep=None if self._keep is None or not spec.editable else keep.offer(self._keep, pictures(spec)),
                signals=offered(spec),
                events=fitting(self._story.scene) if spec.editable else (),
                saved=None if self._saved is None else str(self._saved.autosave.path),
                resumed=self.resumed,
            ),
        )
        if self._saved is not None and self._saved.trouble is not None:
            viewer.say(wire.wrong(self._saved.trouble, None))
        self._telling.all(viewer)
