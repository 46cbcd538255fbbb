"""What drives an embodiment joint by joint: which numbers of its action they are, and what those command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import mujoco
import numpy as np

from lifeworld.worlds.physics.embody import Embodied


@dataclass(frozen=True, slots=True)
class Drive:
    """The `number`-th number of an action commands a joint: its `position` or `velocity` times `gear`, or something `else`."""

    number: int
    actuator: int
    joint: int
    gear: float
    sort: Literal["position", "velocity", "else"]


def drives(model: mujoco.MjModel, embodied: Embodied) -> tuple[Drive, ...]:
    """The drives of an imported robot that act on one joint each, in the order of its action."""
    prefix = f"{embodied.embodiment.name}/"
    own = [a for a in range(model.nu) if model.actuator(a).name.startswith(prefix)]
    joint = int(mujoco.mjtTrn.mjTRN_JOINT)
    return tuple(
        Drive(number, a, int(model.actuator_trnid[a, 0]), float(model.actuator_gear[a, 0]), _sort(model, a))
        for number, a in enumerate(own)
        if int(model.actuator_trntype[a]) == joint
    )


def numbers_of(model: mujoco.MjModel, embodied: Embodied, actuators: list[int]) -> list[int]:
    """Which numbers of a robot's action command these actuators."""
    prefix = f"{embodied.embodiment.name}/"
    own = [a for a in range(model.nu) if model.actuator(a).name.startswith(prefix)]
    return [own.index(a) for a in actuators]


def _sort(model: mujoco.MjModel, actuator: int) -> Literal["position", "velocity", "else"]:
    gain, bias = float(model.actuator_gainprm[actuator, 0]), model.actuator_biasprm[actuator]
    if gain > 0 and np.isclose(float(bias[1]), -gain):
        return "position"
    return "velocity" if gain > 0 and float(bias[1]) == 0.0 and np.isclose(float(bias[2]), -gain) else "else"
