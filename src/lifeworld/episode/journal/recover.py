"""Journals become episodes: at the end of a recording, or after its process died.

    for found in recover("out/kitchen"):
        print(found.uid, found.seconds, found.problem)

Killed at any moment of it, an episode is in the bundle or it is not, and recovering again ends what was begun: the journal goes last.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import sweep, sync
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.journal.read import Gone, InUse, JournalFile, open_journal
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import STAGING, append_to, commit, stage

WAIT_S = 60.0
"""How long another writer of the bundle is waited for [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of a journal: an episode of so many `seconds`, with so many values in each of its `streams`.

    `lost` counts the bytes at its end, or of damaged pieces, that held no whole values. One without values is removed: `seconds` is 0
    then, and there is no episode. `problem` says why one could not be read; it lies where it was.
    """

    uid: str
    seconds: float = 0.0
    streams: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    problem: str = ""

    @property
    def count(self) -> int:
        """How many values it has, of all streams."""
        return sum(self.streams.values())


def recover(root: Path | str, *, encrypt: Keys | None = None, wait_s: float = WAIT_S) -> list[Recovered]:
    """Seal every journal that a process which is gone has left in a bundle, each up to its last whole values.

    Journals that are being written are left alone. Streams of people that were to be encrypted are, with the keys of `encrypt` or,
    if None, of this person on this machine.

    Raises:
        UnreadableFile: if the bundle is none, or damaged.
        InputError: if another process writes to the bundle for longer than `wait_s`.
        StorageError: if the disk refuses. What was not sealed stays as it is.
    """
    root = Path(root)
    open_bundle(root)  # a folder that is none is not made one
    found = []
    with on_disk(root), append_to(root, wait_s=wait_s):
        for path in sorted((root / STAGING).glob("*.mcap")):
            try:
                with open_journal(path) as journal:
                    found.append(_seal(root, journal, encrypt))
            except (InUse, Gone):
                continue
            except UnreadableFile as error:
                found.append(Recovered(uid=path.stem, problem=str(error)))
    return found


def seal_journal(root: Path, path: Path, *, encrypt: Keys | None, wait_s: float = WAIT_S) -> None:
    """Seal one journal; nothing if it is sealed already."""
    try:
        with open_journal(path, wait=True) as journal, on_disk(root), append_to(root, wait_s=wait_s):
            _seal(root, journal, encrypt)
    except Gone:
        open_bundle(root).episode(path.stem)


def sweep_bundle(root: Path | str) -> list[Path]:
    """Remove the `.part-…` and `.old-…` that killed processes have left anywhere in a bundle but in its sealed episodes."""
    swept = []
    for folder, inner, _ in os.walk(root):
        if Path(folder) == Path(root) / "streams":
            inner.clear()
        swept += sweep(folder)
    return swept


def _seal(root: Path, journal: JournalFile, encrypt: Keys | None) -> Recovered:
    """Make a journal an episode; the caller holds the bundle's lock."""
    uid, counts = journal.header.uid, journal.counts()
    if any(counts.values()) and uid not in open_bundle(root).uids:
        with tempfile.TemporaryDirectory(dir=root / STAGING, prefix=".part-") as scratch:
            keys = encrypt or Keys() if journal.header.encrypted else None
            stage(journal.episode(Path(scratch)), root, uid=uid, exact=journal.header.exact, encrypt=keys)
        commit(root, [uid])
    journal.path.unlink()
    sync(journal.path.parent)
    return Recovered(uid=uid, seconds=journal.seconds, streams=counts, lost=journal.lost)
