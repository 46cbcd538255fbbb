"""Laws every kind keeps, whoever made it: sizes, surfaces, containers, joints, masses, words."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import Archetype, Option, build, kind, kinds
from lifeworld.scene.assembly import Assembly, Container, Geom, Surface
from lifeworld.scene.material import MATERIALS, rgba
from lifeworld.scene.scene import MIN_SIZE_M, Thing
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Mesh, Sphere

NAMES = tuple(kinds())
WAYS = ("least", "true", "most", "options")

# Kinds whose bounds are meant to differ from their size by more than 12 %, and why.
OTHER_BOUNDS = {
    "sink": "z is the height of the worktop; the tap stands on it",
    "washbasin": "z is the height of the rim; the tap stands on it",
}


def variants(what: Archetype, way: str) -> list[Thing]:
    """The kind at its least, true or most size; or at its true size with each option at each of its ends."""
    if way != "options":
        scale = {"least": what.scale[0], "true": 1.0, "most": what.scale[1]}[way]
        x, y, z = (max(side * scale, MIN_SIZE_M) for side in what.size_m)
        return [Thing(name="it", kind=what.name, size_m=(x, y, z))]
    values: list[tuple[str, Option]] = [(name, value) for name, (_, allowed) in what.options.items() for value in allowed]
    return [Thing(name="it", kind=what.name, options=(pair,)) for pair in values]


@cache
def built(thing: Thing) -> Assembly:
    return build(thing)


def depth(geom: Geom, points_m: np.ndarray) -> np.ndarray:
    """How deep each point (n, 3) of the geom's own frame lies in its shape [m]; below 0 outside (a lower bound)."""
    shape = geom.shape
    if isinstance(shape, Box):
        return (np.asarray(shape.half_m) - np.abs(points_m)).min(axis=1)
    if isinstance(shape, Sphere):
        return shape.radius_m - np.linalg.norm(points_m, axis=1)
    if isinstance(shape, Ellipsoid):
        return (1 - np.linalg.norm(points_m / shape.radii_m, axis=1)) * min(shape.radii_m)
    if isinstance(shape, Cylinder):
        return np.minimum(shape.radius_m - np.hypot(points_m[:, 0], points_m[:, 1]), shape.height_m / 2 - np.abs(points_m[:, 2]))
    if isinstance(shape, Capsule):
        along = np.clip(points_m[:, 2], -shape.length_m / 2, shape.length_m / 2)
        return shape.radius_m - np.linalg.norm(points_m - np.column_stack([0 * along, 0 * along, along]), axis=1)
    planes = hull(shape)
    return -(points_m @ planes[:, :3].T + planes[:, 3]).max(axis=1)


@cache
def hull(mesh: Mesh) -> np.ndarray:
    return np.asarray(ConvexHull(mesh.vertices_m).equations)


def deepest(assembly: Assembly, points_m: np.ndarray) -> np.ndarray:
    """How deep each point (n, 3) of the thing frame lies in whatever collides there [m]."""
    poses = assembly.part_poses()
    most = np.full(len(points_m), -np.inf)
    for part in assembly.parts:
        for geom in part.geoms:
            if geom.role != "visual":
                most = np.maximum(most, depth(geom, (poses[part.name] @ geom.pose).inverse().apply(points_m)))
    return most


def grid(place: Surface | Container, heights_m: np.ndarray) -> np.ndarray:
    """Points (n, 3) over the place's rectangle or disc at these heights, in its own frame."""
    line = np.linspace(-0.5, 0.5, 7)
    u, v, z = (a.ravel() for a in np.meshgrid(line, line, heights_m, indexing="ij"))
    if place.shape == "disc":
        keep = np.hypot(u, v) <= 0.5
        u, v, z = u[keep], v[keep], z[keep]
    return np.column_stack([u * (place.size_m[0] - 0.002), v * (place.size_m[1] - 0.002), z])


def place_pose(assembly: Assembly, place: Surface | Container) -> Pose:
    part = place.part or assembly.parts[0].name
    return assembly.part_poses()[part] @ place.pose


def test_there_are_enough_kinds() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_sensible(name: str) -> None:
    what = kind(name)
    assert 10 <= len(what.summary) <= 80
    assert what.summary.endswith(".")
    assert what.material in MATERIALS
    assert set(what.materials) <= set(MATERIALS)
    for color in (*what.colors, *([what.color] if what.color else [])):
        rgba(color)
    assert what.sound
    assert 0 < what.scale[0] <= 1 <= what.scale[1]
    assert len(set(what.affordances)) == len(what.affordances)
    for default, allowed in what.options.values():
        if isinstance(default, bool | str):
            assert default in allowed
        else:
            assert len(allowed) == 2
            assert float(allowed[0]) <= float(default) <= float(allowed[1])


def test_a_synonym_is_no_other_kinds_name() -> None:
    """Two kinds may share a synonym (the dialogue asks back), but a kind's own name means that kind."""
    names = {name.replace("_", " ") for name in NAMES}
    assert {(what.name, word) for what in kinds().values() for word in what.synonyms if word in names} == set()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_it_builds_within_its_size_and_rests_on_the_ground(name: str, way: str) -> None:
    for thing in variants(kind(name), way):
        assembly = built(thing)
        low, high = assembly.bounds()
        size = np.asarray(thing.size_m or kind(name).size_m)
        assert abs(low[2]) <= 1e-3
        if name not in OTHER_BOUNDS:
            np.testing.assert_allclose(high - low, size, rtol=0.12, atol=0.0015, err_msg=str(thing.options))
            assert np.abs((low + high) / 2)[:2].max() <= 0.06 * size[:2].max() + 0.001, "the origin is the middle of the footprint"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_parts_and_joints_are_in_order(name: str, way: str) -> None:
    for thing in variants(kind(name), way):
        assembly = built(thing)
        if assembly.soft is not None:
            assert not assembly.parts
            continue
        names = [part.name for part in assembly.parts]
        assert len(set(names)) == len(names)
        assert assembly.parts[0].parent is None
        for i, part in enumerate(assembly.parts[1:], start=1):
            assert part.parent in names[:i]
        joints = assembly.joints
        assert len({joint.name for joint in joints}) == len(joints)
        for joint in joints:
            assert np.linalg.norm(joint.axis) > 0
            assert joint.damping > 0
            if joint.range is not None:
                assert min(joint.range) <= joint.rest <= max(joint.range)
                assert joint.range[0] != joint.range[1]
        for place in (*assembly.surfaces, *assembly.containers):
            assert place.part is None or place.part in names
        for group in (assembly.surfaces, assembly.containers):
            assert len({place.name for place in group}) == len(group)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_there_is_something_to_see_and_something_to_touch(name: str, way: str) -> None:
    for thing in variants(kind(name), way):
        assembly = built(thing)
        if assembly.soft is None:
            roles = Counter(geom.role for part in assembly.parts for geom in part.geoms)
            assert roles["both"] + roles["visual"] > 0
            assert 0 < roles["both"] + roles["collision"] <= 60
            for part in assembly.parts:
                for geom in part.geoms:
                    assert geom.material is None or geom.material in MATERIALS
                    if geom.color is not None:
                        rgba(geom.color)


@pytest.mark.parametrize("name", NAMES)
def test_its_mass_is_plausible(name: str) -> None:
    what = kind(name)
    assembly = built(variants(what, "true")[0])
    if assembly.soft is not None:
        assert 0.001 <= assembly.soft.mass_kg <= 500
        return
    by_density = [
        MATERIALS[geom.material or what.material].density_kg_m3 * geom.shape.volume_m3
        for part in assembly.parts
        for geom in part.geoms
        if geom.role != "visual"
    ]
    assert min(by_density) > 0
    if what.category != "structure":
        assert 0.001 <= (what.mass_kg or sum(by_density)) <= 500
    for part in assembly.parts:  # the engine needs mass on whatever moves
        assert part.joint is None or any(geom.role != "visual" for geom in part.geoms)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_surfaces_bear_and_are_free(name: str, way: str) -> None:
    """A surface lies within the thing, on something solid, and as much room is free above it as it says."""
    for thing in variants(kind(name), way):
        assembly = built(thing)
        low, high = assembly.bounds()
        for surface in assembly.surfaces:
            where = f"{surface.name} {thing.options}"
            pose = place_pose(assembly, surface)
            assert min(surface.size_m) > 0, where
            assert surface.clearance_m > 0.01, where
            assert pose.rotation[2, 2] > 0.999, f"{where} is level"
            edge = pose.apply(grid(surface, np.zeros(1)))
            assert (edge >= low - 0.002).all(), where
            assert (edge <= high + 0.002).all(), where
            if assembly.soft is not None:
                continue
            just_below = [deepest(assembly, pose.apply(grid(surface, np.array([-d])))) > 0 for d in (0.0004, 0.001, 0.003)]
            bearing = np.any(just_below, axis=0).mean()
            assert bearing >= 0.2, f"{where}: {bearing:.0%} of it bears"  # studs and slats bear too
            room = np.linspace(0.003, max(0.004, min(surface.clearance_m - 0.002, 2.0)), 12)
            inside = deepest(assembly, pose.apply(grid(surface, room)))
            assert inside.max() < 0.001, f"{where}: something stands {inside.max() * 1000:.1f} mm deep in the room above"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_containers_are_hollow(name: str, way: str) -> None:
    """The free inside of a container is within the thing and nothing collides in it; below it there is a bottom."""
    for thing in variants(kind(name), way):
        assembly = built(thing)
        low, high = assembly.bounds()
        for container in assembly.containers:
            where = f"{container.name} {thing.options}"
            pose = place_pose(assembly, container)
            x, y, z = container.size_m
            assert min(x, y, z) > 0, where
            points = pose.apply(grid(container, np.linspace(0.002, z - 0.001, 9)))
            assert (points >= low - 0.002).all(), where
            assert (points <= high + 0.002).all(), where
            inside = deepest(assembly, points)
            assert inside.max() < 0.0015, f"{where}: something stands {inside.max() * 1000:.1f} mm deep in the inside"
            middle = np.column_stack([np.zeros(40), np.zeros(40), np.linspace(-0.01 - 0.2 * z, 0.0, 40)])  # round bowls are deeper there
            assert deepest(assembly, pose.apply(middle)).max() > 0, f"{where} has no bottom"


@pytest.mark.parametrize("name", NAMES)
def test_sizes_out_of_range_are_refused(name: str) -> None:
    what = kind(name)
    for share in (0.99 * what.scale[0], 1.01 * what.scale[1]):
        size = tuple(float(np.clip(side * share, 0.001, 100.0)) for side in what.size_m)
        if size != what.size_m:
            with pytest.raises(LimitError):
                build(Thing(name="it", kind=name, size_m=(size[0], size[1], size[2])))


def test_unknown_kinds_options_and_joints_are_named_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="table"):
        build(Thing(name="it", kind="tabel"))
    with pytest.raises(UnknownName, match="drawers"):
        build(Thing(name="it", kind="drawer_unit", options=(("drawer", 2),)))
    with pytest.raises(UnknownName, match="door"):
        build(Thing(name="it", kind="microwave", joints=(("dor", 0.1),)))
    with pytest.raises(LimitError, match="drawers"):
        build(Thing(name="it", kind="drawer_unit", options=(("drawers", 7),)))
    with pytest.raises(LimitError, match="drawer_1"):
        build(Thing(name="it", kind="drawer_unit", joints=(("drawer_1", 3.0),)))


def test_building_twice_gives_the_same() -> None:
    for name in NAMES:
        what = kind(name)
        assert what.build(what.size_m) == what.build(what.size_m), name
