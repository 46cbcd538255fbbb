"""Styles: which colours and woods belong together in one home."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from lifeworld.core.errors import UnknownName


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What a home is made of: `wall`, `frame`, `door` and `fronts` (of kitchens and cupboards) colours, `wood` a material,

    `fabrics` the colours of what is padded, `accents` those of small things.
    """

    name: str
    wall: str
    frame: str
    door: str
    door_style: str
    wood: str
    fronts: str
    worktop: str
    fabrics: tuple[str, ...]
    accents: tuple[str, ...]
    ground: str = "floorboard"


_ROWS = (
    Style(name="nordic", wall="#f1eee7", frame="white", door="white", door_style="panel", wood="wood", fronts="white", worktop="wood",
          fabrics=("grey", "beige", "teal"), accents=("white", "teal", "yellow", "grey")),
    Style(name="classic", wall="#efe6d2", frame="white", door="white", door_style="panel", wood="dark_wood", fronts="beige",
          worktop="stone", fabrics=("navy", "red", "brown"), accents=("ivory", "navy", "red", "white")),
    Style(name="modern", wall="#e6e6e4", frame="grey", door="grey", door_style="slab", wood="wood", fronts="grey", worktop="steel",
          fabrics=("grey", "navy", "blue"), accents=("white", "grey", "blue", "red")),
    Style(name="country", wall="#ece7cf", frame="brown", door="green", door_style="panel", wood="wood", fronts="dark_green",
          worktop="wood", fabrics=("green", "beige", "red"), accents=("yellow", "red", "blue", "ivory")),
    Style(name="bright", wall="#eaf1f2", frame="white", door="white", door_style="glass", wood="wood", fronts="white", worktop="stone",
          fabrics=("teal", "blue", "green"), accents=("teal", "yellow", "red", "blue")),
)  # fmt: skip
STYLES: dict[str, Style] = {style.name: style for style in _ROWS}


def style_of(name: str | None, rng: Generator) -> Style:
    """The style of this name, or one drawn.

    Raises:
        UnknownName: with the nearest names.
    """
    if name is None:
        return _ROWS[int(rng.integers(len(_ROWS)))]
    if name not in STYLES:
        raise UnknownName("style", name, STYLES)
    return STYLES[name]
