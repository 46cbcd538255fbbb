"""`lifeworld scene`: rooms, homes and sentences in, a settled scene and its picture out; what is refused writes nothing."""

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

Capture = pytest.CaptureFixture[str]


def scene(capsys: Capture, *args: str, code: int = 0) -> dict[str, Any]:
    assert main(["scene", *args, "--json"]) == code
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert said["ok"] == (code == 0)
    return said


def test_a_room_is_written_settled_with_its_picture(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "k.toml"
    said = scene(capsys, "kitchen", "--seed", "3", "--things", "22", "-o", str(out))
    written = read(out)
    assert len(written.things) == said["things"] == 22
    assert [s.kind for s in written.spaces] == ["kitchen"]
    assert all(why_not(r, written, thing=t.name) is None for t in written.things for r in t.relations)
    assert np.asarray(Image.open(said["picture"])).std() > 10
    scene(capsys, "kitchen", "--seed", "3", "--things", "22", "-o", str(tmp_path / "again.toml"))
    assert (tmp_path / "again.toml").read_text() == out.read_text()


def test_a_home_has_its_rooms(capsys: Capture) -> None:
    said = scene(capsys, "home", "--rooms", "4", "--seed", "3", "--bare")
    assert [s["kind"] for s in said["spaces"]] == ["living_room", "kitchen", "bedroom", "bathroom"]
    assert [s["name"] for s in said["spaces"] if s["sensitive"]] == ["bathroom"]
    assert main(["scene", "bathroom"]) == 0
    assert "a sensitive space" in capsys.readouterr().out


def test_a_number_of_things_that_is_missed_is_told(capsys: Capture) -> None:
    few = scene(capsys, "hall", "--seed", "3", "--things", "1", "--bare")
    assert few["things"] > 1
    assert few["missed"].startswith("--things 1: walls")
    assert scene(capsys, "hall", "--seed", "3", "--bare")["missed"] is None


def test_a_sentence_makes_a_scene(tmp_path: Path, capsys: Capture) -> None:
    said = scene(capsys, "a kitchen with a table and two chairs", "-o", str(tmp_path / "s.toml"), "--no-picture")
    assert said["understood"]
    assert {said["kinds"]["table"], said["kinds"]["chair"]} == {1, 2}
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["kitchn"], "unknown_name"),
        (["x" * 10_000], "unknown_name"),
        (["home", "--rooms", "9"], "limit_error"),
        (["kitchen", "--rooms", "3"], "input_error"),
        (["home", "--size-m", "4", "4"], "input_error"),
        (["kitchen", "--density", "nan"], "limit_error"),
        (["kitchen", "--size-m", "1e30", "4"], "limit_error"),
        (["kitchen", "--seed", "-1"], "limit_error"),
        (["kitchen", "--style", "baroque"], "unknown_name"),
        (["a table and a chair", "--things", "30"], "input_error"),
        (["", "-o", "empty.toml"], "words_error"),
        (["tabletop", "--things", "400"], "limit_error"),
        (["kitchen", "-o", "scene.json"], "input_error"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    words: list[str], error: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = scene(capsys, *words, code=2)
    assert said["error"] == error
    assert len(said["message"]) < 600
    assert not list(tmp_path.iterdir())
