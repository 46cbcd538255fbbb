"""What is done in a session's world: acts and sentences, changes and branches; a world and its timeline, used by one thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EditError, InputError
from lifeworld.scene import edit as edits
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics import asset
from lifeworld.worlds.recording import WorldRecording
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif.change import Change, change_of
from lifeworld.worlds.world import World


class Story:
    """A world, its timeline (`line`), and what embodiments do until they are told otherwise (`held`).

    `recorded` ticks of the first node are a recording. `along` is whether ticks go along what was done once, or begin a branch beside it.
    """

    def __init__(self, world: World[Any], line: Timeline[Any], *, recorded: int = 0) -> None:
        self.world, self.line = world, line
        self.recorded, self._along = recorded, recorded > 0
        self.held: dict[str, NDArray[np.float64]] = {}
        self._spoken: tuple[str, ...] = ()

    @property
    def tick_s(self) -> float:
        return self.world.spec.tick_ns * 1e-9

    @property
    def time_s(self) -> float:
        """How long it has gone on, from the first state of this branch to now [s]."""
        return self.line.tick * self.tick_s

    @property
    def scene(self) -> Scene:
        return self.world.scene(self.line.state)

    def act(self, embodiment: str, value: list[float]) -> None:
        """What an embodiment does from now on.

        Raises:
            ActionError, InputError: for nobody, or numbers that are not its.
        """
        spec = self.world.spec.action(embodiment)
        numbers = np.asarray(value, dtype=np.float64)
        if numbers.shape != (spec.size,) or not np.isfinite(numbers).all():
            raise InputError("an action has the size of its spec, and finite numbers", got=len(value), expected=spec.size)
        self.held[embodiment] = numbers
        if not np.array_equal(numbers, spec.rest):
            self.along = False  # who takes hold of something is in it from now on

    @property
    def along(self) -> bool:
        return self._along

    @along.setter
    def along(self, wanted: bool) -> None:
        """In a recording that nobody can step into there is no other way."""
        self._along = wanted or isinstance(self.world, WorldRecording)

    @property
    def ends(self) -> bool:
        """Whether time cannot go on here: it went along what was done once, and that is over."""
        return self._along and self.line.now.ticks >= self.line.nodes[self.line.now.node].course.ticks

    def tick(self) -> None:
        """A tick on, by what is held, or along what was done once.

        Raises:
            InputError: at its end.
            Diverged, ActionError: as the world does.
        """
        self.line = self.line.again(self.world) if self._along else self.line.step(self.world, self.held)

    def asked(self, text: str, selected: list[str]) -> Change:
        """A sentence as what is to be done: edits, events that happen now, or later.

        Raises:
            WordsError, EditError: for what cannot be followed, or not here.
        """
        self._check_editable()
        scene = self.scene
        known = set(scene.names())
        last = tuple(name for name in dict.fromkeys((*selected, *self._spoken)) if name in known)
        return change_of(text, scene, now_s=self._now_s, last=last, assets=self._assets(scene))

    def planned(self, plan: bytes) -> Change:
        """An edit plan, as the page sends it.

        Raises:
            EditError: for what is none, or none here.
        """
        self._check_editable()
        return change_of(edits.decode(plan, source="the page"), self.scene, now_s=self._now_s)

    def placed(self, change: Change) -> tuple[Thing, ...]:
        """The things that a change would put elsewhere, where it would put them.

        Raises:
            EditError, PlacementError: where nothing can be placed; it says why, as doing it would.
        """
        scene = there = self.scene
        for step in change.steps:
            if isinstance(step, edits.EditPlan):
                there = edits.apply(there, step, seed=self.line.state.tick, assets=self._assets(there))
        before = {thing.name: thing for thing in scene.things}
        return tuple(t for t in there.things if t.pose is not None and (t.name not in before or before[t.name].pose != t.pose))

    def make(self, change: Change) -> None:
        """A change made true: plans settled and verified, events begun; a branch of the timeline.

        Raises:
            EditError, SceneError, PlacementError: as the world does; nothing is changed.
        """
        state = change.made(self.world, self.line.state)
        self.along = False
        self.line, self._spoken = self.line.then(state, change.said), change.spoken
        self.held = {name: value for name, value in self.held.items() if any(a.name == name for a in self.world.spec.actions)}

    def heed(self) -> None:
        """Let the world speak of the state that is now again, after it was used for another."""
        if self.world.spec.editable:
            self.world.edit(self.line.state, ())

    @property
    def _now_s(self) -> float:
        return float(self.line.state.tick * self.tick_s)

    def _assets(self, scene: Scene) -> Mapping[str, Assembly]:
        return asset.stand_ins(scene, getattr(self.world, "assets", Path()))

    def _check_editable(self) -> None:
        if not self.world.spec.editable:
            raise EditError("this world cannot be changed by words", reason="cannot", fix="Games and dreams are as they are: act in them.")
