"""The exact command that mends a thing here: this Python's pip, this system's package manager, this checkout."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import sys


def wanted(extra: str | None = None) -> list[str]:
    """The distributions this install of lifeworld names for an extra (None: for the base)."""
    names = []
    for line in importlib.metadata.requires("lifeworld") or []:
        requirement, _, marker = line.partition(";")
        of = re.search(r"""extra\s*==\s*['"]([^'"]+)""", marker)
        name = re.match(r"[\w.-]+", requirement.strip())
        if name and name[0] != "lifeworld" and (of[1] if of else None) == extra:
            names.append(name[0])
    return names


def version(distribution: str) -> str | None:
    """Its version, or None when it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def absent(extra: str | None = None) -> list[str]:
    """Those of `wanted` that are not installed."""
    return [name for name in wanted(extra) if version(name) is None]


def pip(*requirements: str, again: bool = False) -> str:
    """The pip command of this Python that installs these; `again` also where they are already."""
    options = "--force-reinstall --no-deps " if again else ""
    return f"{sys.executable} -m pip install {options}{' '.join(_quoted(one) for one in requirements)}"


def pip_extra(extra: str) -> str:
    """The pip command that adds an extra to this very install: by its folder when it is a checkout, else by name."""
    about = importlib.metadata.distribution("lifeworld").read_text("direct_url.json")
    origin = json.loads(about) if about else {}
    if origin.get("url", "").startswith("file://"):
        folder = f'"{origin["url"].removeprefix("file://")}[{extra}]"'
        return f"{sys.executable} -m pip install {'-e ' if origin.get('dir_info', {}).get('editable') else ''}{folder}"
    return pip(f"lifeworld[{extra}]")


def system(*, apt: str, dnf: str | None = None, pacman: str | None = None) -> str:
    """The command of this system's package manager; where it has none of these, the Debian names to look for."""
    sudo = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "
    for tool, packages, install in (("apt-get", apt, "install -y"), ("dnf", dnf, "install -y"), ("pacman", pacman, "-S --needed")):
        if packages and shutil.which(tool):
            return f"{sudo}{tool} {install} {packages}"
    return f"install what Debian packages as: {apt}"


def _quoted(word: str) -> str:
    return f'"{word}"' if set(word) & set("[]<>=,;") else word
