"""Edits: values that say one change to a scene, and what can be done with them.

    after = apply(scene, Add(glass))             the glass appears on the magazine, now
    before = apply(after, inverse(scene, Add(glass)))
    edits = diff(scene, after)                   apply(scene, edits) == after

An edit that does not fit raises and changes nothing: scenes are values. `encode` and `decode` keep edits as JSON.
"""

from msgspec import UNSET

from lifeworld.scene.edit.apply import apply, inverse, with_riders
from lifeworld.scene.edit.describe import describe
from lifeworld.scene.edit.diff import diff
from lifeworld.scene.edit.saved import decode, encode
from lifeworld.scene.edit.values import (
    Add,
    Close,
    Edit,
    Edits,
    Move,
    Open,
    Place,
    Relate,
    Remove,
    Set,
    SetCamera,
    SetLight,
    SetScene,
)

__all__ = [
    "UNSET",
    "Add",
    "Close",
    "Edit",
    "Edits",
    "Move",
    "Open",
    "Place",
    "Relate",
    "Remove",
    "Set",
    "SetCamera",
    "SetLight",
    "SetScene",
    "apply",
    "decode",
    "describe",
    "diff",
    "encode",
    "inverse",
    "with_riders",
]
