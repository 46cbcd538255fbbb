"""Numbers and measures as people say them, in SI units: "half a metre", "2 kilos", "a quarter turn", "30 %", "twice", "8 pm".

A measure has a kind: `count`, `length` [m], `mass` [kg], `angle` [degrees], `time` [s], `ratio` (30 % is 0.3), `factor` (twice is 2),
`hour` (of the day, 0 to 24).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.tagging.tokens import Word

LARGEST = 1e6
"""No number somebody says about a room is larger, in SI units."""

_ONES = (
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"""
)
_TENS = """twenty thirty forty fifty sixty seventy eighty ninety"""
_ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"""
ONES = {word: float(value) for value, word in enumerate(_ONES.split())}
TENS = {word: 10.0 * (value + 2) for value, word in enumerate(_TENS.split())}
LARGE = {"dozen": 12.0, "hundred": 100.0, "thousand": 1000.0, "million": 1e6, "billion": 1e9}
PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "quarters": 0.25, "thirds": 1 / 3, "tenth": 0.1}
ORDINALS = {word: value + 1 for value, word in enumerate(_ORDINALS.split())} | {"last": -1, "final": -1}
COUNTED = {"couple": 2.0, "pair": 2.0}
VAGUE = {"few": 3.0, "several": 4.0}
"""What is brought where somebody asks for a few."""

UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), ("length", 1e-3)),
    **dict.fromkeys(("cm", "cms", "centimetre", "centimetres", "centimeter", "centimeters"), ("length", 1e-2)),
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), ("length", 1.0)),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), ("length", 1e3)),
    **dict.fromkeys(("inch", "inches"), ("length", 0.0254)),
    **dict.fromkeys(("ft", "foot", "feet"), ("length", 0.3048)),
    **dict.fromkeys(("yard", "yards", "yd"), ("length", 0.9144)),
    **dict.fromkeys(("g", "gram", "grams", "gramme", "grammes"), ("mass", 1e-3)),
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), ("mass", 1.0)),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("mass", 0.45359237)),
    **dict.fromkeys(("oz", "ounce", "ounces"), ("mass", 0.028349523125)),
    **dict.fromkeys(("t", "ton", "tons", "tonne", "tonnes"), ("mass", 1e3)),
    **dict.fromkeys(("deg", "degs", "degree", "degrees", "°"), ("angle", 1.0)),
    **dict.fromkeys(("rad", "radian", "radians"), ("angle", 180 / math.pi)),
    **dict.fromkeys(("turn", "turns", "revolution", "revolutions", "rotation", "rotations"), ("angle", 360.0)),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), ("time", 1e-3)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("time", 1.0)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("time", 60.0)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("time", 3600.0)),
    **dict.fromkeys(("%", "percent", "pct"), ("ratio", 0.01)),
    **dict.fromkeys(("times", "x", "×", "fold"), ("factor", 1.0)),
}
ONLY_AFTER_DIGITS = frozenset({"m", "g", "t", "s", "h", "x", "min", "ms"})
"""Too short to be a unit after a word: "one m" is nothing, "1 m" a metre."""
ALSO_THINGS = frozenset({"foot", "feet", "yard", "pound", "second", "turn", "rotation", "ton", "degree", "x", "times"})
AFTER_MEASURES = frozenset({
    "away", "back", "to", "left", "right", "up", "down", "from", "above", "below", "off", "higher", "lower", "wider", "longer", "taller",
    "shorter", "apart", "forward", "forwards", "backwards", "later", "clockwise", "further", "closer", "behind", "along", "into",
})  # fmt: skip
"""What follows a measure, and seldom a thing."""
HOURS = {"midnight": 0.0, "dawn": 6.0, "sunrise": 6.0, "morning": 9.0, "noon": 12.0, "midday": 12.0, "afternoon": 15.0}
HOURS |= {"sunset": 19.0, "dusk": 19.5, "evening": 20.0, "night": 23.0, "nighttime": 23.0, "daytime": 12.0}
NOT_FINITE = frozenset({"nan", "inf", "infinity", "infinite"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a kind, and how many words said it."""

    kind: str
    value: float
    words: int


def measure_at(words: Sequence[Word], at: int) -> Measure | None:
    """The measure that begins at a word, the longest; None if none does. A bare number is a `count`.

    Raises:
        WordsError: `unsafe_number`, if it is not finite or larger than `LARGEST`.
    """
    clock = _clock_at(words, at)
    if clock is not None:
        return clock
    number, used = _number_at(words, at)
    if number is None:
        return _one_unit(words, at)
    found = Measure("count", number, used)
    after = _low(words, at + used)
    digits = words[at + used - 1].sort == "number"
    if after == "per" and _low(words, at + used + 1) == "cent":
        found = Measure("ratio", number / 100, used + 2)
    elif after == "in" and digits and (at + used + 1 == len(words) or _low(words, at + used + 1) in AFTER_MEASURES):
        found = Measure("length", number * UNITS["inch"][1], used + 1)
    elif after in UNITS and (digits or after not in ONLY_AFTER_DIGITS) and not (used == 1 and words[at].low in ("a", "an")):
        kind, si = UNITS[after]
        found = Measure(kind, number * si, used + 1)
    if not math.isfinite(found.value) or abs(found.value) > LARGEST:
        raise WordsError(
            f"{number:g} is no number that can be used here",
            reason="unsafe_number",
            span=(words[at].span[0], words[at + found.words - 1].span[1]),
            fix=f"Numbers are finite and at most {LARGEST:g} in SI units.",
        )
    return found


def _one_unit(words: Sequence[Word], at: int) -> Measure | None:
    """ "a metre", "an inch"; "a foot" and "a second" only where they are said as a measure."""
    unit = _low(words, at + 1)
    if words[at].low not in ("a", "an", "one") or unit not in UNITS or unit in ONLY_AFTER_DIGITS:
        return None
    if unit in ALSO_THINGS and _low(words, at + 2) not in AFTER_MEASURES:
        return None
    kind, si = UNITS[unit]
    return Measure(kind, si, 2)


def not_a_number(words: Sequence[Word], at: int) -> bool:
    """Whether a word says a number that is none: "set the mass to nan"."""
    return words[at].low in NOT_FINITE and at > 0 and words[at - 1].low in ("to", "by", "of", "=", "is", "be", "at", "minus", "weigh")


def _clock_at(words: Sequence[Word], at: int) -> Measure | None:
    word = words[at]
    past = next((n for n in (2, 3) if _low(words, at + n - 1) in ("past", "to") and _low(words, at + n - 2) in ("half", "quarter")), None)
    if past is not None and (past == 2 or word.low == "a"):
        return _past(words, at, past)
    if word.sort == "clock":
        hours, minutes = (int(part) for part in word.low.split(":"))
        hour, used = hours + minutes / 60, 1
    elif (word.sort == "number" and word.low.isdigit()) or word.low in ONES:
        hour, used = float(ONES.get(word.low, 0.0) if word.low in ONES else word.low), 1
        if _low(words, at + 1) == "o" and _low(words, at + 2) == "clock":
            used = 3
        elif _low(words, at + 1) == "oclock":
            used = 2
    else:
        return None
    half = _low(words, at + used)
    if half in ("am", "pm"):
        used += 1
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half in ("a", "p") and _low(words, at + used + 1) == "." and _low(words, at + used + 2) == "m":
        used += 3
        hour = hour % 12 + (12 if half == "p" else 0)
    elif used == 1 and word.sort != "clock":
        return None
    return Measure("hour", hour, used) if 0 <= hour <= 24 else None


def _past(words: Sequence[Word], at: int, used: int) -> Measure | None:
    """ "Half past six", "a quarter to seven in the evening": of the hour that is said; in the evening as in 6 pm."""
    said = _low(words, at + used)
    hour = ONES.get(said) if said in ONES else float(said) if said.isdigit() else None
    if hour is None or hour > 24:
        return None
    part = 0.5 if _low(words, at + used - 2) == "half" else 0.25
    hour += part if _low(words, at + used - 1) == "past" else -part
    following = [_low(words, at + used + n) for n in (1, 2, 3)]
    if following[:2] == ["in", "the"] and following[2] in ("morning", "afternoon", "evening"):
        return Measure("hour", hour % 12 + (0.0 if following[2] == "morning" else 12.0), used + 4)
    if following[:2] == ["at", "night"]:
        return Measure("hour", (hour % 12 + 12.0) % 24, used + 3)
    half = following[0] if following[0] in ("am", "pm") else ""
    return Measure("hour", hour % 12 + (12.0 if half == "pm" else 0.0) if half else hour % 24, used + 1 + bool(half))


def _number_at(words: Sequence[Word], at: int) -> tuple[float | None, int]:
    """The number that begins at a word and how many words it takes: "2", "1/2", "one and a half", "half a", "twenty five", "a dozen"."""
    low = words[at].low
    if words[at].sort == "number":
        value = _figure(low)
        if _low(words, at + 1) == "/" and at + 2 < len(words) and words[at + 2].sort == "number" and _figure(words[at + 2].low):
            return value / _figure(words[at + 2].low), 3
        return value, 1
    if low in ("minus", "negative") and at + 1 < len(words):
        value_, used = _number_at(words, at + 1)
        return (None, 0) if value_ is None else (-value_, used + 1)
    if low in PARTS and _low(words, at + 1) in ("a", "an") and _low(words, at + 2) in UNITS:
        return PARTS[low], 2
    if low in PARTS and _low(words, at + 1) in ("turn", "turns"):
        return PARTS[low], 1
    if low == "quarter" and _low(words, at + 1) == "of" and _low(words, at + 2) == "a":
        return PARTS[low], 3
    if low in ("a", "an"):
        following = _low(words, at + 1)
        if following in PARTS and (
            _low(words, at + 2) in UNITS or (_low(words, at + 2), _low(words, at + 3)) in (("of", "a"), ("of", "an"))
        ):
            return PARTS[following], 2 if _low(words, at + 2) in UNITS else 4
        if following in LARGE:
            return LARGE[following], 2
        if following in COUNTED and _low(words, at + 2) in ("of", "more", *UNITS):
            return COUNTED[following], 3 if _low(words, at + 2) == "of" else 2
        if following in VAGUE:
            return VAGUE[following], 2
        return None, 0
    if low in TENS:
        ones = ONES.get(_low(words, at + 1), 0.0)
        return (TENS[low] + ones, 2) if 0 < ones < 10 else (TENS[low], 1)
    if low in ONES:
        value, used = ONES[low], 1
        if _low(words, at + 1) in LARGE:
            value, used = value * LARGE[_low(words, at + 1)], 2
        if [_low(words, at + used + k) for k in range(3)] == ["and", "a", "half"]:
            value, used = value + 0.5, used + 3
        elif _low(words, at + 1) in PARTS and _low(words, at + 1).endswith("s"):
            value, used = value * PARTS[_low(words, at + 1)], 2  # "two thirds"
        return value, used
    if low in LARGE or low in VAGUE:
        return LARGE.get(low) or VAGUE[low], 1
    return None, 0


def _figure(low: str) -> float:
    """A number in figures: "1,000" is a thousand, "1,5" one and a half."""
    head, _, tail = low.partition(",")
    if tail and len(tail.split(".")[0].split(",")[-1]) == 3 and "e" not in tail and head.lstrip("+-") != "0":
        return float(low.replace(",", ""))
    return float(low.replace(",", "."))


def _low(words: Sequence[Word], at: int) -> str:
    return words[at].low if at < len(words) else ""
