"""An engine on trial: where it starts, what it does, and whether two things seen are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene import edit as edits
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.world import Action, Observation, World, WorldSpec


class LawBroken(AssertionError):
    """Something does not keep a law that it must keep."""


class Trial:
    """An engine on trial: the world, where it starts, how long each law runs, and how much a repeat may differ (0: not a bit)."""

    def __init__(
        self,
        world: World[Any],
        start: Any,
        *,
        seed: int = 0,
        ticks: int = 8,
        tolerance: float = 0.0,
        signals: Sequence[str] | None = None,
        edit: edits.Edit | None = None,
    ) -> None:
        self.world, self.start, self.seed, self.ticks, self.tolerance = world, start, seed, ticks, tolerance
        self.first = world.reset(start, seed=seed)
        self.spec: WorldSpec = world.spec
        self.signals = tuple(self.spec.signals) if signals is None else self.spec.streams(signals)
        self.edit = edit

    def actions(self, name: str = "actions") -> list[Action]:
        """The same random actions each time they are asked for."""
        rng = generator(self.seed, "law", name)
        return [{a.name: rng.uniform(a.low, a.high) for a in self.spec.actions} for _ in range(self.ticks)]

    def run(self, state: Any, actions: Sequence[Action]) -> tuple[Any, list[Observation]]:
        seen = []
        for action in actions:
            state = self.world.step(state, action)
            seen.append(self.world.observe(state, self.signals))
        return state, seen

    def run_on(self, state: Any) -> None:
        """Steps a state of which nothing more is asked."""
        for action in self.actions("elsewhere"):
            state = self.world.step(state, action)

    def change(self, state: Any) -> edits.Edit:
        """The edit to try: the one given, or a block that appears above everything."""
        return self.edit or edits.Add(thing=Thing(name="law_block", kind="block", pose=free_pose(self.world.scene(state))))

    def same(self, law: str, a: Observation, b: Observation, when: str) -> None:
        if a.values.keys() != b.values.keys() or a.time_ns != b.time_ns:
            raise LawBroken(f"{law}: other streams or times {when}")
        for stream in a.values:
            if not close(a.values[stream], b.values[stream], self.tolerance):
                raise LawBroken(f"{law}: {stream} differs {when}: {difference(a.values[stream], b.values[stream])}")

    def bytes_of(self, state: Any) -> bytes:
        return self.world.save(state)


def free_pose(scene: Scene) -> Pose:
    """High above everything, so that the edit collides with nothing."""
    top = max([0.0, *(float(t.pose.position_m[2]) for t in scene.things if t.pose is not None)])
    return Pose((0.0, 0.0, top + 5.0))


def close(a: NDArray[Any], b: NDArray[Any], tolerance: float) -> bool:
    """Whether two values are equal, NaN to NaN; of floats to within `tolerance`."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.names:
        return all(close(a[name], b[name], tolerance) for name in a.dtype.names)
    if a.dtype == object:
        return all(close(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if tolerance == 0.0 or a.dtype.kind != "f":
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))


def difference(a: NDArray[Any], b: NDArray[Any]) -> str:
    """In words, how two values differ."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return f"{a.dtype}{a.shape} and {b.dtype}{b.shape}"
    if a.dtype.names or a.dtype == object:
        return "values"
    with np.errstate(invalid="ignore"):
        return f"by up to {np.nanmax(np.abs(a.astype(np.float64) - b.astype(np.float64))):g}"
