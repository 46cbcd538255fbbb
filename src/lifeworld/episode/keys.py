"""The keys of people, one each, in a folder of their own: who destroys a key destroys every copy of what it closes.

    keys = Keys()                          # $LIFEWORLD_KEYS, or lifeworld/keys in the user's data folder
    keys.make("P7").id                     # 'c5d0…': names the key, says nothing of the person
    keys.destroy("P7")                     # nobody reads P7's encrypted streams again, in this or any dataset

The folder lies outside of every dataset and is never copied with one. `HASH.key` is a JSON object (schema, id, subject, key as 64
hexadecimal digits), readable by its owner only; `destroyed.jsonl` says which ids are gone, since when, and of whom nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lifeworld.core.errors import InputError, UnreadableFile

SCHEMA = "lifeworld-key/1"
KEY_BYTES = 32
DESTROYED = "destroyed.jsonl"
_FILE_BYTES = 16_384


class KeyMissing(InputError):
    """A key that is not here; `key_id` names it, `destroyed` says since when it is gone, None where it may lie elsewhere."""

    def __init__(self, key_id: str | None, *, subject: str | None = None, destroyed: str | None = None, where: str | None = None) -> None:
        self.key_id, self.subject, self.destroyed = key_id, subject, destroyed
        of = f" of {subject!r}" if subject else ""
        if destroyed is None:
            what, fix = f"the key{of} is not here", "Ask who recorded it for the key, or name its folder in LIFEWORLD_KEYS."
        else:
            what, fix = f"the key{of} was destroyed on {destroyed}: this was erased", "Nobody can read it any more."
        super().__init__(what, where=where, expected=key_id and f"key {key_id}", fix=fix)


@dataclass(frozen=True, slots=True)
class Key:
    """What closes the streams of one person. `id` is made from the secret, one way: it names the key and proves it."""

    subject: str
    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """32 hexadecimal digits."""
        return hmac.digest(self.secret, b"lifeworld key id", "sha256").hex()[:32]


class _KeyFile(msgspec.Struct):
    schema: str
    id: str
    subject: str
    key: str


class Keys:
    """The keys in a folder: `LIFEWORLD_KEYS`, or the user's data folder, unless one is given."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else _usual_folder()

    def make(self, subject: str) -> Key:
        """The key of a person, made if there is none yet; of two that make it at once both get the same.

        Raises:
            InputError: if the subject has no name.
        """
        if not subject.strip():
            raise InputError("a key belongs to someone", got=subject)
        path = self._path(subject)
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            key = Key(subject, secrets.token_bytes(KEY_BYTES))
            said = {"schema": SCHEMA, "id": key.id, "subject": subject, "key": key.secret.hex()}
            beside = self.folder / f".part-{secrets.token_hex(6)}"
            try:
                _write_private(beside, json.dumps(said).encode())
                with suppress(FileExistsError):  # somebody was faster: theirs is the key
                    os.link(beside, path)  # unlike a rename, it replaces nothing
            finally:
                _shred(beside)
            _sync(self.folder)
        return self.of(subject)

    def of(self, subject: str) -> Key:
        """The key of a person.

        Raises:
            KeyMissing: if it is not here.
            UnreadableFile: if its file is damaged.
        """
        path = self._path(subject)
        if not path.is_file():
            raise KeyMissing(None, subject=subject, where=str(self.folder))
        return _read(path)

    def by_id(self, key_id: str, *, subject: str | None = None, where: str | None = None) -> Key:
        """The key of this id.

        Args:
            subject: whose it is said to be: looked at first, and named in the error.
            where: what is to be opened with it, for the error.

        Raises:
            KeyMissing: if it is not here; says since when, if it was destroyed here.
        """
        if subject and self._path(subject).is_file() and (key := self.of(subject)).id == key_id:
            return key
        for path in sorted(self.folder.glob("*.key")):
            with suppress(UnreadableFile):  # somebody else's damaged key is no reason
                if (key := _read(path)).id == key_id:
                    return key
        raise KeyMissing(key_id, subject=subject, destroyed=self.destroyed().get(key_id), where=where)

    def destroy(self, subject: str) -> str | None:
        """Overwrite a person's key and remove it; its id, or None where there was none.

        A magnetic disk then holds it nowhere. A solid-state disk, a copy-on-write file system or a backup may keep the old block until
        it is trimmed or expires, as with anything deleted: keep the folder on an encrypted disk, and out of backups.
        """
        path = self._path(subject)
        if not path.exists():
            return None
        try:
            key_id = _read(path).id
        except UnreadableFile:
            key_id = None  # damaged: it opens nothing, and goes as well
        if key_id is not None and key_id not in self.destroyed():
            now = datetime.now(UTC).isoformat(timespec="seconds")
            line = json.dumps({"id": key_id, "destroyed": now}) + "\n"
            handle = os.open(self.folder / DESTROYED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        _shred(path)
        _sync(self.folder)
        return key_id

    def destroyed(self) -> dict[str, str]:
        """Since when [ISO 8601] which ids are gone."""
        path = self.folder / DESTROYED
        gone: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
            with suppress(ValueError, TypeError, KeyError):  # a line that a crash cut off
                said = json.loads(line)
                gone[str(said["id"])] = str(said["destroyed"])
        return gone

    def outside(self, root: Path | str) -> Keys:
        """These keys, if they do not lie in the dataset they close.

        Raises:
            InputError: if they do: who copies the dataset would copy them too.
        """
        folder, dataset = self.folder.resolve(), Path(root).resolve()
        if folder == dataset or dataset in folder.parents:
            raise InputError("the keys lie inside of the dataset they close", where=str(folder), fix="Keep them in another folder.")
        return self

    def _path(self, subject: str) -> Path:
        return self.folder / (hashlib.sha256(b"lifeworld subject\0" + subject.encode()).hexdigest()[:32] + ".key")


def derived(keys: Iterable[Key], *, salt: bytes, info: bytes) -> bytes:
    """A key of 32 bytes that needs all of these, in whatever order: without one of them it is as far as without any.

    Source: RFC 5869, HKDF with SHA-256; the input is the secrets one after the other, in the order of the ids.
    """
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    secret = b"".join(key.secret for key in sorted(keys, key=lambda key: key.id))
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(secret)


def _usual_folder() -> Path:
    if given := os.environ.get("LIFEWORLD_KEYS"):
        return Path(given)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "lifeworld" / "keys"


def _read(path: Path) -> Key:
    try:
        with path.open("rb") as file:
            said = msgspec.json.decode(file.read(_FILE_BYTES), type=_KeyFile)
        key = Key(said.subject, bytes.fromhex(said.key))
    except (msgspec.MsgspecError, ValueError) as error:
        raise UnreadableFile("this is no key", where=str(path), got=type(error).__name__, fix="Bring back a copy of it.") from None
    if said.schema != SCHEMA or len(key.secret) != KEY_BYTES or key.id != said.id:
        raise UnreadableFile("the key is damaged", where=str(path), got=f"{said.schema}, {len(key.secret)} bytes", expected=SCHEMA)
    return key


def _write_private(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _shred(path: Path) -> None:
    """Overwrites a file where it lies, then removes it. The name of a key that was linked shares its bytes: those stay."""
    with suppress(FileNotFoundError):
        if path.stat().st_nlink == 1:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(max(path.stat().st_size, 1)))
                file.flush()
                os.fsync(file.fileno())
        path.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
