"""Horizon: what becomes of dreams longer than what was learned; is what is undone as it was, and what is hidden still there?

Nobody could foresee all beyond some dozens of pictures; but a dream should still show as much as the truth does, move as much, and know
that it is unsure.

Source: there and back: World Stability, as in Yang et al., Playable Game Generation (2025), 2503.08122.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, StateError, UnknownName
from lifeworld.core.interval import of_sums
from lifeworld.evaluate.counterfactual import coarse
from lifeworld.evaluate.findings import Findings, by_group, floor, independent, mean
from lifeworld.evaluate.forking import Forking, forking_of
from lifeworld.evaluate.heldout import HeldOut, taken
from lifeworld.evaluate.likeness import psnr, right, squared
from lifeworld.evaluate.memory import memory
from lifeworld.evaluate.pairs.passing import HIDDEN
from lifeworld.evaluate.roll import asked, rolled, told
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Subject

AHEAD = (50, 200, 500)
OVER = 10
"""Pictures up to each of these that are measured together."""
LEAST, MOST = 4, 16
"""Episodes that a drift is measured on."""
AWAY, BACK = 6, 24
"""Pictures away, and clips that are sent there and back."""
THINGS = 40
"""That pass behind screens."""
LEADS_BACK = 0.5
"""In a true world that keeps more than this of the way, opposite actions are no way back."""

Array = NDArray[np.float64]


def horizon(subject: Subject, heldout: HeldOut, *, seed: int, forking: Forking | None = None, things: int = THINGS) -> Section:
    """The section; `forking` goes on from the clips' worlds, by default as their bundle lets it; so many `things` are to be remembered."""
    found = Findings(subject, heldout, seed=seed)
    if "pictures" in subject.gives:
        _drift(found)
        _there_and_back(found, forking)
        memory(found, things=things)
    else:
        found.without["drift, return, memory"] = "it gives no pictures"
    return found.section(
        "horizon",
        title="What becomes of long dreams?",
        says=f"Open loop for as long as there are recordings, over the {OVER} pictures up to 50, 200 and 500. Contrast and motion are "
        f"shares of the true ones: 1 is as much as there is. Return: {AWAY} pictures away, and {AWAY} back by the opposite actions; the "
        "squared distance from the beginning that is left, as a share of how far it had gone. Memory: in films that our engine made "
        "something passes behind a screen, within a dream; the share of it that is there when all of it should be seen again. "
        f"memory@{HIDDEN[-1]}: it was out of sight for {HIDDEN[-1]} pictures at least; memory@0: there was no screen.",
    )


def _drift(found: Findings) -> None:
    most = _reach(found.heldout)
    reached = tuple(a for a in AHEAD if (most >= a).sum() >= LEAST)
    if beyond := [f"drift@{a}" for a in AHEAD[len(reached) :]]:
        longest = int(most.max(initial=0))
        why = f"fewer than {LEAST} held-out episodes are so long, {longest} pictures ahead at most: record longer ones"
        found.without[", ".join(beyond)] = why
    if not reached:
        return
    subject, clips = found.subject, _windows(found, most, reached[-1])
    ahead = rolled(subject, clips, told(subject, clips))
    dreamed, truth = ahead.pictures, clips.truth
    assert dreamed is not None
    guesses = [np.broadcast_to(each, truth.shape) for each in (dreamed, clips.last, clips.mean)]
    errors = np.stack([squared(each, truth, clips.last)[..., :2] for each in guesses], axis=2)  # (N, T, guess, 2)
    shown = np.stack([_contrast(each) for each in (*guesses[:2], truth)], axis=2)  # (N, T, who)
    moved = np.stack([_motion(clips, each) for each in (*guesses[:2], truth)], axis=2)
    of = f"episodes, the longest window of each ({len(truth)} clips)"
    n, groups, seed = len(truth), np.arange(len(truth)), found.seed

    def over(values: Array, a: int) -> Array:
        return np.asarray(values[:, a - OVER : a].sum(1))

    def share(sums: Array) -> Array:
        return np.asarray(sums[..., :2] / np.maximum(sums[..., 2:], 1e-12))

    for a in reached:
        level, single = of_sums(over(errors, a), psnr, groups, seed=seed), psnr(over(errors, a))
        floors = [floor("copying the last picture", level.at(1)), floor("the mean picture", level.at(2))]
        found.number(f"drift_psnr@{a}", level.at(0), floors=floors, unit="dB", raw=single[:, 0], n=n, of=of)
        for name, values in (("contrast", shown), ("motion", moved)):
            each = of_sums(over(values, a), share, groups, seed=seed)
            floors = [floor("the truth", 1.0), floor("copying the last picture", each.at(1))]
            found.number(f"drift_{name}@{a}", each.at(0), floors=floors, better="exact", n=n, of=of)
        if ahead.certainty is not None and "certainty" in subject.gives:
            window = slice(a - OVER, a)
            off = ahead.certainty[:, window].mean((1, 2, 3), dtype=np.float64) - right(dreamed[:, window], truth[:, window]).mean((1, 2, 3))
            each = of_sums(np.stack([off, np.ones(n)], axis=-1), mean, groups, seed=seed)
            found.number(f"drift_conceit@{a}", each.at(), floors=[floor("as sure as it is right", 0.0)], better="exact", n=n, of=of)
    every = np.unique(np.linspace(OVER, clips.horizon, 40).astype(int))
    pooled = np.stack([psnr(over(errors, a).sum(0)) for a in every.tolist()])
    x = tuple(every.astype(float).tolist())
    names = ("the model", "copying the last picture", "the mean picture")
    lines = tuple(Line(name=name, x=x, y=tuple(pooled[:, i].tolist()), floor=i > 0) for i, name in enumerate(names))
    found.curves.append(Curve(title="PSNR of long dreams", x_label="pictures ahead", y_label="dB", lines=lines))
    shares = np.stack([np.stack([share(over(v, a).sum(0))[0] for a in every.tolist()]) for v in (shown, moved)])
    lines = tuple(Line(name=name, x=x, y=tuple(shares[i].tolist())) for i, name in enumerate(("contrast", "motion")))
    lines += (Line(name="the truth", x=x, y=(1.0,) * len(x), floor=True),)
    found.curves.append(Curve(title="As much as there is?", x_label="pictures ahead", y_label="share of the true", lines=lines))
    at = [a for a in (1, 8, 32, 50, 100, 200, 350, 500) if a <= clips.horizon]
    rows = [np.concatenate([clips.last[0], each[0][np.array(at) - 1]]) for each in (truth, dreamed)]
    found.strips.append(
        Strip(
            caption="The first of the long clips.",
            rows=("what came", "what it says"),
            columns=("last real", *(f"+{a}" for a in at)),
            pictures=np.stack(rows),
            dreamed=("what it says",),
        )
    )


def _reach(heldout: HeldOut) -> NDArray[np.int64]:
    """How many pictures ahead each held-out episode goes, in the order of their numbers; clips from nowhere are as long as they are."""
    footage = heldout.footage
    if footage is None:
        return np.full(len(heldout.pictures), heldout.horizon)
    return (footage.pictures[np.unique(heldout.episode)] - 1) // footage.stride + 1 - heldout.context


def _windows(found: Findings, most: NDArray[np.int64], ahead: int) -> HeldOut:
    """One window so long of each of a few episodes that have one."""
    heldout, footage = found.heldout, found.heldout.footage
    if footage is None:
        return heldout
    cut = footage.cut(heldout.context + ahead)
    chosen = np.unique(heldout.episode)[most >= ahead][:MOST]
    return taken(cut, np.array([cut.clips_of(int(e)).start for e in chosen]), context=heldout.context, seed=found.seed)


def _contrast(pictures: NDArray[np.uint8]) -> Array:
    """The spread of colours (N, T) over each picture."""
    return np.stack([clip.std((1, 2), dtype=np.float64).mean(-1) for clip in pictures])


def _motion(clips: HeldOut, pictures: NDArray[np.uint8]) -> Array:
    """How much changes (N, T) from picture to picture, the root of the mean square."""
    found = []
    for last, clip in zip(clips.last, pictures, strict=True):
        change = np.diff(np.concatenate([last, clip]).astype(np.float32), axis=0)
        found.append(np.sqrt((change * change).mean((1, 2, 3), dtype=np.float64)))
    return np.stack(found)


def _there_and_back(found: Findings, forking: Forking | None) -> None:
    """What is left of the way away after as many opposite actions, beside what is left in the true world."""
    subject, heldout = found.subject, found.heldout
    actions = None if subject.latent else heldout.actions
    if not subject.actions or actions is None:
        found.without["return"] = "nobody acts, or it is told actions of its own"
        return
    if not ((actions.min((0, 1)) < 0) & (actions.max((0, 1)) > 0)).all():
        found.without["return"] = "the opposite of an action is not known: some numbers of it have one sign only"
        return
    away = min(AWAY, heldout.horizon)
    chosen = np.unique(np.linspace(0, len(actions) - 1, BACK).astype(int))
    out = actions[chosen, heldout.context - 1 :][:, :away]
    course = np.concatenate([out, -out[:, ::-1]], axis=1)
    ahead = asked(subject, heldout.begun[chosen][:, -subject.context :], course)
    assert ahead.pictures is not None
    left = [_left(heldout.last[chosen, 0], ahead.pictures[:, away - 1], ahead.pictures[:, -1])]
    floors = [floor("staying where it went", 1.0)]
    try:
        go = forking or forking_of(heldout)
    except (StateError, UnknownName, InputError) as error:
        found.without["return of the true world"] = str(error)
    else:
        true = np.stack([go(int(i), course[k : k + 1], (away, 2 * away))[0] for k, i in enumerate(chosen)])
        left.append(_left(heldout.last[chosen, 0], true[:, 0], true[:, 1]))
    sums = np.stack(left, axis=1)  # (n, who, 2)
    groups = heldout.episode[chosen]
    each, single = of_sums(sums, mean, groups, seed=found.seed), mean(by_group(sums, groups))
    if not np.isfinite(each.value).all():
        found.without["return"] = "nothing moves"
        return
    if len(left) > 1:
        floors.append(floor("the true world", each.at(1)))
        if each.value[1] > LEADS_BACK:
            found.without["return"] = (
                f"in the true world the opposite actions do not lead back either: {each.value[1]:.0%} of the way is left"
            )
            return
    n, of = independent(groups)
    found.number("return", each.at(0), floors=floors, better="lower", raw=single[:, 0], n=n, of=of)


def _left(start: NDArray[np.uint8], gone: NDArray[np.uint8], back: NDArray[np.uint8]) -> Array:
    """Squared distances (n, 2) of pictures: from the beginning to the end, and to where it had gone."""
    beginning = coarse(start)
    return np.stack([((coarse(each) - beginning) ** 2).sum(1) for each in (back, gone)], axis=1)
