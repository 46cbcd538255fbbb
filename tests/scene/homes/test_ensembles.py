"""Ensembles: nothing in them is in anything else of them, whichever way they are made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lifeworld.core.seed import generator
from lifeworld.scene.homes.furniture import ROOMS
from lifeworld.scene.homes.style import STYLES
from lifeworld.scene.relation import collisions
from lifeworld.scene.scene import Scene


@pytest.mark.parametrize("kind", list(ROOMS))
def test_nothing_in_an_ensemble_collides(kind: str) -> None:
    for number, wish in enumerate(ROOMS[kind]):  # type: ignore[index]  # a kind of space
        for ensemble in wish.ways(generator(number, "test"), STYLES["modern"]):
            things = tuple(replace(item.thing, name=f"thing_{i}", pose=item.pose) for i, item in enumerate(ensemble.items))
            assert collisions(Scene(name="ensemble", things=things)) == []
            assert (ensemble.boxes_m[:, 1, 1] <= 1e-9).all() or ensemble.anchor == "free", "it stands before its wall"
