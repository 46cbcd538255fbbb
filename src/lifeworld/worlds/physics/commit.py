"""A plan in a running world: applied, let go for half a second, looked at, and only then true.

    apply ─► who is placed, who comes along ─► is anything inside another? ─► 0.5 s on a fork, longer if it takes longer
          ─► does it stay, is nobody else disturbed, do the relations hold? ─► what was placed lies where it came to rest

Everybody else keeps the state they had, to the bit, and no time passes; only soft things give way to what is put on them. What
moves already is held while the new comes to rest, so that a rolling ball does not decide whether a cup can stand. A plan that does not
hold is tried with other spots, a few times; then it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import mujoco
import numpy as np

from lifeworld.core.errors import InputError, PlacementError
from lifeworld.core.pose import rotation_angle
from lifeworld.core.seed import child_seed
from lifeworld.scene import archetype
from lifeworld.scene.along import come_along, geometry
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit import Close, Edit, EditPlan, Open, Place, Rename, apply, describe
from lifeworld.scene.naming import renamed
from lifeworld.scene.relation import why_not
from lifeworld.scene.scene import Relation, Scene, Thing
from lifeworld.worlds.physics.bench import Bench
from lifeworld.worlds.physics.carry import new_names
from lifeworld.worlds.physics.compile import TICK_NS, Compiled
from lifeworld.worlds.physics.rest import Array, Fork, moving, reach, shifts, with_rest
from lifeworld.worlds.physics.state import FULL, PhysicsState, frozen, scene_now

Assets = Mapping[str, Assembly]
Shifts = dict[str, tuple[float, float]]
Named = TypeVar("Named")

TICKS, MOST_TICKS = 25, 150
"""How long what was placed is let go, and how long at most until it is still: 0.5 s and 3 s."""
MOST_TRIES = 4
STILL = (0.0,) * 6
RESTLESS = 10.0
"""How many times as fast as what is still something may be in the end: it is stopped then."""
DEEP_M = 0.002
"""How far two things may begin inside each other: what the solver leaves is less, what explodes is more."""
STRAY_M, TILT_RAD = 0.03, float(np.deg2rad(15.0))
"""How far what was placed may end from where it was put."""
REACH_M = STRAY_M + 0.02
"""Who is farther away cannot be touched by what does not stray."""
DISTURBED_M, DISTURBED_RAD = 0.005, float(np.deg2rad(3.0))
"""How far anybody else may be moved by it."""
AJAR = 0.1
"""By what share of its way an opened joint may give."""
STEP, LEAST = 0.1, 0.25
"""By what share of its way less what was to open wholly is opened at the next try, if something is in its way; and how far at least."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan makes of a scene before physics has its say.

    `placed` are to come to rest, `released` may fall, `asked` are the relations that have to hold then (and whether the other came along
    when the thing was placed), `opened` the joints that were moved (thing, joint, position [rad or m]), `called` the new names of who was
    there by their old ones.
    """

    before: Scene
    scene: Scene
    placed: frozenset[str]
    released: frozenset[str]
    asked: tuple[tuple[str, Relation, bool], ...]
    opened: tuple[tuple[str, str, float], ...]
    called: Mapping[str, str]

    def once(self, value: Named) -> Named:
        """A value with the names there were before the plan."""
        for old, new in self.called.items():
            value = renamed(value, new, old)
        return value

    def once_called(self, name: str) -> str:
        """The name that somebody had before the plan."""
        return next((old for old, new in self.called.items() if new == name), name)

    @property
    def restless(self) -> bool:
        """Whether everything may move now: motion is the point of the scene, or its gravity or ground are others."""
        old, new = self.before, self.scene
        return new.moving or (old.gravity_m_s2, old.ground is None) != (new.gravity_m_s2, new.ground is None)


def commit(
    state: PhysicsState,
    before: Scene,
    plan: EditPlan,
    *,
    make: Callable[[Scene], tuple[PhysicsState, bool]],
    bench: Callable[[Compiled], Bench],
    assets: Assets,
) -> PhysicsState:
    """The state after a plan, settled and verified.

    Args:
        before: the scene as it stands at `state`.
        make: the state with another scene in place of that one, and whether that is an earlier one taken back.

    Raises:
        PlacementError: why what is asked for does not hold: `unstable`, or `no_room` for what would be inside another.
        EditError, SceneError: if the plan does not fit.
    """
    refused: PlacementError | None = None
    tried: list[Scene] = []
    now, attempt = plan, 0
    while attempt < MOST_TRIES:
        change = changed(before, now, seed=child_seed(state.tick, "commit", attempt) if attempt else state.tick, assets=assets)
        if change.scene in tried:  # nothing in the plan is drawn: another seed leads to the same
            break
        tried.append(change.scene)
        made, back = make(change.scene)
        if back:
            return made
        try:
            return _verified(made, change, state, bench, assets)
        except PlacementError as error:
            refused, less = refused or error, _less_open(plan, now, error)
            now, attempt = (less, attempt) if less != now else (now, attempt + 1)
    assert refused is not None
    raise refused


def _less_open(asked: EditPlan, plan: EditPlan, error: PlacementError) -> EditPlan:
    """The plan with what has no room to open the whole way opened a step less: a wardrobe's door stops at the wall."""

    def less(one: Edit, now: Edit) -> Edit:
        if not (isinstance(one, Open) and isinstance(now, Open) and error.reason == "no_room" and error.where == f"thing {now.name!r}"):
            return now
        return replace(now, fraction=now.fraction - STEP) if one.fraction == 1.0 and now.fraction > LEAST + STEP else now

    return replace(plan, edits=tuple(less(one, now) for one, now in zip(asked, plan, strict=True)))


def changed(before: Scene, plan: EditPlan, *, seed: int, assets: Assets) -> Change:
    """The scene after a plan, edit by edit, each with what comes along.

    Raises:
        EditError, SceneError, PlacementError: as `apply`.
    """
    scene = before
    placed: set[str] = set()
    released: set[str] = set()
    asked: dict[tuple[str, Relation], bool] = {}
    for number, edit in enumerate(plan, start=1):
        try:
            after = apply(scene, edit, seed=seed, assets=assets)
        except InputError as error:
            if len(plan) > 1:
                error.at(f"edit {number} of {len(plan)} ({describe(edit)})")
            raise
        if isinstance(edit, Rename):  # nobody moves: what is known of the old name is known of the new one
            scene = after
            placed, released = ({edit.to if name == edit.name else name for name in some} for some in (placed, released))
            asked = {(edit.to if name == edit.name else name, renamed(r, edit.name, edit.to)): along for (name, r), along in asked.items()}
            continue
        was = {t.name: t for t in scene.things}
        along = come_along(scene, after, assets=assets)
        scene = along.scene if isinstance(edit, Open | Close) else after  # a drawer takes along what lies in it
        touched = {t.name for t in scene.things if t.name not in was or _is_put(was[t.name], t)}
        placed = (placed | touched) - along.released
        released = (released - touched) | along.released | {t.name for t in scene.things if t.name in was and _is_let_go(was[t.name], t)}
        asked = {(name, r): along for (name, r), along in asked.items() if touched.isdisjoint({name, *r.targets})}
        for thing in scene.things:
            again = isinstance(edit, Place) and edit.name == thing.name
            known = was[thing.name].relations if thing.name in was and not again else ()
            asked.update({(thing.name, r): not touched.isdisjoint(r.targets) for r in thing.relations if r not in known})
    things = {t.name: t for t in scene.things}
    called = new_names(plan)
    first = {called.get(t.name, t.name): t for t in before.things}
    launched = {name for name in placed & things.keys() if _speeds(things[name]) not in (STILL, _speeds(first.get(name)))}
    return Change(
        before=before,
        scene=scene,
        placed=frozenset((placed & things.keys()) - launched),
        released=frozenset((released | launched) & things.keys()),
        asked=tuple((name, r, along) for (name, r), along in asked.items() if name in things and r in things[name].relations),
        opened=tuple(
            (name, joint, position)
            for name in sorted(placed & first.keys() & things.keys())
            for joint, position in things[name].joints
            if dict(first[name].joints).get(joint) != position
        ),
        called=called,
    )


def _is_put(before: Thing, after: Thing) -> bool:
    """Whether a thing is somewhere else, of another shape, or held by another than before."""
    return geometry(before) != geometry(after) or after.attach not in (None, before.attach)


def _speeds(thing: Thing | None) -> tuple[float, ...]:
    """What a scene says of how a thing moves."""
    return STILL if thing is None else thing.linear_velocity_m_s + thing.angular_velocity_rad_s


def _is_let_go(before: Thing, after: Thing) -> bool:
    """Whether a thing may move now though nobody has moved it: nothing holds it any more, it has other stuff or another speed."""
    keys = ("mass_kg", "material", "friction", "restitution", "fixed", "linear_velocity_m_s", "angular_velocity_rad_s")
    return (before.attach is not None and after.attach is None) or any(getattr(before, key) != getattr(after, key) for key in keys)


def _verified(made: PhysicsState, change: Change, state: PhysicsState, bench: Callable[[Compiled], Bench], assets: Assets) -> PhysicsState:
    """The state `made` with what was placed at rest, if it stays there; `state` is the one before."""
    mine = bench(made.compiled)
    if change.placed:
        _check_apart(mine, made.vector, change.placed)
    settles = bool(change.placed) and not change.restless
    if settles:
        hold = moving(mine, made.vector) - change.placed
        start = with_rest(mine, made.vector, made.vector, change.placed)
        near = reach(mine, start, change.placed | change.released, within_m=REACH_M)
        left = reach(bench(state.compiled), state.vector, [change.once_called(name) for name in change.placed], within_m=0.0)
        fork = Fork(mine, start, hold=hold, only=near | {change.called.get(name, name) for name in left})
        ticks = _until_still(fork, change)
        end = fork.vector
        spared = change.placed | change.released | hold
        disturbed = {name: by for name, by in shifts(made.compiled, start, end).items() if name not in spared and _far(*by)}
        yielding = {bound.thing.name for bound in made.compiled.bounds if bound.soft >= 0} & disturbed.keys()
        if disturbed.keys() - yielding:
            without = Fork(bench(state.compiled), state.vector, hold=[change.once_called(name) for name in hold])
            without.run(ticks)
            _check_others(
                {n: disturbed[n] for n in disturbed.keys() - yielding}, shifts(state.compiled, state.vector, without.vector), change
            )
        made = replace(made, vector=frozen(with_rest(mine, made.vector, end, change.placed | yielding)))
    now = scene_now(made, mine.layout)
    if settles:
        _check_stays(change, now, assets)
    for name, relation, along in change.asked:
        broken = why_not(relation, now, thing=name, assets=assets)
        if broken is not None:
            said = f"{relation.kind.replace('_', ' ')} {' and '.join(repr(target) for target in relation.targets)}"
            if along:
                what = f"{name!r} cannot be put {said}: {relation.thing!r} is on it or in it, and comes along"
                raise PlacementError(what, reason="no_room", where=f"thing {name!r}", fix=f"Take {relation.thing!r} away first.")
            raise _unstable(name, f"{name!r} does not stay {said}: {broken}")
    return replace(made, scene=_without_the_untrue(made.scene, now, change, assets))


def _until_still(fork: Fork, change: Change) -> int:
    """Let the fork go until what was placed is still, 0.5 s at least; in how many ticks.

    Raises:
        PlacementError: `unstable`, if it moves still after 3 s, or blows up.
    """
    ticks = TICKS
    fork.run(TICKS)
    while not fork.blew_up and ticks < MOST_TICKS and fork.speed(change.placed) > 1.0:
        fork.run(5)
        ticks += 5
    if fork.blew_up:
        raise _unstable(min(change.placed), f"{_names(change.placed)} would be thrown about")
    late = [name for name in sorted(change.placed) if fork.speed({name}) > RESTLESS]
    if late:
        raise _unstable(late[0], f"{late[0]!r} does not come to rest: it moves still after {ticks * TICK_NS / 1e9:g} s")
    return ticks


# -- what may not be -----------------------------------------------------------------------------------------------------------


def _check_apart(bench: Bench, vector: Array, placed: Collection[str]) -> None:
    """Raise where what was placed begins inside another, or in the ground."""
    mujoco.mj_setState(bench.model, bench.data, vector, FULL)
    mujoco.mj_fwdPosition(bench.model, bench.data)
    instance, names = bench.compiled.geom_instance, ("ground", *(t.name for t in bench.compiled.scene.things))
    contacts = bench.data.contact
    for i in np.argsort(contacts.dist, kind="stable"):
        depth = -float(contacts.dist[i])
        if depth <= DEEP_M:
            return
        geoms = contacts.geom[i]
        pair = sorted((int(instance[g]) for g in geoms), reverse=True) if min(geoms) >= 0 else []  # soft things give way
        if not pair or pair[0] == pair[1] or pair[0] >= len(names):  # a hand may be where it likes
            continue
        inner, outer = sorted((names[one] for one in pair), key=lambda name: name not in placed)
        if inner in placed:
            raise PlacementError(
                f"{inner!r} would be {_metres(depth)} inside {'the ground' if outer == 'ground' else repr(outer)}",
                reason="no_room",
                where=f"thing {inner!r}",
                fix="Choose another place for it, or make room first.",
            )


def _check_stays(change: Change, now: Scene, assets: Assets) -> None:
    """Raise for what does not stay where it was put: it falls, tips over, slides or rolls away, or falls shut."""
    put = {t.name: t for t in change.scene.things}
    for thing in now.things:
        start = put[thing.name].pose
        if thing.name not in change.placed or thing.pose is None or start is None or _is_inside(thing, now, assets):
            continue
        off = thing.pose.position_m - start.position_m
        turned = float(rotation_angle(thing.pose.quat_wxyz, start.quat_wxyz))
        rolls = not is_asset(thing) and "roll" in archetype.kind(thing.kind).affordances
        if off[2] < -STRAY_M:
            what = f"it falls by {_metres(-off[2])}"
        elif turned > TILT_RAD and not rolls:
            what = f"it tips over by {np.rad2deg(turned):.0f}°"
        elif np.linalg.norm(off) > STRAY_M:
            what = f"it {'rolls' if rolls else 'slides'} {_metres(float(np.linalg.norm(off)))} away"
        else:
            continue
        raise _unstable(thing.name, f"{thing.name!r} does not stay where it is put: {what}")
    for name, joint, asked in change.opened:
        gives = abs(dict(now.thing(name).joints).get(joint, asked) - asked)
        if gives > AJAR * _way(put[name], joint):
            raise PlacementError(
                f"{joint!r} of {name!r} does not stay as it is put: by itself it goes {gives / _way(put[name], joint):.0%} of its way",
                reason="unstable",
                where=f"thing {name!r}",
                fix="Open or close it the whole way.",
            )


def _is_inside(thing: Thing, scene: Scene, assets: Assets) -> bool:
    """Whether a thing lies in another, where it may lie as it likes."""
    return any(r.kind == "in" and why_not(r, scene, thing=thing.name, assets=assets) is None for r in thing.relations)


def _way(thing: Thing, joint: str) -> float:
    """How far a joint goes [rad or m]; without end where that is not known."""
    ranges = () if is_asset(thing) else ((j.name, j.range) for j in archetype.build(thing).joints)
    low, high = dict(ranges).get(joint) or (0.0, np.inf)
    return abs(high - low)


def _check_others(disturbed: Shifts, without: Shifts, change: Change) -> None:
    """Raise for somebody who was not named and is moved by what was placed; the world would have moved those of `without` anyway."""
    for name, (moved, turned) in disturbed.items():
        if not _far(*without[change.once_called(name)]):
            how = _metres(moved) if moved > DISTURBED_M else f"{np.rad2deg(turned):.0f}°"
            raise PlacementError(
                f"{name!r} would move by {how} because of {_names(change.placed)}",
                reason="unstable",
                where=f"thing {name!r}",
                fix=f"Choose another place, or move {name!r} first.",
            )


def _far(moved_m: float, turned_rad: float) -> bool:
    return moved_m > DISTURBED_M or turned_rad > DISTURBED_RAD


def _without_the_untrue(scene: Scene, now: Scene, change: Change, assets: Assets) -> Scene:
    """The scene without relations that, because of the plan, do not hold: `now` is how things are."""
    known = {t.name: t for t in change.before.things}

    def kept(thing: Thing) -> Iterator[Relation]:
        for r in thing.relations:
            if change.placed.isdisjoint({thing.name, *r.targets}) or why_not(r, now, thing=thing.name, assets=assets) is None:
                yield r
                continue
            once, name = change.once(r), change.once_called(thing.name)
            if name in known and once in known[name].relations and why_not(once, change.before, thing=name, assets=assets) is not None:
                yield r  # it was not true before either: nothing of this plan

    return replace(scene, things=tuple(replace(t, relations=tuple(kept(t))) if t.relations else t for t in scene.things))


def _unstable(name: str, what: str) -> PlacementError:
    return PlacementError(what, reason="unstable", where=f"thing {name!r}", fix="Choose another place for it, or fix it where it is.")


def _names(names: Collection[str]) -> str:
    return " and ".join(repr(name) for name in sorted(names)[:3]) + (" and others" if len(names) > 3 else "")


def _metres(length_m: float) -> str:
    return f"{length_m:.2g} m" if length_m >= 1 else f"{length_m * 100:.2g} cm" if length_m >= 0.01 else f"{length_m * 1000:.1g} mm"
