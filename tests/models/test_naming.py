"""What actions do, in words: pictures that are moved are said to move, and every action of a model has its row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.episode.bundle import open_bundle
from lifeworld.models.data.footage import Footage
from lifeworld.models.meaning.finish import STRIP, begun, inferring, named
from lifeworld.models.meaning.naming import AHEAD, described, each_action, meanings, moved, strip
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.kinds import fresh

CODES = replace(tiny.SHAPE, latent=True, codes=6, actions=2)


def scene(seed: int, size: int = 96) -> np.ndarray:
    """A picture with something everywhere, its grain a few pixels wide."""
    coarse = generator(seed, "scene").uniform(0, 1, (size // 4, size // 4, 3))
    return coarse.repeat(4, 0).repeat(4, 1).astype(np.float32)


@given(st.integers(0, 1000), st.integers(-4, 4), st.integers(-4, 4))
@settings(max_examples=20, deadline=None)
def test_a_scene_that_is_moved_is_seen_to_move_as_far(seed: int, dx: int, dy: int) -> None:
    world = scene(seed)
    found = moved(world[16:80, 16:80], world[16 - dy : 80 - dy, 16 - dx : 80 - dx])
    if dx == dy == 0:
        assert found.share == 0
    else:
        assert found.share > 0.5
        assert (found.dx_px, found.dy_px) == pytest.approx((dx, dy), abs=0.3)


def films(dx: int, dy: int, *, thing: bool) -> np.ndarray:
    """A beginning and AHEAD pictures after it (2, 1 + AHEAD, 64, 64, 3): all of it moves, or one square."""
    out = np.zeros((2, 1 + AHEAD, 64, 64, 3), np.uint8)
    for seed in range(2):
        world = (scene(seed, 192) * 255).astype(np.uint8)
        for i in range(1 + AHEAD):
            if thing:
                out[seed, i] = world[64:128, 64:128]
                y, x = 20 + dy * i, 28 + dx * i
                out[seed, i, y : y + 16, x : x + 16] = world[:16, :16]
            else:
                out[seed, i] = world[64 - dy * i : 128 - dy * i, 64 - dx * i : 128 - dx * i]
    return out


@pytest.mark.parametrize(
    ("dx", "dy", "thing", "words"),
    [
        (-2, 0, False, "the scene moves left, 2.0 px"),
        (0, 3, False, "the scene moves down, 3.0 px"),
        (2, -2, False, "the scene moves right and up, 2.8 px"),
        (-2, 0, True, "something moves left"),
        (0, 0, False, "nothing"),
    ],
)
def test_what_goes_on_is_said_in_words(dx: int, dy: int, thing: bool, words: str) -> None:
    film = films(dx, dy, thing=thing)
    assert described(film[:, 0], film[:, 1:]).startswith(words)


@pytest.mark.parametrize(
    ("dx", "dy", "rest", "words"),
    [
        (-2, 0, (-2, 0), "nothing"),
        (-2, 0, (0, 0), "the scene moves left, 2.0 px"),
        (-2, 0, (0, -2), "the scene moves more left and down than at rest, 2.8 px"),
        (0, 0, (2, 0), "the scene moves more left than at rest, 2.0 px"),
    ],
)
def test_what_goes_on_at_rest_is_no_doing(dx: int, dy: int, rest: tuple[int, int], words: str) -> None:
    film, still = films(dx, dy, thing=False), films(*rest, thing=False)
    assert described(film[:, 0], film[:, 1:], rest=still[:, 1:]).startswith(words)


def test_what_gets_lighter_or_flickers_is_said_so() -> None:
    film = films(0, 0, thing=False) // 2
    light = np.stack([film[:, i] + np.uint8(12 * i) for i in range(AHEAD + 1)], axis=1)
    assert described(light[:, 0], light[:, 1:]) == "it gets lighter"
    noise = generator(0, "noise").integers(0, 255, film.shape).astype(np.uint8)
    noise[:, 0] = noise[:, -1]
    assert "moves" not in described(noise[:, 0], noise[:, 1:])


@pytest.fixture(scope="module")
def coded(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coded")
    silent = Footage(footage.bundle, stream=footage.stream, size=footage.size, stride=footage.stride, frame_ns=footage.frame_ns, length=10)
    save(folder, fresh(CODES, None, seed=0), Card.of(CODES, silent, steps=0, seed=0))
    return folder


def test_each_code_has_a_name_a_row_and_a_place_on_the_card(coded: Path, footage: Footage) -> None:
    said = named(coded, footage)
    assert list(said) == [f"code_{i}" for i in range(6)]
    assert load(coded)[1].meanings == said
    assert (coded / STRIP).stat().st_size > 500


def test_codes_are_pressed_like_keys(coded: Path) -> None:
    world = WorldDream(coded)
    (spec,) = world.spec.actions
    assert spec.labels == tuple(f"code_{i}" for i in range(6))
    frames = tiny.play(5)[0]
    pressed = world.inferred(frames[:6])
    assert pressed.shape == (5, 6)
    assert (pressed.sum(axis=1) == 1).all()
    state = world.reset(frames[:2], seed=0)
    one, other = (world.observe(world.step(state, {"latent": np.eye(6)[i]}), ["rgb"])["rgb"] for i in (0, 0))
    assert np.array_equal(one, other)
    model, card = load(coded)
    save(coded, model, structs.replace(card, meanings={"code_3": "nothing"}))
    resting = WorldDream(coded)
    rest, third = (resting.step(state, action).inner["frame"] for action in ({}, {"latent": np.eye(6)[3]}))
    assert np.array_equal(rest, third)  # none pressed is the code that does nothing


def test_true_actions_are_compared_too(model: Path, bundle: Path) -> None:
    world = WorldDream(model)
    assert list(each_action(world)) == ["rest", "number_0", "-number_0", "number_1", "-number_1"]
    found = meanings(world, begun(world, open_bundle(bundle)))
    assert found[0].pictures.shape == (4, AHEAD, 16, 16, 3)
    picture = strip(found)
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3


@pytest.mark.parametrize("said", ["", "x", "codes", "codes:", "codes:1", "codes:65", "0", "17", "4:8", "-1", "4.5"])
def test_what_is_no_latent_action_says_what_is(said: str) -> None:
    with pytest.raises(InputError, match="numbers or codes"):
        inferring(said)


def test_numbers_and_codes() -> None:
    assert inferring("4") == (4, 0)
    assert inferring("codes:8") == (3, 8)
    assert inferring("codes:6") == (2, 6)
