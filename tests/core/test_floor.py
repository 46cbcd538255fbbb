"""The floor itself: importing all of core loads nothing beyond the standard library, NumPy and msgspec."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import lifeworld.core

MODULES = sorted(p.stem for p in Path(lifeworld.core.__file__).parent.glob("*.py") if p.stem != "__init__")


def test_core_loads_numpy_and_msgspec_only() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        + "".join(f"import lifeworld.core.{m}\n" for m in MODULES)
        + "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    allowed = {"lifeworld", "numpy", "msgspec", "typing_extensions"}  # msgspec loads the last where it is installed
    strangers = {
        m for m in loaded if m not in sys.stdlib_module_names and m != "__mp_main__"
    } - allowed  # what multiprocessing calls __main__
    assert {"lifeworld", "numpy", "msgspec"} <= set(loaded)
    assert not strangers, strangers


def test_each_module_says_what_it_is_for() -> None:
    for name in MODULES:
        first = (Path(lifeworld.core.__file__).parent / f"{name}.py").read_text().splitlines()[0]
        assert first.startswith('"""'), name
        assert len(first) > 20, name
