"""When something is asked for: the words that say so, taken out of the rest of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lifeworld.core.errors import WordsError
from lifeworld.scene.outcome import MAX_WITHIN_S, How
from lifeworld.scene.words.clause import Span
from lifeworld.scene.words.tagging.tokens import Word
from lifeworld.scene.words.tagging.units import measure_at

AT_END = (
    ("at", "the", "end"), ("in", "the", "end"), ("by", "the", "end"), ("at", "the", "very", "end"), ("finally",), ("afterwards",),
    ("at", "last"), ("when", "it", "is", "over"), ("in", "the", "long", "run"),
)  # fmt: skip
ALWAYS = (
    ("always",), ("the", "whole", "time"), ("all", "the", "time"), ("at", "all", "times"), ("throughout",), ("the", "entire", "time"),
    ("constantly",), ("all", "along"), ("continuously",), ("forever",),
)  # fmt: skip
EVER = (
    ("ever",), ("at", "some", "point"), ("at", "any", "point"), ("at", "any", "time"), ("at", "some", "time"), ("eventually",), ("once",),
    ("sometime",), ("sooner", "or", "later"), ("at", "least", "once"),
)  # fmt: skip
NEVER = (("never",), ("at", "no", "point"), ("at", "no", "time"))
WITHIN = frozenset({"within", "in", "before", "by", "inside", "during", "under"})
AFTER = frozenset({"after"})
FILLING = frozenset(
    {"the", "first", "next", "less", "than", "of", "about", "roughly", "coming", "following", "last", "initial", "more", "at", "exactly"}
)


@dataclass(frozen=True, slots=True)
class When:
    """The words that are left (k,), `how` and the times that were said, and whether it was denied by its time ("never")."""

    words: tuple[Word, ...]
    how: How | None = None
    never: bool = False
    after_s: float | None = None
    within_s: float | None = None
    throughout_s: float | None = None
    """How long something is to go on ("for 3 seconds")."""
    moment_s: float | None = None
    """A moment ("at 3 seconds")."""


def when_of(words: Sequence[Word]) -> When:
    """What is said of when, and the words without it.

    Raises:
        WordsError: `unsafe_number` for a time that cannot be.
    """
    left = list(words)
    told: dict[str, float] = {}
    how: How | None = None
    never = False
    at = 0
    while at < len(left):
        times = _times(left, at)
        if times is not None:
            key, values, used = times
            told |= dict(zip(("after_s", "within_s") if key == "between" else (key,), values, strict=True))
            del left[at : at + used]
            continue
        sort, used = _adverb(left, at)
        if used:
            how, never = (how, True) if sort == "never" else (sort, never)  # type: ignore[assignment]  # the others are hows
            del left[at : at + used]
            continue
        at += 1
    return When(words=tuple(left), how=how, never=never, **told)


def _adverb(words: Sequence[Word], at: int) -> tuple[str, int]:
    for sort, phrases in (("at_end", AT_END), ("always", ALWAYS), ("ever", EVER), ("never", NEVER)):
        for phrase in phrases:
            if tuple(w.low for w in words[at : at + len(phrase)]) == phrase:
                return sort, len(phrase)
    return "", 0


def _times(words: Sequence[Word], at: int) -> tuple[str, tuple[float, ...], int] | None:
    """A time said from here: which (`after_s`, `within_s`, `throughout_s`, `moment_s`, `between`), its values [s], by how many words."""
    first = words[at].low
    if first in ("between", "from"):
        one = _seconds(words, at + 1, bare=True)
        if one is not None and at + 1 + one[1] < len(words) and words[at + 1 + one[1]].low in ("and", "to"):
            two = _seconds(words, at + 2 + one[1])
            if two is not None:
                return "between", (one[0], two[0]), 2 + one[1] + two[1]
    if first not in WITHIN | AFTER | {"for", "at"}:
        late = _seconds(words, at)
        if late is not None and at + late[1] < len(words) and words[at + late[1]].low in ("later", "on"):
            return "after_s", (late[0],), late[1] + 1
        return None
    start = at + 1
    while start < len(words) and words[start].low in FILLING:
        start += 1
    found = _seconds(words, start)
    if found is None:
        return None
    used = start - at + found[1]
    key = "throughout_s" if first == "for" else "after_s" if first in AFTER else "moment_s" if first == "at" else "within_s"
    return key, (found[0],), used


def _seconds(words: Sequence[Word], at: int, *, bare: bool = False) -> tuple[float, int] | None:
    """A duration [s] said from here and by how many words; `bare` numbers take the unit of what follows."""
    if at >= len(words):
        return None
    measure = measure_at(words, at)
    if measure is None or not (measure.kind == "time" or (bare and measure.kind == "count")):
        return None
    if not 0.0 <= measure.value <= MAX_WITHIN_S:
        span: Span = (words[at].span[0], words[at + measure.words - 1].span[1])
        raise WordsError(
            f"{measure.value:g} s is no time to wait for", reason="unsafe_number", span=span, suggestions=("within 5 seconds",)
        )
    return measure.value, measure.words
