"""Fidelity: how like the truth is what a model shows, so and so many pictures ahead, beside copying and the mean picture.

Open loop from real pictures, with what was truly done. PSNR is of the squared errors of all clips together, so that a few bad clips weigh
what they weigh.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, of_sums
from lifeworld.evaluate.findings import Findings, by_group, floor, mean
from lifeworld.evaluate.frechet import Features, bounded, random_features
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.likeness import WINDOW, psnr, squared, ssim
from lifeworld.evaluate.measured import Floor
from lifeworld.evaluate.roll import AT_ONCE, checked, true_roll
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Subject

HORIZONS = (1, 2, 4, 8, 16, 32, 64)
FRECHET_AT = (1, 8, 32)
SHOWN = ((0.5, "one in the middle"), (0.9, "one in which much changes"), (0.1, "one in which little changes"))

Sums = NDArray[np.float64]


def fidelity(subject: Subject, heldout: HeldOut, *, seed: int, features: Features = random_features, called: str = "r_fd") -> Section:
    """The section. `features` are those of the Fréchet distance, and `called` what it is then called."""
    found = Findings(subject, heldout, seed=seed)
    if "pictures" in subject.gives:
        _pictures(found, features, called)
    else:
        found.without["psnr, changing_psnr, ssim, r_fd, break_even"] = "it gives no pictures"
    if "embeddings" in subject.gives:
        _embeddings(found)
    else:
        found.without["embedding_error"] = "it gives no embeddings"
    return found.section(
        "fidelity",
        title="Is what it shows like what came?",
        says=f"Open loop from {subject.context} real pictures with the true actions, {heldout.of}. PSNR is of all clips together; changing "
        "pixels differ by more than a tenth from the last real picture. Bands: 95 %, were other episodes held out.",
    )


def horizons(heldout: HeldOut) -> tuple[int, ...]:
    """The pictures ahead that are told in numbers."""
    return tuple(h for h in HORIZONS if h <= heldout.horizon)


def embedded(subject: Subject, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The embeddings (N, T, D) of real pictures, of the shape that they should have."""
    parts = [subject.embed(pictures[i : i + AT_ONCE]) for i in range(0, len(pictures), AT_ONCE)]
    return checked(subject, "its embeddings of real pictures", np.concatenate(parts), (*pictures.shape[:2], None)).astype(np.float64)


def _pictures(found: Findings, features: Features, called: str) -> None:
    heldout, truth = found.heldout, found.heldout.truth
    dreamed = true_roll(found.subject, heldout).pictures
    assert dreamed is not None  # `asked` holds it to what it gives
    guesses = [np.broadcast_to(each, truth.shape) for each in (dreamed, heldout.last, heldout.mean)]
    errors = np.stack([squared(each, truth, heldout.last) for each in guesses], axis=2)  # (N, T, guess, 4)
    ahead = np.arange(1, heldout.horizon + 1)
    _by_horizon(found, "psnr", "PSNR of all pixels", errors[..., :2], psnr, ahead, unit="dB")
    _by_horizon(found, "changing_psnr", "PSNR of changing pixels", errors[..., 2:], psnr, ahead, unit="dB")
    _break_even(found, errors[:, :, :2, :2])
    if min(found.subject.size) >= WINDOW:
        at = np.array(horizons(heldout))
        similar = np.stack([[ssim(each[:, h - 1], truth[:, h - 1]) for each in guesses] for h in at.tolist()])  # (T, guess, N)
        sums = np.moveaxis(np.stack([similar, np.ones_like(similar)]), (0, 3), (3, 0))
        _by_horizon(found, "ssim", "Structural similarity (SSIM)", sums, mean, at)
    else:
        found.without["ssim"] = f"its windows are {WINDOW} pixels wide, the pictures are not"
    for h in (h for h in FRECHET_AT if h <= heldout.horizon):
        true = features(_pair(truth, heldout, h))
        apart = [bounded(features(_pair(each, heldout, h)), true, heldout.episode) for each in guesses]
        found.number(f"{called}@{h}", apart[0], floors=_floors(apart[1], apart[2]), better="lower")
    found.strips += _strips(heldout, dreamed, errors[:, :, 1, 0].sum(1))


def _embeddings(found: Findings) -> None:
    """Squared error of embeddings as a share of what their mean gets, which is their variance."""
    heldout = found.heldout
    ahead = true_roll(found.subject, heldout).embeddings
    assert ahead is not None
    real = embedded(found.subject, heldout.pictures)
    truth, last = real[:, heldout.context :], real[:, heldout.context - 1 : heldout.context]
    middle = real[:, : heldout.context].mean((0, 1), keepdims=True)
    wrong = np.stack([((each - truth) ** 2).sum(-1) for each in (ahead.astype(np.float64), last, middle)], axis=-1)  # (N, T, guess)
    if not wrong[..., 2].sum(0).all():
        found.without["embedding_error"] = "all pictures have the same embedding: nothing can be told by it"
        return
    sums = np.stack([wrong, np.broadcast_to(wrong[..., 2:], wrong.shape)], axis=-1)
    title, horizon = "Squared error of embeddings, as a share of their variance", np.arange(1, heldout.horizon + 1)
    _by_horizon(found, "embedding_error", title, sums, mean, horizon, what="embedding", better="lower")


def _by_horizon(
    found: Findings,
    name: str,
    title: str,
    sums: Sums,
    statistic: Callable[[Sums], Sums],
    ahead: NDArray[np.int64],
    *,
    unit: str = "",
    what: str = "picture",
    better: Literal["higher", "lower"] = "higher",
) -> None:
    """Numbers at the usual horizons, and the curve over all, from sums (N, T, guess, 2) at so many pictures `ahead` (T,)."""
    groups = found.heldout.episode
    each, single = of_sums(sums, statistic, groups, seed=found.seed), statistic(by_group(sums, groups))
    told = np.asarray(np.isfinite(each.value).all(axis=1))
    if not told.all():
        found.without[name] = f"nothing changes {', '.join(str(h) for h in ahead[~told])} pictures ahead"
    for i, h in enumerate(ahead.tolist()):
        if h in HORIZONS and told[i]:
            floors = _floors(each.at(i, 1), each.at(i, 2), what)
            found.number(f"{name}@{h}", each.at(i, 0), floors=floors, unit=unit, better=better, raw=single[:, i, 0])
    x = tuple(ahead[told].astype(float).tolist())
    lines = []
    for i, who in enumerate(("the model", f"copying the last {what}", f"the mean {what}")):
        y, low, high = (tuple(values[told, i].tolist()) for values in each)
        lines.append(Line(name=who, x=x, y=y, low=low, high=high, floor=i > 0))
    found.curves.append(Curve(title=title, x_label="pictures ahead", y_label=unit, lines=tuple(lines)))


def _break_even(found: Findings, errors: Sums) -> None:
    """How many pictures ahead copying is as good for the first time, from squared errors (N, T, (model, copying), 2)."""
    horizon = found.heldout.horizon

    def first(sums: Sums) -> Sums:
        worse = sums[..., 0, 0] >= sums[..., 1, 0]
        return np.where(worse.any(-1), worse.argmax(-1) + 1.0, horizon + 1.0)

    each = of_sums(errors, first, found.heldout.episode, seed=found.seed)
    if each.value > horizon:
        found.without[f"break_even beyond {horizon}"] = f"copying is nowhere as good up to there: {horizon + 1} stands for any more"
    floors = [floor("a model that is never better than copying", 1.0)]
    found.number("break_even", Interval(*(float(one) for one in each)), floors=floors, unit="pictures")


def _floors(copied: Interval, middle: Interval, what: str = "picture") -> list[Floor]:
    return [floor(f"copying the last {what}", copied), floor(f"the mean {what}", middle)]


def _pair(pictures: NDArray[np.uint8], heldout: HeldOut, h: int) -> NDArray[np.uint8]:
    """The h-th picture ahead of a guess and the one before it (N, 2, H, W, 3), which is the last real one where h is 1."""
    return np.concatenate([heldout.last, pictures[:, max(0, h - 2) : h]], axis=1)[:, -2:]


def _strips(heldout: HeldOut, dreamed: NDArray[np.uint8], wrong: NDArray[np.float64]) -> list[Strip]:
    """Three clips, the same for all models, by how `wrong` copying is of each: nobody chose them."""
    order, at = np.argsort(wrong, kind="stable"), horizons(heldout)
    strips = []
    for share, words in SHOWN:
        i = int(order[int(share * (len(order) - 1))])
        rows = [np.concatenate([heldout.last[i], each[i][np.array(at) - 1]]) for each in (heldout.truth, dreamed)]
        strips.append(
            Strip(
                caption=f"{words.capitalize()} of {len(order)} clips, by how wrong copying is.",
                rows=("what came", "what it says"),
                columns=("last real", *(f"+{h}" for h in at)),
                pictures=np.stack(rows),
                dreamed=("what it says",),
            )
        )
    return strips
