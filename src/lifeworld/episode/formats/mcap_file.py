"""What lies where in an MCAP file, whole or torn: channels, and for each of their messages when it was logged and where it is.

A file is read through once, chunk by chunk, keeping 28 bytes a message; values are read when they are asked for. It ends where it is torn;
a chunk whose CRC is wrong is left out. Both are noted.

Source: mcap.dev/spec.
"""

from __future__ import annotations

import io
import struct
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.episode.formats.report import Report

MAGIC = b"\x89MCAP0\r\n"
MOST_CHUNK_BYTES = 1 << 30
MOST_CHANNELS = 65_536
KEPT_CHUNKS = 4
"""So many loosened chunks are kept at hand: streams that are read side by side lie in the same ones."""
_MESSAGE, _HEAD, _MESSAGE_HEAD = 5, struct.Struct("<BQ"), struct.Struct("<HIQQ")
_SCHEMA, _CHANNEL = 3, 4


@dataclass(slots=True)
class Lane:
    """One channel: what its messages are, and where each lies: in the chunk `chunks[i]` (-1: in none) from `offsets[i]` on."""

    topic: str
    encoding: str
    schema: str
    schema_encoding: str
    schema_data: bytes
    metadata: dict[str, str]
    times: array[int] = field(default_factory=lambda: array("Q"))
    chunks: array[int] = field(default_factory=lambda: array("l"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("I"))

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Where a chunk's bytes lie, and how they are packed."""

    at: int
    length: int
    size: int
    crc: int
    packing: str


class McapFile:
    """An MCAP file, scanned; `lanes` by topic and number, `metadata` (name, entries) and `attachments` (name → bytes' place)."""

    def __init__(self, path: Path, report: Report) -> None:
        self.path = path
        self.lanes: dict[int, Lane] = {}
        self.metadata: list[tuple[str, dict[str, str]]] = []
        self.attachments: dict[str, tuple[int, int]] = {}
        self._chunks: list[_Chunk] = []
        self._loose: OrderedDict[int, bytes] = OrderedDict()
        self._schemas: dict[int, tuple[str, str, bytes]] = {}
        self._scan(report)

    def message(self, lane: Lane, index: int) -> bytes:
        """The bytes of a message.

        Raises:
            UnreadableFile: if the file changed since it was opened.
        """
        at, length, chunk = lane.offsets[index], lane.lengths[index], lane.chunks[index]
        data = self._bytes(at, length) if chunk < 0 else self._chunk(chunk)[at : at + length]
        if len(data) != length:
            raise UnreadableFile("the file was cut while it was read", where=str(self.path))
        return data

    def messages(self, lane: Lane, index: Iterable[int] | None = None) -> list[bytes]:
        """Messages, each as its bytes."""
        return [self.message(lane, i) for i in (range(len(lane)) if index is None else index)]

    def attachment(self, name: str) -> bytes:
        at, length = self.attachments[name]
        return self._bytes(at, length)

    def _bytes(self, at: int, length: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(at)
            return file.read(length)

    def _chunk(self, number: int) -> bytes:
        if number not in self._loose:
            chunk = self._chunks[number]
            self._loose[number] = _loosened(self._bytes(chunk.at, chunk.length), chunk, where=str(self.path))
            if len(self._loose) > KEPT_CHUNKS:
                self._loose.popitem(last=False)
        self._loose.move_to_end(number)
        return self._loose[number]

    def _scan(self, report: Report) -> None:
        from mcap.exceptions import McapError
        from mcap.records import Attachment, Channel, Chunk, Message, Metadata, Schema
        from mcap.stream_reader import StreamReader

        size = self.path.stat().st_size
        with self.path.open("rb") as raw:
            if raw.read(len(MAGIC)) != MAGIC:
                raise UnreadableFile("this is no MCAP file", where=str(self.path), got=f"{size} bytes", expected=repr(MAGIC))
            raw.seek(0)
            file = _Counted(raw, size)
            whole = 0
            try:
                for record in StreamReader(file, emit_chunks=True, record_size_limit=size).records:  # type: ignore[arg-type]  # it only reads
                    match record:
                        case Chunk():
                            self._take_chunk(record, file.at - len(record.data), report)
                        case Schema():
                            self._schemas[record.id] = (record.name, record.encoding, record.data)
                        case Channel():
                            self._take_channel(record)
                        case Message():
                            lane = self.lanes.get(record.channel_id)
                            if lane is not None:
                                self._put(lane, record.log_time, -1, file.at - len(record.data), len(record.data))
                        case Metadata(name=name, metadata=said):
                            self.metadata.append((name, said))
                        case Attachment():
                            self.attachments[record.name] = (file.at - 4 - len(record.data), len(record.data))
                        case _:
                            pass
                    whole = file.at
            except (McapError, struct.error, EOFError, ValueError, UnicodeDecodeError, OverflowError) as error:
                report.skip(f"{self.path.name} from byte {whole:,} on", f"the file is torn there ({error or type(error).__name__})")

    def _take_channel(self, record: Any) -> None:
        if len(self.lanes) >= MOST_CHANNELS:
            raise FileTooLarge("too many channels", where=str(self.path), expected=f"at most {MOST_CHANNELS}")
        schema = self._schemas.get(record.schema_id, ("", "", b""))
        self.lanes.setdefault(record.id, Lane(record.topic, record.message_encoding, *schema, metadata=dict(record.metadata)))

    def _take_chunk(self, record: Any, begin: int, report: Report) -> None:
        from mcap.data_stream import ReadDataStream
        from mcap.records import Channel, Schema

        chunk = _Chunk(begin, len(record.data), record.uncompressed_size, record.uncompressed_crc, record.compression)
        number = len(self._chunks)
        self._chunks.append(chunk)
        try:
            data = _loosened(record.data, chunk, where=str(self.path))
        except UnreadableFile as error:
            report.skip(f"{self.path.name}, chunk {number}", str(error))
            return
        at = 0
        while at + _HEAD.size <= len(data):
            kind, size = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            if size > len(data) - at:
                raise ValueError("a record that is longer than its chunk")
            if kind == _MESSAGE:
                channel, _, stamp, _ = _MESSAGE_HEAD.unpack_from(data, at)
                lane = self.lanes.get(channel)
                if lane is not None:
                    self._put(lane, stamp, number, at + _MESSAGE_HEAD.size, size - _MESSAGE_HEAD.size)
            elif kind == _SCHEMA:
                schema = Schema.read(ReadDataStream(io.BytesIO(data[at : at + size])))
                self._schemas[schema.id] = (schema.name, schema.encoding, schema.data)
            elif kind == _CHANNEL:
                self._take_channel(Channel.read(ReadDataStream(io.BytesIO(data[at : at + size]))))
            at += size

    def _put(self, lane: Lane, stamp: int, chunk: int, offset: int, length: int) -> None:
        lane.times.append(stamp)
        lane.chunks.append(chunk)
        lane.offsets.append(offset)
        lane.lengths.append(length)


class _Counted:
    """A file for the MCAP reader that knows where it is, and never makes room for more than there is."""

    def __init__(self, file: Any, size: int) -> None:
        self.file, self.size, self.at = file, size, 0

    def read(self, length: int) -> bytes:
        data: bytes = self.file.read(min(length, self.size - self.at))
        self.at += len(data)
        return data


def _loosened(data: bytes, chunk: _Chunk, *, where: str) -> bytes:
    """The records of a chunk.

    Raises:
        FileTooLarge: if it says it is over MOST_CHUNK_BYTES.
        UnreadableFile: if it is damaged.
    """
    if chunk.size > MOST_CHUNK_BYTES:
        raise FileTooLarge("a chunk is too large", where=where, got=f"{chunk.size:,} bytes", expected=f"at most {MOST_CHUNK_BYTES:,}")
    try:
        out = _unpacked(data, chunk.packing, chunk.size + 1)
    except ValueError as error:
        raise UnreadableFile("a chunk cannot be unpacked", where=where, got=str(error)) from error
    if len(out) != chunk.size or (chunk.crc and zlib.crc32(out) != chunk.crc):
        raise UnreadableFile("a chunk does not match its checksum", where=where, got=f"{len(out)} bytes", expected=f"{chunk.size} bytes")
    return out


def _unpacked(data: bytes, packing: str, most: int) -> bytes:
    """What is packed, `most` bytes of it.

    Raises:
        ValueError: if it is damaged, or packed in a way that MCAP does not have.
    """
    if packing == "":
        return data
    if packing == "zstd":
        from zstandard import ZstdDecompressor, ZstdError

        try:
            return ZstdDecompressor().stream_reader(data).read(most)
        except ZstdError as error:
            raise ValueError(str(error)) from error
    if packing == "lz4":
        from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]

        try:
            return bytes(LZ4FrameDecompressor().decompress(data, max_length=most))
        except RuntimeError as error:
            raise ValueError(str(error)) from error
    raise ValueError(f"packed as {packing!r}, where MCAP has zstd and lz4")
