"""A file or folder is the old one or the new one, whole, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lifeworld.core.errors import InputError
from lifeworld.core.write import MARK, replace_file, replace_folder, sweep


def tree(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != MARK}


def fill(path: Path, files: dict[str, str], *, overwrite: bool = False) -> None:
    with replace_folder(path, overwrite=overwrite) as beside:
        for name, text in files.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            (beside / name).write_text(text)


# files


def test_a_file_is_written_beside_and_put_in_place(tmp_path: Path) -> None:
    target = tmp_path / "scene.toml"
    target.write_text("old")
    with replace_file(target) as beside:
        assert beside.parent == target.parent
        assert beside.suffix == ".toml"  # writers choose the format by it
        beside.write_text("new")
        assert target.read_text() == "old"
    assert tree(tmp_path) == {"scene.toml": "new"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "scene.toml"
    target.write_text("old")

    def write() -> None:
        with replace_file(target) as beside:
            beside.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert tree(tmp_path) == {"scene.toml": "old"}


def test_missing_folders_are_made_and_on_failure_unmade(tmp_path: Path) -> None:
    with replace_file(tmp_path / "a" / "b" / "c.txt") as beside:
        beside.write_text("x")
    assert tree(tmp_path) == {"a/b/c.txt": "x"}
    with pytest.raises(InputError, match="nothing was written"), replace_file(tmp_path / "a" / "d" / "e" / "f.txt"):
        pass
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["b"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with replace_file(tmp_path / "link") as beside:
        beside.write_text("new")
    assert not (tmp_path / "link").is_symlink()
    assert tree(tmp_path) == {"link": "new", "real": "real"}


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(InputError, match="this is a folder"), replace_file(tmp_path):
        pass
    with pytest.raises(InputError, match="this is a file, not a folder"), replace_file(tmp_path / "f" / "g"):
        pass


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    with replace_file(tmp_path / "atomic") as beside:
        beside.write_text("x")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


# folders


def test_a_folder_is_filled_beside_and_put_in_place(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with replace_folder(target) as beside:
        (beside / "a.txt").write_text("1")
        assert not target.exists()
    assert tree(target) == {"a.txt": "1"}
    assert os.listdir(target.parent) == ["out"]


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out", {"a.txt": "1"})
    assert tree(tmp_path) == {"out/a.txt": "1"}


def test_a_folder_made_here_is_replaced_as_a_whole(tmp_path: Path) -> None:
    fill(tmp_path / "out", {"a.txt": "1", "sub/b.txt": "2"})
    fill(tmp_path / "out", {"a.txt": "3"})
    assert tree(tmp_path) == {"out/a.txt": "3"}
    assert os.listdir(tmp_path) == ["out"]


def test_an_empty_folder_made_here_can_be_replaced(tmp_path: Path) -> None:
    fill(tmp_path / "out", {})
    fill(tmp_path / "out", {"a.txt": "1"})
    assert tree(tmp_path) == {"out/a.txt": "1"}


@pytest.mark.parametrize("made_here", [True, False])
def test_a_folder_with_strangers_files_needs_permission(tmp_path: Path, made_here: bool) -> None:
    out = tmp_path / "out"
    if made_here:
        fill(out, {"a.txt": "1"})
    (out / "sub").mkdir(parents=True)
    (out / "sub" / "mine.txt").write_text("mine")
    before = tree(out)
    with pytest.raises(InputError, match=r"got sub/mine\.txt\. Choose another folder"):
        fill(out, {"a.txt": "2"})
    assert tree(out) == before
    assert os.listdir(tmp_path) == ["out"]
    fill(out, {"a.txt": "2"}, overwrite=True)
    assert tree(out) == {"a.txt": "2"}
    assert os.listdir(tmp_path) == ["out"]


def test_a_folder_of_empty_folders_is_a_strangers_too(tmp_path: Path) -> None:
    (tmp_path / "out" / "sub").mkdir(parents=True)
    with pytest.raises(InputError, match="only folders"):
        fill(tmp_path / "out", {"a.txt": "1"})


def test_a_file_that_appears_while_filling_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def write() -> None:
        with replace_folder(out) as beside:
            (beside / "a.txt").write_text("1")
            out.mkdir()
            (out / "mine.txt").write_text("mine")

    with pytest.raises(InputError, match=r"mine\.txt"):
        write()
    assert tree(tmp_path) == {"out/mine.txt": "mine"}


def test_names_that_are_no_utf8_are_names_too(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    fill(tmp_path / "out", {name: "1"})
    fill(tmp_path / "out", {name: "2"})
    assert tree(tmp_path / "out") == {name: "2"}


def test_linked_folders_are_neither_followed_nor_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "precious.txt").write_text("keep")
    fill(tmp_path / "out", {"a.txt": "1"})
    (tmp_path / "out" / "link").symlink_to(tmp_path / "far")
    with pytest.raises(InputError, match="got link"):
        fill(tmp_path / "out", {"a.txt": "2"})
    fill(tmp_path / "out", {"a.txt": "2"}, overwrite=True)
    assert (tmp_path / "far" / "precious.txt").read_text() == "keep"


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_a_file_or_link_in_the_place_of_a_folder_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "real").mkdir()
    if kind == "file":
        (tmp_path / "out").write_text("x")
    else:
        (tmp_path / "out").symlink_to(tmp_path / ("real" if kind == "link" else "nowhere"))
    with pytest.raises(InputError, match="a file or a link"):
        fill(tmp_path / "out", {"a.txt": "1"}, overwrite=True)
    assert os.listdir(tmp_path / "real") == []


def test_an_exception_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    fill(tmp_path / "out", {"a.txt": "1"})

    def write(path: Path) -> None:
        with replace_folder(path) as beside:
            (beside / "sub").mkdir()
            (beside / "sub" / "a.txt").write_text("half")
            raise KeyboardInterrupt

    for path in (tmp_path / "out", tmp_path / "new" / "deep"):
        with pytest.raises(KeyboardInterrupt):
            write(path)
    assert tree(tmp_path) == {"out/a.txt": "1"}
    assert os.listdir(tmp_path) == ["out"]


# a process that is killed

KILLED = """
import os, signal, sys
from pathlib import Path
from lifeworld.core.write import replace_file, replace_folder
out = Path(sys.argv[1])
with replace_{kind}(out / "x.txt") as beside:
    (beside if {is_file} else beside / "a.txt").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("old", [True, False])
def test_a_killed_process_leaves_the_old_one_whole(tmp_path: Path, kind: str, old: bool) -> None:
    target = tmp_path / "x.txt"
    if old and kind == "file":
        target.write_text("old")
    elif old:
        fill(target, {"a.txt": "old"})
    code = KILLED.format(kind=kind, is_file=kind == "file")
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert target.exists() == old
    if old:
        assert (target.read_text() if kind == "file" else tree(target)["a.txt"]) == "old"
    left = [name for name in os.listdir(tmp_path) if name != "x.txt"]
    assert len(left) == 1
    assert left[0].startswith(".part-")
    if kind == "file":  # and what is left is in nobody's way
        with replace_file(target) as beside:
            beside.write_text("new")
        assert target.read_text() == "new"
    else:
        fill(target, {"a.txt": "new"})
        assert tree(target) == {"a.txt": "new"}


# what killed processes leave


LEAVE = """
import os, sys
from pathlib import Path
from lifeworld.core import write
target, how = Path(sys.argv[1]), sys.argv[2]
if how == "file":
    with write.replace_file(target / "a.txt") as beside:
        beside.write_text("half")
        os.kill(os.getpid(), 9)
elif how == "folder":
    with write.replace_folder(target / "b") as beside:
        (beside / "x").write_text("half")
        os.kill(os.getpid(), 9)
else:  # between the two renames
    rename, count = os.replace, 0
    def replace(a, b):
        rename(a, b)
        os.kill(os.getpid(), 9)
    write.os.replace = replace
    with write.replace_folder(target / "b", overwrite=True) as beside:
        (beside / "x").write_text("new")
"""


@pytest.mark.parametrize("how", ["file", "folder", "between"])
def test_what_the_killed_leave_is_swept_and_what_they_took_is_back(tmp_path: Path, how: str) -> None:
    fill(tmp_path / "b", {"x": "old"})
    (tmp_path / ".part-of-something-else").write_text("mine")
    (tmp_path / ".old-photos").mkdir()
    died = subprocess.run([sys.executable, "-c", LEAVE, str(tmp_path), how], check=False)
    assert died.returncode == -signal.SIGKILL
    assert (tmp_path / "b").exists() == (how != "between")
    assert len(sweep(tmp_path)) == (1 if how != "between" else 2)
    assert tree(tmp_path) == {".part-of-something-else": "mine", "b/x": "old"}
    assert sorted(p.name for p in tmp_path.iterdir()) == [".old-photos", ".part-of-something-else", "b"]
    assert sweep(tmp_path) == []


def test_nothing_is_swept_where_somebody_writes(tmp_path: Path) -> None:
    (tmp_path / ".part-0123456789ab.txt").write_text("half, of the dead")
    with replace_file(tmp_path / "a.txt") as beside:
        beside.write_text("half, of the living")
        assert sweep(tmp_path) == []
        assert beside.exists()
    assert [p.name for p in sweep(tmp_path)] == [".part-0123456789ab.txt"]
    assert tree(tmp_path) == {"a.txt": "half, of the living"}
