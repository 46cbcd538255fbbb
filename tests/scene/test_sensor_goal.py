"""Sensors and goals check their own bounds, however they came to be, and a scene checks whom they name."""

from __future__ import annotations

from typing import Any

import pytest

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.goal import ALONE, GOAL_PREDICATES, Goal
from lifeworld.scene.scene import Embodiment, Scene, Thing
from lifeworld.scene.sensor import MOST_BEAMS, Sensor
from lifeworld.scene.text import parse, to_text

BOX = Thing(name="box", kind="drawer_unit", pose=Pose())
CRATE = Thing(name="crate", kind="open_box", pose=Pose((1, 0, 0)))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"kind": "sonar"}, UnknownName, "kind of sensor 'sonar'"),
        ({"pattern": "spining"}, UnknownName, "Did you mean 'spinning'"),
        ({"name": "7th"}, SceneError, "not a name for a sensor"),
        ({"part": "lid"}, SceneError, "a part of nothing.*attach"),
        ({"attach": "box", "part": "no part"}, SceneError, "not a name for a part"),
        ({"rows": 0}, LimitError, "rows"),
        ({"rows": 4097}, LimitError, "1 to 4096"),
        ({"columns": True}, LimitError, "columns"),
        ({"columns": 2.5}, LimitError, "whole number"),
        ({"rows": 2048, "columns": 1024}, LimitError, f"at most {MOST_BEAMS:,}"),
        ({"fov_deg": (361.0, 30.0)}, LimitError, "fov_deg"),
        ({"fov_deg": (360.0, 181.0)}, LimitError, r"fov_deg \(up\).*180"),
        ({"fov_deg": (-1.0, 30.0)}, LimitError, "fov_deg"),
        ({"fov_deg": (float("nan"), 30.0)}, LimitError, "finite"),
        ({"reach_m": 0.0}, LimitError, "reach_m"),
        ({"reach_m": float("inf")}, LimitError, "1000"),
        ({"size_m": (0.02, 20.0)}, LimitError, "size_m"),
        ({"pose": Pose((0, 0, 2_000))}, LimitError, "position_m"),
    ],
)
def test_a_sensor_out_of_bounds_says_which_and_where(given: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        Sensor(**({"name": "scan", "kind": "lidar"} | given))
    assert type(caught.value) is error


def test_a_sensor_at_its_bounds_is_fine() -> None:
    for more in ({"rows": 1, "columns": 4096}, {"fov_deg": (0.0, 0.0)}, {"fov_deg": (360.0, 180.0)}, {"reach_m": 1_000.0}):
        assert Sensor(name="scan", kind="lidar", **more)  # type: ignore[arg-type]


def test_a_sensor_is_on_something_that_is_there_and_has_a_name_of_its_own() -> None:
    walker = Embodiment(name="me", kind="walker")
    for attach in ("box", "me"):
        scene = Scene(name="s", things=(BOX,), embodiments=(walker,), sensors=(Sensor(name="scan", kind="lidar", attach=attach),))
        assert parse(to_text(scene)) == scene
    with pytest.raises(UnknownName, match=r"sensor 'scan'.*Did you mean 'box'"):
        Scene(name="s", things=(BOX,), sensors=(Sensor(name="scan", kind="lidar", attach="bxo"),))
    with pytest.raises(SceneError, match="two things are called 'box'"):
        Scene(name="s", things=(BOX,), sensors=(Sensor(name="box", kind="imu"),))


def test_a_text_says_where_its_sensor_is_wrong() -> None:
    with pytest.raises(UnknownName, match=r"<text>:6.*'spinning'"):
        parse('lifeworld = 1\nname = "s"\n[[sensor]]\nname = "scan"\nkind = "lidar"\npattern = "spinnig"\n')
    with pytest.raises(LimitError, match=r"<text>:.*reach_m"):
        parse('lifeworld = 1\nname = "s"\n[[sensor]]\nname = "scan"\nkind = "lidar"\nreach_m = -2.0\n')


@pytest.mark.parametrize("predicate", GOAL_PREDICATES)
def test_a_goal_is_of_one_thing_or_of_two(predicate: str) -> None:
    alone = predicate in ALONE
    more: dict[str, Any] = {"amount": 0.2} if predicate in ("higher", "beyond") else {}
    more |= {"joint": "drawer_1"} if predicate == "beyond" else {}
    right = Goal(name="g", predicate=predicate, thing="box", to=None if alone else "crate", **more)  # type: ignore[arg-type]
    assert right.targets == (("box",) if alone else ("box", "crate"))
    scene = Scene(name="s", things=(BOX, CRATE), goals=(right,), embodiments=(Embodiment(name="hand", kind="hand"),))
    assert parse(to_text(scene)) == scene
    with pytest.raises(SceneError, match="is of one thing" if alone else "needs a second thing"):
        Goal(name="g", predicate=predicate, thing="box", to="crate" if alone else None, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"predicate": "onn"}, UnknownName, "Did you mean 'on'"),
        ({"name": ""}, SceneError, "not a name for a goal"),
        ({"thing": "a b"}, SceneError, "not a name for a thing"),
        ({"to": "-"}, SceneError, "not a name for a thing"),
        ({"joint": "lid"}, SceneError, "only what opens has a joint"),
        ({"predicate": "open", "to": None, "joint": "1"}, SceneError, "not a name for a joint"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused(given: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Goal(**({"name": "tidy", "predicate": "in", "thing": "box", "to": "crate"} | given))


def test_a_goal_is_of_things_that_are_there() -> None:
    with pytest.raises(UnknownName, match=r"goal 'tidy'.*Did you mean 'crate'"):
        Scene(name="s", things=(BOX, CRATE), goals=(Goal(name="tidy", predicate="in", thing="box", to="crat"),))
    with pytest.raises(SceneError, match="two things are called 'box'"):
        Scene(name="s", things=(BOX,), goals=(Goal(name="box", predicate="upright", thing="box"),))
