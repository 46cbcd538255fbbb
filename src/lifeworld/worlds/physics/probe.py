"""Does the engine step, and can it paint? A program for a child process, so that a crashing driver takes nobody with it.

    python -m lifeworld.worlds.physics.probe engine | rays | egl | osmesa

It prints one JSON object, `{"ok": true, "found": …}` or `{"ok": false, "missing": …, "why": …}`; `lifeworld doctor` reads it.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from typing import Any, Literal

SIDE_PX = 8
SCENE = """
<mujoco>
  <worldbody>
    <body><freejoint/><geom type="sphere" size="0.3"/></body>
  </worldbody>
</mujoco>
"""
# What each back-end loads: every line is needed, any name of a line will do.
LIBRARIES = {"egl": (("libEGL.so.1",), ("libGL.so.1",)), "osmesa": (("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so"),)}


def main(part: str) -> dict[str, Any]:
    """Try one part and say what was found."""
    try:
        return {"ok": True, "found": PARTS[part]()}
    except _NotThere as error:
        return {"ok": False, "missing": True, "why": str(error)}
    except Exception as error:  # drivers and bindings raise whatever they like; the doctor shows it
        return {"ok": False, "missing": False, "why": f"{type(error).__name__}: {error}"}


class _NotThere(Exception):
    """A system library is not installed."""


def _engine() -> str:
    import mujoco
    import numpy as np

    model = mujoco.MjModel.from_xml_string(SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, nstep=100)
    fell_m, seconds = -float(data.qpos[2]), float(data.time)
    if not np.isclose(fell_m, 0.5 * 9.81 * seconds**2, rtol=0.05):
        raise RuntimeError(f"a ball in free fall fell {fell_m:.4f} m in {seconds:.3f} s")
    return f"MuJoCo {mujoco.__version__}, a ball falls as it should"


def _rays() -> str:
    import mujoco
    import numpy as np

    model = mujoco.MjModel.from_xml_string(SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    down = np.tile([0.0, 0.0, -1.0], (SIDE_PX * SIDE_PX, 1)).ravel()
    count = SIDE_PX * SIDE_PX
    geoms, distance_m = np.full(count, -1, np.int32), np.zeros(count)
    mujoco.mj_multiRay(model, data, np.array([0.0, 0.0, 1.0]), down, None, True, -1, geoms, distance_m, None, count, 10.0)
    if not np.allclose(distance_m, 0.7):
        raise RuntimeError(f"a ray to a ball 0.7 m away measured {distance_m[0]:.4f} m")
    return f"{SIDE_PX}×{SIDE_PX} picture by rays, no OpenGL needed"


def _gl(backend: Literal["egl", "osmesa"]) -> str:
    for names in LIBRARIES[backend]:
        if not any(map(_loads, names)):
            raise _NotThere(f"{names[0]} is not installed")
    os.environ["MUJOCO_GL"] = os.environ["PYOPENGL_PLATFORM"] = backend  # before MuJoCo and PyOpenGL are loaded
    import mujoco

    from lifeworld.core.pose import Pose
    from lifeworld.scene.scene import CameraMount, Scene, Thing
    from lifeworld.worlds.physics.compile import compile_scene
    from lifeworld.worlds.physics.senses.painter import painter

    ball = Thing(name="ball", kind="ball", color="red", pose=Pose(), fixed=True)
    above = CameraMount(name="above", pose=Pose.look_at((0.0, 0.0, 0.3), (0.0, 0.001, 0.0)), width_px=SIDE_PX, height_px=SIDE_PX)
    compiled = compile_scene(Scene(name="probe", things=(ball,), cameras=(above,)))
    data = mujoco.MjData(compiled.model)
    mujoco.mj_forward(compiled.model, data)
    ours = painter(compiled, backend=backend)
    pixel = ours.rgb(data, above)[SIDE_PX // 2, SIDE_PX // 2].tolist()
    if not pixel[0] > 2 * pixel[1] + 20:
        raise RuntimeError(f"the picture of a red ball by {ours.name} is not red: {pixel}")
    return f"{ours.name.partition(': ')[2]}, {SIDE_PX}×{SIDE_PX} picture rendered"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


PARTS: dict[str, Callable[[], str]] = {"engine": _engine, "rays": _rays, "egl": lambda: _gl("egl"), "osmesa": lambda: _gl("osmesa")}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])), flush=True)
    os._exit(0)  # without the bindings' own good-byes: some of them complain after all is said
