"""Sealing: episodes become part of a bundle, each whole or not at all.

    with append_to("out/tabletop") as writer:        # makes the bundle if it is not there; nobody else may write meanwhile
        uid = writer.add(episode)                    # it is in the bundle when this returns

What takes long, encoding, is `stage`, which any process may do under the writer's lock; `commit` makes staged episodes part of the
bundle: it moves files to their places, then replaces `meta/info.json`. Killed before that, the bundle is as it was; the next writer
tidies up.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lifeworld.core.errors import InputError
from lifeworld.core.storage import on_disk
from lifeworld.core.write import sync, synced_later
from lifeworld.episode.bundle import inside, load_manifest, open_episode
from lifeworld.episode.codec.video import copy_video
from lifeworld.episode.crypt import ALG, Context, encrypt_file
from lifeworld.episode.entry import ratio, write_stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.erasing import finish
from lifeworld.episode.head import LOCK, Head, file_of, is_bundle, locked, read_info, write_info, write_snapshot
from lifeworld.episode.index import Index, append_rows, row_of
from lifeworld.episode.keys import Keys
from lifeworld.episode.ledger import keep_consents
from lifeworld.episode.manifest import SCHEMA, Encryption, Entry, File, Manifest, public, write_manifest
from lifeworld.episode.view import Plan, View, at_rate, fits, plan_view
from lifeworld.scene.text import to_text

STAGING = "staging"
FILES_IN_A_CHUNK = 1_000


@contextmanager
def append_to(path: Path | str, *, exact: Collection[str] = (), encrypt: Keys | None = None, wait_s: float = 0.0) -> Iterator[Writer]:
    """Write to a bundle, alone; makes it if the folder is empty or not there.

    Args:
        exact: streams or signals whose pictures are kept without loss.
        encrypt: where the keys lie with which streams of people (those with consents) are encrypted; None encrypts nothing.
        wait_s: how long to wait for another writer [s].

    Raises:
        InputError: if the folder holds something else, or another process is writing to it.
        StorageError: if the disk is full or may not be written.
        UnreadableFile: if it is a bundle that is damaged, or of another format.
    """
    root = Path(path)
    create(root)
    with on_disk(root), locked(root, wait_s=wait_s):
        tidy(root)
        yield Writer(root, exact, encrypt)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who holds a bundle's lock and may add to it."""

    root: Path
    exact: Collection[str]
    encrypt: Keys | None

    def add(self, episode: Episode) -> str:
        """Seal an episode; its uid."""
        uid = self.stage(episode)
        self.commit([uid])
        return uid

    def stage(self, episode: Episode) -> str:
        """Encode an episode, not yet part of the bundle; its uid."""
        return stage(episode, self.root, exact=self.exact, encrypt=self.encrypt)

    def commit(self, uids: Sequence[str]) -> None:
        """Make staged episodes part of the bundle, all at once."""
        commit(self.root, uids)


def create(root: Path) -> None:
    """An empty bundle, unless there is one.

    Raises:
        InputError: if the folder holds something else.
    """
    if is_bundle(root):
        return
    if root.is_dir() and any(p.name not in (LOCK, "meta") for p in root.iterdir()):
        raise InputError("this is no bundle, and not an empty folder", where=str(root), fix="Choose another folder.")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError("this is a file, not a folder", where=str(root), fix="Choose another place.") from None
    with on_disk(root), locked(root, wait_s=10):
        if not is_bundle(root):
            write_info(root, View.empty(), Head())


def clear(root: Path) -> None:
    """Delete all episodes of a bundle. Its other files stay, and so do journals: they may be being written.

    Raises:
        InputError: if another process is writing to it.
    """
    with locked(root):
        write_info(root, View.empty(), Head())  # from here on it is empty, whatever happens
        for name in ("cache", "data", "index", "ledger", "meta/episodes", "snapshots", "streams", "videos"):
            shutil.rmtree(root / name, ignore_errors=True)
        for name in ("meta/stats.json", "meta/tasks.parquet"):
            (root / name).unlink(missing_ok=True)


def stage(episode: Episode, root: Path, *, exact: Collection[str] = (), encrypt: Keys | None = None, uid: str | None = None) -> str:
    """Encode an episode into the staging folder of a bundle that is locked by this process or its parent; its uid.

    The uid is a UUID of version 7: it sorts by time; a journal has had its own since it began. A folder in staging is whole when its
    manifest is there.
    """
    uid = uid or new_uid()
    folder = f"{STAGING}/{uid}"
    (root / folder).mkdir(parents=True)
    try:
        final = f"streams/{uid}"
        entries = {}
        for name, stream in episode.streams.items():
            people = sorted({consent.subject for consent in stream.terms.consents})
            lock = _Lock(root, uid, name, encrypt.outside(root), people) if encrypt is not None and people else None
            with synced_later():  # `commit` does it, for all files at once
                entry = write_stream(name, stream, root, folder, exact=bool({name, stream.signal.name} & set(exact)), lock=lock)
            if lock is not None:
                entry.encryption = Encryption(ALG, lock.key_ids)
            entries[name] = _moved(entry, folder, final)
        scene = None
        if episode.scene is not None:
            (root / folder / "scene.toml").write_text(to_text(episode.scene), encoding="utf-8")
            scene = msgspec.structs.replace(file_of(root, f"{folder}/scene.toml"), path=f"{final}/scene.toml")
        manifest = Manifest(
            schema=SCHEMA,
            uid=uid,
            title=episode.title,
            origin=episode.origin,
            provenance=episode.provenance,
            streams=entries,
            labels=dict(episode.labels),
            legend={name: tuple(words) for name, words in episode.legend.items()},
            scene=scene,
        )
        (root / folder / "manifest.json").write_bytes(write_manifest(manifest))
    except BaseException:
        shutil.rmtree(root / folder, ignore_errors=True)
        raise
    return uid


def commit(root: Path, uids: Sequence[str]) -> None:
    """Make staged episodes part of a bundle, all at once, in this order. The caller holds the bundle's lock."""
    info = read_info(root)
    view, head = View(root, info.lerobot), info.head
    added: list[File] = []
    rows: list[dict[str, Any]] = []
    for uid in uids:
        manifest = load_manifest(root, f"{STAGING}/{uid}")
        plan = plan_view(_open_staged(root, manifest))
        left_out = "there is nothing in it that LeRobot reads" if plan is None else fits(view.info, plan)
        number = -1
        if plan is not None and left_out is None:
            plan, number = at_rate(view.info, plan), head.next_number
            head = msgspec.structs.replace(head, next_number=number + 1)
            _move_videos(root, manifest, plan, number)
            added += view.add(_open_staged(root, manifest), plan, uid=uid, number=number, entries=manifest.streams)
        (root / STAGING / uid / "manifest.json").write_bytes(write_manifest(manifest))
        sync_tree(root / STAGING / uid)
        keep_consents(root, [consent for entry in manifest.streams.values() for consent in entry.consents])
        final = root / "streams" / uid
        final.parent.mkdir(exist_ok=True)
        os.replace(root / STAGING / uid, final)
        added += files_of(root, manifest)
        rows.append(row_of(manifest, number=number, left_out=left_out))
    sync(root / "streams")
    append_rows(root, head.index, head.episodes, rows)
    snapshot = write_snapshot(root, head.snapshot, added)
    view.flush()
    write_info(root, view.info, msgspec.structs.replace(head, episodes=head.episodes + len(rows), snapshot=snapshot))


def _open_staged(root: Path, manifest: Manifest) -> Episode:
    """What of a staged episode everybody may read."""
    final, now = f"streams/{manifest.uid}/", f"{STAGING}/{manifest.uid}/"
    return open_episode(public(manifest), lambda path: inside(root, path.replace(final, now, 1)))


def files_of(root: Path, manifest: Manifest) -> list[File]:
    """All sealed files of an episode, its manifest first; the data of the LeRobot view is not among them."""
    files = [file_of(root, f"streams/{manifest.uid}/manifest.json")]
    files += [file for entry in manifest.streams.values() for file in entry.files]
    return files + ([manifest.scene] if manifest.scene is not None else [])


def tidy(root: Path) -> None:
    """Finish what somebody who died was erasing; remove what they staged, and what they had moved to its place but not committed.

    Journals (`staging/*.mcap`) stay: they are recordings.

    Raises:
        InputError: if the bundle keeps its episodes where we write none.
    """
    if (path := read_info(root).head.streams_path) != Head().streams_path:
        fix = "Take it into a bundle of ours: lifeworld import BUNDLE -o NEW."
        what = "this bundle keeps its episodes in another folder than we do: it can be read, not written"
        raise InputError(what, where=str(root), got=path, expected=Head().streams_path, fix=fix)
    finish(root)
    head = read_info(root).head
    kept = set(Index.read(root, head.index, head.episodes).uids)
    for folder in [*(root / STAGING).glob("*"), *(p for p in (root / "streams").glob("*") if p.name not in kept)]:
        if folder.is_dir():
            shutil.rmtree(folder)
    for file in [*root.glob("videos/*/chunk-*/file-*.mp4"), *root.glob("data/chunk-*/file-*.parquet")]:
        chunk, number = file.parent.name.removeprefix("chunk-"), file.stem.removeprefix("file-")
        if not (chunk.isdigit() and number.isdigit() and int(chunk) * FILES_IN_A_CHUNK + int(number) < head.next_number):
            file.unlink()


def new_uid() -> str:
    """A UUID of version 7 (RFC 9562): milliseconds, then chance."""
    millis = time.time_ns() // 1_000_000
    bits = (millis << 80) | int.from_bytes(os.urandom(10))
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=bits))


def sync_tree(folder: Path) -> None:
    """Ask the disk to have everything in a folder."""
    for here, _, names in os.walk(folder):
        for name in names:
            sync(Path(here) / name)
        sync(Path(here))


class _Lock:
    """Encrypts the files of one stream as they will lie in the bundle, and notes whose keys open them."""

    def __init__(self, root: Path, uid: str, stream: str, keys: Keys, people: Sequence[str]) -> None:
        self.root, self.uid, self.stream, self.keys, self.people = root, uid, stream, keys, people
        self.key_ids: tuple[str, ...] = ()

    def __call__(self, path: str) -> None:
        final = path.replace(f"{STAGING}/", "streams/", 1)
        self.key_ids = encrypt_file(self.root / path, self.keys, self.people, Context(self.uid, self.stream, final))


def _moved(entry: Entry, folder: str, final: str) -> Entry:
    """The same entry with its files where they will lie."""

    def new(path: str) -> str:
        return path.replace(folder, final, 1)

    return msgspec.structs.replace(
        entry,
        file=new(entry.file),
        files=tuple(msgspec.structs.replace(file, path=new(file.path)) for file in entry.files),
        times=new(entry.times) if isinstance(entry.times, str) else entry.times,
    )


def _move_videos(root: Path, manifest: Manifest, plan: Plan, number: int) -> None:
    """Put the pictures that LeRobot sees where it looks for them, frame k at k / fps; the manifest says so."""
    for name, camera in plan.cameras.items():
        entry = manifest.streams[name]
        staged = root / STAGING / manifest.uid / Path(entry.file).name
        path = video_file(camera.key, number)
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.fps != ratio(plan.fps):  # the packets stay, the times become those of the view
            copy_video(staged, target, fps=plan.fps)
            staged.unlink()
        else:
            os.replace(staged, target)
        sync(target)
        sync(target.parent)
        kept = tuple(file for file in entry.files if file.path != entry.file)
        entry = msgspec.structs.replace(entry, file=path, files=(file_of(root, path), *kept), fps=ratio(plan.fps))
        manifest.streams[name] = entry


def video_file(key: str, number: int) -> str:
    """Where the LeRobot view keeps the pictures of an episode's camera."""
    return f"videos/{key}/chunk-{number // FILES_IN_A_CHUNK:03d}/file-{number % FILES_IN_A_CHUNK:03d}.mp4"
