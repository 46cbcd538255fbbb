"""The table's data: plays of an arena, as `lifeworld make` records them, and the same as plain arrays for those who read no bundles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.write import replace_file
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.head import is_bundle
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.worlds.planning.arena import Arena
from lifeworld.worlds.planning.play import play_to

SIDE = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shots:
    """Pictures (n, H, W, 3) of episodes one after the other, which begin at `first` (episodes + 1,).

    `actions` (n, A) are those until the next picture, `places` (n, 2) where somebody is.
    """

    pictures: NDArray[np.uint8]
    actions: NDArray[np.float32]
    places: NDArray[np.float64]
    first: NDArray[np.int64]

    def clips(self, long: int, hop: int) -> NDArray[np.int64]:
        """The rows (clips, long) of clips that lie within an episode."""
        starts = [np.arange(a, b - long + 1, hop) for a, b in zip(self.first[:-1], self.first[1:], strict=True)]
        return np.concatenate(starts)[:, None] + np.arange(long)


def bundle_of(arena: Arena, folder: Path, *, episodes: int, seed: int) -> Footage:
    """The plays, made once; ready to learn from at the arena's pace."""
    bundle = folder / f"{arena.name}-{episodes}-{seed}"
    if not is_bundle(bundle) or len(open_bundle(bundle)) < episodes:  # it may have been broken off
        play_to(bundle, arena, episodes=episodes, seed=seed, anew=True)
    return open_footage(bundle, size=(SIDE, SIDE), length=2, cache=folder / "cache", stream=arena.camera)


def shots(footage: Footage, *, held_out: bool) -> Shots:
    """All pictures that are learned from, or all that are held out."""
    pictures, actions, places, first = [], [], [], [0]
    for episode in np.unique(footage.episodes(footage.numbers(held_out=held_out))).tolist():
        count = (int(footage.pictures[episode]) - 1) // footage.stride + 1
        whole = footage.cut(count)
        window = whole.windows([whole.clips_of(episode)[0]])
        assert window.actions is not None
        pictures.append(window.frames[0])
        actions.append(np.concatenate([window.actions[0], np.zeros_like(window.actions[0, :1])]))
        streams = footage.bundle[episode]
        body = next(stream for name, stream in streams.streams.items() if name.startswith("embodiment_state@"))
        times = streams[footage.stream].times_ns[:: footage.stride][:count]
        places.append(np.asarray(body.values)[np.searchsorted(body.times_ns, times)])
        first.append(first[-1] + count)
    return Shots(
        pictures=np.concatenate(pictures), actions=np.concatenate(actions), places=np.concatenate(places), first=np.array(first, np.int64)
    )


def write(path: Path, given: Shots) -> Path:
    """The arrays as an .npz, for the peers' own Python."""
    with replace_file(path) as beside, beside.open("wb") as file:
        np.savez(file, pictures=given.pictures, actions=given.actions, first=given.first)
    return path
