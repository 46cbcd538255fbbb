"""What touches what, and how hard."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import CONTACT_DTYPE
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.look import Sense


def contacts(compiled: Compiled, data: mujoco.MjData) -> NDArray[np.void]:
    """Every touching pair as rows of CONTACT_DTYPE, in the engine's order; pairs merely near (no force) are left out."""
    model, surfaces = compiled.model, compiled.surfaces
    contact = data.contact
    active = np.flatnonzero(contact.efc_address >= 0) if data.ncon else np.zeros(0, dtype=np.int64)
    out = np.zeros(len(active), dtype=CONTACT_DTYPE)
    if not len(active):
        return out
    geom, flex = contact.geom[active], contact.flex[active]
    surface = np.where(flex >= 0, model.ngeom + flex, geom) if model.nflex else geom
    ids, parts = surfaces.instance[surface], surfaces.part[surface]
    out["body_a"], out["body_b"] = ids[:, 0], ids[:, 1]
    out["part_a"], out["part_b"] = parts[:, 0], parts[:, 1]
    out["position_m"] = contact.pos[active]
    out["normal"] = contact.frame[active, :3]
    out["distance_m"] = contact.dist[active]
    wrench = np.zeros(6)
    for row, index in enumerate(active):
        mujoco.mj_contactForce(model, data, int(index), wrench)
        out["force_n"][row] = max(wrench[0], 0.0)
    return out


SENSES: dict[str, Sense] = {"contacts": lambda look, _: look.once("contacts", lambda: contacts(look.compiled, look.data))}
