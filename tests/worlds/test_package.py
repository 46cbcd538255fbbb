"""A `.world` holds a world with its timeline to the bit; what a stranger puts into one leads nowhere."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import EditError, FileTooLarge, ForeignFileError, LifeworldError, UnreadableFile, UnsafeFile
from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.edit import Add, EditPlan
from lifeworld.scene.formats import import_file
from lifeworld.scene.scene import AssetRef, Relation, Scene, Thing
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.package import pack, unpack
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.timeline import Timeline

GLASS = EditPlan((Add(thing=Thing(name="glass", kind="glass", relations=(Relation(kind="on", thing="magazine"),))),))


def lived() -> tuple[WorldEventful, Timeline[Any]]:
    """A while with the hand, a glass on the magazine, back, on otherwise, a mark, an undo."""
    world = WorldEventful(WorldPhysics())
    line = Timeline.of(world.reset(starter.load("tabletop"), seed=3), "the beginning")
    spec = world.spec.actions[0]
    down = np.array([0.0, 0.0, -0.2] + [0.0] * (spec.size - 4) + [1.0])
    for _ in range(260):
        line = line.step(world, {spec.name: down})
    line = line.then(world.edit(line.state, GLASS), "a glass on the magazine")
    for _ in range(7):
        line = line.step(world, {})
    line = line.mark("with a glass")
    line = line.to(world, 131)
    for _ in range(4):
        line = line.step(world, {spec.name: -down})
    return world, line.undo()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WorldEventful, Timeline[Any]]:
    world, line = lived()
    path = tmp_path_factory.mktemp("packed") / "mine.world"
    pack(path, world, line, seed=3, title="A table")
    return path, world, line


def test_it_comes_back_to_the_bit(packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path) -> None:
    path, world, line = packed
    found = unpack(path, tmp_path)
    there = found.line
    assert there is not None
    assert (found.title, found.seed, found.why) == ("A table", 3, "")
    assert there.state == line.state
    assert (there.tick, len(there.nodes), [n.said for n in there.nodes]) == (line.tick, len(line.nodes), [n.said for n in line.nodes])
    assert there.redo().state == line.redo().state
    assert there.back_to("with a glass").state == line.back_to("with a glass").state
    for node, tick in ((1, 264), (1, 199), (2, 133)):
        assert there.go(node).at(found.world, tick) == line.go(node).at(world, tick)
    on, on_there = line.go(1), there.go(1)
    for _ in range(3):
        on, on_there = on.step(world, {}), on_there.step(found.world, {})
    assert on.state == on_there.state
    assert found.scene == world.scene(line.state)


def test_the_same_world_gives_the_same_bytes(packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path) -> None:
    path, world, line = packed
    pack(tmp_path / "again.world", world, line, seed=3, title="A table")
    assert (tmp_path / "again.world").read_bytes() == path.read_bytes()
    found = unpack(path, tmp_path / "a")
    assert found.line is not None
    pack(tmp_path / "third.world", found.world, found.line, seed=3, title="A table")
    assert (tmp_path / "third.world").stat().st_size == path.stat().st_size


def rewritten(path: Path, to: Path, change: Callable[[str, bytes], bytes | None], more: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path) as was, zipfile.ZipFile(to, "w") as out:
        for name in was.namelist():
            data = change(name, was.read(name))
            if data is not None:
                out.writestr(name, data)
        for name, data in (more or {}).items():
            out.writestr(name, data)
    return to


def said_otherwise(path: Path, to: Path, **values: Any) -> Path:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps({**json.loads(data), **values}).encode() if name == "world.json" else data

    return rewritten(path, to, change)


def test_states_of_another_version_leave_the_scene(packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path) -> None:
    path, _, _ = packed
    with zipfile.ZipFile(path) as held:
        engine = json.loads(held.read("world.json"))["engine"]
    other = said_otherwise(path, tmp_path / "x.world", engine={**engine, "engine_version": "3.9.9"})
    found = unpack(other, tmp_path)
    assert found.line is None
    assert "engine_version 3.9.9" in found.why
    assert found.world.reset(found.scene, seed=found.seed).tick == 0


@pytest.mark.parametrize(
    "values",
    [
        {"title": "two\nlines"}, {"title": "a" * 3_000},
        {"lifeworld": 2}, {"states": 0}, {"states": 10**9}, {"seed": -1}, {"nodes": []}, {"now": [7, 0, 0]}, {"now": [0, 0, 99]},
        {"now": [0, 10**9, 0]}, {"marks": [["x", [0, -1, 0]]]}, {"more": 1}, {"engine": {"frame_ticks": "-2"}},
        {"assets": {"a" * 64: "../../../tmp/x"}}, {"assets": {"a" * 64: "/etc"}}, {"assets": {"a" * 64: "."}}, {"assets": {"a" * 64: "b"}},
    ],
)  # fmt: skip
def test_places_that_lead_nowhere_are_refused(
    values: dict[str, Any], packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path
) -> None:
    with pytest.raises(ForeignFileError):
        unpack(said_otherwise(packed[0], tmp_path / "x.world", **values), tmp_path / "into")
    assert not list(tmp_path.glob("into/**/*"))


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "C:/out"])
def test_no_entry_leaves_the_file(name: str, packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile):
        unpack(rewritten(packed[0], tmp_path / "x.world", lambda _, data: data, {name: b"x"}), tmp_path / "into")


def test_what_is_too_much_is_refused(packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path) -> None:
    bomb = tmp_path / "x.world"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("world.json", b" " * 20_000_000)
    with pytest.raises(FileTooLarge):
        unpack(bomb, tmp_path)
    with pytest.raises(UnreadableFile, match="missing"):
        unpack(rewritten(packed[0], tmp_path / "y.world", lambda name, data: None if name == "actions" else data), tmp_path)
    (tmp_path / "z.world").write_bytes(b"no zip")
    with pytest.raises(UnreadableFile):
        unpack(tmp_path / "z.world", tmp_path)
    with pytest.raises(EditError):
        pack(tmp_path / "g.world", object(), packed[2], seed=0, title="")  # type: ignore[arg-type]


@given(where=st.integers(0, 10**7), byte=st.integers(0, 255))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_file_is_refused_or_opens(
    where: int, byte: int, packed: tuple[Path, WorldEventful, Timeline[Any]], tmp_path: Path
) -> None:
    data = bytearray(packed[0].read_bytes())
    data[where % len(data)] = byte
    file = tmp_path / "m.world"
    file.write_bytes(data)
    try:
        found = unpack(file, tmp_path / "into")
    except LifeworldError:
        return
    assert found.line is not None or found.why


def test_imported_things_come_along_and_are_checked(tmp_path: Path) -> None:
    corners = [f"v {x} {y} {z}" for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    faces = ["f 1 2 4 3", "f 5 7 8 6", "f 1 5 6 2", "f 3 4 8 7", "f 1 3 7 5", "f 2 6 8 4"]
    (tmp_path / "crate.obj").write_text("\n".join(["o crate", *corners, *faces]), encoding="utf-8")
    mine = tmp_path / "mine"
    crate = import_file(tmp_path / "crate.obj", mine / "things" / "crate", scale=0.2, mass_kg=1.0, collision="hull", up="z")
    ref = AssetRef(name="crate", folder="things/crate", sha256=crate.digest)
    scene = Scene(name="s", assets=(ref,), things=(Thing(name="box", kind="asset:crate", pose=Pose((0, 0, 0.3))),))
    world = WorldEventful(WorldPhysics(assets=mine))
    line = Timeline.of(world.reset(scene, seed=0))
    for _ in range(5):
        line = line.step(world, {})
    path = tmp_path / "x.world"
    pack(path, world, line, seed=0, title="A crate")
    found = unpack(path, tmp_path / "theirs")
    assert found.line is not None
    assert found.line.step(found.world, {}).state == line.step(world, {}).state

    def spoiled(name: str, data: bytes) -> bytes:
        return data + b"\n" if name.endswith("model.xml") else data

    with pytest.raises(ForeignFileError):
        unpack(rewritten(path, tmp_path / "y.world", spoiled), tmp_path / "spoiled")
    with pytest.raises(ForeignFileError):  # the same folder twice
        unpack(said_otherwise(path, tmp_path / "z.world", assets={crate.digest: "a", "b" * 64: "a"}), tmp_path / "twice")
    in_the_way = {f"assets/{crate.digest}/asset.toml/x": b"", f"assets/{crate.digest}/{'n' * 300}": b""}
    with pytest.raises(ForeignFileError):
        unpack(rewritten(path, tmp_path / "w.world", lambda _, data: data, in_the_way), tmp_path / "way")
