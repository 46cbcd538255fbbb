"""The two fingers of an embodiment: which bodies they are, where between them things are held, how they open and close.

Read off the model, so a floating hand and an imported robot are found by the same rule: the palm is the deepest body that carries exactly
two fingers which their joints bring together and a drive moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.worlds.physics.compile import Compiled

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

PAD_M = 0.012
"""How far behind the fingertips things are held."""
TOGETHER_M, APART_M = 0.02, 0.015
"""Fingers are what closes to this gap at least, and opens by this much more."""
_FAR_M = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Gripper:
    """A palm and two fingers. The grip's frame: origin between the pads, +Z to the fingertips, +X from the first finger to the second.

    `finger_qpos` (k,) with their positions `open` and `closed` (k,); `drives` are the actuators and `drive_open`, `drive_closed` (d,) their
    commands. `depth_m`: how far a thing may rise from the fingertips before it meets the palm; `thick_m` (x, y): how much
    room a finger takes along and across the grip.
    """

    palm: int
    fingers: tuple[int, int]
    palm_from_grip: Pose
    finger_qpos: Ints
    open: Array
    closed: Array
    drives: Ints
    drive_open: Array
    drive_closed: Array
    widest_m: float
    depth_m: float
    thick_m: tuple[float, float]

    def opened(self, share: float) -> Array:
        """The positions (k,) of the finger joints when the grip is open by this share, 0 to 1."""
        return np.asarray(self.closed + share * (self.open - self.closed))


def gripper_of(model: mujoco.MjModel, bodies: Ints) -> Gripper | None:
    """The gripper among the bodies of one embodiment; None if they have no two fingers that close."""
    own = set(bodies.tolist())
    depth = {0: 0}
    for body in range(1, model.nbody):  # parents come first
        depth[body] = depth[int(model.body_parentid[body])] + 1
    for palm in sorted(own, key=lambda b: (-depth[b], b)):
        fingers = [b for b in own if model.body_parentid[b] == palm and len(_joints(model, _subtree(model, b)))]
        if len(fingers) == 2:
            found = _measured(model, palm, (min(fingers), max(fingers)))
            if found is not None:
                return found
    return None


def grippers(compiled: Compiled) -> dict[int, Gripper]:
    """Instance id → gripper, of the embodiments that have one."""
    first = 1 + len(compiled.scene.things)
    own = {i: np.flatnonzero(compiled.body_instance == i) for i in range(first, first + len(compiled.scene.embodiments))}
    found = {i: gripper_of(compiled.model, bodies.astype(np.int64)) for i, bodies in own.items()}
    return {i: gripper for i, gripper in found.items() if gripper is not None}


def _measured(model: mujoco.MjModel, palm: int, fingers: tuple[int, int]) -> Gripper | None:
    """The gripper of these two fingers, if they are two fingers: something drives them, and they meet."""
    data = mujoco.MjData(model)
    trees = [_subtree(model, finger) for finger in fingers]
    geoms = [[g for g in range(model.ngeom) if model.geom_bodyid[g] in tree and _touches(model, g)] for tree in trees]
    joints = [j for tree in trees for j in _joints(model, tree)]
    if not all(geoms) or len(joints) > 4 or not all(model.jnt_limited[j] and model.jnt_type[j] in (2, 3) for j in joints):
        return None
    qpos = model.jnt_qposadr[joints].astype(np.int64)
    ends = [tuple(model.jnt_range[j].tolist()) for j in joints]

    def gap_m(at: tuple[float, ...]) -> float:
        data.qpos[qpos] = at
        mujoco.mj_kinematics(model, data)
        return float(min(mujoco.mj_geomDistance(model, data, a, b, _FAR_M, None) for a, b in product(*geoms)))

    gaps = {at: gap_m(at) for at in product(*ends)}
    closed, opened = (np.array(pick(gaps, key=lambda at: gaps[at])) for pick in (min, max))
    closest, widest = gap_m(tuple(closed)), gap_m(tuple(opened))
    drives = [a for a in range(model.nu) if _moves(model, data, a, model.jnt_dofadr[joints])]
    if closest > TOGETHER_M or widest - max(closest, 0.0) < APART_M or widest >= _FAR_M or not drives:
        return None
    data.qpos[qpos] = (opened + closed) / 2
    mujoco.mj_kinematics(model, data)
    towards = [float(_moment(model, data, a)[model.jnt_dofadr[joints]] @ (opened - closed)) for a in drives]
    ranges = model.actuator_ctrlrange[drives]
    opens = np.array(towards)[:, None] > 0
    command = np.where(opens, ranges[:, ::-1], ranges)
    frame, depth, thick = _frame(model, data, palm, geoms)
    return Gripper(
        palm=palm,
        fingers=fingers,
        palm_from_grip=frame,
        finger_qpos=qpos,
        open=opened,
        closed=closed,
        drives=np.array(drives, dtype=np.int64),
        drive_open=command[:, 0],
        drive_closed=command[:, 1],
        widest_m=widest,
        depth_m=depth,
        thick_m=thick,
    )


def _frame(model: mujoco.MjModel, data: mujoco.MjData, palm: int, geoms: list[list[int]]) -> tuple[Pose, float, tuple[float, float]]:
    """palm_from_grip, the room between fingertips and palm [m], and how thick a finger is along and across the grip [m]."""
    turn, place = data.xmat[palm].reshape(3, 3), data.xpos[palm]
    corners = [np.concatenate([_corners(model, data, g) for g in some]) for some in geoms]
    left, right = ((c - place) @ turn for c in corners)
    middles = [(c.min(axis=0) + c.max(axis=0)) / 2 for c in (left, right)]
    across = _unit(middles[1] - middles[0])
    forward = (middles[0] + middles[1]) / 2
    forward = _unit(forward - (forward @ across) * across)
    axes = np.column_stack([across, np.cross(forward, across), forward])
    tips = min(float((c @ forward).max()) for c in (left, right))
    own = [g for g in range(model.ngeom) if model.geom_bodyid[g] == palm and _touches(model, g)]
    base = max((float((((_corners(model, data, g) - place) @ turn) @ forward).max()) for g in own), default=0.0)
    middle = axes.T @ ((middles[0] + middles[1]) / 2)
    origin = axes @ np.array([middle[0], middle[1], tips - PAD_M])
    spans = [np.ptp(left @ axes, axis=0), np.ptp(right @ axes, axis=0)]
    thick = tuple(float(max(s[k] for s in spans)) for k in (0, 1))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = axes, origin
    return Pose.from_matrix(matrix), max(tips - base, 0.0), (thick[0], thick[1])


def _corners(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> Array:
    """The corners (8, 3) [m] of a geom's box, world frame."""
    centre, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
    own = centre + np.array(list(product((-1.0, 1.0), repeat=3))) * half
    return np.asarray(own @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom])


def _subtree(model: mujoco.MjModel, root: int) -> set[int]:
    tree = {root}
    for body in range(root + 1, model.nbody):
        if int(model.body_parentid[body]) in tree:
            tree.add(body)
    return tree


def _joints(model: mujoco.MjModel, bodies: set[int]) -> list[int]:
    return [j for j in range(model.njnt) if int(model.jnt_bodyid[j]) in bodies]


def _touches(model: mujoco.MjModel, geom: int) -> bool:
    return bool(model.geom_contype[geom] or model.geom_conaffinity[geom])


def _moves(model: mujoco.MjModel, data: mujoco.MjData, actuator: int, dofs: Ints) -> bool:
    """Whether an actuator drives these joints and no others, and says how far it goes."""
    moment = np.flatnonzero(np.abs(_moment(model, data, actuator)) > 1e-9)
    return bool(len(moment)) and set(moment.tolist()) <= set(dofs.tolist()) and bool(model.actuator_ctrllimited[actuator])


def _moment(model: mujoco.MjModel, data: mujoco.MjData, actuator: int) -> Array:
    """What one unit of an actuator's length is in the joints (nv,), where the data stands."""
    mujoco.mj_comPos(model, data)
    mujoco.mj_tendon(model, data)
    mujoco.mj_transmission(model, data)
    start, count = int(data.moment_rowadr[actuator]), int(data.moment_rownnz[actuator])
    out = np.zeros(model.nv)
    out[data.moment_colind[start : start + count]] = data.actuator_moment.reshape(-1)[start : start + count]
    return out


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))
