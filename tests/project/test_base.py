"""What `pip install lifeworld` brings is enough for a world; what needs more says which extra, in one line and before any work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lifeworld.commands import VERBS

pytestmark = pytest.mark.timeout(600)  # a few seconds of one core, in processes of their own
ROOT = Path(__file__).parents[2]
VERBS_RUN = """
import contextlib, io, json, sys
import only_base
from lifeworld.cli import main

said = []
for command in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    said.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(said))
"""
ENOUGH = {"scenes", "scene", "edit", "doctor"}
MORE = {  # what is asked, and the extra that it is told to need
    "demo": "learn",
    "import {out} -o {out}": "episodes",
    "make tabletop -o {out}": "episodes",
    "make tworoom -o {out}": "episodes",
    "whatif {out} --at 1s --change x -o {out}": "episodes",
    "enter": "studio",
    "enter tabletop": "studio",
    "learn {out} -o {out}": "learn",
    "evaluate push_table {out}": "learn",
    "plan physics --world tworoom": "episodes",
    "plan {out} --world tworoom": "learn",
    "dream push_table --actions up -o {out}": "learn",
    "rehearse tabletop --ask x -o {out}": "episodes",
    "recover {out}": "episodes",
    "check {out}": "episodes",
    "erase {out} --subject P7": "episodes",
    "show {out}": "episodes",
    "export {out} -o {out} --as mcap": "episodes",
    "verify {out}": "studio",
}


def ran(program: str, *args: str, at: Path) -> str:
    """What a process says that sees the base only (only_base.py)."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, check=False, env=env, cwd=at)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_else_is_hidden(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [re.match(r"[\w.-]+", one) for one in project["dependencies"]]
    kept, hidden = (set(json.loads(line)) for line in ran(
        "import json, only_base as o\nprint(json.dumps(sorted(o.KEPT)))\nprint(json.dumps(sorted(o.HIDDEN)))", at=tmp_path
    ).splitlines())  # fmt: skip
    assert {name[0].lower() for name in named if name} | {"lifeworld"} <= kept
    assert {"av", "pyarrow", "numcodecs", "mcap", "cryptography", "torch", "fastapi", "scipy", "pytest"} <= hidden
    for module in ("av", "torch"):
        program = f"import only_base\nfrom importlib.util import find_spec\nprint(find_spec({module!r}))\nimport {module}"
        with pytest.raises(AssertionError, match=f"No module named '{module}'"):
            ran(program, at=tmp_path)


def test_the_first_lines_of_the_readme(tmp_path: Path) -> None:
    """A world, an edit, a step, what is seen; and an episode of it in memory."""
    block = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    episode = """
from lifeworld.worlds.agent import AgentCurious
from lifeworld.worlds.record import record
told = record(world, AgentCurious(), starter.load("tabletop"), seconds=0.2, seed=7, signals=["rgb@front", "touch"])
print(seen["rgb@front"].any(), len(told["rgb@front"]), told.duration_ns)
"""
    assert ran(f"import only_base\n{block}\n{episode}", at=tmp_path).split() == ["True", "6", "200000000"]


def test_the_first_commands(tmp_path: Path) -> None:
    out = str(tmp_path / "mine.toml")
    commands = [["scene", "tabletop", "-o", out], ["edit", out, "put a glass on the table", "-o", out], ["doctor", "--json"]]
    scene, edit, doctor = json.loads(ran(VERBS_RUN, json.dumps(commands), at=tmp_path))
    assert scene[0] == 0, scene
    assert edit[0] == 0, edit
    assert "a glass" in edit[1]
    assert doctor[0] == 0, doctor
    rows = {row["name"]: row for row in json.loads(doctor[1])["checks"]}
    assert rows["packages"]["state"] == "ok"
    for extra in ("episodes", "studio", "formats", "games"):
        assert rows[extra]["state"] == "missing"
        assert rows[extra]["mend"].rstrip('"').endswith(f"[{extra}]")


def test_what_needs_more_says_what(tmp_path: Path) -> None:
    commands = [words.format(out="nothing").split() for words in MORE]
    assert {words[0] for words in commands} | ENOUGH == set(VERBS)
    for words, extra, (code, out, err) in zip(
        MORE, MORE.values(), json.loads(ran(VERBS_RUN, json.dumps(commands), at=tmp_path)), strict=True
    ):
        assert (code, out) == (1, ""), words
        assert re.fullmatch(rf'lifeworld: .+ needs an extra\. pip install "lifeworld\[{extra}\]"\.\n', err), f"{words}: {err}"
    assert list(tmp_path.iterdir()) == [], "and nothing was begun"


def test_a_program_is_told_too(tmp_path: Path) -> None:
    told = """
import only_base
from lifeworld.core.errors import MissingExtra
for name in ("bundle", "seal", "clips", "check", "journal"):
    try:
        __import__(f"lifeworld.episode.{name}")
    except MissingExtra as error:
        print(error.extra)
"""
    assert ran(told, at=tmp_path).split() == ["episodes"] * 5
