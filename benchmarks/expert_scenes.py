"""Scenes for experts to work in, another for each seed: a table with things on it, a drawer unit, a cupboard, a glass to pour from.

For the floating hand, or for an arm that is imported from MJCF.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.formats import import_file
from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Relation, Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

ARM = Path(__file__).parents[1] / "tests" / "worlds" / "experts" / "data" / "arm.xml"
TOP_M = 0.74
APART_M = 0.2
TASKS = ("reach", "push", "pick_and_place", "open_drawer", "close_drawer", "open_door", "pour")


def scene_for(task: str, seed: int, *, assets: Path | None = None, arm: Path = ARM) -> tuple[Scene, str]:
    """A settled scene and the words of a task in it; with `assets` (a folder) the arm does it, without it the hand."""
    rng = generator(seed, "expert scenes", task)
    if task in ("open_drawer", "close_drawer", "open_door"):
        things, words = _furniture(task, rng)
        hand, base = Pose((0.0, -0.6, 1.0)), Pose.from_yaw((-0.32 + rng.uniform(-0.03, 0.03), -0.95, 0.3), np.pi / 2)
    else:
        things, words = _table(task, rng)
        hand, base = Pose((0.0, -0.1, 1.1)), Pose.from_yaw((0.0, -0.5, TOP_M), np.pi / 2)
    camera = CameraMount(name="front", pose=Pose.look_at((1.0, -1.2, 1.45), (0.0, -0.2, 0.75)), width_px=320, height_px=240)
    scene = Scene(name=task, things=things, cameras=(camera,))
    if assets is None:
        scene = replace(scene, embodiments=(Embodiment(name="hand", kind="hand", pose=hand),))
    settled = settle(WorldPhysics(renderer="rays"), scene, seed=seed)
    if assets is None:
        return settled, words
    ref = AssetRef(name="arm", folder="arm", sha256=_imported(arm, assets))
    return replace(settled, assets=(ref,), embodiments=(Embodiment(name="arm", kind="robot", asset="arm", pose=base),)), words


@lru_cache(maxsize=8)
def _imported(arm: Path, assets: Path) -> str:
    return import_file(arm, assets / "arm", overwrite=True).digest


def _furniture(task: str, rng: np.random.Generator) -> tuple[tuple[Thing, ...], str]:
    if task == "open_door":
        return (Thing(name="cabinet", kind="cabinet", pose=Pose(), fixed=True),), "open:cabinet,door_left"
    width, height = rng.uniform(0.7, 0.95), rng.uniform(0.72, 0.9)
    which = f"drawer_{rng.integers(1, 3)}"
    out = ((which, float(rng.uniform(0.15, 0.25))),) if task == "close_drawer" else ()
    unit = Thing(
        name="drawers", kind="drawer_unit", pose=Pose(), fixed=True, size_m=(width, 0.48, height), joints=out, options=(("drawers", 3),)
    )
    duck = Thing(name="duck", kind="duck", relations=(Relation(kind="on", thing="drawers", surface="top"),))
    return (unit, duck), f"{'close' if task == 'close_drawer' else 'open'}:drawers,{which}"


def _table(task: str, rng: np.random.Generator) -> tuple[tuple[Thing, ...], str]:
    """A table with the thing, where it is to go and one thing more, apart from each other and before the arm."""
    spots: list[np.ndarray] = []
    while len(spots) < 3:
        spot = rng.uniform((-0.3, -0.22), (0.3, 0.1))
        if all(np.linalg.norm(spot - other) > APART_M for other in spots):
            spots.append(spot)
    kinds = {
        "reach": (("apple", "can", "bottle", "block", "mug"), ("plate",)),
        "push": (("can", "block", "mug", "jar"), ("can", "box", "bottle")),
        "pick_and_place": (("apple", "orange", "can", "mug", "block", "duck"), ("plate", "bowl", "tray")),
        "pour": (("glass",), ("bowl",)),
    }[task]
    size = {"box": (0.2, 0.15, 0.14), "tray": (0.3, 0.22, 0.04), "bowl": (0.19, 0.19, 0.08) if task == "pick_and_place" else None}
    one, other = (str(rng.choice(k)) for k in kinds)

    def on(name: str, kind: str, spot: np.ndarray) -> Thing:
        at = Relation(kind="on", thing="table", surface="top", at_m=(float(spot[0]), float(spot[1])))
        return Thing(name=name, kind=kind, relations=(at,), size_m=size.get(kind))

    table = Thing(name="table", kind="table", pose=Pose(), fixed=True)
    marbles = tuple(Thing(name=f"marble_{i}", kind="marble", relations=(Relation(kind="in", thing="thing"),)) for i in range(6))
    things = (table, on("thing", one, spots[0]), on("to", other, spots[1]), on("bystander", "can", spots[2]))
    words = f"{task}:thing" if task == "reach" else f"{task}:thing,to"
    return (*things, *(marbles if task == "pour" else ())), words
