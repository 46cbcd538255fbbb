"""WorldPhysics: a scene as a MuJoCo world under the World protocol, every state a value.

A state is the engine's whole input (mjSTATE_INTEGRATION) and the model it belongs to. One scratch MjData a model does all the
work (`bench.py`), so a state is never touched by stepping or looking. Reloading a state is bit-exact within one engine version
and machine architecture. A WorldPhysics is used by one thread at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from numpy.typing import ArrayLike

from lifeworld.core.errors import LimitError, StateError
from lifeworld.scene import edit as edits
from lifeworld.scene.place import place
from lifeworld.scene.scene import Scene
from lifeworld.worlds.futures import ticks_of
from lifeworld.worlds.physics import asset, warning
from lifeworld.worlds.physics.bench import Bench
from lifeworld.worlds.physics.carry import carry, new_names
from lifeworld.worlds.physics.commit import commit
from lifeworld.worlds.physics.compile import Compiled, compile_scene
from lifeworld.worlds.physics.inside import check_cameras
from lifeworld.worlds.physics.senses import painter
from lifeworld.worlds.physics.state import MOST_PAST, Array, PhysicsState, from_bytes, frozen, scene_now, start_vector, to_bytes
from lifeworld.worlds.world import Action, Observation, WorldSpec

__all__ = ["PhysicsState", "WorldPhysics"]

MOST_UNDONE = 8
MOST_BENCHES = 4
warning.silence()


class WorldPhysics:
    """A World made alive by MuJoCo.

    Args:
        renderer: `auto` takes the first that works of `egl`, `osmesa`, `rays`.
        quality: `draft` (no shadows), `standard`, `high` (large shadow maps, multisampling).
        assets: the folder that the scenes' imported assets lie under.
        threads: for `rollout`; None takes every core.
        frame_ticks: how many ticks (of 20 ms) lie between two pictures: what moves in between is what flow tells.
        hearing: whether states keep what sounds in them, so that audio can be asked for. It makes steps slower, and a rollout goes
            through its futures one by one on one core.
    """

    def __init__(
        self,
        *,
        renderer: painter.Backend = "auto",
        quality: str = "standard",
        assets: Path | str = ".",
        threads: int | None = None,
        frame_ticks: int = 2,
        hearing: bool = False,
    ) -> None:
        self._backend, self._quality = renderer, quality
        self.assets, self._threads = Path(assets), threads
        self._benches: dict[int, Bench] = {}
        self._spec: WorldSpec | None = None
        painter.check(renderer, quality)
        if not 1 <= frame_ticks <= MOST_PAST:
            raise LimitError("a frame lasts some ticks", got=f"frame_ticks={frame_ticks}", expected=f"1 to {MOST_PAST}")
        self._frame_ticks, self._hearing = frame_ticks, hearing

    @property
    def spec(self) -> WorldSpec:
        """What the world of the last `reset`, `edit` or `load` takes and gives.

        Raises:
            StateError: before the first of them.
        """
        if self._spec is None:
            raise StateError("this world has no scene yet", fix="Call reset(scene, seed=0) first.")
        return self._spec

    def spec_of(self, state: PhysicsState) -> WorldSpec:
        """What the world takes and gives at a state."""
        return self._bench(state.compiled).spec

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: Scene, *, seed: int) -> PhysicsState:
        """The first state: things without a pose are placed by their relations (by `seed`), the others stand where they are.

        Raises:
            SceneError, PlacementError: if the scene cannot be built or placed, or a camera stands inside a thing.
        """
        scene = place(start, seed=seed, assets=asset.stand_ins(start, self.assets))
        compiled = compile_scene(scene, assets=self.assets)
        state = PhysicsState(compiled, frozen(start_vector(compiled, scene)), 0, scene)
        bench = self._bench(compiled)
        check_cameras(compiled, state.vector, bench.data)
        self._spec = bench.spec
        return state

    def step(self, state: PhysicsState, action: Action) -> PhysicsState:
        """The state one tick (20 ms, ten engine steps) later.

        Raises:
            ActionError: for an unknown embodiment, a wrong size or a value that is not finite.
            Diverged: if the simulation blew up; `state` is still good.
        """
        return self._bench(state.compiled).step(state, action)

    def observe(self, state: PhysicsState, signals: Collection[str], *, then: PhysicsState | None = None) -> Observation:
        """The asked-for signals, computed together. What looks forward goes to `then`, or to where things go by themselves.

        Raises:
            SignalUnavailable: naming those there are.
            LimitError: for more pixels than fit into memory at once.
            StateError: if an edit lies between `state` and `then`.
        """
        return self._bench(state.compiled).observe(state, signals, then)

    def edit(self, state: PhysicsState, edit: edits.Edits) -> PhysicsState:
        """The state with the change made to the scene as it stands now; what the edit does not name goes on to the bit, and rings on.

        Raw edits are taken at their word. A plan (`EditPlan`) is settled and verified (`commit.py`): what it places lies where it came to
        rest, at the same tick.

        Raises:
            EditError, SceneError, PlacementError: if the edit does not fit, or what a plan asks for does not hold; the state is as it was.
        """
        before = self.scene(state)
        assets, called = asset.stand_ins(before, self.assets), new_names(edit)

        def make(after: Scene) -> tuple[PhysicsState, bool]:
            return self._with(state, before, after, called)

        if isinstance(edit, edits.EditPlan):
            edited = commit(state, before, edit, make=make, bench=self._bench, assets=assets)
        else:
            edited, _ = make(edits.apply(before, edit, seed=state.tick, assets=assets))
        self._spec = self._bench(edited.compiled).spec
        return edited

    def _with(self, state: PhysicsState, before: Scene, after: Scene, called: Mapping[str, str]) -> tuple[PhysicsState, bool]:
        """The state with the scene `after` in place of `before`, and whether that is an earlier one taken back.

        Then what no scene says (soft shapes, the solver's warm start) is as it was too. `called` are the new names of things by their old.
        """
        history = (*state.before, (before, state))
        for index in reversed(range(len(history))):
            scene, earlier = history[index]
            if scene == after:
                return replace(earlier, before=history[:index]), True
        compiled = compile_scene(after, assets=self.assets, base=state.compiled)
        vector = start_vector(compiled, after)
        carry(state.compiled, before, state.vector, compiled, after, vector, called=called)
        kept = (*state.before, (before, replace(state, before=())))[-MOST_UNDONE:]
        sound = state.sound
        if sound is not None and compiled is not state.compiled:
            sound = self._bench(compiled).resonator.bank.carried(sound, self._bench(state.compiled).resonator.bank)
        return PhysicsState(compiled, frozen(vector), state.tick, after, kept, sound=sound), False

    def scene(self, state: PhysicsState) -> Scene:
        """The scene as it stands: every free thing's pose, velocity and joints are those of this state, exactly.

        A soft thing keeps the pose it was laid down with, an embodiment the one it began at: how they are lives in the state alone.
        """
        return scene_now(state, self._bench(state.compiled).layout)

    def save(self, state: PhysicsState) -> bytes:
        """The state as bytes: its scene as text, its vector to the bit, the engine and version it belongs to."""
        return to_bytes(state)

    def load(self, data: bytes) -> PhysicsState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of another format or engine version.
        """
        state = from_bytes(data, assets=self.assets)
        self._spec = self._bench(state.compiled).spec
        return state

    def rollout(
        self,
        states: Sequence[PhysicsState],
        actions: Mapping[str, ArrayLike],
        signals: Collection[str] = ("position_m", "quat_wxyz"),
        *,
        ticks: int | None = None,
    ) -> tuple[list[PhysicsState], Observation]:
        """Many futures on all cores: `actions` name → (n, ticks, size); values (n, ticks, …). Bit-equal to stepping each alone.

        `ticks` is needed only where there are no actions. The observation's time is that of the first future's end.
        What follows from positions and velocities (all of be but accelerations) is read in bulk; any other signal state by state.

        Raises:
            StateError: if the states are not all of one structure (or none).
            ActionError: for shapes that disagree, or no tick at all.
            Diverged: naming the future that blew up.
        """
        if not states:
            raise StateError("a rollout needs at least one state")
        compiled = states[0].compiled
        if any(s.compiled is not compiled for s in states):
            raise StateError("the states of a rollout share one structure", fix="Roll out states of edited scenes apart.")
        return self._bench(compiled).rollout(states, actions, ticks_of(actions, len(states), ticks), signals, self._threads)

    def halfway(self, state: PhysicsState) -> Array | None:
        """What the state's vector was half a tick before it, on the way that was stepped; known of the latest state of a scene only.

        It is for the eye: a world begins, is saved and is recorded at ticks.
        """
        return self._bench(state.compiled).halfway(state)

    # -- inside ------------------------------------------------------------------------------------------------------------

    def _bench(self, compiled: Compiled) -> Bench:
        """The scratch data and painter of a model; a handful are kept."""
        key = id(compiled)
        if key not in self._benches:
            if len(self._benches) >= MOST_BENCHES:
                self._benches.pop(next(iter(self._benches))).close()
            self._benches[key] = Bench(compiled, self._backend, self._quality, self._frame_ticks, self._hearing)
        return self._benches[key]
