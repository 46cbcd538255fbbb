"""Ways up and down: step, stairs, ramp, track. They rise towards the back (+Y)."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.library.joinery import Finish, panel, rounded
from lifeworld.scene.shape import Box, Vec3, extrude

TREAD = Finish("wood", "#a9784a")


@archetype(
    "step",
    category="structure",
    size_m=(0.6, 0.35, 0.18),
    scale=(0.3, 4.0),
    material="wood",
    materials=("wood", "stone", "plaster", "rubber"),
    colors=("brown", "grey", "white"),
    fixed=True,
    affordances=("support",),
    synonyms=("block step", "doorstep", "riser"),
)
def step(size_m: Vec3) -> Assembly:
    """One step up, a solid block."""
    x, y, z = size_m
    return Assembly(
        parts=(root(rounded(size_m, (0, 0, z / 2), 0.008)),),
        surfaces=(Surface(name="top", size_m=(x - 0.03, y - 0.03), pose=Pose((0, 0, z))),),
    )


@archetype(
    "stairs",
    category="structure",
    size_m=(0.95, 2.6, 1.75),
    scale=(0.2, 3.0),
    material="plaster",
    options={"steps": (2, 20)},
    materials=("plaster", "stone", "wood"),
    colors=("white", "grey", "brown"),
    fixed=True,
    affordances=("support",),
    synonyms=("staircase", "stairway", "steps", "flight of stairs"),
)
def stairs(size_m: Vec3, *, steps: int = 10) -> Assembly:
    """A straight flight of solid steps with wooden treads; `step_1` is the lowest."""
    x, y, z = size_m
    run, rise = y / steps, z / steps
    board, nose = min(0.025, 0.15 * rise), min(0.02, 0.1 * run)
    geoms, surfaces = [], []
    for i in range(steps):
        at, high = -y / 2 + (i + 0.5) * run, (i + 1) * rise
        geoms.append(panel((x, run, high - board), (0, at, (high - board) / 2)))
        front = nose if i else 0.0
        geoms.append(panel((x, run + front, board), (0, at - front / 2, high - board / 2), TREAD))
        surfaces.append(Surface(name=f"step_{i + 1}", size_m=(x - 0.04, 0.9 * (run - nose)), pose=Pose((0, at - nose / 2, high))))
    return Assembly(parts=(root(geoms),), surfaces=tuple(surfaces))


@archetype(
    "ramp",
    category="structure",
    size_m=(0.5, 1.2, 0.35),
    scale=(0.1, 5.0),
    material="wood",
    options={"rails": (False, True)},
    materials=("wood", "dark_wood", "stone", "steel", "plastic", "rubber"),
    colors=("brown", "grey", "red", "blue", "yellow"),
    fixed=True,
    affordances=("roll",),
    synonyms=("slope", "incline", "inclined plane", "wedge"),
)
def ramp(size_m: Vec3, *, rails: bool = False) -> Assembly:
    """A wedge to roll things down towards the front, with rails if wished.

    With rails, z is the height of their upper end.
    """
    x, y, z = size_m
    lip, bar = (0.12 * z, min(0.02, 0.06 * x)) if rails else (0.0, 0.0)
    high = z - lip
    # The outline lies in (y, z): turn x → y, y → z, z → x.
    upright = (0.5, 0.5, 0.5, 0.5)
    wedge = extrude(np.array([(-y / 2, 0.0), (y / 2, 0.0), (y / 2, high)]), x)
    geoms = [Geom(shape=wedge, pose=Pose((-x / 2, 0, 0), upright))]
    if rails:
        rail = extrude(np.array([(-y / 2, 0.0), (y / 2, high), (y / 2, z), (-y / 2, lip)]), bar)
        geoms += [Geom(shape=rail, pose=Pose((at, 0, 0), upright), material="dark_wood") for at in (-x / 2, x / 2 - bar)]
    return Assembly(parts=(root(geoms),))


@archetype(
    "track",
    category="structure",
    size_m=(0.12, 1.0, 0.3),
    scale=(0.2, 4.0),
    material="wood",
    options={"drop": (0.0, 0.9)},
    materials=("wood", "dark_wood", "steel", "plastic"),
    colors=("brown", "red", "blue", "yellow"),
    fixed=True,
    affordances=("roll", "support"),
    synonyms=("rail", "channel", "marble run", "gutter"),
)
def track(size_m: Vec3, *, drop: float = 0.5) -> Assembly:
    """A channel on two posts that falls towards the front by `drop` of its height."""
    x, y, z = size_m
    wall = min(0.01, 0.08 * x)
    lip = 0.35 * x
    fall = drop * (z - lip - wall)
    slope = float(np.arctan2(fall, y))
    long = (y - (lip + wall) * np.sin(slope)) / np.cos(slope)
    high = z - (lip + wall) / 2 * np.cos(slope) - long / 2 * np.sin(slope)  # the middle of the channel
    tilt = Pose((0, 0, high), (np.cos(slope / 2), np.sin(slope / 2), 0.0, 0.0))
    low = -(lip + wall) / 2
    plates: list[tuple[Vec3, Vec3]] = [((x, long, wall), (0, 0, low + wall / 2))]
    plates += [((wall, long, lip), (s * (x - wall) / 2, 0, wall / 2)) for s in (-1.0, 1.0)]
    geoms = [Geom(shape=Box(size), pose=tilt @ Pose(at)) for size, at in plates]
    for along in (-0.42, 0.42):
        foot = tilt.apply((0.0, along * long, low))
        tall = float(foot[2])
        if tall > 0.004:
            geoms += [
                panel((0.4 * x, 0.05 * y, tall), (0, float(foot[1]), tall / 2), Finish("dark_wood")),
                panel((x, 0.08 * y, min(0.02, tall)), (0, float(foot[1]), min(0.02, tall) / 2), Finish("dark_wood")),
            ]
    surfaces = () if drop > 0 else (Surface(name="bed", size_m=(x - 2 * wall - 0.004, 0.96 * y), pose=Pose((0, 0, high + low + wall))),)
    return Assembly(parts=(root(geoms),), surfaces=surfaces)
