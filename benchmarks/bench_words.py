"""Sentences of other people, understood: LIBERO's goals, ALFRED's steps, CALVIN's paraphrases, and sentences for our starters.

The rates are those of the halves that nobody developed on (benchmarks/words/split.py). `LIFEWORLD_WORDS=dev` runs the other halves,
`LIFEWORLD_WORDS_EVERY=10` takes every tenth of ALFRED's trajectories.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import compress
from typing import cast

from benchmarks.row import Row
from benchmarks.words import alfred, calvin, judged, libero
from benchmarks.words.split import Half
from benchmarks.words.tally import calibrated, parts, rows


def run() -> Iterator[Row]:
    """The rates of each set; a set whose data is not here is left out."""
    which = cast(Half, os.environ.get("LIFEWORLD_WORDS", "held"))
    every = int(os.environ.get("LIFEWORLD_WORDS_EVERY", "1"))
    tasks = list(libero.tasks(which))
    if tasks:
        yield from rows("LIBERO goals", [libero.judge(task, task.title) for task in tasks], bar=90.0)
        yield rows("LIBERO goals as their files word them", [libero.judge(task, task.text) for task in tasks], bar=90.0)[0]
    paraphrases = list(calvin.paraphrases(which))
    if paraphrases:
        yield from rows("CALVIN paraphrases", [calvin.judge(one) for one in paraphrases], bar=92.0)
    steps = list(alfred.steps(which, every=every))
    if steps:
        yield from _alfred(steps, list(alfred.steps("dev", every=4)))
    said = [judged.judge(one) for one in judged.sentences(which)]
    yield from rows("our starters", said, bar=90.0)
    yield from parts("our starters", said)


def _alfred(steps: list[alfred.Step], others: list[alfred.Step]) -> Iterator[Row]:
    """Steps by themselves, each sort of them, and read in their list; sure of themselves as far as the other half has shown them right."""
    alone, in_list = ([alfred.judge(step, in_list=flag) for step in steps] for flag in (False, True))
    learned = {flag: [alfred.judge(step, in_list=flag) for step in others] for flag in (False, True)}
    acting = [outcome.sort != alfred.GOING for outcome in alone]
    yield from rows("ALFRED steps, each by itself", calibrated(alone, learned[False]), bar=85.0)
    yield from parts("ALFRED", alone)
    yield rows("ALFRED steps that act on a thing", list(compress(alone, acting)), bar=85.0)[0]
    yield from rows("ALFRED steps read in their list", calibrated(in_list, learned[True]), bar=85.0)
    bare = rows("ALFRED steps read in their list, scores as they are", in_list, bar=None, confident_bar=None)
    yield bare[4]
