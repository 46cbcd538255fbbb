"""A Signal says once, for every engine, file and viewer, what a name means: dtype, shape, unit, rate, how it is made, how exact it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lifeworld.core.errors import InputError, ShapeError, UnknownName

Family = Literal["see", "touch", "hear", "range", "tell", "be", "log"]
FAMILIES: tuple[Family, ...] = get_args(Family)
Per = Literal["world", "camera", "thing", "joint", "embodiment", "sensor"]
Rate = Literal["tick", "frame", "start"]
Blend = Literal["none", "linear", "slerp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One named, typed, timed quantity: what a value of it is at one moment.

    `shape` holds whole numbers and names of sizes that the scene decides: ("height", "width", 3). A `ragged` signal has
    rows before that shape, another number at each moment. `per` says whose it is: a signal per camera, embodiment or sensor
    comes once for each, under its name; one per thing or joint comes once, with an axis for them in the scene's order. `rate`
    says how often it is taken: every tick, every frame (some ticks, as the world's spec says), or once at the start; `forward`
    that it tells of the frame to come. `computed` says from what and how, `test` which test holds it to its `exactness`.
    `blend` says what lies between two moments: nothing, a straight line, or the shortest turn.

    Raises:
        InputError: if a word is empty or not one of its set, or the shape is not made of names and sizes.
    """

    name: str
    family: Family
    meaning: str
    dtype: np.dtype[Any]
    shape: tuple[str | int, ...]
    unit: str
    frame: str
    per: Per
    rate: Rate
    computed: str
    exactness: str
    test: str
    ragged: bool = False
    forward: bool = False
    blend: Blend = "none"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", np.dtype(self.dtype))
        if not self.name.isidentifier():
            raise InputError("a signal's name is one word of letters, digits and _", got=self.name)
        for word in ("meaning", "unit", "frame", "computed", "exactness", "test"):
            if not getattr(self, word):
                raise InputError(f"signal {self.name!r} does not say its {word}", fix='Write "1" for no unit and "none" for no frame.')
        for word, known in (("family", FAMILIES), ("per", get_args(Per)), ("rate", get_args(Rate)), ("blend", get_args(Blend))):
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
        array = self.typed(np.asarray(value))
        self.sized(array.shape[1:] if self.ragged and array.ndim else array.shape, array.shape)
        return array

    def typed(self, array: NDArray[Any]) -> NDArray[Any]:
        if array.dtype == self.dtype:
            return array
        if array.size and not np.can_cast(array.dtype, self.dtype, "safe"):
            raise ShapeError(
                f"signal {self.name!r} has another dtype",
                got=str(array.dtype),
                expected=str(self.dtype),
                fix=f"Turn it into {self.dtype} where it is made."
                if self.dtype.names is None
                else "Use the dtypes of lifeworld.core.signal.",
            )
        return array.astype(self.dtype)

    def sized(self, shape: tuple[int, ...], whole: tuple[int | str, ...]) -> None:
        sizes: dict[str, int] = {}
        fits = len(shape) == len(self.shape) and all(
            got == (sizes.setdefault(want, got) if isinstance(want, str) else want) for got, want in zip(shape, self.shape, strict=True)
        )
        if not fits or (self.ragged and len(whole) != len(self.shape) + 1):
            wanted = ("rows", *self.shape) if self.ragged else self.shape
            raise ShapeError(f"signal {self.name!r} has another shape", got=whole, expected=f"({', '.join(map(str, wanted))})")


def stream_name(signal: str, source: str) -> str:
    """What a stream is called: SIGNAL@SOURCE, or SIGNAL where it has no source."""
    return f"{signal}@{source}" if source else signal


def signal(name: str, dtype: DTypeLike, shape: tuple[str | int, ...], unit: str, frame: str, per: Per, **more: Any) -> Signal:
    """A row of a table of signals."""
    return Signal(name=name, dtype=np.dtype(dtype), shape=shape, unit=unit, frame=frame, per=per, **more)
