"""Arenas by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lifeworld.core.errors import UnknownName
from lifeworld.worlds.planning.arena import Arena


def named(name: str) -> Arena:
    """The arena of this name.

    Raises:
        UnknownName: with the nearest names.
    """
    if name not in ARENAS:
        raise UnknownName("arena", name, ARENAS)
    return ARENAS[name]()


def _tworoom() -> Arena:
    from lifeworld.worlds.planning.arena_tworoom import ArenaTwoRoom

    return ArenaTwoRoom()


def _drawer() -> Arena:
    from lifeworld.worlds.planning.arena_drawer import drawer

    return drawer()


def _gap_table() -> Arena:
    from lifeworld.worlds.planning.arena_gap_table import gap_table

    return gap_table()


def _push_table() -> Arena:
    from lifeworld.worlds.planning.arena_push_table import push_table

    return push_table()


def _pusht() -> Arena:
    from lifeworld.worlds.planning.arena_pusht import ArenaPushT

    return ArenaPushT()


def _reacher() -> Arena:
    from lifeworld.worlds.planning.arena_reacher import ArenaReacher

    return ArenaReacher()


ARENAS: Mapping[str, Callable[[], Arena]] = {
    "drawer": _drawer,
    "gap_table": _gap_table,
    "push_table": _push_table,
    "pusht": _pusht,
    "reacher": _reacher,
    "tworoom": _tworoom,
}
"""What makes each; what an arena needs is loaded when it is."""
