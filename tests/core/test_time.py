"""Clocks: nanoseconds, alignment against a plain loop, resampling that changes nothing at the samples."""

from __future__ import annotations

import itertools
import math

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from lifeworld.core.errors import InputError, LimitError, ShapeError, UnknownName
from lifeworld.core.pose import Pose, quat_canonical, rotation_angle, slerp, xyzw_from_wxyz
from lifeworld.core.time import align, clock, gaps, ns, resample, seconds

clocks = st.lists(st.integers(0, 10**12), min_size=1, max_size=12, unique=True).map(sorted)
FARTHEST = 2**62 - 1
any_clocks = st.lists(st.integers(-FARTHEST, FARTHEST), min_size=1, max_size=12, unique=True).map(sorted)
instants = st.lists(st.integers(-(10**9), 10**12 + 10**9), max_size=12)
rules = st.sampled_from(["hold", "nearest", "linear"])

# seconds and nanoseconds


@given(st.integers(-(2**51), 2**51))
def test_nanoseconds_survive_seconds_for_26_days(time_ns: int) -> None:
    assert ns(seconds(time_ns)) == time_ns


@given(st.floats(-1e9, 1e9))
def test_ns_is_the_nearest_whole_number(time_s: float) -> None:
    assert abs(ns(time_s) - time_s * 1e9) <= max(0.5, abs(time_s) * 1e9 * 2**-52)


def test_numbers_stay_numbers_and_arrays_arrays() -> None:
    assert type(ns(0.002)) is int
    assert ns(0.002) == 2_000_000
    assert type(seconds(2_000_000)) is float
    assert ns([0.1, 0.2]).tolist() == [100_000_000, 200_000_000]
    assert seconds(np.array([5, 10])).tolist() == [5e-9, 1e-8]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e300, 1e10, [0.0, math.nan]])
def test_times_without_end_are_refused(wrong: float) -> None:
    with pytest.raises(LimitError, match="146 years"):
        ns(wrong)


# clocks


@given(any_clocks)
def test_a_clock_is_a_read_only_copy(times: list[int]) -> None:
    given_array = np.array(times)
    checked = clock(given_array)
    given_array[0] -= 1
    assert checked.tolist() == times
    assert checked.dtype == np.int64
    assert not checked.flags.writeable


@given(clocks, st.data())
def test_a_clock_that_does_not_increase_is_refused_with_the_place(times: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(times) - 1))
    late = data.draw(st.integers(0, times[place]))
    with pytest.raises(
        InputError, match=rf"times_ns\[{place + 1}\] does not come after times_ns\[{place}\]; got {times[place]} then {late} ns"
    ):
        clock([*times[: place + 1], late, *times[place + 1 :]])


@pytest.mark.parametrize("wrong", [[0.0, 1.0], 5, [[1, 2]], [True, False], ["a"], [0, 2**70]])
def test_what_is_no_row_of_whole_numbers_is_refused(wrong: object) -> None:
    with pytest.raises(ShapeError, match=r"time\.ns"):
        clock(wrong)


@pytest.mark.parametrize("wrong", [[0, FARTHEST + 1], [-FARTHEST - 1, 0], np.array([0, 2**63 + 5], dtype=np.uint64)])
def test_times_that_would_overflow_are_refused(wrong: object) -> None:
    with pytest.raises(LimitError, match="146 years"):
        clock(wrong)


def test_an_empty_clock_is_a_clock() -> None:
    assert clock([]).shape == (0,)
    assert gaps([], 5).shape == (0, 2)
    assert gaps([7], 5).shape == (0, 2)


# align


@given(clocks, instants)
def test_hold_is_the_newest_that_is_not_after(times: list[int], at: list[int]) -> None:
    found = align(times, at, "hold")
    for i, t in enumerate(at):
        not_after = [k for k, time in enumerate(times) if time <= t]
        assert found.known[i] == bool(not_after)
        assert found.before[i] == found.after[i] == (not_after[-1] if not_after else 0)


@given(clocks, instants)
def test_nearest_is_the_nearest_and_the_earlier_of_two(times: list[int], at: list[int]) -> None:
    found = align(times, at, "nearest")
    for i, t in enumerate(at):
        assert found.before[i] == found.after[i] == min(range(len(times)), key=lambda k: (abs(times[k] - t), k))
    assert found.known.all()


@given(clocks, instants)
def test_linear_weighs_by_time_inside_and_knows_nothing_outside(times: list[int], at: list[int]) -> None:
    found = align(times, at, "linear")
    for i, t in enumerate(at):
        a, b, w = found.before[i], found.after[i], found.weight[i]
        assert found.known[i] == (times[0] <= t <= times[-1])
        if found.known[i]:
            assert times[a] <= t <= times[b]
            assert b - a <= 1
            assert (1 - w) * times[a] + w * times[b] == pytest.approx(t, abs=1e-3)
        else:
            assert (a, b, w) == ((0, 0, 0.0) if t < times[0] else (len(times) - 1, len(times) - 1, 0.0))


@example([-FARTHEST, FARTHEST], [-FARTHEST, 0, FARTHEST], "nearest")
@given(any_clocks, st.lists(st.integers(-FARTHEST, FARTHEST), max_size=5), rules)
def test_weights_and_indices_are_in_bounds_for_any_clock(times: list[int], at: list[int], how: str) -> None:
    found = align(times, at, how)
    for indices in (found.before, found.after):
        assert np.all((indices >= 0) & (indices < len(times)))
    assert np.all((found.weight >= 0) & (found.weight <= 1))


def test_align_refuses_what_it_cannot_do() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'nearest'"):
        align([1, 2], [1], "neares")
    with pytest.raises(InputError, match="no samples"):
        align([], [1])
    with pytest.raises(InputError, match="increase strictly"):
        align([2, 1], [1])
    with pytest.raises(ShapeError, match="at_ns"):
        align([1, 2], [1.5])


# resample

values_for = st.sampled_from([np.float64, np.float32]).flatmap(
    lambda dtype: clocks.flatmap(
        lambda t: st.tuples(
            st.just(t),
            hnp.arrays(dtype, (len(t), 2), elements=st.floats(width=32, allow_infinity=True, allow_nan=True, allow_subnormal=False)),
        )
    )
)


@given(values_for, rules)
def test_at_its_own_times_a_stream_is_unchanged_to_the_bit(timed: tuple[list[int], np.ndarray], how: str) -> None:
    times, values = timed
    again = resample(times, values, times, how)
    assert again.dtype == values.dtype
    np.testing.assert_array_equal(again, values)


@given(clocks, st.floats(-3, 3), st.floats(-100, 100), st.data())
def test_linear_keeps_straight_lines(times: list[int], slope: float, start: float, data: st.DataObject) -> None:
    at = data.draw(st.lists(st.integers(times[0], times[-1]), max_size=6))
    line = slope * np.array(times) * 1e-9 + start
    np.testing.assert_allclose(resample(times, line, at, "linear"), slope * np.array(at, dtype=float) * 1e-9 + start, atol=1e-9)


@given(clocks, st.data())
def test_linear_is_numpy_interp(times: list[int], data: st.DataObject) -> None:
    at = data.draw(st.lists(st.integers(times[0], times[-1]), max_size=6))
    values = data.draw(hnp.arrays(np.float64, len(times), elements=st.floats(-1e3, 1e3)))
    np.testing.assert_allclose(resample(times, values, at, "linear"), np.interp(at, times, values), atol=1e-8)


def test_hold_and_nearest_carry_any_dtype() -> None:
    ids = np.array([3, 5, 9], np.int32)
    assert resample([0, 10, 20], ids, [0, 9, 10, 500], "hold").tolist() == [3, 3, 5, 9]
    assert resample([0, 10, 20], ids, [-5, 5, 6, 500], "nearest").tolist() == [3, 3, 5, 9]
    assert resample([0, 10, 20], ids, [], "hold").dtype == np.int32


def test_infinity_beside_a_sample_does_not_leak_into_it() -> None:
    assert resample([0, 10, 20], [1.0, math.inf, 3.0], [0, 5, 20], "linear").tolist() == [1.0, math.inf, 3.0]


quats = hnp.arrays(np.float64, (3, 4), elements=st.floats(-1, 1, allow_subnormal=False)).filter(
    lambda q: np.all(np.linalg.norm(q, axis=-1) > 0.1)
)


@given(quats.map(quat_canonical), st.lists(st.integers(0, 30), min_size=1, max_size=5))
def test_slerp_of_quaternions_is_scipys(quat: np.ndarray, at: list[int]) -> None:
    if np.any(rotation_angle(quat[:-1], quat[1:]) > math.pi - 1e-3):  # two shortest ways
        return
    times = [0, 10, 30]
    ours = resample(times, quat, at, "slerp")
    theirs = Slerp(times, Rotation.from_quat(xyzw_from_wxyz(quat)))(at)
    ours_there = Rotation.from_quat(xyzw_from_wxyz(ours))
    np.testing.assert_allclose((ours_there.inv() * theirs).magnitude(), 0, atol=1e-7)


def test_slerp_of_poses_goes_straight_and_turns() -> None:
    a, b = Pose((0, 0, 0), (1, 0, 0, 0)), Pose.from_yaw((4, 0, 2), 1.2)
    rows = np.stack([np.concatenate([p.position_m, p.quat_wxyz]) for p in (a, b)])
    middle = slerp(a, b, 0.25)
    np.testing.assert_allclose(resample([0, 8], rows, [2], "slerp")[0], [*middle.position_m, *middle.quat_wxyz], atol=1e-15)
    several = np.stack([rows, rows[::-1]], axis=1)  # (times, two things, 7)
    mixed = resample([0, 8], several, [0, 2, 8], "slerp")
    np.testing.assert_array_equal(mixed[[0, 2]], several)
    np.testing.assert_allclose(mixed[1, 0], [*middle.position_m, *middle.quat_wxyz], atol=1e-15)
    back = slerp(b, a, 0.25)
    np.testing.assert_allclose(mixed[1, 1], [*back.position_m, *back.quat_wxyz], atol=1e-15)


def test_resample_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InputError, match=r"'hold' does not know the value at at_ns\[1\]; got 4 ns, expected a time from 5 ns"):
        resample([5, 10], [1.0, 2.0], [5, 4], "hold")
    with pytest.raises(InputError, match=r"got 11 ns, expected a time within 5\.\.10 ns"):
        resample([5, 10], [1.0, 2.0], [11], "linear")
    with pytest.raises(InputError, match="cannot mix values of type int64"):
        resample([5, 10], [1, 2], [7], "linear")
    with pytest.raises(ShapeError, match="one value for each time"):
        resample([5, 10], [1.0], [7], "linear")
    with pytest.raises(ShapeError, match="quaternions or poses"):
        resample([5, 10], np.zeros((2, 3)), [7], "slerp")


# gaps


@given(clocks, st.integers(0, 10**12) | st.none())
def test_gaps_are_the_pairs_of_neighbours_that_are_far_apart(times: list[int], longer: int | None) -> None:
    if longer is None:  # just as long as one of them
        longer = times[-1] - times[-2] if len(times) > 1 else 0
    found = gaps(times, longer)
    assert found.tolist() == [[a, b] for a, b in itertools.pairwise(times) if b - a > longer]


def test_slerp_beside_what_is_not_known_knows_nothing() -> None:
    """A joint that was not tracked for a moment: at its own times all is as it was, beside it nothing is known."""
    poses = np.zeros((3, 2, 7))
    poses[..., 3] = 1.0
    poses[1, 0] = np.nan
    times = np.array([0, 10, 20])
    at_its_own = resample(times, poses, times, "slerp")
    assert np.array_equal(at_its_own, poses, equal_nan=True)
    between = resample(times, poses, np.array([5, 15]), "slerp")
    assert np.isnan(between[:, 0]).all()
    assert np.array_equal(between[:, 1], poses[[0, 2], 1])
