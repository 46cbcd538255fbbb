"""What a thing weighs, before there is a world to ask."""

from __future__ import annotations

from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import Thing


def mass_of(thing: Thing) -> float | None:
    """The mass [kg] a thing says, its kind's, or that of its stuff; None for an imported thing that says none."""
    if thing.mass_kg is not None or is_asset(thing):
        return thing.mass_kg
    what = archetype.kind(thing.kind)
    if what.mass_kg is not None and thing.material is None:
        return what.mass_kg
    assembly = archetype.build(thing)
    if assembly.soft is not None:
        return assembly.soft.mass_kg
    stuff = thing.material or what.material
    geoms = [geom for part in assembly.parts for geom in part.geoms if geom.role != "visual"]
    return sum(geom.shape.volume_m3 * MATERIALS[geom.material or stuff].density_kg_m3 for geom in geoms) or None
