"""Bathroom: bathtub, toilet, washbasin, mirror; and the radiator that stands in any room."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, Surface, root
from lifeworld.scene.library.hollow import lofted, loop, oval_wall
from lifeworld.scene.library.joinery import CHROME, Finish, merged, panel, rod, rounded, seen
from lifeworld.scene.library.kitchen import faucet_body, lever_part
from lifeworld.scene.shape import Box, Vec3


def basin_walls(x: float, y: float, low: float, high: float, rim: tuple[float, float], *, y_at: float = 0.0) -> list[Geom]:
    """Four thick walls to touch around a rectangular hollow, `rim` thick at the sides and at front and back, from `low` to `high`."""
    rx, ry = rim
    tall, z = high - low, (high + low) / 2
    return [
        *(panel((rx, y, tall), (s * (x - rx) / 2, y_at, z), role="collision") for s in (-1, 1)),
        *(panel((x - 2 * rx, ry, tall), (0, y_at + s * (y - ry) / 2, z), role="collision") for s in (-1, 1)),
    ]


@archetype(
    "bathtub",
    category="furniture",
    size_m=(1.7, 0.76, 0.58),
    scale=(0.5, 1.4),
    material="ceramic",
    colors=("white", "ivory", "light_grey"),
    mass_kg=60.0,
    fixed=True,
    affordances=("fill",),
    synonyms=("bath", "tub"),
)
def bathtub(size_m: Vec3) -> Assembly:
    """A hollow bathtub."""
    x, y, z = size_m
    rim, floor = 0.07 * y, 0.2 * z
    skin = lofted(
        [
            loop(0.9 * x, 0.86 * y, 0.0, 6),
            loop(0.93 * x, 0.9 * y, 0.1 * z, 6),
            loop(0.985 * x, 0.97 * y, 0.9 * z, 7),
            loop(x, y, 0.95 * z, 7),
            loop(x - 0.004, y - 0.004, 0.985 * z, 7),
            loop(x - 0.02, y - 0.02, z, 7),
            loop(x - 1.8 * rim, y - 1.8 * rim, z, 5),
            loop(x - 2 * rim, y - 2 * rim, 0.97 * z, 5),
            loop(x - 3.6 * rim, y - 3.4 * rim, floor + 0.1 * z, 4.5),
            loop(x - 5.2 * rim, y - 5 * rim, floor + 0.01, 4),
            loop(x - 7 * rim, y - 7 * rim, floor, 4),
        ]
    )
    inner = (x - 5.2 * rim, y - 5 * rim)
    drain = (-0.5 * inner[0] + 0.1 * x, 0.0)
    geoms = [
        seen(skin),
        *basin_walls(x - 0.01, y - 0.01, floor, z - 0.002, (1.9 * rim, 1.8 * rim)),
        panel((0.93 * x, 0.9 * y, floor), (0, 0, floor / 2), role="collision"),
        rod(0.03, (*drain, floor), (*drain, floor + 0.004), CHROME, role="visual"),
        rod(0.035, (-x / 2 + 1.25 * rim, 0, 0.78 * z), (-x / 2 + 1.65 * rim, 0, 0.77 * z), CHROME, role="visual"),
    ]
    free = (x - 3.8 * rim - 0.01, y - 3.6 * rim - 0.01)
    return Assembly(
        parts=(root(geoms),),
        containers=(Container(name="inside", size_m=(free[0], free[1], z - floor), pose=Pose((0, 0, floor))),),
    )


@archetype(
    "toilet",
    category="furniture",
    size_m=(0.38, 0.68, 0.8),
    scale=(0.6, 1.3),
    material="ceramic",
    colors=("white", "ivory", "black"),
    mass_kg=30.0,
    fixed=True,
    affordances=("sit", "open", "close", "press"),
    synonyms=("lavatory", "loo", "water closet"),
)
def toilet(size_m: Vec3) -> Assembly:
    """A toilet with a cistern and a hinged lid."""
    x, y, z = size_m
    rim, lid = 0.5 * z, 0.03
    tank = 0.27 * y
    long = y - tank + 0.02
    at = -y / 2 + long / 2
    wide, wall, deep = 0.95 * x, 0.13 * x, 0.19 * z
    skin = lofted(
        [
            loop(0.58 * wide, 0.72 * long, 0.0, 3, y_at_m=at + 0.12 * long),
            loop(0.56 * wide, 0.7 * long, 0.1 * z, 3, y_at_m=at + 0.12 * long),
            loop(0.66 * wide, 0.78 * long, 0.3 * rim, 2.6, y_at_m=at + 0.09 * long),
            loop(0.94 * wide, 0.96 * long, 0.78 * rim, 2.4, y_at_m=at + 0.02 * long),
            loop(wide, long, 0.92 * rim, 2.4, y_at_m=at),
            loop(wide, long, rim, 2.4, y_at_m=at),
            loop(wide - 2 * wall, 0.72 * long, rim, 2.2, y_at_m=at - 0.06 * long),
            loop(0.5 * wide, 0.5 * long, rim - 0.75 * deep, 2.0, y_at_m=at - 0.04 * long),
            loop(0.2 * wide, 0.2 * long, rim - deep, 2.0, y_at_m=at),
        ]
    )
    thick = 0.08 * x
    half = ((wide - 2 * wall) / 2 + thick, 0.36 * long + thick)
    bowl = Pose((0, at - 0.06 * long, 0))
    shell = oval_wall((half[0] - 0.16 * x, half[1] - 0.21 * x), half, deep, thick, z_m=rim - deep, pieces=10)
    geoms = [
        seen(skin),
        *(Geom(shape=g.shape, pose=bowl @ g.pose, role="collision") for g in shell),
        panel((0.6 * wide, 0.8 * long, rim - deep), (0, at + 0.1 * long, (rim - deep) / 2), role="collision"),
        panel((0.9 * wide, 0.18 * long, 0.5 * rim), (0, at + 0.4 * long, 0.75 * rim), role="collision"),
        *rounded((x - 0.01, tank - 0.02, z - rim - 0.03), (0, y / 2 - tank / 2 + 0.01, (z + rim - 0.03) / 2), 0.02, steps=3),
        *rounded((x, tank - 0.01, 0.035), (0, y / 2 - tank / 2 + 0.005, z - 0.0175), 0.01, steps=3),
        panel((0.8 * x, tank - 0.03, 0.05), (0, y / 2 - tank / 2 + 0.015, rim - 0.025), role="visual"),
        rod(0.022, (0, y / 2 - tank / 2, z - 0.001), (0, y / 2 - tank / 2, z + 0.002), CHROME, role="visual"),
    ]
    seat_y = y / 2 - tank - 0.005
    reach = seat_y + y / 2
    cover = loop(wide + 0.01, reach, 0.0, 2.4, y_at_m=-reach / 2)
    flap = lofted([cover, cover + (0, 0, 0.6 * lid), loop(wide - 0.02, reach - 0.03, lid, 2.4, y_at_m=-reach / 2)])
    top = Part(
        name="lid",
        parent="body",
        pose=Pose((0, seat_y, rim + 0.002)),
        geoms=(
            seen(flap, Finish("plastic")),
            panel((0.98 * wide, 0.6 * reach, lid), (0, -0.36 * reach, lid / 2), Finish("plastic"), role="collision"),
            panel((0.66 * wide, 0.94 * reach, lid), (0, -0.51 * reach, lid / 2), Finish("plastic"), role="collision"),
        ),
        joint=Joint(name="lid", kind="hinge", axis=(-1, 0, 0), range=(0.0, 1.7), damping=0.2, friction=0.3),
    )
    free = 2 * (half[0] - 0.24 * x)
    return Assembly(
        parts=(root(geoms), top),
        surfaces=(
            Surface(name="lid", part="lid", size_m=(0.6 * wide, 0.6 * reach), pose=Pose((0, -0.45 * reach, lid))),
            Surface(name="cistern", size_m=(x - 0.04, tank - 0.05), pose=Pose((0, y / 2 - tank / 2 + 0.005, z))),
        ),
        containers=(Container(name="bowl", size_m=(free, free, deep - 0.01), pose=Pose((0, at - 0.06 * long, rim - deep)), shape="disc"),),
    )


@archetype(
    "washbasin",
    category="furniture",
    size_m=(0.6, 0.48, 0.86),
    scale=(0.6, 1.5),
    material="ceramic",
    options={"faucet": (False, True)},
    colors=("white", "ivory"),
    mass_kg=25.0,
    fixed=True,
    affordances=("fill", "turn_on", "turn_off"),
    synonyms=("bathroom sink", "hand basin", "pedestal sink"),
)
def washbasin(size_m: Vec3, *, faucet: bool = True) -> Assembly:
    """A ceramic basin on a pedestal, with a tap.

    z is the height of its rim; the tap stands on it.
    """
    x, y, z = size_m
    ledge, deep = 0.2 * y, 0.15 * z
    wide, long = x - 0.09, y - ledge - 0.04
    at = -y / 2 + 0.04 + long / 2
    skin = lofted(
        [
            loop(0.3 * x, 0.36 * y, z - 1.5 * deep, 3, y_at_m=0.06 * y),
            loop(0.7 * x, 0.7 * y, z - 1.1 * deep, 3.4, y_at_m=0.04 * y),
            loop(0.97 * x, 0.97 * y, z - 0.35 * deep, 5),
            loop(x, y, z - 0.2 * deep, 6),
            loop(x, y, z - 0.006, 6),
            loop(x - 0.012, y - 0.012, z, 6),
            loop(wide, long, z, 3, y_at_m=at),
            loop(wide - 0.02, long - 0.02, z - 0.01, 3, y_at_m=at),
            loop(0.72 * wide, 0.72 * long, z - 0.85 * deep, 2.5, y_at_m=at),
            loop(0.3 * wide, 0.3 * long, z - deep, 2.2, y_at_m=at),
        ]
    )
    foot = lofted(
        [
            loop(0.42 * x, 0.5 * y, 0.0, 4, y_at_m=0.1 * y),
            loop(0.3 * x, 0.38 * y, 0.08 * z, 4, y_at_m=0.1 * y),
            loop(0.26 * x, 0.34 * y, z - 1.3 * deep, 4, y_at_m=0.08 * y),
        ]
    )
    free = (0.7 * wide, 0.7 * long)
    sides = ((x - free[0]) / 2, long, z - deep)
    geoms = [
        seen(skin),
        seen(foot),
        panel((0.3 * x, 0.38 * y, z - 1.2 * deep), (0, 0.09 * y, (z - 1.2 * deep) / 2), role="collision"),
        panel((0.9 * x, 0.9 * y, 0.2 * deep), (0, 0, z - 1.1 * deep), role="collision"),
        *(panel((sides[0], y, deep - 0.001), (s * (x - sides[0]) / 2, 0, z - deep / 2), role="collision") for s in (-1, 1)),
        panel((free[0], y / 2 - at - free[1] / 2, deep - 0.001), (0, (y / 2 + at + free[1] / 2) / 2, z - deep / 2), role="collision"),
        panel((free[0], at - free[1] / 2 + y / 2, deep - 0.001), (0, (at - free[1] / 2 - y / 2) / 2, z - deep / 2), role="collision"),
        rod(0.022, (0, at, z - deep - 0.002), (0, at, z - deep + 0.003), CHROME, role="visual"),
    ]
    parts = []
    if faucet:
        reach, tall = 0.42 * y, 0.24 * z
        body, pose, lever = faucet_body(reach, tall, 0.02)
        move = Pose((0, y / 2 - 0.02 - reach / 2, z))
        geoms += [Geom(shape=g.shape, pose=move @ g.pose, material=g.material, color=g.color, role=g.role) for g in body]
        parts.append(lever_part(move @ pose, lever))
    return Assembly(
        parts=(root(geoms), *parts),
        containers=(Container(name="basin", size_m=(*free, deep), pose=Pose((0, at, z - deep))),),
    )


@archetype(
    "mirror",
    category="decor",
    size_m=(0.6, 0.03, 0.9),
    scale=(0.3, 2.5),
    material="wood",
    materials=("wood", "dark_wood", "painted_wood", "brass"),
    colors=("brown", "white", "black", "gold"),
    fixed=True,
    hangs_m=1.5,
    synonyms=("looking glass", "wall mirror"),
)
def mirror(size_m: Vec3) -> Assembly:
    """A framed mirror; its back goes against a wall."""
    x, y, z = size_m
    edge = 0.06 * min(x, z)
    geoms = [
        *(g for s in (-1, 1) for g in rounded((edge, y, z), (s * (x - edge) / 2, 0, z / 2), 0.2 * y)),
        *(g for at in (edge / 2, z - edge / 2) for g in rounded((x - 2 * edge, y, edge), (0, 0, at), 0.2 * y)),
        panel((x - 2 * edge, 0.4 * y, z - 2 * edge), (0, 0.1 * y, z / 2), Finish("steel", "#cfdde4")),
    ]
    return Assembly(parts=(root(geoms),))


@archetype(
    "radiator",
    category="appliance",
    size_m=(0.9, 0.12, 0.6),
    scale=(0.4, 2.5),
    material="steel",
    color="#f3f2ee",
    colors=("white", "grey", "black"),
    mass_kg=18.0,
    fixed=True,
    affordances=("turn_on", "turn_off", "support"),
    synonyms=("heater", "heating"),
)
def radiator(size_m: Vec3) -> Assembly:
    """A ribbed radiator on two feet, with a knob."""
    x, y, z = size_m
    foot, cap = 0.12 * z, 0.03
    body = x - cap
    ribs = max(3, round(body / 0.05))
    pitch = body / ribs
    blocks: list[tuple[Vec3, Vec3]] = [
        ((0.72 * pitch, y, z - foot - 0.04), (-x / 2 + (i + 0.5) * pitch, 0, (z + foot) / 2)) for i in range(ribs)
    ]
    blocks += [((body, 0.6 * y, 0.045), (-cap / 2, 0, at)) for at in (foot + 0.045, z - 0.045)]
    geoms = [
        seen(merged(blocks)),
        panel((body, y, z - foot - 0.04), (-cap / 2, 0, (z + foot) / 2), role="collision"),
        *rounded((body, y, 0.02), (-cap / 2, 0, z - 0.01), 0.005),
        *(panel((0.03, 0.8 * y, foot + 0.02), (s * 0.36 * x, 0, (foot + 0.02) / 2)) for s in (-1, 1)),
        Geom(shape=Box((cap, 0.04, 0.04)), pose=Pose((x / 2 - cap / 2, 0, z - 0.06)), material="plastic", color="#e6e6e2"),
    ]
    return Assembly(parts=(root(geoms),), surfaces=(Surface(name="top", size_m=(body - 0.02, 0.8 * y), pose=Pose((-cap / 2, 0, z))),))
