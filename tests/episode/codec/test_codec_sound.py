"""Sound written is sound read, to the bit; other programs read the same; damage is named."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.signal import RATE_HZ
from lifeworld.episode.codec.sound import Sound, fits_flac, write_sound


def noise(seed: int, moments: int, samples: int, channels: int) -> np.ndarray:
    """Any bits that a float can have, NaN and infinity too."""
    shape = (moments, samples) if channels == 1 else (moments, samples, channels)
    return np.frombuffer(np.random.default_rng(seed).bytes(4 * int(np.prod(shape))), np.float32).reshape(shape)


def recorded(seed: int, moments: int, samples: int, channels: int) -> np.ndarray:
    """What a converter of 24 bits can give."""
    shape = (moments, samples) if channels == 1 else (moments, samples, channels)
    return (np.random.default_rng(seed).integers(-(2**23), 2**23, shape) / 2**23).astype(np.float32)


@given(
    seed=st.integers(0, 9),
    moments=st.integers(1, 30),
    samples=st.integers(1, 970),
    channels=st.sampled_from([1, 2]),
    make=st.sampled_from([noise, recorded]),
    in_memory=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, seed: int, moments: int, samples: int, channels: int, make: object, in_memory: bool
) -> None:
    before = make(seed, moments, samples, channels)  # type: ignore[operator]
    assert fits_flac(before) == (make is recorded)
    suffix = ".flac" if make is recorded else ".wav"
    path = tmp_path_factory.mktemp("sound") / f"a{suffix}"
    write_sound(path, before)
    after = Sound(path.read_bytes() if in_memory else path, count=moments, sizes=before.shape[1:])
    assert after[:].dtype == np.float32
    assert after[:].tobytes() == before.tobytes()
    some = np.random.default_rng(seed).integers(0, moments, 7)
    assert after[some].tobytes() == before[some].tobytes()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_others_read_the_same(tmp_path: Path, channels: int, suffix: str) -> None:
    time = np.arange(960 * 5) / RATE_HZ
    wave = np.round(0.4 * np.sin(2 * np.pi * 440 * time) * 2**23).astype(np.float32) / np.float32(2**23)
    wave[wave == 0] = 0.0  # not -0
    values = wave.reshape(5, 960) if channels == 1 else np.stack([wave, wave[::-1]], axis=-1).reshape(5, 960, 2)
    path = tmp_path / f"a{suffix}"
    write_sound(path, values)
    whole = values.reshape(-1) if channels == 1 else values.reshape(-1, 2)
    if suffix == ".wav":
        rate, theirs = wavfile.read(path)
        assert rate == RATE_HZ
        assert np.array_equal(theirs, whole)
    with av.open(str(path)) as file:
        audio = file.streams.audio[0]
        assert (audio.rate, audio.channels) == (RATE_HZ, channels)
        heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])
    assert np.array_equal(heard if suffix == ".wav" else heard / 2.0**31, whole.reshape(-1))


@pytest.mark.parametrize("value", [1.0, -0.0, np.nan, np.inf, 2.0**-24, -1.0 - 2.0**-22])
def test_what_24_bits_cannot_hold_is_kept_as_floats(tmp_path: Path, value: float) -> None:
    values = np.zeros((2, 960), np.float32)
    assert fits_flac(values)
    values[1, 7] = value
    assert not fits_flac(values)
    with pytest.raises(InputError, match="to the bit"):
        write_sound(tmp_path / "a.flac", values)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("damage", ["cut", "header", "format", "rate", "channels", "longer", "empty", "missing"])
def test_damage_is_named(tmp_path: Path, damage: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    values = recorded(1, 40, 960, 1)
    write_sound(path, values)
    raw = bytearray(path.read_bytes())
    count, sizes = 40, (960,)
    if damage == "cut":
        raw = raw[: len(raw) // 2]
    elif damage == "header":
        raw[:4] = b"OggS"
    elif damage == "format":
        raw[20:22] = (1).to_bytes(2, "little")
        raw[4] |= 0x7F
    elif damage == "rate":
        raw[24:28] = (44_100).to_bytes(4, "little")
        raw[18:20] = (44_100 >> 4).to_bytes(2, "big")
    elif damage == "channels":
        sizes = (480, 2)
    elif damage == "longer":
        count = 41
    elif damage == "empty":
        raw = bytearray()
    path.write_bytes(bytes(raw))
    if damage == "missing":
        path.unlink()
    with pytest.raises(UnreadableFile, match=str(path)):
        Sound(path, count=count, sizes=sizes)[:]
