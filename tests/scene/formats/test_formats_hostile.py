"""Files that want too much, reach too far or lie: each is refused by name, well within fifteen seconds, and nothing is written."""

from __future__ import annotations

import base64
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lifeworld.core.errors import FileTooLarge, ForeignFileError, UnreadableFile, UnsafeFile
from lifeworld.scene.formats import Limits, catalogue, import_file

WITHIN = Limits(wall_s=15)  # a refusal that takes longer is another error, and fails its test
Make = Callable[[Path], Path]


def mjcf(body: str = "", *, before: str = "", after: str = "") -> Make:
    def make(folder: Path) -> Path:
        path = folder / "in" / "model.xml"
        path.parent.mkdir()
        path.write_text(
            f"<mujoco>{before}<worldbody><body name='b'><geom size='0.1'/>{body}</body></worldbody>{after}</mujoco>", encoding="utf-8"
        )
        return path

    return make


def with_file(make: Make, name: str, data: bytes, *, size: int | None = None) -> Make:
    def both(folder: Path) -> Path:
        path = make(folder)
        target = path.parent / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(data)
            if size is not None:
                file.truncate(size)  # sparse: takes no room on the disk
        return path

    return both


def plain(name: str, data: bytes, *, size: int | None = None) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "in" / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            if size is not None:
                file.truncate(size)
        return path

    return make


def png(width: int, height: int) -> bytes:
    """A PNG whose header promises `width` × `height` pixels of nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def stl(faces: int) -> bytes:
    return b"hostile".ljust(80) + struct.pack("<I", faces)


def gltf(**changes: object) -> Make:
    """A glTF of one triangle, with parts of it changed."""
    blob = struct.pack("<9f3H", 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 2)
    tree: dict[str, object] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 6}],
        "buffers": [{"byteLength": len(blob), "uri": "data:application/octet-stream;base64," + base64.b64encode(blob).decode()}],
    }
    return plain("model.gltf", json.dumps({**tree, **changes}).encode())


def archive(entries: dict[str, bytes], *, contents: bool = True, compress: bool = True) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "in" / "furniture.sh3f"
        path.parent.mkdir()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as file:
            if contents:
                lines = "name#1=Box\nid#1=a#box\nmodel#1=/m/box.obj\nwidth#1=10\ndepth#1=10\nheight#1=10\n"
                file.writestr("PluginFurnitureCatalog.properties", lines)
            for name, data in entries.items():
                file.writestr(name, data)
        return path

    return make


def linked(folder: Path) -> Path:
    """A zip with a symbolic link in it."""
    path = archive({})(folder)
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("m/box.obj")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    return path


def many_entries(folder: Path) -> Path:
    path = folder / "in" / "furniture.sh3f"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as file:
        for i in range(20_001):
            file.writestr(f"{i}", b"")
    return path


def lying_entry(folder: Path) -> Path:
    """A zip whose model unpacks to a hundred times what both its headers say."""
    path = archive({"m/box.obj": b"v 0 0 0\n" * 100_000}, compress=True)(folder)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.rfind(signature)
        struct.pack_into("<I", data, at + offset, 8_000)
    path.write_bytes(data)
    return path


def many_nested(folder: Path) -> Path:
    return mjcf("<replicate count='100' sep='a'>" * 2 + "<geom size='1'/>" + "</replicate>" * 2)(folder)


def fifo(folder: Path) -> Path:
    path = mjcf(before="<asset><mesh file='pipe.obj'/></asset>")(folder)
    os.mkfifo(path.parent / "pipe.obj")
    return path


def escaping_link(folder: Path) -> Path:
    (folder / "secret.xml").write_text("<mujoco><body name='secret'/></mujoco>")
    path = mjcf("<include file='inner.xml'/>")(folder)
    (path.parent / "inner.xml").symlink_to(folder / "secret.xml")
    return path


def attach_bomb(folder: Path) -> Path:
    """Models that hold each other 25 times, four deep: 390,625 bodies."""
    path = mjcf(before="<asset><model name='m' file='1.xml'/></asset>", body="<attach model='m' body='b' prefix='x'/>")(folder)
    for depth in (1, 2, 3, 4):
        inner = "".join(f"<frame><attach model='m' body='b' prefix='{i}_'/></frame>" for i in range(25)) if depth < 4 else ""
        asset = f"<asset><model name='m' file='{depth + 1}.xml'/></asset>" if depth < 4 else ""
        (path.parent / f"{depth}.xml").write_text(
            f"<mujoco>{asset}<worldbody><body name='b'><geom size='1'/>{inner}</body></worldbody></mujoco>"
        )
    return path


def attach_ring(folder: Path) -> Path:
    return with_file(
        mjcf(before="<asset><model file='2.xml'/></asset>"), "2.xml", b"<mujoco><asset><model file='model.xml'/></asset></mujoco>"
    )(folder)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE mujoco [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><mujoco>&j;</mujoco>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE mujoco [<!ENTITY x SYSTEM "file:///etc/passwd">]><mujoco>&x;</mujoco>'
MESH = "<asset><mesh name='m' file='{}'/></asset>"
GIGABYTE = 1 << 30

HOSTILE: dict[str, tuple[Make, type[ForeignFileError], str]] = {
    # paths
    "include absolute": (mjcf("<include file='/etc/passwd'/>"), UnsafeFile, "absolute"),
    "include parent": (mjcf("<include file='../secret.xml'/>"), UnsafeFile, "leaves its folder"),
    "include parent, hidden": (mjcf("<include file='a/../../secret.xml'/>"), UnsafeFile, "leaves its folder"),
    "include through a link": (escaping_link, UnsafeFile, "link leads out"),
    "include of itself": (mjcf("<include file='model.xml'/>"), UnreadableFile, "included twice"),
    "mesh absolute": (mjcf(before=MESH.format("/etc/passwd.obj")), UnsafeFile, "absolute"),
    "mesh parent": (mjcf(before=MESH.format("../x.stl")), UnsafeFile, "leaves its folder"),
    "mesh on Windows": (mjcf(before=MESH.format("C:\\x.stl")), UnsafeFile, "absolute"),
    "mesh folder absolute": (mjcf(before="<compiler meshdir='/etc'/>" + MESH.format("x.stl")), UnsafeFile, "absolute"),
    "mesh folder parent": (mjcf(before="<compiler meshdir='..'/>" + MESH.format("x.stl")), UnsafeFile, "leaves its folder"),
    "texture parent": (mjcf(before="<asset><texture type='2d' file='../x.png'/></asset>"), UnsafeFile, "leaves its folder"),
    "skin parent": (mjcf(after="<deformable><skin file='../x.skn'/></deformable>"), UnsafeFile, "leaves its folder"),
    "mesh is a pipe": (fifo, UnsafeFile, "not a plain file"),
    "urdf mesh absolute": (
        plain("r.urdf", b"<robot name='r'><link name='a'><visual><geometry><mesh filename='/x.stl'/></geometry></visual></link></robot>"),
        UnsafeFile,
        "absolute",
    ),
    "urdf file address": (
        plain(
            "r.urdf",
            b"<robot name='r'><link name='a'><visual><geometry><mesh filename='file:///x.stl'/></geometry></visual></link></robot>",
        ),
        UnsafeFile,
        "absolute",
    ),
    "urdf package parent": (
        plain(
            "r.urdf",
            b"<robot name='r'><link name='a'><visual><geometry><mesh filename='package://p/../../x.stl'/></geometry></visual></link></robot>",
        ),
        UnsafeFile,
        "leaves its folder",
    ),
    "obj material parent": (plain("m.obj", b"mtllib ../../x.mtl\nv 0 0 0\n"), UnsafeFile, "leaves its folder"),
    "gltf buffer parent": (gltf(buffers=[{"byteLength": 42, "uri": "../x.bin"}]), UnsafeFile, "leaves its folder"),
    "gltf buffer escaped": (gltf(buffers=[{"byteLength": 42, "uri": "%2e%2e/x.bin"}]), UnsafeFile, "leaves its folder"),
    "gltf buffer address": (gltf(buffers=[{"byteLength": 42, "uri": "http://example.com/x.bin"}]), UnsafeFile, "absolute"),
    # code
    "plugin": (mjcf(before="<extension><plugin plugin='mujoco.evil'/></extension>"), UnsafeFile, "plug-in.*mujoco.evil"),
    "plugin of a body": (mjcf("<plugin plugin='mujoco.evil'/>"), UnsafeFile, "plug-in"),
    "xacro": (plain("r.urdf", b"<robot name='r'><xacro:include filename='x'/></robot>"), UnreadableFile, "xacro"),
    "urdf plugin in a link": (
        plain("r.urdf", b"<robot name='r'><link name='a'><x filename='e.so'/></link></robot>"),
        UnsafeFile,
        "names a file",
    ),
    "urdf moment of inertia without a number": (
        plain("r.urdf", b"<robot name='r'><link name='a'><inertial><mass value='1'/><inertia ixx=''/></inertial></link></robot>"),
        UnreadableFile,
        "not one number",
    ),
    "urdf without links": (plain("r.urdf", b"<robot name='r'/>"), UnreadableFile, "engine|no body"),
    # XML
    "billion laughs": (plain("m.xml", LAUGHS), UnsafeFile, "document type"),
    "outside entity": (plain("m.xml", OUTSIDE), UnsafeFile, "document type"),
    "billion laughs, urdf": (plain("m.urdf", LAUGHS.replace(b"mujoco", b"robot")), UnsafeFile, "document type"),
    "long XML": (plain("m.xml", b"<mujoco>", size=6_000_000), FileTooLarge, "too large"),
    "long include": (with_file(mjcf("<include file='i.xml'/>"), "i.xml", b"<mujoco>", size=6_000_000), FileTooLarge, "too large"),
    "deep XML": (plain("m.xml", b"<mujoco>" + b"<body>" * 5_000), FileTooLarge, "too deeply"),
    "many elements": (mjcf("<geom size='1'/>" * 20_001), FileTooLarge, "too many elements"),
    "broken XML": (plain("m.xml", b"<mujoco><worldbody>"), UnreadableFile, "not well-formed"),
    "empty XML": (plain("m.xml", b""), UnreadableFile, "empty"),
    "not XML": (plain("m.xml", bytes(range(256))), UnreadableFile, "not well-formed"),
    # copies
    "replicate": (mjcf("<replicate count='100000'><geom size='1'/></replicate>"), FileTooLarge, "too many copies"),
    "replicate nested": (many_nested, FileTooLarge, "too many copies"),
    "replicate of much": (mjcf(f"<replicate count='2000'>{'<site/>' * 20}</replicate>"), FileTooLarge, "once copies are made"),
    "replicate without a number": (mjcf("<replicate count='9e99999x'><geom size='1'/></replicate>"), UnreadableFile, "not made of numbers"),
    "attach in attach": (attach_bomb, FileTooLarge, "once copies are made"),
    "attach in a ring": (attach_ring, UnsafeFile, "holds itself"),
    "soft grid": (mjcf("<flexcomp name='f' type='grid' count='1000 1000 1000'/>"), FileTooLarge, "flexcomp count"),
    "soft cells": (
        mjcf("<flexcomp name='f' type='grid' count='2 2 2' dof='trilinear' cellcount='99 99 99'/>"),
        FileTooLarge,
        "flexcomp cellcount",
    ),
    # sizes the engine sets memory aside for
    "texture": (
        mjcf(before="<asset><texture type='2d' builtin='flat' width='30000' height='30000'/></asset>"),
        FileTooLarge,
        "texture width",
    ),
    "height field": (
        mjcf(before="<asset><hfield name='h' nrow='100000' ncol='100000' size='1 1 1 1'/></asset>"),
        FileTooLarge,
        "height field",
    ),
    "built-in mesh": (
        mjcf(before="<asset><mesh name='m' builtin='supersphere' params='100000 1 1'/></asset>"),
        FileTooLarge,
        "built-in mesh",
    ),
    "built-in grid": (
        mjcf(before="<asset><mesh name='m' builtin='grid' params='9000 9000 9000 .1 .1 .1'/></asset>"),
        FileTooLarge,
        "built-in mesh",
    ),
    "numeric": (mjcf(after="<custom><numeric name='n' size='1000000000'/></custom>"), FileTooLarge, "numeric size"),
    "user sensor": (mjcf(after="<sensor><user dim='1000000000' needstage='pos' datatype='real'/></sensor>"), FileTooLarge, "user dim"),
    "sensor history": (mjcf(after="<sensor><clock nsample='1000000000' interval='0.1'/></sensor>"), FileTooLarge, "clock nsample"),
    "user data": (mjcf(before="<size nuser_geom='1000000000'/>"), FileTooLarge, "nuser_geom"),
    "camera": (mjcf("<camera resolution='100000 100000'/>"), FileTooLarge, "camera resolution"),
    "no number": (mjcf("<geom size='nan'/>"), UnreadableFile, "NaN"),
    # pictures
    "PNG that promises too much": (
        with_file(mjcf(before="<asset><texture name='t' type='2d' file='t.png'/></asset>"), "t.png", png(30_000, 30_000)),
        FileTooLarge,
        "30000 × 30000",
    ),
    "PNG cut short": (
        with_file(mjcf(before="<asset><texture name='t' type='2d' file='t.png'/></asset>"), "t.png", png(2_000, 2_000)),
        UnreadableFile,
        "cannot be decoded",
    ),
    "no picture": (
        with_file(mjcf(before="<asset><texture name='t' type='2d' file='t.png'/></asset>"), "t.png", b"GIF89a" + b"\0" * 100),
        UnreadableFile,
        "neither PNG nor JPEG",
    ),
    "height field that lies": (
        with_file(
            mjcf(before="<asset><hfield name='h' file='h.bin' size='1 1 1 1'/></asset>"), "h.bin", struct.pack("<ii", 50_000, 50_000)
        ),
        FileTooLarge,
        "height field",
    ),
    # meshes
    "mesh of a gigabyte, stl": (plain("m.stl", stl(21_474_836), size=GIGABYTE), FileTooLarge, "1,073,741,824 bytes"),
    "mesh of a gigabyte, obj": (plain("m.obj", b"v 0 0 0\n", size=GIGABYTE), FileTooLarge, "too large"),
    "mesh of a gigabyte, in a model": (
        with_file(mjcf(before=MESH.format("m.stl")), "m.stl", stl(21_474_836), size=GIGABYTE),
        FileTooLarge,
        "1,073,741,824 bytes",
    ),
    "mesh of a gigabyte, gltf buffer": (
        with_file(gltf(buffers=[{"byteLength": 42, "uri": "b.bin"}]), "b.bin", b"", size=GIGABYTE),
        FileTooLarge,
        "1,073,741,824 bytes",
    ),
    "too many faces": (plain("m.stl", stl(1_000_001), size=84 + 50 * 1_000_001), FileTooLarge, "too many faces"),
    "too many faces, in a model": (
        with_file(mjcf(before=MESH.format("m.stl")), "m.stl", stl(1_000_001), size=84 + 50 * 1_000_001),
        FileTooLarge,
        "too many faces",
    ),
    "too many faces, obj": (plain("m.obj", b"v 0 0 0\n" * 3 + b"f 1 2 3\n" * 1_000_001), FileTooLarge, "too many faces"),
    "face with a million corners": (plain("m.obj", b"v 0 0 0\nf " + b"1 " * 1_000_000 + b"\n"), FileTooLarge, "too many corners"),
    "stl cut short": (plain("m.stl", stl(100) + b"\0" * 100), UnreadableFile, "cut short"),
    "stl of words": (plain("m.stl", b"solid x\nvertex 1 2 three\nvertex 1 2 3\nvertex 1 2 3\n"), UnreadableFile, "not made of numbers"),
    "stl not finite": (
        plain("m.stl", stl(1) + struct.pack("<12f", 0, 0, 1, float("inf"), 0, 0, 0, 1, 0, 1, 1, 1) + b"\0\0"),
        UnreadableFile,
        "not finite",
    ),
    "obj without the vertex": (plain("m.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n"), UnreadableFile, "not there"),
    "obj of words": (plain("m.obj", b"v a b c\n"), UnreadableFile, "not OBJ"),
    "obj without faces": (plain("m.obj", b"v 0 0 0\n"), UnreadableFile, "no triangles"),
    # glTF
    "gltf past its buffer": (
        gltf(bufferViews=[{"buffer": 0, "byteLength": 1_000_000}, {"buffer": 0, "byteLength": 6}]),
        UnreadableFile,
        "past its buffer",
    ),
    "gltf accessor past its view": (
        gltf(accessors=[{"bufferView": 0, "componentType": 5126, "count": 1_000_000_000, "type": "VEC3"}] * 2),
        UnreadableFile,
        "past its buffer",
    ),
    "gltf below zero": (
        gltf(bufferViews=[{"buffer": 0, "byteOffset": -8, "byteLength": 36}, {"buffer": 0, "byteLength": 6}]),
        UnreadableFile,
        "count, index or offset",
    ),
    "gltf index": (gltf(nodes=[{"mesh": 7}]), UnreadableFile, "not a glTF"),
    "gltf ring of nodes": (gltf(nodes=[{"mesh": 0, "children": [0]}]), UnreadableFile, "own ancestor"),
    "gltf compressed": (gltf(extensionsRequired=["KHR_draco_mesh_compression"]), UnreadableFile, "KHR_draco"),
    "gltf not finite": (gltf(nodes=[{"mesh": 0, "scale": [1e999, 1, 1]}]), UnreadableFile, "not"),
    "gltf not JSON": (plain("m.gltf", b"{'asset'"), UnreadableFile, "not a glTF"),
    "gltf of nothing but brackets": (plain("m.gltf", b"[" * 100_000), UnreadableFile, "not a glTF"),
    "glb cut short": (plain("m.glb", b"glTF" + struct.pack("<II", 2, 1_000_000) + b"\0" * 20), UnreadableFile, "cut short"),
    "glb chunk cut short": (
        plain("m.glb", b"glTF" + struct.pack("<IIII", 2, 24, 1_000_000, 0x4E4F534A) + b"\0" * 4),
        UnreadableFile,
        "cut short",
    ),
    # archives
    "zip bomb": (archive({"m/box.obj": b"\0" * 300_000_000}), FileTooLarge, "packed too tightly"),
    "zip of too much": (archive({f"m/{i}": b"ab" * 500_000 for i in range(3)}), FileTooLarge, "unpacks to too much"),
    "zip that lies": (lying_entry, ForeignFileError, "unpack"),
    "zip slip": (archive({"../../evil": b"x"}), UnsafeFile, "leaves its folder"),
    "zip absolute": (archive({"/etc/evil": b"x"}), UnsafeFile, "absolute"),
    "zip link": (linked, UnsafeFile, "symbolic link"),
    "zip of many": (many_entries, FileTooLarge, "too many entries"),
    "no zip": (plain("f.sh3f", b"PK\3\4 but not really" * 10), UnreadableFile, "no end record"),
    "no catalogue": (archive({"readme": b"x"}, contents=False), UnreadableFile, "not a furniture catalogue"),
    "model missing": (archive({}), UnreadableFile, "model of this entry is missing"),
    # none of ours
    "other suffix": (plain("m.blend", b"BLENDER"), UnreadableFile, "sort of file"),
    "missing": (lambda folder: folder / "nothing.obj", UnreadableFile, "cannot be read"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_by_name(name: str, tmp_path: Path) -> None:
    make, error, words = HOSTILE[name]
    path = make(tmp_path)
    limits = Limits(wall_s=15, zip_bytes=2_000_000) if name == "zip of too much" else WITHIN
    with pytest.raises(error, match=words) as caught:
        import_file(path, tmp_path / "out", limits=limits, entry="box" if path.suffix == ".sh3f" else None)
    assert not (tmp_path / "out").exists()
    assert "takes more than" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["zip bomb", "zip slip", "zip link", "zip of many", "no zip", "no catalogue"])
def test_catalogues_are_listed_with_the_same_care(name: str, tmp_path: Path) -> None:
    make, error, words = HOSTILE[name]
    with pytest.raises(error, match=words):
        catalogue(make(tmp_path), limits=WITHIN)


def test_the_triangle_those_are_made_from_is_fine_itself(tmp_path: Path) -> None:
    assert import_file(gltf()(tmp_path), tmp_path / "out").size_m == pytest.approx((1.0, 0.0, 1.0), abs=0.01)


def test_numbered_pixels_are_read_from_every_jpeg_header() -> None:
    from PIL import Image

    from lifeworld.scene.formats.picture import picture_size

    for progressive in (False, True):
        out = io.BytesIO()
        Image.new("RGB", (37, 21)).save(out, "JPEG", progressive=progressive)
        assert picture_size(out.getvalue(), where="x") == (37, 21)
