"""Planners by name, as the command line calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.worlds.planning.amortised import Amortised
from lifeworld.worlds.planning.cem import CEM
from lifeworld.worlds.planning.gradient import Gradient
from lifeworld.worlds.planning.icem import ICEM
from lifeworld.worlds.planning.mppi import MPPI
from lifeworld.worlds.planning.planner import Planner

PLANNERS: Mapping[str, Planner] = {"icem": ICEM(), "cem": CEM(), "mppi": MPPI(), "gradient": Gradient(), "amortised": Amortised()}
"""Each as it is published, or as it does well here."""


def planner_of(name: str, **how: Any) -> Planner:
    """The planner of this name, with some of its numbers changed; those that are None are left as they are.

    Raises:
        UnknownName: if there is none of this name.
        InputError: for a number that it has not, or cannot have.
    """
    if name not in PLANNERS:
        raise UnknownName("planner", name, PLANNERS)
    planner: Any = PLANNERS[name]
    known, given = {field.name for field in fields(planner)}, {key: value for key, value in how.items() if value is not None}
    if given.keys() - known:
        raise InputError(f"{name} has no {', '.join(sorted(given.keys() - known))}", expected=", ".join(sorted(known)))
    if "samples" in given and "elites" in known and "elites" not in given:
        given["elites"] = max(1, min(planner.elites, given["samples"] // 8))
    made: Planner = replace(planner, **given)
    return made
