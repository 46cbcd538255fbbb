"""The films of many stories, made once: in a cache folder, from where the same seed has them again.

    many = made("gravity", 200, seed=0)             # of 100 drawings and their twins
    many.films                                      # uint8 (200, 3, 20, 64, 64, 3): possible, impossible, visual

What is kept is named after the seed, the number, the engine and the very text of the stories: none of it changes unnoticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.parallel import cores, spread
from lifeworld.core.write import replace_file
from lifeworld.evaluate.pairs.films import draw
from lifeworld.evaluate.pairs.stories import engine, story
from lifeworld.scene.formats.load import cache_folder

ROLES = ("possible", "impossible", "visual")
MOST_PAIRS = 10_000
AT_ONCE = 10
_TEXTS = ("stage", "story", "stories", "films")
_ARRAYS = ("films", "hidden", "seen")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """The films of n stories of one family, uint8 (n, 3, T, H, W, 3) in the order of `ROLES`; rows 2k and 2k + 1 are twins.

    `hidden` (n,) says which happen behind a screen; `seen` (n,) is the first picture in which the impossible film looks different.
    """

    family: str
    films: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    seen: NDArray[np.int64]

    @property
    def sha256(self) -> str:
        """A hash of the films."""
        return hashlib.sha256(np.ascontiguousarray(self.films).data).hexdigest()


def made(family: str, count: int, *, seed: int, cache: Path | None = None, on_pair: Callable[[int], None] | None = None) -> Pairs:
    """The films of `count` stories, from the cache or drawn now; `on_pair` is told of every so many that were drawn.

    Raises:
        UnknownName: if there is no such family.
        LimitError: for an odd number, or more than MOST_PAIRS.
    """
    if not 2 <= count <= MOST_PAIRS or count % 2:
        raise LimitError("stories come in twins", got=count, expected=f"an even number from 2 to {MOST_PAIRS:,}")
    story(family, seed)  # an unknown family is said here
    path = (cache or cache_folder() / "pairs") / f"{family}-{count}-{seed}-{key(*_TEXTS)}.npz"
    if (arrays := read(path, _ARRAYS)) is not None:
        return Pairs(family=family, **arrays)
    films, hidden, seen = [], [], []
    jobs = [(family, seed, first, min(AT_ONCE, count - first)) for first in range(0, count, AT_ONCE)]
    for some in spread(_drawn, jobs, workers=min(cores(), len(jobs))):
        for each, is_hidden, looks in some:
            films.append(each)
            hidden.append(is_hidden)
            seen.append(looks)
        if on_pair is not None:
            on_pair(len(some))
    many = Pairs(family=family, films=np.stack(films), hidden=np.array(hidden), seen=np.array(seen, np.int64))
    write(path, {name: getattr(many, name) for name in _ARRAYS})
    return many


def read(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]] | None:
    """The arrays of these names that are kept there; None if nothing whole is."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in names}
    except (OSError, KeyError, ValueError, BadZipFile):
        return None


def write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keep arrays there."""
    with replace_file(path) as beside, beside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy's own flag is among the names


def key(*names: str) -> str:
    """What films hang on, as a few letters: the engine, and the very text of these files."""
    here = files("lifeworld.evaluate.pairs")
    text = "".join(here.joinpath(f"{name}.py").read_text("utf-8") for name in names)
    return hashlib.sha256(f"{engine()}\n{np.__version__}\n{text}".encode()).hexdigest()[:12]


def _drawn(job: tuple[str, int, int, int]) -> list[tuple[NDArray[np.uint8], bool, int]]:
    family, seed, first, count = job
    told = [story(family, seed, index=first + i) for i in range(count)]
    drawn = [(one, draw(one)) for one in told]
    return [(np.stack([getattr(films, role) for role in ROLES]), one.hidden, films.seen) for one, films in drawn]
