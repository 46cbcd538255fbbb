"""Several models on one page: every number of one beside that of the others, with where the difference lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

import numpy as np

from lifeworld.evaluate.compare import Comparison, Row
from lifeworld.evaluate.heldout import alone, counted
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.report import curve, dots
from lifeworld.evaluate.report.figure import bounds, value_of
from lifeworld.evaluate.report.page import MOST, badge, numbers_of, strip_of, top, whole
from lifeworld.evaluate.report.sides import look, said
from lifeworld.evaluate.section import Curve, Line, Section, Strip


def html_of(comparison: Comparison) -> str:
    """A comparison as HTML."""
    reports = comparison.reports
    data = reports[0].data
    names = [each.model.name for each in reports]
    lead = (
        f"Judged on the same {counted(data.clips, data.episodes)} that none of them learned from ({badge(data.origin)} "
        f"{escape(data.name)}). {escape(alone(data.episodes) or '')} Differences are to {escape(names[0])}, taken episode by episode, "
        "pair by pair, start by start."
    )
    sections = {section.name: section for report in reports for section in report.sections}
    body = (
        f"{top(' · '.join(names), lead, 'comparison')}{_who(reports)}"
        f"{''.join(_section(section, comparison) for section in sections.values())}{_again(comparison)}"
    )
    return whole(f"{', '.join(names)} · lifeworld comparison", body, list(sections.values()))


def _who(reports: Sequence[Report]) -> str:
    """Each model, its colour, and how often it is surely better and worse than what costs nothing."""
    items = "".join(
        f'<li><h3><i class="c{i}"></i><a href="{i + 1}/index.html">{escape(report.model.name)}</a></h3>{numbers_of(report)}</li>'
        for i, report in enumerate(reports)
    )
    return f'<section class="card"><h2>Each beside what costs nothing</h2><ul class="who">{items}</ul></section>'


def _section(section: Section, comparison: Comparison) -> str:
    reports = comparison.reports
    own = [next((s for s in report.sections if s.name == section.name), None) for report in reports]
    rows = comparison.sections[section.name]
    chosen = {each.name for each in dots.one_of_each([row.measured[0] for row in rows])[:MOST]}
    shown = "".join(_row(row, reports) for row in rows if row.name in chosen)
    table = _table(rows, reports) if rows else ""
    missing = "".join(f"<dt>{what}</dt><dd>{escape(why)}</dd>" for what, why in _missing(section.name, comparison, own))
    gone = f'<div class="without"><h3>Not compared</h3><dl>{missing}</dl></div>' if missing else ""
    return (
        f'<section class="card" id="{escape(section.name)}"><h2>{escape(section.title)}</h2><p class="says">{escape(section.says)}</p>'
        f"{_strips(own, reports)}{_curves(own, reports)}"
        f'<ul class="beside">{shown}</ul>{table}{gone}</section>'
    )


def _missing(section: str, comparison: Comparison, own: Sequence[Section | None]) -> Iterator[tuple[str, str]]:
    """What is not compared, as HTML, and why: what has one reason is named together."""
    only: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, who in comparison.only_of_some.items():
        family, _, number = name.partition("/")
        if family == section:
            what, _, at = number.partition("@")
            only.setdefault((what, who), []).append(f"@{at}" if at else "")
    for (what, who), ats in only.items():
        yield f"<code>{escape(what + ', '.join(ats))}</code>", f"only of {', '.join(who)}"
    names = [report.model.name for report in comparison.reports]
    without: dict[tuple[str, str], list[str]] = {}
    for name, each in zip(names, own, strict=True):
        for what, why in (each.without if each else {}).items():
            without.setdefault((what, why), []).append(name)
    for (what, why), some in without.items():
        of = "" if len(some) == len(names) else f" of {', '.join(some)}"
        yield f"<code>{escape(what)}</code>{escape(of)}", why


def _row(row: Row, reports: Sequence[Report]) -> str:
    """One number: a line for each model on a common axis, and the differences in words."""
    axis = dots.axis_of(row.measured)
    lines = "".join(
        f'<div title="{escape(dots.hover(each))}"><span class="name">{escape(report.model.name)}</span>'
        f'<span class="track">{dots.track(each, axis, f"c{i}")}</span><span class="is"><b>{value_of(each)}</b> '
        f'<span class="quiet">{bounds(each)}</span></span></div>'
        for i, (each, report) in enumerate(zip(row.measured, reports, strict=True))
    )
    differences = "".join(
        f'<p class="{look(difference)}">{escape(report.model.name)} {escape(said(difference, row.unit))}</p>'
        for difference, report in zip(row.differences, reports[1:], strict=True)
    )
    return f"<li><h3><code>{escape(row.name)}</code></h3><div>{lines}</div><div>{differences}</div></li>"


def _table(rows: Sequence[Row], reports: Sequence[Report]) -> str:
    names = [report.model.name for report in reports]
    heads = ["number", *names, *(f"{name} − {names[0]}" for name in names[1:]), "n", "data"]
    lines = "".join(
        f'<tr><th scope="row"><code>{escape(row.name)}</code></th>'
        + "".join(
            f'<td title="{escape(dots.hover(each))}"><b>{value_of(each)}</b> <span class="quiet">{bounds(each)}</span></td>'
            for each in row.measured
        )
        + "".join(f'<td class="{look(each)}">{escape(said(each, row.unit))}</td>' for each in row.differences)
        + f"<td>{row.measured[0].n} {escape(row.measured[0].of)}</td><td><code>{row.measured[0].data_sha256[:12]}</code></td></tr>"
        for row in rows
    )
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    return (
        f"<details><summary>{_all(len(rows))} that all of them have</summary>"
        f'<div class="pan"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></details>'
    )


def _all(count: int) -> str:
    return f"All {count} numbers" if count > 1 else "The number"


def _curves(own: Sequence[Section | None], reports: Sequence[Report]) -> str:
    """A figure for every line of a curve: that of each model, in its colour, and the floors of the first who has it."""
    figures: dict[tuple[str, str], tuple[Curve, list[Line], list[int]]] = {}
    for number, (section, report) in enumerate(zip(own, reports, strict=True)):
        for each in section.curves if section else ():
            lines = [line for line in each.lines if not line.floor]
            for line in lines:
                title = f"{each.title}: {line.name}" if len(lines) > 1 else each.title
                figure = figures.setdefault((each.title, line.name if len(lines) > 1 else ""), (replace(each, title=title), [], []))
                figure[1].append(replace(line, name=report.model.name))
                figure[2].append(number)
    drawn = [curve.drawn(replace(of, lines=(*lines, *_floors(of, name))), colours) for (_, name), (of, lines, colours) in figures.items()]
    return f'<div class="curves">{"".join(drawn)}</div>' if drawn else ""


def _floors(of: Curve, name: str) -> tuple[Line, ...]:
    """What costs nothing: that of a line, where some are named after it, else all."""
    every = tuple(line for line in of.lines if line.floor)
    return tuple(line for line in every if name and line.name.startswith(f"{name},")) or every


def _strips(own: Sequence[Section | None], reports: Sequence[Report]) -> str:
    """The first strip of each; as one where they show the same real pictures, with what each dreamed below them."""
    first = [section.strips[0] if section and section.strips else None for section in own]
    known = [(strip, report) for strip, report in zip(first, reports, strict=True) if strip is not None]
    origin = reports[0].data.origin
    if len(known) == len(reports) and len({_real(strip) for strip, _ in known}) == 1:
        return strip_of(_merged(known), origin)
    named = [replace(strip, caption=f"{report.model.name}: {strip.caption}") for strip, report in known]
    return f'<div class="strips">{"".join(strip_of(each, origin) for each in named)}</div>' if named else ""


def _real(strip: Strip) -> tuple[object, ...]:
    """What of a strip no model made."""
    rows = [i for i, name in enumerate(strip.rows) if name not in strip.dreamed]
    return strip.caption, strip.columns, strip.origin, tuple(strip.rows[i] for i in rows), strip.pictures[rows].tobytes(), len(rows) > 0


def _merged(strips: Sequence[tuple[Strip, Report]]) -> Strip:
    first = strips[0][0]
    rows = [(name, first.pictures[i]) for i, name in enumerate(first.rows) if name not in first.dreamed]
    dreamed = [
        (f"{report.model.name}: {name}", strip.pictures[i])
        for strip, report in strips
        for i, name in enumerate(strip.rows)
        if name in strip.dreamed
    ]
    names, pictures = zip(*rows, *dreamed, strict=True)
    return replace(first, rows=names, pictures=np.stack(pictures), dreamed=tuple(name for name, _ in dreamed))


def _again(comparison: Comparison) -> str:
    models = "".join(f"<dt>{escape(r.model.name)}</dt><dd><code>{r.model.sha256}</code></dd>" for r in comparison.reports)
    data = comparison.reports[0].data
    return (
        f'<section class="card again"><h2>To have it again</h2><pre>{escape(comparison.reports[0].command)}</pre>'
        f'<dl class="pairs">{models}<dt>data</dt><dd><code>{data.sha256}</code></dd></dl>'
        '<p class="quiet">The interval of a difference is narrower than the two intervals would let one think, since what is hard for one '
        "is hard for the other: it is taken over differences on the same episodes, pairs and starts, and is of their mean. Not paired are "
        "numbers that single ones do not have: their difference is as wide as if the two had nothing in common.</p></section>"
    )
