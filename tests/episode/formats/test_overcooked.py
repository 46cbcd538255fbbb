"""Overcooked's trials: read without running a pickle, drawn so that people can follow them."""

from __future__ import annotations

import os
import pickle
import sys
import types
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from lifeworld.core.errors import UnreadableFile, UnsafeFile
from lifeworld.core.origin import Origin
from lifeworld.episode.formats import open_recording
from lifeworld.episode.formats.kitchen import COOKS, FLOOR, Kitchen, draw

GRID = str(["XXPXX", "O  2O", "X1  X", "XDXSX"])
COLUMNS = ["workerid_num", "layout_name", "round_num", "cur_gameloop", "time_elapsed", "reward", "layout", "state", "joint_action"]
NAMES = ("pandas.core.frame", "pandas.core.internals.managers", "pandas.core.indexes.base")


def state(*, blue: tuple[int, int] = (1, 2), holds: str | None = None, soup: tuple[int, int] | None = None) -> str:
    cook: dict[str, Any] = {"position": list(blue), "orientation": [0, -1]}
    if holds:
        cook["held_object"] = {"name": holds, "position": list(blue)}
    things = {"2,0": {"name": "soup", "position": [2, 0], "state": ["onion", *soup]}} if soup else {}
    return str({"players": [cook, {"position": [3, 1], "orientation": [1, 0]}], "objects": things, "order_list": ["onion"]})


def rows(count: int, *, pair: int = 1, start: int = 0) -> list[tuple[Any, ...]]:
    return [
        (
            pair,
            "cramped_room",
            0.0,
            float(start + i),
            0.15 * (i + 1),
            20.0 * (i == 2),
            GRID,
            state(blue=(1 + i % 2, 2)),
            "[[1, 0], 'INTERACT']",
        )
        for i in range(count)
    ]


def table(path: Path, rows: list[tuple[Any, ...]], columns: list[str] = COLUMNS) -> Path:
    """A pickle as pandas 0.25 wrote it, made without pandas."""
    made = {name: types.ModuleType(name) for name in NAMES}
    for module, names in zip(NAMES, (["DataFrame"], ["BlockManager"], ["Index"]), strict=True):
        for name in names:
            setattr(made[module], name, type(name, (), {"__module__": module, "__qualname__": name}))

    class Axis:
        def __init__(self, data: np.ndarray) -> None:
            self.data = data

        def __reduce__(self) -> Any:
            return made[NAMES[2]]._new_Index, (made[NAMES[2]].Index, {"data": self.data, "name": None})

    def _new_index(cls: type, how: dict[str, Any]) -> Any:
        raise AssertionError("nobody calls what a pickle names")

    _new_index.__module__, _new_index.__qualname__ = NAMES[2], "_new_Index"
    made[NAMES[2]]._new_Index = _new_index

    class Manager:
        def __reduce__(self) -> Any:
            words = [i for i, name in enumerate(columns) if isinstance(rows[0][i], str)]
            numbers = [i for i in range(len(columns)) if i not in words]
            blocks = [
                {"values": np.array([[r[i] for r in rows] for i in some], dtype=kind), "mgr_locs": np.array(some)}
                for some, kind in ((words, object), (numbers, float))
            ]
            axes = [Axis(np.array(columns, dtype=object)), Axis(np.arange(len(rows)))]
            return made[NAMES[1]].BlockManager, (), ([], [], [], {"0.14.1": {"axes": axes, "blocks": blocks}})

    class Frame:
        def __reduce__(self) -> Any:
            return made[NAMES[0]].DataFrame, (), {"_data": Manager(), "_typ": "dataframe", "_metadata": []}

    packages = {name: types.ModuleType(name) for name in ("pandas", "pandas.core", "pandas.core.internals", "pandas.core.indexes")}
    with mock.patch.dict(sys.modules, packages | made):
        path.write_bytes(pickle.dumps(Frame(), protocol=4))
    return path


def test_a_trial_is_an_episode(tmp_path: Path) -> None:
    path = table(tmp_path / "clean_test_trials.pickle", rows(5) + rows(4, pair=2) + rows(3, pair=2))
    recording = open_recording(path)
    first, second, third = recording.episodes
    assert recording.format == "overcooked"
    assert [len(e) for e in (first, second, third)] == [5, 4, 3]  # the steps began anew
    assert first["action@blue"].values.tolist() == [[1.0, 0.0, 0.0]] * 5
    assert first["action@green"].values.tolist() == [[0.0, 0.0, 1.0]] * 5
    assert first.legend["action@blue"] == ("right", "down", "interact")
    assert first["reward"].values.tolist() == [0.0, 0.0, 0.0, 20.0, 0.0]  # what the third action earned
    assert first["reward"].times_ns.tolist() == [0, 150_000_000, 300_000_000, 450_000_000, 600_000_000]
    assert first["rgb@kitchen"].values.shape == (5, 80, 128, 3)
    assert (first["action@blue"].origin, first["rgb@kitchen"].origin) == (Origin.MEASURED, Origin.SIMULATED)
    assert first.labels == {"layout": "cramped_room", "pair": "1", "round": "0"}
    assert "drawn" in recording.report.notes[0]


def test_a_clock_that_stands_or_goes_back_still_gives_times(tmp_path: Path) -> None:
    given = rows(4)
    for i, seconds in enumerate((0.1, 0.25, 0.25, 0.2)):
        given[i] = (*given[i][:4], seconds, *given[i][5:])
    [episode] = open_recording(table(tmp_path / "t_trials.pickle", given)).episodes
    assert (np.diff(episode["reward"].times_ns) > 0).all()


def test_what_is_held_cooked_and_looked_at_is_seen() -> None:
    def picture(**how: Any) -> np.ndarray:
        import ast

        return draw(Kitchen.of(GRID, ast.literal_eval(state(**how)))).astype(int)

    here = picture()

    # The middle of the kitchen's tile (column, row): the kitchen of 5 × 4 tiles of 14 px stands in the middle of 128 × 80.
    def tile(picture: np.ndarray, column: int, row: int) -> np.ndarray:
        top, left = 12 + 14 * row, 29 + 14 * column
        return picture[top : top + 14, left : left + 14]

    assert np.abs(tile(here, 2, 1) - FLOOR).max() <= 8
    assert np.abs(tile(here, 1, 2)[7, 2] - COOKS[0]).max() < 30
    for how in (
        {"holds": "onion"},
        {"holds": "soup"},
        {"soup": (1, 0)},
        {"soup": (2, 0)},
        {"soup": (3, 2)},
        {"soup": (3, 25)},
        {"blue": (2, 1)},
    ):
        there = picture(**how)
        assert np.abs(there - here).max() > 60, how
    onions = [picture(soup=s) for s in ((1, 0), (2, 0), (3, 0), (3, 10), (3, 20))]
    for one, other in pairwise(onions):
        changed = np.argwhere(np.abs(one - other).max(axis=2) > 20)
        assert len(changed)
        assert (changed >= (12, 57)).all()  # within the pot's tile alone
        assert (changed < (26, 71)).all()


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/lifeworld_was_run",)


def test_nothing_a_pickle_names_is_called(tmp_path: Path) -> None:
    marker = Path("/tmp/lifeworld_was_run")
    marker.unlink(missing_ok=True)
    columns = b"DataFrame joint_action cur_gameloop layout"
    path = tmp_path / "evil_trials.pickle"
    path.write_bytes(pickle.dumps((columns, Evil()), protocol=4))
    with pytest.raises(UnreadableFile, match="system"):
        list(open_recording(path).episodes)
    assert not marker.exists()
    other = tmp_path / "other.pickle"
    other.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(UnsafeFile, match="never opened"):
        open_recording(other)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({6: "__import__('os').system('true')"}, "fit"),
        ({6: str(["XX", "X"])}, "rows"),
        ({6: str(["X" * 40])}, "rows"),
        ({7: "{'players': []}"}, "fit"),
        ({8: "[[9, 9], [0, 0]]"}, "action"),
        ({4: 1e300}, "times"),
    ],
)
def test_rows_that_do_not_fit_are_skipped_by_name(tmp_path: Path, change: dict[int, Any], why: str) -> None:
    given = rows(3)
    given[1] = tuple(change.get(i, value) for i, value in enumerate(given[1]))
    recording = open_recording(table(tmp_path / "t_trials.pickle", given + rows(2, pair=9)))
    [left] = recording.episodes
    assert left.labels["pair"] == "9"
    [(where, said)] = recording.report.skipped
    assert "trial 0" in where
    assert why in said


def test_a_table_of_something_else_or_torn(tmp_path: Path) -> None:
    path = table(tmp_path / "t_trials.pickle", rows(3))
    torn = tmp_path / "torn_trials.pickle"
    torn.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFile, match="no table of trials"):
        list(open_recording(torn).episodes)
    other = table(tmp_path / "other_trials.pickle", [row[:5] + ("layout joint_action",) for row in rows(2)], [*COLUMNS[:5], "note"])
    with pytest.raises(UnreadableFile, match="has no reward"):
        list(open_recording(other).episodes)
    (tmp_path / "h_trials.pickle").write_bytes(b"\x80\x04DataFrame joint_action cur_gameloop layout")
    with pytest.raises(UnreadableFile, match="no table of trials"):
        list(open_recording(tmp_path / "h_trials.pickle").episodes)
    given = rows(2)
    given[1] = (*given[1][:4], float("nan"), *given[1][5:])
    with pytest.raises(UnreadableFile, match="no table of trials"):
        list(open_recording(table(tmp_path / "n_trials.pickle", given)).episodes)
