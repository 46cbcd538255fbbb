"""A future gone through once more and looked at: its pictures, and what happened in it. Quiet stretches are taken in long strides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.core.camera import Camera
from lifeworld.core.errors import InputError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.senses.painter import Backend, working_backend
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.rehearse.future import Fate, Occurrence
from lifeworld.worlds.rehearse.roll import TICK_S, Ask, Lane, begin

FRAME_TICKS = 2
"""25 pictures a second."""
STRIDE_TICKS = 20
"""While all is asleep ten times as fast."""
AFTER_S = 2.0
"""How long a film goes on after what was asked is decided."""
TALL_PX = 480
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """A moment of a future: its picture (height, width, 3) at `time_s` [s], whether all is asleep, and where in the picture things are.

    `where_px` is thing → (x, y) [px], of those in front of the camera.
    """

    time_s: float
    picture: Picture
    quiet: bool
    where_px: dict[str, tuple[float, float]]


class Cameraman:
    """Looks at states through one camera of a scene, in pictures that are TALL_PX high at least.

    A graphics card, or what stands for one, draws them so; pictures that are cast ray by ray are made larger afterwards.

    Raises:
        UnknownName: if there is no such camera.
        InputError: if the scene has none.
    """

    def __init__(self, start: PhysicsState, *, camera: str | None = None, renderer: Backend = "auto") -> None:
        names = [c.name for c in start.compiled.cameras]
        if not names:
            raise InputError("nobody can look at this scene", fix="Give it a camera.")
        if camera is not None and camera not in names:
            raise UnknownName("camera", camera, names)
        self.camera = camera or names[0]
        backend = working_backend() if renderer == "auto" else renderer
        self._fine = backend != "rays"
        self._world = WorldPhysics(renderer=backend, assets=start.compiled.assets)
        self._larger: tuple[Compiled, Compiled] | None = None

    def shot(self, state: PhysicsState, *, time_s: float, quiet: bool) -> Shot:
        if self._larger is None or self._larger[0] is not state.compiled:
            self._larger = state.compiled, _large(state.compiled, self.camera) if self._fine else state.compiled
        seen = self._world.observe(
            replace(state, compiled=self._larger[1], past=()),
            [f"{what}@{self.camera}" for what in ("rgb", "camera_pose", "camera_intrinsics_px")] + ["position_m"],
        )
        picture, pose, (fx, fy, cx, cy) = seen["rgb"], seen["camera_pose"], seen["camera_intrinsics_px"].tolist()
        lens = Camera(width_px=picture.shape[1], height_px=picture.shape[0], fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy)
        if lens.height_px < TALL_PX:
            lens = lens.resized(*_grown(lens.width_px, lens.height_px))
            picture = np.asarray(Image.fromarray(picture).resize((lens.width_px, lens.height_px), Image.Resampling.BICUBIC))
        at = lens.project(Pose(pose[:3], pose[3:]).inverse().apply(seen["position_m"].astype(np.float64)))
        names = [t.name for t in state.compiled.scene.things]
        return Shot(
            time_s=time_s,
            picture=picture,
            quiet=quiet,
            where_px={name: (float(x), float(y)) for name, (x, y) in zip(names, at, strict=True) if np.isfinite(x)},
        )


def shots(ask: Ask, fate: Fate, which: int, cameraman: Cameraman) -> Iterator[Shot]:
    """The future of a fate again, to the bit, until shortly after outcome number `which` was decided, or time was up."""
    lane = Lane.of(ask, begin(ask), fate.number)
    decided = fate.time_s[which] if fate.time_s else None
    end = ask.ticks if decided is None else round((decided + AFTER_S) / TICK_S)
    while True:
        quiet = lane.free() >= STRIDE_TICKS
        yield cameraman.shot(lane.state.inner, time_s=lane.tick * TICK_S, quiet=quiet)
        then = min(lane.tick + (STRIDE_TICKS if quiet else FRAME_TICKS), end)
        if then == lane.tick:
            return
        while lane.tick < then and not lane.lost:
            lane.on(then - lane.tick)
        if lane.lost:
            return


def latest(fate: Fate, time_s: float) -> Occurrence | None:
    """What happened last by a time [s]."""
    return next((one for one in reversed(fate.happened) if one.time_s <= time_s + 1e-9), None)


def _grown(wide: int, high: int) -> tuple[int, int]:
    """The size [px] of a picture that is high enough, of even sides."""
    times = max(1.0, TALL_PX / high)
    return 2 * round(wide * times / 2), 2 * round(high * times / 2)


def _large(compiled: Compiled, camera: str) -> Compiled:
    sizes = {c.name: _grown(c.width_px, c.height_px) for c in compiled.cameras}
    cameras = tuple(replace(c, width_px=sizes[c.name][0], height_px=sizes[c.name][1]) if c.name == camera else c for c in compiled.cameras)
    return replace(compiled, cameras=cameras)
