"""From true actions to latent ones: learned from a few labelled minutes, it lets a model that learned from mute videos be steered by keys.

    adapter = learned(doing, latents, actions, groups)       # of the same clips; what the adapter is worth is `adapter.explained`
    adapter(actions)                                         # (…, K) true → (…, A) latent

For latent numbers it is a ridge regression on the true ones, and on their products where those help on episodes that it was not fitted to:
keys pressed together do not do what each does, added up. For codes it is a linear discriminant on the same: it says the code that what was
done is likeliest under, were all codes as frequent. Taking frequent ones for likelier would be right oftener, and say one and the same
whatever is pressed. Both are solved at once, have no seed, and are kept on the model's card.

What is done shows late in many recordings, since motors and cameras take their time. The adapter finds out how late, and in a dream what
is done is done at once.

Source: Fisher, The use of multiple measurements in taxonomic problems (1936); its covariance drawn towards a sphere: Friedman, Regularized
Discriminant Analysis (1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import prod

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.ridge import ridge
from lifeworld.models.actions.codes import code_of, numbers_of
from lifeworld.models.data.doing import Doing

STRENGTHS = (1e-6, 1e-3, 1e-1)
"""How strongly weights are held down; the one that is best on held-out episodes is taken."""
MOST_PRODUCTS = 12
"""Of more true numbers than this no products are taken: a few minutes are too little for so many."""
LATEST = 3
"""Moments, about a quarter of a second, after which what was done shows at the latest."""
LEAST = 200
"""So many labelled moments are needed at least: a quarter of a minute."""
NEVER = -1e30
"""How likely a code is that no labelled moment has: JSON knows no infinity."""

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """What true actions are as latent ones.

    `doing` says what the true ones are. `weights` (features, A) are of 1, the K normalised numbers, and with `products` those of each pair;
    `levels` those of codes, whose `weights` (features, codes) say how likely each is, none for numbers; `late` how many moments after
    an action it showed where it was labelled. `explained` is the share of the latents' variance that it explains on held-out episodes;
    of codes how often each is found, in the mean over them: 1 for always, 0 for as often as by lot, or by always saying one. How late,
    whether with products and how strongly was chosen on the same episodes. `moments` were labelled in all; `episodes` are their uids.
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
            InputError: if it was learned by a version that had no weights for each code.
        """
        rows = np.asarray(actions, dtype=np.float64)
        if rows.shape[-1:] != (len(self.doing.mean),):
            raise ShapeError("these are not the actions this adapter knows", got=rows.shape[-1:], expected=(len(self.doing.mean),))
        flat = rows.reshape(-1, rows.shape[-1])
        said = _features(self.doing, flat, self.products) @ np.array(self.weights)
        if self.levels and said.shape[1] != prod(self.levels):
            got, fix = f"{said.shape[1]} a feature", "Learn the labels again: lifeworld learn … --labels."
            raise InputError("this adapter does not weigh every code", got=got, expected=prod(self.levels), fix=fix)
        latent = numbers_of(said.argmax(axis=1), self.levels) if self.levels else np.clip(said, -1, 1)
        return latent.reshape(*rows.shape[:-1], latent.shape[1])


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
                weights = _weights(x[~held_out], said[~held_out], strength, levels)
                best = max(best, (_worth(x[held_out] @ weights, said[held_out], levels), -late, products, strength))
    explained, sooner, products, strength = best
    true, said, _ = _shifted(latents, actions, groups, -sooner)
    weights = _weights(_features(doing, true, products), said, strength, levels)
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


def _weights(x: Rows, said: Rows, strength: float, levels: tuple[int, ...]) -> Rows:
    """The weights of features (n, features), of which the first is 1, for latents (n, A)."""
    if levels:
        return _discriminant(x, code_of(said, levels), prod(levels), strength)
    found = ridge(x[:, 1:], said, strength=strength)
    return np.concatenate([found.level[None], found.weights])


def _worth(told: Rows, said: Rows, levels: tuple[int, ...]) -> float:
    """What is told of latents (n, A) explains of them; see `Adapter.explained`."""
    return _found(told.argmax(axis=1), code_of(said, levels)) if levels else _explained(np.clip(told, -1, 1), said)


def _explained(said: Rows, true: Rows) -> float:
    """The share of the variance of all numbers together that is explained."""
    return float(1 - ((said - true) ** 2).sum() / max(((true - true.mean(0)) ** 2).sum(), 1e-12))


def _discriminant(x: Rows, codes: NDArray[np.int64], count: int, strength: float) -> Rows:
    """The weights (features, count) of a linear discriminant: the logarithm of how likely features are under each code, but for a constant.

    What spreads within codes is drawn towards a sphere by a share of what spreads in all: where features follow from the code, too, the
    nearest code is told.
    """
    rows, among = x[:, 1:], np.bincount(codes, minlength=count)
    middles = np.zeros((count, rows.shape[1]))
    np.add.at(middles, codes, rows)
    middles /= np.maximum(among, 1)[:, None]
    within = rows - middles[codes]
    sphere = strength * max(float(rows.var(axis=0).mean()), 1e-12) * np.eye(rows.shape[1])
    weights = np.linalg.lstsq(within.T @ within / len(rows) + sphere, middles.T, rcond=None)[0]
    level = np.where(among > 0, -0.5 * (middles.T * weights).sum(axis=0), NEVER)
    return np.concatenate([level[None], weights])


def _found(told: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    """How often each code that there is was found, in the mean over codes, beyond chance; 0 where there is but one."""
    names, which, among = np.unique(true, return_inverse=True, return_counts=True)
    if len(names) < 2:
        return 0.0
    found = np.bincount(which, told == true) / among
    return float((found.mean() - 1 / len(names)) / (1 - 1 / len(names)))
