"""What was measured as text: lines for a terminal, and the tables of docs/loader-peers.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from benchmarks.peers.loaders.contestants import COLD_BAR, OURS, WARM_BAR

Results = dict[str, Any]
BEGIN, END = "<!-- measured: written by `python -m benchmarks.peers loaders` -->\n", "<!-- end of what was measured -->"
LENGTH = 16


def text(results: Results, size: str) -> str:
    """One size for a terminal."""
    lines = [f"\n{size}"]
    for rows in (_speed(results["sizes"][size]), _cost(results["sizes"][size])):
        wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines += ["  ".join((row[0].ljust(wide[0]), *(word.rjust(w) for word, w in zip(row[1:], wide[1:], strict=True)))) for row in rows]
        lines.append("")
    return "\n".join((*lines, *_verdicts(results["sizes"][size]), *_why_not(results["sizes"][size])))


def markdown(results: Results, page: str) -> str:
    """The page with what was measured put between its two marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    parts = [f"Measured {results['when']}: {results['machine']}.", ""]
    for size, rows in results["sizes"].items():
        parts += [f"### {size}", ""]
        for header, *lines in (_speed(rows), _cost(rows)):
            parts += [_line(header), f"|{'---|' * len(header)}", *map(_line, lines), ""]
        parts += [f"- {line}" for line in (*_verdicts(rows), *_why_not(rows))] + [""]
    return f"{head}{BEGIN}\n" + "\n".join(parts) + f"\n{END}{tail}"


def _line(words: list[str]) -> str:
    return f"| {' | '.join(words)} |"


def _speed(rows: Results) -> list[list[str]]:
    """Clips a second, and how many times as many ours gives."""
    table = [
        ["loader", "pixels", "read before", "ours", "stride 4", "ours", "first epoch", "ours", "stride 4", "ours", "from disk", "ours"]
    ]
    ours = rows.get(OURS, {})
    for name, row in _ran(rows):
        words = [_shown(name, row), warm(row, 1).get("pixels", "")]
        for stride in (1, 4):
            words += [_n(warm(row, stride).get("clips_s")), _x(None if name == OURS else warm(row, stride).get("times"))]
        for of in (first_epoch_1, first_epoch_4, from_disk):
            words += [_n(of(row)), _x(None if name == OURS else _ratio(of(ours), of(row)))]
        table.append(words)
    return table


def _cost(rows: Results) -> list[list[str]]:
    """How sure that is, and what it takes."""
    table = [
        [
            "loader",
            "least to most",
            "stride 4",
            "CPU ms a clip",
            "stride 4",
            "first epoch",
            "first batch s",
            "memory MB",
            "disk MB",
            "workers",
        ]
    ]
    for name, row in _ran(rows):
        one, four, begin = warm(row, 1), warm(row, 4), row.get("pages-1", {})
        memory = one.get("memory", {})
        cache = f" + {row['cache_mb']:,.0f}" if "cache_mb" in row else ""
        table.append(
            [_shown(name, row), _spread(one), _spread(four), _n(one.get("busy_ms")), _n(four.get("busy_ms"))]
            + [_n(begin.get("busy_ms")), _n(begin.get("first_batch_s")), _n(memory.get("own_mb", 0) + memory.get("shared_mb", 0))]
            + [f"{row['disk_mb']:,.0f}{cache}", str(row["workers"])]
        )
    return table


def _ran(rows: Results) -> list[tuple[str, Results]]:
    return [(name, row) for name, row in rows.items() if "why_not" not in row]


def _shown(name: str, row: Results) -> str:
    return name if row["judged"] or name == OURS else f"({name})"


def _spread(cell: Results) -> str:
    return f"{_n(cell['least'])} to {_n(cell['most'])}" if cell else ""


def warm(row: Results, stride: int) -> Results:
    """All rounds of a row as one: of ours there are as many as there were tables."""
    cells = row.get(f"rounds-{stride}", [])
    if not cells:
        return {}
    windows = [w for cell in cells for w in cell["windows"]]
    rates = [w["clips"] / w["whole_s"] for w in windows]
    return {
        "clips_s": statistics.median(rates),
        "least": min(rates),
        "most": max(rates),
        "busy_ms": 1000 * sum(w["busy_s"] for w in windows) / sum(w["clips"] for w in windows),
        "times": statistics.median(t for cell in cells for t in cell["times"]),
        "times_busy": statistics.median(cell["times_busy"] for cell in cells),
        "pixels": cells[0]["pixels"],
        "memory": cells[0]["memory"],
    }


def first_epoch(row: Results, stride: int) -> float | None:
    """Clips a second of the first epoch: measured over all of it where it was; who keeps nothing goes on at the pace of any epoch."""
    whole = row.get(f"pages-{stride}", {}).get("epoch_clips_s")
    return whole if whole else warm(row, stride).get("clips_s")


def first_epoch_1(row: Results) -> float | None:
    return first_epoch(row, 1)


def first_epoch_4(row: Results) -> float | None:
    return first_epoch(row, 4)


def from_disk(row: Results) -> float | None:
    """Clips a second of the first epoch, nothing of the files in memory."""
    return row.get("disk-1", {}).get("epoch_clips_s")


def _ratio(mine: float | None, theirs: float | None) -> float | None:
    return mine / theirs if mine and theirs else None


def _verdicts(rows: Results) -> list[str]:
    return [
        f"{what}: ours ×{times:.3g} the best of those named, {best} (bar ×{bar:g}): {'ok' if times >= bar else 'SHORT'}"
        for what, best, times, bar in verdicts(rows)
    ]


def verdicts(rows: Results) -> Iterator[tuple[str, str, float, float]]:
    """For each way of reading: the best of the judged, how many times as many clips ours gives, and what that must be."""
    ours, judged = rows[OURS], {name: row for name, row in _ran(rows) if row["judged"]}
    for what, times, bar in (
        ("read before", {n: warm(r, 1).get("times") for n, r in judged.items()}, WARM_BAR),
        ("read before, stride 4", {n: warm(r, 4).get("times") for n, r in judged.items()}, WARM_BAR),
        ("first epoch", {n: _ratio(first_epoch_1(ours), first_epoch_1(r)) for n, r in judged.items()}, COLD_BAR),
        ("first epoch, stride 4", {n: _ratio(first_epoch_4(ours), first_epoch_4(r)) for n, r in judged.items()}, COLD_BAR),
        ("first epoch from the disk", {n: _ratio(from_disk(ours), from_disk(r)) for n, r in judged.items()}, COLD_BAR),
    ):
        known = {name: t for name, t in times.items() if t is not None}
        if known:
            best = min(known, key=lambda name: known[name])
            yield what, best, known[best], bar


def _why_not(rows: Results) -> list[str]:
    return [f"{name}: {row['why_not']}" for name, row in rows.items() if "why_not" in row]


def _n(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _x(times: float | None) -> str:
    return "" if times is None else f"×{times:.3g}"
