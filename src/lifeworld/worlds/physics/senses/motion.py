"""How what each pixel shows moves: a hit is carried by its body's motion, a soft body's by its vertices', and seen again from where the
camera stands then.

A body's motion between two moments is one matrix. What is computed is the difference that it makes, never one large number less
another: so float32 is exact enough for pixels, and what does not move moves by 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.worlds.physics.senses.hits import Hits, camera_pose
from lifeworld.worlds.physics.senses.look import Look, Moment
from lifeworld.worlds.physics.senses.skin import Skin, skin_of

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Direction = Literal["forward", "backward"]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What one camera sees now. Its pixels in a row: `surface` and `nearness`, which is 1 / depth [1/m], NaN where nothing is (pixels,);
    `x` (width,) and `y` (height, 1) of the rays through them, z being 1; the soft bodies' points, if any."""

    hits: Hits
    x: Floats
    y: Floats
    surface: NDArray[np.int32]
    nearness: Floats
    skin: Skin | None

    def rays(self, pixels: Indices) -> Floats:
        """x and y (2, n) of the rays through some pixels."""
        row, column = np.divmod(pixels, len(self.x))
        return np.stack([self.x[column], self.y[row, 0]])

    def mapped(self, matrix: Array) -> Floats:
        """What a matrix (3, 4) makes of every pixel's point, over its depth: (3, pixels)."""
        m = matrix.astype(np.float32)
        out = np.empty((3, len(self.y), len(self.x)), np.float32)
        near = self.nearness.reshape(out.shape[1:])
        for row, (a, b, c, d) in enumerate(m):
            np.multiply(near, d, out=out[row])
            out[row] += (a * self.x + c) + b * self.y
        return out.reshape(3, -1)

    def mapped_each(self, matrices: Array, which: NDArray[np.int32], pixels: Indices) -> Floats:
        """What matrices (n, 3, 4), `which` (k,) for each of some pixels, make of their points, over the depth: (3, k)."""
        each = np.take(matrices.reshape(-1, 12).T.astype(np.float32), which, axis=1).reshape(3, 4, -1)
        x, y = self.rays(pixels)
        out = each[:, 3] * self.nearness[pixels]
        out += each[:, 0] * x
        out += each[:, 1] * y
        out += each[:, 2]
        return out


def picture(look: Look, camera: str) -> Picture:
    """That of a camera now."""

    def make() -> Picture:
        hits = look.now.hits(camera)
        lens, depth = hits.camera, hits.depth_m.ravel()
        x = (np.arange(lens.width_px) + 0.5 - lens.cx_px) / lens.fx_px
        y = (np.arange(lens.height_px) + 0.5 - lens.cy_px)[:, None] / lens.fy_px
        nearness = np.float32(1.0) / depth
        nearness[nearness == 0] = np.nan
        return Picture(
            hits, x.astype(np.float32), y.astype(np.float32), hits.surface.ravel(), nearness, skin_of(look.model, look.data, hits)
        )

    return look.once(("picture", camera), make)


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
        flow, nearness = np.where(np.isnan(seen.nearness), np.float32(np.nan), np.zeros((2, 1), np.float32)), seen.nearness.copy()
    else:
        flow, nearness = _shifted(seen.mapped(steps[0]), seen.x, seen.y, seen.nearness, seen.hits.camera)
    if len(moved):
        x, y = seen.rays(moved)
        step = seen.mapped_each(steps[look.compiled.surfaces.body], seen.surface[moved], moved)
        flow[:, moved], nearness[moved] = _shifted(step, x, y, seen.nearness[moved], seen.hits.camera)
    if seen.skin is not None:
        flow[:, seen.skin.pixels], nearness[seen.skin.pixels] = _soft_flow(look, seen, seen.skin, then, eye)
        moved = np.concatenate([moved, seen.skin.pixels])
    return Motion(then, eye, flow, nearness, moved if stays else None)


def _shifted(step: Floats, x: Floats, y: Floats, nearness: Floats, lens: Camera) -> tuple[Floats, Floats]:
    """Flow (2, n) [px] and the nearness there (n,), where points (x, y, 1) / nearness move by step (3, n) / nearness in the camera's
    frame; x and y may be those of columns and rows. Takes `step` over."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    across, down, ahead = step.reshape(3, *shape)
    across -= x * ahead
    down -= y * ahead
    ahead += 1  # the depth there over the depth here
    behind = ahead <= 0
    if behind.any():
        ahead[behind] = np.nan
    across *= np.float32(lens.fx_px)
    down *= np.float32(lens.fy_px)
    step[:2] /= step[2]
    return step[:2], nearness / step[2]


def _soft_flow(look: Look, seen: Picture, skin: Skin, then: Moment, eye: Pose) -> tuple[Array, Array]:
    """Flow (2, n) [px] and the nearness (n,) there of the pixels that show soft bodies."""
    points = (skin.places(look.model, then.data) - eye.position_m) @ eye.rotation
    lens = seen.hits.camera
    rows, columns = np.divmod(skin.pixels, lens.width_px)
    depth = np.where(points[:, 2] > 0, points[:, 2], np.nan)
    return (lens.project(points) - np.stack([columns + 0.5, rows + 0.5], axis=1)).T, 1.0 / depth


def moved_pixels(look: Look, camera: str, then: Moment) -> Indices:
    """The pixels whose bodies move between now and then; soft bodies' are not among them."""

    def make() -> Indices:
        seen = picture(look, camera)
        moves = _moving(look.data, then.data)[look.compiled.surfaces.body]
        moves[look.model.ngeom :] = False
        return np.flatnonzero(moves[seen.surface])

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
    out = np.zeros((3, len(seen.surface)), np.float32)
    moved = moved_pixels(look, camera, then)
    if len(moved):
        steps = ((_carry(look, then) - np.eye(4)) @ seen.hits.world_from_camera.matrix)[:, :3]
        out[:, moved] = seen.mapped_each(steps[look.compiled.surfaces.body], seen.surface[moved], moved) / seen.nearness[moved]
    if seen.skin is not None:
        skin = seen.skin
        out[:, skin.pixels] = (skin.places(look.model, then.data) - skin.places(look.model, look.data)).T
    out[:, np.isnan(seen.nearness)] = np.nan
    return shaped(out, seen)


def shaped(planes: Floats, seen: Picture) -> Floats:
    """Planes (k, pixels) as a picture (height, width, k)."""
    return np.ascontiguousarray(planes.T).reshape(*seen.hits.surface.shape, -1)
