"""Frozen errands are the same for everybody, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, LimitError, UnreadableFile
from lifeworld.worlds.planning import arenas, manifest
from lifeworld.worlds.planning.arena_tworoom import ArenaTwoRoom
from lifeworld.worlds.planning.errand import errands_of

FROZEN = manifest.freeze(ArenaTwoRoom(), count=4, seed=7)


def test_it_comes_back_and_is_what_is_drawn(tmp_path: Path) -> None:
    """What is frozen is what `errands_of` draws, and the first of many are those of few."""
    manifest.write(FROZEN, tmp_path / "m.json")
    again = manifest.read(tmp_path / "m.json")
    assert again == FROZEN
    world = again.world()
    drawn = list(errands_of(again.arena(), world, count=4, seed=7))
    for (start, goal, seed), errand in zip(again.errands(world), drawn, strict=True):
        assert np.array_equal(start.row, errand.start.row)
        assert np.array_equal(goal.row, errand.goal.row)
        assert seed == errand.seed
    assert manifest.freeze(ArenaTwoRoom(), count=2, seed=7).frozen == FROZEN.frozen[:2]
    assert '"name": "tworoom"' in (tmp_path / "m.json").read_text()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_letter_can_be_changed(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("m") / "m.json"
    manifest.write(FROZEN, path)
    text = path.read_text()
    at = data.draw(st.sampled_from([i for i, c in enumerate(text) if c.isalnum()]))
    other = data.draw(st.sampled_from([c for c in "aZ09" if c != text[at]]))
    path.write_text(text[:at] + other + text[at + 1 :])
    with pytest.raises(UnreadableFile):
        manifest.read(path)


def test_a_variation_is_part_of_it(tmp_path: Path) -> None:
    made = manifest.freeze(ArenaTwoRoom(), count=1, seed=7, variation={"wall_px": 20})
    manifest.write(made, tmp_path / "m.json")
    again = manifest.read(tmp_path / "m.json")
    world: Any = again.world()
    assert world.rules.wall_px == 20
    assert made.sha256 != manifest.freeze(ArenaTwoRoom(), count=1, seed=7).sha256
    assert len(list(again.errands(world))) == 1


def test_starts_that_are_solved_are_left_out_and_counted() -> None:
    class Lax(ArenaTwoRoom):
        def reached(self, world: Any, state: Any, goal: Any) -> Any:
            found = super().reached(world, state, goal)
            return found._replace(moderate=True) if state.tick == 0 and state.row[0] < 112 else found

        def goal(self, world: Any, start: Any, *, seed: int) -> Any:
            return ArenaTwoRoom().goal(world, start, seed=seed)

        def start(self, world: Any, *, seed: int) -> Any:
            return ArenaTwoRoom().start(world, seed=seed)

    made = manifest.freeze(Lax(), count=5, seed=2)
    assert made.left_out > 0
    assert all(start.row[0] > 112 for start, _, _ in made.errands(made.world()))


def test_what_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitError):
        manifest.freeze(ArenaTwoRoom(), count=0, seed=0)
    with pytest.raises(UnreadableFile, match="no such manifest"):
        manifest.read(tmp_path / "none.json")
    (tmp_path / "noise.json").write_bytes(b"\xff\x00")
    with pytest.raises(UnreadableFile, match="no manifest"):
        manifest.read(tmp_path / "noise.json")

    class Shorter(ArenaTwoRoom):
        budget = 3

    monkeypatch.setattr(arenas, "ARENAS", {"tworoom": Shorter})
    with pytest.raises(InputError, match=r"other rules.*budget_decisions"):
        FROZEN.arena()
