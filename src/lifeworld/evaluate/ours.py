"""Our own models as subjects: any kind that `lifeworld learn` makes, or its exported graphs.

subject = SubjectDream("model")
subject.gives                                   # pictures, certainty; embeddings and inverse where its kind has them
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.evaluate.subject import Ahead, Gift
from lifeworld.models.play.player import Player, open_player
from lifeworld.models.zoo.ready import located

State = dict[str, NDArray[Any]]


class SubjectDream:
    """A `Subject` of what `models.player` plays.

    Args:
        model: the folder of a model, its weights, the name of one that comes with lifeworld, a folder of graphs, or what plays one.
        name: what the report calls it; None: what its folder is called, or its kind.
        threads: that it runs on, where it is opened here.
    """

    def __init__(self, model: Path | str | Player, *, name: str | None = None, threads: int = 1) -> None:
        self._player: Player = open_player(model, threads=threads) if isinstance(model, (Path, str)) else model
        self.card, self.sha256 = self._player.card, self._player.identity
        shape, self.name = self.card.shape, name or (_called(located(model)) if isinstance(model, (Path, str)) else self.card.kind)
        self.context, self.size, self.frame_ns, self.actions = shape.context, (shape.height, shape.width), self.card.frame_ns, shape.actions
        self.latent: bool = shape.latent
        self.stream: str | None = self.card.stream
        self.learned: frozenset[str] | None = frozenset(self.card.episodes)
        embeds, infers = bool(self._player.embeds), self.actions > 0 and (self.latent or self._player.embeds > 0)
        gives: dict[Gift, bool] = {"pictures": True, "certainty": True, "embeddings": embeds, "inverse": infers}
        self.gives: frozenset[Gift] = frozenset(gift for gift, yes in gives.items() if yes)

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> State:
        """See `Subject`; as many pictures as `context`, or more, of which the last are taken.

        Raises:
            ShapeError: for fewer, or of another size.
        """
        shape, expected = pictures_BTHWC.shape, (self.context, *self.size, 3)
        if len(shape) != 5 or shape[1] < self.context or shape[2:] != expected[1:] or pictures_BTHWC.dtype != np.uint8:
            got = f"{pictures_BTHWC.dtype} {shape}"
            raise ShapeError("a model begins from pictures of its size", where=self.name, got=got, expected=f"uint8 (B, {expected})")
        return self._player.encode(_floats(pictures_BTHWC[:, -self.context :]))

    def ahead(self, state: State, actions_BTA: NDArray[np.float32]) -> Ahead:
        """See `Subject`.

        Raises:
            ShapeError: for actions of another size.
        """
        batch = len(state["frame"])
        if actions_BTA.ndim != 3 or actions_BTA.shape[0] != batch or actions_BTA.shape[2] != self.actions:
            raise ShapeError("actions are not those it knows", where=self.name, got=actions_BTA.shape, expected=(batch, "T", self.actions))
        count = actions_BTA.shape[1]
        pictures = np.empty((batch, count, *self.size, 3), np.uint8)
        certainty = np.empty((batch, count, *self.size), np.float32)
        embeddings = np.empty((batch, count, self._player.embeds), np.float32)
        for tick in range(count):
            state = self._player.step(state, np.ascontiguousarray(actions_BTA[:, tick], np.float32))
            pictures[:, tick] = np.moveaxis(np.rint(state["frame"] * 255).astype(np.uint8), 1, -1)
            certainty[:, tick] = state["known"][:, None, None] / (1 + np.exp(-state["sure"].clip(-80, 80)))
            if self._player.embeds:
                embeddings[:, tick] = state["embedding"]
        return Ahead(state=state, pictures=pictures, certainty=certainty, embeddings=embeddings if self._player.embeds else None)

    def foresee(self, state: State, actions_BTA: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Foresees`; of a kind that embeds."""
        return self._player.ahead(state, np.ascontiguousarray(actions_BTA, np.float32))[1]

    def embed(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Subject`.

        Raises:
            InputError: if its kind embeds nothing.
        """
        if not self._player.embeds:
            fix = "One learned with --goal plan does."
            raise InputError("this kind of model embeds nothing", where=self.name, got=self.card.kind, fix=fix)
        return self._player.embed(_floats(pictures_BTHWC))

    def between(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Subject`.

        Raises:
            InputError: if it infers no actions.
        """
        if "inverse" not in self.gives:
            raise InputError("this model infers no actions", where=self.name)
        return self._player.between(_floats(pictures_BTHWC))


def _called(path: Path) -> str:
    return path.stem if path.is_file() else path.resolve().name


def _floats(pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures as the player takes them (B, T, 3, H, W), in 0..1."""
    return np.ascontiguousarray(np.moveaxis(pictures_BTHWC, -1, -3), dtype=np.float32) / np.float32(255)
