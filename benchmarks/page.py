"""docs/benchmarks.md: every bar and every race with others in one table, then whatever else was measured on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from benchmarks.kept import FILE, Book, Kept, Run, write
from benchmarks.parts import told
from benchmarks.row import DISTURBED, figure
from lifeworld.core.write import replace_file

PAGE = FILE.with_suffix(".md")
HEAD = """# Benchmarks

<!-- Written by `python -m benchmarks` and `python -m benchmarks.peers` out of docs/benchmarks.json: change those, not this. -->

What was promised, and what was measured. `make bench` measures all of ours that fits ten minutes of two quiet cores,
`python -m benchmarks --long NAME` what takes longer (`--list` says how long), `make bench-peers` others beside ours, each from a
virtual environment of its own. Whatever is run puts its rows in the place of its old ones; the others keep the day and the commit
they are of.
"""


def keep(book: Book) -> None:
    """Write the book, and the page out of it."""
    write(book)
    with replace_file(PAGE) as beside:
        beside.write_text(text(book), encoding="utf-8")


def text(book: Book, told: Callable[[str], str] = told) -> str:
    """The page; `told` gives the sentence that says what a part measures."""
    promised = [one for one in book.rows if one.row.bar is not None or one.row.value is None or one.part.startswith("peers")]
    rest = [one for one in book.rows if one not in promised]
    parts = [HEAD, _whole(book), _count(promised), "## Bars and races\n", _legend(), _table(promised, book.whole, told, judged=True)]
    if rest:
        parts += ["## What else was measured\n", "No bar is set for these.\n", _table(rest, book.whole, told, judged=False)]
    return "\n".join(parts)


def _whole(book: Book) -> str:
    if (run := book.whole) is not None:
        took = "" if book.seconds is None else f", in {book.seconds / 60:.1f} minutes"
        return f"All of `make bench` was last run on {run.date}{took}, commit `{run.commit}`: {run.machine}.\n"
    where = "; ".join(dict.fromkeys(one.run.machine for one in book.rows))
    return f"All of `make bench` at once has not been run yet: each row says of which day and commit it is. Measured on: {where}.\n"


def _count(promised: list[Kept]) -> str:
    verdicts, elsewhere = [one.verdict for one in promised if one.verdict], sum(one.cleared_elsewhere for one in promised)
    words = (("ok", "cleared"), ("SHORT", "short"), ("disturbed", "disturbed"), ("NO NUMBER", "without a number"))
    told = ", ".join(f"{verdicts.count(verdict)} {word}" for verdict, word in words if verdicts.count(verdict))
    also = f" Of those short, {elsewhere} were cleared on another processor." if elsewhere else ""
    return f"**{len(verdicts)} bars and races: {told or 'none judged'}.**{also}\n"


def _legend() -> str:
    return (
        "`SHORT` is short of the bar. `disturbed` means that other programs took more than "
        f"{DISTURBED:.0%} of the machine meanwhile: such times and rates are shown and not judged. "
        "Where it says `others not counted`, nobody knows. N is how many were tried, timed or counted. "
        "The last column is empty for rows of the run above; it also says what another processor measured last.\n"
    )


def _table(rows: list[Kept], whole: Run | None, told: Callable[[str], str], *, judged: bool) -> str:
    head = ("what", "got", "bar", "", "N", "measured") if judged else ("what", "got", "N", "measured")
    right = {"got", "bar", "N"}
    lines = [_line(head), _line(["---:" if word in right else "---" for word in head])]
    for part, its in groupby(rows, key=lambda one: one.part):
        lines.append(_line([f"**{part}** {told(part)}", *[""] * (len(head) - 1)]))
        above = ""
        for one in its:
            if one.head not in (one.row.name, above):  # what it belongs to is in the other table
                lines.append(_line([one.head, *[""] * (len(head) - 1)]))
            above = one.head
            bar = [_bar(one), f"**{one.verdict}**" if one.verdict not in ("", "ok") else one.verdict] if judged else []
            lines.append(_line([_what(one), _got(one), *bar, "" if one.row.n is None else f"{one.row.n:,}", _measured(one, whole)]))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _what(one: Kept) -> str:
    name = f"· {one.row.name.strip()}" if one.row.name.startswith("  ") else one.row.name
    return f"{name}; {one.row.note}" if one.row.note else name


def _got(one: Kept) -> str:
    return "" if one.row.value is None else f"{figure(one.row.value)} {one.row.unit}".strip()


def _bar(one: Kept) -> str:
    return "" if one.row.bar is None else f"{'≤' if one.row.lower else '≥'} {figure(one.row.bar)}"


def _measured(one: Kept, whole: Run | None) -> str:
    """Nothing where the page's head says it all."""
    words = [] if one.run == whole else [one.run.date, f"`{one.run.commit}`"]
    if whole is not None and one.run.machine != whole.machine:
        words.append(one.run.machine)
    if one.disturbed:
        words.append(f"others took {one.others:.0%}")
    elif one.row.clocked and one.others is None and one.row.value is not None:
        words.append("others not counted")
    said = [f"on {each.run.processor} {figure(each.value)}, {each.run.date}, `{each.run.commit}`" for each in one.elsewhere]
    return "; ".join(filter(None, [", ".join(words), *said]))
