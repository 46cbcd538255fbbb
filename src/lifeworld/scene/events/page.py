"""The table of all kinds of events that docs/events.md shows.

python -c "from lifeworld.scene.events.page import write; write('docs/events.md')"
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lifeworld.core.write import replace_file
from lifeworld.scene.event_words import magnitude_words
from lifeworld.scene.events.kind import FAMILIES, EventKind, kinds

BEGIN, END = "<!-- kinds: made by lifeworld.scene.events.page -->", "<!-- /kinds -->"
TITLES = {
    "contact": "Somebody touches something",
    "arrival": "Something comes in",
    "mover": "Somebody comes by",
    "surroundings": "Air and ground",
    "constraint": "Doors, drawers and what holds",
    "fault": "Bodies and cameras fail",
    "parameter": "What things are like changes",
    "light": "Light and view",
}


def table() -> str:
    """All kinds, family after family, as Markdown tables."""
    parts = []
    for family in FAMILIES:
        rows = "\n".join(_row(k) for k in kinds().values() if k.family == family)
        head = "| kind | what happens | befalls | strength | by | safety | a minute | also called |\n|---|---|---|---|---|---|---|---|"
        parts.append(f"### {TITLES[family]}\n\n{head}\n{rows}\n")
    return "\n".join(parts)


def write(path: str) -> None:
    """Put the table into its place in a page."""
    before, _, rest = Path(path).read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    with replace_file(path) as beside:
        beside.write_text(f"{before}{BEGIN}\n\n{table()}\n{END}{after}", encoding="utf-8")


def _row(k: EventKind) -> str:
    return f"| {' | '.join(_cells(k))} |"


def _cells(k: EventKind) -> Iterator[str]:
    yield f"`{k.name}`"
    yield k.summary
    yield {"thing": "a thing", "things": "things", "camera": "a camera", "embodiment": "an embodiment", "scene": "the scene"}[k.befalls]
    yield f"{_strength(k)} {k.unit}: {k.means}" if k.unit else "–"
    yield ", ".join(f"`{name}`" for name in k.by)
    yield k.safety
    yield f"{k.rate_per_min:g}"
    yield ", ".join(name.replace("_", " ") for name in k.synonyms)


def _strength(k: EventKind) -> str:
    """The middle of a strength and how far it goes; of an even law the latter alone."""
    low, high = k.strength.span
    bounds = f", {low:g} to {high:g}" if k.strength.law not in ("fixed", "uniform") else ""
    return magnitude_words(k.strength) + bounds
