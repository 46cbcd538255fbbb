"""Long dreams, ways there and back, and speed: of subjects that keep all, fade or stand still it is known what they should score."""

from __future__ import annotations

import known
import numpy as np
import pytest

from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.horizon import horizon
from lifeworld.evaluate.measured import Measured
from lifeworld.evaluate.speed import held, speed

SIZE = 40


@pytest.fixture(scope="module")
def clips() -> HeldOut:
    return known.heldout(4, clips=6, each=1, horizon=60, size=SIZE)


def numbers(clips: HeldOut, subject: known.Named) -> dict[str, Measured]:
    return {one.name: one for one in horizon(subject, clips, seed=0, things=2).measured}


def test_who_keeps_all_neither_fades_nor_stands_still_and_comes_back(clips: HeldOut) -> None:
    found = numbers(clips, known.Mover(size=(SIZE, SIZE)))
    assert found["drift_psnr@50"].value == 100
    assert found["drift_contrast@50"].value == pytest.approx(1)
    assert found["drift_motion@50"].value == pytest.approx(1)
    assert np.median(found["return"].raw) == 0  # some come to a wall on their way
    assert found["return"].above_floor is True


def test_who_stands_still_moves_not_at_all(clips: HeldOut) -> None:
    found = numbers(clips, known.Mover(size=(SIZE, SIZE), gain=0))
    assert found["drift_motion@50"].value == 0
    assert found["drift_psnr@50"].value == pytest.approx(found["drift_psnr@50"].floors[0].value)


def test_conceit_is_how_much_surer_it_is_than_right(clips: HeldOut) -> None:
    subject = known.Prophet(of=clips, size=(SIZE, SIZE), chance=0.6, sure=0.9)
    assert numbers(clips, subject)["drift_conceit@50"].value == pytest.approx(0.3, abs=0.01)


def test_what_is_too_short_says_so() -> None:
    short = known.heldout(0)
    section = horizon(known.Mover(), short, seed=0, things=2)
    assert "record longer ones" in section.without["drift@50, drift@200, drift@500"]


def test_an_action_without_an_opposite_leads_nowhere_back() -> None:
    clips = known.heldout(0)
    assert clips.actions is not None
    keys = HeldOut(**{name: getattr(clips, name) for name in HeldOut.__dataclass_fields__} | {"actions": np.abs(clips.actions)})
    assert "one sign" in horizon(known.Mover(), keys, seed=0, things=2).without["return"]


def test_speed_has_its_floors_and_memory_is_counted() -> None:
    clips = known.heldout(0)
    found = {one.name: one for one in speed(known.Mover(), clips, seed=0).measured}
    assert found["step_ms"].floors[0].value == 80
    assert found["pictures_per_s@32"].value > 0
    assert found["step_ms"].low <= found["step_ms"].value <= found["step_ms"].high
    at, marks = known.Mover().begin(clips.begun[:1])
    assert found["state_kib"].value * 1024 == at.nbytes + marks.nbytes == held({"a": at, "b": (marks, "word")})
    assert held("nothing") is None
