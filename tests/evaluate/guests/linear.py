"""Models of known behaviour behind the two protocols: an embedding is a picture's mean colour, and each action moves it by WEIGHTS."""

from __future__ import annotations

import os
import time

import torch
from torch import Tensor, nn

WEIGHTS = ((0.5, 0.0, -0.25), (0.0, 1.0, 0.125))


class Linear(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor(WEIGHTS))

    def colours(self, pixels: Tensor) -> Tensor:
        return pixels.mean((-1, -2))


class World(Linear):
    """As torch-world's: it looks back on three latents, and what it predicts depends on the oldest of them."""

    history = 3

    def encode(self, pixels: Tensor) -> Tensor:
        print("a library says hello")
        return self.colours(pixels)

    def predict(self, z: Tensor, actions: Tensor) -> Tensor:
        return z[:, -1:] + (actions @ self.weights)[:, -1:] + 0.01 * z[:, :1]

    def rollout(self, z: Tensor, actions: Tensor) -> Tensor:
        for t in range(z.size(1), actions.size(1) + 1):
            back = slice(max(0, t - self.history), t)
            z = torch.cat([z, self.predict(z[:, back], actions[:, back])], 1)
        return z


class Stable(Linear):
    """As stable-worldmodel's."""

    def encode(self, info: dict[str, Tensor]) -> dict[str, Tensor]:
        return info | {"emb": self.colours(info["pixels"])}

    def rollout(self, info: dict[str, Tensor], plans: Tensor) -> dict[str, Tensor]:
        begun = self.encode({"pixels": info["pixels"][:, 0]})["emb"][:, None].expand(-1, plans.size(1), -1, -1)
        return info | {"predicted_emb": torch.cat([begun, begun + (plans @ self.weights).cumsum(2)], 2)}


class Tricky(World):
    """Does what is wrong, as the first number of the last action says."""

    def rollout(self, z: Tensor, actions: Tensor) -> Tensor:
        match round(float(actions[0, -1, 0])):
            case 1:
                return super().rollout(z, actions) * float("nan")
            case 2:
                raise RuntimeError("the predictor is out of tune")
            case 3:
                return super().rollout(z, actions)[:, :-1]
            case 4:
                return torch.zeros(3)
            case 5:
                time.sleep(600)
            case 6:
                os.write(2, b"free(): invalid pointer\n")
                os._exit(134)
        return super().rollout(z, actions)


def world() -> World:
    return World()


def stable() -> Stable:
    return Stable()


def tricky() -> Tricky:
    return Tricky()


def nothing() -> World:
    raise FileNotFoundError("lewm.pt")
