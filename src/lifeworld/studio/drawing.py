"""Drawing in more than one thread: the process has one OpenGL context, which only one thread can hold. Who draws here takes turns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TURN = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """In here pictures of physical worlds can be drawn, by this thread alone."""
    with _TURN:
        try:
            yield
        finally:
            module = sys.modules.get("lifeworld.worlds.physics.senses.gl.context")
            if module is not None and module.context.cache_info().currsize:
                module.context(module.os.environ["PYOPENGL_PLATFORM"]).let_go()
