"""Sentences of other people, understood: LIBERO's goals, ALFRED's steps, CALVIN's paraphrases, and sentences for our starters.

The rates are those of the halves that nobody developed on (benchmarks/words/split.py). `LIFEWORLD_WORDS=dev` runs the other halves,
the long part takes all of ALFRED's trajectories, the other every tenth (`LIFEWORLD_WORDS_EVERY` another part).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast

from benchmarks.parts import NotHere
from benchmarks.row import Row
from benchmarks.words import alfred, calvin, judged, libero
from benchmarks.words.split import Half
from benchmarks.words.tally import parts, rows

SHARE_S = 25
LONG_S = 150


def run() -> Iterator[Row]:
    """With every tenth of ALFRED."""
    return _read(every=int(os.environ.get("LIFEWORLD_WORDS_EVERY", "10")))


def run_long() -> Iterator[Row]:
    """With all of ALFRED."""
    return _read(every=1)


def _read(*, every: int) -> Iterator[Row]:
    """The rates of each set; a set whose data is not here is left out."""
    which = cast(Half, os.environ.get("LIFEWORLD_WORDS", "held"))
    tasks = list(libero.tasks(which))
    if tasks:
        yield from rows(f"LIBERO goals, {which}", [libero.judge(task, task.title) for task in tasks], bar=90.0)
        yield rows(f"LIBERO goals as their files word them, {which}", [libero.judge(task, task.text) for task in tasks], bar=90.0)[0]
    paraphrases = list(calvin.paraphrases(which))
    if paraphrases:
        yield from rows(f"CALVIN paraphrases, {which}", [calvin.judge(one) for one in paraphrases], bar=92.0)
    steps = list(alfred.steps(which, every=every))
    if steps:
        alone = [alfred.judge(step) for step in steps]
        acting = [outcome for outcome in alone if outcome.sort != alfred.GOING]
        yield from rows(f"ALFRED steps read in their list, {which}", [alfred.judge(step, in_list=True) for step in steps], bar=85.0)
        yield from rows(f"ALFRED steps that act on a thing, {which}", acting, bar=85.0)
        yield rows(f"ALFRED steps, each by itself, {which}", alone, bar=None)[0]
        yield from parts(f"ALFRED, each by itself, {which}", alone)
    said = [judged.judge(one) for one in judged.sentences(which)]
    yield from rows(f"our starters, {which}", said, bar=90.0)
    yield from parts(f"our starters, {which}", said)
    late = [judged.judge(one) for one in judged.sentences("late")]
    yield rows("our starters, written last", late, bar=None)[0]
    strange = [judged.judge(one) for one in judged.sentences(which, judged.STRANGERS)]
    yield from rows(f"strangers at our starters, {which}", strange, bar=90.0)
    yield from parts(f"strangers at our starters, {which}", strange)
    if not (tasks and paraphrases and steps):
        raise NotHere("the sentences of LIBERO, CALVIN and ALFRED (LIFEWORLD_DATA says where they are)")
