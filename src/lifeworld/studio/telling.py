"""What a session says of how it stands: in words when that changes, and where everything is at every tick and half-way to it.

A tick of a physical world is 20 ms. What moves is shown twice in it, as the engine has it: half a tick after it began, and at its end. The
half is there to be looked at only: no state is kept of it, nobody acts in it, and no episode knows of it. What stands still is shown once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from lifeworld.studio import wire
from lifeworld.studio.branches import Branches
from lifeworld.studio.happenings import Progress, happenings
from lifeworld.studio.outline import outline
from lifeworld.studio.pace import Pace
from lifeworld.studio.panes import Moment, Panes
from lifeworld.studio.scenery import Sceneries, encoded, halfway, physical
from lifeworld.studio.seats import Seats
from lifeworld.studio.story import Story
from lifeworld.studio.viewer import Viewer
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.world import WorldSpec

OUTLINE_S = 0.5
LEAST_TICK_S = 0.015
"""Ticks that take less than this here are not shown half-way: nobody sees more than a hundred pictures a second."""
NOTHING = np.full((3, 4, 3), 188, np.uint8)
"""The picture of a recording without pictures."""


class Telling:
    """What is told of a story to those in its seats. For the session's thread.

    Args:
        session: its name, which is in the addresses of its portraits.
        number: gives the numbers of binary messages.
    """

    def __init__(
        self, session: str, story: Story, pace: Pace, seats: Seats, panes: Panes, sceneries: Sceneries, *, number: Callable[[], int]
    ) -> None:
        self._session, self._story, self._pace, self._seats, self._panes = session, story, pace, seats, panes
        self._sceneries, self._number = sceneries, number
        self._progress, self._branches = Progress(), Branches()
        self._said: dict[str, str] = {}
        self._line: wire.Line | None = None
        self._worded_s = 0.0
        self._end_s = math.inf  # when the end of a tick is to be shown whose half has been
        self.last_input = 0

    # -- in words ----------------------------------------------------------------------------------------------------------

    def all(self, viewer: Viewer) -> None:
        """All there is to be told, to who has been told nothing."""
        self.move()
        for answer in (*self._words(), *self._branches.all(self._story, self._pace)):
            viewer.say(answer)
        viewer.knows_branches = True

    def words(self, *, line: bool = False) -> None:
        """What has changed, to everybody; `line`: where we are also if that has not."""
        self._worded_s = time.monotonic()
        for answer in self._words():
            said, kind = wire.text(answer), type(answer).__name__
            if isinstance(answer, wire.Outline) or self._said.get(kind) != said:
                self._said[kind] = said
                self._seats.tell(answer)
        self.line(anyway=line)  # last: who has heard the line has heard all that was told of its tick

    def words_due(self, *, now: float) -> bool:
        return now - self._worded_s >= OUTLINE_S and len(self._seats) > 0

    def line(self, *, anyway: bool = True) -> None:
        """Where we are in the timeline, with the branches that are new or have gone on."""
        news = self._branches.news(self._story, self._pace)
        before, self._line = self._line, msgspec.structs.replace(news[-1], nodes=())
        if not (anyway or news[-1].nodes or before != self._line):
            return
        for viewer in self._seats.all():
            if not viewer.has_room:
                viewer.knows_branches = False
                continue
            for answer in news if viewer.knows_branches else self._branches.all(self._story, self._pace):
                viewer.say(answer)
            viewer.knows_branches = True

    def _words(self) -> list[wire.Answer]:
        """How it stands: things, and where there are any, events and goals."""
        goals, found = self._progress.told(self._story), happenings(self._story)
        return [outline(self._story), found, *(() if goals is None else (goals,))]

    # -- where everything is -----------------------------------------------------------------------------------------------

    def show(self) -> None:
        """After a jump: everything at once."""
        self.move()
        self.words(line=True)

    def move(self) -> None:
        """Where everything is, to everybody, the latest only."""
        self._see(ticked=False)
        self._now()

    def tick(self, *, now: float) -> None:
        """A tick was gone through: half of it now, where it can be seen, and its end when half of its time is over."""
        self._see(ticked=True)
        lasts_s = self._pace.lasts_s(self._story.tick_s)
        half = self._half() if lasts_s >= LEAST_TICK_S else None
        if half is None:
            self._now()
            return
        time_s = self._story.time_s - self._story.tick_s / 2
        self._send([viewer for viewer in self._looking() if viewer.keeps_up], half, wire.NOW, time_s, flags=wire.HALF)
        self._end_s = now + lasts_s / 2

    def _half(self) -> PhysicsState | None:
        """How it was half a tick ago, where somebody sees that something is elsewhere by now."""
        half, body = halfway(self._story.world, self._story.line.state), physical(self._story.line.state)
        return half if half is not None and body is not None and self._sceneries.moved(half, body) else None

    def wait_s(self, *, now: float) -> float:
        """How long until there is something to be shown by itself [s]."""
        return max(0.0, self._end_s - now)

    def end_tick(self, *, now: float) -> None:
        """The end of a tick whose half was shown, if it is time."""
        if now >= self._end_s:
            self._now()

    def side(self, viewer: Viewer, state: Any, stream: int, time_s: float) -> None:
        """A state of a branch that is compared, to who compares it."""
        self._send([viewer], state, stream, time_s, flags=wire.PAUSED)

    def _see(self, *, ticked: bool) -> None:
        story = self._story
        self._progress.see(story, ticked=ticked)
        self._panes.see(Moment(story.line.state, story.world.spec, story.time_s, self.last_input, self._flags), ticked=ticked)

    def _now(self) -> None:
        self._end_s = math.inf
        self._send(self._looking(), self._story.line.state, wire.NOW, self._story.time_s, flags=self._flags)

    @property
    def _flags(self) -> int:
        return 0 if self._pace.going else wire.PAUSED

    def _looking(self) -> list[Viewer]:
        return [viewer for viewer in self._seats.all() if not self._panes.draws_for(viewer)]

    def _send(self, viewers: Sequence[Viewer], state: Any, stream: int, time_s: float, *, flags: int) -> None:
        """A state to some, in place of what of this stream still waits."""
        if not viewers:
            return
        body = physical(state)
        number = 0 if body is None else self._sceneries.number(body)
        if body is not None:
            kind, of, payload = wire.STATE, number, self._sceneries.numbers(body).tobytes()
        else:
            kind, of, world = wire.PICTURE, 0, self._story.world
            seen = world.observe(state, pictures(world.spec)[:1])
            payload = encoded(next(iter(seen.values.values()), NOTHING))
            for certainty in seen.certainty.values():
                if np.isfinite(certainty).all():
                    of, flags = round(1e4 * float(certainty.mean())), flags | wire.SURE
        message = wire.binary(
            kind, payload, seq=self._number(), time_s=time_s, last_input=self.last_input, of=of, stream=stream, flags=flags
        )
        for viewer in viewers:
            if number and number not in viewer.told:
                viewer.told.add(number)
                viewer.say(wire.Scenery(number, f"/api/sessions/{self._session}/portraits/{number}"))
            viewer.show(stream, message)


def pictures(spec: WorldSpec) -> tuple[str, ...]:
    """The cameras of a world."""
    return tuple(stream for stream, signal in spec.signals.items() if signal == "rgb")
