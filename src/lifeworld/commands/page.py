"""The page of all options that docs/options.md is: what `lifeworld VERB --help` says, of every verb.

python -c "from lifeworld.commands.page import write; write('docs/options.md')"
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import tyro

from lifeworld.commands import VERBS
from lifeworld.commands.verb import Common
from lifeworld.core.write import replace_file

HEAD = """# Options

Every option of every command, as `lifeworld COMMAND --help` says them; made from the code by `lifeworld.commands.page`, and held to it by a
test. What each command does stands in [Commands](commands.md), what may be set for all of them at once in [Settings](settings.md).

Every command has these two:

{common}
"""
WORDS = {Path: "path", str: "text", int: "number", float: "number", bool: ""}


def page() -> str:
    """The whole page, in Markdown."""
    parts = [HEAD.format(common=_table(Common, set()))]
    shared = {field.name for field in dataclasses.fields(Common)}
    for name, verb in VERBS.items():
        options = importlib.import_module(verb.module).Options
        parts.append(f"## {name}\n\n{verb.summary[0].upper()}{verb.summary[1:]}.\n\n{_table(options, shared)}\n")
    return "\n".join(parts)


def write(path: Path | str) -> None:
    """Write the page anew."""
    with replace_file(path) as beside:
        beside.write_text(page(), encoding="utf-8")


def _table(options: type, without: set[str]) -> str:
    hints, told = get_type_hints(options, include_extras=True), dict(_told(options))
    rows = [
        f"| `{_called(field, hints[field.name])}` | {_meant(field, ' '.join(told[field.name].split()))} |"
        for field in dataclasses.fields(options)
        if field.name not in without
    ]
    return "\n".join(["| option | is |", "|---|---|", *rows])


def _called(field: dataclasses.Field[Any], hint: Any) -> str:
    """How an option is typed: its names, and what stands after it."""
    given, marks = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    if tyro.conf.Positional in marks:
        return field.name.upper() if field.default is dataclasses.MISSING else f"[{field.name.upper()}]"
    name, short = field.name.replace("_", "-"), list[str]()
    for mark in marks:
        name, short = getattr(mark, "name", None) or name, list(getattr(mark, "aliases", None) or short)
    name = f"--no-{name}" if field.default is True else f"--{name}"
    return " ".join(filter(None, (", ".join((name, *short)), _after(given))))


def _meant(field: dataclasses.Field[Any], told: str) -> str:
    """What an option is, with what holds if nothing is said."""
    if field.default is True:
        return f"Turns off what is usual: {told[0].lower()}{told[1:]}"
    if field.default in (dataclasses.MISSING, None, "", (), False):
        return told
    shown = " ".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
    return f"{told} (`{shown}` if nothing is said)"


def _after(given: Any) -> str:
    """What stands after an option of this type."""
    if get_origin(given) is Literal:
        return "\\|".join(str(each) for each in get_args(given))
    if get_origin(given) in (types.UnionType, Union):
        return " or ".join(filter(None, (_after(each) for each in get_args(given) if each is not type(None))))
    if get_origin(given) is tuple:
        inside = [each for each in get_args(given) if each is not Ellipsis]
        return " ".join(_after(each) for each in inside) + (" …" if Ellipsis in get_args(given) else "")
    return WORDS[given]


def _told(options: type) -> Iterator[tuple[str, str]]:
    """What the text below each field says, those of its parents first."""
    for kind in reversed(options.__mro__[:-1]):
        body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, text in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                yield field.target.id, str(ast.literal_eval(text.value)).replace("|", "\\|")
