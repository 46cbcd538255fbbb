"""The cache, going on from a state, what is broken, and threads that end."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import bundle, episode

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Consent, Terms
from lifeworld.core.signal import Stream
from lifeworld.episode.clips import Clips
from lifeworld.episode.clips.shelf import Budget, Shelf
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to

NAMES = ("rgb@front", "action@hand")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("clips") / "bundle", [episode(i, 30) for i in range(6)])


@pytest.fixture
def folder(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / "bundle"))


def drawn(clips: Clips) -> list[tuple[int, int]]:
    return [pair for batch in clips for pair in zip(batch.episode.tolist(), batch.start.tolist(), strict=True)]


# -- state -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["scattered", "blocks"])
def test_going_on_is_as_if_never_stopped(folder: Path, order: Any) -> None:
    def clips(**more: Any) -> Clips:
        return Clips(folder, signals=NAMES, length=4, order=order, block=2, seed=5, **({"batch": 10, "threads": 2} | more))

    whole = clips()
    expected = drawn(whole) + drawn(whole)
    assert whole.state == (2, 0)
    for stop, more in ((1, {}), (7, {"threads": 1}), (3, {"batch": 4, "ahead": 0}), (16, {"cache": False}), (17, {"batch": 1})):
        first = clips()
        got: list[tuple[int, int]] = []
        for batch in islice(first, stop):
            got += zip(batch.episode.tolist(), batch.start.tolist(), strict=True)
        assert len(got) == first.state[1] + first.state[0] * first.clips
        second = clips(resume=first.state, **more)
        while second.state[0] < 2:
            got += drawn(second)
        assert got == expected
    assert expected[: whole.clips] != expected[whole.clips :]


def test_loops_and_last_batches(folder: Path) -> None:
    endless = Clips(folder, signals=NAMES, length=4, batch=50, loop=True, drop_last=True)
    sizes = [batch.clips for batch in islice(endless, 9)]
    assert sizes == [50] * 9
    assert len(endless) == 3
    assert endless.state[0] == 2
    kept = Clips(folder, signals=NAMES, length=4, batch=50)
    assert [batch.clips for batch in kept] == [50, 50, 50, 12]
    assert len(kept) == 4


# -- cache -----------------------------------------------------------------------------------------------------------------


def test_the_cache_is_shared_grows_with_the_bundle_and_may_go_at_any_time(folder: Path) -> None:
    first = Clips(folder, signals=NAMES, length=4)
    plain = {int(b.episode[i]) * 100 + int(b.start[i]): b["rgb@front"][i].copy() for b in first for i in range(b.clips)}
    assert first.report.kept["rgb@front"] == 180
    second = Clips(folder, signals=NAMES, length=4, seed=1)
    for batch in second:
        for i in range(batch.clips):
            assert np.array_equal(batch["rgb@front"][i], plain[int(batch.episode[i]) * 100 + int(batch.start[i])])
    assert not second.report.decoded
    with append_to(folder) as writer:
        writer.add(episode(6, 30))
    grown = Clips(folder, signals=NAMES, length=4, loop=True)
    stream = iter(grown)
    for _ in range(4):
        next(stream)
    shutil.rmtree(folder / "cache")  # what is mapped stays
    for _ in range(20):
        batch = next(stream)
        for i in range(batch.clips):
            if batch.episode[i] < 6:
                assert np.array_equal(batch["rgb@front"][i], plain[int(batch.episode[i]) * 100 + int(batch.start[i])])
    stream.close()  # type: ignore[attr-defined]
    assert grown.report.decoded == {"rgb@front": 30, "action@hand": 60}


def test_a_full_cache_says_so_and_reading_goes_on(folder: Path, tmp_path: Path) -> None:
    clips = Clips(folder, signals=NAMES, length=4, cache=tmp_path / "cache", cache_bytes=300_000)
    assert len(drawn(clips)) == len(drawn(clips)) == clips.clips
    held = sum(p.stat().st_blocks * 512 for p in (tmp_path / "cache").rglob("rows.bin"))
    assert 200_000 < held < 340_000  # pages of the disk
    assert clips.report.why_not_kept["the cache has reached its limit"] > 180
    again = Clips(folder, signals=NAMES, length=4, cache=tmp_path / "cache", cache_bytes=300_000)
    drawn(again)
    assert 0 < sum(again.report.decoded.values()) < sum(clips.report.decoded.values())


def test_the_files_of_the_cache_are_let_go_of_with_the_clips(folder: Path) -> None:
    def held() -> int:
        return sum(os.path.realpath(f"/proc/self/fd/{handle}").startswith(str(folder / "cache")) for handle in os.listdir("/proc/self/fd"))

    clips = Clips(folder, signals=NAMES, length=4)
    drawn(clips)
    assert held() > 0
    del clips
    gc.collect()
    assert held() == 0


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(10**9)
    shelf = Shelf(tmp_path / "s", count=100, shape=(64,), dtype=np.dtype(np.uint8), identity="x", budget=budget)
    assert shelf.put(0, np.ones((10, 64), np.uint8))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    assert not shelf.put(10, np.ones((10, 64), np.uint8))
    assert not shelf.put(20, np.ones((10, 64), np.uint8))
    monkeypatch.undo()
    assert budget.refused == "the cache cannot be written: No space left on device"
    assert shelf.there.sum() == 10
    assert shelf.rows[:10].all()


def test_a_folder_that_cannot_be_written_to(folder: Path, tmp_path: Path) -> None:
    (folder / "cache").write_text("a file in the way")
    with pytest.raises(InputError, match=r"cache cannot be kept here.*Give cache= another folder, or False"):
        Clips(folder, signals=NAMES)
    assert Clips(folder, signals=NAMES, cache=tmp_path).one(0).clips == 1


def test_the_cache_of_something_else_is_not_believed(tmp_path: Path) -> None:
    def shelf(identity: str) -> Shelf:
        return Shelf(tmp_path / "s", count=4, shape=(2,), dtype=np.dtype(np.uint8), identity=identity, budget=Budget(1000))

    shelf("a")
    with pytest.raises(UnreadableFile, match="Delete the folder"):
        shelf("b")


def test_marks_follow_the_bytes(tmp_path: Path) -> None:
    """Another process sees what was flushed, and nothing of what was not."""

    def shelf() -> Shelf:
        return Shelf(tmp_path / "s", count=8, shape=(4,), dtype=np.dtype(np.int32), identity="x", budget=Budget(10**6))

    one = shelf()
    one.put(2, np.arange(8, dtype=np.int32).reshape(2, 4))
    assert one.there.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    other = shelf()
    assert not other.there.any()
    one.flush()
    other = shelf()
    assert other.there.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert other.rows[2:4].ravel().tolist() == list(range(8))


KILLED = """
import sys
from lifeworld.episode.clips import Clips
from lifeworld.episode.clips import shelf
shelf.FLUSH_BYTES = 40_000
for _ in range(3):
    for batch in Clips(sys.argv[1], signals=("rgb@front", "action@hand"), length=4, batch=3, cache=sys.argv[2]):
        print(batch.clips, flush=True)
"""


@pytest.mark.slow
def test_killed_while_it_fills_the_cache(folder: Path, tmp_path: Path) -> None:
    plain = Clips(folder, signals=NAMES, length=4, cache=False, order="listed", batch=1000)
    (whole,) = plain
    for wait in range(1, 9):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(folder), str(tmp_path / "cache")], stdout=subprocess.PIPE)
        assert child.stdout is not None
        for _ in range(wait * 3):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        after = Clips(folder, signals=NAMES, length=4, cache=tmp_path / "cache", order="listed", batch=1000)
        # not iterated to its end: the cache stays as the killed one left it but for what this one needs
        got = after.take(range(after.clips))
        assert np.array_equal(got["rgb@front"], whole["rgb@front"])
        assert np.array_equal(got["action@hand"], whole["action@hand"])


def _fill(folder: Path, cache: Path) -> None:
    for batch in Clips(folder, signals=NAMES, length=4, cache=cache, threads=2):
        assert batch["rgb@front"].any()


@pytest.mark.slow
def test_several_processes_fill_one_cache(folder: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(folder, tmp_path / "cache")) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    (plain,) = Clips(folder, signals=NAMES, length=4, cache=False, order="listed", batch=1000)
    kept = Clips(folder, signals=NAMES, length=4, cache=tmp_path / "cache", order="listed", batch=1000)
    (got,) = kept
    assert np.array_equal(got["rgb@front"], plain["rgb@front"])
    assert not kept.report.decoded


def test_what_is_encrypted_is_not_kept(tmp_path: Path) -> None:
    one = episode(0, 20)
    consent = Consent(subject="P7", terms="study/1", receipt="r1", purposes=("train",))
    rgb = one["rgb@front"]
    theirs = Stream(
        rgb.signal, rgb.times_ns, rgb.values, origin="measured", source="front", terms=Terms(license="CC-BY-4.0", consents=(consent,))
    )
    keys = Keys(tmp_path / "keys")
    with append_to(tmp_path / "bundle", encrypt=keys) as writer:
        writer.add(one.with_stream(theirs))
    from lifeworld.episode.bundle import open_bundle

    clips = Clips(open_bundle(tmp_path / "bundle", keys=keys), signals=NAMES, length=4, batch=5)
    assert len(drawn(clips)) == 17
    assert clips.report.kept == {"action@hand": 40}
    assert clips.report.decoded["rgb@front"] >= 20
    shelves = [p for p in (tmp_path / "bundle" / "cache").rglob("rows.bin") if "rgb" in str(p) and "times" not in str(p)]
    assert not any(np.fromfile(p, np.uint8).any() for p in shelves)


# -- what is broken --------------------------------------------------------------------------------------------------------


def break_video(folder: Path, number: int) -> Path:
    path = sorted((folder / "videos").rglob("*.mp4"))[number]
    path.write_bytes(path.read_bytes()[:200])
    return path


@pytest.mark.parametrize("cache", [True, False])
def test_broken_clips_are_counted_and_the_others_come_all_the_same(folder: Path, cache: bool) -> None:
    path = break_video(folder, 2)
    for ahead in (0, 3):
        clips = Clips(folder, signals=NAMES, length=4, batch=10, cache=cache, ahead=ahead, seed=ahead)
        sizes, seen = [], []
        for batch in clips:
            sizes.append(batch.clips)
            seen += list(zip(batch.episode.tolist(), batch.start.tolist(), strict=True))
            assert not (batch.episode == 2).any()
            for i in range(batch.clips):
                assert np.array_equal(batch.times_ns[i] // 50_000_000, batch.start[i] + np.arange(4))
        assert len(seen) == len(set(seen)) == clips.clips - 27
        assert sizes == [10] * 13 + [5]
        assert clips.report.failed == 27
        assert {f.start for f in clips.report.failures} == set(range(27))
        assert all(path.name in f.error for f in clips.report.failures)
        assert "27 clips could not be read" in str(clips.report)
        assert clips.state == (1, 0)


def test_going_on_behind_broken_clips(folder: Path) -> None:
    break_video(folder, 0)
    whole = Clips(folder, signals=NAMES, length=4, batch=10)
    expected = drawn(whole)
    first = Clips(folder, signals=NAMES, length=4, batch=10)
    got = [pair for b in islice(first, 4) for pair in zip(b.episode.tolist(), b.start.tolist(), strict=True)]
    got += drawn(Clips(folder, signals=NAMES, length=4, batch=7, resume=first.state))
    assert sorted(got) == sorted(expected)
    assert sorted(got[:40]) == sorted(expected[:40])


def test_broken_clips_are_raised_if_asked(folder: Path) -> None:
    path = break_video(folder, 2)
    with pytest.raises(UnreadableFile, match=path.name):
        list(Clips(folder, signals=NAMES, length=4, cache=False, broken="raise"))
    with pytest.raises(UnreadableFile, match=path.name):
        Clips(folder, signals=NAMES, length=4, cache=False).take([0, 27 * 2])
    for number in range(6):
        break_video(folder, number)
    with pytest.raises(InputError, match="not one clip of this epoch"):
        list(Clips(folder, signals=NAMES, length=4, cache=False))


def test_only_what_is_broken_of_an_episode_is_lost(folder: Path) -> None:
    """A damaged chunk of an array takes the clips with it that need it, and no others."""
    shard = sorted(folder.rglob("*.zarr/c/0/0/0"))[1]
    data = bytearray(shard.read_bytes())
    data[0:16] = bytes(16)
    shard.write_bytes(data)
    clips = Clips(folder, signals=("rgb@front", "depth_m@front"), length=4, batch=9)
    seen = drawn(clips)
    lost = {f.start for f in clips.report.failures}
    assert lost == set(range(16))
    assert len(seen) == clips.clips - 16


# -- threads ---------------------------------------------------------------------------------------------------------------


def ours() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("clips-")]


def test_leaving_early_leaves_no_thread_behind(folder: Path) -> None:
    clips = Clips(folder, signals=NAMES, length=4, batch=2, ahead=8, threads=3)
    for _ in clips:
        assert len(ours()) == 3
        break
    gc.collect()
    assert not ours()
    with pytest.raises(ZeroDivisionError):
        sum(1 / 0 for _ in clips)
    gc.collect()
    assert not ours()
    held = iter(clips)
    next(held)
    held.close()  # type: ignore[attr-defined]
    assert not ours()


def test_what_nobody_expected_is_raised_where_batches_are_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = Clips(folder, signals=NAMES, length=4, cache=False)

    def strange(*_: object, **__: object) -> None:
        raise ZeroDivisionError("in a thread")

    monkeypatch.setattr(type(clips._tracks[0][0].reader), "read", strange)
    with pytest.raises(ZeroDivisionError, match="in a thread"):
        list(clips)
    assert not ours()


LEFT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that put the tests into the background has it ignored
from lifeworld.episode.clips import Clips
held = iter(Clips(sys.argv[1], signals=("rgb@front",), length=4, batch=2, ahead=5, cache=False, loop=True))
next(held)
print("ready", flush=True)
if sys.argv[2] == "loop":
    for batch in held:
        pass
"""


@pytest.mark.parametrize("how", ["end", "loop"])
def test_the_process_ends_when_it_wants_to(folder: Path, how: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", LEFT, str(folder), how], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    if how == "loop":
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=100)
    assert child.returncode == (0 if how == "end" else -signal.SIGINT)
    assert errors.count(b"Traceback") == (0 if how == "end" else 1)


def test_tensors_share_the_memory(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    batch = Clips(folder, signals=(*NAMES, "instruction"), length=4).one(3)
    tensors = batch.torch()
    assert set(tensors) == {*NAMES, "times_ns"}
    assert tensors["rgb@front"].dtype == torch.uint8
    assert tensors["rgb@front"].data_ptr() == batch["rgb@front"].ctypes.data
