"""What comes of the kinds of events when they happen in a world: mostly what is expected of them, and never what cannot be."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lifeworld.core.errors import EventError
from lifeworld.scene import starter
from lifeworld.scene.events import asked, kinds
from lifeworld.scene.place import place
from lifeworld.scene.scene import Scene
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics

TICK_S = 0.02
FASTEST_M_S = 15.0


@cache
def placed(name: str) -> Scene:
    return place(starter.load(name), seed=0)


class Course:
    """An event in a scene at 0.1 s, and what became of those it befell."""

    def __init__(self, where: str, said: str, seed: int, seconds: float) -> None:
        self.scene = placed(where)
        self.world = WorldEventful(WorldPhysics(), asked(f"{said}@0.1s"))
        state = self.world.reset(self.scene, seed=seed)
        self.before = self._seen(state)
        rest = {a.name: np.array(a.rest) for a in self.world.spec.actions}
        self.fastest_m_s, self.highest_m = 0.0, dict.fromkeys(self.before, -np.inf)
        for tick in range(round(seconds / TICK_S)):
            state = self.world.step(state, rest)
            if tick % 4 == 3:
                seen = self.world.observe(state, ["linear_velocity_m_s", "position_m"])
                self.fastest_m_s = max(self.fastest_m_s, float(np.linalg.norm(seen["linear_velocity_m_s"], axis=-1).max()))
                for i, thing in enumerate(self.world.scene(state).things):
                    self.highest_m[thing.name] = max(self.highest_m.get(thing.name, -np.inf), float(seen["position_m"][i, 2]))
        self.after, self.happened = self._seen(state), state.happened[0]

    def _seen(self, state: EventfulState) -> dict[str, tuple[np.ndarray, float]]:
        """Of each thing where it is and how far it is tilted [degrees]."""
        seen = self.world.observe(state, ["position_m", "quat_wxyz"])
        tilt = np.degrees(np.arccos(np.clip(1 - 2 * (seen["quat_wxyz"][:, 1:3] ** 2).sum(axis=1), -1, 1)))
        return {t.name: (seen["position_m"][i], float(tilt[i])) for i, t in enumerate(self.world.scene(state).things)}

    def moved_m(self, name: str) -> float:
        return float(np.linalg.norm(self.after[name][0] - self.before[name][0]))

    @property
    def who(self) -> str:
        return self.happened.who[0]


def _moved(course: Course) -> bool:
    return course.moved_m(course.who) > 0.01


def _tipped(course: Course) -> bool:
    return course.after[course.who][1] > 60


def _cat_is_up(course: Course) -> bool:
    return course.after["cat"][0][2] > 0.5


def _lifted(course: Course) -> bool:
    return course.highest_m[course.who] > course.before[course.who][0][2] + 0.04


def _something_moved(course: Course) -> bool:
    return any(course.moved_m(name) > 0.01 for name in course.before)


EXPECTED = [
    ("bump", "tabletop", _moved, 2.0),
    ("topple", "tabletop", _tipped, 2.0),
    ("drag", "tabletop", _moved, 2.0),
    ("lift", "tabletop", _lifted, 2.0),
    ("spill", "tabletop", _tipped, 2.5),
    ("sweep", "tabletop", _something_moved, 2.5),
    ("throw", "tabletop", _moved, 2.5),
    ("gust", "soft_things", _something_moved, 2.5),
    ("child_pulls_cloth", "soft_things", _moved, 2.0),
    ("pet_jumps_up", "tabletop", _cat_is_up, 4.0),
]


QUICK = ("topple", "throw", "pet_jumps_up")


@pytest.mark.parametrize(
    ("said", "where", "came", "seconds"), [pytest.param(*e, id=e[0], marks=() if e[0] in QUICK else pytest.mark.slow) for e in EXPECTED]
)
def test_mostly_what_is_expected_comes_of_it(said: str, where: str, came: object, seconds: float) -> None:
    """In two of three worlds at least."""
    assert callable(came)
    courses = [Course(where, said, seed, seconds) for seed in range(3)]
    assert sum(bool(came(course)) for course in courses) >= 2
    for course in courses:
        assert course.happened.why == ""
        assert course.fastest_m_s < FASTEST_M_S


def test_drawers_come_out_as_far_as_they_are_pulled() -> None:
    for share in (0.4, 0.8):
        world = WorldEventful(WorldPhysics(), asked(f"drawer_left_open@0.1s:strength={share}"))
        state = world.reset(placed("drawer"), seed=1)
        rest = {a.name: np.array(a.rest) for a in world.spec.actions}
        for _ in range(150):
            state = world.step(state, rest)
        name = state.happened[0].who[0]
        was, now = dict(placed("drawer").thing(name).joints), dict(world.scene(state).thing(name).joints)
        assert max(at for joint, at in now.items() if was.get(joint, 0.0) < 0.01) == pytest.approx(share * 0.34935, abs=0.06)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", kinds())
@pytest.mark.parametrize("where", ["tabletop", "kitchen_counter", "desk", "living_room"])
def test_every_kind_in_every_scene_stays_in_bounds(name: str, where: str) -> None:
    for seed in range(2):
        try:
            course = Course(where, name, seed, 3.0)
        except EventError:
            continue
        assert course.fastest_m_s < FASTEST_M_S
        assert all(np.isfinite(place).all() and place[2] > -0.1 for place, _ in course.after.values())
