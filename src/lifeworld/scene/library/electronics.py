"""Phone, tablet, remote, keyboard, mouse, clock, camera, speaker: small things with a plug or a battery."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.form import TO_FRONT, Paint, fit, joined, loft, look, moved, plan, rounded, slab, tile, touch
from lifeworld.scene.shape import Box, Cylinder, Mesh, Vec3, lathe

DARK = ("black", "dark_grey", "white", "silver", "navy")
SCREEN: Paint = {"color": "#11151c", "material": "glass"}


@archetype(
    "phone",
    category="electronics",
    size_m=(0.073, 0.150, 0.0085),
    scale=(0.7, 1.5),
    material="plastic",
    color="dark_grey",
    materials=("plastic", "glass", "aluminium"),
    colors=DARK,
    mass_kg=0.18,
    affordances=("grasp", "read", "press", "turn_on", "turn_off"),
    synonyms=("mobile phone", "smartphone", "cell phone"),
)
def phone(size_m: Vec3) -> Assembly:
    """A phone, its screen up."""
    return _tablet(size_m, border=0.05, corner=0.13, icons=(4, 6))


@archetype(
    "tablet",
    category="electronics",
    size_m=(0.178, 0.25, 0.0075),
    scale=(0.6, 1.4),
    material="aluminium",
    color="silver",
    materials=("aluminium", "plastic"),
    colors=DARK,
    mass_kg=0.48,
    affordances=("grasp", "read", "press", "turn_on", "turn_off"),
    synonyms=("tablet computer", "e-reader"),
)
def tablet(size_m: Vec3) -> Assembly:
    """A tablet computer, its screen up."""
    return _tablet(size_m, border=0.06, corner=0.06, icons=(5, 6))


def _tablet(size_m: Vec3, *, border: float, corner: float, icons: tuple[int, int]) -> Assembly:
    x, y, z = size_m
    rim, colors = border * x, ("#3f8f4f", "#2e6db4", "#e67e22", "#c0392b", "#f1c40f", "#7d3c98", "#1f8a8a")
    across_m, up_m = (x - 2 * rim) / icons[0], 0.78 * (y - 2 * rim) / icons[1]
    side = 0.56 * min(across_m, up_m)
    tiles = [
        (
            moved(
                slab((side, side, 0.0003), 0.25 * side, edge_m=0.0001),
                ((i - (icons[0] - 1) / 2) * across_m, (j - (icons[1] - 1) / 2) * up_m + 0.04 * y, z + 0.0001),
            ),
            (3 * i + 5 * j) % 7,
        )
        for i in range(icons[0])
        for j in range(1, icons[1])
    ]
    shown = [look(joined(*[m for m, c in tiles if c == k]), color=colors[k]) for k in range(7) if any(c == k for _, c in tiles)]
    return Assembly(
        parts=(
            root(
                [
                    *tile(size_m, corner * x),
                    look(slab(size_m, corner * x, edge_m=0.18 * z)),
                    look(
                        slab((x - 0.5 * rim, y - 0.5 * rim, 0.0003), corner * x - 0.25 * rim, edge_m=0.0001), (0, 0, z - 0.0002), **SCREEN
                    ),
                    look(
                        slab((x - 2 * rim, y - 2 * rim, 0.0003), 0.5 * corner * x, edge_m=0.0001),
                        (0, 0, z),
                        color="#20324a",
                        material="plastic",
                    ),
                    *shown,
                    look(Box((0.18 * x, 0.004 * y, 0.0003)), (0, 0.5 * y - 0.75 * rim, z + 0.0001), color="#2b2f36", material="plastic"),
                    look(Box((0.012 * x, 0.12 * y, 0.3 * z)), (0.5 * x, 0.14 * y, 0.5 * z), color="#55585c", material="aluminium"),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),),
    )


@archetype(
    "remote",
    category="electronics",
    size_m=(0.046, 0.175, 0.020),
    scale=(0.6, 1.5),
    material="plastic",
    color="#26272b",
    materials=("plastic",),
    colors=DARK,
    mass_kg=0.10,
    affordances=("grasp", "press"),
    synonyms=("remote control", "TV remote"),
)
def remote(size_m: Vec3) -> Assembly:
    """A remote control with its buttons up."""
    x, y, z = 0.046, 0.175, 0.020
    top = z - 0.0015
    cuts = [(-0.0875, 0.86, 0.80), (-0.083, 0.96, 0.93), (-0.05, 1.0, 1.0), (0.03, 0.97, 0.98), (0.083, 0.98, 0.97), (0.0875, 0.90, 0.86)]
    half, t = x / 2, np.linspace(0, 2 * np.pi, 20, endpoint=False)
    c, s = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** 0.45, np.sign(np.sin(t)) * np.abs(np.sin(t)) ** 0.55
    body = loft([np.column_stack([half * w * c, np.full(20, py), h * top * (0.5 + 0.5 * s)]) for py, w, h in cuts])

    def keys(columns: int, rows: int, at_y: float, wide: float, deep: float, gap: float) -> list[Mesh]:
        one = slab((wide, deep, 0.003), 0.35 * min(wide, deep), edge_m=0.0006)
        return [
            moved(one, ((i - (columns - 1) / 2) * (wide + gap), at_y - j * (deep + gap), top - 0.0015))
            for i in range(columns)
            for j in range(rows)
        ]

    pad = lathe(rounded([(0.0, 0.0), (0.013, 0.0), (0.013, 0.0030), (0.0, 0.0030)], 0.0006), segments=28)
    middle = lathe(rounded([(0.0, 0.0), (0.0055, 0.0), (0.0055, 0.0036), (0.0, 0.0036)], 0.0006), segments=20)
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        touch(Box((x - 0.002, y - 0.010, top)), (0, 0, top / 2)),
                        look(body),
                        look(joined(*keys(3, 4, 0.002, 0.0095, 0.0065, 0.0032)), color="#d8d8d8", material="rubber"),
                        look(joined(*keys(3, 2, -0.047, 0.0095, 0.0050, 0.0032)), color="#8c8c8c", material="rubber"),
                        look(pad, (0, 0.030, top - 0.0012), color="#3c3d42"),
                        look(middle, (0, 0.030, top - 0.0012), color="#c8c8c8"),
                        look(
                            moved(slab((0.009, 0.009, 0.003), 0.004, edge_m=0.0006), (-0.011, 0.066, top - 0.0015)),
                            color="red",
                            material="rubber",
                        ),
                        look(Box((0.020, 0.0012, 0.007)), (0, 0.0870, 0.009), color="#5a1414", material="glass"),
                        touch(Box((0.036, 0.125, 0.0025)), (0, 0.01, z - 0.00175)),
                    ]
                ),
            )
        ),
        (x, y, z),
        size_m,
    )


@archetype(
    "keyboard",
    category="electronics",
    size_m=(0.44, 0.145, 0.028),
    scale=(0.5, 1.3),
    material="plastic",
    color="#2f3136",
    materials=("plastic", "aluminium"),
    colors=DARK,
    mass_kg=0.7,
    affordances=("grasp", "press"),
    synonyms=("computer keyboard",),
)
def keyboard(size_m: Vec3) -> Assembly:
    """A computer keyboard, a little higher at the back."""
    x, y, z = 0.44, 0.145, 0.028
    front, back = 0.014, 0.0225
    lean = float(np.arctan2(back - front, y))
    wedge = loft([[(sx * x / 2, -y / 2, h) for sx, h in ((-1, 0.0), (1, 0.0), (1, front), (-1, front))], [(sx * x / 2, y / 2, h)
        for sx, h in ((-1, 0.0), (1, 0.0), (1, back), (-1, back))]], smooth=False)  # fmt: skip
    pitch, turn = 0.0192, (float(np.cos(lean / 2)), float(np.sin(lean / 2)), 0.0, 0.0)
    rows = [
        (0.052, [1.0] * 13, 0.75),
        (0.029, [1.0] * 13 + [2.0], 1.0),
        (0.010, [1.5] + [1.0] * 12 + [1.5], 1.0),
        (-0.009, [1.75] + [1.0] * 11 + [2.25], 1.0),
        (-0.028, [2.25] + [1.0] * 10 + [2.75], 1.0),
        (-0.047, [1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 2.5], 1.0),
    ]
    light: list[Mesh] = []
    dark: list[Mesh] = []
    for at_y, widths, deep in rows:
        left = -0.211
        for i, w in enumerate(widths):
            key = _key(w * pitch - 0.0028, deep * pitch - 0.0028)
            placed = moved(key, (left + w * pitch / 2, at_y, (front + back) / 2 + at_y * np.tan(lean)), turn)
            (dark if w > 1 or (deep < 1 and i == 0) else light).append(placed)
            left += w * pitch
    numbers = [
        moved(_key(pitch - 0.0028, deep * pitch - 0.0028), (0.136 + pitch * k, at_y, (front + back) / 2 + at_y * np.tan(lean)), turn)
        for at_y, _, deep in rows
        for k in range(4)
    ]
    board = touch(wedge, (0, 0, 0))
    keys = [
        touch(Box((wide, y - 0.025, 0.0070)), (at_x, 0.0025, (front + back) / 2 + 0.0022), turn)
        for wide, at_x in ((0.274, -0.074), (0.077, 0.165))
    ]
    return fit(
        Assembly(
            parts=(
                root([board, look(wedge), *keys, look(joined(*light, *numbers), color="#53565e"), look(joined(*dark), color="#3c3e45")]),
            )
        ),
        (x, y, z),
        size_m,
    )


def _key(wide: float, deep: float) -> Mesh:
    return loft(
        [
            plan(wide, deep, 0.0012, -0.001, steps=2),
            plan(wide, deep, 0.0012, 0.0025, steps=2),
            plan(wide - 0.0025, deep - 0.0025, 0.0012, 0.0055, steps=2),
        ],
        smooth=False,
    )


@archetype(
    "mouse",
    category="electronics",
    size_m=(0.064, 0.112, 0.038),
    scale=(0.7, 1.4),
    material="plastic",
    color="#2f3136",
    materials=("plastic",),
    colors=DARK,
    mass_kg=0.09,
    affordances=("grasp", "press"),
    synonyms=("computer mouse",),
)
def mouse(size_m: Vec3) -> Assembly:
    """A computer mouse with two buttons and a wheel, its buttons to the rear."""
    cuts = [(-0.056, 0.012, 0.012), (-0.053, 0.020, 0.020), (-0.044, 0.027, 0.028), (-0.025, 0.0310, 0.0365), (-0.005, 0.0320, 0.0380),
        (0.020, 0.0310, 0.0335), (0.042, 0.0285, 0.0240), (0.053, 0.0235, 0.0160), (0.056, 0.016, 0.011)]  # fmt: skip
    t = np.linspace(0, np.pi, 15)
    rings = [
        np.column_stack([w * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** 0.7, np.full(15, y), 0.002 + (h - 0.002) * np.sin(t) ** 0.75])
        for y, w, h in cuts
    ]
    shell = loft(rings)
    few = loft([r[::2] * (1, 1, 1) for r in rings[::2]])
    base = np.array([(c[1] * 0.93, c[0] * 0.97) for c in cuts])
    sole = np.concatenate([base, base[::-1] * (-1, 1)])
    seam = [(0.0, 0.012, 0.0364), (0.0, 0.030, 0.0302), (0.0, 0.050, 0.0200)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(shell),
                        look(loft([np.column_stack([sole, np.full(len(sole), h)]) for h in (0.0, 0.0025)]), color="#1a1b1e"),
                        look(
                            loft(
                                [
                                    [(sx * 0.0006, y, z + dz) for sx, dz in ((-1, -0.004), (1, -0.004), (1, 0.0003), (-1, 0.0003))]
                                    for _, y, z in seam
                                ],
                                smooth=False,
                            ),
                            color="#0f1012",
                        ),
                        look(
                            Cylinder(0.0085, 0.006),
                            (0, 0.034, 0.0232),
                            (float(np.sqrt(0.5)), 0, float(np.sqrt(0.5)), 0),
                            color="#7a7d82",
                            material="rubber",
                        ),
                        touch(few, (0, 0, 0)),
                        touch(Box((0.046, 0.092, 0.004)), (0, -0.001, 0.002)),
                    ]
                ),
            )
        ),
        (0.064, 0.112, 0.038),
        size_m,
    )


@archetype(
    "clock",
    category="electronics",
    size_m=(0.13, 0.05, 0.135),
    scale=(0.5, 2.5),
    material="wood",
    materials=("wood", "dark_wood", "plastic", "brass"),
    colors=("red", "white", "black", "teal"),
    mass_kg=0.45,
    affordances=("grasp", "read"),
    synonyms=("desk clock", "alarm clock", "table clock"),
    options={"hour": (0, 11), "minute": (0, 59)},
)
def clock(size_m: Vec3, *, hour: int = 10, minute: int = 9) -> Assembly:
    """A desk clock; `hour` and `minute` are what it shows."""
    x, y, z = 0.13, 0.05, 0.135
    body = moved(slab((x, z - 0.004, y), 0.022, edge_m=0.003), (0, y / 2, z / 2 + 0.002), TO_FRONT)
    centre, r = (0.0, -y / 2, z / 2 + 0.002), 0.052

    def hand(turns: float, length: float, wide: float, height: float, color: str) -> Geom:
        a = np.pi / 2 - 2 * np.pi * turns
        line = loft(
            [
                [(-0.2 * length, -wide / 2, h), (length, -0.35 * wide, h), (length, 0.35 * wide, h), (-0.2 * length, wide / 2, h)]
                for h in (height, height + 0.0006)
            ],
            smooth=False,
        )
        return look(
            moved(moved(line, (0, 0, 0), (float(np.cos(a / 2)), 0, 0, float(np.sin(a / 2)))), centre, TO_FRONT),
            color=color,
            material="plastic",
        )

    ticks = []
    for i in range(12):
        a = np.pi / 6 * i
        long, wide = (0.009, 0.0026) if i % 3 == 0 else (0.006, 0.0016)
        tick = loft(
            [[(r - 0.006 - long * k, s * wide / 2, h) for k, s in ((0, -1), (0, 1), (1, 1), (1, -1))] for h in (0.0012, 0.0018)],
            smooth=False,
        )
        ticks.append(moved(moved(tick, (0, 0, 0), (float(np.cos(a / 2)), 0, 0, float(np.sin(a / 2)))), centre, TO_FRONT))
    ring = lathe(rounded([(r, 0.0), (r + 0.0045, 0.0), (r + 0.0045, 0.0035), (r, 0.0035)], 0.001), segments=40)
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(body),
                        look(
                            moved(lathe([(0.0, 0.0), (r, 0.0), (r, 0.0012), (0.0, 0.0012)], segments=40), centre, TO_FRONT),
                            color="#f7f4ea",
                            material="paper",
                        ),
                        look(moved(ring, centre, TO_FRONT), color="gold", material="brass"),
                        look(joined(*ticks), color="#26262a", material="plastic"),
                        hand((hour + minute / 60) / 12, 0.026, 0.0042, 0.0020, "#26262a"),
                        hand(minute / 60, 0.038, 0.0030, 0.0027, "#26262a"),
                        look(
                            moved(lathe([(0.0, 0.0), (0.0028, 0.0), (0.0028, 0.004), (0.0, 0.004)], segments=16), centre, TO_FRONT),
                            color="red",
                            material="plastic",
                        ),
                        *(look(Box((0.026, 0.040, 0.004)), (s * 0.036, 0, 0.002), color="#3a2a20") for s in (-1, 1)),
                        touch(Box((x - 0.012, y, z - 0.014)), (0, 0, z / 2 + 0.002)),
                        touch(Box((x, y, z - 0.044)), (0, 0, z / 2 + 0.002)),
                        touch(Box((x - 0.044, y, z - 0.004)), (0, 0, z / 2 + 0.002)),
                        touch(Box((0.098, 0.040, 0.006)), (0, 0, 0.003)),
                    ]
                ),
            )
        ),
        (x, y, z),
        size_m,
    )


@archetype(
    "camera",
    category="electronics",
    size_m=(0.125, 0.078, 0.086),
    scale=(0.5, 1.6),
    material="plastic",
    color="#232428",
    materials=("plastic", "leather"),
    colors=("black", "dark_grey", "silver", "brown"),
    mass_kg=0.5,
    affordances=("grasp", "press"),
    synonyms=("photo camera",),
)
def camera(size_m: Vec3) -> Assembly:
    """A photo camera that looks to the front."""
    y0 = 0.0205
    shine: Paint = {"color": "#b9bdc2", "material": "aluminium"}
    body = moved(slab((0.125, 0.050, 0.037), 0.010, edge_m=0.002), (0, y0 + 0.0185, 0.025), TO_FRONT)
    top = moved(slab((0.123, 0.020, 0.035), 0.007, edge_m=0.002), (0, y0 + 0.0175, 0.059), TO_FRONT)
    barrel = rounded(
        [
            (0.0, 0.0),
            (0.031, 0.0),
            (0.031, 0.012),
            (0.028, 0.014),
            (0.028, 0.036),
            (0.025, 0.041),
            (0.022, 0.0405),
            (0.019, 0.034),
            (0.0, 0.034),
        ],
        0.0012,
    )
    lens_at = (0.006, y0 - 0.0180, 0.034)
    glass = lathe([(0.0, 0.030), (0.0195, 0.030), (0.0195, 0.0345), (0.012, 0.0372), (0.0, 0.038)], segments=28)
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(body),
                        look(top, **shine),
                        look(moved(slab((0.036, 0.018, 0.030), 0.004, edge_m=0.002), (0.006, y0 + 0.015, 0.076), TO_FRONT), **shine),
                        look(moved(lathe(barrel, segments=36), lens_at, TO_FRONT), color="#1a1b1e"),
                        look(moved(glass, lens_at, TO_FRONT), color="#27405c", material="glass"),
                        look(
                            moved(
                                lathe([(0.0280, 0.016), (0.0288, 0.016), (0.0288, 0.019), (0.0280, 0.019)], segments=32), lens_at, TO_FRONT
                            ),
                            **shine,
                        ),
                        look(Cylinder(0.0075, 0.006), (-0.044, y0, 0.071), **shine),
                        look(Cylinder(0.010, 0.005), (0.046, y0, 0.071), color="#2b2c30"),
                        look(Box((0.020, 0.001, 0.009)), (0.006, y0 - 0.0153, 0.0765), color="#e8eef2", material="glass"),
                        look(Box((0.012, 0.001, 0.008)), (-0.042, y0 - 0.0178, 0.0595), color="#f3f0dc", material="glass"),
                        touch(Box((0.123, 0.036, 0.069)), (0, y0, 0.0345)),
                        touch(Box((0.036, 0.030, 0.018)), (0.006, y0, 0.077)),
                        touch(Cylinder(0.028, 0.040), (0.006, y0 - 0.038, 0.034), TO_FRONT),
                    ]
                ),
            )
        ),
        (0.125, 0.078, 0.086),
        size_m,
    )


@archetype(
    "speaker",
    category="electronics",
    size_m=(0.17, 0.20, 0.28),
    scale=(0.4, 2.0),
    material="dark_wood",
    materials=("dark_wood", "wood", "plastic"),
    colors=("black", "white", "dark_grey"),
    mass_kg=4.0,
    affordances=("grasp", "support", "turn_on", "turn_off"),
    synonyms=("loudspeaker", "bookshelf speaker"),
)
def speaker(size_m: Vec3) -> Assembly:
    """A loudspeaker with two cones to the front."""
    x, y, z = 0.17, 0.20, 0.28

    def cone(radius: float, height: float) -> list[Geom]:
        at = (0.0, -y / 2 - 0.0005, height)
        surround = rounded([(0.80 * radius, 0.0005), (radius, 0.0), (radius, 0.003), (0.90 * radius, 0.005), (0.80 * radius, 0.002)], 0.001)
        dish = [
            (0.0, -0.001),
            (0.82 * radius, -0.001),
            (0.82 * radius, 0.002),
            (0.34 * radius, 0.0006),
            (0.30 * radius, 0.003),
            (0.15 * radius, 0.0055),
            (0.0, 0.006),
        ]
        return [
            look(moved(lathe(surround, segments=40), at, TO_FRONT), color="#3a3b3f", material="rubber"),
            look(moved(lathe(dish, segments=40), at, TO_FRONT), color="#1c1d20", material="paper"),
        ]

    return fit(
        Assembly(
            parts=(
                root(
                    [
                        touch(Box((x, y, z)), (0, 0, z / 2)),
                        look(slab((x, y, z), 0.003, edge_m=0.002)),
                        look(Box((x - 0.010, 0.003, z - 0.010)), (0, -y / 2, z / 2), color="#26272b", material="plastic"),
                        *cone(0.062, 0.098),
                        *cone(0.030, 0.212),
                        look(Box((0.022, 0.001, 0.006)), (0.055, -y / 2 - 0.0016, 0.018), color="silver", material="aluminium"),
                    ]
                ),
            ),
            surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),),
        ),
        (x, y, z),
        size_m,
    )
