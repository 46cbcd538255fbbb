"""What is learned from: the right pictures with the right actions, nothing of what is held out, and a word about what cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, SignalUnavailable, UnreadableFile
from lifeworld.core.seed import generator
from lifeworld.episode.seal import append_to
from lifeworld.models.data.footage import Footage, between, open_footage


def film(path: Path, pictures: int, size: tuple[int, int] = (32, 48), rate: int = 25, seed: int = 0) -> Path:
    """A small video file of a moving square."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        track = out.add_stream("mpeg4", rate=rate)
        track.height, track.width, track.pix_fmt = *size, "yuv420p"
        for i in range(pictures):
            picture = np.full((*size, 3), 40, np.uint8)
            picture[4:12, (seed + i) % (size[1] - 8) : (seed + i) % (size[1] - 8) + 8] = 220
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode(None))
    return path


def test_windows_hold_the_pictures_and_the_mean_actions_between_them(footage: Footage) -> None:
    numbers = footage.numbers(held_out=False)
    window = footage.windows(numbers[[0, 5, 15]])  # 15 windows of 10 in 24 pictures: the last is the second episode's first
    for at, (seed, start) in enumerate([(0, 0), (0, 5), (1, 0)]):
        frames, actions = tiny.play(seed)
        np.testing.assert_array_equal(window.frames[at], frames[start : start + 10])
        assert window.actions is not None
        expected = actions.reshape(-1, 2, 2).mean(axis=1)[start : start + 9]
        np.testing.assert_allclose(window.actions[at], expected, rtol=1e-5)


def test_nothing_held_out_is_learned_from(footage: Footage) -> None:
    learned, held = footage.numbers(held_out=False), footage.numbers(held_out=True)
    assert not set(learned) & set(held)
    assert len(learned) + len(held) == 24 * 15
    assert len(held) == 2 * 15
    assert len(footage.uids) == 22
    assert not set(footage.uids) & {footage.bundle.uids[9], footage.bundle.uids[19]}


def test_how_large_actions_are_is_said_by_what_is_learned_from(tmp_path: Path) -> None:
    with append_to(tmp_path / "plays", exact=("rgb",)) as writer:
        for seed in range(10):  # the last is held out, and acts otherwise
            episode = tiny.episode(seed)
            acts = episode.streams["action@square"]
            loud = replace(acts, values=100 * np.asarray(acts.values) + 7)
            writer.add(replace(episode, streams=episode.streams | {"action@square": loud}) if seed == 9 else episode)
    found = open_footage(tmp_path / "plays", size=(16, 16), length=6, cache=tmp_path / "cache").doing
    learned = np.concatenate([tiny.play(seed)[1] for seed in range(9)])
    assert found is not None
    np.testing.assert_allclose(found.mean, learned.mean(0))
    np.testing.assert_allclose(found.std, learned.std(0))
    assert max(found.high) <= 20


def test_a_choice_that_only_the_held_out_take_is_one_too(tmp_path: Path) -> None:
    with append_to(tmp_path / "plays", exact=("rgb",)) as writer:
        for seed in range(10):
            episode = tiny.episode(seed)
            chosen = np.arange(46)[:, None] % (4 if seed == 9 else 3)
            acts = replace(episode.streams["action@square"], values=chosen.astype(float))
            writer.add(replace(episode, streams=episode.streams | {"action@square": acts}))
    found = open_footage(tmp_path / "plays", size=(16, 16), length=6, cache=tmp_path / "cache")
    assert found.doing is not None
    assert found.doing.choices == (True,)
    np.testing.assert_allclose(found.doing.mean, (16 / 46, 15 / 46, 15 / 46, 0))
    assert found.windows(found.numbers(held_out=True)).actions is not None


def test_clips_begin_as_many_of_their_own_pictures_apart_as_is_said(tmp_path: Path) -> None:
    slow = open_footage(film(tmp_path / "a.mp4", 200, rate=50), size=(16, 16), length=6, cache=tmp_path / "cache")
    assert slow.stride == 4
    every, some = slow.numbers(held_out=False), slow.numbers(held_out=False, hop=5)
    assert set(some) <= set(every)
    assert set(np.diff(some)) == {5 * 4}  # else what follows in one clip would be what follows in the next


def test_a_step_and_a_seed_say_which_clips(footage: Footage) -> None:
    one, again, later, other = (footage.batch(step, 4, seed=seed).frames for step, seed in ((3, 0), (3, 0), (4, 0), (3, 1)))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, later)
    assert not np.array_equal(one, other)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(0, 12), edges=st.integers(2, 6))
def test_the_mean_between_edges_is_that_of_what_lies_there(seed: int, count: int, edges: int) -> None:
    rng = generator(seed, "between")
    when, values = np.sort(rng.choice(100, count, replace=False)).astype(np.int64), rng.normal(size=(count, 2))
    at = np.sort(rng.choice(100, edges, replace=False)).astype(np.int64)
    got = between(values, when, at)
    for i in range(edges - 1):
        here = values[(when >= at[i]) & (when < at[i + 1])]
        earlier = values[when < at[i]]
        expected = here.mean(axis=0) if len(here) else earlier[-1] if len(earlier) else values[0] if count else np.zeros(2)
        np.testing.assert_allclose(got[i], expected)


def test_fast_cameras_are_thinned_to_the_models_pace(tmp_path: Path) -> None:
    found = open_footage(film(tmp_path / "a.mp4", 120, rate=50), size=(16, 16), length=6, cache=tmp_path / "cache")
    assert found.stride == 4
    assert found.frame_ns == 80_000_000
    assert found.doing is None
    assert found.windows([0]).actions is None


def test_a_folder_of_videos_of_mixed_sizes_and_a_broken_one(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    for i, size in enumerate([(32, 48), (48, 32), (64, 64)]):
        film(videos / f"{i}.mp4", 40, size, seed=i)
    (videos / "broken.mp4").write_bytes(film(tmp_path / "whole.mp4", 40).read_bytes()[:700])
    (videos / "notes.txt").write_text("not a video")
    found = open_footage(videos, size=(16, 16), length=6, cache=tmp_path / "cache")
    assert len(found.bundle) == 3
    assert any("broken.mp4" in note for note in found.notes)
    assert any("32 × 48, 48 × 32, 64 × 64" in note for note in found.notes)
    assert found.windows(found.numbers(held_out=False)[[0, -1]]).frames.shape == (2, 6, 16, 16, 3)
    again = open_footage(videos, size=(16, 16), length=6, cache=tmp_path / "cache")
    assert again.bundle.uids == found.bundle.uids  # not taken in twice
    assert again.notes == found.notes
    film(videos / "3.mp4", 40)
    assert len(open_footage(videos, size=(16, 16), length=6, cache=tmp_path / "cache").bundle) == 4


def test_what_cannot_be_learned_from_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("hello")
    film(tmp_path / "one" / "a.mp4", 1)
    film(tmp_path / "short.mp4", 5)
    how = {"size": (16, 16), "length": 20, "cache": tmp_path / "cache"}
    for path, word in (("nowhere", "nothing here"), ("empty", "no recording"), ("text", "no recording")):
        with pytest.raises(UnreadableFile, match=word):
            open_footage(tmp_path / path, **how)  # type: ignore[arg-type]
    for path, word in (("one", "one picture|no episode|learned from"), ("short.mp4", "too short")):
        with pytest.raises(InputError, match=word):
            open_footage(tmp_path / path, **how)  # type: ignore[arg-type]


def test_cameras_are_named_and_episodes_without_actions_left_out(tmp_path: Path) -> None:
    with append_to(tmp_path / "mixed", exact=("rgb",)) as writer:
        writer.commit([writer.stage(tiny.episode(i, acts=i != 1)) for i in range(4)])
    found = open_footage(tmp_path / "mixed", size=(16, 16), length=6, cache=tmp_path / "cache")
    assert found.bundle.uids[1] not in found.uids
    assert any("1 episode" in note for note in found.notes)
    with pytest.raises(SignalUnavailable, match="rgb@above"):
        open_footage(tmp_path / "mixed", size=(16, 16), length=6, cache=tmp_path / "cache", stream="rgb@below")
    free = open_footage(tmp_path / "mixed", size=(16, 16), length=6, cache=tmp_path / "cache", actions=False)
    assert free.doing is None
    assert len(free.uids) == 3  # the last one is held out


def test_a_short_recording_is_taken_more_densely_and_says_so(tmp_path: Path) -> None:
    found = open_footage(film(tmp_path / "a.mp4", 20, rate=25), size=(16, 16), length=12, cache=tmp_path / "cache")
    assert found.stride == 1
    assert any("short" in note for note in found.notes)
