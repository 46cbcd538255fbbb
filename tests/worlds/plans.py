"""Plans as people would make them, drawn for any scene: add, place, move, turn, scale, open, remove, replace."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.edit import Add, Close, Copy, Edit, EditPlan, Move, Open, Place, Remove, Replace, Rotate, Scale, Set
from lifeworld.scene.scene import Relation, Scene, Thing

SMALL = ("glass", "mug", "book", "apple", "box", "can", "bowl", "plate", "spoon", "candle")
ASIDE = ("beside", "left_of", "right_of", "in_front_of", "behind")


def drawn_plan(scene: Scene, rng: Generator, *, edits: int = 1) -> EditPlan:
    """A plan of some edits, each about what the scene has at first."""
    return EditPlan(tuple(_drawn(scene, rng, i) for i in range(edits)))


def _drawn(scene: Scene, rng: Generator, number: int) -> Edit:
    names = [t.name for t in scene.things]
    one, other = (names[i] for i in rng.choice(len(names), 2, replace=len(names) < 2))
    thing = scene.thing(one)
    kind = str(rng.choice(SMALL))
    relation = Relation(kind=rng.choice(("on", "on", "in", *ASIDE)), thing=other)
    match int(rng.integers(10)):
        case 0 | 1 | 2:
            return Add(Thing(name=f"new_{number}", kind=kind, relations=(relation,)))
        case 3 | 4:
            return Place(one, (relation,))
        case 5:
            assert thing.pose is not None
            by = rng.uniform(-0.2, 0.2, 3) * (1, 1, rng.integers(2))
            return Move(one, Pose(thing.pose.position_m + by, thing.pose.quat_wxyz))
        case 6:
            return Rotate(one, float(rng.uniform(-180, 180)))
        case 7:
            return Scale(one, float(rng.uniform(0.8, 1.25)))
        case 8:
            openable = [t.name for t in scene.things if any(j.range is not None for j in archetype.build(t).joints)]
            if not openable:
                return Remove(one)
            name = str(rng.choice(openable))
            return Open(name, fraction=float(rng.choice((0.3, 1.0)))) if rng.random() < 0.7 else Close(name)
        case _:
            return (
                Remove(one),
                Replace(one, Thing(name=f"other_{number}", kind=kind)),
                Copy(one, f"copy_{number}"),
                Set(one, color="#336699", mass_kg=float(np.round(rng.uniform(0.2, 2.0), 3))),
            )[int(rng.integers(4))]
