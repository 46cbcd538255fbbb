"""What brings the grip somewhere: a floating hand flies there, an arm gets there by inverse kinematics.

Inverse kinematics is damped least squares on the engine's own Jacobian, with the posture it starts from as what is preferred where there is
freedom: a dozen lines and no dependency. A solver of quadratic programs (`mink`) would add hard limits on speed and distance, which the
collision checks along the way and the bounded step do here.

Source: Buss, Introduction to inverse kinematics with Jacobian transpose, pseudoinverse and damped least squares methods (2009).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.core.pose import Pose, quat_conjugate, quat_multiply
from lifeworld.worlds.experts.truth import Truth
from lifeworld.worlds.physics.compile import compile_scene
from lifeworld.worlds.physics.drive import drives, numbers_of
from lifeworld.worlds.physics.kinematics import Kinematics
from lifeworld.worlds.world import ActionSpec

Array = NDArray[np.float64]

FOLLOW_HZ = 12.0
"""How fast what is missing to the reference is made good [1/s]."""
STEPS, TRIES = 60, 3
STALLED_STEPS, STALLED = 15, 0.7
"""Where so many steps leave more than this share of what was missing, it is given up."""
NEAR_M, NEAR_RAD = 0.001, 0.01
DAMPING = 0.03
RAD_AS_M = 0.25
"""A radian counts as much as this many metres."""
PREFER = 0.05
DROOP_M = 0.015
LEAP_RAD = 1.2
LEAD_RAD = 0.35
"""How far a joint's command may run ahead of the joint [rad]: it bounds the force of a push."""


class Limb(Protocol):
    """A body that carries a gripper."""

    def posture(self, world_from_grip: Pose, near: Array | None = None) -> Array | None:
        """The embodiment's joint positions (its qpos, fingers as they are) with the grip there; None where it cannot be.

        `near` is a posture to begin from and to stay close to.
        """
        ...

    def leaps(self, one: Array, other: Array) -> bool:
        """Whether two postures are so far apart that there is no straight way from one to the other."""
        ...

    def act(self, reference: Pose, share: float) -> Array:
        """The action that follows the reference (world_from_grip), the fingers open by `share` (0 to 1)."""
        ...

    def grip(self, share: float) -> dict[str, float]:
        """The numbers of the action, by label, that open the grip by this share."""
        ...


def limb_of(truth: Truth, spec: ActionSpec, tick_s: float, rng: Generator) -> Limb:
    """How this embodiment is moved.

    Raises:
        SceneError: if its arm is driven by neither positions nor velocities.
    """
    if truth.embodied.embodiment.kind == "hand":
        return LimbHand(truth, spec)
    return LimbArm(truth, spec, tick_s, rng)


class LimbHand:
    """The floating hand: it is where it is told to be, and only its speed is bounded."""

    def __init__(self, truth: Truth, spec: ActionSpec) -> None:
        self._truth, self._spec = truth, spec
        self._grip_from_palm = truth.gripper.palm_from_grip.inverse()

    def posture(self, world_from_grip: Pose, near: Array | None = None) -> Array | None:
        palm = world_from_grip @ self._grip_from_palm
        own = self._truth.own()
        own[:3], own[3:7] = palm.position_m, palm.quat_wxyz
        return own

    def leaps(self, one: Array, other: Array) -> bool:
        return False

    def grip(self, share: float) -> dict[str, float]:
        return {self._spec.labels[-1]: share}

    def act(self, reference: Pose, share: float) -> Array:
        here = self._truth.now.body_pose(self._truth.gripper.palm)
        there = reference @ self._grip_from_palm
        way = FOLLOW_HZ * (there.position_m - here.position_m)
        turn = FOLLOW_HZ * _turn(there.quat_wxyz, here.quat_wxyz)
        action = np.concatenate([way, turn, [share]])
        return np.asarray(np.clip(action, self._spec.low, self._spec.high))


class LimbArm:
    """A robot's arm: all joints between its base and its palm that its actuators drive one by one."""

    def __init__(self, truth: Truth, spec: ActionSpec, tick_s: float, rng: Generator) -> None:
        self._truth, self._spec, self._tick_s, self._rng = truth, spec, tick_s, rng
        model, gripper = truth.model, truth.gripper
        self._fingers = numbers_of(model, truth.embodied, gripper.drives.tolist())
        chain = _chain(model, gripper.palm)
        self._drives = [
            d for d in drives(model, truth.embodied) if d.number not in self._fingers and int(model.jnt_bodyid[d.joint]) in chain
        ]
        for drive in self._drives:
            if drive.sort == "else":
                raise SceneError(
                    "experts move arms by positions or velocities",
                    where=f"embodiment {truth.embodied.embodiment.name!r}, actuator {spec.labels[drive.number]!r}",
                    got="another sort of actuator",
                    fix='Give the embodiment action = "position".',
                )
        joints = [d.joint for d in self._drives]
        self._qpos = model.jnt_qposadr[joints]
        limited = model.jnt_limited[joints].astype(bool)[:, None]
        self._low, self._high = np.where(limited, model.jnt_range[joints], (-np.inf, np.inf)).T
        own = truth.embodied.qpos.tolist()
        self._at = np.array([own.index(q) for q in self._qpos])
        self._alone = _alone(truth)
        same = [self._alone.model.joint(model.joint(j).name).id for j in joints]
        self._alone_qpos, self._alone_dof = self._alone.model.jnt_qposadr[same], self._alone.model.jnt_dofadr[same]
        self._palm = int(self._alone.model.body(model.body(gripper.palm).name).id)
        self._alone.place()
        anchors = [self._alone.axis(j)[1] for j in same]
        tip = (self._alone.body_pose(self._palm) @ gripper.palm_from_grip).position_m
        self._base_m, links = anchors[0], np.diff([*anchors, tip], axis=0)
        self._reach_m = float(np.linalg.norm(links, axis=1).sum())
        self._home: Array | None = None
        self._command: Array | None = None
        self._drift = np.zeros(3)

    def posture(self, world_from_grip: Pose, near: Array | None = None) -> Array | None:
        own = self._truth.own()
        if self._home is None:
            self._home = own[self._at].copy()
        if float(np.linalg.norm(world_from_grip.position_m - self._base_m)) > self._reach_m:
            return None
        first = own[self._at] if near is None else near[self._at]
        spread = np.where(np.isfinite(self._high - self._low), self._high - self._low, 2 * np.pi)
        for number in range(TRIES if near is None else 1):
            start = (
                first if number == 0 else self._home if number == 1 else self._home + self._rng.uniform(-0.25, 0.25, len(first)) * spread
            )
            found, missing = self._solve(world_from_grip, np.clip(start, self._low, self._high), STEPS)
            if missing < 1.0:
                own[self._at] = found
                return own
        return None

    def leaps(self, one: Array, other: Array) -> bool:
        return float(np.abs(one - other)[self._at].max()) > LEAP_RAD

    def grip(self, share: float) -> dict[str, float]:
        gripper = self._truth.gripper
        numbers = gripper.drive_closed + share * (gripper.drive_open - gripper.drive_closed)
        return {self._spec.labels[i]: float(number) for i, number in zip(self._fingers, numbers, strict=True)}

    def act(self, reference: Pose, share: float) -> Array:
        truth, here = self._truth, self._truth.now.qpos[self._qpos]
        if self._command is None:
            self._command = here.copy()
        # What a servo is too weak to hold shows as a small standing error: the reference is led away from it.
        off = reference.position_m - truth.grip_pose().position_m
        if float(np.linalg.norm(off)) < DROOP_M:
            self._drift = np.clip(self._drift + 2.0 * self._tick_s * off, -DROOP_M, DROOP_M)
        led = Pose(reference.position_m + self._drift, reference.quat_wxyz)
        wanted, _ = self._solve(led, self._command, 4)
        most = 3.0 * self._tick_s
        self._command = self._command + np.clip(wanted - self._command, -most, most)
        self._command = np.clip(self._command, here - LEAD_RAD, here + LEAD_RAD)
        action = np.asarray(self._spec.rest, dtype=np.float64).copy()
        for drive, wish, now in zip(self._drives, self._command, here, strict=True):
            action[drive.number] = drive.gear * (FOLLOW_HZ * (wish - now) if drive.sort == "velocity" else wish)
        action[self._fingers] = list(self.grip(share).values())
        return np.clip(action, self._spec.low, self._spec.high)

    def _solve(self, target: Pose, start: Array, steps: int) -> tuple[Array, float]:
        """Joint positions (n,) close to `target`, and what is missing: below 1 it is there."""
        alone, palm_from_grip = self._alone, self._truth.gripper.palm_from_grip
        q, weight = start.copy(), np.array([1.0] * 3 + [RAD_AS_M] * 3)
        missing = before = np.inf
        for step in range(steps + 1):
            alone.qpos[self._alone_qpos] = q
            alone.place()
            grip = alone.body_pose(self._palm) @ palm_from_grip
            off = np.concatenate([target.position_m - grip.position_m, _turn(target.quat_wxyz, grip.quat_wxyz)])
            missing = max(float(np.linalg.norm(off[:3])) / NEAR_M, float(np.linalg.norm(off[3:])) / NEAR_RAD)
            if missing < 1.0 or step == steps:
                break
            if step % STALLED_STEPS == STALLED_STEPS - 1:
                if missing > STALLED * before:
                    break
                before = missing
            jacobian = alone.jacobian(grip.position_m, self._palm)[:, self._alone_dof] * weight[:, None]
            inverse = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + DAMPING**2 * np.eye(6))
            free = np.eye(len(q)) - inverse @ jacobian
            move = inverse @ (weight * off) + PREFER * free @ (start - q)
            q = np.clip(q + move * min(1.0, 0.4 / max(float(np.abs(move).max()), 1e-9)), self._low, self._high)
        return q, missing


def _alone(truth: Truth) -> Kinematics:
    """The embodiment and nothing else: what inverse kinematics needs, many times as fast."""
    scene, embodiment = truth.compiled.scene, truth.embodied.embodiment
    bare = replace(scene, things=(), cameras=(), lights=(), sensors=(), goals=(), ground=None, embodiments=(embodiment,))
    return Kinematics(compile_scene(bare, assets=truth.compiled.assets).model)


def _turn(there: Array, here: Array) -> Array:
    """The rotation vector (3,) [rad] from one quaternion to another, world frame."""
    w, *v = quat_multiply(there, quat_conjugate(here))
    vector = np.asarray(v) * (1.0 if w >= 0 else -1.0)
    size = float(np.linalg.norm(vector))
    return np.asarray(vector * (2.0 * np.arctan2(size, abs(float(w))) / max(size, 1e-12)))


def _chain(model: Any, body: int) -> set[int]:
    """The body and all that it hangs on."""
    out: set[int] = set()
    while body > 0:
        out.add(body)
        body = int(model.body_parentid[body])
    return out
