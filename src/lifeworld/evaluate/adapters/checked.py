"""A subject whose every answer is looked at before anything is computed from it."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.evaluate.subject import Ahead, Foresees, Gift, Subject


class Checked:
    """The same subject, but what is no number, of the wrong shape or of the wrong kind is an error that says whose and which.

    Raises:
        ShapeError: for arrays of another shape or kind than asked for.
        InputError: for values that are not finite, or a certainty that is no chance; for what it says that it gives and does not.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject, self._wide = subject, 0
        self.name, self.sha256, self.context, self.size = subject.name, subject.sha256, subject.context, subject.size
        self.frame_ns, self.actions, self.gives = subject.frame_ns, subject.actions, subject.gives
        self.latent, self.stream, self.learned = subject.latent, subject.stream, subject.learned
        if isinstance(subject, Foresees):
            self.foresee = self._foreseen
        if hasattr(subject, "elsewhere_pid"):
            self.elsewhere_pid = subject.elsewhere_pid

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> Any:
        """See `Subject.begin`."""
        return self._subject.begin(pictures_BTHWC)

    def ahead(self, state: Any, actions_BTA: NDArray[np.float32]) -> Ahead:
        """See `Subject.ahead`."""
        said, clips = self._subject.ahead(state, actions_BTA), actions_BTA.shape[:2]
        given: tuple[tuple[Gift, NDArray[Any] | None], ...] = (
            ("pictures", said.pictures),
            ("certainty", said.certainty),
            ("embeddings", said.embeddings),
        )
        for gift, values in given:
            if (gift in self.gives) != (values is not None):
                what = "what it says that it gives" if values is None else "what it says that it does not give"
                raise InputError(f"{self.name} does not keep to {what}", where="ahead", got=gift, fix="Mend its `gives`, or the model.")
        if said.pictures is not None:
            self._pictures(said.pictures, (*clips, *self.size, 3))
        if said.certainty is not None:
            self._numbers("ahead: certainty", said.certainty, (*clips, *self.size))
            if said.certainty.min(initial=0) < 0 or said.certainty.max(initial=0) > 1:
                got = f"{said.certainty.min():g} to {said.certainty.max():g}"
                raise InputError(f"the certainty of {self.name} is no chance", where="ahead", got=got, expected="0 to 1")
        if said.embeddings is not None:
            self._embeddings("ahead: embeddings", said.embeddings, clips)
        return said

    def embed(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Subject.embed`."""
        return self._embeddings("embed", self._subject.embed(pictures_BTHWC), pictures_BTHWC.shape[:2])

    def between(self, pictures_BTHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Subject.between`."""
        said = self._subject.between(pictures_BTHWC)
        return self._numbers("between", said, (len(pictures_BTHWC), pictures_BTHWC.shape[1] - 1, self.actions))

    def _foreseen(self, state: Any, actions_BTA: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Foresees`; only where the subject does."""
        assert isinstance(self._subject, Foresees)
        return self._embeddings("foresee", self._subject.foresee(state, actions_BTA), actions_BTA.shape[:2])

    def _pictures(self, values: object, shape: tuple[int, ...]) -> None:
        if not isinstance(values, np.ndarray) or values.shape != shape or values.dtype != np.uint8:
            wrong(self.name, "ahead: pictures", values, f"uint8 {shape}")

    def _embeddings(self, where: str, values: NDArray[Any], clips: tuple[int, ...]) -> NDArray[np.float32]:
        """Embeddings (B, T, D); D is the same in all answers."""
        found = embeddings(self.name, where, values, clips, self._wide)
        self._wide = found.shape[2]
        return found

    def _numbers(self, where: str, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
        return numbers(self.name, where, values, shape)


def embeddings(name: str, where: str, values: object, clips: tuple[int, ...], wide: int = 0) -> NDArray[np.float32]:
    """What somebody answers, if it is embeddings (B, T, D) of so many clips and times; D is `wide` where that is known."""
    known: int | str = wide or (values.shape[2] if isinstance(values, np.ndarray) and values.ndim == 3 and values.shape[2] else "D")
    return numbers(name, where, values, (*clips, known))


def numbers(name: str, where: str, values: object, shape: tuple[int | str, ...]) -> NDArray[np.float32]:
    """What somebody answers, if it is numbers of this shape.

    Raises:
        ShapeError: if it is anything else.
        InputError: if some are not finite.
    """
    if not isinstance(values, np.ndarray) or values.dtype != np.float32 or values.shape != shape:
        wrong(name, where, values, f"float32 ({', '.join(map(str, shape))})")
    if not (fine := np.isfinite(values)).all():
        got = f"{int((~fine).sum())} of {values.size} are NaN or infinite"
        raise InputError(f"what {name} answers is no number", where=where, got=got, fix="Look at its weights, and at what it is told.")
    return values


def wrong(name: str, where: str, values: object, expected: str) -> NoReturn:
    """Say that an answer is of another shape or kind than asked for."""
    got = f"{values.dtype} {values.shape}" if isinstance(values, np.ndarray) else type(values).__name__
    raise ShapeError(f"{name} answers with the wrong shape", where=where, got=got, expected=expected)
