"""Episodes in an MCAP that we wrote: every stream comes back as it was, to the bit.

A stream's own channel carries the metadata `stream` (a `Line` of the journal, as JSON), `sizes` and, where a file holds several episodes,
`episode`. Its messages hold one value each, by the channel's schema:

    foxglove.CompressedVideo    an H.264 access unit as it was encoded
    foxglove.CompressedImage    a picture, JPEG as it was taken or PNG; a view only, where the metadata name an `attachment` with the video
    foxglove.RawImage           32FC1 or 16UC1: the values as they are
    none (x-lifeworld-array)    the values as they are, packed as in a journal

Channels without `stream` are views for others and are passed over.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LifeworldError, UnreadableFile
from lifeworld.core.origin import Terms
from lifeworld.core.signal import Index, Signal, Stored, Stream
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.mcap_file import Lane, McapFile
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.stills import Stills
from lifeworld.episode.foxglove import IMAGE, MESSAGES, RAW, VIDEO, video_data
from lifeworld.episode.journal.annexb import write_mp4
from lifeworld.episode.journal.format import ARRAY, HEADER, NOTE, STREAM, Header, Line, Note, unpack
from lifeworld.episode.manifest import signal_of
from lifeworld.episode.proto import decode
from lifeworld.scene.text import parse


def is_own(file: McapFile) -> bool:
    """Whether we wrote it."""
    return any(name == HEADER for name, _ in file.metadata)


def read_own(file: McapFile, report: Report) -> Iterator[Episode]:
    """Its episodes, in their order.

    Raises:
        UnreadableFile: if what is said of an episode or stream makes no sense.
    """
    headers: dict[str, tuple[Header, str | None]] = {}
    empty: dict[str, dict[str, Line]] = {}
    where = str(file.path)
    try:
        for name, said in file.metadata:
            if name == HEADER:
                header = msgspec.json.decode(said["header"], type=Header)
                headers[header.uid] = (header, said.get("scene"))
            elif name == STREAM:
                uid = said.get("episode") or next(iter(headers))
                empty.setdefault(uid, {})[said["name"]] = msgspec.json.decode(said["stream"], type=Line)
            elif name == NOTE:
                note = msgspec.json.decode(said["note"], type=Note)
                header = headers[said.get("episode") or next(iter(headers))][0]
                header.labels.update(note.labels)
                header.legend.update(note.legend)
        for uid, (header, scene) in headers.items():
            lanes = [lane for lane in file.lanes.values() if "stream" in lane.metadata and lane.metadata.get("episode", uid) == uid]
            streams = {lane.topic: _stream(file, lane, header.epoch_ns, report) for lane in lanes if len(lane)}
            for name, line in empty.get(uid, {}).items():
                streams.setdefault(name, _made(line, np.zeros(0, np.int64), [], f"{where}: {name}"))
            yield Episode(
                streams=streams,
                provenance=header.provenance,
                scene=parse(scene, source=where) if scene is not None else None,
                title=header.title,
                labels=header.labels,
                legend=header.legend,
            )
    except UnreadableFile:
        raise
    except (InputError, LookupError, StopIteration, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise UnreadableFile("what the file says of an episode is damaged", where=where, got=f"{type(error).__name__}: {error}") from error


def _stream(file: McapFile, lane: Lane, epoch_ns: int, report: Report) -> Stream:
    where = f"{file.path}: {lane.topic}"
    line = msgspec.json.decode(lane.metadata["stream"], type=Line)
    sizes = msgspec.json.decode(lane.metadata["sizes"], type=tuple[int, ...])
    times = np.array(lane.times, dtype=np.uint64).astype(np.int64) - epoch_ns
    signal = signal_of(line.signal, where=where)
    values: Any
    if "attachment" in lane.metadata:
        name = lane.metadata["attachment"]
        if name in file.attachments:
            values = Video(file.attachment(name), count=len(lane), height=sizes[0], width=sizes[1])
        else:  # attachments lie behind the messages: a torn file may have lost them
            report.note(f"{lane.topic}: its video is lost with the end of the file; its pictures are the smaller ones made for viewers")
            values = Stills(_pictures(file, lane), where=where)
    elif lane.schema == VIDEO:
        units = (video_data(file.message(lane, i), where=where) for i in range(len(lane)))
        values = video_of(units, times.tolist(), height=sizes[0], width=sizes[1])
    elif lane.schema == IMAGE:
        values = Stills(_pictures(file, lane), where=where)
    elif lane.schema == RAW:
        values = Messages(file, lane, signal, sizes, lambda data: _raw(data, signal, where))
    elif lane.encoding == ARRAY:
        values = Messages(file, lane, signal, sizes, lambda data: unpack(data, signal.dtype, where=where))
    else:
        raise UnreadableFile("a stream in a form that we do not write", where=where, got=f"{lane.encoding} {lane.schema}")
    return _made(line, times, values, where)


def _made(line: Line, times: NDArray[np.int64], values: Any, where: str) -> Stream:
    try:
        return Stream(
            signal_of(line.signal, where=where),
            times,
            values,
            origin=line.origin,
            source=line.source,
            terms=Terms(license=line.license, consents=line.consents),
            clock=line.clock,
            provenance=line.provenance,
        )
    except LifeworldError as error:
        raise UnreadableFile("a stream makes no sense", where=where, got=str(error)) from error


class Messages(Stored):
    """Values each in a message of its own, decoded when they are asked for."""

    def __init__(
        self, file: McapFile, lane: Lane, signal: Signal, sizes: tuple[int, ...], decoded: Callable[[bytes], NDArray[Any]]
    ) -> None:
        self.shape, self.dtype, self.ragged = (len(lane), *sizes), signal.dtype, signal.ragged
        self._file, self._lane, self._decoded = file, lane, decoded

    def take(self, index: Index) -> Any:
        values = [self._decoded(data) for data in self._file.messages(self._lane, index.tolist())]
        for value in values:
            if (value.shape[1:] if self.ragged else value.shape) != self.shape[1:]:
                where = f"{self._file.path}: {self._lane.topic}"
                raise UnreadableFile("a value of another size", where=where, got=value.shape, expected=self.shape[1:])
        if self.ragged:
            return tuple(values)
        return np.stack(values) if values else np.empty((0, *self.shape[1:]), dtype=self.dtype)


def _raw(data: bytes, signal: Signal, where: str) -> NDArray[Any]:
    said = decode(MESSAGES, RAW, data, where=where)
    kept = np.dtype({"32FC1": "<f4", "16UC1": "<u2"}.get(said["encoding"], "V1"))
    if len(said["data"]) != said["height"] * said["width"] * kept.itemsize or kept.kind == "V":
        raise UnreadableFile("a map of another size", where=where, got=f"{len(said['data'])} bytes of {said['encoding']}")
    return np.frombuffer(said["data"], kept).reshape(said["height"], said["width"]).astype(signal.dtype)


def _pictures(file: McapFile, lane: Lane) -> list[bytes]:
    where = f"{file.path}: {lane.topic}"
    return [decode(MESSAGES, IMAGE, data, where=where)["data"] for data in file.messages(lane)]


def video_of(units: Iterable[bytes], times_ns: Sequence[int], *, height: int, width: int) -> Video:
    """H.264 access units as they are, each at its time [ns], in a file that goes when nobody holds the video any more."""
    folder = tempfile.mkdtemp(prefix="lifeworld-")
    try:
        path = Path(folder) / "video.mp4"
        write_mp4(path, units, times_ns, height=height, width=width)
        video = Video(path, count=len(times_ns), height=height, width=width)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(video, shutil.rmtree, folder, ignore_errors=True)
    return video
