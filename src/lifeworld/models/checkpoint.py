"""A model on the disk: weights as safetensors, with what it is, what it learned from and how far it came in the file's own header.

    model/
      model.safetensors       the weights to use (averaged), with their card
      training.safetensors    what going on with training needs; delete it when the model is finished (resume.py)
      log.jsonl, log.sqlite   the course of the training (logs.py)

Each file is written beside and put in place whole. A pickle is never opened: it runs code.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lifeworld.core.errors import UnreadableFile, UnsafeFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file
from lifeworld.models.card import FORMAT as FORMAT
from lifeworld.models.card import Card as Card
from lifeworld.models.card import read_card
from lifeworld.models.dreamer import Dreamer
from lifeworld.models.familiar import Familiar
from lifeworld.models.kinds import kind

WEIGHTS, TRAINING = "model.safetensors", "training.safetensors"
_KEY = "lifeworld"
_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")


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


def fill(model: torch.nn.Module, tensors: Mapping[str, Tensor], *, where: str) -> None:
    """Put tensors into a model, all of them and nothing else.

    Raises:
        UnreadableFile: if names or shapes differ.
    """
    same_names(model.state_dict(), tensors, where=where)
    model.load_state_dict(dict(tensors))


def same_names(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], *, where: str) -> None:
    """Whether tensors are those of a model.

    Raises:
        UnreadableFile: if names or shapes differ.
    """
    wrong = sorted(own.keys() ^ tensors.keys()) or [n for n in own if own[n].shape != tensors[n].shape]
    if wrong:
        raise UnreadableFile("these are the weights of another model", where=where, got=", ".join(wrong[:3]))


def write_tensors(path: Path, tensors: Mapping[str, Tensor], said: str) -> None:
    """Tensors and a text as one file, whole or not at all.

    Raises:
        StorageError: if the disk is full; what was there before is whole.
    """
    with on_disk(path), replace_file(path) as beside:
        try:
            save_file({name: t.detach().contiguous() for name, t in tensors.items()}, beside, {_KEY: said})
        except SafetensorError as error:  # it says what the disk said in words
            told = re.search(r"os error (\d+)", str(error))
            if told is None:
                raise
            raise OSError(int(told[1]), os.strerror(int(told[1]))) from error
        beside.chmod(0o644)  # it writes for nobody but us


def read_tensors(path: Path) -> tuple[dict[str, Tensor], str]:
    """The tensors and the text of a file.

    Raises:
        UnsafeFile: if it is a pickle.
        UnreadableFile: if it is not there, damaged, or none of ours.
    """
    if path.suffix.lower() in _PICKLES:
        raise UnsafeFile(
            "a pickle runs code when it is opened, so it is not",
            where=str(path),
            expected="a .safetensors file",
            fix="Where you trust it: safetensors.torch.save_file(torch.load(path, weights_only=True), 'weights.safetensors').",
        )
    if not path.is_file():
        raise UnreadableFile(
            "there is no model here", where=str(path), expected=f"a folder with {WEIGHTS}", fix="lifeworld learn DATA -o MODEL"
        )
    try:
        with safe_open(path, "pt") as file:
            said = (file.metadata() or {}).get(_KEY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping, it only has keys()
    except (SafetensorError, OSError, ValueError) as error:
        raise UnreadableFile("this file is damaged, or no safetensors", where=str(path), got=str(error)) from error
    if said is None:
        raise UnreadableFile("these weights do not say what they are", where=str(path), expected="a model made by lifeworld learn")
    return tensors, said
