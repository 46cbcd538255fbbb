"""Two little arms, in MJCF and in URDF: what comes out is the same machine, in our own normal form."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import mujoco
import numpy as np
import pytest

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.scene.formats import Asset, AssetActuator, AssetJoint, AssetPose, import_file, load_asset

Attach = Callable[[Asset], mujoco.MjModel]


def test_mjcf_keeps_the_robot_and_says_what_it_is(data: Path, tmp_path: Path) -> None:
    asset = import_file(data / "arm.xml", tmp_path / "arm", licence="CC0-1.0", creator="the tests")
    assert (asset.name, asset.category, asset.source_format) == ("little_arm", "robot", "mjcf")
    assert (asset.licence, asset.creator) == ("CC0-1.0", "the tests")
    assert asset.fixed
    turn = np.radians(150)
    assert asset.joints == (
        AssetJoint(name="turn", type="hinge", range=(-turn, turn)),
        AssetJoint(name="elbow", type="hinge", range=(-np.pi / 2, np.pi / 2)),
        AssetJoint(name="reach", type="slide", range=(0.0, 0.05)),
    )
    assert asset.actuators == (
        AssetActuator(name="turn", kind="position", range=(-150.0, 150.0)),  # the engine reads control ranges as they are
        AssetActuator(name="elbow", kind="velocity", range=(-2.0, 2.0)),
        AssetActuator(name="reach", kind="torque", range=None),
    )
    assert asset.poses == (
        AssetPose(name="ready", joints={"turn": 0.1, "elbow": -0.5, "reach": 0.02}, controls={"turn": 0.1, "elbow": 0.0, "reach": 0.0}),
    )
    assert [each.name for each in asset.sources] == ["arm.xml", "meshes/forearm.obj"]
    assert {each.name for each in asset.files} == {"model.xml", "meshes/forearm.obj"}
    assert asset.size_m == pytest.approx((0.16, 0.16, 0.47), abs=1e-6)


def test_mjcf_leaves_the_world_to_the_world(data: Path, tmp_path: Path, attached: Attach) -> None:
    asset = import_file(data / "arm.xml", tmp_path / "arm")
    assert set(asset.left_out) == {
        "geom floor of the world",
        "light sun of the world",
        "camera overview of the world",
        "pair foot_on_floor (about floor of the world)",
        "option timestep=0.001",
        "option integrator=implicitfast",
    }
    tags = {element.tag for element in ET.parse(asset.model).getroot().iter()}
    assert not tags & {"option", "size", "keyframe", "light", "include", "replicate", "plugin", "visual", "pair", "texture"}
    model = attached(asset)
    assert model.ncam == 1
    assert model.camera(0).name == "a/eye"


def test_mjcf_is_the_same_machine_as_its_source(data: Path, tmp_path: Path, attached: Attach) -> None:
    source = mujoco.MjModel.from_xml_path(str(data / "arm.xml"))
    model = attached(import_file(data / "arm.xml", tmp_path / "arm"))
    assert (model.nq, model.nu, model.nsensor, model.ntendon, model.nexclude) == (3, 3, 2, 1, 1)
    assert np.array_equal(model.body_mass, source.body_mass)
    assert np.array_equal(model.dof_damping, source.dof_damping)
    one, other = mujoco.MjData(source), mujoco.MjData(model)
    model.opt.timestep, model.opt.integrator = source.opt.timestep, source.opt.integrator
    model.opt.disableflags = source.opt.disableflags = mujoco.mjtDisableBit.mjDSBL_CONTACT
    for data_ in (one, other):
        data_.qpos[:] = (0.1, -0.5, 0.02)
        data_.ctrl[:] = (0.4, 0.3, 0.1)
    for _ in range(500):
        mujoco.mj_step(source, one)
        mujoco.mj_step(model, other)
    assert np.abs(one.qpos - other.qpos).max() < 1e-9
    assert np.abs(one.qpos - (0.1, -0.5, 0.02)).max() > 0.05  # it did move


@pytest.mark.parametrize("inertia", ["true", "auto"])
def test_masses_that_a_whole_world_was_scaled_to_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attached: Attach, inertia: str
) -> None:
    """`settotalmass`, as of Gymnasium's half-cheetah: it is of a world, so the bodies keep what it made of them."""
    monkeypatch.chdir(tmp_path)  # the engine logs where it stands that the word is old
    text = (
        f"<mujoco model='two'><compiler settotalmass='14' inertiafromgeom='{inertia}'/><worldbody><body name='one'><freejoint/>"
        "<geom size='0.1' pos='0.1 0 0'/><body name='other' pos='1 0 0'><joint/><geom type='box' size='0.1 0.2 0.3'/></body></body>"
        "<body name='marker'><geom size='0.01' mass='0'/></body></worldbody></mujoco>"
    )
    (tmp_path / "two.xml").write_text(text)
    asset = import_file(tmp_path / "two.xml", tmp_path / "two")
    assert asset.mass_kg == pytest.approx(14)
    source = mujoco.MjModel.from_xml_string(text)
    model = attached(asset)
    np.testing.assert_allclose(model.body_mass, source.body_mass, rtol=1e-12)
    np.testing.assert_allclose(model.body_inertia, source.body_inertia, rtol=1e-12)
    np.testing.assert_allclose(model.body_ipos, source.body_ipos, atol=1e-15)


def test_a_file_that_uses_its_neighbours_is_told_the_folder_to_name(tmp_path: Path) -> None:
    (tmp_path / "pack" / "robots").mkdir(parents=True)
    (tmp_path / "pack" / "parts.xml").write_text("<mujoco><worldbody><body name='it'><geom size='0.1'/></body></worldbody></mujoco>")
    (tmp_path / "pack" / "robots" / "r.xml").write_text("<mujoco model='r'><include file='../parts.xml'/></mujoco>")
    with pytest.raises(InputError, match=r"1 above, with --root .*: …/pack\."):
        import_file(tmp_path / "pack" / "robots" / "r.xml", tmp_path / "out")
    assert import_file(tmp_path / "pack" / "robots" / "r.xml", tmp_path / "out", root=tmp_path / "pack").name == "r"


def test_groups_say_what_a_geom_is_for(data: Path, tmp_path: Path, attached: Attach) -> None:
    model = attached(import_file(data / "arm.xml", tmp_path / "arm"))
    touches = (model.geom_contype > 0) | (model.geom_conaffinity > 0)
    assert set(model.geom_group[~touches]) == {2}
    assert set(model.geom_group[touches]) == {3}


@pytest.mark.parametrize("named", ["linked/arm.xml", "linked/../linked/arm.xml"])
def test_a_folder_behind_a_link_is_a_folder(data: Path, tmp_path: Path, named: str) -> None:
    """Whoever keeps robots on another disk reaches them by a link: what is beside the file is beside it there too."""
    (tmp_path / "linked").symlink_to(data, target_is_directory=True)
    assert import_file(tmp_path / named, tmp_path / "arm").name == "little_arm"
    assert import_file(data / "arm.xml", tmp_path / "again", root=tmp_path / "linked").name == "little_arm"


def test_include_and_attach_are_written_out(tmp_path: Path, attached: Attach) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "leg.xml").write_text("<mujoco><body name='leg'><joint name='knee'/><geom size='0.1'/></body></mujoco>")
    (tmp_path / "parts" / "hat.xml").write_text(
        "<mujoco model='hat'><worldbody><light/><geom type='plane' size='1 1 1'/>"
        "<body name='brim'><geom size='0.2'/></body></worldbody></mujoco>"
    )
    (tmp_path / "man.xml").write_text(
        "<mujoco model='man'><asset><model name='hat' file='parts/hat.xml'/></asset><worldbody><body name='trunk'><freejoint/>"
        "<geom size='0.3'/><include file='parts/leg.xml'/><frame pos='0 0 1'><attach model='hat' body='brim' prefix='h_'/></frame>"
        "<replicate count='3' offset='0 0.1 0'><body name='toe'><joint name='bend'/><geom size='0.02'/></body></replicate>"
        "</body></worldbody></mujoco>"
    )
    asset = import_file(tmp_path / "man.xml", tmp_path / "out")
    assert [joint.name for joint in asset.joints] == ["free", "knee", "bend0", "bend1", "bend2"]
    assert not asset.fixed
    assert {each.name for each in asset.sources} == {"man.xml", "parts/leg.xml", "parts/hat.xml"}
    assert mujoco.mj_name2id(attached(asset), mujoco.mjtObj.mjOBJ_BODY, "a/h_brim") > 0


def test_a_prop_drawn_straight_into_the_world_is_the_thing(tmp_path: Path) -> None:
    (tmp_path / "vase.xml").write_text(
        "<mujoco model='vase'><worldbody><geom type='plane' size='1 1 1'/><geom size='0.1'/></worldbody></mujoco>"
    )
    asset = import_file(tmp_path / "vase.xml", tmp_path / "out")
    assert asset.left_out == ("geom plane of the world",)
    assert asset.size_m == pytest.approx((0.2, 0.2, 0.2))


def test_a_world_without_a_body_is_refused(tmp_path: Path) -> None:
    (tmp_path / "floor.xml").write_text("<mujoco><worldbody><geom type='plane' size='1 1 1'/></worldbody></mujoco>")
    with pytest.raises(UnreadableFile, match="holds no body"):
        import_file(tmp_path / "floor.xml", tmp_path / "out")


def test_the_engines_own_words_reach_the_user_without_private_paths(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text("<mujoco><worldbody><body><goem/></body></worldbody></mujoco>")
    with pytest.raises(UnreadableFile, match="goem") as caught:
        import_file(tmp_path / "bad.xml", tmp_path / "out")
    assert str(tmp_path) not in str(caught.value)
    assert "lifeworld-import-" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_urdf_becomes_the_same_machine(data: Path, tmp_path: Path, attached: Attach) -> None:
    package = tmp_path / "little_arm_description"
    shutil.copytree(data, package)
    asset = import_file(package / "arm.urdf", tmp_path / "out", actuate="position")
    assert [(j.name, j.type) for j in asset.joints] == [
        ("turn", "hinge"),
        ("elbow", "hinge"),
        ("grip", "slide"),
        ("grip_mirror", "slide"),
    ]
    assert [(a.name, a.kind) for a in asset.actuators] == [("turn", "position"), ("elbow", "position"), ("grip", "position")]
    assert asset.fixed
    assert asset.mass_kg == pytest.approx(3.5 + 2 * 0.01 * 0.02 * 0.04 * 1000)
    assert set(asset.left_out) == {f"<{tag}> elements, meant for other programs" for tag in ("gazebo", "transmission")}
    model = attached(asset)
    assert model.neq == 1  # the mimicking finger
    for name, rgb in (("forearm", (0.8, 0.1, 0.1)), ("base", (0.2, 0.3, 0.8))):
        body = model.body(f"a/{name}").id
        seen = [i for i in range(model.ngeom) if model.geom_bodyid[i] == body and model.geom_group[i] == 2]
        assert any(np.allclose(model.geom_rgba[i, :3], rgb, atol=0.01) for i in seen)


def test_urdf_actuators_hold_their_posture(data: Path, tmp_path: Path, attached: Attach) -> None:
    model = attached(import_file(data / "arm.urdf", tmp_path / "out", actuate="position"))
    state = mujoco.MjData(model)
    state.ctrl[:] = (0.5, 1.0, 0.01)
    model.opt.disableflags = mujoco.mjtDisableBit.mjDSBL_CONTACT
    for _ in range(1500):
        mujoco.mj_step(model, state)
    assert state.qpos[:2] == pytest.approx((0.5, 1.0), abs=0.03)
    assert state.qpos[2:4] == pytest.approx((0.01, 0.01), abs=2e-3)
    assert np.abs(state.qvel).max() < 1e-2


@pytest.mark.parametrize(("actuate", "kind"), [("velocity", "velocity"), ("torque", "torque")])
def test_urdf_actuators_of_other_kinds(data: Path, tmp_path: Path, actuate: str, kind: str) -> None:
    asset = import_file(data / "arm.urdf", tmp_path / "out", actuate=actuate, fixed=False)  # type: ignore[arg-type]
    assert {a.kind for a in asset.actuators} == {kind}
    assert asset.joints[0].type == "free"
    if kind == "torque":
        assert asset.actuators[1].range == (-10.0, 10.0)  # the effort the file gives


def test_urdf_links_an_engine_would_refuse_are_mended_and_said(tmp_path: Path) -> None:
    zero = "<inertial><mass value='1'/><inertia ixx='0' iyy='0' izz='0' ixy='0' ixz='0' iyz='0'/></inertial>"
    wild = "<inertial><mass value='1'/><inertia ixx='1' iyy='0.1' izz='0.1' ixy='0' ixz='0' iyz='0'/></inertial>"
    joints = "".join(
        f"<joint name='{c}' type='continuous'><parent link='{p}'/><child link='{c}'/><axis xyz='0 0 1'/></joint>"
        for p, c in ("ab", "bc", "cd")
    )
    (tmp_path / "r.urdf").write_text(
        f"<robot name='r'><link name='a'/><link name='b'>{zero}</link><link name='c'>{wild}</link><link name='d'/>{joints}</robot>"
    )
    asset = import_file(tmp_path / "r.urdf", tmp_path / "out")
    assert len(asset.joints) == 3
    assert any("millionth" in note for note in asset.notes)
    assert any("evened out" in note for note in asset.notes)
    assert any("1 g" in note for note in asset.notes)


def test_urdf_package_needs_its_root(data: Path, tmp_path: Path) -> None:
    package = tmp_path / "ws" / "other_description"
    (package / "urdf").mkdir(parents=True)
    shutil.copytree(data / "meshes", package / "meshes")
    text = (data / "arm.urdf").read_text().replace("little_arm_description", "other_description")
    (package / "urdf" / "arm.urdf").write_text(text.replace('"meshes/forearm', '"../meshes/forearm'))
    with pytest.raises(UnreadableFile, match="root="):
        import_file(package / "urdf" / "arm.urdf", tmp_path / "out")
    asset = import_file(package / "urdf" / "arm.urdf", tmp_path / "out", root=tmp_path / "ws")
    assert len(asset.joints) == 4


def test_collada_meshes_of_links(tmp_path: Path, attached: Attach) -> None:
    (tmp_path / "m.dae").write_text(
        """<COLLADA version="1.4.1"><asset><unit meter="0.01"/><up_axis>Y_UP</up_axis></asset>
        <library_effects><effect id="e"><profile_COMMON><technique sid="c"><lambert><diffuse><color>0 1 0 1</color></diffuse></lambert>
        </technique></profile_COMMON></effect></library_effects>
        <library_materials><material id="m"><instance_effect url="#e"/></material></library_materials>
        <library_geometries><geometry id="g"><mesh><source id="p"><float_array id="pa" count="12">0 0 0 10 0 0 0 10 0 0 0 10</float_array>
        <technique_common><accessor source="#pa" count="4" stride="3"/></technique_common></source>
        <vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
        <polylist material="s" count="4"><input semantic="VERTEX" source="#v" offset="0"/><vcount>3 3 3 3</vcount>
        <p>0 2 1 0 1 3 1 2 3 0 3 2</p></polylist></mesh></geometry></library_geometries>
        <library_visual_scenes><visual_scene id="s"><node><translate>0 0 5</translate><instance_geometry url="#g"><bind_material>
        <technique_common><instance_material symbol="s" target="#m"/></technique_common></bind_material></instance_geometry></node>
        </visual_scene></library_visual_scenes><scene><instance_visual_scene url="#s"/></scene></COLLADA>"""
    )
    (tmp_path / "r.urdf").write_text(
        "<robot name='r'><link name='a'>"
        "<visual><geometry><mesh filename='m.dae'/></geometry></visual><collision><geometry><mesh filename='m.dae'/></geometry></collision>"
        "</link></robot>"
    )
    asset = import_file(tmp_path / "r.urdf", tmp_path / "out")
    assert asset.size_m == pytest.approx((0.1, 0.1, 0.1), abs=1e-6)
    assert asset.low_m == pytest.approx((0.0, 0.0, 0.05), abs=1e-6)
    model = attached(asset)
    assert any(np.allclose(rgba, (0, 1, 0, 1)) for rgba in model.geom_rgba)


def test_xml_that_is_a_urdf_is_read_as_one(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "meshes", tmp_path / "meshes")
    (tmp_path / "arm.xml").write_text((data / "arm.urdf").read_text().replace("package://little_arm_description/", ""))
    assert len(import_file(tmp_path / "arm.xml", tmp_path / "out").joints) == 4


def test_options_of_other_formats_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unit has no meaning"):
        import_file(data / "arm.xml", tmp_path / "out", unit="mm")
    with pytest.raises(InputError, match="actuate is one of"):
        import_file(data / "arm.urdf", tmp_path / "out", actuate="pneumatic")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="not a name"):
        import_file(data / "arm.xml", tmp_path / "out", name="../evil")


def test_an_import_is_the_same_each_time(data: Path, tmp_path: Path) -> None:
    one = import_file(data / "arm.xml", tmp_path / "one")
    two = import_file(data / "arm.xml", tmp_path / "two")
    assert one.digest == two.digest
    assert load_asset(tmp_path / "one") == one
