"""`lifeworld edit`: a sentence or a plan in, a settled scene and two pictures out; what is refused writes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lifeworld.cli import main
from lifeworld.scene.relation import why_not
from lifeworld.scene.text import read
from lifeworld.worlds.physics.engine import WorldPhysics

Capture = pytest.CaptureFixture[str]
LOOK = ["--renderer", "rays", "--quality", "draft"]


def edit(capsys: Capture, *args: str, code: int = 0) -> dict[str, Any]:
    assert main(["edit", *args, *LOOK, "--json"]) == code
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert said["ok"] == (code == 0)
    return said


def test_a_sentence_makes_a_scene_that_rests_and_two_pictures(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "mine.toml"
    said = edit(capsys, "tabletop", "add a glass and place it on the magazine", "-o", str(out))
    assert said["changes"] == ["glass is new, on magazine"]
    assert said["scene"] == str(out)
    before, after = (np.asarray(Image.open(said[when])) for when in ("before", "after"))
    assert 20 < (before != after).any(axis=-1).sum() < before.size / 10
    scene = read(out)
    assert all(why_not(r, scene, thing=t.name) is None for t in scene.things for r in t.relations)
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene, seed=0)
    for _ in range(25):
        state = world.step(state, {})
    for a, b in zip(scene.things, world.scene(state).things, strict=True):
        assert a.pose is not None
        assert b.pose is not None
        assert np.linalg.norm(a.pose.position_m - b.pose.position_m) < 0.002, a.name
    again = edit(capsys, str(out), "move the glass to the left of the bowl", "-o", str(out))
    assert again["changes"][0].startswith("glass moved by")
    assert "front" in again["understood"]  # whose left it is
    relations = read(out).thing("glass").relations
    assert ("left_of", "bowl") in {(r.kind, r.thing) for r in relations}


def test_the_plan_that_words_came_to_does_the_same_as_the_words(tmp_path: Path, capsys: Capture) -> None:
    one, other, plan = tmp_path / "one.toml", tmp_path / "other.toml", tmp_path / "plan.json"
    said = edit(capsys, "tabletop", "put the apple on the plate and make the mug blue", "-o", str(one))
    plan.write_text(json.dumps(said["plan"]))
    edit(capsys, "tabletop", "--plan", str(plan), "-o", str(other))
    assert read(one) == read(other)


def test_what_stood_on_what_is_taken_away_has_fallen(tmp_path: Path, capsys: Capture) -> None:
    out, plan = tmp_path / "mine.toml", tmp_path / "plan.json"
    plan.write_text('[{"type": "remove", "name": "table"}]')
    said = edit(capsys, "tabletop", "--plan", str(plan), "-o", str(out))
    assert "table is gone" in said["changes"]
    assert any(line.startswith("mug moved by") and line.endswith("falling") for line in said["changes"])
    scene = read(out)
    assert all(t.pose is not None and t.pose.position_m[2] < 0.3 for t in scene.things)
    assert all(why_not(r, scene, thing=t.name) is None for t in scene.things for r in t.relations)


def test_refusals_write_nothing_and_say_why(tmp_path: Path, capsys: Capture) -> None:
    out, plan = tmp_path / "mine.toml", tmp_path / "plan.json"
    said = edit(capsys, "tabletop", "move the magazin onto the table", "-o", str(out), code=2)
    assert said["error"] == "words_error"
    assert "magazine" in said["suggestions"]
    plan.write_text('[{"type": "move", "name": "mug", "pose": {"position_m": [0, 0, 2]}}]')
    said = edit(capsys, "tabletop", "--plan", str(plan), "-o", str(out), code=2)
    assert (said["error"], said["reason"]) == ("placement_error", "unstable")
    plan.write_text("[1, 2")
    assert edit(capsys, "tabletop", "--plan", str(plan), "-o", str(out), code=2)["error"] == "edit_error"
    for args in (
        [],
        ["add a mug", "--plan", str(plan)],
        ["--plan", str(tmp_path / "none.json")],
        ["add a mug", "-o", str(tmp_path / "x.png")],
    ):
        assert edit(capsys, "tabletop", *args, code=2)["error"] == "input_error"
    assert edit(capsys, "tabletop", "add a mug", "--camera", "back", code=2)["error"] == "unknown_name"
    assert not list(tmp_path.glob("*.toml")) + list(tmp_path.glob("*.png"))


def test_one_question_is_asked_back(capsys: Capture) -> None:
    said = edit(capsys, "tower", "remove the block", "--ask-back", code=2)
    assert said["question"].endswith("?")
    assert said["candidates"][:2] == ["block_1", "block_2"]
    assert edit(capsys, "tower", "remove the block", code=2)["reason"] == "ambiguous"


def test_without_a_place_to_write_it_is_only_told(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = edit(capsys, "dominoes", "make the first domino red")
    assert said["scene"] is None
    assert not list(tmp_path.iterdir())
