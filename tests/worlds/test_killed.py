"""`lifeworld make` killed or stopped at any moment leaves a bundle of whole episodes, and the next run goes on in it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.head import is_bundle
from lifeworld.scene.text import read

SCENE = """lifeworld = 1
name = "small"
[[thing]]
name = "ball"
kind = "ball"
position_m = [0, 0, 0.3]
[[camera]]
name = "front"
position_m = [0, -1, 1]
look_at_m = [0, 0, 0]
width_px = 32
height_px = 24
[[embodiment]]
name = "hand"
kind = "hand"
position_m = [0, 0, 0.5]
"""
ARGS = ["--episodes", "500", "--seconds", "0.1", "--signals", "rgb,position_m,contacts", "--renderer", "rays"]
STARTED = "first picture"


def begin(out: Path) -> subprocess.Popen[str]:
    """A `lifeworld make` that has written an episode, if there was none."""
    scene = out.parent / "small.toml"
    scene.write_text(SCENE, encoding="utf-8")
    # A suite run in the background hands down that Ctrl-C is ignored.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from lifeworld.cli import main; sys.exit(main({['make', str(scene), '-o', str(out), *ARGS]!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    while STARTED not in process.stderr.readline():
        assert process.poll() is None
    while not (is_bundle(out) and len(open_bundle(out))):
        assert process.poll() is None
        time.sleep(0.005)
    return process


def end(process: subprocess.Popen[str], how: signal.Signals) -> str:
    process.send_signal(how)
    return process.communicate(timeout=60)[1]


def check(out: Path) -> int:
    """How many episodes the bundle has; each must be whole."""
    bundle = open_bundle(out)
    for episode in bundle:
        assert set(episode.streams) >= {"rgb@front", "position_m", "contacts", "action@hand"}
        assert len(episode["position_m"]) == 6
        assert np.asarray(episode["rgb@front"].values).shape == (3, 24, 32, 3)
        assert len(np.asarray(episode["position_m"].values)) == len(episode["contacts"].values[:])
    assert read(out / "scene.toml").name == "small"
    return len(bundle)


def kill_many(tmp_path: Path, moments: list[float], how: signal.Signals) -> None:
    out = tmp_path / "out"
    sealed = 0
    for moment in moments:
        process = begin(out)
        time.sleep(moment)
        running = process.poll() is None
        said = end(process, how)
        now = check(out)
        assert now >= max(sealed, 1)
        sealed = now
        if how is signal.SIGINT and running:
            assert process.returncode == 130
            assert "Traceback" not in said
            assert not list(out.glob("**/.part-*"))
    args = ["--seconds", "0.1", "--signals", "position_m", "--renderer", "rays"]
    assert main(["make", str(tmp_path / "small.toml"), "-o", str(out), *args]) == 0
    bundle = open_bundle(out)
    assert len(bundle) == sealed + 1
    assert "rgb@front" not in bundle[-1].streams
    kept = {f"streams/{uid}" for uid in bundle.uids}
    assert {p.relative_to(out).as_posix() for p in (out / "streams").iterdir()} == kept  # what the dead had begun is gone
    assert not any((out / "staging").iterdir())


def test_killed_thrice(tmp_path: Path) -> None:
    kill_many(tmp_path, [0.0, 0.011, 0.123], signal.SIGKILL)


def test_stopped_by_ctrl_c(tmp_path: Path) -> None:
    kill_many(tmp_path, [0.2], signal.SIGINT)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_at_many_moments(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kill_many(tmp_path, rng.uniform(0.0, 1.5, 15).tolist(), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_stopped_at_many_moments(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kill_many(tmp_path, rng.uniform(0.0, 1.5, 5).tolist(), signal.SIGINT)
