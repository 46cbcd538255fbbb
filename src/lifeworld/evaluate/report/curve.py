"""A curve as HTML: lines in an SVG that stretches to any width, words beside it that do not."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape

from lifeworld.evaluate.report.axis import Axis, along, around
from lifeworld.evaluate.report.figure import tick
from lifeworld.evaluate.section import Curve, Line

COLOURS = 7
MARKED = 16
"""Lines of so many points at most show each."""


def drawn(curve: Curve, colours: Sequence[int] = ()) -> str:
    """One figure; its lines, but for what costs nothing, have these colours, or one after the other."""
    x = along([v for line in curve.lines for v in line.x])
    y = around([v for line in curve.lines for values in (line.y, line.low, line.high) for v in values])
    looks = _looks(curve, colours or range(len(curve.lines)))
    areas = "".join(_area(line, x, y, look) for line, look in zip(curve.lines, looks, strict=True))
    paths = "".join(_path(line, x, y, look) for line, look in zip(curve.lines, looks, strict=True))
    grid = "".join(f'<line x1="0" x2="100" y1="{_down(y, v)}" y2="{_down(y, v)}"/>' for v in y.ticks)
    marks = "".join(_marks(line, x, y, look) for line, look in zip(curve.lines, looks, strict=True))
    legend = "".join(
        f'<li><svg viewBox="0 0 24 8" aria-hidden="true"><line class="{look}" x1="1" x2="23" y1="4" y2="4"/></svg>{escape(line.name)}</li>'
        for line, look in zip(curve.lines, looks, strict=True)
    )
    beside = "".join(f'<span class="yt" style="top:{_down(y, v)}%">{tick(v)}</span>' for v in y.ticks)
    below = "".join(f'<span class="xt" style="left:{x.at(v)}%">{tick(v)}</span>' for v in _apart(x))
    return (
        f'<figure class="curve" data-curve="{escape(_data(curve, x, y))}"><figcaption>{escape(curve.title)}</figcaption>'
        f'<ul class="legend">{legend}</ul><div class="yl">{escape(curve.y_label)}</div><div class="axes"><div class="plot">'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{escape(_told(curve))}">'
        f'<g class="grid">{grid}</g>{areas}{paths}</svg>{marks}{beside}{below}<div class="hair" hidden></div></div></div>'
        f'<div class="xl">{escape(curve.x_label)}</div><output class="read"></output></figure>'
    )


def _looks(curve: Curve, colours: Sequence[int]) -> list[str]:
    """A class for each line: a colour, or one of the ways in which what costs nothing is drawn."""
    looks, lines, floors = [], 0, 0
    for line in curve.lines:
        looks.append(f"f{floors % 3}" if line.floor else f"c{colours[lines] % COLOURS}")
        lines, floors = lines + (not line.floor), floors + line.floor
    return looks


def _path(line: Line, x: Axis, y: Axis, look: str) -> str:
    said, pen = [], "M"
    for here, value in zip(line.x, line.y, strict=True):
        if math.isfinite(value):
            said.append(f"{pen}{x.at(here)} {_down(y, value)}")
            pen = "L"
        else:
            pen = "M"
    return f'<path class="{look}" d="{"".join(said)}"/>' if said else ""


def _area(line: Line, x: Axis, y: Axis, look: str) -> str:
    if not line.low or not line.high:
        return ""
    known = [(h, a, b) for h, a, b in zip(line.x, line.low, line.high, strict=True) if math.isfinite(a) and math.isfinite(b)]
    there = [f"{x.at(h)} {_down(y, b)}" for h, _, b in known]
    back = [f"{x.at(h)} {_down(y, a)}" for h, a, _ in reversed(known)]
    return f'<path class="area {look}" d="M{"L".join(there + back)}Z"/>' if known else ""


def _marks(line: Line, x: Axis, y: Axis, look: str) -> str:
    if line.floor or len(line.x) > MARKED:
        return ""
    points = [(x.at(h), _down(y, v)) for h, v in zip(line.x, line.y, strict=True) if math.isfinite(v)]
    return "".join(f'<i class="{look}" style="left:{a}%;top:{b}%"></i>' for a, b in points)


def _down(y: Axis, value: float) -> float:
    return round(100 - y.at(value), 3)


def _apart(x: Axis) -> list[float]:
    """The ticks that are far enough from each other to be read, the last of all among them."""
    kept: list[float] = []
    for value in reversed(x.ticks):
        if not kept or x.at(kept[-1]) - x.at(value) >= 7:
            kept.append(value)
    return kept[::-1]


def _told(curve: Curve) -> str:
    lines = ", ".join(line.name for line in curve.lines)
    return f"{curve.title}: {curve.y_label} over {curve.x_label}, {lines}"


def _data(curve: Curve, x: Axis, y: Axis) -> str:
    """What the page's script needs to read a curve off: where its points lie, and their numbers in words."""
    points = sorted({h for line in curve.lines for h in line.x})
    rows = [{h: v for h, v in zip(line.x, line.y, strict=True) if math.isfinite(v)} for line in curve.lines]
    said = [", ".join(f"{line.name} {_short(row[h])}" for line, row in zip(curve.lines, rows, strict=True) if h in row) for h in points]
    return json.dumps([[x.at(h), f"{tick(h)}: {words}"] for h, words in zip(points, said, strict=True)], ensure_ascii=False)


def _short(value: float) -> str:
    return tick(float(f"{value:.3g}"))
