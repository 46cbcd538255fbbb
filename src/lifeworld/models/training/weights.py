"""Tensors on the disk: a `.safetensors` file with a text in its header, put in place whole.

A pickle is never opened: it runs code.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lifeworld.core.errors import UnreadableFile, UnsafeFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file

WEIGHTS, TRAINING = "model.safetensors", "training.safetensors"
_KEY = "lifeworld"
_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")


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
