"""What `streams/<uid>/manifest.json` says: everything about one episode that is not its values (docs/episode-format.md).

Structs as they stand in the file, and the way from a Stream to its entry and back.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Consent, Origin, Provenance, Terms
from lifeworld.core.signal import SIGNALS, Signal
from lifeworld.core.time import Clock, Times

SCHEMA = "lifeworld-episode/1"
Codec = Literal["table", "zarr", "video", "flac", "wav"]
LOSSLESS: dict[Codec, bool] = {"table": True, "zarr": True, "video": False, "flac": True, "wav": True}
Fields = list[tuple[str, str, list[int]]]


class File(msgspec.Struct, frozen=True):
    """A sealed file: its path from the bundle's root, with /, how long it is and its hash."""

    path: str
    bytes: int
    sha256: str


class Regular(msgspec.Struct, frozen=True):
    """A clock that ticks evenly: `start_ns + step_ns * i`."""

    start_ns: int
    step_ns: int


class Encryption(msgspec.Struct, frozen=True):
    """How a stream's files are encrypted and whose keys open them (all of them are needed)."""

    alg: str
    key_ids: tuple[str, ...]


class Kind(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a stream's values mean: its signal, so that a reader needs no table of ours.

    `dtype` is NumPy's name with its byte order ("<f4", "|b1", "<U200"), or the fields of a row: name, dtype, shape.
    """

    name: str
    family: str
    meaning: str
    dtype: str | Fields
    shape: tuple[str | int, ...]
    unit: str
    frame: str
    per: str
    rate: str
    ragged: bool = False
    forward: bool = False
    blend: str = "none"
    computed: str = ""
    exactness: str = ""


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One stream. `sizes` is the shape of one value; without rows if the signal is ragged.

    `span_ns` are the first and the last time; `times` are regular, or the column `t_ns` of the Parquet file named (the table itself, or one
    beside the values). `fps` is there of videos whose frame k is shown at k / fps, as LeRobot wants it, whatever the true times are;
    in others frames are shown at their times.
    """

    signal: Kind
    source: str = ""
    origin: Origin
    count: int
    sizes: tuple[int, ...]
    times: Regular | str
    codec: Codec
    lossless: bool
    span_ns: tuple[int, int] = (0, 0)
    fps: str | None = None
    file: str
    files: tuple[File, ...]
    clock: Clock = Clock()
    license: str = ""
    consents: tuple[Consent, ...] = ()
    provenance: Provenance | None = None
    encryption: Encryption | None = None


class Manifest(msgspec.Struct, kw_only=True):
    """One episode."""

    schema: str
    uid: str
    title: str
    origin: Origin
    provenance: Provenance
    streams: dict[str, Entry]
    labels: dict[str, str] = {}
    legend: dict[str, tuple[str, ...]] = {}
    scene: File | None = None


def kind_of(signal: Signal) -> Kind:
    """A signal as the manifest says it; what holds it to its exactness is the business of who makes it."""
    said = {name: getattr(signal, name) for name in Kind.__struct_fields__ if name not in ("dtype", "shape")}
    if signal.name in SIGNALS:  # the page of signals says these better
        said |= {"computed": "", "exactness": ""}
    return Kind(dtype=_dtype_name(signal.dtype), shape=signal.shape, **said)


def signal_of(kind: Kind, *, where: str) -> Signal:
    """The signal a manifest speaks of: ours of that name if it is the same, else one as it says.

    Raises:
        UnreadableFile: if it is no signal.
    """
    ours = SIGNALS.get(kind.name)
    try:
        dtype = np.dtype([(n, d, tuple(s)) for n, d, s in kind.dtype]) if isinstance(kind.dtype, list) else np.dtype(kind.dtype)
        if ours is not None and (ours.dtype, ours.shape, ours.unit, ours.ragged) == (dtype, kind.shape, kind.unit, kind.ragged):
            return ours
        said: dict[str, Any] = {name: getattr(kind, name) for name in Kind.__struct_fields__ if name not in ("dtype", "shape")}
        for word in ("computed", "exactness"):
            said[word] = said[word] or "Nothing is said of it."
        return Signal(dtype=dtype, shape=kind.shape, test="none", **said)
    except (InputError, TypeError, ValueError) as error:
        raise UnreadableFile(f"the signal {kind.name!r} is none", where=where, got=str(error)) from error


def terms_of(entry: Entry) -> Terms:
    """Whose a stream is, and what may be done with it."""
    return Terms(license=entry.license, consents=entry.consents)


def is_public(entry: Entry) -> bool:
    """Whether LeRobot may see a stream: it is not encrypted, and not named after a person in it, whose name would become a file's."""
    return entry.encryption is None and entry.source not in {consent.subject for consent in entry.consents}


def public(manifest: Manifest) -> Manifest:
    """What of an episode LeRobot may see: its public streams, without the scene."""
    return msgspec.structs.replace(manifest, streams={n: e for n, e in manifest.streams.items() if is_public(e)}, scene=None)


def regular(times: Times) -> Regular | None:
    """The even clock these times tick by, if they do."""
    if len(times) == 0:
        return Regular(0, 1)
    step = int(times[1] - times[0]) if len(times) > 1 else 1
    even = Regular(int(times[0]), step)
    return even if np.array_equal(times, ticks(even, len(times))) else None


def ticks(clock: Regular, count: int) -> Times:
    """The times (count,) [ns] of an even clock."""
    return clock.start_ns + clock.step_ns * np.arange(count, dtype=np.int64)


def read_manifest(data: bytes, *, where: str) -> Manifest:
    """What was written by `write_manifest`.

    Raises:
        UnreadableFile: if it is damaged, or of another format.
    """
    try:
        schema = msgspec.json.decode(data, type=_Schema).schema
        if schema != SCHEMA:
            raise UnreadableFile(
                "an episode of another format", where=where, got=schema, expected=SCHEMA, fix="A newer lifeworld may read it."
            )
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile("the manifest is damaged", where=where, got=str(error)) from error


def write_manifest(manifest: Manifest) -> bytes:
    """As JSON for people: one key a line."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


class _Schema(msgspec.Struct):
    schema: str


def _dtype_name(dtype: np.dtype[Any]) -> str | Fields:
    if dtype.names is None:
        return dtype.str
    return [(name, dtype[name].base.str, list(dtype[name].shape)) for name in dtype.names]
