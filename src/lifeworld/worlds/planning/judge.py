"""Errands gone about, each twice: with plans, and at random beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.seed import child_seed
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.errand import Errand, Pace
from lifeworld.worlds.planning.mind import Inside, Mind
from lifeworld.worlds.planning.planner import Planner
from lifeworld.worlds.planning.pursue import Pursuit, pursue
from lifeworld.worlds.planning.success import Price, Success, price, success
from lifeworld.worlds.planning.undirected import Undirected
from lifeworld.worlds.world import Observation, World


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What came of `errands` with plans (`pursuits`) and at random (`floors`), one of each for each."""

    errands: tuple[Errand, ...]
    pursuits: tuple[Pursuit, ...]
    floors: tuple[Pursuit, ...]

    @property
    def moderate(self) -> Success:
        """By the rules as published."""
        return success(self.pursuits, self.floors, strict=False)

    @property
    def strict(self) -> Success:
        """By the stricter ones."""
        return success(self.pursuits, self.floors, strict=True)

    @property
    def price(self) -> Price:
        """What a plan took."""
        return price(self.pursuits)


def judge(
    true: World[Any],
    errands: Iterable[Errand],
    *,
    mind: Mind,
    planner: Planner,
    pace: Pace,
    follow: int = 1,
    on_done: Callable[[Pursuit], None] | None = None,
) -> Judged:
    """Go about each errand with plans and at random. Nothing hangs on how many there are, or on their order.

    Args:
        true: the world that the errands are in.
        mind: where is planned, and `planner` how.
        follow: decisions of each plan that are followed before the next one.
        on_done: is told of each pursuit with plans.

    Raises:
        InputError: for no errand at all, and as `pursue`.
    """
    blind = Undirected(hold=pace.hold)
    done, pursuits, floors = [], [], []
    for errand in errands:
        pursuits.append(_gone(true, errand, mind, planner, errand.wanting(mind), pace, follow, errand.seed))
        floors.append(_gone(true, errand, Inside(true, pace.hold), blind, _Nothing(), pace, 1, child_seed(errand.seed, "random")))
        done.append(errand)
        if on_done is not None:
            on_done(pursuits[-1])
    if not done:
        raise InputError("nothing is to be reached", got="no errand", expected="1 or more")
    return Judged(errands=tuple(done), pursuits=tuple(pursuits), floors=tuple(floors))


def _gone(true: World[Any], errand: Errand, mind: Mind, planner: Planner, cost: Cost, pace: Pace, follow: int, seed: int) -> Pursuit:
    return pursue(
        true,
        errand.start,
        mind=mind,
        planner=planner,
        cost=cost,
        reached=errand.reached,
        hold=pace.hold,
        budget=pace.budget,
        seed=seed,
        follow=follow,
        steady=pace.still,
    )


class _Nothing:
    """What costs nothing: who plans nothing looks at no future."""

    signals: tuple[str, ...] = ()

    def of(self, seen: Observation) -> NDArray[np.float64]:
        return np.zeros((0, 0))
