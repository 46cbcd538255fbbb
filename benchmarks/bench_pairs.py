"""Pairs: does a model, learned from possible films alone, know what cannot be; does the engine; does disorder tell anything?

The model is out/pairs/model; what makes it: lifeworld make possible --episodes 1600 -o out/pairs/videos --seed 1, then
lifeworld learn out/pairs/videos --goal plan -o out/pairs/model. Films are drawn once, into the cache folder: minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.parts import NotHere
from benchmarks.row import Row
from lifeworld.evaluate.certainty import auroc
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.pairs import FAMILIES, draw, story
from lifeworld.evaluate.pairs.engine import surprised
from lifeworld.evaluate.pairs.store import made
from lifeworld.evaluate.violation import by_twins, in_disorder, paired_t, share, surprises

SHARE_S = 14
LONG_S = 900

MODEL = Path("out/pairs/model")
SOME, COUNT, SEED = 20, 200, 0
"""Pairs of each family that the engine alone is asked, and all are."""
ASKED = ("permanence", "continuity", "gravity")
"""Families with a bar for nano models."""


def run() -> Iterator[Row]:
    """What a pair takes, and whether the engine knows some of them."""
    begin = time.process_time()
    for index in range(4):
        draw(story("solidity", SEED, index=index))
    yield Row("drawing a pair: processor time", (time.process_time() - begin) / 4, "s", n=4)
    yield _engine(SOME)


def _engine(count: int) -> Row:
    right = [
        surprised(told, told.impossible) > surprised(told, told.possible)
        for family in FAMILIES
        for told in (story(family, SEED, index=i) for i in range(count))
    ]
    return Row("the engine itself", 100 * float(np.mean(right)), "%", 100, n=len(right))


def run_long() -> Iterator[Row]:
    """The engine and the model on all of them."""
    yield _engine(COUNT)
    if not (MODEL / "model.safetensors").is_file():
        raise NotHere(f"{MODEL}: the docstring says what makes it")
    subject, every, disorder = SubjectDream(MODEL), [], []
    for family in FAMILIES:
        pairs = made(family, COUNT, seed=SEED)
        found = surprises(subject, pairs.films)
        mean, each = found.mean, share(found.mean)
        every.append(each)
        disorder.append(share(surprises(subject, in_disorder(pairs.films[:, :2], seed=SEED)).mean))
        yield Row(
            f"{family}: more surprised by the impossible", 100 * float(each.mean()), "%", 75 if family in ASKED else None, n=len(each)
        )
        yield Row(f"{family}: copying the last picture", 100 * float(share(found.copying).mean()), "%", n=len(each))
        if pairs.hidden.any():
            yield Row(f"{family}: behind a screen", 100 * float(each[pairs.hidden].mean()), "%", n=int(pairs.hidden.sum()))
        yield Row(f"{family}: AUROC", auroc(mean[:, 1], mean[:, 0]), "", n=len(each))
        yield Row(
            f"{family}: Student's t of the pairs",
            paired_t(by_twins(mean[:, 1] - mean[:, 0])),
            "",
            2.58 if family in ASKED else None,
            n=len(each) // 2,
        )
        yield Row(f"{family}: more surprising than another colour", 100 * float(share(mean, 2).mean()), "%", n=len(each))
    pooled, away = np.concatenate(every), abs(float(np.concatenate(disorder).mean()) - 0.5)
    yield Row("all families", 100 * float(pooled.mean()), "%", n=len(pooled))
    yield Row("in disorder: how far from chance", 100 * away, "points", 5, lower=True, n=len(pooled))
