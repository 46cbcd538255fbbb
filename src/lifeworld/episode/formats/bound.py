"""Single pictures that a recording holds (RLDS, HDF5, MCAP, LeRobot's tables), bound into a video that keeps their bytes.

Sealed as they come they would be encoded anew, with a loss. Bound, each JPEG or PNG is one packet of an mp4 (reel.py), and what is decoded
from the bundle is what was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.time import Times
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.reel import reel
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.stills import Stills, still_kind

KEPT = {("JPEG", "RGB"): "mjpeg", ("JPEG", "L"): "mjpeg", ("PNG", "RGB"): "png", ("PNG", "L"): "png", ("PNG", "P"): "png"}
"""What an mp4 holds as it is: how Pillow calls format and mode, and the codec."""
_TICK_NS = 1_000


def bound(episodes: Iterable[Episode], report: Report) -> Iterator[Episode]:
    """The episodes with their single pictures as videos; one with a broken picture is skipped by name."""
    for episode in episodes:
        try:
            yield _bound(episode, report)
        except InputError as error:
            report.skip(episode.title, str(error))


def _bound(episode: Episode, report: Report) -> Episode:
    for name, stream in episode.streams.items():
        stills = stream.values
        if not isinstance(stills, Stills):
            continue
        if len(stills) > 1 and len(set(stills.encoded)) == 1:
            report.note(f"{name}: all pictures of an episode are one and the same")
        video = _video(stills, stream.times_ns)
        if video is None:
            report.note(f"{name}: an mp4 cannot hold its pictures as they are; they are encoded anew as H.264, with a small loss")
            continue
        episode = episode.with_stream(stream.replaced(stream.times_ns, video))
    return episode


def _video(stills: Stills, times_ns: Times) -> Video | None:
    """None if they are not of one kind that an mp4 holds, or closer to each other than its ticks.

    Raises:
        UnreadableFile: if one is broken.
        ShapeError: if they are not of one size.
    """
    kinds = {still_kind(picture, where=f"{stills.where}, picture {i}") for i, picture in enumerate(stills.encoded)}
    codecs = {KEPT.get(kind) for kind in kinds}
    if len(kinds) > 1 or None in codecs or np.any(np.diff(times_ns) < _TICK_NS):
        return None
    for i in range(len(stills)):  # one at a time: each is decoded to see that it is whole
        stills[i]
    (codec,) = codecs
    assert codec is not None
    return reel(stills.encoded, times_ns, codec=codec, height=stills.shape[1], width=stills.shape[2], where=stills.where)
