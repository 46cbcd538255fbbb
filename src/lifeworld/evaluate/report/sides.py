"""How two models differ, in words."""

from __future__ import annotations

import math

from lifeworld.evaluate.compare import Difference
from lifeworld.evaluate.report.figure import digits_of, written

LOOKS = {True: ("good", "surely better"), False: ("bad", "surely worse"), None: ("even", "not told apart")}


def said(difference: Difference, unit: str) -> str:
    """A difference with its sign, its interval, and what that says."""
    digits = digits_of(difference.value, difference.low, difference.high)
    value = written(difference.value, digits=digits, unit=unit)
    signed = value if value.startswith("−") else f"+{value}"
    if not (math.isfinite(difference.low) and math.isfinite(difference.high)):
        return f"{signed}, without an interval: {difference.why}"
    low, high = (written(each, digits=digits) for each in (difference.low, difference.high))
    unpaired = ", not paired" if difference.why else ""
    return f"{signed} ({low} to {high}), {LOOKS[difference.better][1]}{unpaired}"


def look(difference: Difference) -> str:
    """The class of the page for it: good, bad, even."""
    return LOOKS[difference.better][0]
