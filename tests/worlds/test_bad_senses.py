"""Bad input to the senses: a typed error that names what is wrong and how to mend it, or a picture and a word about how it was made."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LimitError, SceneError, SignalUnavailable, StateError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.core.signal import FAMILIES
from lifeworld.scene import starter
from lifeworld.scene.edit import Add
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.worlds.physics.engine import WorldPhysics

BOX = Thing(name="box", kind="box", pose=Pose((0.0, 0.0, 0.0)), size_m=(0.4, 0.3, 0.2), fixed=True)
OUTSIDE = Pose.look_at((1.0, -1.0, 0.8), (0.0, 0.0, 0.1))


def camera(pose: Pose = OUTSIDE, name: str = "eye", **more: Any) -> CameraMount:
    return CameraMount(**{"name": name, "pose": pose, "width_px": 16, "height_px": 12} | more)


def scene(*things: Thing, cameras: tuple[CameraMount, ...] = (camera(),), **more: Any) -> Scene:
    return Scene(name="s", things=things or (BOX,), cameras=cameras, **more)


def reset(start: Scene, **more: Any) -> tuple[WorldPhysics, Any]:
    world = WorldPhysics(renderer="rays", **more)
    return world, world.reset(start, seed=0)


# names


@pytest.mark.parametrize(
    ("asked", "near"),
    [("depth", "depth_m"), ("sea", "see"), ("rgb@eey", "rgb@eye"), ("Instance_IDs", "instance_ids"), ("rgb@box", None), ("", None)],
)
def test_an_unknown_signal_names_the_near_one_and_lists_what_there_is(asked: str, near: str | None) -> None:
    world, state = reset(scene())
    with pytest.raises(SignalUnavailable) as error:
        world.observe(state, [asked])
    if near:
        assert f"Did you mean '{near}'" in str(error.value)
    assert error.value.available
    for name in error.value.available:
        assert name in str(error.value)
        assert name in FAMILIES or world.observe(state, [name]).values
    assert set(world.observe(state, ["see"]).values)  # and the world is as good as before


def test_a_world_that_does_not_listen_says_how_to_make_one_that_does() -> None:
    world, state = reset(scene())
    for asked in ("hear", "audio_mono", "audio_stereo@eye"):
        with pytest.raises(SignalUnavailable, match=r"WorldPhysics\(hearing=True\)"):
            world.observe(state, [asked])


@pytest.mark.parametrize(
    ("start", "near"),
    [
        (lambda: scene(cameras=(camera(attach="bxo"),)), "box"),
        (lambda: scene(sensors=(Sensor(name="feel", kind="imu", attach="bxo"),)), "box"),
    ],
)
def test_a_camera_or_sensor_on_an_unknown_body_names_the_near_one(start: Any, near: str) -> None:
    with pytest.raises(UnknownName, match=f"Did you mean '{near}'"):
        start()


def test_a_sensor_on_an_unknown_part_names_those_there_are() -> None:
    drawers = Thing(name="chest", kind="drawer_unit", pose=Pose())
    with pytest.raises(UnknownName, match="moving part of 'chest'") as error:
        reset(scene(drawers, sensors=(Sensor(name="feel", kind="imu", attach="chest", part="darwer_1"),)))
    assert "sensor 'feel'" in str(error.value)
    assert error.value.known
    reset(scene(drawers, sensors=(Sensor(name="feel", kind="imu", attach="chest", part=error.value.known[0]),)))


# sizes


@pytest.mark.parametrize("side", ["width_px", "height_px"])
@pytest.mark.parametrize("pixels", [0, -3, 4097, 10**12])
def test_a_picture_of_no_pixels_or_too_many_is_refused(side: str, pixels: int) -> None:
    with pytest.raises(LimitError, match=rf"camera 'eye'.*{side}") as error:
        camera(**{side: pixels})
    assert "4096" in str(error.value)
    assert str(pixels) in str(error.value)


def test_the_largest_and_the_smallest_picture_are_no_mistake() -> None:
    world, state = reset(scene(cameras=(camera(name="long", width_px=4096, height_px=1), camera(name="dot", width_px=1, height_px=1))))
    seen = world.observe(state, ["depth_m", "instance_ids"])
    assert seen["depth_m@long"].shape == (1, 4096)
    assert seen["instance_ids@dot"].shape == (1, 1)


def test_more_pixels_than_fit_are_refused_before_any_is_drawn() -> None:
    large = tuple(camera(name=f"c{i}", width_px=4096, height_px=4096) for i in range(9))
    world, state = reset(scene(cameras=large))
    with pytest.raises(LimitError, match=r"9 cameras.*Ask for some of the cameras"):
        world.observe(state, ["rgb"])
    assert world.observe(state, ["camera_pose"]).values  # what has no pixels costs none


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rows": 1025, "columns": 1024}, "too many beams"),
        ({"rows": 0}, "rows"),
        ({"columns": 4097}, "columns"),
        ({"rows": 2.5}, "rows"),
        ({"reach_m": 0.0}, "reach_m"),
        ({"reach_m": float("nan")}, "reach_m"),
        ({"fov_deg": (400.0, 30.0)}, "fov_deg"),
        ({"pattern": "spining"}, "Did you mean 'spinning'"),
    ],
)
def test_a_lidar_that_cannot_be_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(SceneError, match=words) as error:
        Sensor(**{"name": "scanner", "kind": "lidar"} | wrong)
    assert "sensor 'scanner'" in str(error.value)


@pytest.mark.parametrize("ticks", [0, -1, 10**6])
def test_a_frame_lasts_some_ticks(ticks: int) -> None:
    with pytest.raises(LimitError, match=f"frame_ticks={ticks}"):
        WorldPhysics(frame_ticks=ticks)


# moments


def test_the_next_frame_is_of_the_same_scene() -> None:
    world, state = reset(scene())
    other = world.edit(state, Add(thing=Thing(name="mug", kind="mug", pose=Pose((1.0, 1.0, 0.0)))))
    with pytest.raises(StateError, match="another scene"):
        world.observe(state, ["flow_forward"], then=other)
    assert np.nanmax(np.abs(world.observe(state, ["flow_forward"], then=world.step(state, {}))["flow_forward"])) < 0.01


# a camera inside a thing


SOLID = {
    "box": ("box", (0.4, 0.3, 0.2), (0.0, 0.0, 0.1)),
    "ball": ("ball", (0.3, 0.3, 0.3), (0.0, 0.0, 0.15)),
    "wall": ("wall", (2.0, 0.3, 2.0), (0.5, 0.0, 1.0)),
    "foam": ("sponge", (0.2, 0.12, 0.06), (0.0, 0.0, 0.03)),
}


@pytest.mark.parametrize("what", SOLID)
def test_a_camera_inside_a_thing_is_refused_with_both_names_and_the_fix(what: str) -> None:
    kind, size, eye = SOLID[what]
    thing = Thing(name="thing", kind=kind, size_m=size, pose=Pose())
    with pytest.raises(SceneError) as error:
        reset(scene(thing, cameras=(camera(Pose.look_at(eye, (5.0, 0.0, 0.3)), name="lost"),)))
    said = str(error.value)
    assert "camera 'lost'" in said
    assert "inside 'thing'" in said
    assert "Move the camera" in said
    assert "attach = 'thing'" in said


@given(x=st.floats(-0.5, 0.5), y=st.floats(-0.5, 0.5), z=st.floats(0.005, 0.6), turn=st.floats(0, 2 * np.pi))
@settings(max_examples=25, deadline=None)
def test_inside_a_box_is_inside_its_six_faces(x: float, y: float, z: float, turn: float) -> None:
    """A turned box; the closed form in its own frame."""
    quat = (np.cos(turn / 2), 0.0, 0.0, np.sin(turn / 2))
    place = Pose((0.1, -0.1, 0.0), quat)
    own = place.inverse().apply(np.array([x, y, z]))
    margin = np.max(np.abs(own - (0, 0, 0.1)) - (0.2, 0.15, 0.1))
    if abs(margin) < 1e-4:
        return
    start = scene(replace(BOX, pose=place), cameras=(camera(Pose.look_at((x, y, z), (x + 1, y, z))),))
    if margin < 0:
        with pytest.raises(SceneError, match="stands inside 'box'"):
            reset(start)
    else:
        reset(start)


@pytest.mark.parametrize(
    ("kind", "eye"),
    [("bowl", (0.0, 0.0, 0.06)), ("cabinet", (0.0, 0.0, 0.4)), ("table", (0.0, 0.0, 0.3)), ("mug", (0.0, 0.0, 0.05))],
)
def test_a_camera_in_the_hollow_of_a_thing_is_none_inside_it(kind: str, eye: tuple[float, float, float]) -> None:
    world, state = reset(scene(Thing(name="thing", kind=kind, pose=Pose()), cameras=(camera(Pose.look_at(eye, (5.0, 0.1, 5.0))),)))
    assert world.observe(state, ["depth_m"])["depth_m"].shape == (12, 16)


def test_a_camera_on_the_ground_or_a_surface_is_none_inside_it() -> None:
    reset(scene(cameras=(camera(Pose.look_at((0.0, 0.0, 0.2), (1.0, 0.0, 0.2))), camera(Pose.look_at((1, 1, 0.0), (0, 0, 0)), name="low"))))


def test_what_a_camera_is_fixed_to_is_no_thing_it_is_inside_of() -> None:
    """A camera in the middle of the box it is fixed to, and the eyes of every embodiment."""
    within = camera(Pose.look_at((0.0, 0.0, 0.1), (1.0, 0.0, 0.1)), attach="box")
    bodies = tuple(Embodiment(name=k, kind=k, pose=Pose((2.0 * i + 1, 3, 0.5))) for i, k in enumerate(("walker", "hand", "free_camera")))
    reset(scene(cameras=(within,), embodiments=bodies))


def test_an_eye_goes_where_its_body_is_put() -> None:
    """A scene's camera is refused inside a thing; a body's own eye is not the scene's to place."""
    reset(scene(embodiments=(Embodiment(name="drone", kind="free_camera", pose=Pose((0.0, 0.0, 0.1))),)))


def test_an_episode_does_not_die_of_an_eye_that_dips_into_a_thing() -> None:
    """A camera that flies through the box: a state with its eye inside is a state like others, seen and kept."""
    drone = Embodiment(name="drone", kind="free_camera", pose=Pose((-0.4, 0.0, 0.1)))
    world, state = reset(scene(embodiments=(drone,)))
    inside = []
    for _ in range(60):
        state = world.step(state, {"drone": np.array([1.0, 0, 0, 0, 0, 0])})
        eye = world.observe(state, ["camera_pose@drone_eye"])["camera_pose"][:3]
        inside.append(bool((np.abs(eye - (0, 0, 0.1)) < (0.2, 0.15, 0.1)).all()))
        if inside[-1]:
            assert world.observe(world.load(world.save(state)), ["depth_m@drone_eye"])["depth_m"].size
    assert any(inside)


@pytest.mark.slow
@pytest.mark.parametrize("name", starter.names())
def test_no_starter_has_a_camera_inside_a_thing(name: str) -> None:
    reset(starter.load(name))


# no OpenGL

HIDDEN = """
import ctypes, sys
real = ctypes.CDLL
def none(name, *a, **k):
    if name and ("EGL" in str(name) or "OSMesa" in str(name)):
        raise OSError("hidden")
    return real(name, *a, **k)
ctypes.CDLL = none
from lifeworld.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_gl_every_signal_is_there_and_the_episode_says_who_drew_it(tmp_path: Path) -> None:
    """All signals by rays: the manifest and the head of the sheet say so."""
    text = 'lifeworld = 1\nname = "s"\n[[thing]]\nname = "box"\nkind = "box"\nposition_m = [0, 0, 0]\n'
    text += '[[camera]]\nname = "eye"\nposition_m = [0.6, -1.2, 0.9]\nlook_at_m = [0, 0, 0.1]\nwidth_px = 32\nheight_px = 24\n'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    args = ["make", str(tmp_path / "s.toml"), "-o", str(tmp_path / "out"), "--seconds", "0.04", "--signals", "all", "--sheet", "--json"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HIDDEN, *args], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "drawn by rays" in done.stderr
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.sheet.frame import provenance

    episode = open_bundle(tmp_path / "out")[0]
    assert episode.provenance.renderer == "rays"
    assert "drawn by shaded rays, without OpenGL" in provenance(episode)
    world, _ = reset(scene(), hearing=True)
    assert {s.partition("@")[0] for s in world.spec.signals} <= {s.signal.name for s in episode.streams.values()}
