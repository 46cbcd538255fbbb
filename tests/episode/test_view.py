"""The LeRobot view of a bundle says what the streams say, and holds together as episodes come and go."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bundles import episode as made
from bundles import episodes, scenery
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.origin import Consent, Terms
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import resample
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.entry import nominal_fps
from lifeworld.episode.episode import Episode
from lifeworld.episode.head import read_info, write_info
from lifeworld.episode.seal import append_to
from lifeworld.episode.view import View, check_view, fits, plan_view, tables
from lifeworld.episode.view.stats import FRAMES, WORDS, joined, looked_at, of_column, of_pictures


def ticks(count: int, hz: float = 25, start: int = 0) -> NDArray[np.int64]:
    return start + np.array([round(k * 1e9 / hz) for k in range(count)], dtype=np.int64)


def rgb(camera: str, count: int = 12, *, hz: float = 25, size: tuple[int, int] = (32, 48), seed: int = 0) -> Stream:
    return Stream(SIGNALS["rgb"], ticks(count, hz), scenery(count, *size, seed=seed), origin="simulated", source=camera)


def numbers(name: str, source: str, times: NDArray[np.int64], width: int, seed: int = 0) -> Stream:
    values = np.random.default_rng(seed).normal(size=(len(times), width))
    return Stream(SIGNALS[name], times, values, origin="simulated", source=source)


def scalars(name: str, times: Any, values: Any) -> Stream:
    return Stream(SIGNALS[name], np.asarray(times), np.asarray(values, SIGNALS[name].dtype), origin="simulated")


def arm(seed: int, count: int = 12, *, task: str = "", **more: Any) -> Episode:
    """Two cameras, actions and states at another rate."""
    fast = ticks(2 * count, 70)
    both = (rgb("top", count, seed=seed, **more), rgb("side", count, seed=seed + 1, **more))
    episode = made(*both, numbers("action", "hand", fast, 2, seed), numbers("embodiment_state", "hand", fast, 4, seed))
    return replace(episode, labels={"task": task} if task else {}, scene=None)


def bundle(root: Path, *all: Episode) -> list[str]:
    with append_to(root) as writer:
        return [writer.add(episode) for episode in all]


def data(root: Path, number: int) -> pa.Table:
    return pq.read_table(root / tables.place(tables.DATA, number))


def problems(root: Path) -> list[str]:
    return list(check_view(root, open_bundle(root)))


# -- what LeRobot sees -----------------------------------------------------------------------------------------------------


def test_the_clock_is_that_of_most_cameras_and_then_of_most_frames() -> None:
    slow, fast = [rgb(c, 6, hz=10) for c in ("a", "b")], [rgb(c, 20) for c in ("c", "d")]
    plan = plan_view(made(*slow, fast[0], numbers("action", "hand", ticks(9), 2)))
    assert plan is not None
    assert list(plan.cameras) == ["rgb@a", "rgb@b"]
    assert plan.fps == 10
    plan = plan_view(made(*slow, *fast))
    assert plan is not None
    assert (plan.fps, len(plan), list(plan.cameras)) == (25, 20, ["rgb@c", "rgb@d"])


@pytest.mark.parametrize(("hz", "fps"), [(25, 25), (15, 15), (30000 / 1001, Fraction(30000, 1001)), (12.5, Fraction(25, 2))])
def test_the_rate_is_the_nominal_one(hz: float, fps: Fraction) -> None:
    plan = plan_view(made(rgb("top", hz=hz)))
    assert plan is not None
    assert plan.fps == fps


def test_without_cameras_the_actions_are_the_clock_and_without_those_the_states() -> None:
    moves, states = numbers("action", "hand", ticks(7, 50), 2), numbers("embodiment_state", "hand", ticks(9, 20), 3)
    plan = plan_view(made(states, moves))
    assert plan is not None
    assert np.array_equal(plan.times_ns, moves.times_ns)
    plan = plan_view(made(states))
    assert plan is not None
    assert plan.fps == 20
    assert plan_view(made(scalars("reward", [0, 1], [0, 1]))) is None
    assert plan_view(made(numbers("action", "hand", ticks(0), 2))) is None


def test_actions_hold_and_states_lie_on_lines() -> None:
    late = ticks(20, 40, start=100_000_000)
    moves, more, states = numbers("action", "b", late, 2), numbers("action", "a", ticks(40), 3), numbers("embodiment_state", "b", late, 3)
    plan = plan_view(made(rgb("top", 30), moves, more, states))
    assert plan is not None
    inside = (plan.times_ns >= late[0]) & (plan.times_ns <= late[-1])
    held = resample(late, moves.values, plan.times_ns[plan.times_ns >= late[0]], "hold").astype(np.float32)
    assert np.array_equal(plan.columns["action"][plan.times_ns >= late[0], :2], held)
    assert np.array_equal(plan.columns["action"][0, :2], np.asarray(moves.values[0], np.float32))
    assert np.array_equal(plan.columns["action"][:, 2:], np.asarray(more.values[:30], np.float32))
    line = resample(late, states.values, plan.times_ns[inside], "linear").astype(np.float32)
    assert np.array_equal(plan.columns["observation.state"][inside], line)
    assert np.array_equal(plan.columns["observation.state"][-1], np.asarray(states.values[-1], np.float32))
    assert plan.features["action"]["names"] == ["b.action_0", "b.action_1", "a.action_0", "a.action_1", "a.action_2"]


def test_names_come_from_the_legend() -> None:
    plan = plan_view(made(rgb("top"), numbers("action", "hand", ticks(3), 2)))
    assert plan is not None
    assert plan.features["action"]["names"] == ["x", "y"]


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(-2, 2, width=16)), max_size=12, unique_by=lambda r: r[0]), st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_rewards_are_those_between_a_frame_and_the_next(rewards: list[tuple[int, float]], count: int) -> None:
    rewards.sort()
    frames = np.arange(count) * 4
    stream = scalars("reward", [t for t, _ in rewards], [r for _, r in rewards])
    plan = plan_view(made(numbers("action", "hand", frames, 1), stream))
    assert plan is not None
    ends = [*frames[1:].tolist(), 1000]
    for k in range(count):
        expected = sum(r for t, r in rewards if frames[k] < t <= ends[k])
        assert plan.columns["next.reward"][k] == np.float32(expected)


def test_done_is_what_has_ended_by_the_next_frame_and_stays_so() -> None:
    plan = plan_view(made(numbers("action", "hand", np.arange(5), 1), scalars("terminated", [0, 3], [False, True])))
    assert plan is not None
    assert plan.columns["next.done"].tolist() == [False, False, True, True, True]


def test_the_task_is_the_instruction_that_holds() -> None:
    told = scalars("instruction", [0, 40_000_000 * 5], ["pour", "stop"])
    episode = replace(made(rgb("top"), told), labels={"task": "label"}, title="title")
    plan = plan_view(episode)
    assert plan is not None
    assert plan.tasks == ("pour", "stop")
    assert plan.task.tolist() == [0] * 5 + [1] * 7
    without = replace(episode, streams={"rgb@top": episode["rgb@top"]})
    assert [plan_view(e).tasks for e in (without, replace(without, labels={}))] == [("label",), ("title",)]  # type: ignore[union-attr]


def test_what_does_not_fit_says_why(tmp_path: Path) -> None:
    bundle(tmp_path, arm(0))
    info = read_info(tmp_path).lerobot
    wrong = {
        "10 frames/s, the view has 25": arm(1, hz=10),
        "observation.images.top of 64 x 48 px, the view has 48 x 32": arm(1, size=(48, 64)),
        "there is no observation.images.side, the view has it": replace(
            arm(1), streams={n: s for n, s in arm(1).streams.items() if "side" not in n}
        ),
        "the view has no next.done": arm(1).with_stream(scalars("terminated", [0], [True])),
        "3 numbers of action, the view has 2": arm(1).with_stream(numbers("action", "hand", ticks(5), 3)),
        "the numbers of action are others than those of the view": replace(arm(1), legend={"action@hand": ("left", "right")}),
    }
    for why, episode in wrong.items():
        plan = plan_view(episode)
        assert plan is not None
        assert fits(info, plan) == why
    assert fits(info, plan_view(arm(2, 5))) is None  # type: ignore[arg-type]
    uids = bundle(tmp_path, *wrong.values(), arm(2, 5))
    after = open_bundle(tmp_path)
    assert after.index.number.tolist() == [0, -1, -1, -1, -1, -1, -1, 1]
    assert [after.index.row(i)["left_out"] for i in range(1, 7)] == list(wrong)
    assert after.info["total_episodes"] == 2
    assert after.episode(uids[0])["rgb@top"].values.shape == (12, 32, 48, 3)
    assert problems(tmp_path) == []


# -- as it is written ------------------------------------------------------------------------------------------------------


def test_the_files_are_those_of_lerobot(tmp_path: Path) -> None:
    uids = bundle(tmp_path, arm(0, task="pour"), arm(1, 9, task="stir"), arm(2, 7, task="pour"))
    info = json.loads((tmp_path / "meta/info.json").read_text())
    assert [info[k] for k in ("codebase_version", "fps", "total_episodes", "total_frames", "total_tasks")] == ["v3.0", 25, 3, 28, 2]
    assert info["splits"] == {"train": "0:3"}
    assert info["features"]["observation.images.top"]["info"]["video.codec"] == "h264"
    types = {
        "action": pa.list_(pa.float32(), 2),
        "observation.state": pa.list_(pa.float32(), 4),
        "timestamp": pa.float32(),
        **dict.fromkeys(("frame_index", "episode_index", "index", "task_index"), pa.int64()),
    }
    rows = pa.concat_tables([data(tmp_path, k) for k in range(3)])
    assert {field.name: field.type for field in rows.schema} == types
    assert [key for key, feature in info["features"].items() if feature["dtype"] != "video"] == rows.schema.names
    assert rows["index"].to_pylist() == list(range(28))
    assert rows["episode_index"].to_pylist() == [0] * 12 + [1] * 9 + [2] * 7
    assert rows["task_index"].to_pylist() == [0] * 12 + [1] * 9 + [0] * 7
    assert rows["timestamp"].to_pylist()[12:15] == [0, float(np.float32(0.04)), float(np.float32(0.08))]
    episodes = pq.read_table(tmp_path / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [row["x_world/uid"] for row in episodes] == uids
    assert [(row["dataset_from_index"], row["dataset_to_index"], row["data/file_index"]) for row in episodes] == [
        (0, 12, 0),
        (12, 21, 1),
        (21, 28, 2),
    ]
    assert episodes[1]["videos/observation.images.top/to_timestamp"] == 9 / 25
    assert episodes[1]["tasks"] == ["stir"]
    assert np.shape(episodes[1]["stats/observation.images.top/mean"]) == (3, 1, 1)
    assert problems(tmp_path) == []


def test_terms_are_in_the_rows(tmp_path: Path) -> None:
    episode = arm(0)
    consent = Consent(subject="P7", terms="study-1", receipt="r-42", purposes=("train",))
    for name, licence in (("rgb@top", "CC-BY-4.0"), ("action@hand", "MIT")):
        s = episode[name]
        terms = Terms(license=licence, consents=(consent,))
        episode = episode.with_stream(Stream(s.signal, s.times_ns, s.values, origin="measured", source=s.source, terms=terms))
    bundle(tmp_path, episode)
    [row] = tables.read_rows(tmp_path, 1)
    assert [row[f"x_world/{k}"] for k in ("consent", "licence", "source")] == [["r-42"], "CC-BY-4.0 AND MIT", "mixed"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(all=st.lists(episodes(most=4), min_size=1, max_size=3))
def test_any_bundle_has_a_right_view(tmp_path_factory: pytest.TempPathFactory, all: list[Episode]) -> None:
    root = tmp_path_factory.mktemp("b") / "bundle"
    bundle(root, *all)
    assert problems(root) == []


def test_uneven_clocks_are_even_in_the_view_only(tmp_path: Path) -> None:
    times = np.cumsum([0, *[33, 35, 31] * 6, 90, *[34, 33] * 2]) * 1_000_000
    shaky = Stream(SIGNALS["rgb"], times, scenery(len(times), 32, 32), origin="measured", source="phone")
    bundle(tmp_path, made(shaky))
    assert np.array_equal(open_bundle(tmp_path)[0]["rgb@phone"].times_ns, times)
    assert data(tmp_path, 0)["timestamp"].to_pylist()[:2] == [0, float(np.float32(1 / 30))]  # a camera of 30 Hz, about
    assert problems(tmp_path) == []


def test_the_tables_turn_to_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tables", "view"):
        monkeypatch.setattr(f"lifeworld.episode.view.{module}.ROWS", 3)
    uids = [bundle(tmp_path, arm(k, 5 + k))[0] for k in range(5)]
    with append_to(tmp_path) as writer:
        more = [writer.stage(arm(k, 4)) for k in range(5, 8)]
        writer.commit(more)
    files = sorted(p.name for p in (tmp_path / "meta/episodes/chunk-000").iterdir())
    assert files == ["file-000.parquet", "file-001.parquet", "file-002.parquet"]
    assert [row["x_world/uid"] for row in tables.read_rows(tmp_path, 8)] == uids + more
    assert [row["meta/episodes/file_index"] for row in tables.read_rows(tmp_path, 8)] == [0, 0, 0, 1, 1, 1, 2, 2]
    assert problems(tmp_path) == []
    _remove(tmp_path, [uids[1], more[0], more[1]])
    assert len(list((tmp_path / "meta/episodes/chunk-000").iterdir())) == 2


def test_who_dies_before_the_head_is_replaced_leaves_no_trace(tmp_path: Path) -> None:
    bundle(tmp_path / "a", arm(0, task="pour"))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    bundle(tmp_path / "a", arm(1, task="lost"))
    for name in ("meta/stats.json", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet"):  # all but the head
        shutil.copy(tmp_path / "a" / name, tmp_path / "b" / name)
    bundle(tmp_path / "b", arm(2, 8, task="stir"))
    assert problems(tmp_path / "b") == []
    assert tables.read_tasks(tmp_path / "b", 9) == ["pour", "stir"]
    assert tables.read_stats(tmp_path / "b")["index"]["count"] == [20]


# -- taken out -------------------------------------------------------------------------------------------------------------


def _remove(root: Path, uids: list[str]) -> None:
    info = read_info(root)
    view = View(root, info.lerobot)
    view.remove(uids)
    write_info(root, view.info, info.head)


@example({0, 1, 2, 3, 4})
@example({1, 2})
@given(st.sets(st.integers(0, 4), min_size=1))
@settings(max_examples=5, deadline=None, derandomize=True)
def test_what_is_taken_out_was_never_there(tmp_path_factory: pytest.TempPathFactory, gone: set[int]) -> None:
    root = tmp_path_factory.mktemp("b")
    told = scalars("instruction", [0, 80_000_000], ["pour", "stir"])
    small = {"size": (16, 16)}
    all = [arm(k, 5 + k, task=task, **small) for k, task in enumerate(("pour", "mix", "", "stir", "pour"))]
    all[2] = all[2].with_stream(told)
    uids = bundle(root / "a", *all)
    _remove(root / "a", [uids[k] for k in gone])
    left = [k for k in range(5) if k not in gone]
    bundle(root / "b", *(all[k] for k in left))
    a, b = read_info(root / "a").lerobot, read_info(root / "b").lerobot
    assert a == b
    for mine, theirs in zip(tables.read_rows(root / "a", 5), tables.read_rows(root / "b", 5), strict=True):
        own = {"x_world/uid", "data/file_index"} | {f"videos/{key}/file_index" for key in tables.video_keys(a["features"])}
        drawn = {k for k in mine if k.startswith("stats/observation.images")}  # on a busy machine AV1 is not the same to the bit
        assert {k: v for k, v in mine.items() if k not in own | drawn} == {k: v for k, v in theirs.items() if k not in own | drawn}
        for k in drawn:
            np.testing.assert_allclose(mine[k], theirs[k], atol=0.03)
    for new, old in enumerate(left):
        assert data(root / "a", old).equals(data(root / "b", new))
    assert tables.read_tasks(root / "a", a["total_tasks"]) == tables.read_tasks(root / "b", b["total_tasks"])
    assert_close(tables.read_stats(root / "a"), tables.read_stats(root / "b"))


def test_taking_out_twice_is_taking_out_once(tmp_path: Path) -> None:
    uids = bundle(tmp_path, *(arm(k, 5 + k, task=str(k)) for k in range(3)))
    info = read_info(tmp_path)
    View(tmp_path, info.lerobot).remove(uids[:1])  # and killed here
    again = View(tmp_path, info.lerobot)
    again.remove(uids[:1])
    assert (again.info["total_episodes"], again.info["total_frames"], again.info["total_tasks"]) == (2, 13, 2)
    assert [row["x_world/uid"] for row in tables.read_rows(tmp_path, 3)] == uids[1:]
    assert data(tmp_path, 1)["index"].to_pylist() == list(range(6))


# -- checking finds what is wrong ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("view") / "bundle"
    bundle(root, arm(0, task="pour"), arm(1, 9, task="stir"))
    assert problems(root) == []
    return root


def _data(root: Path, key: str, values: Any) -> None:
    table = data(root, 1)
    table = table.set_column(table.schema.get_field_index(key), key, pa.array(values).cast(table.schema.field(key).type))
    pq.write_table(table, root / tables.place(tables.DATA, 1))


def _info(root: Path, **said: Any) -> None:
    info = read_info(root)
    write_info(root, info.lerobot | said, info.head)


def _swap(root: Path) -> None:
    top, side = (root / tables.place(tables.VIDEO, k, "observation.images.top") for k in (0, 1))
    shutil.copy(top, side)


HARM = {
    "an action": (lambda root: _data(root, "action", [[0.0, 1.0]] * 9), "action of data/chunk-000/file-001.parquet is not what"),
    "an index": (lambda root: _data(root, "index", range(9)), "index of data/chunk-000/file-001.parquet is not what"),
    "a time": (lambda root: _data(root, "timestamp", [k * 0.041 for k in range(9)]), "timestamp of data"),
    "a length": (lambda root: pq.write_table(data(root, 1)[:8], root / tables.place(tables.DATA, 1)), "is not what the streams say"),
    "no data": (lambda root: (root / tables.place(tables.DATA, 1)).unlink(), "cannot be read"),
    "a video": (_swap, "12 frames in videos"),
    "no video": (lambda root: (root / tables.place(tables.VIDEO, 1, "observation.images.top")).unlink(), "there is no such file"),
    "a task": (lambda root: tables.write_tasks(root, ["pour", "stare"]), "tasks ['stir']"),
    "frames": (lambda root: _info(root, total_frames=22), "22 frames, the episodes have 21"),
    "episodes": (lambda root: _info(root, total_episodes=3), "2 rows, meta/info.json says 3"),
    "the rate": (lambda root: _info(root, fps=30), "do not fit the view: 25 frames/s, the view has 30"),
    "statistics": (lambda root: tables.write_stats(root, {"action": of_column(np.ones((3, 2)))}), "meta/stats.json"),
    "no statistics": (lambda root: (root / "meta/stats.json").write_text("{"), "meta: cannot be read"),
    "no rows": (lambda root: (root / "meta/episodes/chunk-000/file-000.parquet").unlink(), "no rows of 2 episodes"),
}


@pytest.mark.parametrize("harm", HARM)
def test_check_finds(sound: Path, tmp_path: Path, harm: str) -> None:
    root = tmp_path / "bundle"
    shutil.copytree(sound, root)
    do, said = HARM[harm]
    do(root)
    found = problems(root)
    assert any(said in line for line in found), found


# -- statistics ------------------------------------------------------------------------------------------------------------


def assert_close(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert a.keys() == b.keys()
    for key in a:
        for word in WORDS:
            np.testing.assert_allclose(a[key][word], b[key][word], rtol=1e-9, atol=1e-12)


@given(st.lists(st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=20), min_size=1, max_size=5))
def test_joined_statistics_are_those_of_all_values(parts: list[list[float]]) -> None:
    each = [{"x": of_column(np.array(part, dtype=np.float32))} for part in parts]
    whole, every = joined(each)["x"], np.concatenate(parts)
    np.testing.assert_allclose(whole["mean"], [every.mean()], atol=1e-9)
    np.testing.assert_allclose(whole["std"], [every.std()], atol=1e-7)
    assert (whole["min"], whole["max"], whole["count"]) == (every.min(), every.max(), len(every))
    by_one = each[0]
    for part in each[1:]:
        by_one = joined([by_one, part])
    np.testing.assert_allclose(by_one["x"]["q50"], whole["q50"], atol=1e-9)


def test_statistics_of_pictures_are_those_of_their_levels() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 20, 30, 3)).astype(np.uint8)
    stats = of_pictures(frames)
    levels = frames.reshape(-1, 3) / 255
    for word, value in {
        "min": levels.min(0),
        "max": levels.max(0),
        "mean": levels.mean(0),
        "std": levels.std(0),
        "q10": np.quantile(levels, 0.1, axis=0, method="inverted_cdf"),
    }.items():
        np.testing.assert_allclose(stats[word], value.reshape(3, 1, 1), atol=1e-12)
    assert stats["count"] == [5]


def test_unknown_values_do_not_count() -> None:
    table = np.array([[1, np.nan], [3, np.nan], [np.nan, np.nan]])
    stats = of_column(table)
    assert stats["mean"][0] == 2
    assert stats["max"][0] == 3
    assert np.isnan(stats["mean"][1])


@given(st.integers(1, 5000))
def test_few_frames_are_looked_at(count: int) -> None:
    chosen = looked_at(count)
    assert 1 <= len(chosen) <= FRAMES
    assert chosen[0] == 0
    assert chosen[-1] < count
    assert count <= 16 or chosen[-1] >= count - 32


def test_a_clock_about_as_fast_joins_at_the_rate_of_the_view(tmp_path: Path) -> None:
    """A car's 20 Hz, with the jitter of milliseconds; two frames before it do not say a rate that all must then have."""
    rng = np.random.default_rng(3)
    made_at = [np.array([0, 11_000_000]), *(np.cumsum(rng.integers(48, 53, 20)) * 1_000_000 for _ in range(3))]
    for k, times in enumerate(made_at):
        bundle(tmp_path, made(Stream(SIGNALS["rgb"], times, scenery(len(times), 32, 32, seed=k), origin="measured", source="car")))
    assert open_bundle(tmp_path).index.number.tolist() == [-1, 0, 1, 2]
    assert json.loads((tmp_path / "meta/info.json").read_text())["fps"] == 20
    for kept, times in zip(open_bundle(tmp_path), made_at, strict=True):
        assert np.array_equal(kept["rgb@car"].times_ns, times)
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("step_ns", "jitter_ns", "fps"),
    [(40_000_000, 0, "25"), (33_333_333, 0, "30"), (33_366_667, 0, "30000/1001"), (49_500_000, 2_000_000, "20"), (80_000_000, 0, "25/2"),
     (66_700_000, 5_000_000, "15"), (2_000_000_000, 0, "1/2"), (10, 0, "1000")],
)  # fmt: skip
def test_the_rate_a_clock_is_about(step_ns: int, jitter_ns: int, fps: str) -> None:
    wobble = np.resize([0, 1], 60) + np.random.default_rng(0).integers(-jitter_ns, jitter_ns + 1, 60)
    times = np.cumsum(np.full(60, step_ns)) + wobble
    assert nominal_fps(times) == Fraction(fps)
