"""Scene text: text → Scene → text is the identity, and every mistake is told with its line."""

from __future__ import annotations

import re
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_scenes import scenes

from lifeworld.core.errors import InputError, LifeworldError, LimitError, RelationCycle, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import DEEDS
from lifeworld.scene.event import Event, Who
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.lines import key_lines
from lifeworld.scene.scene import RELATIONS, AssetRef, CameraMount, Embodiment, Ground, Light, Relation, Scene, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.space import Space
from lifeworld.scene.text import parse, read, save, to_text

DOCS = Path(__file__).parents[2] / "docs"

KITCHEN = """lifeworld = 1
name = "kitchen"   # a comment, with "quotes" and [brackets]

[[thing]]
name = "table"
kind = "glass"
position_m = [0, 0, 0.5]

[[thing]]
name = "mug"
kind = "glass"
size_m = [
  0.075,
  0.075,  # one a line
  0.12,
]
on = "table"
{line}

[[camera]]
name = "front"
position_m = [1, 1, 1]
look_at_m = [0, 0, 0]
"""
LINE = KITCHEN[: KITCHEN.index("{line}")].count("\n") + 1


@given(scenes())
@settings(max_examples=150, deadline=None)
def test_text_keeps_every_scene_to_the_bit(scene: Scene) -> None:
    text = to_text(scene)
    assert parse(text) == scene
    assert to_text(parse(text)) == text


@given(scenes(), st.data())
@settings(max_examples=100, deadline=None)
def test_broken_text_raises_our_errors_only(scene: Scene, data: st.DataObject) -> None:
    text = to_text(scene)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 5))
        text = (
            text[:at]
            + data.draw(st.sampled_from(["", "[", '"', "= 1", "nan", "-", "\n", "a.b = 2\n", "'", "\x00", "é", "{"]))
            + text[at + cut :]
        )
    try:
        parse(text)
    except LifeworldError as error:
        str(error)  # any error of ours can be shown


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("frition = 0.3", UnknownName, "thing[1].frition: there is no key of a thing 'frition'. Did you mean 'friction'"),
        ("beside = 'tabel'", UnknownName, "thing[1].beside: there is no thing 'tabel'. Did you mean 'table'?"),
        ("material = 'glas'", UnknownName, "thing[1].material: there is no material 'glas'. Did you mean 'glass'?"),
        ("color = 'rad'", UnknownName, "thing[1].color: there is no color 'rad'. Did you mean 'red'"),
        ("insid = 'table'", UnknownName, "there is no key of a thing 'insid'"),
        ("in = 'table/insde'", UnknownName, "thing[1].in: there is no container of a glass 'insde'. Did you mean 'inside'?"),
        ("beside = { thng = 'table' }", UnknownName, "thing[1].beside.thng: there is no key of a relation 'thng'. Did you mean 'thing'"),
        ("joints = { door = 1.0 }", UnknownName, "thing[1].joints.door: there is no joint of a glass 'door'"),
        ("options = { drawers = 3 }", UnknownName, "thing[1].options.drawers"),
        ("mass_kg = nan", LimitError, "thing[1].mass_kg: not a finite number; got nan"),
        ("mass_kg = inf", LimitError, "thing[1].mass_kg: not a finite number; got inf"),
        ("mass_kg = -1.0", LimitError, "thing[1].mass_kg: mass_kg is out of bounds; got -1.0"),
        ("mass_kg = true", SceneError, "thing[1].mass_kg: not a number; got True"),
        ("mass_kg = 1979-05-27", SceneError, "thing[1].mass_kg: not a number"),
        ("turned_on = 1", SceneError, "thing[1].turned_on: a wrong sort of value; got 1, expected true or false"),
        ("color = 3", SceneError, "thing[1].color"),
        ("friction = 99", LimitError, "thing[1].friction: friction is out of bounds; got 99.0, expected a finite number from 0 to 10"),
        ("position_m = [0, 0]", SceneError, "thing[1].position_m: a wrong sort of value; got [0, 0], expected 3 numbers in a list"),
        ("position_m = [0, 0, 5000]", LimitError, "thing[1].position_m: position_m is out of bounds"),
        ("quat_wxyz = [1, 0, 0, 0]", SceneError, "thing[1].quat_wxyz: a turn without a place"),
        ("position_m = [0, 0, 0]; yaw_deg = 30", SceneError, "not TOML"),
        ("facing = { thing = 'table', at_m = [0, 0] }", SceneError, "thing[1].facing: 'facing' takes no at_m"),
        ("in = 'mug'", RelationCycle, "thing[1].in: 'mug' cannot be in itself"),
        ("under = 7", SceneError, "thing[1].under: a relation names a thing; got 7"),
        ("under = ['table', 7]", SceneError, "thing[1].under: a relation names a thing; got 7"),
        ("a.a.a.a.a.a.a.a.a.a = 1", LimitError, "a key with many dots"),
        ("mass_kg = 1" + "0" * 400, LimitError, "thing[1].mass_kg: not a finite number"),
        ("x = ", SceneError, "not TOML"),
    ],
)
def test_mistakes_are_told_with_their_line(line: str, error: type[LifeworldError], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)) as caught:
        parse(KITCHEN.replace("{line}", line), source="kitchen.toml")
    assert type(caught.value) is error
    assert str(caught.value).startswith(f"kitchen.toml:{LINE}: ")


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", SceneError, "the format version is missing. Begin the text with: lifeworld = 1"),
        ("lifeworld = 2\nfuture = 1", SceneError, "t:1: lifeworld: the scene is written in a newer format"),
        ("lifeworld = true", SceneError, "not a format version"),
        ("lifeworld = 1", SceneError, "name is missing in a scene. Add a line: name = …"),
        ("lifeworld = 1\nname = 'a'\n[[things]]", UnknownName, "t:3: things: there is no key of a scene 'things'. Did you mean 'thing'"),
        ("lifeworld = 1\nname = 'a'\n[thing]", SceneError, "t:3: thing: thing is a list of tables. Write [[thing]] with two brackets."),
        ("lifeworld = 1\nname = 'a'\nthing = [3]", SceneError, "t:3: thing[0]: a thing is a table"),
        ("lifeworld = 1\nname = 'a'\n[[thing]]\nname='b'", SceneError, "t:3: thing[0]: kind is missing in a thing"),
        ("lifeworld = 1\nname = 'a'\n[[thing]]\nname='b'\nkind='glas'", UnknownName, "t:5: thing[0].kind: there is no kind 'glas'"),
        (
            "lifeworld = 1\nname = 'a'\n[[thing]]\nname='b'\nkind='glass'\nsize_m=[9,9,9]",
            LimitError,
            "t:6: thing[0].size_m: a glass is not",
        ),
        ("lifeworld = 1\nname = 'a'\n[[light]]\nname='b'\nkind='suun'", UnknownName, "Did you mean 'sun'?"),
        ("lifeworld = 1\nname = 'a'\n[[light]]\nname='b'\n[[camera]]\nposition_m=[0,0,0]\nname='b'", SceneError, "the name 'b' is taken"),
        ("lifeworld = 1\nname = 'a'\n[[camera]]\nname='b'", SceneError, "t:3: camera[0]: position_m is missing in a camera"),
        ("lifeworld = 1\nname = 'a'\n[[camera]]\nname='b'\nposition_m=[0,0,0]\nlook_at_m=[0,0,0]", SceneError, "t:6: camera[0].look_at_m"),
        ("lifeworld = 1\nname = 'a'\n[ground]\nmaterial = 'woood'", UnknownName, "t:4: ground.material: there is no material 'woood'"),
        ("lifeworld = 1\nname = 'a'\nground = 3", SceneError, "t:3: ground: a ground is a table"),
        ("lifeworld = 1\nname = 'no name'", SceneError, "t:2: name: not a name for a scene"),
        ("lifeworld = 1\nname = 'a'\ntitle = \"a\\nb\"", LimitError, "t:3: title"),
        ("lifeworld = 1\nname = 'a'\n[[asset]]\nname='r'\nfolder='../x'\nsha256='0'", SceneError, "t:"),
        ("lifeworld = 1\nname = 'a'\n[[embodiment]]\nname='r'\nkind='robot'\nasset='arm'", UnknownName, "t:6: embodiment[0].asset"),
        ("lifeworld = 1\nname = 'a'\nground = false\n[[thing]]\nname='b'\nkind='glass'\non='ground'", SceneError, "t:7: thing[0].on"),
        ("a = " + "[" * 100_000, LimitError, "too deep"),
        ("a = " + "9" * 5_000, SceneError, "not TOML"),
        ("x" * 5_000_001, LimitError, "too long"),
    ],
)
def test_broken_scenes(text: str, error: type[LifeworldError], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)) as caught:
        parse(text, source="t")
    assert type(caught.value) is error


def test_a_ring_of_things_is_named() -> None:
    ring = "".join(f'[[thing]]\nname = "{a}"\nkind = "glass"\non = "{b}"\n' for a, b in ("ab", "bc", "ca"))
    with pytest.raises(RelationCycle, match=r"t:6: thing\[0\]\.on: .*a on b on c on a"):
        parse(f'lifeworld = 1\nname = "s"\n{ring}', source="t")


def test_sugar_means_what_it_says() -> None:
    scene = parse(
        """
        lifeworld = 1
        name = "s"
        thing = [
          { name = "a", kind = "glass", position_m = [1, 2, 3], yaw_deg = 90 },
          { name = "b", kind = "glass", on = { thing = "a", at_m = [0.2, 1] }, beside = ["a", "c"] },
          { name = "c", kind = "glass", on = "ground" },
          { name = "d", kind = "glass", facing = "a", on = "b", yaw_deg = 5 },
        ]
        [[camera]]
        name = "eye"
        position_m = [0, -2, 1]
        look_at_m = [0, 0, 1]
        """
    )
    assert scene.thing("a").pose == Pose.from_yaw((1, 2, 3), 1.5707963267948966)
    assert scene.thing("b").relations == (
        Relation(kind="on", thing="a", at_m=(0.2, 1.0)),
        Relation(kind="beside", thing="a"),
        Relation(kind="beside", thing="c"),
    )
    assert scene.thing("c").relations == ()
    assert scene.thing("d").relations == (Relation(kind="on", thing="b", yaw_deg=5.0), Relation(kind="facing", thing="a"))
    with pytest.raises(SceneError, match=re.escape("t:6: thing[0].yaw_deg: a turn without a place. Add position_m")):
        parse('lifeworld = 1\nname = "s"\n[[thing]]\nname = "a"\nkind = "glass"\nyaw_deg = 1', source="t")
    assert scene.cameras[0].pose.apply((0, 0, 2)) == pytest.approx((0, 0, 1))


def test_subtables_have_lines_too() -> None:
    text = 'lifeworld = 1\nname = "s"\n[[thing]]\nname = "a"\nkind = "glass"\n[thing.joints]\n\ndoor = 1\n'
    with pytest.raises(UnknownName, match=re.escape("t:8: thing[0].joints.door")):
        parse(text, source="t")


def test_lines_are_found_past_strings_and_brackets() -> None:
    text = 'a = """\nx = 1\n[[y]]\n"""\nb = [ # ]\n 1,\n]\n[["c d"]]\ne.f = \'\'\'\n\'\'\'\n[["c d"]]\nh = "\\"#" # "\ni = {j = [1]}\n'
    assert key_lines(text) == {
        ("a",): 1, ("b",): 5, ("c d",): 8, ("c d", 0): 8, ("c d", 0, "e"): 9, ("c d", 0, "e", "f"): 9,
        ("c d", 1): 11, ("c d", 1, "h"): 12, ("c d", 1, "i"): 13,
    }  # fmt: skip


def test_hostile_keys_are_refused_at_once() -> None:
    """In milliseconds; tomllib alone takes minutes, longer than any test may."""
    for key in (".".join("a" * 20_000), ".".join(['"a b"'] * 20_000), "x = { " + ".".join("a" * 20_000) + " = 1 }\n#"):
        with pytest.raises(LimitError, match="many dots"):
            parse(f"{key} = 1")
    title = ".".join("abcdefghijklmnopqrstuvw")
    assert parse(f'lifeworld = 1\nname = "s"\ntitle = "{title}"  # {title}').title == title


def spent_s(text: str) -> float:
    """Processor time that reading it takes [s], of three the least."""
    took = []
    for _ in range(3):
        start = time.process_time()
        parse(text)
        took.append(time.process_time() - start)
    return min(took)


def test_two_thousand_things_are_read() -> None:
    scene = Scene(
        name="many",
        things=tuple(
            Thing(name=f"t{i}", kind="glass", pose=Pose.from_yaw((i % 50, i // 50, 0), i), color="#aabbcc", mass_kg=0.1 + i / 7)
            for i in range(2000)
        ),
    )
    text = to_text(scene)
    assert parse(text) == scene
    few = to_text(replace(scene, things=scene.things[:500]))
    assert spent_s(text) < 10 * spent_s(few)  # as many times as there are more things, not its square
    more = text + '\n[[thing]]\nname = "one_more"\nkind = "glass"\n'
    with pytest.raises(LimitError, match="too many"):
        parse(more)


def test_files(tmp_path: Path) -> None:
    scene = Scene(name="s", title="Ein Glas — グラス", things=(Thing(name="a", kind="glass"),))
    save(scene, tmp_path / "s.toml")
    assert read(tmp_path / "s.toml") == scene
    (tmp_path / "dos.toml").write_bytes(b"\xef\xbb\xbf" + to_text(scene).replace("\n", "\r\n").encode())
    assert read(tmp_path / "dos.toml") == scene
    (tmp_path / "bad.toml").write_bytes(b"lifeworld = 1\nname = '\xff'")
    with pytest.raises(SceneError, match=r"bad\.toml:2: not UTF-8"):
        read(tmp_path / "bad.toml")
    (tmp_path / "big.toml").write_bytes(b"#" * 5_000_001)
    with pytest.raises(LimitError, match="too long"):
        read(tmp_path / "big.toml")
    for missing in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(InputError, match="no such scene file"):
            read(missing)


def test_every_example_of_the_docs_is_a_scene() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / "scene-format.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        text = block if "lifeworld =" in block else f'lifeworld = 1\nname = "example"\n{block}'
        scene = parse(text, source="docs/scene-format.md")
        assert parse(to_text(scene)) == scene


def test_every_key_is_in_the_docs() -> None:
    text = (DOCS / "scene-format.md").read_text(encoding="utf-8")
    written = (Thing, CameraMount, Light, Embodiment, Sensor, Goal, AssetRef, Ground, Relation, Space, Group, Event, Condition, Who)
    for sort in (*written, *DEEDS.values(), Scene):
        for f in fields(sort):
            listed = sort is Scene and isinstance(f.default, tuple) and f.name != "gravity_m_s2"
            if f.name not in ("pose", "relations") and not listed:
                assert re.search(rf"`{f.name}[` ]", text), f"{sort.__name__}.{f.name} is not in docs/scene-format.md"
    for kind in RELATIONS:
        assert f"`{kind}`" in text


def test_the_python_of_the_docs_runs() -> None:
    for block in re.findall(r"```python\n(.*?)```", (DOCS / "scene-format.md").read_text(encoding="utf-8"), re.DOTALL):
        exec(block, {})
