"""Our OpenGL's light: shadows fall where they should, and what is clear is seen through."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from gl_scenes import GEOM, gl, of_spec, with_camera
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount, Light
from lifeworld.worlds.physics.build import add_light
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.painter import working_backend

pytestmark = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")
DOWN = CameraMount(name="cam", pose=Pose.look_at((0.0, 0.0, 4.0), (0.0, 0.001, 0.0)), fov_y_deg=40, width_px=120, height_px=120)
SUN = Light(name="sun", kind="sun", direction=(1.0, 0.0, -1.0), intensity=0.6)
LAMP = Light(name="lamp", kind="spot", position_m=(0.0, 0.0, 2.0), direction=(0.0, 0.0, -1.0), spread_deg=50, intensity=1.0)


def under(
    light: Light, *boxes: tuple[tuple[float, float, float], float], rgba: tuple = (0.5, 0.5, 0.5, 1)
) -> tuple[Compiled, mujoco.MjData]:
    """Flat square boxes, (middle, half their side), over a grey ground in this light."""
    spec = with_camera(DOWN)
    spec.worldbody.add_geom(type=GEOM.mjGEOM_PLANE, size=(0, 0, 1), rgba=(0.5, 0.5, 0.5, 1))
    add_light(spec.worldbody, light.name, light)
    for middle, half in boxes:
        spec.worldbody.add_geom(type=GEOM.mjGEOM_BOX, size=(half, half, 0.01), pos=middle, rgba=rgba)
    return of_spec(spec)


def painted(scene: tuple[Compiled, mujoco.MjData], quality: str = "standard") -> NDArray:
    return gl(scene[0], quality).rgb(scene[1], DOWN)


def at(picture: NDArray, x: float, y: float) -> float:
    """The brightness of the ground at a place, seen from above by DOWN."""
    camera = Camera.from_fov_y(np.deg2rad(DOWN.fov_y_deg), DOWN.width_px, DOWN.height_px)
    u, v = camera.project(DOWN.pose.inverse().apply(np.array([x, y, 0.0])))
    return float(picture[int(v), int(u)].mean())


@pytest.mark.parametrize("quality", ["standard", "high"])
def test_a_shadow_falls_where_the_sun_throws_it(quality: str) -> None:
    """A box 0.4 m up, the sun at 45°: its shadow lies 0.4 m further along, as wide as it is, and nowhere else."""
    picture = painted(under(SUN, ((-0.4, 0.0, 0.4), 0.15)), quality)
    shade, light = at(picture, 0.0, 0.0), at(picture, 0.6, 0.6)
    assert shade < 0.8 * light
    for x, y in ((0.1, 0.1), (-0.1, -0.1), (0.1, -0.1)):
        assert at(picture, x, y) == pytest.approx(shade, abs=3)
    for x, y in ((0.25, 0.0), (0.0, 0.25), (0.0, -0.25), (-0.7, 0.3), (0.5, 0.0)):
        assert at(picture, x, y) == pytest.approx(light, rel=0.04)


def test_no_shadow_where_there_should_be_none() -> None:
    """In a draft, from a light that casts none, and with nothing in the way."""
    box = ((-0.4, 0.0, 0.4), 0.15)
    light = at(painted(under(SUN)), 0.0, 0.0)
    assert at(painted(under(SUN, box), "draft"), 0.0, 0.0) == pytest.approx(light, rel=0.04)
    assert at(painted(under(replace(SUN, shadow=False), box)), 0.0, 0.0) == pytest.approx(light, rel=0.04)


def test_a_lamp_lights_its_cone_and_throws_shadows_from_where_it_is() -> None:
    bare = painted(under(LAMP))
    assert at(bare, 0.0, 0.0) > at(bare, 0.5, 0.0) > at(bare, 1.2, 0.0) + 20
    picture = painted(under(LAMP, ((0.2, 0.0, 1.0), 0.1)))
    assert at(picture, 0.55, 0.0) < at(bare, 0.55, 0.0) - 20  # twice as far from the axis as the box, which is half way up
    assert at(picture, -0.4, 0.0) == pytest.approx(at(bare, -0.4, 0.0), abs=3)


def test_glass_is_hit_but_seen_through() -> None:
    scene = under(SUN, ((0.0, 0.0, 1.0), 0.3), rgba=(0.9, 0.2, 0.2, 0.3))
    ours = gl(scene[0], "standard")
    for _ in range(2):  # the picture does not spoil the hits, nor they it
        assert ours.hits(scene[1], DOWN).surface[60, 60] == 1
        pane, beside = ours.rgb(scene[1], DOWN)[60, [60, 5]].astype(int)
        assert beside[2] * 0.5 < pane[2] < beside[2] - 10
    assert at(ours.rgb(scene[1], DOWN), 1.0, 0.0) == pytest.approx(at(painted(under(SUN)), 1.0, 0.0), abs=2)  # glass throws no shadow
