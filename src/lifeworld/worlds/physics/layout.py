"""Where each part of the engine's state lies in its flat vector, so that states can be read and written many at once."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ORDER = (
    "TIME", "QPOS", "QVEL", "ACT", "HISTORY", "WARMSTART", "CTRL", "QFRC_APPLIED", "XFRC_APPLIED",
    "EQ_ACTIVE", "MOCAP_POS", "MOCAP_QUAT", "USERDATA", "PLUGIN", "PLASTIC",
)  # fmt: skip


def root_id(model: mujoco.MjModel, name: str) -> int:
    """The body of a thing or embodiment: the one of its name; of an imported one the first of its own, which are called NAME/…"""
    body = int(mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_BODY), name))
    if body >= 0:
        return body
    return next(b for b in range(model.nbody) if model.body(b).name.startswith(f"{name}/"))


@dataclass(frozen=True, slots=True)
class Layout:
    """Slices of the mjSTATE_INTEGRATION vector of a model; every method takes rows (..., size) and gives views of them."""

    size: int
    slices: dict[str, slice]

    @classmethod
    def of(cls, model: mujoco.MjModel) -> Layout:
        """The layout of a model's state: the engine concatenates the components in the order of their bits."""
        full = int(mujoco.mjtState.mjSTATE_INTEGRATION)
        start, slices = 0, {}
        for name in sorted(_ORDER, key=lambda n: int(getattr(mujoco.mjtState, f"mjSTATE_{n}"))):
            bit = int(getattr(mujoco.mjtState, f"mjSTATE_{name}"))
            size = int(mujoco.mj_stateSize(model, bit)) if bit & full else 0
            slices[name.lower()] = slice(start, start + size)
            start += size
        assert start == mujoco.mj_stateSize(model, full)
        return cls(start, slices)

    def view(self, rows: Array, name: str) -> Array:
        return rows[..., self.slices[name]]

    def mocap_pos(self, rows: Array, mocap: int) -> Array:
        return self.view(rows, "mocap_pos")[..., 3 * mocap : 3 * mocap + 3]

    def mocap_quat(self, rows: Array, mocap: int) -> Array:
        return self.view(rows, "mocap_quat")[..., 4 * mocap : 4 * mocap + 4]
