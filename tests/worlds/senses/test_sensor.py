"""Real cameras and their faults: blur, noise, stereo's holes, and pixels that report changes. Each against the model it claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.worlds.physics.embody import HAND_FROM_WRIST_CAMERA, WALKER_FROM_EYE
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses import sensor_noise, stereo
from lifeworld.worlds.physics.senses.course import halves, stop
from lifeworld.worlds.physics.senses.linear import LIGHT, levels, linear, luminance, srgb
from lifeworld.worlds.physics.senses.painter import Backend, working_backend
from lifeworld.worlds.physics.senses.pixel_events import MOST_HALF, THRESHOLD, crossings, log_light, times_ns
from lifeworld.worlds.physics.senses.shutter import exposure
from lifeworld.worlds.world import Observation

CAMERA = CameraMount(name="cam", pose=Pose.look_at((0.0, -1.6, 0.6), (0.0, 0.0, 0.5)), width_px=96, height_px=72)
BLACK, WHITE = "#101010", "#f8f8f8"
needs_gl = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")


def moving(speed_m_s: float, color: str = WHITE, backdrop: str = BLACK) -> Scene:
    """A block that flies to the right before a wall."""
    return Scene(
        name="s",
        gravity_m_s2=(0.0, 0.0, 0.0),
        moving=True,
        things=(
            Thing(name="wall", kind="wall", size_m=(6.0, 0.12, 2.5), color=backdrop, pose=Pose((0.0, 0.6, 0.0))),
            Thing(name="block", kind="box", color=color, pose=Pose((-0.1, 0.0, 0.4)), linear_velocity_m_s=(speed_m_s, 0.0, 0.0)),
        ),
        cameras=(CAMERA,),
    )


def after(scene: Scene, ticks: int, *signals: str, **action: list[float]) -> tuple[Observation, Observation, PhysicsState]:
    """What is seen after `ticks` ticks, what was seen a frame before that, and the state."""
    world = WorldPhysics(renderer="rays")
    states = [world.reset(scene, seed=0)]
    for _ in range(ticks):
        states.append(world.step(states[-1], {name: np.array(value) for name, value in action.items()}))
    return world.observe(states[-1], signals), world.observe(states[-1 - world.spec.frame_ticks], signals), states[-1]


# light


def test_levels_and_light_are_each_others_inverse() -> None:
    assert np.array_equal(levels(LIGHT), np.arange(256))
    assert np.allclose(srgb(linear(np.linspace(0, 1, 99))), np.linspace(0, 1, 99), atol=1e-9)
    assert levels(np.array([-1.0, 2.0], np.float32)).tolist() == [0, 255]
    assert luminance(np.array([[255, 255, 255], [0, 0, 0]], np.uint8)) == pytest.approx([1.0, 0.0], abs=1e-6)
    light = np.random.default_rng(0).random(10_000, dtype=np.float32)
    assert np.abs(srgb(light) * 255 - levels(light)).max() < 0.53  # steps of light are a little coarser than levels need


# the shutter


def test_blur_of_what_stands_still_is_the_picture() -> None:
    still, _, _ = after(moving(0.0), 4, "rgb", "rgb_blurred")
    assert np.array_equal(still["rgb"], still["rgb_blurred"])
    now, begin, _ = after(moving(2.0), 2, "rgb", "rgb_blurred")
    assert np.array_equal(begin["rgb"], begin["rgb_blurred"])
    assert not np.array_equal(now["rgb"], now["rgb_blurred"])


def test_blur_is_the_mean_light_of_the_way() -> None:
    """Of a white block before black, the mean light in a row falls over the way it went in half a frame, behind where it is now."""
    speed = 6.0
    now, before, _ = after(moving(speed), 4, "rgb", "rgb_blurred", "depth_m")
    sharp, blurred = (luminance(now[name])[40].astype(float) for name in ("rgb", "rgb_blurred"))
    high, low = sharp.max(), np.median(sharp)
    focal = 72 / 2 / np.tan(np.deg2rad(50) / 2)
    way_px = speed * 0.02 * focal / float(now["depth_m"][40][sharp > (high + low) / 2].min())
    partly = (blurred > low + 0.05 * (high - low)) & (blurred < high - 0.05 * (high - low))
    assert partly.sum() == pytest.approx(2 * way_px, abs=3)  # at both edges
    middles = [float((np.arange(96) * (line - low).clip(0)).sum() / (line - low).clip(0).sum()) for line in (sharp, blurred)]
    assert middles[0] - middles[1] == pytest.approx(way_px / 2, abs=0.6)
    assert (blurred - low).sum() == pytest.approx((sharp - low).sum(), rel=0.05)  # no light is lost
    assert not np.array_equal(now["rgb"], before["rgb"])


def test_a_free_camera_glides_between_ticks() -> None:
    """It jumps once a tick in the engine; its blur is that of its speed nonetheless."""
    eye = Embodiment(name="eye", kind="free_camera", pose=CAMERA.pose)
    world = WorldPhysics(renderer="rays")
    camera = replace(CAMERA, pose=Pose(), attach="eye")
    state = world.reset(replace(moving(0.0), embodiments=(eye,), cameras=(camera,)), seed=0)
    for _ in range(4):
        state = world.step(state, {"eye": np.array([2.0, 0.0, 0.0, 0.0, 0.0, 0.0])})
    seen = world.observe(state, ["rgb@cam", "rgb_blurred@cam"])
    assert (seen["rgb@cam"] != seen["rgb_blurred@cam"]).any(axis=2).sum() > 30


@given(st.integers(1, 20), st.floats(0, 100) | st.just(np.inf))
def test_the_shutter_is_open_for_the_second_half(ticks: int, motion_px: float) -> None:
    steps, shares = exposure(10 * ticks, motion_px)
    assert (min(steps), max(steps)) == (5 * ticks, 10 * ticks)
    assert 2 <= len(steps) <= 9
    assert shares.sum() == pytest.approx(1.0, abs=1e-6)
    assert shares @ steps == pytest.approx(7.5 * ticks, abs=1e-5 * ticks)  # what changes evenly is as it was half-way


@given(st.integers(1, 20), st.floats(0, 8))
def test_a_blur_takes_no_pictures_beside_those_of_events(ticks: int, motion_px: float) -> None:
    count = 2 * min(halves(motion_px), MOST_HALF)
    taken = {stop(10 * ticks, part / count) for part in range(count + 1)}
    assert set(exposure(10 * ticks, motion_px)[0]) <= taken


# noise


@pytest.mark.parametrize("level", [40, 128, 200])
def test_noise_has_the_variance_of_its_model(level: int) -> None:
    """Electrons come as Poisson has them, and reading adds its own: mean and variance over a million samples."""
    grey = np.full((600, 600, 3), level, np.uint8)
    light = LIGHT[sensor_noise.noisy(grey, np.random.default_rng(3), (np.zeros(0, int), np.zeros(0, int)))].astype(float)
    electrons = light.ravel() * sensor_noise.FULL_WELL
    mean = float(LIGHT[level]) * sensor_noise.FULL_WELL
    rounding = (float(LIGHT[level + 1] - LIGHT[level - 1]) / 2 * sensor_noise.FULL_WELL) ** 2 / 12  # to 8 bits
    variance = mean + sensor_noise.READ_NOISE**2 + rounding
    assert electrons.mean() == pytest.approx(mean, abs=float(5 * np.sqrt(variance / electrons.size) + 0.002 * mean))
    assert electrons.var() == pytest.approx(variance, rel=0.02)
    neighbours = np.corrcoef(light[:, :-1].ravel(), light[:, 1:].ravel())[0, 1]
    assert abs(neighbours) < 0.01


def test_shot_noise_grows_with_the_root_of_light() -> None:
    spread = [
        LIGHT[sensor_noise.noisy(np.full((200, 200, 3), level, np.uint8), np.random.default_rng(1), (np.zeros(0, int),) * 2)].std()
        for level in (99, 188)  # light 0.125 and 0.5
    ]
    assert spread[1] / spread[0] == pytest.approx(2.0, rel=0.03)


def test_noise_belongs_to_the_moment_and_broken_pixels_to_the_camera() -> None:
    first, last, _ = after(moving(0.0), 3, "rgb", "rgb_noisy")
    again, _, _ = after(moving(0.0), 3, "rgb", "rgb_noisy")
    assert np.array_equal(first["rgb_noisy"], again["rgb_noisy"])
    assert (first["rgb_noisy"] != last["rgb_noisy"]).mean() > 0.3
    dead, hot = sensor_noise.broken_pixels("cam", 100_000)
    assert len(dead) == len(hot) == 5
    assert not set(dead) & set(hot)
    assert not np.array_equal(dead, sensor_noise.broken_pixels("other", 100_000)[0])
    out = sensor_noise.noisy(np.full((250, 400, 3), 128, np.uint8), np.random.default_rng(0), (dead, hot)).reshape(-1, 3)
    assert not out[dead].any()
    assert (out[hot] == 255).all()


def test_another_state_at_the_same_tick_has_other_noise() -> None:
    one, _, _ = after(moving(0.0), 2, "rgb_noisy")
    other, _, _ = after(moving(0.001), 2, "rgb_noisy")
    assert (one["rgb_noisy"] != other["rgb_noisy"]).mean() > 0.3


# stereo

LENS = Camera.from_fov_y(np.deg2rad(50), 160, 120)


def plane(normal: tuple[float, float, float], depth_m: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Depth and normals of a plane that crosses the optical axis at a depth; its normal looks at the camera."""
    unit = np.array(normal) / np.linalg.norm(normal)
    depth = (unit[2] * depth_m / (LENS.rays() @ unit)).astype(np.float32)
    return depth, np.broadcast_to(unit, (*depth.shape, 3)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.4, 6.0), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.integers(0, 9))
def test_stereo_errs_within_its_disparity(depth_m: float, right: float, up: float, seed: int) -> None:
    """No pixel is off by more than a step of disparity, and planes stay planes: the mean error is below a fifth of a step."""
    depth, normal = plane((right, up, -1.0), depth_m)
    measured = stereo.stereo(depth, normal, LENS, np.random.default_rng(seed))
    seen = np.isfinite(measured)
    disparity = LENS.fx_px * stereo.BASELINE_M / depth
    assert np.array_equal(seen, (depth <= stereo.FAR_M) & (depth >= stereo.NEAR_M) & (np.arange(160) - disparity >= 0))
    error = (LENS.fx_px * stereo.BASELINE_M) * (1 / measured[seen].astype(float) - 1 / depth[seen].astype(float)) / stereo.STEP_PX
    assert np.abs(error).max() <= 1.001
    if seen.sum() > 2_000:
        assert abs(error.mean()) < 0.05
        columns = np.nonzero(seen)[1]
        assert abs(np.polyfit(columns / 160 - 0.5, error, 1)[0]) < 0.2


def test_holes_are_what_the_second_eye_does_not_see() -> None:
    """Beside a near square, the strip on its left that it hides from the eye on the right is as wide as the difference of disparities."""
    depth = np.full((120, 160), 2.0, np.float32)
    depth[40:80, 60:100] = 0.8
    normal = np.zeros((120, 160, 3), np.float32)
    normal[..., 2] = -1.0
    rng = np.random.default_rng(0)
    measured = stereo.stereo(depth, normal, LENS, rng)
    strip = LENS.fx_px * stereo.BASELINE_M * (1 / 0.8 - 1 / 2.0)
    row = np.isnan(measured[60])
    left, right = row[20:60][::-1], row[100:]
    assert left.argmin() == pytest.approx(strip, abs=1.5)
    assert right.argmin() == 1  # the edge alone
    assert np.isnan(measured[60, : int(LENS.fx_px * stereo.BASELINE_M / 2.0)]).all()  # out of the second eye's picture
    assert np.isfinite(measured[10, 20:]).all()
    shares = [np.isnan(stereo.stereo(depth, normal, LENS, rng, baseline_m=b)).mean() for b in (0.02, 0.055, 0.1, 0.2)]
    assert (np.diff(shares) > 0).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(2, 14), min_size=2, max_size=10))
def test_hidden_points_are_those_whose_place_in_the_second_eye_is_taken(pieces: list[int]) -> None:
    """In a row of flat pieces, 16 pixels each, against the plain reckoning: hidden where something nearer falls on the same pixel."""
    disparity = np.repeat(pieces, 16).astype(np.float32)
    there = np.arange(len(disparity)) - disparity
    nearer = (there[None] == there[:, None]) & (disparity[None] > disparity[:, None] + stereo.EDGE_PX)
    assert np.array_equal(stereo.hidden(disparity[None])[0], (there < 0) | nearer.any(axis=1))


def test_stereo_sees_nothing_where_there_is_nothing() -> None:
    """Too near, too far, nothing at all, not known, and at a slant of more than 80 degrees."""
    normal = np.zeros((1, 40, 3), np.float32)
    normal[..., 2] = -1.0
    for value in (0.1, 12.0, np.inf, np.nan):
        depth = np.full((1, 40), value, np.float32)
        lens = Camera(width_px=40, height_px=1, fx_px=200.0, fy_px=200.0, cx_px=20.0, cy_px=0.5)
        assert np.isnan(stereo.stereo(depth, normal, lens, np.random.default_rng(0))).all()
    for slant, seen in ((0.5, True), (np.tan(np.deg2rad(84)), False)):
        depth, normal = plane((0.0, slant, -1.0), 1.5)
        middle = stereo.stereo(depth, normal, LENS, np.random.default_rng(0))[60, 60:100]
        assert np.isfinite(middle).all() == seen
        assert np.isnan(middle).all() != seen


def test_measured_depth_of_a_scene_is_the_same_for_the_same_state() -> None:
    now, _, _ = after(moving(0.0), 2, "depth_m", "depth_noisy_m")
    again, _, _ = after(moving(0.0), 2, "depth_m", "depth_noisy_m")
    assert np.array_equal(now["depth_noisy_m"], again["depth_noisy_m"], equal_nan=True)
    seen = np.isfinite(now["depth_noisy_m"])
    assert 0.3 < seen.mean() < 1.0
    error = np.abs(1 / now["depth_noisy_m"][seen] - 1 / now["depth_m"][seen])
    focal = 72 / 2 / np.tan(np.deg2rad(50) / 2)
    assert error.max() <= 1.001 * stereo.STEP_PX / (focal * stereo.BASELINE_M)


# events


def sums(events: NDArray[np.void], shape: tuple[int, ...] = (72, 96)) -> NDArray[np.int64]:
    out = np.zeros(shape, np.int64)
    np.add.at(out, (events["y"], events["x"]), events["polarity"])
    return out


@pytest.mark.parametrize("speed", [0.5, 3.0, 12.0])
def test_events_sum_to_the_change_of_light(speed: float) -> None:
    """Per pixel, polarities times the threshold are the change of the logarithm of light to within one threshold; nothing else reports."""
    now, before, state = after(moving(speed), 4, "rgb", "pixel_events")
    events = now["pixel_events"]
    assert len(events) > 50
    change = log_light(now["rgb"]) - log_light(before["rgb"])
    assert np.abs(sums(events) * THRESHOLD - change).max() < THRESHOLD
    steps = [np.floor(log_light(shown["rgb"]) / THRESHOLD) for shown in (now, before)]
    assert np.array_equal(sums(events), steps[0] - steps[1])
    times = events["time_ns"]
    assert (np.diff(times) >= 0).all()
    assert state.time_ns - 40_000_000 < times.min()
    assert times.max() <= state.time_ns
    keys = list(zip(times.tolist(), events["y"].tolist(), events["x"].tolist(), strict=True))
    assert keys == sorted(keys)
    assert set(np.unique(events["polarity"])) <= {-1, 1}


@pytest.mark.parametrize("renderer", ["rays", pytest.param("auto", marks=needs_gl)])
@pytest.mark.parametrize(
    ("name", "eye"),
    [
        ("soft_things", CameraMount(name="cam", attach="hand", pose=HAND_FROM_WRIST_CAMERA)),
        ("dominoes", None),
        ("living_room", CameraMount(name="cam", attach="me", pose=Pose((0.0, 0.0, 1.6)) @ WALKER_FROM_EYE)),
    ],
    ids=["soft_things", "dominoes", "living_room"],
)
def test_events_sum_whoever_draws_and_whatever_moves(renderer: Backend, name: str, eye: CameraMount | None) -> None:
    """Soft bodies, a wrist's camera and a walker's eye: the pictures that events come from are those of the frames themselves."""
    scene = starter.load(name)
    scene = replace(scene, cameras=(replace(eye or scene.cameras[0], width_px=64, height_px=48),))
    camera = scene.cameras[0].name
    world = WorldPhysics(renderer=renderer, quality="draft")
    states = [world.reset(scene, seed=0)]
    for _ in range(4):
        act = {a.name: 0.7 * np.array(a.high) * (np.arange(a.size) % 3 == 0) for a in world.spec.actions}
        states.append(world.step(states[-1], act))
    before, now = (world.observe(state, [f"rgb@{camera}", f"pixel_events@{camera}"]) for state in (states[2], states[4]))
    steps = [np.floor(log_light(shown["rgb"]) / THRESHOLD) for shown in (now, before)]
    assert np.array_equal(sums(now["pixel_events"], steps[0].shape), steps[0] - steps[1])
    assert len(now["pixel_events"]) > 5 or name == "dominoes"


def test_half_way_events_sum_to_the_tick_between() -> None:
    """Sub-frames are what was there then: a block in flight and a towel that falls, against the picture of the tick between."""
    near = replace(CAMERA, pose=Pose.look_at((0.0, -0.5, 0.55), (0.0, 0.2, 0.5)))
    towel = Thing(name="towel", kind="towel", color=WHITE, pose=Pose((0.0, 0.2, 1.0)))
    falling = Scene(name="s", moving=True, things=(moving(0.0).things[0], towel), cameras=(near,))
    for scene, ticks in ((moving(12.0), 4), (falling, 14)):
        world = WorldPhysics(renderer="rays")
        states = [world.reset(scene, seed=0)]
        for _ in range(ticks):
            states.append(world.step(states[-1], {}))
        events = world.observe(states[-1], ["pixel_events"])["pixel_events"]
        before, between = (np.floor(log_light(world.observe(state, ["rgb"])["rgb"]) / THRESHOLD) for state in states[-3:-1])
        early = sums(events[events["time_ns"] <= states[-2].time_ns])
        assert np.abs(early).sum() > 100
        assert np.array_equal(early, between - before)


def test_an_event_is_never_at_the_start_of_its_span() -> None:
    assert times_ns(np.array([0.0, 1e-12, 0.5, 1.0]), 100, 110).tolist() == [101, 101, 105, 110]


def test_a_bright_edge_gives_plus_where_it_comes_and_minus_where_it_goes() -> None:
    now, before, _ = after(moving(3.0), 4, "rgb", "pixel_events", "instance_ids")
    came = (now["instance_ids"] == 2) & (before["instance_ids"] != 2)
    gone = (now["instance_ids"] != 2) & (before["instance_ids"] == 2)
    total = sums(now["pixel_events"])
    assert came.sum() > 20
    assert (total[came] > 0).mean() > 0.9
    assert (total[gone] < 0).mean() > 0.9
    events = now["pixel_events"]
    rising = events[events["polarity"] > 0]
    first = [rising["time_ns"][rising["x"] == x].min() for x in np.unique(rising["x"][came[rising["y"], rising["x"]]])]
    assert len(first) > 3
    assert np.mean(np.diff(first) > 0) > 0.6  # it passes from left to right


def test_nothing_is_reported_at_the_start_or_where_nothing_moves() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(moving(3.0), seed=0)
    assert len(world.observe(state, ["pixel_events"])["pixel_events"]) == 0
    still, _, _ = after(moving(0.0), 4, "pixel_events")
    assert len(still["pixel_events"]) == 0


def test_frames_join_without_a_seam() -> None:
    """The events of frame after frame sum to the change since the start."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(moving(4.0), seed=0)
    begin, total = world.observe(state, ["rgb"])["rgb"], np.zeros((72, 96), np.int64)
    for _ in range(5):
        for _ in range(world.spec.frame_ticks):
            state = world.step(state, {})
        total += sums(world.observe(state, ["pixel_events"])["pixel_events"])
    end = world.observe(state, ["rgb"])["rgb"]
    assert np.array_equal(total, np.floor(log_light(end) / THRESHOLD) - np.floor(log_light(begin) / THRESHOLD))


@given(st.lists(st.tuples(st.floats(-50, 5), st.floats(-50, 5)), min_size=1, max_size=20))
def test_every_level_between_is_crossed_once_and_in_order(ways: list[tuple[float, float]]) -> None:
    before, after_ = (np.array(column) for column in zip(*ways, strict=True))
    pixel, part, polarity = crossings(before, after_)
    assert ((part >= 0) & (part <= 1)).all()
    for i in range(len(ways)):
        mine = pixel == i
        assert polarity[mine].sum() == np.floor(after_[i]) - np.floor(before[i])
        assert abs(polarity[mine].sum()) == mine.sum()
        assert (np.diff(part[mine]) >= 0).all()
        level = before[i] + part[mine] * (after_[i] - before[i])
        assert np.allclose(level, np.round(level), atol=1e-9)
