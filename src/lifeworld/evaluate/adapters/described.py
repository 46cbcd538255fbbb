"""What somebody says of a model of theirs, in a file beside it, so that it can be asked like ours.

    protocol = "torch-world"                  # or "stable-worldmodel": the methods that it has
    make = "lewm.py:model"                    # a function of a file beside this one; it gives the network
    weights = "lewm.pt"                       # its state_dict, if `make` does not load it
    python = "../venv/bin/python"             # whose Python runs it; ours, if not said
    size = [64, 64]                           # height and width of the pictures that it knows [px]
    frame_ms = 400                            # how far they are apart
    stream = "rgb@above"                      # what they are called in a bundle; any that there is, if not said
    actions = 2                               # numbers between two of them
    action_mean = [0.0, 0.0]                  # taken off what it is told, which is then divided by action_std
    action_std = [0.6, 0.6]
    pixel_mean = [0.5, 0.5, 0.5]              # the same of pictures, in 0..1
    pixel_std = [0.5, 0.5, 0.5]

Only protocol, make, size, frame_ms and actions must be there. The file names code to be run, as much as any Python file does: nothing is
run unless somebody asks for it by the name of its protocol (`lifeworld evaluate torch-world:mine/subject.toml …`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from lifeworld.core.errors import InputError, UnreadableFile, UnsafeFile

Protocol = Literal["torch-world", "stable-worldmodel"]
PROTOCOLS: tuple[Protocol, ...] = ("torch-world", "stable-worldmodel")
MOST_SIDE, MOST_ACTIONS = 1024, 4096


class Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See the head of this file."""

    protocol: Protocol
    make: str
    size: tuple[int, int]
    frame_ms: float
    actions: int
    name: str = ""
    stream: str | None = None
    weights: str | None = None
    python: str | None = None
    action_mean: tuple[float, ...] | None = None
    action_std: tuple[float, ...] | None = None
    pixel_mean: tuple[float, float, float] | None = None
    pixel_std: tuple[float, float, float] | None = None


def read_described(path: Path) -> Described:
    """What the file says.

    Raises:
        UnreadableFile: if there is none, or it is not TOML.
        InputError: naming the key that is missing, unknown or wrong.
        UnsafeFile: if it names code or weights that lie outside its own folder.
    """
    if not path.is_file():
        raise UnreadableFile("there is no description of a model here", where=str(path), expected="a TOML file (docs/neighbours.md)")
    try:
        said = msgspec.toml.decode(path.read_bytes(), type=Described)
    except msgspec.ValidationError as error:
        raise InputError("a model is described otherwise", where=str(path), got=str(error), expected="see docs/neighbours.md") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile("this is not TOML", where=str(path), got=str(error)) from error
    _check(said, path)
    return said


def sha256_of(path: Path, said: Described) -> str:
    """A hash of what the model is: what is said of it, the file that makes it and its weights."""
    digest = hashlib.sha256()
    for name in (path.name, _maker(said)[0], *([said.weights] if said.weights else [])):
        with (path.parent / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _check(said: Described, path: Path) -> None:
    where = str(path)
    file, function = _maker(said)
    if not file.endswith(".py") or not function.isidentifier():
        raise InputError("nobody is named who makes the model", where=f"{where}: make", got=said.make, expected="lewm.py:model")
    for key, name in (("make", file), ("weights", said.weights)):
        if name is None:
            continue
        if not (path.parent / name).resolve().is_relative_to(path.parent.resolve()):
            raise UnsafeFile("a file outside its own folder", where=f"{where}: {key}", got=name, fix="Put it beside the description.")
        if not (path.parent / name).is_file():
            raise UnreadableFile("there is no such file", where=f"{where}: {key}", got=name)
    if not all(1 <= side <= MOST_SIDE for side in said.size):
        raise InputError("pictures are not of that size", where=f"{where}: size", got=said.size, expected=f"1 to {MOST_SIDE}")
    if not 0.1 <= said.frame_ms <= 3_600_000:
        raise InputError("pictures are not so far apart", where=f"{where}: frame_ms", got=said.frame_ms, expected="0.1 ms to an hour")
    if not 1 <= said.actions <= MOST_ACTIONS:
        raise InputError("nobody does so many numbers", where=f"{where}: actions", got=said.actions, expected=f"1 to {MOST_ACTIONS}")
    for key in ("action_mean", "action_std", "pixel_mean", "pixel_std"):
        numbers, count = getattr(said, key), said.actions if key.startswith("action") else 3
        if numbers is not None and (len(numbers) != count or (key.endswith("std") and min(numbers) <= 0)):
            wanted = f"{count} numbers" + (" over 0" if key.endswith("std") else "")
            raise InputError("these do not fit", where=f"{where}: {key}", got=list(numbers), expected=wanted)


def _maker(said: Described) -> tuple[str, str]:
    file, _, function = said.make.rpartition(":")
    return file, function
