"""Keys of people, and files that only they open."""

from __future__ import annotations

import json
import os
import struct
import threading
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Consent, Provenance, Terms
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode import crypt
from lifeworld.episode.crypt import MAGIC, Context, decrypt_file, encrypt_file, key_ids
from lifeworld.episode.episode import Episode
from lifeworld.episode.keys import KeyMissing, Keys
from lifeworld.episode.seal import append_to

HERE = Context("0193-uid", "skeleton_pose@p", "streams/0193-uid/skeleton_pose.parquet")


def sealed(tmp: Path, keys: Keys, plain: bytes, *subjects: str, context: Context = HERE) -> Path:
    path = tmp / f"file{len(os.listdir(tmp))}.parquet"
    path.write_bytes(plain)
    encrypt_file(path, keys, subjects, context)
    return path


def test_the_folder_is_where_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEWORLD_KEYS", str(tmp_path / "k"))
    assert Keys().folder == tmp_path / "k"
    monkeypatch.delenv("LIFEWORLD_KEYS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Keys().folder == tmp_path / "lifeworld" / "keys"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Keys().folder == tmp_path / ".local" / "share" / "lifeworld" / "keys"


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "k")
    key = keys.make("P7")
    assert keys.make("P7") == keys.of("P7") == keys.by_id(key.id) == key
    assert keys.make("P8").id != key.id
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "k").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert "P7" not in path.name
    assert key.secret.hex() not in repr(key)
    assert len(list((tmp_path / "k").iterdir())) == 2  # nothing is left beside them


def test_two_that_make_a_key_at_once_get_the_same(tmp_path: Path) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(Keys(tmp_path / "k").make("P7").id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_a_destroyed_key_is_gone_and_known_to_be(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    key = keys.make("P7")
    (path,) = tmp_path.glob("*.key")
    with path.open("rb") as held:  # the bytes on the disk, whatever becomes of the name
        assert keys.destroy("P7") == key.id
        held.seek(0)
        assert key.secret.hex().encode() not in held.read()
    assert list(tmp_path.glob("*.key")) == []
    assert keys.destroy("P7") is None
    with pytest.raises(KeyMissing, match="destroyed on 20") as caught:
        keys.by_id(key.id)
    assert caught.value.destroyed == keys.destroyed()[key.id]
    with pytest.raises(KeyMissing, match="the key of 'P7' is not here"):
        keys.of("P7")
    assert "P7" not in (tmp_path / "destroyed.jsonl").read_text()
    assert keys.make("P7").id != key.id  # who comes back is somebody new


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b'{"schema": "lifeworld-key/9", "id": "0", "subject": "P7", "key": "00"}', b"\xff" * 99]
)
def test_a_damaged_key_is_named_and_can_be_destroyed(tmp_path: Path, said: bytes) -> None:
    keys = Keys(tmp_path)
    keys.make("P7")
    other = keys.make("P8")
    (path,) = [p for p in tmp_path.glob("*.key") if json.loads(p.read_bytes())["subject"] == "P7"]
    path.write_bytes(said)
    with pytest.raises(UnreadableFile, match=path.name):
        keys.of("P7")
    assert keys.by_id(other.id) == other
    assert keys.destroy("P7") is None
    assert not path.exists()


def test_keys_do_not_lie_in_the_dataset(tmp_path: Path) -> None:
    assert Keys(tmp_path / "k").outside(tmp_path / "data").folder == tmp_path / "k"
    (tmp_path / "link").symlink_to(tmp_path / "data")
    for folder in ("data", "data/keys", "link/keys"):
        with pytest.raises(InputError, match="inside of the dataset"):
            Keys(tmp_path / folder).outside(tmp_path / "data")


def test_nothing_is_sealed_with_keys_in_the_dataset(tmp_path: Path) -> None:
    terms = Terms(consents=(Consent(subject="P7", terms="1", receipt="r"),))
    reading = Stream(SIGNALS["reading"], [0], [[1.0]], origin="measured", source="belt", terms=terms)
    episode = Episode(streams={"reading@belt": reading}, provenance=Provenance.now(engine="t", engine_version="1"))
    with append_to(tmp_path / "b", encrypt=Keys(tmp_path / "b" / "keys")) as writer:
        with pytest.raises(InputError, match="inside of the dataset"):
            writer.add(episode)
        assert not (tmp_path / "b" / "keys").exists()


@settings(max_examples=25, deadline=None)
@given(
    plain=st.binary(max_size=200),
    piece=st.integers(1, 64),
    people=st.sets(st.text(min_size=1, max_size=3).filter(str.strip), min_size=1, max_size=3),
)
def test_what_is_encrypted_is_decrypted(tmp_path_factory: pytest.TempPathFactory, plain: bytes, piece: int, people: set[str]) -> None:
    tmp = tmp_path_factory.mktemp("crypt")
    keys = Keys(tmp / "k")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crypt, "PIECE_BYTES", piece)
        path = sealed(tmp, keys, plain, *people)
    assert decrypt_file(path, keys, HERE) == plain
    assert set(key_ids(path)) == {keys.of(subject).id for subject in people}
    raw = path.read_bytes()
    assert raw.startswith(MAGIC)
    assert len(plain) < 8 or plain not in raw[20 + struct.unpack("<I", raw[16:20])[0] :]


def test_it_opens_without_us(tmp_path: Path) -> None:
    """By the words of docs/episode-format.md, with nothing but the primitives."""
    keys = Keys(tmp_path / "k")
    plain = bytes(range(256)) * 5000
    raw = sealed(tmp_path, keys, plain, "P7", "P8").read_bytes()
    assert raw[:16] == b"lifeworld-enc/1\n"
    (length,) = struct.unpack("<I", raw[16:20])
    head = json.loads(raw[20 : 20 + length])
    files = [json.loads(p.read_bytes()) for p in (tmp_path / "k").glob("*.key")]
    secret = b"".join(bytes.fromhex(f["key"]) for f in sorted(files, key=lambda f: f["id"]))
    assert [f["id"] for f in sorted(files, key=lambda f: f["id"])] == head["keys"]
    info = raw[20 : 20 + length] + b"\0".join(part.encode() for part in (HERE.uid, HERE.stream, HERE.path))
    lock = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=bytes.fromhex(head["salt"]), info=info).derive(secret))
    pieces = [raw[at : at + head["piece"] + 16] for at in range(20 + length, len(raw), head["piece"] + 16)]
    assert len(pieces) == 2
    opened = [lock.decrypt(i.to_bytes(11, "big") + bytes([i == len(pieces) - 1]), p, None) for i, p in enumerate(pieces)]
    assert b"".join(opened) == plain


def test_two_people_are_both_needed(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "k")
    path = sealed(tmp_path, keys, b"both of them", "P7", "P8")
    kept = {p: p.read_bytes() for p in (tmp_path / "k").glob("*.key")}
    for subject, other in (("P7", "P8"), ("P8", "P7")):
        keys.destroy(subject)
        with pytest.raises(KeyMissing, match=f"the key of '{subject}' was destroyed") as caught:
            decrypt_file(path, keys, HERE, subjects=("P7", "P8"))
        assert str(path) in str(caught.value)
        assert keys.of(other)
        for file, data in kept.items():
            file.write_bytes(data)
    (tmp_path / "k" / "destroyed.jsonl").unlink()
    assert decrypt_file(path, keys, HERE) == b"both of them"


def test_who_has_no_key_is_told_whose_it_needs(tmp_path: Path) -> None:
    path = sealed(tmp_path, Keys(tmp_path / "k"), b"secret", "P7")
    with pytest.raises(KeyMissing, match=r"the key of 'P7' is not here; expected key \w+\. Ask"):
        decrypt_file(path, Keys(tmp_path / "none"), HERE, subjects=("P7",))
    other = Keys(tmp_path / "other")
    other.make("P7")  # of the same name, another's
    with pytest.raises(KeyMissing, match="the key of 'P7'"):
        decrypt_file(path, other, HERE, subjects=("P7",))


@pytest.mark.parametrize(
    "context",
    [
        Context("0194-uid", HERE.stream, HERE.path),
        Context(HERE.uid, "skeleton_pose@q", HERE.path),
        Context(HERE.uid, HERE.stream, HERE.path + ".times"),
        Context(HERE.uid + "\0" + HERE.stream, "", HERE.path),
    ],
)
def test_a_file_opens_in_its_own_place_only(tmp_path: Path, context: Context) -> None:
    keys = Keys(tmp_path / "k")
    path = sealed(tmp_path, keys, b"mine", "P7")
    with pytest.raises(UnreadableFile, match="belongs to another place"):
        decrypt_file(path, keys, context)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bit_of_it_can_be_changed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    tmp = tmp_path_factory.mktemp("bits")
    keys = Keys(tmp / "k")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crypt, "PIECE_BYTES", 16)
        path = sealed(tmp, keys, b"every one of these forty bytes is bound!", "P7")
        whole = path.read_bytes()
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    path.write_bytes(changed)
    with pytest.raises(InputError):  # a changed id asks for another's key, all else is unreadable
        decrypt_file(path, keys, HERE)


def test_pieces_cannot_be_left_out_turned_round_or_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypt, "PIECE_BYTES", 16)
    keys = Keys(tmp_path / "k")
    path = sealed(tmp_path, keys, b"0123456789abcdef" * 3 + b"rest", "P7")
    whole = path.read_bytes()
    start = 20 + struct.unpack("<I", whole[16:20])[0]
    head, pieces = whole[:start], [whole[i : i + 32] for i in range(start, len(whole), 32)]
    assert len(pieces) == 4
    for kept in (pieces[:3], pieces[1:], [pieces[1], pieces[0], *pieces[2:]], [*pieces, pieces[-1]], [], [*pieces[:3], pieces[3][:-1]]):
        path.write_bytes(head + b"".join(kept))
        with pytest.raises(UnreadableFile, match="changed or cut off"):
            decrypt_file(path, keys, HERE)


@pytest.mark.parametrize(
    "change",
    [{"alg": "none"}, {"kdf": "MD5"}, {"piece": 0}, {"piece": 2**40}, {"salt": "00"}, {"salt": "xx" * 32}, {"keys": []}, {"more": 1}],
)
def test_a_strange_head_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    keys = Keys(tmp_path / "k")
    path = sealed(tmp_path, keys, b"x", "P7")
    raw = path.read_bytes()
    start = 20 + struct.unpack("<I", raw[16:20])[0]
    head = msgspec.json.encode(json.loads(raw[20:start]) | change)
    path.write_bytes(MAGIC + struct.pack("<I", len(head)) + head + raw[start:])
    with pytest.raises(UnreadableFile, match=path.name):
        decrypt_file(path, keys, HERE)


def test_what_is_not_encrypted_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain"
    for raw in (b"", b"PAR1", MAGIC, MAGIC + b"\xff" * 4, MAGIC + b"\xff\xff\xff\xff{}"):
        path.write_bytes(raw)
        with pytest.raises(UnreadableFile):
            decrypt_file(path, Keys(tmp_path / "k"), HERE)
    with pytest.raises(InputError, match="for someone"):
        encrypt_file(path, Keys(tmp_path / "k"), (), HERE)
