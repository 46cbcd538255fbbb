"""The commands in the README and the docs can be typed: verbs, options, extras, benchmarks and make's targets are there, values parse."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import tyro

from lifeworld.commands import VERBS

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "src" / "lifeworld" / "models" / "ready").glob("*/README.md")),
]
PROGRAM = re.compile(r"^(?:\$ )?(?:\S*/)?(?:python -m )?lifeworld (?=[a-z-])")
CONFIG = (tyro.conf.FlagCreatePairsOff,)


def blocks(page: Path) -> list[str]:
    """Every line of the page's blocks of commands; one that ends in a backslash goes on in the next."""
    found = re.findall(r"^[ ]*```(?:|bash|sh|console)\n(.*?)^[ ]*```", page.read_text(encoding="utf-8"), re.S | re.M)
    return [line.strip() for block in found for line in block.replace("\\\n", " ").splitlines()]


def prose(page: Path) -> list[str]:
    """Everything that is set as code in running text."""
    text = re.sub(r"^[ ]*```.*?^[ ]*```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    return [" ".join(code.split()) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]


def calls(lines: list[str]) -> Iterator[list[str]]:
    """The calls of `lifeworld` in these lines, each as its words."""
    for part in (part.strip() for line in lines for part in re.split(r"\s(?:&&|\||;)\s", line)):
        if match := PROGRAM.match(part):
            yield shlex.split(part[match.end() :], comments=True)


def cases(lines: Callable[[Path], list[str]]) -> list[Any]:
    """Each call of each page once, for a test to be made of."""
    return [
        pytest.param(call, id=f"{page.relative_to(ROOT)}:{' '.join(call)}"[:120])
        for page in PAGES
        for call in {tuple(call): call for call in calls(lines(page))}.values()
    ]


def test_the_pages_hold_commands() -> None:
    assert len(cases(blocks)) > 80
    assert any(case.values[0][0] == "demo" for case in cases(blocks))


@pytest.mark.parametrize("call", cases(blocks))
def test_what_stands_in_a_block_can_be_typed(call: list[str]) -> None:
    verb, *args = call
    assert verb in VERBS
    if not any("…" in arg for arg in args):
        _read(verb, args)
    assert _options(args) <= _known(verb)


@pytest.mark.parametrize("call", cases(prose))
def test_what_is_spoken_of_is_there(call: list[str]) -> None:
    """In running text a command may be left short; its verb and options are still there."""
    verb, *args = call
    assert verb in {*VERBS, "--help", "--version"}
    assert verb not in VERBS or _options(args) <= _known(verb)


@pytest.mark.parametrize(
    "wrong", [["make", "tabletop"], ["make", "tabletop", "-o", "out/", "--signal", "rgb"], ["make", "t", "-o", "o", "--episodes", "x"]]
)
def test_what_is_wrong_would_be_found(wrong: list[str]) -> None:
    with pytest.raises(ValueError, match="this is refused"):
        _read(wrong[0], wrong[1:])


def _read(verb: str, args: list[str]) -> None:
    """Read the options as the command line does, and do nothing with them."""
    try:
        tyro.cli(importlib.import_module(VERBS[verb].module).Options, prog=f"lifeworld {verb}", args=args, config=CONFIG)
    except SystemExit as ended:
        if ended.code not in (0, None):
            raise ValueError(f"this is refused: lifeworld {verb} {shlex.join(args)}") from ended


def _options(args: list[str]) -> set[str]:
    return {arg.partition("=")[0] for arg in args if arg.startswith("--")}


@lru_cache
def _known(verb: str) -> frozenset[str]:
    """The options that a verb's help shows."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        _read(verb, ["--help"])
    return frozenset(re.findall(r"--[a-z0-9][a-z0-9-]*", said.getvalue()))


def _named(pattern: str) -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for line in (*blocks(page), *prose(page)):
            for name in re.findall(pattern, line):
                yield page, name


def test_every_target_of_make_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for page, name in _named(r"^make ([a-z-]+)"):
        assert name in targets, f"{page.name}: make {name}"


def test_every_extra_is_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for page, names in _named(r"lifeworld\[([a-z, ]+)\]"):
        assert {name.strip() for name in names.split(",")} <= set(extras), f"{page.name}: lifeworld[{names}]"


def test_every_benchmark_is_there() -> None:
    ours = {path.stem.removeprefix("bench_") for path in (ROOT / "benchmarks").glob("bench_*.py")}
    for page, name in _named(r"python -m benchmarks ([a-z_]+)"):
        assert name in ours, f"{page.name}: python -m benchmarks {name}"


def test_every_script_is_there() -> None:
    for page, name in _named(r"python ((?:examples|scripts|benchmarks)/\w+\.py)"):
        assert (ROOT / name).is_file(), f"{page.name}: python {name}"
