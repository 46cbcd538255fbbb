"""Held-out clips are what no model saw, at its pace; what does not fit is said, with how to mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import known
import numpy as np
import pytest

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.seal import append_to
from lifeworld.evaluate.heldout import HeldOut, open_heldout
from lifeworld.evaluate.roll import others, rolled, told, true_roll
from lifeworld.evaluate.subject import Ahead
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.play import play

PACE_NS = 500_000_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, arena = tmp_path_factory.mktemp("plays") / "bundle", named("tworoom")
    with append_to(folder, exact=("rgb",)) as writer:
        writer.commit([writer.stage(play(arena, arena.world(), seed=seed, seconds=arena.seconds)) for seed in range(12)])
    return folder


def mover(**said: object) -> known.Mover:
    return known.Mover(**({"size": (64, 64), "frame_ns": PACE_NS} | said))  # type: ignore[arg-type]


def test_clips_are_of_episodes_that_nobody_learned_from(bundle: Path) -> None:
    uids = open_bundle(bundle).uids
    learned = mover(learned=frozenset(uids[:8]))
    found = open_heldout(bundle, [learned], cache=bundle.parent / "cache", horizon=8)
    assert set(found.episode.tolist()) == {8, 9, 10, 11}
    both = open_heldout(bundle, [learned, mover(learned=frozenset(uids[8:10]))], cache=bundle.parent / "cache", horizon=8)
    assert set(both.episode.tolist()) == {10, 11}
    unknown = open_heldout(bundle, [mover()], cache=bundle.parent / "cache", horizon=4, clips=9)
    assert set(unknown.episode.tolist()) == {9}  # the tenth, which `lifeworld learn` holds out
    assert len(unknown.pictures) == 9


def test_the_same_clips_come_again_and_are_named_by_their_hash(bundle: Path) -> None:
    cache, subject = bundle.parent / "cache", mover(learned=frozenset())
    one, again, other = (open_heldout(bundle, [subject], cache=cache, clips=20, horizon=8, seed=seed) for seed in (3, 3, 4))
    assert one.sha256 == again.sha256 != other.sha256
    assert np.array_equal(one.pictures, again.pictures)
    assert one.actions is not None
    assert one.actions.shape == (20, 9, 2)


def test_what_does_not_fit_is_said(bundle: Path) -> None:
    cache, uids = bundle.parent / "cache", open_bundle(bundle).uids
    none = frozenset[str]()
    with pytest.raises(InputError, match="actions are not those"):
        open_heldout(bundle, [mover(actions=3, learned=none)], cache=cache)
    with pytest.raises(InputError, match="not taken so often"):
        open_heldout(bundle, [mover(frame_ns=80_000_000, learned=none)], cache=cache)
    with pytest.raises(InputError, match="too little is new"):
        open_heldout(bundle, [mover(learned=frozenset(uids))], cache=cache)
    with pytest.raises(InputError, match="too few clips"):
        open_heldout(bundle, [mover(learned=frozenset(uids[:-1]))], cache=cache)
    with pytest.raises(InputError, match="their size differs"):
        open_heldout(bundle, [mover(learned=none), mover(size=(32, 32), learned=none)], cache=cache)


def test_clips_hold_together() -> None:
    clips = known.heldout(0)
    for wrong in ({"context": 10}, {"pictures": clips.pictures[0]}, {"actions": np.zeros((24, 3, 2), np.float32)}):
        with pytest.raises(ShapeError):
            replace(clips, **wrong)
    assert np.array_equal(np.concatenate([clips.begun, clips.truth], axis=1), clips.pictures)
    assert np.array_equal(clips.last[:, 0], clips.begun[:, -1])


@pytest.mark.parametrize("each", [1, 2, 11])
def test_others_are_of_other_episodes(each: int) -> None:
    clips = known.heldout(0, clips=24, each=each)
    partner = others(clips, seed=5)
    assert sorted(partner.tolist()) == list(range(24))
    assert (clips.episode[partner] != clips.episode).all()


def test_what_a_subject_gives_is_held_to_what_it_said() -> None:
    clips = known.heldout(0)

    class Wrong(known.Mover):
        def __init__(self, **given: object) -> None:
            super().__init__(gives=frozenset({"pictures", "certainty"}))
            self.given = given

        def ahead(self, state: object, actions_BTA: np.ndarray) -> Ahead:  # type: ignore[type-arg]
            batch, count = actions_BTA.shape[:2]
            fine = {"pictures": np.zeros((batch, count, 16, 16, 3), np.uint8), "certainty": np.ones((batch, count, 16, 16), np.float32)}
            return Ahead(state=None, **(fine | self.given))  # type: ignore[arg-type]

    assert true_roll(Wrong(), clips).pictures is not None
    for given, error in (
        ({"certainty": None}, InputError),
        ({"certainty": np.ones((1, 8, 16, 16), np.float32)}, ShapeError),
        ({"certainty": np.full((24, 8, 16, 16), np.nan, np.float32)}, InputError),
        ({"pictures": np.zeros((24, 8, 16, 16, 3), np.float32)}, ShapeError),
    ):
        with pytest.raises(error):
            rolled(Wrong(**given), clips, told(mover(), clips))


def test_a_subject_that_needs_actions_is_not_told_none() -> None:
    clips: HeldOut = replace(known.heldout(0), actions=None)
    with pytest.raises(InputError, match="not those that it knows"):
        told(known.Mover(), clips)
    assert told(known.Mover(actions=0), clips).shape == (24, 9, 0)
