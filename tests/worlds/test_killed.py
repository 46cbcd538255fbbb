"""`lifeworld make` killed or stopped at any moment leaves whole episodes, and nothing else but `.part-…` and `.old-…` beside them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.episode.store import read_episode
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
    """A `lifeworld make` that has written its first episode, if there was none."""
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
    while not (out / "episode_00000").exists():
        assert process.poll() is None
        time.sleep(0.005)
    return process


def end(process: subprocess.Popen[str], how: signal.Signals) -> str:
    process.send_signal(how)
    return process.communicate(timeout=60)[1]


def check(out: Path) -> int:
    """How many whole episodes there are; anything that is neither whole nor marked as a leftover fails."""
    count = 0
    for entry in out.iterdir():
        if entry.name.startswith("episode_"):
            episode = read_episode(entry)
            assert set(episode.streams) >= {"rgb@front", "position_m", "contacts", "action@hand"}
            assert len(episode["position_m"]) == 6
            count += 1
        elif entry.name == "scene.toml":
            assert read(entry).name == "small"
        else:
            assert entry.name in ("first.png", "sheet.png") or entry.name.startswith((".part-", ".old-")), entry.name
    return count


def kill_many(tmp_path: Path, moments: list[float], how: signal.Signals) -> None:
    out = tmp_path / "out"
    for moment in moments:
        process = begin(out)
        time.sleep(moment)
        running = process.poll() is None
        said = end(process, how)
        assert check(out) > 0
        if how is signal.SIGINT and running:
            assert process.returncode == 130
            assert "Traceback" not in said
            assert not list(out.glob(".part-*"))
    args = ["--seconds", "0.1", "--signals", "position_m", "--renderer", "rays"]
    assert main(["make", str(tmp_path / "small.toml"), "-o", str(out), *args]) == 0
    again = read_episode(out / "episode_00000")
    assert json.loads((out / "episode_00000" / "episode.json").read_text(encoding="utf-8"))["format"] == 2
    assert "rgb@front" not in again.streams


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
