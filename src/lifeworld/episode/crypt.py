"""Files that only the keys of the people in them open: AES-256-GCM in pieces, bound to the place they lie at.

    file = "lifeworld-enc/1\\n", uint32 (little endian) length of the head, head, pieces
    head = JSON: alg "AES-256-GCM", kdf "HKDF-SHA256", piece (plain bytes a piece), salt (64 hexadecimal digits), keys (ids, sorted)
    key  = HKDF-SHA256(the secrets of the keys in the order of their ids, salt, info = head + context)
    piece i = AES-256-GCM(key, nonce, plain) with its tag of 16 bytes; nonce = i as 11 bytes (big endian), then 1 if it is the last, else 0

The context is `uid \\0 stream \\0 path`: a file put in another's place does not open. The salt is drawn for each file, so no two files
share a key and counting nonces never repeat one. A file cut off, put together from two, or changed in one bit does not open either.

Source: NIST SP 800-38D (GCM); the pieces are STREAM of Hoang, Reyhanitabar, Rogaway, Vizár (CRYPTO 2015), as in the age format.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.core.write import replace_file
from lifeworld.episode.keys import KeyMissing, Keys, derived

MAGIC = b"lifeworld-enc/1\n"
ALG, KDF = "AES-256-GCM", "HKDF-SHA256"
PIECE_BYTES = 1 << 20
TAG_BYTES = 16
MOST_BYTES = 1 << 36
"""Of a file that is opened in memory: 64 GiB."""
_HEAD_BYTES = 1 << 16
_MOST_PIECE_BYTES = 1 << 26


@dataclass(frozen=True, slots=True)
class Context:
    """Where an encrypted file belongs: its episode, its stream and its path from the dataset's root, with `/`."""

    uid: str
    stream: str
    path: str

    def to_bytes(self) -> bytes:
        return "\0".join((self.uid, self.stream, self.path)).encode()


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    kdf: str
    piece: int
    salt: str
    keys: list[str]


def encrypt_file(path: Path | str, keys: Keys, subjects: Iterable[str], context: Context) -> tuple[str, ...]:
    """Put an encrypted file in the place of a plain one; the ids of the keys that are all needed to open it, sorted.

    Keys of people who have none yet are made. The plain bytes are unlinked, not overwritten: write them where nobody else reads.

    Raises:
        InputError: if there is nobody to encrypt for.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    path, people = Path(path), sorted(set(subjects))
    if not people:
        raise InputError("what is encrypted is encrypted for someone", where=str(path), fix="Give the subjects of its consents.")
    made = [keys.make(subject) for subject in people]
    ids = tuple(sorted(key.id for key in made))
    salt = secrets.token_bytes(32)
    head = msgspec.json.encode(_Head(ALG, KDF, PIECE_BYTES, salt.hex(), list(ids)))
    lock = AESGCM(derived(made, salt=salt, info=head + context.to_bytes()))
    with replace_file(path) as beside, path.open("rb") as plain, beside.open("wb") as out:
        out.write(MAGIC + struct.pack("<I", len(head)) + head)
        piece, number = plain.read(PIECE_BYTES), 0
        while True:
            after = plain.read(PIECE_BYTES)
            out.write(lock.encrypt(_nonce(number, last=not after), piece, None))
            if not after:
                break
            piece, number = after, number + 1
    return ids


def decrypt_file(path: Path | str, keys: Keys, context: Context, *, subjects: Sequence[str] = ()) -> bytes:
    """The plain bytes of an encrypted file.

    Args:
        subjects: whose it is, as the manifest says: looked for first, and named if a key is missing.

    Raises:
        KeyMissing: if a key is not here, or was destroyed.
        UnreadableFile: if it is no such file, is damaged or cut off, or belongs to another place.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    path = Path(path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileTooLarge("too large to be opened in memory", where=str(path), got=f"{size} bytes", expected=f"up to {MOST_BYTES}")
    with path.open("rb") as file:
        head, raw_head = _head(file.read(len(MAGIC) + 4 + _HEAD_BYTES), str(path))
        whose = _owners(head.keys, keys, subjects)
        held = [keys.by_id(key_id, subject=whose.get(key_id), where=str(path)) for key_id in head.keys]
        lock = AESGCM(derived(held, salt=bytes.fromhex(head.salt), info=raw_head + context.to_bytes()))
        left = size - file.seek(len(MAGIC) + 4 + len(raw_head))
        plain, number = bytearray(), 0
        try:
            while True:
                piece = file.read(head.piece + TAG_BYTES)
                left -= len(piece)
                plain += lock.decrypt(_nonce(number, last=left <= 0), piece, None)
                if left <= 0:
                    return bytes(plain)
                number += 1
        except (InvalidTag, ValueError):
            raise UnreadableFile(
                "the encrypted file was changed or cut off, or belongs to another place",
                where=str(path),
                got=f"piece {number} of key {' and '.join(head.keys)} does not open",
                expected=f"stream {context.stream!r} of episode {context.uid}",
                fix="Bring back the file as it was sealed.",
            ) from None


def key_ids(path: Path | str) -> tuple[str, ...]:
    """The ids of the keys that an encrypted file asks for.

    Raises:
        UnreadableFile: if it is no such file.
    """
    with Path(path).open("rb") as file:
        return tuple(_head(file.read(len(MAGIC) + 4 + _HEAD_BYTES), str(path))[0].keys)


def _head(raw: bytes, where: str) -> tuple[_Head, bytes]:
    if not raw.startswith(MAGIC) or len(raw) < len(MAGIC) + 4:
        raise UnreadableFile("this is no encrypted file", where=where, got=raw[: len(MAGIC)], expected=MAGIC)
    (length,) = struct.unpack_from("<I", raw, len(MAGIC))
    head_bytes = raw[len(MAGIC) + 4 : len(MAGIC) + 4 + length]
    try:
        head = msgspec.json.decode(head_bytes, type=_Head)
        fits = len(head_bytes) == length <= _HEAD_BYTES and len(bytes.fromhex(head.salt)) == 32
    except (msgspec.MsgspecError, ValueError) as error:
        raise UnreadableFile("the head of the encrypted file is damaged", where=where, got=str(error)) from None
    if not fits or (head.alg, head.kdf) != (ALG, KDF) or not 0 < head.piece <= _MOST_PIECE_BYTES or not head.keys:
        raise UnreadableFile(
            "encrypted in a way that is not known here", where=where, got=f"{head.alg}, {head.kdf}, pieces of {head.piece} bytes"
        )
    return head, head_bytes


def _owners(ids: Sequence[str], keys: Keys, subjects: Sequence[str]) -> dict[str, str]:
    """Whose each key is, as far as that can be known: who has the key here, and if one person has none, who is left."""
    whose: dict[str, str] = {}
    without = []
    for subject in subjects:
        try:
            found = keys.of(subject).id
        except KeyMissing:
            found = ""
        if found in ids:
            whose[found] = subject
        else:
            without.append(subject)
    unknown = [key_id for key_id in ids if key_id not in whose]
    if len(unknown) == len(without) == 1:
        whose[unknown[0]] = without[0]
    elif without:
        whose.update({key_id: " or ".join(without) for key_id in unknown})
    return whose


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
