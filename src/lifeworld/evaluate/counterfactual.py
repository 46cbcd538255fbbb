"""Counterfactuals: one true state, K courses of action, K true futures. Does the model tell which leads where?

Each true future is a goal once: by what the model says the K courses lead to, they are ranked by how near they come to it, and so they are
by the truth. Someone who plans needs nothing else of a model. The truth is told by pictures, coarse and fine together, so that what was
moved farther is farther though it overlaps no more; a model that embeds tells it by embeddings, another one by pictures too.

Source: coarse and fine, as a stand-in for how far things were moved: Indyk & Thaper, Fast Image Retrieval via Embeddings (2003).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, StateError, UnknownName
from lifeworld.core.interval import of_sums
from lifeworld.core.seed import generator
from lifeworld.evaluate.fidelity import embedded
from lifeworld.evaluate.findings import Findings, by_group, floor, independent, mean
from lifeworld.evaluate.forking import Forking, forking_of
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.roll import asked
from lifeworld.evaluate.section import Section, Strip
from lifeworld.evaluate.subject import Subject

FORKS, COURSES, AT = 24, 8, (4, 8)

Array = NDArray[np.float64]


class Fork(NamedTuple):
    """What came of each of K courses (K, H, W, 3), and what the model says; squared distances (K, K) of each course's end from each goal,
    by the truth and by what it says."""

    true: NDArray[np.uint8]
    said: NDArray[np.uint8] | None
    truth: Array
    told: Array


def counterfactual(subject: Subject, heldout: HeldOut, *, seed: int, forking: Forking | None = None) -> Section:
    """The section; `forking` goes on from the clips' worlds, by default as their bundle lets it."""
    found = Findings(subject, heldout, seed=seed)
    missing = "counterfactual_rank, counterfactual_first, counterfactual_regret"
    if not subject.actions or heldout.actions is None:
        found.without[missing] = "nobody acts"
    elif subject.latent:
        found.without[missing] = "it is told actions of its own, which nobody can carry out in the true world"
    elif not {"pictures", "embeddings"} & subject.gives:
        found.without[missing] = "it gives neither pictures nor embeddings"
    else:
        try:
            go = forking or forking_of(heldout)
        except (StateError, UnknownName, InputError) as error:
            found.without[missing] = str(error)
        else:
            _judged(found, go, heldout.actions)
    how = "embeddings" if "embeddings" in subject.gives else "pictures"
    return found.section(
        "counterfactual",
        title="Does it tell which deed leads where?",
        says=f"A true state is forked and gone on from with {COURSES} courses of action that others took; each true future is a goal once. "
        f"Its {how} of the futures rank the courses by how near they come to the goal; so do the true pictures. First: how often it finds "
        "the course that leads there. Regret: how far the course that it takes for best ends from the goal, as a share of one drawn.",
    )


def _judged(found: Findings, forking: Forking, actions: NDArray[np.float32]) -> None:
    heldout = found.heldout
    at = [h for h in AT if h <= heldout.horizon]
    rng = generator(found.seed, "forks")
    chosen = np.sort(rng.choice(len(heldout.pictures), min(FORKS, len(heldout.pictures)), replace=False))
    rows: dict[int, list[Array]] = {h: [] for h in at}
    shown: list[tuple[float, Fork]] = []
    for clip in chosen.tolist():
        courses = actions[rng.choice(len(actions), COURSES, replace=len(actions) < COURSES), heldout.context - 1 :][:, : max(at)]
        true = forking(clip, courses, at)
        begun = np.repeat(heldout.begun[clip : clip + 1, -found.subject.context :], COURSES, axis=0)
        ahead = asked(found.subject, begun, courses)
        for i, h in enumerate(at):
            said = None if ahead.pictures is None else ahead.pictures[:, h - 1]
            goals = coarse(true[:, i])
            if "embeddings" in found.subject.gives:
                assert ahead.embeddings is not None
                told = apart(ahead.embeddings[:, h - 1].astype(np.float64), embedded(found.subject, true[:, i : i + 1])[:, 0])
            else:
                assert said is not None
                told = apart(coarse(said), goals)
            fork = Fork(true[:, i], said, apart(goals, goals), told)
            rows[h].append(agreement(fork.truth, fork.told))
            if h == at[-1]:
                shown.append((float(fork.truth.mean()), fork))
    groups = heldout.episode[chosen]
    for h in at:
        values = np.array(rows[h])
        differ = np.isfinite(values).all(axis=1)
        if differ.sum() < 2:
            found.without[f"counterfactual@{h}"] = "whatever is done, the same comes of it"
            continue
        sums = np.stack([values[differ], np.ones_like(values[differ])], axis=-1)
        each, single = of_sums(sums, mean, groups[differ], seed=found.seed), mean(by_group(sums, groups[differ]))
        n, of = independent(groups[differ], f"true states, {COURSES} futures each")
        named = (
            ("rank", "courses ranked by lot", 0.0, "higher"),
            ("first", "a course drawn by lot", 1 / COURSES, "higher"),
            ("regret", "a course drawn by lot", 1.0, "lower"),
        )
        for k, (name, words, chance, better) in enumerate(named):
            found.number(
                f"counterfactual_{name}@{h}",
                each.at(k),
                floors=[floor(words, chance)],
                better="lower" if better == "lower" else "higher",
                raw=single[:, k],
                n=n,
                of=of,
            )
    if shown and shown[0][1].said is not None:
        _, fork = max(shown, key=lambda one: one[0])
        assert fork.said is not None
        found.strips.append(
            Strip(
                caption=f"The state from which most can become: {COURSES} courses of action, {at[-1]} pictures on.",
                rows=("what came", "what it says"),
                columns=tuple(f"course {i + 1}" for i in range(COURSES)),
                pictures=np.stack([fork.true, fork.said]),
                dreamed=("what it says",),
            )
        )


def agreement(truth: Array, told: Array) -> Array:
    """Of one fork (3,), from distances (course, goal): the mean rank correlation over goals, how often the course to the goal is found, and
    the regret. Courses that tie for best are drawn by lot. NaN where the same comes of all."""
    if not truth.max() > 0:
        return np.full(3, np.nan)
    best = np.isclose(told, told.min(axis=0), rtol=1e-9, atol=0)
    lot = best / best.sum(axis=0)
    return np.array([spearman(told, truth).mean(), np.diag(lot).mean(), (lot * truth).sum() / truth.mean(axis=0).sum()])


def apart(one: Array, other: Array) -> Array:
    """Squared distances (K, K) between rows."""
    found: Array = ((one[:, None] - other[None]) ** 2).sum(-1)
    return found


def spearman(a: Array, b: Array) -> Array:
    """The rank correlation (n,) of each column of two (K, n); 0 where a column is all one."""
    ranks = [((each[:, None] > each[None]).sum(1) + (each[:, None] >= each[None]).sum(1)) / 2.0 for each in (a, b)]
    x, y = (rank - rank.mean(0) for rank in ranks)
    spread = np.sqrt((x**2).sum(0) * (y**2).sum(0))
    found: Array = np.where(spread > 0, (x * y).sum(0) / np.where(spread > 0, spread, 1), 0.0)
    return found


def coarse(pictures: NDArray[np.uint8]) -> Array:
    """Pictures (K, H, W, 3) as rows (K, F): means of ever larger squares, each size weighing alike."""
    x, side = pictures.astype(np.float64) / 255, 1
    levels = [x.reshape(len(x), -1)]
    while min(x.shape[1:3]) >= 4:
        height, width, side = x.shape[1] // 2, x.shape[2] // 2, 2 * side
        x = x[:, : 2 * height, : 2 * width].reshape(len(x), height, 2, width, 2, 3).mean((2, 4))
        levels.append(side * x.reshape(len(x), -1))
    return np.concatenate(levels, axis=1)
