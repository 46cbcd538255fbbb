"""A world as the outline and the inspector of a page show it."""

from __future__ import annotations

from typing import Any

from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.scene import Scene, Thing
from lifeworld.studio import wire
from lifeworld.studio.story import Story

OF_TWO = frozenset({"touching", "on"})
"""Of these the ground, 0, may be the second."""


def outline(story: Story) -> wire.Outline:
    """The things there are now, and what is so between them."""
    world, state, scene = story.world, story.line.state, story.scene
    facts = world.observe(state, ["relations"])["relations"] if "relations" in world.spec.signals else ()
    predicates = world.spec.legend.get("relations", ())
    names = ("ground", *(t.name for t in scene.things), *(e.name for e in scene.embodiments))
    shown = []
    for fact in facts:
        predicate, a, b = predicates[int(fact["predicate"])], int(fact["a"]), int(fact["b"])
        shown.append((predicate, names[a], names[b]) if b or predicate in OF_TWO else (predicate, names[a]))
    return wire.Outline(story.line.tick, tuple(row(thing) for thing in scene.things), tuple(shown))


def actions(story: Story) -> tuple[dict[str, Any], ...]:
    """What can be done here, by whom."""
    scene = story.scene
    return tuple(
        {"name": a.name, "labels": a.labels, "low": a.low, "high": a.high, "rest": a.rest, "kind": kind_of(scene, a.name)}
        for a in story.world.spec.actions
    )


def kind_of(scene: Scene, name: str) -> str:
    return next((e.kind for e in scene.embodiments if e.name == name), "")


def row(thing: Thing) -> dict[str, Any]:
    """A thing as the outline and the inspector show it."""
    row: dict[str, Any] = {"name": thing.name, "kind": thing.kind, "size_m": _size(thing), "turned_on": thing.turned_on}
    for key in ("color", "material", "mass_kg", "friction", "attach"):
        if (value := getattr(thing, key)) is not None:
            row[key] = value
    if thing.joints:
        row["joints"] = dict(thing.joints)
    if thing.pose is not None:
        row["position_m"], row["quat_wxyz"] = thing.pose.position_m.tolist(), thing.pose.quat_wxyz.tolist()
    return row


def ghost(thing: Thing) -> dict[str, Any]:
    assert thing.pose is not None
    return {
        "name": thing.name,
        "kind": thing.kind,
        "size_m": _size(thing),
        "position_m": thing.pose.position_m.tolist(),
        "quat_wxyz": thing.pose.quat_wxyz.tolist(),
    }


def _size(thing: Thing) -> tuple[float, float, float] | None:
    if thing.size_m is not None or is_asset(thing):
        return thing.size_m
    return archetype.kind(thing.kind).size_m
