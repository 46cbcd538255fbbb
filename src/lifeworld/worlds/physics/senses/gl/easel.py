"""What the painters of this process share: the context, the stage, and canvases and shadow maps of the sizes in use."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

from lifeworld.worlds.physics.senses.gl import amodal, colour, surface
from lifeworld.worlds.physics.senses.gl.context import Canvas, context
from lifeworld.worlds.physics.senses.gl.shadow import Maps
from lifeworld.worlds.physics.senses.gl.stage import Stage

MOST_PIXELS_KEPT = 4_000_000  # of canvases, some 150 MB; the one in use may be larger
_LAYERS = {"surface": (surface.LAYERS | colour.LAYERS, "depth"), "half": (colour.HALF, None), "amodal": (amodal.LAYERS, None)}


@lru_cache(maxsize=1)
def easel(backend: str) -> Easel:
    """The easel of this process.

    Raises:
        EngineError: if the back-end does not work here.
    """
    return Easel(backend)


class Easel:
    """The canvases least used go first when there are too many pixels; of shadow maps the last size is kept."""

    def __init__(self, backend: str) -> None:
        self.context = context(backend)
        self.stage = Stage(self.context)
        self._canvases: OrderedDict[tuple[str, tuple[int, int]], Canvas] = OrderedDict()
        self._maps: Maps | None = None

    def canvas(self, name: str, size: tuple[int, int]) -> Canvas:
        key = (name, size)
        if key not in self._canvases:
            layers, depth = _LAYERS[name]
            self._canvases[key] = Canvas(self.context.name, layers, size, depth=depth)
        self._canvases.move_to_end(key)
        while len(self._canvases) > 1 and sum(w * h for _, (w, h) in self._canvases) > MOST_PIXELS_KEPT:
            self._canvases.popitem(last=False)[1].close()
        return self._canvases[key]

    def maps(self, side_px: int) -> Maps:
        if self._maps is None or self._maps.side_px != side_px:
            if self._maps is not None:
                self._maps.close()
            self._maps = Maps(self.context.name, side_px)
        return self._maps

    def forget(self, drawn: object) -> None:
        """Let no canvas remember a scene that is gone."""
        for canvas in self._canvases.values():
            canvas.held = None
