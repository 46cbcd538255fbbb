"""What is broken in a LeRobot data set is said by name; what is whole beside it is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lerobot_sets import V21, at_root, read, rows

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile, UnsafeFile


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return V21(tmp_path_factory.mktemp("v21") / "set", {1: 20, 3: 31}).root


def _cut_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _spoil(made: V21) -> None:
    held = made.video(3).read_bytes()
    begin = held.index(b"mdat") + 4  # the pictures; what says where they are lies before
    made.video(3).write_bytes(held[:begin] + bytes(len(held) - begin))


def _backwards(made: V21) -> None:
    table = pq.read_table(made.data(3))
    said = pa.array(np.float32([0, 2, 1, *range(3, 31)]))
    pq.write_table(table.set_column(table.schema.get_field_index("timestamp"), "timestamp", said), made.data(3))


def _ragged(made: V21) -> None:
    table = pq.read_table(made.data(3)).drop(["action"])
    pq.write_table(table.append_column("action", pa.array([[0.0] * (1 + k % 2) for k in range(31)])), made.data(3))


EPISODE_HARM: dict[str, tuple[Callable[[V21], Any], str]] = {
    "an empty video": (lambda m: m.video(3).write_bytes(b""), "the video is empty"),
    "no video": (lambda m: m.video(3).unlink(), "the video is missing"),
    "half a video": (lambda m: _cut_file(m.video(3)), "not a video that can be read"),
    "a video of another episode": (
        lambda m: shutil.copy(m.video(1), m.video(3)),
        "the video ends before the rows; got 0.600 s, expected 1.000 s",
    ),
    "a video that cannot be decoded": (_spoil, "not a video that can be read"),
    "no rows": (lambda m: m.data(3).unlink(), "the rows cannot be read"),
    "half the rows": (lambda m: _cut_file(m.data(3)), "the rows cannot be read"),
    "empty rows": (lambda m: m.data(3).write_bytes(b""), "the rows cannot be read"),
    "rows missing": (lambda m: pq.write_table(rows(3, 30), m.data(3)), "not all rows of the episode are there"),
    "rows of another": (lambda m: pq.write_table(rows(7, 31), m.data(3)), "there are no rows of this episode"),
    "a column missing": (lambda m: pq.write_table(rows(3, 31).drop(["action"]), m.data(3)), "a feature has no column"),
    "words for numbers": (
        lambda m: pq.write_table(rows(3, 31).drop(["action"]).append_column("action", pa.array(["a"] * 31)), m.data(3)),
        "no numbers",
    ),
    "ragged numbers": (_ragged, "rows of different lengths"),
    "a clock that runs backwards": (_backwards, "times_ns must increase strictly"),
}


@pytest.mark.parametrize("harm", EPISODE_HARM)
def test_a_broken_episode_is_skipped_by_name_and_the_others_are_read(sound: Path, tmp_path: Path, harm: str) -> None:
    made = at_root(tmp_path / "set")
    shutil.copytree(sound, made.root)
    do, why = EPISODE_HARM[harm]
    do(made)
    episodes, report = read(made.root)
    assert [e.labels["episode"] for e in episodes] == ["1"]
    [(what, said)] = [skip for skip in report.skipped if skip[0] == "set, episode 3"]
    assert what == "set, episode 3"
    assert why in said
    assert str(tmp_path) not in said


def test_rows_and_files_of_no_episode_are_counted(tmp_path: Path) -> None:
    made = V21(tmp_path, {0: 4, 1: 4, 2: 5})
    made.listed = [each for each in made.listed if each["episode_index"] != 2]
    made.say()
    pq.write_table(pa.concat_tables([rows(0, 4), rows(8, 3), rows(9, 2)]), made.data(0))
    episodes, report = read(tmp_path)
    assert len(episodes) == 2
    assert report.skipped == [("data/chunk-000/episode_000000.parquet", "5 rows belong to no episode that is listed: 8, 9")]
    assert report.notes[0] == "meta/info.json says 3 episodes, there are 2 in the list"
    assert report.notes[1].startswith("2 files belong to no episode that is listed: data/chunk-000/episode_000002.parquet, videos/")


SET_HARM: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "another version": ({"codebase_version": "v1.6"}, UnreadableFile, "of another version"),
    "no rate": ({"fps": 0}, UnreadableFile, "fps is no rate"),
    "an endless rate": ({"fps": float("inf")}, UnreadableFile, "fps is no rate"),
    "features of no sort": ({"features": {"a": {"shape": [1]}}}, UnreadableFile, "features do not say what they are"),
    "a path that leads out": ({"data_path": "../../{episode_index}.parquet"}, UnsafeFile, "leads out of the folder"),
    "an absolute path": ({"video_path": "/etc/{episode_index}"}, UnsafeFile, "leads out of the folder"),
    "a path that asks for more": ({"data_path": "{secret}"}, UnreadableFile, "KeyError"),
    "no path": ({"data_path": None}, UnreadableFile, "no data_path"),
    "chunks of nothing": ({"chunks_size": 0}, UnreadableFile, "ZeroDivisionError"),
    "too many features": ({"features": {str(k): {"dtype": "float32"} for k in range(5000)}}, FileTooLarge, "too many features"),
}


@pytest.mark.parametrize("harm", SET_HARM)
def test_a_broken_set_is_refused(sound: Path, tmp_path: Path, harm: str) -> None:
    shutil.copytree(sound, tmp_path / "set")
    info, kind, why = SET_HARM[harm]
    path = tmp_path / "set/meta/info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | info))
    with pytest.raises(kind, match=why):
        read(tmp_path / "set")


def test_a_template_asks_for_nothing_but_numbers(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound, tmp_path / "set")
    path = tmp_path / "set/meta/info.json"
    info = json.loads(path.read_text())
    path.write_text(json.dumps(info | {"data_path": "data/{episode_index.__class__}{0!r}.parquet"}))
    episodes, report = read(tmp_path / "set")
    assert (episodes, len(report.skipped)) == ([], 2)  # no such file: the braces stayed


@pytest.mark.parametrize(
    ("file", "text"), [("episodes.jsonl", '{"episode_index": 1}\n' * 2), ("episodes.jsonl", "[1]"), ("tasks.jsonl", "{"), ("info.json", "")]
)
def test_broken_lines_are_refused(sound: Path, tmp_path: Path, file: str, text: str) -> None:
    shutil.copytree(sound, tmp_path / "set")
    (tmp_path / "set/meta" / file).write_text(text)
    with pytest.raises(UnreadableFile, match="meta/" + file):
        read(tmp_path / "set")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_spoilt_file_costs_its_own_episode_at_most(sound: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Of what is said of all (`meta`) it is an error of ours or none; the values of the episode that is spoilt are read, or one, too."""
    root = tmp_path_factory.mktemp("spoilt") / "set"
    shutil.copytree(sound, root)
    path = data.draw(st.sampled_from(sorted(p for p in root.rglob("*") if p.is_file())))
    held = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        held[data.draw(st.integers(0, len(held) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(held))
    if path.parent.name == "meta":
        with suppress(InputError):
            read(root)
        return
    episodes, report = read(root)
    assert len(episodes) == 2 or report.skipped
    first, third = read(sound)[0]
    other = first if "000003" in path.name else third
    assert [e.streams for e in episodes if e.duration_ns == other.duration_ns] == [other.streams]
    with suppress(InputError):
        for each in episodes:
            assert all(len(np.asarray(s.values)) == len(s) for s in each.streams.values())
