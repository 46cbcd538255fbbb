"""Scenes from words: the same words and seed, the same scene; what was said is there and where it was said to be."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.errors import WordsError
from lifeworld.scene.relation import holds
from lifeworld.scene.room import Room
from lifeworld.scene.words.scene_of import scene_of

KITCHEN = "a kitchen with a table, four chairs, a bowl of apples on the table and a cat bed in the corner"


def test_the_kitchen_of_the_issue() -> None:
    made = scene_of(KITCHEN, seed=3)
    kinds = [t.kind for t in made.scene.things]
    assert made.scene.spaces[0].kind == "kitchen"
    assert (kinds.count("table"), kinds.count("chair"), kinds.count("bowl")) == (1, 4, 1)
    assert kinds.count("apple") >= 1
    for thing in made.scene.things:
        assert thing.pose is not None
        for relation in thing.relations:
            assert holds(relation, made.scene, thing=thing.name), (thing.name, relation)
    assert "table" in made.told
    assert scene_of(KITCHEN, seed=3).scene == made.scene


def test_what_names_nothing_is_furnished() -> None:
    assert len(scene_of("a bathroom", seed=0).scene.things) > len(scene_of("a bathroom with a towel", seed=0).scene.things)


@pytest.mark.parametrize("text", ["remove the mug", "a kitchen with a flurbel", "", "open the door"])
def test_what_is_no_scene_is_refused(text: str) -> None:
    with pytest.raises(WordsError):
        scene_of(text, seed=0)


@pytest.mark.parametrize(
    "text",
    ["a room with a desk and a mug on the desk", "a kitchen with a table and a bowl of apples on the table", "a bedroom with a chair"],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_first_view_of_a_room_shows_what_was_asked_for(text: str, seed: int) -> None:
    """Its middle is in the middle of the picture, nearer than from the corner, and the camera stands in nothing."""
    scene = scene_of(text, seed=seed).scene
    placed = Room(scene).placed.values()
    asked = [p for p in placed if p.thing.kind in ("desk", "mug", "table", "bowl", "apple", "chair")]
    camera = scene.cameras[0]
    eye = camera.pose.position_m
    low, high = np.min([p.bounds_m[0] for p in asked], 0), np.max([p.bounds_m[1] for p in asked], 0)
    ahead = camera.pose.inverse().apply((low + high) / 2)
    assert ahead[2] > 0
    assert np.hypot(ahead[0], ahead[1]) < 0.2 * ahead[2]
    assert all(np.any((eye < p.bounds_m[0]) | (eye > p.bounds_m[1])) for p in placed)
    assert ahead[2] < 4.0
