"""WorldPhysics: a scene as a MuJoCo world under the World protocol, every state a value.

A state is the engine's whole input (mjSTATE_INTEGRATION) and the model it belongs to. One scratch MjData a model does all the
work, so a state is never touched by stepping or looking. Reloading a state is bit-exact within one engine version and
machine architecture. A WorldPhysics is used by one thread at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, Diverged, StateError
from lifeworld.core.origin import Origin
from lifeworld.core.pose import Pose
from lifeworld.core.signal import SIGNALS
from lifeworld.scene import edit as edits
from lifeworld.scene.place import place
from lifeworld.scene.scene import Scene, Thing
from lifeworld.scene.text import parse, to_text
from lifeworld.worlds.physics import asset, warning
from lifeworld.worlds.physics.compile import TICK_NS, TICK_STEPS, Bound, Compiled, compile_scene
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.senses import see
from lifeworld.worlds.physics.senses.be import Poser, contacts
from lifeworld.worlds.world import Action, ActionSpec, Observation, WorldSpec

Array = NDArray[np.float64]
FULL = int(mujoco.mjtState.mjSTATE_INTEGRATION)
warning.silence()
STATE_FORMAT = 1
_SEEN = frozenset({"rgb", "depth_m", "instance_ids"})
_BY_BATCH = frozenset({"position_m", "quat_wxyz", "linear_velocity_m_s", "angular_velocity_rad_s", "joint_position", "joint_velocity"})


@dataclass(frozen=True, slots=True, eq=False)
class PhysicsState:
    """One moment of a physical world. `vector` is read-only; `tick` counts steps since the reset."""

    compiled: Compiled
    vector: Array
    tick: int
    scene: Scene  # as written: relations, titles; where things are now is in `vector`

    @property
    def time_ns(self) -> int:
        return self.tick * TICK_NS

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PhysicsState)
            and self.tick == other.tick
            and self.compiled.scene == other.compiled.scene
            and np.array_equal(self.vector, other.vector)
        )

    def __hash__(self) -> int:
        return hash((self.tick, self.vector.tobytes()))


class _Saved(msgspec.Struct):
    """What `save` writes, as msgpack."""

    format: int
    engine: str
    engine_version: str
    tick: int
    scene: str
    vector: bytes
    digest: str


class WorldPhysics:
    """A World made alive by MuJoCo.

    Args:
        renderer: `auto` takes the first that works of `egl`, `osmesa`, `rays`.
        quality: `draft` (no shadows), `standard`, `high` (large shadow maps, multisampling).
        assets: the folder that the scenes' imported assets lie under.
        threads: for `rollout`; None takes every core.
    """

    def __init__(
        self, *, renderer: see.Backend = "auto", quality: str = "standard", assets: Path | str = ".", threads: int | None = None
    ) -> None:
        self._backend, self._quality = renderer, quality
        self._assets, self._threads = Path(assets), threads
        self._benches: dict[int, _Bench] = {}
        self._spec: WorldSpec | None = None
        see.check(renderer, quality)

    @property
    def spec(self) -> WorldSpec:
        """What the world of the last `reset`, `edit` or `load` takes and gives.

        Raises:
            StateError: before the first of them.
        """
        if self._spec is None:
            raise StateError("this world has no scene yet", fix="Call reset(scene, seed=0) first.")
        return self._spec

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: Scene, *, seed: int) -> PhysicsState:
        """The first state: things without a pose are placed by their relations (by `seed`), the others stand where they are.

        Raises:
            SceneError, PlacementError: if the scene cannot be built or placed.
        """
        scene = place(start, seed=seed, assets=asset.stand_ins(start, self._assets))
        compiled = compile_scene(scene, assets=self._assets)
        state = PhysicsState(compiled, _frozen(_start_vector(compiled, scene)), 0, scene)
        self._spec = self._bench(compiled).spec
        return state

    def step(self, state: PhysicsState, action: Action) -> PhysicsState:
        """The state one tick (20 ms, ten engine steps) later.

        Raises:
            ActionError: for an unknown embodiment, a wrong size or a value that is not finite.
            Diverged: if the simulation blew up; `state` is still good.
        """
        bench = self._bench(state.compiled)
        row = state.vector.copy()[None]
        bench.command(row, {name: np.asarray(value, dtype=np.float64)[None] for name, value in action.items()})
        mujoco.mj_setState(bench.model, bench.data, row[0], FULL)
        bench.data.warning.number[:] = 0
        mujoco.mj_step(bench.model, bench.data, nstep=TICK_STEPS)
        return bench.after(state, bench.data)

    def observe(self, state: PhysicsState, signals: Collection[str]) -> Observation:
        """The asked-for signals, computed together.

        Raises:
            SignalUnavailable: naming those there are.
        """
        bench = self._bench(state.compiled)
        streams = bench.spec.streams(signals)
        mujoco.mj_setState(bench.model, bench.data, state.vector, FULL)
        mujoco.mj_forward(bench.model, bench.data)
        values: dict[str, NDArray[Any]] = {}
        pictures: dict[str, see.Picture] = {}
        for stream in streams:
            signal, _, source = stream.partition("@")
            if signal in _SEEN:
                if source not in pictures:
                    wanted = frozenset(s.partition("@")[0] for s in streams if s.endswith(f"@{source}")) & _SEEN
                    pictures[source] = bench.paint(bench.data, source, wanted)
                values[stream] = getattr(pictures[source], "rgb" if signal == "rgb" else signal)
            else:
                values[stream] = bench.read(signal, source)
        return Observation(time_ns=state.time_ns, values=values, origin=Origin.SIMULATED)

    def edit(self, state: PhysicsState, edit: edits.Edits) -> PhysicsState:
        """The state with the change made to the scene as it stands now; what the edit does not name goes on to the bit.

        Raises:
            EditError, SceneError, PlacementError: if the edit does not fit; the state is as it was.
        """
        before = self.scene(state)
        after = edits.apply(before, edit, seed=state.tick, assets=asset.stand_ins(before, self._assets))
        compiled = compile_scene(after, assets=self._assets, base=state.compiled)
        vector = _start_vector(compiled, after)
        _carry(state, compiled, vector, unchanged=_same(before, after))
        self._spec = self._bench(compiled).spec
        return PhysicsState(compiled, _frozen(vector), state.tick, after)

    def scene(self, state: PhysicsState) -> Scene:
        """The scene as it stands: every free thing's pose, velocity and joints are those of this state, exactly."""
        layout = self._bench(state.compiled).layout
        qpos, qvel = layout.view(state.vector, "qpos"), layout.view(state.vector, "qvel")
        return replace(
            state.scene,
            things=tuple(
                _thing_now(thing, bound, qpos, qvel) for thing, bound in zip(state.scene.things, state.compiled.bounds, strict=True)
            ),
        )

    def save(self, state: PhysicsState) -> bytes:
        """The state as bytes: its scene as text, its vector to the bit, the engine and version it belongs to."""
        vector = state.vector.tobytes()
        return msgspec.msgpack.encode(
            _Saved(STATE_FORMAT, "mujoco", mujoco.__version__, state.tick, to_text(state.scene), vector, hashlib.sha256(vector).hexdigest())
        )

    def load(self, data: bytes) -> PhysicsState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, or one of another format or engine version.
        """
        try:
            saved = msgspec.msgpack.decode(data, type=_Saved)
        except msgspec.MsgspecError as error:
            raise StateError("these bytes are not a saved state", got=str(error)) from error
        if saved.format != STATE_FORMAT or (saved.engine, saved.engine_version) != ("mujoco", mujoco.__version__):
            raise StateError(
                "the state belongs to another engine or version",
                got=f"{saved.engine} {saved.engine_version}, format {saved.format}",
                expected=f"mujoco {mujoco.__version__}, format {STATE_FORMAT}",
                fix="Install that version, or start again from the scene.",
            )
        scene = parse(saved.scene, source="saved state")
        compiled = compile_scene(scene, assets=self._assets)
        vector = np.frombuffer(saved.vector, dtype=np.float64)
        if vector.size != compiled.state_size or hashlib.sha256(saved.vector).hexdigest() != saved.digest:
            raise StateError(
                "the saved state is damaged", got=f"{vector.size} numbers", expected=f"{compiled.state_size} with their digest"
            )
        self._spec = self._bench(compiled).spec
        return PhysicsState(compiled, _frozen(vector.copy()), saved.tick, scene)

    def rollout(
        self, states: Sequence[PhysicsState], actions: Mapping[str, Array], signals: Collection[str] = ("position_m", "quat_wxyz")
    ) -> tuple[list[PhysicsState], Observation]:
        """Many futures on all cores: `actions` name → (n, ticks, size); values (n, ticks, …). Bit-equal to stepping each alone.

        Poses, velocities and joints are read in bulk; any other signal is observed state by state.

        Raises:
            StateError: if the states are not all of one structure (or none).
            ActionError: for shapes that disagree.
            Diverged: naming the future that blew up.
        """
        if not states:
            raise StateError("a rollout needs at least one state")
        compiled = states[0].compiled
        if any(s.compiled is not compiled for s in states):
            raise StateError("the states of a rollout share one structure", fix="Roll out states of edited scenes apart.")
        ticks = _ticks(actions, len(states))
        bench = self._bench(compiled)
        return bench.rollout(self, states, actions, ticks, bench.spec.streams(signals), self._threads)

    # -- inside ------------------------------------------------------------------------------------------------------------

    def _bench(self, compiled: Compiled) -> _Bench:
        """The scratch data and painter of a model; a handful are kept."""
        key = id(compiled)
        if key not in self._benches:
            if len(self._benches) >= 4:
                self._benches.pop(next(iter(self._benches))).close()
            self._benches[key] = _Bench(compiled, self._backend, self._quality)
        return self._benches[key]


class _Bench:
    """What is needed to work on states of one model: scratch data, the layout, a painter made when first asked for."""

    def __init__(self, compiled: Compiled, backend: see.Backend, quality: str) -> None:
        self.compiled, self.model = compiled, compiled.model
        self.data = mujoco.MjData(compiled.model)
        self.layout = Layout.of(compiled.model)
        self.poser = Poser(compiled)
        self.cameras = {camera.name: camera for camera in compiled.cameras}
        self._backend, self._quality = backend, quality
        self._painter: see.Painter | None = None
        self._actions: dict[str, ActionSpec] = {e.action.name: e.action for e in compiled.embodied}
        self.spec = WorldSpec(
            engine="physics",
            engine_version=f"mujoco {mujoco.__version__}",
            tick_ns=TICK_NS,
            actions=tuple(e.action for e in compiled.embodied),
            signals=_streams(compiled),
            things=tuple(t.name for t in compiled.scene.things),
            origin=Origin.SIMULATED,
            renderer=see.working_backend() if backend == "auto" else backend,
            cannot=("liquids", "breaking"),
        )

    def command(self, rows: Array, actions: Mapping[str, Array]) -> None:
        """Write actions (n, size) of each embodiment into state rows (n, …), clipped to what the embodiment can do; none is rest."""
        for name, value in actions.items():
            spec = self.spec.action(name)
            if value.shape != (len(rows), spec.size):
                raise ActionError(
                    f"the action of {name!r} has the wrong size", got=value.shape[1:], expected=f"({spec.size},): {', '.join(spec.labels)}"
                )
            if not np.isfinite(value).all():
                raise ActionError(f"the action of {name!r} is not finite", got=value.tolist())
        for e in self.compiled.embodied:
            given = actions.get(e.action.name)
            value = (
                np.broadcast_to(e.action.rest, (len(rows), e.action.size)) if given is None else np.clip(given, e.action.low, e.action.high)
            )
            e.command(rows, value)

    def after(self, state: PhysicsState, data: mujoco.MjData) -> PhysicsState:
        vector = np.empty(self.layout.size)
        mujoco.mj_getState(self.model, data, vector, FULL)
        warning.check(data.warning.number, where=f"tick {state.tick}")
        if not np.isfinite(vector).all():
            raise Diverged(
                "the simulation blew up", where=f"tick {state.tick}", fix="Look for things inside each other, or extreme masses."
            )
        return PhysicsState(self.compiled, _frozen(vector), state.tick + 1, state.scene)

    def paint(self, data: mujoco.MjData, camera: str, wanted: frozenset[str]) -> see.Picture:
        if self._painter is None:
            self._painter = see.painter(self.compiled, backend=self._backend, quality=self._quality)
        return self._painter.paint(data, self.cameras[camera], wanted)

    def read(self, signal: str, source: str) -> NDArray[Any]:
        """A signal that is no picture, from the forwarded scratch data."""
        data = self.data
        if signal in _BY_BATCH:
            return self.bulk(signal, data.qpos, data.qvel, data.xpos, data.xquat, data.cvel, data.subtree_com)
        if signal == "contacts":
            return contacts(self.compiled, data)
        if signal == "camera_pose":
            index = self.model.cam(source).id
            pose = see.world_from_camera(data.cam_xpos[index], data.cam_xmat[index])
            return np.concatenate([pose.position_m, pose.quat_wxyz])
        one = next(e for e in self.compiled.embodied if e.embodiment.name == source)
        return np.concatenate([data.qpos[one.qpos], data.qvel[one.qvel]])

    def bulk(self, signal: str, qpos: Array, qvel: Array, xpos: Array, xquat: Array, cvel: Array, subtree_com: Array) -> Array:
        match signal:
            case "position_m":
                return self.poser.position_m(xpos)
            case "quat_wxyz":
                return self.poser.quat_wxyz(xquat)
            case "linear_velocity_m_s":
                return self.poser.linear_velocity_m_s(cvel, xpos, subtree_com)
            case "angular_velocity_rad_s":
                return self.poser.angular_velocity_rad_s(cvel)
            case "joint_position":
                return qpos[..., self.poser.joint_qpos].copy()
            case _:
                return qvel[..., self.poser.joint_dof].copy()

    def rollout(
        self,
        world: WorldPhysics,
        states: Sequence[PhysicsState],
        actions: Mapping[str, Array],
        ticks: int,
        streams: Sequence[str],
        threads: int | None,
    ) -> tuple[list[PhysicsState], Observation]:
        from mujoco.batch import Batch, SimulationError

        batch = Batch(self.model, len(states), threads or 0)
        batch.state[:] = np.stack([s.vector for s in states])
        bulk = [s for s in streams if s in _BY_BATCH]
        fields = [batch.bind(name) for name in ("qpos", "qvel", "xpos", "xquat", "cvel", "subtree_com")] if bulk else []
        single = [s for s in streams if s not in _BY_BATCH]
        stage = mujoco.mjtStage.mjSTAGE_VEL if bulk else mujoco.mjtStage.mjSTAGE_NONE
        given = {name: np.asarray(value, dtype=np.float64) for name, value in actions.items()}
        rows: dict[str, list[NDArray[Any]]] = {s: [] for s in streams}
        now = list(states)
        for tick in range(ticks):
            self.command(batch.state, {name: value[:, tick] for name, value in given.items()})
            try:
                batch.step(nstep=TICK_STEPS, stage=int(stage))
            except SimulationError as error:
                raise Diverged("a future blew up", where=f"future {int(error.ids[0])}, tick {tick}", got=str(error)) from error
            for i in np.flatnonzero(batch.warning[..., 1].any(axis=1)):
                warning.check(batch.warning[i, :, 1], where=f"future {i}, tick {tick}")
            for stream in bulk:
                rows[stream].append(self.bulk(stream, *fields))
            if single or tick == ticks - 1:
                now = [
                    PhysicsState(self.compiled, _frozen(batch.state[i].copy()), s.tick + tick + 1, s.scene) for i, s in enumerate(states)
                ]
            if single:
                seen = [world.observe(s, single) for s in now]
                for stream in single:
                    ragged = SIGNALS[self.spec.signals[stream]].ragged
                    rows[stream].append(_ragged([o[stream] for o in seen]) if ragged else np.stack([o[stream] for o in seen]))
        values = {stream: np.stack(parts, axis=1) for stream, parts in rows.items()}
        return now, Observation(time_ns=now[0].time_ns, values=values, origin=Origin.SIMULATED)

    def close(self) -> None:
        if self._painter is not None:
            self._painter.close()


def _streams(compiled: Compiled) -> dict[str, str]:
    """Stream name → signal name, for every signal this engine has of this scene."""
    streams = {}
    for signal in SIGNALS.values():
        if signal.per == "camera":
            streams.update({f"{signal.name}@{camera.name}": signal.name for camera in compiled.cameras})
        elif signal.per == "embodiment" and signal.name != "action":  # an action is what an agent did, not what a world shows
            streams.update({f"{signal.name}@{e.embodiment.name}": signal.name for e in compiled.embodied})
        elif signal.name != "action":
            streams[signal.name] = signal.name
    return streams


def _start_vector(compiled: Compiled, scene: Scene) -> Array:
    """The engine's state of a scene: defaults, then every thing's pose, joints and velocities."""
    model, layout = compiled.model, Layout.of(compiled.model)
    data = mujoco.MjData(model)
    vector = np.empty(layout.size)
    mujoco.mj_getState(model, data, vector, FULL)
    qpos, qvel = layout.view(vector, "qpos"), layout.view(vector, "qvel")
    for thing, bound in zip(scene.things, compiled.bounds, strict=True):
        if bound.qpos >= 0:
            pose = thing.pose or Pose()
            qpos[bound.qpos : bound.qpos + 3] = pose.position_m
            qpos[bound.qpos + 3 : bound.qpos + 7] = pose.quat_wxyz
            qvel[bound.dof : bound.dof + 3] = thing.linear_velocity_m_s
            # The engine keeps the spin of a free body in the body's own frame.
            qvel[bound.dof + 3 : bound.dof + 6] = pose.rotation.T @ np.asarray(thing.angular_velocity_rad_s)
        given = dict(thing.joints)
        for name, q, _ in bound.joints:
            if name in given:
                qpos[q] = given[name]
    rows = vector[None]
    for e in compiled.embodied:
        for address, value in e.start:
            qpos[address] = value
        e.command(rows, np.array([e.action.rest]))
    return vector


def _carry(state: PhysicsState, compiled: Compiled, vector: Array, *, unchanged: set[str]) -> None:
    """Copy what goes on as it was (poses, speeds, the solver's warm start, controls) from a state into another model's vector, by name."""
    old_model, new_model = state.compiled.model, compiled.model
    if old_model is new_model:
        old = {b.thing.name: b for b in state.compiled.bounds}
        if all(b.thing.name in unchanged for b in compiled.bounds) and len(old) == len(unchanged):
            vector[:] = state.vector
            return
    before, after = Layout.of(old_model), Layout.of(new_model)
    owners = unchanged | {e.name for e in compiled.scene.embodiments}
    for name in ("qpos", "qvel", "warmstart"):
        source, target = before.view(state.vector, name), after.view(vector, name)
        for old_at, new_at, count in _joints_in_common(old_model, new_model, owners, position=name == "qpos"):
            target[new_at : new_at + count] = source[old_at : old_at + count]
    for kind, slot, width in (
        (mujoco.mjtObj.mjOBJ_ACTUATOR, "ctrl", 1),
        (mujoco.mjtObj.mjOBJ_BODY, "xfrc_applied", 6),
    ):
        source, target = before.view(state.vector, slot), after.view(vector, slot)
        for index in range(old_model.nu if width == 1 else old_model.nbody):
            name = mujoco.mj_id2name(old_model, int(kind), index) or ""
            there = mujoco.mj_name2id(new_model, int(kind), name) if name.partition("/")[0] in owners else -1
            if there >= 0:
                target[there * width : (there + 1) * width] = source[index * width : (index + 1) * width]
    for body in range(old_model.nbody):
        mocap, name = int(old_model.body_mocapid[body]), old_model.body(body).name
        there = mujoco.mj_name2id(new_model, int(mujoco.mjtObj.mjOBJ_BODY), name) if mocap >= 0 else -1
        if there >= 0:
            after.mocap_pos(vector, int(new_model.body_mocapid[there]))[:] = before.mocap_pos(state.vector, mocap)
            after.mocap_quat(vector, int(new_model.body_mocapid[there]))[:] = before.mocap_quat(state.vector, mocap)
    after.view(vector, "time")[:] = before.view(state.vector, "time")


def _joints_in_common(old: mujoco.MjModel, new: mujoco.MjModel, owners: set[str], *, position: bool) -> list[tuple[int, int, int]]:
    """(old address, new address, count) of every joint both models have on bodies of `owners`.

    Matched by body: the joints of a soft body's vertices have no names.
    """
    found = []
    adr = "jnt_qposadr" if position else "jnt_dofadr"
    sizes = {0: (7, 6), 1: (4, 3)}
    for body in range(1, old.nbody):
        name = old.body(body).name
        if old.body(int(old.body_rootid[body])).name.partition("/")[0] not in owners:
            continue
        there = mujoco.mj_name2id(new, int(mujoco.mjtObj.mjOBJ_BODY), name)
        if there < 0 or old.body_jntnum[body] != new.body_jntnum[there]:
            continue
        for k in range(int(old.body_jntnum[body])):
            a, b = int(old.body_jntadr[body]) + k, int(new.body_jntadr[there]) + k
            if old.jnt_type[a] == new.jnt_type[b]:
                count = sizes.get(int(old.jnt_type[a]), (1, 1))[0 if position else 1]
                found.append((int(getattr(old, adr)[a]), int(getattr(new, adr)[b]), count))
    return found


def _same(before: Scene, after: Scene) -> set[str]:
    """The names of the things that an edit has left as they were."""
    was = {t.name: t for t in before.things}
    return {t.name for t in after.things if was.get(t.name) == t}


def _thing_now(thing: Thing, bound: Bound, qpos: Array, qvel: Array) -> Thing:
    changes: dict[str, Any] = {}
    if bound.qpos >= 0:
        pose = Pose(qpos[bound.qpos : bound.qpos + 3], qpos[bound.qpos + 3 : bound.qpos + 7])
        spin = pose.rotation @ qvel[bound.dof + 3 : bound.dof + 6]
        changes = {
            "pose": pose,
            "linear_velocity_m_s": tuple(float(v) for v in qvel[bound.dof : bound.dof + 3]),
            "angular_velocity_rad_s": tuple(float(v) for v in spin),
        }
    if bound.joints and bound.soft < 0:
        changes["joints"] = tuple((name, float(qpos[q])) for name, q, _ in bound.joints)
    return replace(thing, **changes) if changes else thing


def _ticks(actions: Mapping[str, Array], n: int) -> int:
    shapes = {name: np.shape(value) for name, value in actions.items()}
    ticks = {shape[1] for shape in shapes.values() if len(shape) == 3 and shape[0] == n}
    if len(ticks) != 1 or any(len(shape) != 3 or shape[0] != n for shape in shapes.values()):
        raise ActionError("the actions of a rollout agree in number and ticks", got=str(shapes), expected=f"name → ({n}, ticks, size)")
    return int(ticks.pop())


def _ragged(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """An array (n,) of arrays of different lengths."""
    out = np.empty(len(parts), dtype=object)
    for i, part in enumerate(parts):
        out[i] = part
    return out


def _frozen(vector: Array) -> Array:
    vector.flags.writeable = False
    return vector
