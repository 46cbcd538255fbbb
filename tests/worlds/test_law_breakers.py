"""Do the laws of the World protocol catch anything? Physics broken in one way after another, and the law that must notice each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lifeworld.core.errors import LifeworldError, SignalUnavailable
from lifeworld.core.origin import Origin
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.testing import Law, LawBroken, Trial, check_world
from lifeworld.testing.world import (
    law_clock,
    law_edit_and_back,
    law_edit_is_a_fork,
    law_failure_changes_nothing,
    law_forks,
    law_looks_ahead,
    law_parts_are_the_whole,
    law_repeats,
    law_rest_and_bounds,
    law_rollout_is_stepping,
    law_saves,
    law_scene_can_be_written,
    law_spec_is_true,
    law_state_is_a_value,
    law_unknown_signal_is_refused,
)
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.world import Observation, WorldSpec

SIGNALS = ("position_m", "quat_wxyz", "linear_velocity_m_s", "embodiment_state", "contacts", "flow_forward@small")
START = Scene(
    name="start",
    things=(
        Thing(name="mug", kind="mug", pose=Pose((0.3, 0.0, 0.0))),
        Thing(name="ball", kind="ball", pose=Pose((0.1, -0.3, 0.2)), linear_velocity_m_s=(0.5, 0, 0), angular_velocity_rad_s=(1, 2, 3)),
    ),
    cameras=(CameraMount(name="small", pose=Pose.look_at((0.2, -1.0, 0.5), (0.2, 0, 0.1)), width_px=16, height_px=12),),
    embodiments=(Embodiment(name="hand", kind="hand", pose=Pose((0.0, 0.0, 0.35))), Embodiment(name="p", kind="pusher")),
)


def nudged(state: PhysicsState, by: float = 1e-12) -> PhysicsState:
    vector = state.vector.copy()
    vector[2] += by
    return replace(state, vector=vector)


class LooksMove(WorldPhysics):
    """Looking moves the clock inside the state."""

    def observe(self, state: PhysicsState, signals: Any, **ahead: Any) -> Observation:
        seen = super().observe(state, signals, **ahead)
        state.vector.flags.writeable = True
        state.vector[0] += 1e-3
        return seen


class StepsShare(WorldPhysics):
    """A step writes into the state it was given."""

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        after = super().step(state, action)
        state.vector.flags.writeable = True
        state.vector[:] = after.vector
        return after


class Moody(WorldPhysics):
    """Every step is a little different."""

    count = 0

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        self.count += 1
        return nudged(super().step(state, action), 1e-12 * self.count)


class Restless(WorldPhysics):
    """Every reset starts elsewhere."""

    count = 0

    def reset(self, start: Scene, *, seed: int) -> PhysicsState:
        self.count += 1
        return nudged(super().reset(start, seed=seed), 1e-9 * self.count)


class Deaf(WorldPhysics):
    """Actions do nothing."""

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        for name, value in action.items():
            assert self.spec.action(name).size == len(value)
        return super().step(state, {})


class Stopped(WorldPhysics):
    """The clock does not go on."""

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        return replace(super().step(state, action), tick=state.tick)


class LateEdits(WorldPhysics):
    """An edit takes a tick."""

    def edit(self, state: PhysicsState, edit: Any) -> PhysicsState:
        after = super().edit(state, edit)
        return replace(after, tick=after.tick + 1)


class LeakyEdits(WorldPhysics):
    """An edit changes the state it was given."""

    def edit(self, state: PhysicsState, edit: Any) -> PhysicsState:
        after = super().edit(state, edit)
        object.__setattr__(state, "scene", after.scene)
        object.__setattr__(state, "compiled", after.compiled)
        object.__setattr__(state, "vector", after.vector)
        return after


class LazyEdits(WorldPhysics):
    """An edit does nothing."""

    def edit(self, state: PhysicsState, edit: Any) -> PhysicsState:
        super().edit(state, edit)
        super().reset(self.scene(state), seed=0)
        return state


class RoughEdits(WorldPhysics):
    """An edit loses the solver's warm start, and with it the last bits of what comes after."""

    def edit(self, state: PhysicsState, edit: Any) -> PhysicsState:
        after = super().edit(replace(state, before=()), edit)
        vector = after.vector.copy()
        self._bench(after.compiled).layout.view(vector, "warmstart")[:] = 0.0
        return replace(after, vector=vector, before=())


class Forgetful(WorldPhysics):
    """Loading loses a bit."""

    def load(self, data: bytes) -> PhysicsState:
        return nudged(super().load(data))


class LosesScene(WorldPhysics):
    """Loading loses the colours of things."""

    def load(self, data: bytes) -> PhysicsState:
        state = super().load(data)
        return replace(state, scene=replace(state.scene, title="another"))


class OwnSeeds(WorldPhysics):
    """Rollouts are not what steps are."""

    def rollout(self, states: Any, *args: Any, **more: Any) -> tuple[list[PhysicsState], Observation]:
        return super().rollout([nudged(s) for s in states], *args, **more)


class SharedRollouts(WorldPhysics):
    """Every future of a rollout is the first one's."""

    def rollout(self, states: Any, *args: Any, **more: Any) -> tuple[list[PhysicsState], Observation]:
        ends, seen = super().rollout(states, *args, **more)
        return [ends[0]] * len(ends), replace(seen, values={n: np.stack([v[0]] * len(v)) for n, v in seen.values.items()})


class Reckless(WorldPhysics):
    """Numbers that are not finite are taken for rest."""

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        return super().step(state, {name: np.nan_to_num(value) for name, value in action.items()})


class HalfFailed(WorldPhysics):
    """What fails has moved something already."""

    def edit(self, state: PhysicsState, edit: Any) -> PhysicsState:
        try:
            return super().edit(state, edit)
        except LifeworldError:
            object.__setattr__(state, "tick", state.tick + 1)
            raise


class Tireless(WorldPhysics):
    """An embodiment left out goes on instead of resting."""

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        return super().step(state, {a.name: action.get(a.name, np.array(a.high)) for a in self.spec.actions})


class Whispering(WorldPhysics):
    """What is asked for alone is another thing."""

    def observe(self, state: PhysicsState, signals: Any, **ahead: Any) -> Observation:
        seen = super().observe(state, signals, **ahead)
        return replace(seen, values={n: v + 1.0 if len(seen.values) == 1 and n == "position_m" else v for n, v in seen.values.items()})


class Pretending(WorldPhysics):
    """Simulated passes for measured."""

    @property
    def spec(self) -> WorldSpec:
        return replace(super().spec, origin=Origin.MEASURED)

    def observe(self, state: PhysicsState, signals: Any, **ahead: Any) -> Observation:
        return replace(super().observe(state, signals, **ahead), origin=Origin.MEASURED)


class Misnamed(WorldPhysics):
    """Positions come as single-precision numbers in another shape."""

    def observe(self, state: PhysicsState, signals: Any, **ahead: Any) -> Observation:
        seen = super().observe(state, signals, **ahead)
        return replace(seen, values={n: v.reshape(-1) if n == "position_m" else v for n, v in seen.values.items()})


class Silent(WorldPhysics):
    """An unknown signal is an empty answer."""

    def observe(self, state: PhysicsState, signals: Any, **ahead: Any) -> Observation:
        try:
            return super().observe(state, signals, **ahead)
        except SignalUnavailable:
            return super().observe(state, [], **ahead)


class Unwritable(WorldPhysics):
    """The scene's text says another scene than the world does."""

    def scene(self, state: PhysicsState) -> Scene:
        scene = super().scene(state)
        if state.tick:  # NaN is a number to Python, and no pose in any text
            object.__setattr__(scene.things[0], "mass_kg", float("nan"))
        return scene


class Shortsighted(WorldPhysics):
    """What comes next is what the world thinks, not what it is told."""

    def observe(self, state: PhysicsState, signals: Any, **ahead: Any) -> Observation:
        return super().observe(state, signals)


BREAKERS: list[tuple[Callable[..., WorldPhysics], Law]] = [
    (LooksMove, law_state_is_a_value),
    (StepsShare, law_state_is_a_value),
    (Moody, law_forks),
    (Restless, law_repeats),
    (Deaf, law_forks),
    (Stopped, law_clock),
    (LateEdits, law_clock),
    (LeakyEdits, law_edit_is_a_fork),
    (LazyEdits, law_edit_is_a_fork),
    (RoughEdits, law_edit_and_back),
    (Forgetful, law_saves),
    (LosesScene, law_scene_can_be_written),
    (OwnSeeds, law_rollout_is_stepping),
    (SharedRollouts, law_rollout_is_stepping),
    (Reckless, law_failure_changes_nothing),
    (HalfFailed, law_failure_changes_nothing),
    (Tireless, law_rest_and_bounds),
    (Whispering, law_parts_are_the_whole),
    (Pretending, law_spec_is_true),
    (Misnamed, law_spec_is_true),
    (Silent, law_unknown_signal_is_refused),
    (Unwritable, law_scene_can_be_written),
    (Shortsighted, law_looks_ahead),
]


@pytest.mark.parametrize(("broken", "law"), BREAKERS, ids=lambda x: getattr(x, "__name__", None))
def test_a_law_breaker_is_caught(broken: Callable[..., WorldPhysics], law: Law) -> None:
    with pytest.raises(LawBroken) as caught:
        law(Trial(broken(renderer="rays"), START, ticks=3, signals=SIGNALS))
    assert str(caught.value).startswith(law.__name__.removeprefix("law_").split("_")[0])


def test_each_breaker_is_a_good_world_but_for_that() -> None:
    """The start that catches them all is fine by itself."""
    check_world(WorldPhysics(renderer="rays"), START, ticks=3, signals=SIGNALS)
