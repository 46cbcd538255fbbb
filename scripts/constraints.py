"""The versions that are installed here of all that lifeworld and its tests need, for pip to keep to: `python scripts/constraints.py`.

They hold for this version of Python only; on another pip chooses as `pyproject.toml` allows, since it may have no wheels of these.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sbom import bill, offered

OUT = Path(__file__).parents[1] / "constraints.txt"
HEAD = "# The versions that tests passed with: `make CONSTRAINTS=constraints.txt setup` keeps to them. Made by scripts/constraints.py.\n"


def main() -> None:
    here = f'python_version == "{sys.version_info.major}.{sys.version_info.minor}"'
    parts = bill(offered())["components"]
    lines = [
        f"{part['name']}=={part['version'].partition('+')[0]}; {here}\n" for part in parts
    ]  # which build of torch is the machine's affair
    OUT.write_text(HEAD + "".join(lines), encoding="utf-8")
    print(f"{OUT}: {len(lines)} packages, {here}")


if __name__ == "__main__":
    main()
