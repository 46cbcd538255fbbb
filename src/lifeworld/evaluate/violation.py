"""Violation of expectation: how wrong a subject was of films, moment by moment.

    found = surprises(subject, films)               # (n, roles): how wrong it was of each film
    share(found.mean)                               # of each pair 1 where the impossible film surprised more

A model is begun from every few pictures of a film and says what comes; its surprise is how far from that the film goes on, in the mean of
all that it said of it: the squared distance of embeddings where it embeds, of pictures elsewhere.

Source: Garrido et al., Intuitive physics understanding emerges from self-supervised pretraining (2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.evaluate.pairs.story import PICTURE_NS
from lifeworld.evaluate.roll import asked, checked
from lifeworld.evaluate.subject import Foresees, Subject

Floats = NDArray[np.float64]

AHEAD = 8
"""Pictures that are foreseen from each moment: longer than anything is hidden."""
AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surprises:
    """How wrong a subject was of films: `mean` (n, roles), and by picture (n, roles, T), NaN where it said nothing; the same of copying."""

    mean: Floats
    by_picture: Floats
    copying: Floats


def unfit(subject: Subject) -> str:
    """Why films of our pace cannot be shown to a subject; nothing where they can."""
    if not {"embeddings", "pictures"} & subject.gives:
        return "it says nothing of what comes, neither in pictures nor in embeddings"
    if subject.frame_ns % PICTURE_NS or subject.frame_ns > 2 * PICTURE_NS:
        return (
            f"it sees a picture every {subject.frame_ns / 1e6:g} ms, the films have one every {PICTURE_NS / 1e6:g}: learn at 12.5 a second"
        )
    return ""


def surprises(subject: Subject, films: NDArray[np.uint8]) -> Surprises:
    """How wrong a subject is of each of many films (n, roles, T, H, W, 3).

    Raises:
        InputError: if the films are too short for it, or what it says is not finite.
    """
    n, roles = films.shape[:2]
    shown = fitted(films, subject)
    count, context = shown.shape[2], subject.context
    ahead = min(AHEAD, count - context)
    if ahead < 1:
        raise InputError("films are too short for this model", where=subject.name, got=f"{count} pictures", expected=f"more than {context}")
    flat = shown.reshape(n * roles, *shown.shape[2:])
    begins = range(context, count - ahead + 1)
    wrong = np.full((2, n * roles, len(begins), count), np.nan)  # who (subject, copying), film, window, picture
    for first in range(0, len(flat), AT_ONCE):
        some = flat[first : first + AT_ONCE]
        real = _seen(subject, some)
        for i, begin in enumerate(begins):
            begun, films_of = _distinct(some[:, begin - context : begin])
            foreseen = _foreseen(subject, begun, np.zeros((len(begun), ahead, subject.actions), np.float32))[films_of]
            truth, last = real[:, begin : begin + ahead], real[:, begin - 1 : begin]
            at = np.s_[first : first + len(some), i, begin : begin + ahead]
            wrong[(0, *at)] = _distance(foreseen, truth)
            wrong[(1, *at)] = _distance(last, truth)
    told = np.isfinite(wrong[0]).any(1)
    by_picture = np.full((n * roles, count), np.nan)
    by_picture[told] = np.nansum(wrong[0], 1)[told] / np.isfinite(wrong[0]).sum(1)[told]
    mean, copying = (np.nanmean(each, axis=(1, 2)).reshape(n, roles) for each in wrong)
    return Surprises(mean=mean, by_picture=by_picture.reshape(n, roles, count), copying=copying)


def fitted(films: NDArray[np.uint8], subject: Subject) -> NDArray[np.uint8]:
    """Films (n, roles, T, H, W, 3) at a subject's pace and size."""
    from PIL import Image

    shown = films[:, :, :: subject.frame_ns // PICTURE_NS]
    height, width = subject.size
    if shown.shape[3:5] == (height, width):
        return shown
    flat = shown.reshape(-1, *shown.shape[3:])
    sized = np.stack([np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BOX)) for one in flat])
    return sized.reshape(*shown.shape[:3], height, width, 3)


def in_disorder(films: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint8]:
    """Films (n, roles, T, …) with their pictures in another order, the same one for a pair."""
    rng = generator(seed, "disorder")
    return np.stack([one[:, rng.permutation(films.shape[2])] for one in films])


def share(mean: Floats, role: int = 0) -> Floats:
    """Of each pair (n,) 1 where the impossible film surprised more than another, ½ where as much, else 0."""
    return np.asarray((mean[:, 1] > mean[:, role]) + 0.5 * (mean[:, 1] == mean[:, role]))


def by_twins(values: Floats) -> Floats:
    """The means (n / 2,) of pairs that are told alike (2k and 2k + 1): what they say is one thing, not two."""
    twins = np.arange(len(values)) // 2
    return np.asarray(np.bincount(twins, values) / np.bincount(twins))


def paired_t(differences: Floats) -> float:
    """Student's t of paired differences that know nothing of each other; 0 where all are the same, or there is but one."""
    spread = differences.std(ddof=1) if len(differences) > 1 else 0.0
    return 0.0 if spread == 0 else float(differences.mean() / spread * np.sqrt(len(differences)))


def _seen(subject: Subject, films: NDArray[np.uint8]) -> Floats:
    """What is compared with what it says: embeddings of films (B, T, …), or their pictures, in 0..1."""
    if "embeddings" in subject.gives:
        told = checked(subject, "its embeddings of real pictures", subject.embed(films), (*films.shape[:2], None))
        return np.asarray(told, np.float64)
    return films / 255.0


def _distinct(begun: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """What films are begun from, each once, and which of those every film has: until they part, those of a story have the same."""
    places: dict[bytes, int] = {}
    which = np.array([places.setdefault(one.tobytes(), len(places)) for one in begun])
    return begun[np.unique(which, return_index=True)[1]], which


def _foreseen(subject: Subject, begun: NDArray[np.uint8], actions: NDArray[np.float32]) -> NDArray[Any]:
    """What it says comes: embeddings (B, T, D), or pictures in 0..1."""
    if "embeddings" in subject.gives and isinstance(subject, Foresees):
        said = subject.foresee(subject.begin(begun), actions)
        return checked(subject, "its embeddings", said, (*actions.shape[:2], None))
    ahead = asked(subject, begun, actions)
    if "embeddings" in subject.gives:
        assert ahead.embeddings is not None  # `asked` holds it to what it gives
        return ahead.embeddings
    assert ahead.pictures is not None
    return ahead.pictures / 255.0


def _distance(foreseen: NDArray[Any], truth: Floats) -> Floats:
    """Mean squares (B, T) over all numbers of an embedding or a picture."""
    off = np.asarray(foreseen, np.float64) - truth
    off = off.reshape(*off.shape[:2], -1)
    return np.asarray(np.einsum("btd,btd->bt", off, off) / off.shape[2])
