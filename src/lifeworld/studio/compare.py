"""Branches as a page shows them side by side: the words of `worlds/whatif`, curves short enough to be sent, all states to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.studio import wire
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif.branches import Parting
from lifeworld.worlds.whatif.divergence import Side
from lifeworld.worlds.whatif.report import as_json, gathered, sentence
from lifeworld.worlds.whatif.whatif import WhatIf

MOST_POINTS = 240
MOST_CURVES = 24
SIDES: tuple[Side, Side] = ("base", "branch")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a viewer looks at: the states of all branches, one a tick from where they part, as many of each."""

    tick: int
    ways: tuple[list[Any], ...]

    def at(self, tick: int) -> tuple[Any, ...]:
        """Their states so many ticks after the parting; the last ones for what is later."""
        index = min(max(tick, 0), len(self.ways[0]) - 1)
        return tuple(way[index] for way in self.ways)


def said(seq: int, nodes: Sequence[int], apart: Parting, found: Sequence[WhatIf], line: Timeline[Any]) -> wire.Compared:
    """The answer to `compare`. Curves are what the things were farthest apart in each of at most MOST_POINTS stretches of time."""
    reports = [as_json(one) for one in found]
    of_all = zip(*(report["outcomes"] for report in reports), strict=True)
    return wire.Compared(
        seq=seq,
        nodes=tuple(nodes),
        node=apart.node,
        node_said=line.nodes[apart.node].said,
        tick=apart.tick,
        ticks=apart.ticks,
        lived=tuple(way.lived for way in apart.ways),
        said=tuple(way.said for way in apart.ways),
        others=tuple(_against(one, report) for one, report in zip(found, reports, strict=True)),
        outcomes=tuple({"outcome": rows[0]["outcome"], "results": [rows[0]["base"], *(row["branch"] for row in rows)]} for rows in of_all),
    )


def _against(found: WhatIf, report: dict[str, Any]) -> wire.Against:
    apart = found.divergence
    times_s: list[float] = []
    for row, moved in zip(report["moved"], apart.moved, strict=True):
        begins = _begins(len(moved.apart_m))
        times_s = moved.times_s[begins].round(4).tolist()
        row["apart_m"] = _most(moved.apart_m, begins)
        del row["turned_rad"]
    return wire.Against(
        nothing=apart.nothing,
        times_s=times_s,
        moved=tuple(report["moved"][:MOST_CURVES]),
        more=max(0, len(report["moved"]) - MOST_CURVES),
        first_touch=report["first_touch"],
        relations=tuple(report["relations"]),
        events=tuple(
            {"side": side, "time_s": told.time_s, "told": sentence(told), "times": times}
            for side in SIDES
            for told, times in gathered(apart.events, side)
        ),
        came=apart.came,
        gone=apart.gone,
    )


def _begins(ticks: int) -> NDArray[np.int64]:
    return np.arange(0, ticks, -(-ticks // MOST_POINTS))


def _most(apart_m: NDArray[np.float64], begins: NDArray[np.int64]) -> list[float | None]:
    most = np.fmax.reduceat(apart_m, begins)
    return [round(float(m), 6) if np.isfinite(m) else None for m in most]
