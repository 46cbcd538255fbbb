"""A watch agrees with the senses: what holds at a moment with the facts that are told, what happens with events and closed forms."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from watching import holds, judged, outcome, rows_of, states_of

from lifeworld.core.errors import SceneError, StateError, UnknownName
from lifeworld.core.pose import Pose, quat_from_rotation_vector
from lifeworld.scene import starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.agent import AgentCurious, AgentRest
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses.tell import PREDICATES
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.physics.watch import Watch
from lifeworld.worlds.physics.watch.kinematics import Kinematics

TOLD = [name for name, _ in PREDICATES]
ALONE = ("upright", "toppled", "still", "open", "closed")
PAIRS = ("on", "in", "touching", "under")
SIDES = ("beside", "left_of", "right_of", "in_front_of", "behind")


@pytest.fixture(scope="module", params=["tabletop", "kitchen_counter"])
def played(request: pytest.FixtureRequest) -> tuple[WorldPhysics, list[PhysicsState]]:
    """Some moments of somebody meddling."""
    world = WorldPhysics(renderer="rays")
    states = states_of(world, starter.load(request.param), AgentCurious(), 240, seed=3)
    return world, states[::60]


def facts(world: WorldPhysics, state: PhysicsState) -> set[tuple[str, int, int]]:
    return {(TOLD[p], int(a), int(b)) for p, a, b in world.observe(state, ["relations"])["relations"].tolist()}


def carried_too(told: set[tuple[str, int, int]]) -> set[tuple[str, int, int]]:
    """Facts with what is on and in others by way of others."""
    carries = {(a, b) for p, a, b in told if p in ("on", "in") and b}
    out = set(told)
    while True:
        more = {(p, a, b) for a, c in carries for p, one, b in out if p in ("on", "in") and one == c and b} - out
        if not more:
            return out
        out |= more


@pytest.mark.parametrize("name", ["tabletop", "kitchen_counter", "desk", "soft_things", "pendulum", "dominoes"])
def test_bodies_are_where_the_engine_has_them(name: str) -> None:
    world = WorldPhysics(renderer="rays")
    states = states_of(world, starter.load(name), AgentRest(), 8)
    model, rows = states[0].compiled.model, rows_of(states)
    kinematics = Kinematics(model, range(model.nbody))
    place, turn = kinematics.frames(rows)
    data = mujoco.MjData(model)
    for i, row in enumerate(rows):
        mujoco.mj_setState(model, data, row, FULL)
        mujoco.mj_kinematics(model, data)
        np.testing.assert_allclose(place[i], data.xpos[kinematics.bodies], atol=1e-12)
        np.testing.assert_allclose(turn[i], data.xmat[kinematics.bodies].reshape(-1, 3, 3), atol=1e-12)


def test_what_holds_is_what_is_told(played: tuple[WorldPhysics, list[PhysicsState]]) -> None:
    world, states = played
    rows, scene = rows_of(states), states[0].compiled.scene
    told = [carried_too(facts(world, s)) for s in states]
    moving = [i + 1 for i, bound in enumerate(states[0].compiled.bounds) if bound.qpos >= 0]
    some = 0
    for predicate in ALONE:
        for i, thing in enumerate(scene.things, start=1):
            try:
                found = holds(states[0], rows, Condition(predicate=predicate, thing=thing.name))  # type: ignore[arg-type]
            except SceneError:  # it can never be so
                assert not any((predicate, i, 0) in facts for facts in told), (predicate, thing.name)
                continue
            if predicate == "still" and i not in moving:  # of what is fixed nothing is told
                continue
            assert found.tolist() == [(predicate, i, 0) in facts for facts in told], (predicate, thing.name)
            some += int(found.any())
    for predicate in PAIRS:
        for i, thing in enumerate(scene.things, start=1):
            for j, other in enumerate(scene.things, start=1):
                if i == j or i not in moving:
                    continue
                try:
                    found = holds(states[0], rows, Condition(predicate=predicate, thing=thing.name, to=other.name))  # type: ignore[arg-type]
                except SceneError:
                    assert not any((predicate, i, j) in facts for facts in told), (predicate, thing.name, other.name)
                    continue
                pair = (min(i, j), max(i, j)) if predicate == "touching" else (i, j)
                carried = [{("on", i, j), ("in", i, j)} & facts for facts in told]
                wanted = [
                    (predicate, *pair) in facts or (predicate == "under" and bool(c) and f)
                    for facts, c, f in zip(told, carried, found.tolist(), strict=True)
                ]
                assert found.tolist() == wanted, (predicate, thing.name, other.name)
                some += int(found.any())
    assert some > 20


def test_sides_that_are_told_hold(played: tuple[WorldPhysics, list[PhysicsState]]) -> None:
    world, states = played
    scene = states[0].compiled.scene
    for state in states[::4]:
        asked = sorted(fact for fact in facts(world, state) if fact[0] in SIDES)[::7]
        for predicate, a, b in asked:
            condition = Condition(predicate=predicate, thing=scene.things[a - 1].name, to=scene.things[b - 1].name)  # type: ignore[arg-type]
            assert holds(state, rows_of([state]), condition).all(), condition


def test_what_is_held_is_told_to_be() -> None:
    world = WorldPhysics(renderer="rays")
    states = states_of(world, starter.load("tabletop"), AgentCurious(), 240, seed=3)
    names = [t.name for t in states[0].compiled.scene.things]
    told = [{names[a - 1] for p, a, _ in facts(world, s) if p == "held"} for s in states[40:70]]
    assert any(told)
    for thing in {name for some in told for name in some}:
        found = holds(states[0], rows_of(states[40:70]), Condition(predicate="held", thing=thing))
        assert found.tolist() == [thing in some for some in told]


@pytest.mark.parametrize(("watched", "kind"), [("tips_over", "topples"), ("opens", "opens"), ("closes", "closes"), ("falls", "falls")])
def test_what_happens_is_told_as_an_event(watched: str, kind: str) -> None:
    """Of every thing that can: it has happened in the watch when and only when it was told."""
    world = WorldPhysics(renderer="rays")
    begin = replace(starter.load("kitchen_counter"), moving=True)
    lifted = {"kettle": (0.1, 0.18, 1.6), "bread": (0.9, -0.9, 1.3), "pot": (-0.4, -0.5, 1.2)}
    state = world.reset(begin, seed=0)
    scene = world.scene(state)
    things = tuple(replace(t, pose=Pose(lifted[t.name], t.pose.quat_wxyz), relations=()) if t.name in lifted else t for t in scene.things)  # type: ignore[union-attr]
    things = tuple(
        replace(t, linear_velocity_m_s=(1.0, -0.6, 0.0), angular_velocity_rad_s=(6.0, 0, 0)) if t.name in lifted else t for t in things
    )
    fridge = next(t for t in things if t.name == "fridge")
    things = tuple(replace(t, joints=tuple((n, 0.15) for n, _ in t.joints)) if t is fridge else t for t in things)
    states = states_of(world, replace(scene, things=things), AgentRest(), 75)
    kinds = world.spec.legend["events"]
    happened = set()
    for s in states[1:]:
        happened |= {int(a) for k, a, *_ in world.observe(s, ["events"])["events"].tolist() if kinds[k] == kind}
    for i, thing in enumerate(states[0].compiled.scene.things, start=1):
        try:
            came = judged(states, outcome(watched, thing.name)).came[0, 0]
        except SceneError:
            assert i not in happened
            continue
        assert came == (i in happened), thing.name
    assert happened or kind in ("opens", "closes")


def tower(*, speed_m_s: float, height_m: float = 0.0) -> Scene:
    """A mug on a magazine on a table, sent towards the edge."""
    return Scene(
        name="edge",
        moving=True,
        things=(
            Thing(name="table", kind="table", pose=Pose(), fixed=True),
            Thing(name="mug", kind="mug", pose=Pose((0.4, 0.0, 0.7401 + height_m)), linear_velocity_m_s=(speed_m_s, 0.0, 0.0)),
            Thing(name="ball", kind="ball", pose=Pose((-0.2, 0.0, 0.7401 + height_m))),
        ),
    )


def test_what_slides_over_the_edge_falls_off_and_what_stops_before_does_not() -> None:
    world = WorldPhysics(renderer="rays")
    asked = (outcome("falls_off", "mug", "table"), outcome("falls", "mug"), outcome("hits", "mug", "ground"), outcome("moves", "mug"))
    far = judged(states_of(world, tower(speed_m_s=3.0), AgentRest(), 60), *asked)
    near = judged(states_of(world, tower(speed_m_s=0.8), AgentRest(), 60), *asked)
    assert far.came[0].tolist() == [True, True, True, True]
    assert near.came[0].tolist() == [False, False, False, True]
    off, falls, hits, moves = far.time_s[0].tolist()
    assert moves < off <= falls < hits
    assert far.decided.all()


def test_a_fall_is_as_high_as_it_is() -> None:
    """From rest, 0.1 m take √(2 h / g) = 0.143 s, and 0.3 m take 0.247 s."""
    world = WorldPhysics(renderer="rays")
    states = states_of(world, tower(speed_m_s=0.0, height_m=0.5), AgentRest(), 30)
    verdict = judged(states, *(outcome("falls", "ball", amount=h) for h in (0.1, 0.3, 0.6)))
    np.testing.assert_allclose(verdict.time_s[0, :2], [0.16, 0.26], atol=0.021)
    assert not verdict.came[0, 2]


def test_a_blow_is_as_hard_as_its_impulse() -> None:
    """A ball that comes down at 3.1 m/s on the table and hardly bounces gains m·v at least, and no more than twice."""
    world = WorldPhysics(renderer="rays")
    states = states_of(world, tower(speed_m_s=0.0, height_m=0.5), AgentRest(), 30)
    ball = states[0].compiled.bounds[2].body
    blow = float(states[0].compiled.model.body_mass[ball]) * np.sqrt(2 * 9.81 * 0.5)
    weak, strong, mug = judged(
        states,
        outcome("hits", "ball", "table", amount=0.9 * blow),
        outcome("hits", "ball", "table", amount=2.1 * blow),
        outcome("hits", "ball", "mug"),
    ).came[0]
    assert (weak, strong, mug) == (True, False, False)


def test_what_left_its_bowl_has_left_it_and_what_was_poured_was_spilt() -> None:
    world = WorldPhysics(renderer="rays")
    table = Thing(name="table", kind="table", pose=Pose((2.0, 0.0, 0.0)), fixed=True)
    bowl = Thing(name="bowl", kind="bowl", pose=Pose((0.0, 0.0, 0.5)), fixed=True)
    apple = Thing(name="apple", kind="apple", pose=Pose((0.0, 0.0, 0.52)))
    tipped = replace(bowl, pose=Pose((0.0, 0.0, 0.5), quat_from_rotation_vector(np.array([2.0, 0.0, 0.0]))))
    inside = replace(apple, pose=tipped.pose @ Pose((0.0, 0.0, 0.02)))  # type: ignore[operator]
    thrown = replace(apple, linear_velocity_m_s=(1.2, 0.0, 3.0))
    asked = (outcome("leaves", "apple", "bowl"), outcome("spills", "bowl"), outcome("in", "apple", "bowl", how="at_end"))
    came = []
    for things in ((bowl, apple), (bowl, thrown), (tipped, inside)):
        states = states_of(world, Scene(name="bowls", moving=True, things=(table, *things)), AgentRest(), 60)
        came.append(judged(states, *asked).came[0].tolist())
    assert came == [[False, False, True], [True, False, False], [True, True, False]]


# laws


def test_many_futures_are_each_seen_as_if_alone() -> None:
    world = WorldPhysics(renderer="rays")
    histories = [states_of(world, tower(speed_m_s=v), AgentRest(), 40) for v in (0.0, 0.8, 2.0, 3.0)]
    asked = [
        outcome("falls_off", "mug", "table"),
        outcome("on", "mug", "table", how="always"),
        outcome("touching", "mug", "table", how="at_end"),
        outcome("tips_over", "mug"),
        outcome("hits", "mug", "ground"),
        outcome("nearer", "mug", "ball", amount=0.3, how="never"),
    ]
    watch = Watch.of(histories[0][0], asked)
    seen = watch.begin(rows_of([h[0] for h in histories]))
    for tick in range(1, 20):
        seen = watch.after(seen, rows_of([h[tick] for h in histories]))
    order = [2, 0, 3]
    fork = seen.take(order)
    for tick in range(20, 41):
        seen = watch.after(seen, rows_of([h[tick] for h in histories]))
        fork = watch.after(fork, rows_of([histories[i][tick] for i in order]))
    whole, part, alone = watch.verdict(seen), watch.verdict(fork), [judged(h, *asked) for h in histories]
    np.testing.assert_array_equal(whole.came, np.concatenate([v.came for v in alone]))
    np.testing.assert_array_equal(whole.time_s, np.concatenate([v.time_s for v in alone]))
    np.testing.assert_array_equal(part.came, whole.came[order])
    assert whole.came.any(axis=0).sum() >= 4


def test_watching_leaves_what_was_seen_and_the_rows_alone() -> None:
    world = WorldPhysics(renderer="rays")
    states = states_of(world, tower(speed_m_s=3.0), AgentRest(), 40)
    watch = Watch.of(states[0], [outcome("falls_off", "mug", "table"), outcome("hits", "mug", "ground"), outcome("on", "mug", "table")])
    rows = rows_of(states)
    seen = [watch.begin(rows[:1])]
    kept = [part.copy() for memory in seen[0].memory for part in memory]
    for i in range(1, len(rows)):
        seen.append(watch.after(seen[-1], rows[i : i + 1]))
    for part, was in zip((part for memory in seen[0].memory for part in memory), kept, strict=True):
        np.testing.assert_array_equal(part, was)
    np.testing.assert_array_equal(rows, rows_of(states))


# refusals


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        (outcome("falls", "glas"), UnknownName, "glas"),
        (outcome("falls_off", "mug", "tabel"), UnknownName, "Did you mean 'table'"),
        (outcome("falls", "table"), SceneError, "'table' is fixed"),
        (outcome("opens", "mug"), SceneError, "nothing that opens"),
        (outcome("tips_over", "ball"), SceneError, "round"),
        (outcome("in", "mug", "table"), SceneError, "nothing can be in 'table'"),
        (outcome("held", "mug"), SceneError, "no hand"),
        (outcome("spills", "ball"), SceneError, "holds nothing"),
        (outcome("beyond", "table", joint="swing", amount=1.0), UnknownName, "swing"),
        (outcome("left_of", "mug", "ground"), UnknownName, "ground"),
    ],
)
def test_what_can_never_be_is_refused_and_says_why(asked: Outcome, error: type[Exception], says: str) -> None:
    state = WorldPhysics(renderer="rays").reset(tower(speed_m_s=0.0), seed=0)
    with pytest.raises(error, match=says):
        Watch.of(state, [asked])


def test_rows_of_another_scene_are_refused() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(tower(speed_m_s=0.0), seed=0)
    watch = Watch.of(state, [outcome("falls", "mug")])
    with pytest.raises(StateError, match="state rows"):
        watch.begin(np.zeros((2, 5)))
    seen = watch.begin(rows_of([state, state]))
    with pytest.raises(StateError, match="other futures"):
        watch.after(seen, rows_of([state]))
