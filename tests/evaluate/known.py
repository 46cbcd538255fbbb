"""Clips of a square that goes where it is told, and subjects of which it is known how wrong, how sure and how obedient they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.seed import generator
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.subject import Ahead, Gift

SIDE, GROUND, LIGHT = 4, 90, 170
"""Pixels of the square, and grey levels from which no error here leads out of a byte."""
PACE_NS = 80_000_000


def heldout(seed: int = 0, *, clips: int = 24, each: int = 2, context: int = 2, horizon: int = 8, size: int = 16) -> HeldOut:
    """Clips, `each` so many of one episode; actions are pixels to the right and down."""
    rng = generator(seed, "known")
    actions = rng.integers(-2, 3, (clips, context + horizon - 1, 2)).astype(np.float32)
    at = rng.integers(2, size - SIDE - 2, (clips, 2))
    places = [at]
    for t in range(actions.shape[1]):
        places.append(moved(places[-1], actions[:, t], size))
    marks = np.stack([GROUND - 20 + np.arange(clips) // 10, GROUND - 20 + np.arange(clips) % 10], axis=1)
    pictures = np.stack([drawn(place, marks, size) for place in places], axis=1)
    mean = np.rint(pictures.mean((0, 1))).astype(np.uint8)
    order = np.arange(clips)
    return HeldOut(
        pictures=pictures,
        actions=actions,
        context=context,
        episode=order // each,
        moment=order % each,
        mean=mean,
        frame_ns=PACE_NS,
        sha256=f"{seed:064x}",
    )


def moved(at: NDArray[np.int64], action: NDArray[np.float32], size: int) -> NDArray[np.int64]:
    return np.clip(at + np.rint(action).astype(np.int64), 0, size - SIDE)


def drawn(at: NDArray[np.int64], marks: NDArray[Any], size: int) -> NDArray[np.uint8]:
    """Pictures (N, size, size, 3) of squares at (N, 2), with marks (N, 2) in a corner that tell clips apart."""
    pictures = np.full((len(at), size, size, 3), GROUND, np.uint8)
    for picture, (x, y) in zip(pictures, at.tolist(), strict=True):
        picture[y : y + SIDE, x : x + SIDE] = LIGHT
    pictures[:, 0, :2] = marks[..., None]
    return pictures


@dataclass(kw_only=True)
class Named:
    """What all subjects here say of themselves."""

    name: str = "known"
    sha256: str = "0" * 64
    context: int = 2
    size: tuple[int, int] = (16, 16)
    frame_ns: int = PACE_NS
    actions: int = 2
    gives: frozenset[Gift] = frozenset({"pictures"})
    latent: bool = False
    stream: str | None = None
    learned: frozenset[str] | None = None

    def embed(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def between(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError


@dataclass(kw_only=True)
class Prophet(Named):
    """Knows what came, and is off by `wrong` levels where it is told what was done, by `astray` where it is not: every pixel, up or down.

    Of each pixel it is off by `miss` levels instead with probability 1 - `chance`, and says `sure` of being right: the same of all, or
    (`sees`) 1 where it is right and 0 where not.
    """

    of: HeldOut
    wrong: int = 0
    astray: int | None = None
    miss: int = 60
    chance: float = 1.0
    sure: float = 1.0
    sees: bool = False
    seed: int = 0
    grows: int = 0
    gives: frozenset[Gift] = frozenset({"pictures", "certainty"})
    _rows: dict[bytes, int] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = {clip.tobytes(): i for i, clip in enumerate(self.of.begun)}

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> Any:
        return [self._rows.get(clip.tobytes(), 0) for clip in pictures_BTHWC]

    def ahead(self, state: Any, actions_BTA: NDArray[np.float32]) -> Ahead:
        count = actions_BTA.shape[1]
        truth = self.of.truth[state][:, :count].astype(np.int64)
        assert self.of.actions is not None
        done = self.of.actions[state][:, self.of.context - 1 :][:, :count]
        told = (done == actions_BTA).all((1, 2))
        off = np.where(told, self.wrong, self.wrong if self.astray is None else self.astray)[:, None] + self.grows * np.arange(count)
        signs = np.where(np.indices(self.size).sum(0) % 2, 1, -1)
        error = off[:, :, None, None] * signs
        lot = np.stack([generator(self.seed, "lot", int(i)).random((self.of.horizon, *self.size))[:count] for i in state])
        error = np.where(lot < self.chance, error, self.miss * signs)
        right = np.abs(error) <= 25
        sure = right.astype(np.float32) if self.sees else np.full(error.shape, self.sure, np.float32)
        return Ahead(state=None, pictures=(truth + error[..., None]).astype(np.uint8), certainty=sure)


@dataclass(kw_only=True)
class Fading(Named):
    """Shows what it saw last, at every step nearer to grey by so much of the rest, and is always half sure."""

    fades: float = 0.0
    gives: frozenset[Gift] = frozenset({"pictures", "certainty"})

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> Any:
        return pictures_BTHWC[:, -1].astype(np.float64)

    def ahead(self, state: Any, actions_BTA: NDArray[np.float32]) -> Ahead:
        shown = []
        for _ in range(actions_BTA.shape[1]):
            state = 128 + (1 - self.fades) * (state - 128)
            shown.append(np.rint(state).astype(np.uint8))
        pictures = np.stack(shown, axis=1)
        return Ahead(state=state, pictures=pictures, certainty=np.full(pictures.shape[:-1], 0.5, np.float32))


@dataclass(kw_only=True)
class Mover(Named):
    """Finds the square and moves it by what it is told, `gain` times as far: 1 obeys, 0 does not, -1 does the opposite."""

    gain: float = 1.0
    gives: frozenset[Gift] = frozenset({"pictures", "embeddings"})

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> Any:
        return self._found(pictures_BTHWC[:, -1]), pictures_BTHWC[:, -1, 0, :2, 0]

    def ahead(self, state: Any, actions_BTA: NDArray[np.float32]) -> Ahead:
        (at, marks), places = state, []
        for action in np.moveaxis(actions_BTA, 1, 0):
            at = moved(at, self.gain * action, self.size[0])
            places.append(at)
        pictures = np.stack([drawn(each, marks, self.size[0]) for each in places], axis=1)
        return Ahead(state=(at, marks), pictures=pictures, embeddings=np.stack(places, axis=1).astype(np.float32))

    def embed(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.stack([self._found(each) for each in np.moveaxis(pictures_BTHWC, 1, 0)], axis=1).astype(np.float32)

    def _found(self, pictures_BHWC: NDArray[np.uint8]) -> NDArray[np.int64]:
        light = pictures_BHWC[..., 0] > (GROUND + LIGHT) // 2
        return np.stack([light.any(1).argmax(1), light.any(2).argmax(1)], axis=1)
