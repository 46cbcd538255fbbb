"""How things are: where, how fast, how heavy, of what, and what somebody was told to do."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.signal import Signal, signal

_is = partial(signal, family="be")
_STATE = "Read from the engine's state."
_ROUNDED = "In the engine's own float64; nothing is rounded."
_TESTS = "tests/worlds/senses/test_be.py"

BE: tuple[Signal, ...] = (
    _is(
        "position_m", np.float64, ("things", 3), "m", "world", "thing", rate="tick",
        meaning="Where the origin of each thing's frame is; of a soft thing the middle of its vertices.",
        computed=_STATE, exactness=_ROUNDED, blend="linear", test=f"{_TESTS}::test_poses_are_the_engines",
    ),
    _is(
        "quat_wxyz", np.float64, ("things", 4), "1", "world", "thing", rate="tick",
        meaning="How each thing is turned: world_from_thing as a unit quaternion w, x, y, z with w at least 0.",
        computed=_STATE, exactness="In the engine's float64, normalised, with the sign that makes w at least 0.", blend="slerp",
        test=f"{_TESTS}::test_poses_are_the_engines",
    ),
    _is(
        "linear_velocity_m_s", np.float64, ("things", 3), "m/s", "world", "thing", rate="tick",
        meaning="How fast the origin of each thing's frame moves.",
        computed="Carried from the engine's reference point to the frame's origin.", exactness="In float64.", blend="linear",
        test=f"{_TESTS}::test_velocities_are_the_change_of_poses",
    ),
    _is(
        "angular_velocity_rad_s", np.float64, ("things", 3), "rad/s", "world", "thing", rate="tick",
        meaning="How fast each thing turns, axis times rate in world axes, about the origin of the thing's frame.",
        computed=_STATE, exactness="In float64; the same about any point of a rigid thing.", blend="linear",
        test=f"{_TESTS}::test_velocities_are_the_change_of_poses",
    ),
    _is(
        "linear_acceleration_m_s2", np.float64, ("things", 3), "m/s²", "world", "thing", rate="tick",
        meaning="How fast the velocity of the origin of each thing's frame changes; −9.81 in z in free fall.",
        computed="From the engine's accelerations at this state, carried to the frame's origin.",
        exactness="In float64; with soft things about, the change of velocity over the next engine step (2 ms).", blend="linear",
        test=f"{_TESTS}::test_accelerations_are_the_change_of_velocities",
    ),
    _is(
        "angular_acceleration_rad_s2", np.float64, ("things", 3), "rad/s²", "world", "thing", rate="tick",
        meaning="How fast the angular velocity of each thing changes, world axes.",
        computed="From the engine's accelerations at this state.", exactness="In float64.", blend="linear",
        test=f"{_TESTS}::test_accelerations_are_the_change_of_velocities",
    ),
    _is(
        "joint_position", np.float64, ("joints",), "rad or m", "joint", "joint", rate="tick",
        meaning="The angle of each hinge, the travel of each slide, from where the scene draws it; free things have poses instead.",
        computed=_STATE, exactness=_ROUNDED, blend="linear", test=f"{_TESTS}::test_joints_are_the_engines",
    ),
    _is(
        "joint_velocity", np.float64, ("joints",), "rad/s or m/s", "joint", "joint", rate="tick",
        meaning="How fast each hinge turns and each slide travels.",
        computed=_STATE, exactness=_ROUNDED, blend="linear", test=f"{_TESTS}::test_joints_are_the_engines",
    ),
    _is(
        "embodiment_state", np.float64, ("state",), "as the embodiment says", "as the embodiment says", "embodiment", rate="tick",
        meaning="Where the embodiment's own joints are, then how fast they move, in the order of its controls.",
        computed=_STATE, exactness=_ROUNDED, blend="linear", test=f"{_TESTS}::test_joints_are_the_engines",
    ),
    _is(
        "action", np.float64, ("controls",), "as the embodiment says", "as the embodiment says", "embodiment", rate="tick",
        meaning="What the embodiment was told to do during the step that begins at this time, in the order of its controls.",
        computed="Kept by whoever records.", exactness="What was asked for, before the engine limits it.",
        test="tests/worlds/test_record.py::test_clocks_and_actions_are_where_they_belong",
    ),
    _is(
        "state", np.uint8, (), "bytes", "none", "world", rate="tick", ragged=True,
        meaning="All that is needed to go on from here, as the world's `save` writes it; every tenth tick. The legend says which world.",
        computed="Kept by whoever records.", exactness="To the bit: loaded and told the same actions, the world shows the same.",
        test="tests/worlds/past/test_restore.py::test_any_tick_comes_back_to_the_bit",
    ),
    _is(
        "soft_vertices_m", np.float64, ("vertices", 3), "m", "world", "world", rate="tick",
        meaning="Where the vertices of soft things are, one thing after the other.",
        computed="The engine's vertices; of a body that is bent by its corners, the points in between.", exactness=_ROUNDED, blend="linear",
        test=f"{_TESTS}::test_vertices_are_those_of_their_things",
    ),
    _is(
        "soft_vertex_ids", np.int32, ("vertices",), "1", "none", "world", rate="start",
        meaning="The instance id of the soft thing each vertex belongs to.",
        computed="From the scene.", exactness="Exact.", test=f"{_TESTS}::test_vertices_are_those_of_their_things",
    ),
    _is(
        "material_ids", np.int32, ("things",), "1", "none", "thing", rate="start",
        meaning="What each thing is mostly made of, by mass; the legend names the materials; 0, unknown, is what was imported.",
        computed="From the scene.", exactness="Exact.", test=f"{_TESTS}::test_materials_and_masses_are_the_scenes",
    ),
    _is(
        "mass_kg", np.float64, ("things",), "kg", "none", "thing", rate="start",
        meaning="How heavy each thing is, its parts together.",
        computed="From the engine's bodies.", exactness="In float64.", test=f"{_TESTS}::test_materials_and_masses_are_the_scenes",
    ),
    _is(
        "center_of_mass_m", np.float64, ("things", 3), "m", "world", "thing", rate="tick",
        meaning="The centre of mass of each thing, its parts where they are now.",
        computed="The mean of its bodies' centres of mass, by mass.", exactness="In float64.", blend="linear",
        test=f"{_TESTS}::test_the_centre_of_mass_is_the_mean_by_mass",
    ),
    _is(
        "energy_j", np.float64, ("things", 2), "J", "world", "thing", rate="tick",
        meaning="The energy of each thing: of its motion, and of its height above z = 0 in the scene's gravity.",
        computed="½ m v² + ½ ω·I ω over its bodies, and −m g·x; springs and bent soft bodies hold more, which is not in here.",
        exactness="In float64; their sum is constant in free flight as well as the engine's integrator keeps it.", blend="linear",
        test=f"{_TESTS}::test_energy_is_that_of_the_closed_forms",
    ),
)  # fmt: skip
