"""The table of models that plan: its arrays are what was recorded, and its probe reads what is there to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.peers.plan.corpus import Shots, bundle_of, shots, write
from benchmarks.peers.plan.judge import AHEAD, RULES, Asked, planned, probed
from benchmarks.peers.plan.means import means
from numpy.typing import NDArray

from lifeworld.evaluate.subject import Ahead
from lifeworld.models.data.footage import Footage
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.cem import CEM
from lifeworld.worlds.planning.mind import Inside

EPISODES = 10


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    folder = tmp_path_factory.mktemp("plan")
    bundle_of(named("tworoom"), folder, episodes=EPISODES, seed=0)
    return bundle_of(named("tworoom"), folder, episodes=EPISODES, seed=0)  # made once, opened twice


class Knows:
    """Embeds a picture as the place that it is of, told by the table; foresees by adding what is done, at a known pace."""

    context = 1

    def __init__(self, shots: list[Shots], pace: NDArray[np.float64]) -> None:
        self.places = {p.tobytes(): at for one in shots for p, at in zip(one.pictures, one.places, strict=True)}
        self.pace = pace

    def embed(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.array([[self.places[p.tobytes()] for p in clip] for clip in pictures], np.float32)

    def begin(self, pictures: NDArray[np.uint8]) -> Any:
        return self.embed(pictures)

    def ahead(self, state: Any, actions: NDArray[np.float32]) -> Ahead:
        return Ahead(state=None, embeddings=(state + (actions * self.pace).cumsum(1)).astype(np.float32))


def test_arrays_are_what_was_recorded(footage: Footage, tmp_path: Path) -> None:
    seen, held = shots(footage, held_out=False), shots(footage, held_out=True)
    assert len(seen.first) + len(held.first) - 2 == EPISODES
    for each in (seen, held):
        assert each.first[-1] == len(each.pictures) == len(each.actions) == len(each.places)
    episode = footage.bundle[0]
    count = int(seen.first[1])
    assert np.array_equal(seen.pictures[:count], np.stack(list(episode[footage.stream].values)))
    assert np.array_equal(seen.places[:count], episode["embodiment_state@agent"].values[::5][:count])
    assert seen.actions[: count - 1] == pytest.approx(np.asarray(episode["action@agent"].values[:]).reshape(-1, 5, 2).mean(1), abs=1e-6)
    clips = seen.clips(4, hop=3)
    assert (np.searchsorted(seen.first, clips[:, 0], side="right") == np.searchsorted(seen.first, clips[:, -1], side="right")).all()
    with np.load(write(tmp_path / "data.npz", seen)) as kept:
        assert np.array_equal(kept["pictures"], seen.pictures)


def test_the_probe_reads_what_is_there(footage: Footage) -> None:
    """Who embeds the place is read rightly; one that foresees is read better ahead than one that stands still."""
    both = [shots(footage, held_out=held_out) for held_out in (False, True)]
    foresees: Any = Knows(both, np.array([25.0, 25.0]))
    stands: Any = Knows(both, np.zeros(2))
    assert both[1].clips(1 + AHEAD, hop=3).size
    found, less = probed(foresees, *both), probed(stands, *both)
    assert found["real_r"] > 0.999
    assert less["imagined_r"] == pytest.approx(less["stood_r"])
    assert found["imagined_r"] > found["stood_r"] + 0.05


def test_planning_is_asked_the_same_of_all() -> None:
    arena = named("tworoom")
    world = arena.world()
    asked = Asked(arena=arena, world=world, errands=2, seed=4)
    told: list[None] = []
    planner = CEM(hold=arena.hold, samples=24, rounds=3, elites=6)
    once = planned(asked, Inside(world, arena.hold), planner, on_done=lambda: told.append(None))
    again = planned(asked, Inside(world, arena.hold), planner, on_done=lambda: None)
    assert len(told) == 2
    assert {**once, "plan_ms": 0} == {**again, "plan_ms": 0}
    assert once["moderate"]["reached"][0] > once["moderate"]["random"][0]


def test_trainings_are_counted_by_errands() -> None:
    def line(name: str, seed: int, hits: list[bool], r: float) -> dict[str, Any]:
        reached = [100 * float(np.mean(hits)), 0.0, 100.0]
        by_rule = {rule: {"hits": hits, "reached": reached, "random": [0.0, 0.0, 9.0]} for rule in RULES}
        went = {"numbers": 1.0, "samples_per_s": 10.0 * (1 + seed), "pictures_a_sample": 4}
        return {"name": name, "seed": seed, "learned": went, "real_r": r, "imagined_r": r, "stood_r": r, "plan_ms": 5.0} | by_rule

    yes, half = [True] * 40, [True, False] * 20
    broken = {"name": "theirs", "seed": 2, "note": "no number: why"}
    lines = [line("ours", 0, yes, 0.9), line("theirs", 0, half, 0.5), line("ours", 1, yes, 0.7), line("theirs", 1, yes, 0.5), broken]
    ours, theirs, lost = means(["ours", "theirs", "lost"], lines)
    assert (ours["seeds"], theirs["seeds"], lost["seeds"]) == ([0, 1], [0, 1], [])
    assert ours["real_r"] == pytest.approx(0.8)
    assert ours["samples_per_s"] == 15
    assert "ours_more" not in ours["moderate"]
    for rule in RULES:
        assert theirs[rule]["each"] == [50.0, 100.0]
        value, low, high = theirs[rule]["reached"]
        assert low < value == 75 < high
        more, low, high = theirs[rule]["ours_more"]
        assert 0 < low < more == 25 < high
        assert high - low == pytest.approx(4 * 100 * 0.25 / np.sqrt(40), rel=0.2)  # two trainings are no more errands
