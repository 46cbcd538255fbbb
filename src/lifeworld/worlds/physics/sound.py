"""What sounds in a world, as a part of its state: how everything rings, and what struck and rubbed whom in the last two ticks.

Two ticks, because sound takes its time: what is heard now was made up to 20 ms ago.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import StateError

MODES = 12
"""Of every emitter; those beyond hearing stay at zero."""
NODES = 11
"""Rubbing is told at the ends of the tick's ten engine steps, and where the tick before left off."""

PAIR_DTYPE = np.dtype(
    [
        ("emitter", np.int32, (2,)),
        ("along", np.float64, (2,)),
        ("way_m", np.float64, (2,)),
        ("grip_n", np.float64, (2, NODES)),
        ("speed_m_s", np.float64, (2, NODES)),
    ]
)
"""Two emitters that touched audibly in a tick: who (the smaller first), how far from its middle each was touched (0) towards its end (1),
and first of scraping, then of rolling: how far they had gone when the tick began, how hard they rubbed and how fast they went."""

STRIKE_DTYPE = np.dtype([("pair", np.int32), ("onset_s", np.float64), ("duration_s", np.float64), ("impulse_n_s", np.float64)])
"""One blow: the row of its pair, when it began (from the tick's start, below 0 if in the tick before), how long it lasts, how strong."""

PRESSED_DTYPE = np.dtype([("emitter", np.int32, (2,)), ("force_n", np.float64)])
"""One contact at the last engine step: whose, and the normal force. A blow is a force that grows, so what it grew from is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class SoundTick:
    """What sounded in one tick: `ringing` (emitters, modes) complex128, the state of the modes at its start; `places_m` (2, emitters, 3)
    where each emitter is heard from at its start and end; `pairs` and `strikes` what happened in it.
    """

    ringing: NDArray[np.complex128]
    places_m: NDArray[np.float64]
    pairs: NDArray[np.void]
    strikes: NDArray[np.void]

    def __post_init__(self) -> None:
        for array in (self.ringing, self.places_m, self.pairs, self.strikes):
            array.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """The sound of a state: the last tick, the tick before it, and what pressed on what at its end."""

    earlier: SoundTick
    last: SoundTick
    pressed: NDArray[np.void]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sound) and to_bytes(self) == to_bytes(other)

    def __hash__(self) -> int:
        return hash(to_bytes(self))


class _SavedTick(msgspec.Struct):
    ringing: bytes
    places_m: bytes
    pairs: bytes
    strikes: bytes


class _SavedSound(msgspec.Struct):
    shape: tuple[int, int]
    ticks: tuple[_SavedTick, _SavedTick]
    pressed: bytes


def to_bytes(sound: Sound | None) -> bytes:
    """A sound to the bit; nothing where nobody listens."""
    if sound is None:
        return b""
    ticks = [
        _SavedTick(t.ringing.tobytes(), t.places_m.tobytes(), t.pairs.tobytes(), t.strikes.tobytes()) for t in (sound.earlier, sound.last)
    ]
    emitters, modes = sound.last.ringing.shape
    return msgspec.msgpack.encode(_SavedSound((emitters, modes), (ticks[0], ticks[1]), sound.pressed.tobytes()))


def from_bytes(data: bytes, *, emitters: int) -> Sound | None:
    """What `to_bytes` wrote of a scene with so many emitters.

    Raises:
        StateError: if it is damaged, or of another scene.
    """
    if not data:
        return None
    try:
        saved = msgspec.msgpack.decode(data, type=_SavedSound)
        shape = saved.shape
        earlier, last = (_tick(one, shape) for one in saved.ticks)
        sound = Sound(earlier, last, np.frombuffer(saved.pressed, dtype=PRESSED_DTYPE))
    except (TypeError, ValueError) as error:
        raise StateError("the saved state's sound is damaged", got=str(error)) from error
    if shape != (emitters, MODES) or not all(_fits(t, emitters) for t in (earlier, last)) or not _known(sound.pressed, emitters):
        raise StateError("the saved state's sound does not fit its scene", got=f"{shape} modes", expected=f"{(emitters, MODES)}, finite")
    return sound


def _tick(saved: _SavedTick, shape: tuple[int, int]) -> SoundTick:
    return SoundTick(
        np.frombuffer(saved.ringing, dtype=np.complex128).reshape(shape),
        np.frombuffer(saved.places_m).reshape(2, shape[0], 3),
        np.frombuffer(saved.pairs, dtype=PAIR_DTYPE),
        np.frombuffer(saved.strikes, dtype=STRIKE_DTYPE),
    )


def _fits(tick: SoundTick, emitters: int) -> bool:
    pairs, strikes = tick.pairs, tick.strikes
    numbers = (tick.ringing, tick.places_m, *(pairs[n] for n in PAIR_DTYPE.names or ()), *(strikes[n] for n in STRIKE_DTYPE.names or ()))
    whose = strikes["pair"]
    inside = not whose.size or (whose.min() >= 0 and whose.max() < len(pairs) and strikes["duration_s"].min() > 0)
    return all(np.isfinite(n).all() for n in numbers) and _known(pairs, emitters) and bool(inside)


def _known(rows: NDArray[np.void], emitters: int) -> bool:
    who = rows["emitter"]
    return not who.size or bool(who.min() >= 0 and who.max() < emitters)
