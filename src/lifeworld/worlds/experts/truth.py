"""What an expert knows: the true state, read from signals into a model of its own, in which it can also imagine how things would touch.

It is privileged: no camera shows poses, joints and facts as exactly as these signals do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.gripper import Gripper, grippers
from lifeworld.worlds.physics.kinematics import Kinematics
from lifeworld.worlds.physics.senses.poser import Poser
from lifeworld.worlds.physics.senses.tell.cast import Cast, cast_of
from lifeworld.worlds.physics.senses.tell.vocabulary import PREDICATE
from lifeworld.worlds.world import Observation

Array = NDArray[np.float64]

DEEP_M = 0.0005
"""What overlaps by less than this is said to touch, not to collide."""


class Truth:
    """The moment an expert acts in, of a compiled scene, for one embodiment with a gripper.

    Instances are numbered as everywhere: 0 the ground, i + 1 the i-th thing, then the embodiments.

    Raises:
        UnknownName: if there is no embodiment of this name.
        SceneError: if it has no gripper.
    """

    def __init__(self, compiled: Compiled, embodiment: str) -> None:
        self.compiled, self.model = compiled, compiled.model
        names = [e.name for e in compiled.scene.embodiments]
        if embodiment not in names:
            raise UnknownName("embodiment", embodiment, names)
        self.embodied = compiled.embodied[names.index(embodiment)]
        self.things = {t.name: i for i, t in enumerate(compiled.scene.things)}
        self.me = 1 + len(self.things) + names.index(embodiment)
        gripper = grippers(compiled).get(self.me)
        if gripper is None:
            raise SceneError(
                "experts act through two fingers, which this embodiment has not",
                where=f"embodiment {embodiment!r}",
                fix='Use kind = "hand", or a robot with a gripper of two fingers.',
            )
        self.gripper: Gripper = gripper
        self.signals = (
            "position_m", "quat_wxyz", "linear_velocity_m_s", "joint_position", "joint_velocity", "relations",
            f"embodiment_state@{embodiment}",
        )  # fmt: skip
        self.now, self._imagined = Kinematics(self.model), Kinematics(self.model)
        self._poser = Poser(compiled)
        self.facts: frozenset[tuple[str, int, int]] = frozenset()
        self.speed_m_s, self.joint_speed = np.zeros(len(self.things)), np.zeros(len(self._poser.joint_qpos))
        self._predicates = {number: name for name, number in PREDICATE.items()}
        own = self.embodied.qpos.tolist()
        self._fingers = [own.index(q) for q in gripper.finger_qpos.tolist()]

    def see(self, shown: Observation) -> None:
        """Take in what is shown of this moment. Things that were added since the scene was compiled are not known of."""
        qpos, count = self.now.qpos, len(self.things)
        places, turns = shown["position_m"][:count], shown["quat_wxyz"][:count]
        for bound, place, turn in zip(self.compiled.bounds, places, turns, strict=True):
            if bound.qpos >= 0:
                qpos[bound.qpos : bound.qpos + 3], qpos[bound.qpos + 3 : bound.qpos + 7] = place, turn
        joints = shown["joint_position"][: len(self._poser.joint_qpos)]
        qpos[self._poser.joint_qpos] = joints
        own = self.embodied.qpos
        qpos[own] = shown[f"embodiment_state@{self.embodied.embodiment.name}"][: len(own)]
        self.speed_m_s = np.linalg.norm(shown["linear_velocity_m_s"][:count], axis=1)
        self.now.place()
        self.facts = frozenset((self._predicates[int(p)], int(a), int(b)) for p, a, b in shown["relations"].tolist())

    # -- what is so --------------------------------------------------------------------------------------------------------

    def number(self, thing: str) -> int:
        """The instance id of a thing."""
        return self.things[thing] + 1

    def so(self, predicate: str, thing: str, other: str | None = None) -> bool:
        """Whether a fact of the tell sense holds, of a thing and another."""
        return (predicate, self.number(thing), self.number(other) if other is not None else 0) in self.facts

    def touched(self, thing: str) -> bool:
        """Whether the expert's own body touches the thing."""
        return ("touching", self.number(thing), self.me) in self.facts

    def held(self, thing: str) -> bool:
        """Whether both fingers have it."""
        return ("held", self.number(thing), self.me) in self.facts

    def rests(self, thing: str) -> bool:
        """Whether something bears it, other than a hand."""
        number = self.number(thing)
        return any(predicate == "rests_on" and a == number for predicate, a, _ in self.facts)

    def share(self) -> float:
        """How far (0 to 1) the grip is open."""
        gripper = self.gripper
        return float(np.mean((self.now.qpos[gripper.finger_qpos] - gripper.closed) / (gripper.open - gripper.closed)))

    def openness(self, thing: str, joint: str) -> float:
        """How far a joint is on its way from closed (0) to open (1)."""
        which = self.joint_row(thing, joint)
        low, high = self.cast.joint_closed[which], self.cast.joint_open[which]
        return float((self.now.qpos[self.cast.joint_qpos[which]] - low) / (high - low))

    def joint_row(self, thing: str, joint: str) -> int:
        """Which row of the cast's opening joints this is."""
        cast = self.cast
        return next(i for i, name in enumerate(cast.joint_name) if name == joint and cast.joint_thing[i] == self.things[thing])

    @cached_property
    def cast(self) -> Cast:
        return cast_of(self.compiled)

    # -- where things are --------------------------------------------------------------------------------------------------

    def pose(self, thing: str) -> Pose:
        """world_from_thing."""
        return self.now.body_pose(self.compiled.bounds[self.things[thing]].body)

    def grip_pose(self) -> Pose:
        """world_from_grip."""
        return self.now.body_pose(self.gripper.palm) @ self.gripper.palm_from_grip

    def centre_m(self, thing: str) -> Array:
        """The centre of mass (3,) [m] of a thing."""
        return self.now.centre_m(self.compiled.bounds[self.things[thing]].body)

    def own(self, share: float | None = None) -> Array:
        """The joint positions of the embodiment, with the grip open by `share`, if one is given."""
        own = self.now.qpos[self.embodied.qpos].copy()
        return own if share is None else self.opened(own, share)

    def opened(self, own: Array, share: float) -> Array:
        """The same joint positions with the grip open by this share."""
        own = own.copy()
        own[self._fingers] = self.gripper.opened(share)
        return own

    def geoms(self, thing: str) -> list[int]:
        """The geoms of a thing that can be touched."""
        return self._solid_of(self.number(thing))

    def _solid_of(self, instance: int) -> list[int]:
        solid = (self.model.geom_contype != 0) | (self.model.geom_conaffinity != 0)
        return [int(g) for g in np.flatnonzero(solid & (self.compiled.geom_instance == instance))]

    # -- how things would touch --------------------------------------------------------------------------------------------

    def imagine(
        self, qpos: Mapping[int, float] | None = None, *, own: Array | None = None, moved: Mapping[str, Pose] | None = None
    ) -> Kinematics:
        """The moment with the embodiment's joints at `own`, some things moved and single joint positions (address → value) changed."""
        there = self._imagined
        there.qpos[:] = self.now.qpos
        if own is not None:
            there.qpos[self.embodied.qpos] = own
        for thing, pose in (moved or {}).items():
            at = self.compiled.bounds[self.things[thing]].qpos
            there.qpos[at : at + 3], there.qpos[at + 3 : at + 7] = pose.position_m, pose.quat_wxyz
        for address, value in (qpos or {}).items():
            there.qpos[address] = value
        there.place()
        return there

    def collides(self, there: Kinematics, *, carried: str | None = None, ignore: frozenset[int] = frozenset()) -> bool:
        """Whether the embodiment, or what it carries, is in something else; what is in `ignore` (instances) does not count."""
        mine = {self.me} if carried is None else {self.me, self.number(carried)}
        pairs = self.compiled.geom_instance[there.overlaps(DEEP_M)]
        return any((a in mine) != (b in mine) and not {a, b} & ignore for a, b in pairs.tolist())
