"""Sound written is sound read, to the bit; other programs read the same; damage is named."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.origin import Origin, Provenance
from lifeworld.core.signal import RATE_HZ, SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.sound import is_sound, read_sound, write_sound
from lifeworld.episode.store import read_episode, write_episode

WHO = Provenance.now(engine="physics", engine_version="mujoco 4", seed=3)


def stream(name: str, values: np.ndarray) -> Stream:
    return Stream(SIGNALS[name], np.arange(len(values)) * 20_000_000, values, origin=Origin.SIMULATED, source="front")


def noise(seed: int, moments: int, samples: int, channels: int) -> Stream:
    """Any bits that a float can have, NaN and infinity too."""
    shape = (moments, samples) if channels == 1 else (moments, samples, 2)
    values = np.frombuffer(np.random.default_rng(seed).bytes(4 * int(np.prod(shape))), np.float32).reshape(shape)
    return stream("audio_mono" if channels == 1 else "audio_stereo", values)


@given(seed=st.integers(0, 9), moments=st.integers(1, 5), samples=st.integers(1, 97), channels=st.sampled_from([1, 2]))
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, seed: int, moments: int, samples: int, channels: int
) -> None:
    before = noise(seed, moments, samples, channels)
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    write_sound(path, before)
    after = read_sound(path, moments)
    assert after.dtype == np.float32
    assert after.shape == before.values.shape
    assert after.tobytes() == before.values.tobytes()


@pytest.mark.parametrize("channels", [1, 2])
def test_others_read_the_same(tmp_path: Path, channels: int) -> None:
    time = np.arange(960 * 5) / RATE_HZ
    wave = 0.4 * np.sin(2 * np.pi * 440 * time).astype(np.float32)
    values = wave.reshape(5, 960) if channels == 1 else np.stack([wave, -0.5 * wave], axis=-1).reshape(5, 960, 2)
    path = tmp_path / "a.wav"
    write_sound(path, stream("audio_mono" if channels == 1 else "audio_stereo", values))
    whole = values.reshape(-1) if channels == 1 else values.reshape(-1, 2)
    rate, theirs = wavfile.read(path)
    assert rate == RATE_HZ
    assert np.array_equal(theirs, whole)
    with av.open(str(path)) as file:
        audio = file.streams.audio[0]
        assert (audio.rate, audio.channels) == (RATE_HZ, channels)
        heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])
    assert np.array_equal(heard, whole.reshape(-1))


def test_an_episode_keeps_its_sound_as_wav_and_only_there(tmp_path: Path) -> None:
    streams = {"audio_mono@front": noise(1, 4, 960, 1), "audio_stereo@front": noise(2, 4, 960, 2)}
    before = Episode(streams=streams, provenance=WHO)
    folder = write_episode(before, tmp_path / "e")
    entries = json.loads((folder / "episode.json").read_text(encoding="utf-8"))["streams"]
    with np.load(folder / "streams.npz") as arrays:
        assert set(arrays) == {f"{name}/times_ns" for name in streams}
    after = read_episode(folder)
    for name, one in streams.items():
        assert (entries[name]["file"], entries[name]["lossless"]) == (f"{name}.wav", True)
        assert after[name] == one


def test_no_sound_at_all_is_kept_too(tmp_path: Path) -> None:
    empty = stream("audio_mono", np.zeros((0, 960), np.float32))
    assert not is_sound(empty)
    after = read_episode(write_episode(Episode(streams={"audio_mono@front": empty}, provenance=WHO), tmp_path / "e"))
    assert after["audio_mono@front"] == empty


@pytest.mark.parametrize("damage", ["cut", "header", "format", "rate", "length", "missing"])
def test_damage_is_named(tmp_path: Path, damage: str) -> None:
    folder = write_episode(Episode(streams={"audio_mono@front": noise(1, 4, 960, 1)}, provenance=WHO), tmp_path / "e")
    path = folder / "audio_mono@front.wav"
    raw = bytearray(path.read_bytes())
    if damage == "cut":
        raw = raw[:300]
    elif damage == "header":
        raw[:4] = b"OggS"
    elif damage == "format":
        raw[20:22] = (1).to_bytes(2, "little")
    elif damage == "rate":
        raw[24:28] = (44_100).to_bytes(4, "little")
    elif damage == "length":
        raw = raw[:-4]
        raw[54:58] = (len(raw) - 58).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    if damage == "missing":
        path.unlink()
    with pytest.raises(UnreadableFile, match=str(folder)):
        read_episode(folder)
