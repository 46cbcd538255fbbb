"""What two futures look like at one moment: each with what is otherwise outlined, and both in one picture, what was as a ghost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet.panel import color_of
from lifeworld.episode.sheet.paper import Color
from lifeworld.worlds.whatif.divergence import Side
from lifeworld.worlds.whatif.whatif import WhatIf

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

WAS = (70, 118, 196)
"""The colour of what was, where both are in one picture."""
GHOST = 0.62
"""How much of what was shines through."""
OUTLINED_M, OUTLINED_RAD = 1e-2, np.deg2rad(10.0)
"""Who is elsewhere by more is outlined."""
PARTED_M = 2e-3
"""From here on the two ways are drawn."""
LEAST_WIDE = 320
"""Smaller pictures are printed larger [px]."""
MOST_THINGS = 6
"""So many things, those that end up farthest, have outlines, trails and curves."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A thing that is elsewhere: its name, its colour, and how far [m] and how much turned [rad] at each tick."""

    name: str
    color: Color
    apart_m: NDArray[np.float64]
    turned_rad: NDArray[np.float64]

    def at(self, tick: int) -> bool:
        """Whether it is elsewhere at a tick, so that one should see it."""
        tick = min(tick, len(self.apart_m) - 1)
        return bool(self.apart_m[tick] > OUTLINED_M or self.turned_rad[tick] > OUTLINED_RAD)


class Scenery:
    """The pictures of both futures, frame by frame; `camera` is that of the what-if, which has one."""

    def __init__(self, found: WhatIf) -> None:
        self.found = found
        self.episodes: dict[Side, Episode] = {"base": found.base, "branch": found.branch}
        stream = found.branch[f"rgb@{found.camera}"]
        self.times_ns = stream.times_ns[: len(found.base[f"rgb@{found.camera}"])]
        self._high, self._wide = (int(n) for n in stream.values.shape[1:3])
        times = -(-LEAST_WIDE // self._wide)
        self.wide, self.high = times * self._wide, times * self._high
        names = found.branch.legend["instance_ids"]
        self.marked = tuple(
            Marked(m.thing, color_of(names.index(m.thing)), m.apart_m, m.turned_rad) for m in found.divergence.moved[:MOST_THINGS]
        )

    def tick(self, frame: int) -> int:
        """The tick of a frame."""
        return int(np.searchsorted(self.found.base["position_m"].times_ns, self.times_ns[frame]))

    def alone(self, side: Side, frame: int) -> Image.Image:
        """One future, with who is elsewhere in the other outlined in their colours."""
        picture, tick = self._seen(side, "rgb", frame).copy(), self.tick(frame)
        ids, names = self._seen(side, "instance_ids", frame), self.episodes[side].legend["instance_ids"]
        for each in self.marked:
            if each.name in names and each.at(tick):
                _outline(picture, ids == names.index(each.name), each.color)
        for name in self._only(side):
            _outline(picture, ids == names.index(name), color_of(names.index(name)))
        return self._printed(Image.fromarray(picture))

    def both(self, frame: int) -> Image.Image:
        """The branch, with those who would have been elsewhere as ghosts where they were, and the ways that both went."""
        picture, tick = self._seen("branch", "rgb", frame).copy(), self.tick(frame)
        was, was_ids = self._seen("base", "rgb", frame), self._seen("base", "instance_ids", frame)
        ids = self._seen("branch", "instance_ids", frame)
        names, was_names = (self.episodes[side].legend["instance_ids"] for side in ("branch", "base"))
        elsewhere = [each for each in self.marked if each.at(tick)]
        for name in [*(each.name for each in elsewhere), *self._only("base")]:
            if name in was_names:
                ghost = was_ids == was_names.index(name)
                blue = np.array(WAS) * 0.55 + was[ghost] * 0.45
                picture[ghost] = (GHOST * blue + (1 - GHOST) * picture[ghost]).astype(np.uint8)
                _outline(picture, ghost, WAS)
        for each in elsewhere:
            if each.name in names:
                _outline(picture, ids == names.index(each.name), each.color)
        image = Image.fromarray(picture)
        for each in self.marked:
            if (each.apart_m > OUTLINED_M).any():
                self._trail(image, "base", each, tick, frame, WAS)
                self._trail(image, "branch", each, tick, frame, each.color)
        return self._printed(image)

    def _printed(self, image: Image.Image) -> Image.Image:
        """At the size of a page: small pictures in plain squares, so that no pixel shows what is not there."""
        return image if image.width == self.wide else image.resize((self.wide, self.high), Image.Resampling.NEAREST)

    def _seen(self, side: Side, signal: str, frame: int) -> Picture:
        return np.asarray(self.episodes[side][f"{signal}@{self.found.camera}"].values[frame])

    def _only(self, side: Side) -> Sequence[str]:
        return self.found.divergence.gone if side == "base" else self.found.divergence.came

    def _trail(self, image: Image.Image, side: Side, each: Marked, tick: int, frame: int, color: Color) -> None:
        """The way a thing went since its futures parted, as this frame's camera sees it."""
        episode, parted = self.episodes[side], int(np.argmax(each.apart_m > PARTED_M))
        way = np.asarray(episode["position_m"].values)[parted : tick + 1, episode.legend["instance_ids"].index(each.name) - 1]
        way = way[np.isfinite(way).all(axis=1)]
        points = self._pixels(side, frame, way)
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1) if len(points) > 1 else np.zeros(0)
        if not steps.size or not np.nansum(steps) > 4:
            return
        fine = Image.new("L", (2 * image.width, 2 * image.height), 0)
        pen = ImageDraw.Draw(fine)
        for part in np.split(points, np.flatnonzero(~np.isfinite(points).all(axis=1))):
            part = part[np.isfinite(part).all(axis=1)]
            if len(part) > 1:
                pen.line([(2 * float(x), 2 * float(y)) for x, y in part], fill=255, width=5, joint="curve")
        image.paste(Image.new("RGB", image.size, color), (0, 0), fine.resize(image.size, Image.Resampling.LANCZOS))

    def _pixels(self, side: Side, frame: int, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
        episode, camera = self.episodes[side], self.found.camera
        pose, lens = (_at(episode[f"{s}@{camera}"], int(self.times_ns[frame])) for s in ("camera_pose", "camera_intrinsics_px"))
        fx, fy, cx, cy = (float(n) for n in lens)
        seen = Camera(width_px=self._wide, height_px=self._high, fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy)
        camera_from_world = Pose(pose[:3], pose[3:]).inverse()
        return np.asarray(seen.project(camera_from_world.apply(points_m)))


def _at(stream: Any, time_ns: int) -> NDArray[np.float64]:
    """What a stream was last at a time."""
    return np.asarray(stream.values[max(int(np.searchsorted(stream.times_ns, time_ns, side="right")) - 1, 0)])


def _outline(picture: Picture, mask: Mask, color: Color) -> None:
    """Draw the edge of a mask, two pixels wide, outside of it."""
    if not mask.any():
        return
    grown = mask.copy()
    for _ in range(2):
        wide = grown.copy()
        wide[1:] |= grown[:-1]
        wide[:-1] |= grown[1:]
        wide[:, 1:] |= grown[:, :-1]
        wide[:, :-1] |= grown[:, 1:]
        grown = wide
    picture[grown & ~mask] = color
