"""What things are mostly made of, by mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.archetype import build, kind
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import Thing
from lifeworld.worlds.physics.asset import is_asset
from lifeworld.worlds.physics.build import masses_kg, stuff_of
from lifeworld.worlds.physics.compile import Compiled


def materials() -> tuple[str, ...]:
    """The legend of material_ids; the first is for imported things, whose files do not say."""
    return ("unknown", *sorted(MATERIALS))


def material_ids(compiled: Compiled) -> NDArray[np.int32]:
    """(things,) the number of each thing's material; of equal shares the first by name."""
    number = {name: i for i, name in enumerate(materials())}
    return np.array([number[_material(thing)] for thing in compiled.scene.things], dtype=np.int32)


def _material(thing: Thing) -> str:
    if is_asset(thing):
        return "unknown"
    assembly = build(thing)
    if assembly.soft is not None:
        return stuff_of(thing, assembly.soft).name
    pieces = {(part.name, i): geom for part in assembly.parts for i, geom in enumerate(part.geoms)}
    shares: dict[str, float] = {thing.material or kind(thing.kind).material: 0.0}
    for piece, mass in masses_kg(thing, assembly):
        name = stuff_of(thing, pieces[piece]).name
        shares[name] = shares.get(name, 0.0) + mass
    return min(shares, key=lambda name: (-shares[name], name))
