"""The ledger of a bundle: who agreed to what, and what was erased.

ledger/consent/SHA256.json     one agreement, named by its own hash: nobody changes it unseen, and its name tells of nobody
ledger/tombstones.jsonl        one line an erasure: when, why, and of whom a salted hash that only who knows the pseudonym finds
ledger/erasing.json            what an erasure has still to do; there only while it runs, or after it was killed
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import msgspec

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.origin import Consent
from lifeworld.core.write import replace_file

CONSENTS = "ledger/consent"
TOMBSTONES = "ledger/tombstones.jsonl"
ERASING = "ledger/erasing.json"


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of what was erased.

    `subject` is scrypt(pseudonym, salt), hexadecimal: to find somebody's tombstone one has to know whom to look for, and to guess takes
    time; "" where an episode was erased, not a person. `removed` are the sha256 of the files that went, `episodes` the uids of the
    episodes that went whole.
    """

    id: str
    time: str
    reason: str
    salt: str
    subject: str
    episodes: tuple[str, ...]
    removed: tuple[str, ...]

    def is_of(self, subject: str) -> bool:
        """Whether it stands for somebody."""
        return bool(self.subject) and secrets.compare_digest(self.subject, _hashed(subject, self.salt))


def tombstone(*, subject: str | None, time: str, reason: str, episodes: Iterable[str], removed: Iterable[str]) -> Tombstone:
    """A tombstone with a salt of its own."""
    salt = secrets.token_hex(16)
    return Tombstone(
        id=secrets.token_hex(16),
        time=time,
        reason=reason,
        salt=salt,
        subject="" if subject is None else _hashed(subject, salt),
        episodes=tuple(sorted(episodes)),
        removed=tuple(sorted(removed)),
    )


def keep_consents(root: Path, consents: Iterable[Consent]) -> None:
    """Keep each agreement in the ledger, once."""
    for consent in consents:
        path = root / consent_path(consent)
        if not path.exists():
            with replace_file(path) as beside:
                beside.write_bytes(consent.to_json())


def consent_path(consent: Consent) -> str:
    """Where an agreement lies, from the root."""
    return f"{CONSENTS}/{hashlib.sha256(consent.to_json()).hexdigest()}.json"


def append_tombstone(root: Path, stone: Tombstone) -> None:
    """Write a tombstone, unless it stands already."""
    path = root / TOMBSTONES
    if any(stone.id == other.id for other in tombstones(root)):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":  # a line that a crash cut off stays by itself
                file.write(b"\n")
        file.write(msgspec.json.encode(stone) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def tombstones(root: Path) -> list[Tombstone]:
    """All that stand; lines that a crash cut off are no stones.

    Raises:
        UnreadableFile: if a whole line is none.
    """
    path = root / TOMBSTONES
    stones = []
    for number, line in enumerate(path.read_bytes().split(b"\n") if path.is_file() else [], start=1):
        try:
            stones.append(msgspec.json.decode(line, type=Tombstone))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            if line and _whole(line):
                raise UnreadableFile("this is no tombstone", where=f"{path}, line {number}", got=str(error)) from None
    return stones


def _whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _hashed(subject: str, salt: str) -> str:
    return hashlib.scrypt(subject.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex()
