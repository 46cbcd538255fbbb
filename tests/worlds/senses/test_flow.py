"""Motion in pictures: flow, what is hidden, and motion in space, held against the next picture, closed forms and rays of their own."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from casting import first_hits
from shots import FLYING, HEIGHT, WIDTH, Shot, flown, inner, shot, targets, watched

from lifeworld.core.camera import flow_from_depth
from lifeworld.core.pose import Pose, quat_from_rotation_vector
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount, Scene, Thing
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.physics.build import is_soft
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.record import record

starters = pytest.mark.parametrize(
    ("name", "seed"), [pytest.param(n, seed, marks=[pytest.mark.slow] if seed else []) for seed in (0, 1, 2) for n in starter.names()]
)


def engine_at(state: PhysicsState) -> mujoco.MjData:
    data = mujoco.MjData(state.compiled.model)
    mujoco.mj_setState(state.compiled.model, data, state.vector, FULL)
    mujoco.mj_forward(state.compiled.model, data)
    return data


def world_from_camera(seen: object) -> Pose:
    values = seen["camera_pose"]  # type: ignore[index]
    return Pose(values[:3], values[3:])


def landed(seen: Shot) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The pixels (rows, columns) that stay seen and are away from edges, and the pixels that they are in the next picture."""
    stays = ~seen.now["occluded_forward"] & inner(seen.now["instance_ids"])
    to = np.floor(targets(seen, seen.now["flow_forward"])[stays]).astype(int)
    return *np.nonzero(stays), to[:, 1], to[:, 0]


@starters
def test_warping_back_by_flow_gives_the_ids(name: str, seed: int) -> None:
    seen = shot(name, seed)
    rows, columns, to_rows, to_columns = landed(seen)
    assert len(rows) > 0.3 * WIDTH * HEIGHT
    for sort in ("instance_ids", "part_ids", "semantic_ids"):
        right = seen.then[sort][to_rows, to_columns] == seen.now[sort][rows, columns]
        assert right[inner(seen.now[sort])[rows, columns]].mean() >= 0.995


@starters
def test_there_and_back_is_nowhere(name: str, seed: int) -> None:
    seen = shot(name, seed)
    rows, columns, to_rows, to_columns = landed(seen)
    ids, flow = seen.then["part_ids"], seen.now["flow_forward"][rows, columns]
    calm = inner(ids)[to_rows, to_columns] & (ids[to_rows, to_columns] == seen.now["part_ids"][rows, columns])
    at = (np.stack([columns, rows], axis=1) + flow)[calm]  # pixel middles at whole numbers
    back, spread = between(seen.then["flow_backward"], at)
    flow, known = flow[calm], np.isfinite(back).all(axis=1) & (spread < 0.3)  # more is an edge within one part
    assert known.mean() > 0.9
    assert np.quantile(np.linalg.norm((flow + back)[known], axis=1), 0.995) < 0.1


def between(picture: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture (height, width, 2) read between the middles of four pixels, and how much these differ (n,)."""
    low = np.clip(np.floor(at).astype(int), 0, (WIDTH - 2, HEIGHT - 2))
    x, y = (at - low).T[..., None]
    a, b, c, d = (picture[low[:, 1] + dy, low[:, 0] + dx] for dy in (0, 1) for dx in (0, 1))
    spread = np.ptp(np.stack([a, b, c, d]), axis=0).max(axis=1)
    return (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y, spread


@starters
def test_flow_of_a_still_scene_is_the_closed_form(name: str, seed: int) -> None:
    """With everything fixed where it is, flow and scene flow are those of a moving camera alone."""
    world = WorldPhysics(renderer="rays")
    placed = flown(world.scene(world.reset(starter.load(name), seed=seed)))
    stuck = tuple(replace(t, fixed=True, relations=()) for t in placed.things if not (is_soft(t) or t.joints))
    seen = watched(replace(placed, things=stuck, embodiments=placed.embodiments[-1:], sensors=(), goals=()))
    here, there = (world_from_camera(one) for one in (seen.now, seen.then))
    for one, step, name_of in ((seen.now, there.inverse() @ here, "flow_forward"), (seen.then, here.inverse() @ there, "flow_backward")):
        truth = flow_from_depth(one["depth_m"], seen.lens, step)
        assert np.array_equal(np.isnan(truth), np.isnan(one[name_of]))
        assert np.nanmax(np.abs(one[name_of] - truth)) < 0.05
        assert np.nanmax(np.abs(truth)) > 1.0
    assert not np.nanmax(np.abs(seen.now["scene_flow_m"]))


def carried(seen: Shot, forward: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where (h, w, 3) [m] the points of rigid things are in the other frame, by the bodies' poses; and which are rigid."""
    one, there = (seen.now, seen.after) if forward else (seen.then, seen.state)
    here = seen.state if forward else seen.after
    compiled, was, is_then = here.compiled, engine_at(here), engine_at(there)
    points = world_from_camera(one).apply(seen.lens.unproject(seen.lens.pixel_centers(), one["depth_m"]))
    bodies = one["part_ids"]  # a part's number is its body's
    turn = is_then.xmat[bodies].reshape(*bodies.shape, 3, 3) @ np.swapaxes(was.xmat[bodies].reshape(*bodies.shape, 3, 3), -1, -2)
    soft_ids = [i + 1 for i, b in enumerate(compiled.bounds) if b.soft >= 0]
    rigid = np.isfinite(one["depth_m"]) & ~np.isin(one["instance_ids"], soft_ids)
    return np.einsum("hwij,hwj->hwi", turn, points - was.xpos[bodies]) + is_then.xpos[bodies], rigid


@starters
def test_scene_flow_is_the_motion_of_the_body(name: str, seed: int) -> None:
    seen = shot(name, seed)
    ends, rigid = carried(seen, forward=True)
    points = world_from_camera(seen.now).apply(seen.lens.unproject(seen.lens.pixel_centers(), seen.now["depth_m"]))
    truth, flow = ends - points, seen.now["scene_flow_m"]
    assert np.array_equal(np.isnan(flow).any(axis=-1), np.isinf(seen.now["depth_m"]))
    far = np.linalg.norm(truth, axis=-1)
    assert (np.linalg.norm(flow - truth, axis=-1) <= 1e-4 + 1e-3 * far)[rigid].all()
    # And the flow in the picture is that motion, seen from the next camera.
    seen_then = seen.lens.project(world_from_camera(seen.then).inverse().apply(ends)) - seen.lens.pixel_centers()
    error = np.abs(seen.now["flow_forward"] - seen_then)[rigid]
    assert np.nanmax(error) < 0.05
    assert np.array_equal(np.isnan(seen_then)[rigid], np.isnan(seen.now["flow_forward"])[rigid])


@starters
@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
def test_what_is_hidden_is_what_a_ray_does_not_reach(name: str, seed: int, forward: bool) -> None:
    seen = shot(name, seed)
    one, other, state = (seen.now, seen.then, seen.after) if forward else (seen.then, seen.now, seen.state)
    hidden = one["occluded_forward" if forward else "occluded_backward"]
    flow = one["flow_forward" if forward else "flow_backward"]
    assert np.isfinite(flow[~hidden]).all()
    ends, rigid = carried(seen, forward)
    pixels = targets(seen, flow)
    inside = ((pixels >= 0) & (pixels < (WIDTH, HEIGHT))).all(axis=-1)
    assert hidden[~inside].all()
    rows, columns = np.nonzero(rigid & inside)
    near = np.flatnonzero(hidden[rows, columns] | ~inner(one["instance_ids"])[rows, columns])  # where it is not plain
    chosen = np.union1d(near, generator(0, name).choice(len(rows), min(1000, len(rows)), replace=False))
    rows, columns = rows[chosen], columns[chosen]
    eye = world_from_camera(other).position_m
    away = ends[rows, columns] - eye
    length, _ = first_hits(state.compiled.model, engine_at(state), eye, away)
    depth = np.einsum("nj,j->n", away, world_from_camera(other).rotation[:, 2])
    short = (1.0 - length) * depth  # how far before the point something is hit
    truth = short > 0.001 + 0.001 * depth * length
    assert np.mean(hidden[rows, columns] == truth) >= 0.995


@pytest.mark.parametrize("kind", ["towel", "sponge"])
def test_a_soft_thing_in_free_fall_falls_by_the_closed_form(kind: str) -> None:
    camera = CameraMount(name="c", pose=Pose.look_at((0.2, -0.7, 1.4), (0, 0, 1.0)), width_px=WIDTH, height_px=HEIGHT)
    thing = Thing(name="soft", kind=kind, pose=Pose((0, 0, 1.0), quat_from_rotation_vector(np.array([0.0, 0.0, 0.4]))))
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", things=(thing,), cameras=(camera,)), seed=0)
    for _ in range(2):
        state = world.step(state, {})
    seen = world.observe(state, ["scene_flow_m", "instance_ids", "flow_forward", "depth_m"])
    mask = seen["instance_ids"] == 1
    assert mask.sum() > 20
    steps = np.arange(20, 40)  # two ticks of ten steps of 2 ms, after two ticks
    fall = -9.81 * 0.002 * np.sum((steps + 1) * 0.002)
    assert np.allclose(seen["scene_flow_m"][mask], (0, 0, fall), atol=1e-4 + 1e-3 * abs(fall))
    lens = shot("tabletop").lens
    points = camera.pose.apply(lens.unproject(lens.pixel_centers(), seen["depth_m"])) + (0, 0, fall)
    truth = lens.project(camera.pose.inverse().apply(points)) - lens.pixel_centers()
    assert np.abs(truth - seen["flow_forward"])[mask].max() < 0.01


def test_a_deforming_soft_things_points_follow_its_vertices() -> None:
    """What is seen right beside a vertex moves as the vertex does, give or take the skin that turns about it."""
    seen = shot("soft_things")
    model, was, then = seen.state.compiled.model, engine_at(seen.state), engine_at(seen.after)
    points = world_from_camera(seen.now).apply(seen.lens.unproject(seen.lens.pixel_centers(), seen.now["depth_m"]))
    checked = 0
    for i, bound in enumerate(seen.state.compiled.bounds):
        if bound.soft < 0:
            continue
        places, places_then = (soft.vertices(model, data, bound.soft) for data in (was, then))
        mask = seen.now["instance_ids"] == i + 1
        gap = np.linalg.norm(points[mask][:, None] - places, axis=2)
        close = gap.min(axis=1) < 0.015
        nearest = gap.argmin(axis=1)[close]
        assert np.allclose(seen.now["scene_flow_m"][mask][close], (places_then - places)[nearest], atol=0.006)
        checked += close.sum()
    assert checked > 20


def test_in_the_first_frame_nothing_has_moved() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(starter.load("tabletop"), seed=0)
    seen = world.observe(state, ["flow_backward@front", "occluded_backward@front", "depth_m@front"])
    something = np.isfinite(seen["depth_m"])
    assert np.array_equal(seen["flow_backward"], np.where(something[..., None], np.float32([0, 0]), np.float32(np.nan)), equal_nan=True)
    assert np.array_equal(seen["occluded_backward"], ~something)


FLY_BY = Scene(
    name="s",
    things=(
        Thing(name="ball", kind="ball", pose=Pose((0.0, 0.09, 0.96)), linear_velocity_m_s=(0.0, -8.0, 0.0)),
        Thing(name="box", kind="box", pose=Pose((0.0, 0.8, 0.0))),
    ),
    cameras=(CameraMount(name="c", pose=Pose.look_at((0.0, 0.0, 1.0), (0.0, 1.0, 0.95)), width_px=WIDTH, height_px=HEIGHT),),
)


def test_what_passes_behind_the_camera_has_no_flow_and_is_hidden() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(FLY_BY, seed=0)
    seen = world.observe(state, ["instance_ids", "flow_forward", "occluded_forward", "scene_flow_m"])
    ball = seen["instance_ids"] == 1
    assert ball.sum() > 100
    assert np.isnan(seen["flow_forward"][ball]).all()
    assert seen["occluded_forward"][ball].all()
    assert (seen["scene_flow_m"][ball][:, 1] < -0.2).all()


def test_looking_forward_by_itself_is_looking_at_the_next_frame() -> None:
    """Without `then` the world goes on with its last commands held: where nothing is commanded, as it does when stepped."""
    signals = ["flow_forward", "occluded_forward", "scene_flow_m"]
    world = WorldPhysics(renderer="rays")
    state = world.step(world.reset(replace(FLY_BY, things=FLY_BY.things[::-1]), seed=0), {})
    alone = world.observe(state, signals)
    then = world.step(world.step(state, {}), {})
    told = world.observe(state, signals, then=then)
    for signal in signals:
        assert alone[signal].tobytes() == told[signal].tobytes()
    other = world.observe(state, signals, then=state)
    assert not np.nanmax(np.abs(other["flow_forward"]))


def test_held_commands_go_on() -> None:
    """A hand told to move moves on when no next frame is given."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(starter.load("tabletop"), seed=0)
    name = world.spec.actions[0].name
    push = np.array([0.3, *[0.0] * (world.spec.actions[0].size - 1)])
    for _ in range(5):
        state = world.step(state, {name: push})
    seen = world.observe(state, ["scene_flow_m@front", "instance_ids@front"])
    hand = seen["instance_ids"] == len(world.spec.things) + 1
    assert hand.sum() > 10
    assert np.nanmean(seen["scene_flow_m"][hand][:, 0]) > 0.002


class Flier(Agent):
    """Flies the drone; does nothing else."""

    signals = ()

    def begin(self, spec, *, seed):  # type: ignore[no-untyped-def]
        pass

    def act(self, seen, *, time_ns):  # type: ignore[no-untyped-def]
        return FLYING


@pytest.mark.parametrize("frame_ticks", [1, 3])
def test_a_recording_looks_forward_to_what_came(frame_ticks: int) -> None:
    """Each frame's forward signals are those of the frame that followed, and its backward ones those of the frame before."""
    scene = shot("cube_toss").state.scene
    world = WorldPhysics(renderer="rays", frame_ticks=frame_ticks)
    signals = ["flow_forward@flying", "occluded_forward@flying", "flow_backward@flying"]
    episode = record(world, Flier(), scene, seconds=0.2, seed=0, signals=signals)
    state = world.reset(scene, seed=0)
    states = [state]
    for _ in range(10):
        states.append(world.step(states[-1], FLYING))
    frames = states[::frame_ticks]
    for signal in signals:
        stream = episode.streams[signal]
        assert stream.times_ns.tolist() == [s.time_ns for s in frames]
        for i, value in enumerate(stream.values):
            then = frames[i + 1] if i + 1 < len(frames) else None
            assert np.array_equal(value, world.observe(frames[i], [signal], then=then)[signal], equal_nan=True)
    moved = np.nanmax(np.abs(episode.streams["flow_backward@flying"].values), axis=(1, 2, 3))
    assert moved[0] == 0
    assert (moved[1:] > 0.3 * frame_ticks).all()
