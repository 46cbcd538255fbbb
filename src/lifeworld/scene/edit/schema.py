"""The JSON schema of plans, made from the types: for editors, for buttons, for assistants. Published as docs/edit-plan.schema.json."""

from __future__ import annotations

import inspect
import json
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import UnsetType

from lifeworld.core.pose import Pose
from lifeworld.scene.bounds import NAME
from lifeworld.scene.deed import DEEDS
from lifeworld.scene.edit.plan import MAX_EDITS, MAX_SAID
from lifeworld.scene.edit.saved import FORMAT, TYPES
from lifeworld.scene.magnitude import LAWS, TWO
from lifeworld.scene.naming import is_name
from lifeworld.scene.scene import RELATIONS, Relation
from lifeworld.scene.tables import Table, keys, sorts

ADDRESS = "https://lifeworld.dev/edit-plan.schema.json"
_NUMBERS: Table = {"type": "array", "items": {"type": "number"}}


def plan_schema() -> Table:
    """The schema (JSON Schema 2020-12) of an `EditPlan` as `encode` writes it and `decode` reads it.

    It says which keys there are and of what types; bounds of numbers, kinds and joints are told by `apply` and `unmet`.
    """
    rows: Table = {name: _row(sort) for sort, name in sorts().items() if sort is not Relation and name not in DEEDS}
    deeds: Table = {f"deed_{name}": _deed(name, sort) for name, sort in DEEDS.items()}
    edits: Table = {f"edit_{name}": _edit(name, sort) for name, sort in TYPES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "A plan of edits",
        "description": "Changes to a lifeworld scene, in their order; all of them or none.",
        **_object({"plan": {"const": FORMAT}, "said": {"type": "string", "maxLength": MAX_SAID},
                   "evidence": {"type": "array", "items": {"type": "string"}},
                   "edits": {"type": "array", "maxItems": MAX_EDITS, "items": {"$ref": "#/$defs/edit"}}}, ["plan", "edits"]),
        "$defs": {"edit": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in edits]}, **edits, **rows, "pose": _pose(),
                  "deed": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in deeds]}, **deeds, "magnitude": _magnitude(),
                  "relation": _object({k: _of(h, k, none=False) for k, h in keys(Relation)[0].items()}, ["kind", "thing"]),
                  "target": _target()},
    }  # fmt: skip


def schema_text() -> str:
    """The text of docs/edit-plan.schema.json."""
    return json.dumps(plan_schema(), indent=1, ensure_ascii=False) + "\n"


def _edit(name: str, sort: type) -> Table:
    hints = get_type_hints(sort)
    values = {f.name: _of(hints[f.name], f.name, none=True) for f in fields(sort)}
    if name == "set_scene":
        values["name"] = _of(str, "name", none=False)
    needed = [f.name for f in fields(sort) if f.default is MISSING]
    return {"description": _summary(sort), **_object({"type": {"const": name}, **values}, ["type", *needed])}


def _deed(name: str, sort: type) -> Table:
    row = _row(sort)
    return {"description": row["description"], **_object({"type": {"const": name}, **row["properties"]}, ["type", *row["required"]])}


def _magnitude() -> Table:
    """A number, or one law with its bounds."""
    bounds: Table = {"low": {"type": "number"}, "high": {"type": "number"}}
    laws = [_object({law: _vector(2) if law in TWO else {"type": "number"}, **bounds}, [law]) for law in LAWS]
    return {"anyOf": [{"type": "number"}, *laws]}


def _row(sort: type) -> Table:
    """The schema of a thing, a camera, a light …: its keys as in scene text."""
    hints, own = keys(sort)
    values = {k: _of(h, k, none=False) for k, h in hints.items()}
    values |= {k: _OWN[k] for k in own if k not in RELATIONS}
    values |= {k: {"anyOf": [_ref("target"), {"type": "array", "items": _ref("target")}]} for k in own if k in RELATIONS}
    needed = [f.name for f in fields(sort) if f.default is MISSING and f.default_factory is MISSING]
    return {"description": _summary(sort), **_object(values, ["position_m" if k == "pose" else k for k in needed])}


def _target() -> Table:
    """What a relation in a thing's table is to: a name, with a surface after a slash, or a table of more."""
    values = {k: _of(h, k, none=False) for k, h in keys(Relation)[0].items() if k != "kind"}
    return {"anyOf": [{"type": "string"}, _object(values, ["thing"])]}


def _pose() -> Table:
    return {"description": "world_from_thing.", **_object({k: _OWN[k] for k in ("position_m", "quat_wxyz", "yaw_deg")}, ["position_m"])}


def _of(hint: Any, key: str, *, none: bool) -> Table:
    """The schema of a type; with `none` null stands for None, else None is what is left out."""
    if get_origin(hint) in (UnionType, Union):
        choices = [_of(h, key, none=none) for h in get_args(hint) if h not in (NoneType, UnsetType)]
        if none and NoneType in get_args(hint):
            choices.append({"type": "null"})
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    if key in ("joints", "options") and get_origin(hint) is tuple:
        return dict(_OWN[key])
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        first, *rest = get_args(hint)
        items = {"type": "array", "items": _of(first, key, none=False)}
        return items if rest[-1] is Ellipsis else {**items, "minItems": 1 + len(rest), "maxItems": 1 + len(rest)}
    if hint is Pose:
        return _ref("pose")
    if hint in sorts():
        return _ref(sorts()[hint])
    if hint is str and is_name(key):
        return {"type": "string", "pattern": f"^{NAME}$"}
    return {"type": {float: "number", int: "integer", bool: "boolean", str: "string"}[hint]}


def _object(values: Table, needed: list[str]) -> Table:
    return {"type": "object", "properties": values, "required": needed, "additionalProperties": False}


def _ref(name: str) -> Table:
    return {"$ref": f"#/$defs/{name}"}


def _summary(sort: type) -> str:
    return " ".join((inspect.getdoc(sort) or "").split())


def _vector(size: int) -> Table:
    return {**_NUMBERS, "minItems": size, "maxItems": size}


_OWN: Table = {
    "position_m": _vector(3),
    "quat_wxyz": _vector(4),
    "look_at_m": _vector(3),
    "yaw_deg": {"type": "number"},
    "joints": {"type": "object", "additionalProperties": {"type": "number"}},
    "options": {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean"]}},
    "edits": {"type": "array", "items": {"$ref": "#/$defs/edit"}},
    "deeds": {"type": "array", "items": {"$ref": "#/$defs/deed"}},
    "strength": {"$ref": "#/$defs/magnitude"},
}
"""What tables write otherwise than it is kept."""
