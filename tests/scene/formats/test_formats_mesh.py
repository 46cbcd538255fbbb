"""Meshes become things: true size, on their feet, touchable where they look solid, hollow where they look hollow."""

from __future__ import annotations

import base64
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import FileTooLarge, MissingExtra, UnreadableFile
from lifeworld.scene.formats import Asset, Limits, import_file
from lifeworld.scene.formats.convex import convex_parts, one_box, one_hull
from lifeworld.scene.formats.obj import read_obj, write_obj
from lifeworld.scene.formats.source import FolderSource
from lifeworld.scene.formats.stl import read_stl, write_stl
from lifeworld.scene.formats.surface import Surface, bounds, moved, thinned, welded

Attach = Callable[[Asset], mujoco.MjModel]


def box(low: tuple[float, float, float], high: tuple[float, float, float], *, without: str = "") -> Surface:
    """A box, counter-clockwise from outside; `without` leaves out its `top` or `bottom`."""
    corners = np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    quads = {
        "left": (0, 1, 3, 2),
        "right": (4, 6, 7, 5),
        "front": (0, 4, 5, 1),
        "back": (2, 3, 7, 6),
        "bottom": (0, 2, 6, 4),
        "top": (1, 5, 7, 3),
    }
    faces = [t for name, (a, b, c, d) in quads.items() if name not in without.split() for t in ((a, b, c), (a, c, d))]
    return Surface("", corners, np.array(faces))


def as_obj(*surfaces: Surface) -> str:
    out, start = "", 1
    for surface in surfaces:
        out += "".join(f"v {x} {y} {z}\n" for x, y, z in surface.vertices)
        out += "".join(f"f {a + start} {b + start} {c + start}\n" for a, b, c in surface.faces)
        start += len(surface.vertices)
    return out


# laws

triangles = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(*[st.floats(-100, 100, width=32)] * 3), min_size=n + 2, max_size=n + 2),
        st.lists(st.tuples(*[st.integers(0, n + 1)] * 3).filter(lambda f: len(set(f)) == 3), min_size=1, max_size=n),
    )
)


@settings(max_examples=50, deadline=None)
@given(triangles)
def test_obj_written_and_read_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, mesh: tuple[list[tuple[float, ...]], list[tuple[int, ...]]]
) -> None:
    folder = tmp_path_factory.mktemp("obj")
    surface = Surface("", np.array(mesh[0]), np.array(mesh[1]), uv=np.array(mesh[0])[:, :2] / 100, normals=np.array(mesh[0]))
    (folder / "m.obj").write_bytes(write_obj(surface, Limits()))
    [again] = read_obj(FolderSource(folder, Limits()), "m.obj").surfaces
    assert again.uv is not None
    assert again.normals is not None
    assert np.allclose(again.vertices[again.faces], surface.vertices[surface.faces], rtol=1e-6, atol=1e-6)
    assert np.allclose(again.uv[again.faces], surface.uv[surface.faces], rtol=1e-5, atol=1e-6)  # type: ignore[index]
    assert np.allclose(again.normals[again.faces], surface.normals[surface.faces], rtol=1e-4, atol=1e-4)  # type: ignore[index]


@settings(max_examples=50, deadline=None)
@given(triangles)
def test_stl_written_and_read_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, mesh: tuple[list[tuple[float, ...]], list[tuple[int, ...]]]
) -> None:
    folder = tmp_path_factory.mktemp("stl")
    vertices, faces = np.array(mesh[0]), np.array(mesh[1])
    (folder / "m.stl").write_bytes(write_stl(vertices, faces))
    shape = read_stl(FolderSource(folder, Limits()), "m.stl")
    corners = vertices[faces]
    whole = [len(np.unique(c, axis=0)) == 3 for c in corners]  # a triangle with two equal corners is none
    assert sum(len(s.faces) for s in shape.surfaces) == sum(whole)
    for surface in shape.surfaces:
        assert np.array_equal(surface.vertices[surface.faces], corners[whole])


@settings(max_examples=30, deadline=None)
@given(triangles, st.floats(0.1, 5), st.floats(0.1, 5), st.floats(-3, 3))
def test_moving_there_and_back_is_nothing(
    mesh: tuple[list[tuple[float, ...]], list[tuple[int, ...]]], a: float, b: float, c: float
) -> None:
    surface = Surface("", np.array(mesh[0]), np.array(mesh[1]))
    linear, offset = np.array([[a, c, 0.0], [0.0, -b, 0.0], [0.0, 0.0, 1.0]]), np.array([a, b, c])
    back = moved(moved(surface, linear, offset), np.linalg.inv(linear), -np.linalg.inv(linear) @ offset)
    assert np.allclose(back.vertices, surface.vertices, atol=1e-8 * 200)
    assert np.array_equal(back.faces, surface.faces)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0.05, 0.5)] * 3), min_size=1, max_size=8), st.integers(1, 8))
def test_convex_parts_of_boxes_cover_them_and_are_no_more_than_asked(sizes: list[tuple[float, ...]], most: int) -> None:
    surfaces = [box((i, 0, 0), (i + a, b, c)) for i, (a, b, c) in enumerate(sizes)]
    parts = convex_parts(surfaces, most=most)
    assert len(parts) == min(most, len(sizes))
    for corner in np.concatenate([surface.vertices for surface in surfaces]):
        outside = []
        for part in parts:
            a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
            normals = np.cross(b - a, c - a)
            normals /= np.linalg.norm(normals, axis=1, keepdims=True)
            outside.append(((corner - a) * normals).sum(axis=1).max())
        assert min(outside) < 1e-4  # inside or on one of them, to the weld


# convex parts


def test_what_is_convex_stays_one_box() -> None:
    [part] = convex_parts([box((0, 0, 0), (1, 2, 3))], most=32)
    assert part.box
    assert part.volume == pytest.approx(6.0)
    assert part.thickness == pytest.approx(1.0)


def test_a_leg_without_its_hidden_ends_is_solid() -> None:
    table = [box((-1, -1, 0.7), (1, 1, 0.75)), box((-0.95, -0.95, 0), (-0.85, -0.85, 0.7), without="top bottom")]
    parts = convex_parts(table, most=32)
    assert [part.box for part in parts] == [True, True]


@pytest.mark.parametrize("thickness", [0.0, 0.01])
def test_a_tray_is_hollow(thickness: float) -> None:
    outer = box((0, 0, 0), (1, 1, 0.3), without="top")
    surfaces = [outer]
    if thickness:  # a second skin inside, looking in, and the rim between the two
        inner = box((thickness, thickness, thickness), (1 - thickness, 1 - thickness, 0.3), without="top")
        rim = [(1, 3), (3, 7), (7, 5), (5, 1)]
        corners = np.concatenate([outer.vertices, inner.vertices])
        faces = [*outer.faces, *inner.faces[:, ::-1] + 8, *[f for a, b in rim for f in ((a, b, b + 8), (a, b + 8, a + 8))]]
        surfaces = [Surface("", corners, np.array(faces))]
    parts = convex_parts(surfaces, most=16)
    assert len(parts) > 1
    assert sum(part.volume for part in parts) < 0.6 * 0.3  # most of it is room to put things in


def test_flat_things_get_a_body() -> None:
    sheet = Surface("", np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]), np.array([[0, 1, 2], [0, 2, 3]]))
    [part] = convex_parts([sheet], most=4)
    assert 0 < part.volume < 0.01
    assert one_hull([sheet])[0].volume > 0
    assert one_box([sheet])[0].volume > 0


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "coacd", None)
    bend = [box((0, 0, 0), (1, 1, 1)), box((1, 0, 0), (2, 1, 3))]  # they share corners and so are one piece
    with pytest.raises(MissingExtra, match=r'pip install "lifeworld\[formats\]"'):
        convex_parts(bend, most=8)
    monkeypatch.setitem(sys.modules, "scipy.spatial", None)
    with pytest.raises(MissingExtra, match="scipy"):
        convex_parts([box((0, 0, 0), (1, 1, 1))], most=8)


def test_thinning_keeps_the_shape_within_its_box() -> None:
    n = 120
    grid = np.stack(np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n)), axis=-1).reshape(-1, 2)
    vertices = np.column_stack([grid, 0.1 * np.sin(6 * grid[:, 0])])
    first = np.arange(n * (n - 1)).reshape(n - 1, n)[:, :-1].ravel()
    faces = np.concatenate([np.stack([first, first + 1, first + n], 1), np.stack([first + 1, first + n + 1, first + n], 1)])
    [small] = thinned([Surface("", vertices, faces)], 2_000)
    assert 500 < len(small.faces) <= 2_000
    assert np.allclose(bounds([small]), bounds([Surface("", vertices, faces)]), atol=0.05)


def test_welding_closes_seams() -> None:
    cube = box((0, 0, 0), (1, 1, 1))
    loose = cube.vertices[cube.faces].reshape(-1, 3)
    vertices, faces = welded(loose, np.arange(len(loose)).reshape(-1, 3), 1e-6)
    assert (len(vertices), len(faces)) == (8, 12)


# whole imports


def test_a_cube_stands_on_its_origin(cube_obj: Path, tmp_path: Path, attached: Attach) -> None:
    asset = import_file(cube_obj, tmp_path / "out", unit="cm", mass_kg=0.3)
    assert asset.size_m == pytest.approx((0.02, 0.02, 0.02))
    assert asset.low_m == pytest.approx((-0.01, -0.01, 0.0))
    assert asset.mass_kg == pytest.approx(0.3)
    assert [joint.type for joint in asset.joints] == ["free"]
    model = attached(asset)
    assert sorted(model.geom_group) == [2, 3]
    assert model.body_inertia[1] == pytest.approx([0.3 * 0.02**2 / 6] * 3, rel=1e-4)
    assert model.geom_contype[model.geom_group == 2].tolist() == [0]


def test_up_and_scale(tmp_path: Path) -> None:
    (tmp_path / "slab.obj").write_text(as_obj(box((0, 0, 0), (1, 2, 3))))
    assert import_file(tmp_path / "slab.obj", tmp_path / "y").size_m == pytest.approx((1, 3, 2))
    assert import_file(tmp_path / "slab.obj", tmp_path / "z", up="z", scale=0.5).size_m == pytest.approx((0.5, 1, 1.5))


def test_units_are_guessed_only_when_asked(tmp_path: Path) -> None:
    cup = box((0, 0, 0), (80, 80, 95))
    (tmp_path / "cup.stl").write_bytes(write_stl(cup.vertices, cup.faces))
    big = box((0, 0, 0), (300, 300, 300))
    (tmp_path / "big.stl").write_bytes(write_stl(big.vertices, big.faces))
    asset = import_file(tmp_path / "cup.stl", tmp_path / "out", unit="auto")
    assert asset.size_m == pytest.approx((0.8, 0.8, 0.95))
    assert any("unit guessed: cm" in note for note in asset.notes)
    with pytest.raises(UnreadableFile, match=r"300 m.*unit="):
        import_file(tmp_path / "big.stl", tmp_path / "no")
    assert import_file(tmp_path / "big.stl", tmp_path / "mm", unit="mm").size_m == pytest.approx((0.3, 0.3, 0.3))


def test_text_stl(tmp_path: Path) -> None:
    cube = box((0, 0, 0), (1, 1, 1))
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n" + "".join(f"vertex {x} {y} {z}\n" for x, y, z in cube.vertices[f]) + "endloop\nendfacet\n"
        for f in cube.faces
    )
    (tmp_path / "cube.stl").write_text(f"solid cube\n{facets}endsolid cube\n")
    assert import_file(tmp_path / "cube.stl", tmp_path / "out").size_m == pytest.approx((1, 1, 1))


def test_a_ball_stays_in_the_bowl_and_the_bowl_stands_still(tmp_path: Path) -> None:
    """A thick-walled bowl turned on a lathe; a marble dropped over its middle must come to rest inside."""
    profile = [(0.0, 0.0), (0.06, 0.0), (0.1, 0.06), (0.09, 0.06), (0.055, 0.012), (0.0, 0.012)]
    n = 24
    vertices = np.array([(r * np.cos(a), r * np.sin(a), z) for r, z in profile for a in np.arange(n) * 2 * np.pi / n])
    faces = []
    for ring in range(len(profile) - 1):
        for i in range(n):
            a, b = ring * n + i, ring * n + (i + 1) % n
            faces += [(a, b, b + n), (a, b + n, a + n)]
    (tmp_path / "bowl.obj").write_text(as_obj(Surface("", vertices, np.array(faces))))
    asset = import_file(tmp_path / "bowl.obj", tmp_path / "out", up="z", mass_kg=0.4)
    world = mujoco.MjSpec()
    world.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[1, 1, 0.1])
    world.attach(mujoco.MjSpec.from_file(str(asset.model)), prefix="bowl/", frame=world.worldbody.add_frame(pos=[0, 0, 0.002]))
    marble = world.worldbody.add_body(name="marble", pos=[0.02, 0.0, 0.1])
    marble.add_freejoint()
    marble.add_geom(size=[0.012, 0, 0], mass=0.02, condim=6, friction=[1, 0.005, 0.0005])
    model = world.compile()
    state = mujoco.MjData(model)
    while state.time < 3.0:
        mujoco.mj_step(model, state)
    assert np.linalg.norm(state.body("marble").xpos[:2] - state.body("bowl/body").xpos[:2]) < 0.06
    assert 0.01 < state.body("marble").xpos[2] < 0.04
    assert np.abs(state.body("bowl/body").xpos).max() < 0.01


def test_collision_choices(tmp_path: Path, attached: Attach) -> None:
    (tmp_path / "steps.obj").write_text(as_obj(box((0, 0, 0), (1, 1, 1)), box((1, 0, 0), (2, 1, 0.5))))
    counts = {}
    for choice in ("parts", "hull", "box"):
        model = attached(import_file(tmp_path / "steps.obj", tmp_path / choice, up="z", collision=choice))  # type: ignore[arg-type]
        touched = model.geom_group == 3
        counts[choice] = (int(touched.sum()), [mujoco.mjtGeom(t).name for t in model.geom_type[touched]])
    assert counts["parts"] == (2, ["mjGEOM_BOX", "mjGEOM_BOX"])
    assert counts["hull"] == (1, ["mjGEOM_MESH"])
    assert counts["box"] == (1, ["mjGEOM_BOX"])


def test_colors_and_pictures_of_obj(tmp_path: Path, attached: Attach) -> None:
    Image.new("RGB", (8, 4), (10, 200, 30)).save(tmp_path / "skin of a frog.png")
    (tmp_path / "m.mtl").write_text("newmtl a\nKd 1 0 0\nd 0.5\nnewmtl b\nKd 0 0 0\nmap_Kd -s 1 1 1 skin of a frog.png\n")
    (tmp_path / "m.obj").write_text(
        "mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nvt 0 0\nvt 1 0\nvt 0 1\n"
        "usemtl a\nf 1/1 3/3 2/2\nf 1/1 2/2 4/3\nusemtl b\nf 2/1 3/2 4/3\nf -4/1 -1/2 -2/3\n"
    )
    asset = import_file(tmp_path / "m.obj", tmp_path / "out")
    assert {each.name for each in asset.sources} == {"m.obj", "m.mtl", "skin of a frog.png"}
    model = attached(asset)
    looks = {tuple(rgba.round(3)) for rgba in model.mat_rgba}
    assert looks == {(1.0, 0.0, 0.0, 0.5), (1.0, 1.0, 1.0, 1.0)}
    assert model.ntex == 1
    assert model.tex_data.reshape(-1, 3)[0].tolist() == [10, 200, 30]


def test_missing_pictures_are_said(tmp_path: Path) -> None:
    (tmp_path / "m.mtl").write_text("newmtl a\nmap_Kd gone.png\n")
    (tmp_path / "m.obj").write_text("mtllib m.mtl\nmtllib gone.mtl\nusemtl a\n" + as_obj(box((0, 0, 0), (1, 1, 1))))
    asset = import_file(tmp_path / "m.obj", tmp_path / "out")
    assert asset.left_out == ("picture: gone.png is missing", "materials: gone.mtl is missing")


def textured_gltf(folder: Path, *, glb: bool) -> Path:
    """A unit square standing up, half red and half blue by its picture, under a node that moves, turns and scales it."""
    places = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], "<f4")
    uv = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], "<f4")  # rows of a picture count from the top
    index = np.array([0, 1, 2, 0, 2, 3], "<u2")
    blob = places.tobytes() + uv.tobytes() + index.tobytes()
    picture = Image.new("RGB", (4, 4), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 2, 4, 4))  # the lower half is blue
    picture.save(folder / "picture.png")
    tree = {
        "asset": {"version": "2.0"},
        "nodes": [
            {"children": [1], "translation": [0, 5, 0]},
            {"mesh": 0, "rotation": [0, 0.70710678, 0, 0.70710678], "scale": [2, 1, 1]},
            {"camera": 0},
        ],
        "scenes": [{"nodes": [0]}],
        "cameras": [{"type": "perspective"}],
        "animations": [{}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "baseColorFactor": [0.21404114, 1, 1, 1]}}],
        "textures": [{"source": 0}],
        "images": [{"uri": "picture.png"}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5126, "count": 4, "type": "VEC2"},
            {"bufferView": 2, "componentType": 5123, "count": 6, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 32},
            {"buffer": 0, "byteOffset": 80, "byteLength": 12},
        ],
        "buffers": [{"byteLength": len(blob)}],
    }
    if glb:
        text = json.dumps(tree).encode()
        text += b" " * (-len(text) % 4)
        blob += b"\0" * (-len(blob) % 4)
        body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(blob), 0x004E4942) + blob
        path = folder / "m.glb"
        path.write_bytes(b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body)
    else:
        tree["buffers"] = [{"byteLength": len(blob), "uri": "data:application/gltf-buffer;base64," + base64.b64encode(blob).decode()}]
        path = folder / "m.gltf"
        path.write_text(json.dumps(tree))
    return path


@pytest.mark.parametrize("glb", [False, True])
def test_gltf_nodes_colors_and_pictures(tmp_path: Path, glb: bool, attached: Attach) -> None:
    asset = import_file(textured_gltf(tmp_path, glb=glb), tmp_path / "out")
    assert asset.size_m == pytest.approx((0.0, 2.0, 1.0), abs=0.01)  # turned to face sideways, then +Y up became +Z up
    assert asset.left_out == ("1 animations", "1 cameras")
    model = attached(asset)
    assert model.mat_rgba[0] == pytest.approx([0.5, 1, 1, 1], abs=1e-3)  # a linear 0.214 is an sRGB 0.5
    seen = int(np.flatnonzero(model.geom_group == 2)[0])
    mesh = model.geom_dataid[seen]
    first, texcoord = model.mesh_vertadr[mesh], model.mesh_texcoordadr[mesh]
    assert model.mesh_texcoordnum[mesh] == model.mesh_vertnum[mesh] == 4
    rows = model.tex_data.reshape(4, 4, 3)
    state = mujoco.MjData(model)
    mujoco.mj_forward(model, state)
    for i in range(4):  # the upper corners must find red in the picture, the lower ones blue
        world = state.geom_xmat[seen].reshape(3, 3) @ model.mesh_vert[first + i] + state.geom_xpos[seen]
        v = float(model.mesh_texcoord[texcoord + i][1])
        color = rows[min(3, int(v * 3.99))]  # as the engine keeps them: row by row from v = 0
        assert color[0].tolist() == ([255, 0, 0] if world[2] > 0.5 else [0, 0, 255])


def test_too_many_faces_to_draw_are_thinned_and_said(tmp_path: Path) -> None:
    surfaces = [box((i, 0, 0), (i + 0.9, 1, 1)) for i in range(40)]
    (tmp_path / "m.obj").write_text(as_obj(*surfaces))
    asset = import_file(tmp_path / "m.obj", tmp_path / "out", collision="box", limits=Limits(visual_faces=200))
    assert any("triangles of 480" in note for note in asset.notes)


def test_too_many_materials(tmp_path: Path) -> None:
    (tmp_path / "m.mtl").write_text("".join(f"newmtl m{i}\nKd {i / 200} 0 0\n" for i in range(200)))
    body = "".join(f"usemtl m{i}\nf 1 2 3\n" for i in range(200))
    (tmp_path / "m.obj").write_text("mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\n" + body)
    with pytest.raises(FileTooLarge, match="too many materials"):
        import_file(tmp_path / "m.obj", tmp_path / "out")


def test_an_import_of_a_mesh_is_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "m.obj").write_text(as_obj(box((0, 0, 0), (1, 1, 1), without="bottom"), box((0.5, 0.5, 0.5), (2, 2, 2))))
    assert import_file(tmp_path / "m.obj", tmp_path / "a").digest == import_file(tmp_path / "m.obj", tmp_path / "b").digest


@pytest.mark.data
def test_drawn_furniture_from_the_shared_library(recordings: Path, tmp_path: Path, attached: Attach) -> None:
    folder = recordings / "objects" / "kaykit_furniture_bits"
    chair = import_file(folder / "chair_A.gltf", tmp_path / "chair", licence="CC0-1.0", creator="Kay Lousberg", scale=0.6)
    assert {each.name for each in chair.sources} == {"chair_A.gltf", "chair_A.bin", "furniturebits_texture.png"}
    assert 0.6 < chair.size_m[2] < 0.9
    assert 2 < (chair.mass_kg or 0) < 15
    model = attached(chair)
    assert (model.geom_group == 3).sum() >= 5  # seat, back and four legs
    glb = import_file(recordings / "objects" / "kenney_city_builder" / "road-straight.glb", tmp_path / "road", collision="hull")
    assert glb.size_m[:2] == pytest.approx((1.0, 1.0), abs=0.01)
