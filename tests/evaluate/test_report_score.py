"""The score that `lifeworld learn` says is what the report says of the same clips; bounds hold what they bound; fading is caught."""

from __future__ import annotations

from dataclasses import replace

import known
import numpy as np
import pytest

from lifeworld.evaluate.certainty import certainty
from lifeworld.evaluate.control import control
from lifeworld.evaluate.fidelity import fidelity
from lifeworld.evaluate.horizon import horizon
from lifeworld.evaluate.score import scored


def test_the_score_is_the_reports() -> None:
    clips = known.heldout(2)
    subject = known.Prophet(of=clips, wrong=6, astray=20, chance=0.8, sure=0.7, grows=2)
    found = scored(subject, clips, seed=3)
    told = {one.name: one for section in (fidelity, control, certainty) for one in section(subject, clips, seed=3).measured}
    for i, h in enumerate(found.horizons):
        one = told[f"psnr@{h}"]
        assert (found.model.whole[i], *found.model.whole_bounds[i]) == (one.value, one.low, one.high)
        assert (found.copying.whole[i], found.mean.whole[i]) == tuple(floor.value for floor in one.floors)
        assert found.model.changing[i] == told[f"changing_psnr@{h}"].value
        assert found.calibration_error[i] == told[f"ece@{h}"].value
    worth = told["delta_psnr@4"]
    assert (found.delta_db[0], *found.delta_bounds_db) == (worth.value, worth.low, worth.high)
    assert (found.break_even or clips.horizon + 1) == told["break_even"].value
    assert found.named()["copy_psnr_db@4"] == found.copying.whole[found.horizons.index(4)]
    assert found.data_sha256[:12] in str(found)
    assert not found.ignores


def test_who_is_told_nothing_ignores_all() -> None:
    clips = replace(known.heldout(2), actions=None)
    found = scored(known.Fading(actions=0), clips)
    assert found.delta_db == (0, 0)
    assert found.ignores
    assert found.model.whole == pytest.approx(found.copying.whole)


def test_bounds_hold_the_number_and_shrink_with_more() -> None:
    widths = []
    for clips in (16, 160):
        found = scored(known.Fading(), known.heldout(1, clips=clips))
        for value, (low, high) in zip(found.model.whole, found.model.whole_bounds, strict=True):
            assert low <= value <= high
        widths.append(np.mean([high - low for low, high in found.model.whole_bounds]))
    assert widths[1] < widths[0]


@pytest.mark.parametrize(
    ("clips", "each", "said"),
    [
        (40, 8, ""),
        (12, 12, "Intervals are of other clips of the one episode held out: how another would do, fewer than 5 do not say."),
        (12, 4, "Intervals are of other clips of the same 3 episodes: how others would do, fewer than 5 do not say."),
        (6, 6, "no intervals: 6 clips of 1 held-out episode are too few"),
    ],
)
def test_few_held_out_are_said_to_be_few(clips: int, each: int, said: str) -> None:
    """Before, six clips of one piece of a film had bounds, and those were said to be of other episodes."""
    found = scored(known.Fading(), known.heldout(1, clips=clips, each=each))
    words = str(found)
    assert said in words
    assert words.count("ntervals") == bool(said)
    bounded = not said.startswith("no intervals")
    assert ("95 %" in words) == bounded
    assert ("psnr_low_db@1" in found.named()) == ("delta4_low_db" in found.named()) == bounded
    assert bounded or found.ignores  # nothing is sure


def test_what_fades_is_caught() -> None:
    clips = known.heldout(4, clips=6, each=1, horizon=60, size=40)
    still, fading = (
        {one.name: one for one in horizon(known.Fading(size=(40, 40), fades=fades), clips, seed=0, things=2).measured}
        for fades in (0.0, 0.1)
    )
    assert still["drift_contrast@50"].value == pytest.approx(1, abs=0.05)  # the square is as large wherever it is
    assert fading["drift_contrast@50"].value < 0.05
    assert still["drift_psnr@50"].value == pytest.approx(still["drift_psnr@50"].floors[0].value)
