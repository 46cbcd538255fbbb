"""Bad input to `lifeworld make` and to a world: a typed error with exit code 2 and nothing written, or a world that works."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.core.errors import (
    ActionError,
    Diverged,
    EngineError,
    LifeworldError,
    LimitError,
    PlacementError,
    SceneError,
    SignalUnavailable,
    StateError,
    UnknownName,
)
from lifeworld.core.pose import Pose
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.head import is_bundle
from lifeworld.scene import edit as edits
from lifeworld.scene.scene import CameraMount, Embodiment, Light, Relation, Scene, Thing
from lifeworld.worlds.agent import AgentRest
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.record import record

Capture = pytest.CaptureFixture[str]
HEAD = 'lifeworld = 1\nname = "s"\n'
TABLE = '[[thing]]\nname = "table"\nkind = "table"\nposition_m = [0, 0, 0]\n'
CAMERA = CameraMount(name="eye", pose=Pose.look_at((1.0, -1.0, 1.0), (0.0, 0.0, 0.0)), width_px=12, height_px=10)


def thing(name: str = "mug", what: str = "mug", **more: Any) -> str:
    return f'[[thing]]\nname = "{name}"\nkind = "{what}"\n' + "".join(
        f"{key} = {value if isinstance(value, str) and value[:1] in '[{' else json.dumps(value)}\n" for key, value in more.items()
    )


def made(tmp_path: Path, text: str, *args: str) -> tuple[int, list[Path]]:
    """What `lifeworld make` returns for a scene of this text, and all it has written."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "s.toml").write_text(text, encoding="utf-8")
    out = tmp_path / "new" / "out"
    code = main(["make", str(tmp_path / "in" / "s.toml"), "-o", str(out), "--seconds", "0.1", "--renderer", "rays", *args])
    return code, sorted(p for p in tmp_path.rglob("*") if "in" not in p.relative_to(tmp_path).parts)


STOOL = thing("stool", "stool", position_m="[0, 0, 0]")
BIG = "[[camera]]\nname = 'NAME'\nposition_m = [1, 1, 1]\nlook_at_m = [0, 0, 0]\nwidth_px = 4096\nheight_px = 4096\n"
BAD_TEXT = {
    "kind": (TABLE + thing(what="mgu", on="table"), "Did you mean 'mug'"),
    "relation": (TABLE + thing(onn="table"), "Did you mean 'on'"),
    "target": (TABLE + thing(on="tabel"), "Did you mean 'table'"),
    "surface": (TABLE + thing(on="{thing = 'table', surface = 'tpo'}"), "Did you mean 'top'"),
    "key": (TABLE + thing(on="table", frition=0.3), "Did you mean 'friction'"),
    "material": (TABLE + thing(on="table", material="ceramc"), "Did you mean 'ceramic'"),
    "option": (thing(what="book", position_m="[0, 0, 0]", options="{page = 3}"), "option"),
    "joint": (thing(what="cabinet", position_m="[0, 0, 0]", joints="{dor = 0.3}"), "joint"),
    "camera that looks nowhere": (TABLE + "[[camera]]\nname = 'c'\nposition_m = [0, 0, 1]\nlook_at_m = [0, 0, 1]\n", "camera"),
    "camera on nobody": (TABLE + "[[camera]]\nname = 'c'\nposition_m = [0, 0, 1]\nattach = 'tabel'\n", "Did you mean 'table'"),
    "ring": (thing("a", on="b") + thing("b", on="c") + thing("c", on="a"), "ring"),
    "on itself": (thing("a", on="a"), "itself"),
    "two of one name": (TABLE + TABLE, "already"),
    "two embodiments of one name": (2 * "[[embodiment]]\nname = 'e'\nkind = 'hand'\n", "already"),
    "no room": (STOOL + "".join(thing(f"p{i}", "plate", on="stool") for i in range(30)), "no room"),
    "too tall": (thing("oven", "microwave", position_m="[0, 0, 0]") + thing("w", "wardrobe", **{"in": "oven"}), "tall"),
    "nothing to stand on": (thing("ball", "ball", position_m="[0, 0, 0.1]") + thing(on="ball"), "flat"),
    "unstable": (TABLE + thing("plate", "plate", position_m="[0.75, 0, 0.7402]", on="table"), "plate"),
    "NaN": (thing(position_m="[nan, 0, 0]"), "finite"),
    "infinite": (thing(position_m="[0, 0, inf]"), "finite"),
    "negative size": (thing(size_m="[-1, 1, 1]"), "size_m"),
    "huge size": (thing(size_m="[1e9, 1, 1]"), "size_m"),
    "no mass": (thing(mass_kg=0), "mass_kg"),
    "huge mass": (thing(mass_kg=1e9), "mass_kg"),
    "too many things": ("".join(thing(f"m{i}") for i in range(2001)), "2001"),
    "too much text": ("#" + "x" * (5 * 2**20) + "\n", "5"),
    "not TOML": ("[[thing\n", "TOML"),
    "another version": ("lifeworld = 99\n", "lifeworld"),
    "called as the world is": (thing("world", position_m="[0, 0, 0]"), "'world'"),
    "called as a hand's eye": (
        "[[embodiment]]\nname = 'h'\nkind = 'hand'\n[[camera]]\nname = 'h_eye'\nposition_m = [0, 0, 1]\nlook_at_m = [0, 0, 0]\n",
        "h_eye",
    ),
    "too many pixels": ("".join(BIG.replace("NAME", f"c{i}") for i in range(64)), "pixels"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_TEXT)
def test_bad_scenes_exit_with_2_and_write_nothing(what: str, tmp_path: Path, capsys: Capture) -> None:
    body, words = BAD_TEXT[what]
    code, written = made(tmp_path, body if body.startswith("lifeworld") else HEAD + body)
    said = capsys.readouterr()
    assert code == 2, said.err
    assert words in said.err
    assert "Traceback" not in said.err
    assert written == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--signals", "rbg"], "rgb"),
        (["--signals", "rgb@nobody"], "rgb@"),
        (["--signals", " , "], "signal"),
        (["--seconds", "3601"], "an hour"),
        (["--seconds", "1e-9"], "tick"),
        (["--seconds", "nan"], "tick"),
        (["--seconds", "3600", "--signals", "depth_m"], "memory"),
        (["--episodes", "-1"], "episodes"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_bad_options_exit_with_2_and_write_nothing(args: list[str], words: str, tmp_path: Path, capsys: Capture) -> None:
    code, written = made(tmp_path, HEAD + TABLE, *args)
    assert code == 2
    assert words in capsys.readouterr().err
    assert written == []


@pytest.mark.parametrize("text", [HEAD, HEAD + "ground = false\n", HEAD + thing("towel", "towel", position_m="[0, 0, 0.3]")])
def test_odd_scenes_work(text: str, tmp_path: Path) -> None:
    """Nothing at all, no ground, only soft things."""
    code, written = made(tmp_path, text, "--signals", "rgb,position_m,contacts", "--quality", "draft")
    assert code == 0
    episode = open_bundle(next(p for p in written if p.name == "scene.toml").parent)[0]
    assert len(episode["rgb@overview"]) == 3


def test_what_is_drawn_is_named(tmp_path: Path, capsys: Capture) -> None:
    code, written = made(tmp_path, HEAD + TABLE, "--signals", "position_m", "--json", "--episodes", "2")
    said = json.loads(capsys.readouterr().out)
    assert (code, said["earlier_episodes"], said["frame_sheets"]) == (0, 0, {})
    assert [p for p in written if p.name.startswith("sheet")] == [Path(said["sheet"])]  # numbers are drawn as lines
    out = tmp_path / "new" / "out"
    assert main(["make", str(out / "scene.toml"), "-o", str(out), "--seconds", "0.1", "--renderer", "rays", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["earlier_episodes"] == 2
    assert Path(said["sheet"]).exists()


def test_a_file_in_the_way_exits_with_2(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "new").write_text("here first", encoding="utf-8")
    code, written = made(tmp_path, HEAD + TABLE)
    assert code == 2
    assert "not a folder" in capsys.readouterr().err
    assert written == [tmp_path / "new"]
    assert (tmp_path / "new").read_text(encoding="utf-8") == "here first"


def test_scenes_are_listed_where_no_picture_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("LIFEWORLD_CACHE", str(tmp_path / "file"))
    assert main(["scenes", "--json"]) == 0
    said = capsys.readouterr()
    assert {row["picture"] for row in json.loads(said.out)["scenes"]} == {None}
    assert said.err.count("no pictures") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_exits_with_1(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "new").mkdir(mode=0o500)
    code, written = made(tmp_path, HEAD + TABLE)
    assert code == 1
    assert "Permission" in capsys.readouterr().err
    assert written == [tmp_path / "new"]


@pytest.mark.parametrize("most_bytes", [100, 3_000, 30_000])
def test_a_full_disk_exits_with_1_and_leaves_whole_files(most_bytes: int, tmp_path: Path) -> None:
    """The limit stands for a full disk: writing beyond it fails, at the text, at the picture, in an episode."""
    out = tmp_path / "out"
    args = ["make", "drawer", "-o", str(out), "--seconds", "1", "--signals", "rgb,depth_m", "--renderer", "rays", "--json"]
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from lifeworld.cli import main\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes}))\n"
        f"sys.exit(main({args!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["error"] in ("os_error", "storage_error")
    assert "Traceback" not in done.stderr
    assert not is_bundle(out) or len(open_bundle(out)) == 0
    there = [p for p in out.rglob("*") if p.is_file()]
    assert {p.relative_to(out).as_posix() for p in there} <= {".lock", "scene.toml", "first.png", "meta/info.json"}
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != most_bytes


# -- in Python -------------------------------------------------------------------------------------------------------------


def one(name: str, at: tuple[float, float, float] = (0.0, 0.0, 0.3), what: str = "block", **more: Any) -> Thing:
    return Thing(name=name, kind=what, pose=Pose(at), **more)


def scene(*things: Thing, **more: Any) -> Scene:
    return Scene(**{"name": "s", "things": things, "cameras": (CAMERA,)} | more)


def body(kind: Any, at: tuple[float, float, float] = (0.0, 0.0, 0.0), name: str = "e") -> Embodiment:
    return Embodiment(name=name, kind=kind, pose=Pose(at))


WORKS = {
    "boxes inside each other": scene(one("a"), one("b"), one("c", (0.01, 0.0, 0.3))),
    "tables inside each other": scene(one("a", (0, 0, 0), "table", fixed=False), one("b", (0.05, 0, 0), "table", fixed=False)),
    "a table sunk into the ground": scene(one("a", (0, 0, -0.1), "table", fixed=False)),
    "a ball inside a sofa": scene(one("a", (0, 0, 0), "sofa", fixed=True), one("b", (0, 0, 0.2), "ball")),
    "fixed things inside each other": scene(one("a", (0, 0, 0), "table", fixed=True), one("b", (0, 0, 0), "fridge", fixed=True)),
    "fast things": scene(one("a", linear_velocity_m_s=(200.0, 200.0, 0.0), angular_velocity_rad_s=(500.0, 0.0, 500.0))),
    "gravity of 1000": scene(one("a"), one("b", (0, 0, 0.5), "mug"), gravity_m_s2=(0.0, 0.0, -1000.0)),
    "no gravity": scene(one("a"), gravity_m_s2=(0.0, 0.0, 0.0)),
    "a walker in a wall": scene(one("a", (0, 0, 0), "wall", fixed=True), embodiments=(body("walker"),)),
    "a hand inside a table": scene(one("a", (0, 0, 0), "table", fixed=False), embodiments=(body("hand", (0, 0, 0.73)),)),
    "two hands in one place": scene(embodiments=(body("hand", (0, 0, 0.5)), body("hand", (0, 0, 0.5), "f"))),
    "100 t on a milligram": scene(one("a", (0, 0, 0.02), mass_kg=1e-6), one("b", (0, 0, 0.1), mass_kg=1e5)),
    "a thing called as a soft one's corner": scene(one("towel", (0.5, 0, 0.5), "towel"), one("towel_0"), one("towel_1", (0.2, 0, 0.3))),
    "a thing called as an element of the model": scene(one("ground"), one("sky", (0.3, 0, 0.3)), lights=(Light(name="front"),)),
    "the edge of the world": scene(one("a", (999.0, 999.0, 999.0)), one("b", (-1000.0, 0, 0), "table", fixed=True)),
}


@pytest.mark.parametrize("what", WORKS)
def test_what_the_world_must_live_with(what: str) -> None:
    """No state that is not finite or cannot be written, no speed out of this world; things inside each other are pushed apart."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(WORKS[what], seed=0)
    rng = np.random.default_rng(0)
    for _ in range(40):
        state = world.step(state, {a.name: rng.uniform(a.low, a.high) for a in world.spec.actions})
    seen = world.observe(state, list(world.spec.signals))
    assert np.abs(seen["linear_velocity_m_s"]).max(initial=0.0) < 310
    assert world.scene(world.load(world.save(state))) == world.scene(state)


def test_things_inside_each_other_come_apart() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene(one("a", (0, 0, 0.05)), one("b", (0.005, 0, 0.05))), seed=0)
    for _ in range(50):
        state = world.step(state, {})
    a, b = world.observe(state, ["position_m"])["position_m"]
    assert np.abs(a - b).max() > 0.03
    assert np.abs([a, b]).max() < 1.0


OUT_OF_THIS_WORLD = {
    "falls for ever": (scene(one("a"), ground=None), 800),
    "flung out of the ground": (scene(one("a", (0, 0, -5.0))), 5),
    "gravity upward": (scene(one("a"), gravity_m_s2=(0.0, 0.0, 1000.0)), 60),
}


@pytest.mark.parametrize("what", OUT_OF_THIS_WORLD)
def test_what_leaves_the_world_says_so(what: str) -> None:
    """Diverged, stepping or rolling out, and the state before is as it was."""
    start, ticks = OUT_OF_THIS_WORLD[what]
    world = WorldPhysics(renderer="rays")
    first = world.reset(start, seed=0)
    *_, (last, error) = lives(world, first, ticks)
    assert isinstance(error, Diverged)
    assert "'a'" in str(error)
    kept = world.save(last)
    with pytest.raises(Diverged):
        world.step(last, {})
    assert world.save(last) == kept
    assert world.scene(last).thing("a").pose is not None
    with pytest.raises(Diverged, match="future 1"):
        world.rollout([rest(first), last], {}, ticks=1)
    with pytest.raises(Diverged):
        record(world, AgentRest(), start, seconds=ticks * 0.02, seed=0, signals=["position_m"])


def lives(world: WorldPhysics, state: PhysicsState, ticks: int) -> Iterator[tuple[PhysicsState, LifeworldError | None]]:
    """Each state and what became of stepping it, until it fails."""
    for _ in range(ticks):
        try:
            after = world.step(state, {})
        except LifeworldError as error:
            yield state, error
            return
        yield state, None
        state = after


def rest(state: PhysicsState) -> PhysicsState:
    """The state of one free thing, moved to (0, 0, 2) and at rest."""
    vector = state.vector.copy()
    vector[1:4], vector[8:14] = (0.0, 0.0, 2.0), 0.0
    return replace(state, vector=vector)


def test_a_crowd_in_one_place_is_an_engine_error_or_works() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene(*[one(f"b{i}", (0, 0, 0.1), "ball") for i in range(60)]), seed=0)
    ends = [error for _, error in lives(world, state, 5)]
    assert all(error is None or isinstance(error, EngineError) for error in ends)


@pytest.mark.parametrize("where", ["towel", "block", "table", "hand", "walker", "free_camera"])
def test_cameras_go_with_what_they_are_attached_to(where: str) -> None:
    kinds = ("towel", "block", "table")
    attached = replace(CAMERA, name="on_it", pose=Pose((0.0, 0.0, 0.2)), attach="it")
    start = (
        scene(one("it", what=where, fixed=True if where == "table" else None), cameras=(attached,))
        if where in kinds
        else scene(cameras=(attached,), embodiments=(body(where, (0, 0, 0.3), "it"),))
    )
    world = WorldPhysics(renderer="rays")
    state = world.reset(start, seed=0)
    before = world.observe(state, ["camera_pose@on_it", "rgb@on_it"])
    assert before["rgb@on_it"].shape == (10, 12, 3)
    if where == "block":
        later = state
        for _ in range(5):
            later = world.step(later, {})
        fell = world.observe(state, ["position_m"])["position_m"] - world.observe(later, ["position_m"])["position_m"]
        went = before["camera_pose@on_it"][:3] - world.observe(later, ["camera_pose@on_it"])["camera_pose@on_it"][:3]
        assert np.allclose(fell, went)
        assert went[2] > 0.03


@pytest.fixture(scope="module")
def world_and_state() -> tuple[WorldPhysics, PhysicsState]:
    world = WorldPhysics(renderer="rays")
    return world, world.reset(scene(one("block"), one("cabinet", (1, 0, 0), "cabinet"), embodiments=(body("pusher"),)), seed=0)


HUGE = [replace(CAMERA, name=f"c{i}", width_px=4096, height_px=4096) for i in range(9)]
BAD_CALLS: dict[str, tuple[Callable[[WorldPhysics, PhysicsState], Any], type[LifeworldError], str]] = {
    "words for an action": (lambda w, s: w.step(s, {"e": "fast"}), ActionError, "numbers"),  # type: ignore[dict-item]
    "a ragged action": (lambda w, s: w.step(s, {"e": [[1], [1, 2]]}), ActionError, "numbers"),  # type: ignore[dict-item]
    "a complex action": (lambda w, s: w.step(s, {"e": np.zeros(2, complex)}), ActionError, "numbers"),
    "no action": (lambda w, s: w.step(s, {"e": None}), ActionError, "numbers"),  # type: ignore[dict-item]
    "a NaN action": (lambda w, s: w.step(s, {"e": np.array([np.nan, 0])}), ActionError, "finite"),
    "somebody else's action": (lambda w, s: w.step(s, {"he": np.zeros(2)}), ActionError, "no embodiment"),
    "an unknown signal": (lambda w, s: w.observe(s, ["positon_m"]), SignalUnavailable, "position_m"),
    "a signal that is no word": (lambda w, s: w.observe(s, [3]), SignalUnavailable, "position_m"),  # type: ignore[list-item]
    "a rollout of nobody": (lambda w, s: w.rollout([], {}), StateError, "at least one"),
    "a rollout of no tick": (lambda w, s: w.rollout([s], {"e": np.zeros((1, 0, 2))}), ActionError, "ticks"),
    "a rollout of unknown length": (lambda w, s: w.rollout([s], {}), ActionError, "ticks="),
    "a rollout of another length": (lambda w, s: w.rollout([s], {"e": np.zeros((1, 2, 2))}, ticks=3), ActionError, "ticks"),
    "a rollout of words": (lambda w, s: w.rollout([s], {"e": [[["a", "b"]]]}), ActionError, "numbers"),
    "a rollout of ragged lists": (lambda w, s: w.rollout([s], {"e": [[1], [1, 2]]}), ActionError, "arrays"),
    "text for a state": (lambda w, s: w.load("state"), StateError, "not a saved state"),  # type: ignore[arg-type]
    "half a state": (lambda w, s: w.load(w.save(s)[:-9]), StateError, "not a saved state"),
    "another scene's numbers": (lambda w, s: w.load(w.save(s).replace(b"1.0, 0.0, 0.0", b"9.0, 0.0, 0.0")), StateError, "damaged"),
    "a thing that is there": (lambda w, s: w.edit(s, edits.Add(one("block"))), LifeworldError, "already"),
    "a thing that is not": (lambda w, s: w.edit(s, edits.Remove("blok")), UnknownName, "'block'"),
    "a joint that is not": (lambda w, s: w.edit(s, edits.Open("cabinet", "dor")), UnknownName, "joint"),
    "a thing called world": (lambda w, s: w.edit(s, edits.Add(one("world"))), SceneError, "'world'"),
    "a thing on a handle": (lambda w, s: w.edit(s, edits.Place("cabinet", (Relation(kind="on", thing="block"),))), PlacementError, "block"),
    "pixels without end": (
        lambda w, s: w.observe(w.edit(s, [edits.SetCamera(c.name, c) for c in HUGE]), ["rgb"]),
        LimitError,
        "pixels",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_CALLS)
def test_bad_calls_raise_and_change_nothing(what: str, world_and_state: tuple[WorldPhysics, PhysicsState]) -> None:
    call, expected, words = BAD_CALLS[what]
    world, state = world_and_state
    before = world.save(state)
    with pytest.raises(expected) as raised:
        call(world, state)
    assert words in str(raised.value)
    assert world.save(state) == before


def test_joints_are_opened_and_kept(world_and_state: tuple[WorldPhysics, PhysicsState]) -> None:
    """An edit opens a door; another edit, of something else, leaves it open to the bit and moving on."""
    world, state = world_and_state
    opened = world.edit(state, edits.Open("cabinet"))
    moved = np.flatnonzero(
        world.observe(opened, ["joint_position"])["joint_position"] != world.observe(state, ["joint_position"])["joint_position"]
    )
    assert len(moved) == 1
    pushed = world.step(opened, {})
    painted = world.edit(pushed, edits.Set("cabinet", color="#aa3322"))
    for signal in ("joint_position", "joint_velocity"):
        assert np.array_equal(world.observe(pushed, [signal])[signal], world.observe(painted, [signal])[signal])


def test_a_door_forced_beyond_its_stop_can_be_written_and_edited() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene(one("cabinet", (0, 0, 0), "cabinet", fixed=True)), seed=0)
    vector = state.vector.copy()
    (name, address, _), (_, most) = state.compiled.bounds[0].joints[0], state.compiled.bounds[0].reach[0]
    vector[1 + address] = most + 0.7  # the time comes first
    forced = replace(state, vector=vector)
    assert dict(world.scene(forced).thing("cabinet").joints)[name] == most
    painted = world.edit(forced, edits.Set("cabinet", color="#aa3322"))
    assert world.observe(painted, ["joint_position"])["joint_position"][0] == most + 0.7
    assert world.scene(world.load(world.save(painted))) == world.scene(painted)


def test_a_fallen_towel_stays_where_it_fell_when_painted() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene(one("towel", (0, 0, 0.5), "towel"), one("ball", (0.5, 0, 0.5), "ball")), seed=0)
    for _ in range(30):
        state = world.step(state, {})
    painted = world.edit(state, edits.Set("towel", color="#ff0000"))
    was, now = (world.observe(s, ["position_m"])["position_m"] for s in (state, painted))
    assert np.array_equal(was, now)
    assert was[0, 2] < 0.1
    for _ in range(5):
        state, painted = world.step(state, {}), world.step(painted, {})
    assert np.array_equal(state.vector, painted.vector)


def test_an_embodiment_that_is_moved_is_there() -> None:
    world = WorldPhysics(renderer="rays")
    start = scene(embodiments=(body("hand", (0, 0, 0.5), "h"), body("free_camera", (0, 0, 1), "c")))
    state = world.step(world.reset(start, seed=0), {"h": np.full(7, 0.5), "c": np.full(6, 0.5)})
    moved = tuple(replace(e, pose=Pose((1.0, 2.0, 0.5))) for e in start.embodiments)
    there = world.observe(world.edit(state, edits.SetScene(embodiments=moved)), ["embodiment_state", "camera_pose"])
    assert np.array_equal(there["embodiment_state@h"][:3], (1.0, 2.0, 0.5))
    assert np.array_equal(there["camera_pose@c_eye"][:3], (1.0, 2.0, 0.5))
