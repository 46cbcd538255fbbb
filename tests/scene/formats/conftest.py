"""What the tests of the importers share: a cache of their own, small meshes, and a reader for what comes out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from lifeworld.scene.formats import Asset

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEWORLD_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def data() -> Path:
    return DATA


@pytest.fixture
def recordings() -> Path:
    """The folder of shared data, or skip."""
    named = os.environ.get("LIFEWORLD_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no shared data beside the checkout; set LIFEWORLD_DATA")
    return folder


@pytest.fixture
def attached() -> Callable[[Asset], mujoco.MjModel]:
    """The model of a world with the asset in it, under the prefix `a/`, 1 m along x."""

    def attach(asset: Asset) -> mujoco.MjModel:
        world = mujoco.MjSpec()
        child = mujoco.MjSpec.from_file(str(asset.model))
        world.attach(child, prefix="a/", frame=world.worldbody.add_frame(pos=np.array([1.0, 0.0, 0.0])))
        return world.compile()

    return attach


@pytest.fixture
def cube_obj(tmp_path: Path) -> Path:
    """A 2 × 2 × 2 cube as OBJ, one corner on the origin."""
    path = tmp_path / "cube.obj"
    corners = [(x, y, z) for x in (0, 2) for y in (0, 2) for z in (0, 2)]
    faces = ["1 2 4 3", "5 7 8 6", "1 5 6 2", "3 4 8 7", "1 3 7 5", "2 6 8 4"]
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {face}" for face in faces]
    path.write_text("\n".join(lines) + "\n")
    return path
