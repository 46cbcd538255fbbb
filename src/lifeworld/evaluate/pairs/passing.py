"""Something passes behind a screen and comes out again, and the same stage without it: what one must remember to foresee.

    films = passings(32, seed=0)
    films.there, films.gone                         # uint8 (32, 3, 22, 64, 64, 3): behind nothing, a narrow and a wide screen

Behind every screen it is the same thing on the same course, so all that differs is how long it is out of sight: a model begins before the
widest screen and is asked after it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import generator
from lifeworld.evaluate.pairs.films import BY, filmed
from lifeworld.evaluate.pairs.stage import AWAY_M, MOVERS, Stage
from lifeworld.evaluate.pairs.store import key, read, write
from lifeworld.evaluate.pairs.story import PICTURE_NS, course, without
from lifeworld.scene.formats.load import cache_folder

HIDDEN = (0, 2, 5)
"""Pictures for which nothing of it is to be seen, at least: behind no screen, a narrow one, a wide one."""
PICTURES = 22
MIDDLE = 12
"""The picture at which it is in the middle of its screen."""
MOVER = "mover"
A_WORKER = 8
"""For fewer things another process is not worth its beginning."""

Films = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passings:
    """Films of n things, uint8 (n, screens, T, H, W, 3) in the order of `HIDDEN`, with the thing `there`, and with it `gone`.

    `begin` (n,) is the last picture before the widest screen covers any of it, `again` (n,) the first after that which shows all of it.
    """

    there: Films
    gone: Films
    begin: NDArray[np.int64]
    again: NDArray[np.int64]

    @property
    def sha256(self) -> str:
        """A hash of the films."""
        return hashlib.sha256(self.there.tobytes() + self.gone.tobytes()).hexdigest()


def passings(count: int, *, seed: int, cache: Path | None = None) -> Passings:
    """The films of so many things, from the cache or drawn now; the first few are the same, however many there are."""
    names = [field.name for field in fields(Passings)]
    texts = ("stage", "story", "films", "passing")
    path = (cache or cache_folder() / "pairs") / f"passing-{count}-{seed}-{key(*texts)}.npz"
    arrays = read(path, names)
    if arrays is None:
        drawn = spread(_drawn, [(seed, index) for index in range(count)], workers=min(cores(), -(-count // A_WORKER)))
        arrays = {name: np.stack(each) for name, each in zip(names, zip(*drawn, strict=True), strict=True)}
        write(path, arrays)
    return Passings(**arrays)


def visible(there: Films, gone: Films) -> NDArray[np.int64]:
    """In how many pixels (…,) pictures (…, H, W, 3) with a thing differ from those without it."""
    return np.asarray((np.abs(there.astype(np.int16) - gone).max(-1) > BY).sum((-1, -2)))


def _drawn(job: tuple[int, int]) -> tuple[Films, Films, np.int64, np.int64]:
    from lifeworld.worlds.physics.engine import WorldPhysics

    seed, index = job
    stage = Stage.drawn(generator(seed, "passing", index), hidden=True)
    size, speed, x = stage.between(0.26, 0.3), stage.way * stage.between(1.2, 1.45), stage.between(-0.05, 0.05)
    begin, kind = (x - speed * MIDDLE * PICTURE_NS * 1e-9, 0.0, 0.0), str(stage.rng.choice(MOVERS))
    thing = stage.mover(MOVER, begin, (speed, 0.0, 0.0), kind=kind, size_m=size, color=stage.colors[0])
    scenes = course(WorldPhysics(quality="draft"), stage.scene(thing), PICTURES)
    there, gone = [], []
    for hidden in HIDDEN:
        wide = size + 2 * AWAY_M + hidden * abs(speed) * PICTURE_NS * 1e-9
        screens = (stage.screen("screen", x, wide, high_m=1.3 * size),) if hidden else ()
        shown = tuple(replace(scene, things=(*scene.things, *screens)) for scene in scenes)
        there.append(filmed(shown))
        gone.append(np.repeat(filmed(without(shown[:1], MOVER)), PICTURES, 0))
    covered = np.flatnonzero(visible(there[-1], gone[-1]) < visible(there[0], gone[0]))
    return np.stack(there), np.stack(gone), covered[0] - 1, covered[-1] + 1
