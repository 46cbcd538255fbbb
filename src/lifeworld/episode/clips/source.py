"""What clips are cut from: the episodes of a bundle, or some in memory, with what an index knows of all without opening one."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from msgspec import structs

from lifeworld.core.errors import InputError
from lifeworld.core.signal import Stream
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.index import Spans

MOST_OPEN = 256
"""Episodes whose manifests and clocks are kept at hand."""

Given = Bundle | Path | str | Sequence[Episode]


class Source(Protocol):
    """Episodes by number."""

    @property
    def name(self) -> str:
        """What it is called in reports."""

    @property
    def folder(self) -> Path | None:
        """Where a cache of it may lie; None if it is in memory."""

    def __len__(self) -> int:
        """How many episodes."""

    def stream_names(self) -> list[str]:
        """The names of all streams, by the index alone."""

    def spans(self, stream: str) -> Spans:
        """Where a stream is, by the index alone."""

    def streams(self, episode: int) -> Mapping[str, Stream]:
        """The streams of an episode, unread. Any number of threads may ask."""

    def where(self, episode: int) -> str:
        """What an episode is called."""

    def may_keep(self, episode: int, stream: str) -> bool:
        """Whether what was read of a stream may be written to a cache: not what is encrypted."""

    def identity(self) -> str:
        """A hash that stays while episodes are only added at the end: sealed ones never change."""


class InMemory:
    """Episodes that somebody holds."""

    folder = None

    def __init__(self, episodes: Sequence[Episode]) -> None:
        self.name, self.episodes = "memory", episodes

    def __len__(self) -> int:
        return len(self.episodes)

    def stream_names(self) -> list[str]:
        return sorted({name for episode in self.episodes for name in episode.streams})

    def spans(self, stream: str) -> Spans:
        having = [(i, e.streams[stream].times_ns) for i, e in enumerate(self.episodes) if stream in e.streams]
        rows = [(i, len(t), t[0] if len(t) else 0, t[-1] if len(t) else 0) for i, t in having]
        columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
        return Spans(*columns)

    def streams(self, episode: int) -> Mapping[str, Stream]:
        return self.episodes[episode].streams

    def where(self, episode: int) -> str:
        return f"episode {episode}"

    def may_keep(self, episode: int, stream: str) -> bool:
        return False

    def identity(self) -> str:
        return "memory"


class OnDisk:
    """A bundle; the episodes used last stay open."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self.name, self.folder = bundle, str(bundle.path), bundle.path
        self._lock = threading.Lock()
        self._open: OrderedDict[int, tuple[Mapping[str, Stream], frozenset[str]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.bundle)

    def stream_names(self) -> list[str]:
        return self.bundle.index.stream_names

    def spans(self, stream: str) -> Spans:
        return self.bundle.index.spans(stream)

    def streams(self, episode: int) -> Mapping[str, Stream]:
        return self._opened(episode)[0]

    def where(self, episode: int) -> str:
        return self.bundle.uids[episode]

    def may_keep(self, episode: int, stream: str) -> bool:
        return stream not in self._opened(episode)[1]

    def identity(self) -> str:
        return hashlib.sha256("\n".join([self.bundle.head.index, *self.bundle.uids[:1]]).encode()).hexdigest()[:32]

    def _opened(self, episode: int) -> tuple[Mapping[str, Stream], frozenset[str]]:
        with self._lock:
            if episode in self._open:
                self._open.move_to_end(episode)
                return self._open[episode]
        manifest = structs.replace(self.bundle.manifest(episode), scene=None)  # clips hold streams, and reading a scene takes time
        secret = frozenset(name for name, entry in manifest.streams.items() if entry.encryption is not None)
        opened = (self.bundle.open(manifest).streams, secret)
        with self._lock:
            self._open[episode] = opened
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        return opened


def source(given: Given) -> Source:
    """What was given as a source.

    Raises:
        InputError: if it is neither a bundle, nor its folder, nor episodes.
    """
    if isinstance(given, Bundle):
        return OnDisk(given)
    if isinstance(given, (str, Path)):
        return OnDisk(open_bundle(given))
    if isinstance(given, Sequence) and not isinstance(given, (str, Bundle)) and all(isinstance(each, Episode) for each in given):
        return InMemory(given)
    raise InputError(
        "clips are cut from a bundle or from episodes", got=type(given).__name__, expected="a Bundle, its folder, or a list of Episodes"
    )
