"""Models that come with lifeworld, by name: each learned in minutes on a processor, with a card, and plays to begin from.

    WorldDream("push_table")                        # or: lifeworld dream push_table --actions up*8,left*8

A folder of that name where one works is taken before them.
"""

from __future__ import annotations

from pathlib import Path

READY = Path(__file__).parents[1] / "ready"


def names() -> list[str]:
    """What there is."""
    return sorted(path.parent.name for path in READY.glob("*/model.safetensors"))


def located(model: Path | str) -> Path:
    """The folder or file of a model: the one given, or the one that comes with lifeworld under this name."""
    path = Path(model)
    return READY / path if not path.exists() and str(path) in names() else path
