"""What is told to happen becomes the event it tells of; what changes the scene becomes none."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lifeworld.core.errors import WordsError
from lifeworld.scene import starter
from lifeworld.scene.deed import Push
from lifeworld.scene.events.kind import kinds
from lifeworld.scene.scene import Scene
from lifeworld.scene.words.happening import happening_of
from lifeworld.scene.words.happening.pattern import patterns

TOLD = tomllib.loads((Path(__file__).parent / "happen.toml").read_text(encoding="utf-8"))
CASES = [(scene, text, want) for scene, sentences in TOLD.items() for text, want in sentences.items()]


@cache
def load(name: str) -> Scene:
    from lifeworld.scene.place import place

    return place(starter.load(name), seed=0)


@pytest.mark.parametrize(("scene", "text", "want"), CASES, ids=[f"{scene}: {text}" for scene, text, _ in CASES])
def test_a_sentence_becomes_the_event_it_tells_of(scene: str, text: str, want: str) -> None:
    if want.startswith("refused: "):
        with pytest.raises(WordsError) as caught:
            happening_of(text, load(scene))
        assert caught.value.reason == want.removeprefix("refused: "), str(caught.value)
        return
    event = happening_of(text, load(scene))
    if want == "no":
        assert event is None
        return
    assert event is not None
    words = want.split()
    if words[0] == "push":
        (deed,) = event.deeds
        assert isinstance(deed, Push)
        assert deed.thing == words[1]
        assert deed.velocity_m_s is not None
        np.testing.assert_allclose(deed.velocity_m_s, [float(w) for w in words[2:5]], atol=0.01)  # the viewer looks a little aside
        return
    assert event.kind == words.pop(0)
    numbers = {"at": 0.0}
    while words:
        match words.pop(0):
            case "at" | "strength" as key:
                numbers[key] = float(words.pop(0))
            case "of":
                assert event.of == words.pop(0)
            case "towards":
                assert event.direction is not None
                np.testing.assert_allclose(event.direction, [float(words.pop(0)) for _ in range(3)], atol=1e-6)
            case "when":
                assert event.when is not None
                del numbers["at"]
            case name:
                assert event.who is not None
                assert event.who.names == (name,)
    assert event.at_s == numbers.get("at")
    if "strength" in numbers:
        assert event.strength is not None
        assert event.strength.span == (numbers["strength"],) * 2


def test_every_kind_of_event_can_be_told_of() -> None:
    spoken = {name for pattern in patterns() for name in pattern.kinds}
    assert spoken - {"push"} == set(kinds())
