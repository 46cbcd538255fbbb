"""Probes: what can be read off a model's frozen embeddings of where things are, how fast, how turned, and what they touch.

Off those of real pictures, and off those that it imagines: a model may know where a ball is and not where it will be. What is read of
imagined ones says how things move in its dreams: with how much energy, and which way.

A reader is fitted to some episodes and judged on others. Velocities are read off an embedding and the one before it. A model that gives
no embeddings is read by its pictures, 16 pixels wide; of more numbers than MOST the directions that vary most are read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, jackknife, of_sums
from lifeworld.core.ridge import ridge
from lifeworld.core.seed import generator
from lifeworld.evaluate.fidelity import embedded
from lifeworld.evaluate.findings import Findings, floor
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.probe import Reader, network, rankme
from lifeworld.evaluate.roll import true_roll
from lifeworld.evaluate.section import Curve, Line, Section
from lifeworld.evaluate.subject import Subject
from lifeworld.evaluate.truth import Quantity, quantities

Floats = NDArray[np.float64]
Fit = Callable[[Floats, Floats], Reader]

TITLE = "Does it know where things are, and how they move?"
FOLDS = 4
WIDE = 16
AHEAD = (1, 8)
"""Pictures ahead at which imagined embeddings are read in numbers; the curve has all."""
APART = 4
"""Pictures between which the motion in dreams is measured."""
RANKED = 2000
MOST = 128


class Seen(NamedTuple):
    """What is read: embeddings of real pictures (N, T, D), of imagined ones (N, horizon, D), and of the last real one (N, horizon, D)."""

    real: Floats
    imagined: Floats
    copied: Floats


def probes(subject: Subject, heldout: HeldOut, *, seed: int) -> Section:
    """The section."""
    found = Findings(subject, heldout, seed=seed)
    by = "its embeddings" if "embeddings" in subject.gives else f"its pictures, {WIDE} pixels wide"
    says = f"Read off {by}, {heldout.of}, each by a reader fitted to other episodes; r is Pearson's, in the mean of a quantity's numbers."
    true = quantities(heldout)
    if not {"embeddings", "pictures"} & subject.gives:
        found.without["probe"] = "it gives neither embeddings nor pictures"
    elif len(np.unique(heldout.episode)) < FOLDS:
        found.without["probe"] = f"readers are fitted to some episodes and judged on others: {FOLDS} or more are needed"
    elif not true:
        found.without["probe"] = "nothing that varies was recorded beside the pictures: record position_m, linear_velocity_m_s, contacts"
    else:
        small = _thumbnails(heldout.pictures)
        seen, plain = _seen(subject, heldout), _main(small, small)
        lines = []
        for quantity in true:
            lines += _quantity(found, quantity, seen, plain)
        if lines:
            found.curves.append(Curve(title="What is read off what it imagines", x_label="pictures ahead", y_label="r", lines=tuple(lines)))
        if "embeddings" in subject.gives:
            _rank(found, embedded(subject, heldout.pictures))
    return found.section("probes", title=TITLE, says=says)


def _seen(subject: Subject, heldout: HeldOut) -> Seen:
    ahead, context = true_roll(subject, heldout), heldout.context
    if "embeddings" in subject.gives:
        assert ahead.embeddings is not None
        real, imagined = embedded(subject, heldout.pictures), ahead.embeddings.astype(np.float64)
    else:
        assert ahead.pictures is not None
        real, imagined = _thumbnails(heldout.pictures), _thumbnails(ahead.pictures)
    real, imagined = _main(real, real), _main(real, imagined)
    return Seen(real, imagined, np.repeat(real[:, context - 1 : context], heldout.horizon, axis=1))


def _main(real: Floats, z: Floats) -> Floats:
    """Numbers (N, T, D) along the MOST directions in which those of real pictures vary most, or all where there are no more."""
    if z.shape[-1] <= MOST:
        return z
    rows = real.reshape(-1, real.shape[-1])
    middle = rows.mean(0)
    _, directions = np.linalg.eigh((rows - middle).T @ (rows - middle))
    return np.asarray((z - middle) @ directions[:, -MOST:])


def _thumbnails(pictures: NDArray[np.uint8]) -> Floats:
    """Pictures (N, T, H, W, 3) as WIDE × WIDE × 3 numbers (N, T, D)."""
    from PIL import Image

    flat = pictures.reshape(-1, *pictures.shape[2:])
    small = [np.asarray(Image.fromarray(one).resize((WIDE, WIDE), Image.Resampling.BOX)) for one in flat]
    return np.stack(small).reshape(*pictures.shape[:2], -1) / 255.0


# -- one quantity ----------------------------------------------------------------------------------------------------------


def _quantity(found: Findings, quantity: Quantity, seen: Seen, plain: Floats) -> list[Line]:
    """The numbers of one quantity, and what is read of it off imagined embeddings, by how far ahead."""
    heldout, name = found.heldout, quantity.name
    context, horizon = heldout.context, heldout.horizon
    paired = quantity.sort == "velocity"
    truth = quantity.values[:, 1:] if paired else quantity.values
    real, flat = (_with_last(each) if paired else each for each in (seen.real, plain))
    fold = _folds(heldout.episode, found.seed)
    begun = seen.real[:, context - 1 : context]
    imagined, copied = (_with_last(np.concatenate([begun, each], axis=1)) if paired else each for each in (seen.imagined, seen.copied))
    later = truth[:, -horizon:]

    readers = _fitted(ridge, real, truth, fold)
    said = {
        "linear": _told(readers, real, fold, truth.shape[-1]),
        "network": _told(_fitted(network, real, truth, fold), real, fold, truth.shape[-1]),
        "plain": _told(_fitted(ridge, flat, truth, fold), flat, fold, truth.shape[-1]),
        "imagined": _told(readers, imagined, fold, truth.shape[-1]),
        "copied": _told(readers, copied, fold, truth.shape[-1]),
    }
    by_plain, groups = _r(said["plain"], truth, heldout.episode, found.seed), heldout.episode
    floors = [floor(f"a linear reader of the pictures, {WIDE} pixels wide", by_plain), floor("the mean", 0.0)]
    found.number(f"probe_r_{name}", _r(said["linear"], truth, groups, found.seed), floors=floors)
    found.number(f"probe_network_r_{name}", _r(said["network"], truth, groups, found.seed), floors=floors)
    wrong = [floor(floors[0].name, _mse(said["plain"], truth, groups, found.seed)), floor("the mean", 1.0)]
    found.number(f"probe_mse_{name}", _mse(said["linear"], truth, groups, found.seed), floors=wrong, better="lower")
    x, y, low, high, flat_y = [], [], [], [], []
    for h in range(1, horizon + 1):
        rows = np.s_[:, h - 1 : h]
        each, copies = (_r(said[who][rows], later[rows], groups, found.seed) for who in ("imagined", "copied"))
        if not np.isfinite([*each, *copies]).all():
            continue
        x.append(float(h))
        y.append(each.value)
        low.append(each.low)
        high.append(each.high)
        flat_y.append(copies.value)
        if h in AHEAD:
            found.number(f"imagined_r_{name}@{h}", each, floors=[floor("read off the last real picture", copies), floor("the mean", 0.0)])
    if quantity.sort in ("position", "state") and horizon >= 2 * APART:
        _motion(found, quantity, said["imagined"], _told(readers, real, fold, truth.shape[-1])[:, -horizon:], later)
    if quantity.sort not in ("position", "state"):
        return []
    called = name.replace("_", " of ", 1)
    return [
        Line(name=called, x=tuple(x), y=tuple(y), low=tuple(low), high=tuple(high)),
        Line(name=f"{called}, the last real picture", x=tuple(x), y=tuple(flat_y), floor=True),
    ]


def _motion(found: Findings, quantity: Quantity, imagined: Floats, real: Floats, truth: Floats) -> None:
    """How things move in dreams from APART to twice as many pictures ahead: their energy as a share of what is read off real pictures,

    and how far their momentum is from the true, as a share of the true: a thing that stops has 1. Both per kilogram.
    """
    dt, groups = APART * found.heldout.frame_ns * 1e-9, found.heldout.episode
    dreamt, read, true = ((each[:, 2 * APART - 1] - each[:, APART - 1]) / dt for each in (imagined, real, truth))
    there = np.asarray(np.isfinite(true).all(axis=1))
    if (true[there] ** 2).sum() < 1e-6 * max(there.sum(), 1):
        found.without[f"energy_{quantity.thing}"] = "it does not move"
        return
    energy = np.stack([(each**2).sum(1) for each in (dreamt, read)], axis=1)[there]
    momentum = np.stack([((dreamt - true) ** 2).sum(1), (true**2).sum(1)], axis=1)[there]
    of = groups[there]
    ratio, wrong = (of_sums(sums, lambda s: s[..., 0] / s[..., 1], of, seed=found.seed) for sums in (energy, momentum))
    if np.isfinite(ratio.at()).all():
        floors = [floor("as read off real pictures", 1.0), floor("a thing that stops", 0.0)]
        found.number(f"energy_{quantity.thing}@{2 * APART}", ratio.at(), floors=floors, better="exact")
    else:
        found.without[f"energy_{quantity.thing}"] = "no motion can be read off real pictures"
    found.number(f"momentum_error_{quantity.thing}@{2 * APART}", wrong.at(), floors=[floor("a thing that stops", 1.0)], better="lower")


def _rank(found: Findings, real: Floats) -> None:
    rows = real.reshape(-1, real.shape[-1])
    groups = np.repeat(found.heldout.episode, real.shape[1])
    some = np.sort(generator(found.seed, "rank").permutation(len(rows))[:RANKED])
    rows, groups = rows[some], groups[some]
    each = jackknife(lambda chosen: rankme(rows[chosen]), groups)  # rows drawn twice would lower a rank
    most = float(rows.shape[1])
    found.number("rankme", each, floors=[floor("all on one line", 1.0), floor("as many as it has numbers", most)])


# -- reading ---------------------------------------------------------------------------------------------------------------


def _with_last(z: Floats) -> Floats:
    """Embeddings (N, T, D) with those before them (N, T - 1, 2 D)."""
    return np.concatenate([z[:, 1:], z[:, :-1]], axis=-1)


def _folds(episode: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The fold (N,) of each clip: whole episodes, as evenly as they can be dealt."""
    names = np.unique(episode)
    order = generator(seed, "folds").permutation(len(names))
    deal = np.empty(len(names), np.int64)
    deal[order] = np.arange(len(names)) % FOLDS
    return np.asarray(deal[np.searchsorted(names, episode)])


def _fitted(fit: Fit, x: Floats, y: Floats, fold: NDArray[np.int64]) -> list[Reader | None]:
    """A reader for each fold, which saw nothing of it; None where too little is left to fit one to."""
    readers: list[Reader | None] = []
    for number in range(FOLDS):
        rows, aim = x[fold != number].reshape(-1, x.shape[-1]), y[fold != number].reshape(-1, y.shape[-1])
        there = np.isfinite(aim).all(1)
        readers.append(fit(rows[there], aim[there]) if there.sum() > 8 else None)
    return readers


def _told(readers: list[Reader | None], x: Floats, fold: NDArray[np.int64], numbers: int) -> Floats:
    """What each fold's reader says of it (N, T, K)."""
    said = np.full((*x.shape[:2], numbers), np.nan)
    for number, reader in enumerate(readers):
        if reader is not None and (fold == number).any():
            said[fold == number] = reader(x[fold == number])
    return said


def _r(said: Floats, true: Floats, groups: NDArray[np.int64], seed: int) -> Interval:
    """Pearson's r, in the mean of the numbers that vary, over clips (N, T, K)."""
    there = np.isfinite(true).all(-1, keepdims=True) & np.isfinite(said).all(-1, keepdims=True)
    a, b = (np.where(there, each, 0.0) for each in (said, true))
    ones = np.broadcast_to(there, a.shape).astype(np.float64)
    middle = [(each.sum((0, 1)) / np.maximum(ones.sum((0, 1)), 1)) for each in (a, b)]  # so that sums keep their digits
    a, b = ((each - m) * ones for each, m in zip((a, b), middle, strict=True))
    sums = np.stack([ones, a, b, a * a, b * b, a * b], axis=-1).sum(1)

    def pearson(s: Floats) -> Floats:
        n, x, y, xx, yy, xy = np.moveaxis(s, -1, 0)
        spread = np.sqrt(np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0))
        each = np.where(spread > 1e-12, (n * xy - x * y) / np.where(spread > 1e-12, spread, 1), 0.0)
        varies = n * yy - y * y > 1e-12
        return np.asarray((each * varies).sum(-1) / np.maximum(varies.sum(-1), 1))

    return of_sums(sums, pearson, groups, seed=seed).at()


def _mse(said: Floats, true: Floats, groups: NDArray[np.int64], seed: int) -> Interval:
    """Mean squared error as a share of the variance, in the mean of the numbers."""
    there = np.asarray(np.isfinite(true).all(axis=-1) & np.isfinite(said).all(axis=-1))
    variance = true[there].var(0)
    wrong = np.where(there[..., None], (said - true) ** 2 / variance, 0.0).mean(-1)
    return of_sums(
        np.stack([wrong.sum(1), there.sum(1).astype(np.float64)], axis=-1), lambda s: s[..., 0] / s[..., 1], groups, seed=seed
    ).at()
