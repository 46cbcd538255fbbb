"""An edit in plain words: for the history of a studio, a log, a question back."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.edit.plan import Edits, edits_of
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
from lifeworld.scene.event_words import event_words, wanted_words
from lifeworld.scene.room import heading_rad
from lifeworld.scene.scene import Relation, Thing

_WORDS = {
    "size_m": "size", "mass_kg": "mass", "gravity_m_s2": "gravity", "linear_velocity_m_s": "velocity", "angular_velocity_rad_s": "spin",
    "restitution": "bounce", "turned_on": "light",
}  # fmt: skip
_UNITS = {
    "size_m": " m", "mass_kg": " kg", "gravity_m_s2": " m/s²", "linear_velocity_m_s": " m/s", "angular_velocity_rad_s": " rad/s",
}  # fmt: skip


def describe(edits: Edits) -> str:
    """One line of words: `Add the glass 'tumbler' on 'magazine'`; several edits are joined by `; then`."""
    said = [_said(one) for one in edits_of(edits)]
    return "; then ".join([said[0], *(s[0].lower() + s[1:] for s in said[1:])]) if said else "Change nothing"


def _said(edit: Edit) -> str:
    match edit:
        case Add(thing):
            where = _related(thing.relations) or (_at(thing.pose) if thing.pose is not None else "")
            return f"Add the {_kind(thing)} {thing.name!r}{' ' + where if where else ''}"
        case Remove(name):
            return f"Remove {name!r}"
        case Replace(name, thing):
            return f"Replace {name!r} by the {_kind(thing)} {thing.name!r}"
        case Copy(name, copy, asked):
            return f"Copy {name!r} as {copy!r}" + (f" {_related(asked) or 'on the ground'}" if asked is not None else "")
        case Rename(name, to):
            return f"Rename {name!r} to {to!r}"
        case Fill(name, thing, amount):
            return f"Fill {name!r}{'' if amount == 1.0 else f' to {amount * 100:.3g} %'} with things like the {_kind(thing)} {thing.name!r}"
        case Move(name, pose):
            return f"Move {name!r} to {_at(pose).removeprefix('at ')}" if pose is not None else f"Take {name!r} off its place"
        case Relate(name, relations):
            return f"Let {name!r} be {_related(relations) or 'related to nothing'}"
        case Place(name, asked):
            return f"Place {name!r}{'' if asked is None else ' ' + (_related(asked) or 'on the ground')}"
        case Rotate(name, angle, axis):
            ways = {"x": ("backwards", "forwards"), "y": ("to its left", "to its right"), "z": ("to the left", "to the right")}
            return f"{'Turn' if axis == 'z' else 'Tip'} {name!r} {ways[axis][angle < 0]} by {abs(angle):.3g}°"
        case Scale(name, factor):
            return f"Scale {name!r} by {' × '.join(f'{f:.3g}' for f in factor) if isinstance(factor, tuple) else f'{factor:.3g}'}"
        case Set(name):
            return f"Set {_values(edit.given())} of {name!r}"
        case TurnOn(name):
            return f"Turn on {name!r}"
        case TurnOff(name):
            return f"Turn off {name!r}"
        case Open(name, joint, fraction):
            what = f"{joint!r} of {name!r}" if joint is not None else repr(name)
            return f"Open {what}" + ("" if fraction == 1.0 else f" by {fraction * 100:.3g} %")
        case Close(name, joint):
            return f"Close {f'{joint!r} of ' if joint is not None else ''}{name!r}"
        case Attach(name, to):
            return f"Attach {name!r} to {to!r}"
        case Detach(name):
            return f"Detach {name!r}"
        case SetCamera(name, camera):
            return f"Remove the camera {name!r}" if camera is None else f"Set the camera {name!r} {_at(camera.pose)}"
        case SetLight(name, light):
            return f"Remove the light {name!r}" if light is None else f"Set the light {name!r}"
        case SetGroup(name, group):
            return f"Dissolve the group {name!r}" if group is None else f"Group {_listed(group.members)} as {name!r}"
        case SetGoal(name, goal):
            return f"Remove the goal {name!r}" if goal is None else f"Set the goal {name!r}: {wanted_words(goal)}"
        case SetEvent(name, event):
            return f"Remove the event {name!r}" if event is None else f"Set the event {name!r}: {event_words(event)}"
        case SetTime(hour):
            minutes = round(hour * 60)
            return f"Set the time of day to {minutes // 60}:{minutes % 60:02d}"
        case SetScene():
            return f"Set {_values(edit.given())} of the scene"


def _kind(thing: Thing) -> str:
    return thing.kind.removeprefix("asset:").replace("_", " ")


def _listed(names: tuple[str, ...]) -> str:
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _related(relations: tuple[Relation, ...]) -> str:
    return ", ".join(_relation(r) for r in relations)


def _relation(relation: Relation) -> str:
    of = f"{relation.surface!r} of " if relation.surface is not None else ""
    spot = f"the {relation.spot.replace('_', ' ')} of " if relation.spot is not None else ""
    far = f" by {relation.distance_m:.3g} m" if relation.distance_m is not None else ""
    also = f" and {relation.and_thing!r}" if relation.and_thing is not None else ""
    seen = f", seen at {relation.frame_yaw_deg:.3g}°" if relation.frame_yaw_deg is not None else ""
    return f"{relation.kind.replace('_', ' ')} {spot}{of}{relation.thing!r}{also}{far}{seen}"


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
