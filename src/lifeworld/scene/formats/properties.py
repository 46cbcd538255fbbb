"""Java properties text, the table of contents of a furniture catalogue: `key#12=value` lines with escapes and continued lines.

Source: java.util.Properties.load (Java SE 8): ISO 8859-1, `\\uXXXX`, a line that ends in an odd number of backslashes goes on.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SPLIT = re.compile(r"((?:\\.|[^\\=:\s])*)\s*[=:\s]\s*(.*)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


def read_properties(data: bytes) -> dict[str, str]:
    """Key → value, the last of equal keys, as Java has it."""
    out: dict[str, str] = {}
    held = ""
    for line in re.split(r"\r\n|\r|\n", data.decode("latin-1")):
        line = held + line.lstrip()
        held = ""
        if not line or line[0] in "#!":
            continue
        if (len(line) - len(line.rstrip("\\"))) % 2:
            held = line[:-1]
            continue
        found = _SPLIT.fullmatch(line)
        key, value = found.groups() if found else (line, "")
        out[_unescaped(key)] = _unescaped(value)
    return out


def numbered(properties: dict[str, str]) -> dict[int, dict[str, str]]:
    """`name#3=…` lines by their number."""
    out: dict[int, dict[str, str]] = {}
    for key, value in properties.items():
        name, _, number = key.partition("#")
        if number.isascii() and number.isdigit() and len(number) < 8:
            out.setdefault(int(number), {})[name] = value.strip()
    return dict(sorted(out.items()))


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found.group(1)
        return chr(int(code[1:], 16)) if len(code) == 5 else _PLAIN.get(code, code)

    return _ESCAPE.sub(plain, text)
