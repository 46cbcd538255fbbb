"""What somebody types to steer a dream, as actions: words with how many pictures they last.

left*8,up*4                 the keys of a game by name, or the first two numbers at their ends
right+jump*4                keys pressed together
steering=-0.4+throttle*8    a number by name, at a value or at its highest end; -steering at its lowest
green/left+blue/right*8     by who acts, where several do
0.1/-0.2*8                  all numbers
rest, recorded              what does nothing, what was done
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, LimitError, did_you_mean
from lifeworld.worlds.world import ActionSpec

MOST_PICTURES = 10_000
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
PLAIN = {"left": (0, "low"), "right": (0, "high"), "down": (1, "low"), "up": (1, "high")}
"""What steers the first two numbers of an action to their ends, where neither is called by such a word."""

Row = dict[str, NDArray[np.float64]]
"""One action: who → numbers."""


def steered(said: str, specs: Sequence[ActionSpec]) -> list[Row | None]:
    """The action of each picture; None where the recorded one is meant.

    Raises:
        ActionError: for a word that is none here, or numbers of the wrong size or not finite.
        LimitError: for too many pictures.
    """
    wanted: list[Row | None] = []
    for word in said.split(","):
        what, _, times = word.strip().partition("*")
        if times and not times.isdecimal():
            raise ActionError("that is no number of pictures", got=times, expected="left*8")
        count = int(times or 1)
        if not 1 <= count <= MOST_PICTURES - len(wanted):
            raise LimitError("so many pictures are not dreamed at once", got=len(wanted) + count, expected=f"1 to {MOST_PICTURES:,}")
        wanted += [None if what == "recorded" else row(what, specs)] * count
    return wanted


def row(what: str, specs: Sequence[ActionSpec]) -> Row:
    """The action of one word: see the head of this file.

    Raises:
        ActionError: naming what there is.
    """
    rows = {spec.name: np.array(spec.rest) for spec in specs}
    if what == "rest":
        return rows
    if (numbers := _numbers(what)) is not None:
        size = sum(spec.size for spec in specs)
        if len(numbers) != size or not np.isfinite(numbers).all():
            raise ActionError("that is no action here", got=what, expected=f"{size} finite numbers, with / between them")
        edges = np.cumsum([spec.size for spec in specs])[:-1]
        return dict(zip(rows, np.split(numbers, edges), strict=True))
    for part in what.split("+"):
        _set(part.strip(), specs, rows)
    return rows


def _numbers(what: str) -> NDArray[np.float64] | None:
    try:
        return np.array([float(number) for number in what.split("/")])
    except ValueError:
        return None


def _set(part: str, specs: Sequence[ActionSpec], rows: Row) -> None:
    """Set what one word without + says."""
    who, slash, word = part.rpartition("/")
    name, equals, value = word.partition("=")
    found = [(spec, *place) for spec in specs if not slash or spec.name == who if (place := _place(name, spec)) is not None]
    if not found:
        words = [f"{spec.name}/{label}" if len(specs) > 1 else label for spec in specs for label in spec.labels]
        more = ", ".join(PLAIN) if any(not OPPOSITE.keys() & set(spec.labels) for spec in specs) else ""
        known = [*words, *more.split(", "), "rest", "recorded"] if more else [*words, "rest", "recorded"]
        what = f"that is no action here. {did_you_mean(part, known)}".rstrip()
        raise ActionError(what, got=part, expected=", ".join([*words[:16], *(["…"] if len(words) > 16 else []), *known[len(words) :]]))
    if len(found) > 1:
        raise ActionError("more than one can do that", got=part, expected=" or ".join(f"{spec.name}/{word}" for spec, *_ in found))
    spec, number, end = found[0]
    amount = getattr(spec, end)[number]
    if equals:
        given = _numbers(value)
        if given is None or given.shape != (1,) or not np.isfinite(given[0]):
            raise ActionError("that is no number", got=part, expected=f"{name}=0.5")
        amount = given[0]
    rows[spec.name][number] = amount


def _place(name: str, spec: ActionSpec) -> tuple[int, str] | None:
    """Which number of an action a word means, and to which end it moves it."""
    if name in spec.labels:
        return spec.labels.index(name), "high"
    if name.startswith("-") and name[1:] in spec.labels:
        return spec.labels.index(name[1:]), "low"
    other = OPPOSITE.get(name)
    if other in spec.labels:
        number = spec.labels.index(other)
        return (number, "low") if spec.low[number] < 0 else None
    if name in PLAIN and not OPPOSITE.keys() & set(spec.labels) and PLAIN[name][0] < spec.size:
        return PLAIN[name]
    return None
