"""Stories of what can be and what cannot: twins, what is shared, what is hidden, and the engine that must tell them apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.evaluate.pairs import FAMILIES, draw, story
from lifeworld.evaluate.pairs.engine import surprised
from lifeworld.evaluate.pairs.possible import POSSIBLE, possible_to
from lifeworld.evaluate.pairs.store import made
from lifeworld.evaluate.pairs.story import PICTURES, position

EXCHANGED = ("permanence", "continuity", "inertia")
"""Families whose impossible stories are made of the possible ones' own scenes."""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_is_surprised_by_the_impossible_alone(family: str) -> None:
    for index in range(4):
        told = story(family, 11, index=index)
        assert surprised(told, told.possible) < 0.05
        assert surprised(told, told.impossible) > 0.3


@pytest.mark.parametrize("family", FAMILIES)
def test_what_cannot_be_in_one_twin_is_so_in_the_other(family: str) -> None:
    one, other = story(family, 3, index=0), story(family, 3, index=1)
    assert (one.twin, other.twin) == (False, True)
    assert one.moment == other.moment
    assert one.hidden == other.hidden
    for told in (one, other):
        assert len(told.possible) == len(told.impossible) == PICTURES
        assert told.possible[: told.moment] == told.impossible[: told.moment]
        assert told.possible[told.moment] != told.impossible[told.moment]
    if family in EXCHANGED:
        assert one.impossible[one.moment :] == other.possible[one.moment :]
        assert other.impossible[one.moment :] == one.possible[one.moment :]


def test_displacements_are_exchanged_where_things_meet() -> None:
    one, other = story("collision", 3, index=0), story("collision", 3, index=1)
    at = one.moment - 1
    for name in ("mover", "other"):
        moved = position(one.impossible[-1].thing(name)) - position(one.impossible[at].thing(name))
        so = position(other.possible[-1].thing(name)) - position(other.possible[at].thing(name))
        assert np.allclose(moved, so)


def test_films_share_what_was_and_show_what_cannot_be() -> None:
    told = story("gravity", 5)
    films = draw(told)
    assert films.possible.shape == films.impossible.shape == films.visual.shape == (PICTURES, 64, 64, 3)
    cut = told.moment
    for film in (films.impossible, films.visual):
        assert np.array_equal(film[:cut], films.possible[:cut])
        assert not np.array_equal(film[cut:], films.possible[cut:])
    assert films.seen >= cut


def test_behind_a_screen_nothing_is_to_be_seen_at_the_moment() -> None:
    for family in ("permanence", "continuity"):
        told = story(family, 0, index=2)
        films = draw(told)
        assert told.hidden
        assert films.seen > told.moment
        assert np.array_equal(films.possible[told.moment], films.impossible[told.moment])


def test_the_same_seed_tells_the_same_and_lessons_are_others() -> None:
    again = story("solidity", 9, index=4)
    story("solidity", 9, index=2)  # another in between
    assert story("solidity", 9, index=4).possible == again.possible
    assert story("solidity", 9, index=4, purpose=POSSIBLE).possible != again.possible
    assert story("solidity", 10, index=4).possible != again.possible


def test_films_are_kept(tmp_path: Path) -> None:
    first = made("permanence", 2, seed=4, cache=tmp_path)
    kept = list(tmp_path.iterdir())
    assert first.films.shape == (2, 3, PICTURES, 64, 64, 3)
    assert len(kept) == 1
    written = kept[0].stat().st_mtime_ns
    again = made("permanence", 2, seed=4, cache=tmp_path)
    assert again.sha256 == first.sha256
    assert kept[0].stat().st_mtime_ns == written
    kept[0].write_bytes(b"half of it")
    assert made("permanence", 2, seed=4, cache=tmp_path).sha256 == first.sha256


def test_what_cannot_be_asked_for_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="solidity"):
        story("solidty", 0)
    with pytest.raises(LimitError, match="twins"):
        made("gravity", 3, seed=0, cache=tmp_path)
    with pytest.raises(LimitError, match="episodes"):
        possible_to(tmp_path / "none", episodes=0, seed=0)


def test_lessons_are_a_bundle_in_which_nobody_acts(tmp_path: Path) -> None:
    from lifeworld.episode.bundle import open_bundle

    uids = possible_to(tmp_path / "videos", episodes=2, seed=0, workers=1)
    bundle = open_bundle(tmp_path / "videos")
    assert bundle.uids == uids
    episode = bundle[0]
    told = story("permanence", 0, purpose=POSSIBLE)
    assert np.array_equal(np.asarray(episode["rgb@eye"].values[:]), draw(told).possible)
    assert episode.labels["family"] == "permanence"
    assert not any(name.startswith("action") for name in episode.streams)
