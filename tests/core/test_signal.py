"""The signal table is complete and consistent; streams check what they hold."""

from __future__ import annotations

import copy
import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, ShapeError, UnknownName
from lifeworld.core.origin import Origin
from lifeworld.core.signal import CONTACT_DTYPE, FAMILIES, SIGNALS, Signal, Stream

SIZES = {
    "height": 3, "width": 4, "things": 2, "joints": 5, "controls": 6, "state": 7, "bytes": 8, "vertices": 9, "actuators": 10,
    "rows": 11, "columns": 12, "samples": 13, "beams": 14, "goals": 15, "limbs": 16, "channels": 17, "numbers": 18,
}  # fmt: skip


def a_value(signal: Signal, rng: np.random.Generator, rows: int = 2) -> np.ndarray:
    """A random value of one moment, any bits its dtype allows (NaN too)."""
    shape = tuple(SIZES[s] if isinstance(s, str) else s for s in signal.shape)
    shape = (rows, *shape) if signal.ragged else shape
    if signal.dtype == np.bool_:
        return np.asarray(rng.random(shape) < 0.5)
    if signal.dtype.kind == "U":  # not every number is a letter
        return rng.choice(np.array(["", "a", "éß", "push the box"]), size=shape).astype(signal.dtype)
    count = math.prod(shape) * signal.dtype.itemsize
    return np.frombuffer(rng.bytes(count), signal.dtype).reshape(shape)


def a_stream(signal: Signal, seed: int = 0, n: int = 3) -> Stream:
    rng = np.random.default_rng(seed)
    values = [a_value(signal, rng, rows=k) for k in range(n)]
    source = "eye" if signal.per in ("camera", "embodiment", "sensor") else ""
    return Stream(signal, np.arange(n) * 10, values, origin="simulated", source=source)


every_signal = pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)

# the table


def test_the_table_is_what_was_promised() -> None:
    families = {family: " ".join(s.name for s in SIGNALS.values() if s.family == family) for family in FAMILIES}
    assert families == {
        "see": "rgb rgb_blurred rgb_noisy depth_m depth_noisy_m normals instance_ids part_ids semantic_ids flow_forward flow_backward "
        "occluded_forward occluded_backward scene_flow_m object_coords_m amodal_bits visible_fraction box_2d_px box_2d_amodal_px box_3d "
        "camera_pose camera_intrinsics_px",
        "touch": "contacts contact_force_n contact_torque_n_m impulses joint_force actuator_force tactile_n accelerometer_m_s2 gyro_rad_s",
        "hear": "audio_mono audio_stereo",
        "range": "lidar_range_m lidar_ids lidar_normals lidar_intensity lidar_directions proximity_m pixel_events",
        "tell": "relations events happened captions questions goal_progress embedding",
        "be": "position_m quat_wxyz linear_velocity_m_s angular_velocity_rad_s linear_acceleration_m_s2 angular_acceleration_rad_s2 "
        "joint_position joint_velocity embodiment_state action state soft_vertices_m soft_vertex_ids material_ids mass_kg center_of_mass_m "
        "energy_j",
        "log": "skeleton_pose skeleton_confidence reading instruction phase reward terminated truncated",
    }
    with pytest.raises(TypeError):
        SIGNALS["mine"] = SIGNALS["rgb"]


@every_signal
def test_a_signal_says_what_it_is_in_sentences(signal: Signal) -> None:
    assert SIGNALS[signal.name] is signal
    assert signal.meaning.endswith(".")
    assert signal.exactness.endswith(".")
    assert {s for s in signal.shape if isinstance(s, str)} <= SIZES.keys()
    assert copy.copy(signal) == signal
    assert hash(dataclasses.replace(signal)) == hash(signal)
    endings = {
        "_n_m": "N·m",
        "_m": "m",
        "_m_s": "m/s",
        "_m_s2": "m/s²",
        "_rad_s": "rad/s",
        "_rad_s2": "rad/s²",
        "_n": "N",
        "_px": "px",
        "_j": "J",
    }
    ending = max((e for e in endings if signal.name.endswith(e)), key=len, default=None)
    assert ending is None or signal.unit == endings[ending]


@every_signal
def test_only_numbers_are_blended_in_a_line_and_only_rotations_by_turning(signal: Signal) -> None:
    if signal.blend != "none":
        assert np.issubdtype(signal.dtype, np.floating)
    assert (signal.blend == "slerp") == (signal.name in ("quat_wxyz", "camera_pose", "skeleton_pose"))
    assert signal.blend != "slerp" or signal.shape[-1:] in ((4,), (7,))


def test_pictures_are_as_the_conventions_say() -> None:
    assert (SIGNALS["rgb"].dtype, SIGNALS["rgb"].shape) == (np.uint8, ("height", "width", 3))
    assert (SIGNALS["depth_m"].dtype, SIGNALS["depth_m"].shape) == (np.float32, ("height", "width"))
    assert SIGNALS["instance_ids"].dtype == np.int32


def test_contacts_are_packed_rows_with_names() -> None:
    names = "body_a body_b part_a part_b position_m normal distance_m force_n tangential_force_n slip_m_s"
    assert CONTACT_DTYPE.names == tuple(names.split())
    assert CONTACT_DTYPE.itemsize == 4 * 4 + 24 + 24 + 8 + 8 + 24 + 24


# signals


@every_signal
def test_a_value_fits_its_signal_and_no_other_shape(signal: Signal) -> None:
    value = a_value(signal, np.random.default_rng(0))
    assert signal.check(value) is value
    for wrong in (value[None], *([value[0]] if value.ndim else [])):
        with pytest.raises(ShapeError, match=signal.name):
            signal.check(wrong)


def test_values_are_widened_and_never_narrowed() -> None:
    depth = SIGNALS["depth_m"]
    assert depth.check(np.ones((3, 4), np.float16)).dtype == np.float32
    with pytest.raises(ShapeError, match=r"got float64, expected float32\. Turn it into float32"):
        depth.check(np.ones((3, 4)))
    with pytest.raises(ShapeError, match="got float32, expected uint8"):
        SIGNALS["rgb"].check(np.ones((3, 4, 3), np.float32))
    with pytest.raises(ShapeError, match=r"dtypes of lifeworld\.core\.signal"):
        SIGNALS["contacts"].check(np.zeros((2, 3)))
    assert SIGNALS["contacts"].check([]).dtype == CONTACT_DTYPE


def test_one_name_in_a_shape_is_one_size() -> None:
    square = dataclasses.replace(SIGNALS["depth_m"], name="square", shape=("side", "side"))
    assert square.check(np.ones((3, 3), np.float32)).shape == (3, 3)
    with pytest.raises(ShapeError, match=r"got \(3, 4\), expected \(side, side\)"):
        square.check(np.ones((3, 4), np.float32))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"name": "my signal"}, InputError, "one word"),
        ({"meaning": ""}, InputError, "does not say its meaning"),
        ({"unit": ""}, InputError, 'Write "1" for no unit'),
        ({"per": "cameras"}, UnknownName, "Did you mean 'camera'"),
        ({"blend": "liner"}, UnknownName, "Did you mean 'linear'"),
        ({"dtype": object}, InputError, "Python objects"),
        ({"shape": ("height", 0)}, InputError, "names and sizes"),
        ({"shape": ("the height",)}, InputError, "names and sizes"),
        ({"shape": (2.0,)}, InputError, "names and sizes"),
    ],
)
def test_what_is_no_signal_is_refused(change: dict[str, object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        dataclasses.replace(SIGNALS["depth_m"], **change)


# streams


@every_signal
def test_a_stream_is_equal_to_itself_made_again(signal: Signal) -> None:
    stream, again = a_stream(signal), a_stream(signal)
    assert stream == again
    assert hash(stream) == hash(again)
    assert len(stream) == 3
    assert signal.name in repr(stream)
    assert stream.origin is Origin.SIMULATED


@every_signal
def test_a_stream_differs_in_any_part(signal: Signal) -> None:
    stream = a_stream(signal)
    values = list(stream.values)
    raw = bytearray(np.asarray(values[-1], signal.dtype).tobytes())
    raw[0 if signal.dtype.kind == "U" else -1] ^= 1  # the exponent of a float, the value of an integer, a letter
    other = [*values[:-1], np.frombuffer(bytes(raw), signal.dtype).reshape(values[-1].shape)]
    source = stream.source
    for different in (
        Stream(signal, stream.times_ns, other, origin="simulated", source=source),
        Stream(signal, stream.times_ns + 1, values, origin="simulated", source=source),
        Stream(signal, stream.times_ns, values, origin="dreamed", source=source),
        Stream(signal, stream.times_ns, values, origin="simulated", source="another"),
        Stream(signal, stream.times_ns[:-1], values[:-1], origin="simulated", source=source),
        Stream(dataclasses.replace(signal, meaning="Another."), stream.times_ns, values, origin="simulated", source=source),
        "a stream",
    ):
        assert stream != different


@every_signal
def test_an_empty_stream_is_a_stream(signal: Signal) -> None:
    empty = a_stream(signal, n=0)
    assert len(empty) == 0
    assert empty == a_stream(signal, n=0)
    assert "empty" in repr(empty)


def test_nan_is_equal_to_nan_and_infinity_to_infinity() -> None:
    values = np.array([[[math.nan, math.inf], [-math.inf, 0.0]]], np.float32)
    one, two = (Stream(SIGNALS["depth_m"], [0], v, origin="measured", source="eye") for v in (values, values.copy()))
    assert one == two


def test_a_stream_is_a_value_that_does_not_copy_its_pictures() -> None:
    pictures = np.zeros((2, 3, 4, 3), np.uint8)
    stream = Stream(SIGNALS["rgb"], [0, 10], pictures, origin="simulated", source="eye")
    assert np.shares_memory(stream.values, pictures)
    with pytest.raises(ValueError, match="read-only"):
        stream.values[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        stream.source = "other"
    assert pictures.flags.writeable
    contacts = Stream(SIGNALS["contacts"], [0], [np.zeros(2, CONTACT_DTYPE)], origin="simulated")
    with pytest.raises(ValueError, match="read-only"):
        contacts.values[0]["force_n"] = 1.0


@pytest.mark.parametrize(
    ("times", "values", "options", "error", "text"),
    [
        ([0, 0], np.zeros((2, 3, 4), np.float32), {}, InputError, r"stream 'depth_m' of 'eye': times_ns must increase"),
        ([0, 1.5], np.zeros((2, 3, 4), np.float32), {}, ShapeError, "whole nanoseconds"),
        ([0], np.zeros((2, 3, 4), np.float32), {}, ShapeError, "got 2 values, 1 times"),
        ([0], np.zeros((1, 3), np.float32), {}, ShapeError, r"expected \(height, width\)"),
        ([0], np.float32(1), {}, ShapeError, "a value for each time"),
        ([0], np.zeros((1, 3, 4)), {}, ShapeError, "got float64"),
        ([0], np.zeros((1, 3, 4), np.float32), {"source": ""}, InputError, "Give source=, the camera's name"),
        ([0], np.zeros((1, 3, 4), np.float32), {"origin": "real"}, UnknownName, "no origin 'real'"),
    ],
)
def test_what_is_no_stream_is_refused(times: object, values: object, options: dict[str, str], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Stream(SIGNALS["depth_m"], times, values, **{"origin": "simulated", "source": "eye", **options})


def test_a_ragged_stream_checks_every_moment() -> None:
    with pytest.raises(ShapeError, match=r"dtypes of lifeworld\.core\.signal"):
        Stream(SIGNALS["contacts"], [0, 1], [np.zeros(2, CONTACT_DTYPE), np.zeros((1, 2))], origin="simulated")
    with pytest.raises(ShapeError, match="rows"):
        Stream(SIGNALS["contacts"], [0], [np.zeros((1, 2), CONTACT_DTYPE)], origin="simulated")
    with pytest.raises(ShapeError, match="a sequence"):
        Stream(SIGNALS["contacts"], [0], 5, origin="simulated")


# resampling


@every_signal
@given(at=st.lists(st.integers(0, 40), min_size=1, max_size=5, unique=True).map(sorted))
def test_hold_gives_the_newest_value_of_any_signal(signal: Signal, at: list[int]) -> None:
    stream = a_stream(signal)
    held = stream.resampled(at)
    assert held.times_ns.tolist() == at
    assert (held.signal, held.origin, held.source) == (stream.signal, stream.origin, stream.source)
    for t, value in zip(at, held.values, strict=True):
        assert value.tobytes() == stream.values[min(t // 10, 2)].tobytes()


def test_rotations_are_not_linear_and_ids_are_not_blended() -> None:
    quats = Stream(SIGNALS["quat_wxyz"], [0, 10], [[[1, 0, 0, 0]], [[0, 0, 0, 1]]], origin="simulated")
    with pytest.raises(InputError, match=r"'linear' does not fit signal 'quat_wxyz'\. Use 'hold' or 'nearest' or 'slerp'"):
        quats.resampled([5], "linear")
    np.testing.assert_allclose(quats.resampled([5], "slerp").values[0, 0], [math.sqrt(0.5), 0, 0, math.sqrt(0.5)])
    ids = Stream(SIGNALS["instance_ids"], [0, 10], np.zeros((2, 3, 4), np.int32), origin="simulated", source="eye")
    with pytest.raises(InputError, match="Use 'hold' or 'nearest'"):
        ids.resampled([5], "linear")
    places = Stream(SIGNALS["position_m"], [0, 10], [[[0, 0, 0]], [[1, 2, 4]]], origin="measured")
    np.testing.assert_array_equal(places.resampled([5], "linear").values, [[[0.5, 1, 2]]])
