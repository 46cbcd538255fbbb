"""Episodes as MCAP, chunked, packed with Zstandard and indexed: Foxglove, Lichtblick and Rerun show them, and `mcap.py` reads them
back to the bit.

    write(episodes, "out.mcap")       # several follow each other on the time line, a second apart

Each stream has a channel of its own under its name (how, says `mcap_own.py`); further channels are views of the same for others
(`mcap_views.py`): transforms, calibrations, boxes, sound, words, numbers to plot. Messages lie in the order of their times, which count
from the moment that the provenance says.
"""

from __future__ import annotations

import heapq
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count as counted
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
import numpy as np

from lifeworld.core.errors import LimitError
from lifeworld.core.signal import Stream
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.packets import opened, read_packets
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.mcap_views import View, views
from lifeworld.episode.formats.stills import Stills
from lifeworld.episode.foxglove import IMAGE, MESSAGES, RAW, VIDEO, compressed_video, stamp
from lifeworld.episode.journal.format import ARRAY, HEADER, PROTOBUF, STREAM, Header, Line, pack
from lifeworld.episode.manifest import kind_of
from lifeworld.episode.proto import descriptors, encode
from lifeworld.scene.text import to_text

CHUNK_BYTES = 4 << 20
APART_NS = 1_000_000_000
VIEW_QUALITY = 85
"""Of the JPEG pictures that viewers get of a video which they could not decode."""


class Note(NamedTuple):
    """A message before it is written: when [ns since 1970], which channel, what."""

    time_ns: int
    channel: int
    data: bytes


def write(episodes: Iterable[Episode], path: Path | str) -> int:
    """Write episodes into one file, beside its place and then renamed; how many there were.

    Raises:
        LimitError: if there are more streams than MCAP can number.
    """
    from mcap.writer import CompressionType, Writer

    path, number, free = Path(path), 0, 0
    with replace_file(path) as beside, beside.open("wb") as out:
        writer = Writer(out, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
        writer.start(profile="", library="lifeworld")
        file = _File(writer)
        for episode in episodes:
            epoch = max(round(datetime.fromisoformat(episode.provenance.created).timestamp()) * 1_000_000_000, free)
            earliest = min((int(s.times_ns[0]) for s in episode.streams.values() if len(s)), default=0)
            epoch += max(free - epoch - earliest, 0)
            _write(file, episode, epoch)
            free, number = epoch + episode.duration_ns + APART_NS, number + 1
        writer.finish()  # type: ignore[no-untyped-call]
    return number


class _File:
    """The writer, with the schemas that are in the file."""

    def __init__(self, writer: Any) -> None:
        self.writer, self.schemas = writer, dict[str, int]()
        self.channels = 0

    def channel(self, topic: str, schema: str, metadata: dict[str, str], encoding: str = PROTOBUF) -> int:
        self.channels += 1
        if self.channels > 65_535:
            raise LimitError("more streams than an MCAP file can number", expected="65,535", fix="Export fewer episodes into one file.")
        if schema and schema not in self.schemas:
            told = ("jsonschema", schema.encode()) if encoding == "json" else ("protobuf", descriptors(MESSAGES, schema))
            name = "lifeworld.Numbers" if encoding == "json" else schema
            self.schemas[schema] = self.writer.register_schema(name, *told)
        return int(self.writer.register_channel(topic, encoding, self.schemas.get(schema, 0), metadata=metadata))


def _write(file: _File, episode: Episode, epoch: int) -> None:
    header = Header(
        uid=str(uuid4()),
        epoch_ns=epoch,
        title=episode.title,
        provenance=episode.provenance,
        labels=dict(episode.labels),
        legend=dict(episode.legend),
        exact=(),
        encrypted=False,
    )
    scene = {} if episode.scene is None else {"scene": to_text(episode.scene)}
    file.writer.add_metadata(HEADER, {"header": msgspec.json.encode(header).decode(), **scene})
    lines: list[Iterator[Note]] = []
    for name, stream in episode.streams.items():
        said = {"stream": msgspec.json.encode(_line(stream)).decode(), "episode": header.uid}
        if len(stream):
            lines.append(_messages(file, name, stream, said, epoch, header.uid))
        else:
            file.writer.add_metadata(STREAM, {"name": name, **said})
    for view in views(episode):
        lines.append(_view(file, view, epoch, header.uid))
    sequence = counted()
    for note in heapq.merge(*lines, key=lambda note: note.time_ns):
        file.writer.add_message(note.channel, note.time_ns, note.data, note.time_ns, next(sequence) & 0xFFFFFFFF)


def _line(stream: Stream) -> Line:
    return Line(
        signal=kind_of(stream.signal),
        source=stream.source,
        origin=stream.origin,
        clock=stream.clock,
        license=stream.terms.license,
        consents=stream.terms.consents,
        provenance=stream.provenance,
    )


def _messages(file: _File, name: str, stream: Stream, said: dict[str, str], epoch: int, uid: str) -> Iterator[Note]:
    """A stream's own channel."""
    values = stream.values
    sizes = np.shape(values[0])[1:] if stream.signal.ragged else tuple(values.shape[1:])
    said = said | {"sizes": msgspec.json.encode(sizes).decode()}
    times = (stream.times_ns + epoch).tolist()
    if isinstance(values, Video) and _plain_h264(values):
        channel = file.channel(name, VIDEO, said)
        bodies = (compressed_video(t, stream.source, unit) for t, unit in zip(times, access_units(values), strict=True))
    elif isinstance(values, Video):
        attached = f"{uid}/{name}.mp4"
        file.writer.add_attachment(times[0], times[0], attached, "video/mp4", _bytes_of(values))
        channel = file.channel(name, IMAGE, said | {"attachment": attached})
        bodies = (_image(t, stream.source, jpeg(p), "jpeg") for t, p in zip(times, values, strict=True))
    elif isinstance(values, Stills):
        channel = file.channel(name, IMAGE, said)
        bodies = (_image(t, stream.source, data, still_format(data)) for t, data in zip(times, values.encoded, strict=True))
    elif stream.signal.shape == ("height", "width", 3) and stream.signal.dtype == np.uint8:
        channel = file.channel(name, IMAGE, said)
        bodies = (_image(t, stream.source, png(p), "png") for t, p in zip(times, values, strict=True))
    elif stream.signal.shape == ("height", "width") and (encoding := _encoding(stream)):
        channel = file.channel(name, RAW, said)
        bodies = (_map(t, stream.source, value, encoding) for t, value in zip(times, values, strict=True))
    else:
        channel = file.channel(name, "", said, ARRAY)
        bodies = (pack(np.asarray(value, dtype=stream.signal.dtype)) for value in values)
    return (Note(t, channel, body) for t, body in zip(times, bodies, strict=True))


def _view(file: _File, view: View, epoch: int, uid: str) -> Iterator[Note]:
    channel = file.channel(view.topic, view.schema, {"view_of": view.of, "episode": uid}, view.encoding)

    def body(value: Any, time_ns: int) -> bytes:
        made = view.made(value, time_ns)
        return made if isinstance(made, bytes) else encode(MESSAGES, view.schema, made)

    return (Note(t + epoch, channel, body(value, t + epoch)) for t, value in view.values)


# -- pictures ----------------------------------------------------------------------------------------------------------------


def _plain_h264(video: Video) -> bool:
    """Whether each packet is one frame of H.264 in the order it is shown, as viewers want it."""
    with opened(video.file) as container:
        track = container.streams.video[0]
        if track.codec_context.name != "h264" or track.codec_context.has_b_frames:
            return False
        first = next(container.decode(track))
        upright = first.rotation == 0
    with opened(video.file) as container:
        packets = read_packets(container, video.file)
    with opened(video.file) as container:
        shown = [p.pts for p in container.demux(container.streams.video[0]) if p.size and not p.is_discard]
    return upright and shown == sorted(set(shown)) and len(packets.pts) == len(video)


def access_units(video: Video) -> Iterator[bytes]:
    """The access units of an H.264 video as byte streams (Annex B), as they were encoded."""
    from av.bitstream import BitStreamFilterContext

    with opened(video.file) as container:
        track = container.streams.video[0]
        annexb = BitStreamFilterContext("h264_mp4toannexb", track)
        for packet in container.demux(track):
            if packet.size and not packet.is_discard:
                for unit in annexb.filter(packet):
                    yield bytes(unit)


def _bytes_of(video: Video) -> bytes:
    return video.file if isinstance(video.file, bytes) else video.file.read_bytes()


def _saved(picture: Any, **how: Any) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(out, **how)
    return out.getvalue()


def png(picture: Any) -> bytes:
    return _saved(picture, format="PNG", compress_level=3)


def jpeg(picture: Any) -> bytes:
    return _saved(picture, format="JPEG", quality=VIEW_QUALITY)


def still_format(data: bytes) -> str:
    return "png" if data.startswith(b"\x89PNG") else "webp" if data[8:12] == b"WEBP" else "jpeg"


def _encoding(stream: Stream) -> str:
    """How a map of one number a pixel can be a RawImage without loss; empty where it cannot."""
    if stream.signal.dtype == np.float32:
        return "32FC1"
    whole = stream.signal.dtype.kind in "iu"
    return "16UC1" if whole and all(int(np.min(v, initial=0)) >= 0 and int(np.max(v, initial=0)) < 65_536 for v in stream.values) else ""


def _map(time_ns: int, frame: str, value: Any, encoding: str) -> bytes:
    kept = np.asarray(value).astype("<f4" if encoding == "32FC1" else "<u2")
    height, width = kept.shape
    said = {"timestamp": stamp(time_ns), "width": width, "height": height, "encoding": encoding, "step": width * kept.itemsize}
    return encode(MESSAGES, RAW, said | {"data": kept.tobytes(), "frame_id": frame})


def _image(time_ns: int, frame: str, data: bytes, form: str) -> bytes:
    return encode(MESSAGES, IMAGE, {"timestamp": stamp(time_ns), "data": data, "format": form, "frame_id": frame})
