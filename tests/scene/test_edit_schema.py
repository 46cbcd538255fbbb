"""The published schema is the one made from the types, and agrees with what is read."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_edits import plans
from random_scenes import scenes

from lifeworld.core.errors import InputError
from lifeworld.scene.edit import decode, encode
from lifeworld.scene.edit.schema import plan_schema, schema_text
from lifeworld.scene.scene import Scene

PUBLISHED = Path(__file__).parents[2] / "docs" / "edit-plan.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(plan_schema())


def test_the_published_schema_is_that_of_the_types() -> None:
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    with_this = "from lifeworld.scene.edit.schema import schema_text; print(schema_text(), end='')"
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), f'run: python -c "{with_this}" > docs/edit-plan.schema.json'


@given(st.data(), scenes())
@settings(max_examples=25, deadline=None)
def test_every_plan_is_valid(data: st.DataObject, scene: Scene) -> None:
    VALIDATOR.validate(json.loads(encode(data.draw(plans(scene)))))


@pytest.mark.parametrize(
    "edit",
    [
        {"type": "remove"},
        {"type": "removes", "name": "a"},
        {"type": "remove", "name": "a", "all": True},
        {"type": "remove", "name": 3},
        {"type": "scale", "name": "a", "factor": "big"},
        {"type": "scale", "name": "a", "factor": [1, 2]},
        {"type": "scale", "name": "a", "factor": None},
        {"type": "move", "name": "a", "pose": {"quat_wxyz": [1, 0, 0, 0]}},
        {"type": "rotate", "name": "a", "angle_deg": 9, "axis": "up"},
        {"type": "add", "thing": {"name": "a"}},
        {"type": "add", "thing": {"name": "1a", "kind": "glass"}},
        {"type": "add", "thing": {"name": "a", "kind": "glass", "om": "b"}},
        {"type": "add", "thing": {"name": "a", "kind": "glass", "on": {"surface": "top"}}},
        {"type": "add", "thing": {"name": "a", "kind": "glass", "color": None}},
        {"type": "place", "name": "a", "relations": [{"kind": "onto", "thing": "b"}]},
        {"type": "set", "name": "a", "joints": {"lid": "open"}},
        {"type": "set_goal", "name": "a", "goal": {"name": "a", "predicate": "liked", "thing": "b"}},
        {"type": "set_event", "name": "a", "event": {"name": "a", "at_s": 1, "edits": [{"type": "remov", "name": "b"}]}},
        {"type": "set_event", "name": "a", "event": {"name": "a", "at_s": 1, "deeds": [{"type": "push", "thin": "b"}]}},
    ],
)
def test_what_the_schema_refuses_is_not_read(edit: object) -> None:
    plan = {"plan": 1, "edits": [edit]}
    assert not VALIDATOR.is_valid(plan)
    with pytest.raises(InputError):
        decode(json.dumps(plan))


@pytest.mark.parametrize("plan", [{}, {"plan": 1}, {"plan": 2, "edits": []}, {"plan": 1, "edits": {}}, {"plan": 1, "edits": [], "x": 1}])
def test_plans_that_are_none(plan: object) -> None:
    assert not VALIDATOR.is_valid(plan)
    with pytest.raises(InputError):
        decode(json.dumps(plan))
