"""Fidelity: how like the truth is what a model shows, so and so many pictures ahead, beside copying and the mean picture.

Open loop from real pictures, with what was truly done. PSNR is of the squared errors of all clips together, so that a few bad clips weigh
what they weigh.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, Intervals, of_sums
from lifeworld.evaluate.frechet import Features, bounded, random_features
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.likeness import WINDOW, psnr, squared, ssim
from lifeworld.evaluate.measured import Measured
from lifeworld.evaluate.number import by_group, floor, number
from lifeworld.evaluate.roll import AT_ONCE, checked, true_roll
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Subject

HORIZONS = (1, 2, 4, 8, 16, 32, 64)
FRECHET_AT = (1, 8, 32)
COPY, MEAN = "copying the last picture", "the mean picture"
SHOWN = ((0.1, "one of its best"), (0.5, "one in the middle"), (0.9, "one of its worst"))


class Guess(NamedTuple):
    """Who guesses, and what: pictures (N or 1, T or 1, H, W, 3)."""

    name: str
    pictures: NDArray[np.uint8]


def fidelity(subject: Subject, heldout: HeldOut, *, seed: int, features: Features = random_features, called: str = "r_fd") -> Section:
    """The section. `features` are those of the Fréchet distance, and `called` what it is then called."""
    measured: list[Measured] = []
    curves: list[Curve] = []
    strips: tuple[Strip, ...] = ()
    without: dict[str, str] = {}
    if "pictures" in subject.gives:
        strips = _pictures(subject, heldout, seed, features, called, measured, curves, without)
    else:
        without["psnr, ssim"] = "it gives no pictures"
    if "embeddings" in subject.gives:
        _embeddings(subject, heldout, seed, measured, curves, without)
    else:
        without["embedding_error"] = "it gives no embeddings"
    return Section(
        name="fidelity",
        title="Is what it shows like what came?",
        says=f"Open loop from {subject.context} real pictures with the true actions, {heldout.of}. PSNR of all clips together; changing pixels"
        " differ by more than a tenth from the last real picture. Bands: 95 %, were other episodes held out.",
        measured=tuple(measured),
        curves=tuple(curves),
        strips=strips,
        without=without,
    )


def horizons(heldout: HeldOut) -> tuple[int, ...]:
    """The pictures ahead that are told in numbers."""
    return tuple(h for h in HORIZONS if h <= heldout.horizon)


def _pictures(
    subject: Subject,
    heldout: HeldOut,
    seed: int,
    features: Features,
    called: str,
    measured: list[Measured],
    curves: list[Curve],
    without: dict[str, str],
) -> tuple[Strip, ...]:
    dreamed = true_roll(subject, heldout).pictures
    assert dreamed is not None  # `asked` holds it to what it gives
    truth, groups = heldout.truth, heldout.episode
    guesses = (Guess("", dreamed), Guess(COPY, heldout.last), Guess(MEAN, heldout.mean[None, None]))
    errors = np.stack([squared(np.broadcast_to(g.pictures, truth.shape), truth, heldout.last) for g in guesses], axis=2)  # (N, T, guess, 4)
    for name, what, k in (("psnr", "all pixels", 0), ("changing_psnr", "changing pixels", 2)):
        sums = errors[..., k : k + 2]
        found, single = of_sums(sums, psnr, groups, seed=seed), psnr(by_group(sums, groups))
        if not np.isfinite(found.value).all():
            none = np.flatnonzero(~np.isfinite(found.value).all(1)) + 1
            without[f"{name}@{none[0]}"] = f"nothing changes {none[0]} pictures ahead" + (
                f", nor at {len(none) - 1} more" if none[1:].size else ""
            )
        for h in horizons(heldout):
            if np.isfinite(found.value[h - 1]).all():
                measured.append(_number(subject, heldout, f"{name}@{h}", found, h, unit="dB", seed=seed, raw=single[:, h - 1, 0]))
        curves.append(_curve(f"PSNR of {what}", "dB", found, np.arange(1, heldout.horizon + 1)))
    measured.append(_break_even(subject, heldout, errors[:, :, :2, :2], seed, without))
    if min(subject.size) >= WINDOW:
        at = horizons(heldout)
        values = np.stack(
            [[ssim(np.broadcast_to(g.pictures, truth.shape)[:, h - 1], truth[:, h - 1]) for g in guesses] for h in at]
        )  # (horizon, guess, N)
        sums = np.stack([np.moveaxis(values, -1, 0), np.ones((len(truth), len(at), len(guesses)))], axis=-1)
        found = of_sums(sums, _mean, groups, seed=seed)
        single = _mean(by_group(sums, groups))
        for i, h in enumerate(at):
            measured.append(_number(subject, heldout, f"ssim@{h}", found, i + 1, seed=seed, raw=single[:, i, 0]))
        curves.append(_curve("Structural similarity (SSIM)", "", found, np.array(at)))
    else:
        without["ssim"] = f"its windows are {WINDOW} pixels wide, the pictures are not"
    for h in (h for h in FRECHET_AT if h <= heldout.horizon):
        true = features(truth[:, h - 1])
        crowds = [features(np.broadcast_to(g.pictures, truth.shape)[:, h - 1]) for g in guesses]
        apart = [bounded(each, true, groups) for each in crowds]
        floors = [floor(g.name, each) for g, each in zip(guesses[1:], apart[1:], strict=True)]
        measured.append(number(subject, heldout, f"{called}@{h}", apart[0], floors=floors, better="lower", seed=seed))
    return _strips(subject, heldout, dreamed, errors[:, :, 0, 0].sum(1))


def _embeddings(
    subject: Subject, heldout: HeldOut, seed: int, measured: list[Measured], curves: list[Curve], without: dict[str, str]
) -> None:
    """Squared error of embeddings as a share of what their mean gets, which is their variance."""
    ahead = true_roll(subject, heldout).embeddings
    assert ahead is not None
    real = embedded(subject, heldout.pictures)
    truth, last = real[:, heldout.context :], real[:, heldout.context - 1 : heldout.context]
    mean = real[:, : heldout.context].mean((0, 1), keepdims=True)
    wrong = np.stack([((each - truth) ** 2).sum(-1) for each in (ahead.astype(np.float64), last, mean)], axis=-1)  # (N, T, guess)
    if not (of_all := wrong[..., 2].sum(0)).all():
        without["embedding_error"] = (
            "all pictures have the same embedding" if not of_all.any() else "embeddings do not vary at some horizon"
        )
        return
    sums = np.stack([wrong, np.broadcast_to(wrong[..., 2:], wrong.shape)], axis=-1)
    found = of_sums(sums, _mean, heldout.episode, seed=seed)
    single = _mean(by_group(sums, heldout.episode))
    for h in horizons(heldout):
        measured.append(
            _number(
                subject, heldout, f"embedding_error@{h}", found, h, better="lower", seed=seed, raw=single[:, h - 1, 0], what="embedding"
            )
        )
    curves.append(
        _curve("Squared error of embeddings, as a share of their variance", "", found, np.arange(1, heldout.horizon + 1), what="embedding")
    )


def embedded(subject: Subject, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The embeddings (N, T, D) of real pictures, of the shape that they should have."""
    parts = [subject.embed(pictures[i : i + AT_ONCE]) for i in range(0, len(pictures), AT_ONCE)]
    return checked(subject, "its embeddings of real pictures", np.concatenate(parts), (*pictures.shape[:2], None)).astype(np.float64)


def _number(
    subject: Subject,
    heldout: HeldOut,
    name: str,
    found: Intervals,
    row: int,
    *,
    seed: int,
    unit: str = "",
    better: Literal["higher", "lower"] = "higher",
    raw: NDArray[np.float64],
    what: str = "picture",
) -> Measured:
    """The number in a row (from 1) of intervals (rows, guess), with the guesses that cost nothing for floors."""
    named = (f"copying the last {what}", f"the mean {what}")
    floors = [floor(each, found.at(row - 1, i + 1)) for i, each in enumerate(named)]
    kept = raw if np.isfinite(raw).all() else ()  # where an episode does not change it has no number, and there are no pairs
    return number(subject, heldout, name, found.at(row - 1, 0), floors=floors, unit=unit, better=better, seed=seed, raw=kept)


def _break_even(subject: Subject, heldout: HeldOut, errors: NDArray[np.float64], seed: int, without: dict[str, str]) -> Measured:
    """How many pictures ahead copying is as good for the first time, from summed squared errors (N, T, guess, 2)."""

    def first(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        worse = sums[..., 0, 0] >= sums[..., 1, 0]
        return np.where(worse.any(-1), worse.argmax(-1) + 1.0, float(heldout.horizon + 1))

    found = of_sums(errors, first, heldout.episode, seed=seed)
    if found.value > heldout.horizon:
        without[f"break_even beyond {heldout.horizon}"] = (
            f"copying is nowhere as good up to {heldout.horizon} pictures, as far as was looked: {heldout.horizon + 1} stands for any more"
        )
    one = Interval(float(found.value), float(found.low), float(found.high))
    floors = [floor("a model that is never better than copying", 1.0)]
    return number(subject, heldout, "break_even", one, floors=floors, unit="pictures", seed=seed)


def _mean(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums (…, 2) of values and of how many there are to their mean."""
    return sums[..., 0] / sums[..., 1]  # type: ignore[no-any-return]


def _curve(title: str, unit: str, found: Intervals, x: NDArray[np.int64], what: str = "picture") -> Curve:
    """Lines of the model and of what costs nothing, from intervals (x, guess)."""
    lines = []
    for i, name in enumerate(("the model", f"copying the last {what}", f"the mean {what}")):
        some = np.isfinite(found.value[:, i])
        y, low, high = (tuple(each[some, i].tolist()) for each in found)
        lines.append(Line(name=name, x=tuple(x[some].astype(float).tolist()), y=y, low=low, high=high, floor=i > 0))
    return Curve(title=title, x_label="pictures ahead", y_label=unit, lines=tuple(lines))


def _strips(subject: Subject, heldout: HeldOut, dreamed: NDArray[np.uint8], wrong: NDArray[np.float64]) -> tuple[Strip, ...]:
    """Three clips, from where they are well dreamt to where they are not: nobody chose them."""
    order, at = np.argsort(wrong, kind="stable"), horizons(heldout)
    strips = []
    for share, words in SHOWN:
        i = int(order[int(share * (len(order) - 1))])
        rows = [np.concatenate([heldout.last[i], each[i][np.array(at) - 1]]) for each in (heldout.truth, dreamed)]
        strips.append(
            Strip(
                caption=f"{words.capitalize()} of {len(order)} clips, by squared error.",
                rows=("what came", "what it says"),
                columns=("last real", *(f"+{h}" for h in at)),
                pictures=np.stack(rows),
                dreamed=("what it says",),
            )
        )
    return tuple(strips)
