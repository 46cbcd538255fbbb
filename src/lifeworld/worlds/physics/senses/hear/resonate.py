"""Forces on the modes of things, and the waves that leave them: one tick of a bank of resonators in closed form.

A tick's wave is what still rings, wave = Re Σ aₖ zₖⁿ, and the tick's forces convolved with the modes' impulse responses; the state at its
end is the same sums at n = SAMPLES. So blocks join without a seam, and a tick costs some small matrix products and Fourier transforms for
every emitter that sounds, nothing for the others.

The products are einsum, not @: that goes to a BLAS whose threads take milliseconds to wake up on busy cores, for a product of 3 µs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.seed import generator
from lifeworld.core.signal import RATE_HZ
from lifeworld.worlds.physics.build import TIMESTEP_S
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.hear.bank import PADDED, SAMPLES, Bank
from lifeworld.worlds.physics.senses.hear.contact import Reading, Touches, touching
from lifeworld.worlds.physics.sound import MODES, NODES, Sound, SoundTick

Array = NDArray[np.float64]
T = TypeVar("T")
UNHEARD = 1e-7  # full scales at 1 m: a mode that is this quiet has stopped
ROLLING_GRAINS = 6  # a round thing rolls over the fine grain and is lifted by waves of so many grains
TEXTURE = 2**15
EDGE, EDGE_LASTS = 0.15, 0.15  # of a blow, what corners and roughness give before the bulk does, and in which share of its time


class Resonator:
    """Reckons ticks of one bank. The last few are remembered: each is wanted twice, as the last tick and as the one before."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self._forces: OrderedDict[int, tuple[SoundTick, Forces]] = OrderedDict()
        self._waves: OrderedDict[int, tuple[SoundTick, Waves]] = OrderedDict()

    def after(self, sound: Sound | None, compiled: Compiled, readings: Sequence[Reading], data: mujoco.MjData) -> Sound:
        """The sound one tick later, of whose engine steps these are the readings; before the first there was silence."""
        ends = self.bank.places_m(data)
        sound = sound or self.bank.silence(ends)
        touches = touching(compiled, self.bank, data, readings, sound.last, sound.pressed)
        ringing = self.rung(sound.last)
        places = np.stack([sound.last.places_m[1], ends])
        _still_places(self.bank, places, ringing, touches)
        return Sound(sound.last, SoundTick(ringing, places, touches.pairs, touches.strikes), touches.pressed)

    def rung(self, tick: SoundTick) -> NDArray[np.complex128]:
        """The state (emitters, modes) of all modes at the tick's end."""
        bank = self.bank
        if not tick.ringing.any() and not len(tick.pairs):
            return tick.ringing
        ringing = tick.ringing * bank.over_tick
        for emitter, force, weight in zip(*self.forces(tick), strict=True):
            powers, _ = bank.tables(emitter)
            # The sum over samples i of force(i) · z^(SAMPLES − i); powers hold the negated imaginary part.
            parts = np.einsum("kn,n->k", powers[:, 1:], force[:0:-1])
            ringing[emitter] += weight * bank.phase[emitter] * (parts[:MODES] - 1j * parts[MODES:])
        ringing[np.abs(ringing) < UNHEARD] = 0.0  # also: what is too small for single precision is dear to reckon with
        return ringing

    def forces(self, tick: SoundTick) -> Forces:
        return _remembered(self._forces, tick, lambda: _forces(self.bank, tick))

    def waves(self, tick: SoundTick) -> Waves:
        """Which emitters sound (n,), and their waves (n, SAMPLES) at 1 m in full scales."""
        return _remembered(self._waves, tick, lambda: self._make_waves(tick))

    def _make_waves(self, tick: SoundTick) -> Waves:
        bank = self.bank
        struck, force, weight = self.forces(tick)
        ringing = np.flatnonzero(tick.ringing.any(axis=1))
        emitters = np.union1d(struck, ringing)
        out = np.zeros((len(emitters), SAMPLES), dtype=np.float32)
        for row, emitter in zip(np.searchsorted(emitters, ringing), ringing.tolist(), strict=True):
            state = np.concatenate([tick.ringing[emitter].real, tick.ringing[emitter].imag]).astype(np.float32)
            out[row] = np.einsum("k,kn->n", state, bank.tables(emitter)[0][:, :SAMPLES])
        if len(struck):
            spectrum = np.fft.rfft(force[:, 1:], PADDED, axis=1)
            for i, emitter in enumerate(struck):
                response = np.einsum("k,kf->f", weight[i].astype(np.float32), bank.tables(emitter)[1].view(np.float32))
                spectrum[i] *= response.view(np.complex64)
            made = np.fft.irfft(spectrum, PADDED, axis=1)[:, :SAMPLES]
            made += (bank.click[struck] * RATE_HZ**2).astype(np.float32)[:, None] * np.diff(force, axis=1)
            for row, first in zip(made, np.argmax(force[:, 1:] != 0, axis=1).tolist(), strict=True):
                row[:first] = 0.0  # where the transform leaves 1e-7 of what comes later
            out[np.searchsorted(emitters, struck)] += made
        return emitters, out


Forces = tuple[NDArray[np.int64], NDArray[np.float32], Array]
"""Emitters (n,), what pushes on each [N·s a sample] (n, 1 + SAMPLES), beginning one sample before the tick, and how strongly that moves
each of its modes (n, MODES)."""
Waves = tuple[NDArray[np.int64], NDArray[np.float32]]


def resonator(compiled: Compiled) -> Resonator:
    """That of a compiled scene."""
    return Resonator(Bank(compiled))


def _forces(bank: Bank, tick: SoundTick) -> Forces:
    pairs = tick.pairs
    if not len(pairs):
        return np.zeros(0, dtype=np.int64), np.zeros((0, SAMPLES + 1), dtype=np.float32), np.zeros((0, MODES))
    push = np.zeros((len(pairs), SAMPLES + 1))
    for pair, onset_s, duration_s, impulse_n_s in tick.strikes.tolist():
        _blow(push[pair], onset_s, duration_s, (1.0 - EDGE) * impulse_n_s)
        _blow(push[pair], onset_s, EDGE_LASTS * duration_s, EDGE * impulse_n_s)
    for kind in (0, 1):
        rows = np.flatnonzero(pairs["grip_n"][:, kind].any(axis=1))
        if len(rows):
            push[rows] += _noise(bank, pairs[rows], kind)
    strength = np.abs(push).sum(axis=1)
    who = pairs["emitter"]
    emitters = np.unique(who[strength > 0])
    force, weight = np.zeros((len(emitters), SAMPLES + 1)), np.zeros((len(emitters), MODES))
    for i, emitter in enumerate(emitters):
        rows, sides = np.nonzero((who == emitter) & (strength > 0)[:, None])
        force[i] = push[rows].sum(axis=0)
        shapes = _shapes(pairs["along"][rows, sides])
        weight[i] = bank.gain[emitter] * (strength[rows, None] * shapes).sum(axis=0) / strength[rows].sum()
    return emitters.astype(np.int64), force.astype(np.float32), weight


def _shapes(along: Array) -> Array:
    """How far each mode (n, MODES) moves where it is touched: as those of a free bar do, which all move at their ends."""
    return np.asarray(0.25 + 0.75 * np.abs(np.cos(np.arange(MODES) * np.pi * (1.0 - along[:, None]) / 2)))


def _blow(push: Array, onset_s: float, duration_s: float, impulse_n_s: float) -> None:
    """Add half a sine of force to `push`, each sample the impulse since the one before: the whole adds up, however short it is."""
    first = max(int(onset_s * RATE_HZ) - 1, -1)
    stop = min(int((onset_s + duration_s) * RATE_HZ) + 3, SAMPLES)
    if stop > first:
        edges = (np.arange(first - 0.5, stop + 0.5) / RATE_HZ - onset_s) * (np.pi / duration_s)
        gone = np.cos(np.minimum(np.maximum(edges, 0.0), np.pi))
        push[first + 1 : stop + 1] += 0.5 * impulse_n_s * (gone[:-1] - gone[1:])


@lru_cache(maxsize=1)
def _texture() -> Array:
    """The heights of a rough surface, grain by grain, variance 1: half of them fine, half of them in longer waves."""
    white = np.fft.rfft(generator(0, "texture").standard_normal(TEXTURE))
    wave = np.maximum(np.arange(len(white)), TEXTURE / 64)
    rough = np.fft.irfft(white * (wave / wave[-1]) ** -0.5, TEXTURE)
    return np.asarray(rough / rough.std())


_BETWEEN = np.array([np.interp((np.arange(-1, SAMPLES)) / RATE_HZ / TIMESTEP_S, np.arange(NODES), np.eye(NODES)[k]) for k in range(NODES)])
"""(NODES, SAMPLES + 1): how much of each step's value there is at each sample; the one before the tick is that of its start."""


def _between(nodes: Array) -> Array:
    """Values (n, NODES) at the ends of steps as values (n, SAMPLES + 1) at samples, on straight lines."""
    return np.asarray(np.einsum("rk,kn->rn", nodes, _BETWEEN))


def _noise(bank: Bank, pairs: NDArray[np.void], kind: int) -> Array:
    """The force (pairs, 1 + SAMPLES) [N·s a sample] of scraping (0) or rolling (1) over a rough surface, from how far they have gone:

    the faster, the higher the noise. Each pair begins in a place of its own on the texture.
    """
    texture = _texture()
    who = pairs["emitter"]
    grain = bank.grain_m[who].max(axis=1) * (1.0, ROLLING_GRAINS)[kind]
    rough = np.sqrt(bank.rough[who].prod(axis=1))
    way = np.cumsum(_between(pairs["speed_m_s"][:, kind]), axis=1) / RATE_HZ
    start = (who[:, 0] * 7919 + who[:, 1] * 104729 + 15485863 * kind) % TEXTURE
    at = start[:, None] + (pairs["way_m"][:, kind, None] + way) / grain[:, None]
    cell = np.floor(at)
    part, index = at - cell, cell.astype(np.int64) % TEXTURE
    height = texture[index] * (1.0 - part) + texture[(index + 1) % TEXTURE] * part
    return np.asarray(rough[:, None] * _between(pairs["grip_n"][:, kind]) * height / RATE_HZ)


def _still_places(bank: Bank, places: Array, ringing: NDArray[np.complex128], touches: Touches) -> None:
    """What never moves is heard from where it is touched: from the middle of its touches, by strength, and of where it rings from.

    What was silent is heard from the new place at once; what rings glides there during the tick.
    """
    still = np.flatnonzero(bank.still)
    places[1, still] = places[0, still]
    pairs = touches.pairs
    strength = np.bincount(touches.strikes["pair"], touches.strikes["impulse_n_s"], len(pairs))
    strength = strength + TIMESTEP_S * pairs["grip_n"].sum(axis=(1, 2))
    strength[np.isnan(touches.points_m[:, 0])] = 0.0
    for emitter in np.intersect1d(still, pairs["emitter"]):
        rows = np.flatnonzero((pairs["emitter"] == emitter).any(axis=1) & (strength > 0))
        if len(rows):
            new = np.linalg.norm(bank.gain[emitter]) * strength[rows]
            old = float(np.linalg.norm(ringing[emitter]))
            places[1, emitter] = (old * places[0, emitter] + new @ touches.points_m[rows]) / (old + new.sum())
            if old < 1e-2 * new.sum():
                places[0, emitter] = places[1, emitter]


def _remembered(kept: OrderedDict[int, tuple[SoundTick, T]], tick: SoundTick, make: Callable[[], T]) -> T:
    if id(tick) not in kept:
        kept[id(tick)] = (tick, make())  # the tick too, so that its id stays its own
        if len(kept) > 4:
            kept.popitem(last=False)
    return kept[id(tick)][1]
