"""The demo's one page: every step with what came of it, where it comes from, and the command that does it again."""

from __future__ import annotations

import base64
import os
import shlex
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import msgspec

from lifeworld.core.origin import Origin
from lifeworld.core.write import replace_file
from lifeworld.demo.step import Done, Step
from lifeworld.evaluate.report.page import badge, top, whole
from lifeworld.evaluate.section import Section

NAME = "index.html"
LEAD = (
    "A sentence became a world, the world episodes, and those a dream. Real recordings became a dream too, and a model learned to plan. "
    "Each step below is a command that can be typed again. Pictures say what they are: "
)


HEADLINES = {"changing_psnr@8": "where pictures change", "delta_psnr@8": "what acting adds"}
"""What is shown of a report, by the report's names."""


def write(folder: Path, steps: Sequence[Step], done: Mapping[str, Done], door: str) -> Path:
    """The page, in the folder of the demo."""
    said = LEAD + ", ".join(badge(origin) for origin in (Origin.MEASURED, Origin.SIMULATED, Origin.DREAMED)) + "."
    cards = "".join(_card(folder, step, done[step.name]) for step in steps)
    end = (
        '<section class="card" id="doors"><h2>Step in</h2><p class="says">The studio has three doors: the world itself, its dream, '
        f"a recorded session.</p><pre><code>{escape(door)}</code></pre></section>"
    )
    sections = [Section(name=_id(step), title=step.title, says=step.says) for step in steps]
    page = whole("lifeworld demo", f"{top('From a sentence to a dream', said, 'demo')}{cards}{end}", sections)
    with replace_file(folder / NAME) as beside:
        beside.write_text(page, encoding="utf-8")
    return folder / NAME


def _card(folder: Path, step: Step, done: Done) -> str:
    pictures = "".join(
        f'<figure><a href="{escape(os.path.relpath(path, folder))}" style="display: block; max-height: 40rem; overflow-y: auto">'
        f'<img style="max-width: 100%" alt="{escape(step.says)}" src="data:image/png;base64,'
        f'{base64.b64encode(path.read_bytes()).decode()}">'
        f"</a><figcaption>{badge(step.origin)} {escape(os.path.relpath(path, folder))}</figcaption></figure>"
        for path in step.makes
        if path.suffix == ".png"
    )
    links = "".join(
        f'{_headlines(path.parent)}<p><a href="{escape(os.path.relpath(path, folder))}">all of the report</a></p>'
        for path in step.makes
        if path.suffix == ".html"
    )
    return (
        f'<section class="card" id="{_id(step)}"><h2>{escape(step.title)}</h2><p class="says">{escape(step.says)}</p>{pictures}{links}'
        f"<pre><code>lifeworld {escape(shlex.join(done.command))}</code></pre></section>"
    )


def _headlines(report: Path) -> str:
    """What a report says first, a line a model and number, with what costs nothing beside it."""
    lines = []
    for path in sorted(report.rglob("report.json")):
        judged = msgspec.json.decode(path.read_bytes(), type=_Report)
        of_name = {m.name: m for section in judged.sections for m in section.measured}
        for name, means in HEADLINES.items():
            if (m := of_name.get(name)) is not None and m.value is not None:
                between = "" if m.low is None or m.high is None else f" ({m.low:z.1f} to {m.high:z.1f})"
                floor = f"{m.floors[0].value:.1f}, {m.floors[0].name}" if m.floors else ""
                lines.append(
                    f"<tr><td>{escape(judged.model.name)}</td><td>{means}</td><td><b>{m.value:z.1f} {escape(m.unit)}</b>{between}</td>"
                    f"<td>{escape(floor)}</td><td>{m.n} {escape(m.of)}</td></tr>"
                )
    heads = "".join(f"<th>{head}</th>" for head in ("model", "8 pictures ahead", "got (95 %)", "what costs nothing", "of"))
    return f'<div class="pan"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>' if lines else ""


class _Floor(msgspec.Struct):
    name: str
    value: float | None


class _Measured(msgspec.Struct):
    name: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    n: int
    of: str
    floors: list[_Floor]


class _Section(msgspec.Struct):
    measured: list[_Measured]


class _Model(msgspec.Struct):
    name: str


class _Report(msgspec.Struct):
    """As much of a report as the page shows; a comparison has none of it, its models' own reports have."""

    model: _Model = msgspec.field(default_factory=lambda: _Model(""))
    sections: list[_Section] = msgspec.field(default_factory=list)


def _id(step: Step) -> str:
    return step.name.replace(" ", "-")
