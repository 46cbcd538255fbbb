"""A model of torch-world's or stable-worldmodel's protocol as a subject: asked what ours are asked, where it lives.

with open_neighbour("torch-world:lewm/subject.toml") as subject:
    subject.embed(pictures)
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError, UnknownName
from lifeworld.evaluate.adapters.checked import embeddings
from lifeworld.evaluate.adapters.described import PROTOCOLS, Described, read_described, sha256_of
from lifeworld.evaluate.adapters.wire import Wire
from lifeworld.evaluate.subject import Ahead, Gift

State = dict[str, NDArray[Any]]


class Neighbour:
    """A Subject in a process of its own, open until it is closed. It gives embeddings: neither protocol has pictures or certainty.

    Its answers are checked (`checked.py`), so that a future that is no number is an error and no plan.

    It begins from one picture: to begin from more, both protocols want the actions between them, and a subject is shown pictures alone.

    Args:
        path: the file that describes it (`described.py`).
        threads: that it computes on.

    Raises:
        InputError: if the file is not right.
        EngineError: if the model cannot be made; later, if it fails.
    """

    context = 1
    gives: frozenset[Gift] = frozenset({"embeddings"})
    latent = False
    learned: frozenset[str] | None = None

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.said: Described = read_described(path)
        self.name, self.sha256 = self.said.name or f"{path.resolve().parent.name} ({self.said.protocol})", sha256_of(path, self.said)
        self.size, self.frame_ns, self.actions = self.said.size, round(self.said.frame_ms * 1e6), self.said.actions
        self.stream = self.said.stream
        python = Path(sys.executable) if self.said.python is None else path.parent / self.said.python
        self._wire = Wire(path, python.absolute(), threads=threads)
        self.parameters, self._wide = self._wire.parameters, 0

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> State:
        """The state after the last of these pictures, as arrays with the clips along the first axis."""
        self._fits(pictures_BTHWC)
        return self._wire.call("begin", pictures=pictures_BTHWC[:, -1:])

    def ahead(self, state: State, actions_BTA: NDArray[np.float32]) -> Ahead:
        """The embeddings after each action."""
        if actions_BTA.ndim != 3 or actions_BTA.shape[2] != self.actions or not actions_BTA.shape[1]:
            raise ShapeError(f"{self.name} is told other actions", got=actions_BTA.shape, expected=f"(clips, 1 or more, {self.actions})")
        after = self._wire.call("ahead", **state, actions=actions_BTA.astype(np.float32))
        said = embeddings(self.name, "ahead", after.pop("embeddings", None), actions_BTA.shape[:2], self._wide)
        self._wide = said.shape[2]
        return Ahead(embeddings=said, state=after)

    def embed(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The embeddings of real pictures, each by itself."""
        self._fits(pictures_BTHWC)
        said = self._wire.call("embed", pictures=pictures_BTHWC).get("embeddings")
        found = embeddings(self.name, "embed", said, pictures_BTHWC.shape[:2], self._wide)
        self._wide = found.shape[2]
        return found

    def between(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Neither protocol infers actions.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.name} infers no actions", expected="a subject that gives inverse", got=", ".join(sorted(self.gives)))

    @property
    def elsewhere_s(self) -> float:
        """Processor time [s] that its own process has taken: whoever reads a clock of ours sees nothing of it."""
        return self._wire.busy_s

    @property
    def elsewhere_pid(self) -> int:
        """Its own process, which holds the memory that it takes."""
        return self._wire.pid

    def close(self) -> None:
        """End its process."""
        self._wire.close()

    def __enter__(self) -> Neighbour:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _fits(self, pictures: NDArray[np.uint8]) -> None:
        if pictures.ndim != 5 or pictures.dtype != np.uint8 or pictures.shape[2:] != (*self.size, 3) or not pictures.shape[1]:
            expected = f"uint8 (clips, 1 or more, {self.size[0]}, {self.size[1]}, 3)"
            raise ShapeError(f"{self.name} is shown other pictures", got=f"{pictures.dtype} {pictures.shape}", expected=expected)


def is_neighbour(text: str) -> bool:
    """Whether what was typed names a neighbour (`torch-world:PATH`) and not a model of ours."""
    before, colon, after = text.partition(":")
    return bool(colon and after) and before in PROTOCOLS


def open_neighbour(text: str, *, threads: int = 1) -> Neighbour:
    """The neighbour that `PROTOCOL:PATH` names; PATH is the description, or the folder in which it is called subject.toml.

    Raises:
        UnknownName: for another protocol.
        InputError: if the description is of the other protocol than was said, or wrong.
        EngineError: if the model cannot be made.
    """
    protocol, _, rest = text.partition(":")
    if protocol not in PROTOCOLS:
        raise UnknownName("protocol", protocol, PROTOCOLS, fix="Say torch-world:FOLDER or stable-worldmodel:FOLDER.")
    path = Path(rest) / "subject.toml" if Path(rest).is_dir() else Path(rest)
    if (said := read_described(path)).protocol != protocol:
        fix = f"Say {said.protocol}:{rest}."
        raise InputError("the model speaks another protocol", where=str(path), got=said.protocol, expected=protocol, fix=fix)
    return Neighbour(path, threads=threads)
