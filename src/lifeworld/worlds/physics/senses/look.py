"""One look at a state: what its senses share, each computed when first asked for, and no more than once.

A look has three moments: now, the frame before (`last`) and the frame after (`next`). Each has the engine's data at that time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.compile import TICK_NS, TICK_STEPS, Compiled
from lifeworld.worlds.physics.mount import Mounted
from lifeworld.worlds.physics.senses.contact import Raw
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.painter import Painter
from lifeworld.worlds.physics.senses.poser import Poser
from lifeworld.worlds.physics.state import FULL, PhysicsState

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]
_T = TypeVar("_T")
MOST_KEPT_BYTES = 64_000_000


class Eyes:
    """Who looks: the painter, the cameras and sensors of one model, scratch data for the moments, and what may be wanted of them again.

    A recording looks at each moment up to three times: as now, as the next of the frame before and as the last of the one after.
    """

    def __init__(self, compiled: Compiled, painter: Callable[[], Painter], data: mujoco.MjData, frame_ticks: int) -> None:
        self.compiled, self.model, self.data, self.frame_ticks = compiled, compiled.model, data, frame_ticks
        self.poser = Poser(compiled)
        self.cameras = {camera.name: camera for camera in compiled.cameras}
        self.sensors: dict[str, Mounted] = {m.sensor.name: m for m in compiled.sensors}
        self._make = painter
        self._painter: Painter | None = None
        self._scratch: dict[str, mujoco.MjData] = {}
        self._kept: OrderedDict[tuple[int, str], tuple[Array, Hits]] = OrderedDict()
        self._pictures: OrderedDict[tuple[int, str], tuple[Array, Picture]] = OrderedDict()
        self._tables: dict[Callable[[Compiled], Any], Any] = {}
        # Who asks for the contacts of a tick will ask for those of the next: they are noted as it is stepped, not by stepping it again.
        self.noting = False
        self.noted: tuple[Array, list[Raw]] | None = None  # the vector that the tick led to, the contacts of its steps

    @property
    def painter(self) -> Painter:
        if self._painter is None:
            self._painter = self._make()
        return self._painter

    def scratch(self, name: str) -> mujoco.MjData:
        """The engine's data for one use; made when first asked for."""
        if name not in self._scratch:
            self._scratch[name] = mujoco.MjData(self.model)
        return self._scratch[name]

    def tables(self, make: Callable[[Compiled], _T]) -> _T:
        """What `make` gives of the compiled scene, made once: what senses know of it that no state changes."""
        if make not in self._tables:
            self._tables[make] = make(self.compiled)
        made: _T = self._tables[make]
        return made

    def hits(self, vector: Array, data: mujoco.MjData, camera: str) -> Hits:
        """What the camera's pixels hit at the state `vector`, which `data` is at; kept for a while."""
        key = (id(vector), camera)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        hits = self.painter.hits(data, self.cameras[camera])
        self._kept[key] = (vector, hits)  # the vector too, so that its id stays its own
        most = max(3 * len(self.cameras), 1)
        while len(self._kept) > 1 and (len(self._kept) > most or len(self._kept) * hits.depth_m.nbytes * 6 > MOST_KEPT_BYTES):
            self._kept.popitem(last=False)
        return hits

    def picture(self, vector: Array, data: mujoco.MjData, camera: str) -> Picture:
        """What the camera sees (height, width, 3) at the state `vector`, which `data` is at; kept until two frames later."""
        key = (id(vector), camera)
        if key in self._pictures:
            return self._pictures[key][1].copy()
        picture = self.painter.rgb(data, self.cameras[camera])
        self._pictures[key] = (vector, picture.copy())  # whoever gets the picture may draw on it
        kept = self._pictures
        while len(kept) > 1 and (len(kept) > 2 * len(self.cameras) or sum(each.nbytes for _, each in kept.values()) > MOST_KEPT_BYTES):
            kept.popitem(last=False)
        return picture

    def close(self) -> None:
        if self._painter is not None:
            self._painter.close()


class Moment:
    """One instant of the model: its state vector, the engine's data there, and what its cameras hit.

    Of another moment than now, the data say where things, cameras and lights are; not how fast, nor what touches.
    """

    def __init__(self, eyes: Eyes, vector: Array, data: mujoco.MjData) -> None:
        self._eyes, self.vector, self.data = eyes, vector, data

    def hits(self, camera: str) -> Hits:
        return self._eyes.hits(self.vector, self.data, camera)

    def picture(self, camera: str) -> Picture:
        return self._eyes.picture(self.vector, self.data, camera)


class Look:
    """One state, looked at: `data` is the engine's at this state, forwarded; nothing of it may be changed."""

    def __init__(self, eyes: Eyes, state: PhysicsState, then: PhysicsState | None) -> None:
        self.eyes, self.compiled, self.model, self.state, self._then = eyes, eyes.compiled, eyes.model, state, then
        self.data = eyes.data
        mujoco.mj_setState(self.model, self.data, state.vector, FULL)
        mujoco.mj_forward(self.model, self.data)
        self.now = Moment(eyes, state.vector, self.data)
        self._shared: dict[Any, Any] = {}

    def camera(self, name: str) -> CameraMount:
        return self.eyes.cameras[name]

    def sensor(self, name: str) -> Mounted:
        return self.eyes.sensors[name]

    @property
    def painter(self) -> Painter:
        return self.eyes.painter

    @property
    def poser(self) -> Poser:
        return self.eyes.poser

    def tables(self, make: Callable[[Compiled], _T]) -> _T:
        """What `make` gives of the compiled scene, made once for all looks at it."""
        return self.eyes.tables(make)

    def once(self, key: Any, make: Callable[[], _T]) -> _T:
        """What `make` gives, made once in this look: how senses share what several of them need."""
        if key not in self._shared:
            self._shared[key] = make()
        made: _T = self._shared[key]
        return made

    @cached_property
    def last(self) -> Moment:
        """The frame before; in the first frame (or after an edit) as now, since nothing has moved."""
        past = self.state.past[-self.eyes.frame_ticks :]
        return self._moment("last", past[0].vector) if past else self.now

    @cached_property
    def tick_ago(self) -> Moment:
        """The tick before; at the start as now."""
        past = self.state.past[-1:]
        return self._moment("tick_ago", past[0].vector) if past else self.now

    @cached_property
    def next(self) -> Moment:
        """The frame after: that of `then`, or where the world goes by itself with the last commands held."""
        if self._then is not None:
            return self._moment("next", self._then.vector)
        data = self.eyes.scratch("next")
        mujoco.mj_setState(self.model, data, self.state.vector, FULL)
        mujoco.mj_step(self.model, data, nstep=TICK_STEPS * self.eyes.frame_ticks)
        vector = np.empty_like(self.state.vector)
        mujoco.mj_getState(self.model, data, vector, FULL)
        return self._moment("next", vector)

    def _moment(self, name: str, vector: Array) -> Moment:
        data = self.eyes.scratch(name)
        mujoco.mj_setState(self.model, data, vector, FULL)
        for places in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_camlight, mujoco.mj_flex):
            places(self.model, data)  # as mj_forward begins; its forces and contacts cost 20 times as much in a soft scene
        return Moment(self.eyes, vector, data)

    def contacts_of_steps(self, ticks: int) -> list[Raw]:
        """The engine's contacts at each of its steps of the last ticks, noted as it was stepped, or by stepping again."""
        self.eyes.noting = True
        if ticks == 1 and self.eyes.noted is not None and self.eyes.noted[0] is self.state.vector:
            return self.eyes.noted[1]
        return [Raw.of(data).copied() for _, data in self.replay(ticks)]

    def replay(self, ticks: int) -> Iterator[tuple[int, mujoco.MjData]]:
        """The engine's steps of the last `ticks` ticks taken again: (time [ns], data) of each.

        After a step, what the engine derives (poses, contacts, forces) is that of the step's start, which is the time given, and held
        through the step; only qpos and qvel are already those of its end. The data are valid until the next step.
        """
        past = self.state.past[-ticks:]
        data = self.eyes.scratch("replay")
        start_ns = (self.state.tick - len(past)) * TICK_NS
        for tick, before in enumerate(past):
            mujoco.mj_setState(self.model, data, before.commanded, FULL)
            for step in range(TICK_STEPS):
                mujoco.mj_step(self.model, data)
                yield start_ns + tick * TICK_NS + step * (TICK_NS // TICK_STEPS), data


Sense = Callable[[Look, str], NDArray[Any]]
"""Gives one signal: (the look, the camera's, embodiment's or sensor's name, or "") → the value."""
