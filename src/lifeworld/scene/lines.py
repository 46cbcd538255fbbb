"""Which line of a TOML text each key stands on: tomllib reads values and forgets where they were.

Only asked after an error, of text that tomllib has taken already, so this reader may trust the syntax.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lifeworld.core.errors import LimitError

Path = tuple[str | int, ...]
"""The way to a value: `("thing", 2, "friction")` is the key `friction` of the third `[[thing]]`."""

Where = Callable[[Path], str]
"""Says where a value is, for an error: `kitchen.toml:14: thing[2].friction`."""

MAX_DOTS = 8

_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*+"|\'[^\'\n]*+\''
_SKIP = re.compile(r"(?:\s++|#[^\n]*+)*+", re.DOTALL)
_KEY = re.compile(rf"({_STRING}|[A-Za-z0-9_-]++)\s*+(\.?)\s*+", re.DOTALL)
_VALUE = re.compile(rf"{_STRING}|#[^\n]*+|[\[{{]|[\]}}]|\n|[^\"'#\[\]{{}}\n]++", re.DOTALL)
_STRINGS = re.compile(rf"{_STRING}|#[^\n]*+", re.DOTALL)
_DOTTED = re.compile(rf"(?<![\w.-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){{{MAX_DOTS}}}", re.ASCII)


def shown(path: Path) -> str:
    """`thing[2].on` for `("thing", 2, "on")`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def refuse_long_keys(text: str, *, where: str) -> None:
    """Raise for keys of many dots, `a.a.a.a…`: no scene has them, and tomllib takes cubic time over them.

    Raises:
        LimitError: naming the line.
    """
    if not any(row.count(".") >= MAX_DOTS for row in text.split("\n")):
        return  # the usual case, in one quick pass
    # Strings may look like such a key, so a word stands in for each; line breaks stay.
    bare = _STRINGS.sub(lambda m: "#" if m[0][0] == "#" else "s" + "\n" * m[0].count("\n"), text)
    found = _DOTTED.search(bare)
    if found:
        line = bare.count("\n", 0, found.start()) + 1
        raise LimitError(
            "a key with many dots", where=f"{where}:{line}", got=found[0][:40] + "…", expected=f"fewer than {MAX_DOTS} dots in a key"
        )


def key_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every table and key of a TOML text (keys within inline tables stand on the line of the outer key)."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    position, line = 0, 1

    def forward(to: int) -> None:
        nonlocal position, line
        line += text.count("\n", position, to)
        position = to

    while True:
        forward(_end(_SKIP, text, position))
        if position >= len(text):
            return lines
        if text[position] == "[":
            double = text.startswith("[[", position)
            keys, end = _keys(text, position + (2 if double else 1))
            table = _resolve(keys if not double else keys[:-1], counts)
            if double:
                array = (*table, keys[-1])
                counts[array] = counts.get(array, -1) + 1
                table = (*array, counts[array])
                lines.setdefault(array, line)
            lines.setdefault(table, line)
            forward(end + (2 if double else 1))
        else:
            keys, end = _keys(text, position)
            for n in range(1, len(keys) + 1):
                lines.setdefault((*table, *keys[:n]), line)
            forward(_value_end(text, end + 1))


def _resolve(keys: list[str], counts: dict[Path, int]) -> Path:
    """A header's keys as a path: a name of an array of tables means its last table."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in counts:
            path = (*path, counts[path])
    return path


def _keys(text: str, position: int) -> tuple[list[str], int]:
    """The parts of a dotted key from `position` on, and where it ends."""
    keys: list[str] = []
    position = _end(_SKIP, text, position)
    while match := _KEY.match(text, position):
        word = match[1]
        keys.append(word[1:-1] if word[0] in "\"'" else word)
        position = match.end()
        if not match[2]:
            break
    return keys, position


def _value_end(text: str, position: int) -> int:
    """Where the value that begins at `position` ends: the end of the line on which all its brackets are closed."""
    depth = 0
    while match := _VALUE.match(text, position):
        token = match[0]
        if token == "\n" and depth == 0:
            return position
        depth += (token in "[{") - (token in "]}")
        position = match.end()
    return max(position, len(text))


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
