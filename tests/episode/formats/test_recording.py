"""What a path is, is told by what it holds; folders are gone through; what cannot be taken is said, and nothing heavy is loaded for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import picture, write_film
from PIL import Image

from lifeworld.core.errors import UnknownName, UnreadableFile, UnsafeFile
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.formats import FORMATS, open_recording
from lifeworld.episode.formats.sniff import format_of
from lifeworld.episode.formats.source import Source, natural
from lifeworld.episode.seal import append_to

BVH = "HIERARCHY\nROOT hips\n{\n"


def write_all(folder: Path) -> dict[str, str]:
    """A file of each sort whose content says it, under names that do not; and what it is."""
    write_film(folder / "a.mp4")
    write_film(folder / "a.mkv")
    write_film(folder / "a.gif", "gif", "rgb8")
    np.savez(folder / "a.npz", t=np.arange(2), x=np.arange(2))
    said = {"a.mp4": "media", "a.mkv": "media", "a.gif": "media", "a.npz": "npz"}
    for name in list(said):
        (folder / f"{name}.bin").write_bytes((folder / name).read_bytes())
        (folder / name).unlink()
    said = {f"{name}.bin": what for name, what in said.items()}
    texts = {"b.bin": ("bvh", BVH), "c.bin": ("csv", "time;x\n0;1\n1;2\n"), "d.bin": (None, "hello\nworld\n")}
    for name, (_, text) in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "m.bin").write_bytes(b"\x89MCAP0\r\n" + bytes(20))
    (folder / "h.bin").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(20))
    (folder / "h512.bin").write_bytes(bytes(512) + b"\x89HDF\r\n\x1a\n")
    (folder / "z.bin").write_bytes(b"")
    return {**said, "b.bin": "bvh", "c.bin": "csv", "m.bin": "mcap", "h.bin": "hdf5", "h512.bin": "hdf5"}


def test_files_are_told_by_their_content(tmp_path: Path) -> None:
    said = write_all(tmp_path)
    assert {path.name: name for path in tmp_path.iterdir() if (name := format_of(path))} == said


def test_folders_are_told_by_what_lies_in_them(tmp_path: Path) -> None:
    for name, info in (("v3", {"codebase_version": "v3.0"}), ("ours", {"codebase_version": "v3.0", "x_world": {}}), ("none", [])):
        (tmp_path / name / "meta").mkdir(parents=True)
        (tmp_path / name / "meta" / "info.json").write_text(json.dumps(info), encoding="utf-8")
    assert [format_of(tmp_path / name) for name in ("v3", "ours", "none")] == ["lerobot", "bundle", None]


def test_every_reader_can_be_loaded_and_takes_a_report() -> None:
    import importlib

    for name, format in FORMATS.items():
        assert callable(importlib.import_module(format.module).read), name


def test_nothing_heavy_is_loaded_to_tell_what_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("t,x\n0,1\n", encoding="utf-8")
    heavy = ("av", "pyarrow", "PIL", "h5py", "mcap")
    code = (
        "import sys; from lifeworld.episode.formats import open_recording; "
        f"r = open_recording({str(tmp_path)!r}); print(len(list(r.episodes)), [m for m in {heavy} if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[0] == "1 []"


def test_a_folder_of_everything(tmp_path: Path) -> None:
    write_film(tmp_path / "2.mp4")
    write_film(tmp_path / "10.mp4")
    (tmp_path / "walk" / "frames").mkdir(parents=True)
    for k in range(3):
        Image.fromarray(picture(k)).save(tmp_path / "walk" / "frames" / f"{1_700_000_000 + k}.png")
    (tmp_path / "walk" / "log.csv").write_text("t,x\n0,1\n", encoding="utf-8")
    (tmp_path / ".hidden.mp4").write_bytes(b"junk")
    (tmp_path / "out.mp4").symlink_to("/etc/hostname")
    recording = open_recording(tmp_path)
    assert (recording.format, recording.pieces) == ("folder", 4)
    assert [e.title for e in recording.episodes] == ["2", "10", "frames", "log"]
    assert [what for what, _ in recording.report.skipped] == ["out.mp4"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"hello", r"text.*expected video"),
        ("a.zip", b"PK\x03\x04rest", "zip archive"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "folder of them"),
        ("a.parquet", b"PAR1", r"holds meta/"),
        ("a.mp4", b"", "an empty file"),
        ("a.bin", b"\x01\x02\x03\xff", "01 02 03 ff"),
        ("a.bag", b"#ROSBAG V2.0", "convert"),
    ],
)
def test_what_is_no_recording_is_said(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=says):
        open_recording(tmp_path / name)


def test_an_empty_folder_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="empty folder"):
        open_recording(tmp_path)
    with pytest.raises(UnreadableFile, match="no such file"):
        open_recording(tmp_path / "gone")


def test_a_pickle_among_others_is_skipped_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(UnreadableFile, match=r"a\.pkl: this is a pickle"):
        open_recording(tmp_path)
    with pytest.raises(UnsafeFile, match="never opened"):
        open_recording(tmp_path / "a.pkl")


def test_an_option_that_no_reader_knows(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4")
    with pytest.raises(UnknownName, match="fsp"):
        open_recording(tmp_path / "a.mp4", fsp=3)


def test_a_bundle_comes_in_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("t,x\n0,1\n1,2\n", encoding="utf-8")
    [episode] = open_recording(tmp_path / "log.csv").episodes
    with append_to(tmp_path / "a") as writer:
        uid = writer.add(episode)
    [again] = open_recording(tmp_path / "a").episodes
    assert again.streams == open_bundle(tmp_path / "a")[0].streams
    assert again.provenance.parents == (f"episode:{uid} a", *episode.provenance.parents)


def test_a_source_is_known_by_what_it_holds(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "deep" / "x").write_bytes(b"12")
        (tmp_path / folder / "y").write_bytes(b"3")
    a, b = (Source.of(tmp_path / name) for name in ("a", "b"))
    assert (a.sha256, a.name, b.name) == (b.sha256, "a", "b")
    (tmp_path / "b" / "deep" / "x").write_bytes(b"13")
    assert Source.of(tmp_path / "b").sha256 != a.sha256
    (tmp_path / "b" / "deep" / "x").write_bytes(b"1")
    (tmp_path / "b" / "y").write_bytes(b"23")
    assert Source.of(tmp_path / "b").sha256 != a.sha256
    assert a.parent(3) == f"sha256:{a.sha256}#3 a"


def test_names_with_numbers_are_sorted_by_them() -> None:
    assert sorted(["f10", "f9", "a1b2", "a1b10", "10", "9", "²"], key=natural) == ["9", "10", "a1b2", "a1b10", "f9", "f10", "²"]
