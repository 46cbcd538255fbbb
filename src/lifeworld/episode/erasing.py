"""Carrying out an erasure, or another change of what is sealed: a list that is worked off step by step, and again after a crash.

Once `ledger/erasing.json` is there the change happens: whoever takes the bundle's lock next finishes it. The steps, each of which may
be done twice: renumber the LeRobot view, append the snapshot, replace `meta/info.json` (from here on nobody sees what was erased), put
the new manifests in place, delete the files, set the tombstone of what was erased, remove the list.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.write import replace_file, sync
from lifeworld.episode.bundle import inside, load_manifest, open_episode
from lifeworld.episode.head import file_of, read_info, write_info, write_snapshot
from lifeworld.episode.ledger import ERASING, Tombstone, append_tombstone
from lifeworld.episode.manifest import File, public
from lifeworld.episode.view import View, at_rate, plan_view
from lifeworld.episode.view.tables import DATA, place

CACHE = "cache"
NEW = ".new"
"""New manifests wait beside the old ones under this ending."""


class Erasing(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done to a bundle at `snapshot`. Nothing in it tells of whom.

    `index` is the generation of the index without what is erased, and `episodes` its number of rows. `out_of_view` are the uids that
    LeRobot sees no more, `manifests` the paths of those that are replaced, `sealed` the files that the next snapshot says are removed,
    `other` those that go and were never sealed, `data` the files of the view that stay, as the snapshots know them. `into_view` are uids
    that LeRobot sees again, `view` all that it sees then, in their order, `numbers` those of the files of the former, and `told`
    other tasks of some. Where nothing is erased there
    is no tombstone.
    """

    snapshot: int
    index: str
    episodes: int
    out_of_view: tuple[str, ...]
    manifests: tuple[str, ...]
    sealed: tuple[str, ...]
    other: tuple[str, ...]
    data: tuple[File, ...]
    tombstone: Tombstone | None
    into_view: tuple[str, ...] = ()
    view: tuple[str, ...] | None = None
    told: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, int] = {}


def begin(root: Path, todo: Erasing) -> None:
    """From now on it happens."""
    with replace_file(root / ERASING) as beside:
        beside.write_bytes(msgspec.json.encode(todo))


def finish(root: Path) -> bool:
    """Carry out what was begun, if something was; whether it was. The caller holds the bundle's lock.

    Raises:
        UnreadableFile: if the list is damaged.
    """
    path = root / ERASING
    if not path.exists():
        return False
    try:
        todo = msgspec.json.decode(path.read_bytes(), type=Erasing)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        fix = "Remove the file, then run `lifeworld erase` and `lifeworld check`."
        raise UnreadableFile("what an erasure has still to do cannot be read", where=str(path), got=str(error), fix=fix) from error
    if read_info(root).head.snapshot == todo.snapshot:
        _make_true(root, todo)
    for name in todo.manifests:
        if inside(root, name + NEW).exists():
            with replace_file(inside(root, name)) as beside:
                shutil.copyfile(inside(root, name + NEW), beside)
    gone = [*todo.sealed, *todo.other, *(name + NEW for name in todo.manifests)]
    for name in gone:
        if name not in todo.manifests:
            inside(root, name).unlink(missing_ok=True)
    _remove_empty(root, gone)
    if todo.tombstone is not None:
        shutil.rmtree(root / CACHE, ignore_errors=True)
        append_tombstone(root, todo.tombstone)
    path.unlink()
    sync(path.parent)
    return True


def _make_true(root: Path, todo: Erasing) -> None:
    info = read_info(root)
    view = View(root, info.lerobot)
    removed, added = list(todo.sealed), [_renamed(file_of(root, name + NEW)) for name in todo.manifests]
    if todo.view is not None:
        added += _arrange(root, view, todo)
    elif todo.out_of_view:
        view.remove(todo.out_of_view)
    if todo.view is not None or todo.out_of_view:
        for file in todo.data:  # a run that was killed may have renumbered some before
            now = file_of(root, file.path)
            if now != file:
                removed.append(file.path)
                added.append(now)
    number = write_snapshot(root, todo.snapshot, added, removed)
    write_info(root, view.info, msgspec.structs.replace(info.head, episodes=todo.episodes, snapshot=number, index=todo.index))


def _arrange(root: Path, view: View, todo: Erasing) -> list[File]:
    """The view of these episodes, in their order; the files of those that were not in it."""
    assert todo.view is not None
    places = []
    for uid in todo.into_view:
        manifest = load_manifest(root, f"streams/{uid}")
        episode = open_episode(public(manifest), lambda path: inside(root, path))
        plan = plan_view(episode)
        assert plan is not None  # it was asked before
        number = todo.numbers[uid]
        if not view.holds(uid, len(todo.view)):
            view.add(episode, at_rate(view.info, plan), uid=uid, number=number, entries=manifest.streams)
            view.flush()
        places.append(place(DATA, number))
    view.arrange(todo.view, todo.told)
    return [file_of(root, path) for path in places]


def _renamed(file: File) -> File:
    return msgspec.structs.replace(file, path=file.path.removesuffix(NEW))


def _remove_empty(root: Path, gone: list[str]) -> None:
    """Folders that nothing is left in go too, and the disk is told of all."""
    for name in sorted({parent for path in gone for parent in Path(path).parents}, key=lambda parent: -len(parent.parts)):
        folder = root / name
        if len(name.parts) > 1 and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        elif folder.is_dir():
            sync(folder)
