"""What the painters of this process share: the context, the stage, and canvases and shadow maps of the sizes in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from lifeworld.worlds.physics.senses.gl import amodal, colour, surface
from lifeworld.worlds.physics.senses.gl.context import TURN, Canvas, context
from lifeworld.worlds.physics.senses.gl.drawn import Drawn
from lifeworld.worlds.physics.senses.gl.shadow import Maps
from lifeworld.worlds.physics.senses.gl.stage import Stage
from lifeworld.worlds.physics.senses.gl.view import Sight

MOST_PIXELS_KEPT = 4_000_000  # of canvases, some 150 MB; those in use may be larger
MOST_SURFACES = 3  # of one size: a recording hits every moment as the next before it paints it as now, for each camera
_Key = tuple[str, tuple[int, int], int]
_LAYERS = {
    "surface": (surface.LAYERS | colour.LAYERS, "depth"),
    "over": (surface.OVER, "depth"),
    "half": (colour.HALF, None),
    "amodal": (amodal.LAYERS, None),
}


@dataclass(slots=True, eq=False)
class Held:
    """What a surface canvas holds: this sight, with what colour needs or without; `foreseen` if that has not been needed yet."""

    sight: Sight
    color: bool
    foreseen: bool = False


def easel(backend: str) -> Easel:
    """The easel of this process.

    Raises:
        EngineError: if the back-end does not work here.
    """
    with TURN:  # of two threads that ask at once one makes it
        return _easel(backend)


@lru_cache(maxsize=1)
def _easel(backend: str) -> Easel:
    with context(backend).held():
        return Easel(backend)


class Easel:
    """The canvases least used go first when there are too many pixels; of shadow maps the last size is kept."""

    def __init__(self, backend: str) -> None:
        self.context = context(backend)
        self.stage = Stage(self.context)
        self._canvases: OrderedDict[_Key, Canvas] = OrderedDict()
        self._in_use: set[_Key] = set()
        self._maps: Maps | None = None

    @contextmanager
    def begin(self) -> Iterator[None]:
        """A picture: the canvases of the last one are free again, and no other thread draws."""
        with self.context.held():
            self._in_use.clear()
            yield

    def canvas(self, name: str, size: tuple[int, int], number: int = 0) -> Canvas:
        """The canvas of this name and size, as whoever used it last left it."""
        key = (name, size, number)
        if key not in self._canvases:
            layers, depth = _LAYERS[name]
            self._canvases[key] = Canvas(self.context.name, layers, size, depth=depth)
        self._canvases.move_to_end(key)
        self._in_use.add(key)
        for other in [k for k in self._canvases if k not in self._in_use]:
            if sum(w * h for _, (w, h), _ in self._canvases) > MOST_PIXELS_KEPT:
                self._canvases.pop(other).close()
        return self._canvases[key]

    def surface(self, sight: Sight) -> Canvas:
        """The surface canvas that holds this sight.

        If none does: of those that hold nothing that will be needed the one used last, which is in the processor's cache; else a new
        one; else the one that has not been used longest.
        """
        mine = [key for key in reversed(self._canvases) if key[:2] == ("surface", sight.size)]
        held = {key: of for key in mine if isinstance(of := self._canvases[key].held, Held)}
        for key, of in held.items():
            if sight.same(of.sight):
                return self.canvas(*key)
        for key in mine:
            if key not in held or not held[key].foreseen:
                return self.canvas(*key)
        free = set(range(MOST_SURFACES)) - {number for _, _, number in mine}
        return self.canvas("surface", sight.size, min(free) if free else mine[-1][2])

    def maps(self, side_px: int) -> Maps:
        if self._maps is None or self._maps.side_px != side_px:
            if self._maps is not None:
                self._maps.close()
            self._maps = Maps(self.context.name, side_px)
        return self._maps

    def forget(self, drawn: Drawn) -> None:
        """Let no canvas remember a scene that is gone."""
        for canvas in self._canvases.values():
            if isinstance(canvas.held, Held) and canvas.held.sight.now.drawn is drawn:
                canvas.held = None
