"""What a section gathers about one subject on some clips: numbers, curves, strips, and what is missing.

found = Findings(subject, heldout, seed=0)
found.number("psnr@8", interval, floors=[floor("copying the last picture", copied)], unit="dB")
return found.section("fidelity", title="…", says="…")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, grouped
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.measured import Floor, Measured
from lifeworld.evaluate.section import Curve, Section, Strip
from lifeworld.evaluate.subject import Subject


class Findings:
    """See the head of this file."""

    def __init__(self, subject: Subject, heldout: HeldOut, *, seed: int) -> None:
        self.subject, self.heldout, self.seed = subject, heldout, seed
        self.measured: list[Measured] = []
        self.curves: list[Curve] = []
        self.strips: list[Strip] = []
        self.without: dict[str, str] = {}

    def number(
        self,
        name: str,
        found: Interval,
        *,
        floors: Sequence[Floor],
        unit: str = "",
        better: Literal["higher", "lower", "exact"] = "higher",
        raw: Sequence[float] | NDArray[np.float64] = (),
        n: int | None = None,
        of: str | None = None,
        data_sha256: str | None = None,
    ) -> None:
        """Add a number; `n`, `of` and `data_sha256` where it is of something else than the episodes of the clips.

        `raw` are the numbers of those n things, left out where one of them has none: then there are no pairs to compare.
        """
        count, said = independent(self.heldout.episode)
        single = np.asarray(raw, dtype=np.float64)
        self.measured.append(
            Measured(
                name=name,
                value=found.value,
                low=found.low,
                high=found.high,
                unit=unit,
                n=count if n is None else n,
                of=of or said,
                seeds=(self.seed,),
                floors=tuple(floors),
                better=better,
                data_sha256=data_sha256 or self.heldout.sha256,
                model_sha256=self.subject.sha256,
                raw=tuple(single.tolist()) if np.isfinite(single).all() else (),
            )
        )

    def section(self, name: str, *, title: str, says: str) -> Section:
        """All of it."""
        return Section(
            name=name,
            title=title,
            says=says,
            measured=tuple(self.measured),
            curves=tuple(self.curves),
            strips=tuple(self.strips),
            without=dict(self.without),
        )


def independent(episode: NDArray[np.int64], what: str = "clips") -> tuple[int, str]:
    """How many independent things there are among some of these episodes (n,), and what they are: episodes, or each by itself if few."""
    count, episodes = len(np.unique(grouped(episode))), len(np.unique(episode))
    if count == episodes:
        return count, f"episodes ({len(episode)} {what})"
    return count, f"{what} of only {episodes} {'episode' if episodes == 1 else 'episodes'}"


def floor(name: str, found: Interval | float) -> Floor:
    """What costs nothing, measured or known."""
    return Floor(name=name, value=found) if isinstance(found, float | int) else Floor(name=name, **found._asdict())


def by_group(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sums over the rows of each group (G, …), in the order of their numbers: what is compared pair by pair."""
    names, numbers = np.unique(grouped(groups), return_inverse=True)
    found = np.zeros((len(names), *values.shape[1:]))
    np.add.at(found, numbers, values)
    return found


def mean(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums (…, 2) of values, and of how many there are, to their mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = sums[..., 0] / sums[..., 1]
    return found
