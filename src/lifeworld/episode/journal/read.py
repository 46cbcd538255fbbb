"""Reading a journal, whole or torn: what is in it, where each value lies, and the episode it makes.

    with open_journal(path) as journal:         # nobody else writes, reads or seals it meanwhile
        episode = journal.episode(scratch)      # its values are read when they are asked for

A journal ends where its writer was killed. A chunk is taken whole or not at all: it has a length and a CRC. Pictures after a gap are
left out until the next that can be decoded by itself.
"""

from __future__ import annotations

import fcntl
import io
import os
import re
import struct
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.records import Channel as ChannelRecord
from mcap.records import Chunk, Metadata
from mcap.stream_reader import StreamReader

from lifeworld.core.errors import InputError, LifeworldError, UnreadableFile
from lifeworld.core.origin import Terms
from lifeworld.core.signal import Signal, Stored, Stream
from lifeworld.core.signal.stored import Index
from lifeworld.core.storage import on_disk
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.foxglove import video_data
from lifeworld.episode.journal.annexb import is_key, write_mp4
from lifeworld.episode.journal.format import HEADER, NOTE, PROTOBUF, SCHEMA, STREAM, Header, Line, Note, unpack
from lifeworld.episode.manifest import signal_of
from lifeworld.scene.text import parse

_TORN = (McapError, struct.error, EOFError, ValueError, UnicodeDecodeError, OverflowError)
"""What the MCAP reader says at the torn end of a file."""
_CHANNEL, _MESSAGE = 4, 5
_RECORD_HEAD, _MESSAGE_HEAD = struct.Struct("<BQ"), struct.Struct("<HIQQ")
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class InUse(InputError):
    """A journal whose writer lives."""


class Gone(InputError):
    """A journal that is not there any more."""


@dataclass(slots=True)
class Lane:
    """One stream of a journal: what is said of it, and where its values lie in the file."""

    line: Line
    sizes: tuple[int, ...] | None = None
    video: bool = False
    times: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("q"))
    next: int = 0
    """The sequence that the next value has if none is missing."""
    gap: bool = False
    """Whether one is missing, and no picture that can be decoded by itself has come since."""


@dataclass(slots=True)
class JournalFile:
    """A journal on disk, held by us. `lost` are the bytes that are not in any whole chunk."""

    path: Path
    handle: int
    header: Header
    scene: str | None
    lanes: dict[str, Lane]
    lost: int

    @property
    def seconds(self) -> float:
        """From the episode's start to the last value [s]."""
        return max((lane.times[-1] for lane in self.lanes.values() if lane.times), default=0) / 1e9

    def counts(self) -> dict[str, int]:
        """How many values each stream has."""
        return {name: len(lane.times) for name, lane in self.lanes.items()}

    def episode(self, scratch: Path) -> Episode:
        """What was journalled: pictures as videos in the folder `scratch`, other values read from the journal when they are asked for.

        Raises:
            UnreadableFile: if what is said of a stream makes no sense.
        """
        return Episode(
            streams={name: self._stream(name, lane, scratch) for name, lane in self.lanes.items()},
            provenance=self.header.provenance,
            scene=parse(self.scene, source=str(self.path)) if self.scene is not None else None,
            title=self.header.title,
            labels=self.header.labels,
            legend=self.header.legend,
        )

    def bytes_at(self, offset: int, length: int) -> bytes:
        data = os.pread(self.handle, length, offset)
        if len(data) != length:
            raise UnreadableFile("the journal was cut while it was read", where=str(self.path))
        return data

    def _stream(self, name: str, lane: Lane, scratch: Path) -> Stream:
        where = f"{self.path}: {name}"
        signal = signal_of(lane.line.signal, where=where)
        values: Any = []
        if lane.video and lane.times and lane.sizes is not None:
            height, width = lane.sizes[:2]
            path = scratch / f"{len(list(scratch.iterdir()))}.mp4"
            units = (video_data(self.bytes_at(o, n), where=where) for o, n in zip(lane.offsets, lane.lengths, strict=True))
            write_mp4(path, units, lane.times, height=height, width=width)
            values = Video(path, count=len(lane.times), height=height, width=width)
        elif lane.times and lane.sizes is not None:
            values = Kept(self, lane, signal, where)
        try:
            return Stream(
                signal,
                np.array(lane.times, dtype=np.int64),
                values,
                origin=lane.line.origin,
                source=lane.line.source,
                terms=Terms(license=lane.line.license, consents=lane.line.consents),
                clock=lane.line.clock,
                provenance=lane.line.provenance,
            )
        except LifeworldError as error:
            raise UnreadableFile("a stream of the journal makes no sense", where=where, got=str(error)) from error


class Kept(Stored):
    """Values that lie in a journal; readable as long as it is open."""

    def __init__(self, journal: JournalFile, lane: Lane, signal: Signal, where: str) -> None:
        assert lane.sizes is not None
        self.shape, self.dtype, self.ragged = (len(lane.times), *lane.sizes), signal.dtype, signal.ragged
        self._journal, self._lane, self._where = journal, lane, where

    def take(self, index: Index) -> Any:
        values = [self._one(int(i)) for i in index]
        if self.ragged:
            return tuple(values)
        return np.stack(values) if values else np.empty((0, *self.shape[1:]), dtype=self.dtype)

    def _one(self, i: int) -> Any:
        value = unpack(self._journal.bytes_at(self._lane.offsets[i], self._lane.lengths[i]), self.dtype, where=self._where)
        if (value.shape[1:] if self.ragged else value.shape) != self.shape[1:]:
            raise UnreadableFile("a value of another size", where=self._where, got=value.shape, expected=self.shape[1:])
        return value


@contextmanager
def open_journal(path: Path, *, wait: bool = False) -> Iterator[JournalFile]:
    """A journal, which nobody writes any more; with `wait` not until then.

    Raises:
        Gone: if someone else has sealed it.
        InUse: if its writer lives and we do not wait.
        UnreadableFile: if it is no journal of ours.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise _gone(path) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse("this journal is being written", where=str(path), fix="Wait until its recording ends.") from None
        if not os.fstat(handle).st_nlink:  # sealed and removed while we waited
            raise _gone(path)
        with on_disk(path):
            journal = _scan(path, handle)
        yield journal
    finally:
        os.close(handle)


def _gone(path: Path) -> Gone:
    return Gone("this journal is gone", where=str(path), fix="It was sealed by another process: look into the bundle.")


def _scan(path: Path, handle: int) -> JournalFile:
    file = _Bytes(handle, os.fstat(handle).st_size)
    scan = _Scan()
    whole = 0
    try:
        for record in StreamReader(file, emit_chunks=True, record_size_limit=file.size).records:  # type: ignore[arg-type]  # it only reads
            match record:
                case Metadata(name=name, metadata=said):
                    scan.take_metadata(name, said)
                case Chunk():
                    scan.take_chunk(record, file.at - len(record.data))
            whole = file.at
    except (KeyError, msgspec.MsgspecError) as error:
        raise UnreadableFile("not a journal", where=str(path), got=f"{type(error).__name__}: {error}") from error
    except _TORN:
        pass
    header = scan.header
    if header is None or header.schema != SCHEMA:
        got = header and header.schema
        raise UnreadableFile(
            "this is no journal of ours", where=str(path), got=got, expected=f"MCAP with the metadata {HEADER!r}, {SCHEMA}"
        )
    if header.uid != path.stem or not _UID.fullmatch(header.uid):
        raise UnreadableFile("a journal under another name", where=str(path), got=header.uid, expected=path.stem)
    return JournalFile(path, handle, header, scan.scene, scan.lanes, file.size - whole + scan.lost)


class _Scan:
    """What was found so far."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.scene: str | None = None
        self.lanes: dict[str, Lane] = {}
        self.lost = 0
        self._channels: dict[int, Lane] = {}

    def take_metadata(self, name: str, said: dict[str, str]) -> None:
        if name == HEADER and self.header is None:
            self.header, self.scene = msgspec.json.decode(said["header"], type=Header), said.get("scene")
        elif name == NOTE and self.header is not None:
            note = msgspec.json.decode(said["note"], type=Note)
            self.header.labels.update(note.labels)
            self.header.legend.update(note.legend)
        elif name == STREAM:
            self.lanes.setdefault(said["name"], Lane(msgspec.json.decode(said["stream"], type=Line)))

    def take_chunk(self, chunk: Chunk, begin: int) -> None:
        """The values of a chunk whose bytes lie at `begin`, if none of them is damaged."""
        data = chunk.data
        if chunk.compression or len(data) != chunk.uncompressed_size or zlib.crc32(data) != chunk.uncompressed_crc:
            self.lost += len(data)
            return
        at = 0
        while at < len(data):
            kind, size = _RECORD_HEAD.unpack_from(data, at)
            at += _RECORD_HEAD.size
            if size > len(data) - at:
                raise ValueError("a record that is longer than its chunk")
            if kind == _CHANNEL:
                self._take_channel(ChannelRecord.read(ReadDataStream(io.BytesIO(data[at : at + size]))))
            elif kind == _MESSAGE:
                self._take_message(data, at, size, begin)
            at += size

    def _take_channel(self, channel: ChannelRecord) -> None:
        line = msgspec.json.decode(channel.metadata["stream"], type=Line)
        lane = self._channels[channel.id] = self.lanes.setdefault(channel.topic, Lane(line))
        lane.sizes = msgspec.json.decode(channel.metadata["sizes"], type=tuple[int, ...])
        lane.video = channel.message_encoding == PROTOBUF

    def _take_message(self, data: bytes, at: int, size: int, begin: int) -> None:
        channel, sequence, stamp, _ = _MESSAGE_HEAD.unpack_from(data, at)
        lane = self._channels.get(channel)
        body, length = at + _MESSAGE_HEAD.size, size - _MESSAGE_HEAD.size
        if lane is None or self.header is None:  # what said whose it is was damaged
            self.lost += size
            return
        lane.gap |= sequence != lane.next
        lane.next = sequence + 1
        if lane.video and lane.gap and not is_key(video_data(data[body : body + length], where=f"frame {sequence}")):
            self.lost += size
            return
        lane.gap = False
        lane.times.append(stamp - self.header.epoch_ns)
        lane.offsets.append(begin + body)
        lane.lengths.append(length)


class _Bytes:
    """A file for the MCAP reader: it never gives, or makes room for, more than there is."""

    def __init__(self, handle: int, size: int) -> None:
        self.handle, self.size, self.at = handle, size, 0

    def read(self, length: int) -> bytes:
        data = os.pread(self.handle, min(length, self.size - self.at), self.at)
        self.at += len(data)
        return data
