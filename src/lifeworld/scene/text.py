"""Scene text: TOML in, a Scene out, and back. `parse(to_text(scene)) == scene`; the format is told in docs/scene-format.md.

Errors say where: file, line and the way to the value, `kitchen.toml:14: thing[2].frition: there is no key of a thing 'frition'.
Did you mean 'friction'?`. Text is bounded before it is read: 5 MB, no NaN, no key with many dots, no newer format than ours.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path as File
from typing import Any, get_type_hints

from lifeworld.core.errors import InputError, LifeworldError, LimitError, SceneError, UnknownName
from lifeworld.core.write import replace_file
from lifeworld.scene.check import problems
from lifeworld.scene.event import Event
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.lines import Path, key_lines, refuse_long_keys, shown
from lifeworld.scene.scene import MAX_THINGS, AssetRef, CameraMount, Embodiment, Ground, Light, Scene, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.space import Space
from lifeworld.scene.tables import Row, Table, construct, convert, plain, read_table, unknown_key, write_table

FORMAT = 1
MAX_BYTES = 5_000_000
GROUND = "ground"

_TOP = ("name", "title", "gravity_m_s2", "moving")
_ROWS: dict[str, tuple[type[Row], str]] = {
    "thing": (Thing, "things"),
    "camera": (CameraMount, "cameras"),
    "light": (Light, "lights"),
    "embodiment": (Embodiment, "embodiments"),
    "sensor": (Sensor, "sensors"),
    "goal": (Goal, "goals"),
    "asset": (AssetRef, "assets"),
    "space": (Space, "spaces"),
    "group": (Group, "groups"),
    "event": (Event, "events"),
}
_KEYS = ("lifeworld", *_TOP, GROUND, *_ROWS)


def parse(text: str, *, source: str = "<text>") -> Scene:
    """The scene a text tells; `source` is its name in errors.

    Raises:
        SceneError: for what is not TOML, or not a scene; UnknownName, LimitError, RelationCycle say more.
    """
    size = len(text) if len(text) > MAX_BYTES else len(text.encode("utf-8", errors="replace"))
    if size > MAX_BYTES:
        raise LimitError("the text is too long", where=source, got=f"{size:,} bytes", expected=f"at most {MAX_BYTES:,}")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    document = _Document(text, source)
    rows = document.rows()
    _check_version(rows, document)
    for key in rows:
        if key not in _KEYS:
            raise unknown_key("key of a scene", key, [*_KEYS], where=document.where((key,)))
    given = _top(rows, document)
    names: dict[str, Path] = {}
    for key, (sort, field) in _ROWS.items():
        given[field] = tuple(_read_rows(key, sort, rows, document, names))
    try:
        scene = construct(Scene, given, path=(), where=document.where)
    except LifeworldError as error:
        if isinstance(error, UnknownName):
            error.where = document.where(_find(rows, error.name))
        raise
    for path, problem in problems(scene, build=False):
        problem.where = document.where(path)
        raise problem
    return scene


def read(path: str | os.PathLike[str]) -> Scene:
    """The scene of a text file.

    Raises:
        InputError: if there is no such file.
        SceneError: as `parse`; also for bytes that are no UTF-8.
    """
    file = File(path)
    if not file.is_file():
        raise InputError("there is no such scene file", got=str(path), fix="`lifeworld scenes` lists the ones that come along.")
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise LimitError("the file is too long", where=str(path), got=f"more than {MAX_BYTES:,} bytes", expected=f"at most {MAX_BYTES:,}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SceneError("not UTF-8 text", where=f"{path}:{line}", fix="Save it as UTF-8.") from error
    return parse(text, source=str(path))


def to_text(scene: Scene) -> str:
    """The canonical text of a scene; numbers to the last bit."""
    lines = [f"lifeworld = {FORMAT}"]
    hints = get_type_hints(Scene)
    for f in fields(Scene):
        value = getattr(scene, f.name)
        if f.name == "name" or (f.name in _TOP and value != f.default):
            lines.append(f"{f.name} = {_toml(plain(value, hints[f.name]))}")
    if scene.ground is None:
        lines.append("ground = false")
    elif scene.ground != Ground():
        lines += _section(f"[{GROUND}]", write_table(scene.ground))
    for key, (_, field) in _ROWS.items():
        for value in getattr(scene, field):
            lines += _section(f"[[{key}]]", write_table(value))
    return "\n".join(lines) + "\n"


def save(scene: Scene, path: str | os.PathLike[str]) -> None:
    """Write the canonical text to a file, whole or not at all."""
    with replace_file(path) as beside:
        beside.write_text(to_text(scene), encoding="utf-8")


class _Document:
    """A text with its name, and the lines of its keys once somebody asks."""

    def __init__(self, text: str, source: str) -> None:
        self._text, self._source = text, source
        self._lines: dict[Path, int] | None = None

    def rows(self) -> Table:
        """What the TOML says.

        Raises:
            SceneError: for broken syntax, with line and column.
        """
        refuse_long_keys(self._text, where=self._source)
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
            what = str(error)[: place.start()] if place else str(error)
            where = f"{self._source}:{place[1]}" if place else self._source
            what = f"not TOML: {what[:1].lower()}{what[1:]}" + (f", column {place[2]}" if place else "")
            raise SceneError(what, where=where) from error
        except RecursionError as error:
            raise LimitError("brackets within brackets, too deep", where=self._source) from error
        except ValueError as error:  # a number of more digits than Python will read, a date that is none
            raise SceneError(f"not TOML: {error}", where=self._source) from error

    def where(self, path: Path) -> str:
        """`kitchen.toml:14: thing[2].friction`; the line of the nearest table around it where the key has none."""
        if self._lines is None:
            self._lines = key_lines(self._text)
        for n in range(len(path), -1, -1):
            if path[:n] in self._lines:
                return f"{self._source}:{self._lines[path[:n]]}: {shown(path)}"
        return f"{self._source}: {shown(path)}" if path else self._source


def _check_version(rows: Table, document: _Document) -> None:
    version = rows.get("lifeworld")
    if version is None:
        raise SceneError("the format version is missing", where=document.where(()), fix=f"Begin the text with: lifeworld = {FORMAT}")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise SceneError("not a format version", where=document.where(("lifeworld",)), got=version, expected=FORMAT)
    if version > FORMAT:
        raise SceneError(
            "the scene is written in a newer format than this lifeworld reads",
            where=document.where(("lifeworld",)),
            got=version,
            expected=f"at most {FORMAT}",
            fix="Update with: pip install --upgrade lifeworld",
        )


def _top(rows: Table, document: _Document) -> Table:
    hints = get_type_hints(Scene)
    given: Table = {k: convert(rows[k], hints[k], path=(k,), where=document.where) for k in _TOP if k in rows}
    ground = rows.get(GROUND, True)
    if isinstance(ground, bool):
        given["ground"] = Ground() if ground else None
    else:
        given["ground"] = read_table(Ground, ground, path=(GROUND,), where=document.where)
    return given


def _read_rows(key: str, sort: type[Row], rows: Table, document: _Document, names: dict[str, Path]) -> list[Row]:
    tables = rows.get(key, [])
    if not isinstance(tables, list):
        raise SceneError(f"{key} is a list of tables", where=document.where((key,)), fix=f"Write [[{key}]] with two brackets.")
    if len(tables) > MAX_THINGS:
        raise LimitError(
            f"too many of [[{key}]]", where=document.where((key, MAX_THINGS)), got=len(tables), expected=f"at most {MAX_THINGS}"
        )
    out = []
    for i, table in enumerate(tables):
        if key == "thing" and isinstance(table, Mapping):
            table = _without_ground(table, i, tables, rows, document)
        value = read_table(sort, table, path=(key, i), where=document.where)
        name = getattr(value, "name", "")
        if key != "asset" and name in names:
            first = document.where(names[name])
            raise SceneError(f"the name {name!r} is taken", where=document.where((key, i, "name")), fix=f"It was given at {first} already.")
        names[name] = (key, i, "name")
        out.append(value)
    return out


def _without_ground(table: Mapping[str, Any], i: int, tables: list[Any], rows: Table, document: _Document) -> Mapping[str, Any]:
    """`on = "ground"` says what no relation says: such a thing stands on the ground anyway."""
    if table.get("on") != GROUND or any(isinstance(t, Mapping) and t.get("name") == GROUND for t in tables):
        return table
    if rows.get(GROUND, True) is False:
        raise SceneError("this scene has no ground", where=document.where(("thing", i, "on")), fix="Take away the line ground = false.")
    return {k: v for k, v in table.items() if k != "on"}


def _find(rows: object, word: str, path: Path = ()) -> Path:
    """The way to the first value that names `word`; the empty way when none does."""
    if isinstance(rows, str):
        return path if path[-1] != "name" and word in (rows, rows.partition("/")[0], rows.removeprefix("asset:")) else ()
    items = rows.items() if isinstance(rows, Mapping) else enumerate(rows) if isinstance(rows, list) else ()
    for key, value in items:
        found = _find(value, word, (*path, key))
        if found:
            return found
    return ()


def _section(header: str, table: Table) -> list[str]:
    return ["", header, *(f"{key} = {_toml(value)}" for key, value in table.items())]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:  # said by the edits of events alone; TOML has no word for it
        return "{ none = true }"
    if isinstance(value, str):
        return '"' + "".join(_escaped(c) for c in value) + '"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return repr(value)


def _escaped(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\U{ord(c):08x}"
