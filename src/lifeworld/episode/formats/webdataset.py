"""Episodes, or clips of them, as WebDataset: tar files of samples, which loaders read from end to end.

    KEY.json                         title, instruction, origin, licence, labels, and of each stream its file, times, unit and names
    KEY.rgb_front.mp4                pictures: a whole episode's video as it is; of a clip, or of pictures that are no video, encoded anew
    KEY.depth_m_front.npy            numbers (n, …), words too
    KEY.contacts.npz                 rows: `values`, and `offsets` (n + 1), from where to where each moment's lie in them
    KEY.audio_mono_front.flac        sound (.wav where FLAC cannot hold it)

KEY is the episode's number and the clip's: 000003, 000003_0001. The times [ns from the episode's start] of a stream stand in the .json
where they are even, else in KEY.STREAM.times.npy. The same episodes make the same bytes.

Source: github.com/webdataset/webdataset, README: files that belong together share what is before the first dot and follow each other.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import LimitError
from lifeworld.core.signal import Stream
from lifeworld.core.time import NS_PER_S, ns
from lifeworld.core.write import replace_folder
from lifeworld.episode.codec.sound import fits_flac, write_sound
from lifeworld.episode.codec.video import SMALLEST, Video, write_video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.source import word
from lifeworld.episode.manifest import regular

SHARD_BYTES = 256 << 20


def write(episodes: Iterable[Episode], path: Path | str, *, clip_s: float | None = None, overwrite: bool = False) -> int:
    """Write shards of about 256 MB into a folder, which is whole or not there; how many samples.

    Args:
        clip_s: cut episodes into clips of so many seconds; what is left at the end is a shorter one.
        overwrite: whether a folder that holds something else may be replaced.

    Raises:
        LimitError: if clips would be shorter than a millisecond.
    """
    if clip_s is not None and not clip_s >= 1e-3:
        raise LimitError("a clip lasts a millisecond or more", got=clip_s)
    count = 0
    with replace_folder(path, overwrite=overwrite) as folder, _Shards(folder) as shards:
        for number, episode in enumerate(episodes):
            for key, clip in _clips(f"{number:06d}", episode, clip_s):
                shards.add(_sample(key, clip, whole=clip is episode))
                count += 1
    return count


def _clips(key: str, episode: Episode, clip_s: float | None) -> Iterator[tuple[str, Episode]]:
    if clip_s is None:
        yield key, episode
        return
    step = ns(clip_s)
    for place, start in enumerate(range(0, episode.duration_ns + 1, step)):
        yield f"{key}_{place:04d}", episode.between(start, start + step)


def _sample(key: str, episode: Episode, *, whole: bool) -> list[tuple[str, bytes]]:
    """The files of a sample, its .json first."""
    files: list[tuple[str, bytes]] = []
    streams: dict[str, Any] = {}
    for name, stream in episode.streams.items():
        if not len(stream):
            continue
        base = word(name)
        suffix, data = _values(stream, whole=whole)
        files.append((f"{key}.{base}.{suffix}", data))
        even = regular(stream.times_ns)
        said: dict[str, Any] = {"file": f"{base}.{suffix}", "signal": stream.signal.name, "source": stream.source, "count": len(stream)}
        said |= {"unit": stream.signal.unit, "origin": stream.origin.value, "license": stream.terms.license}
        said |= {"consents": [consent.receipt for consent in stream.terms.consents]}
        if even is not None:
            said |= {"start_ns": even.start_ns, "step_ns": even.step_ns}
        else:
            files.append((f"{key}.{base}.times.npy", _npy(stream.times_ns)))
        names = episode.legend.get(name) or episode.legend.get(stream.signal.name)
        streams[name] = said | ({"names": names} if names else {})
    instruction = next((str(s.values[0]) for n, s in episode.streams.items() if n == "instruction" and len(s)), "")
    about = {
        "title": episode.title,
        "instruction": instruction,
        "origin": episode.origin.value,
        "made_by": f"{episode.provenance.engine} {episode.provenance.engine_version}",
        "labels": dict(episode.labels),
        "streams": streams,
    }
    return [(f"{key}.json", json.dumps(about, ensure_ascii=False, sort_keys=True).encode()), *files]


def _values(stream: Stream, *, whole: bool) -> tuple[str, bytes]:
    """The suffix and bytes of a stream's file."""
    values = stream.values
    if isinstance(values, Video) and whole:
        return "mp4", values.file if isinstance(values.file, bytes) else values.file.read_bytes()
    if stream.signal.shape == ("height", "width", 3) and stream.signal.dtype == np.uint8 and min(values.shape[1:3]) >= SMALLEST:
        return "mp4", _made("mp4", lambda path: write_video(path, values, stream.times_ns, fps=_fps(stream)))
    if stream.signal.family == "hear":
        blocks = np.asarray(values)
        suffix = "flac" if fits_flac(blocks) else "wav"
        return suffix, _made(suffix, lambda path: write_sound(path, blocks))
    if stream.signal.ragged:
        rows = list(values)
        offsets = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
        joined = np.concatenate([np.zeros((0, *np.shape(rows[0])[1:]), stream.signal.dtype), *rows])
        return "npz", _npz(values=joined, offsets=offsets)
    return "npy", _npy(np.asarray(values))


def _fps(stream: Stream) -> Fraction | None:
    even = regular(stream.times_ns) if len(stream) > 1 else None
    return Fraction(NS_PER_S, even.step_ns).limit_denominator(1001) if even is not None else None


def _made(suffix: str, write: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="lifeworld-") as folder:
        path = Path(folder) / f"it.{suffix}"
        write(path)
        return path.read_bytes()


def _npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, np.ascontiguousarray(array), allow_pickle=False)
    return out.getvalue()


def _npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


class _Shards:
    """The tar files, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number, self.size = folder, 0, 0
        self.tar: tarfile.TarFile | None = None

    def __enter__(self) -> _Shards:
        return self

    def __exit__(self, *_: object) -> None:
        if self.tar is not None:
            self.tar.close()

    def add(self, files: list[tuple[str, bytes]]) -> None:
        """A sample, whole in one shard."""
        size = sum(len(data) for _, data in files)
        if self.tar is None or (self.size and self.size + size > SHARD_BYTES):
            if self.tar is not None:
                self.tar.close()
            self.tar = tarfile.open(self.folder / f"shard-{self.number:06d}.tar", "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
            self.number, self.size = self.number + 1, 0
        for name, data in files:
            head = tarfile.TarInfo(name)
            head.size, head.mtime, head.mode = len(data), 0, 0o644
            self.tar.addfile(head, io.BytesIO(data))
        self.size += size
