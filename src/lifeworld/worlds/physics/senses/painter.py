"""Who looks through the cameras: OpenGL where it is there, rays where it is not. The choice, and the first that works.

`auto` takes the first that works of EGL, OSMesa and rays. No display is ever needed. A painter says which it is, because
software and hardware pictures differ by a little; what pixels hit agrees to within silhouettes.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError, UnknownName
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.rays import RayPainter

Backend = Literal["auto", "egl", "osmesa", "rays"]
BACKENDS: tuple[Backend, ...] = ("auto", "egl", "osmesa", "rays")


@dataclass(frozen=True, slots=True)
class Quality:
    """The shadow map's side [px] (0: no shadows) and samples per pixel: together they cost more than everything else."""

    shadow_px: int
    samples: int


QUALITIES: dict[str, Quality] = {"draft": Quality(0, 0), "standard": Quality(1024, 0), "high": Quality(4096, 4)}


class Painter(Protocol):
    """Looks at one compiled scene through its cameras. `name` says what draws."""

    name: str

    def rgb(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        """The picture (height, width, 3), sRGB."""
        ...

    def hits(self, data: mujoco.MjData, camera: CameraMount) -> Hits:
        """What each pixel hits first."""
        ...

    def amodal(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        """(height, width, ⌈instances / 8⌉): bit i % 8 of byte i // 8 says that instance i + 1 would be seen here if it stood alone."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


def painter(compiled: Compiled, *, backend: Backend = "auto", quality: str = "standard") -> Painter:
    """A painter of this scene by the backend asked for, or the first that works.

    Raises:
        EngineError: if a backend that was named does not work here.
    """
    check(backend, quality)
    chosen = working_backend() if backend == "auto" else backend
    if chosen == "rays":
        return RayPainter(compiled)
    return GLPainter(compiled, chosen, QUALITIES[quality])


def check(backend: str, quality: str) -> None:
    """Raise UnknownName unless both words are known."""
    if backend not in BACKENDS:
        raise UnknownName("renderer", backend, BACKENDS)
    if quality not in QUALITIES:
        raise UnknownName("quality", quality, QUALITIES)


@lru_cache(maxsize=1)
def working_backend() -> Backend:
    """The first of EGL, OSMesa, rays that works here. Looks with ctypes, since PyOpenGL cannot change its mind once imported."""
    bound = os.environ.get("PYOPENGL_PLATFORM", "").lower() if "OpenGL" in sys.modules else ""
    if bound in ("", "egl") and _egl_works():
        return "egl"
    if bound in ("", "osmesa") and _osmesa_works():
        return "osmesa"
    return "rays"


def _egl_works() -> bool:
    """Whether some EGL device can be initialised without a display."""
    try:
        egl = ctypes.CDLL("libEGL.so.1")
        ctypes.CDLL("libGL.so.1")
    except OSError:
        return False
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
    query, display = (egl.eglGetProcAddress(name) for name in (b"eglQueryDevicesEXT", b"eglGetPlatformDisplayEXT"))
    if not query or not display:
        return False
    devices, count = (ctypes.c_void_p * 16)(), ctypes.c_int()
    if not ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(query)(16, devices, ctypes.byref(count)):
        return False
    get = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p)(display)
    egl.eglInitialize.argtypes = [ctypes.c_void_p] * 3
    platform_device = 0x313F  # EGL_PLATFORM_DEVICE_EXT
    return any((found := get(platform_device, devices[i], None)) and egl.eglInitialize(found, None, None) for i in range(count.value))


def _osmesa_works() -> bool:
    name = ctypes.util.find_library("OSMesa")
    if name is None:
        return False
    try:
        return bool(ctypes.CDLL(name).OSMesaCreateContextExt)
    except (OSError, AttributeError):
        return False


@lru_cache(maxsize=1)
def _gl_context(backend: str) -> Any:
    """One off-screen context for the whole process: it is the engine's drawing contexts that are many."""
    os.environ["MUJOCO_GL"] = backend
    os.environ.setdefault("PYOPENGL_PLATFORM", backend)
    try:
        if backend == "egl":
            from mujoco.egl import GLContext
        else:
            from mujoco.osmesa import GLContext
        context = GLContext(64, 64)
        context.make_current()
    except Exception as error:  # GL back-ends raise whatever the driver's binding raises
        raise EngineError(
            f"the renderer {backend!r} does not work here",
            got=str(error),
            fix='`lifeworld doctor` says what is missing; renderer="rays" needs nothing.',
        ) from error
    return context


class GLPainter(RayPainter):
    """Colour by the engine's own OpenGL; geometry by rays."""

    def __init__(self, compiled: Compiled, backend: str, quality: Quality) -> None:
        super().__init__(compiled)
        self._context = _gl_context(backend)
        self._context.make_current()
        self._model.vis.quality.shadowsize = quality.shadow_px
        self._model.vis.quality.offsamples = quality.samples
        self._scene = mujoco.MjvScene(self._model, maxgeom=max(2_000, 2 * self._model.ngeom + 200))
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = quality.shadow_px > 0
        self._draw = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._draw)
        self._draw.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = [1, 1, 1, 0, 0, 0]
        assert ONLY_TOUCHED == 3
        self._option.flags[mujoco.mjtVisFlag.mjVIS_FLEXSKIN] = 1
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self.name = f"{backend}: {gl_renderer()}"

    def rgb(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        self._context.make_current()
        width, height = camera.width_px, camera.height_px
        view = mujoco.MjrRect(0, 0, width, height)
        self._camera.fixedcamid = self._model.cam(camera.name).id
        mujoco.mjv_updateScene(self._model, data, self._option, None, self._camera, int(mujoco.mjtCatBit.mjCAT_ALL), self._scene)
        rgb = np.empty((height, width, 3), np.uint8)
        mujoco.mjr_render(view, self._scene, self._draw)
        mujoco.mjr_readPixels(rgb, None, view, self._draw)
        return rgb[::-1]

    def close(self) -> None:
        """Free what the driver holds."""
        self._context.make_current()
        self._draw.free()


def gl_renderer() -> str:
    """The driver's own name for itself; needs a current context."""
    from OpenGL import GL

    text = GL.glGetString(GL.GL_RENDERER)
    return text.decode() if text else "unknown"
