"""What comes with lifeworld is found by its name, small, says what it is, and dreams at once from the plays beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.core.origin import Origin
from lifeworld.episode.bundle import open_bundle
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.zoo.checkpoint import load
from lifeworld.models.zoo.ready import READY, located, names

MOST_BYTES = 12e6


@pytest.mark.parametrize("name", names())
def test_it_is_small_says_what_it_is_and_dreams(name: str) -> None:
    folder = READY / name
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < MOST_BYTES
    said = (folder / "README.md").read_text(encoding="utf-8")
    assert all(word in said for word in ("Licence", "Made by", "lifeworld", "dB", "Limits"))
    world, bundle = WorldDream(name), open_bundle(folder / "data" / "begin")
    assert not set(bundle.uids) & set(world.card.episodes)  # nothing of it was learned
    assert world.card.scores
    state = world.reset(bundle[0], seed=0)
    for _ in range(3):
        state = world.step(state, {})
    seen = world.observe(state, ["rgb"])
    assert seen.origin is Origin.DREAMED
    assert seen["rgb"].shape == (world.card.shape.height, world.card.shape.width, 3)


def test_push_table_obeys() -> None:
    world = WorldDream("push_table")
    (spec,) = world.spec.actions
    start = world.reset(open_bundle(READY / "push_table" / "data" / "begin")[0], seed=0)
    seen = []
    for way in (spec.low[0], spec.high[0]):
        state = start
        for _ in range(6):
            state = world.step(state, {spec.name: np.array([way, 0.3])})
        red = world.observe(state, ["rgb"])["rgb"].astype(int)
        mask = (red[..., 0] - np.maximum(red[..., 1], red[..., 2])).clip(0)
        mask[mask < 60] = 0  # the pusher is red, the board brown
        assert mask.sum() > 0
        seen.append((mask.sum(0) * np.arange(64)).sum() / mask.sum())
    assert seen[1] - seen[0] > 6  # [px]: told left it is left of where it is told right


def test_names_are_found_after_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert located("push_table") == READY / "push_table"
    (tmp_path / "push_table").mkdir()
    assert located("push_table") == Path("push_table")
    assert located("no_such") == Path("no_such")
    assert load(located(READY / "push_table"))[1].kind == "state"


def test_the_command_dreams_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["dream", "push_table", "--actions", "up*3,left*2", "-o", "strip.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 5
    assert (tmp_path / "strip.png").is_file()
    assert main(["dream", "push_tabel", "--json"]) != 0
