"""Every law a bundle keeps: `check` names all that is broken, not the first.

    for problem in check("out/tabletop"):
        print(problem)                       # where: what; got …, expected … How to mend it.

Nothing is written, no lock is taken, and no file is trusted: what cannot be opened is a problem, not an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lifeworld.core.errors import LifeworldError
from lifeworld.episode.bundle import Bundle
from lifeworld.episode.check.episodes import check_episodes
from lifeworld.episode.check.files import ERASE_AGAIN, check_sealed, check_snapshots, check_strays
from lifeworld.episode.check.ledger import check_ledger
from lifeworld.episode.check.problem import Problem
from lifeworld.episode.head import read_info
from lifeworld.episode.index import Index
from lifeworld.episode.keys import Keys
from lifeworld.episode.ledger import ERASING
from lifeworld.episode.view import check_view

__all__ = ["Problem", "check"]


def check(what: Bundle | Path | str, *, deep: bool = False, keys: Keys | None = None) -> list[Problem]:
    """All that is wrong with a bundle as it lies on the disk now, warnings among it; empty if nothing is.

    Args:
        deep: read and decode every value, not a few of each stream.
        keys: open what is encrypted; those of this person on this machine if None.
    """
    root = what.path if isinstance(what, Bundle) else Path(what)
    return [_from_root(problem, root) for problem in _problems(root, keys or Keys(), deep=deep)]


def _problems(root: Path, keys: Keys, *, deep: bool) -> Iterator[Problem]:
    if not root.is_dir():
        yield Problem(where=str(root), what="there is no such folder", fix="Give the folder of a bundle.")
        return
    if not any(root.iterdir()):
        yield Problem(where=str(root), what="the folder is empty", expected="a bundle", fix="`lifeworld import` makes one.")
        return
    try:
        head = read_info(root).head
    except LifeworldError as error:
        yield Problem.of(error, where=str(root))
        return
    if (root / ERASING).exists():
        yield Problem(where=ERASING, what="an erasure or another change was cut off", fix=ERASE_AGAIN)
    try:
        keys.outside(root)
    except LifeworldError as error:
        yield Problem.of(error, where=str(keys.folder))
    sealed, broken = check_snapshots(root, head)
    yield from broken
    yield from check_sealed(root, sealed)
    yield from check_strays(root, head, sealed)
    try:
        bundle = Bundle(root, keys=keys)
    except LifeworldError as error:
        yield Problem.of(error, where=f"{head.index}-*.parquet")
        return
    every = Index.read(root, head.index, head.episodes)  # with what was set aside
    yield from check_episodes(root, head, every, sealed, keys=keys, deep=deep)
    yield from check_ledger(root, every)
    yield from _check_view(bundle)


def _from_root(problem: Problem, root: Path) -> Problem:
    """Paths told from the root on: whoever asked knows where that is."""

    def short(said: str) -> str:
        return said.replace(f"{root}/", "").replace(f"{root}: ", "")

    got, expected = (said if said is None else short(said) for said in (problem.got, problem.expected))
    return replace(problem, where=short(problem.where), what=short(problem.what), got=got, expected=expected)


def _check_view(bundle: Bundle) -> Iterator[Problem]:
    try:
        for said in check_view(bundle.path, bundle):
            where, _, what = said.partition(": ")
            yield Problem(where=where, what=what)
    except (LifeworldError, OSError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        yield Problem(where="meta", what="the LeRobot view cannot be looked at", got=f"{type(error).__name__}: {error}")
