"""When the rows of a log were taken: which column says so, in which unit, as whole nanoseconds without losing a digit."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LimitError, UnreadableFile
from lifeworld.core.time import NS_PER_S, Times

TIME_NAMES = ("t", "time", "times", "timestamp", "timestamps", "stamp", "clock", "datetime", "date_time", "elapsed", "elapsed_time")
"""What a column of times is called, in any case, with or without a unit."""
_UNITS_NS = {
    "ns": 1, "nsec": 1, "nanoseconds": 1, "us": 1_000, "µs": 1_000, "usec": 1_000, "microseconds": 1_000,
    "ms": 1_000_000, "msec": 1_000_000, "millis": 1_000_000, "milliseconds": 1_000_000,
    "s": NS_PER_S, "sec": NS_PER_S, "secs": NS_PER_S, "second": NS_PER_S, "seconds": NS_PER_S,
    "min": 60 * NS_PER_S, "minutes": 60 * NS_PER_S, "h": 3600 * NS_PER_S, "hours": 3600 * NS_PER_S,
}  # fmt: skip
_LABELLED = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]\s*$")
_SUFFIXED = re.compile(r"^(?P<name>.+)_(?P<unit>[a-zµ]+)$")
_DECIMAL = re.compile(r"[+-]?\d{1,19}(?:\.\d*)?")
_RATES = ("rate_hz", "fps", "frequency_hz", "sample_rate_hz", "hz")
_STEPS = {"dt_s": 1.0, "dt": 1.0, "timestep": 1.0, "dt_ms": 1e-3}
_EPOCH_S = (1e9, 4.2e9)
"""2001 to 2103: a number of that size counts seconds since 1970; a thousand times that, milliseconds, and so on."""


def labelled(header: str) -> tuple[str, str]:
    """Name and unit of `speed [m/s]`, `speed (m/s)` or plain `speed`, whose unit is empty."""
    found = _LABELLED.match(header.strip())
    return (found["name"], found["unit"].strip()) if found else (header.strip(), "")


def time_unit(header: str) -> tuple[bool, int | None]:
    """Whether a column or array of this name holds times, and how many nanoseconds its unit has, None if the name does not say."""
    name, unit = labelled(header)
    name = name.lower().replace(" ", "_").lstrip("_")
    if name in TIME_NAMES:
        return True, _UNITS_NS.get(unit.lower())
    cut = _SUFFIXED.match(name)
    if cut and cut["name"] in TIME_NAMES and cut["unit"] in _UNITS_NS:
        return True, _UNITS_NS[cut["unit"]]
    return unit == "" and name in _UNITS_NS and len(name) > 1, _UNITS_NS.get(name)


def told_unit(values: NDArray[Any]) -> tuple[int, str]:
    """The unit [ns] of times whose name does not say it, and why: by their size if they count from 1970, else seconds."""
    first = abs(float(values[0])) if len(values) else 0.0
    for unit, word in ((NS_PER_S, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns")):
        low, high = (edge * NS_PER_S / unit for edge in _EPOCH_S)
        if low <= first < high:
            return unit, f"taken to be {word} since 1970, by their size"
    return NS_PER_S, "taken to be seconds: its name has no unit"


def in_ns(values: NDArray[Any], unit_ns: int) -> Times:
    """Numbers of a unit as whole nanoseconds from the first; integers to the digit, floats to the nearest.

    Raises:
        LimitError: if one is not finite, or they span more than 146 years.
    """
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    if values.dtype.kind == "M":
        values, unit_ns = values.astype("datetime64[ns]").view(np.int64), 1
    if values.dtype.kind in "iu":
        from_first = [int(v) for v in (values.min(), values[0], values.max())]
        if max(from_first[2] - from_first[1], from_first[1] - from_first[0]) * unit_ns >= 2**62:
            raise LimitError("the times span more than 146 years", got=f"{from_first[0]} to {from_first[2]} times {unit_ns} ns")
        return np.asarray((values - values[0]).astype(np.int64) * unit_ns)
    with np.errstate(over="ignore", invalid="ignore"):  # beyond every number is beyond 146 years too
        moved = (values.astype(np.float64) - float(values[0])) * unit_ns
    if not np.all(np.abs(moved) < 2.0**62):  # NaN fails too
        raise LimitError("a time must be finite and within 146 years")
    return np.asarray(np.rint(moved), dtype=np.int64)


def parsed(texts: list[str], unit_ns: int | None) -> tuple[list[int], str]:
    """Times as they are written, in whole nanoseconds [ns], and what had to be guessed; decimals to the digit, ISO 8601 dates too.

    ISO times without a zone are taken as UTC.

    Raises:
        InputError: naming the first that is neither a number nor a date; `got` is its place.
    """
    if texts and not _DECIMAL.fullmatch(texts[0]) and not _is_float(texts[0]):
        return [_date_ns(text, place) for place, text in enumerate(texts)], ""
    why = ""
    if unit_ns is None:
        unit_ns, why = told_unit(np.array([_number(text, place) for place, text in enumerate(texts[:1])]))
    out = []
    for place, text in enumerate(texts):
        if _DECIMAL.fullmatch(text):
            whole, _, fraction = text.partition(".")
            digits = fraction[:18]
            tail = int(digits or 0) * unit_ns
            part = (2 * tail + 10 ** len(digits)) // (2 * 10 ** len(digits))  # to the nearest
            out.append(int(whole) * unit_ns + (-part if text.startswith("-") else part))
        else:
            out.append(round(_number(text, place) * unit_ns))
    return out, why


def given_rate(about: Mapping[str, Any]) -> float | None:
    """Samples a second as a file says them: rate_hz, fps …, or a step dt_s, dt_ms …"""
    for name in _RATES:
        if _positive(about.get(name)):
            return float(about[name])
    for name, scale in _STEPS.items():
        if _positive(about.get(name)):
            return 1.0 / (float(about[name]) * scale)
    return None


def from_rate(count: int, rate_hz: float) -> Times:
    """`count` times at a steady rate [ns]: each rounded on its own, so that nothing drifts."""
    if not 1e-6 < rate_hz < 1e8:
        raise UnreadableFile("this is no rate", got=rate_hz, expected="samples a second")
    return np.asarray(np.rint(np.arange(count) * (NS_PER_S / rate_hz)), dtype=np.int64)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str, place: int) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError("this is no time", where=text[:40] or "(empty)", got=place) from None
    if not np.isfinite(value) or abs(value) > 1e19:
        raise InputError("a time must be finite", where=text[:40], got=place)
    return value


def _date_ns(text: str, place: int) -> int:
    try:
        date, _, fraction = text.strip().replace("Z", "+00:00").partition(".")
        zone = re.search(r"[+-]\d\d:?\d\d$", fraction)
        digits = (fraction[: zone.start()] if zone else fraction)[:9]
        moment = datetime.fromisoformat(date + (zone[0] if zone else ""))
        nanoseconds = int(digits.ljust(9, "0")) if digits else 0
    except ValueError:
        raise InputError("this is neither a number nor a date", where=text[:40] or "(empty)", got=place) from None
    whole = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * NS_PER_S + nanoseconds
