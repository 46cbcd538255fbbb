"""True futures: a held-out clip's world made again at its last given picture, and gone on from with other actions.

forking = forking_of(heldout)                   # a function: which clip, what is done -> pictures
forking(3, actions, (4, 8))                     # (K, 2, H, W, 3): after 4 and after 8 pictures, for each of K courses of action
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.episode.clips.resize import resized
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.models.data.doing import Doing
from lifeworld.worlds.replay import Past, open_past, past_in

Forking = Callable[[int, NDArray[np.float32], Sequence[int]], NDArray[np.uint8]]
"""The pictures (K, len(at), H, W, 3) that a clip's world shows `at` so many pictures on, of K courses of action (K, T, A)."""
ARENA = "arena"
"""The label that says in which arena an episode was played."""


def forking_of(heldout: HeldOut) -> Forking:
    """How the worlds of these clips are gone on from.

    Raises:
        InputError: if they are from nowhere, nobody acts, or a choice was made at each moment.
        StateError, UnknownName: if their episodes keep no states, or none that the engine here can go on from.
    """
    footage = heldout.footage
    if footage is None:
        raise InputError("the clips are from nowhere: there is no world to go on from")
    doing = footage.doing
    if doing is None or any(doing.choices):
        raise InputError("going on otherwise needs recorded actions that are numbers", got="none" if doing is None else doing.stream)
    assert doing is not None

    @lru_cache(maxsize=4)
    def past(row: int) -> Past[Any]:
        episode = footage.bundle[row]
        if episode.provenance.engine != "physics" and ARENA in episode.labels:
            from lifeworld.worlds.planning.arenas import named

            return past_in(named(episode.labels[ARENA]).world(), episode)
        return open_past(episode, assets=footage.bundle.path)

    def futures(clip: int, actions: NDArray[np.float32], at: Sequence[int]) -> NDArray[np.uint8]:
        row = int(heldout.episode[clip])
        there = past(row)
        times = there.episode[footage.stream].times_ns
        tick_ns = there.world.spec.tick_ns
        now = int(times[heldout.moment[clip] + (heldout.context - 1) * footage.stride] - times[0])
        state, hold = there.at(now // tick_ns), round(heldout.frame_ns / tick_ns)
        states, shown, done = [state] * len(actions), [], 0
        for tick in at:
            told = acted(doing, np.repeat(actions[:, done:tick], hold, axis=1))
            states, _ = there.world.rollout(states, told, ())
            pictures = [there.world.observe(one, [footage.stream])[footage.stream] for one in states]
            shown.append(resized(np.stack(pictures), heldout.mean.shape[:2]))
            done = tick
        return np.stack(shown, axis=1)

    past(int(heldout.episode[0]))  # what is wrong with all of them is said now
    return futures


def acted(doing: Doing, actions: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    """Actions (…, A) as those of each who acts, by name."""
    return {who: actions[..., part].astype(np.float64) for who, part in zip(doing.who, doing.parts, strict=True)}
