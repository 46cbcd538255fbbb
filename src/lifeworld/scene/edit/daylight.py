"""The light of an hour: where the sun stands, how strong and how red it is, and what the sky adds.

The day is midsummer's at 50° north: the sun rises about 4 in the north-east (+X, +Y), stands in the south (−Y) at 12, and sets about 20.
"""

from __future__ import annotations

import math

from lifeworld.scene.scene import Light
from lifeworld.scene.shape import Vec3

LATITUDE_RAD, DECLINATION_RAD = math.radians(50.0), math.radians(23.44)
NOON = 0.55
"""The intensity of the sun at noon: that of the daylight a scene without lights has. The sky's is `SKY` then."""
SKY = 0.22
_SUNS = ((0.0, (255, 132, 60)), (8.0, (255, 196, 128)), (25.0, (255, 240, 222)), (90.0, (255, 250, 244)))
"""Colours of sunlight by the sun's height [degrees]."""
_SKIES = ((-18.0, (40, 52, 88)), (-4.0, (96, 112, 168)), (4.0, (204, 190, 200)), (20.0, (205, 222, 255)), (90.0, (205, 222, 255)))
MOON = ((0.35, 0.55, -1.0), "#a9bde6", 0.12)
"""Where the moon shines to, its colour and its intensity, while the sun is down."""


def daylight(hour: float) -> tuple[Light, Light]:
    """`sun` and `sky` at an hour, 0 to 24; by night the first is the moon's light.

    Source: the sun's path from spherical astronomy; air mass after Kasten & Young, Applied Optics 28 (1989) 4735; its light through that
    mass 0.7^(m^0.678), after Meinel & Meinel, Applied Solar Energy (1976).
    """
    turn = math.radians(15.0 * (hour - 12.0))
    up = math.sin(LATITUDE_RAD) * math.sin(DECLINATION_RAD) + math.cos(LATITUDE_RAD) * math.cos(DECLINATION_RAD) * math.cos(turn)
    south = math.sin(LATITUDE_RAD) * math.cos(DECLINATION_RAD) * math.cos(turn) - math.cos(LATITUDE_RAD) * math.sin(DECLINATION_RAD)
    towards: Vec3 = (-math.cos(DECLINATION_RAD) * math.sin(turn), -south, up)
    height_deg = math.degrees(math.asin(towards[2]))
    glow = min(max((height_deg + 12.0) / 30.0, 0.0), 1.0)
    strength = round(0.03 + (SKY - 0.03) * glow, 4)
    sky = Light(name="sky", direction=(-0.6, 0.3, -1.0), intensity=strength, color=_blend(_SKIES, height_deg), shadow=False)
    if height_deg <= 0.0:
        direction, color, intensity = MOON
        return Light(name="sun", direction=direction, color=color, intensity=intensity), sky
    strength = NOON * _through(height_deg) / _through(90.0 - math.degrees(LATITUDE_RAD - DECLINATION_RAD))
    shines = (-round(towards[0], 6) + 0.0, -round(towards[1], 6) + 0.0, -max(round(towards[2], 6), 0.02))
    return Light(name="sun", direction=shines, color=_blend(_SUNS, height_deg), intensity=round(strength, 4)), sky


def _through(height_deg: float) -> float:
    """The share of the sun's light that comes through the air."""
    mass = 1.0 / (math.sin(math.radians(height_deg)) + 0.50572 * (height_deg + 6.07995) ** -1.6364)
    return float(0.7 ** (mass**0.678))


def _blend(stops: tuple[tuple[float, tuple[int, int, int]], ...], at: float) -> str:
    low = max((s for s in stops if s[0] <= at), default=stops[0])
    high = min((s for s in stops if s[0] >= at), default=stops[-1])
    share = 0.0 if high[0] == low[0] else (at - low[0]) / (high[0] - low[0])
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low[1], high[1], strict=True))
