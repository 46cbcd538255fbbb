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
from typing import Literal, Protocol

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnknownName
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.rays import RayPainter

Backend = Literal["auto", "egl", "osmesa", "rays"]
BACKENDS: tuple[Backend, ...] = ("auto", "egl", "osmesa", "rays")


@dataclass(frozen=True, slots=True)
class Quality:
    """How carefully colour is painted; what pixels hit is exact in all.

    `shadow` is how much finer a shadow map is than the picture (0: no shadows), `softness` how wide shadows' rims are [texels of a map of
    1024], `samples` how many a pixel has each way.
    """

    shadow: float
    softness: float
    samples: int


QUALITIES: dict[str, Quality] = {"draft": Quality(0.0, 0.0, 1), "standard": Quality(1.25, 0.0, 1), "high": Quality(3.0, 3.0, 2)}


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
    from lifeworld.worlds.physics.senses.gl.painter import GLPainter  # PyOpenGL need not be there where rays do

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
