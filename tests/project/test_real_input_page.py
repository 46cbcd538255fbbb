"""The page of real input (docs/real-input.md) has a section for each use in the script that makes it, its commands, and its pictures."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "real_input.py"
MOST_BYTES = 120_000


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("real_input", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["real_input"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["real_input"]


def sections(script: ModuleType) -> dict[str, str]:
    """What stands between the two marks of each use; one mark missing, or twice, is an error."""
    text, found = script.PAGE.read_text(encoding="utf-8"), {}
    for use in script.USES:
        begin, end = script.marks(use.key)
        assert (text.count(begin), text.count(end)) == (1, 1), f"{script.PAGE.name} has no place for {use.key}"
        found[use.key] = text.split(begin)[1].split(end)[0]
    return found


def test_each_use_has_its_commands_and_says_what_is_poor(script: ModuleType) -> None:
    anew = f"make it anew: python {SCRIPT.relative_to(ROOT)}"
    for use in script.USES:
        text = sections(script)[use.key]
        (block,) = re.findall(r"^```\n(.*?)\n```$", text, re.S | re.M)
        assert block.splitlines() == list(use.commands), anew
        assert use.about in text, anew
        assert all(f"- {line}" in text for line in use.poor), anew
        assert use.poor


def test_each_picture_is_there_and_small(script: ModuleType) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"!\[([^\]]+)\]\((img/real/[\w.]+)\)", text)
    assert [alt for alt, _ in shown] == [alt for use in script.USES for _, alt in use.pictures]
    assert {ROOT / "docs" / name for _, name in shown} == set(script.PICTURES.iterdir())
    assert all((ROOT / "docs" / name).stat().st_size <= MOST_BYTES for _, name in shown)


def test_what_is_not_here_is_left_out(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent = script.Use(
        key="absent", title="None", about="", needs=tmp_path / "gone", commands=("lifeworld import gone -o out",), found=list, poor=()
    )
    assert script.section(absent, anew=False, learn=False) is None
    assert "left out" in capsys.readouterr().out


@pytest.mark.data
def test_a_recording_is_taken_in_and_told_as_on_the_page(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (use,) = (use for use in script.USES if use.key == "bridge")
    if not use.needs.is_dir():
        pytest.skip("the recordings are not here")
    monkeypatch.setattr(script, "WORK", tmp_path)
    said = script.ran("bridge", use.commands[0])
    assert said["said"]["episodes"] == 25
    assert (tmp_path / "bridge" / "meta" / "info.json").is_file()
    first = script.taken(said["said"] | {"cpu_s": 0}).rpartition(";")[0]
    assert first in sections(script)["bridge"]
