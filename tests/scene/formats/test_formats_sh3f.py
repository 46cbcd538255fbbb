"""Furniture catalogues: a little one made here, and the real ones of Debian's `sweethome3d-furniture` where they are installed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.scene.formats import Asset, AssetLight, catalogue, import_file, load_asset
from lifeworld.scene.formats.properties import numbered, read_properties

Attach = Callable[[Asset], mujoco.MjModel]
DEBIAN = Path("/usr/share/sweethome3d/furniture")
needs_debian = pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's sweethome3d-furniture")

CONTENTS = r"""# a catalogue made for a test
id=test
name=Little catalogue
license=CC0 1.0
id#1=test#door
name#1=Porte coch\u00e8re
category#1=Doors and windows
tags#1=wood, old
model#1=/door/door.obj
width#1=100
depth#1=20
height#1=200
movable#1=false
doorOrWindow#1=true
doorOrWindowSashXAxis#1=10
doorOrWindowSashYAxis#1=5
doorOrWindowSashWidth#1=80
doorOrWindowSashStartAngle#1=0
doorOrWindowSashEndAngle#1=-90
creator#1=A. Joiner
id#2=test#lamp
name#2=Lamp
category#2=Lights
model#2=/lamp/Lamp.obj
width#2=20
depth#2=40
height#2=60
dropOnTopElevation#2=-1
modelRotation#2=0 0 1 0 1 0 -1 0 0
lightSourceX#2=10
lightSourceY#2=5
lightSourceZ#2=50
lightSourceColor#2=#ff8000
lightSourceDiameter#2=6
elevation#2=90
license#2=CC BY 4.0
creator#2=B. Lampert
id#3=test#chest
name#3=Chest
model#3=/chest/chest.obj
width#3=80
depth#3=50
height#3=60
dropOnTopElevation#3=45
creator#3=C. Wright
id#4=test#old
name#4=Lamp
model#4=/old/old.3ds
width#4=10
depth#4=10
height#4=10
"""


def obj(parts: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]]) -> str:
    """Boxes by name, as OBJ with +Y up."""
    out, start = "mtllib m.mtl\n", 1
    for name, (low, high) in parts.items():
        out += f"o {name}\nusemtl wood\n"
        out += "".join(f"v {x} {y} {z}\n" for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2]))
        for a, b, c, d in ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)):
            out += f"f {a + start} {b + start} {c + start} {d + start}\n"
        start += 8
    return out


@pytest.fixture
def little(tmp_path: Path) -> Path:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (120, 80, 40)).save(picture, "JPEG")
    door = {  # 1 × 2 × 0.2 in the model's own units of a quarter metre
        "frame_left": ((0, 0, 0), (0.4, 8, 0.8)),
        "frame_right": ((3.6, 0, 0), (4, 8, 0.8)),
        "frame_top": ((0.4, 7.8, 0), (3.6, 8, 0.8)),
        "sweethome3d_hinge_1": ((0.38, 3, 0.58), (0.42, 4, 0.62)),
        "sweethome3d_opening_on_hinge_1_leaf": ((0.4, 0, 0.5), (3.6, 7.8, 0.7)),
        "sweethome3d_window_pane_on_hinge_1": ((1, 5, 0.55), (3, 6, 0.65)),
    }
    chest = {
        "tray": ((0, 0, 0), (80, 40, 50)),
        "sweethome3d_rail_1": ((0, 40, 0), (80, 41, 1)),
        "sweethome3d_opening_on_rail_1": ((0, 41, 0), (40, 60, 50)),
        "sweethome3d_hinge_7_lonely": ((0, 0, 0), (1, 1, 1)),
        "sweethome3d_opening_on_hinge_9": ((50, 41, 10), (70, 50, 40)),
        "sweethome3d_ball_1": ((0, 0, 0), (1, 1, 1)),
    }
    path = tmp_path / "little.sh3f"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("PluginFurnitureCatalog.properties", CONTENTS)
        file.writestr("LICENSE.TXT", "CC0 for all")
        file.writestr("door/door.obj", obj(door))
        file.writestr("door/m.mtl", "newmtl wood\nKd 0 0 0\nmap_Kd C:/Documents and Settings/maker/Wood.JPG\n")
        file.writestr("door/wood.jpg", picture.getvalue())
        file.writestr("door/LICENSE.txt", "by A. Joiner")
        file.writestr("lamp/lamp.obj", obj({"body": ((0, 0, 0), (2, 6, 4))}))
        file.writestr("lamp/m.mtl", "newmtl wood\nKd 1 0 0\n")
        file.writestr("chest/chest.obj", obj(chest))
    return path


def test_a_catalogue_is_listed(little: Path) -> None:
    door, lamp, chest, _ = catalogue(little)
    assert (door.id, door.name, door.category, door.creator, door.licence) == (
        "test#door",
        "Porte cochère",
        "Doors and windows",
        "A. Joiner",
        "CC0 1.0",
    )
    assert door.size_m == (1.0, 0.2, 2.0)
    assert door.tags == ("wood", "old")
    assert (door.movable, door.door_or_window, door.sashes, door.surface_m) == (False, True, 1, None)
    assert (lamp.movable, lamp.lights, lamp.surface_m, lamp.elevation_m, lamp.licence) == (True, 1, None, 0.9, "CC BY 4.0")
    assert chest.surface_m == 0.45


def test_a_door_has_its_true_size_and_opens_to_the_front(little: Path, tmp_path: Path, attached: Attach) -> None:
    asset = import_file(little, tmp_path / "door", entry="door")
    assert asset.size_m == pytest.approx((1.0, 0.2, 2.0), abs=1e-6)
    assert asset.low_m == pytest.approx((-0.5, -0.1, 0.0), abs=1e-6)
    assert (asset.name, asset.summary, asset.creator, asset.licence) == (
        "Porte_coch_re",
        "Porte cochère (wood, old)",
        "A. Joiner",
        "CC0 1.0",
    )
    assert asset.fixed
    [hinge] = asset.joints
    assert hinge.name == "hinge_1"
    assert hinge.range == pytest.approx((-np.pi / 2, 0.0), abs=1e-5)
    model = attached(asset)
    state = mujoco.MjData(model)
    mujoco.mj_forward(model, state)
    assert state.joint("a/hinge_1").xanchor[:2] == pytest.approx((1.0 - 0.4, -0.05), abs=1e-3)  # the asset lies 1 m along x
    assert state.joint("a/hinge_1").xaxis == pytest.approx((0, 0, 1))
    state.joint("a/hinge_1").qpos[:] = hinge.range[0]  # type: ignore[index]
    mujoco.mj_forward(model, state)
    assert state.body("a/leaf_hinge_1").xipos[1] < -0.3  # wide open, it stands out in front
    for _ in range(500):
        mujoco.mj_step(model, state)
    assert state.ncon == 0  # and does not grind on its frame


def test_what_makers_left_on_their_own_disks_is_looked_for_beside_the_model(little: Path, tmp_path: Path, attached: Attach) -> None:
    asset = import_file(little, tmp_path / "door", entry="test#door")
    assert asset.left_out == ()
    assert {each.name for each in asset.sources} >= {"little.sh3f", "door/door.obj", "door/m.mtl", "door/wood.jpg"}
    assert attached(asset).ntex == 1


def test_terms_travel_with_the_asset(little: Path, tmp_path: Path) -> None:
    asset = import_file(little, tmp_path / "door", entry="door")
    texts = {(asset.folder / each.name).read_text() for each in asset.files if each.name.startswith("LICENCE")}
    assert texts == {"CC0 for all", "by A. Joiner"}
    assert load_asset(asset.folder) == asset


def test_lamps_turn_and_shine_where_the_catalogue_says(little: Path, tmp_path: Path) -> None:
    asset = import_file(little, tmp_path / "lamp", entry="lamp", mass_kg=1.5)
    assert asset.size_m == pytest.approx((0.2, 0.4, 0.6), abs=1e-6)
    assert asset.lights == (AssetLight(position_m=(0.0, 0.15, 0.5), color=(1.0, 128 / 255, 0.0), diameter_m=0.06),)
    assert asset.mass_kg == pytest.approx(1.5)
    assert not asset.fixed
    assert any("0.9 m over the floor" in note for note in asset.notes)


def test_rails_slide_and_what_has_no_axis_is_said(little: Path, tmp_path: Path) -> None:
    asset = import_file(little, tmp_path / "chest", entry="chest")
    assert [(joint.name, joint.type) for joint in asset.joints] == [("free", "free"), ("rail_1", "slide")]
    assert asset.joints[1].range == pytest.approx((0.0, 0.4), abs=1e-4)
    assert asset.surface_m == 0.45
    assert set(asset.left_out) == {
        "hinge 9: the model has no axis for it",
        "movable parts of the sort ball",
        "materials: m.mtl is missing",
    }


def test_names_of_two_entries_are_asked_back(little: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"2 entries of the catalogue are called 'Shelf'.*one, two"):
        import_file(twins(tmp_path), tmp_path / "out", entry="Shelf")
    assert import_file(little, tmp_path / "out", entry="LAMP").name == "Lamp"  # an id comes before a name


def twins(folder: Path) -> Path:
    path = folder / "twins.sh3f"
    lines = [
        f"id#{i}=t#{word}\nname#{i}=Shelf\nmodel#{i}=/m.obj\nwidth#{i}=1\ndepth#{i}=1\nheight#{i}=1\n"
        for i, word in ((1, "one"), (2, "two"))
    ]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("PluginFurnitureCatalog.properties", "".join(lines))
    return path


def test_entries_that_are_not_there(little: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'door'"):
        import_file(little, tmp_path / "out", entry="dor")
    with pytest.raises(InputError, match="entry="):
        import_file(little, tmp_path / "out")
    with pytest.raises(UnreadableFile, match="format that is not read"):
        import_file(little, tmp_path / "out", entry="old")


def test_properties_as_java_reads_them() -> None:
    text = b"# no\n! nor this\n a = b \\\n   c\nk\\:1:v\\u00e9\\n\nempty=\nlone\nname#2=x\nname#10=y\nname#x=z\n"
    found = read_properties(text)
    assert found == {"a": "b c", "k:1": "vé\n", "empty": "", "lone": "", "name#2": "x", "name#10": "y", "name#x": "z"}
    assert numbered(found) == {2: {"name": "x"}, 10: {"name": "y"}}


@given(st.binary(max_size=300))
def test_any_bytes_are_some_properties(data: bytes) -> None:
    assert all(isinstance(value, str) for value in read_properties(data).values())


@needs_debian
def test_debians_catalogues_list_820_pieces_with_their_makers() -> None:
    entries = [entry for path in sorted(DEBIAN.glob("*.sh3f")) for entry in catalogue(path)]
    assert len(entries) == 820
    assert all(entry.creator and entry.licence and min(entry.size_m) > 0 for entry in entries)
    assert sum(entry.sashes > 0 for entry in entries) == 25
    assert sum(entry.lights > 0 for entry in entries) == 34


@needs_debian
def test_a_real_sofa(tmp_path: Path, attached: Attach) -> None:
    asset = import_file(DEBIAN / "BlendSwap-CC-BY.sh3f", tmp_path / "sofa", entry="sofa2")
    entry = next(each for each in catalogue(DEBIAN / "BlendSwap-CC-BY.sh3f") if each.id.endswith("#sofa2"))
    assert asset.size_m == pytest.approx(entry.size_m, abs=2e-3)
    assert (asset.creator, asset.licence) == (entry.creator, "Creative Commons Attribution 3.0 license")
    assert 20 < (asset.mass_kg or 0) < 150
    world = mujoco.MjSpec()
    world.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[5, 5, 0.1])
    world.attach(mujoco.MjSpec.from_file(str(asset.model)), prefix="sofa/", frame=world.worldbody.add_frame())
    model = world.compile()
    state = mujoco.MjData(model)
    while state.time < 2.0:
        mujoco.mj_step(model, state)
    assert np.abs(state.qpos[:3]).max() < 0.01  # it stands where it was put
    assert state.qpos[3] > np.cos(np.radians(2.5))


@needs_debian
def test_a_real_door_and_a_real_window(tmp_path: Path) -> None:
    door = import_file(DEBIAN / "Scopia.sh3f", tmp_path / "door", entry="double_door_2")
    assert sorted(joint.range or () for joint in door.joints) == [
        pytest.approx((-np.pi / 2, 0.0), abs=1e-4),
        pytest.approx((0.0, np.pi / 2), abs=1e-4),
    ]
    window = import_file(DEBIAN / "KatorLegaz.sh3f", tmp_path / "window", entry="window-01")
    assert [(joint.name, joint.type) for joint in window.joints] == [("rail_1", "slide")]
