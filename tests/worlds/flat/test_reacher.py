"""Reacher keeps the laws of worlds and is the suite's arm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LimitError
from lifeworld.testing import WORLD_LAWS, Law, Trial
from lifeworld.worlds.flat import WorldFlat
from lifeworld.worlds.flat.reacher import VIEW_M, WRIST_RAD, Reacher

COURSES = [
    (
        [0.8218, -1.2432],
        [[-0.9181, -0.9669], [0.6265, 0.8255], [0.2133, 0.459], [0.0872, 0.8701], [0.6317, -0.9945]],
        [0.9261992, -1.1341766, 2.9985934, -4.8379131],
        [0.1895192, 0.0711433],
    ),
    (
        [2.1444, -2.5186],
        [[0.4593, -0.6487], [0.7264, 0.0829], [-0.4006, -0.1546], [-0.9434, -0.7514], [0.3412, 0.2944]],
        [2.208907, -2.6865437, 0.7720288, 1.6173682],
        [0.0350886, 0.0412249],
    ),
    (
        [0.6923, -0.6281],
        [[0.9944, 0.9617], [0.3711, 0.3009], [0.3769, -0.2222], [-0.7298, 0.443], [0.0507, -0.3795]],
        [1.2524736, -0.0486662, 0.39335, -1.852643],
        [0.0806137, 0.2259808],
    ),
    (
        [-0.085, 2.1032],
        [[0.8681, -0.2844], [0.1431, -0.3563], [0.1886, -0.3242], [-0.2168, 0.7805], [-0.5457, 0.2464]],
        [0.2661195, 2.118276, -1.9867419, 1.3190458],
        [0.0285641, 0.1139852],
    ),
]
"""Of dm_control 1.0.50's own reacher.xml, in MuJoCo 4.0.1: start, actions held for five ticks each, then joints, speeds and finger."""


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_laws(law: Law) -> None:
    law(Trial(WorldFlat(Reacher()), None, seed=3, ticks=8))


@pytest.mark.parametrize(("start", "actions", "end", "finger"), COURSES)
def test_it_is_the_suites_arm(start: list[float], actions: list[list[float]], end: list[float], finger: list[float]) -> None:
    world = WorldFlat(Reacher())
    state = world.state([*start, 0.0, 0.0])
    for action in actions:
        for _ in range(5):
            state = world.step(state, {"arm": np.array(action)})
    off = state.row - end
    off[0] = (off[0] + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(off).max() < 1e-5
    np.testing.assert_allclose(Reacher.finger(state.row), finger, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), many=st.integers(2, 20))
def test_rows_do_not_know_of_each_other(seed: int, many: int) -> None:
    """Among others or alone, stepped and drawn: the same to the bit. Some begin at the wrist's stop."""
    rules, rng = Reacher(), np.random.default_rng(seed)
    rows = rng.uniform([-3, -WRIST_RAD, -5, -5], [3, WRIST_RAD, 5, 5], (many, 4))
    rows[::2, 1] = WRIST_RAD
    actions, i = rng.uniform(-1, 1, (many, 2)), int(rng.integers(many))
    together = rules.step(rules.step(rows, actions), actions)
    alone = rules.step(rules.step(rows[i : i + 1], actions[i : i + 1]), actions[i : i + 1])
    assert alone[0].tobytes() == together[i].tobytes()
    assert np.array_equal(rules.show("rgb@above", alone)[0], rules.show("rgb@above", together)[i])


@settings(max_examples=30, deadline=None)
@given(shoulder=st.floats(-3, 3), wrist=st.floats(-2.7, 2.7))
def test_the_finger_is_drawn_where_it_is(shoulder: float, wrist: float) -> None:
    """In a picture without an arm but for its finger: the middle of what differs."""
    plain = {"size_px": 256, "floor": ("#000000", "#000000"), "color": "#000000"}
    world = WorldFlat(Reacher(**plain, finger_color="#ffffff"))  # type: ignore[arg-type]
    state = world.state([shoulder, wrist, 0.0, 0.0])
    bright = world.observe(state, ["rgb"])["rgb"].astype(float).min(axis=-1)
    bright[bright < 100] = 0.0
    rows, columns = (np.arange(256) + 0.5) @ bright.T, (np.arange(256) + 0.5) @ bright
    x, y = (float(part.sum() / bright.sum()) for part in (rows, columns))
    place = np.array([(x / 128 - 1) * VIEW_M, (1 - y / 128) * VIEW_M])
    np.testing.assert_allclose(place, Reacher.finger(state.row), atol=0.002)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(LimitError, match="density"):
        Reacher(density_kg_m3=10.0)
