"""From true actions to latent ones: learned from a few labelled minutes, it lets a model that learned from mute videos be steered by keys.

    adapter = learned(doing, latents, actions, groups)       # of the same clips; what the adapter is worth is `adapter.explained`
    adapter(actions)                                         # (…, K) true → (…, A) latent

A ridge regression on the true numbers, and on their products where those help on episodes that it was not fitted to: keys pressed together
do not do what each does, added up. It is solved at once, has no seed, and is kept on the model's card.

What is done shows late in many recordings, since motors and cameras take their time. The adapter finds out how late, and in a dream what
is done is done at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.models.actions.codes import on_levels
from lifeworld.models.data.doing import Doing

STRENGTHS = (1e-6, 1e-3, 1e-1)
"""How strongly the ridge holds weights down; the one that is best on held-out episodes is taken."""
MOST_PRODUCTS = 12
"""Of more true numbers than this no products are taken: a few minutes are too little for so many."""
LATEST = 3
"""Moments, about a quarter of a second, after which what was done shows at the latest."""
LEAST = 200
"""So many labelled moments are needed at least: a quarter of a minute."""

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """What true actions are as latent ones.

    `doing` says what the true ones are. `weights` (features, A) are of 1, the K normalised numbers, and with `products` those of each pair;
    `levels` those of codes, none for numbers; `late` how many moments after an action it showed where it was labelled. `explained` is the
    share of the latents' variance that it explains on held-out episodes, of `moments` labelled ones in all; `episodes` are their uids.
    """

    doing: Doing
    weights: tuple[tuple[float, ...], ...]
    products: bool
    levels: tuple[int, ...]
    late: int
    explained: float
    moments: int
    episodes: tuple[str, ...] = ()

    def __call__(self, actions: NDArray[np.floating]) -> NDArray[np.float64]:
        """Latent actions (…, A) of true ones (…, K), from -1 to 1.

        Raises:
            ShapeError: if they are not the numbers that it knows.
        """
        rows = np.asarray(actions, dtype=np.float64)
        if rows.shape[-1:] != (len(self.doing.mean),):
            raise ShapeError("these are not the actions this adapter knows", got=rows.shape[-1:], expected=(len(self.doing.mean),))
        flat = rows.reshape(-1, rows.shape[-1])
        said = np.clip(_features(self.doing, flat, self.products) @ np.array(self.weights), -1, 1)
        return (on_levels(said, self.levels) if self.levels else said).reshape(*rows.shape[:-1], -1)


def learned(
    doing: Doing, latents: Rows, actions: Rows, groups: NDArray[np.int64], *, levels: tuple[int, ...] = (), episodes: tuple[str, ...] = ()
) -> Adapter:
    """The adapter of latents (clips, moments, A) and true actions (clips, moments, K) of the same moments; `groups` (clips,) says of which
    episode each clip is.

    Raises:
        ShapeError: if they are not of the same moments.
        InputError: if there are too few.
    """
    if not latents.shape[:2] == actions.shape[:2] == (len(groups), *latents.shape[1:2]) or actions.shape[2:] != (len(doing.mean),):
        raise ShapeError("latent and true actions are of the same moments", got=(latents.shape, actions.shape, groups.shape))
    count = len(latents) * latents.shape[1]
    if count < LEAST:
        raise InputError("too little is labelled to learn what actions do", got=f"{count} moments", expected=f"{LEAST} or more")
    best = (-np.inf, 0, False, STRENGTHS[0])
    for late in range(min(LATEST + 1, latents.shape[1])):
        true, said, of = _shifted(latents, actions, groups, late)
        held_out = _held_out(of)
        for products in (False, True)[: 1 + (actions.shape[2] <= MOST_PRODUCTS)]:
            x = _features(doing, true, products)
            for strength in STRENGTHS:
                guess = np.clip(x[held_out] @ _solved(x[~held_out], said[~held_out], strength), -1, 1)
                best = max(best, (_explained(guess, said[held_out]), -late, products, strength))
    explained, sooner, products, strength = best
    true, said, _ = _shifted(latents, actions, groups, -sooner)
    weights = _solved(_features(doing, true, products), said, strength)
    return Adapter(
        doing=doing,
        weights=tuple(map(tuple, weights.tolist())),
        products=products,
        levels=levels,
        late=-sooner,
        explained=round(explained, 4),
        moments=count,
        episodes=episodes,
    )


def _shifted(latents: Rows, actions: Rows, groups: NDArray[np.int64], late: int) -> tuple[Rows, Rows, NDArray[np.int64]]:
    """True actions (n, K), the latents (n, A) of so many moments after each, and the group of each (n,)."""
    moments = latents.shape[1] - late
    true, said = actions[:, :moments], latents[:, late:]
    return true.reshape(-1, true.shape[2]), said.reshape(-1, said.shape[2]), np.repeat(groups, moments)


def _held_out(groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Every fifth episode; of fewer than five the last; of one alone its last fifth."""
    names = np.unique(groups)
    if len(names) == 1:
        return np.arange(len(groups)) >= len(groups) * 4 // 5
    return np.isin(groups, names[4::5] if len(names) >= 5 else names[-1:])


def _features(doing: Doing, actions: Rows, products: bool) -> Rows:
    """1, the numbers, normalised, and the products of all pairs of them (n, features)."""
    rows = (actions - np.array(doing.mean)) / np.array(doing.std)
    parts = [np.ones((len(rows), 1)), rows]
    if products:
        pairs = list(combinations_with_replacement(range(rows.shape[1]), 2))
        parts.append(np.stack([rows[:, i] * rows[:, j] for i, j in pairs], axis=1))
    return np.concatenate(parts, axis=1)


def _solved(x: Rows, y: Rows, strength: float) -> Rows:
    """The weights (features, A) of a ridge that leaves the constant free."""
    held = strength * len(x) * np.eye(x.shape[1])
    held[0, 0] = 0
    return np.asarray(np.linalg.lstsq(x.T @ x + held, x.T @ y, rcond=None)[0])


def _explained(said: Rows, true: Rows) -> float:
    """The share of the variance of all numbers together that is explained."""
    return float(1 - ((said - true) ** 2).sum() / max(((true - true.mean(0)) ** 2).sum(), 1e-12))
