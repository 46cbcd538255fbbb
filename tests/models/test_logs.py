"""The log: the same in lines and in a table, as if never broken off, and elsewhere where asked."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from pathlib import Path

import pytest
import tiny

from lifeworld.cli import main
from lifeworld.core.errors import MissingExtra, UnreadableFile
from lifeworld.models.data.footage import Footage
from lifeworld.models.training.logs import LINES, TABLE, Log, check
from lifeworld.models.training.plan import Plan


def numbers(folder: Path) -> list[tuple[int, str, float]]:
    with sqlite3.connect(folder / TABLE) as table:
        found: list[tuple[int, str, float]] = table.execute("SELECT step, name, value FROM numbers ORDER BY step, name").fetchall()
    table.close()
    return found


def lines(folder: Path) -> list[tuple[int, str, float]]:
    said = [json.loads(line) for line in (folder / LINES).read_text().splitlines()]
    return sorted((each["step"], name, value) for each in said for name, value in each.items() if name != "step")


def test_a_run_that_was_stopped_has_the_log_of_one_that_was_not(footage: Footage, tmp_path: Path) -> None:
    plan, how = Plan(steps=45), {"horizon": 1, "frames": 2}
    tiny.learn(footage, plan, tmp_path / "whole", **how)
    left = iter(range(30))
    tiny.learn(footage, plan, tmp_path / "broken", stop=lambda: next(left, None) is None, **how)
    log = Log(tmp_path / "broken", step=30, what="{}")
    log.say(40, {"loss": 7.0})  # what a process wrote that was killed after its last checkpoint
    log.close()
    tiny.learn(footage, plan, tmp_path / "broken", **how)
    assert (tmp_path / "broken" / LINES).read_bytes() == (tmp_path / "whole" / LINES).read_bytes()
    assert numbers(tmp_path / "broken") == numbers(tmp_path / "whole") == lines(tmp_path / "whole")
    assert {step for step, _, _ in numbers(tmp_path / "whole")} == {20, 40, 45}
    with sqlite3.connect(tmp_path / "broken" / TABLE) as table:
        assert [row[0] for row in table.execute("SELECT from_step FROM runs ORDER BY run")] == [0, 30, 30]
        (what,) = table.execute("SELECT what FROM runs LIMIT 1").fetchone()
    table.close()
    assert json.loads(what)["plan"]["steps"] == 45


def test_half_a_line_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / LINES).write_bytes(b'{"step":20,"loss":1.0}\n{"step":40,"lo')
    log = Log(tmp_path, step=60, what="{}")
    log.say(60, {"loss": 0.5})
    log.close()
    assert (tmp_path / LINES).read_bytes() == b'{"step":20,"loss":1.0}\n{"step":60,"loss":0.5}\n'


def test_a_table_that_is_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(b"my notes, more than a hundred bytes of them: " * 9)
    with pytest.raises(UnreadableFile, match="no log of ours"):
        Log(tmp_path, step=0, what="{}")
    assert (tmp_path / TABLE).read_bytes().startswith(b"my notes")


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="needs tensorboard")
def test_tensorboard_is_told_the_same(tmp_path: Path) -> None:
    log = Log(tmp_path, step=0, what='{"plan": 1}', also=["tensorboard"])
    for step in (20, 40):
        log.say(step, {"loss": step / 10})
    log.close()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [(20, 2.0), (40, 4.0)]


def test_what_is_not_installed_names_its_extra(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lifeworld.models.training.logs.find_spec", lambda _name: None)
    for name in ("tensorboard", "wandb"):
        with pytest.raises(MissingExtra, match=r"lifeworld\[log\]"):
            check(name)  # type: ignore[arg-type]
    assert main(["learn", str(bundle), "-o", str(tmp_path / "m"), "--log", "wandb"]) != 0
    assert "lifeworld[log]" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()  # said before anything is begun
