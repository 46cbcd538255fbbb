"""What things are made of: density, friction, look and sound, one row a material; and the colours with names.

Densities and friction are round textbook values for dry contact; a thing may override both. The look is the engine's
classic one (specular, shininess, reflectance), the sound class is read by the senses that make audio.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lifeworld.core.errors import SceneError, UnknownName

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One kind of stuff.

    `density_kg_m3` [kg/m³], `friction` (sliding coefficient against a like surface), `specular`/`shininess`/`reflectance` in
    [0, 1], `sound` the class that decides how it rings, `contact_time_s` [s] how soft a contact with it is (the engine's solref).
    """

    name: str
    color: str
    density_kg_m3: float
    friction: float
    specular: float = 0.2
    shininess: float = 0.3
    reflectance: float = 0.0
    sound: str = "dull"
    contact_time_s: float = 0.005
    texture: str | None = None  # a built-in procedural texture: "grain", "weave", "checker", "speckle"


def _table(*rows: Material) -> dict[str, Material]:
    return {row.name: row for row in rows}


MATERIALS: dict[str, Material] = _table(
    Material(name="wood", color="#b98a5a", density_kg_m3=650, friction=0.5, sound="wood", texture="grain"),
    Material(name="floorboard", color="#dccfb8", density_kg_m3=650, friction=0.5, sound="wood", texture="grain"),
    Material(name="dark_wood", color="#6b4429", density_kg_m3=750, friction=0.5, sound="wood", texture="grain"),
    Material(name="painted_wood", color="#e9e6df", density_kg_m3=650, friction=0.45, sound="wood"),
    Material(name="steel", color="#b9bdc2", density_kg_m3=7850, friction=0.4, specular=0.8, shininess=0.7, reflectance=0.15, sound="metal"),
    Material(
        name="aluminium", color="#c9ccd0", density_kg_m3=2700, friction=0.4, specular=0.6, shininess=0.5, reflectance=0.1, sound="metal"
    ),
    Material(name="cast_iron", color="#2b2b2e", density_kg_m3=7200, friction=0.45, specular=0.3, sound="metal"),
    Material(name="brass", color="#c9a24b", density_kg_m3=8500, friction=0.4, specular=0.7, shininess=0.6, sound="metal"),
    Material(name="glass", color="#cfe8ee66", density_kg_m3=2500, friction=0.4, specular=0.9, shininess=0.9, sound="glass"),
    Material(name="ceramic", color="#f2efe8", density_kg_m3=2300, friction=0.45, specular=0.5, shininess=0.6, sound="ceramic"),
    Material(name="stone", color="#8d8b86", density_kg_m3=2600, friction=0.6, sound="stone", texture="speckle"),
    Material(name="plastic", color="#d9d9d9", density_kg_m3=950, friction=0.4, specular=0.4, shininess=0.4, sound="plastic"),
    Material(name="rubber", color="#333338", density_kg_m3=1100, friction=0.9, sound="rubber", contact_time_s=0.01),
    Material(name="paper", color="#f4f1e6", density_kg_m3=800, friction=0.5, sound="paper"),
    Material(name="cardboard", color="#c19a6b", density_kg_m3=250, friction=0.5, sound="paper"),
    Material(
        name="fabric", color="#7d8fa8", density_kg_m3=200, friction=0.7, specular=0.0, sound="cloth", contact_time_s=0.01, texture="weave"
    ),
    Material(name="leather", color="#6e4a32", density_kg_m3=900, friction=0.6, sound="cloth", contact_time_s=0.01),
    Material(name="foam", color="#e8d9c0", density_kg_m3=60, friction=0.7, specular=0.0, sound="cloth", contact_time_s=0.015),
    Material(name="skin", color="#d9a27e", density_kg_m3=1000, friction=0.8, sound="dull", contact_time_s=0.01),
    Material(name="food", color="#c7402d", density_kg_m3=900, friction=0.5, sound="dull", contact_time_s=0.008),
    Material(name="plant", color="#4d7c3a", density_kg_m3=400, friction=0.6, specular=0.05, sound="dull"),
    Material(name="soil", color="#4a3526", density_kg_m3=1300, friction=0.7, specular=0.0, sound="dull"),
    Material(name="wax", color="#f3ead2", density_kg_m3=900, friction=0.5, sound="dull"),
    Material(name="plaster", color="#efece6", density_kg_m3=1200, friction=0.6, specular=0.02, sound="stone"),
    Material(name="water", color="#8fc1d966", density_kg_m3=1000, friction=0.1, specular=0.9, shininess=0.9, sound="dull"),
)

COLORS: dict[str, str] = {
    "red": "#c0392b", "dark_red": "#7b241c", "orange": "#e67e22", "yellow": "#f1c40f", "green": "#3f8f4f", "dark_green": "#1e5631",
    "lime": "#a4c639", "teal": "#1f8a8a", "cyan": "#4fc3d9", "blue": "#2e6db4", "navy": "#1f3a5f", "purple": "#7d3c98",
    "pink": "#e48fb0", "brown": "#7a5230", "beige": "#e3d5b8", "white": "#f5f5f2", "ivory": "#f3ecd9", "grey": "#8c8c8c",
    "light_grey": "#c8c8c8", "dark_grey": "#4a4a4a", "black": "#1c1c1e", "gold": "#d4af37", "silver": "#c0c4c8",
}  # fmt: skip

_HEX = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")


def rgba(color: str, *, where: str | None = None) -> Rgba:
    """Red, green, blue, alpha in [0, 1] (sRGB) of a colour name or `#rrggbb[aa]`.

    Raises:
        UnknownName: if it is neither.
    """
    text = COLORS.get(color, color)
    if _HEX.fullmatch(text):
        parts = [int(text[i : i + 2], 16) / 255 for i in range(1, len(text), 2)]
        return (parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else 1.0)
    if color.startswith("#"):
        raise SceneError("not a colour", where=where, got=color, expected="#rrggbb, #rrggbbaa or a colour name")
    raise UnknownName("color", color, COLORS, where=where)


def material(name: str, *, where: str | None = None) -> Material:
    """The material of this name.

    Raises:
        UnknownName: with the nearest names.
    """
    if name not in MATERIALS:
        raise UnknownName("material", name, MATERIALS, where=where)
    return MATERIALS[name]
