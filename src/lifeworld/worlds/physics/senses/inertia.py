"""How bodies are accelerated, and what an inertial unit fixed to one of them reads."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.poser import cross

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How points (n,) fixed to bodies move, world frame: `felt_m_s2` is what an accelerometer would read there."""

    angular_velocity_rad_s: Array
    angular_acceleration_rad_s2: Array
    felt_m_s2: Array


def motion(look: Look, bodies: NDArray[np.int64], points_m: Array) -> Motion:
    """Of points (n, 3) [m], world frame, fixed to `bodies` (n,).

    The engine's twists and their rates are about the centre of mass of the whole tree, and its accelerations begin with −g at the
    world: felt(point) = felt(com) + α × r + ω × v(point), v(point) = v(com) + ω × r.
    Source: Featherstone, Rigid Body Dynamics Algorithms (2008), §2.11, on spatial and classical acceleration.
    """
    model, data = look.model, look.data
    # mj_forward stops short of these; what this writes (cacc, cfrc_int, cfrc_ext) it writes the same each time, and nothing else reads it.
    look.once("accelerations", lambda: mujoco.mj_rnePostConstraint(model, data))
    twist, rate = data.cvel.take(bodies, 0), data.cacc.take(bodies, 0)
    omega, alpha = twist[:, :3], rate[:, :3]
    arm = points_m - data.subtree_com.take(model.body_rootid.take(bodies), 0)
    velocity = twist[:, 3:] + cross(omega, arm)
    return Motion(omega, alpha, rate[:, 3:] + cross(alpha, arm) + cross(omega, velocity))


def of_things(look: Look) -> tuple[Array, Array]:
    """Linear [m/s²] and angular [rad/s²] acceleration (things, 3) of the frame of each thing; of a soft one the mean of its bodies'."""

    def make() -> tuple[Array, Array]:
        data, poser = look.data, look.poser
        moving = motion(look, poser.body, data.xpos.take(poser.body, 0))
        linear = moving.felt_m_s2 - data.cacc[0, 3:]  # at the world, which never moves, there is nothing but −g
        for i, bodies in poser.soft.items():
            linear[i] = data.cacc[bodies, 3:].mean(axis=0) - data.cacc[0, 3:]
        return linear, moving.angular_acceleration_rad_s2

    return look.once("accelerations of things", make)


class Units:
    """The inertial units of a scene: their bodies, where they sit on them and how they are turned."""

    def __init__(self, compiled: Compiled) -> None:
        units = [m for m in compiled.sensors if m.sensor.kind == "imu"]
        self.row = {m.sensor.name: i for i, m in enumerate(units)}
        self.body = np.array([m.body for m in units], dtype=np.int64)
        self.place_m = np.array([m.body_from_sensor.position_m for m in units])
        self.turn = np.array([m.body_from_sensor.rotation for m in units])


def readings(look: Look) -> tuple[Array, Array]:
    """What every unit of the scene reads: accelerometers [m/s²] and gyros [rad/s], (units, 3) in each unit's own frame."""

    def make() -> tuple[Array, Array]:
        units, data = look.tables(Units), look.data
        world_from_body = data.xmat.take(units.body, 0).reshape(-1, 3, 3)
        points = data.xpos.take(units.body, 0) + np.einsum("nij,nj->ni", world_from_body, units.place_m)
        moving = motion(look, units.body, points)
        world_from_unit = world_from_body @ units.turn
        return np.einsum("nji,nj->ni", world_from_unit, moving.felt_m_s2), np.einsum(
            "nji,nj->ni", world_from_unit, moving.angular_velocity_rad_s
        )

    return look.once("inertial readings", make)
