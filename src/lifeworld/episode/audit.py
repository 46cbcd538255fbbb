"""The auditor: whether what an episode shows can have happened, from its streams alone. A finding names when, who, how much and the most.

    audit(episode).ok
    for finding in audit(episode).findings: print(finding)

Four laws: nothing is deep inside another thing, nothing gains energy that nobody gave it, nothing is faster than anything here can be, and
nobody is elsewhere without having gone there. What events did is in the ledger (`happened`), and is allowed for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import quat_canonical, quat_conjugate, quat_multiply, rotate
from lifeworld.episode.episode import Episode
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Joint
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit.saved import TYPES
from lifeworld.scene.scene import Thing

Array = NDArray[np.float64]
Law = Literal["penetration", "energy", "speed", "teleport"]

DEEP_M = 0.005
"""How deep two rigid things may be inside each other."""
YIELDS_M = 0.02
"""The same where one is soft, or is an embodiment: motors push with more than any weight."""
IMPACT_S = 0.005
"""Contacts give way: an impact goes so much deeper by the speed it has (the longest contact of a scene's materials lasts as long)."""
FASTEST_M_S, FASTEST_RAD_S = 50.0, 600.0
APART_M, APART_RAD = 0.01, 0.4
"""How far something may be from where its velocity leads in a tick."""
ENGINE_S = 0.002
"""The engine's steps: each leads a frame's origin straight on, and leaves the middle of what spins fast behind."""
TURNS = 0.75
"""By what share of its change of velocity over the tick that may be more: when within the tick it changed is not known."""
RESTS_M_S, GYRATION_M = 0.6, 0.03
"""Impulses over mass of less than this, in a tick, are those of lying there; more may have turned what is so small, and back."""
SPARE_J, SPARE, SPUN_S = 0.005, 0.05, 0.004
"""Energy that the engine's steps make of nothing: so much, this share of the energy of motion, and as much more as the square of what is
turned in this time: its steps are too long for what spins fast."""
GIVEN = 0.15
"""By what share the ledger's energy may be wrong for what turns as it is pushed; and more, as above, for what spins fast."""
BOUNCE_TICKS = 5
"""So long ago what was lost to a contact can come back from it."""
DRIVEN_M_S, CREEP_M_S, RADIUS_M = 2.5, 0.02, 0.3
"""How fast an embodiment can move what it touches; what counts as still; how far from its origin a thing is touched, if not farther."""
RIGID_M = 1e-6
"""By more than this the centre of mass moves in the frame of what is not rigid."""
REJECTED = "rejected"
"""The label of an episode that is kept though this was found in it."""
MOST_FINDINGS = 20
"""Of one law; after so many it is clear."""

NEEDS: Mapping[Law, tuple[str, ...]] = {
    "penetration": ("contacts", "linear_velocity_m_s", "angular_velocity_rad_s"),
    "energy": ("energy_j", "impulses", "linear_velocity_m_s", "angular_velocity_rad_s", "joint_position", "joint_velocity"),
    "speed": ("linear_velocity_m_s", "angular_velocity_rad_s"),
    "teleport": ("position_m", "quat_wxyz", "linear_velocity_m_s", "angular_velocity_rad_s", "center_of_mass_m"),
}
"""The streams that each law is held against."""
AUDITED: tuple[str, ...] = (*dict.fromkeys(name for names in NEEDS.values() for name in names), "mass_kg")
"""All of them; masses too, where they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What cannot have happened: at `time_ns`, to `things`; `got` and the `most` that could be, in `unit`."""

    law: Law
    time_ns: int
    things: tuple[str, ...]
    got: float
    most: float
    unit: str

    def __str__(self) -> str:
        who = " and ".join(repr(name) for name in self.things)
        what = {
            "penetration": f"{who} are inside each other",
            "energy": f"{who} gains energy that nobody gave it",
            "speed": f"{who} is faster than can be",
            "teleport": f"{who} is elsewhere without having gone there",
        }[self.law]
        return f"{self.time_ns / 1e9:.2f} s: {what}; got {self.got:.3g} {self.unit}, at most {self.most:.3g} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found, the earliest first, and the laws that could not be looked at: law → what was missing."""

    findings: tuple[Finding, ...]
    unchecked: Mapping[Law, str]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def audit(episode: Episode) -> Audit:
    """Hold an episode against the laws that its streams allow to look at."""
    laws = {"penetration": _penetration, "energy": _energy, "speed": _speed, "teleport": _teleport}
    findings: list[Finding] = []
    unchecked: dict[Law, str] = {}
    seen = _Seen(episode)
    for law, names in NEEDS.items():
        if why := seen.unclear(names):
            unchecked[law] = why
        else:
            found = sorted(laws[law](seen), key=lambda f: f.time_ns)
            findings += found[:MOST_FINDINGS]
    return Audit(findings=tuple(sorted(findings, key=lambda f: f.time_ns)), unchecked=unchecked)


class _Seen:
    """An episode's streams as arrays over ticks (n, …), and who is who: instance 0 is the background, then things, then embodiments."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        clock = next((episode[name] for name in AUDITED if name in episode.streams), None)
        self.times_ns = np.zeros(0, np.int64) if clock is None else np.asarray(clock.times_ns)
        self.step_s = np.diff(self.times_ns) * 1e-9
        things = next((episode[name].values.shape[1] for name in ("linear_velocity_m_s", "energy_j") if name in episode.streams), 0)
        known = {t.name: t for t in episode.scene.things} if episode.scene is not None else {}
        names = episode.legend.get("instance_ids", ())
        self.names = names if len(names) > things else ("background", *(f"thing {i + 1}" for i in range(things)))
        self.count = things
        self.things: list[Thing | None] = [known.get(name) for name in self.names[1 : things + 1]]
        self.soft = np.array([t is not None and not is_asset(t) and archetype.build(t).soft is not None for t in self.things], dtype=bool)
        self.foreign = np.array([t is not None and is_asset(t) for t in self.things], dtype=bool)

    def unclear(self, names: Sequence[str]) -> str:
        """Why these streams cannot be held against each other; empty where they can."""
        if missing := [name for name in names if name not in self.episode.streams]:
            return f"it holds no {', '.join(missing)}"
        if len(self.times_ns) < 2:
            return "it has fewer than two moments"
        for name in names:
            if not np.array_equal(self.episode[name].times_ns, self.times_ns):
                return f"{name} has another clock"
        return ""

    def array(self, name: str) -> Array:
        return np.asarray(self.episode[name].values[:], dtype=np.float64)

    def rows(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.void]]:
        """The rows of a ragged stream one after the other, and the tick (n,) of each."""
        parts = [np.asarray(part) for part in self.episode[name].values[:]]
        return np.repeat(np.arange(len(parts)), [len(part) for part in parts]), np.concatenate(parts)

    @cached_property
    def speeds(self) -> tuple[Array, Array]:
        """Linear [m/s] and angular [rad/s] speed (ticks, things); of what is not there yet 0."""
        linear, angular = (np.nan_to_num(np.linalg.norm(self.array(name), axis=-1)) for name in NEEDS["speed"])
        return linear, angular

    @cached_property
    def surface_m_s(self) -> Array:
        """How fast any instance's surface moves at most around each tick (ticks, instances)."""
        linear, angular = self.speeds
        own = np.zeros((len(linear), max(len(self.names), self.count + 1)))
        own[:, 1 : self.count + 1] = linear + self.radius_m * angular
        if "joint_velocity" in self.episode.streams:
            rates = np.abs(np.nan_to_num(self.array("joint_velocity")))
            for thing, joint, column in self.joints:
                own[:, thing + 1] += rates[:, column] * (self.radius_m[thing] if joint.kind == "hinge" else 1.0)
        own[:, self.count + 1 :] = DRIVEN_M_S
        around = np.maximum(np.vstack([own[:1], own[:-1]]), np.vstack([own[1:], own[-1:]]))
        return np.asarray(np.maximum(own, around))

    @cached_property
    def radius_m(self) -> Array:
        """How far from its origin each thing (things,) was touched at most."""
        out = np.full(self.count, RADIUS_M)
        if self.count and not self.unclear(("contacts", "position_m")):
            tick, rows = self.rows("contacts")
            place = self.array("position_m")
            for side in ("body_a", "body_b"):
                thing = rows[side].astype(np.int64) - 1
                of_thing = (thing >= 0) & (thing < self.count)
                far = np.linalg.norm(rows["position_m"] - place[tick, np.where(of_thing, thing, 0)], axis=-1)
                np.fmax.at(out, thing[of_thing], far[of_thing])
        return out

    @cached_property
    def joints(self) -> list[tuple[int, Joint, int]]:
        """The joints of things: thing, joint, its column in the streams of joints; none where imported things have some too."""
        known = [(i, j) for i, t in enumerate(self.things) if t is not None and not is_asset(t) for j in archetype.build(t).joints]
        columns = self.episode["joint_position"].values.shape[1] if "joint_position" in self.episode.streams else 0
        return [(thing, joint, column) for column, (thing, joint) in enumerate(known)] if len(known) == columns else []

    @cached_property
    def hit_m_s(self) -> Array:
        """By how much each thing's velocity may have been changed, and changed back, by blows in each tick (ticks, things)."""
        out = np.zeros((len(self.times_ns), self.count))
        if "mass_kg" not in self.episode.streams or self.unclear(("impulses",)):
            return out
        tick, rows = self.rows("impulses")
        size = np.linalg.norm(rows["impulse_n_s"], axis=-1)
        for side in ("body_a", "body_b"):
            thing = rows[side].astype(np.int64) - 1
            of_thing = (thing >= 0) & (thing < self.count)
            np.add.at(out, (tick[of_thing], thing[of_thing]), size[of_thing])
        with np.errstate(divide="ignore", invalid="ignore"):
            out = np.nan_to_num(out / self.array("mass_kg")[-1], posinf=0.0)
        return np.asarray(np.maximum(out - RESTS_M_S, 0.0))

    @cached_property
    def edited(self) -> NDArray[np.bool_]:
        """Who (ticks, things) was changed by an event's edit then: it may be elsewhere, or new."""
        out = np.zeros((len(self.times_ns), self.count), dtype=bool)
        for tick, thing, sort, _ in self.ledger:
            out[tick, thing] |= sort in TYPES
        return out

    @cached_property
    def ledger(self) -> list[tuple[int, int, str, float]]:
        """(tick, thing, sort of deed, energy [J]) of each row of `happened`."""
        if "happened" not in self.episode.streams:
            return []
        sorts = self.episode.legend.get("deeds", ())
        when, rows = self.rows("happened")
        ticks = np.searchsorted(self.times_ns, self.episode["happened"].times_ns[when])
        return [
            (int(tick), int(row["thing"]) - 1, sorts[row["deed"]] if row["deed"] < len(sorts) else "", float(row["energy_j"]))
            for tick, row in zip(ticks, rows, strict=True)
            if 0 < row["thing"] <= self.count and tick < len(self.times_ns)
        ]

    def finding(self, law: Law, tick: int, instances: Sequence[int], got: float, most: float, unit: str) -> Finding:
        names = tuple(self.names[i] if 0 <= i < len(self.names) else f"instance {i}" for i in instances)
        return Finding(law=law, time_ns=int(self.times_ns[tick]), things=names, got=float(got), most=float(most), unit=unit)


def _penetration(seen: _Seen) -> Iterator[Finding]:
    """Contacts whose depth is more than what they give way by; once for each two."""
    tick, rows = seen.rows("contacts")
    a, b, depth = rows["body_a"].astype(np.int64), rows["body_b"].astype(np.int64), -rows["distance_m"]
    yields = np.zeros(seen.surface_m_s.shape[1], dtype=bool)
    yields[1 : seen.count + 1], yields[seen.count + 1 :] = seen.soft, True
    fast = np.zeros_like(seen.surface_m_s)
    fast[:, : seen.count + 1] = _recent(seen.surface_m_s[:, : seen.count + 1], BOUNCE_TICKS)
    most = np.where(yields[a] | yields[b], YIELDS_M, DEEP_M) + IMPACT_S * (fast[tick, a] + fast[tick, b])
    told = set[tuple[int, int]]()
    for i in np.flatnonzero((a != b) & (depth > most)).tolist():
        pair = (min(int(a[i]), int(b[i])), max(int(a[i]), int(b[i])))
        if pair not in told:
            told.add(pair)
            yield seen.finding("penetration", int(tick[i]), pair, depth[i], most[i], "m")


def _speed(seen: _Seen) -> Iterator[Finding]:
    for speeds, most, unit in zip(seen.speeds, (FASTEST_M_S, FASTEST_RAD_S), ("m/s", "rad/s"), strict=True):
        for thing in np.flatnonzero((speeds > most).any(axis=0)).tolist():
            tick = int(np.argmax(speeds[:, thing] > most))
            yield seen.finding("speed", tick, (thing + 1,), speeds[tick, thing], most, unit)


def _teleport(seen: _Seen) -> Iterator[Finding]:
    """Changes of place and turn that the velocities before and after do not make."""
    step = seen.step_s[:, None, None]
    velocity, spin = seen.array("linear_velocity_m_s"), seen.array("angular_velocity_rad_s")
    place, quat = seen.array("position_m"), seen.array("quat_wxyz")
    # The centre of mass of what is rigid goes straight between blows, where the origin of its frame may circle around it.
    arm = seen.array("center_of_mass_m") - place
    own = rotate(quat_conjugate(quat), arm)
    with np.errstate(invalid="ignore"):
        bent = (np.abs(own - np.nan_to_num(own).sum(axis=0) / np.maximum(np.isfinite(own).sum(axis=0), 1)) > RIGID_M).any(axis=(0, 2))
    arm[:, bent] = 0.0
    place, velocity = place + arm, velocity + np.cross(spin, arm)
    went = np.linalg.norm(np.diff(place, axis=0) - (velocity[1:] + velocity[:-1]) / 2 * step, axis=-1)
    turn = _rotation_vector(quat_multiply(quat[1:], quat_conjugate(quat[:-1])))
    turned = np.linalg.norm(turn - (spin[1:] + spin[:-1]) / 2 * step, axis=-1)
    changed, spun = (np.linalg.norm(np.diff(v, axis=0), axis=-1) for v in (velocity, spin))
    changed, spun = changed + seen.hit_m_s[1:], spun + seen.hit_m_s[1:] / GYRATION_M
    most_m = np.where(seen.soft, YIELDS_M, APART_M) + TURNS * changed * seen.step_s[:, None]
    rate = np.linalg.norm(spin, axis=-1)
    most_m += np.linalg.norm(arm[1:], axis=-1) * np.maximum(rate[1:], rate[:-1]) ** 2 * ENGINE_S * seen.step_s[:, None]
    angle = rate * np.append(seen.step_s, seen.step_s[-1:])[:, None]
    arc = np.maximum(angle[1:], angle[:-1])
    most_rad = APART_RAD + TURNS * spun * seen.step_s[:, None] + arc**2 / 2
    for miss, most, unit in ((went, most_m, "m"), (np.where(arc < np.pi / 2, turned, 0.0), most_rad, "rad")):
        with np.errstate(invalid="ignore"):
            wrong = (miss > most) & ~seen.edited[1:] & ~(seen.soft if unit == "rad" else False)
        for thing in np.flatnonzero(wrong.any(axis=0)).tolist():
            tick = int(np.argmax(wrong[:, thing]))
            yield seen.finding("teleport", tick + 1, (thing + 1,), miss[tick, thing], most[tick, thing], unit)


def _energy(seen: _Seen) -> Iterator[Finding]:
    """Gains that are more than events gave, contacts brought, and came back from contacts that had taken them.

    What one thing gives another by an impulse J is at most |J| times how fast its surface moves. Things that are held fast to each other
    are looked at as one; soft and imported ones keep energy that is not told, and are left out.
    """
    energy = seen.array("energy_j")
    total = energy.sum(axis=-1) + _springs(seen, energy.shape[1])
    gained = np.diff(total, axis=0, prepend=total[:1])
    most = np.zeros_like(gained)
    tick, rows = seen.rows("impulses")
    size = np.linalg.norm(rows["impulse_n_s"], axis=-1)
    for own, other in (("body_a", "body_b"), ("body_b", "body_a")):
        mine, theirs = rows[own].astype(np.int64), rows[other].astype(np.int64)
        thing = (mine > 0) & (mine <= seen.count)
        brought = size * (seen.surface_m_s[tick, theirs] + CREEP_M_S)
        np.add.at(most, (tick[thing], mine[thing] - 1), brought[thing])
    for when, who, _, given in seen.ledger:
        most[when, who] += given + (GIVEN + 2 * (SPUN_S * seen.speeds[1][when, who]) ** 2) * abs(given)
    held = _held(seen)
    gained, most, motion = (_grouped(np.nan_to_num(v), held) for v in (gained, most, energy[..., 0]))
    spare = SPARE + (SPUN_S * _grouped(seen.speeds[1], held)) ** 2
    most += SPARE_J + spare * np.maximum(motion, np.vstack([motion[:1], motion[:-1]]))
    lost = np.maximum(-gained, 0.0)
    kept = np.cumsum(np.vstack([np.zeros((1, lost.shape[1])), lost]), axis=0)
    since = np.maximum(np.arange(len(lost)) - BOUNCE_TICKS, 0)
    most += kept[:-1] - kept[since]
    untold = np.zeros(seen.count, dtype=bool)
    np.logical_or.at(untold, held, seen.soft | seen.foreign)
    new = np.zeros((len(gained), seen.count), dtype=bool)
    new[1:] = np.isnan(total[:-1]) & ~np.isnan(total[1:])
    # An edit makes the world anew: what touched in the tick before it is not known any more.
    wrong = (gained > most) & ~untold & ~new & ~seen.edited.any(axis=1, keepdims=True)
    for one in np.flatnonzero(wrong.any(axis=0)).tolist():
        at = int(np.argmax(wrong[:, one]))
        yield seen.finding("energy", at, (one + 1,), gained[at, one], most[at, one], "J")


def _springs(seen: _Seen, things: int) -> Array:
    """The energy (ticks, things) [J] in the springs of things' own joints, as the scene says they are."""
    out = np.zeros((len(seen.times_ns), things))
    position = seen.array("joint_position")
    for thing, joint, column in seen.joints:
        out[:, thing] += 0.5 * joint.spring * (position[:, column] - joint.rest) ** 2
    return out


def _held(seen: _Seen) -> NDArray[np.int64]:
    """For each thing (things,) the number of the one that stands for all that are held fast to each other."""
    first = np.arange(seen.count)
    number = {name: i for i, name in enumerate(seen.names[1 : seen.count + 1])}
    for i, thing in enumerate(seen.things):
        other = number.get(thing.attach) if thing is not None and thing.attach is not None else None
        if other is not None:
            first[first == first[i]] = first[other]
    return first


def _grouped(values: Array, first: NDArray[np.int64]) -> Array:
    out = np.zeros_like(values)
    for column, to in enumerate(first.tolist()):
        out[:, to] += values[:, column]
    return out


def _recent(values: Array, ticks: int) -> Array:
    """The greatest of each value (n, …) and the `ticks` before it."""
    out = values.copy()
    for back in range(1, ticks + 1):
        out[back:] = np.maximum(out[back:], values[:-back])
    return out


def _rotation_vector(quat: NDArray[Any]) -> Array:
    """The rotation vectors (…, 3) [rad] of quaternions (…, 4)."""
    with np.errstate(invalid="ignore"):
        quat = quat_canonical(np.where(np.isnan(quat), [1.0, 0.0, 0.0, 0.0], quat))
    sine = np.linalg.norm(quat[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, quat[..., :1])
    return np.asarray(quat[..., 1:] * np.where(sine > 1e-12, angle / np.maximum(sine, 1e-12), 2.0))
