"""The engine's contacts during one tick become blows and rubbing.

The engine spreads a blow over several of its 2 ms steps; a real one is over sooner. So a blow is taken to be where the normal force between
two things grows while they approach each other: its growth tells how strong it is, the two materials and the speed how long it lasts. What
merely rests presses evenly and does not approach, and is silent. All is heard one step late: what meets just before a tick is known in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.build import TIMESTEP_S
from lifeworld.worlds.physics.compile import TICK_STEPS, Compiled
from lifeworld.worlds.physics.senses.hear.bank import Bank
from lifeworld.worlds.physics.sound import NODES, PAIR_DTYPE, PRESSED_DTYPE, STRIKE_DTYPE, SoundTick

Array = NDArray[np.float64]
TICK_S = TICK_STEPS * TIMESTEP_S
APPROACH_M_S = 0.02  # slower blows are not heard: the solver's own unrest at rest is below 0.0002
SUDDEN = 0.1  # in a step a blow's force grows by more of itself; what is slowly pressed harder grows by less
SLIP_M_S = 0.003  # at rest below 0.00001
STILL_M_S = SLIP_M_S / 2  # no row of a contact is faster where nothing slips
ROLLS_M = 0.05  # what is larger rolls no louder
HOP_S = 0.01  # what slides or rolls fast hops so finely that it is heard as one rubbing
GRAZING = 0.15  # and its hops are no blows: those approach faster than by this share of the speed along the surface
UNHEARD_N = 1e-5
_FULL_M_S = 1.0  # rubbing grows with the speed, up to here in proportion
_SHARE = np.array([[5.0], [6.0]])  # noise of scraping and rolling for the pressing force: rough surfaces hop with several times that


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The contacts (n,) that the solver dealt with in one engine step, and its constraint rows: their forces and velocities."""

    geom: NDArray[np.int32]
    flex: NDArray[np.int32]
    dim: NDArray[np.int32]
    address: NDArray[np.int32]
    distance_m: Array
    position_m: Array
    solref: Array
    force: Array
    velocity: Array


def read(data: mujoco.MjData) -> Reading:
    """A copy of the contacts of the step just taken (those of its start)."""
    contact = data.contact
    return Reading(
        contact.geom.copy(),
        contact.flex.copy(),
        contact.dim.copy(),
        contact.efc_address.copy(),
        contact.dist.copy(),
        contact.pos.copy(),
        contact.solref.copy(),
        data.efc_force.copy(),
        data.efc_vel.copy(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Touches:
    """What a tick's contacts come to: `pairs` and `strikes` as in a SoundTick, where each pair touched (pairs, 3), the last forces."""

    pairs: NDArray[np.void]
    strikes: NDArray[np.void]
    points_m: Array
    pressed: NDArray[np.void]


def touching(
    compiled: Compiled, bank: Bank, data: mujoco.MjData, readings: Sequence[Reading], before: SoundTick, pressed: NDArray[np.void]
) -> Touches:
    """Blows and rubbing of a tick from its ten readings, and what goes on from the tick `before`, at whose end there was `pressed`."""
    now, old, count = _pressing(compiled, readings[-1]), before.pairs, len(bank)
    nothing = Touches(np.zeros(0, PAIR_DTYPE), np.zeros(0, STRIKE_DTYPE), np.zeros((0, 3)), now)
    # Quiet scenes are common: nothing more is looked up before something moves.
    if not len(old) and all(np.abs(r.velocity).max(initial=0.0) < STILL_M_S for r in readings):
        return nothing
    live = _live(readings)
    moving = (live.press > 0) & ((live.approach > APPROACH_M_S) | (live.slip > SLIP_M_S) | (live.turn > SLIP_M_S / ROLLS_M))
    if not moving.any() and not len(old):
        return nothing
    emitter = _emitters(compiled, _all(readings, "geom")[live.which], _all(readings, "flex")[live.which])
    code = emitter[:, 0] * count + emitter[:, 1]
    radius: Array = np.where(bank.still[emitter], np.inf, bank.radius_m[emitter]).min(axis=1, initial=ROLLS_M)
    roll = np.maximum(live.turn * radius - live.slip, 0.0)
    heard = moving & (emitter[:, 0] != emitter[:, 1]) & ((live.approach > APPROACH_M_S) | (live.slip > SLIP_M_S) | (roll > SLIP_M_S))
    old_code = old["emitter"][:, 0] * count + old["emitter"][:, 1]
    spilt = before.strikes[before.strikes["onset_s"] + before.strikes["duration_s"] > TICK_S]
    goes_on = (old["grip_n"][:, :, -1] > 0).any(axis=1) | np.isin(np.arange(len(old)), spilt["pair"])
    codes = np.unique(np.concatenate([code[heard], old_code[goes_on]]))
    if not len(codes):
        return nothing

    pair = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
    mine = codes[pair] == code
    pair, index = pair[mine], live.which[mine]
    press, approach, slip, roll = live.press[mine], live.approach[mine], live.slip[mine], roll[mine]
    step = np.repeat(np.arange(TICK_STEPS), [len(r.address) for r in readings])[index]
    cell, cells, shape = pair * TICK_STEPS + step, len(codes) * TICK_STEPS, (len(codes), TICK_STEPS)
    total = _sums(cell, press, cells).reshape(shape)
    over = np.where(total > 0, total, 1.0)
    slips, rolls = (_sums(cell, press * speed, cells).reshape(shape) / over for speed in (slip, roll))
    lasts = _sums(cell, press * _lasting_s(_all(readings, "solref")[index]), cells).reshape(shape) / over
    fastest, deepest = np.zeros(shape), np.zeros(shape)
    np.maximum.at(fastest.reshape(-1), cell, np.where(press > 0, approach, 0.0))
    np.minimum.at(deepest.reshape(-1), cell, _all(readings, "distance_m")[index])
    weight = total.sum(axis=1)
    where = _all(readings, "position_m")[index]
    points = np.stack([_sums(pair, press * where[:, k], len(codes)) for k in range(3)], axis=1) / np.where(weight > 0, weight, 1.0)[:, None]

    pairs = np.zeros(len(codes), dtype=PAIR_DTYPE)
    pairs["emitter"] = np.stack([codes // count, codes % count], axis=1)
    for side in (0, 1):
        pairs["along"][:, side] = bank.along(data, pairs["emitter"][:, side], points)
    lonely = weight == 0  # parted in the tick before; only its tail is left to be heard
    _go_on(pairs, np.searchsorted(codes, old_code[goes_on]), old[goes_on], lonely)
    _rub(pairs, total, slips, rolls)
    points[lonely] = np.nan
    grown = np.diff(total, axis=1, prepend=_pressed(pressed, codes, count)[:, None])
    strikes = _strikes(bank, pairs, total, grown, lasts, fastest, deepest)
    spilt = spilt.copy()
    spilt["onset_s"] -= TICK_S
    spilt["pair"] = np.searchsorted(codes, old_code[spilt["pair"]])
    return Touches(pairs, np.concatenate([spilt, strikes]), points, now)


class _Live(NamedTuple):
    """Contacts (n,) that the solver dealt with: their numbers among all of the tick's, and how they press, approach, slip and roll."""

    which: NDArray[np.int64]
    press: Array
    approach: Array
    slip: Array
    turn: Array


def _live(readings: Sequence[Reading]) -> _Live:
    first = np.cumsum([0, *(len(r.force) for r in readings[:-1])])
    address = np.concatenate([np.where(r.address >= 0, r.address + start, -1) for r, start in zip(readings, first, strict=True)])
    index = np.flatnonzero(address >= 0)
    address, dim = address[index], _all(readings, "dim")[index]
    force, velocity = _all(readings, "force"), _all(readings, "velocity")
    return _Live(
        index,
        np.maximum(force[address], 0.0),
        -velocity[address],
        _speed(velocity, address, 1, dim > 1),
        _speed(velocity, address, 4, dim > 4),
    )


def _all(readings: Sequence[Reading], name: str) -> NDArray[Any]:
    """One thing of all readings, one reading after the other."""
    return np.concatenate([getattr(r, name) for r in readings])


def _pressing(compiled: Compiled, reading: Reading) -> NDArray[np.void]:
    """What presses on what in one step."""
    live = np.flatnonzero(reading.address >= 0)
    out = np.zeros(len(live), dtype=PRESSED_DTYPE)
    if len(live):
        out["emitter"] = _emitters(compiled, reading.geom[live], reading.flex[live])
        out["force_n"] = np.maximum(reading.force[reading.address[live]], 0.0)
    return out


def _emitters(compiled: Compiled, geom: NDArray[np.int32], flex: NDArray[np.int32]) -> NDArray[np.int32]:
    """Who touches whom (n, 2), the smaller first."""
    surface = np.where(flex >= 0, compiled.model.ngeom + flex, geom) if compiled.model.nflex else geom
    who = compiled.surfaces.instance[surface]
    return np.stack([who.min(axis=1), who.max(axis=1)], axis=1)


def _speed(velocity: Array, address: NDArray[np.int32], row: int, has: NDArray[np.bool_]) -> Array:
    """The length of two rows of velocities of contacts, zero where a contact has no such rows."""
    at = np.where(has, address + row, 0)
    return np.where(has, np.sqrt(velocity[at] ** 2 + velocity[np.where(has, at + 1, 0)] ** 2), 0.0)


def pulse_s(bank: Bank, emitter: NDArray[np.int32], speed_m_s: Array) -> Array:
    """How long two emitters (n, 2) touch that meet at a speed (n,) [s]: Hertz's law, so the harder and the faster the shorter.

    Bodies are seldom struck straight through their middle: 0.4 of their mass takes part.

    Source: Johnson, Contact Mechanics, eq. 11.24.
    """
    hardness = 1.0 / (1.0 / bank.hardness_pa[emitter]).sum(axis=1)
    radius = 1.0 / (1.0 / bank.radius_m[emitter]).sum(axis=1)
    time = 2.87 * ((0.4 * _mass(bank, emitter)) ** 2 / (hardness**2 * radius * speed_m_s)) ** 0.2
    return np.asarray(np.clip(time, 8e-5, 0.012))


def _mass(bank: Bank, emitter: NDArray[np.int32]) -> Array:
    """The reduced mass (n,) [kg] of pairs (n, 2); two that never move do not meet."""
    return np.asarray(1.0 / np.maximum((1.0 / bank.mass_kg[emitter]).sum(axis=1), 1e-9))


def _pressed(pressed: NDArray[np.void], codes: NDArray[np.int64], count: int) -> Array:
    """How hard each pair (n,) was pressed together at the end of the tick before [N]."""
    code = pressed["emitter"][:, 0] * count + pressed["emitter"][:, 1]
    at = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
    return _sums(at, np.where(codes[at] == code, pressed["force_n"], 0.0), len(codes))


def _sums(where: NDArray[np.int64], values: Array, count: int) -> Array:
    """The sums (count,) of the values that belong to each."""
    return np.bincount(where, values, count).astype(np.float64, copy=False)


def _rub(pairs: NDArray[np.void], press: Array, slip: Array, roll: Array) -> None:
    """Fill in how hard and how fast each pair rubs at the ends of the engine's steps: how hard evened out, how fast kept in the air."""
    speed = np.stack([slip, roll], axis=1)
    grip = press[:, None] * np.maximum(speed - SLIP_M_S, 0.0) / (speed + _FULL_M_S) * _SHARE
    even = pairs["grip_n"][..., :1] * _LASTING + np.einsum("pks,st->pkt", grip, _EVEN)
    pairs["grip_n"][..., 1:] = np.where(even > UNHEARD_N, even, 0.0)
    last = np.maximum.accumulate(np.where(press > 0, np.arange(1, NODES), 0), axis=1)  # the last step with both on each other
    known = np.concatenate([pairs["speed_m_s"][..., :1], speed], axis=-1)
    pairs["speed_m_s"][..., 1:] = np.take_along_axis(known, np.repeat(last[:, None], 2, axis=1), axis=-1)


_LASTING = np.exp(-np.arange(1, NODES) * TIMESTEP_S / HOP_S)
"""How much is left of a value after each of the steps."""
_EVEN = (1.0 - _LASTING[0]) * np.triu(np.exp(-(np.arange(TICK_STEPS) - np.arange(TICK_STEPS)[:, None]) * TIMESTEP_S / HOP_S))
"""(steps, steps): how much of the value at a step goes into the evened one at its end and later."""


def _go_on(pairs: NDArray[np.void], at: NDArray[np.int64], old: NDArray[np.void], lonely: NDArray[np.bool_]) -> None:
    """Begin where the tick before left off."""
    pairs["grip_n"][at, :, 0] = old["grip_n"][:, :, -1]
    pairs["speed_m_s"][at, :, 0] = old["speed_m_s"][:, :, -1]
    speed = old["speed_m_s"]
    pairs["way_m"][at] = old["way_m"] + TIMESTEP_S * (speed.sum(axis=-1) - (speed[..., 0] + speed[..., -1]) / 2)
    gone = lonely[at]
    pairs["along"][at[gone]] = old["along"][gone]


def _lasting_s(solref: Array) -> Array:
    """How long the engine takes to stop what meets in contacts (n, 2), by its spring or its damper, whichever is faster [s].

    Its force at first, times this, is the momentum it stops. Source: MuJoCo, Computation, reference acceleration; dmax is 0.95.
    """
    time, ratio = solref[:, 0], solref[:, 1]
    by_rate = 0.95 * time * np.minimum(0.5, ratio)
    direct = 1.0 / np.maximum(np.maximum(-ratio, np.sqrt(np.maximum(-time, 0.0))), 1.0)
    return np.where(time > 0, by_rate, direct)


def _strikes(
    bank: Bank, pairs: NDArray[np.void], press: Array, growth: Array, lasts_s: Array, speed: Array, distance: Array
) -> NDArray[np.void]:
    """The blows among the steps (pairs, steps) of a tick."""
    emitter = pairs["emitter"]
    sudden = growth / np.where(press > 0, press, 1.0) / SUDDEN
    least = np.maximum(APPROACH_M_S, GRAZING * pairs["speed_m_s"][:, :, :-1].sum(axis=1))
    clear = np.clip(speed / least - 1.0, 0.0, 1.0) * np.clip(sudden - 1.0, 0.0, 1.0)
    impulse = clear * np.clip(lasts_s * growth, 0.0, 2 * _mass(bank, emitter)[:, None] * speed)
    pair, step = np.nonzero(impulse > 1e-7)
    out = np.zeros(len(pair), dtype=STRIKE_DTYPE)
    at_m_s = speed[pair, step]
    out["pair"], out["impulse_n_s"] = pair, impulse[pair, step]
    out["duration_s"] = pulse_s(bank, emitter[pair], at_m_s)
    # They have met since the step before, and are by now so deep inside each other.
    since = np.clip(-distance[pair, step] / at_m_s, 0.0, TIMESTEP_S)
    out["onset_s"] = (step + 1) * TIMESTEP_S - since
    return out


assert NODES == TICK_STEPS + 1
