"""Imported robots and things live in a world: they keep its laws, obey their actions, stand where they are put."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.core.errors import UnsafeFile
from lifeworld.core.pose import Pose
from lifeworld.scene.edit import Set
from lifeworld.scene.formats import import_file
from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Relation, Scene, Thing
from lifeworld.scene.text import parse, to_text
from lifeworld.testing import check_world
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

DATA = Path(__file__).parents[1] / "scene" / "formats" / "data"
CRATE = "\n".join(
    ["o crate", *(f"v {x} {y} {z}" for x in (0, 1) for y in (0, 1) for z in (0, 1))]
    + ["f 1 2 4 3", "f 5 7 8 6", "f 1 5 6 2", "f 3 4 8 7", "f 1 3 7 5", "f 2 6 8 4"]
)


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scene]:
    """A folder with an arm and a crate, and a scene that holds both and a table the crate stands on."""
    folder = tmp_path_factory.mktemp("assets")
    (folder / "crate.obj").write_text(CRATE, encoding="utf-8")
    arm = import_file(DATA / "arm.xml", folder / "arm")
    crate = import_file(folder / "crate.obj", folder / "crate", scale=0.2, mass_kg=1.0, collision="hull", up="z")
    scene = Scene(
        name="imported",
        assets=(AssetRef(name="arm", folder="arm", sha256=arm.digest), AssetRef(name="crate", folder="crate", sha256=crate.digest)),
        things=(
            Thing(name="table", kind="table", pose=Pose((1.0, 0, 0)), fixed=True),
            Thing(name="box", kind="asset:crate", pose=Pose((1.0, 0, 0.7402))),
            Thing(name="pedestal", kind="asset:crate", pose=Pose((-1.0, 0, 0)), fixed=True),
        ),
        embodiments=(Embodiment(name="robot", kind="robot", asset="arm"),),
        cameras=(CameraMount(name="front", pose=Pose.look_at((0.5, -2, 1.2), (0.5, 0, 0.4)), width_px=32, height_px=24),),
    )
    return folder, scene


def test_imported_things_keep_the_laws(assets: tuple[Path, Scene]) -> None:
    folder, scene = assets
    check_world(WorldPhysics(renderer="rays", assets=folder), scene, ticks=4)


def test_imported_things_stand_and_fall(assets: tuple[Path, Scene]) -> None:
    folder, scene = assets
    world = WorldPhysics(renderer="rays", assets=folder)
    scene = scene.with_thing(replace(scene.thing("box"), pose=Pose((1.0, 0, 1.5))))
    state = world.reset(scene, seed=0)
    for _ in range(100):
        state = world.step(state, {})
    now = world.scene(state)
    assert now.thing("box").pose is not None
    assert np.allclose(now.thing("box").pose.position_m, (1.0, 0, 0.74), atol=0.005)  # type: ignore[union-attr]
    assert now.thing("pedestal").pose == scene.thing("pedestal").pose
    assert parse(to_text(now)) == now


@pytest.mark.parametrize("action", [None, "position", "velocity", "torque"])
def test_a_robot_obeys(assets: tuple[Path, Scene], action: str | None) -> None:
    folder, scene = assets
    scene = replace(scene, embodiments=(replace(scene.embodiments[0], action=action),))
    world = WorldPhysics(renderer="rays", assets=folder)
    state = world.reset(scene, seed=0)
    spec = world.spec.action("robot")
    high = np.minimum(np.asarray(spec.high), 0.5)
    moved, still = state, state
    for _ in range(25):
        moved, still = world.step(moved, {"robot": high}), world.step(still, {})
    apart = (
        world.observe(moved, ["embodiment_state@robot"])["embodiment_state"]
        - world.observe(still, ["embodiment_state@robot"])["embodiment_state"]
    )
    assert np.abs(apart).max() > 0.05


def test_things_are_put_on_imported_things(assets: tuple[Path, Scene]) -> None:
    folder, scene = assets
    world = WorldPhysics(renderer="rays", assets=folder)
    mug = Thing(name="mug", kind="mug", relations=(Relation(kind="beside", thing="pedestal"),))
    settled = settle(world, replace(scene, things=(*scene.things, mug), embodiments=()), seed=1)
    assert settled.thing("mug").pose is not None


CATALOGUE = Path("/usr/share/sweethome3d/furniture/Scopia.sh3f")


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the Debian package sweethome3d-furniture is not here")
def test_a_hinged_door_of_a_catalogue_swings(tmp_path: Path) -> None:
    """Its excludes name its own bodies, whatever we call the thing."""
    door = import_file(CATALOGUE, tmp_path / "door", entry="double_door")
    ref = AssetRef(name="door", folder="door", sha256=door.digest)
    scene = Scene(name="s", assets=(ref,), things=(Thing(name="it", kind="asset:door", pose=Pose(), fixed=True),))
    world = WorldPhysics(renderer="rays", assets=tmp_path)
    state = world.reset(scene, seed=0)
    joints = dict(world.scene(state).thing("it").joints)
    assert joints
    opened = world.edit(state, Set("it", joints=tuple((name, 0.5) for name in joints)))
    assert np.allclose(world.observe(opened, ["joint_position"])["joint_position"], 0.5)


def test_another_asset_than_the_scene_was_made_with_is_refused(assets: tuple[Path, Scene]) -> None:
    folder, scene = assets
    lie = replace(scene.assets[0], sha256="0" * 64)
    with pytest.raises(UnsafeFile, match="not the one"):
        WorldPhysics(renderer="rays", assets=folder).reset(replace(scene, assets=(lie, scene.assets[1])), seed=0)


def test_import_then_make_as_a_user_types_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(DATA / "arm.xml"), "-o", str(tmp_path), "--licence", "CC0-1.0", "--creator", "somebody", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["licence"], said["creator"]) == ("CC0-1.0", "somebody")
    assert said["actuators"]
    assert main(["make", said["scene"], "-o", str(tmp_path / "out"), "--seconds", "0.1", "--renderer", "rays", "--json"]) == 0
    again = str(tmp_path / "out" / "scene.toml")
    assert main(["make", again, "-o", str(tmp_path / "again"), "--seconds", "0.1", "--renderer", "rays", "--json"]) == 0
    (tmp_path / "mine" / "arm").mkdir(parents=True)
    (tmp_path / "mine" / "arm" / "notes.txt").write_text("do not lose this", encoding="utf-8")
    assert main(["make", again, "-o", str(tmp_path / "mine"), "--seconds", "0.1", "--renderer", "rays", "--json"]) == 2
    assert [p.name for p in (tmp_path / "mine").rglob("*") if p.is_file()] == ["notes.txt"]
    assert main(["import", str(tmp_path / "missing.xml"), "-o", str(tmp_path / "x")]) == 2
    assert not (tmp_path / "x").exists()
