"""The watch: outcomes followed through many futures of one scene, tick by tick, cheaply enough for thousands of them.

It reads state rows (`mjSTATE_INTEGRATION`), the vectors of `PhysicsState` and of `mujoco.batch.Batch` alike, and asks the engine only
where contacts decide. What it has seen is a value: kept beside the states, it is forked, dropped and gone on from as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import LimitError, StateError
from lifeworld.scene.condition import Condition
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.possible import check_outcome
from lifeworld.scene.predicate import PREDICATES, PredicateName
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.asset import stand_ins
from lifeworld.worlds.physics.compile import TICK_NS, Compiled
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.physics.watch.hits import Hits
from lifeworld.worlds.physics.watch.motion import Falls, Motion, Moves
from lifeworld.worlds.physics.watch.parting import FallsOff, Leaves, Spills
from lifeworld.worlds.physics.watch.term import Becomes, Memory, Term
from lifeworld.worlds.physics.watch.where import Aside, Carried, Held, Inside, Nearer, Touching

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Truth = NDArray[np.bool_]

TICK_S = TICK_NS * 1e-9
NEVER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen of futures (n,) until now: `tick` since the watch began, what each term remembers, and of each outcome (n, outcomes)

    the tick in which it first held (`held`) and first did not hold (`failed`) within the time that counts, −1 for never yet; and whether
    it held when that time was over (`last`).
    """

    tick: int
    memory: tuple[Memory, ...]
    held: Ints
    failed: Ints
    last: Truth

    def __len__(self) -> int:
        return len(self.held)

    def take(self, which: ArrayLike) -> Seen:
        """Of some of the futures, by their numbers or a mask: how they are dropped, kept and forked."""
        rows = np.asarray(which)
        memory = tuple(tuple(part[rows] for part in parts) for parts in self.memory)
        return Seen(self.tick, memory, self.held[rows], self.failed[rows], self.last[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What is so of outcomes (n, outcomes) if the futures end here: `came` true, is `decided` whatever comes, and when [s] that was.

    `time_s` is when what was waited for came (ever), or what was not to be (never, always) did; NaN where neither has.
    """

    came: Truth
    decided: Truth
    time_s: Array


class Watch:
    """Follows outcomes through futures of a compiled scene.

    Args:
        compiled: the scene as the engine has it.
        scene: the scene as it is written, whose spaces `compiled` does not know.
        outcomes: what is asked.

    Raises:
        UnknownName, SceneError: for an outcome that speaks of what is not there, or that can never come true.
    """

    def __init__(self, compiled: Compiled, scene: Scene, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            check_outcome(outcome, scene, stand_ins(scene, compiled.assets))
        self.compiled, self.scene, self.outcomes = compiled, scene, tuple(outcomes)
        conditions = list(dict.fromkeys(c for outcome in outcomes for c in outcome.conditions))
        self._terms = _terms(compiled, scene, conditions)
        order = [c for term in self._terms for c in term.conditions]
        positive = {c: i for i, c in enumerate(order)}
        self._of = [np.array([positive[_affirmed(c)] for c in o.conditions], dtype=np.int64) for o in outcomes]
        self._is = [np.array([c.holds for c in o.conditions], dtype=bool) for o in outcomes]
        self._from = np.array([math.ceil(round(o.after_s / TICK_S, 6)) for o in outcomes], dtype=np.int64)
        last = np.iinfo(np.int64).max
        self._until = np.array(
            [last if o.within_s is None else math.floor(round(o.within_s / TICK_S, 6)) for o in outcomes], dtype=np.int64
        )
        self._how = np.array([o.how for o in outcomes], dtype="<U8")

    @classmethod
    def of(cls, state: PhysicsState, outcomes: Sequence[Outcome]) -> Watch:
        """The watch of futures that begin at a state."""
        return cls(state.compiled, state.scene, outcomes)

    def begin(self, rows: ArrayLike) -> Seen:
        """The watch begins with state rows (n, size): what has happened since counts from here."""
        rows = self._rows(rows)
        memory = tuple(term.begin(rows) for term in self._terms)
        never = np.full((len(rows), len(self.outcomes)), NEVER, dtype=np.int64)
        return self._told(0, memory, never, never, np.zeros(never.shape, dtype=bool))

    def after(self, seen: Seen, rows: ArrayLike, *, ticks: int = 1) -> Seen:
        """What has been seen when the futures, so many ticks later, are at state rows (n, size).

        Raises:
            StateError: for rows that are not those of these futures.
        """
        rows = self._rows(rows)
        if len(rows) != len(seen):
            raise StateError("other futures than were seen before", got=f"{len(rows)} rows", expected=f"{len(seen)}")
        if ticks < 1:
            raise LimitError("time goes on by ticks", got=ticks, expected="1 or more")
        memory = tuple(term.after(m, rows, ticks * TICK_S) for term, m in zip(self._terms, seen.memory, strict=True))
        return self._told(seen.tick + ticks, memory, seen.held, seen.failed, seen.last)

    def verdict(self, seen: Seen) -> Verdict:
        """What came true if the futures end here."""
        how, held, failed = self._how, seen.held, seen.failed
        over = seen.tick >= self._until
        came = np.where(
            how == "ever", held != NEVER, np.where(how == "never", held == NEVER, np.where(how == "always", failed == NEVER, seen.last))
        )
        begun = seen.tick >= self._from
        early = np.where(how == "ever", held != NEVER, np.where(how == "never", held != NEVER, (how == "always") & (failed != NEVER)))
        tick = np.where(how == "always", failed, np.where(how == "at_end", NEVER, held))
        time_s = np.where(tick == NEVER, np.nan, tick * TICK_S)
        return Verdict(came=came & (begun | (how == "never")), decided=early | over, time_s=time_s)

    def _told(self, tick: int, memory: tuple[Memory, ...], held: Ints, failed: Ints, last: Truth) -> Seen:
        """What was seen, with the conditions of this tick weighed for every outcome whose time it is."""
        so = np.concatenate([np.zeros((len(held), 0), dtype=bool), *[m[0] for m in memory]], axis=1)
        held, failed, last = held.copy(), failed.copy(), last.copy()
        for i, outcome in enumerate(self.outcomes):
            if not self._from[i] <= tick <= self._until[i]:
                continue
            now = (so[:, self._of[i]] == self._is[i]).sum(axis=1) >= outcome.needed
            held[(held[:, i] == NEVER) & now, i] = tick
            failed[(failed[:, i] == NEVER) & ~now, i] = tick
            last[:, i] = now
        return Seen(tick, memory, held, failed, last)

    def _rows(self, rows: ArrayLike) -> Array:
        given = np.asarray(rows, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != self.compiled.state_size:
            raise StateError("these are no state rows of this scene", got=given.shape, expected=f"(n, {self.compiled.state_size})")
        return given


def _affirmed(condition: Condition) -> Condition:
    return condition if condition.holds else replace(condition, holds=True)


def _terms(compiled: Compiled, scene: Scene, conditions: list[Condition]) -> list[Term]:
    """The terms that follow conditions, each once; those of single things together."""
    spaces = {space.name: space for space in scene.spaces}
    alike: dict[PredicateName, list[Condition]] = {}
    terms: list[Term] = []
    for condition in dict.fromkeys(map(_affirmed, conditions)):
        match condition.predicate:
            case "on" | "in":
                space = spaces.get(condition.to or "") if condition.predicate == "in" else None
                terms.append(Carried(compiled, condition) if space is None else Inside(compiled, condition, space))
            case "falls_off":
                terms.append(FallsOff(compiled, condition))
            case "leaves":
                terms.append(Leaves(compiled, condition, spaces.get(condition.to or "")))
            case "spills":
                terms.append(Spills(compiled, condition))
            case "hits":
                terms.append(Hits(compiled, condition))
            case "touching":
                terms.append(Touching(compiled, condition))
            case "nearer":
                terms.append(Nearer(compiled, condition))
            case "held":
                terms.append(Held(compiled, condition))
            case _ if PREDICATES[condition.predicate].to == "thing":
                terms.append(Aside(compiled, condition))
            case _:
                alike.setdefault(condition.predicate, []).append(condition)
    for predicate, some in alike.items():
        together = tuple(some)
        if predicate in BECOMES:
            inner = tuple(replace(c, predicate=BECOMES[predicate]) for c in some)
            terms.append(Becomes(together, Motion(compiled, inner)))
        else:
            terms.append(GROUPED.get(predicate, Motion)(compiled, together))
    return terms


BECOMES: dict[PredicateName, PredicateName] = {"tips_over": "toppled", "opens": "open", "closes": "closed"}
"""What happens when a state begins that was not."""
GROUPED: dict[PredicateName, type[Falls] | type[Moves]] = {"falls": Falls, "moves": Moves}
