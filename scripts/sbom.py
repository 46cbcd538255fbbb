"""What is installed beside lifeworld, with versions and licences, as a CycloneDX bill of materials: `python scripts/sbom.py`.

Read from the metadata of the packages in this environment, so it is of what really runs: lifeworld's own requirements, those of the extras
named (`--extras learn,studio`; all that are installed if none is), and theirs in turn. The same environment gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

OURS = "lifeworld"
SPEC = "1.6"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--extras", help="separated by commas")
    ask.add_argument("--out", type=Path, default=Path("dist/sbom.cdx.json"))
    said = ask.parse_args()
    extras = list(offered()) if said.extras is None else [one.strip() for one in said.extras.split(",") if one.strip()]
    if unknown := sorted(set(extras) - set(offered())):
        sys.exit(f"no such extra: {', '.join(unknown)}; there are {', '.join(offered())}")
    found = bill(extras)
    said.out.parent.mkdir(parents=True, exist_ok=True)
    said.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for part in found["components"]:
        print(f"{part['name']:<28} {part['version']:<16} {spoken(part)}")
    print(f"{said.out}: {len(found['components'])} packages beside {OURS} {found['metadata']['component']['version']}")


def bill(extras: Iterable[str]) -> dict[str, Any]:
    """The bill of materials, as CycloneDX's JSON says it."""
    parts, needs = dict[str, Distribution](), dict[str, set[str]]()
    waiting, seen = [(OURS, frozenset(extras))], set[tuple[str, frozenset[str]]]()
    while waiting:
        name, wanted = waiting.pop()
        if (plain(name), wanted) in seen:
            continue
        seen.add((plain(name), wanted))
        try:
            parts[plain(name)] = one = distribution(name)
        except PackageNotFoundError:  # for another system, another Python, or an extra that is not installed
            continue
        under = list(required(one, wanted))
        needs.setdefault(plain(name), set()).update(plain(each) for each, _ in under)
        waiting += under
    listed = [component(parts[key]) for key in sorted(parts) if key != OURS]
    ours = component(parts[OURS]) | {"type": "application"}
    graph = [
        {"ref": purl(parts[key]), "dependsOn": [purl(parts[each]) for each in sorted(needs[key] & set(parts))]} for key in sorted(needs)
    ]
    found = {"metadata": {"component": ours}, "components": listed, "dependencies": graph}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(found, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": SPEC, "serialNumber": f"urn:uuid:{serial}", "version": 1, **found}


def component(one: Distribution) -> dict[str, Any]:
    said = licence(one)
    licences = [] if said is None else [{"expression": said[1]}] if said[0] else [{"license": {"name": said[1]}}]
    return {
        "type": "library",
        "bom-ref": purl(one),
        "name": one.name,
        "version": one.version,
        "purl": purl(one),
        **({"licenses": licences} if licences else {}),
    }


def licence(one: Distribution) -> tuple[bool, str] | None:
    """Whether it is an SPDX expression, and what a package says of its licence; None if it says nothing."""
    about = one.metadata
    if expression := about.get("License-Expression"):
        return True, expression
    named = [line.rpartition("::")[2].strip() for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    words = (about.get("License") or "").strip()
    if words and words != "UNKNOWN" and "\n" not in words and len(words) < 60:
        return False, words
    return (False, ", ".join(named)) if named else None


def spoken(part: dict[str, Any]) -> str:
    (said,) = part.get("licenses") or [{"expression": "says nothing of its licence"}]
    return str(said.get("expression") or said["license"]["name"])


def offered() -> list[str]:
    """Our extras, those for working on lifeworld too."""
    return distribution(OURS).metadata.get_all("Provides-Extra", [])


def required(one: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What a distribution needs with these extras, each with the extras of it that are asked for. What is meant for another system is named
    too: it is not installed here, and so falls out.
    """
    for line in one.requires or []:
        requirement, _, marker = line.partition(";")
        of = re.findall(r"""extra\s*==\s*['"]([^'"]+)""", marker)
        match = re.match(r"\s*([\w.-]+)\s*(?:\[([^\]]*)\])?", requirement)
        if match and (not of or set(of) & extras):
            yield match[1], frozenset(word.strip() for word in (match[2] or "").split(",") if word.strip())


def purl(one: Distribution) -> str:
    return f"pkg:pypi/{plain(one.name)}@{one.version}"


def plain(name: str) -> str:
    """A name as the index of packages spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
