"""Every signal there is, looked up: the page of what each means, and a sheet of all that is seen in one frame of some starter scenes.

python examples/02_signals.py [FOLDER [SCENE …]]      (`docs` makes the table of the documentation anew)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lifeworld.core import signal
from lifeworld.core.signal import FAMILIES, SIGNALS, Family, Signal
from lifeworld.core.write import replace_file
from lifeworld.episode.sheet import DRAWN, frame_sheet
from lifeworld.scene import starter
from lifeworld.worlds.agent import AgentCurious
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.senses.tell import KINDS, PREDICATES
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import record

SHOWN: Mapping[str, tuple[str, float]] = {
    "tabletop": ("front", 1.2),
    "kitchen_counter": ("front", 1.2),
    "living_room": ("me_eye", 1.2),
    "soft_things": ("front", 0.32),
    "ramp_and_balls": ("side", 0.8),
}
"""Starter scenes of which a frame is shown: from which camera, after how many seconds."""
TILE_PX = 280

HEAD = """# Signals

Everything that can be observed: {count} signals in {families} families. Each has one row in `core/signal/`, from which this page is
made (by `examples/02_signals.py`); a test holds each to what it promises.

| family | is |
|---|---|
{table}

![Every visual signal of one frame, side by side: {first}](img/senses_{first}.png)

`lifeworld make SCENE -o FOLDER --sheet` draws such a sheet of any scene. More of them: {others}.

## How to ask

```python
import numpy as np
from lifeworld.scene import starter
from lifeworld.worlds.physics.engine import WorldPhysics

world = WorldPhysics()
state = world.reset(starter.load("tabletop"), seed=7)
seen = world.observe(state, ["see"])                                   # a family: all of its signals, of all cameras
assert seen["depth_m@front"].shape == (240, 320)                       # a stream: SIGNAL@CAMERA
names = world.spec.legend["instance_ids"]                              # what the numbers stand for
print([names[i] for i in np.unique(seen["instance_ids@front"])])

later = state
for _ in range(world.spec.frame_ticks):
    later = world.step(later, {{"hand": np.array([0, 0, -0.3, 0, 0, 0, 1.0])}})
moved = world.observe(state, ["flow_forward@hand_eye"], then=later)    # what looks forward looks to `then`
print(np.nanmax(np.abs(moved["flow_forward@hand_eye"])), "pixels")
```

One call computes only what is asked for, and what several signals share only once. Observing changes nothing, and the same state
shows the same to the bit; what is drawn at random (noise, questions) follows from the state.

**Streams.** Whose a signal is (*per*) says how often it comes. A signal per camera, embodiment or sensor comes once for each and is
called `signal@name`; `seen["rgb"]` is enough where only one has it. One per thing or per joint comes once, with an axis for them in
the order of the scene. `world.spec.signals` lists all streams of a world; `world.observe(state, ["rgb", "touch", "depth_m@front"])`
and `lifeworld make … --signals rgb,touch,depth_m@front` take names of signals, families and streams.

**Time.** A *tick* is 20 ms, a *frame* is `frame_ticks` ticks (`WorldPhysics(frame_ticks=2)`: 25 pictures a second). A recording takes
each signal at its rate: every tick, every frame, or once at the *start*. What looks *forward* tells of the way to the next frame:
give the state there as `then`; without it the world goes on by itself, the last commands held. What looks back tells of the way from
the last frame: at the start nothing has moved.

**Frames.** *world*, *thing*, *camera*, *sensor* and *joint* are the frame that the numbers are in ([conventions](conventions.md)).

**Legend.** Ids, predicates and kinds are numbers; `world.spec.legend`, and the legend of an episode, name them.

**Sensors** stand in the scene (`[[sensor]]`, [the scene format](scene-format.md)); embodiments bring their own: an inertial unit, and
a hand its two fingertips. A world without a lidar has no `lidar_range_m`, and asking for it is an error that lists what there is.

{more}**Renderer.** `world.spec.renderer` and an episode's provenance say who drew: `egl`, `osmesa` or `rays`. Without OpenGL (`rays`) only
the colours are plainer, without shadows; everything that comes from geometry is the same to within silhouettes.

Sizes in a shape: {sizes}.
"""
HEARING = """**Hearing.** What sounds goes on sounding: `WorldPhysics(hearing=True)` makes worlds whose states keep it, at some cost a step;
without it there are no `audio_` streams. An episode on disk has each as a WAV file too.

"""
ABOUT: Mapping[Family, tuple[str, str]] = {
    "see": ("what a camera sees, and what follows exactly from it", "Once for each camera, every frame."),
    "touch": ("what touches what, how hard, and what joints, motors and fingertips feel", "Every tick."),
    "hear": ("the sound at each camera", "Made from contacts, 48,000 samples a second."),
    "range": ("lidar, proximity, event cameras", "Sensors of the scene; events for each camera."),
    "tell": ("what can be said: facts, happenings, sentences, questions, goals", "Numbers for words; the legend names them."),
    "be": ("how things are: where, how fast, how heavy, of what", "The state itself, every tick."),
    "log": ("what recordings bring and no engine of ours makes", "In episodes that were imported; never in a world's spec."),
}
SIZES = {
    "height": "rows of the camera's picture",
    "width": "its columns",
    "bytes": "a bit for each instance, rounded up",
    "things": "things of the scene, in its order",
    "joints": "joints of things, in the order of things and their parts",
    "state": "as the embodiment says",
    "controls": "as the embodiment says",
    "vertices": "vertices of all soft things",
    "actuators": "motors of the embodiment",
    "rows": "taxels down",
    "columns": "taxels across",
    "samples": "960 a tick",
    "beams": "beams of the lidar, row by row from below",
    "goals": "goals of the scene",
    "numbers": "of the model's embedding",
    "limbs": "tracked joints of a body, as the legend names them",
    "channels": "numbers of an instrument, as the legend names them",
}
ROWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "CONTACT_DTYPE": (
        "One contact point, in `contacts`.",
        {
            "body_a, body_b": "instance ids of the two sides; 0 is the background, which never moves",
            "part_a, part_b": "their part ids",
            "position_m": "the middle of the contact, world frame [m]",
            "normal": "unit vector from a to b, world frame",
            "distance_m": "between the surfaces [m]; below 0 they overlap",
            "force_n": "along the normal [N]; below 0 only where an imported surface sticks",
            "tangential_force_n": "the friction that a puts on b, world frame [N]",
            "slip_m_s": "the velocity of b's surface over a's in the tangent plane, world frame [m/s]",
        },
    ),
    "IMPULSE_DTYPE": (
        "What one thing gave another during the last tick, in `impulses`.",
        {
            "body_a, body_b": "instance ids of the two sides",
            "impulse_n_s": "the impulse that a gave b, world frame [N·s]",
            "peak_force_n": "the largest normal force in between [N]",
        },
    ),
    "PIXEL_EVENT_DTYPE": (
        "One event of an event camera, in `pixel_events`.",
        {"time_ns": "when, from the episode's start [ns]", "x, y": "which pixel", "polarity": "+1 brighter, −1 darker"},
    ),
    "FACT_DTYPE": (
        "One thing that is so, in `relations`.",
        {
            "predicate": 'a number of `legend["relations"]`',
            "a": "the instance it is said of",
            "b": "the other instance, 0 where there is none",
        },
    ),
    "EVENT_DTYPE": (
        "One thing that happened, in `events`.",
        {
            "kind": 'a number of `legend["events"]`',
            "a": "the instance it happened to",
            "b": "the other instance, 0 where there is none",
            "value": "how much, as the kind says",
        },
    ),
    "CAPTION_DTYPE": ("A sentence of at most 200 characters, in `captions`.", {}),
    "QUESTION_DTYPE": ("A question and its answer, in `questions`.", {"question": "160 characters", "answer": "80 characters"}),
}


def main(folder: Path, scenes: Sequence[str]) -> None:
    """The page, and a sheet for each scene."""
    for name in scenes or SHOWN:
        picture(name, folder / "img" / f"senses_{name}.png")
    with replace_file(folder / "signals.md") as beside:
        beside.write_text(page(), encoding="utf-8")
    print(f"{folder / 'signals.md'}: {len(SIGNALS)} signals")


# The page ------------------------------------------------------------------------------------------------------------------


def page() -> str:
    """The table of signals as Markdown."""
    table = "\n".join(f"| [`{family}`](#{family}) | {ABOUT[family][0]} |" for family in FAMILIES)
    sizes = "; ".join(f"`{name}`, {meaning}" for name, meaning in SIZES.items())
    first, *others = SHOWN
    links = ", ".join(f"[{name}](img/senses_{name}.png)" for name in others)
    lines = [HEAD.format(count=len(SIGNALS), families=len(FAMILIES), table=table, sizes=sizes, more=HEARING, first=first, others=links)]
    for family in FAMILIES:
        lines += [f"## {family}\n", f"{ABOUT[family][0].capitalize()}. {ABOUT[family][1]}\n"]
        for each in SIGNALS.values():
            if each.family == family:
                lines += entry(each)
    lines += ["## Rows\n", "What one row of a ragged signal holds; the dtypes are exported by `lifeworld.core.signal`.\n"]
    for name, (about, fields) in ROWS.items():
        dtype: np.dtype[np.void] = getattr(signal, name)
        said = [word for words in fields for word in words.split(", ")]
        assert tuple(said) == (dtype.names or ()), f"the fields of {name} are {dtype.names}"
        lines += [f"### {name}\n", f"{about}\n"]
        if fields:
            lines += ["| field | dtype | is |", "|---|---|---|"]
            lines += [f"| `{words}` | {held(dtype[words.split(', ')[0]])} | {meaning} |" for words, meaning in fields.items()]
            lines.append("")
    lines += words("Predicates", "relations", PREDICATES, "*As in a scene*: by the rules of [relations](scene-format.md#relations).")
    lines += words("Kinds of events", "events", KINDS, "")
    return "\n".join(lines).rstrip() + "\n"


def entry(each: Signal) -> list[str]:
    """What is to be known of one signal."""
    unknown = {size for size in each.shape if isinstance(size, str)} - SIZES.keys()
    assert not unknown, f"{unknown} of {each.name} has no line in SIZES"
    shape = f"({', '.join(map(str, each.shape))}{',' if len(each.shape) == 1 else ''})"
    value = f"rows of `{row_name(each.dtype)}`" if each.ragged else f"{each.dtype} {shape if each.shape else 'number'}"
    when = {"tick": "every tick", "frame": "every frame", "start": "once, at the start"}[each.rate]
    return [
        f"### {each.name}\n",
        f"{each.meaning}\n",
        f"- {value}, unit {each.unit}, frame {each.frame}; per {each.per}, {when}" + ("; looks forward" if each.forward else ""),
        f"- computed: {each.computed}",
        f"- exactness: {each.exactness}",
        f"- held to it by `{each.test}`",
        "",
    ]


def words(title: str, what: str, table: Sequence[tuple[str, str]], more: str) -> list[str]:
    """The words that a signal's numbers stand for."""
    about = f'What `{what}` say, by number, as in `legend["{what}"]`. {more}'.rstrip()
    return [
        f"## {title}\n",
        f"{about}\n",
        "| | word | means |",
        "|---|---|---|",
        *(f"| {n} | `{w}` | {m} |" for n, (w, m) in enumerate(table)),
        "",
    ]


def row_name(dtype: np.dtype[np.generic]) -> str:
    """The name under which a row's dtype is exported; of plain numbers the dtype itself."""
    return next((name for name in ROWS if getattr(signal, name) == dtype), dtype.name)


def held(dtype: np.dtype[np.generic]) -> str:
    """A field's dtype and how many of it."""
    base, shape = (dtype.subdtype or (dtype, ()))[:2]
    return f"{base}" + (f" ({shape[0]})" if shape else "")


# The pictures --------------------------------------------------------------------------------------------------------------


def picture(name: str, path: Path) -> None:
    """All that a camera of a starter scene sees in one frame, of an episode in which somebody reaches for things."""
    camera, seconds = SHOWN[name]
    world = WorldPhysics(hearing=True)
    scene = settle(world, starter.load(name), seed=7)
    world.reset(scene, seed=7)
    wanted = [s for s, kind in world.spec.signals.items() if kind in DRAWN and (SIGNALS[kind].per != "camera" or s.endswith(f"@{camera}"))]
    episode = record(world, AgentCurious(), scene, seconds=seconds + 0.2, seed=7, signals=wanted)
    page = frame_sheet(episode, camera=camera, at_ns=round(seconds * 1e9), width_px=TILE_PX)
    with replace_file(path) as beside:
        page.save(beside, format="PNG", optimize=True)
    print(f"{path}: {page.width} x {page.height}, {len(wanted)} streams, drawn by {world.spec.renderer}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/signals"), sys.argv[2:])
