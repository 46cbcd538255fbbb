"""What any name and number of a scene must be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from lifeworld.core.errors import LimitError, SceneError

NAME = r"[a-zA-Z][a-zA-Z0-9_]{0,63}"
_NAME = re.compile(NAME)


def check_name(name: str, sort: str) -> None:
    """Raise unless `name` is a letter followed by at most 63 letters, digits or underscores."""
    if not _NAME.fullmatch(name):
        raise SceneError(f"not a name for a {sort}", got=name, expected="a letter, then letters, digits or _, at most 64 in all")


def finite(key: str, values: Iterable[float], *, least: float | None = None, most: float = math.inf, where: str | None = None) -> None:
    """Raise unless every value is a finite number from `least` (−`most` when None) to `most`."""
    low = -most if least is None else least
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SceneError(f"{key} is not a number", where=where, got=value)
        if not math.isfinite(value) or not low <= value <= most:
            raise LimitError(f"{key} is out of bounds", where=where, got=value, expected=f"a finite number from {low:g} to {most:g}")
