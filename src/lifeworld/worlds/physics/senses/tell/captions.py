"""Sentences about a frame, by rule: what is there, in the first; afterwards what has happened since the frame before.

A sentence that another one implies is left out: what landed on the table has touched it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import CAPTION_DTYPE
from lifeworld.worlds.physics.senses.tell.facts import Told
from lifeworld.worlds.physics.senses.tell.happenings import Event, hardest
from lifeworld.worlds.physics.senses.tell.words import Cues, listed, number, upper

MOST = 12
"""Sentences a frame."""
MOST_LETTERS = CAPTION_DTYPE.itemsize // 4
BEARING = ("rests_on", "on", "in")
HITS_M_S = 0.1
"""How fast two things come together at least for one to have hit the other."""
BLOW = 6.0
"""How many times its weight a thing presses at least on something fixed that it hits."""


def captions(cues: Cues, told: Told, since: tuple[Told, list[Event]] | None) -> NDArray[np.str_]:
    """The sentences (n,) of a frame in CAPTION_DTYPE; `since` is the frame before and what has happened, None in the first frame."""
    sentences: Iterable[str] = _there(cues, told) if since is None else _Teller(cues, told, *since)
    kept = [s for s in sentences if len(s) <= MOST_LETTERS][:MOST]
    return np.array(kept, dtype=CAPTION_DTYPE)


def _there(cues: Cues, told: Told) -> Iterator[str]:
    called = cues.names
    count = len(cues.verbs)
    if count > 1:
        yield f"There are {number(count)} things."
    elif count == 1:
        yield f"There is one thing, {called[1]}."
    for predicate in ("on", "in"):
        groups: dict[int, list[int]] = {}
        for a, b in told.pairs[predicate]:
            groups.setdefault(b, []).append(a)
        order = sorted(groups, key=lambda b: b or len(called))  # the floor last
        yield from (_together(cues, groups[b], f"{predicate} {called[b]}") for b in order if len(groups[b]) > 1)
        yield from _apart(cues, [(groups[b][0], b) for b in order if len(groups[b]) == 1], predicate)
    for predicate, words in (("open", "open"), ("turned_on", "turned on"), ("moving", "moving"), ("falling", "falling")):
        some = [a for a, _ in told.pairs[predicate]]
        if some:
            yield _together(cues, some, words)


def _together(cues: Cues, some: list[int], what: str) -> str:
    """ "The mug and the plate are on the table.", or as many of them as there is room for."""
    called = cues.names
    if len(some) == 1:
        return f"{upper(called[some[0]])} {cues.verbs[some[0] - 1]} {what}."
    whole = f"{upper(listed([called[a] for a in some]))} are {what}."
    for shown in range(len(some) - 1, 0, -1):
        if len(whole) <= MOST_LETTERS:
            break
        whole = f"{upper(number(len(some)))} things are {what}, among them {listed([called[a] for a in some[:shown]])}."
    return whole


def _apart(cues: Cues, pairs: list[tuple[int, int]], predicate: str) -> Iterator[str]:
    """ "The orange is on the plate, the plate on the table and the table on the floor.", in as many sentences as it takes."""
    called = cues.names
    while pairs:
        for count in range(len(pairs), 0, -1):
            (first, under), *rest = pairs[:count]
            verb = cues.verbs[first - 1]
            clauses = [f"{called[first]} {verb} {predicate} {called[under]}", *(f"{called[a]} {predicate} {called[b]}" for a, b in rest)]
            whole = f"{upper(listed(clauses))}."
            if len(whole) <= MOST_LETTERS or count == 1:
                break
        yield whole
        pairs = pairs[count:]


class _Teller:
    """Tells what has happened between two frames, in the order hands, doors, places, blows, motion; what is told already is left out."""

    def __init__(self, cues: Cues, told: Told, before: Told, events: list[Event]) -> None:
        self._called, self._things, self._told, self._before, self._events = cues.names, len(cues.verbs), told, before, events
        self._of: dict[str, list[tuple[int, int]]] = {}
        for kind, a, b, _ in events:
            self._of.setdefault(kind, []).append((a, b))
        self._said: set[int] = set()  # who has been spoken of
        self._come: set[int] = set()  # whose coming to where it is now has been told
        self._gone: set[int] = set()  # whose leaving has been told

    def __iter__(self) -> Iterator[str]:
        yield from self._handled()
        for kind, text in (("opens", "{a} opened"), ("closes", "{a} closed")):
            yield from (self._line(text, a) for a, _ in self._all(kind))
        yield from self._left()
        yield from self._came()
        yield from self._struck()
        for kind, text in (("starts", "{a} started to move"), ("stops", "{a} stopped")):
            yield from [self._line(text, a) for a, _ in self._all(kind) if a not in self._said]

    def _all(self, kind: str) -> list[tuple[int, int]]:
        return self._of.get(kind, [])

    def _line(self, text: str, a: int, b: int | None = None, c: int | None = None) -> str:
        self._said.update(i for i in (a, b) if i is not None)
        a_, b_, c_ = (self._called[i] if i is not None else "" for i in (a, b, c))
        return upper(text.format(a=a_, b=b_, c=c_)) + "."

    def _handled(self) -> Iterator[str]:
        """What hands did."""
        for kind, text in (("picked_up", "{b} picked up {a}"), ("dropped", "{b} dropped {a}")):
            for a, b in self._all(kind):
                self._gone.add(a)
                yield self._line(text, a, b)
        support = {a: (b, "in" if at == "in" else "on") for at in BEARING for a, b in self._told.pairs[at]}
        for a, b in self._all("put_down"):
            self._come.add(a)
            on, word = support[a]
            yield self._line(f"{{b}} put {{a}} down {word} {{c}}", a, b, on)
        for a, b in self._all("grasps"):
            if a not in self._gone:
                yield self._line("{b} took hold of {a}", a, b)
        for a, b in self._all("releases"):
            if a not in self._gone | self._come:
                yield self._line("{b} let go of {a}", a, b)

    def _left(self) -> Iterator[str]:
        """What is no longer where it was."""
        onto = dict(self._all("comes_on"))
        for kind, text in (("spills", "{a} spilled out of {b}"), ("leaves", "{a} came out of {b}")):
            for a, b in self._all(kind):
                self._gone.add(a)
                if a in onto:
                    self._come.add(a)
                yield self._line(text + " onto {c}" if a in onto else text, a, b, onto.get(a))
        for a, b in self._all("enters"):
            self._gone.add(a)
            self._come.add(a)
            yield self._line("{a} went into {b}", a, b)
        for a, _ in self._all("topples"):
            yield self._line("{a} toppled over", a)
        fell = {a for a, _ in self._all("falls")}
        for a, b in self._all("comes_off"):
            if a not in self._gone:
                self._gone.add(a)
                yield self._line("{a} left {b}" if b == 0 else "{a} fell off {b}" if a in fell else "{a} came off {b}", a, b)
        for a in sorted(fell - self._gone):
            yield self._line("{a} began to fall", a)

    def _came(self) -> Iterator[str]:
        """What is now where it was not."""
        for a, b in self._all("lands"):
            if b or (hardest(self._told, a) == 0 and (a, 0) in self._told.pairs["touching"]):
                self._come.add(a)
                yield self._line("{a} landed on {b}", a, b)
        for kind, a, b, value in self._events:
            if kind == "support_changes" and a not in self._come:
                self._come.add(a)
                yield self._line("{a} went from {c} onto {b}", a, b, int(value))
        for a, b in self._all("comes_on"):
            # What touched the floor before has been said to land there.
            if a not in self._come and (b or (a, b) not in self._before.pairs["touching"]):
                self._come.add(a)
                yield self._line("{a} reached {b}" if b == 0 else "{a} came to be on {b}", a, b)

    def _struck(self) -> Iterator[str]:
        """Who hit or touched whom; not what lies on what, nor what is held."""
        bear = {frozenset(pair) for at in (self._before, self._told) for predicate in BEARING for pair in at.pairs[predicate]}
        held = {*self._all("grasps"), *self._all("picked_up"), *self._told.pairs["held"]}
        for kind, a, b, force in self._events:
            if kind not in ("touch_begins", "bumps") or b == 0 or frozenset((a, b)) in bear:
                continue
            if b > self._things:
                if a <= self._things and (a, b) not in held:
                    yield self._line("{b} touched {a}", a, b)
            else:
                one, other = (self._before.quickest_m_s[i - 1] for i in (a, b))
                if np.linalg.norm(one - other) > HITS_M_S and force > _least_blow_n(self._told, a, b):
                    yield self._line("{a} hit {b}", *((a, b) if np.linalg.norm(one) >= np.linalg.norm(other) else (b, a)))


def _least_blow_n(told: Told, a: int, b: int) -> float:
    """The normal force [N] above which a thing that touches what never moves has hit it: what rolls along it touches it all the time."""
    free = [i - 1 for i in (a, b) if told.cast.free[i - 1]]
    return 0.0 if len(free) == 2 else BLOW * float(told.cast.weight_n[free].max(initial=0.0))
