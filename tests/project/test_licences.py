"""The page of dependencies says the licences that the packages say themselves, and the bill of materials lists what is installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAMILIES = {
    "MIT": r"\bMIT\b",
    "BSD": r"BSD",
    "Apache": r"Apache",
    "MPL": r"MPL|Mozilla",
    "ISC": r"\bISC\b",
    "PSF": r"PSF|Python Software",
    "Zlib": r"(?i)zlib",
    "GPL": r"GPL|General Public",
}


def rows() -> dict[str, str]:
    """Package → licence, of each row of the page whose package is one that pip installs."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").partition("## From the system")[0]
    found = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("| ") or len(cells) < 3:
            continue
        named = cells[1:3] if re.fullmatch(r"(`[\w.-]+`(, )?)+", cells[1]) else cells[:2]
        packages = re.findall(r"`([\w.-]+)`", named[0])
        licences = named[1].split(", ") if len(packages) > 1 else [named[1].partition(", see")[0]]
        if packages:
            found |= dict(zip(packages, licences, strict=True))
    return found


def families(words: str) -> set[str]:
    return {name for name, pattern in FAMILIES.items() if re.search(pattern, words)}


ROWS = rows()


def test_the_page_is_read() -> None:
    assert {"numpy", "av", "torch", "c2pa-python", "onnxscript", "pytest"} <= set(ROWS)


@pytest.mark.parametrize("package", ROWS)
def test_a_licence_is_what_the_package_says(package: str) -> None:
    """The same families of licences; and where it says an SPDX expression, in its words."""
    try:
        about = distribution(package).metadata
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    if expression := about.get("License-Expression"):
        assert families(ROWS[package]) == families(expression)
        assert set(re.split(" or | and ", ROWS[package])) <= set(re.split(" OR | AND ", expression))
    else:
        said = " ".join([about.get("License") or "", *about.get_all("Classifier", [])])
        assert families(ROWS[package]), f"no family of licences is known to this test: {ROWS[package]}"
        assert families(ROWS[package]) <= families(said), said[:200]


def test_the_bill_lists_all_that_is_installed_of_us(tmp_path: Path) -> None:
    def bill(name: str) -> bytes:
        path = tmp_path / name
        subprocess.run([sys.executable, str(ROOT / "scripts" / "sbom.py"), "--out", str(path)], check=True, capture_output=True)
        return path.read_bytes()

    once = bill("a.json")
    assert once == bill("b.json"), "the same environment, the same bytes"
    said = json.loads(once)
    assert (said["bomFormat"], said["specVersion"], said["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", said["serialNumber"])
    parts = {part["bom-ref"]: part for part in [said["metadata"]["component"], *said["components"]]}
    assert len(parts) == len(said["components"]) + 1
    assert {ref for each in said["dependencies"] for ref in (each["ref"], *each["dependsOn"])} == set(parts)
    listed = {part["name"].lower(): part for part in said["components"]}
    for package in ROWS:
        try:
            installed = distribution(package)
        except PackageNotFoundError:
            continue
        assert listed[installed.name.lower()]["version"] == installed.version
    assert [part["name"] for part in said["components"] if not part.get("licenses")] == [], "each says its licence"
    assert listed["zstandard"], "what others bring along, too"
