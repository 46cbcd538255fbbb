"""The words around the code keep in step with it: licence, extras, docs, the wheel, what must not be committed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lifeworld.commands import VERBS

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
WORDS = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LOG.md"))]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_licence_is_apache_2(project: dict[str, Any]) -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert project["project"]["license"] == "Apache-2.0"
    assert set(project["project"]["license-files"]) >= {"LICENSE"}


def test_every_dependency_and_extra_has_its_reason(project: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    extras = project["project"]["optional-dependencies"]
    for extra in extras:
        assert f"`{extra}`" in page, f"docs/dependencies.md does not name the extra {extra}"
    for requirement in [*project["project"]["dependencies"], *(one for extra in extras.values() for one in extra)]:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        if name[0] != "lifeworld":
            assert f"`{name[0]}`" in page, f"docs/dependencies.md does not say why {name[0]}"


def test_every_verb_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name in VERBS:
        assert f"## lifeworld {name}" in page


def test_every_page_has_its_place_in_the_docs() -> None:
    listed = set(re.findall(r"[\w./-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:")[1]))
    assert listed == {str(page.relative_to(ROOT / "docs")) for page in PAGES}


@pytest.mark.parametrize("page", WORDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_wheel_holds_scenes_and_types_and_is_light(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = {one.filename: one.compress_size for one in zipfile.ZipFile(wheel).infolist()}
    inside, weights = set(packed), sum(size for name, size in packed.items() if name.startswith("lifeworld/models/ready/"))
    print(f"{(wheel.stat().st_size - weights) / 1e6:.1f} MB and {weights / 1e6:.1f} MB of weights")
    assert wheel.stat().st_size - weights <= 15e6
    package = ROOT / "src" / "lifeworld"
    wanted = {f"lifeworld/{path.relative_to(package)}" for kind in ("*.py", "*.toml", "py.typed") for path in package.rglob(kind)}
    assert wanted <= inside
    assert any(name.startswith("lifeworld/scene/starters/") for name in inside)
    assert any(name.endswith("/licenses/LICENSE") for name in inside)


def test_nothing_committed_names_a_place_that_is_only_here() -> None:
    """No path of one machine and no package host: the project must build anywhere."""
    here = [
        re.compile(pattern)
        for pattern in (r"/wo" r"rk/(main|shared)", r"/ro" r"ot/", r"files\.python" r"hosted", r"py" r"pi\.org", r"deb\.deb" r"ian\.org")
    ]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not path.is_file() or b"\0" in (raw := path.read_bytes()):
            continue
        for pattern in here:
            assert not pattern.search(raw.decode("utf-8", "replace")), f"{name} names {pattern.pattern}"
