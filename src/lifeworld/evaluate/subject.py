"""What is judged: anyone's model, as arrays in and arrays out.

    state = subject.begin(pictures)                 # real ones, (B, context, H, W, 3)
    ahead = subject.ahead(state, actions)           # what it says comes, action by action
    ahead.pictures, ahead.embeddings, ahead.certainty

Shapes: B batch, T time, H height, W width, D numbers of an embedding, A numbers of an action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Gift = Literal["pictures", "certainty", "embeddings", "inverse"]
"""What a model can give: pictures of what comes, how sure it is of each pixel, embeddings, the actions between two pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What a model says comes after each of T actions; None for what it does not give.

    `pictures` uint8 (B, T, H, W, 3), `certainty` float32 (B, T, H, W) in 0..1, the chance that a pixel is right to within a tenth,
    `embeddings` float32 (B, T, D) in the space of `Subject.embed`; `state` is the state after the last action.
    """

    state: Any
    pictures: NDArray[np.uint8] | None = None
    certainty: NDArray[np.float32] | None = None
    embeddings: NDArray[np.float32] | None = None


class Subject(Protocol):
    """See the head of this file. Nothing is drawn within: the same arrays give the same arrays.

    `name` is what the report calls it and `sha256` the hash of its weights; it begins from `context` pictures of `size` (height, width)
    that are `frame_ns` apart, is told `actions` numbers between two of them, and `gives` what it gives. `latent`: those are numbers of its
    own, that `between` infers, not the recorded ones. `stream` is the one whose pictures it knows (`rgb@above`), None where any will do;
    `learned` the uids of the episodes that it learned from, None where that is not known.
    """

    name: str
    sha256: str
    context: int
    size: tuple[int, int]
    frame_ns: int
    actions: int
    gives: frozenset[Gift]
    latent: bool
    stream: str | None
    learned: frozenset[str] | None

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> Any:
        """The state after `context` real pictures of each clip."""
        ...

    def ahead(self, state: Any, actions_BTA: NDArray[np.float32]) -> Ahead:
        """What comes after each action, open loop. The state given stays as it is."""
        ...

    def embed(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The embeddings (B, T, D) of real pictures, each by itself or with those before it."""
        ...

    def between(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The actions (B, T - 1, A) that it infers between pictures, in the units of those it is told."""
        ...


@runtime_checkable
class Foresees(Protocol):
    """A subject that can foresee embeddings without drawing anything: those that its `ahead` gives, and sooner."""

    def foresee(self, state: Any, actions_BTA: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embeddings (B, T, D) after each action, open loop."""
        ...
