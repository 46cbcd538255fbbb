"""The files of a bundle: the chain of snapshots, every sealed file's size and hash, and what lies there that nobody lists."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lifeworld.core.errors import LifeworldError
from lifeworld.episode.bundle import inside
from lifeworld.episode.check.problem import Problem
from lifeworld.episode.head import INFO, LOCK, Head, file_of, read_snapshot, snapshot_path
from lifeworld.episode.index import ROWS
from lifeworld.episode.ledger import CONSENTS, ERASING, TOMBSTONES
from lifeworld.episode.manifest import File
from lifeworld.scene import text

ERASE_AGAIN = "Run `lifeworld erase` again: it finishes what was begun."
TIDY = "The next writer removes it."
RECOVER = "Run `lifeworld recover`."
_BESIDE = re.compile(r"\.(part|old)-[0-9a-f]+")
_PICKLE = re.compile(rb"\x80[\x02-\x05].", re.DOTALL)
_OWN = {INFO, LOCK, TOMBSTONES, ERASING, "meta/stats.json", "meta/tasks.parquet", "README.md", "LICENSE", ".gitattributes", ".gitignore"}
_MADE = re.compile(r"scene\.toml|first\.png|sheet(_[^/]+)?\.png")
"""What `lifeworld make` puts beside the episodes: the scene, and pictures to look at."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the snapshots say together: the files that are, by path, and the paths that were and are no more."""

    live: dict[str, File]
    gone: set[str]


def check_snapshots(root: Path, head: Head) -> tuple[Sealed, list[Problem]]:
    """Follow the chain from the first snapshot to the last."""
    problems, live, gone = list[Problem](), dict[str, File](), set[str]()
    parent: str | None = ""
    for number in range(1, head.snapshot + 1):
        path = snapshot_path(number)
        try:
            snapshot = read_snapshot(root, number)
            raw = (root / path).read_bytes()
        except LifeworldError as error:
            problems.append(Problem.of(error, where=path))
            parent = None
            continue
        if snapshot.number != number:
            problems.append(Problem(where=path, what="a snapshot in the place of another", got=str(snapshot.number), expected=str(number)))
        if parent is not None and snapshot.parent != parent:
            fix = "One of the two was changed after it was written: bring both back."
            what = f"the snapshot does not follow {snapshot_path(number - 1)}" if number > 1 else "the first snapshot follows another"
            problems.append(Problem(where=path, what=what, got=snapshot.parent or "nothing", expected=parent or "nothing", fix=fix))
        parent = hashlib.sha256(raw).hexdigest()
        for name in snapshot.removed:
            if live.pop(name, None) is None:
                problems.append(Problem(where=path, what="it removes what was not there", got=name))
            gone.add(name)
        for file in snapshot.added:
            if file.path in live:
                problems.append(Problem(where=path, what="it adds what is there already", got=file.path))
            live[file.path] = file
    return Sealed(live, gone - live.keys()), problems


def check_sealed(root: Path, sealed: Sealed) -> Iterator[Problem]:
    """Every sealed file is there, as long as it was and with the same hash; those that were removed are not there."""
    for path, file in sealed.live.items():
        try:
            full = inside(root, path)
        except LifeworldError as error:
            yield Problem.of(error, where=path)
            continue
        if not full.is_file():
            yield Problem(where=path, what="a sealed file is missing", expected=f"{file.bytes} bytes", fix="Bring it back from a copy.")
            continue
        now = file_of(root, path)
        if now != file:
            what = "a sealed file was changed" if now.bytes == file.bytes else "a sealed file has another length"
            got, expected = (f"{f.bytes} bytes, sha256 {f.sha256}" for f in (now, file))
            yield Problem(where=path, what=what, got=got, expected=expected, fix="Bring it back from a copy.")
    for path in sorted(sealed.gone):
        if os.path.lexists(root / path):
            yield Problem(where=path, what="it was erased, and its bytes are still there", fix=ERASE_AGAIN)


def check_strays(root: Path, head: Head, sealed: Sealed) -> Iterator[Problem]:
    """What lies in the folder and is not of the bundle: links, pickles, left-overs, recordings that were not sealed."""
    index = {f"{head.index}-{first // ROWS:06d}.parquet" for first in range(0, head.episodes, ROWS)}
    snapshots = {snapshot_path(number) for number in range(1, head.snapshot + 1)}
    known = _OWN | index | snapshots | sealed.live.keys() | sealed.gone
    folders = ("cache/", "meta/episodes/", f"{CONSENTS}/", *_assets(root))
    for path in walk(root):
        full = root / path
        if full.is_symlink():
            if not full.resolve().is_relative_to(root.resolve()):
                yield Problem(where=path, what="a link that leads out of the bundle", got=os.readlink(full), fix="Remove it.")
            continue
        if _is_pickle(full):
            what = "a pickle: opening one runs whatever it holds, so it is never opened"
            yield Problem(where=path, what=what, fix="Remove it, and distrust who put it there.")
        if path in known or path.startswith(folders) or _MADE.fullmatch(path):
            continue
        if path == "staging" or path.startswith("staging/"):
            if path.endswith(".mcap"):
                yield Problem(where=path, what="a recording that was not sealed", fix=RECOVER, warning=True)
                continue
            yield Problem(where=path, what="left over from sealing, or being sealed now", fix=TIDY, warning=True)
        elif _BESIDE.search(path):
            yield Problem(where=path, what="left over from a write that was cut off", fix=TIDY, warning=True)
        else:
            yield Problem(
                where=path, what="not a file of this bundle: no snapshot lists it", fix="Remove it, or keep it elsewhere.", warning=True
            )


def _assets(root: Path) -> list[str]:
    """The folders of what the scene beside the episodes imported, if there is one that can be read."""
    try:
        return [f"{ref.folder.rstrip('/')}/" for ref in text.read(root / "scene.toml").assets]
    except LifeworldError:
        return []


def walk(root: Path) -> Iterator[str]:
    """The paths of all files and links below a folder, with /, in order; links are not followed."""
    for here, folders, files in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]
        folders[:] = sorted(set(folders) - set(links))
        for name in sorted([*files, *links]):
            yield Path(here, name).relative_to(root).as_posix()


def _is_pickle(path: Path) -> bool:
    if path.suffix in (".pkl", ".pickle"):
        return True
    with path.open("rb") as file:
        if not _PICKLE.match(file.read(3)):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"."
