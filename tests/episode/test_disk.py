"""A disk that is full or can only be read is named; nothing sealed is lost, and what was journalled is there when there is room again."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundles import WHO, episode, stream

from lifeworld.cli import main
from lifeworld.core.errors import StorageError
from lifeworld.core.storage import on_disk
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.video import copy_video, write_video
from lifeworld.episode.journal import Journal, recover
from lifeworld.episode.seal import append_to

RNG = np.random.default_rng(0)
BIG = RNG.normal(size=20_000)  # 160 kB that nothing makes smaller


def mounted(folder: Path, *options: str) -> None:
    """A small disk of its own; skips where nobody may mount one."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    disk = tmp_path / "disk"
    mounted(disk, "-o", "size=3m")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def sealed(root: Path) -> str:
    with append_to(root) as writer:
        return writer.add(episode(stream("reading", np.random.default_rng(1))))


def fill(disk: Path, *, but: int) -> Path:
    """All of a disk but so many bytes, in one file."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    ballast.write_bytes(b"\0" * max(free - but, 0))
    return ballast


def test_a_full_disk_stops_a_recording_and_loses_nothing(small: Path) -> None:
    root = small / "b"
    old = sealed(root)
    ballast = fill(small, but=700_000)
    taken: list[Any] = []
    journal = Journal(root, provenance=WHO, origin="measured")

    def record() -> None:
        for i in range(8):
            journal.write("reading@big", i, BIG + i)
            taken.append(BIG + i)
            journal._flush()  # as the keeper does every half second

    with pytest.raises(StorageError) as error:
        record()
    for word in ("disk is full", str(journal.path), "Free some space"):
        assert word in str(error.value)
    with pytest.raises(StorageError):  # as long as it is full nothing more is taken
        journal.write("reading@big", 100, BIG)
    with pytest.raises(StorageError):
        journal.close()
    assert open_bundle(root).uids == [old]
    ballast.unlink()
    journal.write("reading@big", 101, BIG)  # there is room again: it goes on, and nothing that was taken is missing
    uid = journal.seal()
    after = open_bundle(root).episode(uid)["reading@big"]
    assert after.times_ns.tolist() == [*range(len(taken)), 101]
    assert [v.tobytes() for v in after.values] == [v.tobytes() for v in [*taken, BIG]]


def test_what_a_dead_recorder_left_on_a_full_disk_is_recovered(small: Path) -> None:
    root = small / "b"
    old = sealed(root)
    before = tree(root)
    ballast = fill(small, but=700_000)
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from test_disk import *\n"
        "journal = Journal(sys.argv[1], provenance=WHO, origin='measured')\n"
        "for i in range(8):\n"
        "    journal.write('reading@big', i, BIG + i); journal._flush()\n"
    )
    died = subprocess.run([sys.executable, "-c", code, root, *sys.path], capture_output=True, text=True, check=False, timeout=100)
    assert "StorageError" in died.stderr
    [path] = (root / "staging").glob("*.mcap")
    torn = path.read_bytes()
    with pytest.raises(StorageError, match="disk is full"):  # sealing needs room, too
        recover(root)
    assert path.read_bytes() == torn
    assert {name: data for name, data in tree(root).items() if "staging" not in name} == before
    ballast.unlink()
    [found] = recover(root)
    count = found.streams["reading@big"]
    assert count >= 3
    assert open_bundle(root).uids == [old, path.stem]
    for i, value in enumerate(open_bundle(root).episode(path.stem)["reading@big"].values):
        assert value.tobytes() == (BIG + i).tobytes()


def test_a_full_disk_is_told_when_an_episode_is_sealed(small: Path) -> None:
    root = small / "b"
    old = sealed(root)
    before = tree(root)
    ballast = fill(small, but=200_000)
    big = episode(*(stream(name, RNG, count=100) for name in ("depth_m", "rgb", "audio_mono", "contacts")))
    with pytest.raises(StorageError, match="disk is full"), append_to(root) as writer:
        writer.add(big)
    assert tree(root) == before
    assert list(small.rglob(".part-*")) == []
    ballast.unlink()
    with append_to(root) as writer:
        assert open_bundle(root).uids == [old]
        new = writer.add(big)
    assert open_bundle(root).uids == [old, new]


def test_a_video_that_finds_no_room_is_no_bad_video(small: Path, tmp_path: Path) -> None:
    write_video(tmp_path / "film.mp4", RNG.integers(0, 255, (8, 64, 64, 3), dtype=np.uint8), range(8), fps=Fraction(30))
    fill(small, but=4_096)
    with pytest.raises(StorageError, match="disk is full"):
        copy_video(tmp_path / "film.mp4", small / "film.mp4", fps=None)
    assert [p.name for p in small.iterdir()] == ["ballast"]


def test_a_disk_that_can_only_be_read_can_be_read(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = small / "b"
    sealed(root)
    with Journal(root, provenance=WHO, origin="measured") as journal:
        journal.write("reward", 0, 1.0)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    try:
        assert len(open_bundle(root)[0]["reading@front"].values[:]) == 5
        for attempt in (
            lambda: Journal(root, provenance=WHO),
            lambda: Journal(small / "new", provenance=WHO),
            lambda: journal.seal(),
            lambda: recover(root),
            lambda: sealed(root),
        ):
            with pytest.raises(StorageError, match="can only be read") as error:
                attempt()
            assert str(small) in str(error.value)
            assert "Mount it for writing" in str(error.value)
        assert main(["recover", str(root), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["error"] == "storage_error"
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
    assert journal.seal() in open_bundle(root).uids


LIMITED = """
import resource, sys
sys.path[:0] = sys.argv[2:]
from test_disk import *
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
journal = Journal(sys.argv[1], provenance=WHO, origin="measured")
taken = 0
try:
    for taken in range(8):
        journal.write("reading@big", taken, BIG + taken)
        journal._flush()
except StorageError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
if sys.argv[1].endswith("goes-on"):
    journal.write("reading@big", 100, BIG)
    journal.seal()
"""


@pytest.mark.parametrize("name", ["dies", "goes-on"])
def test_a_limit_of_the_system_is_a_full_disk(tmp_path: Path, name: str) -> None:
    """The same where nobody may mount a disk: the kernel cuts a file at 500 kB, in the middle of a write."""
    root = tmp_path / name
    done = subprocess.run([sys.executable, "-c", LIMITED, root, *sys.path], capture_output=True, text=True, check=True, timeout=100)
    assert "larger than this system allows" in done.stdout
    assert "ulimit" in done.stdout
    found = recover(root)
    [uid] = open_bundle(root).uids
    after = open_bundle(root).episode(uid)["reading@big"]
    if name == "dies":
        assert found[0].lost > 0
        assert after.times_ns.tolist() == [0, 1, 2]
    else:
        assert found == []
        assert after.times_ns.tolist() == [0, 1, 2, 3, 100]
        assert after.values[4].tobytes() == BIG.tobytes()
    for i in range(3):
        assert after.values[i].tobytes() == (BIG + i).tobytes()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "only be read"),
        (errno.EACCES, "not allowed to you"),
        (errno.EIO, "broken"),
    ],
)
def test_what_a_disk_refuses_has_words(number: int, words: str) -> None:
    with pytest.raises(StorageError, match=words) as error, on_disk("here"):
        raise OSError(number, os.strerror(number))
    assert error.value.fix


def test_other_errors_stay_what_they_are() -> None:
    def fail() -> Any:
        with on_disk("here"):
            raise FileNotFoundError(errno.ENOENT, "no such file")

    with pytest.raises(FileNotFoundError):
        fail()
