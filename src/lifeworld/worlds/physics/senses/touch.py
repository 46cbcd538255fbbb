"""What touches what, how hard, and what joints, motors, fingertips and inertial units feel."""

from __future__ import annotations

from lifeworld.worlds.physics.senses.contact import touching, wrenches
from lifeworld.worlds.physics.senses.effort import Efforts
from lifeworld.worlds.physics.senses.impulse import impulses
from lifeworld.worlds.physics.senses.inertia import Units, readings
from lifeworld.worlds.physics.senses.look import Sense
from lifeworld.worlds.physics.senses.tactile import tactile

SENSES: dict[str, Sense] = {
    "contacts": lambda look, _: touching(look).rows,
    "contact_force_n": lambda look, _: wrenches(look)[0],
    "contact_torque_n_m": lambda look, _: wrenches(look)[1],
    "impulses": lambda look, _: impulses(look),
    "joint_force": lambda look, _: look.tables(Efforts).joint_force(look.model, look.data),
    "actuator_force": lambda look, name: look.data.actuator_force[look.tables(Efforts).actuators[name]],
    "tactile_n": tactile,
    "accelerometer_m_s2": lambda look, name: readings(look)[0][look.tables(Units).row[name]],
    "gyro_rad_s": lambda look, name: readings(look)[1][look.tables(Units).row[name]],
}
