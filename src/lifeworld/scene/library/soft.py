"""Pillow, towel, napkin, blanket, sponge: what gives way. Few vertices, since a soft body costs the engine far more than a rigid one.

Young's moduli are those of the bulk as a hand feels it (a pillow of 2.5 kPa, a sponge of 30 kPa), not of its fibres; sheets are stretchier
than cotton, or a step of 2 ms would be too long for them.
"""

from __future__ import annotations

from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Soft
from lifeworld.scene.shape import Vec3


@archetype(
    "pillow",
    category="soft",
    size_m=(0.60, 0.40, 0.14),
    scale=(0.4, 1.5),
    material="fabric",
    color="ivory",
    materials=("fabric", "foam"),
    colors=("ivory", "white", "blue", "pink", "teal", "grey", "yellow"),
    affordances=("grasp", "support"),
    synonyms=("cushion", "head rest"),
)
def pillow(size_m: Vec3) -> Assembly:
    """A soft pillow."""
    return Assembly(
        soft=Soft(
            kind="solid",
            shape="ellipsoid",
            size_m=size_m,
            count=(9, 7, 4),
            mass_kg=0.7 * _bulk(size_m, 0.0336),
            young_pa=2.5e3,
            damping=0.05,
        )
    )


@archetype(
    "sponge",
    category="soft",
    size_m=(0.11, 0.07, 0.035),
    scale=(0.5, 2.0),
    material="foam",
    color="#f0c93c",
    materials=("foam",),
    colors=("yellow", "orange", "green", "blue", "pink"),
    affordances=("grasp",),
    synonyms=("dish sponge", "kitchen sponge"),
)
def sponge(size_m: Vec3) -> Assembly:
    """A kitchen sponge."""
    return Assembly(
        soft=Soft(kind="solid", size_m=size_m, count=(4, 3, 3), mass_kg=0.025 * _bulk(size_m, 2.695e-4), young_pa=3.0e4, damping=0.02)
    )


@archetype(
    "towel",
    category="soft",
    size_m=(0.60, 0.40, 0.006),
    scale=(0.4, 1.6),
    material="fabric",
    color="#5f8fa8",
    materials=("fabric",),
    colors=("blue", "white", "red", "green", "pink", "yellow", "grey"),
    affordances=("grasp",),
    synonyms=("dish towel", "hand towel", "tea towel"),
)
def towel(size_m: Vec3) -> Assembly:
    """A towel, spread out."""
    return Assembly(soft=_sheet(size_m, (9, 7, 1), 0.45))


@archetype(
    "napkin",
    category="soft",
    size_m=(0.30, 0.30, 0.003),
    scale=(0.5, 1.6),
    material="fabric",
    color="#c95f4b",
    materials=("fabric", "paper"),
    colors=("red", "white", "green", "blue", "yellow", "beige"),
    affordances=("grasp",),
    synonyms=("serviette", "cloth", "handkerchief"),
)
def napkin(size_m: Vec3) -> Assembly:
    """A napkin, spread out."""
    return Assembly(soft=_sheet(size_m, (7, 7, 1), 0.30))


@archetype(
    "blanket",
    category="soft",
    size_m=(1.40, 1.00, 0.010),
    scale=(0.5, 1.6),
    material="fabric",
    color="#8a6fa0",
    materials=("fabric",),
    colors=("purple", "grey", "blue", "red", "beige", "green"),
    affordances=("grasp",),
    synonyms=("throw", "plaid", "bedspread"),
)
def blanket(size_m: Vec3) -> Assembly:
    """A woollen blanket, spread out."""
    return Assembly(soft=_sheet(size_m, (11, 9, 1), 0.55))


def _sheet(size_m: Vec3, count: tuple[int, int, int], kg_m2: float) -> Soft:
    x, y, z = size_m
    return Soft(kind="cloth", size_m=size_m, count=count, mass_kg=kg_m2 * x * y, young_pa=3.0e4, poisson=0.1, thickness_m=z, damping=0.02)


def _bulk(size_m: Vec3, true_m3: float) -> float:
    """How much larger than true the block is made."""
    return size_m[0] * size_m[1] * size_m[2] / true_m3
