"""Who comes and goes: a cat, a dog, a person, and a machine that vacuums. They stand still until an event lets them walk."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, root
from lifeworld.scene.form import fit, handle, look, touch
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Shape, Sphere, Vec3

CAT_M: Vec3 = (0.118, 0.446, 0.337)
DOG_M: Vec3 = (0.18, 0.732, 0.555)
PERSON_M: Vec3 = (0.5, 0.3, 1.72)
VACUUM_M: Vec3 = (0.34, 0.34, 0.095)


@archetype(
    "cat",
    category="living",
    size_m=CAT_M,
    scale=(0.5, 1.4),
    material="fabric",
    color="#c98a4b",
    mass_kg=4.5,
    friction=0.9,
    colors=("#c98a4b", "#4a4a4d", "#e8e2d6", "#8a8276", "black"),
    synonyms=("kitten", "kitty", "pet"),
)
def cat(size_m: Vec3) -> Assembly:
    """A cat standing, its tail up."""
    dark = "#20242a"
    both = [
        _both(Ellipsoid((0.058, 0.15, 0.062)), (0, 0.02, 0.178)),  # trunk
        _both(Ellipsoid((0.046, 0.048, 0.042)), (0, -0.152, 0.252)),  # head
        touch(Capsule(0.034, 0.09), (0, -0.105, 0.212), (0.92, 0.39, 0.0, 0.0)),  # neck
    ]
    seen = [look(Ellipsoid((0.04, 0.06, 0.05)), (0, -0.11, 0.212))]
    for s in (-1, 1):
        seen += [
            look(Ellipsoid((0.013, 0.008, 0.026)), (s * 0.027, -0.148, 0.298)),
            look(Sphere(0.0075), (s * 0.018, -0.192, 0.262), color=dark, material="plastic"),
        ]
    seen += [
        look(Ellipsoid((0.02, 0.018, 0.015)), (0, -0.194, 0.242), color="#efe6d8"),
        _both(Sphere(0.007), (0, -0.2105, 0.246), color=dark),
    ]
    seen += handle([(0, 0.15, 0.2), (0, 0.195, 0.235), (0, 0.211, 0.285), (0, 0.2, 0.336)], 0.011)
    return _standing([*both, *seen], legs=((0.036, -0.095), (0.036, 0.115)), radius_m=0.019, up_to_m=0.17, true_m=CAT_M, size_m=size_m)


@archetype(
    "dog",
    category="living",
    size_m=DOG_M,
    scale=(0.5, 1.5),
    material="fabric",
    color="#a9784a",
    mass_kg=18.0,
    friction=0.9,
    colors=("#a9784a", "#3a3230", "#e9dcc3", "#6b4b33"),
    synonyms=("puppy",),
)
def dog(size_m: Vec3) -> Assembly:
    """A dog standing, its ears down and its tail out."""
    dark = "#1d1a19"
    both = [
        _both(Ellipsoid((0.085, 0.23, 0.1)), (0, 0.03, 0.345)),
        _both(Ellipsoid((0.066, 0.075, 0.066)), (0, -0.235, 0.475)),
        _both(Ellipsoid((0.036, 0.07, 0.034)), (0, -0.29, 0.45)),
        touch(Capsule(0.055, 0.12), (0, -0.165, 0.415), (0.88, 0.475, 0.0, 0.0)),
    ]
    seen = [look(Ellipsoid((0.065, 0.11, 0.085)), (0, -0.165, 0.42))]
    for s in (-1, 1):
        seen += [
            look(Ellipsoid((0.014, 0.03, 0.052)), (s * 0.066, -0.215, 0.463), color="#5e4128"),
            look(Sphere(0.011), (s * 0.03, -0.292, 0.492), color=dark, material="plastic"),
        ]
    seen.append(look(Ellipsoid((0.016, 0.012, 0.012)), (0, -0.352, 0.46), color=dark, material="plastic"))
    seen += handle([(0, 0.22, 0.37), (0, 0.29, 0.42), (0, 0.335, 0.49), (0, 0.345, 0.555)], 0.017)
    return _standing([*both, *seen], legs=((0.055, -0.145), (0.055, 0.18)), radius_m=0.03, up_to_m=0.33, true_m=DOG_M, size_m=size_m)


@archetype(
    "person",
    category="living",
    size_m=PERSON_M,
    scale=(0.5, 1.2),
    material="fabric",
    color="teal",
    mass_kg=68.0,
    friction=0.9,
    colors=("teal", "navy", "red", "green", "grey", "orange", "purple"),
    synonyms=("man", "woman", "child", "human", "adult"),
)
def person(size_m: Vec3) -> Assembly:
    """A person standing, the arms at the sides."""
    skin, hair, jeans, shoe = "#d9a27e", "#3b2a20", "#33415c", "#26262a"
    geoms = [
        _both(Ellipsoid((0.185, 0.115, 0.33)), (0, 0, 1.13)),  # chest and belly
        _both(Ellipsoid((0.165, 0.115, 0.14)), (0, 0, 0.87), color=jeans),
        _both(Ellipsoid((0.082, 0.1, 0.122)), (0, -0.008, 1.595), color=skin, material="skin"),
        look(Ellipsoid((0.087, 0.103, 0.096)), (0, 0.006, 1.621), color=hair),
        look(Cylinder(0.05, 0.12), (0, 0, 1.46), color=skin, material="skin"),
        look(Ellipsoid((0.012, 0.016, 0.014)), (0, -0.108, 1.585), color=skin, material="skin"),
    ]
    for s in (-1, 1):
        geoms += [
            look(Sphere(0.0095), (s * 0.032, -0.098, 1.612), color="#20242a", material="plastic"),
            _both(Capsule(0.072, 0.62), (s * 0.095, 0.0, 0.45), color=jeans),
            _both(Box((0.1, 0.27, 0.075)), (s * 0.1, -0.015, 0.0375), color=shoe, material="rubber"),
            _both(Capsule(0.045, 0.5), (s * 0.203, 0.0, 1.09)),
            look(Ellipsoid((0.036, 0.03, 0.06)), (s * 0.205, -0.004, 0.76), color=skin, material="skin"),
        ]
    return fit(Assembly(parts=(root(geoms),)), PERSON_M, size_m)


@archetype(
    "robot_vacuum",
    category="electronics",
    size_m=VACUUM_M,
    scale=(0.7, 1.3),
    material="plastic",
    color="#34373c",
    mass_kg=3.6,
    colors=("#34373c", "white", "grey"),
    synonyms=("vacuum cleaner", "vacuum robot", "roomba"),
)
def robot_vacuum(size_m: Vec3) -> Assembly:
    """A flat round machine that vacuums floors, its eye on top."""
    r = VACUUM_M[0] / 2
    geoms = [
        _both(Cylinder(r, 0.062), (0, 0, 0.045)),
        _both(Cylinder(0.15, 0.014), (0, 0, 0.007), color="#1c1d20"),
        look(Cylinder(0.15, 0.006), (0, 0, 0.078), color="#4a4e55"),
        _both(Cylinder(0.045, 0.018), (0, 0.05, 0.086), color="#1c1d20"),
        look(Box((0.012, 0.03, 0.003)), (0, -0.06, 0.082), color="#5fd0a0"),
    ]
    return fit(Assembly(parts=(root(geoms),)), VACUUM_M, size_m)


def _both(shape: Shape, at_m: Vec3, *, color: str | None = None, material: str | None = None) -> Geom:
    return Geom(shape=shape, pose=Pose(at_m), color=color, material=material)


def _standing(
    geoms: list[Geom], *, legs: tuple[tuple[float, float], tuple[float, float]], radius_m: float, up_to_m: float, true_m: Vec3, size_m: Vec3
) -> Assembly:
    """A body on four legs with flat paws, at (±x, y) for the front and the hind ones."""
    feet = []
    for x, y in legs:
        for s in (-1, 1):
            feet.append(Geom(shape=Capsule(radius_m, up_to_m - 2 * radius_m), pose=Pose((s * x, y, up_to_m / 2 + 0.006))))
            paw = (2.2 * radius_m, 3.0 * radius_m, radius_m)
            feet.append(Geom(shape=Box(paw), pose=Pose((s * x, y - 0.4 * radius_m, radius_m / 2))))
    return fit(Assembly(parts=(root([*geoms, *feet]),)), true_m, size_m)
