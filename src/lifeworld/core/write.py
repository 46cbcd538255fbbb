"""Files and folders that are either whole or not there: write beside, then rename.

    with replace_file("out/scene.toml") as beside:
        beside.write_text(text)

What was at the path stays untouched until the new one is complete and on the disk; an exception leaves it as it was and
removes what was begun. A process that is killed can leave a `.part-…` file or folder beside it, never half of the real one; `sweep`
removes those, but not where somebody is writing: whoever writes shares a lock of the folder, and the kernel knows who died.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from lifeworld.core.errors import InputError

_LEFT = re.compile(r"\.(part|old)-[0-9a-f]{12}(\..*)?")
MARK = ".lifeworld-files"
"""In a folder made by `replace_folder`: the files it wrote, one a line. What is not listed is not ours to replace."""


@contextmanager
def replace_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a path beside `path`, with the same suffix, to write to; puts it in place of `path` at the end.

    Missing parent folders are made. A symbolic link at `path` is replaced, not followed.

    Raises:
        InputError: if `path` is a folder, or nothing was written.
    """
    target = Path(os.path.abspath(path))
    if target.is_dir() and not target.is_symlink():
        raise InputError("this is a folder, not a file", where=str(path), fix="Name a file in it.")
    with _beside(target, target.suffix) as beside:
        yield beside
        if not beside.is_file():
            raise InputError("nothing was written", where=str(path))
        sync(beside)
        os.replace(beside, target)
        sync(target.parent)


@contextmanager
def replace_folder(path: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[Path]:
    """Gives an empty folder beside `path` to fill; puts it in place of `path` at the end.

    An empty folder, or one that `replace_folder` made and nobody added to, is replaced; any other needs `overwrite`. Between
    the two renames of a replacement there is a moment without the folder; the old one then lies whole in `.old-…` beside it, from where
    `sweep` puts it back.

    Raises:
        InputError: if `path` is a file or link, or holds files that were not made here and `overwrite` is false.
    """
    target = Path(os.path.abspath(path))
    _check_folder(target, str(path), overwrite)
    with _beside(target, "") as beside:
        beside.mkdir()
        yield beside
        names = sorted(_files(beside))
        (beside / MARK).write_text("".join(f"{name}\n" for name in names), encoding="utf-8", errors="surrogateescape")
        for folder, _, _ in os.walk(beside):
            sync(Path(folder))
        for name in [*names, MARK]:
            sync(beside / name)
        _check_folder(target, str(path), overwrite)  # again: filling may have taken hours
        _put(beside, target)
        sync(target.parent)


def _put(beside: Path, target: Path) -> None:
    if not target.exists() or not any(target.iterdir()):
        os.replace(beside, target)  # a rename onto an empty folder is one step
        return
    aside = target.with_name(f".old-{secrets.token_hex(6)}")
    aside.mkdir()
    old = aside / target.name
    os.replace(target, old)
    try:
        os.replace(beside, target)
    except BaseException:
        os.replace(old, target)
        aside.rmdir()
        raise
    shutil.rmtree(aside)


def sweep(folder: str | os.PathLike[str]) -> list[Path]:
    """Remove what killed processes have left in a folder, and put back what they had taken away; the paths that are gone or back.

    Nothing happens where somebody is writing now, or where the file system has no locks to tell.
    """
    if os.name == "nt":  # Windows cannot open folders
        return []
    import fcntl

    here, done = Path(folder), []
    handle = os.open(here, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in sorted(path for path in here.iterdir() if _LEFT.fullmatch(path.name)):
            held = list(left.iterdir()) if left.name.startswith(".old-") and left.is_dir() else []
            if len(held) == 1 and not os.path.lexists(back := here / held[0].name):
                os.replace(held[0], back)
                done.append(back)
            else:
                done.append(left)
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
        sync(here)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EBADF, errno.ENOLCK, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
    return done


def _check_folder(target: Path, shown: str, overwrite: bool) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputError("this is a file or a link, not a folder", where=shown, fix="Choose another folder.")
    if overwrite or not target.exists() or not any(target.iterdir()):
        return
    mark = target / MARK
    ours = {*mark.read_text(encoding="utf-8", errors="surrogateescape").split("\n"), MARK} if mark.is_file() else set()
    strange = sorted(_files(target) - ours)
    if strange or not ours:
        raise InputError(
            "the folder holds files that were not made by this",
            where=shown,
            got=", ".join(strange[:3]) + (f" and {len(strange) - 3} more" if len(strange) > 3 else "") or "only folders",
            fix="Choose another folder, or allow overwriting: all of it is then deleted.",
        )


def _files(folder: Path) -> set[str]:
    found = set()
    for here, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]  # walk does not go into them
        found |= {os.path.relpath(os.path.join(here, name), folder) for name in [*files, *links]}
    return found


@contextmanager
def _beside(target: Path, suffix: str) -> Iterator[Path]:
    made = _make_parents(target.parent)
    beside = target.with_name(f".part-{secrets.token_hex(6)}{suffix}")
    try:
        with _shared(target.parent):
            yield beside
    except BaseException:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        else:
            beside.unlink(missing_ok=True)
        for folder in made:
            with suppress(OSError):  # someone else put something there meanwhile
                folder.rmdir()
        raise


@contextmanager
def _shared(folder: Path) -> Iterator[None]:
    """Be one of those who write in a folder: nobody sweeps it meanwhile."""
    if os.name == "nt":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks: then nobody can sweep either
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _make_parents(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    if not folder.is_dir():
        raise InputError("this is a file, not a folder", where=str(folder), fix="Choose another place.")
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
    return missing


_later: ContextVar[bool] = ContextVar("_later", default=False)


@contextmanager
def synced_later() -> Iterator[None]:
    """In here the disk is asked for nothing: for files in a folder that counts for nothing until it is synced as a whole."""
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


def sync(path: Path) -> None:
    """Asks the disk to have it: without this a power cut after the rename can leave an empty file under the right name."""
    if _later.get():
        return
    if path.is_symlink() or (os.name == "nt" and path.is_dir()):  # Windows cannot open folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
