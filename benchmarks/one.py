"""`python -m benchmarks.one NAME [long] FILE`: one part in a process of its own; each row goes to the screen and, at once, into FILE.

What a part leaves behind (threads, OpenGL contexts, torch, priorities) cannot change what the next one measures, and if it breaks, only it
does.
"""

from __future__ import annotations

import json
import math
import sys
import traceback
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from benchmarks.others import Others
from benchmarks.parts import NotHere, parts_of
from benchmarks.row import Row


def main(bench: str, long: bool, file: Path) -> int:
    """Measure; 1 if it broke, with why as the last thing in the file."""
    part = next(part for part in parts_of(bench) if part.long == long)
    with file.open("w", encoding="utf-8") as out:
        try:
            others = Others()
            for row in part.work()():
                plain, share = _plain(row), others.share()
                out.write(json.dumps({"row": asdict(plain), "others": share}) + "\n")
                out.flush()
                print(f"  {plain.line(share)}", flush=True)
        except NotHere as error:
            out.write(json.dumps({"absent": str(error)}) + "\n")
        except Exception as error:  # whatever it was: it is said in the table, and the next part goes on
            traceback.print_exc()
            out.write(json.dumps({"failed": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:300]}) + "\n")
            return 1
    return 0


def _plain(row: Row) -> Row:
    """With Python's own numbers, and none where it is not finite."""
    if row.value is None or math.isfinite(row.value):
        return replace(row, value=None if row.value is None else float(row.value), n=None if row.n is None else int(row.n))
    return replace(row, value=None, note=f"{row.note}; it is {row.value}".removeprefix("; "))


@dataclass(slots=True)
class Said:
    """Rows, each with the share of the machine that others took; why it broke and what was not there, if so."""

    rows: list[tuple[Row, float | None]] = field(default_factory=list)
    failed: str = ""
    absent: str = ""


def heard(file: Path) -> Said:
    """What was said in the file so far."""
    found = Said()
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        match json.loads(line):
            case {"row": row, "others": others}:
                found.rows.append((Row(**row), others))
            case {"absent": what}:
                found.absent = what
            case {"failed": why}:
                found.failed = why
    return found


if __name__ == "__main__":
    name, *words, kept = sys.argv[1:]
    sys.exit(main(name, words == ["long"], Path(kept)))
