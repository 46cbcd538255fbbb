"""`lifeworld plan`: goals reached beside chance, the same each time, with a page, a film and all numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lifeworld.cli import main
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.manifest import freeze, write
from lifeworld.worlds.planning.success import excess, rate

Capture = pytest.CaptureFixture[str]
QUICK = ("--samples", "24", "--rounds", "2", "--seed", "4")


def plan(capsys: Capture, *args: object) -> dict[str, Any]:
    code = main(["plan", *map(str, args), "--json"])
    value = json.loads(capsys.readouterr().out)
    assert isinstance(value, dict)
    assert code == (0 if value["ok"] else 2)
    return value


def test_goals_are_reached_counted_and_shown(tmp_path: Path, capsys: Capture) -> None:
    first, again = (
        plan(capsys, "physics", "--world", "tworoom", "--episodes", 3, *QUICK, "-o", tmp_path / name) for name in ("one", "two")
    )
    assert first["n"] == 3
    assert len(first["episodes"]) == 3
    for rule in ("moderate", "strict"):
        mine, floor = (np.array([one[prefix + rule] is not None for one in first["episodes"]]) for prefix in ("", "random_"))
        for name, counted in {"reached": rate(mine), "random": rate(floor), "excess": excess(mine, floor)}.items():
            assert first[rule][name] == {key: pytest.approx(number, abs=1e-6) for key, number in counted._asdict().items()}
    assert first["moderate"]["reached"]["value"] == 1.0
    assert first["plan_steps"] > 0
    assert json.loads((tmp_path / "one" / "plan.json").read_bytes())["episodes"] == first["episodes"]
    for key in ("plan_ms", "out"):
        first.pop(key), again.pop(key)
    assert first == again
    with Image.open(tmp_path / "one" / "plan.png") as page:
        assert page.width > 900
        assert page.height > 3 * 128
    assert (tmp_path / "one" / "plan.mp4").stat().st_size > 2_000


def test_words_are_goals_in_a_scene(tmp_path: Path, capsys: Capture) -> None:
    found = plan(
        capsys, "physics", "--world", "push_table", "--goal", "the drum touching the brick", "--episodes", 1, "--budget", 2, "--samples", 8,
        "--rounds", 1, "-o", tmp_path / "out",
    )  # fmt: skip
    assert found["goal"] == "the drum touching the brick"
    assert found["decisions"] <= 2
    assert found["episodes"][0]["random_strict"] is None


def test_frozen_errands_are_those_that_are_drawn(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "frozen.json"
    write(freeze(named("tworoom"), count=2, seed=4), path)
    frozen = plan(capsys, "physics", "--manifest", path, *QUICK, "-o", tmp_path / "one")
    drawn = plan(capsys, "physics", "--world", "tworoom", "--episodes", 2, *QUICK, "-o", tmp_path / "two")
    assert frozen["episodes"] == drawn["episodes"]
    path.write_text(path.read_text(encoding="utf-8").replace('"left_out": 0', '"left_out": 1'), encoding="utf-8")
    assert main(["plan", "physics", "--manifest", str(path)]) == 2
    assert "its hash differs" in capsys.readouterr().err


def test_a_factor_is_varied_for_the_world_alone(tmp_path: Path, capsys: Capture) -> None:
    found = plan(capsys, "physics", "--world", "tworoom", "--vary", "agent_speed:1", "--episodes", 1, *QUICK, "-o", tmp_path / "out")
    assert found["vary"] == "agent_speed:1"
    assert len(named("tworoom").variations["agent_speed"]) == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("physics", "--world", "tworom"), "Did you mean 'tworoom'?"),
        (("physics",), "--world tworoom, or --manifest FILE"),
        (("physics", "--manifest", "nowhere.json"), "no such manifest"),
        (("physics", "--manifest", "nowhere.json", "--world", "tworoom"), "Leave it out"),
        (("physics", "--world", "tworoom", "--episodes", "0"), "1 or more"),
        (("physics", "--world", "tworoom", "--vary", "colur"), "there is no factor"),
        (("physics", "--world", "tworoom", "--vary", "agent_speed:2"), "agent_speed:0 to agent_speed:1"),
        (("physics", "--world", "tworoom", "--follow", "9"), "1 to 5"),
        (("physics", "--world", "tworoom", "--planner", "gradient"), "--planner icem"),
        (("physics", "--world", "tworoom", "--planner", "amortised"), "what leads where"),
        (("physics", "--world", "push_table", "--goal", "sing a song"), "nothing that can be done here"),
        (("physics", "--world", "push_table", "--goal", "the block beside the drum", "--vary", "size"), "no factors"),
        (("push_table", "--world", "tworoom"), "Learn at that pace: 2 pictures a second"),
        (("no/such/model", "--world", "tworoom"), "lifeworld learn"),
    ],
)
def test_what_cannot_be_planned_is_said(args: tuple[str, ...], said: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["plan", *args, "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()
