"""Numbers as people read them: as many digits as the interval says are known."""

from __future__ import annotations

import math

from lifeworld.evaluate.measured import Measured

MOST_DIGITS = 4
_SPACE = "\u202f"


def digits_of(*values: float) -> int:
    """How many decimals are worth writing of numbers that differ by as much as these do."""
    known = [v for v in values if math.isfinite(v)]
    if all(v == round(v) for v in known):
        return 0
    width = max(known) - min(known) if known else 0.0
    width = width or max(map(abs, known), default=1.0) / 10 or 1.0
    return min(MOST_DIGITS, max(0, 1 - math.floor(math.log10(width))))


def written(value: float, *, digits: int, unit: str = "") -> str:
    """A number with its unit; a true minus before it."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:,.{digits}f}".replace("-", "−")
    if text.strip("−0.,") == "":
        text = text.lstrip("−")
    return text + (unit if unit == "%" else f"{_SPACE}{unit}" if unit else "")


def tick(value: float) -> str:
    """A number beside an axis, as short as it can be said."""
    if value and (abs(value) >= 1e5 or abs(value) < 1e-3):
        return f"{value:.0e}".replace("e-0", "e−").replace("e+0", "e").replace("-", "−")
    return f"{value:.10g}".replace("-", "−")


def digits_for(measured: Measured) -> int:
    """How many decimals of a number and its floors are worth writing."""
    digits = digits_of(measured.value, measured.low, measured.high)
    return digits or digits_of(measured.value, *(floor.value for floor in measured.floors))


def bounds(measured: Measured) -> str:
    """Its interval; nothing where it has none."""
    low, high = measured.low, measured.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    digits = digits_for(measured)
    return f"{written(low, digits=digits)} to {written(high, digits=digits)}"


def value_of(measured: Measured) -> str:
    return written(measured.value, digits=digits_for(measured), unit=measured.unit)
