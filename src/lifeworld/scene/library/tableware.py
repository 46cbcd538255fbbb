"""Glasses, cups, bowls, plates, pans: what stands on a table and holds something."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, ring, root
from lifeworld.scene.shape import Cylinder, Vec3, lathe


@archetype(
    "glass",
    category="tableware",
    size_m=(0.075, 0.075, 0.12),
    scale=(0.6, 1.6),
    material="glass",
    materials=("glass", "plastic"),
    affordances=("grasp", "fill", "pour"),
    synonyms=("tumbler", "drinking glass"),
)
def glass(size_m: Vec3) -> Assembly:
    """A plain drinking glass, a little wider at the rim."""
    radius, height, wall, base = min(size_m[:2]) / 2, size_m[2], 0.003, 0.008
    foot = radius * 0.82
    outline = [(0.0, 0.0), (foot, 0.0), (radius, height), (radius - wall, height), (foot - wall, base), (0.0, base)]
    return Assembly(
        parts=(
            root(
                [
                    Geom(shape=lathe(outline), role="visual"),
                    Geom(shape=Cylinder(foot, base), pose=Pose((0, 0, base / 2)), role="collision"),
                    *ring(foot, height - base, wall, z_m=base, top_radius_m=radius),
                ]
            ),
        ),
        containers=(
            Container(
                name="inside", size_m=(2 * foot - 2 * wall, 2 * foot - 2 * wall, height - base), pose=Pose((0, 0, base)), shape="disc"
            ),
        ),
    )
