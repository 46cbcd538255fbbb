"""Numbers as they were said, where a scene takes them."""

from __future__ import annotations

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Span


def safe(value: object, least: float, most: float, what: str, span: Span) -> float:
    """A number as it was said, if a scene takes it.

    Raises:
        WordsError: `unsafe_number`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:  # nan is never between
        raise WordsError(
            f"{what} is out of bounds: got {value!r}, expected {least:g} to {most:g}",
            reason="unsafe_number",
            span=span,
            suggestions=(f"{min(max(float(value), least), most):g}",) if isinstance(value, int | float) and value == value else (),
        )
    return float(value)
