"""Stored values are read as an array is, and only when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import ShapeError
from lifeworld.core.signal import CONTACT_DTYPE, SIGNALS, Index, Stored, Stream


class Kept(Stored):
    """Values in memory that note what was read."""

    def __init__(self, values: Any) -> None:
        self.values, self.asked = values, list[int]()
        self.ragged = isinstance(values, list)
        self.shape = (len(values),) if self.ragged else values.shape
        self.dtype = values[0].dtype

    def take(self, index: Index) -> Any:
        self.asked += index.tolist()
        return [self.values[i] for i in index] if self.ragged else self.values[index]


POSES = np.arange(70.0).reshape(10, 7)
KEYS = st.one_of(
    st.integers(-10, 9), st.slices(10), st.lists(st.integers(-10, 9), min_size=1), st.lists(st.booleans(), min_size=10, max_size=10)
)


@given(key=KEYS)
def test_it_is_indexed_as_an_array_is(key: Any) -> None:
    assert np.array_equal(Kept(POSES)[key], POSES[key])
    part = Kept(POSES).part(2, 9).part(1, 6)
    assert np.array_equal(np.asarray(part), POSES[3:8])
    assert np.array_equal(list(Kept(POSES)), POSES)


def test_what_is_not_there_is_an_error_as_of_an_array() -> None:
    for key in (10, -11, [0, 10]):
        with pytest.raises(IndexError):
            Kept(POSES)[key]


def test_a_stream_of_stored_values_reads_what_it_is_asked_for() -> None:
    kept = Kept(POSES)
    stream = Stream(SIGNALS["camera_pose"], np.arange(10) * 100, kept, origin="measured", source="eye")
    part = stream.between(300, 700)
    assert (len(part), kept.asked) == (4, [])
    assert part.times_ns.tolist() == [300, 400, 500, 600]
    held = part.resampled([300, 350, 600])
    assert kept.asked == [3, 3, 6]
    assert np.array_equal(held.values, POSES[[3, 3, 6]])
    assert stream == Stream(SIGNALS["camera_pose"], np.arange(10) * 100, POSES, origin="measured", source="eye")
    other = POSES.copy()
    other[9, 0] += 1
    assert stream != Stream(SIGNALS["camera_pose"], np.arange(10) * 100, other, origin="measured", source="eye")


def test_rows_of_another_number_at_each_moment() -> None:
    rows = [np.zeros(n, CONTACT_DTYPE) for n in (0, 2, 1)]
    kept = Kept(rows)
    stream = Stream(SIGNALS["contacts"], [0, 1, 2], kept, origin="simulated")
    assert [len(v) for v in stream.values[1:]] == [2, 1]
    assert isinstance(stream.values[1:], tuple)
    assert len(stream.values[-2]) == 2
    assert stream == Stream(SIGNALS["contacts"], [0, 1, 2], rows, origin="simulated")
    assert [len(v) for v in stream.resampled([1, 5]).values] == [2, 1]
    with pytest.raises(TypeError, match="ragged"):
        np.asarray(kept)


@pytest.mark.parametrize(
    ("name", "values"),
    [("camera_pose", POSES.astype(np.float32)), ("camera_pose", POSES[:, :6]), ("contacts", POSES), ("camera_pose", [POSES[0], POSES[1]])],
)
def test_stored_values_of_another_sort_are_refused(name: str, values: Any) -> None:
    source = "eye" if name == "camera_pose" else ""
    with pytest.raises(ShapeError):
        Stream(SIGNALS[name], np.arange(len(values)), Kept(values), origin="simulated", source=source)
