"""Speed of the senses: frames, ticks and seconds of sound a second with two processes on two cores, memory, cost against scene size.

A frame is looked at as `record` does it (`watch.py`), two ticks of 20 ms after the last; the physics between frames is stepped off
the clock, and the rate with it on the clock stands beside. The scene is `peers/tumble.py`: boxes, balls and cylinders that fall.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_physics import scattered
from benchmarks.furnished import furnished, triangles
from benchmarks.peers.tumble import FRAME_TICKS, FRAMES, tumble
from benchmarks.row import Row
from benchmarks.watch import ALL_SEE, GEOMETRY, SENSOR_VARIANTS, Watch
from benchmarks.workers import Crew, Job, together
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount, Scene
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics

SHARE_S = 75
LONG_S = 60
SECONDS = 2.0

PICTURE = Path("out/senses-size.png")
SIZES = (10, 30, 100, 300)
TICK_S = 0.02


def run() -> Iterator[Row]:
    """Each number beside its bar."""
    picture = ("rgb", "depth_m", "instance_ids")
    yield from _seen("rgb + depth + ids, 320×240, 20 things, shadows", tumble(), picture, 150)
    library = scattered(20, camera=CameraMount(name="c", pose=Pose.look_at((0.4, -0.9, 0.8), (0.4, 0.4, 0))))
    yield Row("  the same of 20 things from the library, 38 k triangles", _crew(look, library, picture).rate, "frames/s")
    square = tumble(width_px=256, height_px=256)
    crew = yield from _seen(f"all see ({len(ALL_SEE)} signals), 256×256, 20 things, shadows", square, ALL_SEE, 60)
    yield Row("  most memory of such a worker", crew.peak_mb, "MB", 700, lower=True)
    crew = _crew(look, square, (*ALL_SEE, *SENSOR_VARIANTS))
    yield Row("  with the sensor's variants too (blur, noise, stereo holes), 2 processes", crew.rate, "frames/s")
    yield from _seen(f"geometry only ({len(GEOMETRY)} signals), 128×128, 20 things", tumble(width_px=128, height_px=128), GEOMETRY, 300)
    yield from _furnished()
    yield from _felt()
    yield from _heard()


def run_long() -> Iterator[Row]:
    """How the time of a frame grows with the things in it, and a picture of that."""
    yield from _sizes()


def _seen(name: str, scene: Scene, signals: Sequence[str], bar: float) -> Iterator[Row]:
    """Two processes beside their bar, and one for comparison; gives back the two."""
    crew = _crew(look, scene, tuple(signals))
    yield Row(f"{name}, 2 processes", crew.rate, "frames/s", bar)
    yield Row("  with the physics on the clock", crew.whole_rate, "frames/s")
    yield Row("  1 process", _crew(look, scene, tuple(signals), processes=1).rate, "frames/s")
    return crew


def _furnished() -> Iterator[Row]:
    scene = furnished()
    yield Row(
        f"furnished room: triangles of meshes to be seen, {len(scene.things)} things",
        triangles(WorldPhysics(renderer="rays").reset(scene, seed=0).compiled),
        "",
        250_000,
    )
    yield from _seen("  all see, 256×256, shadows", scene, ALL_SEE, 25)


def _felt() -> Iterator[Row]:
    crew = _crew(feel, tumble())
    yield Row("touch + be, 20 things falling, 2 processes", crew.rate, "ticks/s", 5_000)
    yield Row("  with the physics on the clock", crew.whole_rate, "ticks/s")
    yield Row("  1 process", _crew(feel, tumble(), processes=1).rate, "ticks/s")


def _heard() -> Iterator[Row]:
    crew = _crew(hear, tumble())  # the physics counts: hearing listens to its every step
    yield Row("audio, mono and stereo, and its physics, 20 things falling, 2 processes", crew.whole_rate * TICK_S, "× time", 20, timed=True)
    yield Row("  observing alone", crew.rate * TICK_S, "× time")
    yield Row("  1 process, with its physics", _crew(hear, tumble(), processes=1).whole_rate * TICK_S, "× time")


def _sizes() -> Iterator[Row]:
    spent: dict[str, list[float]] = {}
    for name, side, signals in (("all see 256×256", 256, ALL_SEE), ("geometry 128×128", 128, GEOMETRY)):
        for things in SIZES:
            crew = _crew(look, tumble(things, width_px=side, height_px=side), signals, seconds=3.0)
            spent.setdefault(name, []).append(2 / crew.rate)
            yield Row(f"{name}, {things} things, 2 processes", crew.rate, "frames/s")
        slope = float(np.polyfit(np.log(SIZES), np.log(spent[name]), 1)[0])
        yield Row(f"  time a frame grows with the {SIZES[0]} to {SIZES[-1]} things to the power of", slope, "", 1.0, lower=True, timed=True)
        steepest = float(np.max(np.diff(np.log(spent[name])) / np.diff(np.log(SIZES))))
        yield Row("  and between two sizes at most to the power of", steepest, "")
    _plot(spent)
    print(f"  picture: {PICTURE}")


def _crew(job: Job, *args: Any, **more: Any) -> Crew:
    """`together`, for as long as the share allows."""
    return together(job, *args, **({"seconds": SECONDS} | more))


# The work of one process ----------------------------------------------------------------------------------------------------


def look(scene: Scene, signals: Sequence[str]) -> Callable[[], float]:
    """A frame of these signals; the clip begins anew when it is over."""
    world = WorldPhysics(frame_ticks=FRAME_TICKS)
    start = world.reset(scene, seed=0)
    watch, state, frame = Watch(world, signals), start, 0

    def unit() -> float:
        nonlocal state, frame
        frame = frame % FRAMES + 1
        state = _ticks(world, start if frame == 1 else state, FRAME_TICKS)
        before = time.perf_counter()
        watch.look(state, last=frame == FRAMES)
        return time.perf_counter() - before

    return unit


def feel(scene: Scene) -> Callable[[], float]:
    """A tick of touch and be."""
    return _tick(WorldPhysics(), scene, ("touch", "be"))


def hear(scene: Scene) -> Callable[[], float]:
    """A tick of sound."""
    return _tick(WorldPhysics(hearing=True), scene, ("hear",))


def _tick(world: WorldPhysics, scene: Scene, signals: Sequence[str]) -> Callable[[], float]:
    start = world.reset(scene, seed=0)
    state, tick = start, 0

    def unit() -> float:
        nonlocal state, tick
        tick = tick % (FRAMES * FRAME_TICKS) + 1
        state = _ticks(world, start if tick == 1 else state, 1)
        before = time.perf_counter()
        world.observe(state, signals)
        return time.perf_counter() - before

    return unit


def _ticks(world: WorldPhysics, state: PhysicsState, ticks: int) -> PhysicsState:
    for _ in range(ticks):
        state = world.step(state, {})
    return state


def _plot(spent: dict[str, list[float]]) -> None:
    """Milliseconds a frame over how many things, both axes logarithmic, a straight line of slope 1 beside them; drawn by Pillow."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (620, 440), (250, 250, 248))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    ink, grey, inks = (34, 36, 40), (190, 192, 196), ((46, 109, 180), (192, 57, 43))
    milliseconds = {name: [1000 * s for s in times] for name, times in spent.items()}
    every = [ms for times in milliseconds.values() for ms in times]
    low, high = 10 ** np.floor(np.log10(min(every))), 10 ** np.ceil(np.log10(max(every)))
    left, top, right, bottom = 60, 50, 590, 390

    def at(things: float, ms: float) -> tuple[float, float]:
        x = np.log(things / SIZES[0]) / np.log(SIZES[-1] / SIZES[0])
        y = np.log(ms / low) / np.log(high / low)
        return left + float(x) * (right - left), bottom - float(y) * (bottom - top)

    draw.rectangle((left, top, right, bottom), outline=grey)
    draw.text((left, 14), "a frame's time over the number of things, one process of two", fill=ink, font=font)
    for things in SIZES:
        draw.line((at(things, low), at(things, high)), fill=grey)
        draw.text((at(things, low)[0] - 10, bottom + 6), str(things), fill=ink, font=font)
    for power in range(int(np.log10(low)), int(np.log10(high)) + 1):
        draw.line((at(SIZES[0], 10.0**power), at(SIZES[-1], 10.0**power)), fill=grey)
        draw.text((8, at(SIZES[0], 10.0**power)[1] - 8), f"{10.0**power:g} ms", fill=ink, font=font)
    for (name, times), colour in zip(milliseconds.items(), inks, strict=True):
        points = [at(n, ms) for n, ms in zip(SIZES, times, strict=True)]
        draw.line(points, fill=colour, width=3)
        draw.text((points[-1][0] - 6, points[-1][1] - 12), name.replace("×", " by "), fill=colour, font=font, anchor="rs")
    reach = min(SIZES[-1] / SIZES[0], high / low)
    draw.line((at(SIZES[0], low), at(SIZES[0] * reach, low * reach)), fill=ink)
    x, y = at(SIZES[0] * reach**0.3, low * reach**0.3)
    draw.text((x + 12, y), "linear", fill=ink, font=font)
    PICTURE.parent.mkdir(exist_ok=True)
    page.save(PICTURE)
