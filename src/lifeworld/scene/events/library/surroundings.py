"""Air that moves and ground that trembles."""

from __future__ import annotations

import numpy as np

from lifeworld.scene.deed import Shake, Wind
from lifeworld.scene.events.draw import Draw, vec3
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import moved_by
from lifeworld.scene.magnitude import Magnitude


@event_kind(
    "gust",
    befalls="scene",
    needs=moved_by,
    strength=Magnitude(law="lognormal", a=14.0, b=0.35, low=6.0, high=30.0),
    unit="m/s",
    means="how fast the air is at its fastest",
    by=("wind",),
    safety="caution",
    synonyms=("wind", "gust_of_wind", "blow"),
)
def gust(draw: Draw) -> Done:
    """A gust of wind blows through the scene, over all that is free."""
    yield Wind(velocity_m_s=vec3(draw.way() * draw.strength), duration_s=draw.between(0.5, 2.0))


@event_kind(
    "draught",
    befalls="scene",
    needs=moved_by,
    strength=Magnitude(law="uniform", a=1.5, b=5.0),
    unit="m/s",
    means="how fast the air is at its fastest",
    by=("wind",),
    synonyms=("draft", "breeze"),
)
def draught(draw: Draw) -> Done:
    """A window somewhere stands open: a weak wind for some seconds, which turns a little."""
    way, turn = draw.way(), draw.between(-0.5, 0.5)
    turned = np.array([way[0] - turn * way[1], way[1] + turn * way[0], 0.0])
    first, second = draw.between(1.5, 3.0), draw.between(1.5, 3.0)
    yield Wind(velocity_m_s=vec3(way * draw.strength), duration_s=first)
    yield Wind(velocity_m_s=vec3(turned / np.linalg.norm(turned) * draw.strength * draw.between(0.6, 1.0)), duration_s=second,
               delay_s=round(first * 0.7, 6))  # fmt: skip


@event_kind(
    "shake",
    befalls="scene",
    needs=moved_by,
    strength=Magnitude(law="lognormal", a=4.0, b=0.5, low=1.0, high=12.0),
    unit="m/s²",
    means="how hard the ground shakes sideways",
    by=("shake",),
    safety="hazard",
    rate_per_min=2.0,
    synonyms=("earthquake", "quake"),
)
def shake(draw: Draw) -> Done:
    """The ground shakes: sideways, across that, and up and down by half as much."""
    way = draw.way()
    across = np.array([-way[1], way[0], 0.0])
    duration = draw.between(1.0, 3.0)
    for axis, share in ((way, 1.0), (across, draw.between(0.4, 0.9)), (np.array([0.0, 0.0, 1.0]), draw.between(0.3, 0.5))):
        yield Shake(acceleration_m_s2=vec3(axis * draw.strength * share), frequency_hz=draw.between(1.5, 6.0), duration_s=duration)


@event_kind(
    "lorry_passes",
    befalls="scene",
    needs=moved_by,
    strength=Magnitude(law="uniform", a=0.1, b=0.6),
    unit="m/s²",
    means="how hard the floor trembles",
    by=("shake",),
    synonyms=("truck", "tremor", "traffic"),
)
def lorry_passes(draw: Draw) -> Done:
    """A lorry passes outside: the floor trembles up and down, so that glasses ring."""
    up = draw.strength * (1.0 if draw.between(0, 1) < 0.5 else -1.0)
    yield Shake(acceleration_m_s2=(0.0, 0.0, round(up, 9)), frequency_hz=draw.between(10.0, 18.0), duration_s=draw.between(2.0, 5.0))
