"""The protocols as the neighbours' own wheels have them, where those stand: `python benchmarks/peers/venvs.py torch-world swm`."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from lifeworld.evaluate.adapters.neighbour import open_neighbour

ROOT = Path(__file__).parents[2]
GUESTS, SHIM = Path(__file__).parent / "guests", ROOT / "benchmarks/peers/loaders/shim.py"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("protocol", "environment"), [("torch-world", "torch-world"), ("stable-worldmodel", "swm")])
def test_lewm(tmp_path: Path, protocol: str, environment: str) -> None:
    """Rolled out at once, in two parts and among others it foresees the same, and what is done matters."""
    python = ROOT / "out/peers" / environment / "bin/python"
    if not python.exists():
        pytest.skip(f"{python} is not built")
    for file in (GUESTS / "wheels.py", SHIM):
        shutil.copy(file, tmp_path)
    lines = ["size = [64, 64]", "frame_ms = 500", "actions = 2", f"protocol = '{protocol}'", f"python = '{python}'"]
    lines.append(f"make = 'wheels.py:{protocol.replace('-', '_')}'")
    (tmp_path / "subject.toml").write_text("\n".join(lines), encoding="utf-8")
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (3, 2, 64, 64, 3), dtype=np.uint8)
    actions = rng.uniform(-1, 1, (3, 6, 2)).astype(np.float32)
    with open_neighbour(f"{protocol}:{tmp_path}") as subject:
        assert subject.parameters > 10_000
        seen = subject.embed(pictures)
        assert seen.shape == (3, 2, 32)
        assert np.abs(seen[0] - seen[1]).max() > 1e-3
        state = subject.begin(pictures[:, :1])
        whole = subject.ahead(state, actions).embeddings
        first = subject.ahead(state, actions[:, :4])
        rest = subject.ahead(first.state, actions[:, 4:])
        assert np.concatenate([first.embeddings, rest.embeddings], 1) == pytest.approx(whole, abs=1e-5)
        many = subject.ahead(subject.begin(np.repeat(pictures[:1, :1], 3, 0)), actions).embeddings
        assert many[:1] == pytest.approx(whole[:1], abs=1e-5)
        assert np.abs(many[1] - many[0]).max() > 1e-4
