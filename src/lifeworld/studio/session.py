"""A session: one world, its timeline, its clock, and who is in it.

    asyncio (app.py) ── ask(viewer, question) ──► queue ──► the session's own thread: world, timeline, clock
                     ◄── wake() ── outbox: answers in order, and only the latest of what moves

A world is used by one thread, so the session has one. It follows what is asked in the order it came, steps when time goes on, and says
where everything is after every tick. The past is never lost: undo goes back in the timeline, and who goes on otherwise begins a branch.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import EditError, InputError, LifeworldError
from lifeworld.scene import edit as edits
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.scene import Scene
from lifeworld.scene.starter import load as starter
from lifeworld.studio import compare, keep, wire
from lifeworld.studio.beside import Beside, OnTick, like
from lifeworld.studio.outline import ghost, kind_of, row
from lifeworld.studio.scenery import Sceneries, encoded, physical
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics import asset
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif.branches import compared, parting
from lifeworld.worlds.whatif.change import Change, change_of
from lifeworld.worlds.world import World, WorldSpec

MOST_IN_FLIGHT = 8
ACK_S = 2.0
"""After so long without a word a page is taken to have drawn what it was sent: it may have been hidden."""
MOST_WAITING = 1_000
LATE_S = 0.25
"""Who is later than this does not hurry to catch up: time goes slower, and is said to."""
OUTLINE_S = 0.5
SPEEDS = (0.05, 4.0)
MOST_STEP = 3_000
ON_THE_CLOCK = (wire.Play, wire.Pause, wire.Step, wire.Seek, wire.Go)
GUESTS_MAY = (wire.Watch, wire.Drawn, wire.Read, wire.Compare, wire.At)


@dataclass(slots=True, eq=False)
class Viewer:
    """Somebody in a session. `wake` is called, from the session's thread, when there is something to send."""

    who: str
    wake: Callable[[], None]
    seat: str = "guest"
    texts: deque[str] = field(default_factory=deque)
    latest: dict[int, bytes] = field(default_factory=dict)  # of each stream
    compared: compare.Comparison | None = None
    sent: dict[int, float] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)  # the portraits it knows of
    gone: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can take another binary message: it has drawn all but a few."""
        now = time.monotonic()
        self.sent = {seq: at for seq, at in self.sent.items() if now - at < ACK_S}
        return len(self.sent) < MOST_IN_FLIGHT

    def take(self) -> tuple[list[str], list[bytes]]:
        """What is to be sent now."""
        texts = []
        while self.texts:
            texts.append(self.texts.popleft())
        states = []
        for stream in sorted(self.latest):
            if self.ready:
                states.append(state := self.latest.pop(stream))
                self.sent[wire.HEADER.unpack_from(state)[3]] = time.monotonic()
        return texts, states


class Session:
    """A world that people are in.

    Args:
        start: where it begins: what the world's `reset` takes, or the name of a starter scene.
        world: any World; None for a physical one of the session's own, in which events happen.
        title: what it is called; None for what the scene says.
        keep: the folder of the bundle that its owner may keep episodes in; None where nothing is ever kept.
    """

    def __init__(
        self, start: Any, *, seed: int = 0, world: World[Any] | None = None, title: str | None = None, keep: Path | None = None
    ) -> None:
        self.name = secrets.token_hex(4)
        self._start = starter(start) if isinstance(start, str) else start
        self._seed = seed
        self._world: World[Any] = world or WorldEventful(WorldPhysics())
        self._title, self._keep = title, keep
        self._beside = Beside()
        self.sceneries = Sceneries()
        self._asked: queue.Queue[tuple[Viewer, wire.Question] | None] = queue.Queue(MOST_WAITING)
        self._viewers: list[Viewer] = []
        self._lock = threading.Lock()
        self._line: Timeline[Any]
        self._playing, self._speed = True, 1.0
        self._taken_back = False  # time stands since an undo only, so that there is something to redo
        self._left = 0  # ticks still to go where they were counted
        self._held: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
        self._last_input = self._seq = 0
        self._spoken: tuple[str, ...] = ()
        self._owner: str | None = None
        self._outlined = 0.0
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
    def viewers(self) -> int:
        """How many are in it."""
        return len(self._viewers)

    def wait(self, timeout_s: float = 60.0) -> None:
        """Until there is a world.

        Raises:
            LifeworldError: if there is none: why.
        """
        if not self._begun.wait(timeout_s):
            raise InputError("the world takes too long to begin", got=f"{timeout_s:g} s")
        if self._failed is not None:
            raise self._failed

    def enter(self, who: str, wake: Callable[[], None]) -> Viewer:
        """A seat: the first to come owns the session, the others are guests; who comes back has the seat they had."""
        viewer = Viewer(who, wake)
        with self._lock:
            if self._owner in (None, who):
                self._owner = who
                viewer.seat = "owner"
            self._viewers.append(viewer)
        self._asked.put((viewer, wire.Watch(0, [])))  # whoever comes is told where everything is
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The seat is free; the world goes on only while somebody is there."""
        viewer.gone = True
        with self._lock:
            if viewer in self._viewers:
                self._viewers.remove(viewer)

    def ask(self, viewer: Viewer, question: wire.Question) -> None:
        """Something to do, in the order it comes.

        Raises:
            InputError: if too much waits already.
        """
        if isinstance(question, wire.Drawn):
            viewer.sent.pop(question.seq, None)
            viewer.wake()
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
            self._tell(wire.Bye(why))

    # -- the session's thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._line = Timeline.of(self._world.reset(self._start, seed=self._seed), "the beginning")
        except LifeworldError as error:
            self._failed = error
            return
        finally:
            self._begun.set()
        due = time.monotonic()
        while not self._stopped.is_set():
            wait_s = max(0.0, due - time.monotonic()) if self._going else OUTLINE_S
            self._follow(wait_s)
            now, going = time.monotonic(), self._going
            if going and now >= due:
                self._tick()
                due += self._world.spec.tick_ns * 1e-9 / self._speed
                if now - due > LATE_S:
                    due = now
            elif not going:
                due = now
            if now - self._outlined >= OUTLINE_S and self._viewers:
                self._outline()

    @property
    def _going(self) -> bool:
        return (self._playing or self._left > 0) and bool(self._viewers)

    def _follow(self, wait_s: float) -> None:
        """Do what is asked, until nothing waits; wait for the first so long."""
        try:
            asked = self._asked.get(timeout=wait_s) if wait_s > 0 else self._asked.get_nowait()
            while asked is not None:
                self._answer(*asked)
                asked = self._asked.get_nowait()
        except queue.Empty:
            pass

    def _answer(self, viewer: Viewer, question: wire.Question) -> None:
        if viewer.gone:
            return
        if viewer.seat == "guest" and not isinstance(question, GUESTS_MAY):
            self._say(viewer, wire.Wrong(question.seq, "guest", "You are a guest here: you can look, and not change anything."))
            return
        try:
            self._do(viewer, question)
        except LifeworldError as error:
            self._say(viewer, wire.wrong(error, question.seq))
        except Exception as error:  # a bug of ours takes nobody's world away
            logging.getLogger(__name__).exception("question %s went wrong", type(question).__name__)
            self._say(viewer, wire.Wrong(question.seq, "internal_error", f"Something went wrong here, and nothing was changed: {error!r}"))

    def _do(self, viewer: Viewer, question: wire.Question) -> None:
        if isinstance(question, ON_THE_CLOCK):
            self._taken_back = False
        match question:
            case wire.Act(seq, embodiment, value):
                self._held[embodiment] = self._action(embodiment, value)
                self._last_input = seq
            case wire.Read(seq, text, selected):
                self._understood(viewer, seq, text, selected)
            case wire.Say(seq, text, selected):
                self._changed(viewer, seq, self._change(text, selected))
            case wire.Change(seq, plan):
                made = edits.decode(bytes(plan), source="the page")
                self._changed(viewer, seq, change_of(made, self._world.scene(self._line.state), now_s=self._now_s))
            case wire.Undo(seq):
                line = self._line.undo()
                self._taken_back = self._taken_back or self._playing
                self._playing, self._left = False, 0  # the next tick would leave nothing to redo
                self._gone(viewer, seq, line)
            case wire.Redo(seq):
                line = self._line.redo()
                if not line.ahead:
                    self._go_on()
                self._gone(viewer, seq, line)
            case wire.Go(seq, node):
                self._gone(viewer, seq, self._line.go(node))
            case wire.Seek(seq, tick):
                self._playing = False
                self._gone(viewer, seq, self._line.to(self._world, tick))
            case wire.Mark(seq, name):
                self._gone(viewer, seq, self._line.mark(name[:80]))
            case wire.Play(seq, speed):
                if not SPEEDS[0] <= speed <= SPEEDS[1]:
                    raise InputError("a speed out of bounds", got=speed, expected=f"{SPEEDS[0]} to {SPEEDS[1]}")
                self._playing, self._speed, self._left = True, speed, 0
                self._gone(viewer, seq, self._line)
            case wire.Pause(seq):
                self._playing, self._left = False, 0
                self._gone(viewer, seq, self._line)
            case wire.Step(seq, ticks):
                if not 1 <= ticks <= MOST_STEP:
                    raise InputError("a number of ticks out of bounds", got=ticks, expected=f"1 to {MOST_STEP}")
                self._playing, self._left = False, ticks
                self._gone(viewer, seq, self._line)
            case wire.Compare(seq, a, b):
                self._compared(viewer, seq, a, b)
            case wire.At(seq, tick):
                self._look(viewer, tick)
            case wire.Keep(seq):
                self._kept(viewer, question)
            case wire.Watch():
                self._welcome(viewer)

    def _tick(self) -> None:
        """One tick on, by what is held; who diverges is paused and told."""
        try:
            self._line = self._line.step(self._world, self._held)
        except LifeworldError as error:
            self._playing, self._left = False, 0
            self._tell(wire.wrong(error, None))
            return
        self._left = max(0, self._left - 1)
        self._move()

    def _change(self, text: str, selected: list[str]) -> Change:
        """A sentence as what is to be done: edits, events that happen now, or later."""
        if not self._world.spec.editable:
            raise EditError("this world cannot be changed by words", reason="cannot", fix="Games and dreams are as they are: act in them.")
        scene = self._world.scene(self._line.state)
        known = set(scene.names())
        last = tuple(name for name in dict.fromkeys((*selected, *self._spoken)) if name in known)
        return change_of(text, scene, now_s=self._now_s, last=last, assets=self._assets(scene))

    def _understood(self, viewer: Viewer, seq: int, text: str, selected: list[str]) -> None:
        """What a sentence would do; where nothing can be placed it says why, as doing it would."""
        change = self._change(text, selected)
        scene = there = self._world.scene(self._line.state)
        for step in change.steps:
            if isinstance(step, edits.EditPlan):
                there = edits.apply(there, step, seed=self._line.state.tick, assets=self._assets(there))
        before = {thing.name: thing for thing in scene.things}
        ghosts = tuple(ghost(t) for t in there.things if t.pose is not None and (t.name not in before or before[t.name].pose != t.pose))
        self._say(viewer, wire.Understood(seq, change.told, change.score, ghosts))

    def _changed(self, viewer: Viewer, seq: int, change: Change) -> None:
        """A change made true: plans settled and verified, events begun; a branch of the timeline."""
        state = change.made(self._world, self._line.state)
        self._line, self._spoken = self._line.then(state, change.said), change.spoken
        self._go_on()
        self._say(viewer, wire.Done(seq, change.told, self._line.now.node))
        self._held = {name: value for name, value in self._held.items() if any(a.name == name for a in self._world.spec.actions)}
        self._show()

    def _go_on(self) -> None:
        """Time goes on again where only an undo made it stand."""
        self._playing, self._taken_back = self._playing or self._taken_back, False

    def _compared(self, viewer: Viewer, seq: int, a: int, b: int) -> None:
        """Two branches gone through again beside the world, and told; their states stay for `at`."""
        world, line = like(self._world), self._line
        pair = parting(self._world, line, a, b)
        self._world.edit(line.state, ())  # what a world says of itself is of the state that was edited last

        def job(on_tick: OnTick) -> wire.Answer:
            found, ways = compared(world, pair, seed=self._seed, on_tick=on_tick)
            viewer.compared = compare.Comparison(pair.tick, ways)
            return compare.said(seq, (a, b), pair, found, line)

        self._beside.begin(seq, lambda answer: self._say(viewer, answer), lambda: not viewer.gone, job)

    def _look(self, viewer: Viewer, tick: int) -> None:
        """Both branches at a tick, the latest that was asked for only."""
        if viewer.compared is None:
            raise InputError("nothing is compared", fix="Ask to compare two branches first.")
        for stream, state in zip((wire.FIRST, wire.SECOND), viewer.compared.at(tick), strict=True):
            self._send([viewer], state, stream, (viewer.compared.tick + max(tick, 0)) * self._world.spec.tick_ns * 1e-9)

    def _kept(self, viewer: Viewer, asked: wire.Keep) -> None:
        """The branch that is now into the session's folder, beside the world, which goes on."""
        folder = self._keep
        if folder is None:
            raise InputError("this session keeps nothing", fix="Begin it with a folder to keep things in: lifeworld enter … --keep mine/")
        keep.check(asked)
        world, line = like(self._world), self._line

        def job(on_tick: OnTick) -> wire.Answer:
            return keep.keep(folder, world, line, asked, title=self.title, seed=self._seed, who=viewer.who, on_tick=on_tick)

        self._beside.begin(asked.seq, lambda answer: self._say(viewer, answer), lambda: True, job)

    @property
    def _now_s(self) -> float:
        return float(self._line.state.tick * self._world.spec.tick_ns * 1e-9)

    def _assets(self, scene: Scene) -> Mapping[str, Assembly]:
        return asset.stand_ins(scene, getattr(self._world, "assets", Path()))

    def _gone(self, viewer: Viewer, seq: int, line: Timeline[Any]) -> None:
        """At another place of the timeline, or the same with the clock set otherwise."""
        moved = line.state is not self._line.state
        self._line = line
        self._say(viewer, wire.Done(seq, node=line.now.node))
        if moved:
            self._show()
        else:
            self._tell(self._told_line())

    def _action(self, embodiment: str, value: list[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
        spec = self._world.spec.action(embodiment)
        numbers = np.asarray(value, dtype=np.float64)
        if numbers.shape != (spec.size,) or not np.isfinite(numbers).all():
            raise InputError("an action has the size of its spec, and finite numbers", got=len(value), expected=spec.size)
        return numbers

    # -- what is said ------------------------------------------------------------------------------------------------------

    def _welcome(self, viewer: Viewer) -> None:
        spec, scene = self._world.spec, self._world.scene(self._line.state)
        self._say(
            viewer,
            wire.Welcome(
                session=self.name,
                seat="owner" if viewer.seat == "owner" else "guest",
                title=self.title,
                origin=spec.origin.value,
                engine=f"{spec.engine} {spec.engine_version}",
                cannot=spec.cannot,
                tick_s=spec.tick_ns * 1e-9,
                actions=tuple(
                    {"name": a.name, "labels": a.labels, "low": a.low, "high": a.high, "rest": a.rest, "kind": kind_of(scene, a.name)}
                    for a in spec.actions
                ),
                pictures=_pictures(spec),
                editable=spec.editable,
                keep=None if self._keep is None or not spec.editable else keep.offer(self._keep, _pictures(spec)),
            ),
        )
        self._move()
        self._outline(viewer)
        self._say(viewer, self._told_line())

    def _show(self) -> None:
        """After a jump: everything at once."""
        self._move()
        self._outline()

    def _move(self) -> None:
        """Where everything is, to everybody, the latest only."""
        with self._lock:
            viewers = list(self._viewers)
        self._send(viewers, self._line.state, wire.NOW, self._line.tick * self._world.spec.tick_ns * 1e-9)

    def _send(self, viewers: list[Viewer], state: Any, stream: int, time_s: float) -> None:
        """A state to some, in place of what of this stream still waits."""
        body = physical(state)
        number = 0 if body is None else self.sceneries.number(body)
        self._seq += 1
        message = wire.binary(
            wire.PICTURE if body is None else wire.STATE,
            encoded(self._world.observe(state, ["rgb"])["rgb"]) if body is None else self.sceneries.numbers(body),
            seq=self._seq,
            time_s=time_s,
            last_input=self._last_input,
            portrait=number,
            stream=stream,
            flags=0 if stream == wire.NOW and (self._playing or self._left) else wire.PAUSED,
        )
        for viewer in viewers:
            if number and number not in viewer.told:
                viewer.told.add(number)
                viewer.texts.append(wire.text(wire.Scenery(number, f"/api/sessions/{self.name}/portraits/{number}")))
            viewer.latest[stream] = message
            viewer.wake()

    def _outline(self, viewer: Viewer | None = None) -> None:
        state = self._line.state
        scene = self._world.scene(state)
        known = "relations" in self._world.spec.signals
        facts = self._world.observe(state, ["relations"])["relations"] if known else ()
        predicates = self._world.spec.legend.get("relations", ())
        names = ("ground", *(t.name for t in scene.things), *(e.name for e in scene.embodiments))
        of_two = {"touching", "on"}  # of these the ground, 0, may be the second
        shown = []
        for fact in facts:
            predicate, a, b = predicates[int(fact["predicate"])], int(fact["a"]), int(fact["b"])
            shown.append((predicate, names[a], names[b]) if b or predicate in of_two else (predicate, names[a]))
        answer = wire.Outline(self._line.tick, tuple(row(thing) for thing in scene.things), tuple(shown))
        if viewer is not None:
            self._say(viewer, answer)
            return
        self._outlined = time.monotonic()
        self._tell(answer)
        self._tell(self._told_line())

    def _told_line(self) -> wire.Line:
        line = self._line
        nodes = tuple(
            {"said": n.said, "ticks": n.course.ticks, "parent": n.parent, "left": n.left.ticks if n.left else 0} for n in line.nodes
        )
        marks = tuple((name, place.node, place.ticks) for name, place in line.marks)
        undo, redo = line.nodes[line.now.node].left is not None, bool(line.ahead)
        playing = self._playing or self._left > 0
        return wire.Line(nodes, line.now.node, line.now.ticks, undo, redo, marks, playing, self._speed)

    def _say(self, viewer: Viewer, answer: wire.Answer) -> None:
        viewer.texts.append(wire.text(answer))
        viewer.wake()

    def _tell(self, answer: wire.Answer) -> None:
        text = wire.text(answer)
        with self._lock:
            viewers = list(self._viewers)
        for viewer in viewers:
            if len(viewer.texts) < MOST_WAITING:
                viewer.texts.append(text)
            viewer.wake()


def _pictures(spec: WorldSpec) -> tuple[str, ...]:
    return tuple(stream for stream, signal in spec.signals.items() if signal == "rgb")
