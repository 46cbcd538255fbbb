"""The demo's one page: every step with what came of it, where it comes from, and the command that does it again."""

from __future__ import annotations

import base64
import os
import shlex
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from lifeworld.core.origin import Origin
from lifeworld.core.write import replace_file
from lifeworld.demo.step import Done, Step
from lifeworld.evaluate.report.page import badge, top, whole
from lifeworld.evaluate.section import Section

NAME = "index.html"
LEAD = (
    "A sentence became a world, the world episodes, and those a dream and a planner; so did real recordings. "
    "Each step below is a command that can be typed again. Pictures say what they are: "
)


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
        f'<figure><img src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}" alt="{escape(step.says)}">'
        f"<figcaption>{badge(step.origin)} {escape(os.path.relpath(path, folder))}</figcaption></figure>"
        for path in step.makes
        if path.suffix == ".png"
    )
    links = "".join(
        f'<p><a href="{escape(os.path.relpath(path, folder))}">{escape(os.path.relpath(path, folder))}</a></p>'
        for path in step.makes
        if path.suffix == ".html"
    )
    return (
        f'<section class="card" id="{_id(step)}"><h2>{escape(step.title)}</h2><p class="says">{escape(step.says)}</p>{pictures}{links}'
        f"<pre><code>lifeworld {escape(shlex.join(done.command))}</code></pre></section>"
    )


def _id(step: Step) -> str:
    return step.name.replace(" ", "-")
