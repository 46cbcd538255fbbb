"""A reader written from docs/episode-format.md alone, with other people's libraries, reads what `open_bundle` reads.

The class Stranger knows nothing of lifeworld: the standard library, NumPy, pyarrow, zarr, PyAV and cryptography.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import math
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow.parquet as pq
import pytest
import zarr
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BICUBIC, ACCURATE_RND, FULL_CHROMA_INP, FULL_CHROMA_INT = 4, 0x40000, 0x4000, 0x2000  # of FFmpeg's scaler


class Stranger:
    """Reads a bundle by the words of the page."""

    def __init__(self, root: Path, keys: Path | None = None) -> None:
        self.root, self.keys = root, keys
        self.head = json.loads((root / "meta/info.json").read_text("utf-8"))["x_world"]
        assert self.head["schema"] == "lifeworld-episode/1"
        rows: list[dict[str, Any]] = []
        for k in range(math.ceil(self.head["episodes"] / 1000)):
            rows += pq.read_table(self.at(f"{self.head['index']}-{k:06d}.parquet"), partitioning=None).to_pylist()
        self.rows = rows[: self.head["episodes"]]

    def at(self, path: str) -> Path:
        parts = path.split("/")
        assert all(part not in ("", ".", "..") and "\\" not in part and "\0" not in part for part in parts)
        full = self.root.joinpath(*parts)
        assert full.resolve().is_relative_to(self.root.resolve())
        return full

    def manifest(self, uid: str) -> dict[str, Any]:
        said = json.loads(self.at(f"{self.head['streams_path']}/{uid}/manifest.json").read_text("utf-8"))
        assert said["schema"] == "lifeworld-episode/1"
        return dict(said)

    def stream(self, uid: str, name: str) -> tuple[np.ndarray, Any]:
        """Times (n,) [ns], and values: an array (n, …), or a list of n arrays of a ragged signal."""
        entry = self.manifest(uid)["streams"][name]

        def raw(path: str) -> bytes:
            data = self.at(path).read_bytes()
            return self.decrypted(data, f"{uid}\0{name}\0{path}") if entry.get("encryption") else data

        count, sizes, signal = entry["count"], tuple(entry["sizes"]), entry["signal"]
        if isinstance(entry["times"], str):
            times = pq.read_table(io.BytesIO(raw(entry["times"])), columns=["t_ns"])["t_ns"].to_numpy()
        else:
            times = entry["times"]["start_ns"] + entry["times"]["step_ns"] * np.arange(count, dtype=np.int64)
        codec = entry["codec"]
        if codec == "table":
            return times, self.table(raw(entry["file"]), signal, count, sizes)
        if codec == "zarr":
            return times, self.zarr(entry, raw)
        if codec == "video":
            return times, self.video(raw(entry["file"]), count, sizes)
        samples = self.flac(raw(entry["file"])) if codec == "flac" else self.wav(raw(entry["file"]))
        return times, samples.reshape(count, *sizes)

    def table(self, data: bytes, signal: dict[str, Any], count: int, sizes: tuple[int, ...]) -> Any:
        dtype = signal["dtype"]
        kind = np.dtype(dtype if isinstance(dtype, str) else [(n, d, tuple(s)) for n, d, s in dtype])
        if 0 in sizes:
            return [np.zeros((0, *sizes), kind)] * count if signal.get("ragged") else np.zeros((count, *sizes), kind)
        values = pq.read_table(io.BytesIO(data), columns=[signal["name"]])[signal["name"]].to_pylist()

        def one(value: Any, kind: np.dtype[Any], sizes: tuple[int, ...]) -> np.ndarray:
            if kind.names is None:
                return np.array(value, dtype=kind).reshape(sizes)
            out = np.zeros((), kind)
            for field in kind.names:
                out[field] = one(value[field], kind[field].base, kind[field].shape)
            return out

        if signal.get("ragged"):
            return [np.array([one(row, kind, sizes) for row in rows], dtype=kind).reshape(-1, *sizes) for rows in values]
        return np.array([one(value, kind, sizes) for value in values], dtype=kind).reshape(count, *sizes)

    def zarr(self, entry: dict[str, Any], raw: Any) -> np.ndarray:
        if not entry.get("encryption"):
            return np.asarray(zarr.open_array(self.at(entry["file"]), mode="r")[:])
        store = zarr.storage.MemoryStore()
        for file in entry["files"]:
            inner = file["path"].removeprefix(entry["file"] + "/")
            data = self.at(file["path"]).read_bytes() if inner == "zarr.json" else raw(file["path"])
            zarr.core.sync.sync(store.set(inner, zarr.core.buffer.cpu.Buffer.from_bytes(data)))
        return np.asarray(zarr.open_array(store, mode="r")[:])

    def video(self, data: bytes, count: int, sizes: tuple[int, ...]) -> np.ndarray:
        flags = BICUBIC | ACCURATE_RND | FULL_CHROMA_INP | FULL_CHROMA_INT
        with av.open(io.BytesIO(data)) as file:
            frames = [
                np.rot90(frame.reformat(format="rgb24", interpolation=flags).to_ndarray(), frame.rotation // 90)
                for frame in file.decode(video=0)
            ]
        assert len(frames) == count
        return np.stack([frame[: sizes[0], : sizes[1]] for frame in frames])

    def flac(self, data: bytes) -> np.ndarray:
        with av.open(io.BytesIO(data)) as file:
            (track,) = file.streams.audio
            assert track.rate == 48_000
            blocks = [frame.to_ndarray().reshape(-1) for frame in file.decode(track)]
        assert blocks[0].dtype == np.int32  # FFmpeg puts 24 bits into the upper part of 32
        return (np.concatenate(blocks) >> 8).astype(np.float32) * np.float32(2.0**-23)

    def wav(self, data: bytes) -> np.ndarray:
        with av.open(io.BytesIO(data)) as file:
            assert file.streams.audio[0].codec_context.name == "pcm_f32le"
            return np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])

    def decrypted(self, data: bytes, context: str) -> bytes:
        assert self.keys is not None
        magic, rest = data[:16], data[16:]
        assert magic == b"lifeworld-enc/1\n"
        length = int.from_bytes(rest[:4], "little")
        raw_head, body = rest[4 : 4 + length], rest[4 + length :]
        head = json.loads(raw_head)
        assert (head["alg"], head["kdf"]) == ("AES-256-GCM", "HKDF-SHA256")
        held = {}
        for file in self.keys.glob("*.key"):
            key = bytes.fromhex(json.loads(file.read_bytes())["key"])
            held[hmac.new(key, b"lifeworld key id", "sha256").hexdigest()[:32]] = key
        secret = b"".join(held[key_id] for key_id in head["keys"])
        derived = HKDF(algorithm=SHA256(), length=32, salt=bytes.fromhex(head["salt"]), info=raw_head + context.encode()).derive(secret)
        size = head["piece"] + 16
        pieces = [body[i : i + size] for i in range(0, len(body), size)]
        nonces = [i.to_bytes(11, "big") + bytes([i == len(pieces) - 1]) for i in range(len(pieces))]
        return b"".join(AESGCM(derived).decrypt(nonce, piece, None) for nonce, piece in zip(nonces, pieces, strict=True))

    def sealed(self) -> dict[str, dict[str, Any]]:
        """Every sealed file, by following the chain of snapshots."""
        files: dict[str, dict[str, Any]] = {}
        parent = ""
        for number in range(1, self.head["snapshot"] + 1):
            raw = self.at(f"snapshots/{number:06d}.json").read_bytes()
            snapshot = json.loads(raw)
            assert (snapshot["number"], snapshot["parent"]) == (number, parent)
            parent = hashlib.sha256(raw).hexdigest()
            for path in snapshot["removed"]:
                del files[path]
            files |= {file["path"]: file for file in snapshot["added"]}
        return files


# -- what follows knows lifeworld ------------------------------------------------------------------------------------------

from bundles import episode, scenery, stream  # noqa: E402
from people import ANNA, BEN, make_bundle, measured  # noqa: E402

from lifeworld.core.signal import SIGNALS, Stream  # noqa: E402
from lifeworld.episode.bundle import Bundle, open_bundle  # noqa: E402
from lifeworld.episode.erase import erase  # noqa: E402
from lifeworld.episode.keys import Keys  # noqa: E402
from lifeworld.episode.ledger import tombstones  # noqa: E402
from lifeworld.episode.seal import append_to  # noqa: E402


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    """The same bits, but for which NaN a NaN is: numbers came through Python."""
    if b.dtype.names:
        return all(alike(a[name], b[name]) for name in b.dtype.names)
    if b.dtype.kind != "f":
        return a.shape == b.shape and bool(np.array_equal(a, b))
    known = ~np.isnan(b)
    return a.shape == b.shape and np.array_equal(~np.isnan(a), known) and a[known].tobytes() == b[known].tobytes()


def same_as(stranger: Stranger, bundle: Bundle) -> int:
    """Compare everything; how many streams there were."""
    assert [row["uid"] for row in stranger.rows] == bundle.uids
    seen = 0
    for row in stranger.rows:
        uid = row["uid"]
        said, ours = stranger.manifest(uid), bundle.episode(uid)
        assert (said["title"], said["labels"], said["origin"]) == (ours.title, ours.labels, ours.origin.value)
        assert {k: tuple(v) for k, v in said["legend"].items()} == ours.legend
        assert row["duration_ns"] == ours.duration_ns
        assert [(s["name"], s["count"]) for s in row["streams"]] == [(n, len(s)) for n, s in ours.streams.items()]
        assert list(said["streams"]) == list(ours.streams)
        for name, s in ours.streams.items():
            times, values = stranger.stream(uid, name)
            assert times.dtype == np.int64
            assert np.array_equal(times, s.times_ns)
            assert len(values) == len(s)
            assert all(alike(np.asarray(a), np.asarray(b)) for a, b in zip(values, s.values, strict=True)), name
            entry = said["streams"][name]
            assert (entry["origin"], entry.get("source", ""), entry.get("license", "")) == (s.origin, s.source, s.terms.license)
            assert [c["subject"] for c in entry.get("consents", [])] == [c.subject for c in s.terms.consents]
            seen += 1
    return seen


def test_every_signal_is_read_by_a_stranger(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    with append_to(tmp_path / "b") as writer:
        for even in (True, False):
            writer.add(episode(*(stream(name, rng, count=9, even=even) for name in sorted(SIGNALS))))
        writer.add(episode(*(stream(name, rng, count=0) for name in sorted(SIGNALS))))
        whole = (rng.integers(-(2**23), 2**23, (7, 960, 2)) / 2**23).astype(np.float32)  # what FLAC can hold
        odd = Stream(SIGNALS["rgb"], [0, 5, 90_000_000], scenery(3, 33, 47), origin="measured", source="odd")
        writer.add(episode(Stream(SIGNALS["audio_stereo"], np.arange(7), whole, origin="measured", source="front"), odd))
    bundle = open_bundle(tmp_path / "b")
    assert same_as(Stranger(tmp_path / "b"), bundle) == 3 * len(SIGNALS) + 2
    codecs = {entry.codec for i in range(len(bundle)) for entry in bundle.manifest(i).streams.values()}
    assert codecs == {"table", "zarr", "video", "flac", "wav"}


@pytest.mark.parametrize("encrypted", [False, True])
def test_people_are_read_by_a_stranger_and_erased_ones_not(tmp_path: Path, encrypted: bool) -> None:
    root, keys = tmp_path / "b", Keys(tmp_path / "k")
    make_bundle(root, encrypt=keys if encrypted else None)
    rng = np.random.default_rng(0)
    with append_to(root, encrypt=keys if encrypted else None) as writer:
        writer.add(episode(measured("depth_m", rng, ANNA, BEN), measured("action", rng, BEN, source="arm")))
    assert same_as(Stranger(root, tmp_path / "k"), open_bundle(root, keys=keys)) > 12
    sealed = Stranger(root).sealed()
    for path, file in sealed.items():
        assert (len((root / path).read_bytes()), hashlib.sha256((root / path).read_bytes()).hexdigest()) == (file["bytes"], file["sha256"])
    for path in (root / "ledger/consent").iterdir():
        assert path.name == hashlib.sha256(path.read_bytes()).hexdigest() + ".json"
    erase(root, subject=ANNA, keys=keys)
    stranger = Stranger(root, tmp_path / "k")
    assert same_as(stranger, open_bundle(root, keys=keys)) >= 5
    left = stranger.sealed()
    assert set(left) < set(sealed)
    assert all((root / path).exists() == (path in left) for path in sealed)
    (line,) = (root / "ledger/tombstones.jsonl").read_text().splitlines()
    stone = json.loads(line)
    assert stone["subject"] == hashlib.scrypt(ANNA.encode(), salt=bytes.fromhex(stone["salt"]), n=2**14, r=8, p=1, dklen=32).hex()
    assert tombstones(root)[0].is_of(ANNA)
