"""Edits as JSON: an object with its `type` and the keys of scene text, a list of such objects, or a plan.

{"type": "add", "thing": {"name": "tumbler", "kind": "glass", "on": "magazine"}}
{"plan": 1, "said": "remove the mug", "edits": [{"type": "remove", "name": "mug"}]}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from lifeworld.core.errors import EditError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.edit.plan import EditPlan, Edits
from lifeworld.scene.edit.values import Edit
from lifeworld.scene.event import Event
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.lines import Path, Where, shown
from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Ground, Light, Relation, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.space import Space
from lifeworld.scene.tables import Table, construct, convert, expect_table, read_table, unknown_key, write_table

MAX_BYTES = 5_000_000
FORMAT = 1
PLAN_KEYS = ("plan", "said", "evidence", "edits")

_ROWS = (Thing, CameraMount, Light, Embodiment, Sensor, Goal, AssetRef, Ground, Relation, Space, Group, Event)
TYPES: dict[str, type] = {re.sub(r"(?<!^)(?=[A-Z])", "_", t.__name__).lower(): t for t in get_args(Edit)}
"""The edits by what JSON calls them: `add`, `turn_on` …"""
TYPE_NAMES = {t: name for name, t in TYPES.items()}


def encode(edits: Edits) -> bytes:
    """The JSON of an edit, of several in a row, or of a plan; numbers to the last bit."""
    if isinstance(edits, EditPlan):
        said = {k: v for k, v in (("said", edits.said), ("evidence", list(edits.evidence))) if v}
        return msgspec.json.encode({"plan": FORMAT, **said, "edits": [edit_table(one) for one in edits]})
    return msgspec.json.encode([edit_table(one) for one in edits] if isinstance(edits, Sequence) else edit_table(edits))


def decode(content: bytes | str, *, source: str = "<edit>") -> Edit | tuple[Edit, ...] | EditPlan:
    """What `encode` wrote: an edit, a tuple of several, or a plan.

    Raises:
        EditError: for what is not JSON, or no edit.
        SceneError, UnknownName, LimitError: for keys and values, with the way to them.
    """
    if len(content) > MAX_BYTES:
        raise _unreadable("the edits are too long", source, got=f"{len(content):,} bytes", expected=f"at most {MAX_BYTES:,}")
    try:
        value = msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(f"not JSON: {error}", source) from error

    def where(path: Path) -> str:
        return f"{source}: {shown(path)}" if path else source

    if isinstance(value, dict) and ("plan" in value or "edits" in value):
        return _plan(value, where)
    if isinstance(value, list):
        return tuple(read_edit(each, (i,), where) for i, each in enumerate(value))
    return read_edit(value, (), where)


def edit_table(edit: Edit) -> Table:
    """An edit as a table of numbers, words and lists: its JSON."""
    table: Table = {"type": TYPE_NAMES[type(edit)]}
    for f in fields(edit):
        value = getattr(edit, f.name)
        if value is UNSET or (f.default is not MISSING and value == f.default):
            continue
        table[f.name] = _plain(value, f.name)
    return table


def _unreadable(what: str, where: str, *, got: object = None, expected: object = None) -> EditError:
    return EditError(what, reason="unreadable", where=where, got=got, expected=expected)


def _plan(table: Table, where: Where) -> EditPlan:
    for key in table:
        if key not in PLAN_KEYS:
            raise unknown_key("key of a plan", key, [*PLAN_KEYS], where=where((key,)))
    form = table.get("plan")
    if type(form) is not int or form < 1:
        raise _unreadable("not a version of the format of plans", where(("plan",)), got=form, expected=FORMAT)
    if form > FORMAT:
        raise EditError(
            "the plan is written in a newer format than this lifeworld reads",
            reason="unreadable",
            where=where(("plan",)),
            got=form,
            expected=f"at most {FORMAT}",
            fix="Update with: pip install --upgrade lifeworld",
        )
    edits = table.get("edits")
    if not isinstance(edits, list):
        raise _unreadable("a plan has a list of edits", where(("edits",)), got=edits)
    said = convert(table.get("said", ""), str, path=("said",), where=where)
    evidence = convert(table.get("evidence", []), tuple[str, ...], path=("evidence",), where=where)
    read = tuple(read_edit(each, ("edits", i), where) for i, each in enumerate(edits))
    return construct(EditPlan, {"edits": read, "said": said, "evidence": evidence}, path=(), where=where)


def _plain(value: Any, key: str) -> Any:
    if isinstance(value, Pose):
        return {"position_m": value.position_m.tolist(), "quat_wxyz": value.quat_wxyz.tolist()}
    if isinstance(value, Relation):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in fields(value) if getattr(value, f.name) is not None}
    if isinstance(value, _ROWS):
        return write_table(value)
    if key in ("joints", "options"):
        return {k: v for k, v in value}
    return [_plain(v, "") for v in value] if isinstance(value, tuple) else value


def read_edit(value: object, path: Path, where: Where) -> Edit:
    """The edit that a table says; `path` and `where` say in errors where it stands.

    Raises:
        EditError, SceneError, UnknownName, LimitError: for wrong keys, types and values.
    """
    table = expect_table(value, "an edit", path=path, where=where)
    name = table.get("type")
    if not isinstance(name, str) or name not in TYPES:
        raise UnknownName("type of edit", str(name), TYPES, where=where((*path, "type")), fix=f"It is one of {', '.join(TYPES)}.")
    sort = TYPES[name]
    hints = get_type_hints(sort)
    known = [f.name for f in fields(sort)]
    for key in table:
        if key != "type" and key not in known:
            raise unknown_key(f"key of {name!r}", key, known, where=where((*path, key)))
    for f in fields(sort):
        if f.default is MISSING and f.name not in table:
            raise EditError(f"{f.name} is missing", where=where(path))
    edit: Edit = sort(**{k: _read(table[k], hints[k], (*path, k), where) for k in known if k in table})
    return edit


def _read(value: Any, hint: Any, path: Path, where: Where) -> Any:
    """A JSON value as the type of an edit's field."""
    choices = [h for h in get_args(hint) if h is not UnsetType] if isinstance(hint, UnionType) else [hint]
    if value is None and type(None) in choices:
        return None
    sorts = [h for h in choices if h is not type(None)]
    sort = sorts[0]
    if len(sorts) > 1:  # a number, or three of them
        sort = next(h for h in sorts if (get_origin(h) is tuple) == isinstance(value, list))
    if sort is Pose:
        # Read as an embodiment's, which needs nothing else; its keys are the same.
        rows = expect_table(value, "a pose", path=path, where=where)
        for key in rows:
            if key not in ("position_m", "quat_wxyz", "yaw_deg"):
                raise unknown_key("key of a pose", key, ["position_m", "quat_wxyz", "yaw_deg"], where=where((*path, key)))
        return read_table(Embodiment, {"name": "x", "kind": "hand", **rows}, path=path, where=where).pose
    if sort in _ROWS:
        return read_table(sort, value, path=path, where=where)
    items = get_args(sort)[0] if get_origin(sort) is tuple else None
    if items in _ROWS:
        if not isinstance(value, list):
            raise EditError("a list is needed", where=where(path), got=value)
        return tuple(read_table(items, v, path=(*path, i), where=where) for i, v in enumerate(value))
    if path[-1] in ("joints", "options"):
        pairs = expect_table(value, str(path[-1]), path=path, where=where)
        number = float if path[-1] == "joints" else int | float | str | bool
        return tuple((k, convert(v, number, path=(*path, k), where=where)) for k, v in pairs.items())
    return convert(value, sort, path=path, where=where)
