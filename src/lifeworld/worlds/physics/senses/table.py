"""Every signal of a physical world and the sense that gives it; which streams a scene has, and what their numbers mean."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from lifeworld.core.signal import SIGNALS, stream_name
from lifeworld.scene.classes import classes
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.mount import SIGNALS_OF
from lifeworld.worlds.physics.senses import be, lidar, pixel_events, proximity, see, sensor_noise, shutter, stereo, touch
from lifeworld.worlds.physics.senses.hear import listen as hear
from lifeworld.worlds.physics.senses.look import Sense
from lifeworld.worlds.physics.senses.stuff import materials
from lifeworld.worlds.physics.senses.tell import KINDS, PREDICATES
from lifeworld.worlds.physics.senses.tell import SENSES as TELL

SENSES: Mapping[str, Sense] = (
    see.SENSES
    | shutter.SENSES
    | sensor_noise.SENSES
    | stereo.SENSES
    | touch.SENSES
    | lidar.SENSES
    | proximity.SENSES
    | pixel_events.SENSES
    | hear.SENSES
    | be.SENSES
    | TELL
)


def streams(compiled: Compiled, *, off: Collection[str] = ()) -> dict[str, str]:
    """Stream name → signal name, for every signal this engine has of this scene but those that are `off`."""
    out: dict[str, str] = {}
    for signal in SIGNALS.values():
        if signal.name in SENSES and signal.name not in off:
            sources = _sources(compiled, signal.name)
            out.update({stream_name(signal.name, source): signal.name for source in sources})
    return out


def _sources(compiled: Compiled, signal: str) -> Iterator[str]:
    match SIGNALS[signal].per:
        case "camera":
            yield from (camera.name for camera in compiled.cameras)
        case "embodiment":
            yield from (e.embodiment.name for e in compiled.embodied)
        case "sensor":
            yield from (m.sensor.name for m in compiled.sensors if signal in SIGNALS_OF[m.sensor.kind])
        case _:
            yield ""


def legend(compiled: Compiled) -> dict[str, tuple[str, ...]]:
    """What the numbers of a signal stand for."""
    scene = compiled.scene
    return {
        "instance_ids": ("background", *(t.name for t in scene.things), *(e.name for e in scene.embodiments)),
        "part_ids": compiled.surfaces.part_names,
        "semantic_ids": classes(),
        "material_ids": materials(),
        "relations": tuple(name for name, _ in PREDICATES),
        "events": tuple(name for name, _ in KINDS),
    }
