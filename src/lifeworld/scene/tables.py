"""Things, cameras, lights … as plain tables of numbers, words and lists, and back: what scene text and saved edits are made of.

A table has the keys of its dataclass, without those that are as by default. Some things are written otherwise: a pose as
`position_m` and `quat_wxyz` (or `yaw_deg`, or `look_at_m` for a camera), relations as `on = "table/top"`, joints and options
as tables of their own, edits and deeds as tables with their `type`, a magnitude as a number or its law.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, replace
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from lifeworld.core.errors import LifeworldError, LimitError, SceneError, UnknownName
from lifeworld.core.pose import IDENTITY, Pose
from lifeworld.scene.check import TAKES
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import DEEDS, Deed
from lifeworld.scene.event import Event, Who
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.lines import Path, Where
from lifeworld.scene.scene import RELATIONS, AssetRef, CameraMount, Embodiment, Ground, Light, Relation, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.space import Space

if TYPE_CHECKING:
    from lifeworld.scene.edit.values import Edit

Table = dict[str, Any]
Row = (
    Thing | CameraMount | Light | Embodiment | Sensor | Goal | AssetRef | Ground | Relation | Space | Group | Event | Condition | Who | Deed
)
R = TypeVar("R", bound=Row)
T = TypeVar("T")

_SORT: dict[type, str] = {
    Thing: "thing", CameraMount: "camera", Light: "light", Embodiment: "embodiment", Sensor: "sensor", Goal: "goal",
    AssetRef: "asset", Ground: "ground", Relation: "relation", Space: "space",
    Group: "group", Event: "event", Condition: "condition", Who: "who",
    **{sort: name for name, sort in DEEDS.items()},
}  # fmt: skip
_OWN_WORDS = {"pose", "relations", "joints", "options", "edits", "deeds", "strength"}


def read_table(sort: type[R], table: object, *, path: Path, where: Where) -> R:
    """The value a table stands for; `path` and `where` say in errors where it stands.

    Raises:
        SceneError, UnknownName, LimitError: for wrong keys, types and values.
    """
    name = _SORT[sort]
    rows = expect_table(table, f"a {name}", path=path, where=where)
    own, plain = _OWN[sort], _PLAIN[sort]
    for key in rows:
        if key not in plain and key not in own:
            raise unknown_key(f"key of a {name}", key, [*plain, *own], where=where((*path, key)))
    given: Table = {k: convert(rows[k], hint, path=(*path, k), where=where) for k, hint in plain.items() if k in rows}
    turns: list[str] = [k for k in ("position_m", "quat_wxyz", "yaw_deg", "look_at_m") if k in own and k in rows]
    wish = "on" in own and turns == ["yaw_deg"]  # a turn without a place belongs to the relation that will find the place
    if turns and not wish:
        given["pose"] = _pose(rows, turns, path=path, where=where)
    if "on" in own:
        given["relations"] = tuple(_relations(rows, path=path, where=where))
        if wish:
            given["relations"] = _turned(given["relations"], rows["yaw_deg"], path=(*path, "yaw_deg"), where=where)
        for key, hint in (("joints", float), ("options", int | float | str | bool)):
            pairs = expect_table(rows.get(key, {}), key, path=(*path, key), where=where)
            given[key] = tuple((k, convert(v, hint, path=(*path, key, k), where=where)) for k, v in pairs.items())
    if "edits" in own and "edits" in rows:
        given["edits"] = _edits(rows["edits"], path=(*path, "edits"), where=where)
    if "deeds" in own:
        from lifeworld.scene.deed_table import read_deeds, read_magnitude  # which are made of tables themselves

        for key, read in (("deeds", read_deeds), ("strength", read_magnitude)):
            if key in rows:
                given[key] = read(rows[key], path=(*path, key), where=where)
    return construct(sort, given, path=path, where=where)


def write_table(value: Row) -> Table:
    """The table of a value: keys as in the dataclass, defaults left out."""
    own, hints = _OWN[type(value)], _HINTS[type(value)]
    table: Table = {}
    for f in fields(value):
        content = getattr(value, f.name)
        default = f.default if f.default is not MISSING else f.default_factory() if f.default_factory is not MISSING else MISSING
        if content == default and type(content) is type(default):
            continue
        if f.name == "pose" and "position_m" in own:
            table["position_m"] = [float(x) for x in content.position_m]
            if content.quat_wxyz.tolist() != IDENTITY.quat_wxyz.tolist():
                table["quat_wxyz"] = content.quat_wxyz.tolist()
        elif f.name == "relations":
            for relation in content:
                table.setdefault(relation.kind, []).append(_target(relation))
            table.update({kind: table[kind][0] for kind in RELATIONS if len(table.get(kind, ())) == 1})
        elif f.name == "edits":
            from lifeworld.scene.edit.saved import edit_table

            table[f.name] = [edit_table(edit) for edit in content]
        elif f.name in ("deeds", "strength"):
            from lifeworld.scene.deed_table import deed_table, magnitude_table

            table[f.name] = [deed_table(deed) for deed in content] if f.name == "deeds" else magnitude_table(content)
        elif f.name in ("joints", "options"):
            table[f.name] = {k: float(v) if f.name == "joints" else v for k, v in content}
        else:
            table[f.name] = plain(content, hints[f.name])
    return table


def sorts() -> Mapping[type, str]:
    """What is written as tables, and what each is called."""
    return _SORT


def keys(sort: type) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The keys of a table: those written as they are kept, with their types, and those written otherwise."""
    return _PLAIN[sort], _OWN[sort]


def construct(sort: Callable[..., T], given: Table, *, path: Path, where: Where) -> T:
    """`sort(**given)`, whose error tells the key that is to blame: the first that fails beside the necessary ones alone.

    Raises:
        SceneError: also where a necessary key is missing.
    """
    needed = [f.name for f in fields(sort) if f.default is MISSING and f.default_factory is MISSING]  # type: ignore[arg-type]  # a class
    for key in needed:
        if key not in given:
            line = "position_m" if key == "pose" else key
            what = getattr(sort, "__name__", "value").lower()
            raise SceneError(f"{line} is missing in a {what}", where=where(path), fix=f"Add a line: {line} = …")
    try:
        return sort(**given)
    except LifeworldError as error:
        guilty = _guilty(sort, given, needed, str(error))
        error.where = where((*path, "position_m" if guilty == "pose" else guilty) if guilty else path)
        raise


def _guilty(sort: Callable[..., object], given: Table, needed: list[str], message: str) -> str | None:
    alone = {k: given[k] for k in needed}
    try:
        sort(**alone)
    except LifeworldError:  # one of the necessary ones, then: the one whose value the message tells
        return next((k for k in needed if str(given[k]) in message and f"{k} is" not in message), None)
    for key in given:
        try:
            sort(**alone, **({key: given[key]} if key not in alone else {}))
        except LifeworldError:
            return key
    return None


def unknown_key(sort: str, key: str, known: list[str], *, where: str) -> UnknownName:
    """The error for a key that does not exist: the near ones, or all when none is near."""
    error = UnknownName(sort, key, known, where=where)
    error.fix = None if error.suggestions else f"The keys are {', '.join(known)}."
    return error


def expect_table(value: object, what: str, *, path: Path, where: Where) -> Mapping[str, Any]:
    """The value, if it is a table.

    Raises:
        SceneError: if it is not.
    """
    if not isinstance(value, Mapping):
        raise SceneError(f"{what} is a table", where=where(path), got=value, expected="keys and values")
    return value


def convert(value: object, hint: Any, *, path: Path, where: Where) -> Any:
    """A value of a table as the type `hint`: whole numbers pass for numbers, nothing passes for anything else.

    Raises:
        SceneError, LimitError, UnknownName: saying what was expected.
    """
    choices = get_args(hint)
    if hint in _SORT:
        return read_table(hint, value, path=path, where=where)
    if get_origin(hint) is tuple and choices[-1] is Ellipsis:
        if not isinstance(value, list | tuple):
            raise SceneError("a wrong sort of value", where=where(path), got=value, expected="a list")
        return tuple(convert(v, choices[0], path=(*path, i), where=where) for i, v in enumerate(value))
    if isinstance(hint, UnionType) or get_origin(hint) not in (None, tuple, Literal):
        choices = tuple(c for c in choices if c is not NoneType)
        if len(choices) == 1:
            return convert(value, choices[0], path=path, where=where)
        exact = {bool: bool, int: int, float: float, str: str}.get(type(value))
        if exact not in choices:
            raise SceneError("a wrong sort of value", where=where(path), got=value, expected="a number, a word, or true or false")
        return convert(value, exact, path=path, where=where)
    if get_origin(hint) is Literal:
        if not isinstance(value, str):
            raise SceneError("not a word", where=where(path), got=value, expected=" | ".join(choices))
        if value not in choices:
            raise UnknownName(str(path[-1]), value, choices, where=where(path), fix=f"It is one of {', '.join(choices)}.")
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or len(value) != len(choices):
            raise SceneError("a wrong sort of value", where=where(path), got=value, expected=f"{len(choices)} numbers in a list")
        return tuple(convert(v, c, path=path, where=where) for v, c in zip(value, choices, strict=True))
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SceneError("not a number", where=where(path), got=value, expected="a number")
        if not abs(value) < math.inf or abs(value) > 1e300:
            raise LimitError("not a finite number", where=where(path), got=value)
        return float(value)
    if type(value) is not hint:
        wanted = {int: "a whole number", str: "a text in quotes", bool: "true or false"}[hint]
        raise SceneError("a wrong sort of value", where=where(path), got=value, expected=wanted)
    return value


def plain(value: Any, hint: Any) -> Any:
    """The value as numbers, words and lists; whole numbers in the place of a number become one, so that they print alike."""
    if isinstance(hint, UnionType):
        hint = next(h for h in get_args(hint) if h is not NoneType)
    if type(value) in _SORT:
        return write_table(value)
    if isinstance(value, tuple) and get_args(hint)[-1] is Ellipsis:
        return [plain(v, get_args(hint)[0]) for v in value]
    if isinstance(value, tuple):
        return [plain(v, h) for v, h in zip(value, get_args(hint), strict=True)]
    return float(value) if hint is float and value is not None else value


def _pose(rows: Mapping[str, Any], keys: list[str], *, path: Path, where: Where) -> Pose:
    vec3, vec4 = tuple[float, float, float], tuple[float, float, float, float]
    if "position_m" not in keys:
        raise SceneError("a turn without a place", where=where((*path, keys[0])), fix="Add position_m = [x, y, z].")
    if len(keys) > 2:
        raise SceneError(f"two ways to turn: {' and '.join(keys[1:])}", where=where((*path, keys[2])), fix="Keep one of them.")
    position = convert(rows["position_m"], vec3, path=(*path, "position_m"), where=where)
    if len(keys) == 1:
        return Pose(position)
    key = keys[1]
    turned = convert(rows[key], {"quat_wxyz": vec4, "look_at_m": vec3, "yaw_deg": float}[key], path=(*path, key), where=where)
    try:
        if key == "quat_wxyz":
            return Pose(position, turned)
        return Pose.look_at(position, turned) if key == "look_at_m" else Pose.from_yaw(position, math.radians(turned))
    except LifeworldError as error:
        raise SceneError(error.what, where=where((*path, key)), got=error.got, expected=error.expected) from error


def _relations(rows: Mapping[str, Any], *, path: Path, where: Where) -> Iterable[Relation]:
    for kind in RELATIONS:
        value = rows.get(kind, [])
        if not isinstance(value, list) or (kind == "between" and _pair(value)):
            value = [value]
        for target in value:
            here = (*path, kind)
            if kind == "between" and _pair(target):
                given: Table = {"thing": target[0], "and_thing": target[1]}
            elif isinstance(target, str):
                thing, slash, surface = target.partition("/")
                given = {"thing": thing, "surface": surface} if slash else {"thing": thing}
            elif isinstance(target, Mapping):
                known = {key: hint for key, hint in _HINTS[Relation].items() if key != "kind"}
                for key in target:
                    if key not in known:
                        raise unknown_key("key of a relation", key, [*known], where=where((*here, key)))
                given = {k: convert(v, known[k], path=(*here, k), where=where) for k, v in target.items()}
            else:
                raise SceneError("a relation names a thing", where=where(here), got=target, expected='"table", "shelf/board_2" or a table')
            if "thing" not in given:
                raise SceneError("a relation needs a thing", where=where(here), got=target)
            try:
                yield Relation(kind=kind, **given)
            except LifeworldError as error:
                error.where = where(here)
                raise


def _pair(value: object) -> bool:
    """Whether a value is two names in a list, as `between` has them."""
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)


def _turned(relations: tuple[Relation, ...], yaw_deg: object, *, path: Path, where: Where) -> tuple[Relation, ...]:
    """The relations with `yaw_deg` given to the first that can take it."""
    turn = convert(yaw_deg, float, path=path, where=where)
    for i, relation in enumerate(relations):
        if relation.kind in TAKES["yaw_deg"] and relation.yaw_deg is None:
            try:
                return (*relations[:i], replace(relation, yaw_deg=turn), *relations[i + 1 :])
            except LifeworldError as error:
                error.where = where(path)
                raise
    raise SceneError("a turn without a place", where=where(path), fix="Add position_m = [x, y, z], or a relation such as on.")


def _target(relation: Relation) -> str | list[str] | Table:
    table = write_table(relation)
    del table["kind"]
    if set(table) <= {"thing", "surface"}:
        return "/".join(table.values())
    return [*table.values()] if set(table) == {"thing", "and_thing"} else table


def _edits(value: object, *, path: Path, where: Where) -> tuple[Edit, ...]:
    """The edits of an event: as JSON says them, with `{ none = true }` for null."""
    from lifeworld.scene.edit.saved import read_edit  # which is made of tables itself

    if not isinstance(value, list | tuple):
        raise SceneError("a wrong sort of value", where=where(path), got=value, expected="a list of edits")
    return tuple(read_edit(_with_none(one), (*path, i), where) for i, one in enumerate(value))


def _with_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return None if value == {"none": True} else {k: _with_none(v) for k, v in value.items()}
    return [_with_none(v) for v in value] if isinstance(value, list) else value


def _own_keys(hints: Table) -> tuple[str, ...]:
    """The keys that are written otherwise than they are kept."""
    turn = "look_at_m" if "fov_y_deg" in hints else "yaw_deg"
    pose = ("position_m", "quat_wxyz", turn) if "pose" in hints else ()
    edits = ("strength", "edits", "deeds") if "edits" in hints else ()
    return (*pose, *RELATIONS, "joints", "options") if "relations" in hints else (*pose, *edits)


_HINTS: dict[type, Table] = {sort: get_type_hints(sort, localns={"Edit": object}) for sort in _SORT}
_OWN: dict[type, tuple[str, ...]] = {sort: _own_keys(hints) for sort, hints in _HINTS.items()}
_PLAIN: dict[type, Table] = {sort: {k: h for k, h in hints.items() if k not in _OWN_WORDS} for sort, hints in _HINTS.items()}
