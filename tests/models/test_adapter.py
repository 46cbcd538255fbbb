"""From true to latent actions: a map that is linear is found, keys are codes one to one, and what cannot be labels says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, ShapeError, SignalUnavailable
from lifeworld.core.seed import generator
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.seal import append_to
from lifeworld.models.actions.adapter import Adapter, learned
from lifeworld.models.actions.codes import Keys, code_of, numbers_of
from lifeworld.models.data.doing import Doing, doing_of
from lifeworld.models.data.footage import Footage
from lifeworld.models.meaning.labels import adapted, open_labels
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.kinds import fresh

DOING = Doing(
    streams=("action@car",),
    names=(("steering", "throttle"),),
    choices=(False,),
    low=(-1.0, 0.0),
    high=(1.0, 1.0),
    mean=(0.1, 0.5),
    std=(0.4, 0.2),
)


def clips(rows: np.ndarray) -> np.ndarray:
    """Rows (n, K) as clips of ten moments."""
    return rows.reshape(-1, 10, rows.shape[1])


LATENT = replace(tiny.SHAPE, latent=True, actions=3)


@given(st.integers(0, 10_000), st.integers(1, 7))
@settings(max_examples=15, deadline=None)
def test_a_linear_map_is_recovered(seed: int, episodes: int) -> None:
    rng = generator(seed, "linear")
    weights, actions = rng.uniform(-0.4, 0.4, (2, 3)), rng.uniform(-1, 1, (400, 2))
    latents = actions @ weights + 0.05
    found = learned(DOING, clips(latents), clips(actions), np.arange(40) * episodes // 40)
    assert found.explained > 0.99
    assert found.late == 0
    assert np.abs(found(actions) - latents).max() < 1e-3
    assert found(actions.reshape(20, 20, 2)).shape == (20, 20, 3)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Adapter) == found  # it is kept on the card


def test_keys_together_do_what_neither_does() -> None:
    rng = generator(0, "products")
    actions = rng.integers(0, 2, (600, 2)).astype(float)
    latents = np.where(actions.all(axis=1), 0.8, -0.2)[:, None] + rng.normal(0, 0.02, (600, 1))
    found = learned(DOING, clips(latents), clips(actions), np.arange(60) // 6)
    assert found.products
    assert np.allclose(found(np.array([[1.0, 1], [1, 0], [0, 0]]))[:, 0], [0.8, -0.2, -0.2], atol=0.05)


@pytest.mark.parametrize("late", [1, 3])
def test_how_late_actions_show_is_found_out(late: int) -> None:
    rng = generator(late, "late")
    actions = rng.normal(size=(60, 10, 2))
    latents = np.concatenate([rng.normal(size=(60, late, 2)), 0.2 * actions[:, : 10 - late]], axis=1)
    found = learned(DOING, latents, actions, np.arange(60) // 6)
    assert found.late == late
    assert found.explained > 0.99


def test_codes_are_said_on_their_levels_and_nothing_is_explained_where_nothing_follows() -> None:
    rng = generator(1, "codes")
    actions = rng.normal(size=(500, 2))
    found = learned(DOING, clips(np.sign(actions)), clips(actions), np.arange(50) // 5, levels=(2, 2))
    assert set(np.unique(found(actions))) == {-1.0, 1.0}
    assert (found(actions) == np.sign(actions)).mean() > 0.95
    assert found.explained > 0.85
    assert msgspec.json.decode(msgspec.json.encode(found), type=Adapter) == found
    assert learned(DOING, clips(rng.normal(size=(500, 2))), clips(actions), np.arange(50) // 5).explained < 0.05
    lots = numbers_of(rng.integers(0, 4, 500), (2, 2))
    assert learned(DOING, clips(lots), clips(actions), np.arange(50) // 5, levels=(2, 2)).explained < 0.15


def test_a_code_between_others_and_a_rare_one_are_found() -> None:
    """A regression to levels, or to one column a code, never says what lies between; one that counts says what is frequent."""
    rng = generator(2, "between")
    steering = rng.choice([-1.0, 0.0, 1.0], 1000, p=[0.04, 0.9, 0.06])
    actions = np.stack([steering, rng.uniform(0, 1, 1000)], axis=1)
    codes = np.select([steering < 0, steering > 0], [4, 1], 2)  # of six: (0, 2), (1, 0) and (0, 1)
    found = learned(DOING, clips(numbers_of(codes, (2, 3))), clips(actions), np.arange(100) // 10, levels=(2, 3))
    assert found.explained == 1.0
    assert np.array_equal(code_of(found(actions), (2, 3)), codes)
    assert np.array_equal(found(actions.reshape(10, 100, 2)), found(actions).reshape(10, 100, 2))


def test_keys_together_are_a_code_of_their_own() -> None:
    pressed = generator(3, "chord").integers(0, 2, (600, 2))
    codes = np.where(pressed.all(axis=1), 1, np.where(pressed.any(axis=1), 0, 1))  # both or none: no line tells
    found = learned(DOING, clips(numbers_of(codes, (2,))), clips(pressed.astype(float)), np.arange(60) // 6, levels=(2,))
    assert found.products
    assert found.explained == 1.0


def test_an_adapter_for_other_codes_is_refused() -> None:
    rows = generator(4, "other").normal(size=(300, 2))
    found = learned(DOING, clips(rows), clips(rows), np.arange(30) // 3)
    with pytest.raises(InputError, match="does not weigh every code"):
        replace(found, levels=(2, 2))(rows)


def test_too_little_or_what_does_not_fit_is_refused() -> None:
    rows = np.zeros((30, 10, 2))
    with pytest.raises(InputError, match="too little is labelled"):
        learned(DOING, rows[:10], rows[:10], np.zeros(10, int))
    with pytest.raises(ShapeError):
        learned(DOING, rows, rows[:20], np.zeros(30, int))
    with pytest.raises(ShapeError):
        learned(DOING, rows, np.zeros((30, 10, 3)), np.zeros(30, int))
    found = learned(DOING, rows, generator(0, "x").normal(size=(30, 10, 2)), np.zeros(30, int))
    with pytest.raises(ShapeError, match="adapter knows"):
        found(np.zeros(3))


@pytest.mark.parametrize("levels", [(2, 2, 2), (2, 3), (7,)])
def test_keys_and_codes_are_one_to_one(levels: tuple[int, ...]) -> None:
    keys = Keys(levels=levels, rest=1)
    pressed = np.eye(keys.count)
    said = keys(pressed)
    assert said.shape == (keys.count, len(levels))
    assert len({tuple(row) for row in said.tolist()}) == keys.count
    assert np.array_equal(keys.of(said), pressed)
    assert np.array_equal(keys(np.zeros(keys.count)), said[1])
    import torch

    from lifeworld.models.layers.fsq import codes

    assert codes(torch.from_numpy(said), levels).tolist() == list(range(keys.count))


def test_labels_give_an_adapter_that_says_what_it_is_worth(footage: Footage, tmp_path: Path) -> None:
    card = Card.of(LATENT, footage, steps=0, seed=0)
    bundle = tiny.bundle(tmp_path / "few", 16)
    model = fresh(LATENT, None, seed=0)
    found = adapted(model, open_labels(bundle, card, cache=tmp_path / "cache"))
    assert found.doing.names == (("number_0", "number_1"),)
    assert found.moments == 16 * 14  # a clip of sixteen pictures an episode, without the first pair
    assert len(found.episodes) == 16
    with pytest.raises(InputError, match="needs no adapter"):
        adapted(fresh(tiny.SHAPE, footage.doing, seed=0), open_labels(bundle, card, cache=tmp_path / "cache"))


def test_what_cannot_be_labels_says_why(footage: Footage, tmp_path: Path) -> None:
    card = Card.of(LATENT, footage, steps=0, seed=0)
    with pytest.raises(InputError, match="pictures with the actions"):
        open_labels(tiny.bundle(tmp_path / "mute", 3, acts=False), card, cache=tmp_path)
    slower = msgspec.structs.replace(card, frame_ns=round(card.frame_ns * 0.6))
    with pytest.raises(InputError, match="another pace"):
        open_labels(tiny.bundle(tmp_path / "few", 3), slower, cache=tmp_path)
    with pytest.raises(InputError, match="long enough"):
        open_labels(tiny.bundle(tmp_path / "short", 3, pictures=8), card, cache=tmp_path)
    with append_to(tmp_path / "two", exact=("rgb",)) as writer:
        for seed in range(2):
            episode = tiny.episode(seed)
            seen = episode.streams["rgb@above"]
            named = {f"rgb@{side}": replace(seen, source=side) for side in ("left", "right")}
            writer.add(replace(episode, streams={**named, "action@square": episode.streams["action@square"]}))
    with pytest.raises(SignalUnavailable, match="rgb@left"):
        open_labels(tmp_path / "two", card, cache=tmp_path)


def test_choices_are_one_hot_and_several_who_act_stand_beside_each_other(tmp_path: Path) -> None:
    with append_to(tmp_path / "games", exact=("rgb",)) as writer:
        for seed in range(3):
            episode, rng = tiny.episode(seed, acts=False), generator(seed, "choice")
            times = np.arange(23) * tiny.FRAME_NS
            for who, values in (("ann", rng.integers(0, 4, (23, 1))), ("bob", rng.integers(0, 2, (23, 2)))):
                values[:4, 0] = [0, 1, 2 if who == "ann" else 0, 3 if who == "ann" else 1]
                stream = Stream(SIGNALS["action"], times, values.astype(float), origin="simulated", source=who)
                episode = episode.with_stream(stream)
            legend = {"action@ann": ("Noop", "Left", "Right", "Fire [key]"), "action@bob": ("a", "b")}
            writer.add(replace(episode, legend=legend))
            last = episode
    from lifeworld.episode.bundle import open_bundle

    found = doing_of(open_bundle(tmp_path / "games"))
    assert found is not None
    assert found.names == (("noop", "left", "right", "fire"), ("a", "b"))
    assert (found.choices, found.who) == ((True, False), ("ann", "bob"))
    assert (found.low, found.high) == ((0.0,) * 6, (1.0,) * 6)
    told = found.between(last, np.arange(5, dtype=np.int64) * tiny.FRAME_NS)
    assert told.shape == (4, 6)
    assert np.array_equal(told[:, :4], np.eye(4))
    assert np.array_equal(told[:, 4:], last["action@bob"].values[:4])
    with pytest.raises(InputError, match="no such choice"):
        found.numbers(0, np.array([[7.0]]))
    with pytest.raises(ShapeError, match="action@bob"):
        found.numbers(1, np.zeros((2, 3)))
