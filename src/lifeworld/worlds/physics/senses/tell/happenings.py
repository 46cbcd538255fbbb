"""What happened between two moments, as rows of EVENT_DTYPE, each kind as `vocabulary.KINDS` says.

It is the change of facts and nothing else, but for touches so short that they are in neither moment's facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import EVENT_DTYPE
from lifeworld.worlds.physics.senses.impulse import Steps
from lifeworld.worlds.physics.senses.tell.facts import Told
from lifeworld.worlds.physics.senses.tell.vocabulary import KIND

Event = tuple[str, int, int, float]
"""(kind, a, b, value) as in EVENT_DTYPE, the kind by its name."""

SPILLS_RAD = float(np.deg2rad(30.0))


def happenings(before: Told, now: Told, peak_n: Mapping[tuple[int, int], float]) -> list[Event]:
    """Every event between two moments of one cast, sorted by kind, a and b; `peak_n` are the pairs that touched in between."""
    begun, ended = (
        {name: sorted({*pairs} - {*others.pairs[name]}) for name, pairs in ones.pairs.items()}
        for ones, others in ((now, before), (before, now))
    )
    return sorted(_events(before, now, begun, ended, peak_n), key=lambda e: (KIND[e[0]], e[1], e[2]))


def peaks_n(steps: Steps) -> dict[tuple[int, int], float]:
    """(a, b) with a < b → the greatest normal force [N] between them in any one of the engine's steps."""
    a, b = steps.instance.T.astype(np.int64)
    pushed = np.flatnonzero((a != b) & (steps.solved.normal_n > 0))
    most = int(steps.instance.max(initial=0)) + 1
    keys, which = np.unique(np.minimum(a, b)[pushed] * most + np.maximum(a, b)[pushed], return_inverse=True)
    pressed = np.bincount(which * steps.count + steps.step[pushed], steps.solved.normal_n[pushed], len(keys) * steps.count)
    peak = pressed.reshape(len(keys), steps.count).max(axis=1, initial=0.0)
    return {(key // most, key % most): force for key, force in zip(keys.tolist(), peak.tolist(), strict=True)}


def rows(events: list[Event]) -> NDArray[np.void]:
    """Events as an array (n,) of EVENT_DTYPE."""
    return np.array([(KIND[kind], a, b, value) for kind, a, b, value in events], dtype=EVENT_DTYPE)


def _events(
    before: Told,
    now: Told,
    begun: dict[str, list[tuple[int, int]]],
    ended: dict[str, list[tuple[int, int]]],
    peak_n: Mapping[tuple[int, int], float],
) -> Iterator[Event]:
    def speed(a: int) -> float:
        return float(now.speed_m_s[a - 1])

    def peak(a: int, b: int) -> float:
        return max(now.force_n(a, b), peak_n.get((min(a, b), max(a, b)), 0.0))

    yield from (("touch_begins", a, b, peak(a, b)) for a, b in begun["touching"])
    touching = {(min(pair), max(pair)) for told in (before, now) for pair in told.pairs["touching"]}
    yield from (("bumps", a or b, b if a else 0, force) for (a, b), force in peak_n.items() if (a, b) not in touching)
    yield from (("touch_ends", a, b, before.force_n(a, b)) for a, b in ended["touching"])
    for a in sorted({a for a, _ in begun["on"] + ended["on"]}):
        new, old = ([b for thing, b in pairs if thing == a] for pairs in (begun["on"], ended["on"]))
        yield from (("support_changes", a, b, float(was)) for b, was in zip(new, old, strict=False))
        yield from (("comes_on", a, b, speed(a)) for b in new[len(old) :])
        yield from (("comes_off", a, b, speed(a)) for b in old[len(new) :])
    yield from (("enters", a, b, speed(a)) for a, b in begun["in"])
    for a, b in ended["in"]:
        tilt = float(now.stage.tilt_rad[b - 1])
        yield ("spills", a, b, tilt) if tilt > SPILLS_RAD else ("leaves", a, b, speed(a))
    yield from (("falls", a, 0, float(now.down_m_s[a - 1])) for a, _ in begun["falling"])
    yield from (("lands", a, hardest(now, a), float(before.down_m_s[a - 1])) for a, _ in ended["falling"])
    for predicate, kind in (("toppled", "topples"), ("upright", "rights")):
        yield from ((kind, a, 0, float(now.stage.tilt_rad[a - 1])) for a, _ in begun[predicate])
    for predicate, kind in (("open", "opens"), ("closed", "closes")):
        yield from ((kind, a, 0, float(now.openness[now.cast.joint_thing == a - 1].max())) for a, _ in begun[predicate])
    for kind, pairs in (("starts", begun["moving"]), ("stops", ended["moving"])):
        yield from ((kind, a, 0, speed(a)) for a, _ in pairs)
    yield from (("grasps", a, b, now.grips[a, b]) for a, b in begun["held"])
    yield from (("releases", a, b, before.grips[a, b]) for a, b in ended["held"])
    yield from (("picked_up", a, b, speed(a)) for a, b in begun["lifted"])
    carried = {a for predicate in ("on", "in", "rests_on") for a, _ in now.pairs[predicate]}
    yield from (("put_down" if a in carried else "dropped", a, b, speed(a)) for a, b in ended["lifted"])


def hardest(told: Told, a: int) -> int:
    """What instance a presses on most; 0 the background, or nothing at all."""
    touch = told.touches
    which = np.flatnonzero((touch.a == a) | (touch.b == a))
    if not len(which):
        return 0
    best = which[touch.force_n[which].argmax()]
    return int(touch.a[best] + touch.b[best]) - a
