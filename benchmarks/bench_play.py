"""Playing: pictures a second of one dream on PyTorch and on ONNX Runtime, time to the first one, and strangers told from home.

Pictures a second are of processor time of one thread; on two threads of the clock, which others on the machine slow down.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.bench_nano import OUT, READY, unseen
from benchmarks.parts import NotHere
from benchmarks.row import Row
from lifeworld.core.errors import InputError
from lifeworld.models.data.doing import Doing
from lifeworld.models.data.footage import open_footage
from lifeworld.models.data.tensors import tensors
from lifeworld.models.dreamer import Dreamer, Sizes
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.familiar import sureness, told_apart
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.play.onnx import write_onnx
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.kinds import fresh, kind_of
from lifeworld.models.zoo.sizes import SIZES, shape_of

SHARE_S = 25
LONG_S = 240

PICTURES = 200
SHARED = Path(__file__).parents[2] / "shared" / "data"
STRANGERS = {"CoinRun": Path("out/latent/coinrun"), "a real car": SHARED / "rc_car" / "tub", "films of rooms and streets": SHARED / "clips"}
"""Other domains, where they are at hand; CoinRun's plays are made by the long part of `latent`."""
CLIPS = 256
_COMMON: dict[str, Any] = {"height": 64, "width": 64, "actions": 2, "context": 4, "latent": False}
FIRST = (
    "import sys, numpy as np; from lifeworld.models.play.dream import WorldDream\n"
    "world = WorldDream(sys.argv[1]); state = world.reset(np.zeros((4, 64, 64, 3), np.uint8), seed=0)\n"
    "world.observe(world.step(state, {}), ['rgb'])"
)


def run() -> Iterator[Row]:
    """Play, wait for the first picture, look at strangers."""
    with tempfile.TemporaryDirectory() as scratch:
        yield from played(Path(scratch))
    yield from estranged(READY, unseen())


def run_long() -> Iterator[Row]:
    """Play a small model, which takes a minute to export; then each kind, nano and small, by PyTorch."""
    with tempfile.TemporaryDirectory() as scratch:
        shape = shape_of("forcing", "small", **_COMMON)
        yield from _shown("small forcing, ", _exported(Path(scratch), shape), pictures=40, bar=20, of_two=True)
    for size, count in (("nano", 40), ("small", 12)):
        for name in SIZES:
            if size in SIZES[name]:
                yield from _stepped(name, size, count)


def played(scratch: Path) -> Iterator[Row]:
    """How fast a nano model plays; what its weights are does not matter here."""
    paths = _exported(scratch, Shape())
    yield from _shown("", paths, pictures=PICTURES, bar=100)
    for name, path in paths.items():
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", FIRST, str(path)], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        yield Row(f"{name}: from the start of Python to the first picture, of processor time", spent, "s", 2, lower=True)
        yield Row(f"{name}: and on the clock", time.perf_counter() - begin, "s", lower=True)


def _stepped(name: str, size: str, count: int) -> Iterator[Row]:
    """How many numbers a kind has, and how long a step of one dream takes with its picture; weights by chance, as they change nothing."""
    shape = shape_of(name, size, **_COMMON)
    with tempfile.TemporaryDirectory() as scratch:
        _saved(Path(scratch), shape)
        world, taken_s = WorldDream(Path(scratch), threads=1), list[float]()
    numbers = sum(p.numel() for p in world.model.parameters())
    state = world.reset(np.zeros((4, 64, 64, 3), np.uint8), seed=0)
    for _ in range(count + 5):
        begin = time.process_time()
        state = world.step(state, {})
        world.observe(state, ["rgb"])
        taken_s.append(time.process_time() - begin)
    yield Row(f"{name}, {size}: numbers", numbers / 1e6, "M")
    yield Row("  a step of one dream, shown: processor time, median", 1e3 * float(np.median(taken_s[5:])), "ms", n=count)


def _saved(folder: Path, shape: Sizes) -> None:
    """A model that learned nothing."""
    doing = Doing(streams=("action@pusher",), names=(("x", "y"),), choices=(False,), low=(-1, -1), high=(1, 1), mean=(0, 0), std=(1, 1))
    card = Card(
        kind=kind_of(shape),
        shape=shape,
        stream="rgb@above",
        frame_ns=80_000_000,
        doing=doing,
        data_sha256="",
        episodes=(),
        steps=0,
        seed=0,
        made_with="",
    )
    save(folder, fresh(shape, doing, seed=0), card)


def _exported(scratch: Path, shape: Sizes) -> dict[str, Path]:
    """A model that learned nothing, and its graphs."""
    _saved(scratch / "model", shape)
    write_onnx(scratch / "model", scratch / "graphs")
    return {"PyTorch": scratch / "model", "ONNX Runtime": scratch / "graphs"}


def _shown(what: str, paths: dict[str, Path], *, pictures: int, bar: float, of_two: bool = False) -> Iterator[Row]:
    """Pictures a second of one core, and by the clock on two threads; `of_two`: the bar is on these, of ONNX Runtime."""
    for name, path in paths.items():
        for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
            world = WorldDream(path, threads=threads)
            state = world.reset(np.zeros((4, 64, 64, 3), np.uint8), seed=0)
            count = pictures if threads == 1 else max(10, pictures // 10)  # threads that wait for each other can be very slow
            for i in range(count + 10):
                if i == 10:
                    begin = clock()
                state = world.step(state, {})
                world.observe(state, ["rgb"])
            of = "one core" if threads == 1 else "the clock, two threads"
            judged = name == "ONNX Runtime" and threads == 2 if of_two else threads == 1
            said = f"{what}{name}: pictures a second of {of}, 64 × 64, shown"
            yield Row(said, count / (clock() - begin), "1/s", bar if judged else None, n=count)


def estranged(model: Path, held_out: Path) -> Iterator[Row]:
    """Whether a model is surer at home, in plays it never saw, than anywhere else."""
    network, _ = load(model)
    with on_threads(1):
        home, alone = sureness(network, _pictures(network, held_out))
        yield Row("at home: how sure it is, of how sure without what is familiar", float((home / alone).mean()), "", 0.95)
        noise = torch.rand(CLIPS, network.shape.context, 3, 64, 64, generator=torch.Generator().manual_seed(0))
        for name, frames in [(n, _pictures(network, p)) for n, p in STRANGERS.items() if p.exists()] + [("noise", noise)]:
            there, there_alone = sureness(network, frames)
            yield Row(f"surer at home than of {name} (AUROC)", told_apart(home, there), "", 0.9, n=len(home) + len(there))
            yield Row("  without what is familiar, by the errors that it learned alone", told_apart(alone, there_alone), "")
    if absent := [name for name, path in STRANGERS.items() if not path.exists()]:
        raise NotHere(", ".join(absent))


def _pictures(network: Dreamer, path: Path) -> torch.Tensor:
    """The first pictures of clips all over a recording."""
    footage = open_footage(path, size=(64, 64), length=network.shape.context, cache=OUT / "cache", actions=False)
    numbers = np.sort(np.concatenate([footage.numbers(held_out=held) for held in (False, True)]))
    if not len(numbers):
        raise InputError("there are no clips", where=str(path))
    return tensors(footage.windows(numbers[np.linspace(0, len(numbers) - 1, min(CLIPS, len(numbers))).astype(int)]))[0]
