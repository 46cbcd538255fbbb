"""Somebody else's model, at home in its own Python: `python guest.py SUBJECT.toml`, then arrays in and arrays out over its pipes.

It is run by path, in the environment that the model needs, and so imports NumPy and PyTorch and nothing of lifeworld. The file that it is
told says who makes the model (`evaluate/adapters/described.py` has the format, and checks it before anybody is started). Two protocols
are known, and nothing of the libraries that they are named after is imported here: whoever has these methods is welcome.

    torch-world          encode(pixels_BTCHW) -> z_BT…, rollout(z_BT…, actions_BTA) -> z_BT…, history
    stable-worldmodel    encode({"pixels": …}) -> {"emb": z_BTD, …}, rollout({"pixels": …}, actions_BSTA) -> {"predicted_emb": …}

On the wire is a frame: its length in 8 bytes (little-endian), a head in JSON of that length, and the arrays that the head names.
Shapes: B batch, S plans tried from one state, T time, C colours, H height, W width, A numbers of an action, D numbers of an embedding.

Source: torch-world 0.2.0, models/base.py; stable-worldmodel 0.1.1, wm/lewm/lewm.py and wm/pldm/pldm.py.
"""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Arrays = dict[str, NDArray[Any]]


class TorchWorld:
    """A `torch_world.models.WorldModel`. A state is the latents so far, as many as it looks back on, and the actions between them."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def embed(self, pixels_BTCHW: Tensor) -> Tensor:
        return _numbers(self.model.encode(pixels_BTCHW), "encode").flatten(2)

    def begin(self, pixels_BTCHW: Tensor) -> dict[str, Tensor]:
        z = _numbers(self.model.encode(pixels_BTCHW), "encode")
        return {"z": z, "past": z.new_zeros(len(z), 0, 0)}

    def ahead(self, state: dict[str, Tensor], actions_BTA: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        z, past = state["z"], state["past"]
        done = torch.cat([past, actions_BTA], 1) if past.numel() else actions_BTA
        rolled = _numbers(self.model.rollout(z, done), "rollout")
        back = getattr(self.model, "history", None) or rolled.shape[1]
        kept = rolled[:, -back:]
        between = done[:, done.shape[1] - (kept.shape[1] - 1) :]
        return {"z": kept, "past": between}, rolled[:, z.shape[1] :].flatten(2)


class StableWorldModel:
    """A model of stable-worldmodel: LeWM, PLDM and their like. A state is the picture that was begun from and all actions since.

    Its `rollout` always begins from pictures, so what comes later is rolled out from there again.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def embed(self, pixels_BTCHW: Tensor) -> Tensor:
        return _numbers(self.model.encode({"pixels": pixels_BTCHW})["emb"], "encode").flatten(2)

    def begin(self, pixels_BTCHW: Tensor) -> dict[str, Tensor]:
        return {"pixels": pixels_BTCHW, "past": pixels_BTCHW.new_zeros(len(pixels_BTCHW), 0, 0)}

    def ahead(self, state: dict[str, Tensor], actions_BTA: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        pixels, past = state["pixels"], state["past"]
        done = torch.cat([past, actions_BTA], 1) if past.numel() else actions_BTA
        # Its own axis for many plans from one state: the picture is encoded once.
        same = len(pixels) > 1 and bool((pixels == pixels[:1]).all())
        some, plans = (pixels[:1, None], done[None]) if same else (pixels[:, None], done[:, None])
        info = {"pixels": some.expand(-1, plans.shape[1], -1, -1, -1, -1)}
        rolled = _numbers(self.model.rollout(info, plans)["predicted_emb"], "rollout").flatten(0, 1).flatten(2)
        return {"pixels": pixels, "past": done}, rolled[:, -actions_BTA.shape[1] :]


PROTOCOLS: dict[str, Callable[..., TorchWorld | StableWorldModel]] = {"torch-world": TorchWorld, "stable-worldmodel": StableWorldModel}


def main() -> None:
    """Make the model, say what it is, then answer until nobody asks any more."""
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the model's own code prints must not be taken for an answer
    try:
        home, told = Path(sys.argv[1]).parent, tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        torch.set_num_threads(int(sys.argv[2]))
        model = made(home, told)
        host = PROTOCOLS[told["protocol"]](model)
        pixels, actions = Scale(told, "pixel"), Scale(told, "action")
    except Exception as error:  # whatever their code raises is said to who asked, who has a type for it
        write(wire, {"error": _said(error)})
        return
    write(wire, {"parameters": sum(p.numel() for p in model.parameters())})
    while (asked := read(sys.stdin.buffer)) is not None:
        head, given = asked
        try:
            with torch.inference_mode():
                say = answer(host, head["call"], given, pixels, actions)
        except Exception as error:
            write(wire, {"error": _said(error), "busy_s": time.process_time()})
        else:
            write(wire, {"busy_s": time.process_time()}, say)


def answer(host: TorchWorld | StableWorldModel, call: str, given: Arrays, pixels: Scale, actions: Scale) -> Arrays:
    """What a call gives back: `embed` and `begin` take `pictures` uint8 (B, T, H, W, 3), `ahead` a state and `actions` (B, T, A)."""
    if call == "ahead":
        state = {name: torch.from_numpy(value) for name, value in given.items() if name != "actions"}
        after, embeddings = host.ahead(state, actions(torch.from_numpy(given["actions"])))
        return {name: value.numpy() for name, value in after.items()} | {"embeddings": embeddings.float().numpy()}
    frames = pixels(torch.from_numpy(given["pictures"]).movedim(-1, 2).float() / 255, axis=2)
    if call == "begin":
        return {name: value.numpy() for name, value in host.begin(frames).items()}
    return {"embeddings": host.embed(frames).float().numpy()}


class Scale:
    """Numbers as the model takes them: less a mean, over a spread, as the file says them (`pixel_mean`, `pixel_std` …)."""

    def __init__(self, told: dict[str, Any], of: str) -> None:
        self.mean, self.std = (torch.tensor(told[f"{of}_{what}"]) if f"{of}_{what}" in told else None for what in ("mean", "std"))

    def __call__(self, values: Tensor, axis: int = -1) -> Tensor:
        shape = [1] * values.ndim
        shape[axis] = -1
        values = values if self.mean is None else values - self.mean.view(shape)
        return values if self.std is None else values / self.std.view(shape)


def made(home: Path, told: dict[str, Any]) -> torch.nn.Module:
    """The model that the file's function makes, with the weights that lie beside it."""
    file, _, name = told["make"].rpartition(":")
    spec = importlib.util.spec_from_file_location("guest_model", home / file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(home.resolve()))
    spec.loader.exec_module(module)
    model: torch.nn.Module = getattr(module, name)()
    if "weights" in told:
        model.load_state_dict(torch.load(home / told["weights"], map_location="cpu", weights_only=True))
    return model.eval().requires_grad_(False)


def write(pipe: BinaryIO, head: dict[str, Any], arrays: Arrays | None = None) -> None:
    """One frame."""
    whole = {name: np.ascontiguousarray(value) for name, value in (arrays or {}).items()}
    listed = [{"name": name, "dtype": value.dtype.str, "shape": value.shape} for name, value in whole.items()]
    said = json.dumps(head | {"arrays": listed}).encode()
    pipe.write(struct.pack("<Q", len(said)) + said)
    for value in whole.values():
        pipe.write(value.tobytes())
    pipe.flush()


def read(pipe: BinaryIO) -> tuple[dict[str, Any], Arrays] | None:
    """The next frame; None where there is none any more."""
    if len(size := pipe.read(8)) < 8:
        return None
    head = json.loads(pipe.read(struct.unpack("<Q", size)[0]))
    arrays = {}
    for each in head["arrays"]:
        kind, shape = np.dtype(each["dtype"]), tuple(each["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        arrays[each["name"]] = np.frombuffer(bytearray(pipe.read(count * kind.itemsize)), kind).reshape(shape)
    return head, arrays


def _numbers(value: object, method: str) -> Tensor:
    """What a method gave back, if it is a tensor of a batch over time."""
    if not isinstance(value, Tensor) or value.ndim < 3:
        got = f"a tensor {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(f"{method} gave {got}, not a tensor (batch, time, numbers …)")
    return value


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
