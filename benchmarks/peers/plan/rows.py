"""The rows of docs/benchmarks.md that a table of planning models gives: what each reaches, and how much more ours does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.row import Row


def rows(said: dict[str, Any], others: float | None) -> list[tuple[Row, float | None]]:
    """Of a table as it is kept in out/bench-peers-plan.json; its numbers are of processor time, which others' work lengthens too."""
    return [(row, others) for line in said["lines"] for row in _of(line, said)]


def _of(line: dict[str, Any], said: dict[str, Any]) -> Iterator[Row]:
    name = f"{said['world']}, {said['seconds']:g} s of one core, seed {said['seed']}, {line['name']}"
    if "moderate" not in line:
        yield Row(f"{name}: goals reached", None, "", note=line["note"])
        return
    went, goals = line["learned"], said["errands"]
    reached, low, high = line["moderate"]["reached"]
    yield Row(f"{name}: goals reached", reached, "%", n=goals, note=f"{went['numbers']:.2f} M numbers; 95 %: {low:.0f} to {high:.0f}")
    if "excess_ours" in line["moderate"]:
        more, low, high = line["moderate"]["excess_ours"]
        yield Row("  ours reaches more by", more, "points", n=goals, note=f"95 %: {low:.0f} to {high:.0f}")
    yield Row("  at random", line["moderate"]["random"][0], "%", n=goals)
    yield Row("  what is probed for, by real pictures: r", line["real_r"], "")
    yield Row("  by what is foreseen five ahead: r", line["imagined_r"], "")
    yield Row("  learned, in clips", went["samples_per_s"], "1/s", note=f"{went['pictures_a_sample']} pictures each")
    yield Row("  a plan", line["plan_ms"], "ms")
