"""How what each pixel shows moves: a hit is carried by its body's motion, a soft body's by its vertices', and seen again from where the
camera stands then.

A body's motion between two moments is one matrix. What is computed is the difference that it makes, never one large number less
another: so float32 is exact enough for pixels, and what does not move moves by 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.worlds.physics.senses.hits import Hits, camera_pose
from lifeworld.worlds.physics.senses.look import Look, Moment
from lifeworld.worlds.physics.senses.skin import Skin, coat, skin_of

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Direction = Literal["forward", "backward"]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What one camera sees now, its pixels in a row.

    `x` (width,) and `y` (height, 1) of the rays through them, z being 1; their surfaces (pixels,); their nearness, which is 1 / depth
    [1/m], NaN where nothing is (pixels,); and the soft bodies' points, if there are any.
    """

    hits: Hits
    x: Floats
    y: Floats
    surface: NDArray[np.int32]
    nearness: Floats
    skin: Skin | None

    def rays(self, pixels: Indices) -> tuple[Floats, Floats]:
        """x and y (k,) of the rays through some pixels."""
        row, column = np.divmod(pixels, len(self.x))
        return self.x.take(column), self.y.take(row)

    def mapped(self, matrix: Array) -> Floats:
        """What a matrix (3, 4) makes of every pixel's point, over its depth: (3, pixels)."""
        out = np.empty((3, len(self.y), len(self.x)), np.float32)
        for row, (a, b, c, d) in zip(out, matrix.astype(np.float32), strict=True):
            np.multiply(self.nearness.reshape(row.shape), d, out=row)
            row += (a * self.x + c) + b * self.y
        return out.reshape(3, -1)

    def mapped_each(self, matrices: Array, which: NDArray[np.int32], pixels: Indices) -> Floats:
        """What matrices (n, 3, 4), `which` (k,) for each of some pixels, make of their points, over the depth: (3, k)."""
        tables = np.ascontiguousarray(matrices.reshape(-1, 12).T, dtype=np.float32)
        turn_x, turn_y, turn_z, move = np.take(tables, which, axis=1).reshape(3, 4, -1).transpose(1, 0, 2)
        x, y = self.rays(pixels)
        move *= self.nearness.take(pixels)
        move += turn_x * x
        move += turn_y * y
        move += turn_z
        return move


def picture(look: Look, camera: str) -> Picture:
    """That of a camera now."""

    def make() -> Picture:
        hits = look.now.hits(camera)
        lens, depth = hits.camera, hits.depth_m.ravel()
        x = (np.arange(lens.width_px) + 0.5 - lens.cx_px) / lens.fx_px
        y = (np.arange(lens.height_px)[:, None] + 0.5 - lens.cy_px) / lens.fy_px
        with np.errstate(invalid="ignore"):
            nearness = np.float32(1.0) / depth + (depth - depth)  # of infinity nothing is left
        skin = skin_of(look.model, coat_at(look, look.now), hits) if look.model.nflex else None
        return Picture(hits, x.astype(np.float32), y.astype(np.float32), hits.surface.ravel(), nearness, skin)

    return look.once(("picture", camera), make)


def coat_at(look: Look, moment: Moment) -> Array:
    """The corners (n, 3, 3) [m] of all soft bodies' skins, world frame."""
    return look.once(("coat", id(moment)), lambda: coat(look.model, moment.data))


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Where what a picture shows is seen at another moment.

    `flow` (2, pixels) [px] and `nearness` (pixels,) [1/m] there; NaN where nothing is or it is behind the camera. `moved` are the
    pixels whose flow may be other than 0, None for all of them. `eye` is world_from_camera at that moment.
    """

    at: Moment
    eye: Pose
    flow: Floats
    nearness: Floats
    moved: Indices | None


def motion(look: Look, camera: str, direction: Direction) -> Motion:
    """The motion towards the frame after, or to the frame before."""
    return look.once(("motion", camera, direction), lambda: _motion(look, camera, look.next if direction == "forward" else look.last))


def _motion(look: Look, camera: str, then: Moment) -> Motion:
    seen, eye = picture(look, camera), camera_pose(look.model, then.data, camera)
    here = seen.hits.world_from_camera
    moved, stays = moved_pixels(look, camera, then), np.array_equal(eye.matrix, here.matrix)
    steps = (eye.inverse().matrix @ _carry(look, then) @ here.matrix - np.eye(4))[:, :3]
    if stays:
        flow, nearness = seen.nearness * np.zeros((2, 1), np.float32), seen.nearness.copy()
    else:
        flow, nearness = _shifted(seen.mapped(steps[0]), seen.x, seen.y, seen.nearness, seen.hits.camera)
    if len(moved):
        step = seen.mapped_each(steps[look.compiled.surfaces.body], seen.surface.take(moved), moved)
        part, nearness[moved] = _shifted(step, *seen.rays(moved), nearness=seen.nearness.take(moved), lens=seen.hits.camera)
        put(flow, moved, part)
    if seen.skin is not None:
        soft = seen.skin.pixels
        was, then_is = ((coat_at(look, at) - pose.position_m) @ pose.rotation for at, pose in ((look.now, here), (then, eye)))
        step = seen.skin.blend(then_is - was) * seen.nearness.take(soft)
        part, nearness[soft] = _shifted(step, *seen.rays(soft), nearness=seen.nearness.take(soft), lens=seen.hits.camera)
        put(flow, soft, part)
        moved = np.concatenate([moved, soft])
    return Motion(then, eye, flow, nearness, moved if stays else None)


def _shifted(step: Floats, x: Floats, y: Floats, nearness: Floats, lens: Camera) -> tuple[Floats, Floats]:
    """Flow (2, n) [px] and the nearness there (n,), where points (x, y, 1) / nearness move by step (3, n) / nearness in the camera's
    frame; x and y may be those of columns and of rows. Writes into `step`."""
    across, down, ahead = step.reshape(3, *np.broadcast_shapes(x.shape, y.shape))
    across -= x * ahead
    down -= y * ahead
    ahead += 1  # the depth there over the depth here
    behind = ahead <= 0
    if behind.any():
        ahead[behind] = np.nan
    across *= np.float32(lens.fx_px) / ahead
    down *= np.float32(lens.fy_px) / ahead
    return step[:2], nearness / step[2]


def moved_pixels(look: Look, camera: str, then: Moment) -> Indices:
    """The pixels whose bodies move between now and then; soft bodies' are not among them: theirs stays where it was laid down."""

    def make() -> Indices:
        seen = picture(look, camera)
        moves = _moving(look.data, then.data)[look.compiled.surfaces.body]
        return np.flatnonzero(moves.take(seen.surface))

    return look.once(("moved", camera, id(then)), make)


def _moving(data: mujoco.MjData, then: mujoco.MjData) -> NDArray[np.bool_]:
    """Which bodies (nbody,) are elsewhere then."""
    return np.asarray((data.xpos != then.xpos).any(axis=1) | (data.xquat != then.xquat).any(axis=1))


def _carry(look: Look, then: Moment) -> Array:
    """The world's points now to where their bodies take them: matrices (nbody, 4, 4), exactly 1 for what does not move."""
    carry = np.tile(np.eye(4), (look.model.nbody, 1, 1))
    moving = _moving(look.data, then.data)
    here, there = (data.xmat[moving].reshape(-1, 3, 3) for data in (look.data, then.data))
    turn = there @ here.transpose(0, 2, 1)
    carry[moving, :3, :3] = turn
    carry[moving, :3, 3] = then.data.xpos[moving] - np.einsum("nij,nj->ni", turn, look.data.xpos[moving])
    return carry


def scene_flow_m(look: Look, camera: str) -> Floats:
    """How far what each pixel shows moves until the next frame (height, width, 3) [m], world frame; NaN where nothing is."""
    seen, then = picture(look, camera), look.next
    moved = moved_pixels(look, camera, then)
    out = seen.nearness * np.zeros((3, 1), np.float32)
    if len(moved):
        steps = ((_carry(look, then) - np.eye(4)) @ seen.hits.world_from_camera.matrix)[:, :3]
        step = seen.mapped_each(steps[look.compiled.surfaces.body], seen.surface.take(moved), moved)
        step /= seen.nearness.take(moved)
        put(out, moved, step)
    if seen.skin is not None:
        put(out, seen.skin.pixels, seen.skin.blend(coat_at(look, then) - coat_at(look, look.now)))
    return shaped(out, seen)


def put(planes: Floats, pixels: Indices, values: NDArray[Any]) -> None:
    """Write values (k, n) into some pixels of planes (k, pixels); row by row, which is three times as fast as at once."""
    for plane, row in zip(planes, values, strict=True):
        plane[pixels] = row


def shaped(planes: Floats, seen: Picture) -> Floats:
    """Planes (k, pixels) as a picture (height, width, k)."""
    return np.stack(list(planes), axis=-1).reshape(*seen.hits.surface.shape, -1)
