"""The page: one file that needs nothing else, to be looked at first and read second."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from lifeworld.core.origin import Origin
from lifeworld.evaluate.heldout import alone, counted
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.measured import Measured
from lifeworld.evaluate.report import curve, dots
from lifeworld.evaluate.report.figure import bounds, digits_for, value_of, written
from lifeworld.evaluate.report.strip import GAP, check, encoded, row_of
from lifeworld.evaluate.section import Section, Strip

HERE = Path(__file__).parent
MOST = 12
"""More numbers of a section than these stand in its table only."""
SHORT = 12

ORIGINS = {
    Origin.SIMULATED: "computed by a physics engine",
    Origin.DREAMED: "imagined by a learned model",
    Origin.MEASURED: "recorded in the real world",
    Origin.EDITED: "changed by hand",
    Origin.MIXED: "of several origins",
}


def html_of(report: Report) -> str:
    """One model's report as HTML."""
    data, model = report.data, report.model
    pace = f"{1e9 / data.frame_ns:.3g} pictures a second"
    lead = (
        f"Judged on {counted(data.clips, data.episodes)} it never learned from "
        f"({badge(data.origin)} {escape(data.name)}), {model.size[1]} × {model.size[0]} px, {pace}. {escape(alone(data.episodes) or '')}"
    )
    body = (
        f"{top(model.name, lead, 'report')}"
        f'<section class="card glance"><h2>At a glance</h2>{numbers_of(report)}{KEY}{_glance(report.sections)}</section>'
        f"{''.join(_section(each, data.origin) for each in report.sections)}{_again(report)}"
    )
    return whole(f"{model.name} · lifeworld report", body, report.sections)


def whole(title: str, body: str, sections: Iterable[Section]) -> str:
    """A page of this body, with its looks and its script within."""
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    links = "".join(f'<a href="#{escape(each.name)}">{escape(each.title)}</a>' for each in sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'unsafe-inline'\"><title>{escape(title)}</title><style>{style}</style></head>"
        f'<body><nav class="bar"><span class="brand">{ICON}lifeworld</span><div>{links}</div></nav><main class="sheet">{body}</main>'
        f"<script>{script}</script></body></html>\n"
    )


def badge(origin: Origin) -> str:
    return f'<span class="badge {origin.value}" title="{ORIGINS[origin]}">{origin.value}</span>'


def tally(numbers: Sequence[Measured]) -> str:
    """How many numbers are surely better than what costs nothing, in words and as a bar."""
    looks = [dots.verdict(each)[0] for each in numbers]
    counts = {look: looks.count(look) for look in ("good", "even", "bad")}
    said = {"good": "surely better than what costs nothing", "even": "not told apart from it", "bad": "surely worse"}
    bar = "".join(f'<i class="{look}" style="flex:{count}"></i>' for look, count in counts.items() if count)
    words = "".join(f'<li class="{look}"><b>{count}</b> {said[look]}</li>' for look, count in counts.items())
    return f'<div class="tally"><div class="bars">{bar}</div><ul>{words}</ul></div>'


def numbers_of(report: Report) -> str:
    """The tally of all of a report's numbers."""
    return tally([each for section in report.sections for each in section.measured])


def top(title: str, lead: str, kind: str) -> str:
    return f'<header class="top"><p class="kind">{escape(kind)}</p><h1>{escape(title)}</h1><p class="lead">{lead}</p></header>'


def _glance(sections: Sequence[Section]) -> str:
    parts = []
    for section in sections:
        if chosen := dots.heads(section):
            parts.append(f'<h3><a href="#{escape(section.name)}">{escape(section.title)}</a></h3>{dots.rows(chosen)}')
    return "".join(f'<div class="family">{part}</div>' for part in parts)


def _section(section: Section, origin: Origin) -> str:
    strips = f'<div class="strips">{"".join(strip_of(each, origin) for each in section.strips)}</div>' if section.strips else ""
    curves = f'<div class="curves">{"".join(map(curve.drawn, section.curves))}</div>' if section.curves else ""
    numbers = dots.rows(dots.one_of_each(section.measured)[:MOST]) + _table(section) if section.measured else ""
    return (
        f'<section class="card" id="{escape(section.name)}"><h2>{escape(section.title)}</h2><p class="says">{escape(section.says)}</p>'
        f"{strips}{curves}{numbers}{_without(section)}</section>"
    )


def _without(section: Section) -> str:
    """What could not be had, each with its reason."""
    if not section.without:
        return ""
    said = "".join(f"<dt><code>{escape(name)}</code></dt><dd>{escape(why)}</dd>" for name, why in section.without.items())
    return f'<div class="without"><h3>Not measured</h3><dl>{said}</dl></div>'


def strip_of(strip: Strip, origin: Origin) -> str:
    check(strip)
    _, columns, height, width, _ = strip.pictures.shape
    heads = "".join(f"<span>{escape(each)}</span>" for each in strip.columns)
    rows = "".join(
        f'<div class="row"><p>{escape(name)} {badge(made_by)}</p><div class="film {made_by.value}">'
        f'<img src="{_inline(encoded(row_of(strip, number)))}" width="{columns * (width + GAP) - GAP}" height="{height}" '
        f'alt="{escape(f"{name}: {len(strip.columns)} pictures, {made_by.value}")}"></div></div>'
        for number, name in enumerate(strip.rows)
        for made_by in [Origin.DREAMED if name in strip.dreamed else strip.origin or origin]
    )
    least = f"{columns * 44}px"
    return (
        f'<figure class="strip"><div class="pan"><div style="min-width:{least};--columns:{columns}">'
        f'<div class="heads">{heads}</div>{rows}</div></div><figcaption>{escape(strip.caption)}</figcaption></figure>'
    )


def _table(section: Section) -> str:
    """Every number with all that is needed to have it again."""
    heads = ["number", "is", "95 %", "beside", "better", "n", "seeds", "data", "model"]
    lines = "".join(
        f'<tr class="{dots.verdict(m)[0]}"><th scope="row"><code>{escape(m.name)}</code></th>'
        f"<td><b>{value_of(m)}</b></td><td>{bounds(m) or '–'}</td>"
        f"<td>{_floors(m)}</td><td>{m.better}</td><td>{m.n} {escape(m.of)}</td><td>{', '.join(map(str, m.seeds)) or '–'}</td>"
        f"<td><code>{m.data_sha256[:SHORT]}</code></td><td><code>{m.model_sha256[:SHORT]}</code></td></tr>"
        for m in section.measured
    )
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    return (
        f"<details><summary>All {len(section.measured)} numbers, with what they stand beside</summary>"
        f'<div class="pan"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></details>'
    )


def _floors(measured: Measured) -> str:
    digits = digits_for(measured)
    return ", ".join(f"{escape(f.name)} {written(f.value, digits=digits, unit=measured.unit)}" for f in measured.floors)


def _again(report: Report) -> str:
    """What it takes to make the report again, and what making it took."""
    model, data, made = report.model, report.data, report.made
    gives = ", ".join(model.gives) or "nothing"
    pairs = {
        "model": f"{escape(model.name)}, weights <code>{escape(model.sha256)}</code>",
        "data": f"{escape(data.name)}, {data.clips} clips of {data.pictures} pictures <code>{escape(data.sha256)}</code>",
        "it gives": escape(f"{gives}; from {model.context} pictures; {model.actions} numbers an action"),
        "seed": str(report.seed),
        "made": escape(f"{made.at}, {made.lifeworld}, {made.machine}"),
        "took": escape(", ".join(f"{name} {seconds:.1f} s" for name, seconds in made.seconds.items())),
    }
    said = "".join(f"<dt>{name}</dt><dd>{words}</dd>" for name, words in pairs.items())
    return (
        f'<section class="card again"><h2>To have it again</h2><pre>{escape(report.command)}</pre><dl class="pairs">{said}</dl>'
        '<p class="quiet">An interval says where a number lies with 95 % certainty, were other clips, pairs or starts like these drawn; '
        "clips of one episode are drawn together. The same command gives the same numbers, to the last digit; times differ.</p></section>"
    )


def _inline(image: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"


KEY = (
    '<p class="key even"><span class="track"><i style="left:20%;width:60%"></i><b style="left:50%"></b></span> the number, and where it '
    'lies with 95 % certainty <span class="track"><s class="f0" style="left:50%"></s></span> what costs nothing</p>'
)
"""What the dots, bars and dashes are."""
ICON = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#20303c"/><path d="M7 22 16 8l9 14" fill="none" '
    'stroke="#f2b84b" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round"/><path d="M11.5 22h9" stroke="#9ad0c2" '
    'stroke-width="2.6" stroke-linecap="round"/></svg>'
)
