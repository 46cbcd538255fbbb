"""One moment of a physical world as a value: how it starts from a scene, which scene it stands for, and its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import StateError
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import Scene, Thing
from lifeworld.scene.text import parse, to_text
from lifeworld.worlds.physics.compile import TICK_NS, Bound, Compiled, compile_scene
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.sound import Sound
from lifeworld.worlds.physics.sound import from_bytes as sound_from_bytes
from lifeworld.worlds.physics.sound import to_bytes as sound_to_bytes
from lifeworld.worlds.sealed import digest_of, sealed, unsealed

Array = NDArray[np.float64]
FULL = int(mujoco.mjtState.mjSTATE_INTEGRATION)
STATE_FORMAT = 3
MOST_PAST = 64  # ticks: as long as a frame may last
MOST_TICKS = 2**53  # five million years: what times_ns and doubles can still tell apart


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What a tick began from: the state's vector then, and what the commands of the tick wrote into it (where, what).

    Kept so sparsely because a thousand forks of one state share its vector.
    """

    vector: Array
    where: NDArray[np.int64]
    what: Array

    @classmethod
    def of(cls, vector: Array, commanded: Array) -> Before:
        """Of a vector and the same vector with the commands in it."""
        where = np.flatnonzero(vector != commanded)
        return cls(vector, where, commanded[where])

    @property
    def commanded(self) -> Array:
        """The vector that the engine's steps began from."""
        row = self.vector.copy()
        row[self.where] = self.what
        return row


@dataclass(frozen=True, slots=True, eq=False)
class PhysicsState:
    """One moment of a physical world. `vector` is read-only; `tick` counts steps since the reset.

    `past` are the ticks of the frame that led here, the oldest first: what moved, and what happened in between, is read from them.
    `sound` is what sounds in it, where the world listens; None stands for silence.
    """

    compiled: Compiled = field(repr=False)
    vector: Array = field(repr=False)
    tick: int
    scene: Scene = field(repr=False)  # as written: relations, titles; where things are now is in `vector`
    before: tuple[tuple[Scene, PhysicsState], ...] = field(default=(), repr=False)
    """The states that edits since the last step began from, each with its scene, so that an edit taken back is taken back to the bit."""
    past: tuple[Before, ...] = field(default=(), repr=False)
    sound: Sound | None = field(default=None, repr=False)

    @property
    def time_ns(self) -> int:
        return self.tick * TICK_NS

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PhysicsState)
            and self.tick == other.tick
            and self.compiled.scene == other.compiled.scene
            and np.array_equal(self.vector, other.vector)
            and self.sound == other.sound
        )

    def __hash__(self) -> int:
        return hash((self.tick, self.vector.tobytes()))


def frozen(vector: Array) -> Array:
    """The same array, read-only."""
    vector.flags.writeable = False
    return vector


def start_vector(compiled: Compiled, scene: Scene) -> Array:
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
            qvel[bound.dof + 3 : bound.dof + 6] = _own_spin(pose, thing)
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


def scene_now(state: PhysicsState, layout: Layout) -> Scene:
    """The scene as it stands: every free thing's pose, velocity and joints are those of this state, exactly.

    A soft thing keeps the pose it was laid down with; its shape lives in the state alone. A joint that is forced beyond its stop
    is said to be at it.
    """
    qpos, qvel = layout.view(state.vector, "qpos"), layout.view(state.vector, "qvel")
    things = zip(state.scene.things, state.compiled.bounds, strict=True)
    return replace(state.scene, things=tuple(_thing_now(thing, bound, qpos, qvel) for thing, bound in things))


def _thing_now(thing: Thing, bound: Bound, qpos: Array, qvel: Array) -> Thing:
    changes: dict[str, Any] = {}
    if bound.qpos >= 0:
        pose = Pose(qpos[bound.qpos : bound.qpos + 3], qpos[bound.qpos + 3 : bound.qpos + 7])
        own = qvel[bound.dof + 3 : bound.dof + 6]
        # There and back between frames loses a bit: what has not been stepped since it was written is as it was written.
        spin = thing.angular_velocity_rad_s if np.array_equal(own, _own_spin(pose, thing)) else (pose.rotation @ own).tolist()
        changes = {
            "pose": pose,
            "linear_velocity_m_s": tuple(qvel[bound.dof : bound.dof + 3].tolist()),
            "angular_velocity_rad_s": tuple(spin),
        }
    if bound.joints and bound.soft < 0:
        changes["joints"] = tuple(
            (name, min(max(float(qpos[q]), low), high)) for (name, q, _), (low, high) in zip(bound.joints, bound.reach, strict=True)
        )
    return replace(thing, **changes) if changes else thing


def _own_spin(pose: Pose, thing: Thing) -> Array:
    """A thing's angular velocity (3,) [rad/s] in its own frame, where the engine keeps that of a free body."""
    return np.asarray(pose.rotation.T @ np.asarray(thing.angular_velocity_rad_s))


class _Saved(msgspec.Struct):
    """What is written, as msgpack; `digest` is over all the rest."""

    format: int
    engine: str
    engine_version: str
    tick: int
    scene: str
    vector: bytes
    past: list[tuple[bytes, bytes, bytes]]
    sound: bytes
    digest: str


def to_bytes(state: PhysicsState) -> bytes:
    """The state as bytes: its scene as text, its vector to the bit, the engine and version it belongs to."""
    past = [(b.vector.tobytes(), b.where.tobytes(), b.what.tobytes()) for b in state.past]
    sound = sound_to_bytes(state.sound)
    saved = _Saved(STATE_FORMAT, "mujoco", mujoco.__version__, state.tick, to_text(state.scene), state.vector.tobytes(), past, sound, "")
    return sealed(saved)


def from_bytes(data: bytes, *, assets: Path) -> PhysicsState:
    """The state that `to_bytes` wrote; the scene's imported assets lie under `assets`.

    Raises:
        StateError: for bytes that are no state, are damaged, or are of another format or engine version.
    """
    saved = unsealed(data, _Saved)
    if saved.format != STATE_FORMAT or (saved.engine, saved.engine_version) != ("mujoco", mujoco.__version__):
        raise StateError(
            "the state belongs to another engine or version",
            got=f"{saved.engine} {saved.engine_version}, format {saved.format}",
            expected=f"mujoco {mujoco.__version__}, format {STATE_FORMAT}",
            fix="Install that version, or start again from the scene.",
        )
    if digest_of(saved) != saved.digest or len(saved.vector) % 8 or not 0 <= saved.tick <= MOST_TICKS:
        raise StateError("the saved state is damaged", got=f"digest {digest_of(saved)[:12]}…", expected=f"{saved.digest[:12]}…")
    scene = parse(saved.scene, source="saved state")
    compiled = compile_scene(scene, assets=assets)
    vector = np.frombuffer(saved.vector, dtype=np.float64).copy()
    if vector.size != compiled.state_size or not np.isfinite(vector).all():
        raise StateError(
            "the saved state does not fit its scene", got=f"{vector.size} numbers", expected=f"{compiled.state_size} finite ones"
        )
    past = tuple(_before(one, vector.size) for one in saved.past[-MOST_PAST:])
    sound = sound_from_bytes(saved.sound, emitters=1 + len(scene.things) + len(scene.embodiments))
    return PhysicsState(compiled, frozen(vector), saved.tick, scene, past=past, sound=sound)


def _before(saved: tuple[bytes, bytes, bytes], size: int) -> Before:
    if len(saved[0]) == 8 * size and len(saved[1]) == len(saved[2]) and len(saved[1]) % 8 == 0:
        vector, where, what = np.frombuffer(saved[0]), np.frombuffer(saved[1], dtype=np.int64), np.frombuffer(saved[2])
        inside = where.size == 0 or 0 <= where.min() <= where.max() < size
        if inside and np.isfinite(vector).all() and np.isfinite(what).all():
            return Before(vector, where, what)
    raise StateError("the saved state's past does not fit its scene", got=f"{len(saved[0]) // 8} numbers", expected=f"{size} finite ones")
