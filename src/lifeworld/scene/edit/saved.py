"""Edits as JSON: an object with its `type` and the keys of scene text, or a list of such objects.

{"type": "add", "thing": {"name": "tumbler", "kind": "glass", "on": "magazine"}}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from lifeworld.core.errors import EditError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.edit.values import Edit, Edits
from lifeworld.scene.goal import Goal
from lifeworld.scene.lines import Path, shown
from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Ground, Light, Relation, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.space import Space
from lifeworld.scene.tables import Table, convert, expect_table, read_table, unknown_key, write_table

MAX_BYTES = 5_000_000

_ROWS = (Thing, CameraMount, Light, Embodiment, Sensor, Goal, AssetRef, Ground, Relation, Space)
_TYPES: dict[str, type] = {re.sub(r"(?<!^)(?=[A-Z])", "_", t.__name__).lower(): t for t in get_args(Edit)}
_NAMES = {t: name for name, t in _TYPES.items()}


def encode(edit: Edits) -> bytes:
    """The JSON of an edit or of several in a row; numbers to the last bit."""
    return msgspec.json.encode([_table(one) for one in edit] if isinstance(edit, Sequence) else _table(edit))


def decode(content: bytes | str, *, source: str = "<edit>") -> Edit | tuple[Edit, ...]:
    """The edit that `encode` wrote, or a tuple of several.

    Raises:
        EditError: for what is not JSON, or no edit.
        SceneError, UnknownName, LimitError: for keys and values, with the way to them.
    """
    if len(content) > MAX_BYTES:
        raise EditError("the edits are too long", where=source, got=f"{len(content):,} bytes", expected=f"at most {MAX_BYTES:,}")
    try:
        value = msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise EditError(f"not JSON: {error}", where=source) from error

    def where(path: Path) -> str:
        return f"{source}: {shown(path)}" if path else source

    if isinstance(value, list):
        return tuple(_edit(each, (i,), where) for i, each in enumerate(value))
    return _edit(value, (), where)


def _table(edit: Edit) -> Table:
    table: Table = {"type": _NAMES[type(edit)]}
    for f in fields(edit):
        value = getattr(edit, f.name)
        if value is UNSET or (f.default is not MISSING and value == f.default):
            continue
        table[f.name] = _plain(value, f.name)
    return table


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


def _edit(value: object, path: Path, where: Callable[[Path], str]) -> Edit:
    table = expect_table(value, "an edit", path=path, where=where)
    name = table.get("type")
    if not isinstance(name, str) or name not in _TYPES:
        raise UnknownName("type of edit", str(name), _TYPES, where=where((*path, "type")), fix=f"It is one of {', '.join(_TYPES)}.")
    sort = _TYPES[name]
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


def _read(value: Any, hint: Any, path: Path, where: Callable[[Path], str]) -> Any:
    """A JSON value as the type of an edit's field."""
    choices = [h for h in get_args(hint) if h is not UnsetType] if isinstance(hint, UnionType) else [hint]
    if value is None and type(None) in choices:
        return None
    (sort,) = (h for h in choices if h is not type(None))
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
