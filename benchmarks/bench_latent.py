"""Whether dreams obey, and what inferred actions know of true ones: push_table, CoinRun, and the car that was driven by a person.

Each model learns for about STEPS updates of one core, seed 0; plays and models are kept under out/latent: delete them to begin anew. Every
number is of held-out episodes. Beside what latents tell of the keys stands what a network of the same size tells that was taught with them:
what the pictures do not show, nobody can infer from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.bench_nano import played
from benchmarks.parts import NotHere
from benchmarks.row import Row
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import DELTA_AT, score
from lifeworld.models.actions.adapter import learned
from lifeworld.models.actions.codes import levels
from lifeworld.models.actions.inferred import Inferred
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.data.tensors import tensors
from lifeworld.models.dreamer import Dreamer, roll
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.layers.short import shortened
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.meaning.probe import Probed, probed, worth
from lifeworld.models.play.player_torch import PlayerTorch
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import train
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.kinds import fresh
from lifeworld.worlds.game.play import play_to

LONG_S = 2400

OUT, CAR = Path("out/latent"), Path(__file__).parents[2] / "shared" / "data" / "rc_car"
STEPS, TAUGHT_STEPS, HORIZON, AHEAD = 700, 400, 16, 16
LATE = 3
"""Moments, about a quarter of a second, within which what was done shows."""
NMI_BAR, R2_BAR = 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Domain:
    """Where it lies, which numbers (or keys) latents should tell, and how many codes are tried beside numbers."""

    name: str
    data: Path
    tells: tuple[str, ...]
    keys: bool = False
    codes: int = 0


def run_long() -> Iterator[Row]:
    """Measure all domains that are here."""
    table = played(Path("out/nano/plays"), 200, 16.0, seed=11)
    coinrun = play_to(OUT / "coinrun", "coinrun", minutes=40.0, seed=0)
    domains = [
        Domain("push_table", table, ("x_m_s", "y_m_s")),
        Domain("coinrun", coinrun, ("left", "right", "up", "down"), keys=True, codes=8),
    ]
    if CAR.exists():
        domains.append(Domain("car", CAR, ("steering",)))
    with on_threads(1):
        for domain in domains:
            yield from measured(domain)
    if not CAR.exists():
        raise NotHere(f"the recordings of the car, {CAR}")


def measured(domain: Domain) -> Iterator[Row]:
    """What true and latent actions are worth in one domain, and what the latents tell."""
    footage = _opened(domain, actions=True)
    mute = _opened(domain, actions=False)
    assert footage.doing is not None
    yield Row(f"{domain.name}: held-out episodes", len(np.unique(_held(footage)[1])), "", note=f"data {footage.sha256[:12]}")
    true = Shape(actions=len(footage.doing.mean))
    yield from _worth(f"{domain.name}, true", _model(domain, "true", true, footage), footage)
    taught = _taught(footage)
    yield from _told(f"{domain.name}, taught with the labels", probed(taught, footage), domain, bars=False)
    shapes = {"4 numbers": Shape(actions=4, latent=True)}
    if domain.codes:
        shapes[f"{domain.codes} codes"] = Shape(actions=len(levels(domain.codes)), latent=True, codes=domain.codes)
    for name, shape in shapes.items():
        model = _model(domain, name.replace(" ", "_"), shape, mute)
        yield from _worth(f"{domain.name}, {name}", model, mute)
        found = probed(model, footage)
        yield from _told(f"{domain.name}, {name}", found, domain, bars=True)
        yield from _adapted(f"{domain.name}, {name}", model, found, footage)


def _opened(domain: Domain, *, actions: bool) -> Footage:
    return open_footage(domain.data, size=(64, 64), length=4 + AHEAD, cache=OUT / "cache", actions=actions)


def _held(footage: Footage) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of the held-out clips, and of which episode each is."""
    numbers = footage.numbers(held_out=True, hop=AHEAD)
    return numbers, footage.episodes(numbers)


def _model(domain: Domain, name: str, shape: Shape, footage: Footage) -> Dreamer:
    """Learn, unless it is done."""
    folder = OUT / f"{domain.name}_{name}"
    if not (folder / "model.safetensors").is_file():
        done = train(Rolls(fresh(shape, footage.doing, seed=0), Plan(steps=STEPS), horizon=HORIZON), footage, folder)
        save(folder, done.average, Card.of(shape, footage, steps=done.step, seed=0))
    return load(folder)[0]


def _worth(name: str, model: Dreamer, footage: Footage) -> Iterator[Row]:
    card = Card.of(model.shape, footage, steps=STEPS, seed=0)
    found = score(SubjectDream(PlayerTorch(model, card)), footage, horizon=AHEAD)
    yield Row(f"{name}: actions are worth, after 4 (Δ4)", found.delta_db[0], "dB", n=found.clips)
    yield Row(f"{name}:   at least, with 95 % certainty", found.delta_bounds_db[0], "dB", 0.0)
    yield Row(f"{name}:   at most", found.delta_bounds_db[1], "dB")
    at = found.horizons.index(8)
    yield Row(f"{name}: changing pixels after 8", found.model.changing[at], "dB")
    yield Row(f"{name}:   copying the last picture", found.copying.changing[at], "dB")


def _told(name: str, found: Probed, domain: Domain, *, bars: bool) -> Iterator[Row]:
    """What a linear probe reads of the latents of the moment itself, and of those up to LATE moments after it too."""
    for after in (0, LATE):
        what = f"{name}, latents up to {after} after" if after else f"{name}, latents"
        if domain.keys:
            for keys in (("left", "right"), ("up", "down"), domain.tells):
                bar = NMI_BAR if bars and after and keys == domain.tells else None
                yield Row(f"{what}: NMI with {' '.join(keys)}", found.nmi(*keys, after=after), "", bar)
        else:
            told = found.r2(after=after)
            for key in domain.tells:
                yield Row(f"{what}: R² of {key}", told[key], "", R2_BAR if bars and after else None)


def _adapted(name: str, model: Dreamer, found: Probed, footage: Footage) -> Iterator[Row]:
    """What true actions are worth by way of an adapter, learned from the probes' moments (at most five minutes)."""
    assert footage.doing is not None
    latents, actions, of = (each[0][:250] for each in (found.latents, found.actions, found.episodes))
    steps = levels(model.codes) if model.codes else ()
    adapter = learned(footage.doing, latents, actions, of, levels=steps)
    yield Row(f"{name}: latents explained by an adapter", adapter.explained, "", n=adapter.moments)
    numbers, episodes = _held(footage)
    frames, done = tensors(footage.windows(numbers))
    assert done is not None
    context = model.shape.context
    told = torch.from_numpy(adapter(np.roll(done.numpy(), adapter.late, axis=1))).float()  # as late as it shows; the context is longer
    others = np.random.Generator(np.random.PCG64(0)).permutation(len(numbers))
    with torch.inference_mode():
        ends = [roll(model, frames[:, :context], each[:, context - 1 : context - 1 + DELTA_AT])[0][:, -1] for each in (told, told[others])]
    truth = frames[:, context + DELTA_AT - 1]
    squared = [(each - truth).square().mean((1, 2, 3)).double().numpy() for each in ends]
    delta = worth(squared[0], squared[1], episodes, seed=0)
    yield Row(f"{name}: true actions by an adapter are worth (Δ4)", delta.value, "dB")
    yield Row(f"{name}:   at least, with 95 % certainty", delta.low, "dB", 0.0)


class _Taught(nn.Module):
    """The network that infers, taught with what was done instead."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.inferred = Inferred(numbers)

    def between(self, frames: Tensor) -> Tensor:
        return self.inferred.between(frames)


def _taught(footage: Footage) -> _Taught:
    assert footage.doing is not None
    mean, std = torch.tensor(footage.doing.mean), torch.tensor(footage.doing.std)
    torch.manual_seed(0)
    model = _Taught(len(mean))
    rule = torch.optim.AdamW(model.parameters(), lr=1.5e-3)
    for step in range(TAUGHT_STEPS):
        frames, actions = tensors(footage.cut(16).batch(step, 8, seed=0))
        assert actions is not None
        with shortened(torch.device("cpu")):
            said = model.between(frames)
        cost = (said.float()[:, 1:] - (actions[:, 1:] - mean) / (3 * std)).square().mean()
        rule.param_groups[0]["lr"] = 1.5e-3 * min(1.0, (step + 1) / 50) * (1 - step / TAUGHT_STEPS)
        rule.zero_grad()
        torch.autograd.backward(cost)
        rule.step()
    return model.eval().requires_grad_(False)
