"""Numbers as dots on lines: where each lies, how surely, and where what costs nothing lies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from lifeworld.evaluate.measured import Measured
from lifeworld.evaluate.report.axis import Axis
from lifeworld.evaluate.report.figure import bounds, digits_for, value_of, written
from lifeworld.evaluate.section import Section

NEAR = 8
"""Of a number at several horizons the one nearest to this many pictures stands for all."""
FEW = 3
"""So many numbers stand for a section that does not say which."""
MARGIN = 0.06

VERDICTS = {True: ("good", "better than"), False: ("bad", "worse than"), None: ("even", "not told apart from")}


def rows(measured: Iterable[Measured]) -> str:
    """A list of numbers."""
    return f'<ul class="dots">{"".join(map(row, measured))}</ul>'


def row(measured: Measured) -> str:
    """One number: its name, the line, and what it says in figures."""
    floor = measured.floors[0]
    axis = _axis([measured])
    look, words = verdict(measured)
    sure = f'<span class="quiet">{bounds(measured)}</span>' if bounds(measured) else ""
    digits = digits_for(measured)
    beside = f"{escape(floor.name)}, {written(floor.value, digits=digits, unit=measured.unit)}"
    return (
        f'<li class="{look}" title="{escape(hover(measured))}"><span class="name"><code>{escape(measured.name)}</code></span>'
        f'<span class="track">{track(measured, axis)}</span>'
        f'<span class="is"><b>{value_of(measured)}</b> {sure}</span><span class="floor">{words} {beside}</span></li>'
    )


def track(measured: Measured, axis: Axis, look: str = "") -> str:
    """The line with what lies on it."""
    ticks = "".join(f'<s class="f{i % 3}" style="left:{axis.at(floor.value)}%"></s>' for i, floor in enumerate(measured.floors))
    span = ""
    if math.isfinite(measured.low) and math.isfinite(measured.high):
        low, high = axis.at(measured.low), axis.at(measured.high)
        span = f'<i class="{look}" style="left:{low}%;width:{max(high - low, 0.5):.3f}%"></i>'
    return f'{ticks}{span}<b class="{look}" style="left:{axis.at(measured.value)}%"></b>'


def verdict(measured: Measured) -> tuple[str, str]:
    """A class and words for how a number stands to its floor."""
    if measured.better == "exact":
        held = measured.low <= measured.floors[0].value <= measured.high
        return ("good", "as it should be,") if held else ("bad", "should be")
    return VERDICTS[measured.above_floor]


def heads(section: Section) -> list[Measured]:
    """The few numbers that stand for all of a section."""
    if section.heads:
        return [each for each in section.measured if each.name in section.heads]
    return one_of_each(section.measured)[:FEW]


def one_of_each(measured: Sequence[Measured]) -> list[Measured]:
    """One of each number: of those at several horizons the one nearest to NEAR."""
    chosen: dict[str, Measured] = {}
    for each in measured:
        name = each.name.partition("@")[0]
        if name not in chosen or abs(_horizon(each) - NEAR) < abs(_horizon(chosen[name]) - NEAR):
            chosen[name] = each
    return list(chosen.values())


def axis_of(measured: Sequence[Measured]) -> Axis:
    return _axis(measured)


def hover(measured: Measured) -> str:
    """All there is to say of a number, in words."""
    floors = ", ".join(f"{f.name} {f.value:.6g}{_between(f.low, f.high)}" for f in measured.floors)
    seeds = ", ".join(map(str, measured.seeds)) or "nothing drawn"
    return (
        f"{measured.name}: {measured.value:.6g} {measured.unit}{_between(measured.low, measured.high)}; n = {measured.n} {measured.of}; "
        f"floor: {floors}; seeds: {seeds}; data {measured.data_sha256[:12]}, model {measured.model_sha256[:12]}"
    )


def _between(low: float, high: float) -> str:
    return f" (95 %: {low:.6g} to {high:.6g})" if math.isfinite(low) and math.isfinite(high) else ""


def _axis(measured: Sequence[Measured]) -> Axis:
    shown = [v for m in measured for v in (m.value, m.low, m.high, *(f.value for f in m.floors)) if math.isfinite(v)]
    low, high = min(shown), max(shown)
    wide = (high - low) or abs(low) or 1.0
    return Axis(low=low - MARGIN * wide, high=high + MARGIN * wide, ticks=())


def _horizon(measured: Measured) -> float:
    _, _, at = measured.name.partition("@")
    try:
        return float(at)
    except ValueError:
        return math.inf
