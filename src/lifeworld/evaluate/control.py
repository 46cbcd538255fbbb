"""Control: whether what is done decides what is shown, or as well could have been anybody's doing.

Source: Δ_t PSNR: Bruce et al., Genie (2024), 4; the ratio with actions shuffled: nicklashansen/dreamer4 (2025).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import of_sums
from lifeworld.core.ridge import ridge
from lifeworld.evaluate.fidelity import embedded
from lifeworld.evaluate.findings import Findings, by_group, floor, independent
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.likeness import psnr, squared
from lifeworld.evaluate.motion import motion, pearson, products, rows
from lifeworld.evaluate.roll import others, rolled, told, true_roll
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Ahead, Subject

AT = (1, 4, 8, 16)
READABLE = 0.3
"""A probe that reads what was done from real pictures with a lower correlation judges nobody."""

Array = NDArray[np.float64]


def control(subject: Subject, heldout: HeldOut, *, seed: int) -> Section:
    """The section."""
    found = Findings(subject, heldout, seed=seed)
    if not subject.actions:
        found.without["delta_psnr, shuffle_ratio, response"] = "it is told no actions"
    elif not (actions := told(subject, heldout)).std((0, 1)).any():
        found.without["delta_psnr, shuffle_ratio, response"] = "the same is done in all clips, always: shuffling changes nothing"
    else:
        partner = others(heldout, seed=seed)
        mistold = rolled(subject, heldout, actions[partner])
        if "pictures" in subject.gives:
            _pictures(found, mistold)
            _response(found, mistold, actions[partner])
        else:
            found.without["delta_psnr, response"] = "it gives no pictures"
        if "embeddings" in subject.gives:
            _embeddings(found, mistold)
    return found.section(
        "control",
        title="Does it do as it is told?",
        says="The same beginnings, told what was truly done and told what others did: what the true actions are worth (ΔPSNR, the ratio of "
        "squared errors), and how well what was told is read again from how the dreamt pictures move, by a probe fitted to real ones.",
    )


def _pictures(found: Findings, mistold: Ahead) -> None:
    heldout = found.heldout
    dreamed = true_roll(found.subject, heldout).pictures
    assert dreamed is not None
    assert mistold.pictures is not None
    errors = np.stack([squared(each, heldout.truth, heldout.last) for each in (dreamed, mistold.pictures)], axis=2)  # (N, T, who, 4)
    for name, k in (("delta_psnr", 0), ("delta_changing_psnr", 2)):
        sums, groups = errors[..., k : k + 2], heldout.episode
        worth, single = of_sums(sums, delta, groups, seed=found.seed), delta(by_group(sums, groups))
        for h in _at(heldout):
            if np.isfinite(worth.value[h - 1]):
                floors = [floor("others' actions", 0.0)]
                found.number(f"{name}@{h}", worth.at(h - 1), floors=floors, unit="dB", raw=single[:, h - 1])
            else:
                found.without[f"{name}@{h}"] = "nothing changes there"
    _ratio(found, "shuffle_ratio", errors[..., 0])
    level = of_sums(errors[..., :2], psnr, heldout.episode, seed=found.seed)
    x = tuple(float(h) for h in range(1, heldout.horizon + 1))
    who = ("told what was done", "told what others did")
    lines = [
        Line(name=name, x=x, y=tuple(level.value[:, i]), low=tuple(level.low[:, i]), high=tuple(level.high[:, i]), floor=i == 1)
        for i, name in enumerate(who)
    ]
    found.curves.append(Curve(title="PSNR of all pixels, by what it is told", x_label="pictures ahead", y_label="dB", lines=tuple(lines)))
    found.strips.append(_strip(heldout, dreamed, mistold.pictures))


def _embeddings(found: Findings, mistold: Ahead) -> None:
    ahead, other = true_roll(found.subject, found.heldout).embeddings, mistold.embeddings
    assert ahead is not None
    assert other is not None
    real = embedded(found.subject, found.heldout.pictures)[:, found.heldout.context :]
    _ratio(found, "embedding_shuffle_ratio", np.stack([((each - real) ** 2).sum(-1) for each in (ahead, other)], axis=2))


def _ratio(found: Findings, name: str, wrong: Array) -> None:
    """The squared error (N, T, (true, others')) with others' actions as a multiple of that with the true ones."""

    def ratio(sums: Array) -> Array:
        return np.asarray(sums[..., 1] / np.maximum(sums[..., 0], 1e-12))

    groups = found.heldout.episode
    each, single = of_sums(wrong, ratio, groups, seed=found.seed), ratio(by_group(wrong, groups))
    for h in _at(found.heldout):
        found.number(f"{name}@{h}", each.at(h - 1), floors=[floor("others' actions", 1.0)], raw=single[:, h - 1])


def _response(found: Findings, mistold: Ahead, actions: NDArray[np.float32]) -> None:
    """How well the actions it was told are read again from its pictures: others' actions, so that nothing but obeying helps."""
    heldout, first = found.heldout, found.heldout.context - 1
    assert mistold.pictures is not None
    names = np.unique(heldout.episode)
    fit = np.isin(heldout.episode, names[::2])  # a probe is judged on other episodes than it is fitted to
    if not fit.any() or fit.all():
        found.without["response"] = "a probe is fitted to some episodes and judged on others: there is but one"
        return
    done = told(found.subject, heldout)[:, first:].astype(np.float64)
    asked = actions[:, first:].astype(np.float64)
    varies = done[fit].std((0, 1)) > 1e-9
    real, dreamt = (motion(np.concatenate([heldout.last, each], axis=1)) for each in (heldout.truth, mistold.pictures))
    seen, true = rows(real, done[..., varies])
    probe = ridge(seen[fit].reshape(-1, seen.shape[2]), true[fit].reshape(-1, true.shape[2]))
    shown, command = rows(dreamt, asked[..., varies])
    read_real, read_dreamt = (probe(each[~fit]) for each in (seen, shown))
    groups, seed = heldout.episode[~fit], found.seed
    pairs = (products(read_real, true[~fit]), products(read_dreamt, command[~fit]), products(read_real, command[~fit]))

    def correlation(sums: Array) -> Array:
        return np.asarray(pearson(sums).mean(-1))

    sums = np.stack(pairs, axis=1)  # (n, which, A, 6)
    each, single = of_sums(sums, correlation, groups, seed=seed), correlation(by_group(sums, groups))
    known = each.at(0)
    if known.low < READABLE:
        said = f"{known.value:.2f} ({known.low:.2f} to {known.high:.2f})"
        found.without["response"] = f"what is done cannot be read well enough from real pictures: r = {said}, of {READABLE} needed"
        return
    n, of = independent(groups)
    found.number(
        "response",
        each.at(1),
        floors=[floor("real clips, in which it was not done", each.at(2))],
        raw=single[:, 1],
        n=n,
        of=f"{of}; what was done is read from the real ones with r = {known.value:.2f}",
    )


def delta(sums: Array) -> Array:
    """PSNR with the true actions less that with others', from (…, who, 2)."""
    level = psnr(sums)
    found: Array = level[..., 0] - level[..., 1]
    return found


def _at(heldout: HeldOut) -> list[int]:
    return [h for h in AT if h <= heldout.horizon]


def _strip(heldout: HeldOut, dreamed: NDArray[np.uint8], mistold: NDArray[np.uint8]) -> Strip:
    """The clip in which it matters most what it is told."""
    apart = np.abs(dreamed.astype(np.int16) - mistold).mean((1, 2, 3, 4))
    i = int(np.argmax(apart))
    at = np.array([h for h in (1, 2, 4, 8, 16, 32) if h <= heldout.horizon])
    pictures = [np.concatenate([heldout.last[i], each[i][at - 1]]) for each in (heldout.truth, dreamed, mistold)]
    rows = ("what came", "told what was done", "told what another did")
    return Strip(
        caption="The clip in which it matters most what the model is told.",
        rows=rows,
        columns=("last real", *(f"+{h}" for h in at)),
        pictures=np.stack(pictures),
        dreamed=rows[1:],
    )
