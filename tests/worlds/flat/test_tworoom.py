"""TwoRoom keeps the laws of worlds and the published rules: nobody is ever in the wall, or beyond it but by a doorway."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LimitError, StateError
from lifeworld.testing import WORLD_LAWS, Law, Trial
from lifeworld.worlds.flat import WorldFlat
from lifeworld.worlds.flat.tworoom import MIDDLE_PX, SIDE_PX, TwoRoom

RULES = {
    "published": TwoRoom(),
    "across": TwoRoom(across=True, door_px=(60.0, 150.0), wall_px=25),
    "large": TwoRoom(radius_px=14.0, door_half_px=21.0, speed_px=10.5, wall_px=7),
}


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("rules", RULES)
def test_laws(law: Law, rules: str) -> None:
    law(Trial(WorldFlat(RULES[rules]), None, seed=3, ticks=12))


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_whole_disk_stays_out_of_the_wall(rules: TwoRoom, seed: int) -> None:
    """From everywhere, with any actions: no disk overlaps anything solid, and none changes rooms but through a doorway."""
    rng = np.random.default_rng(seed)
    rows = np.stack([rules.begin(seed=int(s)) for s in rng.integers(0, 2**40, 16)])
    through, along = (1, 0) if rules.across else (0, 1)
    doors = np.array(rules.door_px)
    for _ in range(30):
        before, rows = rows, rules.step(rows, rng.choice([-1.0, 0.3, 1.0], (16, 2)))
        offset = np.abs(rows[:, through] - MIDDLE_PX)
        clear = np.maximum(offset - rules.wall_px // 2, 0.0)
        gap = rules.door_half_px - np.abs(rows[:, along, None] - doors).min(axis=1)
        solid = np.hypot(clear, np.maximum(gap, 0.0))  # how far the disk's middle is from anything solid
        assert np.all(solid >= rules.radius_px - 1e-9)
        changed = np.sign(before[:, through] - MIDDLE_PX) != np.sign(rows[:, through] - MIDDLE_PX)
        assert np.all(gap[changed] > 0)
        assert np.all((rows >= 14 + rules.radius_px) & (rows <= SIDE_PX - 14 - rules.radius_px))


def test_a_free_step_is_the_published_one() -> None:
    """swm/TwoRoom-v1: position + clip(action) · speed."""
    world = WorldFlat(TwoRoom())
    later = world.step(world.state([60.0, 112.0]), {"agent": np.array([0.5, -3.0])})
    assert later.row.tolist() == [62.5, 107.0]


def test_it_slides_along_the_wall_and_goes_through_the_door() -> None:
    world = WorldFlat(TwoRoom())
    state = world.state([90.0, 120.0])
    for _ in range(10):
        state = world.step(state, {"agent": np.array([1.0, -0.6])})
    assert state.row.tolist() == pytest.approx([100.0, 90.0])  # at the wall, 112 - 5 - 7
    state = world.state([90.0, 49.0])
    for _ in range(12):
        state = world.step(state, {"agent": np.array([1.0, 0.0])})
    assert state.row.tolist() == pytest.approx([150.0, 49.0])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), many=st.integers(1, 40))
def test_rows_do_not_know_of_each_other(seed: int, many: int) -> None:
    """Among others or alone, stepped and drawn: the same to the bit."""
    rules, rng = TwoRoom(), np.random.default_rng(seed)
    rows = np.stack([rules.begin(seed=int(s)) for s in rng.integers(0, 2**40, many)])
    actions = rng.uniform(-1, 1, (many, 2))
    together, shown = rules.step(rows, actions), rules.show("rgb@above", rows)
    i = int(rng.integers(many))
    assert np.array_equal(rules.step(rows[i : i + 1], actions[i : i + 1])[0], together[i])
    assert np.array_equal(rules.show("rgb@above", rows[i : i + 1])[0], shown[i])


def test_the_picture_is_the_published_one() -> None:
    """At its own 224 px: white, a black wall at 107…117 with a doorway at 35…63, a red Gaussian dot."""
    picture = WorldFlat(TwoRoom(size_px=224))
    shown = picture.observe(picture.state([60.0, 112.0]), ["rgb"])["rgb"]
    assert shown.shape == (224, 224, 3)
    assert shown[150, 107:118].max() == 0
    assert shown[150, 106].min() == 255
    assert shown[35:64, 112].min() > 250
    assert shown[112, 60].tolist() == [255, 0, 0]
    half = np.exp(-(7.0**2) / (2 * 7.0**2))
    assert shown[119, 60, 1] == pytest.approx(255 * (1 - half), abs=1)
    assert shown[100, 10:14].max() == 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(LimitError, match="door_half_px"):
        TwoRoom(radius_px=14.0)
    with pytest.raises(LimitError, match="door_px"):
        TwoRoom(door_px=())
    with pytest.raises(LimitError, match="size_px"):
        TwoRoom(size_px=7)
    world = WorldFlat(TwoRoom())
    with pytest.raises(StateError, match="no state"):
        world.state([1.0, np.nan])
    with pytest.raises(StateError, match="other rules"):
        WorldFlat(TwoRoom(speed_px=6.0)).load(world.save(world.reset(None, seed=0)))
