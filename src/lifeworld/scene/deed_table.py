"""Deeds and magnitudes as tables: `{ type = "push", thing = "ball", … }`, and `0.3` or `{ uniform = [0.1, 0.6] }`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.scene.deed import DEEDS, Deed
from lifeworld.scene.lines import Path, Where
from lifeworld.scene.magnitude import LAWS, TWO, Magnitude
from lifeworld.scene.tables import Table, construct, convert, expect_table, read_table, unknown_key, write_table

BOUNDS = ("low", "high")


def deed_table(deed: Deed) -> Table:
    """A deed as a table, its `type` first."""
    return {"type": type(deed).__name__.lower(), **write_table(deed)}


def read_deeds(value: object, *, path: Path, where: Where) -> tuple[Deed, ...]:
    """The deeds that a list of tables says.

    Raises:
        SceneError, UnknownName, LimitError: for wrong keys, types and values.
    """
    if not isinstance(value, list | tuple):
        raise SceneError("a wrong sort of value", where=where(path), got=value, expected="a list of deeds")
    return tuple(_deed(one, path=(*path, i), where=where) for i, one in enumerate(value))


def magnitude_table(magnitude: Magnitude) -> float | Table:
    """A fixed magnitude as its number, any other as a table of its law and its bounds."""
    if magnitude.law == "fixed":
        return magnitude.a
    law: Any = [magnitude.a, magnitude.b] if magnitude.law in TWO else magnitude.a
    return {magnitude.law: law, **{k: v for k in BOUNDS if (v := getattr(magnitude, k)) is not None}}


def read_magnitude(value: object, *, path: Path, where: Where) -> Magnitude:
    """The magnitude that a number or a table says.

    Raises:
        SceneError, UnknownName, LimitError: as `read_deeds`.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return construct(Magnitude, {"a": convert(value, float, path=path, where=where)}, path=path, where=where)
    rows = expect_table(value, "a magnitude", path=path, where=where)
    for key in rows:
        if key not in (*LAWS, *BOUNDS):
            raise unknown_key("law of a magnitude", key, [*LAWS, *BOUNDS], where=where((*path, key)))
    laws = [law for law in LAWS if law in rows]
    if len(laws) != 1:
        raise SceneError("a magnitude has one law", where=where(path), got=laws, expected=f"one of {', '.join(LAWS)}")
    law = laws[0]
    hint = tuple[float, float] if law in TWO else float
    said = convert(rows[law], hint, path=(*path, law), where=where)
    a, b = said if isinstance(said, tuple) else (said, 0.0)
    bounds = {k: convert(rows[k], float, path=(*path, k), where=where) for k in BOUNDS if k in rows}
    try:
        return Magnitude(law=law, a=a, b=b, **bounds)
    except SceneError as error:
        raise error.at(where(path)) from None


def _deed(value: object, *, path: Path, where: Where) -> Deed:
    rows = expect_table(value, "a deed", path=path, where=where)
    name = rows.get("type")
    if not isinstance(name, str) or name not in DEEDS:
        raise UnknownName("type of deed", str(name), DEEDS, where=where((*path, "type")), fix=f"It is one of {', '.join(DEEDS)}.")
    sort = DEEDS[name]
    known = [f.name for f in fields(sort)]
    for key in rows:
        if key != "type" and key not in known:
            raise unknown_key(f"key of a {name}", key, known, where=where((*path, key)))
    return read_table(sort, {k: v for k, v in rows.items() if k != "type"}, path=path, where=where)
