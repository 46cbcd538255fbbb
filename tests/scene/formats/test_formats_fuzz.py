"""Damaged files are read or refused with an error of ours, never anything else: every reader of plain Python, on thousands of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.core.errors import ForeignFileError
from lifeworld.scene.formats import Limits
from lifeworld.scene.formats.archive import ArchiveSource
from lifeworld.scene.formats.collada import read_collada
from lifeworld.scene.formats.gather import Gatherer
from lifeworld.scene.formats.gltf import read_gltf
from lifeworld.scene.formats.obj import read_obj
from lifeworld.scene.formats.picture import as_png
from lifeworld.scene.formats.source import FolderSource
from lifeworld.scene.formats.stl import read_stl, write_stl
from lifeworld.scene.formats.surface import check_shape

SMALL = Limits(mesh_faces=2_000, mesh_bytes=100_000, texture_px=256, zip_bytes=100_000)
DATA = Path(__file__).parent / "data"
FOREARM = DATA / "meshes" / "forearm.obj"
DAE = b"""<COLLADA version="1.4.1"><asset><unit meter="1"/></asset><library_geometries><geometry id="g"><mesh><source id="p">
<float_array id="a" count="9">0 0 0 1 0 0 0 1 0</float_array><technique_common><accessor source="#a" count="3" stride="3"/>
</technique_common></source><vertices id="v"><input semantic="POSITION" source="#p"/></vertices><polylist count="1">
<input semantic="VERTEX" source="#v" offset="0"/><vcount>3</vcount><p>0 1 2</p></polylist></mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s"><node><matrix>1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1</matrix><instance_geometry url="#g"/></node>
</visual_scene></library_visual_scenes><scene><instance_visual_scene url="#s"/></scene></COLLADA>"""
TRIANGLE = {
    "asset": {"version": "2.0"},
    "scenes": [{"nodes": [0]}],
    "nodes": [{"mesh": 0, "rotation": [0, 0, 0, 1], "children": [1]}, {"matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2}, "indices": 1, "material": 0, "mode": 4}]}],
    "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 1], "baseColorTexture": {"index": 0}}}],
    "textures": [{"source": 0}],
    "images": [{"bufferView": 2}],
    "accessors": [
        {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
        {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        {"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC2"},
    ],
    "bufferViews": [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 6}, {"buffer": 0, "byteLength": 24}],
    "buffers": [{"byteLength": 42, "uri": "data:application/octet-stream;base64," + "A" * 56}],
}


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/b.txt", b"hello" * 50)
        file.writestr("c.txt", b"x")
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.arange(300, dtype=np.uint8).reshape(10, 10, 3)).save(out, kind)
    return out.getvalue()


def unzip(folder: Path, name: str) -> None:
    source = ArchiveSource(folder / name, SMALL)
    for each in source.names:
        source.read(each, most=10_000, what="file")


READERS: dict[str, tuple[bytes, Callable[[Path, str], object]]] = {
    "m.obj": (FOREARM.read_bytes(), lambda f, n: check_shape(read_obj(FolderSource(f, SMALL), n), SMALL, where=n)),
    "m.stl": (
        write_stl(np.eye(3), np.array([[0, 1, 2]])),
        lambda f, n: check_shape(read_stl(FolderSource(f, SMALL), n), SMALL, where=n),
    ),
    "m.gltf": (json.dumps(TRIANGLE).encode(), lambda f, n: check_shape(read_gltf(FolderSource(f, SMALL), n), SMALL, where=n)),
    "m.dae": (DAE, lambda f, n: check_shape(read_collada(FolderSource(f, SMALL), n), SMALL, where=n)),
    "m.xml": ((DATA / "arm.xml").read_bytes(), lambda f, n: Gatherer(FolderSource(f, SMALL), f / "work").gather(n)),
    "m.zip": (zipped(), unzip),
    "m.png": (picture("PNG"), lambda f, n: as_png((f / n).read_bytes(), SMALL, where=n)),
    "m.jpg": (picture("JPEG"), lambda f, n: as_png((f / n).read_bytes(), SMALL, where=n)),
}
changes = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(["set", "cut", "twice", "number"]), st.binary(min_size=1, max_size=4)),
    max_size=6,
)


def damaged(data: bytes, how: list[tuple[float, str, bytes]]) -> bytes:
    for share, way, new in how:
        at = int(share * len(data))
        if way == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif way == "cut":
            data = data[:at] + data[at + 8 * len(new) :]
        elif way == "twice":
            data = data[:at] + data[max(0, at - 30) :]
        else:  # another number where one stood
            while at < len(data) and not data[at : at + 1].isdigit():
                at += 1
            data = data[:at] + [b"-1", b"99999999999", b"1e400", b"null"][new[0] % 4] + data[at + 1 :]
    return data


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=changes)
def test_damaged_files_are_read_or_refused(name: str, tmp_path: Path, how: list[tuple[float, str, bytes]]) -> None:
    data, read = READERS[name]
    (tmp_path / "meshes").mkdir(exist_ok=True)
    (tmp_path / "meshes" / "forearm.obj").write_bytes(FOREARM.read_bytes())
    (tmp_path / name).write_bytes(damaged(data, how))
    with suppress(ForeignFileError):  # any other exception, and any warning, fails the test
        read(tmp_path, name)


def test_a_picture_leaves_the_limits_of_others_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    as_png(out.getvalue(), Limits(texture_px=16), where="x.png")
    assert before == Image.MAX_IMAGE_PIXELS
