"""Edits: values that say one change to a scene, and what can be done with them. docs/edits.md tells them all.

    after = apply(scene, Add(glass))             the glass appears on the magazine, now
    before = apply(after, inverse(scene, Add(glass)))
    plan = diff(scene, after)                    apply(scene, plan) == after
    unmet(scene, Remove("mug"))                  all that keeps an edit from fitting, or ()

An edit that does not fit raises and changes nothing: scenes are values. `encode` and `decode` keep edits as JSON.
"""

from msgspec import UNSET

from lifeworld.scene.edit.apply import apply
from lifeworld.scene.edit.change import riders, with_riders
from lifeworld.scene.edit.describe import describe
from lifeworld.scene.edit.diff import diff
from lifeworld.scene.edit.inverse import inverse
from lifeworld.scene.edit.plan import EditPlan, Edits, edits_of
from lifeworld.scene.edit.saved import decode, encode
from lifeworld.scene.edit.unmet import Unmet, unmet
from lifeworld.scene.edit.values import (
    Add,
    Attach,
    Close,
    Copy,
    Detach,
    Edit,
    Fill,
    Move,
    Open,
    Place,
    Relate,
    Remove,
    Rename,
    Replace,
    Rotate,
    Scale,
    Set,
    SetCamera,
    SetEvent,
    SetGoal,
    SetGroup,
    SetLight,
    SetScene,
    SetTime,
    TurnOff,
    TurnOn,
)

__all__ = [
    "UNSET",
    "Add",
    "Attach",
    "Close",
    "Copy",
    "Detach",
    "Edit",
    "EditPlan",
    "Edits",
    "Fill",
    "Move",
    "Open",
    "Place",
    "Relate",
    "Remove",
    "Rename",
    "Replace",
    "Rotate",
    "Scale",
    "Set",
    "SetCamera",
    "SetEvent",
    "SetGoal",
    "SetGroup",
    "SetLight",
    "SetScene",
    "SetTime",
    "TurnOff",
    "TurnOn",
    "Unmet",
    "apply",
    "decode",
    "describe",
    "diff",
    "edits_of",
    "encode",
    "inverse",
    "riders",
    "unmet",
    "with_riders",
]
