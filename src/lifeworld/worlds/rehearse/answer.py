"""The answer to what was asked: how likely, when, what it hangs on, and which futures show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lifeworld.core.errors import EngineError
from lifeworld.core.interval import CONFIDENCE
from lifeworld.scene.outcome import Outcome
from lifeworld.worlds.rehearse.causes import Array, causes, in_all, numbers, told
from lifeworld.worlds.rehearse.curve import Curve, curve
from lifeworld.worlds.rehearse.factor import Factor
from lifeworld.worlds.rehearse.future import Fate
from lifeworld.worlds.rehearse.instructive import Instructive, instructive
from lifeworld.worlds.rehearse.share import Share, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the futures say about one outcome.

    `share` is how likely it comes true; `curve` in which share what it speaks of has happened by a time (None where it is of the end
    only): of one that says never, or always, that which is not to happen. `factors` are what it hangs on, the most influential first,
    `instructive` the futures to look at.
    """

    outcome: Outcome
    share: Share
    curve: Curve | None
    factors: tuple[Factor, ...]
    instructive: tuple[Instructive, ...]


def answer(fates: Sequence[Fate], weights: Array, outcome: Outcome, which: int, *, confidence: float = CONFIDENCE) -> Answer:
    """The answer to the outcome number `which` of fates with weights (n,).

    A future that was cut counts for the curve until then, and for the rest if its outcome was decided already.

    Raises:
        EngineError: if none was.
    """
    known = [i for i, fate in enumerate(fates) if fate.came]
    sure = [i for i in known if not fates[i].lost or fates[i].time_s[which] is not None]
    if not sure:
        raise EngineError("no future came to an end", got=next((f.lost for f in fates if f.lost), None))
    whole, w = [fates[i] for i in sure], weights[sure]
    came = np.array([fate.came[which] for fate in whole], dtype=bool)
    line = None
    if outcome.how != "at_end":
        times = [(fates[i].time_s[which] if told(fates[i], outcome, which) else None) for i in known]
        ends = [fates[i].end_s if t is None else t for i, t in zip(known, times, strict=True)]
        line = curve(ends, [t is not None for t in times], weights[known], confidence=confidence)
    happened = np.array([told(fate, outcome, which) for fate in whole], dtype=bool)
    chosen = instructive(numbers(whole) | in_all(whole), happened, w)
    return Answer(
        outcome=outcome,
        share=share(came, w, confidence=confidence),
        curve=line,
        factors=causes(whole, outcome, which, w, confidence=confidence),
        instructive=tuple(Instructive(future=whole[one.future].number, why=one.why, odds=one.odds) for one in chosen),
    )
