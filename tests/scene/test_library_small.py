"""Small kinds and the forms they are made of: hollows that hold, masses as in life, any size by stretching.

The laws that every kind keeps are in test_archetypes.py; that each stands still in tests/worlds/test_kinds_alone.py.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from lifeworld.core.errors import ShapeError
from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import build, kind, kinds
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, root
from lifeworld.scene.form import (
    SPARE_M,
    across,
    at,
    bar,
    between,
    fit,
    frustum,
    handle,
    hoop,
    inside,
    joined,
    loft,
    moved,
    plan,
    rounded,
    slab,
    smooth,
    taper,
    tile,
    wall,
)
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Mesh, Shape, Sphere, Vec3

FAMILIES = (
    "tableware", "cookware", "cutlery", "containers", "books", "food", "toys", "tools", "electronics", "lamps", "soft", "plants",
    "decor", "science",
)  # fmt: skip
SMALL = tuple(name for name, what in kinds().items() if what.build.__module__.rpartition(".")[2] in FAMILIES)
OPEN = {
    "glass", "wine_glass", "mug", "cup", "bowl", "pan", "pot", "jug", "jar", "open_box", "egg_carton", "bucket", "basket", "vase",
}  # fmt: skip

# What such things weigh in life [kg], from kitchen and workshop scales, sports rules and data sheets.
REAL_KG = {
    "glass": 0.25, "wine_glass": 0.16, "mug": 0.35, "cup": 0.19, "saucer": 0.18, "bowl": 0.45, "plate": 0.55, "bottle": 0.9, "jug": 0.8,
    "pan": 1.3, "pot": 1.4, "kettle": 1.1, "teapot": 0.75, "spoon": 0.055, "fork": 0.05, "knife": 0.08, "can": 0.355, "book": 0.6,
    "magazine": 0.2, "apple": 0.18, "orange": 0.2, "banana": 0.12, "egg": 0.06, "lemon": 0.12, "carrot": 0.08, "bread": 0.6,
    "marble": 0.005, "ball": 0.28, "football": 0.43, "block": 0.06, "die": 0.005, "domino": 0.012, "hammer": 0.65, "screwdriver": 0.1,
    "pencil": 0.006, "ruler": 0.02, "chopstick": 0.006, "phone": 0.18, "keyboard": 0.7, "mouse": 0.09, "candle": 0.34, "soap": 0.11,
    "weight": 1.0, "cylinder": 0.48, "pillow": 0.7, "towel": 0.11, "sponge": 0.02,
}  # fmt: skip


def true(name: str) -> Assembly:
    return build(Thing(name="it", kind=name))


def touched(assembly: Assembly) -> list[tuple[Pose, Geom]]:
    poses = assembly.part_poses()
    return [(poses[part.name] @ geom.pose, geom) for part in assembly.parts for geom in part.geoms if geom.role != "visual"]


def within(shape: Shape, points_m: np.ndarray) -> np.ndarray:
    """Which points (n, 3) of its own frame lie in a shape."""
    p = np.asarray(points_m)
    if isinstance(shape, Box):
        return (np.abs(p) <= shape.half_m).all(axis=1)
    if isinstance(shape, Sphere | Ellipsoid):
        return np.linalg.norm(p / np.asarray(shape.half_m), axis=1) <= 1
    if isinstance(shape, Cylinder):
        return (np.hypot(p[:, 0], p[:, 1]) <= shape.radius_m) & (np.abs(p[:, 2]) <= shape.height_m / 2)
    if isinstance(shape, Capsule):
        rest = p[:, 2] - np.clip(p[:, 2], -shape.length_m / 2, shape.length_m / 2)
        return p[:, 0] ** 2 + p[:, 1] ** 2 + rest**2 <= shape.radius_m**2
    planes = hull(shape)
    return (p @ planes[:, :3].T + planes[:, 3] <= 1e-9).all(axis=1)


@cache
def hull(mesh: Mesh) -> np.ndarray:
    """The planes (m, 4) of a mesh's convex hull, outwards."""
    return np.asarray(ConvexHull(mesh.vertices_m).equations)


def solid(assembly: Assembly, points_m: np.ndarray) -> np.ndarray:
    """Which points (n, 3) of the thing's frame lie in anything that collides."""
    out = np.zeros(len(points_m), dtype=bool)
    for pose, geom in touched(assembly):
        out |= within(geom.shape, pose.inverse().apply(points_m))
    return out


def height_at(assembly: Assembly, x: float, y: float) -> float:
    """Where a thing let down at (x, y) would first touch."""
    top = float(assembly.bounds()[1][2]) + 0.001
    z = np.arange(top, 0.0, -0.0005)
    hit = solid(assembly, np.column_stack([np.full_like(z, x), np.full_like(z, y), z]))
    return float(z[np.argmax(hit)]) if hit.any() else 0.0


def signed_volume(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices_m[mesh.faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def edges_close(mesh: Mesh) -> bool:
    """Whether every edge, by place, is walked once in each direction."""
    _, same = np.unique(np.round(mesh.vertices_m, 9), axis=0, return_inverse=True)
    faces = same.reshape(-1)[mesh.faces]
    walks = [(int(f[i]), int(f[(i + 1) % 3])) for f in faces for i in range(3) if f[i] != f[(i + 1) % 3]]
    return sorted(walks) == sorted((b, a) for a, b in walks)


# -- the kinds ---------------------------------------------------------------------------------------------------------------


def test_the_open_things_are_those_that_hold_something() -> None:
    assert {name for name in SMALL if true(name).containers} == OPEN


@pytest.mark.parametrize("name", sorted(OPEN))
@pytest.mark.parametrize("share", ["least", "true", "most"])
def test_what_is_inside_has_room_and_cannot_leave_sideways(name: str, share: str) -> None:
    what = kind(name)
    scale = {"least": what.scale[0], "true": 1.0, "most": what.scale[1]}[share]
    size = tuple(s * scale for s in what.size_m)
    assembly = build(Thing(name="it", kind=name, size_m=(size[0], size[1], size[2])))
    rng = np.random.default_rng(3)
    for container in assembly.containers:
        x, y, z = container.size_m
        points = rng.uniform(-0.5, 0.5, (400, 3)) * (x - 0.001, y - 0.001, z) + (0, 0, z / 2)
        if container.shape == "disc":
            points = points[np.hypot(points[:, 0] / x, points[:, 1] / y) < 0.49]
        assert not solid(assembly, container.pose.apply(points)).any()
        # From the middle outwards one meets the wall at every height and in every direction: nothing rolls out.
        reach = np.linspace(0.0, 0.75 * max(size[:2]), 300)
        for height in (0.25 * z, 0.6 * z) if name != "egg_carton" else (0.6 * z,):
            for angle in np.linspace(0.03, 2 * np.pi + 0.03, 24, endpoint=False):
                ray = np.column_stack([reach * np.cos(angle), reach * np.sin(angle), np.full(300, height)])
                assert solid(assembly, container.pose.apply(ray)).any(), f"open towards {np.degrees(angle):.0f}°"


@pytest.mark.parametrize("name", ["bowl", "plate", "saucer", "pan", "tray", "bucket", "mug", "cup", "basket"])
def test_the_rim_is_higher_than_the_inside(name: str) -> None:
    assembly = true(name)
    place = (assembly.containers or assembly.surfaces)[0]
    x, y = place.pose.position_m[:2]
    middle = height_at(assembly, x, y)
    rim = max(height_at(assembly, x, y - d) for d in np.linspace(0.0, kind(name).size_m[1] / 2 - 0.0005, 30))
    # A cup is narrow at its very bottom: what it holds stands a little above that.
    assert middle - 0.0015 <= place.pose.position_m[2] <= middle + (0.01 if name == "cup" else 0.0015)
    assert rim > middle + 0.006


def test_a_ball_dropped_into_a_bowl_stays() -> None:
    """Every way up from the bottom of the bowl leads uphill: its floor never falls from the middle to the rim."""
    bowl = true("bowl")
    heights = [height_at(bowl, r, 0.0013) for r in np.linspace(0.0, 0.076, 39)]
    assert np.all(np.diff(heights) >= -0.0006)
    assert heights[-1] - heights[0] > 0.05


def test_a_spoon_stands_in_a_mug_and_looks_out() -> None:
    mug, spoon = kind("mug"), kind("spoon")
    room = true("mug").containers[0]
    assert spoon.size_m[1] > mug.size_m[2] + 0.05
    assert spoon.size_m[0] < room.size_m[0]
    assert room.size_m[2] < spoon.size_m[1]


def test_a_cup_stands_on_its_saucer_and_an_egg_in_its_carton() -> None:
    cup, saucer = true("cup"), true("saucer")
    foot = next(geom.shape for _, geom in touched(cup) if isinstance(geom.shape, Cylinder))
    assert 2 * foot.radius_m < saucer.surfaces[0].size_m[0]
    egg = kind("egg").size_m
    for socket in true("egg_carton").containers:
        assert max(egg[1], egg[2]) <= socket.size_m[0]
    assert len(true("egg_carton").containers) == 6


@pytest.mark.parametrize("name", sorted(REAL_KG))
def test_it_weighs_what_it_weighs_in_life(name: str) -> None:
    what, assembly = kind(name), true(name)
    if assembly.soft is not None:
        mass = assembly.soft.mass_kg
    else:
        by_density = sum(MATERIALS[g.material or what.material].density_kg_m3 * g.shape.volume_m3 for _, g in touched(assembly))
        mass = what.mass_kg if what.mass_kg is not None else by_density
    assert 0.6 * REAL_KG[name] <= mass <= 1.4 * REAL_KG[name]


@given(name=st.sampled_from(SMALL), shares=st.tuples(*[st.floats(0, 1)] * 3))
@settings(max_examples=100, deadline=None)
def test_it_can_be_made_at_any_size_in_range_side_by_side(name: str, shares: Vec3) -> None:
    what = kind(name)
    low, high = what.scale
    x, y, z = (max(s * (low + share * (high - low)), 0.001) for s, share in zip(what.size_m, shares, strict=True))
    assembly = build(Thing(name="it", kind=name, size_m=(x, y, z)))
    least, most = assembly.bounds()
    assert abs(least[2]) <= 1e-3
    np.testing.assert_allclose(most - least, (x, y, z), rtol=0.12, atol=0.002)
    for container in assembly.containers:
        x, y, z = container.size_m
        points = np.random.default_rng(1).uniform(-0.49, 0.49, (60, 3)) * (x, y, z) + (0, 0, z / 2)
        if container.shape == "disc":
            points = points[np.hypot(points[:, 0] / x, points[:, 1] / y) < 0.49]
        assert not solid(assembly, container.pose.apply(points)).any()


@pytest.mark.parametrize("name", [name for name in SMALL if "open" in kind(name).affordances])
def test_what_opens_has_a_joint_to_open(name: str) -> None:
    assert true(name).joints


@pytest.mark.parametrize("name", [name for name in SMALL if "fill" in kind(name).affordances])
def test_what_can_be_filled_is_open_or_has_a_lid(name: str) -> None:
    assert true(name).containers or name in {"kettle", "teapot", "ladle"}


def test_lamps_have_light_and_the_pile_has_its_books() -> None:
    for name in ("lamp", "table_lamp", "floor_lamp", "flashlight", "candle"):
        assert true(name).lamps
        assert "turn_on" in kind(name).affordances
    for count in (2, 5, 8):
        pile = build(Thing(name="it", kind="book_stack", options=(("count", count),)))
        assert len(touched(pile)) == count
        assert pile.bounds()[1][2] == pytest.approx(kind("book_stack").size_m[2])


def test_the_clock_shows_its_time() -> None:
    """Options change what is seen and nothing that is touched."""
    noon, later = (build(Thing(name="it", kind="clock", options=(("hour", h), ("minute", m)))) for h, m in ((0, 0), (4, 35)))
    assert [g for _, g in touched(noon)] == [g for _, g in touched(later)]
    assert noon != later


def test_a_die_has_seven_on_opposite_sides() -> None:
    dots = next(g.shape for p in true("die").parts for g in p.geoms if g.color == "#26262a")
    assert isinstance(dots, Mesh)
    centre = dots.vertices_m - (0, 0, 0.008)
    side = np.argmax(np.abs(centre), axis=1)
    counts = {}
    for axis in range(3):
        for sign in (-1, 1):
            counts[axis, sign] = int(((side == axis) & (np.sign(centre[:, axis]) == sign)).sum())
    each = sum(counts.values()) // 21
    for axis in range(3):
        assert counts[axis, -1] + counts[axis, 1] == 7 * each
    assert counts[2, 1] == 6 * each, "the six is on top"


# -- the forms ---------------------------------------------------------------------------------------------------------------


FORMS = {
    "loft": loft([plan(0.2, 0.1, 0.01, z) for z in (0.0, 0.1, 0.3)]),
    "loft_downwards": loft([plan(0.2, 0.1, 0.01, z) for z in (0.3, 0.1, 0.0)]),
    "taper": taper(smooth([(0, 0, 0), (0, 0, 0.1), (0.1, 0, 0.15)]), 0.01),
    "straight_taper": taper([(0, 0, 0.0), (0, 0, 0.2)], [0.02, 0.01]),
    "slab": slab((0.1, 0.2, 0.02), 0.01),
    "hoop": hoop([(0.1 * np.cos(a), 0.1 * np.sin(a), 0.0) for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)], 0.01),
    "wedge": next(g.shape for g in wall([(0.05, 0.0, 0.04, 0.0), (0.06, 0.1, 0.05, 0.1)]) if isinstance(g.shape, Mesh)),
    "frustum": frustum(0.05, 0.03, 0.0, 0.1).shape,
}


@pytest.mark.parametrize("name", FORMS)
def test_skins_are_closed_and_face_outwards(name: str) -> None:
    mesh = FORMS[name]
    assert isinstance(mesh, Mesh)
    assert edges_close(mesh)
    assert signed_volume(mesh) > 0


def test_volumes_of_forms_are_those_of_geometry() -> None:
    assert signed_volume(slab((0.1, 0.2, 0.02), 0.001, edge_m=0.0002)) == pytest.approx(0.1 * 0.2 * 0.02, rel=0.02)
    ring = FORMS["hoop"]
    assert isinstance(ring, Mesh)
    assert signed_volume(ring) == pytest.approx(2 * np.pi**2 * 0.1 * 0.01**2, rel=0.12)
    cone = taper([(0, 0, 0.0), (0, 0, 0.3)], [0.03, 0.015], segments=64)
    assert signed_volume(cone) == pytest.approx(np.pi * 0.3 / 3 * (0.03**2 + 0.03 * 0.015 + 0.015**2), rel=0.01)
    two = joined(slab((0.1, 0.1, 0.1), 0.001), moved(slab((0.1, 0.1, 0.1), 0.001), (1.0, 0, 0)))
    assert signed_volume(two) == pytest.approx(2 * signed_volume(slab((0.1, 0.1, 0.1), 0.001)))


@given(points=st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=2, max_size=6))
def test_a_smooth_curve_goes_through_its_points(points: list[Vec3]) -> None:
    curve = smooth(points, steps=5)
    assert len(curve) == 5 * (len(points) - 1) + 1
    np.testing.assert_allclose(curve[::5], points, atol=1e-12)


def test_rounding_an_outline_keeps_its_ends_and_its_corners_away() -> None:
    outline = rounded([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], 0.2)
    assert outline[0] == (0.0, 0.0)
    assert outline[-1] == (1.0, 1.0)
    assert min(np.hypot(x - 1, y) for x, y in outline) > 0.05


@given(radius=st.floats(0.02, 0.3), pieces=st.integers(6, 20))
def test_a_wall_stays_near_its_round_and_leaves_free_what_it_says(radius: float, pieces: int) -> None:
    inner = 0.9 * radius
    wedges = [g.shape for g in wall([(radius, 0.0, inner, 0.0), (radius, 0.1, inner, 0.1)], pieces=pieces)]
    corners = np.concatenate([w.vertices_m for w in wedges if isinstance(w, Mesh)])
    reach = np.hypot(corners[:, 0], corners[:, 1])
    assert reach.max() <= radius + SPARE_M + 1e-12
    free = across(inner, pieces=pieces)
    assert free <= inner
    angles = np.linspace(0, 2 * np.pi, 200)
    circle = 0.999 * free * np.column_stack([np.cos(angles), np.sin(angles)])
    line = np.column_stack([circle, np.full(200, 0.05)])
    assert not any(within(w, line).any() for w in wedges)
    assert len(wedges) == pieces


@given(start=st.tuples(*[st.floats(-1, 1)] * 3), step=st.tuples(*[st.floats(-1, 1)] * 3))
def test_a_bar_reaches_from_point_to_point(start: Vec3, step: Vec3) -> None:
    if np.linalg.norm(step) < 0.05:
        return
    end = np.add(start, step)
    middle, quat, length = between(start, end)
    pose = Pose(middle, quat)
    np.testing.assert_allclose(pose.apply((0, 0, -length / 2)), start, atol=1e-9)
    np.testing.assert_allclose(pose.apply((0, 0, length / 2)), end, atol=1e-9)
    assert abs(pose.rotation[2, 0]) < 1e-9, "its x axis is level"
    geom = bar(start, end, 0.01)
    assert isinstance(geom.shape, Capsule)
    assert geom.shape.length_m + 2 * geom.shape.radius_m == pytest.approx(length)


def test_a_handle_is_seen_once_and_touched_from_point_to_point() -> None:
    seen, *links = handle([(0, 0, 0), (0.1, 0, 0.02), (0.1, 0, 0.1), (0, 0, 0.12)], 0.005)
    assert seen.role == "visual"
    assert len(links) == 3
    assert all(link.role == "collision" for link in links)
    for link, end, sign in ((links[0], (0, 0, 0), -1), (links[-1], (0, 0, 0.12), 1)):
        assert isinstance(link.shape, Capsule)
        reach = link.shape.length_m / 2 + link.shape.radius_m
        np.testing.assert_allclose(link.pose.apply((0, 0, sign * reach)), end, atol=1e-9)


def test_a_tile_leaves_its_corners_out() -> None:
    geoms = tile((0.2, 0.1, 0.02), 0.02)
    assembly = Assembly(parts=(root(geoms),))
    assert not solid(assembly, np.array([(0.0999, 0.0499, 0.01)])).any()
    assert solid(assembly, np.array([(0.0999, 0.0, 0.01), (0.0, 0.0499, 0.01)])).all()


def test_a_profile_is_read_at_a_height() -> None:
    assert at([(0.1, 0.0), (0.2, 1.0)], 0.25) == pytest.approx(0.125)


STRETCHED: tuple[Geom, ...] = (
    Geom(shape=Box((0.2, 0.1, 0.3)), pose=Pose.from_yaw((0.1, 0.0, 0.2), 0.6)),
    Geom(shape=Sphere(0.1), pose=Pose((0.3, 0.1, 0.0))),
    Geom(shape=Ellipsoid((0.1, 0.2, 0.05)), pose=Pose((0.0, 0.2, 0.1), (0.9, 0.3, 0.2, 0.1))),
    Geom(shape=Cylinder(0.1, 0.3), pose=Pose((0.0, 0.0, 0.2), (0.8, 0.4, 0.1, 0.0))),
    Geom(shape=Capsule(0.05, 0.2), pose=Pose((0.1, 0.3, 0.2), (0.7, 0.1, 0.5, 0.2))),
    Geom(shape=slab((0.2, 0.1, 0.05), 0.01), pose=Pose((0.2, 0.1, 0.0), (0.8, 0.0, 0.3, 0.3))),
)


@given(by=st.tuples(*[st.floats(0.4, 2.5)] * 3))
@settings(max_examples=40, deadline=None)
def test_stretching_takes_every_point_along(by: Vec3) -> None:
    """A point is in the stretched shape if and only if the point it came from was in the shape (but for a mesh's facets)."""
    factors = np.asarray(by)
    stretched = fit(Assembly(parts=(root(STRETCHED),)), (1.0, 1.0, 1.0), by)
    points = np.random.default_rng(5).uniform(-0.4, 0.6, (500, 3))
    for before, after in zip(STRETCHED, stretched.parts[0].geoms, strict=True):
        was = within(before.shape, before.pose.inverse().apply(points))
        # facets of a stretched round shape lie a little inside: points near its skin may be lost, none may be gained
        now = within(after.shape, after.pose.inverse().apply(points * factors))
        assert not (now & ~was).any()
        core = within(before.shape, before.pose.inverse().apply(before.pose.position_m + (points - before.pose.position_m) * 1.06))
        assert now[core & was].all() or isinstance(before.shape, Mesh)
        assert after.shape.volume_m3 == pytest.approx(before.shape.volume_m3 * factors.prod(), rel=0.06)


def test_stretching_evenly_keeps_primitives_and_moves_places_and_joints_along() -> None:
    slide = Joint(name="out", kind="slide", axis=(0.0, -1.0, 0.0), range=(0.0, 0.1), anchor_m=(0.0, 0.1, 0.0))
    drawn = Assembly(
        parts=(
            root(STRETCHED),
            Part(name="tray", geoms=(Geom(shape=Box((0.1, 0.1, 0.1))),), parent="body", pose=Pose((0, 0, 0.2)), joint=slide),
        ),
        containers=(inside(0.1, 0.02, 0.3),),
    )
    twice = fit(drawn, (1.0, 1.0, 1.0), (2.0, 2.0, 2.0))
    assert [type(g.shape) for g in twice.parts[0].geoms] == [type(g.shape) for g in STRETCHED]
    assert twice.parts[1].pose == Pose((0, 0, 0.4))
    assert twice.joints[0].range == (0.0, 0.2)
    assert twice.joints[0].anchor_m == (0.0, 0.2, 0.0)
    (room,) = twice.containers
    np.testing.assert_allclose(room.size_m, (0.4, 0.4, 0.56))
    assert room.pose == Pose((0, 0, 0.04))
    assert fit(drawn, (1.0, 2.0, 3.0), (1.0, 2.0, 3.0)) is drawn


def test_what_cannot_be_made_is_refused_with_its_name() -> None:
    turned = Assembly(parts=(root(STRETCHED), Part(name="lid", geoms=(), parent="body", pose=Pose.from_yaw((0, 0, 0), 0.3))))
    with pytest.raises(ShapeError, match="lid"):
        fit(turned, (1.0, 1.0, 1.0), (1.0, 2.0, 1.0))
    with pytest.raises(ShapeError, match="cross-sections"):
        loft([[(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)]])
