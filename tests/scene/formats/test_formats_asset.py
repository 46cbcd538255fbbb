"""An asset folder says what it is, holds what it lists, and is trusted only as far as it was checked."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import FileTooLarge, ForeignFileError, InputError, UnreadableFile, UnsafeFile
from lifeworld.scene.formats import Asset, import_file, load_asset
from lifeworld.scene.formats.asset import (
    MANIFEST,
    MODEL,
    AssetActuator,
    AssetFile,
    AssetJoint,
    AssetLight,
    AssetPose,
    Manifest,
    asset_name,
    check_asset_name,
    print_manifest,
    read_manifest,
)
from lifeworld.scene.formats.load import cache_folder, is_noted, note
from lifeworld.scene.formats.source import bounded_text

# the text

words = st.text(max_size=20)
reals = st.floats(-1e9, 1e9)
names = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,10}", fullmatch=True)
ranges = st.none() | st.tuples(reals, reals)
files = st.builds(AssetFile, name=words, sha256=words, bytes=st.integers(0, 1 << 40))
manifests = st.builds(
    Manifest,
    format=st.just(1),
    name=names,
    summary=words,
    category=words,
    source_format=words,
    fixed=st.booleans(),
    size_m=st.tuples(*[st.floats(0, 100)] * 3),
    low_m=st.tuples(*[reals] * 3),
    licence=st.none() | words,
    creator=st.none() | words,
    mass_kg=st.none() | st.floats(0, 1e5),
    surface_m=st.none() | reals,
    left_out=st.lists(words, max_size=3).map(tuple),
    notes=st.lists(words, max_size=3).map(tuple),
    joints=st.lists(
        st.builds(AssetJoint, name=words, type=st.sampled_from(["free", "ball", "slide", "hinge"]), range=ranges), max_size=3
    ).map(tuple),
    actuators=st.lists(
        st.builds(AssetActuator, name=words, kind=st.sampled_from(["position", "velocity", "torque", "other"]), range=ranges), max_size=3
    ).map(tuple),
    poses=st.lists(
        st.builds(
            AssetPose, name=words, joints=st.dictionaries(words, reals, max_size=3), controls=st.dictionaries(words, reals, max_size=3)
        ),
        max_size=2,
    ).map(tuple),
    lights=st.lists(
        st.builds(AssetLight, position_m=st.tuples(*[reals] * 3), color=st.tuples(*[reals] * 3), diameter_m=st.none() | reals), max_size=2
    ).map(tuple),
    sources=st.lists(files, max_size=3).map(tuple),
    files=st.lists(files, max_size=3).map(tuple),
)


@given(manifests)
def test_text_of_a_manifest_reads_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, manifest: Manifest) -> None:
    folder = tmp_path_factory.mktemp("manifest")
    (folder / MANIFEST).write_text(print_manifest(manifest), encoding="utf-8")
    again, digest = read_manifest(folder)
    assert again == manifest
    assert digest == hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


@given(st.text(max_size=200))
def test_any_text_makes_a_name(text: str) -> None:
    assert check_asset_name(asset_name(text))


@given(st.text(alphabet=st.characters(), max_size=50), st.integers(1, 60))
def test_bounded_text_can_always_be_shown(text: str, most: int) -> None:
    out = bounded_text(text, most)
    assert len(out) <= most
    assert out.isprintable()
    out.encode("utf-8")


# loading


@pytest.fixture
def arm(data: Path, tmp_path: Path) -> Asset:
    return import_file(data / "arm.xml", tmp_path / "arm", creator="us", licence="CC0-1.0")


def forged(asset: Asset, **changes: object) -> None:
    """Writes the asset's manifest anew, with the true digests of the files as they are now, as any stranger could."""
    manifest, _ = read_manifest(asset.folder)
    listed = [
        AssetFile(name=each.name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        for each in manifest.files
        for data in [(asset.folder / each.name).read_bytes()]
    ]
    made = replace(manifest, **{"files": tuple(listed), **changes})  # type: ignore[arg-type]
    (asset.folder / MANIFEST).write_text(print_manifest(made), encoding="utf-8")


def test_what_was_imported_loads_as_it_was(arm: Asset) -> None:
    assert load_asset(arm.folder) == arm
    assert arm.model.is_file()


def test_a_folder_may_be_moved(arm: Asset, tmp_path: Path) -> None:
    shutil.move(arm.folder, tmp_path / "elsewhere")
    assert load_asset(tmp_path / "elsewhere") == replace(arm, folder=tmp_path / "elsewhere")


@pytest.mark.parametrize("name", [MODEL, "meshes/forearm.obj"])
def test_changed_files_are_noticed(arm: Asset, name: str) -> None:
    path = arm.folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=f"{name} was changed"):
        load_asset(arm.folder)


def test_missing_files_are_noticed(arm: Asset) -> None:
    (arm.folder / "meshes" / "forearm.obj").unlink()
    with pytest.raises(UnreadableFile, match=r"forearm.obj is missing"):
        load_asset(arm.folder)


def test_links_are_refused(arm: Asset, tmp_path: Path) -> None:
    real = arm.folder / "meshes" / "forearm.obj"
    shutil.move(real, tmp_path / "forearm.obj")
    real.symlink_to(tmp_path / "forearm.obj")
    with pytest.raises(UnsafeFile, match="symbolic link"):
        load_asset(arm.folder)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "C:\\x", "", "a\\b"])
def test_names_that_leave_the_folder_are_refused(arm: Asset, name: str) -> None:
    manifest, _ = read_manifest(arm.folder)
    forged_files = (*manifest.files, AssetFile(name=name, sha256="0" * 64, bytes=1))
    (arm.folder / MANIFEST).write_text(print_manifest(replace(manifest, files=forged_files)))
    with pytest.raises(UnsafeFile, match="leaves the asset's folder"):
        load_asset(arm.folder)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", UnreadableFile, "another version"),
        ("format = 99\n", UnreadableFile, "another version"),
        ("format = 1\nname = 'x'\n", UnreadableFile, "missing required field"),
        ("format = 1\nsecret = 1\n", UnreadableFile, "unknown key 'secret'"),
        ("format = [", UnreadableFile, "not right"),
        ("a = " + "[" * 5_000, UnreadableFile, "not right"),
        ("#" * 3_000_000, FileTooLarge, "too long"),
    ],
)
def test_manifests_that_are_none(arm: Asset, text: str, error: type[ForeignFileError], words: str) -> None:
    (arm.folder / MANIFEST).write_text(text)
    with pytest.raises(error, match=words):
        load_asset(arm.folder)


@pytest.mark.parametrize("changes", [{"name": "../x"}, {"mass_kg": float("nan")}, {"size_m": (-1.0, 1.0, 1.0)}, {"fixed": "yes"}])
def test_values_out_of_bounds_are_refused(arm: Asset, changes: dict[str, object]) -> None:
    text = (arm.folder / MANIFEST).read_text()
    lines = [line for line in text.splitlines() if line.split(" = ")[0] not in changes]
    new = [f"{k} = {'nan' if v != v else str(list(v)) if isinstance(v, tuple) else repr(v)}" for k, v in changes.items()]
    (arm.folder / MANIFEST).write_text("\n".join([lines[0], *new, *lines[1:]]))
    with pytest.raises(UnreadableFile, match="not right"):
        load_asset(arm.folder)


def test_no_asset_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such folder"):
        load_asset(tmp_path / "nothing")
    with pytest.raises(UnreadableFile, match="no asset folder"):
        load_asset(tmp_path)


# strangers' assets


def strange(asset: Asset, model: str, **changes: object) -> None:
    (asset.folder / MODEL).write_text(model)
    forged(asset, **changes)


def test_a_strangers_good_asset_is_checked_once(arm: Asset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIFEWORLD_CACHE", str(tmp_path / "new user"))
    assert not is_noted(arm.digest)
    assert load_asset(arm.folder) == arm
    assert is_noted(arm.digest)


HOSTILE: dict[str, Callable[[str], str]] = {
    "include": lambda text: text.replace("<worldbody>", "<include file='/etc/passwd'/><worldbody>"),
    "plugin": lambda text: text.replace("<worldbody>", "<extension><plugin plugin='x'/></extension><worldbody>"),
    "mesh elsewhere": lambda text: text.replace("meshes/forearm.obj", "../../forearm.obj"),
    "replicate": lambda text: text.replace("<worldbody>", "<worldbody><replicate count='2'><site/></replicate>"),
    "memory": lambda text: text.replace("<worldbody>", "<size nkey='2'/><worldbody>"),
    "entity": lambda text: "<!DOCTYPE x [<!ENTITY a 'b'>]>" + text,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_strangers_model_is_held_to_the_normal_form(arm: Asset, name: str) -> None:
    strange(arm, HOSTILE[name](arm.model.read_text()))
    with pytest.raises(UnsafeFile):
        load_asset(arm.folder)


def test_a_strangers_model_reads_only_what_it_lists(arm: Asset) -> None:
    manifest, _ = read_manifest(arm.folder)
    (arm.folder / MANIFEST).write_text(print_manifest(replace(manifest, files=tuple(f for f in manifest.files if f.name == MODEL))))
    with pytest.raises(UnsafeFile, match="does not list"):
        load_asset(arm.folder)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"joints": ()}, "disagree about joints"),
        ({"actuators": ()}, "disagree about actuators"),
        ({"fixed": False}, "disagree about fixed"),
        ({"size_m": (9.0, 9.0, 9.0)}, "disagree about the size"),
    ],
)
def test_a_strangers_manifest_may_not_lie(arm: Asset, changes: dict[str, object], words: str) -> None:
    forged(arm, **changes)
    with pytest.raises(UnreadableFile, match=words):
        load_asset(arm.folder)


def test_the_cache_cannot_be_filled_from_an_asset(arm: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who ships a folder called `checked`, or opens ours to all, changes nothing."""
    strange(arm, HOSTILE["plugin"](arm.model.read_text()))
    _, digest = read_manifest(arm.folder)
    (arm.folder / "checked").mkdir()
    (arm.folder / "checked" / digest).touch()
    assert not is_noted(digest)
    note(digest)
    assert is_noted(digest)
    os.chmod(cache_folder() / "checked", 0o777)  # now anyone could have put it there
    assert not is_noted(digest)


def test_without_a_cache_that_can_be_written_every_load_checks(arm: Asset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LIFEWORLD_CACHE", str(tmp_path / "file"))
    assert load_asset(arm.folder) == arm
    assert not is_noted(arm.digest)


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LIFEWORLD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "lifeworld"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "lifeworld"


# writing


def test_an_import_replaces_its_own_folder_and_nobody_elses(data: Path, tmp_path: Path) -> None:
    first = import_file(data / "arm.xml", tmp_path / "out", name="one")
    second = import_file(data / "arm.xml", tmp_path / "out", name="two")
    assert (first.name, second.name) == ("one", "two")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="not made by this"):
        import_file(data / "arm.xml", tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_nothing_is_left_behind(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    import_file(data / "arm.xml", tmp_path / "out")
    (tmp_path / "bad.xml").write_text("<mujoco><oops/></mujoco>")
    with pytest.raises(UnreadableFile):
        import_file(tmp_path / "bad.xml", tmp_path / "out2")
    assert list(scratch.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.xml", "out", "tmp"]
