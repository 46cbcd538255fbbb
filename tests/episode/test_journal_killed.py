"""A recording killed at any moment loses at most its last two seconds; one killed while it is sealed loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from bundles import WHO, episode, psnr, stream
from recorder import LINES, REPORT, UID_BYTES, made

from lifeworld.core.origin import Consent, Terms
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.journal import Journal, Recovered, recover
from lifeworld.episode.seal import append_to, create

HERE = Path(__file__).parent
LOST_NS = 2_000_000_000
"""What may be lost: the last two seconds."""


class Recorder:
    """A child that records until it is killed, and what it said of it."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen([sys.executable, HERE / "recorder.py", root], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.out = self.process.stdout
        self.uid = self.out.read(UID_BYTES).decode()
        self.begun = time.monotonic()
        self.said: list[bytes] = []
        self.reader = threading.Thread(target=lambda: self.said.extend(iter(lambda: self.out.read1(65_536), b"")))
        self.reader.start()

    def kill(self) -> None:
        if self.process.poll() is not None:
            return
        self.killed_ns = time.monotonic_ns()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        self.out.close()

    def written(self) -> tuple[list[int], list[int]]:
        """For each stream, how many values were written two seconds before the end, and how many were begun at all."""
        data = b"".join(self.said)
        reports = list(REPORT.iter_unpack(data[: len(data) // REPORT.size * REPORT.size]))
        safe, begun = [0] * len(LINES), [0] * len(LINES)
        for i, (line, number, _) in enumerate(reports):
            assert number == begun[line]
            begun[line] += 1
            if i + 1 < len(reports) and reports[i + 1][2] <= self.killed_ns - LOST_NS:  # the next one's write began: this one's had ended
                safe[line] = number + 1
        return safe, begun


def check(root: Path, recorder: Recorder, found: Recovered) -> int:
    """Nothing that is two seconds old is lost, nothing that is there is wrong; how many values there are."""
    safe, begun = recorder.written()
    assert (found.uid, found.problem) == (recorder.uid, "")
    if not found.count:
        assert not any(safe)
        return 0
    episode = open_bundle(root).episode(found.uid)
    for line, (name, step_ns, _) in enumerate(LINES):
        if name not in episode.streams:
            assert not safe[line], name
            continue
        got = episode[name]
        assert safe[line] <= len(got) <= begun[line], name
        assert got.times_ns.tolist() == [i * step_ns for i in range(len(got))]
        wanted = [made(line, i) for i in range(len(got))]
        if name.startswith("rgb"):
            assert psnr(np.asarray(got.values), np.stack(wanted)) >= 38, name
        else:
            dtype = got.signal.dtype
            assert [np.asarray(v, dtype).tobytes() for v in got.values] == [w.tobytes() for w in wanted], name
    return found.count


def kill_many(tmp_path: Path, moments: list[float], *, at_once: int) -> int:
    """Kill recorders at these moments [s]; the dead are recovered while others go on. How many values were recovered in all."""
    root = tmp_path / "bundle"
    create(root)
    recovered = 0
    for first in range(0, len(moments), at_once):
        batch = sorted(moments[first : first + at_once])
        recorders = [Recorder(root) for _ in batch]
        try:
            for i, (recorder, moment) in enumerate(zip(recorders, batch, strict=True)):
                time.sleep(max(0.0, recorder.begun + moment - time.monotonic()))
                recorder.kill()
                [found] = recover(root)
                recovered += check(root, recorder, found)
                assert recover(root) == []
                assert len(list((root / "staging").iterdir())) == len(recorders) - i - 1  # the journals of those who live
        finally:
            for recorder in recorders:
                recorder.kill()
    return recovered


def test_killed_at_four_moments(tmp_path: Path) -> None:
    assert kill_many(tmp_path, [0.3, 2.5, 3.0, 3.4], at_once=4) > 1000


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_fifty_moments(tmp_path: Path) -> None:
    moments = np.random.default_rng(0).uniform(0.0, 6.0, 50).tolist()
    assert kill_many(tmp_path, moments, at_once=3) > 50_000


# while it is sealed


@pytest.fixture
def dead(tmp_path: Path) -> tuple[Path, str]:
    """A bundle with one sealed episode, and the journal of another."""
    rng = np.random.default_rng(0)
    root = tmp_path / "dead"
    names = ("rgb", "depth_m", "audio_mono", "contacts", "reading")
    with append_to(root) as writer:
        writer.add(episode(*(stream(name, rng, count=5) for name in names)))
    terms = Terms(license="CC0-1.0", consents=(Consent(subject="P7", terms="v1", receipt="r1", purposes=("train",)),))
    before = episode(*(stream(name, rng, count=5, even=name != "depth_m") for name in names))
    with Journal(root, provenance=WHO, scene=before.scene) as journal:
        for name, one in before.streams.items():
            journal.open(one.signal, source=one.source, origin="measured", terms=terms)
            for time_ns, each in zip(one.times_ns, one.values, strict=True):
                journal.write(name, int(time_ns), each)
    return root, journal.uid


def steps(dead: tuple[Path, str], work: Path, *, every: int) -> int:
    root, uid = dead
    work.mkdir()
    program = [sys.executable, HERE / "journal_steps.py", root, uid, str(every), work]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_killed_at_some_steps_of_sealing(dead: tuple[Path, str], tmp_path: Path) -> None:
    assert steps(dead, tmp_path / "work", every=17) > 40


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_every_step_of_sealing(dead: tuple[Path, str], tmp_path: Path) -> None:
    assert steps(dead, tmp_path / "work", every=1) > 40
