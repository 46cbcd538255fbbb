"""Sentences about a frame, by rule: what is there, in the first; afterwards what has happened since the frame before.

A sentence that another one implies is left out: what landed on the table has touched it too.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    sentences = _there(cues, told) if since is None else _happened(cues, told, *since)
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


def _happened(cues: Cues, told: Told, before: Told, events: list[Event]) -> Iterator[str]:
    called = cues.names
    things = len(cues.verbs)
    of: dict[str, list[tuple[int, int]]] = {}
    for kind, a, b, _ in events:
        of.setdefault(kind, []).append((a, b))
    support = {a: b for predicate in BEARING for a, b in told.pairs[predicate]}
    bear = {frozenset(pair) for at in (before, told) for predicate in BEARING for pair in at.pairs[predicate]}
    said: set[int] = set()  # who has been spoken of
    landed: set[int] = set()  # who has come to where it is now, in some sentence
    left: set[int] = set()  # whose leaving has been told

    def line(text: str, a: int, b: int | None = None) -> str:
        said.update((a,) if b is None else (a, b))
        return upper(text.format(a=called[a], b=called[b] if b is not None else "")) + "."

    for a, b in of.get("picked_up", ()):
        left.add(a)
        yield line("{b} picked up {a}", a, b)
    for a, b in of.get("dropped", ()):
        left.add(a)
        yield line("{b} dropped {a}", a, b)
    for a, b in of.get("put_down", ()):
        landed.add(a)
        yield (
            line("{b} put {a} down", a, b)
            if a not in support
            else line("{b} put {a} down " + _where(told, a, support[a]) + " " + called[support[a]], a, b)
        )
    for a, b in of.get("grasps", ()):
        if a not in left:
            yield line("{b} took hold of {a}", a, b)
    for a, b in of.get("releases", ()):
        if a not in left | landed:
            yield line("{b} let go of {a}", a, b)
    for kind, text in (("opens", "{a} opened"), ("closes", "{a} closed")):
        for a, _ in of.get(kind, ()):
            yield line(text, a)
    onto = dict(of.get("comes_on", ()))
    for kind, text in (("spills", "{a} spilled out of {b}"), ("leaves", "{a} came out of {b}")):
        for a, b in of.get(kind, ()):
            left.add(a)
            if a in onto:
                landed.add(a)
                text += f" onto {called[onto[a]]}"
            yield line(text, a, b)
    for a, b in of.get("enters", ()):
        left.add(a)
        landed.add(a)
        yield line("{a} went into {b}", a, b)
    for a, _ in of.get("topples", ()):
        yield line("{a} toppled over", a)
    fell = {a for a, _ in of.get("falls", ())}
    for a, b in of.get("comes_off", ()):
        if a not in left:
            left.add(a)
            yield line("{a} left {b}" if b == 0 else "{a} fell off {b}" if a in fell else "{a} came off {b}", a, b)
    for a in sorted(fell - left):
        yield line("{a} began to fall", a)
    for a, b in of.get("lands", ()):
        if b or hardest_is_floor(told, a):
            landed.add(a)
            yield line("{a} landed on {b}", a, b)
    for kind, a, b, value in events:
        if kind == "support_changes" and a not in landed:
            landed.add(a)
            yield line("{a} went from " + called[int(value)] + " onto {b}", a, b)
    for a, b in of.get("comes_on", ()):
        if a not in landed:
            landed.add(a)
            yield line("{a} reached {b}" if b == 0 else "{a} came to be on {b}", a, b)
    for kind, a, b, force in events:
        if kind not in ("touch_begins", "bumps"):
            continue
        if a > things or b > things:
            body, other = (a, b) if a > things else (b, a)
            if 0 < other <= things and (other, body) not in {*of.get("grasps", ()), *of.get("picked_up", ()), *told.pairs["held"]}:
                yield line("{a} touched {b}", body, other)
        elif b and frozenset((a, b)) not in bear:
            one, other_one = before.quickest_m_s[a - 1], before.quickest_m_s[b - 1]
            if np.linalg.norm(one - other_one) > HITS_M_S and force > _least_blow_n(told, a, b):
                yield line("{a} hit {b}", *((a, b) if np.linalg.norm(one) >= np.linalg.norm(other_one) else (b, a)))
    for kind, text in (("starts", "{a} started to move"), ("stops", "{a} stopped")):
        for a, _ in of.get(kind, ()):
            if a not in said:
                yield line(text, a)


def _least_blow_n(told: Told, a: int, b: int) -> float:
    """The normal force [N] above which a thing that touches what never moves has hit it: what rolls along it touches it all the time."""
    fixed = [i for i in (a, b) if not told.cast.free[i - 1]]
    return max((BLOW * float(told.cast.weight_n[i - 1]) for i in (a, b) if i not in fixed), default=0.0) if fixed else 0.0


def hardest_is_floor(told: Told, a: int) -> bool:
    """Whether it is the floor, not nothing, that a thing presses on most."""
    return hardest(told, a) == 0 and (a, 0) in told.pairs["touching"]


def _where(told: Told, a: int, b: int) -> str:
    return "in" if (a, b) in told.pairs["in"] else "on"
