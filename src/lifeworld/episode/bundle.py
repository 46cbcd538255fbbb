"""A bundle: a dataset of episodes on disk that LeRobot, Rerun and every video player open as it lies (docs/episode-format.md).

    bundle = open_bundle("out/tabletop")
    episode = bundle[3]                          # its streams are read when they are asked for
    episode["rgb@front"].values[40:56]           # 16 frames are decoded

What is open does not change: a bundle shows what its head said when it was opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile, UnsafeFile
from lifeworld.core.signal import Stream
from lifeworld.episode.crypt import Context, decrypt_file
from lifeworld.episode.entry import read_stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.head import read_info
from lifeworld.episode.index import Index, subjects
from lifeworld.episode.keys import Keys
from lifeworld.episode.manifest import Entry, Manifest, read_manifest
from lifeworld.scene.text import parse

MOST_MANIFEST_BYTES = 64 * 2**20


def open_bundle(path: Path | str, *, keys: Keys | None = None) -> Bundle:
    """Open a bundle for reading; `keys` open what is encrypted (those of this person on this machine if None).

    Raises:
        UnreadableFile: if it is none, is damaged, or is of another format.
    """
    return Bundle(Path(path), keys=keys)


class Bundle:
    """The episodes of a bundle, in the order in which they were sealed.

    `path` is its folder, `info` what LeRobot reads of it, `head` and `index` what it is made of.
    """

    def __init__(self, path: Path, *, keys: Keys | None = None) -> None:
        info = read_info(path)
        self.path, self.info, self.head = path, info.lerobot, info.head
        self.index = Index.read(path, self.head.index, self.head.episodes).present
        self._keys = keys

    @property
    def snapshot(self) -> int:
        """The number of the last snapshot."""
        return self.head.snapshot

    @property
    def uids(self) -> list[str]:
        return self.index.uids

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, index: int) -> Episode:
        """An episode by its place, from the end if below 0.

        Raises:
            IndexError: if there are not so many.
        """
        return self.open(self.manifest(index))

    def __iter__(self) -> Iterator[Episode]:
        return (self[i] for i in range(len(self)))

    def episode(self, uid: str) -> Episode:
        """An episode by its uid.

        Raises:
            InputError: if it is not in the bundle.
        """
        if uid not in self.uids:
            raise InputError("there is no such episode in this bundle", where=str(self.path), got=uid)
        return self[self.uids.index(uid)]

    def manifest(self, index: int) -> Manifest:
        """All that is known of an episode but its values.

        Raises:
            IndexError: if there are not so many.
            UnreadableFile: if it is missing or damaged.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"episode {index} of {len(self)}")
        return load_manifest(self.path, f"{self.head.streams_path}/{self.uids[index]}")

    def __repr__(self) -> str:
        return f"<Bundle {self.path}: {len(self)} episodes, snapshot {self.snapshot}>"

    def open(self, manifest: Manifest) -> Episode:
        """The episode of one of its manifests."""
        return open_episode(manifest, lambda path: inside(self.path, path), keys=self._keys)


def load_manifest(root: Path, folder: str) -> Manifest:
    """The manifest in a folder of a bundle.

    Raises:
        UnreadableFile: if it is missing or damaged.
    """
    path = inside(root, f"{folder}/manifest.json")
    try:
        if path.stat().st_size > MOST_MANIFEST_BYTES:
            raise FileTooLarge("the manifest is too large", where=str(path), expected=f"at most {MOST_MANIFEST_BYTES} bytes")
        return read_manifest(path.read_bytes(), where=str(path))
    except OSError as error:
        raise UnreadableFile("the manifest cannot be read", where=str(path), got=str(error)) from error


def open_episode(manifest: Manifest, found: Callable[[str], Path], *, keys: Keys | None = None) -> Episode:
    """The episode of a manifest, its streams unread; `found` says where a path of the bundle lies."""
    scene = None
    if manifest.scene is not None:
        path = found(manifest.scene.path)
        try:
            scene = parse(path.read_text(encoding="utf-8"), source=str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile("the scene cannot be read", where=str(path), got=str(error)) from error
    return Episode(
        streams=_Streams(manifest, found, keys),
        provenance=manifest.provenance,
        scene=scene,
        title=manifest.title,
        labels=manifest.labels,
        legend=manifest.legend,
    )


def inside(root: Path, path: str) -> Path:
    """A path of a bundle on this machine's disk.

    Raises:
        UnsafeFile: if it leads out of the bundle.
    """
    parts = path.split("/")
    if not all(part and part not in (".", "..") and "\\" not in part and "\0" not in part for part in parts) or ":" in parts[0]:
        raise UnsafeFile("a path that leads out of the bundle", where=str(root), got=path)
    full = root.joinpath(*parts)
    if not full.resolve().is_relative_to(root.resolve()):
        raise UnsafeFile("a link that leads out of the bundle", where=str(root), got=path)
    return full


class _Streams(Mapping[str, Stream]):
    """The streams of a manifest, opened when first asked for."""

    def __init__(self, manifest: Manifest, found: Callable[[str], Path], keys: Keys | None) -> None:
        self._manifest, self._found, self._keys = manifest, found, keys
        self._open: dict[str, Stream] = {}

    def __getitem__(self, name: str) -> Stream:
        if name not in self._open:
            if name not in self._manifest.streams:
                raise KeyError(name)
            entry = self._manifest.streams[name]
            files = _Files(self._manifest.uid, name, entry, self._found, self._keys)
            self._open[name] = read_stream(entry, files, where=f"{self._manifest.uid}: {name}")
        return self._open[name]

    def __contains__(self, name: object) -> bool:
        return name in self._manifest.streams

    def __iter__(self) -> Iterator[str]:
        return iter(self._manifest.streams)

    def __len__(self) -> int:
        return len(self._manifest.streams)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one stream, decrypted in memory where they are encrypted."""

    uid: str
    stream: str
    entry: Entry
    path: Callable[[str], Path]
    keys: Keys | None

    def file(self, path: str) -> Path | bytes:
        if self.entry.encryption is None:
            return self.path(path)
        context = Context(self.uid, self.stream, path)
        return decrypt_file(self.path(path), self.keys or Keys(), context, subjects=subjects([self.entry]))
