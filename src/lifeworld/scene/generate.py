"""Scenes drawn from a distribution: the same seed gives the same scene."""

from __future__ import annotations

from functools import lru_cache

from lifeworld.core.errors import LimitError
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.archetype import Archetype, kinds
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.material import COLORS
from lifeworld.scene.scene import CameraMount, Relation, Scene, Thing

SMALL_M = 0.32  # what stands on a table fits in a square of this side
CATEGORIES = ("tableware", "container", "food", "toy", "tool", "electronics", "decor")
NESTED = 0.3  # share of things that go on or in another thing instead of on the table
MOST = 40


def tabletop(*, seed: int, count: int | None = None) -> Scene:
    """A table with `count` (8 to 20 if not given) small things on it, some of them on plates, on books, in bowls and boxes.

    Things have relations and no poses yet: `place` finds those.

    Raises:
        LimitError: for a count that no table takes.
    """
    rng = generator(seed, "generate", "tabletop")
    if count is None:
        count = int(rng.integers(8, 21))
    if not 1 <= count <= MOST:
        raise LimitError("that many things do not go on a table", got=count, expected=f"1 to {MOST}")
    small = [k for k in kinds().values() if _goes_on_a_table(k)]
    table = Thing(name="table", kind="table", size_m=(1.6, 0.9, 0.74), pose=Pose(), fixed=True)
    things: list[Thing] = [table]
    taken: set[str] = set()
    for index in range(count):
        what = small[int(rng.integers(len(small)))]
        host = _host(things, taken, what) if rng.random() < NESTED else None
        if host is not None:
            taken.add(host.thing)
        colors = what.colors or (tuple(sorted(COLORS)) if what.category == "toy" else ())
        things.append(
            Thing(
                name=f"{what.name}_{index + 1}",
                kind=what.name,
                color=colors[int(rng.integers(len(colors)))] if colors else None,
                relations=(host or Relation(kind="on", thing="table"),),
            )
        )
    return Scene(
        name="random_tabletop",
        title=f"A table with {count} things, drawn with seed {seed}",
        things=tuple(things),
        cameras=(CameraMount(name="front", pose=Pose.look_at((0.0, -1.35, 1.6), (0.0, 0.0, 0.74))),),
    )


def _goes_on_a_table(what: Archetype) -> bool:
    assembly = what.build(what.size_m)
    return (
        what.category in CATEGORIES
        and max(what.size_m[:2]) <= SMALL_M
        and what.size_m[2] <= 0.4
        and not what.fixed
        and assembly.soft is None
    )


def _host(things: list[Thing], taken: set[str], what: Archetype) -> Relation | None:
    """The first thing that nothing stands on or in yet and that takes this one with room to spare."""
    width = max(what.size_m[:2])
    for thing in things[1:]:
        if thing.name in taken:
            continue
        assembly = _built(thing.kind)
        if any(width * 1.3 < min(c.size_m[:2]) and what.size_m[2] < 2 * c.size_m[2] and c.opening == "top" for c in assembly.containers):
            return Relation(kind="in", thing=thing.name)
        if any(width * 1.2 < min(s.size_m) and what.size_m[2] < 0.8 * s.clearance_m for s in assembly.surfaces):
            return Relation(kind="on", thing=thing.name)
    return None


@lru_cache(maxsize=256)
def _built(name: str) -> Assembly:
    what = kinds()[name]
    return what.build(what.size_m)
