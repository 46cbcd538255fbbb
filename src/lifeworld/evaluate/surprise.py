"""Violation of expectation: is a model more surprised by what cannot be than by what can?

    found = surprises(subject, films)               # (n, roles): how wrong it was of each film
    share(found)                                    # of pairs in which the impossible one was the more surprising

A model is begun from every few pictures of a film and says what comes; its surprise is how far from that the film goes on, in the mean of
all that it said of it: the squared distance of embeddings where it embeds, of pictures elsewhere. What is not physical is held off by
three controls: a change of colour where nothing else is wrong, which ought to surprise less; films with their pictures shuffled, which
ought to tell it nothing; and copying in place of the model.

Source: Riochet et al., IntPhys (2018); Garrido et al., Intuitive physics understanding emerges from self-supervised pretraining (2025).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.interval import Interval, interval
from lifeworld.core.origin import Origin
from lifeworld.core.seed import generator
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.measured import Floor, Measured
from lifeworld.evaluate.pairs.store import ROLES, Pairs, made
from lifeworld.evaluate.pairs.stories import FAMILIES
from lifeworld.evaluate.pairs.story import PICTURE_NS
from lifeworld.evaluate.roll import asked, checked
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Foresees, Subject

Floats = NDArray[np.float64]

AHEAD = 8
"""Pictures that are foreseen from each moment: longer than anything is hidden."""
COUNT = 40
"""Pairs of each family on the page; `python -m benchmarks pairs --long` takes 200."""
AT_ONCE = 32
SURE_T = 2.576
"""Student's t beyond which a difference of many pairs is no accident, with p < 0.01."""
AROUND = 6
"""Pictures before and after the first that looks impossible, on the curve."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surprises:
    """How wrong a subject was of films: `mean` (n, roles), and by picture (n, roles, T), NaN where it said nothing; the same of copying."""

    mean: Floats
    by_picture: Floats
    copying: Floats


def surprise(
    subject: Subject,
    heldout: HeldOut,
    *,
    seed: int,
    count: int = COUNT,
    families: Sequence[str] = tuple(FAMILIES),
    cache: Path | None = None,
) -> Section:
    """The section. `heldout` is not looked at: the films are the same for all models of one seed."""
    says = (
        f"Films that our engine made, {count} pairs of each family: the same past, then a future that is possible in one and not in the "
        "other. Nothing impossible can be seen in a single picture. Right is who is more surprised by the impossible film."
    )
    if reason := unfit(subject):
        return Section(name="surprise", title=TITLE, says=says, without={"pairs": reason})
    found, curves, strips = list[Measured](), list[Curve](), list[Strip]()
    every, shuffled, hidden = list[Surprises](), list[Surprises](), list[NDArray[np.bool_]]()
    seen = list[NDArray[np.int64]]()
    digest = hashlib.sha256()
    for family in families:
        pairs = made(family, count, seed=seed, cache=cache)
        digest.update(pairs.sha256.encode())
        every.append(surprises(subject, pairs.films))
        shuffled.append(surprises(subject, in_disorder(pairs.films[:, :2], seed=seed)))
        hidden.append(pairs.hidden)
        seen.append(pairs.seen)
        strips.append(_strip(pairs))
        told = _Told(subject, seed, pairs.sha256, count)
        found += told.family(family, every[-1])
    told = _Told(subject, seed, digest.hexdigest(), count * len(families))
    found += told.all(every, shuffled, np.concatenate(hidden))
    curves.append(_curve(every, seen))
    heads = ("pairs_all", "pairs_hidden", "pairs_shuffled")
    return Section(name="surprise", title=TITLE, says=says, measured=tuple(found), curves=tuple(curves), strips=tuple(strips), heads=heads)


TITLE = "Is it surprised by what cannot be?"


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


def auroc(impossible: Floats, possible: Floats) -> float:
    """The chance that some impossible film surprises more than some possible one, whatever their pairs."""
    order = np.sort(possible)
    below, to = np.searchsorted(order, impossible, "left"), np.searchsorted(order, impossible, "right")
    return float((below + to).mean() / 2 / len(possible))


def paired_t(differences: Floats) -> float:
    """Student's t of paired differences; 0 where all are 0."""
    spread = differences.std(ddof=1)
    return 0.0 if spread == 0 else float(differences.mean() / spread * np.sqrt(len(differences)))


# -- numbers ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """Makes the numbers of some pairs: twins are drawn together."""

    subject: Subject
    seed: int
    sha256: str
    count: int

    def family(self, name: str, found: Surprises) -> list[Measured]:
        """Of one family: pairs told apart, AUROC, Student's t, and how often colour surprises less."""
        mean, twins = found.mean, np.arange(len(found.mean)) // 2
        copied = float(share(found.copying).mean())
        differences = mean[:, 1] - mean[:, 0]
        chance, copies = Floor(name="chance", value=0.5), Floor(name="copying the last picture", value=copied)
        right, by_color = share(mean), share(mean, 2)
        return [
            self._made(f"pairs_{name}", self._mean(right, twins), (_percent(chance), _percent(copies)), unit="%", raw=right),
            self._made(f"auroc_{name}", interval(lambda rows: auroc(mean[rows, 1], mean[rows, 0]), twins, seed=self.seed), (chance,)),
            self._made(
                f"paired_t_{name}",
                interval(lambda rows: paired_t(differences[rows]), twins, seed=self.seed),
                (Floor(name="where p is below 0.01", value=SURE_T),),
            ),
            self._made(f"beyond_colour_{name}", self._mean(by_color, twins), (_percent(chance),), unit="%", raw=by_color),
        ]

    def all(self, every: list[Surprises], shuffled: list[Surprises], hidden: NDArray[np.bool_]) -> list[Measured]:
        """Of all families together."""
        mean, disorder = np.concatenate([one.mean for one in every]), np.concatenate([one.mean for one in shuffled])
        copying, twins = np.concatenate([one.copying for one in every]), np.arange(len(mean)) // 2
        right, chance = share(mean), Floor(name="chance", value=0.5)
        copied = Floor(name="copying the last picture", value=float(share(copying).mean()))
        chance, copied = _percent(chance), _percent(copied)
        found = [self._made("pairs_all", self._mean(right, twins), (chance, copied), unit="%", raw=right)]
        for name, rows in (("open", ~hidden), ("hidden", hidden)):
            if rows.any():
                found.append(self._made(f"pairs_{name}", self._mean(right[rows], twins[rows]), (chance,), unit="%", count=int(rows.sum())))
        broken = share(disorder)
        found.append(self._made("pairs_shuffled", self._mean(broken, twins), (chance,), unit="%", better="exact", raw=broken))
        return found

    def _mean(self, values: Floats, groups: NDArray[np.int64]) -> Interval:
        return interval(lambda rows: 100 * float(values[rows].mean()), groups, seed=self.seed)

    def _made(
        self,
        name: str,
        found: Interval,
        floors: tuple[Floor, ...],
        *,
        unit: str = "",
        better: str = "higher",
        raw: Floats | None = None,
        count: int | None = None,
    ) -> Measured:
        return Measured(
            name=name,
            value=found.value,
            low=found.low,
            high=found.high,
            unit=unit,
            n=self.count if count is None else count,
            of="pairs",
            seeds=(self.seed,),
            floors=floors,
            better="exact" if better == "exact" else "higher",
            data_sha256=self.sha256,
            model_sha256=self.subject.sha256,
            raw=() if raw is None else tuple((_by_twins(raw) * (100 if unit == "%" else 1)).tolist()),
        )


def _by_twins(values: Floats) -> Floats:
    """The means (n / 2,) of pairs of pairs that are told alike: what two models are compared by."""
    twins = np.arange(len(values)) // 2
    return np.asarray(np.bincount(twins, values) / np.bincount(twins))


def _percent(floor: Floor) -> Floor:
    return Floor(name=floor.name, value=100 * floor.value)


# -- to look at ------------------------------------------------------------------------------------------------------------


def _curve(every: list[Surprises], seen: list[NDArray[np.int64]]) -> Curve:
    """Surprise by picture, around the first that looks impossible, as a share of that of possible films."""
    at = np.arange(-AROUND, AROUND + 1)
    lines = []
    found = np.concatenate([_around(one.by_picture, first, at) for one, first in zip(every, seen, strict=True)])  # (n, roles, at)
    usual = np.nanmean(found[:, 0])
    for role, name in enumerate(ROLES):
        told = np.isfinite(found[:, role]).any(0)
        y = np.nanmean(found[:, role][:, told], axis=0) / usual
        words = {"possible": "possible", "impossible": "impossible", "visual": "another colour"}[name]
        lines.append(Line(name=words, x=tuple(at[told].astype(float).tolist()), y=tuple(y.tolist()), floor=name != "impossible"))
    return Curve(
        title="Surprise, as a share of that of possible films",
        x_label="pictures from the first that looks impossible",
        y_label="",
        lines=tuple(lines),
    )


def _around(by_picture: Floats, first: NDArray[np.int64], at: NDArray[np.int64]) -> Floats:
    count = by_picture.shape[2]
    where = first[:, None] + at
    taken = np.take_along_axis(by_picture, np.clip(where, 0, count - 1)[:, None, :].repeat(by_picture.shape[1], 1), axis=2)
    taken[np.broadcast_to(((where < 0) | (where >= count))[:, None, :], taken.shape)] = np.nan
    return taken


def _strip(pairs: Pairs) -> Strip:
    """The first story of a family, around what looks impossible."""
    first = int(pairs.seen[0])
    columns = [c for c in range(max(0, first - 4), pairs.films.shape[2], 2)][:8]
    names = {"possible": "possible", "impossible": "impossible", "visual": "another colour"}
    return Strip(
        caption=f"{pairs.family.capitalize()}: {FAMILIES[pairs.family].says.lower()}.",
        rows=tuple(names[role] for role in ROLES),
        columns=tuple(f"{c * PICTURE_NS * 1e-9:.2f} s" for c in columns),
        pictures=pairs.films[0][:, columns],
        origin=Origin.SIMULATED,
    )


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
