"""Undo and redo of a scene, by inverse edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lifeworld.core.errors import EditError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.edit.apply import apply
from lifeworld.scene.edit.describe import describe
from lifeworld.scene.edit.inverse import inverse
from lifeworld.scene.edit.plan import EditPlan, Edits, edits_of
from lifeworld.scene.scene import Scene

MOST = 1_000
"""How many steps back are kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done, in words, and the plans that lead over it; each exact, with nothing left to be placed."""

    told: str
    there: EditPlan
    back: EditPlan


@dataclass(frozen=True, slots=True)
class History:
    """A scene with how it came about: the steps `done`, the latest last, and those `undone`, the next to come last.

        history = History(scene).do(Remove("mug"))
        history.undo().scene == scene

    A value, like what it holds: keep one and the other way is kept too.
    """

    scene: Scene
    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def do(self, edits: Edits, *, seed: int = 0, assets: Mapping[str, Assembly] | None = None) -> History:
        """With the edits made, as one step; what was undone before is let go.

        Raises:
            EditError, SceneError: as `apply`; the history is as it was.
        """
        plan = edits if isinstance(edits, EditPlan) else EditPlan(edits_of(edits))
        after = apply(self.scene, plan, seed=seed, assets=assets)
        back = inverse(self.scene, plan, seed=seed, assets=assets)
        there = replace(inverse(after, back, assets=assets), said=plan.said, evidence=plan.evidence)
        return History(after, (*self.done, Step(plan.said or describe(plan), there, back))[-MOST:])

    def undo(self, *, assets: Mapping[str, Assembly] | None = None) -> History:
        """As it was before the last step.

        Raises:
            EditError: if there is none.
        """
        if not self.done:
            raise EditError("there is nothing to undo", reason="cannot")
        *before, last = self.done
        return History(apply(self.scene, last.back, assets=assets), tuple(before), (*self.undone, last))

    def redo(self, *, assets: Mapping[str, Assembly] | None = None) -> History:
        """As it was before the last undo.

        Raises:
            EditError: if there is none.
        """
        if not self.undone:
            raise EditError("there is nothing to redo", reason="cannot")
        *before, last = self.undone
        return History(apply(self.scene, last.there, assets=assets), (*self.done, last), tuple(before))
