"""An edit in plain words: for the history of a studio, a log, a question back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.edit.values import (
    Add,
    Close,
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
from lifeworld.scene.room import heading_rad
from lifeworld.scene.scene import Relation

_WORDS = {
    "size_m": "size", "mass_kg": "mass", "gravity_m_s2": "gravity", "linear_velocity_m_s": "velocity", "angular_velocity_rad_s": "spin",
    "restitution": "bounce", "turned_on": "light",
}  # fmt: skip
_UNITS = {
    "size_m": " m", "mass_kg": " kg", "gravity_m_s2": " m/s²", "linear_velocity_m_s": " m/s", "angular_velocity_rad_s": " rad/s",
}  # fmt: skip


def describe(edit: Edits) -> str:
    """One line of words: `Add the glass 'tumbler' on 'magazine'`; several edits are joined by `; then`."""
    if isinstance(edit, Sequence):
        said = [describe(one) for one in edit]
        return "; then ".join([said[0], *(s[0].lower() + s[1:] for s in said[1:])]) if said else "Change nothing"
    match edit:
        case Add(thing):
            where = _related(thing.relations) or (_at(thing.pose) if thing.pose is not None else "")
            return f"Add the {thing.kind.replace('_', ' ')} {thing.name!r}{' ' + where if where else ''}"
        case Remove(name):
            return f"Remove {name!r}"
        case Move(name, pose):
            return f"Move {name!r} to {_at(pose).removeprefix('at ')}" if pose is not None else f"Take {name!r} off its place"
        case Relate(name, relations):
            return f"Let {name!r} be {_related(relations) or 'related to nothing'}"
        case Place(name, asked):
            return f"Place {name!r}{'' if asked is None else ' ' + (_related(asked) or 'on the ground')}"
        case Set(name):
            return f"Set {_values(edit.given())} of {name!r}"
        case Open(name, joint, fraction):
            what = f"{joint!r} of {name!r}" if joint is not None else repr(name)
            return f"Open {what}" + ("" if fraction == 1.0 else f" by {fraction * 100:.3g} %")
        case Close(name, joint):
            return f"Close {f'{joint!r} of ' if joint is not None else ''}{name!r}"
        case SetCamera(name, camera):
            return f"Remove the camera {name!r}" if camera is None else f"Set the camera {name!r} {_at(camera.pose)}"
        case SetLight(name, light):
            return f"Remove the light {name!r}" if light is None else f"Set the light {name!r}"
        case SetScene():
            return f"Set {_values(edit.given())} of the scene"


def _related(relations: tuple[Relation, ...]) -> str:
    return ", ".join(f"{r.kind.replace('_', ' ')} {f'{r.surface!r} of ' if r.surface is not None else ''}{r.thing!r}" for r in relations)


def _at(pose: Pose) -> str:
    x, y, z = pose.position_m
    turn = np.rad2deg(heading_rad(pose))
    return f"at ({x:.3g}, {y:.3g}, {z:.3g}) m" + (f", turned by {turn:.3g}°" if abs(turn) > 0.05 else "")


def _values(given: dict[str, object]) -> str:
    return ", ".join(f"{_WORDS.get(k, k.replace('_', ' '))} to {_value(k, v)}" for k, v in given.items()) or "nothing"


def _value(key: str, value: object) -> str:
    if value is None:
        return "as the kind has it" if key != "ground" else "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.3g}{_UNITS.get(key, '')}"
    if isinstance(value, tuple) and value and all(isinstance(v, float | int) for v in value):
        return " × ".join(f"{v:.3g}" for v in value) + _UNITS.get(key, "")
    if isinstance(value, tuple) and all(isinstance(v, tuple) for v in value):
        return ", ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in value) or "none"
    if isinstance(value, tuple):
        return f"{len(value)} of them"
    return str(value) if isinstance(value, str) else type(value).__name__.lower()
