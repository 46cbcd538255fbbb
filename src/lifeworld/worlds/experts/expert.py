"""Experts: agents that do a task by phases, see when a phase breaks, plan again from where things are then, and say all of it.

An expert sees the true state (`truth.py`). What it was doing, what broke and how often it has tried is its `phase` signal, kept in the
episode beside what it did: a failure and the recovery from it are one history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.core.seed import generator
from lifeworld.core.signal import PHASE_DTYPE
from lifeworld.scene.scene import Scene
from lifeworld.worlds.experts.carrying import Carrying
from lifeworld.worlds.experts.limb import Limb, limb_of
from lifeworld.worlds.experts.motion import Reference
from lifeworld.worlds.experts.opening import Opening
from lifeworld.worlds.experts.phase import BROKEN, PATIENCE_S, PHASES, Broken, Phase, Stuck
from lifeworld.worlds.experts.planner import Planner
from lifeworld.worlds.experts.pouring import Pouring
from lifeworld.worlds.experts.task import Task, TaskKind, task_of
from lifeworld.worlds.experts.touching import Pushing, Reaching
from lifeworld.worlds.experts.truth import Truth
from lifeworld.worlds.physics.compile import compile_scene
from lifeworld.worlds.world import Action, Observation, WorldSpec

STATUS = ("working", "failed", "recovering", "done", "gave_up")
MOST_TRIES, MOST_VAIN = 12, 4
"""How often it plans again in all, and how often on end where no plan is found, before it gives up."""
HAPPENED = "happened"
BLAMED_NS = 3_000_000_000
"""What breaks so soon after an event is put down to it. It is told to who reads the episode; the expert goes by what it sees."""
GRIP_PER_S = 3.0
"""How fast the fingers are told to open and close, as shares of their way."""

PLANNERS: Mapping[TaskKind, Callable[[Truth, Limb, Task], Planner]] = {
    "pick_and_place": Carrying,
    "open": Opening,
    "close": Opening,
    "pour": Pouring,
    "reach": Reaching,
    "push": Pushing,
}


class AgentExpert:
    """Does a task in one scene with one embodiment; the others rest.

    Args:
        task: as values, or in words (`pick_and_place:apple,plate`; `task_of`).
        scene: the scene the episode begins from; every thing has its pose.
        assets: the folder that the scene's imported assets lie under.
        embodiment: who does it; None is the first that has a gripper.

    Raises:
        InputError: for a task that is not one of this scene, or a scene with nobody to do it.
    """

    def __init__(self, task: Task | str, scene: Scene, *, assets: Path | str = ".", embodiment: str | None = None) -> None:
        self.task = task if isinstance(task, Task) else task_of(task, scene)
        self._compiled = compile_scene(scene, assets=Path(assets))
        self.truth = _truth(self._compiled, embodiment)
        self.name = self.truth.embodied.embodiment.name
        self.signals: tuple[str, ...] = self.truth.signals
        self.notes: Mapping[str, str] = {f"phase@{self.name}": "phase"}
        self.legend: Mapping[str, tuple[str, ...]] = {}

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._tick_s = spec.tick_ns * 1e-9
        self._causes = ("none", *spec.legend.get(HAPPENED, ()))
        self.signals = (*self.truth.signals, HAPPENED) if HAPPENED in spec.signals else self.truth.signals
        self.legend = {"phase": PHASES, "status": STATUS, "broken": BROKEN, "cause": self._causes}
        self._last_event, self._cause = (0, 0), 0
        self.limb = limb_of(self.truth, spec.action(self.name), self._tick_s, generator(seed, "expert", self.task.kind))
        self._planner = PLANNERS[self.task.kind](self.truth, self.limb, self.task)
        self._phases: list[Phase] | None = None
        self._way: list[Any] = []
        self._since_ns, self._share = 0, 1.0
        self._reference: Reference | None = None
        self._wrong_ns: dict[Broken, int] = {}
        self._tries, self._status, self._broken, self._mends = 0, "working", "none", ""
        self._name, self._vain = "rest", 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        assert observation is not None
        self.truth.see(observation)
        if HAPPENED in observation:
            for row in observation[HAPPENED]:
                self._last_event = (time_ns, int(row["event"]) + 1)
        here = self.truth.grip_pose()
        if self._reference is None:
            self._reference, self._share = Reference(here), self.truth.share()
        try:
            phase = self._phase(time_ns)
            while self._over(phase, time_ns):
                phase = self._next(phase, time_ns)
            self._follow(phase, here, time_ns)
        except Stuck as stuck:
            self._fail(stuck.broken, time_ns)
            phase = self._now
        most = GRIP_PER_S * self._tick_s
        self._share += float(np.clip(phase.share - self._share, -most, most))
        return {self.name: self.limb.act(self._reference.pose, self._share)}

    def noted(self) -> Mapping[str, NDArray[Any]]:
        """What the expert was doing during the last step: stream `phase@EMBODIMENT`, one row."""
        row = (
            PHASES.index(self._name),
            STATUS.index(self._status),
            BROKEN.index(self._broken),
            self._cause,
            self._tries,
        )
        return {f"phase@{self.name}": np.array([row], dtype=PHASE_DTYPE)}

    # -- phases ------------------------------------------------------------------------------------------------------------

    @property
    def _now(self) -> Phase:
        assert self._phases
        return self._phases[0]

    def _phase(self, time_ns: int) -> Phase:
        if self._phases is None:
            self._enter(self._planner.plan(), time_ns)
        elif not self._phases:  # what came after a failure is over
            self._status = "recovering"
            self._enter(self._planner.plan(), time_ns)
        return self._now

    def _enter(self, phases: list[Phase], time_ns: int) -> None:
        """Begin the first of these phases."""
        self._phases, self._since_ns, self._wrong_ns = phases, time_ns, {}
        self._name = phases[0].name
        self._way = list(phases[0].way()) if phases[0].way is not None else []
        if self._name == "watch":
            self._status, self._broken, self._cause = "done", "none", 0

    def _next(self, phase: Phase, time_ns: int) -> Phase:
        assert self._phases
        if self._status == "recovering" and phase.name == self._mends:
            self._status, self._broken, self._cause = "working", "none", 0
        self._phases.pop(0)
        if self._phases:
            self._enter(self._phases, time_ns)
        return self._phase(time_ns)

    def _over(self, phase: Phase, time_ns: int) -> bool:
        """Whether the phase is done.

        Raises:
            Stuck: if something that has to hold does not, or it takes too long.
        """
        lasts_s = (time_ns - self._since_ns) * 1e-9
        for broken, holds in phase.keep:
            since = self._wrong_ns.setdefault(broken, time_ns) if not holds() else self._wrong_ns.pop(broken, time_ns)
            if broken in self._wrong_ns and (time_ns - since) * 1e-9 >= PATIENCE_S:
                raise Stuck(broken)
        there = not phase.arrive or self._arrived(phase)
        if there and lasts_s >= phase.least_s and (phase.until is None or phase.until()):
            return True
        if lasts_s > phase.most_s:
            if phase.late == "none":
                return True
            raise Stuck(phase.late)
        return False

    def _arrived(self, phase: Phase) -> bool:
        if phase.way is None:
            return phase.follow is None
        assert self._reference is not None
        here, end = self.truth.grip_pose(), self._way[-1]
        off = float(np.linalg.norm(here.position_m - end.position_m))
        turned = float(np.arccos(np.clip(abs(float(here.quat_wxyz @ end.quat_wxyz)), 0.0, 1.0))) * 2
        return len(self._way) == 1 and off < 0.006 and turned < 0.06

    def _follow(self, phase: Phase, here: Any, time_ns: int) -> None:
        assert self._reference is not None
        if phase.follow is not None:
            self._way = [phase.follow((time_ns - self._since_ns) * 1e-9)]
        if self._way:
            passed = self._reference.onward(self._way, here, speed_m_s=phase.speed_m_s, tick_s=self._tick_s)
            del self._way[:passed]

    def _fail(self, broken: Broken, time_ns: int) -> None:
        """Something broke: remember what and in which phase, and get clear of it; then it is planned anew."""
        self._mends = self._name if self._status != "recovering" else self._mends
        self._tries += 1
        self._status, self._broken = "failed", broken
        at_ns, event = self._last_event
        self._cause = event if event < len(self._causes) and time_ns - at_ns <= BLAMED_NS else self._cause
        self._vain = self._vain + 1 if broken in ("no_grasp", "no_place", "no_way", "spilt") else 0
        if self._tries >= MOST_TRIES or self._vain >= MOST_VAIN:
            self._status = "gave_up"
            rest = Phase(name="give_up", share=self._share, until=lambda: False, arrive=False, most_s=np.inf)
            self._enter([rest], time_ns)
            return
        self._reference = Reference(self.truth.grip_pose())
        self._enter(self._planner.back_off(), time_ns)


def _truth(compiled: Any, embodiment: str | None) -> Truth:
    """The truth for the embodiment, or for the first that has a gripper."""
    if embodiment is not None:
        return Truth(compiled, embodiment)
    for one in compiled.scene.embodiments:
        try:
            return Truth(compiled, one.name)
        except SceneError:
            continue
    raise SceneError(
        "nobody in this scene has a gripper",
        where=f"scene {compiled.scene.name!r}",
        fix='Add an embodiment of kind = "hand", or a robot with two fingers.',
    )
