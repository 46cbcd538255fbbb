"""Time in whole nanoseconds: align clocks, resample values, find gaps.

A clock is an array of int64 nanoseconds since the episode's start, strictly increasing. Streams keep their own clocks;
bringing one to the times of another is always asked for, by a rule that has a name:

    hold      the newest sample that is not after the instant: what was known then
    nearest   the sample nearest to the instant, the earlier one of two equally near
    linear    a straight line between the samples around the instant, for quantities that can be added
    slerp     the shortest turn between them, for quaternions (last axis 4) and positions with quaternions (last axis 7)

None of them invents a value: an instant the rule cannot answer is `known = False` in `align` and an error in `resample`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import InputError, LimitError, ShapeError, UnknownName
from lifeworld.core.pose import quat_slerp

Times = NDArray[np.int64]
How = Literal["hold", "nearest", "linear", "slerp"]

NS_PER_S = 1_000_000_000
_FARTHEST_NS = 2**62 - 1  # 146 years: the difference of any two times fits into int64


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Where instants lie among samples: the value is `(1 - weight) * values[before] + weight * values[after]`.

    All are (instants,): `before`, `after` int64 indices, `weight` float64 in [0, 1], `known` bool. Where not `known`, both
    indices are those of the nearest sample.
    """

    before: Times
    after: Times
    weight: NDArray[np.float64]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What took the times of a stream, and how well: `episode` is the recorder's own, from which all times count.

    A foreign clock's times were brought to the episode's by `offset_ns` and `drift_ppm` [1e-6], already applied, and are right to
    `uncertainty_ns`, None where nobody knows.
    """

    source: str = "episode"
    offset_ns: int = 0
    drift_ppm: float = 0.0
    uncertainty_ns: int | None = 0


@overload
def ns(seconds: float) -> int: ...
@overload
def ns(seconds: list[float] | NDArray[Any]) -> Times: ...
def ns(seconds: ArrayLike) -> int | Times:
    """Seconds as whole nanoseconds, to the nearest.

    Raises:
        LimitError: if a time is not finite, or farther than 146 years.
    """
    with np.errstate(over="ignore"):
        scaled = np.asarray(seconds, dtype=np.float64) * NS_PER_S
    if not np.all(np.abs(scaled) < _FARTHEST_NS):
        raise LimitError("a time must be finite and within 146 years", got=np.asarray(seconds).tolist())
    whole = np.rint(scaled).astype(np.int64)
    return whole if whole.ndim else int(whole)


@overload
def seconds(times_ns: int) -> float: ...
@overload
def seconds(times_ns: list[int] | Times) -> NDArray[np.float64]: ...
def seconds(times_ns: ArrayLike) -> float | NDArray[np.float64]:
    """Nanoseconds as seconds; `ns(seconds(t)) == t` for every t within 26 days."""
    out = np.asarray(np.asarray(times_ns) / NS_PER_S, dtype=np.float64)
    return out if out.ndim else float(out)


def clock(times_ns: ArrayLike, *, name: str = "times_ns") -> Times:
    """A read-only copy of the times as a checked clock: (n,), int64, strictly increasing; may be empty.

    Raises:
        ShapeError: if the times are not one row of whole numbers.
        InputError: if one does not come after the one before; says which.
    """
    times = _instants(times_ns, name).copy()
    late = np.flatnonzero(np.diff(times) <= 0)
    if late.size:
        i = int(late[0])
        raise InputError(
            f"{name} must increase strictly: {name}[{i + 1}] does not come after {name}[{i}]",
            got=f"{times[i]} then {times[i + 1]} ns",
            fix="Sort the samples by time and keep one for each time.",
        )
    times.flags.writeable = False
    return times


def align(times_ns: ArrayLike, at_ns: ArrayLike, how: How = "hold") -> Alignment:
    """Where the instants `at_ns` (instants,) [ns], in any order, lie among the samples at `times_ns` (samples,) [ns].

    `hold` does not know what was before the first sample; `linear` and `slerp` know nothing outside the samples;
    `nearest` always answers.

    Raises:
        InputError: if `times_ns` does not increase strictly, or has no samples.
        UnknownName: if there is no such rule.
    """
    if how not in get_args(How):
        raise UnknownName("way to align", str(how), get_args(How))
    times, at = clock(times_ns), _instants(at_ns, "at_ns")
    if not times.size:
        raise InputError("there are no samples to align to", fix="Check that the stream holds something first.")
    last = times.size - 1
    right = np.searchsorted(times, at, side="right")
    before = np.clip(right - 1, 0, last)
    after = np.clip(right, 0, last)
    if how in ("linear", "slerp"):
        span = times[after] - times[before]
        weight = np.where(span > 0, (at - times[before]) / np.maximum(span, 1), 0.0)
        after = np.where(weight > 0, after, before)
        return Alignment(before, after, weight, (at >= times[0]) & (at <= times[last]))
    if how == "nearest":
        before = np.where(np.abs(times[after] - at) < np.abs(at - times[before]), after, before)
        return Alignment(before, before, np.zeros(at.shape), np.ones(at.shape, dtype=bool))
    return Alignment(before, before, np.zeros(at.shape), at >= times[0])


def resample(times_ns: ArrayLike, values: ArrayLike, at_ns: ArrayLike, how: How = "hold") -> NDArray[Any]:
    """The values (instants, ...) at `at_ns`, from values (samples, ...) at `times_ns`, in the dtype of the values.

    At a sample's own time every rule gives the sample, to the bit. `linear` is wrong for rotations and is not told
    them from other numbers: use `slerp` for those.

    Raises:
        InputError: if the rule does not know the value at an instant, or cannot mix values of this dtype.
        ShapeError: if there is not one value for each time, or `slerp` gets neither quaternions nor poses.
    """
    samples = np.asarray(values)
    found = align(times_ns, at_ns, how)
    count = np.size(np.asarray(times_ns))
    if samples.shape[:1] != (count,):
        raise ShapeError("there must be one value for each time", got=samples.shape, expected=f"({count}, ...)")
    if not found.known.all():
        i = int(np.flatnonzero(~found.known)[0])
        raise InputError(
            f"{how!r} does not know the value at at_ns[{i}]",
            got=f"{np.asarray(at_ns)[i]} ns",
            expected=f"a time {'from' if how == 'hold' else 'within'} {_extent(np.asarray(times_ns), how)}",
            fix="Leave those instants out (align(...).known says which), or ask for 'nearest'.",
        )
    if how in ("hold", "nearest"):
        return np.asarray(samples[found.before])
    if not np.issubdtype(samples.dtype, np.floating):
        raise InputError(f"{how!r} cannot mix values of type {samples.dtype}", fix="Use 'hold' or 'nearest'.")
    if how == "slerp" and (samples.ndim < 2 or samples.shape[-1] not in (4, 7)):
        raise ShapeError("slerp needs quaternions or poses", got=samples.shape, expected="(samples, ..., 4) or (samples, ..., 7)")
    a, b = samples[found.before].astype(np.float64), samples[found.after].astype(np.float64)
    w = found.weight.reshape(-1, *[1] * (samples.ndim - 1))
    with np.errstate(invalid="ignore", over="ignore"):
        mixed = (1.0 - w) * a + w * b
    if how == "slerp":  # between a sample and one that is not known (NaN) nothing is known
        known = np.broadcast_to(w[..., 0] > 0, a.shape[:-1]) & ~np.isnan(mixed[..., -4:]).any(axis=-1)
        turned = quat_slerp(a[known][..., -4:], b[known][..., -4:], np.broadcast_to(w[..., 0], known.shape)[known])
        mixed[known, -4:] = turned
    return np.where(w > 0, mixed, a).astype(samples.dtype)  # at a sample itself nothing is mixed: inf and NaN next to it do not leak in


def gaps(times_ns: ArrayLike, longer_than_ns: int) -> Times:
    """The gaps (k, 2) [ns], each from the sample before it to the sample after it, that last longer than `longer_than_ns`."""
    times = clock(times_ns)
    wide = np.flatnonzero(np.diff(times) > longer_than_ns)
    return np.stack([times[wide], times[wide + 1]], axis=-1)


def _instants(times_ns: ArrayLike, name: str) -> Times:
    times = np.asarray(times_ns)
    if times.size == 0 and times.ndim == 1:
        return np.zeros(0, dtype=np.int64)
    if times.ndim != 1 or not np.issubdtype(times.dtype, np.integer):
        raise ShapeError(
            f"{name} must be one row of whole nanoseconds",
            got=f"{times.dtype} {times.shape}",
            expected="int64 (n,)",
            fix="Turn seconds into nanoseconds with lifeworld.core.time.ns.",
        )
    if max(abs(int(times.max())), abs(int(times.min()))) > _FARTHEST_NS:
        raise LimitError(f"{name} must be within 146 years of the start", got=int(times[np.argmax(np.abs(times.astype(np.float64)))]))
    return times.astype(np.int64)


def _extent(times: NDArray[Any], how: str) -> str:
    return f"{times[0]} ns" if how == "hold" else f"{times[0]}..{times[-1]} ns"
