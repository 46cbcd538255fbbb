"""The command line: how it finds verbs, and how every verb ends."""

from __future__ import annotations

import dataclasses
import errno
import importlib
import json
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.commands import VERBS, Verb
from lifeworld.commands.verb import Common, Outcome, bars, progress, say
from lifeworld.core.errors import EngineError, InputError, MissingExtra

Run = Callable[[Any], Outcome]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Registers a verb `try` that does what the function does."""

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Options(Common):
        """Tries something."""

        size: int = 1
        """How much."""

    def register(run: Run) -> None:
        module = types.ModuleType("tried_verb")
        module.Options, module.run = Options, run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "tried_verb", module)
        monkeypatch.setitem(VERBS, "try", Verb("tried_verb", "tries something"))

    return register


def raising(error: Exception) -> Run:
    def run(_options: Any) -> Outcome:
        raise error

    return run


@pytest.mark.parametrize("name", list(VERBS))
def test_each_verb_is_made_as_verbs_are(name: str) -> None:
    module = importlib.import_module(VERBS[name].module)
    assert issubclass(module.Options, Common)
    assert module.Options.__dataclass_params__.frozen
    assert module.Options.__doc__
    assert callable(module.run)
    assert VERBS[name].summary


@pytest.mark.parametrize("name", list(VERBS))
def test_each_verb_has_help_with_the_common_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"lifeworld {name}" in shown
    assert "--json" in shown
    assert "--seed" in shown


@pytest.mark.parametrize("args", [[], ["-h"], ["--help"]])
def test_overview_names_every_verb(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    shown = capsys.readouterr().out
    for name, verb in VERBS.items():
        assert f"  {name} " in shown
        assert verb.summary in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lifeworld ")


def test_people_get_text_and_programs_get_one_object(verb: Callable[[Run], None], capsys: pytest.CaptureFixture[str]) -> None:
    def run(options: Any) -> Outcome:
        say("working")
        print("a library that talks on stdout")
        with progress("steps", 3) as done:
            for _ in range(3):
                done()
        return Outcome(text="three steps", value={"steps": np.int64(3), "each": np.array([1.5, 2.5]), "seed": options.seed})

    verb(run)
    assert main(["try", "--seed", "9"]) == 0
    assert capsys.readouterr().out.endswith("three steps\n")

    assert main(["try", "--seed", "9", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"ok": True, "steps": 3, "each": [1.5, 2.5], "seed": 9}
    assert "working" in said.err
    assert "a library that talks" in said.err


@pytest.mark.parametrize(
    ("error", "exit_code", "code"),
    [
        (InputError("too many", got=9, expected="at most 3", fix="Ask for fewer."), 2, "input_error"),
        (EngineError("the engine gave up"), 1, "engine_error"),
        (MissingExtra("learning", "learn"), 1, "missing_extra"),
        (PermissionError(13, "Permission denied", "out"), 1, "storage_error"),
        (OSError(errno.EROFS, "Read-only file system", "out"), 1, "storage_error"),
        (ConnectionResetError(104, "Connection reset by peer"), 1, "os_error"),
        (ZeroDivisionError("division by zero"), 1, "bug"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_each_end_has_its_exit_code_and_object(
    error: Exception, exit_code: int, code: str, verb: Callable[[Run], None], capsys: pytest.CaptureFixture[str]
) -> None:
    words = error.strerror if isinstance(error, OSError) else str(error)
    verb(raising(error))
    assert main(["try"]) == exit_code
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert ("Traceback" in said.err) == (code == "bug")

    assert main(["try", "--json"]) == exit_code
    object_ = json.loads(capsys.readouterr().out)
    assert object_["ok"] is False
    assert object_["error"] == code
    assert words in object_["message"]


def test_an_outcome_may_end_badly_by_itself(verb: Callable[[Run], None], capsys: pytest.CaptureFixture[str]) -> None:
    verb(lambda _options: Outcome(text="half of it", value={"half": True}, exit_code=1))
    assert main(["try", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"ok": False, "half": True}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["docter"], "Did you mean 'doctor'?"),
        (["--json", "doctor"], "the first word is the command"),
        (["doctor", "--bogus"], "--bogus"),
        (["doctor", "--timeout-s", "soon"], "could not convert string to float"),
        (["doctor", "--timeout-s", "-1"], "positive number of seconds"),
        (["doctor", "--timeout-s", "nan"], "positive number of seconds"),
        (["doctor", "--seed", "1.5"], "1.5"),
    ],
)
def test_what_cannot_be_used_exits_with_2(args: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 2
    said = capsys.readouterr()
    if "--json" not in args:
        assert said.out == ""
    assert told in said.err

    assert main([*args, "--json"]) == 2
    object_ = json.loads(capsys.readouterr().out)
    assert object_["ok"] is False
    assert told in object_["message"]


def test_ctrl_c_ends_with_130_and_one_object() -> None:
    program = """
import dataclasses, signal, sys, time, types
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite run in the background hands down that Ctrl-C is ignored
from lifeworld.cli import main
from lifeworld.commands import VERBS, Verb
from lifeworld.commands.verb import Common, say
Options = dataclasses.make_dataclass("Options", [], bases=(Common,), frozen=True, kw_only=True)
def run(options):
    say("ready")
    while True:  # short sleeps: a signal that arrives just before a long one would wait for its end
        time.sleep(0.01)
module = types.ModuleType("waits")
module.Options, module.run = Options, run
sys.modules["waits"] = module
VERBS["wait"] = Verb("waits", "waits")
sys.exit(main(["wait", "--json"]))
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while process.stderr.readline().strip() != "ready":
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["error"] == "interrupted"
    assert "Traceback" not in err


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = "import sys; from lifeworld.cli import main; sys.exit(main(['--help']))"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 1
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def test_bars_come_one_after_the_other_and_end_with_what_they_show(capsys: pytest.CaptureFixture[str]) -> None:
    with bars() as bar:
        for what, of in (("frames", 3), ("pieces", 2), ("pieces", 4)):  # two of one name: the second begins anew
            for done in range(of + 1):
                bar(what, done, of)
        bar("never ended", 1, 9)
    lines = [line.split() for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert [(line[0], next(word for word in line if "/" in word)) for line in lines] == [
        ("frames", "3/3"),
        ("pieces", "2/2"),
        ("pieces", "4/4"),
        ("never", "1/9"),
    ]
    with bars(after_s=1e9) as bar:
        bar("frames", 3, 3)
    assert capsys.readouterr().err == ""
