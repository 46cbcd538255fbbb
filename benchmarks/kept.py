"""All rows ever measured and not measured anew: docs/benchmarks.json, each with the day, the machine and the commit it is of.

A part is what is run at once: `physics`, `nano, long`, `peers: cameras`. Within one, a row is known by its name and that of the row it
belongs to. Of times and rates the last of every other processor is kept too: whoever measures anew does not undo what another machine said.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.row import Row, commit, hardware
from lifeworld.core.write import replace_file

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "benchmarks.json"
FAILED = "did not come to its end"
"""What the row is called that says why, until the part is run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """When, where and of what something was measured."""

    date: str
    machine: str
    commit: str

    @classmethod
    def now(cls) -> Run:
        return cls(date=time.strftime("%Y-%m-%d"), machine=hardware(), commit=commit())

    @property
    def processor(self) -> str:
        return self.machine.partition(",")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What a row was when another processor measured it last."""

    value: float
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A row of a part; `head` is the name of the row it belongs to, `others` the share of the machine that others took meanwhile.

    `elsewhere` is what other processors said, the latest first.
    """

    part: str
    head: str
    row: Row
    run: Run
    others: float | None = None
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.head, self.row.name

    def after(self, before: Kept) -> Kept:
        """This row in the place of one before it."""
        said = before.elsewhere
        if before.row.value is not None and not before.disturbed:
            said = (Elsewhere(value=before.row.value, run=before.run), *(one for one in said if one.run.processor != before.run.processor))
        return replace(self, elsewhere=tuple(one for one in said if self.row.clocked and one.run.processor != self.run.processor))

    @property
    def verdict(self) -> str:
        return self.row.verdict(self.others)

    @property
    def cleared_elsewhere(self) -> bool:
        """Whether it falls short here, and did not on another processor."""
        return self.verdict == "SHORT" and any(replace(self.row, value=one.value).verdict() == "ok" for one in self.elsewhere)

    @property
    def disturbed(self) -> bool:
        return self.row.disturbed(self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Every kept row, in the order of the page, and the last run of everything that `make bench` runs, with how long it took [s]."""

    rows: tuple[Kept, ...] = ()
    whole: Run | None = None
    seconds: float | None = None

    def with_part(self, part: str, measured: Sequence[tuple[Row, float | None]], run: Run, *, drop: bool) -> Book:
        """With these in the place of what the part had; `drop` forgets what is not among them.

        Raises:
            ValueError: two of them have one name: nobody could tell which of the two is kept.
        """
        before = {one.key: one for one in self.rows if one.part == part and one.row.name != FAILED}
        fresh = {key: one.after(before[key]) if key in before else one for key, one in _kept(part, measured, run).items()}
        there = tuple((({} if drop else before) | fresh).values())
        rest = [one for one in self.rows if one.part != part]
        parts = sorted({part, *(one.part for one in rest)}, key=_place)
        return replace(self, rows=tuple(one for name in parts for one in (there if name == part else rest) if one.part == name))


def read(file: Path = FILE) -> Book:
    """The book, empty where there is none."""
    if not file.exists():
        return Book()
    told = json.loads(file.read_text(encoding="utf-8"))
    whole = told["whole"] and Run(**told["whole"])
    return Book(rows=tuple(_read(one) for one in told["rows"]), whole=whole, seconds=told["seconds"])


def write(book: Book, file: Path = FILE) -> None:
    """Write the book, one row a line: so two of them can be compared by eye."""
    lines = ",\n".join("  " + json.dumps(_written(one), ensure_ascii=False, allow_nan=False) for one in book.rows)
    whole = json.dumps(book.whole and asdict(book.whole), ensure_ascii=False)
    with replace_file(file) as beside:
        beside.write_text(
            f'{{\n "whole": {whole},\n "seconds": {json.dumps(book.seconds)},\n "rows": [\n{lines}\n ]\n}}\n', encoding="utf-8"
        )


def _kept(part: str, measured: Iterable[tuple[Row, float | None]], run: Run) -> dict[tuple[str, str], Kept]:
    found: dict[tuple[str, str], Kept] = {}
    head = ""
    for row, others in measured:
        head = head if row.name.startswith("  ") else row.name
        one = Kept(part=part, head=head, row=row, run=run, others=others)
        if one.key in found:
            raise ValueError(f"{part} has two rows called {row.name!r}")
        found[one.key] = one
    return found


def _place(part: str) -> tuple[bool, str]:
    """Others' come last."""
    return part.startswith("peers"), part


def _written(one: Kept) -> dict[str, Any]:
    usual = asdict(Row(one.row.name, None, ""))
    row = {name: value for name, value in asdict(one.row).items() if name in ("name", "value", "unit") or value != usual[name]}
    head = {} if one.head == one.row.name else {"head": one.head}
    others = {} if one.others is None else {"others": round(one.others, 3)}
    elsewhere = {"elsewhere": [{"value": each.value} | asdict(each.run) for each in one.elsewhere]} if one.elsewhere else {}
    return {"part": one.part} | head | row | others | asdict(one.run) | elsewhere


def _read(told: dict[str, Any]) -> Kept:
    rest = dict(told)
    elsewhere = tuple(Elsewhere(value=each.pop("value"), run=Run(**each)) for each in rest.pop("elsewhere", ()))
    run = Run(**{name: rest.pop(name) for name in ("date", "machine", "commit")})
    part, head, others = rest.pop("part"), rest.pop("head", rest["name"]), rest.pop("others", None)
    return Kept(part=part, head=head, row=Row(**rest), run=run, others=others, elsewhere=elsewhere)
