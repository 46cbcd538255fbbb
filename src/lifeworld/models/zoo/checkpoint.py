"""A model on the disk: weights as safetensors, with what it is, what it learned from and how far it came in the file's own header.

model/
  model.safetensors       the weights to use (averaged), with their card
  training.safetensors    what going on with training needs; delete it when the model is finished (training/resume.py)
  log.jsonl, log.sqlite   the course of the training (training/logs.py)
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import torch

from lifeworld.models.dreamer import Dreamer
from lifeworld.models.familiar import Familiar
from lifeworld.models.training.weights import WEIGHTS, fill, read_tensors, write_tensors
from lifeworld.models.zoo.card import Card, read_card
from lifeworld.models.zoo.kinds import kind


def save(folder: Path, model: torch.nn.Module, card: Card) -> None:
    """Put a model into a folder, in place of the one there."""
    write_tensors(folder / WEIGHTS, dict(model.state_dict()), msgspec.json.encode(card).decode())


def load(path: Path | str) -> tuple[Dreamer, Card]:
    """The model of a folder or of a `.safetensors` file, ready to dream.

    Raises:
        UnsafeFile: if it is a pickle.
        UnreadableFile: if it is no model, is damaged, or is of another version.
    """
    path = Path(path)
    file = path / WEIGHTS if path.is_dir() else path
    tensors, said = read_tensors(file)
    card = read_card(said, str(file), lambda name: kind(name).shape)
    with torch.random.fork_rng(devices=[]):  # its weights are drawn, then thrown away: nobody's random numbers change by it
        model = kind(card.kind).model(card.shape)
    model.familiar = Familiar.like({n: t for n, t in tensors.items() if n.startswith("familiar.")})
    fill(model, tensors, where=str(file))
    return model.eval().requires_grad_(False), card
