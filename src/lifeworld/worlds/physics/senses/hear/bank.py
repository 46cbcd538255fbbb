"""The voices of a scene as tables, so that all of a tick is reckoned with matrices instead of sample by sample.

A mode is a pole z = exp((−decay + 2πi·frequency)/rate): left alone for n samples its state is multiplied by zⁿ, and what is heard of it
is the real part.
"""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import RATE_HZ
from lifeworld.worlds.physics.compile import TICK_NS, Compiled
from lifeworld.worlds.physics.senses.hear.form import voices
from lifeworld.worlds.physics.senses.hear.voice import Voice
from lifeworld.worlds.physics.senses.poser import Poser
from lifeworld.worlds.physics.sound import MODES, PAIR_DTYPE, PRESSED_DTYPE, STRIKE_DTYPE, Sound, SoundTick

Array = NDArray[np.float64]
SAMPLES = RATE_HZ * TICK_NS // 1_000_000_000
"""Of one block, which is one tick."""
PADDED = 2048  # a block and its impulse responses side by side, so that a circular convolution is a plain one


class Bank:
    """All emitters of a compiled scene: the background (0), its things, its embodiments. Arrays are (emitters, …)."""

    def __init__(self, compiled: Compiled) -> None:
        scene = compiled.scene
        self.names = ("", *(t.name for t in scene.things), *(e.name for e in scene.embodiments))
        self.voices: tuple[Voice, ...] = tuple(voices(compiled))
        every = self.voices
        self.frequency_hz = np.array([v.frequency_hz for v in every])
        self.decay_per_s = np.array([v.decay_per_s for v in every])
        self.gain = np.array([v.gain for v in every])
        self.click = np.array([v.click for v in every])
        self.mass_kg = np.array([v.mass_kg for v in every])
        self.radius_m = np.array([v.radius_m for v in every])
        self.hardness_pa = np.array([v.stuff.hardness_pa for v in every])
        self.grain_m = np.array([v.stuff.grain_m for v in every])
        self.rough = np.array([v.stuff.rough for v in every])
        self.still = ~np.isfinite(self.mass_kg)
        pole = (-self.decay_per_s + 2j * np.pi * self.frequency_hz) / RATE_HZ
        self.over_tick = np.exp(pole * SAMPLES)
        # The phase that leaves a mode no steady push to make: sound has no zero frequency, Re Σ phase · zⁿ = 0.
        self.phase = 1j * (1.0 - np.exp(pole)) / np.abs(1.0 - np.exp(pole))
        self._pole = pole
        self._tables: dict[bytes, tuple[NDArray[np.float32], NDArray[np.complex64]]] = {}
        self._bodies = np.array([0, *(b.body for b in compiled.bounds), *(e.body for e in compiled.embodied)])
        self._soft = {i + 1: bodies for i, bodies in Poser(compiled).soft.items()}
        model = compiled.model
        # How a thing lies in its body, for where along it a blow falls: the axis of its largest extent about its centre of mass.
        self._axis, self._reach = _longest(model, self._bodies)

    def __len__(self) -> int:
        return len(self.voices)

    def tables(self, emitter: int) -> tuple[NDArray[np.float32], NDArray[np.complex64]]:
        """Of an emitter's modes, made when first heard: (2 · modes, SAMPLES + 1) the real and the negated imaginary parts of zⁿ, and
        (modes, PADDED / 2 + 1) the spectra of their impulse responses. Like voices share them.
        """
        key = self._pole[emitter].tobytes()
        if key not in self._tables:
            powers = np.exp(self._pole[emitter][:, None] * np.arange(SAMPLES + 1))
            powers[np.abs(powers) < 1e-30] = 0.0
            response = (self.phase[emitter][:, None] * powers[:, :SAMPLES]).real
            spectra = np.fft.rfft(response, PADDED, axis=1)
            self._tables[key] = (np.concatenate([powers.real, -powers.imag]).astype(np.float32), spectra.astype(np.complex64))
        return self._tables[key]

    def places_m(self, data: mujoco.MjData) -> Array:
        """(emitters, 3): the centre of each emitter's body, the middle of a soft thing."""
        out: Array = data.xipos[self._bodies]
        for emitter, bodies in self._soft.items():
            out[emitter] = data.xpos[bodies].mean(axis=0)
        return out

    def along(self, data: mujoco.MjData, emitters: NDArray[np.int32], points_m: Array) -> Array:
        """Where a point (n, 3) lies on an emitter (n,): 0 beside its middle, 1 at its end."""
        body = self._bodies[emitters]
        axis = np.einsum("nij,nj->ni", data.xmat[body].reshape(-1, 3, 3), self._axis[emitters])
        return np.asarray(np.clip(np.abs(np.einsum("ni,ni->n", points_m - data.xipos[body], axis)) / self._reach[emitters], 0.0, 1.0))

    def silence(self, places_m: Array) -> Sound:
        """Nothing has sounded yet."""
        tick = SoundTick(
            np.zeros((len(self), MODES), dtype=np.complex128),
            np.stack([places_m, places_m]),
            np.zeros(0, dtype=PAIR_DTYPE),
            np.zeros(0, dtype=STRIKE_DTYPE),
        )
        return Sound(tick, tick, np.zeros(0, dtype=PRESSED_DTYPE))

    def carried(self, sound: Sound, old: Bank) -> Sound:
        """The sound of a scene before an edit in this one: what goes on with the same voice rings on, the rest is silent."""
        to = np.full(len(old), -1, dtype=np.int64)
        for i, name in enumerate(old.names):
            if name in self.names:
                there = self.names.index(name)
                if np.array_equal(old._pole[i], self._pole[there]):
                    to[i] = there
        kept = np.flatnonzero(to >= 0)

        def moved(tick: SoundTick) -> SoundTick:
            ringing = np.zeros((len(self), MODES), dtype=np.complex128)
            ringing[to[kept]] = tick.ringing[kept]
            places = np.zeros((2, len(self), 3))
            places[:, to[kept]] = tick.places_m[:, kept]
            rows = np.flatnonzero((to[tick.pairs["emitter"]] >= 0).all(axis=-1))
            pairs = tick.pairs[rows]
            pairs["emitter"] = to[pairs["emitter"]]
            strikes = tick.strikes[np.isin(tick.strikes["pair"], rows)]
            strikes["pair"] = np.searchsorted(rows, strikes["pair"])
            return SoundTick(ringing, places, pairs, strikes)

        pressed = sound.pressed[(to[sound.pressed["emitter"]] >= 0).all(axis=-1)]
        pressed["emitter"] = to[pressed["emitter"]]
        return Sound(moved(sound.earlier), moved(sound.last), pressed)


def _longest(model: mujoco.MjModel, bodies: NDArray[np.int64]) -> tuple[Array, Array]:
    """Of each body the unit axis (n, 3) it extends farthest along, and how far (n,) [m], in its frame, about its centre of mass."""
    axis, reach = np.tile([1.0, 0.0, 0.0], (len(bodies), 1)), np.ones(len(bodies))
    for i, body in enumerate(bodies):
        start, count = int(model.body_geomadr[body]), int(model.body_geomnum[body])
        if body == 0 or count == 0:
            continue
        corners = np.zeros(3)
        for geom in range(start, start + count):
            turn = np.zeros(9)
            mujoco.mju_quat2Mat(turn, model.geom_quat[geom])
            middle = turn.reshape(3, 3) @ model.geom_aabb[geom, :3] + model.geom_pos[geom] - model.body_ipos[body]
            corners = np.maximum(corners, np.abs(middle) + np.abs(turn.reshape(3, 3)) @ model.geom_aabb[geom, 3:])
        axis[i] = np.eye(3)[int(np.argmax(corners))]
        reach[i] = max(float(corners.max()), 1e-3)
    return axis, reach
