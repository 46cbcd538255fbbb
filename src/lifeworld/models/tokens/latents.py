"""Tokens instead of pictures: footage that a tokenizer went through once, kept on the disk.

    latents = encoded(footage, tokenizer, folder)          # goes on where it was stopped
    latents.cut(12).batch(step, 8, seed=0).frames          # uint8 (8, 12, N, C), read with `from_bytes`

A number of a token takes a byte: it lies between -1 and 1 and spreads over some tens of 255 steps; levels of a code are kept exactly.
Shards of a few thousand pictures are files, whole or not there, and mapped into memory when they are read. The folder is named by a hash of
the data and of the tokenizer's weights, and says both inside: what another tokenizer said is never read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file, sweep
from lifeworld.models.data.footage import Footage, Window
from lifeworld.models.tokens.tokenizer import Tokenizer

FORMAT = 1
SHARD = 4096
"""Pictures in a shard, about: episodes are not divided."""
AT_ONCE = 64
ABOUT = "latents.json"


class About(msgspec.Struct, frozen=True):
    """What a folder of latents is of."""

    format: int
    data_sha256: str
    tokenizer_sha256: str


class Latents(Footage):
    """Footage whose windows hold tokens instead of pictures."""

    def __init__(self, footage: Footage, length: int, about: About, shards: list[tuple[NDArray[np.uint8], NDArray[np.float32]]]) -> None:
        super().__init__(
            footage.bundle,
            stream=footage.stream,
            size=footage.size,
            stride=footage.stride,
            frame_ns=footage.frame_ns,
            length=length,
            doing=footage.doing,
            notes=footage.notes,
        )
        self.about, self._shards = about, shards
        self._begin = np.concatenate([[0], np.cumsum(self.pictures)])
        self._shard_begin = np.concatenate([[0], np.cumsum([len(tokens) for tokens, _ in shards])])

    def cut(self, length: int) -> Latents:
        return Latents(self, length, self.about, self._shards)

    @property
    def sha256(self) -> str:
        """A hash of what is learned from, and of the tokenizer."""
        return hashlib.sha256(f"{super().sha256} {self.about.tokenizer_sha256}".encode()).hexdigest()

    def windows(self, numbers: list[int] | NDArray[np.int64]) -> Window:
        """The clips of these numbers, in tokens: uint8 (clips, length, N, C)."""
        tokens, actions = list[NDArray[np.uint8]](), list[NDArray[np.float32]]()
        for number in np.asarray(numbers).tolist():
            episode = int(np.searchsorted(self._first, number, "right")) - 1
            row = int(self._begin[episode] + number - self._first[episode])
            shard = int(np.searchsorted(self._shard_begin, row, "right")) - 1
            first = row - int(self._shard_begin[shard])
            rows = slice(first, first + (self.length - 1) * self.stride + 1, self.stride)
            tokens.append(self._shards[shard][0][rows])
            actions.append(self._shards[shard][1][rows])
        return Window(np.stack(tokens), None if self.doing is None else np.stack(actions)[:, :-1])

    def spread(self, *, levels: tuple[int, ...], most: int = 8192) -> tuple[Tensor, Tensor]:
        """The mean and spread (C,) of the tokens that are learned from, over some of them."""
        numbers = self.numbers(held_out=False)
        some = self.cut(self.length).windows(numbers[np.linspace(0, len(numbers) - 1, max(1, most // self.length)).astype(int)])
        tokens = from_bytes(torch.from_numpy(some.frames), levels).flatten(0, 2)
        return tokens.mean(0), tokens.std(0).clamp_min(1e-3)


def encoded(
    footage: Footage,
    tokenizer: Tokenizer,
    cache: Path,
    *,
    on_shard: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Latents | None:
    """The footage in tokens; None if `stop()` before all of it was. Shards that are there are not made again.

    Args:
        cache: folder of such folders.
        on_shard: told how many shards there are of how many.

    Raises:
        StorageError: if the disk is full; the shards before are whole.
        UnreadableFile: if what is there is damaged, or of another tokenizer.
    """
    about = About(FORMAT, footage.sha256, fingerprint(tokenizer))
    folder = cache / hashlib.sha256(msgspec.json.encode(about)).hexdigest()[:16]
    two = footage.cut(2)
    with on_disk(cache):
        _mark(folder, about)
        spans = _spans(two)
        for i, episodes in enumerate(spans):
            names = [folder / f"{part}-{i:05d}.npy" for part in ("actions", "tokens")]
            if not all(name.is_file() for name in names):
                if stop():
                    return None
                tokens, actions = _shard(two, tokenizer, episodes)
                for name, values in zip(names, [actions, tokens], strict=True):
                    with replace_file(name) as beside, beside.open("wb") as file:
                        np.save(file, np.asarray(values), allow_pickle=False)
            if on_shard is not None:
                on_shard(i + 1, len(spans))
    return Latents(footage, footage.length, about, [_read(folder, i, two, episodes, tokenizer) for i, episodes in enumerate(spans)])


def fingerprint(tokenizer: Tokenizer) -> str:
    """A hash of a tokenizer's sizes and weights."""
    digest = hashlib.sha256(msgspec.json.encode(tokenizer.shape))
    for name, tensor in sorted(tokenizer.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def to_bytes(tokens: Tensor) -> NDArray[np.uint8]:
    """Tokens from -1 to 1 as bytes."""
    out: NDArray[np.uint8] = ((tokens.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
    return out


def from_bytes(kept: Tensor, levels: tuple[int, ...] = ()) -> Tensor:
    """The tokens again; those of codes exactly on their levels."""
    plain = kept.float() / 127.5 - 1
    if not levels:
        return plain
    half = (torch.tensor(levels, device=kept.device) - 1) / 2
    return torch.round((plain + 1) * half) / half - 1


def _mark(folder: Path, about: About) -> None:
    """Say in the folder what it is of, or see that it says so."""
    path = folder / ABOUT
    if not path.is_file():
        with replace_file(path) as beside:
            beside.write_bytes(msgspec.json.encode(about))
    sweep(folder)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=About)
    except msgspec.DecodeError as error:
        raise UnreadableFile("these latents do not say what they are of", where=str(path), fix="Delete the folder.") from error
    if found != about:
        raise UnreadableFile("these latents are of other data or another tokenizer", where=str(folder), fix="Delete the folder.")


def _spans(footage: Footage) -> list[range]:
    """The episodes of each shard."""
    spans, begin, pictures = [], 0, 0
    counts = footage.pictures.tolist()
    for episode, count in enumerate(counts):
        pictures += count
        if pictures >= SHARD or episode == len(counts) - 1:
            spans.append(range(begin, episode + 1))
            begin, pictures = episode + 1, 0
    return spans


def _read(folder: Path, i: int, footage: Footage, episodes: range, tokenizer: Tokenizer) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    try:
        tokens, actions = (np.load(folder / f"{part}-{i:05d}.npy", mmap_mode="r", allow_pickle=False) for part in ("tokens", "actions"))
    except (OSError, EOFError, ValueError) as error:
        raise UnreadableFile("these latents are damaged", where=str(folder), got=str(error), fix="Delete the folder.") from error
    rows = int(footage.pictures[episodes.start : episodes.stop].sum())
    if tokens.shape != (rows, tokenizer.shape.count, tokenizer.shape.numbers) or len(actions) != rows:
        raise UnreadableFile("these latents are damaged", where=str(folder), got=tokens.shape, fix="Delete the folder.")
    return tokens, actions


@torch.inference_mode()
def _shard(two: Footage, tokenizer: Tokenizer, episodes: range) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Tokens and actions of all pictures of some episodes, read in windows of two: an episode's last pictures are second ones only."""
    shape, rows = tokenizer.shape, int(two.pictures[episodes.start : episodes.stop].sum())
    tokens = np.zeros((rows, shape.count, shape.numbers), np.uint8)
    actions = np.zeros((rows, 0 if two.doing is None else len(two.doing.mean)), np.float32)
    begin = 0
    for episode in episodes:
        pairs, stream, row = two.clips_of(episode), _Stream(tokenizer, two.stride), begin
        begin += int(two.pictures[episode])
        for first in range(pairs.start, pairs.stop, AT_ONCE):
            window = two.windows(np.arange(first, min(first + AT_ONCE, pairs.stop)))
            done = slice(row, row := row + len(window.frames))
            tokens[done] = stream(window.frames[:, 0])
            if window.actions is not None:
                actions[done] = window.actions[:, 0]
        last = pairs[-two.stride :]
        if last:
            tokens[begin - len(last) : begin] = stream(two.windows(np.array(last)).frames[:, 1])
    return tokens, actions


class _Stream:
    """A tokenizer going through an episode; a causal one remembers, of every `stride`-th picture, those before it."""

    def __init__(self, tokenizer: Tokenizer, stride: int) -> None:
        self.tokenizer, self.count = tokenizer, 0
        self.memories = [tokenizer.encoder.blank(1) for _ in range(stride)]

    def __call__(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        device = self.tokenizer.place.device
        pictures = torch.from_numpy(frames).to(device).movedim(-1, -3).float().div(255)
        if not self.tokenizer.shape.causal:
            return to_bytes(self.tokenizer.encode(pictures[:, None])[:, 0])
        said = []
        for picture in pictures:
            nth, phase = divmod(self.count, len(self.memories))
            count, memory = torch.tensor([nth], device=device), self.memories[phase].to(device)
            tokens, self.memories[phase] = self.tokenizer.look(picture[None], memory, count)
            said.append(tokens)
            self.count += 1
        return to_bytes(torch.cat(said))
