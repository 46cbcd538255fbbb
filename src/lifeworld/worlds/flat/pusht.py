"""PushT: a disk pushes a T about on a table. Get it to lie as in the picture.

    world = WorldFlat(PushT())
    world = WorldFlat(PushT(block="L", color="#b02020", background="#ffe0c0"))

Rules: `swm/PushT-v1` of stable-worldmodel 0.1.1 (galilai-group, MIT), which has them from `gym-pusht` (Apache-2.0) and Diffusion Policy: a
square of 512 px, ten pieces of 10 ms a tick; an action is where the disk heads, up to 100 px from where it is, and a spring and a damper
take it there. The disk moves as it is told whatever is in its way, and may leave the picture, as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.flat.canvas import Level, centres, level, levels, painted
from lifeworld.worlds.flat.push import pushed
from lifeworld.worlds.flat.rules import Rows
from lifeworld.worlds.flat.tee import BLOCKS, UNIT, Block, rotated
from lifeworld.worlds.world import ActionSpec

SIDE_PX = 512
PX_M = 0.001
"""What signals and scenes take a published pixel for."""
WALLS_PX = (5.0, 506.0)
WALL_HALF_PX = 2.0
SPRING, DAMPER = 100.0, 20.0
REACH_PX = 100.0
PIECE_S, PIECES = 0.01, 10
RIM_PX, RIM_LIGHT = 4.0, 1.2
"""The disk's inside is drawn lighter, as published."""
WALL_COLOR, BLOCK_COLOR, GOAL_COLOR, AGENT_COLOR = "#d3d3d3", "#778899", "#90ee90", "#4169e1"
LEAST_PX, MOST_PX = 32, 512


@dataclass(frozen=True, kw_only=True)
class PushT:
    """The rules. A state is where the disk is, where the block's origin is and how it is turned, how fast the disk is, and how the block
    is about to move: (x, y, x, y, angle, vx, vy, vx, vy, spin) [px, rad, s], y downwards. Signals say it in metres, a pixel being 1 mm:
    `embodiment_state@agent` is (x, y, vx, vy), `position_m` the middle of each of the block's rectangles.

    Args:
        block: a name of `tee.BLOCKS`.
        radius_px: of the disk.
        mark: whether the green block lies on the table, always at the same place: it is part of the picture, not the goal.
        size_px: the side of the picture that is seen [px].

    Raises:
        LimitError, UnknownName: for what the published ranges do not have.
    """

    block: str = "T"
    radius_px: float = 15.0
    color: str = AGENT_COLOR
    block_color: str = BLOCK_COLOR
    mark_color: str = GOAL_COLOR
    background: str = "#ffffff"
    mark: bool = True
    size_px: int = 64

    name: ClassVar[str] = "pusht"
    version: ClassVar[str] = "stable-worldmodel 0.1.1, without warm starts"
    tick_ns: ClassVar[int] = 100_000_000
    hold: ClassVar[int] = 5
    action: ClassVar[ActionSpec] = ActionSpec(name="agent", labels=("x", "y"), low=(-1.0, -1.0), high=(1.0, 1.0), rest=(0.0, 0.0))
    size: ClassVar[int] = 10
    signals: ClassVar[Mapping[str, str]] = {
        "rgb@above": "rgb",
        "embodiment_state@agent": "embodiment_state",
        "position_m": "position_m",
        "quat_wxyz": "quat_wxyz",
    }

    def __post_init__(self) -> None:
        if self.block not in BLOCKS:
            raise UnknownName("block", self.block, BLOCKS)
        for name, (least, most) in {"radius_px": (7.5, 22.5), "size_px": (LEAST_PX, MOST_PX)}.items():
            if not least <= getattr(self, name) <= most:
                raise LimitError(f"{name} is out of bounds", got=getattr(self, name), expected=f"{least:g} to {most:g}")

    @property
    def options(self) -> Mapping[str, Any]:
        return asdict(self)

    @property
    def shape(self) -> Block:
        return BLOCKS[self.block]

    def begin(self, *, seed: int) -> Rows:
        """The disk anywhere in (50, 450)², the block's origin in (100, 400)² at any turn, apart from each other; all at rest."""
        rng = generator(seed, "pusht", "begin")
        while True:
            row = np.zeros(self.size)
            row[:2], row[2:4], row[4] = rng.uniform(50, 450, 2), rng.uniform(100, 400, 2), rng.uniform(0, 2 * np.pi)
            if self.distance(row[None])[0] > self.radius_px:
                return row

    def distance(self, states: Rows) -> NDArray[np.float64]:
        """How far the disk's middle is from the block [px]."""
        return self.shape.distance(rotated(-states[:, 4], states[:, :2] - states[:, 2:4]))

    def step(self, states: Rows, actions: Rows) -> Rows:
        disk, angle, speed, motion = states[:, :2], states[:, 4], states[:, 5:7], states[:, 7:]
        centre = states[:, 2:4] + rotated(angle, np.broadcast_to(self.shape.centre, disk.shape))
        target = disk + REACH_PX * actions
        for _ in range(PIECES):
            speed = speed + PIECE_S * (SPRING * (target - disk) - DAMPER * speed)
            disk, centre, angle = disk + PIECE_S * speed, centre + PIECE_S * motion[:, :2], angle + PIECE_S * motion[:, 2]
            motion = self._motion(disk, speed, centre, angle)
        out = np.empty_like(states)
        out[:, :2], out[:, 4], out[:, 5:7], out[:, 7:] = disk, angle % (2 * np.pi), speed, motion
        out[:, 2:4] = centre - rotated(angle, np.broadcast_to(self.shape.centre, disk.shape))
        return out

    @property
    def things(self) -> tuple[str, ...]:
        """The block's rectangles."""
        return tuple(f"part_{i + 1}" for i in range(len(self.shape.middles)))

    def scene(self, row: Rows) -> Scene:
        """The block as cuboids that hold fast to each other, 3 cm high."""
        places, turns = (self.show(stream, row[None])[0] for stream in ("position_m", "quat_wxyz"))
        parts = [
            Thing(
                name=name,
                kind="cube",
                color=self.block_color,
                size_m=(2 * PX_M * half[0], 2 * PX_M * half[1], UNIT * PX_M),
                pose=Pose(place, turn),
                attach=self.things[0] if name != self.things[0] else None,
            )
            for name, half, place, turn in zip(self.things, self.shape.halves, places, turns, strict=True)
        ]
        return Scene(name=self.name, title=f"{self.name}, {self.version}", things=tuple(parts))

    def show(self, stream: str, states: Rows) -> NDArray[Any]:
        if stream == "rgb@above":
            return self._drawn(states)
        if stream == "embodiment_state@agent":
            return PX_M * states[:, [0, 1, 5, 6]]
        out = np.zeros((len(states), len(self.things), 3 if stream == "position_m" else 4))
        if stream == "position_m":
            middles = np.broadcast_to(self.shape.middles, (len(states), *self.shape.middles.shape))
            out[..., :2] = PX_M * (states[:, None, 2:4] + rotated(states[:, 4], middles))
        else:
            half = states[:, None, 4] / 2
            sign = np.where(np.cos(half) < 0, -1.0, 1.0)
            out[..., 0], out[..., 3] = sign * np.cos(half), sign * np.sin(half)
        return out

    def _motion(self, disk: Rows, speed: Rows, centre: Rows, angle: Rows) -> Rows:
        """How the block is about to move (n, 3): 0 where nothing touches it."""
        shape, out = self.shape, np.zeros((len(disk), 3))
        # Far from everything: no contact is looked for. The farthest corner bounds how far the block reaches.
        reach = float(np.sqrt(((shape.corners - shape.centre) ** 2).sum(axis=1)).max())
        low, high = WALLS_PX[0] + WALL_HALF_PX, WALLS_PX[1] - WALL_HALF_PX
        by_wall = np.any((centre < low + reach) | (centre > high - reach), axis=1)
        by_disk = ((disk - centre) ** 2).sum(axis=1) < (reach + self.radius_px) ** 2
        near = np.flatnonzero(by_wall | by_disk)
        if not len(near):
            return out
        disk, speed, centre, angle = disk[near], speed[near], centre[near], angle[near]
        with_disk = self._touched_by_disk(disk, centre, angle)
        with_walls = self._touched_by_walls(centre, angle, low, high)
        arm, normal, gap = (np.concatenate(pair, axis=1) for pair in zip(with_disk, with_walls, strict=True))
        pushing = np.zeros(gap.shape)
        disks = with_disk[2].shape[1]
        pushing[:, :disks] = speed[:, None, 0] * normal[:, :disks, 0] + speed[:, None, 1] * normal[:, :disks, 1]
        touching = gap <= 0.0
        rows = touching.any(axis=1)
        solved = pushed(shape.inertia, arm[rows], normal[rows], gap[rows], pushing[rows], touching[rows], piece_s=PIECE_S)
        out[near[rows]] = solved
        return out

    def _touched_by_disk(self, disk: Rows, centre: Rows, angle: Rows) -> tuple[Rows, Rows, Rows]:
        """Arms, normals (n, k, 2) and gaps (n, k) between the disk and each rectangle of the block."""
        shape = self.shape
        local = rotated(-angle, disk - centre)[:, None] + shape.centre - shape.middles
        nearest = np.minimum(np.maximum(local, -shape.halves), shape.halves)
        offset = nearest - local
        far = np.sqrt(offset[..., 0] ** 2 + offset[..., 1] ** 2)
        # A disk whose middle is inside is pushed out by the nearest side.
        depth = shape.halves - np.abs(local)
        across = depth[..., 0] < depth[..., 1]
        sign = np.where(local < 0, 1.0, -1.0)
        out_of = np.stack([np.where(across, sign[..., 0], 0.0), np.where(across, 0.0, sign[..., 1])], axis=-1)
        outside = far > 0
        normal = np.where(outside[..., None], offset / np.where(outside, far, 1.0)[..., None], out_of)
        gap = np.where(outside, far, -np.minimum(depth[..., 0], depth[..., 1])) - self.radius_px
        return rotated(angle, nearest + shape.middles - shape.centre), rotated(angle, normal), gap

    def _touched_by_walls(self, centre: Rows, angle: Rows, low: float, high: float) -> tuple[Rows, Rows, Rows]:
        """The same between each corner and the nearer wall of either direction: (n, 2 c, …)."""
        corners = self.shape.corners - self.shape.centre
        arm = rotated(angle, np.broadcast_to(corners, (len(centre), *corners.shape)))
        place = arm + centre[:, None]
        arms, normals, gaps = [], [], []
        for axis in (0, 1):
            below = place[..., axis] - low < high - place[..., axis]
            gaps.append(np.where(below, place[..., axis] - low, high - place[..., axis]))
            normal = np.zeros(arm.shape)
            normal[..., axis] = np.where(below, 1.0, -1.0)
            normals.append(normal)
            arms.append(arm)
        return np.concatenate(arms, axis=1), np.concatenate(normals, axis=1), np.concatenate(gaps, axis=1)

    @cached_property
    def _empty(self) -> Level:
        """The table with its walls and the mark."""
        grid = self._grid[None]
        picture = np.broadcast_to(level(self.background), (1, self.size_px, self.size_px, 3))
        if self.mark:
            middle = SIDE_PX / 2
            turned = rotated(np.array([-np.pi / 4]), grid - middle)
            picture = painted(picture, self._cover(self.shape.distance(turned)), level(self.mark_color))
        apart = np.minimum(np.abs(grid - WALLS_PX[0]), np.abs(grid - WALLS_PX[1])) - WALL_HALF_PX
        beyond = np.maximum(WALLS_PX[0] - grid, grid - WALLS_PX[1]).max(axis=-1) - WALL_HALF_PX
        wall = np.maximum(apart.min(axis=-1), beyond)
        whole: Level = painted(picture, self._cover(wall), level(WALL_COLOR))[0]
        return whole

    @cached_property
    def _grid(self) -> Rows:
        """Where the middles of the picture's pixels are (H, W, 2) [px]."""
        at = centres(SIDE_PX, self.size_px)
        return np.stack(np.broadcast_arrays(at[None, :], at[:, None]), axis=-1)

    def _cover(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of a pixel lies inside of an edge at this distance."""
        return np.clip(0.5 - distance * (self.size_px / SIDE_PX), 0.0, 1.0)

    def _drawn(self, states: Rows) -> NDArray[np.uint8]:
        from_disk = self._grid - states[:, None, None, :2]
        far = np.sqrt(from_disk[..., 0] ** 2 + from_disk[..., 1] ** 2) - self.radius_px
        local = rotated(-states[:, 4], self._grid - states[:, None, None, 2:4])
        rim = level(self.color)
        picture = painted(self._empty, self._cover(far), rim)
        picture = painted(picture, self._cover(far + RIM_PX), np.minimum(RIM_LIGHT * rim, 255.0))
        return levels(painted(picture, self._cover(self.shape.distance(local)), level(self.block_color)))
