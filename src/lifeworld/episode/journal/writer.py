"""Keeping a journal: values as they come, on the disk half a second later, an episode in a bundle at the end.

    with Journal("out/kitchen", provenance=provenance, origin="measured", title="Kitchen, take 3") as journal:
        journal.open("rgb", source="front", origin="measured", terms=terms)     # only if there is something to say of it
        journal.write("rgb@front", time_ns, picture)                            # the times of a stream increase strictly
    uid = journal.seal()

The journal is `staging/<uid>.mcap` in the bundle. Foxglove, Lichtblick and Rerun show its pictures while it grows. A process that is killed
loses the last half second; `recover` seals the rest. Nothing is dropped: whoever writes waits for the encoder and the disk.
"""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from mcap.writer import CompressionType, IndexType, Writer
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import InputError, LifeworldError, LimitError, ShapeError, StorageError, UnknownName
from lifeworld.core.origin import Origin, Provenance, Terms
from lifeworld.core.signal import SIGNALS, Signal, stream_name
from lifeworld.core.storage import on_disk
from lifeworld.core.time import Clock
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.video import LARGEST, SMALLEST
from lifeworld.episode.entry import NAME, PICTURES
from lifeworld.episode.foxglove import MESSAGES, VIDEO, compressed_video
from lifeworld.episode.journal.annexb import Encoder
from lifeworld.episode.journal.format import ARRAY, HEADER, MOST_BYTES, NOTE, PROTOBUF, STREAM, Header, Line, Note, pack
from lifeworld.episode.journal.log import Log
from lifeworld.episode.journal.recover import seal_journal
from lifeworld.episode.keys import Keys
from lifeworld.episode.manifest import kind_of
from lifeworld.episode.proto import descriptors
from lifeworld.episode.seal import STAGING, create, new_uid
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import to_text

FLUSH_S = 0.5
"""How often what was written is put on the disk: with the time that takes, well before it is 2 s old."""
FARTHEST_NS = 50 * 365 * 86_400 * 10**9
"""A message's time counts from 1970 and is never below 0."""
CHUNK_BYTES = 4 * 2**20
"""When it is put there earlier, by whoever writes: so much, and one value, is in memory at most."""


class Journal:
    """One episode while it happens. Any number of threads may write; each stream is one thread's at a time.

    Args:
        root: the bundle it will be part of; made if the folder is empty or not there.
        provenance: who makes it.
        origin: what kind of thing the streams are that are not opened by `open`; None asks for `open`.
        exact: streams or signals whose pictures are kept without loss.
        encrypt: where the keys lie with which streams of people are encrypted when it is sealed; None encrypts nothing. The journal
            itself is readable by its owner only, and gone when it is sealed.

    Raises:
        StorageError: if the disk is full or can only be read.
        InputError, UnreadableFile: if the folder holds something else, or a damaged bundle.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        provenance: Provenance,
        origin: Origin | str | None = None,
        title: str = "",
        scene: Scene | None = None,
        labels: Mapping[str, str] | None = None,
        legend: Mapping[str, tuple[str, ...]] | None = None,
        exact: Collection[str] = (),
        encrypt: Keys | None = None,
    ) -> None:
        self.root, self.uid = Path(root), new_uid()
        self.path = self.root / STAGING / f"{self.uid}.mcap"
        self._origin = None if origin is None else Origin(origin)
        self._encrypt = encrypt
        self._exact = frozenset(exact)
        self._epoch_ns = time.time_ns()
        self._streams: dict[str, _Stream] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        header = Header(
            uid=self.uid,
            epoch_ns=self._epoch_ns,
            title=title,
            provenance=provenance,
            labels=dict(labels or {}),
            legend={name: tuple(words) for name, words in (legend or {}).items()},
            exact=tuple(sorted(self._exact)),
            encrypted=encrypt is not None,
        )
        said = {"header": msgspec.json.encode(header).decode()}
        if scene is not None:
            said["scene"] = to_text(scene)
        with on_disk(self.path):
            create(self.root)
            with replace_file(self.path) as beside:
                self._log = Log(beside, named=self.path)
                self._writer: Any = Writer(
                    self._log,  # type: ignore[arg-type]  # it asks for write, tell and flush
                    chunk_size=CHUNK_BYTES,
                    compression=CompressionType.NONE,
                    index_types=IndexType.MESSAGE,
                )
                try:
                    self._writer.start(library=f"lifeworld {provenance.lifeworld_version}")
                    self._writer.add_metadata(HEADER, said)
                    self._video = self._writer.register_schema(VIDEO, "protobuf", descriptors(MESSAGES, VIDEO))
                    self._log.push()
                except BaseException:
                    self._log.close()
                    raise
        self._keeper = threading.Thread(target=self._keep, name=f"journal {self.uid}", daemon=True)
        self._keeper.start()

    def open(
        self,
        signal: str | Signal,
        *,
        source: str = "",
        origin: Origin | str,
        terms: Terms | None = None,
        clock: Clock | None = None,
        provenance: Provenance | None = None,
    ) -> str:
        """Say what a stream is before its first value; its name. One that stays empty is in the episode, too.

        Raises:
            UnknownName: if there is no such signal; give a Signal of your own.
            InputError: if it is open already, or the source is missing or cannot name a file.
        """
        if isinstance(signal, str):
            if signal not in SIGNALS:
                raise UnknownName("signal", signal, SIGNALS, fix="Or give a Signal of your own.")
            signal = SIGNALS[signal]
        name = stream_name(signal.name, source)
        stream = self._new(name, signal, source, Origin(origin), terms or Terms(), clock or Clock(), provenance)
        with self._lock:
            self._writing()
            self._add(name, stream)
            self._writer.add_metadata(STREAM, {"name": name, "stream": stream.said})
        return name

    def write(self, stream: str, time_ns: int, value: ArrayLike) -> None:
        """Add a value of a stream at a time [ns] since the episode's start; on the disk within half a second after this returns.

        A stream that is not open is opened, with the origin that the journal was given.

        Raises:
            InputError: if the time does not come after the one before, or nobody said where the stream comes from.
            UnknownName: if there is no such signal.
            ShapeError: if the value has another dtype or shape than the signal, or other sizes than the values before.
            StorageError: if the disk refuses what was written before. This value is not taken then; try again when there is room.
        """
        found = self._streams.get(stream) or self._opened(stream)
        with found.lock:
            array, time = found.checked(value, time_ns)
            with self._lock:
                self._writing()
                if self._log.refused is not None:
                    self._log.push()
            data = found.encoded(array, self._epoch_ns + time)
            with self._lock:
                self._writing()
                if found.channel is None:
                    found.channel = self._writer.register_channel(
                        topic=stream,
                        message_encoding=PROTOBUF if found.encoder else ARRAY,
                        schema_id=self._video if found.encoder else 0,
                        metadata={"stream": found.said, "sizes": msgspec.json.encode(found.sizes).decode()},
                    )
                stamp = self._epoch_ns + time
                self._writer.add_message(found.channel, log_time=stamp, publish_time=stamp, data=data, sequence=found.count)
                found.last_ns, found.count = time, found.count + 1
                if self._log.waiting:
                    with suppress(StorageError):  # the value is kept; the next one is not taken until the disk takes this
                        self._log.push()

    def note(self, *, labels: Mapping[str, str] | None = None, legend: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Say of the episode what was not known when it began (`{"success": "yes"}`); the last word under a name counts."""
        note = Note(dict(labels or {}), {name: tuple(words) for name, words in (legend or {}).items()})
        with self._lock:
            self._writing()
            self._writer.add_metadata(NOTE, {"note": msgspec.json.encode(note).decode()})

    def close(self) -> None:
        """Put all on the disk and stop; `seal` or `recover` make it an episode. Closing again does nothing.

        Raises:
            StorageError: if the disk refuses. The journal stays open: make room and close it again.
        """
        with self._lock:
            if self._over.is_set():
                return
            self._flush()
            self._over.set()
        self._keeper.join()
        self._log.sync()
        self._log.close()

    def seal(self) -> str:
        """Close it and make it an episode of the bundle; its uid. The journal is gone then. Sealing again does nothing.

        Raises:
            InputError: if another process has been writing to the bundle for more than a minute.
            StorageError: if the disk refuses. The journal stays: make room, and seal it again or use `recover`.
        """
        self.close()
        seal_journal(self.root, self.path, encrypt=self._encrypt)
        return self.uid

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
            return
        with suppress(LifeworldError):  # what was raised first counts
            self.close()
        if not self._over.is_set():
            self._over.set()
            self._keeper.join()
            self._log.close()

    def __repr__(self) -> str:
        values = sum(stream.count for stream in self._streams.values())
        return f"<Journal {self.uid}: {len(self._streams)} streams, {values} values{', closed' if self._over.is_set() else ''}>"

    def _opened(self, name: str) -> _Stream:
        signal, _, source = name.partition("@")
        if signal not in SIGNALS:
            raise UnknownName("signal", signal, SIGNALS, fix="Open a stream of a Signal of your own first.")
        if self._origin is None:
            raise InputError(
                f"nobody said where stream {name!r} comes from", fix="Open it first, or give the journal the origin of all its streams."
            )
        stream = self._new(name, SIGNALS[signal], source, self._origin, Terms(), Clock(), None)
        with self._lock:
            self._writing()
            return self._streams.setdefault(name, stream)

    def _new(
        self, name: str, signal: Signal, source: str, origin: Origin, terms: Terms, clock: Clock, provenance: Provenance | None
    ) -> _Stream:
        if signal.per in ("camera", "embodiment", "sensor") and not source:
            raise InputError(f"stream {name!r} is per {signal.per} and does not say of which", fix=f"Name it SIGNAL@{signal.per.upper()}.")
        if not NAME.fullmatch(name):
            raise InputError(
                "a stream's name is also a file's", got=name, expected="SIGNAL or SIGNAL@SOURCE, the source of letters, digits, _ - ."
            )
        line = Line(
            signal=kind_of(signal),
            source=source,
            origin=origin,
            clock=clock,
            license=terms.license,
            consents=terms.consents,
            provenance=provenance,
        )
        filmed = signal.name in PICTURES and self._exact.isdisjoint({name, signal.name})
        return _Stream(name, signal, source, msgspec.json.encode(line).decode(), filmed=filmed)

    def _add(self, name: str, stream: _Stream) -> None:
        if name in self._streams:
            raise InputError(f"stream {name!r} is open already", fix="Open each once, before its first value.")
        self._streams[name] = stream

    def _writing(self) -> None:
        if self._over.is_set():
            raise InputError("the journal is closed", where=str(self.path), fix="Begin another for the next episode.")

    def _keep(self) -> None:
        """The keeper's work: nobody who writes has to wait for it, or to write on."""
        while not self._over.wait(FLUSH_S):
            with self._lock, suppress(StorageError):
                if not self._over.is_set():
                    self._flush()
            self._log.sync()

    def _flush(self) -> None:
        self._writer.flush()
        self._log.push()


class _Stream:
    """What is kept of one stream while it is written."""

    def __init__(self, name: str, signal: Signal, source: str, said: str, *, filmed: bool) -> None:
        self.signal, self.said = signal, said
        self._where, self._source, self._filmed = f"stream {name!r}", source, filmed
        self.lock = threading.Lock()
        self.channel: int | None = None
        self.encoder: Encoder | None = None
        self.sizes: tuple[int, ...] | None = None
        self.last_ns: int | None = None
        self.count = 0

    def checked(self, value: ArrayLike, time_ns: int) -> tuple[NDArray[Any], int]:
        try:
            array = self.signal.check(value)
            time = operator.index(time_ns)
        except LifeworldError as error:
            raise error.at(self._where) from None
        except TypeError:
            raise InputError("a time is a whole number of nanoseconds", where=self._where, got=time_ns) from None
        sizes = array.shape[1:] if self.signal.ragged else array.shape
        if self.sizes not in (None, sizes):
            raise ShapeError("another size than that of the values before", where=self._where, got=sizes, expected=self.sizes)
        if array.nbytes > MOST_BYTES:
            raise LimitError("a value is too large", where=self._where, got=f"{array.nbytes} bytes", expected=f"at most {MOST_BYTES}")
        if self.last_ns is not None and time <= self.last_ns:
            raise InputError(
                "times must increase strictly",
                where=self._where,
                got=f"{time} ns after {self.last_ns} ns",
                fix="Write each moment once, in order.",
            )
        if abs(time) > FARTHEST_NS:
            raise LimitError("a time must be within 50 years of the start", where=self._where, got=f"{time} ns")
        return array, time

    def encoded(self, array: NDArray[Any], stamp_ns: int) -> bytes:
        if self.sizes is None:
            self.sizes = array.shape[1:] if self.signal.ragged else array.shape
            if self._filmed and SMALLEST <= min(self.sizes[:2]) <= max(self.sizes[:2]) <= LARGEST:
                self.encoder = Encoder(array)
        if self.encoder is None:
            return pack(array)
        return compressed_video(stamp_ns, self._source, self.encoder.encode(array))
