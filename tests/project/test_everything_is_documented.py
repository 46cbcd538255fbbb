"""Whatever can be said, set or asked for has its place in the docs: options, variables, scenes, edits, deeds, arenas, models, formats."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from lifeworld.commands.export import Options as Export
from lifeworld.commands.page import page
from lifeworld.evaluate.sections import SECTIONS
from lifeworld.scene import starter
from lifeworld.scene.deed import DEEDS
from lifeworld.scene.edit import Edit
from lifeworld.scene.scene import RELATIONS
from lifeworld.worlds.experts.task import TASK_KINDS
from lifeworld.worlds.planning.arenas import ARENAS
from lifeworld.worlds.planning.planners import PLANNERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
READY = [folder.name for folder in (ROOT / "src" / "lifeworld" / "models" / "ready").iterdir() if (folder / "README.md").is_file()]


def test_the_page_of_options_is_fresh() -> None:
    made = "python -c \"from lifeworld.commands.page import write; write('docs/options.md')\""
    assert (DOCS / "options.md").read_text(encoding="utf-8") == page(), f"docs/options.md is stale; make it anew: {made}"


def test_every_variable_is_a_setting() -> None:
    said = re.findall(r"^\| `(LIFEWORLD_[A-Z_]+)` \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.M)
    product, workshop = _read("src", "scripts"), _read("benchmarks", "tests")
    assert product <= set(said), "docs/settings.md leaves some out"
    assert set(said) <= product | workshop, "docs/settings.md names some that nobody reads"


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("settings.md", ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"]),
        ("commands.md", starter.names()),
        ("edits.md", [re.sub(r"(?<=.)([A-Z])", r"_\1", edit.__name__).lower() for edit in get_args(Edit)]),
        ("scene-format.md", DEEDS),
        ("scene-format.md", RELATIONS),
        ("experts.md", TASK_KINDS),
        ("arenas.md", ARENAS),
        ("planning.md", PLANNERS),
        ("evaluate.md", SECTIONS),
        ("commands.md", get_args(get_args(get_type_hints(Export, include_extras=True)["format"])[0])),
        ("learning.md", READY),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_is_on_its_page(where: str, names: Iterable[str]) -> None:
    text = (DOCS / where).read_text(encoding="utf-8")
    code = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.S))))
    assert names
    assert {str(name) for name in names} <= code, f"{where} does not name {sorted({str(n) for n in names} - code)}"


def _read(*folders: str) -> set[str]:
    """The variables that the code in these folders speaks of."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".sh")]
    return {name for path in files for name in re.findall(r"LIFEWORLD_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))}
