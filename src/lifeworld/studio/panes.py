"""What viewers watch: a thread beside the world that looks at its latest state, paints what somebody wants to see, and rests as long again.

The world steps and is told to everybody whatever is watched: it only leaves its newest state here. Who looks has a world of their own,
takes each stream once for all who watch it, and never more than a share of the time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lifeworld.core.errors import InputError, LifeworldError, LimitError, SignalUnavailable
from lifeworld.studio import eye, wire
from lifeworld.studio.eye import Eye
from lifeworld.studio.pane import CERTAINTY, Pane
from lifeworld.studio.scenery import encoded, physical
from lifeworld.studio.viewer import Viewer
from lifeworld.worlds.world import World, WorldSpec

MOST_STREAMS = 16
"""Of one session, for all viewers together."""
SHARE = 0.5
"""Of the time that may be spent on looking."""
MOST_HEARD = 50
"""Ticks of sound that may wait: a second."""
Next = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Moment:
    """A state to look at: what the world says of itself there, when it is, the last act that is in it, whether time stands."""

    state: Any
    spec: WorldSpec
    time_s: float
    last_input: int
    flags: int


class Panes:
    """The streams that the viewers of one session watch.

    Args:
        world: one to look with, in this thread alone.
        next_seq: gives the numbers of binary messages.
    """

    def __init__(self, world: World[Any], next_seq: Next) -> None:
        self._world, self._next_seq = world, next_seq
        self._panes: dict[str, Pane] = {}
        self._wanted: dict[Viewer, tuple[tuple[str, ...], float]] = {}
        self._told: dict[Viewer, dict[str, int]] = {}  # the versions of what was said
        self._due: dict[tuple[Viewer, str], tuple[float, Moment]] = {}  # when again, and what was shown last
        self._drawn: dict[Viewer, wire.Draw] = {}
        self._eye = Eye()
        self._latest: Moment | None = None
        self._heard: deque[Any] = deque(maxlen=MOST_HEARD)
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self.busy_s = 0.0
        """How long was spent on looking, for who measures."""

    # -- for the session's thread ------------------------------------------------------------------------------------------

    def watch(self, viewer: Viewer, asked: wire.Watch, spec: WorldSpec) -> None:
        """What a viewer watches from now on.

        Raises:
            SignalUnavailable: for what the world does not give, with what it does.
            LimitError: for too many panes, or a rate out of bounds.
        """
        streams = tuple(dict.fromkeys(asked.streams))
        if len(streams) > wire.MOST_PANES:
            raise LimitError("too many signals are watched", got=len(streams), expected=f"at most {wire.MOST_PANES} by one page")
        if not wire.HZ[0] <= asked.hz <= wire.HZ[1]:
            raise LimitError("a rate out of bounds", got=asked.hz, expected=f"{wire.HZ[0]} to {wire.HZ[1]} times a second")
        for stream in streams:
            _check(stream, spec)
        with self._lock:
            others = {s for v, (of, _) in self._wanted.items() if v is not viewer for s in of}
            if len(others | set(streams)) > MOST_STREAMS:
                fix = "Watch some that others watch too, or fewer."
                raise LimitError(
                    "too many signals are watched in this session", got=len(others | set(streams)), expected=MOST_STREAMS, fix=fix
                )
            for gone in set(self._panes) - others - set(streams):
                del self._panes[gone]
            taken = {pane.number for pane in self._panes.values()}
            free = (number for number in range(wire.FIRST_PANE, 256) if number not in taken)
            for stream in streams:
                if stream not in self._panes:
                    self._panes[stream] = Pane(stream, next(free))
            self._forget(viewer)
            if streams:
                self._wanted[viewer] = (streams, asked.hz)
            numbers = tuple({"pane": self._panes[s].number, "stream": s, **self._panes[s].said} for s in streams)
            if streams:
                self._begin()
        for stale in [number for number in viewer.latest if number >= wire.FIRST_PANE]:
            viewer.latest.pop(stale, None)
        viewer.say(wire.Panes(asked.seq, tuple(_shown(said) for said in numbers)))
        self._news.set()

    def probe(self, asked: wire.Probe, spec: WorldSpec) -> wire.Answer:
        """What a watched picture holds at a pixel.

        Raises:
            SignalUnavailable: if it is not watched.
            LimitError: for a pixel it does not have.
        """
        with self._lock:
            pane = self._panes.get(asked.stream)
        if pane is None:
            raise SignalUnavailable(asked.stream, self._panes, why="it is not watched")
        found = pane.probed(asked.x, asked.y, spec)
        if found is None:
            raise LimitError("the picture has no such pixel", got=(asked.x, asked.y))
        return wire.Probed(asked.seq, *found)

    def draw(self, viewer: Viewer, asked: wire.Draw) -> None:
        """Pictures for a viewer from now on, in place of where everything is; or none any more.

        Raises:
            LimitError: for an eye or a picture out of bounds.
            InputError: where there is nothing to draw: a game or a dream comes as pictures anyway.
        """
        if asked.eye_m is not None:
            eye.check(asked)
            if self._latest is not None and physical(self._latest.state) is None:
                raise InputError("this world comes as pictures anyway", fix="There is nothing to ask for.")
        with self._lock:
            self._due.pop((viewer, ""), None)
            if asked.eye_m is None:
                self._drawn.pop(viewer, None)
            else:
                self._drawn[viewer] = asked
                self._begin()
        self._news.set()

    def draws_for(self, viewer: Viewer) -> bool:
        """Whether a viewer is sent pictures in place of where everything is."""
        return viewer in self._drawn

    def see(self, moment: Moment, *, ticked: bool) -> None:
        """The moment that is now; `ticked` where it is the one a tick after the last, so that what sounds goes on."""
        self._latest = moment
        if not self._wanted and not self._drawn:
            return
        if not ticked:
            self._heard.clear()
        self._heard.append(moment.state)
        self._news.set()

    def leave(self, viewer: Viewer) -> None:
        with self._lock:
            self._forget(viewer)
            self._drawn.pop(viewer, None)
            self._due.pop((viewer, ""), None)

    def stop(self) -> None:
        self._stopped = True
        self._news.set()
        if self._thread is not None:
            self._thread.join(5.0)
            self._eye.close()

    # -- its own thread ----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped:
            self._news.wait()
            self._news.clear()
            latest = self._latest
            if latest is None or self._stopped:
                continue
            began = time.monotonic()
            due, wait_s = self._asked(latest, began)
            try:
                self._look(due, latest)
            except Exception as error:  # a bug of ours takes nobody's world away
                logging.getLogger(__name__).exception("looking went wrong at %s", sorted(due))
                for stream in [stream for stream in due if stream in self._panes]:
                    self._drop(self._panes[stream], wire.Wrong(None, "internal_error", f"Something went wrong with {stream}: {error!r}"))
            took_s = time.monotonic() - began
            self.busy_s += took_s
            time.sleep(max(took_s * (1 / SHARE - 1), 0.002))
            if wait_s is not None:  # the world may stand: what is due later is shown then, or with the next news
                self._news.wait(max(wait_s - took_s, 0.0))
                self._news.set()

    def _asked(self, latest: Moment, now: float) -> tuple[dict[str, list[Viewer]], float | None]:
        """The streams that are due, and for whom; and how long until the next is. What has been shown is not shown again."""
        due: dict[str, list[Viewer]] = {}
        later: list[float] = []
        with self._lock:
            asked = [(viewer, stream, hz) for viewer, (streams, hz) in self._wanted.items() for stream in streams]
            asked += [(viewer, "", draw.hz) for viewer, draw in self._drawn.items()]
            for viewer, stream, hz in asked:
                at, shown = self._due.get((viewer, stream), (0.0, None))
                if shown is latest:
                    continue
                if now < at:
                    later.append(at - now)
                    continue
                self._due[viewer, stream] = (max(at + 1 / hz, now), latest)
                due.setdefault(stream, []).append(viewer)
        return due, min(later, default=None)

    def _look(self, due: dict[str, list[Viewer]], now: Moment) -> None:
        for viewer in due.pop("", ()):
            self._picture(viewer, now)
        with self._lock:
            panes = [self._panes[stream] for stream in due if stream in self._panes]
        for pane in panes:
            try:
                _check(pane.stream, now.spec)
            except LifeworldError as error:  # the camera was taken out, a sense cannot say: this pane is told, the others go on
                self._drop(pane, wire.wrong(error, None))
        panes = [pane for pane in panes if pane.stream in self._panes]
        try:
            self._show(panes, due, now)
        except LifeworldError:  # together it cannot be: each by itself, and who cannot is told
            for pane in panes:
                try:
                    self._show([pane], due, now)
                except LifeworldError as error:
                    self._drop(pane, wire.wrong(error, None))

    def _show(self, panes: list[Pane], due: dict[str, list[Viewer]], now: Moment) -> None:
        """Look once at what some panes show, and send it."""
        silent = [pane for pane in panes if not pane.sounds]
        heard = [self._heard.popleft() for _ in range(len(self._heard))] if len(silent) < len(panes) else []
        seen = self._world.observe(now.state, [pane.asks for pane in silent]) if silent else None
        sounds = [self._world.observe(state, [pane.asks for pane in panes if pane.sounds]) for state in heard]
        for pane in panes:
            if pane.sounds and not sounds:
                continue
            value = np.concatenate([pane.of(one) for one in sounds]) if pane.sounds or seen is None else pane.of(seen)
            self._send(pane, due[pane.stream], *pane.encode(value, now.spec, lambda: self._world.scene(now.state)), now)

    def _picture(self, viewer: Viewer, now: Moment) -> None:
        """The world as one viewer looks at it."""
        asked, body = self._drawn.get(viewer), physical(now.state)
        if asked is None or body is None:
            return
        try:
            payload = encoded(self._eye.picture(body, asked))
        except LifeworldError as error:
            with self._lock:
                self._drawn.pop(viewer, None)
            viewer.say(wire.wrong(error, None))
            return
        message = wire.binary(
            wire.PICTURE, payload, seq=self._next_seq(), time_s=now.time_s, last_input=now.last_input, of=0, flags=now.flags
        )
        viewer.show(wire.NOW, message)

    def _send(self, pane: Pane, viewers: list[Viewer], kind: int, payload: bytes, now: Moment) -> None:
        message = wire.binary(
            kind, payload, seq=self._next_seq(), time_s=now.time_s, last_input=now.last_input, of=pane.version, stream=pane.number,
            flags=now.flags,
        )  # fmt: skip
        for viewer in viewers:
            with self._lock:
                if viewer not in self._wanted or pane.stream not in self._wanted[viewer][0]:
                    continue
                told = self._told.setdefault(viewer, {})
                news = told.get(pane.stream) != pane.version
                told[pane.stream] = pane.version
                said = tuple(_shown(self._panes[s].said) for s in self._wanted[viewer][0] if self._panes[s].said) if news else ()
            if news:
                viewer.say(wire.Panes(None, said))
            viewer.show(pane.number, message, all_of_it=kind == wire.SOUND)

    def _drop(self, pane: Pane, why: wire.Wrong) -> None:
        with self._lock:
            viewers = [viewer for viewer, (streams, _) in self._wanted.items() if pane.stream in streams]
            for viewer in viewers:
                streams, hz = self._wanted[viewer]
                self._wanted[viewer] = (tuple(s for s in streams if s != pane.stream), hz)
            self._panes.pop(pane.stream, None)
        for viewer in viewers:
            viewer.say(why)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="panes of a session", daemon=True)
            self._thread.start()

    def _forget(self, viewer: Viewer) -> None:
        self._wanted.pop(viewer, None)
        self._told.pop(viewer, None)
        for key in [key for key in self._due if key[0] is viewer and key[1]]:
            del self._due[key]


def _check(stream: str, spec: WorldSpec) -> None:
    """Raise SignalUnavailable unless this is a stream (not a signal or family) that the world gives."""
    name, _, source = stream.partition("@")
    if name == CERTAINTY and spec.engine == "dream" and f"rgb@{source}" in spec.signals:
        return
    if stream not in spec.signals:
        spec.streams([stream])  # says what there is, and how to ask for what is off
        raise SignalUnavailable(stream, [s for s, signal in spec.signals.items() if signal == name], why="more than one stream has it")


def _shown(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if not key.startswith("_")}
