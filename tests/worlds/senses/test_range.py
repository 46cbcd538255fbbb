"""Lidars and proximity sensors against walls at known places, independent ray casts, and the law of matt surfaces."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import UnknownName
from lifeworld.core.pose import Pose, quat_multiply
from lifeworld.scene import starter
from lifeworld.scene.scene import Embodiment, Ground, Scene, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.beams import Fan
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.world import Observation

YAWED = Pose.from_yaw((0.3, -0.4, 1.0), 0.7)
LIDAR = Sensor(name="scan", kind="lidar", pose=YAWED)
ONE_BEAM = Sensor(name="scan", kind="lidar", rows=1, columns=1, fov_deg=(0.0, 0.0))


def wall(name: str, at: tuple[float, float], yaw: float = 0.0, **more: object) -> Thing:
    """Six metres wide, its front and back 6 cm from `at`."""
    return Thing(name=name, kind="wall", size_m=(6.0, 0.12, 2.5), pose=Pose.from_yaw((*at, 0.0), yaw), **more)  # type: ignore[arg-type]


ROOM = Scene(
    name="room",
    things=(
        wall("east", (3.0, 0.0), np.pi / 2),
        wall("west", (-3.0, 0.0), np.pi / 2),
        wall("north", (0.0, 2.0)),
        wall("south", (0.0, -2.0)),
    ),
    sensors=(LIDAR,),
)
INSIDE = {"east": 2.94, "west": -2.94, "north": 1.94, "south": -1.94}


def seen(scene: Scene, *signals: str) -> Observation:
    world = WorldPhysics(renderer="rays")
    return world.observe(world.reset(scene, seed=0), signals or ["range"])


def engine(state: PhysicsState) -> mujoco.MjData:
    """The engine's data at a state, made apart from the world's own."""
    data = mujoco.MjData(state.compiled.model)
    mujoco.mj_setState(state.compiled.model, data, state.vector, FULL)
    mujoco.mj_forward(state.compiled.model, data)
    return data


def test_beams_reach_the_walls() -> None:
    """In a room with four walls and a floor, way, name and normal of every beam are those of the nearest plane it crosses."""
    shown = seen(replace(ROOM, sensors=(replace(LIDAR, fov_deg=(360.0, 100.0)),)))
    directions = shown["lidar_directions"].astype(float)
    rays = YAWED.rotation @ directions.T
    planes = [(0 if name in ("east", "west") else 1, at) for name, at in INSIDE.items()] + [(2, 0.0)]
    with np.errstate(divide="ignore"):
        ways = np.array([(at - YAWED.position_m[axis]) / rays[axis] for axis, at in planes])
    ways[~(ways > 0)] = np.inf
    first = ways.argmin(axis=0)
    points = YAWED.position_m[:, None] + ways.min(axis=0) * rays
    height = points[2]
    beside = np.minimum(2.94 - np.abs(points[0]), 1.94 - np.abs(points[1])) < 0.04
    clear = (height < 2.4) & ~((height < 0.08) & beside)  # above the walls there is nothing, at their feet a skirting board
    assert clear.mean() > 0.6
    assert set(first[clear]) == {0, 1, 2, 3, 4}
    away = clear & (np.sort(ways, axis=0)[1] > ways.min(axis=0) + 1e-6)
    assert np.allclose(shown["lidar_range_m"][away], ways.min(axis=0)[away], rtol=1e-3, atol=1e-3)
    assert np.array_equal(shown["lidar_ids"][away], np.array([1, 2, 3, 4, 0])[first[away]])
    inward = np.array([[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, 1]])[first]
    assert np.allclose(shown["lidar_normals"][away], (inward @ YAWED.rotation)[away], atol=1e-6)
    over = (first < 4) & (height > 2.6)
    assert over.any()
    assert np.isnan(shown["lidar_range_m"][over]).all()


@pytest.mark.parametrize("name", ["tabletop", "living_room"])
def test_beams_name_what_they_hit(name: str) -> None:
    """Beam by beam, the engine's single ray gives the same way and the same thing."""
    place = Pose((0.1, -0.6, 1.2), quat_multiply(Pose.from_yaw((0, 0, 0), 0.4).quat_wxyz, np.array([0.96, 0.0, 0.28, 0.0])))
    sensor = Sensor(name="scan", kind="lidar", pose=place, fov_deg=(360.0, 120.0), columns=60)
    world = WorldPhysics(renderer="rays")
    state = world.reset(replace(starter.load(name), things=rigid(starter.load(name)), sensors=(sensor,)), seed=0)
    shown = world.observe(state, ["range"])
    model, data = state.compiled.model, engine(state)
    rays = shown["lidar_directions"].astype(float) @ place.rotation.T
    group, geom = np.array([1, 1, 1, 0, 0, 0], np.uint8), np.zeros(1, np.int32)
    for i, ray in enumerate(rays):
        way = mujoco.mj_ray(model, data, place.position_m, ray, group, True, -1, geom)
        owner = state.compiled.geom_instance[geom[0]] if 0 <= way <= 30 else 0
        assert shown["lidar_ids@scan"][i] == owner
        assert shown["lidar_range_m@scan"][i] == pytest.approx(way, abs=1e-3, rel=1e-3) if 0 <= way <= 30 else True
        assert np.isnan(shown["lidar_range_m@scan"][i]) == (not 0 <= way <= 30)
    assert len(set(shown["lidar_ids@scan"])) > 5


def rigid(scene: Scene) -> tuple[Thing, ...]:
    """The things of a scene that has places for them all, without the soft ones."""
    from lifeworld.scene.place import place
    from lifeworld.worlds.physics.build import is_soft

    return tuple(t for t in place(scene, seed=0).things if not is_soft(t))


def test_beams_meet_soft_bodies_as_thick_as_they_are_touched() -> None:
    """Against a triangle-by-triangle cast (Möller & Trumbore) at the skin of a falling cloth and a pillow."""
    scene = Scene(
        name="s",
        things=(
            Thing(name="towel", kind="towel", pose=Pose((0.0, 0.4, 0.3))),
            Thing(name="pillow", kind="pillow", pose=Pose((0.5, 0.0, 0.1))),
        ),
        sensors=(Sensor(name="scan", kind="lidar", pose=Pose((0.05, 0.3, 0.4)), fov_deg=(360.0, 170.0), columns=240),),
    )
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene, seed=0)
    for _ in range(4):
        state = world.step(state, {})
    shown = world.observe(state, ["range"])
    model, data = state.compiled.model, engine(state)
    rays, origin = shown["lidar_directions"].astype(float), np.array([0.05, 0.3, 0.4])
    best, who = np.full(len(rays), np.inf), np.zeros(len(rays), int)
    down = rays[:, 2] < 0
    best[down] = -origin[2] / rays[down, 2]
    for flex in range(model.nflex):
        for a, b, c in soft.skin(model, data, flex):
            p = np.cross(rays, c - a)
            det = p @ (b - a)
            with np.errstate(divide="ignore", invalid="ignore"):
                u = (p @ (origin - a)) / det
                q = np.cross(origin - a, b - a)
                v, way = (rays @ q) / det, (q @ (c - a)) / det
            hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (way > 0) & (way < best)
            best[hit], who[hit] = way[hit], state.compiled.flex_instance[flex]
    best[best > 30] = np.nan
    assert {1, 2} <= set(who)
    same = np.isclose(shown["lidar_range_m"], best, atol=1e-3, equal_nan=True)
    assert same.mean() > 0.999  # on the very rim of a triangle one of both may miss
    assert np.array_equal(shown["lidar_ids"][same], who[same])
    normals = shown["lidar_normals"][who > 0]
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    assert (np.sum(normals * rays[who > 0], axis=1) < 1e-6).all()


@settings(max_examples=15, deadline=None)
@given(st.floats(0.3, 20.0), st.floats(-1.2, 1.2), st.sampled_from(["#ffffff", "#ff0000", "#808080"]))
def test_a_return_fades_with_the_square_of_the_way(way: float, angle: float, color: str) -> None:
    """One beam at a wall: its albedo, times the cosine, over the square of the way."""
    toward = Pose.from_yaw((way * np.sin(angle), -0.06 - way * np.cos(angle), 1.0), np.pi / 2 + angle)
    shown = seen(Scene(name="s", things=(wall("wall", (0.0, 0.0), color=color),), sensors=(replace(ONE_BEAM, pose=toward),)))
    white = {"#ffffff": 1.0, "#ff0000": 0.2126, "#808080": ((128 / 255 + 0.055) / 1.055) ** 2.4}[color]
    assert shown["lidar_range_m"] == pytest.approx(way, rel=1e-3)
    back = shown["lidar_intensity"] * shown["lidar_range_m"] ** 2 / np.cos(angle)
    assert back == pytest.approx(white, rel=1e-3)


def test_nothing_answers_beyond_reach() -> None:
    shown = seen(replace(ROOM, ground=None, sensors=(replace(LIDAR, reach_m=2.0),)))
    lost = np.isnan(shown["lidar_range_m"])
    assert 0.1 < lost.mean() < 0.9
    assert np.nanmax(shown["lidar_range_m"]) <= 2.0
    assert not shown["lidar_ids"][lost].any()
    assert (shown["lidar_ids"][~lost] > 0).all()
    assert not shown["lidar_intensity"][lost].any()
    assert np.isnan(shown["lidar_normals"][lost]).all()
    assert np.isfinite(shown["lidar_normals"][~lost]).all()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["spinning", "solid_state"]), st.integers(1, 40), st.integers(1, 60), st.floats(0.0, 360.0), st.floats(0.0, 180.0))
def test_patterns_point_where_they_say(pattern: str, rows: int, columns: int, across: float, up: float) -> None:
    """As many unit vectors as beams, all within the field of view; the spiral begins straight ahead, rings are even."""
    ways = Fan(pattern, rows, columns, (across, up), 30.0).directions()  # type: ignore[arg-type]
    assert ways.shape == (rows * columns, 3)
    assert np.allclose(np.linalg.norm(ways, axis=1), 1, atol=1e-12)
    elevation = np.rad2deg(np.arcsin(np.clip(ways[:, 2], -1, 1)))
    assert np.abs(elevation).max() <= up / 2 + 1e-4
    azimuth = np.rad2deg(np.arctan2(ways[:, 1], ways[:, 0]))
    assert np.abs(azimuth[np.abs(elevation) < 89]).max(initial=0.0) <= across / 2 + 1e-5
    if pattern == "solid_state":
        assert np.allclose(ways[0], (1, 0, 0))
        return
    rings = elevation.reshape(rows, columns)
    assert np.allclose(rings, rings[:, :1], atol=1e-4)  # next to the pole an angle is known to no better
    if 0.01 < across < 350 and up < 170:
        assert (np.diff(azimuth.reshape(rows, columns), axis=1) < 0).all()  # left to right
    assert np.allclose(rings[:, 0], np.linspace(up / 2, -up / 2, rows) if rows > 1 else 0.0, atol=1e-4)


def test_a_solid_state_lidar_is_evenly_dense() -> None:
    """Equal parts of the ellipse that a narrow field holds have equally many beams."""
    ways = Fan("solid_state", 64, 64, (20.0, 10.0), 30.0).directions()
    angles = np.rad2deg(np.stack([np.arctan2(ways[:, 1], ways[:, 0]), np.arcsin(ways[:, 2])], axis=1)) / (10.0, 5.0)
    out, around = np.hypot(*angles.T), np.arctan2(*angles.T)
    counts, _, _ = np.histogram2d(out**2, around, bins=(8, 8), range=((0, 1), (-np.pi, np.pi)))
    assert np.abs(counts / counts.mean() - 1).max() < 0.25


def test_a_lidar_has_the_beams_it_is_given() -> None:
    usual, given_ = seen(ROOM), seen(replace(ROOM, sensors=(replace(LIDAR, rows=4, columns=10, pattern="solid_state"),)))
    assert usual["lidar_range_m"].shape == (16 * 360,)
    assert given_["lidar_normals"].shape == (40, 3)


def test_a_sensor_moves_with_what_it_is_on() -> None:
    """On a falling box, on a drawer that is opened, on somebody who walks: the way to the wall is that from where they are."""
    ahead = replace(ONE_BEAM, pose=Pose((0.0, 0.0, 0.1)), reach_m=100.0)
    world = WorldPhysics(renderer="rays")
    end = wall("end", (5.06, 0.0), np.pi / 2)
    crate = Thing(name="crate", kind="box", pose=Pose((0.0, 0.0, 0.5)), linear_velocity_m_s=(3.0, 0.0, 2.0))
    state = world.reset(Scene(name="s", things=(end, crate), sensors=(replace(ahead, attach="crate"),), ground=None), seed=0)
    for _ in range(10):
        state = world.step(state, {})
    assert world.observe(state, ["lidar_range_m"])["lidar_range_m"] == pytest.approx(5.0 - 3.0 * 0.2, abs=1e-3)

    ways = []
    for opened in (0.0, 0.2):
        chest = Thing(name="chest", kind="drawer_unit", pose=Pose(), fixed=True, joints=(("drawer_1", opened),), options=(("drawers", 3),))
        front = replace(ahead, attach="chest", part="drawer_1", pose=Pose.from_yaw((0.0, -1.0, 0.0), -np.pi / 2))
        ways.append(
            float(seen(Scene(name="s", things=(chest, wall("facing", (0.0, -3.0))), sensors=(front,)), "range")["lidar_range_m"][0])
        )
    assert ways[0] - ways[1] == pytest.approx(0.2, abs=1e-3)

    me = Embodiment(name="me", kind="walker", pose=Pose((1.0, 0.0, 0.0)))
    state = world.reset(Scene(name="s", things=(end,), embodiments=(me,), sensors=(replace(ahead, attach="me"),)), seed=0)
    for _ in range(25):
        state = world.step(state, {"me": np.array([1.0, 0.0, 0.0, 0.0])})
    here = world.observe(state, ["lidar_range_m", "embodiment_state"])
    assert here["embodiment_state"][0] > 0.3
    assert here["lidar_range_m"] == pytest.approx(4.0 - here["embodiment_state"][0], abs=2e-3)


def test_a_sensor_does_not_see_what_carries_it() -> None:
    """In the middle of a crate a lidar meets the room; beside it, the crate."""
    crate = Thing(name="crate", kind="box", pose=Pose((0.0, 0.0, 0.3)))
    scene = replace(ROOM, things=(*ROOM.things, crate))
    inside = seen(replace(scene, sensors=(replace(LIDAR, attach="crate", pose=Pose((0.0, 0.0, 0.05))),)))
    assert set(inside["lidar_ids"]) <= {0, 1, 2, 3, 4}
    assert (np.nan_to_num(inside["lidar_range_m"], nan=9.0) > 0.3).all()
    outside = seen(replace(scene, sensors=(replace(LIDAR, pose=Pose((0.0, -0.6, 0.35))),)))
    assert 5 in outside["lidar_ids"]


@settings(max_examples=15, deadline=None)
@given(st.floats(0.15, 1.5), st.floats(0.0, 6.0))
def test_proximity_is_the_way_to_the_nearest(way: float, yaw: float) -> None:
    """Of two balls ahead the nearer one's front; NaN beyond reach; a ball out of the cone is not there."""
    turn = Pose.from_yaw((0.0, 0.0, 0.5), yaw)
    ball = Thing(name="ball", kind="ball", size_m=(0.08, 0.08, 0.08), pose=Pose(turn.apply((way + 0.04, 0.0, -0.04))))
    far = replace(ball, name="far", pose=Pose(turn.apply((way + 0.5, 0.0, -0.04))))
    aside = replace(ball, name="aside", pose=Pose(turn.apply((0.1, 0.4, -0.04))))
    sensor = Sensor(name="near", kind="proximity", pose=turn)
    shown = seen(Scene(name="s", things=(ball, far, aside), sensors=(sensor,), ground=None))
    value = shown["proximity_m"]
    assert value.shape == ()
    assert value.dtype == np.float32
    if way < 0.999:
        assert float(value) == pytest.approx(way, abs=1e-3)
    elif way > 1.001:
        assert np.isnan(value)


def test_proximity_sees_what_a_single_ray_would_miss() -> None:
    """A pencil-thin post five degrees off the axis is within the cone of 20 degrees, and fifteen degrees off is not."""
    for angle, near in ((5.0, True), (15.0, False)):
        place = Pose.from_yaw((0, 0, 0), np.deg2rad(angle)).apply((0.5, 0.0, 0.0))
        post = Thing(name="post", kind="wall", size_m=(0.3, 0.05, 1.25), pose=Pose.from_yaw(place, np.deg2rad(angle)))
        sensor = Sensor(name="near", kind="proximity", pose=Pose((0.0, 0.0, 0.6)))
        shown = seen(Scene(name="s", things=(post,), sensors=(sensor,), ground=Ground()))
        assert np.isfinite(shown["proximity_m"]) == near


def test_a_sensor_on_a_part_that_is_not_there_names_those_that_are() -> None:
    chest = Thing(name="chest", kind="drawer_unit", pose=Pose(), options=(("drawers", 3),))
    wrong = Sensor(name="scan", kind="lidar", attach="chest", part="drawer_9")
    with pytest.raises(UnknownName, match="drawer_1"):
        WorldPhysics(renderer="rays").reset(Scene(name="s", things=(chest,), sensors=(wrong,)), seed=0)
