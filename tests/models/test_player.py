"""Who plays a model does not matter: PyTorch and ONNX Runtime show the same, and the latter needs no PyTorch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from lifeworld.cli import main
from lifeworld.core.errors import InputError, MissingExtra, UnreadableFile, UnsafeFile
from lifeworld.core.seed import generator
from lifeworld.models.data.footage import open_footage
from lifeworld.models.dynamics.forcing import ForcingShape
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.play.onnx import write_onnx
from lifeworld.models.play.player_onnx import PlayerOnnx
from lifeworld.models.tokens.tokenizer import TokenShape
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.kinds import fresh
from lifeworld.testing.trial import Trial
from lifeworld.testing.world import WORLD_LAWS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # the exporter takes its time


@pytest.fixture(scope="module")
def graphs(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs") / "square.onnx"
    assert main(["export", str(model), "-o", str(folder), "--as", "onnx"]) == 0
    return folder


def test_graphs_show_what_the_network_shows(model: Path, graphs: Path) -> None:
    network, card = load(model)
    player, shape = PlayerOnnx(graphs), card.shape
    assert (player.card.kind, player.card.episodes) == (card.kind, card.episodes)
    rng = generator(0, "pictures")
    for batch in (1, 3):
        frames = rng.random((batch, shape.context, 3, shape.height, shape.width), dtype=np.float32)
        actions = rng.uniform(-20, 20, (batch, 8, shape.actions)).astype(np.float32)
        state = player.encode(frames)
        with torch.no_grad():
            expected: Any = network.encode(torch.from_numpy(frames))
            for tick in range(8):
                state = player.step(state, actions[:, tick])
                expected = network.step(expected, torch.from_numpy(actions[:, tick]))
                expected = expected._replace(frame=expected.frame.clamp(0, 1))
                np.testing.assert_allclose(state["frame"], expected.frame.numpy(), atol=1e-4)
                np.testing.assert_allclose(state["sure"], expected.sure.numpy(), atol=1e-2)


def test_kinds_in_tokens_are_played_too_in_batches_of_any_size(bundle: Path, tmp_path: Path) -> None:
    footage = open_footage(bundle, size=(16, 16), length=3, cache=tmp_path)
    tokens = TokenShape(height=16, width=16, channels=4, wide=8, deep=16, fine=8, layers=1, heads=2)
    shape = ForcingShape(tokens=tokens, context=2, deep=16, layers=2, heads=2, registers=1, window=3)
    network = fresh(shape, footage.doing, seed=0)
    save(tmp_path / "model", network, Card.of(shape, footage, steps=1, seed=0))
    write_onnx(tmp_path / "model", tmp_path / "graphs")
    player, rng = PlayerOnnx(tmp_path / "graphs"), generator(0, "pictures")
    for batch in (1, 3):
        frames = rng.random((batch, 2, 3, 16, 16), dtype=np.float32)
        actions = rng.uniform(-20, 20, (batch, 5, 2)).astype(np.float32)
        state, expected = player.encode(frames), network.encode(torch.from_numpy(frames))
        with torch.no_grad():
            for tick in range(5):
                state, expected = player.step(state, actions[:, tick]), network.step(expected, torch.from_numpy(actions[:, tick]))
                np.testing.assert_allclose(state["frame"], expected.frame.clamp(0, 1).numpy(), atol=1e-4)


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_laws(law: Callable[[Trial], None], graphs: Path) -> None:
    law(Trial(WorldDream(graphs), tiny.episode(100), seed=3, ticks=5, tolerance=1e-2))


def test_a_dream_begun_by_one_goes_on_in_the_other(model: Path, graphs: Path) -> None:
    one, other = WorldDream(model), WorldDream(graphs)
    state = one.step(one.reset(tiny.episode(1), seed=0), {})
    here, there = (w.observe(w.step(s, {}), ["rgb"])["rgb"].astype(int) for w, s in ((one, state), (other, other.load(one.save(state)))))
    assert np.abs(here - there).max() <= 6  # 16 bits in one, 32 in the other
    with pytest.raises(InputError, match="no network"):
        _ = other.model


def test_playing_graphs_loads_no_torch(graphs: Path) -> None:
    code = (
        "import sys, numpy as np; from lifeworld.models.play.dream import WorldDream\n"
        "world = WorldDream(sys.argv[1]); state = world.reset(np.zeros((2, 16, 16, 3), np.uint8), seed=0)\n"
        "print(world.observe(world.step(state, {}), ['rgb'])['rgb'].shape, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(graphs)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(16, 16, 3) False"


def test_what_are_no_graphs_is_refused(graphs: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, spoil, word in (
        ("half", lambda f: (f / "step.onnx").write_bytes((graphs / "step.onnx").read_bytes()[:5000]), "damaged"),
        ("alone", lambda f: (f / "encode.onnx").unlink(), "missing"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        for file in graphs.glob("*.onnx"):
            (folder / file.name).write_bytes(file.read_bytes())
        spoil(folder)
        with pytest.raises(UnreadableFile, match=word):
            WorldDream(folder)
    with pytest.raises(UnreadableFile, match="no graphs"):
        WorldDream(tmp_path / "nowhere.onnx")
    (tmp_path / "model.pt").write_bytes(b"x")
    with pytest.raises(UnsafeFile):
        write_onnx(tmp_path / "model.pt", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for what, attempt in (("onnxruntime", lambda: PlayerOnnx(graphs)), ("onnxscript", lambda: write_onnx(model, tmp_path / "out"))):
        with monkeypatch.context() as patch:
            patch.setattr(f"lifeworld.models.play.{'player_onnx' if what == 'onnxruntime' else 'onnx'}.find_spec", lambda name: None)
            with pytest.raises(MissingExtra, match=r"lifeworld\[onnx\]"):
                attempt()


def test_export_says_what_it_cannot(model: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for args, word in (
        ((bundle, "--as", "onnx"), "no model"),
        ((model, "--as", "onnx", "--episode", "2"), "has no episodes"),
    ):
        assert main(["export", *map(str, args), "-o", str(tmp_path / "out.onnx"), "--json"]) == 2
        assert word in json.dumps(capsys.readouterr().out)
    assert not (tmp_path / "out.onnx").exists()
