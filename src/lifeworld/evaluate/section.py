"""What one family of measurements gives back: its numbers, and what one would rather look at than read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.origin import Origin
from lifeworld.evaluate.measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a curve: `low` and `high` bound it, where they are known."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    floor: bool = False
    """Whether it is what costs nothing, drawn thinner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Lines over one axis; labels with their units."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """Pictures in rows: uint8 (rows, columns, H, W, 3), with a word for each row and column; `caption` says what is to be seen.

    `dreamed` are the rows that a model made: the page marks them. The others are of `origin`, that of the data if nothing is said.
    """

    caption: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    pictures: NDArray[np.uint8]
    dreamed: tuple[str, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """A family: `name` for programs (`fidelity`), `title` for people, `says` one or two sentences on what is asked and how.

    `without` are the numbers that could not be had, each with the reason and, where there is one, the remedy: nothing is left out
    in silence. `heads` are the numbers that stand for all of them where there is room for few; the first few if nothing is said.
    """

    name: str
    title: str
    says: str
    measured: tuple[Measured, ...] = ()
    curves: tuple[Curve, ...] = ()
    strips: tuple[Strip, ...] = ()
    without: dict[str, str] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
