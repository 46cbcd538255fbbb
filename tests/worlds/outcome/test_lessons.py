"""The lessons can be done and can be failed: pupils with a hand, who do as they are told, or not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pupils import Leg, Pupil

from lifeworld.scene import starter
from lifeworld.scene.score import Score, score
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import record

LIFT: tuple[Leg, ...] = (((-0.12, -0.03, 1.2), 1.0), ((-0.10, -0.03, 0.99), 1.0))
PENDULUM: dict[str, tuple[tuple[Leg, ...], tuple[str, ...]]] = {
    "lifts the bob and lets it go": ((*LIFT, ((0.2, -0.03, 1.0), 1.0), ((0.2, -0.35, 1.0), 1.0)), ("lifted", "struck", "careful")),
    "lifts it too little": ((*LIFT, ((-0.03, -0.03, 0.99), 0.4), ((-0.03, -0.35, 1.0), 1.0)), ("careful",)),
    "pushes the block off by hand": ((((-0.07, -0.03, 1.2), 1.0), ((-0.07, -0.03, 0.98), 1.0), ((-0.45, -0.03, 0.96), 1.0)), ()),
}
DRAWER: tuple[Leg, ...] = (((-1.05, -0.75, 0.78), 1.5), ((-1.05, -0.22, 0.78), 0.6), ((-1.05, -0.75, 0.9), 1.5))
FRIDGE: tuple[Leg, ...] = (((1.0, -1.0, 1.2), 1.5), ((1.0, -0.38, 1.2), 0.7), ((0.9, -0.9, 1.3), 1.0))
TEA: tuple[Leg, ...] = (((0.06, -0.6, 1.2), 1.5), ((0.06, -0.42, 1.0), 0.5), ((0.06, 0.06, 1.0), 0.2), ((0.06, -0.3, 1.2), 0.5))
SPILT: tuple[Leg, ...] = (((0.06, 0.0, 1.25), 1.5), ((0.06, -0.1, 1.02), 0.6), ((0.06, -0.6, 1.02), 1.0))
KITCHEN: dict[str, tuple[tuple[Leg, ...], tuple[str, ...]]] = {
    "does all in order": ((*DRAWER, *FRIDGE, *TEA), ("drawer_shut", "fridge_shut", "tea_back", "tea_unspilt")),
    "forgets the drawer": (FRIDGE, ("tea_unspilt",)),
    "pulls the tea off the edge": (SPILT, ()),
}


def lesson(name: str, legs: tuple[Leg, ...], seconds: float) -> Score:
    world = WorldPhysics(renderer="rays")
    start = settle(world, starter.load(name), seed=0)
    episode = record(world, Pupil(legs), start, seconds=seconds, seed=0, signals=["goal_progress"])
    return score(start.goals, np.stack(list(episode["goal_progress"].values[:])))


@pytest.mark.parametrize("how", PENDULUM)
def test_the_pendulum_lesson(how: str) -> None:
    legs, reached = PENDULUM[how]
    result = lesson("pendulum_lesson", legs, 4.0)
    assert result.reached == reached
    assert result.passed == (len(reached) == 3)


@pytest.mark.parametrize("how", KITCHEN)
def test_the_kitchen_lesson(how: str) -> None:
    legs, reached = KITCHEN[how]
    result = lesson("kitchen_safety", legs, 15.0 if len(reached) == 4 else 6.0)
    assert result.reached == reached
    assert result.passed == (len(reached) == 4)


@pytest.mark.slow
def test_make_reports_the_score_and_labels_the_episodes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["make", "pendulum_lesson", "-o", str(out), "--seconds", "0.4", "--agent", "rest", "--signals", "be", "--json"]
    made = subprocess.run([sys.executable, "-m", "lifeworld.cli", *asked], capture_output=True, text=True, check=True)
    scores = json.loads(made.stdout)["scores"]
    assert scores == [{"points": 5.0, "of": 35.0, "reached": ["careful"]}]
    assert "1 of 3 reached" in made.stderr
    from lifeworld.episode.bundle import open_bundle

    episode = open_bundle(out)[0]
    assert episode.labels["score"] == "5 of 35"
    assert "goal_progress" in episode.streams
