"""The OpenGL context of this process and what lives in it: programs, buffers, pictures in memory. It is made once and kept.

A process is bound to one platform (EGL or OSMesa) from its first context on: PyOpenGL cannot change its mind.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError

GLSL = Path(__file__).parent / "glsl"
SPARE = 15  # a texture unit that no program reads
OLDEST = (4, 5)  # clip control and direct buffers; Mesa's software driver has had both since 2020


TURN = threading.RLock()
"""EGL lends a context to one thread at a time: who draws, or makes what is drawn with, has this, and lets go when it is done."""


@lru_cache(maxsize=1)
def context(backend: str) -> Context:
    """The context of this process, made by who has the `TURN`.

    Raises:
        EngineError: if the back-end does not work here, or its OpenGL is too old.
    """
    os.environ.setdefault("PYOPENGL_PLATFORM", backend)
    # Mesa's software driver shades with as many helpers as there are cores unless told otherwise. A few suffice for pictures of our sizes;
    # with none, two processes on two cores took twice as long (the helpers are what spreads over the cores).
    os.environ.setdefault("LP_NUM_THREADS", str(min(4, os.cpu_count() or 1)))
    try:
        window: Any = importlib.import_module(f"mujoco.{backend}").GLContext(64, 64)
        # PyOpenGL asks for errors after every call unless told otherwise before it binds a function; its EGL module needs the checks.
        # We ask where errors can be: when programs are made and pictures are laid out.
        flags: Any = importlib.import_module("OpenGL._configflags")
        flags.ERROR_CHECKING = False
        window.make_current()
        atexit.register(window.free)  # at the very end the bindings it needs are gone
    except Exception as error:  # GL back-ends raise whatever the driver's binding raises
        raise EngineError(
            f"the renderer {backend!r} does not work here",
            got=str(error),
            fix='`lifeworld doctor` says what is missing; renderer="rays" needs nothing.',
        ) from error
    made = Context(backend, window)
    made.let_go()
    return made


class Context:
    """A context, its driver's name, and the programs made in it."""

    def __init__(self, backend: str, window: Any) -> None:
        from OpenGL import GL

        self.window, self._depth = window, 0
        renderer = GL.glGetString(GL.GL_RENDERER)
        self.name = f"{backend}: {renderer.decode() if renderer else 'unknown'}"
        version = (int(GL.glGetIntegerv(GL.GL_MAJOR_VERSION)), int(GL.glGetIntegerv(GL.GL_MINOR_VERSION)))
        if version < OLDEST:
            raise EngineError(
                "this OpenGL is too old",
                where=self.name,
                got=".".join(map(str, version)),
                expected="4.5 or newer",
                fix='Use a newer driver (Mesa\'s software driver will do), or renderer="rays".',
            )
        _clip_control(backend)(GL.GL_LOWER_LEFT, GL.GL_ZERO_TO_ONE)  # depths are read as they were written, see glsl/place.glsl
        self._programs: dict[tuple[tuple[str, ...], tuple[str, ...]], Program] = {}
        self._empty = GL.glGenVertexArrays(1)

    @contextmanager
    def held(self) -> Iterator[None]:
        """In here it is current in this thread; others wait."""
        with TURN:
            if not self._depth:
                self.window.make_current()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self.let_go()

    def let_go(self) -> None:
        """Not current in this thread any more."""
        if os.environ["PYOPENGL_PLATFORM"] == "egl":
            from mujoco import egl
            from OpenGL import EGL

            EGL.eglMakeCurrent(egl.EGL_DISPLAY, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)

    def program(self, vertex: Sequence[str], fragment: Sequence[str], *words: str) -> Program:
        """The program of these GLSL files, each stage its files in a row after a `#define` of every word; compiled once."""
        key = ((*vertex, "|", *fragment), words)
        if key not in self._programs:
            self._programs[key] = Program(self.name, vertex, fragment, words)
        return self._programs[key]

    def fill(self, program: Program) -> None:
        """Run a program once for every pixel: one triangle that covers all of them."""
        from OpenGL import GL

        program.use()
        GL.glBindVertexArray(self._empty)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)

    def bare(self) -> None:
        """Draw from vertices without attributes: the program knows them by their number."""
        from OpenGL import GL

        GL.glBindVertexArray(self._empty)


class Program:
    """A linked program; `set` takes its uniforms by name."""

    def __init__(self, driver: str, vertex: Sequence[str], fragment: Sequence[str], words: Sequence[str]) -> None:
        from OpenGL import GL

        self.id = GL.glCreateProgram()
        defines = "".join(f"#define {word}\n" for word in words)
        for stage, names in ((GL.GL_VERTEX_SHADER, vertex), (GL.GL_FRAGMENT_SHADER, fragment)):
            shader = GL.glCreateShader(stage)
            text = "#version 450\n" + defines + "".join((GLSL / f"{name}.glsl").read_text(encoding="utf-8") for name in names)
            GL.glShaderSource(shader, text)
            GL.glCompileShader(shader)
            if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
                raise _refused(driver, f"{' '.join(names)} ({' '.join(words)})", GL.glGetShaderInfoLog(shader))
            GL.glAttachShader(self.id, shader)
            GL.glDeleteShader(shader)
        GL.glLinkProgram(self.id)
        if not GL.glGetProgramiv(self.id, GL.GL_LINK_STATUS):
            raise _refused(driver, f"{' '.join((*vertex, *fragment))} ({' '.join(words)})", GL.glGetProgramInfoLog(self.id))
        self._places: dict[str, int] = {}

    def use(self) -> None:
        from OpenGL import GL

        GL.glUseProgram(self.id)

    def set(self, **values: float | tuple[float, ...] | NDArray[Any]) -> None:
        """Uniforms by name: ints (a sampler's unit too), floats, vectors of up to four, arrays (n, up to four) of vectors."""
        from OpenGL import GL

        for name, value in values.items():
            if name not in self._places:
                self._places[name] = GL.glGetUniformLocation(self.id, name)
            place = self._places[name]
            if place < 0:
                continue  # the driver drops what a variant of a program does not read
            if isinstance(value, int):
                GL.glProgramUniform1i(self.id, place, value)
            elif isinstance(value, float):
                GL.glProgramUniform1f(self.id, place, value)
            else:
                array = np.ascontiguousarray(value, dtype=np.float32)
                width = array.shape[-1]
                put = (GL.glProgramUniform1fv, GL.glProgramUniform2fv, GL.glProgramUniform3fv, GL.glProgramUniform4fv)[width - 1]
                put(self.id, place, array.size // width, array)


class Buffer:
    """Memory of the driver that is written anew again and again, and read by programs as a table of four floats a row."""

    def __init__(self) -> None:
        from OpenGL import GL

        self.id = GL.glGenBuffers(1)
        self._texture = 0

    def write(self, values: NDArray[Any]) -> None:
        from OpenGL import GL

        values = np.ascontiguousarray(values)
        GL.glBindBuffer(GL.GL_COPY_WRITE_BUFFER, self.id)
        # New memory each time: the driver may still be drawing from the old.
        GL.glBufferData(GL.GL_COPY_WRITE_BUFFER, max(values.nbytes, 16), ctypes.c_void_p(values.ctypes.data), GL.GL_STREAM_DRAW)

    def bind_table(self, unit: int) -> None:
        """Let programs read it as the samplerBuffer of this texture unit."""
        from OpenGL import GL

        GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
        if not self._texture:
            self._texture = GL.glGenTextures(1)
            GL.glBindTexture(GL.GL_TEXTURE_BUFFER, self._texture)
            GL.glTexBuffer(GL.GL_TEXTURE_BUFFER, GL.GL_RGBA32F, self.id)
        else:
            GL.glBindTexture(GL.GL_TEXTURE_BUFFER, self._texture)

    def close(self) -> None:
        from OpenGL import GL

        GL.glDeleteBuffers(1, [self.id])
        if self._texture:
            GL.glDeleteTextures(1, [self._texture])


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a canvas: its OpenGL format as (stored, components, type), and the NumPy type and width of a pixel."""

    stored: str
    components: str
    kind: str
    dtype: str
    width: int


class Canvas:
    """Pictures of one size to draw into, by name, each made when first needed; `depth` names the layer that hides what is behind."""

    def __init__(self, driver: str, layers: Mapping[str, Layer], size: tuple[int, int], *, depth: str | None = None) -> None:
        self.size, self._layers = size, dict(layers)
        self.held: object = None  # what was drawn here last, for those who look before they draw again
        self._textures: dict[str, int] = {}
        self._frames: dict[tuple[str, ...], int] = {}
        self._driver, self._depth = driver, depth

    def bind(self, *names: str) -> None:
        """Draw into these layers (and the depth), all of it."""
        from OpenGL import GL

        if names not in self._frames:
            frame = GL.glGenFramebuffers(1)
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, frame)
            for index, name in enumerate(names):
                place = GL.GL_COLOR_ATTACHMENT0 + index
                GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, place, GL.GL_TEXTURE_2D, self._texture(name), 0)
            if self._depth is not None:
                GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_DEPTH_ATTACHMENT, GL.GL_TEXTURE_2D, self._texture(self._depth), 0)
            if names:
                GL.glDrawBuffers(len(names), [GL.GL_COLOR_ATTACHMENT0 + i for i in range(len(names))])
            else:
                GL.glDrawBuffer(GL.GL_NONE)
            state = GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER)
            if state != GL.GL_FRAMEBUFFER_COMPLETE:
                raise EngineError("this driver cannot draw into such a picture", where=self._driver, got=f"{names} {self.size}: {state:#x}")
            self._frames[names] = frame
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._frames[names])
        GL.glViewport(0, 0, *self.size)

    def copy(self, other: Canvas) -> None:
        """Take over the layers that both have from another canvas of this size."""
        from OpenGL import GL

        for name in self._layers:
            source, target = other._texture(name), self._texture(name)
            GL.glCopyImageSubData(source, GL.GL_TEXTURE_2D, 0, 0, 0, 0, target, GL.GL_TEXTURE_2D, 0, 0, 0, 0, *self.size, 1)

    def bind_layer(self, name: str, unit: int) -> None:
        """Let programs read a layer as the sampler2D of this texture unit."""
        from OpenGL import GL

        texture = self._texture(name)
        GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture)

    def read(self, name: str) -> NDArray[Any]:
        """A layer (height, width, width of a pixel) that was drawn into; its first row is the picture's top."""
        from OpenGL import GL

        layer, (width, height) = self._layers[name], self.size
        out: NDArray[Any] = np.empty((height, width, layer.width), dtype=layer.dtype)
        bound = next(names for names in self._frames if name in names)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._frames[bound])
        GL.glReadBuffer(GL.GL_COLOR_ATTACHMENT0 + bound.index(name))
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
        GL.glReadPixels(0, 0, width, height, getattr(GL, layer.components), getattr(GL, layer.kind), ctypes.c_void_p(out.ctypes.data))
        return out

    def _texture(self, name: str) -> int:
        from OpenGL import GL

        if name not in self._textures:
            self._textures[name] = GL.glGenTextures(1)
            GL.glActiveTexture(GL.GL_TEXTURE0 + SPARE)  # programs may be about to read the others
            GL.glBindTexture(GL.GL_TEXTURE_2D, self._textures[name])
            GL.glTexStorage2D(GL.GL_TEXTURE_2D, 1, getattr(GL, self._layers[name].stored), *self.size)
            for word in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
                GL.glTexParameteri(GL.GL_TEXTURE_2D, word, GL.GL_NEAREST)
        return self._textures[name]

    def close(self) -> None:
        from OpenGL import GL

        if self._frames:
            GL.glDeleteFramebuffers(len(self._frames), list(self._frames.values()))
        GL.glDeleteTextures(len(self._textures), list(self._textures.values()))


def _clip_control(backend: str) -> Any:
    """glClipControl, which OSMesa has but PyOpenGL looks for in the wrong place."""
    from OpenGL import GL, platform

    if backend != "osmesa" or GL.glClipControl:
        return GL.glClipControl
    find = platform.PLATFORM.OSMesa.OSMesaGetProcAddress
    find.restype, find.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    return ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_uint)(find(b"glClipControl"))


def _refused(driver: str, what: str, log: Any) -> EngineError:
    text = log.decode(errors="replace") if isinstance(log, bytes) else str(log)
    return EngineError("the driver refuses one of our programs", where=driver, got=f"{what}: {text.strip()[:600]}")
