"""The way that led here, step by step: pictures between the last frame and this one, for shutters and event cameras.

The engine takes its steps again; what is driven by commands without mass (a free camera) jumps once a tick there, and glides here.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import quat_slerp
from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.compile import TICK_NS, TICK_STEPS, Compiled
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.motion import motion
from lifeworld.worlds.physics.senses.see import rgb

Array = NDArray[np.float64]
_SEEN_PX, _MOVED_M, _TURNED = 0.02, 1e-4, 1e-3  # less than this is standing still: what lies at rest trembles


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Where everything was after each step of the frame that led here, the frame before first and now last.

    `times_ns` (n,); `qpos` (n, nq); `mocap` (n, nmocap, 7), position and quaternion of what commands move by itself.
    """

    times_ns: NDArray[np.int64]
    qpos: Array
    mocap: Array


def course(look: Look) -> Course:
    """That of a look which has a frame before it."""
    return look.once("course", lambda: _course(look))


def _course(look: Look) -> Course:
    past = look.state.past[-look.eyes.frame_ticks :]
    layout = look.tables(_layout)
    qpos, mocap = [layout.view(past[0].vector, "qpos").copy()], [_mocap(layout, past[0].vector)]
    qpos += [data.qpos.copy() for _, data in look.replay(len(past))]
    for before in past:
        start, end = _mocap(layout, before.vector), _mocap(layout, before.commanded)
        for step in range(1, TICK_STEPS + 1):
            part = step / TICK_STEPS
            turned = quat_slerp(start[:, 3:], end[:, 3:], np.full(len(start), part)) if len(start) else start[:, 3:]
            mocap.append(np.concatenate([(1 - part) * start[:, :3] + part * end[:, :3], turned], axis=1))
    times_ns = frame_start_ns(look) + np.arange(len(qpos)) * (TICK_NS // TICK_STEPS)
    return Course(times_ns, np.stack(qpos), np.stack(mocap))


def _layout(compiled: Compiled) -> Layout:
    return Layout.of(compiled.model)


def _mocap(layout: Layout, vector: Array) -> Array:
    position, quat = layout.view(vector, "mocap_pos"), layout.view(vector, "mocap_quat")
    return np.concatenate([position.reshape(-1, 3), quat.reshape(-1, 4)], axis=1)


def frame_start_ns(look: Look) -> int:
    """When the frame before was."""
    return look.state.time_ns - TICK_NS * len(look.state.past[-look.eyes.frame_ticks :])


def picture(look: Look, camera: str, step: int) -> NDArray[np.uint8]:
    """What the camera saw after a step of the course; the first is the last frame's picture, the last that of now."""
    if step == 0:
        return picture_before(look, camera)
    way = course(look)
    if step == len(way.times_ns) - 1:
        return rgb(look, camera)
    return look.once(("picture at", camera, step), lambda: look.painter.rgb(_data(look, way, step), look.camera(camera)))


def picture_before(look: Look, camera: str) -> NDArray[np.uint8]:
    """The last frame's picture."""
    return look.once(("picture before", camera), lambda: look.last.picture(camera))


def _data(look: Look, way: Course, step: int) -> mujoco.MjData:
    """Scratch data with every pose as it was after a step: all that a picture needs."""
    model, data = look.model, look.eyes.scratch("course")
    data.qpos[:] = way.qpos[step]
    data.mocap_pos[:], data.mocap_quat[:] = way.mocap[step, :, :3], way.mocap[step, :, 3:]
    mujoco.mj_kinematics(model, data)
    mujoco.mj_camlight(model, data)
    mujoco.mj_flex(model, data)
    return data


def most_px(look: Look, camera: str) -> float:
    """How far the fastest of the pixels seen now came since the frame before [px]."""
    return look.once(("most px", camera), lambda: float(np.fmax.reduce(np.hypot(*motion(look, camera, "backward").flow), initial=0.0)))


def halves(motion_px: float) -> int:
    """Into how many equal parts either half of a frame is cut: 1, 2, 3, 4 or 8, so that no pixel comes farther than one in a part.

    Faster ones do. Whoever takes every second part of eight takes pictures that are taken anyway.
    """
    return next((count for count in (1, 2, 3, 4) if motion_px / 2 <= count), 8)


def stop(steps: int, part: float) -> int:
    """The step of a frame of so many that is nearest to a part of it."""
    return int(np.rint(part * steps))


def stands_still(look: Look, camera: str) -> bool:
    """Whether nothing of what the camera sees came to where it is, and nothing out of its sight moved either (its shadow may show)."""
    here, there = look.data, look.last.data
    if here is there:
        return True
    shown = look.tables(_shown)
    if np.abs(here.xpos - there.xpos)[shown].max() > _MOVED_M or np.abs(here.xmat - there.xmat)[shown].max() > _TURNED:
        return False
    return most_px(look, camera) <= _SEEN_PX


def _shown(compiled: Compiled) -> NDArray[np.int64]:
    """The bodies that show in pictures, by themselves or by their light; the world is one of them."""
    model = compiled.model
    flexes = model.flex_vertbodyid[model.flex_vertbodyid >= 0]
    nodes = model.flex_nodebodyid[model.flex_nodebodyid >= 0]
    return np.unique(np.concatenate([[0], model.geom_bodyid[model.geom_group < ONLY_TOUCHED], model.light_bodyid, flexes, nodes]))
