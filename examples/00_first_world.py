"""A first world: step it, put a glass on the magazine, look at both futures.

python examples/00_first_world.py [OUT.jpg]         # out/first-world.jpg
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from lifeworld.core.pose import Pose
from lifeworld.episode.sheet import depth_colors, id_colors
from lifeworld.scene import starter
from lifeworld.scene.edit import Add
from lifeworld.scene.relation import holds
from lifeworld.scene.scene import CameraMount, Relation, Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

WIDE = CameraMount(name="wide", pose=Pose.look_at((0.15, -1.05, 1.35), (-0.02, 0.0, 0.76)), fov_y_deg=42, width_px=1280, height_px=800)


def main(picture: Path) -> None:
    """The table, then the same table with a glass on the magazine."""
    world = WorldPhysics(quality="high")
    scene = with_camera(starter.load("tabletop"), WIDE)
    start = world.reset(settle(world, scene, seed=7), seed=7)

    on_magazine = Relation(kind="on", thing="magazine")
    what_if = world.edit(start, Add(Thing(name="glass", kind="glass", relations=(on_magazine,))))
    for _ in range(50):  # one second in each future
        start, what_if = world.step(start, {}), world.step(what_if, {})

    seen = world.observe(what_if, ["rgb@wide", "depth_m@wide", "instance_ids@wide"])
    room = with_camera(
        starter.load("living_room"), replace(starter.load("living_room").cameras[0], name="wide", width_px=1280, height_px=800)
    )
    indoors = world.observe(world.reset(settle(world, room, seed=3), seed=3), ["rgb@wide"])["rgb"]
    save(picture, seen["rgb"], [depth_colors(seen["depth_m"]), id_colors(seen["instance_ids"]), indoors])

    assert "glass" not in world.scene(start).things.__repr__()  # the fork is of no concern to where it came from
    assert holds(on_magazine, world.scene(what_if), thing="glass")
    print(f"{picture}: drawn by {world.spec.renderer}")


def with_camera(scene: Scene, camera: CameraMount) -> Scene:
    """The scene with one camera and nobody in it."""
    return replace(scene, cameras=(camera,), embodiments=(), sensors=())


def save(path: Path, large: np.ndarray, small: list[np.ndarray]) -> None:
    """One large picture and three small ones beside it."""
    page = Image.new("RGB", (1280, 600), (250, 250, 248))
    page.paste(Image.fromarray(np.ascontiguousarray(large)).resize((954, 596), Image.Resampling.LANCZOS), (2, 2))
    for row, each in enumerate(small):
        page.paste(Image.fromarray(np.ascontiguousarray(each)).resize((318, 197), Image.Resampling.LANCZOS), (960, 2 + row * 200))
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path, quality=88)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/first-world.jpg"))
