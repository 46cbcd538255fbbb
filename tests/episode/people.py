"""Bundles with people in them, and what is left of one on a disk: for tests of erasing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bundles import episode, scenery, stream

from lifeworld.core.origin import Consent, Terms
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to

ANNA, BEN, CARA = "anna-4711", "ben-0815", "cara-1234"
MARK = "the-mark-of-anna"
WINDOW = 40


def terms(*people: str) -> Terms:
    """What these agreed to."""
    agreed = (Consent(subject=p, terms="study 1, version 2", receipt=f"{p} signed", purposes=("train",)) for p in people)
    return Terms(license="CC-BY-4.0", consents=tuple(agreed))


def measured(name: str, rng: np.random.Generator, *people: str, source: str = "front", count: int = 5, values: Any = None) -> Stream:
    """A measured stream of a signal, of these people."""
    made = stream(name, rng, count=count, source=source)
    held = made.values if values is None else values
    return Stream(made.signal, made.times_ns, held, origin="measured", source=made.source, terms=terms(*people))


def words(rng: np.random.Generator, *people: str) -> Stream:
    """Captions that name her."""
    said = [np.array([f"{MARK} lifts the cup", "rain"], SIGNALS["captions"].dtype)] * 5
    return measured("captions", rng, *people, values=said)


def pictures(rng: np.random.Generator, *people: str, source: str = "front") -> Stream:
    return measured("rgb", rng, *people, source=source, values=scenery(5, 24, 32, seed=int(rng.integers(99))))


def make_bundle(root: Path, *, encrypt: Keys | None = None) -> None:
    """Of Anna alone; of Anna, a robot and Ben; of Anna together with Ben; twice of Ben alone. LeRobot sees the first and the last two."""
    rng = np.random.default_rng(7)
    told = measured("instruction", rng, ANNA, values=np.array([f"{MARK}, push!"] * 5, SIGNALS["instruction"].dtype))
    alone = episode(
        pictures(rng, ANNA),
        measured("audio_mono", rng, ANNA, values=(rng.integers(-(2**20), 2**20, (5, 960)) / 2**23).astype(np.float32)),
        measured("depth_m", rng, ANNA),
        measured("action", rng, ANNA, source="hand"),
        words(rng, ANNA),
        told,
        title=f"{MARK} at home",
    )
    assert alone.scene is not None
    alone = replace(
        alone,
        scene=replace(alone.scene, title=f"the flat of {MARK}"),
        labels={"who": MARK},
        legend={"instance_ids": ("background", f"{MARK} left hand")},
    )
    skeleton = measured("skeleton_pose", rng, ANNA, source=ANNA)
    among = episode(pictures(rng), measured("action", rng, source="arm"), skeleton, words(rng, ANNA), pictures(rng, BEN, source="side"))
    among = replace(
        among, title=f"{MARK} and a robot", labels={"who": MARK}, legend={f"skeleton_pose@{ANNA}": (MARK,), "action@arm": ("x", "y", "z")}
    )
    both = episode(pictures(rng, ANNA, BEN), measured("mass_kg", rng, BEN), title="two")
    bens = [episode(pictures(rng, BEN), measured("action", rng, source="hand"), title=title) for title in ("ben", "ben again")]
    with append_to(root, encrypt=encrypt) as writer:
        for each in (alone, among, both, *bens):
            writer.add(each)


def files(root: Path) -> Iterator[Path]:
    return (Path(here) / name for here, _, names in os.walk(root) for name in names)


def windows(root: Path, person: str) -> list[bytes]:
    """Pieces of the bytes of all files that hold somebody's streams, such as lie in no other file."""
    bundle = open_bundle(root)
    theirs = {
        root / file.path
        for i in range(len(bundle))
        for entry in bundle.manifest(i).streams.values()
        for file in entry.files
        if person in {c.subject for c in entry.consents}
    }
    others = [path.read_bytes() for path in files(root) if path not in theirs]
    found = []
    for path in theirs:
        raw = path.read_bytes()
        cuts = [raw[at : at + WINDOW] for at in range(0, len(raw) - WINDOW, max(1, len(raw) // 9))]
        found += [cut for cut in cuts if len(set(cut)) > WINDOW // 3 and not any(cut in other for other in others)]
    return found


def remains(root: Path, pieces: Iterable[bytes], *marks: str) -> list[str]:
    """Where in a store pieces of bytes, or marks, are found: in every byte of every file, in names, and in what Parquet holds unpacked."""
    wanted = [*pieces, *(mark.encode() for mark in marks)]
    found = []
    for path in files(root):
        raw = path.read_bytes() + os.fsencode(path.relative_to(root)) + _unpacked(path)
        found += [f"{path.relative_to(root)}: {piece[:20]!r}" for piece in wanted if piece in raw]
    return found


def _unpacked(path: Path) -> bytes:
    if not path.read_bytes().startswith(b"PAR1"):
        return b""
    try:
        return repr(pq.read_table(path, partitioning=None).to_pylist()).encode()
    except pa.ArrowException:
        return b""


def fingerprint(e: Episode, names: Iterable[str]) -> str:
    """The times and values of some streams, and nothing else."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + e[name].times_ns.tobytes())
        for value in e[name].values:
            digest.update(np.asarray(value).tobytes())
    return digest.hexdigest()
