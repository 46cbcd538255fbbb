"""The arm of dm_control's `reacher`, as rows: what a state is next, and nothing else to remember."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

VERSION: str = mujoco.__version__
MODEL = """
<mujoco model="two-link planar reacher">
  <option timestep="0.02"><flag contact="disable"/></option>
  <default>
    <joint type="hinge" axis="0 0 1" damping="0.01"/>
    <motor gear=".05" ctrlrange="-1 1" ctrllimited="true"/>
    <geom density="{density}"/>
  </default>
  <worldbody>
    <body name="arm" pos="0 0 .01">
      <geom type="capsule" fromto="0 0 0 0.12 0 0" size=".01"/>
      <joint name="shoulder"/>
      <body name="hand" pos=".12 0 0">
        <geom type="capsule" fromto="0 0 0 0.1 0 0" size=".01"/>
        <joint name="wrist" limited="true" range="-160 160"/>
        <body name="finger" pos=".12 0 0"><geom type="sphere" size=".01"/></body>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="shoulder"/><motor joint="wrist"/></actuator>
</mujoco>
"""
"""The suite's arm (Apache-2.0, Tassa et al. 2018); its arena touches nothing."""


class Arm:
    """The model and its one scratch data: used by one thread at a time. `density_kg_m3` is that of all that moves."""

    def __init__(self, density_kg_m3: float) -> None:
        self._model = mujoco.MjModel.from_xml_string(MODEL.format(density=density_kg_m3))
        self._data = mujoco.MjData(self._model)

    def step(self, rows: NDArray[np.float64], actions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Angles and speeds (n, 4) 20 ms after these, under torques (n, 2) within ±1."""
        data, out = self._data, np.empty_like(rows)
        for i in range(len(rows)):
            data.qpos[:], data.qvel[:], data.ctrl[:] = rows[i, :2], rows[i, 2:], actions[i]
            data.qacc_warmstart[:] = 0.0  # a state is all that the next one hangs on
            mujoco.mj_step(self._model, data)
            out[i, :2], out[i, 2:] = data.qpos, data.qvel
        return out
