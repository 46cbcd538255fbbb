"""The rows of docs/benchmarks.md that a table of planning models gives: what each reaches, and how much more ours does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.row import Row


def rows(said: dict[str, Any], others: float | None) -> list[tuple[Row, float | None]]:
    """Of a table as it is kept in out/bench-peers-plan.json; its numbers are of processor time, which others' work lengthens too."""
    return [(row, others) for mean in said["means"] for row in _of(mean, said)]


def _of(mean: dict[str, Any], said: dict[str, Any]) -> Iterator[Row]:
    name = f"{said['world']}, {said['seconds']:g} s of one core, {mean['name']}"
    if not mean["seeds"]:
        why = next(line["note"] for line in said["lines"] if line["name"] == mean["name"])
        yield Row(f"{name}: goals reached", None, "", note=why)
        return
    goals, each = said["errands"], ", ".join(f"{share:.0f}" for share in mean["moderate"]["each"])
    reached, low, high = mean["moderate"]["reached"]
    note = f"{mean['numbers']:.2f} M numbers; mean of trainings with {each}; 95 %: {low:.0f} to {high:.0f}"
    yield Row(f"{name}: goals reached", reached, "%", n=goals, note=note)
    if "ours_more" in mean["moderate"]:
        more, low, high = mean["moderate"]["ours_more"]
        yield Row("  ours reaches more by", more, "points", n=goals, note=f"95 %: {low:.0f} to {high:.0f}")
    yield Row("  at random", mean["moderate"]["random"][0], "%", n=goals)
    yield Row("  what is probed for, by real pictures: r", mean["real_r"], "")
    yield Row("  by what is foreseen five ahead: r", mean["imagined_r"], "")
    yield Row("  learned, in clips", mean["samples_per_s"], "1/s", note=f"{mean['pictures_a_sample']:g} pictures each")
    yield Row("  a plan", mean["plan_ms"], "ms")
