"""PushT keeps the laws of worlds and goes as pymunk does, whose rules it has.

`pusht_by_pymunk.json`: courses of pymunk 7.3.1 set up as swm/PushT-v1 sets it up; every action is held for five ticks, states are told
after each five: disk, block's origin [px], angle [rad], the disk's speed [px/s].
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.testing import WORLD_LAWS, Law, Trial
from lifeworld.worlds.flat import WorldFlat
from lifeworld.worlds.flat.push import pushed
from lifeworld.worlds.flat.pusht import PushT
from lifeworld.worlds.flat.tee import BLOCKS, UNIT

COURSES = json.loads((Path(__file__).parent / "pusht_by_pymunk.json").read_text())


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_laws(law: Law) -> None:
    law(Trial(WorldFlat(PushT()), None, seed=3, ticks=8))


def test_it_goes_as_pymunk_does() -> None:
    """To a hundredth of a pixel; where the block is squeezed against a wall, which the two solve in other orders, to three."""
    rules = PushT()
    rows = np.array([[*course["start"], *[0.0] * 5] for course in COURSES])
    for decision in range(5):
        actions = np.array([course["actions"][decision] for course in COURSES])
        for _ in range(5):
            rows = rules.step(rows, actions)
        true = np.array([course["states"][decision] for course in COURSES])
        off = np.linalg.norm(rows[:, 2:4] - true[:, 2:4], axis=1)
        turned = np.abs((rows[:, 4] - true[:, 4] + np.pi) % (2 * np.pi) - np.pi)
        np.testing.assert_allclose(rows[:, :2], true[:, :2], atol=1e-3)
        assert np.percentile(off, 80) < 0.01
        assert off.max() < 3.0
        assert turned.max() < np.deg2rad(3.0)
    far = np.linalg.norm(rows[:, 2:4] - np.array([course["start"][2:4] for course in COURSES]), axis=1)
    assert far.min() > 20.0  # every course pushes


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), block=st.sampled_from(sorted(BLOCKS)), many=st.integers(2, 12))
def test_rows_do_not_know_of_each_other(seed: int, block: str, many: int) -> None:
    """Among others or alone, stepped and drawn: the same to the bit. Disks begin beside their blocks, so that they push."""
    rules, rng = PushT(block=block), np.random.default_rng(seed)
    rows = np.stack([rules.begin(seed=int(s)) for s in rng.integers(0, 2**40, many)])
    rows[:, :2] = rows[:, 2:4] + rng.uniform(-60, 60, (many, 2))
    actions, i = rng.uniform(-1, 1, (many, 2)), int(rng.integers(many))
    together = rules.step(rules.step(rows, actions), actions)
    alone = rules.step(rules.step(rows[i : i + 1], actions[i : i + 1]), actions[i : i + 1])
    assert alone[0].tobytes() == together[i].tobytes()
    assert np.array_equal(rules.show("rgb@above", alone)[0], rules.show("rgb@above", together)[i])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_pushes_keep_contacts_from_closing_and_never_pull(seed: int) -> None:
    """One contact: the block moves along the normal exactly as fast as what pushes, and not at all if that goes away."""
    rng = np.random.default_rng(seed)
    angle, arm, speed = rng.uniform(0, 2 * np.pi), rng.uniform(-60, 60, (1, 1, 2)), rng.uniform(-50, 50, (1, 1))
    normal = np.array([[[np.cos(angle), np.sin(angle)]]])
    motion = pushed(3000.0, arm, normal, np.array([[-0.05]]), speed, np.array([[True]]), piece_s=0.01)[0]
    lever = arm[0, 0, 0] * normal[0, 0, 1] - arm[0, 0, 1] * normal[0, 0, 0]
    along = motion[:2] @ normal[0, 0] + motion[2] * lever
    assert along == pytest.approx(max(speed[0, 0], 0.0), abs=1e-9)
    assert abs(motion[:2] @ [-normal[0, 0, 1], normal[0, 0, 0]]) < 1e-9  # without friction: nothing along the surface


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), block=st.sampled_from(sorted(BLOCKS)))
def test_how_far_a_block_is(seed: int, block: str) -> None:
    """As far as the nearest of many points of its rectangles; corners are as far as nothing, and no two are one."""
    shape, rng = BLOCKS[block], np.random.default_rng(seed)
    places = rng.uniform(-150, 150, (40, 2))
    inside = np.concatenate([rng.uniform([x0, y0], [x1, y1], (4000, 2)) * UNIT for x0, x1, y0, y1 in shape.rectangles])
    nearest = np.linalg.norm(places[:, None] - inside, axis=-1).min(axis=1)
    far = shape.distance(places)
    outside = far > 0
    assert np.all(far[outside] <= nearest[outside] + 1e-9)
    assert np.all(nearest[outside] - far[outside] < 12.0)
    assert np.all(shape.distance(inside) <= 0)
    assert np.allclose(shape.distance(shape.corners), 0.0)
    assert len(np.unique(shape.corners, axis=0)) == len(shape.corners)


def test_the_picture_is_the_published_one() -> None:
    """At 512 px: a white table, the green mark at the middle turned by 45°, the grey block, the blue disk, walls at 5 and 506."""
    world = WorldFlat(PushT(size_px=512))
    shown = world.observe(world.state([100.0, 120.0, 350.0, 100.0, 0.0, 0, 0, 0, 0, 0]), ["rgb"])["rgb"]
    assert shown[120, 100].tolist() == [78, 126, 255]  # inside the disk: its blue, lighter
    assert shown[120, 100 + 13].tolist() == [65, 105, 225]
    assert shown[115, 350].tolist() == [119, 136, 153]
    assert shown[115, 350 + 58].tolist() == [119, 136, 153]
    assert shown[200, 350].tolist() == [119, 136, 153]
    assert shown[200, 350 + 20].tolist() == [255, 255, 255]
    down = np.array([-np.sin(np.pi / 4), np.cos(np.pi / 4)])
    x, y = np.rint(256 + 100 * down).astype(int)
    assert shown[y, x].tolist() == [144, 238, 144]
    assert shown[300, 506].tolist() == [211, 211, 211]


@pytest.mark.parametrize("block", BLOCKS)
def test_places_and_turns_are_the_blocks(block: str) -> None:
    """A pixel is a millimetre; the mean of the rectangles is the centre of gravity, and the scene's cuboids are where the signals say."""
    world, angle = WorldFlat(PushT(block=block)), 4.0
    state = world.state([100.0, 120.0, 250.0, 200.0, angle, 5.0, 0, 0, 0, 0])
    seen = world.observe(state, ["position_m", "quat_wxyz", "embodiment_state"])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(seen["position_m"].mean(axis=0)[:2], (np.array([250, 200]) + turn @ BLOCKS[block].centre) / 1000, atol=1e-12)
    assert seen["embodiment_state"].tolist() == pytest.approx([0.1, 0.12, 0.005, 0.0])
    for thing, place, quat in zip(world.scene(state).things, seen["position_m"], seen["quat_wxyz"], strict=True):
        assert thing.pose is not None
        np.testing.assert_allclose(thing.pose.position_m, place)
        np.testing.assert_allclose(thing.pose.rotation[:2, :2], turn, atol=1e-12)
        assert quat[0] >= 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownName, match="small_T"):
        PushT(block="small_t")
    with pytest.raises(LimitError, match="radius_px"):
        PushT(radius_px=100.0)
