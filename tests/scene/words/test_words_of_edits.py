"""The sentences that the page of edits gives are understood as the edits it gives them for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lifeworld.core.pose import Pose
from lifeworld.scene.edit import Attach, apply, unmet
from lifeworld.scene.edit.saved import TYPES
from lifeworld.scene.place import place
from lifeworld.scene.scene import CameraMount, Light, Relation, Scene, Thing
from lifeworld.scene.words import understand

PAGE = (Path(__file__).parents[3] / "docs" / "edits.md").read_text(encoding="utf-8")
ROWS = {m[1]: re.findall(r"\*([^*]+)\*", m[2]) for m in re.finditer(r"^\| `(\w+)` \|.*\| (.*?) \|$", PAGE, re.MULTILINE) if m[1] in TYPES}
SENTENCES = [(name, said) for name, told in ROWS.items() for said in told]


@pytest.fixture(scope="module")
def room() -> Scene:
    on = {name: "table" for name in ("magazine", "mug", "cup", "bowl", "plate", "lamp")} | {"spoon": "magazine"}
    kinds = {"table": "table", "drawers": "drawer_unit", "ball": "ball", "chair": "chair"} | {name: name for name in on}
    things = []
    for name, kind in kinds.items():
        at_m = (0.0, 0.0) if name == "bowl" else None  # with room on all sides
        relations = (Relation(kind="on", thing=on[name], at_m=at_m),) if name in on else ()
        things.append(Thing(name=name, kind=kind, relations=relations))
    front = CameraMount(name="front", pose=Pose.look_at((0, -2, 1.5), (0, 0, 0.7)))
    scene = place(Scene(name="room", things=tuple(things), cameras=(front,), lights=(Light(name="sun"),)), seed=0)
    return apply(scene, Attach("spoon", "magazine"))


@pytest.mark.parametrize(("name", "said"), SENTENCES)
def test_a_sentence_of_the_page_is_that_edit(room: Scene, name: str, said: str) -> None:
    understood = understand(said, room)
    assert TYPES[name] in {type(edit) for edit in understood.plan}
    assert unmet(room, understood.plan) == ()


def test_every_edit_but_two_has_its_words() -> None:
    assert {name for name, told in ROWS.items() if not told} == {"move", "relate"}
    assert len(SENTENCES) >= len(TYPES) - 2
