"""What goes on as it was when a scene is edited: poses, speeds, joints, soft shapes, controls, the solver's warm start.

Matched by name between two models. What the edit names starts anew from the scene; everything else is copied to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.edit import Edits, Rename, edits_of
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.state import PhysicsState, frozen, scene_now, start_vector

Array = NDArray[np.float64]
_SIZES = {int(mujoco.mjtJoint.mjJNT_FREE): (7, 6), int(mujoco.mjtJoint.mjJNT_BALL): (4, 3)}


def new_names(edit: Edits) -> dict[str, str]:
    """How things and embodiments that an edit calls otherwise are called in the end, by what they were called before."""
    names: dict[str, str] = {}
    for one in edits_of(edit):
        if isinstance(one, Rename):
            first = next((old for old, new in names.items() if new == one.name), one.name)
            names[first] = one.to
    return names


def carried(state: PhysicsState, to: PhysicsState) -> PhysicsState:
    """How things stand at `state`, said of the model of another state of the same world: for who looks from there across an edit.

    Who is in one of them only is left out, or stays as it is in the other.
    """
    if state.compiled is to.compiled:
        return state
    before, at = scene_now(state, Layout.of(state.compiled.model)), scene_now(to, Layout.of(to.compiled.model))
    now = {t.name: t for t in before.things}
    things = tuple(replace(t, pose=now[t.name].pose, joints=now[t.name].joints) if t.name in now else t for t in at.things)
    after = replace(at, things=things)
    vector = start_vector(to.compiled, after)
    carry(state.compiled, before, state.vector, to.compiled, after, vector, called={})
    return PhysicsState(to.compiled, frozen(vector), state.tick, to.scene)


def carry(old: Compiled, before: Scene, source: Array, new: Compiled, after: Scene, target: Array, *, called: Mapping[str, str]) -> None:
    """Copy into `target`, the start of the scene `after`, what it has in common with the state `source` of the scene `before`.

    Args:
        before: the scene as it stands at `source` (state_size of old,).
        target: written to (state_size of new,).
        called: the new names of those who have one, by their old ones.
    """
    if old.model is new.model and (before.things, before.embodiments) == (after.things, after.embodiments):
        target[:] = source
        return
    a, b = Layout.of(old.model), Layout.of(new.model)
    names = _Names(old.model, called)
    things = {name: t for t in before.things if (name := names.now(t.name))}
    pairs = {t.name: (things[t.name], t) for t in after.things if t.name in things}
    bodies = {name for e in before.embodiments if (name := names.now(e.name)) and replace(e, name=name) in after.embodiments}
    _joints(names, source, a, new.model, target, b, pairs, bodies)
    _controls(names, source, a, new.model, target, b, pairs.keys() | bodies)
    for body in np.flatnonzero(old.model.body_mocapid >= 0):
        name = names.of(mujoco.mjtObj.mjOBJ_BODY, int(body))
        there = mujoco.mj_name2id(new.model, int(mujoco.mjtObj.mjOBJ_BODY), name) if _owner(name) in bodies else -1
        if there >= 0:
            one, other = int(old.model.body_mocapid[body]), int(new.model.body_mocapid[there])
            b.mocap_pos(target, other)[:] = a.mocap_pos(source, one)
            b.mocap_quat(target, other)[:] = a.mocap_quat(source, one)
    b.view(target, "time")[:] = a.view(source, "time")


class _Names:
    """The names of a model's parts as they are called after an edit; empty for those of somebody whose name another one has now."""

    def __init__(self, model: mujoco.MjModel, called: Mapping[str, str]) -> None:
        self.model, self._called, self._taken = model, called, set(called.values()) - called.keys()

    def now(self, name: str) -> str:
        owner, slash, rest = name.partition("/")
        return "" if owner in self._taken else self._called.get(owner, owner) + slash + rest

    def of(self, sort: mujoco.mjtObj, index: int) -> str:
        return self.now(mujoco.mj_id2name(self.model, int(sort), index) or "")


def _joints(
    names: _Names,
    source: Array,
    a: Layout,
    new: mujoco.MjModel,
    target: Array,
    b: Layout,
    pairs: dict[str, tuple[Thing, Thing]],
    bodies: set[str],
) -> None:
    """Positions, velocities and warm start of every joint that both models have and the edit leaves alone.

    Matched by body: the joints of a soft body's vertices have no names.
    """
    old = names.model
    for body in range(1, old.nbody):
        owner = _owner(names.of(mujoco.mjtObj.mjOBJ_BODY, int(old.body_rootid[body])))
        if not old.body_jntnum[body] or (owner not in pairs and owner not in bodies):
            continue
        there = mujoco.mj_name2id(new, int(mujoco.mjtObj.mjOBJ_BODY), names.of(mujoco.mjtObj.mjOBJ_BODY, body))
        if there < 0 or old.body_jntnum[body] != new.body_jntnum[there]:
            continue
        for k in range(int(old.body_jntnum[body])):
            i, j = int(old.body_jntadr[body]) + k, int(new.body_jntadr[there]) + k
            if old.jnt_type[i] != new.jnt_type[j]:
                continue
            where, speed = (True, True) if owner in bodies else _kept(names.of(mujoco.mjtObj.mjOBJ_JOINT, i), *pairs[owner])
            wide, dofs = _SIZES.get(int(old.jnt_type[i]), (1, 1))
            for name, keep, at, to, size in (
                ("qpos", where, old.jnt_qposadr[i], new.jnt_qposadr[j], wide),
                ("qvel", speed, old.jnt_dofadr[i], new.jnt_dofadr[j], dofs),
                ("warmstart", speed, old.jnt_dofadr[i], new.jnt_dofadr[j], dofs),
            ):
                if keep:
                    b.view(target, name)[to : to + size] = a.view(source, name)[at : at + size]


def _kept(joint: str, before: Thing, after: Thing) -> tuple[bool, bool]:
    """Whether a thing's joint keeps its position, and its velocity."""
    stays = before.pose == after.pose
    if joint == after.name:  # its free joint
        speeds = [(t.linear_velocity_m_s, t.angular_velocity_rad_s) for t in (before, after)]
        return stays, stays and speeds[0] == speeds[1]
    name = joint.partition("/")[2]
    here, there = (dict(t.joints).get(name) for t in (before, after))
    if here is not None:  # a joint the scene knows
        return here == there, here == there
    same = stays and (before.kind, before.size_m, before.options) == (after.kind, after.size_m, after.options)
    return same, same


def _controls(names: _Names, source: Array, a: Layout, new: mujoco.MjModel, target: Array, b: Layout, owners: set[str]) -> None:
    """What actuators were told, and what they remember."""
    old = names.model
    for i in range(old.nu):
        name = names.of(mujoco.mjtObj.mjOBJ_ACTUATOR, i)
        j = mujoco.mj_name2id(new, int(mujoco.mjtObj.mjOBJ_ACTUATOR), name) if _owner(name) in owners else -1
        if j < 0:
            continue
        b.view(target, "ctrl")[j] = a.view(source, "ctrl")[i]
        count = int(old.actuator_actnum[i])
        if count and count == new.actuator_actnum[j]:
            one, other = int(old.actuator_actadr[i]), int(new.actuator_actadr[j])
            b.view(target, "act")[other : other + count] = a.view(source, "act")[one : one + count]


def _owner(name: str) -> str:
    return name.partition("/")[0]
