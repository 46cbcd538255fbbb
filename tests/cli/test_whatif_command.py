"""`lifeworld whatif`: from a bundle to a branch, a report and films; and what cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lifeworld.cli import main
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.scene.deed import Push
from lifeworld.scene.edit import EditPlan, SetEvent, encode
from lifeworld.scene.event import Event

Capture = pytest.CaptureFixture[str]
SCENE = """lifeworld = 1
name = "s"

[[thing]]
name = "table"
kind = "table"
size_m = [1.0, 0.7, 0.7]
position_m = [0, 0, 0]
fixed = true

[[thing]]
name = "box"
kind = "box"
size_m = [0.1, 0.1, 0.06]
position_m = [0.42, 0, 0.7]

[[camera]]
name = "front"
position_m = [0.2, -1.6, 1.3]
look_at_m = [0.3, 0, 0.5]
width_px = 48
height_px = 36
"""
PLAN = EditPlan(
    (SetEvent("shove", Event(name="shove", at_s=0.0, deeds=(Push(thing="box", velocity_m_s=(1.8, 0.0, 0.0)),))),), said="shove it"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whatif")
    (folder / "s.toml").write_text(SCENE, encoding="utf-8")
    (folder / "plan.json").write_bytes(encode(PLAN))
    asked = ["make", str(folder / "s.toml"), "-o", str(folder / "out"), "--seconds", "1.2", "--signals", "position_m", "--agent", "rest"]
    assert main([*asked, "--renderer", "rays"]) == 0
    return folder


def _said(capsys: Capture, *args: str) -> dict[str, Any]:
    assert main(["whatif", *args, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_from_a_bundle_to_a_branch(made: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "branch"
    common = ("--at", "300ms", "--plan", str(made / "plan.json"), "--renderer", "rays")
    said = _said(capsys, str(made / "out"), *common, "-o", str(out), "--why", "--ask", "the box falls off the table")
    assert said["exact"]
    assert said["moved"][0]["thing"] == "box"
    [asked] = said["outcomes"]
    assert (asked["base"]["came"], asked["branch"]["came"]) == (False, True)
    [reason] = said["because"]
    assert reason["because"] == ["shove it"]
    for name in ("report", "json", "strip", "side_by_side", "overlay"):
        assert Path(said["files"][name]).stat().st_size > 100
    bundle = open_bundle(out)
    assert bundle.uids == said["files"]["episodes"]
    assert [bundle[i].labels["side"] for i in range(2)] == ["base", "branch"]
    assert bundle[1].provenance.parents == (open_bundle(made / "out").uids[0],)
    assert not [problem for problem in check(out) if not problem.warning]
    again = _said(capsys, str(out), "--episode", "1", "--at", "0.5s", "--change", "remove the table")
    assert again["gone"] == ["table"]
    assert again["files"] is None


def test_it_can_be_gone_through_again_from_its_scene(made: Path, capsys: Capture) -> None:
    said = _said(capsys, str(made / "out"), "--at", "0.3", "--plan", str(made / "plan.json"), "--replay")
    assert said["exact"]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--change", "remove the box", "--at", "noon"], "this is no time"),
        (["--change", "remove the box", "--at", "5s"], "no such moment"),
        (["--change", "remove the box", "--episode", "7"], "no such episode"),
        (["--change", "remove the boxx"], "boxx"),
        (["--change", "remove the box", "--ask", "the moon is made of cheese"], "no question about"),
        (["--change", "remove the box", "--plan", "p.json"], "once"),
        ([], "once"),
        (["--plan", "missing.json"], "cannot be read"),
        (["--change", "remove the box", "--camera", "frnt", "-o", "nowhere"], "front"),
    ],
)
def test_bad_input_exits_with_2_and_writes_nothing(made: Path, capsys: Capture, args: list[str], told: str, tmp_path: Path) -> None:
    args = [str(tmp_path / "nowhere") if word == "nowhere" else word for word in args]
    assert main(["whatif", str(made / "out"), *args]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_something_else_is_left_alone(made: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "diary.txt").write_text("dear diary", encoding="utf-8")
    assert main(["whatif", str(made / "out"), "--change", "remove the box", "-o", str(tmp_path)]) == 2
    assert "not an empty folder" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["diary.txt"]


def test_a_recording_without_states_offers_a_replay(made: Path, tmp_path: Path, capsys: Capture) -> None:
    from dataclasses import replace

    from lifeworld.episode.seal import append_to

    episode = open_bundle(made / "out")[0]
    with append_to(tmp_path / "bare") as bundle:
        bundle.add(replace(episode, streams={name: episode[name] for name in episode.streams if name != "state"}))
    assert main(["whatif", str(tmp_path / "bare"), "--change", "remove the box"]) == 2
    assert "--replay" in capsys.readouterr().err
    assert _said(capsys, str(tmp_path / "bare"), "--change", "remove the box", "--replay")["gone"] == ["box"]
