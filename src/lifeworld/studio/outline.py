"""Things of a scene as the outline, the inspector and the ghosts of a page show them."""

from __future__ import annotations

from typing import Any

from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.scene import Scene, Thing


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
