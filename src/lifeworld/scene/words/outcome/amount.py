"""How much: the amount in what follows a verb, and the words without it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.tagging.tokens import Word
from lifeworld.scene.words.tagging.units import measure_at

COMPARING = frozenset({
    "by", "more", "than", "at", "least", "over", "further", "farther", "faster", "harder", "higher", "closer", "nearer", "within", "about",
    "above", "a", "an", "distance", "of", "with", "impulse", "force", "less", "up", "to", "quicker", "beyond", "past", "through", "roughly",
    "angle", "height",
})  # fmt: skip
"""What stands before an amount and belongs to it."""
TELLING = ("within", "closer", "nearer", "higher", "above", "faster", "harder", "less", "beyond", "up")
NEWTON_S = (("ns",), ("n", "s"), ("n", "·", "s"), ("newton", "seconds"), ("newton", "second"), ("newtons", "seconds"))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a `kind`: length [m], speed [m/s], angle [rad], ratio, impulse [N·s]; `word` is what compares it ("within", "higher")."""

    kind: str
    value: float
    word: str


def amount_of(rest: tuple[Word, ...]) -> tuple[Amount | None, tuple[Word, ...]]:
    """The amount in some words, and the words without it.

    Raises:
        WordsError: `unsafe_number`.
    """
    for at in range(len(rest)):
        measure = measure_at(rest, at)
        if measure is None:
            continue
        kind, value, used = measure.kind, measure.value, measure.words
        after = tuple(w.low for w in rest[at + used :])
        if kind == "length" and after[:2] in (("/", "s"), ("per", "second"), ("a", "second")):
            kind, used = "speed", used + 2
        elif kind == "count":
            unit = next((u for u in NEWTON_S if after[: len(u)] == u), None)
            if unit is None:
                continue
            kind, used = "impulse", used + len(unit)
        elif kind == "angle":
            value = math.radians(value)
        if value < 0 or not math.isfinite(value):
            raise WordsError(
                f"{value:g} is less than nothing", reason="unsafe_number", span=(rest[at].span[0], rest[at + used - 1].span[1])
            )
        first = at
        while first and rest[first - 1].low in COMPARING:
            first -= 1
        said = [w.low for w in rest[first:at]]
        word = next((w for w in TELLING if w in said), "")
        return Amount(kind, value, word), (*rest[:first], *rest[at + used :])
    return None, rest
