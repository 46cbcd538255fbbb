"""The starter scenes: text files in `starters/`, each a scene to enter at once and to copy from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from lifeworld.core.errors import UnknownName
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import parse, read


def names() -> list[str]:
    """The names of all starter scenes."""
    return sorted(f.name.removesuffix(".toml") for f in files("lifeworld.scene").joinpath("starters").iterdir() if f.name.endswith(".toml"))


def text(name: str) -> str:
    """The text of a starter scene.

    Raises:
        UnknownName: with the nearest names.
    """
    if name not in names():
        raise UnknownName(
            "scene", name, names(), fix="`lifeworld scenes` lists the starters; a scene of your own is a path ending in .toml."
        )
    return files("lifeworld.scene").joinpath("starters", f"{name}.toml").read_text(encoding="utf-8")


def load(name: str) -> Scene:
    """A starter scene by name.

    Raises:
        UnknownName: with the nearest names.
    """
    return parse(text(name), source=f"{name}.toml")


def find(name_or_path: str) -> Scene:
    """A scene by what a person would type: a starter's name, or the path of a scene file.

    Raises:
        UnknownName: if it is neither.
        SceneError: if the file is not a scene.
    """
    if name_or_path.endswith(".toml") or "/" in name_or_path or Path(name_or_path).exists():
        return read(Path(name_or_path))
    return load(name_or_path)
