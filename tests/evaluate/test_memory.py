"""Memory: who keeps what a screen hid has all of it again, who does not has nothing, and a dream's length is told apart from forgetting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import known
import numpy as np
import pytest
from numpy.typing import NDArray

from lifeworld.evaluate.findings import Findings
from lifeworld.evaluate.memory import memory
from lifeworld.evaluate.pairs.passing import HIDDEN, PICTURES, Passings, passings, visible
from lifeworld.evaluate.subject import Ahead

COUNT = 6


@pytest.fixture(scope="module")
def films() -> Passings:
    return passings(COUNT, seed=0)


@dataclass(kw_only=True)
class Rememberer(known.Named):
    """Foresees these films, but of the thing only so much is left where a screen has hidden it, behind each of the screens."""

    of: Passings
    keeps: tuple[float, ...] = (1.0, 1.0, 1.0)
    invents: float = 0.0
    size: tuple[int, int] = (64, 64)

    def begin(self, pictures_BTHWC: NDArray[np.uint8]) -> Any:
        return list(pictures_BTHWC)

    def ahead(self, state: Any, actions_BTA: NDArray[np.float32]) -> Ahead:
        return Ahead(state=None, pictures=np.stack([self._after(begun, actions_BTA.shape[1]) for begun in state]))

    def _after(self, begun: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
        stride = self.frame_ns // known.PACE_NS
        for i in range(COUNT):
            for k, keeps in enumerate(self.keeps):
                there, gone = self.of.there[i, k, ::stride], self.of.gone[i, k, ::stride]
                at = int(self.of.begin[i]) // stride
                for film, left in ((there, keeps), (gone, self.invents)):
                    if np.array_equal(film[at + 1 - self.context : at + 1], begun):
                        thing = there.astype(np.float64) - gone
                        told = np.rint(gone + left * thing).astype(np.uint8)[at + 1 : at + 1 + count]
                        return np.concatenate([told, np.repeat(told[-1:], count - len(told), 0)])
        raise AssertionError("begun from pictures of no film")


def asked(subject: Rememberer, films: Passings) -> Findings:
    found = Findings(subject, known.heldout(0), seed=0)
    memory(found, things=len(films.begin))
    return found


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("keeps", [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.5, 0.0)])
def test_what_is_kept_is_what_is_measured(films: Passings, keeps: tuple[float, ...], stride: int) -> None:
    found = asked(Rememberer(of=films, keeps=keeps, frame_ns=stride * known.PACE_NS), films)
    assert [one.name for one in found.measured] == [f"memory@{hidden}" for hidden in HIDDEN]
    for one, kept in zip(found.measured, keeps, strict=True):
        assert one.value == pytest.approx(kept, abs=0.01)
        assert one.low <= one.value <= one.high
        assert one.n == COUNT
        assert [floor.value for floor in one.floors] == pytest.approx([0, 0], abs=0.01)
        assert one.above_floor is True or not kept
    assert found.strips[0].pictures.shape[0] == 3
    assert found.curves[0].lines[0].y == tuple(one.value for one in found.measured)


def test_who_sees_things_everywhere_remembers_nothing(films: Passings) -> None:
    found = asked(Rememberer(of=films, invents=1.0), films)
    for one in found.measured:
        assert one.value == one.floors[0].value == pytest.approx(1)
        assert one.above_floor is not True


def test_a_screen_hides_it_so_long_and_nothing_else_differs(films: Passings) -> None:
    assert films.there.shape[:3] == (COUNT, len(HIDDEN), PICTURES)
    seen = visible(films.there, films.gone)  # (n, screens, T)
    for i, (begin, again) in enumerate(zip(films.begin.tolist(), films.again.tolist(), strict=True)):
        assert begin >= 3  # as many pictures before it as models begin from
        assert (seen[i, :, begin] == seen[i, 0, begin]).all()
        assert (seen[i, :, again] == seen[i, 0, again]).all()
        assert seen[i, 0, begin : again + 1].min() > 0.7 * seen[i, 0].max()
        for k, hidden in enumerate(HIDDEN):
            away = (seen[i, k, begin:again] == 0).sum()
            assert hidden <= away <= 2 * hidden
    assert (films.gone[:, :, 0] == films.gone[:, :, -1]).all()


def test_films_are_the_same_again_and_of_another_seed_others(films: Passings, tmp_path: Path) -> None:
    fewer = passings(2, seed=0, cache=tmp_path)
    assert np.array_equal(fewer.there, films.there[:2])
    assert fewer.sha256 == passings(2, seed=0, cache=tmp_path).sha256 != passings(2, seed=1, cache=tmp_path).sha256


def test_who_cannot_be_asked_is_told_why(films: Passings) -> None:
    assert "every 70 ms" in asked(Rememberer(of=films, frame_ns=70_000_000), films).without["memory"]
    assert "begins from 12 pictures" in asked(Rememberer(of=films, context=12), films).without["memory"]
