"""What a batch holds is what the episode holds: against `Episode.at`, sample by sample, from memory, from files and from the cache."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import STEP, bundle, episode, pictures

from lifeworld.core.errors import InputError, LimitError, SignalUnavailable, UnknownName
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import align
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.clips import Batch, Clips
from lifeworld.episode.clips.join import found
from lifeworld.episode.episode import Episode

ALL = ("rgb@front", "depth_m@front", "action@hand")


@pytest.fixture(scope="module")
def episodes() -> list[Episode]:
    return [episode(i, frames) for i, frames in enumerate((40, 23, 9, 31))]


@pytest.fixture(scope="module")
def folder(episodes: list[Episode], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("clips") / "bundle", episodes)


@pytest.fixture(scope="module")
def decoded(folder: Path) -> list[dict[str, Stream]]:
    """Everything of the bundle, decoded one frame after the other by the streams themselves."""
    return [{name: s.replaced(s.times_ns, s.values[:]) for name, s in e.streams.items()} for e in open_bundle(folder)]


def check(batch: Batch, episodes: list[Any], length: int, stride: int) -> None:
    for i in range(batch.clips):
        streams = episodes[batch.episode[i]]
        first = streams["rgb@front"].times_ns[batch.start[i] :: stride][:length]
        assert np.array_equal(batch.times_ns[i], first)
        for name in batch:
            stream = streams[name]
            want = align(stream.times_ns, first, "hold")
            values = np.asarray(stream.values)
            assert np.array_equal(batch[name][i], values[want.before]), name
            if name in batch.known:
                assert np.array_equal(batch.known[name][i], want.known)


@pytest.mark.parametrize("order", ["scattered", "blocks", "listed"])
@pytest.mark.parametrize(("length", "stride", "hop"), [(4, 1, 1), (3, 4, 2), (9, 1, 5)])
@pytest.mark.parametrize("cache", [False, True])
def test_every_clip_once_with_the_pixels_of_plain_decoding(
    folder: Path, decoded: list[dict[str, Stream]], order: Any, length: int, stride: int, hop: int, cache: bool, tmp_path: Path
) -> None:
    kept = tmp_path if cache else False
    clips = Clips(folder, signals=ALL, length=length, stride=stride, hop=hop, batch=7, order=order, block=2, cache=kept, threads=2)
    span = (length - 1) * stride
    expected = [(e, s) for e, streams in enumerate(decoded) for s in range(0, len(streams["rgb@front"]) - span, hop)]
    for _ in range(2):
        seen = []
        for batch in clips:
            check(batch, decoded, length, stride)
            seen += list(zip(batch.episode.tolist(), batch.start.tolist(), strict=True))
        assert sorted(seen) == expected
        assert len(seen) == clips.clips
        assert order != "listed" or seen == expected
    assert clips.state == (2, 0)
    if cache:  # nothing was decoded twice
        assert clips.report.decoded == {"rgb@front": 103, "depth_m@front": 103, "action@hand": 206}
        assert clips.report.kept == clips.report.decoded


def test_from_memory(episodes: list[Episode]) -> None:
    held = [e.streams for e in episodes]
    clips = Clips(episodes, signals=ALL, length=5, batch=8)
    assert sum(batch.clips for batch in clips) == clips.clips == 36 + 19 + 5 + 27
    check(clips.take([0, 5, clips.clips - 1, 5]), held, 5, 1)
    assert clips.one(36).episode.tolist() == [1]
    with pytest.raises(IndexError):
        clips.one(clips.clips)
    with pytest.raises(IndexError):
        clips.one(-1)


@given(
    times=st.lists(st.integers(-1000, 1000), min_size=1, max_size=30, unique=True).map(sorted),
    at=st.lists(st.integers(-1200, 1200), max_size=20),
    how=st.sampled_from(["hold", "nearest"]),
)
@settings(max_examples=150, deadline=None)
def test_rules_are_those_of_core_time(times: list[int], at: list[int], how: Any) -> None:
    want = align(times, at, how)
    sample, known = found(np.array(times), np.array(at, dtype=np.int64), how, None)
    assert np.array_equal(sample, want.before)
    assert np.array_equal(known, want.known)


def test_stale_samples_are_not_known(episodes: list[Episode]) -> None:
    clips = Clips(episodes, signals=("rgb@front", "instruction"), length=10, batch=4, order="listed", most_stale_ns=3 * STEP)
    batch = clips.one(0)
    assert batch["instruction"][0].tolist() == ["do 0"] * 5 + ["stop 0"] * 5
    assert batch.known["instruction"][0].tolist() == [True] * 4 + [False] + [True] * 4 + [False]


@pytest.mark.parametrize("cached", [False, True])
def test_turns_and_lines(episodes: list[Episode], folder: Path, tmp_path: Path, cached: bool) -> None:
    source: Any = folder if cached else episodes
    rules: Any = {"camera_pose@front": "slerp", "action@hand": "hold"}
    clips = Clips(source, signals=("rgb@front", "camera_pose@front", "action@hand"), length=6, align=rules, batch=9, cache=tmp_path)
    for _ in range(2):
        for batch in clips:
            for i in range(batch.clips):
                e, at = episodes[batch.episode[i]], batch.times_ns[i]
                known = at <= e["camera_pose@front"].times_ns[-1]
                assert np.array_equal(batch.known["camera_pose@front"][i], known)
                want = e["camera_pose@front"].resampled(at[known], "slerp").values
                assert np.array_equal(batch["camera_pose@front"][i][known], want)


def test_all_samples_meanwhile_and_rows(episodes: list[Episode], folder: Path) -> None:
    for given_ in (episodes, folder):
        clips = Clips(given_, signals=("rgb@front", "action@hand", "contacts"), length=6, align={"action@hand": "all"}, batch=5)  # type: ignore[arg-type]
        for batch in clips:
            for i in range(batch.clips):
                e, at = episodes[batch.episode[i]], batch.times_ns[i]
                want = e["action@hand"].between(at[0], at[-1] + 1)
                got = batch["action@hand"]
                assert np.array_equal(got[i], want.values)
                assert np.array_equal(got.times_ns[got.offsets[i] : got.offsets[i + 1]], want.times_ns)
                for k in range(6):
                    assert np.array_equal(batch["contacts"][i * 6 + k], e["contacts"].values[batch.start[i] + k])
    every = Clips(episodes, signals=("rgb@front", "contacts"), length=6, align="all", batch=5).one(3)["contacts"]
    want_rows = np.concatenate(episodes[0]["contacts"].values[3:9])
    assert np.array_equal(every[0], want_rows)
    assert every.times_ns.tolist() == [int(f) * STEP for f in want_rows["force_n"]]


@pytest.mark.parametrize("rate", [7, 20, 50.0, Fraction(30000, 1001)])
def test_an_even_grid(episodes: list[Episode], folder: Path, rate: Any) -> None:
    for given_ in (episodes, folder):
        clips = Clips(
            given_, signals=("action@hand", "rgb@front"), length=4, rate=rate, align={"rgb@front": "nearest"}, batch=6, cache=False
        )  # type: ignore[arg-type]
        total = 0
        for e in episodes:
            t = e["action@hand"].times_ns
            total += max(0, int((int(t[-1] - t[0])) * Fraction(rate) // 10**9) + 1 - 3)
        assert clips.clips == total
        for batch in clips:
            for i in range(batch.clips):
                e = episodes[batch.episode[i]]
                t = e["action@hand"].times_ns
                grid = [int(t[0]) + round((int(batch.start[i]) + k) * 10**9 / Fraction(rate)) for k in range(4)]
                assert np.abs(batch.times_ns[i] - grid).max() <= 1  # halves may round either way
                assert np.array_equal(batch["action@hand"][i], e["action@hand"].resampled(batch.times_ns[i]).values)
                assert batch.known["action@hand"].all()


def test_clips_do_not_span_gaps() -> None:
    times = np.array([0, 1, 2, 3, 10, 11, 12, 30, 31, 32, 33, 34]) * STEP
    stream = Stream(SIGNALS["rgb"], times, pictures(12, 16, 16, seed=0), origin="measured", source="front")
    one = Episode(streams={"rgb@front": stream}, provenance=Provenance.now(engine="tests", engine_version="1"))
    clips = Clips([one], signals=("rgb@front",), length=3, most_gap_ns=STEP, order="listed")
    assert [s for batch in clips for s in batch.start.tolist()] == [0, 1, 4, 7, 8, 9]
    on_grid = Clips([one], signals=("rgb@front",), length=3, most_gap_ns=STEP, order="listed", rate=2e9 / STEP)
    starts = [s for batch in on_grid for s in batch.start.tolist()]
    assert starts == [0, 1, 2, 3, 4, 20, 21, 22, 60, 61, 62, 63, 64, 65, 66]


def test_episodes_that_lack_a_stream() -> None:
    some = [
        episode(0, 12),
        episode(1, 12, leave=["action@hand", "instruction", "contacts"]),
        episode(2, 12, leave=["rgb@front"]),
        episode(3, 2),
    ]
    names = ("rgb@front", "action@hand", "instruction", "contacts")
    out = Clips(some, signals=names, length=4)
    assert out.clips == 9
    assert out.report.left_out == {"without rgb@front": 1, "without action@hand": 1, "shorter than a clip": 1}
    masked = Clips(some, signals=names, length=4, missing="mask", order="listed", batch=18)
    (batch,) = masked
    assert np.isnan(batch["action@hand"][9:]).all()
    assert not batch.known["action@hand"][9:].any()
    assert batch["instruction"][9:].tolist() == [[""] * 4] * 9
    assert all(len(batch["contacts"][k]) == 0 for k in range(36, 72))
    assert batch.known["instruction"][:9].all()


def test_sizes_and_small_floats(episodes: list[Episode], folder: Path, tmp_path: Path) -> None:
    for given_, cache in ((episodes, False), (folder, False), (folder, tmp_path), (folder, tmp_path)):
        clips = Clips(given_, signals=ALL, length=3, size=(16, 20), float32=True, cache=cache)  # type: ignore[arg-type]
        batch = next(iter(clips))
        assert batch["rgb@front"].shape == (32, 3, 16, 20, 3)
        assert batch["action@hand"].dtype == np.float32
        depth = episodes[batch.episode[5]]["depth_m@front"].values[batch.start[5]]
        rows, columns = (2 * np.arange(16) + 1), ((np.arange(20) + 0.5) * 48 / 20).astype(int)
        assert np.array_equal(batch["depth_m@front"][5, 0], depth[rows[:, None], columns])
        whole = Clips(given_, signals=("rgb@front",), length=3, cache=False).take([0])["rgb@front"][0, 0].astype(float)  # type: ignore[arg-type]
        small = clips.take([0])["rgb@front"][0, 0].astype(float)
        assert np.abs(small.mean((0, 1)) - whole.mean((0, 1))).max() < 3
    flow = Stream(SIGNALS["flow_forward"], [0], np.zeros((1, 16, 16, 2), np.float32), origin="simulated", source="front")
    with pytest.raises(InputError, match="counts pixels"):
        Clips([episodes[0].with_stream(flow)], signals=("flow_forward@front",), length=1, size=(8, 8))


def test_two_bundles_without_and_with_weights(folder: Path, episodes: list[Episode], tmp_path: Path) -> None:
    other = bundle(tmp_path / "other", [episode(9, 12)])
    both = Clips([folder, other], signals=("rgb@front",), length=4, cache=False, order="listed", batch=1000)
    (batch,) = both
    assert np.bincount(batch.bundle).tolist() == [37 + 20 + 6 + 28, 9]
    halves = Clips([folder, other], signals=("rgb@front",), length=4, cache=False, weights=[0.25, 0.75], batch=8)
    assert all(np.bincount(b.bundle, minlength=2).tolist() == [2, 6] for b in halves if b.clips == 8)
    with pytest.raises(InputError, match="one weight a bundle"):
        Clips([folder, other], signals=("rgb@front",), weights=[1])


def test_arrays_stay_as_long_as_they_are_held(folder: Path) -> None:
    clips = Clips(folder, signals=("rgb@front",), length=4, batch=8, cache=False)
    batches = list(clips)
    again = Clips(folder, signals=("rgb@front",), length=4, batch=8, cache=False)
    for batch, other in zip(batches, again, strict=True):
        assert np.array_equal(batch["rgb@front"], other["rgb@front"])


def test_memory_comes_back_only_when_no_view_is_left(folder: Path) -> None:
    from lifeworld.episode.clips.batch import Memory

    memory = Memory()
    first = memory.array((64, 64), np.dtype(np.float32))
    where, view = first.ctypes.data, first.reshape(-1)[5:9].view(np.uint32)
    del first
    second = memory.array((64, 64), np.dtype(np.float32))
    assert second.ctypes.data != where
    del view
    third = memory.array((16, 256), np.dtype(np.float32))
    assert third.ctypes.data == where


def test_what_does_not_fit_is_said(episodes: list[Episode], folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SignalUnavailable, match="Did you mean 'rgb@front'"):
        Clips(folder, signals=("rgb@frnt",))
    with pytest.raises(SignalUnavailable, match="rgb@front"):
        Clips(episodes, signals=("rgb",))
    for wrong, words in (
        ({"length": 0}, "length"), ({"stride": 0}, "stride"), ({"batch": -1}, "batch"),
        ({"rate": 0}, "rate"), ({"rate": float("nan")}, "rate"),
        ({"resume": (0, 10_000)}, "other clips"), ({"block": 0}, "at least one"),
    ):  # fmt: skip
        with pytest.raises(LimitError, match=words):
            Clips(episodes, signals=("rgb@front",), **wrong)  # type: ignore[arg-type]
    for wrong in ({"order": "random"}, {"missing": "zero"}, {"broken": "ignore"}, {"align": "cubic"}, {"align": {"depth": "hold"}}):
        with pytest.raises(UnknownName):
            Clips(episodes, signals=("rgb@front",), **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="names of signals"):
        Clips(episodes, signals="rgb@front")
    with pytest.raises(InputError, match="'linear' does not fit"):
        Clips(episodes, signals=("rgb@front", "depth_m@front"), align="linear")
    with pytest.raises(InputError, match="cut from a bundle"):
        Clips(7, signals=("rgb@front",))  # type: ignore[arg-type]
    long = Clips(episodes, signals=("rgb@front",), length=1000)
    assert long.clips == len(list(long)) == 0
    mixed = Clips([episodes[0], episode(7, 12, size=(32, 32))], signals=("rgb@front",), length=3, broken="raise")
    with pytest.raises(InputError, match=r"another size.*size=\(height, width\)"):
        list(mixed)
