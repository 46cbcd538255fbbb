"""A small picture of a scene, drawn once for each version of it and kept in the user's cache.

    thumbnail(starter.load("tabletop"))          # ~/.cache/lifeworld/scenes/tabletop-3f2a….png

LIFEWORLD_CACHE says where the cache lies, else XDG_CACHE_HOME.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.core.write import replace_file
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import to_text
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

WIDTH_PX, HEIGHT_PX = 640, 400
VERSION = "1"
"""Of how it is drawn: another one draws all anew."""


def cache() -> Path:
    """The folder for what can be made again."""
    return Path(os.environ.get("LIFEWORLD_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lifeworld")


def thumbnail(scene: Scene, *, assets: Path | str = ".") -> Path:
    """The path of a scene's picture, through its first camera; drawn if it is not there yet (about a second).

    Raises:
        SceneError, LimitError: if the scene cannot be made.
        OSError, InputError: if nothing can be kept.
    """
    path = place(scene)
    if not path.exists():
        picture = Image.fromarray(drawn(scene, assets=assets))
        with replace_file(path) as beside:
            picture.save(beside)
    return path


def place(scene: Scene) -> Path:
    """Where the picture of a scene is kept, whether or not it is there."""
    digest = hashlib.sha256(f"{VERSION}\n{to_text(scene)}".encode()).hexdigest()[:12]
    return cache() / "scenes" / f"{scene.name}-{digest}.png"


def drawn(scene: Scene, *, assets: Path | str = ".") -> NDArray[np.uint8]:
    """A scene at rest, (400, 640, 3) uint8 sRGB."""
    eyes = tuple(replace(camera, width_px=WIDTH_PX, height_px=HEIGHT_PX) for camera in scene.cameras[:1])
    world = WorldPhysics(assets=Path(assets))
    settled = settle(world, replace(scene, cameras=eyes) if eyes else scene, seed=0)
    state = world.reset(settled, seed=0)
    picture: NDArray[np.uint8] = next(iter(world.observe(state, ["rgb"]).values.values()))
    return picture
