"""What may have brought it about: the numbers drawn for each future, and the events that happened in them, as columns to be compared.

A future ends when its outcome is decided, so those with it have less time for events than those without, and counting events by future
would turn causes around. So an outcome that comes at a time is laid to the last event before it: what is compared are happenings, those
that it followed on and those that something else followed, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import CONFIDENCE
from lifeworld.scene.outcome import Outcome
from lifeworld.worlds.rehearse.factor import Factor, factors, ranked
from lifeworld.worlds.rehearse.future import Fate, Occurrence

Array = NDArray[np.float64]


def causes(fates: Sequence[Fate], outcome: Outcome, which: int, weights: Array, *, confidence: float = CONFIDENCE) -> tuple[Factor, ...]:
    """The factors of the outcome number `which` of the fates, by their influence: of drawn numbers, and of events.

    Where the outcome is that something does not happen (never, always), what tells against it is told of what does happen.
    """
    hit = np.array([told(fate, outcome, which) for fate in fates], dtype=bool)
    drawn = numbers(fates)
    if outcome.how == "at_end":  # nothing ends before its time
        drawn |= in_all(fates)
        return factors(drawn, hit, weights, confidence=confidence)
    events, followed, of = happenings(fates, outcome, which)
    among = len(drawn) + len(events)
    found = factors(drawn, hit, weights, among=among, confidence=confidence)
    if len(of):
        found += factors(events, followed, weights[of], of="events", among=among, confidence=confidence)
    return ranked(found)


def told(fate: Fate, outcome: Outcome, which: int) -> bool:
    """Whether what the outcome speaks of happened: of one that says never, or always, that it did not come true."""
    return fate.came[which] != (outcome.how in ("never", "always"))


def numbers(fates: Sequence[Fate]) -> dict[str, Array]:
    """Name → (futures,): what was drawn for each."""
    return {name: np.array([fate.numbers[name] for fate in fates]) for name in (fates[0].numbers if fates else ())}


def in_all(fates: Sequence[Fate]) -> dict[str, Array]:
    """Name → (futures,): of each event how often it happened, to whom, and the most it gave."""
    columns: dict[str, Array] = {}
    for i, fate in enumerate(fates):
        for one in fate.happened:
            for name in (one.event, *(f"{one.event} of {who}" for who in one.who)):
                columns.setdefault(name, np.zeros(len(fates)))[i] += 1.0
            strong = columns.setdefault(strength_name(one), np.zeros(len(fates)))
            strong[i] = max(strong[i], strength(one))
    return columns


def happenings(fates: Sequence[Fate], outcome: Outcome, which: int) -> tuple[Mapping[str, Array], NDArray[np.bool_], NDArray[np.int64]]:
    """Columns (happenings,), whether the outcome followed on each, and of which future it is."""
    events: list[Occurrence] = []
    followed: list[bool] = []
    of: list[int] = []
    for i, fate in enumerate(fates):
        time_s = fate.time_s[which] if told(fate, outcome, which) else None
        before = [one for one in fate.happened if time_s is None or one.time_s <= time_s]
        for k, one in enumerate(before):
            events.append(one)
            followed.append(time_s is not None and k == len(before) - 1)
            of.append(i)
    columns: dict[str, Array] = {}
    for j, one in enumerate(events):
        for name in (one.event, *(f"{one.event} of {who}" for who in one.who)):
            columns.setdefault(name, np.zeros(len(events)))[j] = 1.0
    kinds = {one.event for one in events}
    for kind in sorted(kinds):
        own = [one for one in events if one.event == kind]
        name = strength_name(own[0])
        if len({strength(one) for one in own}) > 1:
            usual = float(np.median([strength(one) for one in own]))
            columns[name] = np.array([strength(one) if one.event == kind else usual for one in events])
    return columns, np.array(followed, dtype=bool), np.array(of, dtype=np.int64)


def strength_name(one: Occurrence) -> str:
    return f"{one.event}: strength" if one.strength is not None else f"{one.event}: momentum"


def strength(one: Occurrence) -> float:
    """What was drawn for an event; where nothing was, the momentum [N·s] it gave."""
    return one.momentum_n_s if one.strength is None else one.strength
