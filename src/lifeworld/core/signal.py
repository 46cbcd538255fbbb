"""What can be observed: the table of signals, and Stream, one signal over time.

A Signal says what a name means, once, for every engine, file and viewer: dtype, shape, unit, frame and how exact it is.
An engine lists the names it has in its spec; asking it for another raises SignalUnavailable. A Stream is a clock and a
value for each of its times, and knows its origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lifeworld.core.errors import InputError, ShapeError, UnknownName
from lifeworld.core.origin import Origin
from lifeworld.core.time import How, Times, clock, resample

Per = Literal["world", "camera", "thing", "joint", "embodiment"]
Blend = Literal["none", "linear", "slerp"]

CONTACT_DTYPE = np.dtype(
    [
        ("body_a", np.int32),
        ("body_b", np.int32),
        ("position_m", np.float64, (3,)),
        ("normal", np.float64, (3,)),
        ("distance_m", np.float64),
        ("force_n", np.float64),
    ]
)
"""One contact: the instance ids of both sides (0 is the background, which never moves), the middle of it and the unit normal
from a to b in the world frame, the distance (below 0 they overlap), and the force along the normal (never below 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One named, typed, timed quantity: what a value of it is at one moment.

    `shape` holds whole numbers and names of sizes that the scene decides: ("height", "width", 3). A `ragged` signal has
    rows before that shape, another number at each moment. `per` says whose it is: a signal per camera or embodiment comes
    once for each, under its name; one per thing or joint comes once, with an axis for them in the scene's order. `blend`
    says what lies between two moments: nothing, a straight line, or the shortest turn.

    Raises:
        InputError: if a word is empty or not one of its set, or the shape is not made of names and sizes.
    """

    name: str
    meaning: str
    dtype: np.dtype[Any]
    shape: tuple[str | int, ...]
    unit: str
    frame: str
    per: Per
    exactness: str
    ragged: bool = False
    blend: Blend = "none"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", np.dtype(self.dtype))
        if not self.name.isidentifier():
            raise InputError("a signal's name is one word of letters, digits and _", got=self.name)
        for word in ("meaning", "unit", "frame", "exactness"):
            if not getattr(self, word):
                raise InputError(f"signal {self.name!r} does not say its {word}", fix='Write "1" for no unit and "none" for no frame.')
        for word, known in (("per", get_args(Per)), ("blend", get_args(Blend))):
            if getattr(self, word) not in known:
                raise UnknownName(f"{word!r} of a signal", str(getattr(self, word)), known)
        if self.dtype.hasobject:
            raise InputError(f"signal {self.name!r} cannot hold Python objects", got=self.dtype)
        for size in self.shape:
            if not (size.isidentifier() if isinstance(size, str) else isinstance(size, int) and size > 0):
                raise InputError(f"the shape of signal {self.name!r} is made of names and sizes", got=self.shape)

    def check(self, value: ArrayLike) -> NDArray[Any]:
        """A value of one moment as an array of this dtype and shape, copied only if its dtype is a smaller one.

        Raises:
            ShapeError: if the shape is another, or the dtype cannot be made ours without loss.
        """
        array = self._typed(np.asarray(value))
        self._sized(array.shape[1:] if self.ragged and array.ndim else array.shape, array.shape)
        return array

    def _typed(self, array: NDArray[Any]) -> NDArray[Any]:
        if array.dtype == self.dtype:
            return array
        if array.size and not np.can_cast(array.dtype, self.dtype, "safe"):
            raise ShapeError(
                f"signal {self.name!r} has another dtype",
                got=str(array.dtype),
                expected=str(self.dtype),
                fix=f"Turn it into {self.dtype} where it is made."
                if self.dtype.names is None
                else "Use lifeworld.core.signal.CONTACT_DTYPE.",
            )
        return array.astype(self.dtype)

    def _sized(self, shape: tuple[int, ...], whole: tuple[int, ...]) -> None:
        sizes: dict[str, int] = {}
        fits = len(shape) == len(self.shape) and all(
            got == (sizes.setdefault(want, got) if isinstance(want, str) else want) for got, want in zip(shape, self.shape, strict=True)
        )
        if not fits or (self.ragged and len(whole) != len(self.shape) + 1):
            wanted = ("rows", *self.shape) if self.ragged else self.shape
            raise ShapeError(f"signal {self.name!r} has another shape", got=whole, expected=f"({', '.join(map(str, wanted))})")


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One signal over time: `values[i]` is what it was at `times_ns[i]`.

    Args:
        signal: what the values mean.
        times_ns: int64 (n,) [ns] since the episode's start, strictly increasing; copied.
        values: (n, *signal.shape); of a ragged signal a sequence of n arrays (rows, *signal.shape), kept as a tuple.
            Not copied: they are seen through a read-only view.
        origin: measured, simulated, dreamed, edited or mixed.
        source: the name of the camera or embodiment (needed for signals per camera or embodiment), thing or sensor.

    Raises:
        InputError: if the times do not increase strictly, or the source is missing.
        ShapeError: if there is not one value for each time, or a value has another dtype or shape than the signal.
    """

    signal: Signal
    times_ns: Times
    values: Any
    origin: Origin
    source: str

    def __init__(
        self,
        signal: Signal,
        times_ns: ArrayLike,
        values: ArrayLike | Iterable[ArrayLike],
        *,
        origin: Origin | str,
        source: str = "",
    ) -> None:
        where = f"stream {signal.name!r}" + (f" of {source!r}" if source else "")
        if signal.per in ("camera", "embodiment") and not source:
            raise InputError(f"{where} is per {signal.per} and does not say of which", fix=f"Give source=, the {signal.per}'s name.")
        try:
            times = clock(times_ns)
            held = _rows(signal, values) if signal.ragged else _read_only(_stacked(signal, values))
        except InputError as error:
            raise error.at(where) from None
        if len(held) != len(times):
            raise ShapeError("there must be one value for each time", where=where, got=f"{len(held)} values, {len(times)} times")
        for name, value in (("signal", signal), ("times_ns", times), ("values", held), ("origin", Origin(origin)), ("source", source)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.times_ns)

    def resampled(self, at_ns: ArrayLike, how: How = "hold") -> Stream:
        """The same stream at the times `at_ns`, by a rule of `core.time`.

        Raises:
            InputError: if the rule does not fit the signal (rotations are not linear) or does not know an instant.
        """
        if how in ("linear", "slerp") and how != self.signal.blend:
            fit = ["hold", "nearest"] + ([self.signal.blend] if self.signal.blend != "none" else [])
            raise InputError(f"{how!r} does not fit signal {self.signal.name!r}", fix=f"Use {' or '.join(map(repr, fit))}.")
        if self.signal.ragged:
            chosen = resample(self.times_ns, np.arange(len(self)), at_ns, how)
            values: Any = [self.values[i] for i in chosen]
        else:
            values = resample(self.times_ns, self.values, at_ns, how)
        return Stream(self.signal, at_ns, values, origin=self.origin, source=self.source)

    def __eq__(self, other: object) -> bool:
        """Same meaning, times, values (NaN is equal to NaN), origin and source."""
        if not isinstance(other, Stream):
            return NotImplemented
        mine, theirs = ((s.signal, s.origin, s.source) for s in (self, other))
        if mine != theirs or not np.array_equal(self.times_ns, other.times_ns):
            return False
        if self.signal.ragged:
            return all(_same(a, b) for a, b in zip(self.values, other.values, strict=True))
        return _same(self.values, other.values)

    def __hash__(self) -> int:
        return hash((self.signal.name, self.origin, self.source, self.times_ns.tobytes()))

    def __repr__(self) -> str:
        span = f"{self.times_ns[0]}..{self.times_ns[-1]} ns" if len(self) else "empty"
        of = f" of {self.source!r}" if self.source else ""
        return f"<Stream {self.signal.name}{of}: {len(self)} {self.origin.value} values, {span}>"


def _rows(signal: Signal, values: Any) -> tuple[NDArray[Any], ...]:
    if not isinstance(values, Iterable):
        raise ShapeError(f"signal {signal.name!r} needs a sequence of arrays, one for each time", got=values)
    return tuple(_read_only(signal.check(value)) for value in values)


def _stacked(signal: Signal, values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 0:
        raise ShapeError(f"signal {signal.name!r} needs a value for each time", got=array.shape)
    array = signal._typed(array)
    if array.shape == (0,):  # an empty list says nothing about the sizes
        array = array.reshape(0, *[0 if isinstance(size, str) else size for size in signal.shape])
    signal._sized(array.shape[1:], array.shape[1:])
    return array


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.names is not None:
        return all(_same(a[name], b[name]) for name in a.dtype.names)
    return np.array_equal(a, b, equal_nan=np.issubdtype(a.dtype, np.inexact))


def _table(*signals: Signal) -> Mapping[str, Signal]:
    return MappingProxyType({s.name: s for s in signals})


def _signal(name: str, dtype: DTypeLike, shape: tuple[str | int, ...], unit: str, frame: str, per: Per, **more: Any) -> Signal:
    return Signal(name=name, dtype=np.dtype(dtype), shape=shape, unit=unit, frame=frame, per=per, **more)


_FROM_STATE = "Read from the engine's state, in its own float64; nothing is rounded."

SIGNALS: Mapping[str, Signal] = _table(
    _signal(
        "rgb",
        np.uint8,
        ("height", "width", 3),
        "sRGB level",
        "camera",
        "camera",
        meaning="The picture a camera takes.",
        exactness="Drawn by the renderer that the provenance names; another renderer or driver draws other levels.",
    ),
    _signal(
        "depth_m",
        np.float32,
        ("height", "width"),
        "m",
        "camera",
        "camera",
        meaning="Distance along the optical axis to the first surface; NaN where unknown, +inf where nothing is.",
        exactness="At pixel centres. Cast as rays: exact to float32. Read from a GL depth buffer: to its 24 bits between the clip planes.",
    ),
    _signal(
        "instance_ids",
        np.int32,
        ("height", "width"),
        "1",
        "camera",
        "camera",
        meaning="Which thing each pixel shows: 0 is the background, i + 1 the i-th thing of the scene.",
        exactness="At pixel centres, one thing a pixel, no blending at edges.",
    ),
    _signal(
        "camera_pose",
        np.float64,
        (7,),
        "m, 1",
        "world",
        "camera",
        meaning="world_from_camera: position x, y, z, then quaternion w, x, y, z; the camera looks along +Z with +Y down.",
        exactness=_FROM_STATE,
        blend="slerp",
    ),
    _signal(
        "position_m",
        np.float64,
        ("things", 3),
        "m",
        "world",
        "thing",
        meaning="Where the origin of each thing's frame is.",
        exactness=_FROM_STATE,
        blend="linear",
    ),
    _signal(
        "quat_wxyz",
        np.float64,
        ("things", 4),
        "1",
        "world",
        "thing",
        meaning="How each thing is turned: world_from_thing as a unit quaternion w, x, y, z with w at least 0.",
        exactness="Read from the engine's state in float64, then normalised, with the sign that makes w at least 0.",
        blend="slerp",
    ),
    _signal(
        "linear_velocity_m_s",
        np.float64,
        ("things", 3),
        "m/s",
        "world",
        "thing",
        meaning="How fast the origin of each thing's frame moves.",
        exactness="From the engine's state in float64, carried from the engine's reference point to the frame's origin.",
        blend="linear",
    ),
    _signal(
        "angular_velocity_rad_s",
        np.float64,
        ("things", 3),
        "rad/s",
        "world",
        "thing",
        meaning="How fast each thing turns, axis times rate in world axes, about the origin of the thing's frame.",
        exactness="From the engine's state in float64; the same about any point of a rigid thing.",
        blend="linear",
    ),
    _signal(
        "joint_position",
        np.float64,
        ("joints",),
        "rad or m",
        "joint",
        "joint",
        meaning="The angle of each hinge, the travel of each slide, from where the scene draws it; free things have poses instead.",
        exactness=_FROM_STATE,
        blend="linear",
    ),
    _signal(
        "joint_velocity",
        np.float64,
        ("joints",),
        "rad/s or m/s",
        "joint",
        "joint",
        meaning="How fast each hinge turns and each slide travels.",
        exactness=_FROM_STATE,
        blend="linear",
    ),
    _signal(
        "contacts",
        CONTACT_DTYPE,
        (),
        "m, N, 1",
        "world",
        "world",
        meaning="What touches what: one row for each contact point the engine solves for, in CONTACT_DTYPE.",
        exactness="The engine's own contacts: their number and places depend on its collision geometry, the forces on its solver.",
        ragged=True,
    ),
    _signal(
        "action",
        np.float64,
        ("controls",),
        "as the embodiment says",
        "as the embodiment says",
        "embodiment",
        meaning="What the embodiment was told to do during the step that begins at this time, in the order of its controls.",
        exactness="What was asked for, before the engine limits it.",
    ),
    _signal(
        "embodiment_state",
        np.float64,
        ("state",),
        "as the embodiment says",
        "as the embodiment says",
        "embodiment",
        meaning="Where the embodiment's own joints are, then how fast they move, in the order of its controls.",
        exactness=_FROM_STATE,
        blend="linear",
    ),
)
"""Every signal there is, by name."""
