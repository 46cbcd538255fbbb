"""`lifeworld evaluate`: a page, the same each time; models side by side; and what cannot be judged is said, with the way out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import tiny

from lifeworld.cli import main
from lifeworld.models.data.footage import open_footage
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.kinds import fresh
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.manifest import freeze, write

Capture = pytest.CaptureFixture[str]
QUICK = ("--horizon", "8", "--only", "fidelity,control")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learned nothing: what is said of it is as true."""
    folder = tmp_path_factory.mktemp("models") / "square"
    footage = open_footage(tiny.bundle(folder.parent / "play", 3), size=(16, 16), length=6, cache=folder.parent / "cache")
    save(folder, fresh(tiny.SHAPE, footage.doing, seed=0), Card.of(tiny.SHAPE, footage, steps=0, seed=0))
    return folder


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Episodes that no model here learned from."""
    return tiny.bundle(tmp_path_factory.mktemp("unseen") / "unseen", 8)


def evaluate(capsys: Capture, *args: object) -> dict[str, Any]:
    code = main(["evaluate", *map(str, args), "--json"])
    value = json.loads(capsys.readouterr().out)
    assert isinstance(value, dict)
    assert code == (0 if value["ok"] else 2)
    return value


def test_a_report_is_written_and_is_the_same_each_time(model: Path, unseen: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "report"
    texts = []
    for _ in range(2):  # the second over the first
        said = evaluate(capsys, model, unseen, "-o", out, *QUICK)
        texts.append((json.loads((out / "report.json").read_text("utf-8")), (out / "index.html").read_text("utf-8")))
    (one, first), (other, second) = texts
    made = one.pop("made"), other.pop("made")
    assert one == other
    times = [f"{m['at']}|{', '.join(f'{name} {s:.1f} s' for name, s in m['seconds'].items())}".split("|") for m in made]
    for at, took in times:
        first, second = first.replace(at, "").replace(took, ""), second.replace(at, "").replace(took, "")
    assert first == second
    assert [section["name"] for section in said["sections"]] == ["fidelity", "control"]
    assert said["data"]["origin"] == "simulated"
    assert said["page"] == str(out / "index.html")
    for section in one["sections"]:
        for number in section["measured"]:
            assert number["floors"]
            assert number["n"] > 0
            assert number["seeds"] == [0]
            assert number["data_sha256"] == one["data"]["sha256"]
            assert number["model_sha256"] == one["model"]["sha256"]
    assert all((out / strip["file"]).is_file() for section in one["sections"] for strip in section["strips"])
    assert set(one["made"] if "made" in one else made[0]["seconds"]) == {"fidelity", "control"}


def test_another_seed_draws_other_clips(model: Path, unseen: Path, tmp_path: Path, capsys: Capture) -> None:
    ran = [evaluate(capsys, model, unseen, "-o", tmp_path / s, *QUICK, "--clips", "9", "--seed", s) for s in ("0", "1")]
    assert ran[0]["data"]["clips"] == 9
    assert ran[0]["data"]["sha256"] != ran[1]["data"]["sha256"]


def test_a_model_beside_itself_does_not_differ(model: Path, unseen: Path, tmp_path: Path, capsys: Capture) -> None:
    shutil.copytree(model, tmp_path / "twin")
    said = evaluate(capsys, "--compare", model, tmp_path / "twin", unseen, "-o", tmp_path / "both", *QUICK)
    assert [each["name"] for each in said["models"]] == [model.name, "twin"]
    assert said["only_of_some"] == {}
    differences = [each for row in said["compared"] for each in row["differences"]]
    assert len(differences) > 10
    assert all(each["value"] == 0 and each["better"] is None for each in differences)
    assert any(each["low"] == each["high"] == 0 for each in differences)
    assert (tmp_path / "both" / "2" / "index.html").is_file()


def test_people_are_told_in_lines(model: Path, unseen: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["evaluate", str(model), str(unseen), "-o", str(tmp_path / "report"), *QUICK]) == 0
    said = capsys.readouterr().out
    assert "copying the last picture" in said
    assert str(tmp_path / "report" / "index.html") in said


def test_what_cannot_be_judged_is_said_with_the_way_out(model: Path, unseen: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("mine")
    (tmp_path / "model.pt").write_bytes(b"\x80\x04")
    still = tiny.bundle(tmp_path / "still", 8, acts=False)
    few = tiny.bundle(tmp_path / "few", 1)
    frozen, changed = tmp_path / "frozen.json", tmp_path / "changed.json"
    write(freeze(named("tworoom"), count=2, seed=0), frozen)
    changed.write_text(frozen.read_text("utf-8").replace('"budget_decisions": 10', '"budget_decisions": 99'))
    cases = [
        ((model,), "lifeworld evaluate MODEL BUNDLE"),
        ((model, model, unseen), "--compare"),
        (("--compare", model, unseen), "--compare MODEL MODEL BUNDLE"),
        ((model, unseen, "--only", "fidelty"), "Did you mean 'fidelity'?"),
        ((model, unseen, "--only", "planning"), "--planning tworoom"),
        ((model, unseen, "--planning", "towroom"), "Did you mean 'tworoom'?"),
        ((model, unseen, "--planning", "tworoom", "--starts", "1"), "at the pace of decisions"),
        ((model, unseen, "--manifest", changed), "its hash differs"),
        ((model, unseen, "--manifest", tmp_path / "none.json"), "there is no such manifest"),
        ((model, unseen, "--manifest", changed, "--planning", "tworoom"), "names its arena itself"),
        ((model, unseen, "--manifest", frozen, "--starts", "3"), "not so many starts"),
        ((model, unseen, "--clips", "0"), "1 to 100,000"),
        ((model, still), "actions are not those that"),
        ((model, few), "too few clips for an interval"),
        ((model, tmp_path / "nowhere"), "there is nothing here"),
        ((tmp_path / "nobody", unseen), "there is no model here"),
        ((tmp_path / "model.pt", unseen), "runs code when it is opened"),
    ]
    for args, expected in cases:
        said = evaluate(capsys, *args, *(() if "--only" in args else QUICK[2:]), "-o", tmp_path / "report", *QUICK[:2])
        assert expected in said["message"], (args, said)
        assert not (tmp_path / "report").exists()
    said = evaluate(capsys, model, unseen, "-o", tmp_path / "theirs", *QUICK)
    assert "thesis.txt" in said["message"]
    assert [each.name for each in (tmp_path / "theirs").iterdir()] == ["thesis.txt"]


COLOURS = """
import torch
from torch import nn

class Colours(nn.Module):
    "Foresees that the brightness of each quarter stays as it is, but for what is done."
    history = 1

    def encode(self, pixels):
        return nn.functional.adaptive_avg_pool2d(pixels.mean(-3), 2).flatten(-2)

    def rollout(self, z, actions):
        moved = actions.sum(-1, keepdim=True).cumsum(1) * 1e-3
        return torch.cat([z[:, -1:], z[:, -1:] + moved], 1)

def model():
    return Colours()
"""
SUBJECT = """
protocol = "torch-world"
make = "colours.py:model"
size = [16, 16]
frame_ms = 80
stream = "rgb@above"
actions = 2
"""


def test_somebody_elses_model_stands_beside_ours(model: Path, tmp_path: Path, capsys: Capture) -> None:
    unseen = tiny.bundle(tmp_path / "unseen", 40)  # of which a tenth is taken: nobody knows what theirs learned from
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "colours.py").write_text(COLOURS)
    (tmp_path / "theirs" / "subject.toml").write_text(SUBJECT)
    theirs = f"torch-world:{tmp_path / 'theirs'}"
    said = evaluate(capsys, "--compare", model, theirs, unseen, "-o", tmp_path / "both", *QUICK)
    assert said["ok"], said
    assert said["models"][1]["gives"] == ["embeddings"]
    assert said["only_of_some"]["fidelity/psnr@8"] == [model.name]
    assert said["only_of_some"]["fidelity/embedding_error@8"] == [said["models"][1]["name"]]
    page = (tmp_path / "both" / "index.html").read_text("utf-8")
    assert "it gives no pictures" in page
    (tmp_path / "theirs" / "colours.py").write_text(COLOURS.replace("* 1e-3", "* float('nan')"))
    said = evaluate(capsys, theirs, unseen, "-o", tmp_path / "theirs alone", *QUICK)
    assert "are NaN or infinite" in said["message"]
    assert not (tmp_path / "theirs alone").exists()
