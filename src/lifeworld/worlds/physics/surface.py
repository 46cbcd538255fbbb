"""Who owns each surface that can be seen or touched: which thing, which part, of what class, on which body.

A surface is a geom (0 … ngeom − 1) or a soft body (ngeom + flex). The tables have one row more, so that −1, no surface, finds the
background.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene import archetype
from lifeworld.scene.classes import class_of
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics import asset
from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.layout import root_id


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """Tables (surfaces + 1,) int32: instance id, part id (a body of the model), class, body; and the names of the parts."""

    instance: NDArray[np.int32]
    part: NDArray[np.int32]
    kind: NDArray[np.int32]
    body: NDArray[np.int32]
    part_names: tuple[str, ...]

    @classmethod
    def of(cls, model: mujoco.MjModel, scene: Scene, geom_instance: NDArray[np.int32], flex_instance: NDArray[np.int32]) -> Surfaces:
        """Those of a compiled model of the scene."""
        instance = np.concatenate([geom_instance, flex_instance, [0]]).astype(np.int32)
        # A soft thing is one part, whichever vertex is hit: the body it was laid down on, which never moves.
        flex_body = np.array([root_id(model, scene.things[i - 1].name) for i in flex_instance], dtype=np.int32)
        body = np.concatenate([model.geom_bodyid, flex_body, [0]]).astype(np.int32)
        owners = [class_of(t.kind) for t in scene.things] + [class_of(e.kind) for e in scene.embodiments]
        kinds = np.array([0, *owners], dtype=np.int32)[instance]
        part = np.where(instance > 0, body, 0).astype(np.int32)
        return cls(instance, part, kinds, body, _part_names(model, scene))


def seen(model: mujoco.MjModel) -> NDArray[np.bool_]:
    """Which geoms (ngeom,) can be seen: those not there for touching alone, nor wholly see-through."""
    alpha = np.where(model.geom_matid >= 0, model.mat_rgba[model.geom_matid, 3] if model.nmat else 1.0, model.geom_rgba[:, 3])
    return np.asarray((model.geom_group < ONLY_TOUCHED) & (alpha > 0))


def _part_names(model: mujoco.MjModel, scene: Scene) -> tuple[str, ...]:
    """thing/part of every body; "background" of the first."""
    roots = {t.name: archetype.build(t).parts for t in scene.things if not asset.is_asset(t)}
    names = ["background"]
    for body in range(1, model.nbody):
        name = model.body(body).name
        parts = roots.get(name)
        names.append(f"{name}/{parts[0].name}" if parts else name)
    return tuple(names)
