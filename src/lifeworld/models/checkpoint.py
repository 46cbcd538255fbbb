"""A model on the disk: weights as safetensors, with what it is, what it learned from and how far it came in the file's own header.

    model/
      model.safetensors       the weights to use (averaged), with their card
      training.safetensors    what going on with training needs; delete it when the model is finished (resume.py)
      log.jsonl, log.sqlite   the course of the training (logs.py)

Each file is written beside and put in place whole. A pickle is never opened: it runs code.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lifeworld.core.errors import InputError, UnreadableFile, UnsafeFile
from lifeworld.core.write import replace_file
from lifeworld.models.data import Footage
from lifeworld.models.doing import Doing
from lifeworld.models.dreamer import Dreamer, Sizes
from lifeworld.models.kinds import kind, kind_of

FORMAT = 2
WEIGHTS, TRAINING = "model.safetensors", "training.safetensors"
_KEY = "lifeworld"
_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is and what it was made of.

    `kind` is one of `kinds.KINDS` and `shape` the sizes that such a model has. `episodes` are the uids that it learned from and
    `data_sha256` their hash; `doing` says what its actions are, None for latent ones; `scores` hold what was measured on held-out episodes,
    by name.
    """

    kind: str
    shape: Any
    stream: str
    frame_ns: int
    doing: Doing | None
    data_sha256: str
    episodes: tuple[str, ...]
    steps: int
    seed: int
    made_with: str
    format: int = FORMAT
    scores: dict[str, float] = {}

    @classmethod
    def of(cls, shape: Sizes, footage: Footage, *, steps: int, seed: int) -> Card:
        """The card of a model that learned so many steps from this footage."""
        return cls(
            kind=kind_of(shape),
            shape=shape,
            stream=footage.stream,
            frame_ns=footage.frame_ns,
            doing=footage.doing,
            data_sha256=footage.sha256,
            episodes=tuple(footage.uids),
            steps=steps,
            seed=seed,
            made_with=f"lifeworld {version('lifeworld')}, torch {torch.__version__}",
        )


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
    card = _card(said, file)
    with torch.random.fork_rng(devices=[]):  # its weights are drawn, then thrown away: nobody's random numbers change by it
        model = kind(card.kind).model(card.shape)
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
    """Tensors and a text as one file, whole or not at all."""
    with replace_file(path) as beside:
        save_file({name: t.detach().contiguous() for name, t in tensors.items()}, beside, {_KEY: said})
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


def _card(said: str, file: Path) -> Card:
    try:
        found = msgspec.json.decode(said, type=dict[str, Any])
        if found.get("format") != FORMAT:
            raise UnreadableFile(
                "this model is of another version",
                where=str(file),
                got=found.get("format"),
                expected=FORMAT,
                fix="Train it again with lifeworld learn.",
            )
        card = msgspec.convert(found, Card)
        return msgspec.structs.replace(card, shape=msgspec.convert(card.shape, kind(card.kind).shape))
    except (msgspec.DecodeError, InputError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile("the card of this model cannot be read", where=str(file), got=str(error)) from error
