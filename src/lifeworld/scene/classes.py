"""One number for each kind of thing, the same in every scene and release: what `semantic_ids` hold.

`classes.txt` is only ever added to at its end, so that a number never changes its meaning. Kinds from elsewhere are one class.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

IMPORTED = "imported"


@lru_cache(maxsize=1)
def classes() -> tuple[str, ...]:
    """The names of all classes, by number; 0 is the background."""
    return tuple((Path(__file__).parent / "classes.txt").read_text(encoding="utf-8").split())


def class_of(kind: str) -> int:
    """The class of a kind of thing or embodiment; that of imported things for one we do not know."""
    return _numbers().get(kind, _numbers()[IMPORTED])


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {name: number for number, name in enumerate(classes())}
