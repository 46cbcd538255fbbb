"""Rolls of a subject through held-out clips, open loop: with what was truly done, or what others did."""

from __future__ import annotations

from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.seed import generator
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.subject import Ahead, Subject

AT_ONCE = 32
"""Clips that are rolled together: more need more memory, fewer more time."""

_kept: WeakKeyDictionary[HeldOut, tuple[Subject, Ahead]] = WeakKeyDictionary()
"""The last subject's roll with what was truly done, which most sections ask for."""


def true_roll(subject: Subject, heldout: HeldOut) -> Ahead:
    """The roll with what was truly done (state None): made once, and kept as long as the clips are and no other subject is asked."""
    kept = _kept.get(heldout)
    if kept is None or kept[0] is not subject:
        kept = _kept[heldout] = subject, rolled(subject, heldout, told(subject, heldout))
    return kept[1]


def told(subject: Subject, heldout: HeldOut) -> NDArray[np.float32]:
    """What the subject is told of each interval of the clips (N, T - 1, A): what was recorded, or what it infers itself.

    Source: as Genie is measured, with the actions inferred from the truth: Bruce et al., Genie (2024), 4.

    Raises:
        InputError: if nothing was recorded that it must be told.
    """
    clips, count = heldout.pictures.shape[:2]
    if not subject.actions:
        return np.zeros((clips, count - 1, 0), np.float32)
    if subject.latent:
        parts = [subject.between(heldout.pictures[i : i + AT_ONCE]) for i in range(0, clips, AT_ONCE)]
        return checked(subject, "the actions it infers", np.concatenate(parts), (clips, count - 1, subject.actions))
    if heldout.actions is None or heldout.actions.shape[2] != subject.actions:
        got = "none" if heldout.actions is None else f"{heldout.actions.shape[2]} numbers"
        raise InputError("the clips' actions are not those that it knows", where=subject.name, got=got, expected=subject.actions)
    return heldout.actions


def others(heldout: HeldOut, *, seed: int) -> NDArray[np.int64]:
    """For each clip another one, of another episode where there is any, whose actions are told in place of its own."""
    order = generator(seed, "others").permutation(len(heldout.pictures))
    partner, episode = np.empty(len(order), np.int64), heldout.episode
    partner[order] = np.roll(order, 1)
    for i in order.tolist():  # swap whoever was given one of the same episode
        if episode[partner[i]] == episode[i]:
            free = (episode[partner] != episode[i]) & (episode != episode[partner[i]])
            if free.any():
                j = int(np.flatnonzero(free)[0])
                partner[i], partner[j] = partner[j], partner[i]
    return partner


def rolled(subject: Subject, heldout: HeldOut, actions: NDArray[np.float32], *, some: NDArray[np.int64] | None = None) -> Ahead:
    """What the subject says comes in clips (all, or some), told these actions (N, T - 1, A) of the same clips.

    Raises:
        ShapeError, InputError: if what it gives has another shape than it said, or is not finite.
    """
    chosen = np.arange(len(heldout.pictures)) if some is None else some
    parts = []
    for first in range(0, len(chosen), AT_ONCE):
        rows = chosen[first : first + AT_ONCE]
        begun = heldout.begun[rows][:, -subject.context :]
        parts.append(asked(subject, begun, actions[first : first + len(rows), heldout.context - 1 :]))
    pictures, certainty, embeddings = (
        None if (given := [getattr(part, name) for part in parts])[0] is None else np.concatenate(given)
        for name in ("pictures", "certainty", "embeddings")
    )
    return Ahead(state=None, pictures=pictures, certainty=certainty, embeddings=embeddings)


def asked(subject: Subject, pictures_BTHWC: NDArray[np.uint8], actions_BTA: NDArray[np.float32]) -> Ahead:
    """What a subject says comes after pictures: all that it said it gives, of the right shapes, and finite.

    Raises:
        ShapeError, InputError: if not.
    """
    ahead = subject.ahead(subject.begin(pictures_BTHWC), np.ascontiguousarray(actions_BTA, np.float32))
    batch, count = actions_BTA.shape[:2]
    shapes = {"pictures": (batch, count, *subject.size, 3), "certainty": (batch, count, *subject.size), "embeddings": (batch, count, None)}
    for name, shape in shapes.items():
        given = getattr(ahead, name)
        if name not in subject.gives:
            continue
        if given is None:
            raise InputError(f"it gives no {name}, and said that it does", where=subject.name)
        checked(subject, f"its {name}", given, shape)
    if ahead.pictures is not None and ahead.pictures.dtype != np.uint8:
        raise ShapeError("its pictures are no bytes", where=subject.name, got=ahead.pictures.dtype, expected="uint8")
    return ahead


def checked(subject: Subject, what: str, given: NDArray[np.generic], shape: tuple[int | None, ...]) -> NDArray[np.float32]:
    """An array that a subject gave, if it is of this shape (None: any size) and finite.

    Raises:
        ShapeError, InputError: if not.
    """
    if given.ndim != len(shape) or any(a != b for a, b in zip(given.shape, shape, strict=True) if b is not None):
        raise ShapeError(f"{what} are of another shape", where=subject.name, got=given.shape, expected=shape)
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise InputError(f"{what} are not finite", where=subject.name, got=f"{(~np.isfinite(given)).sum()} of {given.size}")
    return cast("NDArray[np.float32]", given)
