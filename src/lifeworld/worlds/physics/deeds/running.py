"""A deed while it lasts: what was worked out when it began, and what it remembers from tick to tick."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import mujoco
import numpy as np

from lifeworld.core.errors import SceneError
from lifeworld.scene.deed import Blind, Deed, Fault, Latch, Pull, Push, Release, Shake, Turn, Walk, Wind
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.deeds.air import shake, wind
from lifeworld.worlds.physics.deeds.handle import Handle, Handles
from lifeworld.worlds.physics.deeds.load import TICK_S, Load
from lifeworld.worlds.physics.deeds.push import push, turn
from lifeworld.worlds.physics.deeds.servo import begun, held, pull, pulled, walk, walked
from lifeworld.worlds.physics.deeds.stance import Stance

FORCES = (Push, Turn, Wind, Shake, Pull, Walk)
"""The deeds that are forces; the others are faults, or change what there is."""
FOLLOWED = (Pull, Walk)
"""Those that remember something else from tick to tick."""


@dataclass(frozen=True, slots=True)
class Running:
    """A deed that began at tick `since` (its delay has passed) and lasts until before `until` (None: from then on).

    `number` is that of what happened, among all that did. `keep` are numbers it remembers: where a pull's target is, what a frozen
    actuator was told.
    """

    number: int
    deed: Deed
    since: int
    until: int | None
    keep: tuple[float, ...] = ()

    def lasts(self, tick: int) -> bool:
        """Whether it is going on during the tick that begins at `tick`."""
        return self.since <= tick and (self.until is None or tick < self.until)


def begin(number: int, deed: Deed, tick: int, compiled: Compiled, handles: Handles, stance: Stance, data: mujoco.MjData) -> Running:
    """A deed that begins at a tick, on a state whose stance is given and whose scratch `data` are at it.

    Raises:
        SceneError: why nothing can come of it: what it is about is not there, or cannot be moved so.
    """
    thing = _thing(deed, compiled, handles)
    lasts_s = getattr(deed, "duration_s", None)
    until = None if lasts_s is None else tick + max(1, math.ceil(lasts_s / TICK_S - 1e-9))
    match deed:
        case Push(impulse_n_s=None, velocity_m_s=wanted) if thing is not None and wanted is not None:
            x, y, z = np.multiply(wanted, thing.total_kg).tolist()
            deed = replace(deed, impulse_n_s=(x, y, z), velocity_m_s=None)
        case Turn(impulse=None, speed=speed) if thing is not None and speed is not None:
            deed = replace(deed, impulse=speed * _felt(compiled.model, data, thing.joints[deed.joint].dof), speed=None)
        case Pull() if thing is not None:
            return Running(number, deed, tick, until, tuple(held(deed, thing, stance)[0].tolist()))
        case Walk() if thing is not None:
            start = tuple(begun(thing, stance).tolist())
            return Running(number, deed, tick, tick + math.ceil(deed.duration_s / TICK_S) + 1, (*start, *start))
    return Running(number, deed, tick, until)


def load(running: Running, tick: int, handles: Handles, stance: Stance) -> Sequence[Load]:
    """The forces of the tick that begins at `tick`; of what is no force, or is about what is gone, none."""
    deed, since_s = running.deed, (tick - running.since) * TICK_S
    if isinstance(deed, Wind | Shake):
        everything = isinstance(deed, Shake)
        names = deed.things if deed.things is not None else [n for n, h in handles.items() if h.loose or everything]
        some = [handles[name] for name in names if name in handles and len(handles[name].bodies)]
        return [wind(deed, one, stance, since_s) if isinstance(deed, Wind) else shake(deed, one, since_s) for one in some]
    thing = handles.get(getattr(deed, "thing", ""))
    if thing is None:
        return ()
    match deed:
        case Push() if thing.loose:
            return (push(deed, thing, stance, since_s),)
        case Turn() if deed.joint in thing.joints:
            return (turn(deed, thing, since_s),)
        case Pull() if thing.loose:
            return (pull(deed, thing, stance, np.array(running.keep)),)
        case Walk() if thing.loose:
            inertia = handles.compiled.model.body_inertia[thing.root]
            return (walk(deed, thing, stance, np.array(running.keep[:3]), inertia),)
    return ()


def follow(running: Running, tick: int, handles: Handles, stance: Stance) -> Running:
    """What goes on into the tick that begins at `tick`, with what it remembers then."""
    deed = running.deed
    thing = handles.get(getattr(deed, "thing", ""))
    if thing is None or not thing.loose:
        return running
    if isinstance(deed, Pull):
        return replace(running, keep=tuple(pulled(deed, thing, stance, np.array(running.keep)).tolist()))
    if isinstance(deed, Walk):
        keep, since_s = np.array(running.keep), (tick - running.since) * TICK_S
        target = walked(deed, thing, stance, keep[:3], keep[3:], since_s)
        return replace(running, keep=(*target.tolist(), *running.keep[3:]))
    return running


def _thing(deed: Deed, compiled: Compiled, handles: Handles) -> Handle | None:
    """The thing that a deed is about, if it is about one.

    Raises:
        SceneError: if it cannot be done to it.
    """
    if isinstance(deed, Fault | Blind | Wind | Shake):
        names = getattr(deed, "things", None) or ()
        for name in names:
            _known(name, handles)
        return None
    thing = _known(deed.thing, handles)
    if isinstance(deed, Turn | Latch):
        if deed.joint not in thing.joints:
            raise SceneError(f"{thing.name!r} has no joint {deed.joint!r}", expected=", ".join(thing.joints) or "it has none at all")
    elif isinstance(deed, Push | Pull | Walk) and not thing.loose:
        raise SceneError(f"{thing.name!r} is fixed: nothing moves it", fix="Turn one of its joints, or take another thing.")
    elif isinstance(deed, Walk) and thing.soft:
        raise SceneError(f"{thing.name!r} is soft, and cannot walk")
    elif isinstance(deed, Release) and compiled.bounds[thing.instance - 1].thing.attach is None:
        raise SceneError(f"{thing.name!r} is not attached to anything")
    return thing


def _known(name: str, handles: Handles) -> Handle:
    if name not in handles:
        raise SceneError(f"there is no {name!r} any more")
    return handles[name]


def _felt(model: mujoco.MjModel, data: mujoco.MjData, dof: int) -> float:
    """How much mass [kg m² or kg] a joint moves when nothing else is held: one over the diagonal of the inverse inertia."""
    mujoco.mj_crb(model, data)
    mujoco.mj_factorM(model, data)
    unit, out = np.zeros((1, model.nv)), np.zeros((1, model.nv))
    unit[0, dof] = 1.0
    mujoco.mj_solveM(model, data, out, unit)
    return 1.0 / float(out[0, dof])
