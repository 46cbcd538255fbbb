"""What came of a change, told: a page of text for people, one object for programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lifeworld.worlds.whatif.divergence import Side, Told
from lifeworld.worlds.whatif.follow import Result
from lifeworld.worlds.whatif.whatif import WhatIf

MOST_LINES = 12
"""Of each sort; how many more there are is said."""
SIDES: Mapping[Side, str] = {"base": "as it was", "branch": "with the change"}


def told(found: WhatIf) -> str:
    """The report as text."""
    return "\n".join(_lines(found))


def as_json(found: WhatIf) -> dict[str, Any]:
    """The report as one object; curves are lists of numbers, one a tick."""
    apart, touch = found.divergence, found.divergence.first_touch
    return {
        "at_s": found.at_s,
        "change": found.change.said,
        "understood": found.change.told,
        "exact": found.exact,
        "moved": [
            {
                "thing": each.thing,
                "since_s": each.since_s,
                "most_m": each.most_m,
                "most_at_s": each.most_at_s,
                "in_the_end_m": float(each.apart_m[-1]),
                "in_the_end_rad": float(each.turned_rad[-1]),
                "apart_m": each.apart_m.round(6).tolist(),
                "turned_rad": each.turned_rad.round(6).tolist(),
            }
            for each in apart.moved
        ],
        "times_s": [] if not apart.moved else apart.moved[0].times_s.round(9).tolist(),
        "first_touch": None
        if touch is None
        else {"time_s": touch.time_s, "a": touch.a, "b": touch.b, "side": touch.side, "force_n": touch.force_n},
        "relations": [_told(each) for each in apart.relations],
        "events": [_told(each) for each in apart.events],
        "came": list(apart.came),
        "gone": list(apart.gone),
        "outcomes": [
            {"outcome": outcome.name, "base": _result(one), "branch": _result(other)}
            for outcome, one, other in zip(found.outcomes, found.base_results, found.branch_results, strict=True)
        ],
    }


def gathered(events: Iterable[Told], side: Side) -> list[tuple[Told, int]]:
    """What happened on one side, each with how often: what rolls comes and goes, and is told of once."""
    found: dict[tuple[str, str, str | None], tuple[Told, int]] = {}
    for each in events:
        if each.side == side:
            what = (each.word, each.a, each.b)
            found[what] = (found[what][0], found[what][1] + 1) if what in found else (each, 1)
    return list(found.values())


def sentence(each: Told) -> str:
    """One thing that is so, or happened, in words."""
    verb = _VERBS.get(each.word, each.word.replace("_", " "))
    value = _MEASURES.get(each.word)
    measure = f" ({value.format(each.value)})" if value and each.value is not None else ""
    return f"{each.a} {verb}{f' {each.b}' if each.b is not None else ''}{measure}"


_VERBS = {
    "on": "is on", "in": "is in", "under": "is under", "open": "is open", "closed": "is closed", "upright": "is upright",
    "toppled": "lies on its side", "held": "is held by", "turned_on": "is on", "comes_on": "comes to stand on", "comes_off": "comes off",
    "support_changes": "comes to stand on", "enters": "gets into", "leaves": "gets out of", "spills": "is spilt from", "lands": "lands on",
    "topples": "topples", "rights": "rights itself", "grasps": "is grasped by", "releases": "is let go by", "picked_up": "is picked up by",
    "put_down": "is put down by", "dropped": "is dropped by", "falls": "falls freely",
}  # fmt: skip
_MEASURES = {"lands": "{:.1f} m/s", "falls": "{:.1f} m/s"}


def _lines(found: WhatIf) -> Iterator[str]:
    apart = found.divergence
    yield f"At {found.at_s:.2f} s: {found.change.said}" + (
        f" (understood: {found.change.told})" if found.change.told != found.change.said else ""
    )
    if found.exact is not None:
        yield (
            "  the base is the recording, to the bit"
            if found.exact
            else "  the base is not the recording to the bit: drift is in what follows"
        )
    if apart.nothing:
        yield "  nothing is otherwise: both futures are the same"
        return
    for sort, names in (("is new", apart.came), ("is gone", apart.gone)):
        yield from (f"  {name} {sort}" for name in names)
    if touch := apart.first_touch:
        when = f"{touch.time_s:.2f} s after, {SIDES[touch.side]} ({touch.force_n:.1f} N)"
        yield f"  first contact that differs: {touch.a} touches {touch.b} {when}"
    if apart.moved:
        wide = max(len(each.thing) for each in apart.moved)
        yield f"  {'thing':{wide}}  elsewhere since  farthest apart        in the end"
        for each in apart.moved[:MOST_LINES]:
            most = f"{length(each.most_m)} at {each.most_at_s:.2f} s"
            end = f"{length(float(each.apart_m[-1]))}, turned by {math.degrees(float(each.turned_rad[-1])):.0f}°"
            yield f"  {each.thing:{wide}}  {each.since_s:11.2f} s    {most:20}  {end}"
        yield from _more(apart.moved)
    for side, words in SIDES.items():
        happened = gathered(apart.events, side)
        if happened:
            yield f"  only {words}:"
            yield from (f"    {each.time_s:6.2f} s  {sentence(each)}{f', {n} times' if n > 1 else ''}" for each, n in happened[:MOST_LINES])
            yield from _more(happened)
    for side, words in SIDES.items():
        so = [sentence(each) for each in apart.relations if each.side == side]
        if so:
            yield f"  in the end, only {words}: {', '.join(so[:MOST_LINES])}" + (
                f" and {len(so) - MOST_LINES} more" if len(so) > MOST_LINES else ""
            )
    if found.outcomes:
        wide = max(len(outcome.name) for outcome in found.outcomes)
        yield f"  {'outcome':{wide}}  {SIDES['base']:15}  {SIDES['branch']}"
        for outcome, one, other in zip(found.outcomes, found.base_results, found.branch_results, strict=True):
            yield f"  {outcome.name:{wide}}  {said(one):15}  {said(other)}"


def _more(all_of_it: Sequence[object]) -> Iterator[str]:
    if len(all_of_it) > MOST_LINES:
        yield f"    and {len(all_of_it) - MOST_LINES} more"


def length(metres: float) -> str:
    """A length in three digits, in the unit that suits it."""
    return f"{metres:.2f} m" if metres >= 0.995 else f"{metres * 100:.1f} cm" if metres >= 0.00995 else f"{metres * 1000:.1f} mm"


def said(result: Result | None) -> str:
    """What came of an outcome, in a word or two."""
    if result is None:
        return "not there"
    return ("yes" if result.came else "no") + (f", {result.time_s:.2f} s" if result.came and result.time_s is not None else "")


def _told(each: Told) -> dict[str, Any]:
    out: dict[str, Any] = {"side": each.side, "what": each.word, "a": each.a, "b": each.b, "told": sentence(each)}
    if each.time_s is not None:
        out |= {"time_s": each.time_s, "value": None if each.value is None or not np.isfinite(each.value) else each.value}
    return out


def _result(result: Result | None) -> dict[str, Any] | None:
    return None if result is None else {"came": result.came, "time_s": result.time_s}
