"""Erasing: a person, or an episode, is gone from a bundle, and what is left is a whole bundle.

    erase("out/kitchen", subject="P7")           # their streams, what was made of these, their agreements, recordings, caches and key
    erase("out/kitchen", episode="0193…")        # one episode, whoever is in it; keys stay

A person's streams are those with a consent of theirs, those named after them (`skeleton_pose@P7`), and those whose provenance
names one of these as a parent. An episode goes whole where nothing else that was measured is left of it; of one that stays, title and
labels go, for they may tell of anybody, and it leaves the LeRobot view.

What is deleted is unlinked, not overwritten: a solid-state disk, a file system with snapshots or a backup may hold old blocks for a
while. Streams that were encrypted are unreadable everywhere from the moment the key is destroyed, in every copy and every other dataset
too. Whoever learned from the data, or exported it, is not reached.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lifeworld.core.errors import InputError, LifeworldError, UnknownName
from lifeworld.core.origin import Consent, Origin
from lifeworld.core.write import replace_file
from lifeworld.episode.bundle import inside, load_manifest
from lifeworld.episode.check.files import check_snapshots, walk
from lifeworld.episode.erasing import NEW, Erasing, begin, finish
from lifeworld.episode.head import Head, locked, read_info
from lifeworld.episode.index import ROWS, Index, append_rows, index_file, next_generation, row_of, subjects
from lifeworld.episode.keys import Keys
from lifeworld.episode.ledger import CONSENTS, tombstone, tombstones
from lifeworld.episode.manifest import Entry, File, Manifest, write_manifest
from lifeworld.episode.seal import STAGING, tidy
from lifeworld.episode.view.tables import DATA, place

LEFT_OUT = "something in it was erased"
_WORDS = (".json", ".jsonl", ".toml", ".md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased: episodes that went whole, streams (`uid: name`) of others, files, recordings that had not been sealed, the key.

    `still_named` are places where the pseudonym still stands, in words that nobody said were that person's.
    """

    episodes: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    files: int = 0
    bytes: int = 0
    recordings: int = 0
    key_id: str | None = None
    still_named: tuple[str, ...] = ()


def erase(
    path: Path | str,
    *,
    subject: str | None = None,
    episode: str | None = None,
    whole: bool = False,
    reason: str = "asked for",
    keys: Keys | None = None,
    wait_s: float = 0.0,
) -> Erased:
    """Erase a person, or an episode, from a bundle. Killed at any moment, it is finished by the next who writes, or by doing it again.

    Args:
        subject: the pseudonym of the person.
        episode: the uid of an episode, instead.
        whole: episodes that the person is in go whole, whatever else is in them.
        reason: kept in the tombstone; name nobody.
        keys: where the person's key lies; those of this person on this machine if None.
        wait_s: how long to wait for another writer [s].

    Raises:
        UnknownName: if there is nobody, or nothing, of this name in the bundle.
        InputError: if another process is writing to the bundle, or recording the person into it.
        UnreadableFile: if it is none or so damaged that nobody can say what is the person's.
    """
    root, keys = Path(path), keys or Keys()
    if (subject is None) == (episode is None):
        raise InputError("say whom or what to erase", expected="a subject or an episode")
    if subject and subject in reason:
        raise InputError("the reason names the person: it would outlive the erasure", got=reason, fix="Say why, not whom.")
    read_info(root)
    with locked(root, wait_s=wait_s):
        finish(root)
        tidy(root)
        plan = _Plan(root, subject=subject, episode=episode, whole=whole)
        if plan.empty:
            return _nothing(plan, keys)
        recordings = _drop_recordings(root, plan.recordings)
        key_id = keys.destroy(subject) if subject else None
        if plan.touches_bundle:
            begin(root, plan.write(reason))
            finish(root)
        return Erased(
            episodes=tuple(plan.gone),
            streams=tuple(f"{uid}: {name}" for uid, names in plan.cut.items() for name in names),
            files=len(plan.files) + recordings,
            bytes=sum(file.bytes for file in plan.files.values()),
            recordings=recordings,
            key_id=key_id,
            still_named=tuple(_still_named(root, subject)) if subject else (),
        )


@dataclass(slots=True)
class _Plan:
    """What goes: `gone` whole episodes, `cut` streams by episode, `kept` the new manifests of those, `files` all sealed files that go."""

    root: Path
    subject: str | None
    episode: str | None
    whole: bool
    gone: list[str] = field(default_factory=list)
    cut: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, Manifest] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    recordings: list[Path] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    head: Head = field(init=False)
    index: Index = field(init=False)
    rows: list[dict[str, Any]] = field(init=False)
    live: dict[str, File] = field(init=False)

    def __post_init__(self) -> None:
        self.head = read_info(self.root).head
        self.index = Index.read(self.root, self.head.index, self.head.episodes)
        self.live = check_snapshots(self.root, self.head)[0].live
        self.rows = self.index.table.to_pylist()
        for row in self.rows:
            self._look_at(row)
        if self.subject is not None:
            self.recordings = [p for p in sorted((self.root / STAGING).glob("*.mcap")) if _is_recorded(p, self.subject)]
        left = self._left()
        for path in sorted((self.root / CONSENTS).glob("*.json")):
            consent = _consent(path)
            if consent is not None and (consent.subject == self.subject or consent.subject not in left):
                self.agreements.append(f"{CONSENTS}/{path.name}")

    @property
    def touches_bundle(self) -> bool:
        return bool(self.gone or self.cut or self.agreements)

    @property
    def empty(self) -> bool:
        named = any(_consent(self.root / path) for path in self.agreements) if self.subject else False
        return not (self.gone or self.cut or self.recordings or named)

    def _look_at(self, row: dict[str, Any]) -> None:
        uid = row["uid"]
        if self.episode is not None:
            if uid == self.episode:
                self._take_whole(load_manifest(self.root, f"{self.head.streams_path}/{uid}"))
            return
        if self.subject not in row["subjects"] and not any(s["name"].partition("@")[2] == self.subject for s in row["streams"]):
            return
        manifest = load_manifest(self.root, f"{self.head.streams_path}/{uid}")
        theirs = _theirs(manifest, self.subject or "")
        left = [entry for name, entry in manifest.streams.items() if name not in theirs]
        if self.whole or not any(entry.origin in (Origin.MEASURED, Origin.MIXED) for entry in left):
            self._take_whole(manifest)
        else:
            self._take_streams(manifest, theirs)

    def _take_whole(self, manifest: Manifest) -> None:
        self.gone.append(manifest.uid)
        own = f"{self.head.streams_path}/{manifest.uid}/"
        self._take([path for path in self.live if path.startswith(own)])
        for entry in manifest.streams.values():
            self._take(file.path for file in entry.files)

    def _take_streams(self, manifest: Manifest, theirs: list[str]) -> None:
        uid, subject = manifest.uid, self.subject or ""
        self.cut[uid] = theirs
        for name in theirs:
            self._take(file.path for file in manifest.streams[name].files)
        streams = {name: entry for name, entry in manifest.streams.items() if name not in theirs}
        scene = manifest.scene
        if scene is not None and _names(inside(self.root, scene.path).read_bytes(), subject):
            self._take([scene.path])
            scene = None
        legend = {
            name: words for name, words in manifest.legend.items() if name not in theirs and not _names(" ".join(words).encode(), subject)
        }
        self._take([f"{self.head.streams_path}/{uid}/manifest.json"])
        origin = Origin.mix(*(entry.origin for entry in streams.values()))
        self.kept[uid] = msgspec.structs.replace(manifest, streams=streams, title="", labels={}, legend=legend, scene=scene, origin=origin)

    def _take(self, paths: Iterable[str]) -> None:
        self.files |= {path: self.live[path] for path in paths if path in self.live}

    def _left(self) -> set[str]:
        """Whose data is still there afterwards."""
        untouched = (row for row in self.rows if row["uid"] not in self.gone and row["uid"] not in self.kept)
        left = {subject for row in untouched for subject in row["subjects"]}
        return left | {subject for manifest in self.kept.values() for subject in subjects(manifest.streams.values())}

    def write(self, reason: str) -> Erasing:
        """Prepare everything beside what is there; what is to be done with it."""
        root, head = self.root, self.head
        strays = _strays(root, head, self.live)
        index = next_generation(head.index)
        rows, out_of_view, data = [], [], []
        for row in self.rows:
            uid = row["uid"]
            path = place(DATA, row["number"])
            if row["number"] >= 0 and (uid in self.gone or uid in self.kept):
                out_of_view.append(uid)
                self._take([path])
            elif row["number"] >= 0 and path in self.live:
                data.append(self.live[path])
            if uid in self.kept:
                rows.append(row_of(self.kept[uid], number=-1, left_out=LEFT_OUT) | {"aside": row["aside"]})
            elif uid not in self.gone:
                rows.append(row)
        append_rows(root, index, 0, rows)
        new = {index_file(root, index, first).relative_to(root).as_posix() for first in range(0, len(rows), ROWS)}
        manifests = []
        for uid, manifest in self.kept.items():
            path = f"{head.streams_path}/{uid}/manifest.json"
            with replace_file(root / (path + NEW)) as beside:
                beside.write_bytes(write_manifest(manifest))
            manifests.append(path)
        return Erasing(
            snapshot=head.snapshot,
            index=index,
            episodes=len(rows),
            out_of_view=tuple(out_of_view),
            manifests=tuple(manifests),
            sealed=tuple(sorted(self.files)),
            other=(*(path for path in strays if path not in new), *self.agreements),
            data=tuple(data),
            tombstone=tombstone(
                subject=self.subject,
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                reason=reason,
                episodes=self.gone,
                removed=[file.sha256 for file in self.files.values()],
            ),
        )


def _theirs(manifest: Manifest, subject: str) -> list[str]:
    """The streams of a person, and what was made of them."""
    theirs = {name for name, entry in manifest.streams.items() if entry.source == subject or subject in subjects([entry])}
    while True:
        parents = {word for name in theirs for word in _called(manifest.uid, name, manifest.streams[name])}
        made = {n for n, e in manifest.streams.items() if e.provenance is not None and parents & set(e.provenance.parents)}
        if made <= theirs:
            return [name for name in manifest.streams if name in theirs]
        theirs |= made


def _called(uid: str, name: str, entry: Entry) -> list[str]:
    """What the provenance of something made from a stream may call it."""
    return [name, f"{uid}/{name}", *(file.sha256 for file in entry.files)]


def _strays(root: Path, head: Head, live: dict[str, File]) -> list[str]:
    """Files of the bundle that count for nothing and may hold anything: of older indices, of writes that were cut off."""
    own = ("data/", "index/", f"{head.streams_path}/", "videos/")
    cut_off = re.compile(r"(^|/)\.(part|old)-[0-9a-f]+")
    strays = [path for path in walk(root) if not path.startswith(f"{STAGING}/")]
    return [path for path in strays if (path.startswith(own) and path not in live) or cut_off.search(path)]


def _drop_recordings(root: Path, recordings: list[Path]) -> int:
    for path in recordings:
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        except BlockingIOError:
            raise InputError("the person is being recorded now", where=str(path), fix="Stop the recording, then erase again.") from None
        finally:
            os.close(handle)
    return len(recordings)


def _nothing(plan: _Plan, keys: Keys) -> Erased:
    """Nothing is there: fine if it was erased before (a key that outlived a crash goes now), else a mistake in the name."""
    if plan.episode is not None:
        if any(plan.episode in stone.episodes for stone in tombstones(plan.root)):
            return Erased()
        raise UnknownName("episode", plan.episode, plan.index.uids, where=str(plan.root))
    assert plan.subject is not None
    if any(stone.is_of(plan.subject) for stone in tombstones(plan.root)):
        return Erased(key_id=keys.destroy(plan.subject), still_named=tuple(_still_named(plan.root, plan.subject)))
    known = {subject for row in plan.rows for subject in row["subjects"]}
    fix = f"There are: {', '.join(sorted(known))}." if known else "Nobody is named in this bundle."
    raise UnknownName("subject", plan.subject, known, where=str(plan.root), fix=fix)


def _is_recorded(path: Path, subject: str) -> bool:
    """Whether a recording that was not sealed, whole or torn, has a stream of somebody: what it says of streams is JSON, not compressed."""
    said = msgspec.json.encode(subject)
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
            return any(raw.find(key + said) >= 0 for key in (b'"subject":', b'"source":'))


def _consent(path: Path) -> Consent | None:
    try:
        return Consent.from_json(path.read_bytes())
    except LifeworldError:
        return None  # damaged: nobody can say whose it is, and `check` names it


def _names(raw: bytes, subject: str) -> bool:
    """Whether a pseudonym stands somewhere as a word, as it is or as JSON writes it."""
    forms = {subject.encode(), msgspec.json.encode(subject)[1:-1]}
    return any(re.search(rb"(?<![0-9A-Za-z])" + re.escape(form) + rb"(?![0-9A-Za-z])", raw) for form in forms)


def _still_named(root: Path, subject: str) -> list[str]:
    """Files of words in which a pseudonym stands."""
    return [path for path in walk(root) if path.endswith(_WORDS) and _names((root / path).read_bytes(), subject)]
