"""How long a nano model is asked for on 200 clips, family by family, and whether it answers the same twice.

The held-out plays are those of `nano`, under out/nano; made there unless they lie there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.bench_nano import OUT, played
from benchmarks.row import Row
from lifeworld.evaluate.heldout import open_heldout
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.section import Section
from lifeworld.evaluate.sections import SECTIONS, Asked

LONG_S = 200

MODEL = "push_table"
CLIPS, HORIZON, PAIRS = 200, 18, 40
"""As `lifeworld evaluate` asks, but for the horizon: of eight seconds more than four windows are to be cut."""
BUDGET_S = 180.0
"""Three minutes; of one core, so that two can only be faster [s of processor time]."""


def run_long() -> Iterator[Row]:
    """Ask all families, then some of them again."""
    bundle = played(OUT / "held_out", 48, 8.0, seed=77)
    start = time.process_time()
    subject = SubjectDream(MODEL)
    heldout = open_heldout(bundle, [subject], cache=OUT / "cache", horizon=HORIZON, clips=CLIPS)
    yield Row(f"opening {heldout.of}", time.process_time() - start, "s")
    total, first = time.process_time() - start, dict[str, Section]()
    for name in (name for name in SECTIONS if name != "planning"):  # that needs an arena, and minutes of its own
        start = time.process_time()
        first[name] = SECTIONS[name](Asked(subject=subject, heldout=heldout, seed=0, pairs=PAIRS))
        spent = time.process_time() - start
        total += spent
        yield Row(f"{name}, {len(first[name].measured)} numbers", spent, "s")
    yield Row("processor time of all", total, "s", BUDGET_S, lower=True, n=len(heldout.pictures))
    again, differ = SubjectDream(MODEL), 0
    heldout = open_heldout(bundle, [again], cache=OUT / "cache", horizon=HORIZON, clips=CLIPS)
    for name in ("fidelity", "control", "counterfactual", "certainty"):
        second = SECTIONS[name](Asked(subject=again, heldout=heldout, seed=0))
        differ += sum(one != other for one, other in zip(first[name].measured, second.measured, strict=True))
    yield Row("numbers that differ when asked again", differ, "", 0, lower=True)
