"""The registry finds real entry points, loads them late, and outlives broken ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from lifeworld.core.errors import InputError, LifeworldError, MissingExtra, UnknownName
from lifeworld.core.registry import Registry

GROUP = "lifeworld.test_things"


def only_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a thing is text, not {type(value).__name__}")
    return value


class Packages:
    """A folder on sys.path where packages with entry points can be put, as pip would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, package: str, plugs: dict[str, str], module: str = "") -> None:
        info = self.folder / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n" + "".join(f"{k} = {v}\n" for k, v in plugs.items()))
        (self.folder / f"{package}.py").write_text(module)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return Packages(tmp_path)


@pytest.fixture
def things() -> Registry[str]:
    return Registry(GROUP, sort="thing", check=only_text)


def test_what_is_registered_can_be_had(things: Registry[str]) -> None:
    assert things.register("mug", "a mug") == "a mug"
    things.register("jug", "a jug")
    assert things.get("mug") == "a mug"
    assert things.names() == ["jug", "mug"]
    assert dict(things.broken) == {}


def test_an_unknown_name_suggests_near_ones_plug_ins_too(things: Registry[str], packages: Packages) -> None:
    packages.add("plug_names", {"teapot": "plug_names:POT"})
    things.register("mug", "a mug")
    with pytest.raises(UnknownName, match=r"there is no thing 'mgu'\. Did you mean 'mug'"):
        things.get("mgu")
    with pytest.raises(UnknownName, match="Did you mean 'teapot'"):
        things.get("teapott")


def test_a_name_is_registered_once(things: Registry[str]) -> None:
    things.register("mug", "a mug")
    with pytest.raises(InputError, match="there is a thing 'mug' already"):
        things.register("mug", "another")
    assert things.get("mug") == "a mug"
    engines = Registry[str]("lifeworld.test_engines", sort="engine", check=only_text)
    engines.register("x", "1")
    with pytest.raises(InputError, match="there is an engine 'x' already"):
        engines.register("x", "2")


def test_a_plug_in_is_loaded_when_asked_for_and_once(things: Registry[str], packages: Packages) -> None:
    packages.add("plug_late", {"teapot": "plug_late:POT", "kettle": "plug_late:KETTLE"}, "POT = 'a teapot'\nKETTLE = 'a kettle'\n")
    assert things.names() == ["kettle", "teapot"]
    assert "plug_late" not in sys.modules
    assert things.get("teapot") == "a teapot"
    assert "plug_late" in sys.modules
    assert things.get("teapot") is things.get("teapot")
    with pytest.raises(TypeError):
        things.broken["teapot"] = LifeworldError("mine")


@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("OTHER = 1", "AttributeError"),
        ("POT = 5", "TypeError: a thing is text, not int"),
        ("POT = (", "SyntaxError"),
        ("import warnings; warnings.warn('old', DeprecationWarning)", "DeprecationWarning: old"),
    ],
)
def test_a_broken_plug_in_stops_nobody(things: Registry[str], packages: Packages, module: str, why: str) -> None:
    packages.add("plug_broken", {"teapot": "plug_broken:POT"}, module)
    things.register("mug", "a mug")
    things.load_all()
    assert things.names() == ["mug"]
    assert things.get("mug") == "a mug"
    assert list(things.broken) == ["teapot"]
    for _ in range(2):
        with pytest.raises(InputError) as raised:
            things.get("teapot")
        text = str(raised.value)
        assert text.startswith("entry point plug_broken:POT: a thing 'teapot' of plug_broken cannot be used: " + why)
        assert text.endswith("Mend or uninstall plug_broken.")
        assert things.broken["teapot"] is raised.value


def test_a_plug_in_that_needs_an_extra_says_so(things: Registry[str], packages: Packages) -> None:
    packages.add(
        "plug_extra", {"dream": "plug_extra:D"}, "from lifeworld.core.errors import MissingExtra\nraise MissingExtra('dream', 'learn')\n"
    )
    with pytest.raises(MissingExtra, match=r"lifeworld\[learn\]"):
        things.get("dream")
    assert isinstance(things.broken["dream"], MissingExtra)


def test_two_plug_ins_of_one_name_are_neither_chosen(things: Registry[str], packages: Packages) -> None:
    packages.add("plug_one", {"teapot": "plug_one:POT", "pan": "plug_one:POT"}, "POT = 'one'")
    packages.add("plug_three", {"teapot": "plug_three:POT"}, "POT = 'three'")
    packages.add("plug_two", {"teapot": "plug_two:POT"}, "POT = 'two'")
    assert things.names() == ["pan"]
    with pytest.raises(InputError, match="plug_one offers the same name"):
        things.get("teapot")
    assert things.get("pan") == "one"


@pytest.mark.parametrize("order", ["before", "found", "loaded"])
def test_ours_wins_over_a_plug_in_of_the_same_name_whenever_it_comes(things: Registry[str], packages: Packages, order: str) -> None:
    packages.add("plug_same", {"mug": "plug_same:MUG"}, "MUG = 'theirs'")
    if order == "found":
        assert things.names() == ["mug"]
    elif order == "loaded":
        assert things.get("mug") == "theirs"
    things.register("mug", "ours")
    assert things.get("mug") == "ours"
    assert things.names() == ["mug"]
    assert "the name is taken by lifeworld" in str(things.broken["mug"])
    with pytest.raises(InputError, match="already"):
        things.register("mug", "again")
