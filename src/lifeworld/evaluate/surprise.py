"""Violation of expectation: is a model more surprised by what cannot be than by what can?

How wrong it is of each film says `violation`. What is not physical is held off by three controls: a change of colour where nothing else
is wrong, which ought to surprise less; films with their pictures shuffled, which ought to tell it nothing; and copying in its place.

Source: Riochet et al., IntPhys (2018); Garrido et al., Intuitive physics understanding emerges from self-supervised pretraining (2025).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, interval
from lifeworld.core.origin import Origin
from lifeworld.evaluate.certainty import auroc
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.measured import Floor, Measured
from lifeworld.evaluate.pairs.store import ROLES, Pairs, made
from lifeworld.evaluate.pairs.stories import FAMILIES
from lifeworld.evaluate.pairs.story import PICTURE_NS
from lifeworld.evaluate.section import Curve, Line, Section, Strip
from lifeworld.evaluate.subject import Subject
from lifeworld.evaluate.violation import Surprises, by_twins, in_disorder, paired_t, share, surprises, unfit

Floats = NDArray[np.float64]

COUNT = 40
"""Pairs of each family on the page; `python -m benchmarks pairs --long` takes 200."""
SURE_T = 2.576
"""Student's t beyond which a difference of many pairs is no accident, with p < 0.01."""
AROUND = 6
"""Pictures before and after the first that looks impossible, on the curve."""


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
        differences = by_twins(mean[:, 1] - mean[:, 0])
        chance, copies = Floor(name="chance", value=0.5), Floor(name="copying the last picture", value=copied)
        right, by_color = share(mean), share(mean, 2)
        return [
            self._made(f"pairs_{name}", self._mean(right, twins), (_percent(chance), _percent(copies)), unit="%", raw=right),
            self._made(f"auroc_{name}", interval(lambda rows: auroc(mean[rows, 1], mean[rows, 0]), twins, seed=self.seed), (chance,)),
            self._made(
                f"paired_t_{name}",
                interval(lambda rows: paired_t(differences[rows]), np.arange(len(differences)), seed=self.seed),
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
            raw=() if raw is None else tuple((by_twins(raw) * (100 if unit == "%" else 1)).tolist()),
        )


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
