"""The demo goes step by step, goes on after a break, and does again only what is another step now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
import tyro

from lifeworld.cli import main
from lifeworld.commands import VERBS
from lifeworld.demo.course import Demo
from lifeworld.demo.step import DONE, Step, StepFailed, run

Capture = pytest.CaptureFixture[str]


def steps(folder: Path, asked: list[str], *, second: Sequence[str] = ("--version",)) -> list[Step]:
    """Two commands that are quick; which of them was asked for is written down."""

    def command(name: str, words: Sequence[str]) -> Sequence[str]:
        asked.append(name)
        return words

    (folder / "made").touch()
    return [
        Step(name="one", title="One", says="one", command=lambda: command("one", ("--version",)), makes=(folder / "made",), minutes=0.1),
        Step(name="two", title="Two", says="two", command=lambda: command("two", second), makes=(folder / "made",), minutes=0.1),
    ]


def test_what_is_done_is_done_once_and_a_break_is_gone_on_from(tmp_path: Path) -> None:
    asked, said = list[str](), list[str]()
    with pytest.raises(StepFailed, match="lifeworld nonsense"):
        run(steps(tmp_path, asked, second=("nonsense",)), tmp_path, say=said.append)
    assert asked == ["one", "two"]
    assert any("$ lifeworld --version" in line for line in said)
    assert list(run(steps(tmp_path, asked), tmp_path, say=said.append)) == ["one", "two"]
    assert asked == ["one", "two", "two"]
    run(steps(tmp_path, asked), tmp_path, say=said.append)
    assert asked == ["one", "two", "two"]
    assert sum("there already" in line for line in said) == 3


def test_a_list_of_steps_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    for said in ("{", "[1]", ""):
        (tmp_path / DONE).write_text(said)
        asked = list[str]()
        run(steps(tmp_path, asked), tmp_path, say=lambda _: None)
        assert asked == ["one", "two"]


def test_what_was_made_and_is_gone_is_made_again(tmp_path: Path) -> None:
    asked = list[str]()
    run(steps(tmp_path, asked), tmp_path, say=lambda _: None)
    (tmp_path / "made").unlink()
    again = steps(tmp_path, asked)
    (tmp_path / "made").unlink()
    run(again, tmp_path, say=lambda _: None)
    assert asked == ["one", "two"] * 2


@pytest.mark.parametrize("fast", [False, True])
def test_every_command_of_the_demo_can_be_typed(fast: bool, tmp_path: Path) -> None:
    (tmp_path / "clean_train_trials.pickle").touch()  # else it would be fetched
    for step in Demo(folder=tmp_path, fast=fast, seed=3).steps:
        verb, *words = step.command()
        tyro.cli(import_module(VERBS[verb].module).Options, args=words, config=(tyro.conf.FlagCreatePairsOff,))


def test_without_the_folder_that_was_given_there_is_no_demo(tmp_path: Path, capsys: Capture) -> None:
    assert main(["demo", "-o", str(tmp_path / "out"), "--input", str(tmp_path / "nowhere"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "input_error"
    assert not (tmp_path / "out").exists()
