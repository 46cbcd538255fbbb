"""What touches what, how hard, and what joints, motors, fingertips and inertial sensors feel."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.rows import CONTACT_DTYPE, IMPULSE_DTYPE
from lifeworld.core.signal.signal import Signal, signal

_felt = partial(signal, family="touch", rate="tick")
_SOLVER = "As exact as the engine's solver: at rest they sum to the weight within 1 %, in motion to m (a − g) within 5e-4 of the greatest."
_TESTS = "tests/worlds/senses/test_touch.py"
_JOINTS = "tests/worlds/senses/test_touch_joints.py"
_MOUNTED = "tests/worlds/senses/test_mounted.py"

TOUCH: tuple[Signal, ...] = (
    _felt(
        "contacts", CONTACT_DTYPE, (), "m, N, m/s, 1", "world", "world", ragged=True,
        meaning="What touches what: one row for each contact point the engine solves for, in CONTACT_DTYPE.",
        computed="The engine's contacts at this state, the forces of its solver and the velocities of its constraints.",
        exactness="The engine's own contacts: their number and places depend on its collision geometry, the forces on its solver.",
        test=f"{_TESTS}::test_contacts_push_apart_along_their_normal",
    ),
    _felt(
        "contact_force_n", np.float64, ("things", 3), "N", "world", "thing",
        meaning="The sum of all contact forces on each thing.",
        computed="The sum over contacts; those between parts of one thing cancel.", exactness=_SOLVER,
        test=f"{_TESTS}::test_what_rests_is_carried",
    ),
    _felt(
        "contact_torque_n_m", np.float64, ("things", 3), "N·m", "world", "thing",
        meaning="The torque of all contact forces on each thing about its centre of mass.",
        computed="The sum over contacts of arm times force, and of torsional and rolling friction.",
        exactness=_SOLVER, test=f"{_TESTS}::test_forces_and_torques_are_newton_and_euler",
    ),
    _felt(
        "impulses", IMPULSE_DTYPE, (), "N·s, N", "world", "world", ragged=True,
        meaning="What each thing gave another by touching it during the last tick, one row a pair, in IMPULSE_DTYPE; none at the start.",
        computed="The contact forces of the last tick's engine steps, noted or taken again, times their durations.",
        exactness="The change of momentum, less that by other forces, to 1e-4 of the greatest as the engine solves (1e-6 if it went on).",
        test=f"{_TESTS}::test_impulses_are_the_change_of_momentum",
    ),
    _felt(
        "joint_force", np.float64, ("joints",), "N·m or N", "joint", "joint",
        meaning="The torque about each hinge, the force along each slide, that its spring, damper, dry friction, stop and motor put on it.",
        computed="The engine's passive and actuator forces and those of the joint's own constraints; not of contacts.",
        exactness="As exact as the engine's solver.", test=f"{_JOINTS}::test_a_spring_pulls_by_hookes_law",
    ),
    _felt(
        "actuator_force", np.float64, ("actuators",), "N or N·m", "actuator", "embodiment",
        meaning="What each motor of the embodiment puts out, in the order of the engine's actuators.",
        computed="The engine's scalar actuator forces, after their limits.",
        exactness="In float64.", test=f"{_JOINTS}::test_motors_keep_within_their_limits",
    ),
    _felt(
        "tactile_n", np.float32, ("rows", "columns", 3), "N", "sensor", "sensor",
        meaning="What each taxel of a touch sensor feels: shear along its x and y, pressure into it (z, never below 0); rows are along y.",
        computed="The contacts of its body that lie on its face and push into it, each shared by the four taxels around.",
        exactness="Sums to the contact forces on the face to 1e-4.",
        test=f"{_MOUNTED}::test_taxels_sum_to_the_normal_force",
    ),
    _felt(
        "accelerometer_m_s2", np.float64, (3,), "m/s²", "sensor", "sensor", blend="linear",
        meaning="What an accelerometer reads: its acceleration less gravity; 9.81 upward at rest, 0 in free fall.",
        computed="The engine's accelerations at the sensor, in its frame.",
        exactness="In float64.", test=f"{_MOUNTED}::test_at_rest_an_imu_reads_g_upward",
    ),
    _felt(
        "gyro_rad_s", np.float64, (3,), "rad/s", "sensor", "sensor", blend="linear",
        meaning="How fast the sensor turns, in its own frame.",
        computed="From the engine's velocities.", exactness="In float64.", test=f"{_MOUNTED}::test_a_gyro_reads_the_spin_it_is_given",
    ),
)  # fmt: skip
