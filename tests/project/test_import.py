"""`import lifeworld` is light: no engine, no torch, no web stack, and hardly more time than NumPy's own import."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

HEAVY = {
    "mujoco", "OpenGL", "torch", "safetensors", "fastapi", "starlette", "uvicorn", "websockets", "gymnasium",
    "coacd", "scipy", "cv2", "av", "PIL", "tyro", "rich",
}  # fmt: skip

LIGHT = [
    "import lifeworld",
    "import lifeworld.core, lifeworld.scene, lifeworld.episode, lifeworld.worlds",
    "import lifeworld.cli",
    "import lifeworld.cli; lifeworld.cli.main(['--help'])",
    "import pkgutil, lifeworld.core as core\nfor m in pkgutil.iter_modules(core.__path__): __import__(f'lifeworld.core.{m.name}')",
    "import lifeworld.scene.scene, lifeworld.scene.text",
    "import lifeworld.doctor",
]


@pytest.mark.parametrize("program", LIGHT)
def test_loads_nothing_heavy(program: str) -> None:
    shown = f"{program}\nimport json, sys\nprint()\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout.splitlines()[-1])) & HEAVY == set()


@pytest.mark.parametrize("name", ["lifeworld", "lifeworld.cli"])
def test_takes_hardly_longer_than_numpy(name: str) -> None:
    """Against a bare interpreter and NumPy on the same machine at the same moment; the least of several, since others may be busy."""
    bare_s, numpy_s, ours_s = (_least_s(program) for program in ("pass", "import numpy", f"import {name}"))
    print(f"import {name}: {1e3 * (ours_s - bare_s):.0f} ms over a bare interpreter; NumPy alone {1e3 * (numpy_s - bare_s):.0f} ms")
    assert ours_s - bare_s < 2.0 * (numpy_s - bare_s)


def _least_s(program: str, *, times: int = 7) -> float:
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        spent.append(time.perf_counter() - begin)
    return min(spent)
