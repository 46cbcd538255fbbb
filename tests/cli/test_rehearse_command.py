"""`lifeworld rehearse`: a scene, a question, and a folder with the answer to look at."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lifeworld.cli import main

Capture = pytest.CaptureFixture[str]
SCENE = """lifeworld = 1
name = "edge"
[[thing]]
name = "table"
kind = "table"
position_m = [0, 0, 0]
fixed = true
[[thing]]
name = "can"
kind = "can"
on = { thing = "table", surface = "top", at_m = [0.5, 0.0] }
[[camera]]
name = "front"
position_m = [0.3, -1.6, 1.3]
look_at_m = [0.2, 0, 0.6]
width_px = 64
height_px = 48
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "edge.toml"
    path.write_text(SCENE, encoding="utf-8")
    return path


def rehearse(capsys: Capture, *args: object) -> dict[str, Any]:
    code = main(["rehearse", *map(str, args), "--json", "--workers", "1"])
    value = json.loads(capsys.readouterr().out)
    assert isinstance(value, dict)
    assert code == (0 if value["ok"] else 2)
    return value


def test_a_question_is_answered_on_a_page_in_films_and_in_numbers(scene: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "risk"
    asked = ("--ask", "the can falls off the table", "--events", "bump:40/min", "--futures", 16, "--seconds", 1.5, "--renderer", "rays")
    value = rehearse(capsys, scene, *asked, "-o", out)
    (answer,) = value["answers"]
    assert 0.0 < answer["probability"] < 1.0
    assert answer["interval"][0] < answer["probability"] < answer["interval"][1]
    assert answer["count"] == 16
    assert len(answer["films"]) == 3
    assert all((out / name).stat().st_size > 1_000 for name in answer["films"].values())
    with Image.open(out / answer["page"]) as page:
        assert page.width == 1240
    with (out / "futures.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["the can falls off the table"]) for row in rows) == answer["hits"]
    assert json.loads((out / "rehearsal.json").read_bytes())["answers"] == value["answers"]
    again = rehearse(capsys, scene, *asked, "--no-films", "-o", tmp_path / "again")
    assert (tmp_path / "again" / "futures.csv").read_bytes() == (out / "futures.csv").read_bytes()
    assert again["answers"][0]["films"] == {}


def test_several_questions_have_a_page_each(scene: Path, tmp_path: Path, capsys: Capture) -> None:
    asked = ("--ask", "the can falls off the table", "--ask", "nothing falls", "--futures", 6, "--seconds", 1, "--no-films")
    value = rehearse(capsys, scene, *asked, "-o", tmp_path / "risk")
    falls, nothing = value["answers"]
    assert falls["probability"] == pytest.approx(1.0 - nothing["probability"])
    assert falls["page"].startswith("1_")
    assert (tmp_path / "risk" / nothing["page"]).exists()


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("--ask", "the can falls off the moon"), "words_error"),
        (("--ask", "the table falls"), "words_error"),
        (("--ask", "the can falls", "--events", "bumb:2/min"), "unknown_name"),
        (("--ask", "the can falls", "--events", "bump:-2/min"), "limit_error"),
        (("--ask", "the can falls", "--futures", 0), "limit_error"),
        (("--ask", "the can falls", "--seconds", -1), "limit_error"),
        (("--ask", "the can falls", "--mass", 7), "limit_error"),
        (("--ask", "the can falls", "--camera", "top"), "unknown_name"),
        (("--ask", "the can falls", "--events", "door:2/min"), "event_error"),
        (("--ask", "the can falls", "--rare", "--futures", 20), "limit_error"),
    ],
)
def test_what_cannot_be_rehearsed_writes_nothing(
    args: tuple[object, ...], error: str, scene: Path, tmp_path: Path, capsys: Capture
) -> None:
    value = rehearse(capsys, scene, *args, "-o", tmp_path / "risk")
    assert value["error"] == error, value
    assert not (tmp_path / "risk").exists()
