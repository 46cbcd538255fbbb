"""Where on its own thing each pixel's surface lies: the hit in the thing's frame; of a soft thing, where the same point was at first."""

from __future__ import annotations

import mujoco
import numpy as np

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.motion import Array, Floats, Indices, picture, put, shaped


def object_coords_m(look: Look, camera: str) -> Floats:
    """(height, width, 3) [m] in the frame of each pixel's thing or embodiment, of the background in the world's; NaN where nothing is."""
    seen, roots = picture(look, camera), look.tables(_roots)
    instance = look.compiled.surfaces.instance.take(seen.surface)
    maps = _frames_from_camera(look, roots, seen.hits.world_from_camera.matrix)
    out = seen.mapped(maps[0])
    things = np.flatnonzero(instance)
    put(out, things, seen.mapped_each(maps, instance.take(things), things))
    out /= seen.nearness
    if seen.skin is not None:
        put(out, seen.skin.pixels, seen.skin.blend(look.tables(_first_coat)))
    return shaped(out, seen)


def _roots(compiled: Compiled) -> Indices:
    """The body whose frame is that of each instance: the world, the things, the embodiments."""
    return np.array([0, *(b.body for b in compiled.bounds), *(e.body for e in compiled.embodied)], dtype=np.int64)


def _first_coat(compiled: Compiled) -> Array:
    """The corners (n, 3, 3) [m] of soft things' skins as they were laid down, each in its thing's frame."""
    data = mujoco.MjData(compiled.model)
    mujoco.mj_kinematics(compiled.model, data)
    mujoco.mj_flex(compiled.model, data)
    bodies = compiled.surfaces.body[compiled.model.ngeom : -1]
    skins = (soft.skin(compiled.model, data, flex) for flex in range(compiled.model.nflex))
    return np.concatenate([(skin - data.xpos[b]) @ data.xmat[b].reshape(3, 3) for skin, b in zip(skins, bodies, strict=True)])


def _frames_from_camera(look: Look, roots: Indices, world_from_camera: Array) -> Array:
    """instance_from_camera (instances, 3, 4)."""
    turn = look.data.xmat[roots].reshape(-1, 3, 3).transpose(0, 2, 1)
    out = np.empty((len(roots), 3, 4))
    out[:, :, :3] = turn @ world_from_camera[:3, :3]
    out[:, :, 3] = np.einsum("nij,nj->ni", turn, world_from_camera[:3, 3] - look.data.xpos[roots])
    return out
