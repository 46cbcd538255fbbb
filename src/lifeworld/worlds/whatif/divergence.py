"""How two futures of one state differ: who is where else, since when, what touched first, what is so in the end and what happened.

Everything is read from the streams of two episodes that begin at the same moment, so it can be read again from a bundle at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import rotation_angle
from lifeworld.episode.episode import Episode

Array = NDArray[np.float64]
Fact = tuple[str, str, str | None]
"""A predicate or kind of event, of whom, and of whom else."""
Side = Literal["base", "branch"]

APART_M, APART_RAD = 1e-3, np.deg2rad(1.0)
"""From here on a thing is somewhere else."""
STIRRED_M, STIRRED_RAD = 1e-4, np.deg2rad(0.1)
"""From here on what a thing touches is another history's; below it may be the solver's last digits, which all things in a scene share."""
RATTLE = 5
"""Ticks within which contacts that come and go are one."""
TOLD = ("on", "in", "open", "closed", "upright", "toppled", "held", "turned_on")
"""Relations that are compared in the end; others change with every step aside."""
HAPPENINGS = (
    "comes_on", "comes_off", "support_changes", "enters", "leaves", "spills", "falls", "lands", "topples", "rights", "opens", "closes",
    "grasps", "releases", "picked_up", "put_down", "dropped",
)  # fmt: skip
NEEDED = ("position_m", "quat_wxyz", "contacts", "relations", "events")
"""The signals that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A thing that is elsewhere in the branch: by `apart_m` [m] and `turned_rad` [rad] (ticks,) over time, NaN before it came.

    `since_s` is when that became more than 1 mm or 1°.
    """

    thing: str
    since_s: float
    times_s: Array
    apart_m: Array
    turned_rad: Array

    @property
    def most_m(self) -> float:
        return float(np.nanmax(self.apart_m))

    @property
    def most_at_s(self) -> float:
        return float(self.times_s[int(np.nanargmax(self.apart_m))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A contact that there is on one side alone: when, between whom, and how hard."""

    time_s: float
    a: str
    b: str
    side: Side
    force_n: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that is so in the end, or happens, on one side alone. `time_s` is None of what is so in the end."""

    side: Side
    word: str
    a: str
    b: str | None
    time_s: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """What is otherwise in the branch. `moved`: the farthest first; `came` and `gone`: things that only one side has in the end."""

    moved: tuple[Moved, ...]
    first_touch: Touch | None
    relations: tuple[Told, ...]
    events: tuple[Told, ...]
    came: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether both are the same, as far as can be told."""
        return not (self.moved or self.first_touch or self.relations or self.events or self.came or self.gone)


def divergence(base: Episode, branch: Episode) -> Divergence:
    """What is otherwise in `branch`; both begin at the same moment and have the streams NEEDED.

    Raises:
        SignalUnavailable: naming a stream that is missing.
    """
    one, other = _Seen(base), _Seen(branch)
    apart = _apart(one, other)
    moved = [m for m in (_moved(name, one.times_s, *curves) for name, curves in apart.items()) if m is not None]
    return Divergence(
        moved=tuple(sorted(moved, key=lambda m: -m.most_m)),
        first_touch=_first_touch(one, other, apart),
        relations=tuple(_so(one, other)),
        events=tuple(sorted(_happened(one, other), key=lambda told: told.time_s or 0.0)),
        came=tuple(name for name in other.things if name not in one.things),
        gone=tuple(name for name in one.things if name not in other.things),
    )


class _Seen:
    """An episode's streams by the names of its things."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.names = ("ground", *episode.legend["instance_ids"][1:])
        self.times_s: Array = episode["position_m"].times_ns.astype(np.float64) * 1e-9
        self.position_m, self.quat = (np.asarray(episode[s].values) for s in ("position_m", "quat_wxyz"))
        self.things = self.names[1 : 1 + self.position_m.shape[1]]

    def name(self, instance: int) -> str:
        return self.names[instance] if instance < len(self.names) else f"instance {instance}"

    def touching(self, tick: int) -> dict[tuple[str, str], float]:
        """Who touches whom at a tick, and how hard [N]; the names in alphabetical order."""
        out: dict[tuple[str, str], float] = {}
        for row in self.episode["contacts"].values[tick]:
            a, b = sorted((self.name(int(row["body_a"])), self.name(int(row["body_b"]))))
            out[a, b] = out.get((a, b), 0.0) + float(row["force_n"])
        return out

    def facts(self) -> set[Fact]:
        """What is so in the end, of TOLD."""
        words = self.episode.legend["relations"]
        rows = self.episode["relations"].values[-1]
        told = [(words[int(r["predicate"])], self.name(int(r["a"])), self._other(words[int(r["predicate"])], int(r["b"]))) for r in rows]
        return {fact for fact in told if fact[0] in TOLD}

    def happenings(self) -> Iterator[tuple[Fact, float, float]]:
        """What happened, of HAPPENINGS: (kind, a, b), when [s], how much."""
        words = self.episode.legend["events"]
        stream = self.episode["events"]
        for time_ns, rows in zip(stream.times_ns.tolist(), stream.values, strict=True):
            for row in rows:
                kind = words[int(row["kind"])]
                if kind in HAPPENINGS:
                    yield (kind, self.name(int(row["a"])), self._other(kind, int(row["b"]))), time_ns * 1e-9, float(row["value"])

    def _other(self, word: str, instance: int) -> str | None:
        return self.name(instance) if instance or word in ("on", "comes_on", "comes_off", "support_changes", "lands") else None


def _apart(one: _Seen, other: _Seen) -> dict[str, tuple[Array, Array]]:
    """How far and how much turned each thing is that both have, tick by tick."""
    out = {}
    ticks = min(len(one.times_s), len(other.times_s))
    for name in one.things:
        if name in other.things:
            i, j = one.things.index(name), other.things.index(name)
            apart = np.linalg.norm(one.position_m[:ticks, i] - other.position_m[:ticks, j], axis=-1)
            a, b = one.quat[:ticks, i], other.quat[:ticks, j]
            out[name] = apart, np.where((a == b).all(axis=-1), 0.0, rotation_angle(a, b))
    return out


def _moved(name: str, times_s: Array, apart_m: Array, turned_rad: Array) -> Moved | None:
    since = np.flatnonzero((apart_m > APART_M) | (turned_rad > APART_RAD))
    if not since.size:
        return None
    return Moved(thing=name, since_s=float(times_s[since[0]]), times_s=times_s[: len(apart_m)], apart_m=apart_m, turned_rad=turned_rad)


def _first_touch(one: _Seen, other: _Seen, apart: dict[str, tuple[Array, Array]]) -> Touch | None:
    """The first contact of somebody who is stirred by then that the other side does not have about that time.

    What rattles touches and does not touch from tick to tick, so "about" is 0.1 s.
    """
    ticks = min(len(one.times_s), len(other.times_s))
    here, there = ([seen.touching(tick) for tick in range(ticks)] for seen in (one, other))
    for tick in range(ticks):
        stirred = {n for n, (m, rad) in apart.items() if m[tick] > STIRRED_M or rad[tick] > STIRRED_RAD}
        stirred |= set(one.things) ^ set(other.things)
        alone: list[tuple[float, tuple[str, str], Side]] = []
        sides: tuple[tuple[Side, list[dict[tuple[str, str], float]], list[dict[tuple[str, str], float]]], ...]
        sides = (("base", here, there), ("branch", there, here))
        for side, mine, theirs in sides:
            about = set[tuple[str, str]]().union(*theirs[max(tick - RATTLE, 0) : tick + RATTLE + 1])
            alone += [(force, pair, side) for pair, force in mine[tick].items() if pair not in about and stirred.intersection(pair)]
        if alone:
            force, (a, b), side = max(alone)
            return Touch(time_s=float(one.times_s[tick]), a=a, b=b, side=side, force_n=force)
    return None


def _so(one: _Seen, other: _Seen) -> Iterator[Told]:
    """What is so in the end on one side alone."""
    here, there = one.facts(), other.facts()
    sides: tuple[tuple[Side, set[Fact]], ...] = (("base", here - there), ("branch", there - here))
    for side, facts in sides:
        for word, a, b in sorted(facts, key=str):
            yield Told(side=side, word=word, a=a, b=b)


def _happened(one: _Seen, other: _Seen) -> Iterator[Told]:
    """What happened more often on one side: as many of each as there are too many, the last ones."""
    here, there = list(one.happenings()), list(other.happenings())
    counts = [Counter(what for what, _, _ in each) for each in (here, there)]
    sides: tuple[tuple[Side, list[tuple[Fact, float, float]], Counter[Fact]], ...]
    sides = (("base", here, counts[0] - counts[1]), ("branch", there, counts[1] - counts[0]))
    for side, all_of_it, spare in sides:
        for what, time_s, value in reversed(all_of_it):
            if spare[what] > 0:
                spare[what] -= 1
                yield Told(side=side, word=what[0], a=what[1], b=what[2], time_s=time_s, value=value)
