"""Opening an asset folder: its files must be what it lists, and its model one that was checked on this machine by this user.

A model is checked once: the digest of `asset.toml`, which holds the digests of all other files, is then noted in the user's own
cache. Nothing in the asset can put a note there, and a note says nothing about any other content.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from lifeworld.core.errors import UnreadableFile
from lifeworld.scene.formats.asset import FORMAT, Asset, check_files, read_manifest
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.sandbox import Job, run_child, workplace

CHECK = 1
"""Raise it when the check learns to refuse more: everything is then checked again."""


def load_asset(folder: str | os.PathLike[str], *, limits: Limits | None = None) -> Asset:
    """The asset in `folder`, with every file's digest verified; a model not yet known is first checked in a child process.

    Raises:
        UnreadableFile: if it is no asset folder, a file is missing or changed, or it is not what it says.
        UnsafeFile: if it reaches out of the folder or asks for a plug-in.
        FileTooLarge: if it is over the limits.
    """
    path = Path(os.path.abspath(folder))
    if not path.is_dir():
        raise UnreadableFile("there is no such folder", where=str(folder))
    manifest, digest = read_manifest(path)
    check_files(path, manifest)
    if not is_noted(digest):
        with workplace() as work:
            job = Job("check", str(path), str(path), str(work), limits or Limits(), {})
            run_child(job, shown=path.name)
        note(digest)
    return manifest.at(path, digest)


def cache_folder() -> Path:
    """Where this user's caches lie: LIFEWORLD_CACHE, else XDG_CACHE_HOME/lifeworld, else ~/.cache/lifeworld."""
    if own := os.environ.get("LIFEWORLD_CACHE"):
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "lifeworld"


def note(digest: str) -> None:
    """Remembers that the asset of this digest was made or checked here. A cache that cannot be written is done without."""
    folder = cache_folder() / "checked"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _ours(folder):
            (folder / _key(digest)).touch(mode=0o600)
    except OSError:
        return  # the next load checks again


def is_noted(digest: str) -> bool:
    """Whether the asset of this digest was made or checked here; a folder others may write to counts for nothing."""
    folder = cache_folder() / "checked"
    try:
        return _ours(folder) and (folder / _key(digest)).is_file()
    except OSError:
        return False


def _key(digest: str) -> str:
    return hashlib.sha256(f"lifeworld asset {FORMAT} {CHECK} {digest}".encode()).hexdigest()


def _ours(folder: Path) -> bool:
    held = os.lstat(folder)
    mine = not hasattr(os, "getuid") or held.st_uid == os.getuid()
    return mine and stat.S_ISDIR(held.st_mode) and not held.st_mode & 0o022
