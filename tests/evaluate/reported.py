"""Reports made by hand, for the tests of what is made of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lifeworld.core.origin import Origin
from lifeworld.evaluate.judged import Judged, JudgedOn, Made, Report
from lifeworld.evaluate.measured import Floor, Measured
from lifeworld.evaluate.section import Curve, Line, Section, Strip

DATA, MODEL = "d" * 64, "a" * 64


def measured(raw: Sequence[float], *, name: str = "error@8", better: str = "lower", data: str = DATA) -> Measured:
    """A number of these things."""
    value = sum(raw) / len(raw)
    return Measured(
        name=name,
        value=value,
        low=value - 0.5,
        high=value + 0.5,
        unit="",
        n=len(raw),
        of="clips",
        seeds=(0,),
        floors=(Floor(name="copying", value=value + 2), Floor(name="the mean", value=value + 3, low=value + 2.5, high=value + 3.5)),
        better=better,  # type: ignore[arg-type]
        data_sha256=data,
        model_sha256=MODEL,
        raw=tuple(raw),
    )


def section(*numbers: Measured, name: str = "fidelity", words: str = "words") -> Section:
    """A family with a curve, a strip and something that could not be had."""
    rng = np.random.default_rng(0)
    line = Line(
        name=words, x=(1.0, 2.0, 4.0, 8.0), y=(3.0, 2.0, math.nan, 1.0), low=(2.5, 1.5, math.nan, 0.5), high=(3.5, 2.5, math.nan, 1.5)
    )
    floor = Line(name="copying", x=(1.0, 8.0), y=(1.0, 0.5), floor=True)
    strip = Strip(
        caption=words,
        rows=("truth", "dream"),
        columns=("+1", "+2", "+4"),
        pictures=rng.integers(256, size=(2, 3, 8, 8, 3), dtype=np.uint8),
        dreamed=("dream",),
    )
    return Section(
        name=name,
        title=f"Title of {words}",
        says=words,
        measured=numbers,
        curves=(Curve(title=words, x_label="pictures ahead", y_label="dB", lines=(line, floor)),),
        strips=(strip,),
        without={"r_fd": words},
    )


def report(*sections: Section, name: str = "model", data: str = DATA, seed: int = 0, at: str = "2026-11-22T02:00:00+00:00") -> Report:
    """One model's."""
    return Report(
        model=Judged(name=name, sha256=MODEL, context=4, size=(8, 8), frame_ns=80_000_000, actions=2, gives=("pictures",)),
        data=JudgedOn(name="bundle", origin=Origin.SIMULATED, sha256=data, clips=8, episodes=4, pictures=12, frame_ns=80_000_000),
        seed=seed,
        command=f"lifeworld evaluate {name} bundle",
        sections=sections,
        made=Made(at=at, lifeworld="lifeworld 0", machine="a machine", seconds={"fidelity": 1.5}),
    )
