"""Certainty: whether a model that says how sure it is of a pixel is right so often, and knows what it does not know.

Source: calibration: Guo et al., On Calibration of Modern Neural Networks (2017); the score: Brier (1950); risk and coverage: Geifman &
El-Yaniv, Selective Classification (2017); conformal bounds scaled by what is said: Lei et al., Distribution-Free Predictive Inference for
Regression (2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import interval, of_sums
from lifeworld.core.seed import generator
from lifeworld.evaluate.fidelity import horizons
from lifeworld.evaluate.findings import Findings, by_group, floor, mean
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.likeness import right
from lifeworld.evaluate.roll import AT_ONCE, asked, told, true_roll
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Subject

BINS, FINE = 10, 50
"""Of what it says: so many for calibration, and of equally many pixels for risk and coverage."""
STRANGE_AHEAD = 4
PROMISED = 0.9
BLOCK_PX = 8
FEW_DRAWS = 400
"""Where each draw is counted pair by pair."""

Array = NDArray[np.float64]


def certainty(subject: Subject, heldout: HeldOut, *, seed: int) -> Section:
    """The section."""
    found = Findings(subject, heldout, seed=seed)
    if {"pictures", "certainty"} <= subject.gives:
        ahead = true_roll(subject, heldout)
        assert ahead.pictures is not None
        assert ahead.certainty is not None
        correct = right(ahead.pictures, heldout.truth)
        _calibration(found, ahead.certainty, correct)
        _risk(found, ahead.certainty, correct)
        _conformal(found, ahead.certainty, ahead.pictures)
        _strange(found, ahead.certainty)
        found.strips.append(_strip(heldout, ahead.pictures, ahead.certainty))
    else:
        found.without["ece, brier_skill, aurc, strange, conformal"] = "it does not say how sure it is of its pictures"
    return found.section(
        "certainty",
        title="Does it know what it does not know?",
        says="Of each pixel it says how likely it is right to within a tenth. Held against how often that is so (ECE, Brier), against an "
        "order drawn by lot (risk of the pixels kept), against pictures of no world it knows (AUROC), and as a bound on errors that is to "
        f"hold {PROMISED:.0%} of the time (conformal).",
    )


def calibration(sure: NDArray[np.float32], correct: NDArray[np.bool_]) -> Array:
    """For pixels (N, T, H, W), by ten bins of what is said of them (N, T, BINS, 3): pixels, what was said together, how many were right."""
    sums = np.empty((*sure.shape[:2], BINS, 3))
    for i, t in np.ndindex(*sure.shape[:2]):
        said, was = sure[i, t].ravel().astype(np.float64), correct[i, t].ravel()
        bins = np.minimum((said * BINS).astype(np.int64), BINS - 1)
        sums[i, t] = np.stack([np.bincount(bins, weights, BINS) for weights in (None, said, was)], axis=1)
    return sums


def ece(sums: Array) -> Array:
    """The expected calibration error of sums (…, BINS, 3): how far, by bin, the share of right pixels is from what is said."""
    found: Array = np.abs(sums[..., 1] - sums[..., 2]).sum(-1) / sums[..., 0].sum(-1)
    return found


def _calibration(found: Findings, sure: NDArray[np.float32], correct: NDArray[np.bool_]) -> None:
    horizon, sums = sure.shape[1], calibration(sure, correct)
    off = [((sure[i].astype(np.float64) - correct[i]) ** 2).sum((1, 2)) for i in range(len(sure))]
    wrong = np.stack([np.stack(off), sums[..., 0].sum(-1), sums[..., 2].sum(-1)], axis=-1)  # squared error, pixels, right ones

    def error(each: Array) -> Array:
        return 1 - each[..., 2] / each[..., 1]

    def skill(each: Array) -> Array:
        share = each[..., 2] / each[..., 1]
        return 1 - each[..., 0] / np.maximum(each[..., 1] * share * (1 - share), 1e-12)

    groups, seed = found.heldout.episode, found.seed
    missed, always, skilled = (of_sums(s, f, groups, seed=seed) for s, f in ((sums, ece), (wrong, error), (wrong, skill)))
    single = ece(by_group(sums, groups))
    for h in horizons(found.heldout):
        floors = [floor("being sure of everything", always.at(h - 1))]
        found.number(f"ece@{h}", missed.at(h - 1), floors=floors, better="lower", raw=single[:, h - 1])
        if np.isfinite(skilled.value[h - 1]) and 0 < always.value[h - 1] < 1:
            floors = [floor("saying always how often pixels are right", 0.0)]
            found.number(f"brier_skill@{h}", skilled.at(h - 1), floors=floors)  # an episode in which all is right has none of its own
        else:
            found.without[f"brier_skill@{h}"] = "all pixels are right, or none is"
    pooled = sums[:, horizon // 2 :].sum((0, 1))
    some = pooled[:, 0] > 0
    x, y = ((pooled[some, k] / pooled[some, 0]).tolist() for k in (1, 2))
    lines = (Line(name="the model", x=tuple(x), y=tuple(y)), Line(name="as it says", x=(0.0, 1.0), y=(0.0, 1.0), floor=True))
    title = f"How often pixels are right, {horizon // 2 + 1} to {horizon} pictures ahead"
    found.curves.append(Curve(title=title, x_label="it says", y_label="it is", lines=lines))


def _risk(found: Findings, sure: NDArray[np.float32], correct: NDArray[np.bool_]) -> None:
    """How many of the pixels kept are wrong, when the least certain are let go first: the mean over how many are kept."""
    groups, shown = found.heldout.episode, list[Line]()
    for h in horizons(found.heldout):
        said, wrong = sure[:, h - 1].reshape(len(sure), -1), ~correct[:, h - 1].reshape(len(sure), -1)
        edges = np.quantile(said, np.arange(1, FINE) / FINE)
        bins = FINE - 1 - np.searchsorted(edges, said, side="right")  # the surest first
        counts = [[np.bincount(b, w, FINE) for w in (None, bad)] for b, bad in zip(bins, wrong, strict=True)]
        sums = np.moveaxis(np.array(counts), 1, -1)  # (N, bins, 2)
        lot = of_sums(sums.sum(1)[:, ::-1], mean, groups, seed=found.seed).at()
        each = of_sums(sums, _aurc, groups, seed=found.seed).at()
        found.number(f"aurc@{h}", each, floors=[floor("letting go by lot", lot)], better="lower", raw=_aurc(by_group(sums, groups)))
        if h in (1, horizons(found.heldout)[-1]):
            kept = sums.sum(0).cumsum(0)
            coverage = tuple((kept[:, 0] / kept[-1, 0]).tolist())
            shown.append(Line(name=f"{h} ahead", x=coverage, y=tuple((kept[:, 1] / np.maximum(kept[:, 0], 1)).tolist())))
            share = float(kept[-1, 1] / kept[-1, 0])
            shown.append(Line(name=f"{h} ahead, by lot", x=(0.0, 1.0), y=(share, share), floor=True))
    title = "Share of wrong pixels among those kept"
    found.curves.append(Curve(title=title, x_label="kept, the surest first", y_label="", lines=tuple(shown)))


def _aurc(sums: Array) -> Array:
    """The mean over coverage of the share of wrong pixels, from (…, bins, 2), the surest bin first.

    Within a bin, whose pixels are equally sure, those kept are as often wrong as all of it: the mean of (before + share · x) / (kept + x).
    """
    n, wrong = sums[..., 0], sums[..., 1]
    kept, bad = (np.cumsum(each, axis=-1) - each for each in (n, wrong))
    share = wrong / np.maximum(n, 1e-12)
    rest = np.where(kept > 0, (bad - share * kept) * np.log1p(n / np.maximum(kept, 1e-12)), 0)
    found: Array = (share * n + rest).sum(-1) / n.sum(-1)
    return found


def _conformal(found: Findings, sure: NDArray[np.float32], pictures: NDArray[np.uint8]) -> None:
    """A bound on a clip's error from what it says, fitted on half of the episodes, held to the other half; and the other way round."""
    heldout = found.heldout
    half = np.isin(heldout.episode, np.unique(heldout.episode)[::2])
    if min(half.sum(), (~half).sum()) < np.ceil(PROMISED / (1 - PROMISED)):
        found.without["conformal"] = f"too few clips to bound anything {PROMISED:.0%} of the time"
        return
    for h in (h for h in horizons(heldout) if h in (1, 8, 32)):
        error = np.abs(pictures[:, h - 1].astype(np.float32) - heldout.truth[:, h - 1]).mean((1, 2, 3), dtype=np.float64) / 255
        doubt = np.maximum(1 - sure[:, h - 1].mean((1, 2), dtype=np.float64), 1e-4)
        held, wide, plain = (np.empty(len(error)) for _ in range(3))
        for fit in (half, ~half):
            bound, same = conformal(error[fit] / doubt[fit]), conformal(error[fit])
            held[~fit], wide[~fit], plain[~fit] = error[~fit] <= bound * doubt[~fit], bound * doubt[~fit], same
        groups, ones = heldout.episode, np.ones(len(error))
        covered = of_sums(np.stack([held, ones], axis=-1), mean, groups, seed=found.seed).at()
        found.number(f"conformal_coverage@{h}", covered, floors=[floor("what was promised", PROMISED)], better="exact")
        width = of_sums(np.stack([wide, plain], axis=-1), mean, groups, seed=found.seed).at()
        found.number(f"conformal_width@{h}", width, floors=[floor("the same bound for every clip", 1.0)], better="lower")


def conformal(scores: Array, promised: float = PROMISED) -> float:
    """The bound that one more score like these (n,) keeps to with the promised probability, or more."""
    rank = int(np.ceil((len(scores) + 1) * promised))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else float("inf")


def _strange(found: Findings, sure: NDArray[np.float32]) -> None:
    """Whether it is less sure of what no world it knows shows: colours turned, pictures in pieces, noise."""
    heldout, subject = found.heldout, found.subject
    ahead = min(STRANGE_AHEAD, heldout.horizon)
    usual, actions = sure[:, :ahead].mean((1, 2, 3), dtype=np.float64), told(subject, heldout)
    first = heldout.context - 1
    for name, turned in _turned(heldout, seed=found.seed):
        parts = []
        for i in range(0, len(usual), AT_ONCE):
            rows = slice(i, i + AT_ONCE)
            given = asked(subject, turned(heldout.begun[rows])[:, -subject.context :], actions[rows, first : first + ahead]).certainty
            assert given is not None
            parts.append(given.mean((1, 2, 3), dtype=np.float64))
        strange = np.concatenate(parts)

        def apart(rows: NDArray[np.int64], strange: Array = strange) -> float:
            return auroc(usual[rows], strange[rows])

        each = interval(apart, heldout.episode, seed=found.seed, draws=FEW_DRAWS)
        found.number(f"strange_{name}", each, floors=[floor("a coin", 0.5)])


def auroc(higher: Array, lower: Array) -> float:
    """The chance that one of the first is higher than one of the second; ties count half."""
    order = np.sort(lower)
    below, up_to = (np.searchsorted(order, higher, side=side) for side in ("left", "right"))
    return float((below + up_to).mean() / (2 * len(lower)))


def _turned(heldout: HeldOut, *, seed: int) -> Iterator[tuple[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]]:
    height, width = heldout.pictures.shape[2:4]
    rng = generator(seed, "strange")
    down, across = height // BLOCK_PX, width // BLOCK_PX

    def pieces(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        out = pictures.copy()
        inner = out[:, :, : down * BLOCK_PX, : across * BLOCK_PX]
        cut = inner.reshape(*pictures.shape[:2], down, BLOCK_PX, across, BLOCK_PX, 3).swapaxes(3, 4)
        shuffled = cut.reshape(*pictures.shape[:2], -1, BLOCK_PX, BLOCK_PX, 3)[:, :, order]
        back = shuffled.reshape(*pictures.shape[:2], down, across, BLOCK_PX, BLOCK_PX, 3).swapaxes(3, 4)
        out[:, :, : down * BLOCK_PX, : across * BLOCK_PX] = back.reshape(inner.shape)
        return out

    order = rng.permutation(down * across)
    noise = rng.integers(256, size=heldout.pictures.shape[2:], dtype=np.uint8)
    yield "colours", lambda pictures: 255 - pictures
    if down * across > 1:
        yield "pieces", pieces
    yield "noise", lambda pictures: np.broadcast_to(noise, pictures.shape).copy()


def _strip(heldout: HeldOut, pictures: NDArray[np.uint8], sure: NDArray[np.float32]) -> Strip:
    """The clip whose errors are in the middle: what came, what it says, where it is wrong and where it says that it may be."""
    wrong = np.abs(pictures.astype(np.int16) - heldout.truth).max(-1)
    i = int(np.argsort(wrong.mean((1, 2, 3)), kind="stable")[len(wrong) // 2])
    at = np.array(horizons(heldout)) - 1
    miss, doubt = (np.repeat(np.rint(255 * each)[..., None], 3, -1).astype(np.uint8) for each in ((wrong[i, at] > 25), 1 - sure[i, at]))
    rows = ("what came", "what it says", "where it is wrong", "how unsure it is")
    return Strip(
        caption="One in the middle of all clips: where it is wrong (white), and how likely it takes itself to be wrong there.",
        rows=rows,
        columns=tuple(f"+{h + 1}" for h in at.tolist()),
        pictures=np.stack([heldout.truth[i, at], pictures[i, at], miss, doubt]),
        dreamed=rows[1:],
    )
