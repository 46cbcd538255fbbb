"""Furniture, appliances, openings and the building: options do what they say, things fit, hollow is hollow, what moves moves."""

from __future__ import annotations

import itertools
from dataclasses import replace

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import Option, build, kind, kinds
from lifeworld.scene.assembly import Assembly, Container
from lifeworld.scene.scene import Scene, Thing
from lifeworld.scene.shape import Mesh, Vec3
from lifeworld.worlds.physics.compile import Compiled, compile_scene

KINDS = {
    "table", "round_table", "coffee_table", "desk", "bedside_table", "workbench", "chair", "armchair", "stool", "bench", "sofa", "bed",
    "shelf", "wardrobe", "counter", "sink", "stove", "hob", "tv", "whiteboard", "waste_bin", "drawer_unit", "cabinet", "fridge",
    "microwave", "oven", "washing_machine", "laptop", "door", "window", "faucet", "light_switch", "box_with_lid", "chest", "wall",
    "wall_with_doorway", "wall_with_window", "room", "floor_slab", "step", "stairs", "ramp", "pillar", "track",
}  # fmt: skip


def make(name: str, size_m: Vec3 | None = None, **options: Option) -> Assembly:
    return build(Thing(name="it", kind=name, size_m=size_m, options=tuple(options.items())))


def meshes(assembly: Assembly) -> list[Mesh]:
    return [geom.shape for part in assembly.parts for geom in part.geoms if isinstance(geom.shape, Mesh)]


def start(compiled: Compiled, poses: dict[str, Pose], joints: dict[str, float] | None = None) -> mujoco.MjData:
    """The scene's state with every free thing at its pose, joints of the first thing set."""
    data = mujoco.MjData(compiled.model)
    for bound in compiled.bounds:
        if bound.qpos >= 0:
            pose = poses[bound.thing.name]
            data.qpos[bound.qpos : bound.qpos + 7] = (*pose.position_m, *pose.quat_wxyz)
    for name, address, _ in compiled.bounds[0].joints:
        data.qpos[address] = (joints or {}).get(name, 0.0)
    mujoco.mj_forward(compiled.model, data)
    return data


def run(compiled: Compiled, data: mujoco.MjData, seconds: float) -> None:
    end = data.time + seconds
    while data.time < end:
        mujoco.mj_step(compiled.model, data)


def test_the_kinds_people_expect_are_there() -> None:
    assert set(kinds()) >= KINDS


@given(levels=st.integers(2, 8), back=st.booleans(), scale=st.tuples(*[st.floats(0.4, 1.5)] * 3))
@settings(max_examples=40, deadline=None)
def test_shelves_rise_evenly_and_leave_the_room_they_say(levels: int, back: bool, scale: tuple[float, float, float]) -> None:
    x, y, z = (side * share for side, share in zip(kind("shelf").size_m, scale, strict=True))
    surfaces = make("shelf", (x, y, z), levels=levels, back=back).surfaces
    assert len(surfaces) == levels + 1
    heights = [float(s.pose.position_m[2]) for s in surfaces]
    assert heights == sorted(heights)
    assert heights[-1] == pytest.approx(z)
    board = 0.018
    for (low, high), surface in zip(itertools.pairwise(heights), surfaces[:-1], strict=True):
        assert surface.clearance_m == pytest.approx(high - board - low, abs=1e-9)


@given(drawers=st.integers(1, 6), scale=st.tuples(st.floats(0.5, 1.6), st.floats(0.5, 1.6), st.floats(0.5, 1.6)))
@settings(max_examples=40, deadline=None)
def test_drawers_are_numbered_from_the_top_and_do_not_overlap(drawers: int, scale: tuple[float, float, float]) -> None:
    x, y, z = (side * share for side, share in zip(kind("drawer_unit").size_m, scale, strict=True))
    unit = make("drawer_unit", (x, y, z), drawers=drawers)
    assert [j.name for j in unit.joints] == [f"drawer_{i + 1}" for i in range(drawers)] == [c.name for c in unit.containers]
    assert all(j.kind == "slide" and j.range is not None and j.range[0] == 0 for j in unit.joints)
    tops = []
    for part in unit.parts[1:]:
        low, high = Assembly(parts=(replace(part, parent=None, joint=None),)).bounds()
        tops.append((float(low[2]), float(high[2])))
    assert all(lower_top < upper_low for (upper_low, _), (_, lower_top) in itertools.pairwise(tops))


@pytest.mark.parametrize(
    ("name", "opened"),
    [("drawer_unit", "drawer_1"), ("cabinet", "door_left"), ("fridge", "door"), ("microwave", "door"), ("door", "leaf"),
     ("window", "sash_left"), ("oven", "door"), ("dishwasher", "door"), ("wardrobe", "door_right"),
     ("desk", "drawer_1"), ("washing_machine", "door")],
)  # fmt: skip
def test_what_opens_comes_towards_the_front(name: str, opened: str) -> None:
    assembly = make(name)
    joint = next(j for j in assembly.joints if j.name == opened)
    assert joint.range is not None
    shut, wide = assembly.bounds()[0][1], assembly.bounds({opened: 0.8 * joint.range[1]})[0][1]
    assert wide < shut - 0.15
    assert assembly.bounds({opened: joint.range[1]})[1][1] <= assembly.bounds()[1][1] + 0.01, "and nothing comes out behind"


@pytest.mark.parametrize("name", ["box_with_lid", "chest", "laptop", "toilet", "pedal_bin"])
def test_lids_open_upwards(name: str) -> None:
    assembly = make(name)
    assert assembly.bounds({"lid": 1.3})[1][2] > assembly.bounds()[1][2] + 0.05


def test_a_door_fits_the_doorway_and_a_window_the_window_opening() -> None:
    for frame, wall in (("door", "wall_with_doorway"), ("window", "wall_with_window")):
        options = kind(wall).options
        low, high = make(frame).bounds()
        assert float(high[0] - low[0]) <= float(options["opening_width"][0])
        assert float(high[2] - low[2]) <= float(options["opening_height"][0])


def test_someone_can_walk_through_the_doorway_only() -> None:
    compiled = compile_scene(
        Scene(name="wall", ground=None, things=(Thing(name="w", kind="wall_with_doorway", pose=Pose(), options=(("opening_at", 1.0),)),))
    )
    data = start(compiled, {})
    hit = np.zeros(1, np.int32)
    for x, free in ((0.9, True), (-0.9, False)):
        far = mujoco.mj_ray(compiled.model, data, np.array([x, -1.0, 1.0]), np.array([0.0, 1.0, 0.0]), None, 1, -1, hit)
        assert (far < 0) == free


def test_a_room_has_the_openings_it_is_asked_for() -> None:
    towards = {"front": (0, -1), "back": (0, 1), "left": (-1, 0), "right": (1, 0)}
    for door, open_side in itertools.permutations(towards, 2):
        options = (("door", door), ("open_side", open_side))
        compiled = compile_scene(Scene(name="r", ground=None, things=(Thing(name="r", kind="room", pose=Pose(), options=options),)))
        data = start(compiled, {})
        for side, (dx, dy) in towards.items():
            far = [
                mujoco.mj_ray(
                    compiled.model, data, np.array([0.3 * dy, 0.3 * dx, z]), np.array([dx, dy, 0.0]), None, 1, -1, np.zeros(1, np.int32)
                )
                for z in (1.0, 2.4)
            ]
            assert (far[0] < 0) == (side in (door, open_side)), (door, open_side, side)
            assert (far[1] < 0) == (side == open_side), "there is a lintel above the door"


@pytest.mark.parametrize(
    "name",
    ["waste_bin", "pedal_bin", "laundry_basket", "picnic_basket", "sink", "washbasin", "bathtub", "drawer_unit", "desk",
     "bedside_table", "chest", "box_with_lid", "microwave", "oven", "fridge", "washing_machine", "dishwasher", "cabinet",
     "wardrobe", "toilet"],
)  # fmt: skip
def test_a_marble_stays_in_every_container(name: str) -> None:
    thing = Thing(name="it", kind=name, pose=Pose(), fixed=True)
    assembly = build(thing)
    for container in assembly.containers:
        inside = assembly.part_poses()[container.part or assembly.parts[0].name] @ container.pose
        compiled = compile_scene(Scene(name="hollow", things=(thing, Thing(name="marble", kind="marble", pose=Pose()))))
        drop = inside @ Pose((0.2 * container.size_m[0], 0.1 * container.size_m[1], min(0.03, 0.3 * container.size_m[2])))
        data = start(compiled, {"it": Pose(), "marble": drop})
        run(compiled, data, 1.0)
        address = compiled.bounds[1].qpos
        where = inside.inverse().apply(data.qpos[address : address + 3])
        assert within(container, where), f"{container.name}: the marble is at {where}"


def within(container: Container, point_m: np.ndarray) -> bool:
    x, y, z = container.size_m
    return bool(abs(point_m[0]) <= x / 2 + 0.03 and abs(point_m[1]) <= y / 2 + 0.03 and -0.03 <= point_m[2] <= z)


@pytest.mark.parametrize(
    ("name", "joint", "push", "seconds"),
    [("drawer_unit", "drawer_1", 15.0, 1.5), ("cabinet", "door_left", 2.0, 1.5), ("fridge", "door", 6.0, 2.0), ("door", "leaf", 12.0, 2.5),
     ("microwave", "door", 1.5, 1.5), ("laptop", "lid", 1.6, 1.5), ("faucet", "lever", 0.3, 0.5), ("light_switch", "rocker", 0.03, 0.3),
     ("window", "sash_left", 4.0, 2.0), ("chest", "lid", 30.0, 2.0), ("office_chair", "turn", 1.5, 1.5), ("oven", "door", 4.0, 2.0)],
)  # fmt: skip
def test_a_push_opens_it_and_then_it_stays(name: str, joint: str, push: float, seconds: float) -> None:
    """`push` [N or N·m] along the joint, about what a hand does; after that nothing moves on by itself."""
    compiled = compile_scene(Scene(name="push", things=(Thing(name="it", kind=name, pose=Pose(), fixed=True),)))
    data = start(compiled, {})
    address, dof = next((q, v) for n, q, v in compiled.bounds[0].joints if n == joint)
    data.qfrc_applied[dof] = push
    run(compiled, data, seconds)
    span = next(j.range for j in make(name).joints if j.name == joint)
    opened = float(data.qpos[address])
    assert opened > (0.6 * span[1] if span is not None else 0.5)
    data.qfrc_applied[dof] = 0.0
    run(compiled, data, 2.0)
    settled = float(data.qpos[address])
    run(compiled, data, 1.0)
    assert abs(float(data.qpos[address]) - settled) < 0.06 * (span[1] if span is not None else 2.0)


def test_equal_boards_share_one_mesh() -> None:
    """The two leaves of a cabinet and the drawers of a chest are compiled once."""
    unit = meshes(make("drawer_unit", drawers=4))
    assert len({mesh.key for mesh in unit}) < len(unit) / 2


@pytest.mark.parametrize("name", ["counter", "stairs", "wall_with_window", "room"])
def test_the_building_is_fixed(name: str) -> None:
    assert kind(name).fixed
    compiled = compile_scene(Scene(name="still", things=(Thing(name="it", kind=name, pose=Pose((0, 0, 1))),)))
    data = start(compiled, {})
    run(compiled, data, 0.2)
    assert data.xpos[compiled.bounds[0].body][2] == pytest.approx(1.0)
