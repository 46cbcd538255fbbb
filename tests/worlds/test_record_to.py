"""Recording into a journal is recording: the same episode, whatever keeps it; and a world that fails leaves what it was."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lifeworld.core.errors import Diverged
from lifeworld.core.pose import Pose
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.journal import recover
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.worlds.agent import AgentRandom
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record, record_to

PUSH = Scene(
    name="push",
    title="Push it",
    things=(Thing(name="block", kind="block", pose=Pose((0.1, 0, 0.0002))),),
    embodiments=(Embodiment(name="p", kind="pusher"),),
    cameras=(CameraMount(name="front", pose=Pose.look_at((0, -1, 0.8), (0, 0, 0)), width_px=48, height_px=32),),
)
SIGNALS = ("rgb", "depth_m", "flow_forward", "contacts", "position_m", "part_ids", "camera_intrinsics_px", "captions")


def test_a_journal_and_a_memory_keep_the_same_episode(tmp_path: Path) -> None:
    how = {"seconds": 0.2, "seed": 3, "signals": SIGNALS}
    told: list[tuple[int, int]] = []
    held = record(WorldPhysics(renderer="rays"), AgentRandom(), PUSH, **how)
    uid = record_to(tmp_path, WorldPhysics(renderer="rays"), AgentRandom(), PUSH, **how, exact=["rgb"], on_tick=lambda *at: told.append(at))
    kept = open_bundle(tmp_path).episode(uid)
    assert list(kept.streams) == list(held.streams)
    for name in held.streams:
        assert kept[name] == held[name], name
    assert replace(kept.provenance, created=held.provenance.created) == held.provenance
    assert (kept.scene, kept.title, kept.legend, kept.labels) == (held.scene, held.title, held.legend, held.labels)
    assert told == [(i, 10) for i in range(11)]
    seen = record_to(tmp_path, WorldPhysics(renderer="rays"), AgentRandom(), PUSH, **how)
    film = np.asarray(open_bundle(tmp_path).episode(seen)["rgb@front"].values)
    error = np.mean((film.astype(float) - held["rgb@front"].values) ** 2)
    assert 10 * np.log10(255**2 / error) >= 38


def test_a_world_that_fails_leaves_its_journal(tmp_path: Path) -> None:
    class Agent(AgentRandom):
        def act(self, *args: object, **more: object) -> dict[str, list[float]]:
            if more["time_ns"] == 100_000_000:
                raise Diverged("it flew away")
            return {}

    with pytest.raises(Diverged):
        record_to(tmp_path, WorldPhysics(renderer="rays"), Agent(), PUSH, seconds=1, seed=0, signals=["position_m"])
    assert len(os.listdir(tmp_path / "staging")) == 1
    [found] = recover(tmp_path)
    assert found.streams == {"position_m": 6, "action@p": 5, "state": 1}
