"""What comes to a camera's ears: every emitter's wave, later and weaker the farther it is.

The wave falls with the distance (from 0.1 m on) and comes after its way at 343 m/s, up to the 6.86 m that sound goes in a tick: beyond, it
comes as late as from there. Ways are rounded to whole samples (7 mm); as they change during a tick, the one is faded into the other, so
that nothing clicks and nothing is shifted in pitch. There is no room around: no echo.
"""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import RATE_HZ
from lifeworld.worlds.physics.senses.hear.bank import SAMPLES
from lifeworld.worlds.physics.senses.hear.resonate import Resonator, Waves, resonator
from lifeworld.worlds.physics.senses.hear.voice import SOUND_M_S
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.sound import Sound

Array = NDArray[np.float64]
Head = tuple[Array, Array]
"""The middle (3,) [m] of a head and the way to its right (3,), world frame."""
NEAREST_M = 0.1
EARS_M = 0.18
SHADOW_DB = 5.0  # the ear on a sound's side gets so much more than the middle of the head, the other so much less
BEGIN_OF_LIMIT = 0.8
FULL_SCALE = 2**23


def mono(look: Look, camera: str) -> NDArray[np.float32]:
    """(samples,): one ear in the middle that hears all sides alike."""
    return np.asarray(_heard(look, camera, np.zeros(1))[0])


def stereo(look: Look, camera: str) -> NDArray[np.float32]:
    """(samples, 2): left and right."""
    return np.ascontiguousarray(_heard(look, camera, np.array([-1.0, 1.0])).T)


def limited(wave: Array) -> NDArray[np.float32]:
    """The wave within ±1, in steps of 24 bits as a sound card gives it (so FLAC keeps it whole): as it is up to 0.8, then ever more
    compressed."""
    over = np.abs(wave) - BEGIN_OF_LIMIT
    if wave.size and over.max() > 0:
        room = 1.0 - BEGIN_OF_LIMIT
        wave = np.where(over > 0, np.sign(wave) * (BEGIN_OF_LIMIT + room * np.tanh(np.maximum(over, 0.0) / room)), wave)
    steps = np.clip(np.rint(wave * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return (steps / FULL_SCALE + 0.0).astype(np.float32)  # + 0.0: there is no −0 among whole numbers


def _heard(look: Look, camera: str, sides: Array) -> NDArray[np.float32]:
    """(ears, samples) of the last tick; `sides` (ears,) is −1 for a left ear, 1 for a right one, 0 for one without a head."""
    out = np.zeros((len(sides), SAMPLES))
    sound = look.state.sound
    if sound is not None:
        emitters, waves = look.once("waves", lambda: _waves(look.tables(resonator), sound))
        if len(emitters):
            fade = np.arange(SAMPLES) / SAMPLES
            for head, places, share in zip(_heads(look, camera), sound.last.places_m[:, emitters], (1.0 - fade, fade), strict=True):
                gain, late = _ways(head, places, sides)
                came = waves[np.arange(len(emitters))[:, None], SAMPLES + np.arange(SAMPLES) - late[..., None]]
                out += share * np.einsum("ke,ken->kn", gain, came)
    return limited(out)


def _waves(box: Resonator, sound: Sound) -> Waves:
    """Who sounded in the last two ticks (n,), and their waves in both (n, 2 · SAMPLES)."""
    (were, before), (are, now) = box.waves(sound.earlier), box.waves(sound.last)
    emitters = np.union1d(were, are)
    waves = np.zeros((len(emitters), 2 * SAMPLES), dtype=np.float32)
    waves[np.searchsorted(emitters, were), :SAMPLES] = before
    waves[np.searchsorted(emitters, are), SAMPLES:] = now
    return emitters, waves


def _ways(head: Head, places: Array, sides: Array) -> tuple[Array, NDArray[np.int64]]:
    """How much (ears, emitters) comes from places (emitters, 3), and how many samples late."""
    middle, right = head
    way = places - middle
    distance = np.linalg.norm(way[None] - (EARS_M / 2 * sides[:, None] * right)[:, None], axis=-1)
    # 1 straight into the ear, −1 through the head.
    toward = sides[:, None] * (way @ right) / np.maximum(np.linalg.norm(way, axis=-1), 1e-9)
    gain = 10.0 ** (SHADOW_DB / 20 * toward) / np.maximum(distance, NEAREST_M)
    late = np.minimum(np.rint(distance / SOUND_M_S * RATE_HZ), SAMPLES).astype(np.int64)
    return gain, late


def _heads(look: Look, camera: str) -> tuple[Head, Head]:
    """Where the camera was at the tick's start and where it is at its end."""
    model = look.model
    index = int(mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_CAMERA), camera))
    body = int(model.cam_bodyid[index])
    moves = model.body_weldid[body] != 0 or model.body_mocapid[model.body_rootid[body]] >= 0
    now = _head(look.data, index)
    return _head(look.tick_ago.data, index) if moves else now, now


def _head(data: mujoco.MjData, camera: int) -> Head:
    return np.array(data.cam_xpos[camera]), np.array(data.cam_xmat[camera].reshape(3, 3)[:, 0])  # +X is to the right for the engine too


SENSES: dict[str, Sense] = {"audio_mono": mono, "audio_stereo": stereo}
