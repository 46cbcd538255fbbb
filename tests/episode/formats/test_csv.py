"""Logs as text: times to the digit, numbers as they stand, words where they belong, and the line that is wrong by its number."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import Report, open_recording
from lifeworld.episode.formats.clock import parsed, time_unit

LOG = b"t,x [m],mode\n" + b"".join(b"%d.25,%d,run\n" % (k, k * k) for k in range(20))
LAWS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, text: str, *, fps: float | None = None) -> tuple[Episode, Report]:
    path.write_text(text, encoding="utf-8")
    recording = open_recording(path, **({} if fps is None else {"fps": fps}))
    [episode] = recording.episodes
    return episode, recording.report


def test_a_log_as_people_write_them(tmp_path: Path) -> None:
    text = (
        "# bench 3, second run\n"
        "time [s],speed [m/s],Position (mm),mode,note,site,ok\n"
        "\n"
        "0.000,1.5,-3,idle,,lab,true\n"
        "// paused here\n"
        '0.010,NaN,7e1,idle,"starts, slowly",lab,false\n'
        "0.025,,1.25,run,,lab,true\n"
    )
    episode, report = read(tmp_path / "bench 3.csv", text)
    reading = episode["reading@bench_3"]
    assert reading.times_ns.tolist() == [0, 10_000_000, 25_000_000]
    assert episode.legend["reading@bench_3"] == ("speed [m/s]", "Position (mm)", "mode [0 idle, 1 run]", "ok")
    assert np.array_equal(reading.values, [[1.5, -3, 0, 1], [np.nan, 70, 0, 0], [np.nan, 1.25, 1, 1]], equal_nan=True)
    assert episode["captions"].times_ns.tolist() == [10_000_000]
    assert episode["captions"].values[0].tolist() == ["starts, slowly"]
    assert episode.labels == {"site": "lab"}
    assert (episode.title, reading.origin, report.skipped, report.notes) == ("bench 3", "measured", [], [])


def test_semicolons_decimal_commas_and_a_line_of_units(tmp_path: Path) -> None:
    episode, _ = read(tmp_path / "log.csv", "t;v;Zähler;\nms;km/h;-;\n0,5;12,25;1;\n1,5;1.000e1;2;\n")
    assert episode["reading@log"].times_ns.tolist() == [0, 1_000_000]
    assert episode.legend["reading@log"] == ("v [km/h]", "Zähler")
    assert np.array_equal(episode["reading@log"].values, [[12.25, 1], [10, 2]])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(cells) for cells in (("a", "t_us", "b"), ("1", "10", "2"), ("3", "12", "4")))
    episode, _ = read(tmp_path / "log.txt", text)  # no name says that it is a log: its column of times does
    assert episode["reading@log"].times_ns.tolist() == [0, 2_000]
    assert np.array_equal(episode["reading@log"].values, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("stamp", ("2024-03-01T12:00:00Z", "2024-03-01T12:00:00.123456789Z", "2024-03-01 14:00:01+02:00"), [0, 123_456_789, 1_000_000_000]),
        ("timestamp", ("1706111016186", "1706111016197", "1706111016250"), [0, 11_000_000, 64_000_000]),
        ("Time", ("1305031102.175304", "1305031102.211214", "1305031102.2432117"), [0, 35_910_000, 67_907_700]),
        ("time_ns", ("1403636579763555584", "1403636579763555585", "1403636579813555456"), [0, 1, 49_999_872]),
        ("elapsed (min)", ("0", "0.5", "1e1"), [0, 30_000_000_000, 600_000_000_000]),
        ("t", ("-1.5", "-.5", "+0.25"), [0, 1_000_000_000, 1_750_000_000]),
    ],
)
def test_times_in_every_unit_and_to_the_digit(tmp_path: Path, header: str, cells: tuple[str, ...], expected: list[int]) -> None:
    episode, _ = read(tmp_path / "log.csv", f"{header},x\n" + "".join(f"{cell},1\n" for cell in cells))
    assert episode["reading@log"].times_ns.tolist() == expected


@given(st.lists(st.decimals(-(10**9), 10**9, places=9, allow_nan=False), min_size=1, max_size=20))
def test_decimal_seconds_lose_nothing(times: list[Decimal]) -> None:
    assert parsed([f"{t:f}" for t in times], 10**9)[0] == [int(t * 10**9) for t in times]


@pytest.mark.parametrize("name", ["temperature", "time_constant", "total", "ms", "tension [s]", "n_times", "s_max"])
def test_what_is_only_nearly_called_like_a_time(name: str) -> None:
    assert time_unit(name)[0] == (name == "ms")


def test_instructions_captions_and_words_that_are_too_many(tmp_path: Path) -> None:
    rows = "".join(f"{k},{'lift' if k < 30 else 'lower'},id{k},{k}\n" for k in range(60))
    episode, report = read(tmp_path / "log.csv", "t,instruction,id,x\n" + rows)
    assert episode["instruction"].times_ns.tolist() == [0, 30_000_000_000]
    assert np.asarray(episode["instruction"].values).tolist() == ["lift", "lower"]
    assert episode.legend == {"reading@log": ("x",)}
    assert any("'id' is left out: 60" in note for note in report.notes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("t,x\n0,1\n1,2\n1,3\n", r"line 4.*line 3"),
        ("t,x\n0,1\n\n# c\n-1,2\n", r"line 5.*line 2"),
        ("t,x\n0,1\n1\n", r"line 3: a row of another length"),
        ("t,x\n0,1\nsoon,2\n", r"line 3.*no time"),
        ("t,x\n0,1\nnan,2\n", r"line 3.*finite"),
        ("t,x\n0,1\n,2\n", r"line 3"),
        ("stamp,x\n2024-01-01,1\n2024-13-01,2\n", r"line 3.*date"),
        ("t,x\n0,1\n1e18,2\n", r"146 years|finite"),
        ("x,y\n0,1\n1,2\n", r"--fps"),
        ("t,x\n", r"no table|no recording"),
        ("\n", r"no recording"),
        ("1,2\n3,4\n", r"no recording"),
        ("t,t\n0,1\n", r"no recording"),
        ('t,x\n0,"1\n', r"no column|line"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read(tmp_path / "log.csv", text)


def test_rows_without_times_need_a_rate(tmp_path: Path) -> None:
    episode, report = read(tmp_path / "log.csv", "x,y\n0,1\n1,2\n", fps=50)
    assert episode["reading@log"].times_ns.tolist() == [0, 20_000_000]
    assert any("50 Hz" in note for note in report.notes)


def test_a_text_that_is_no_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "LICENSE.txt").write_text("Copyright, 2020\nby somebody, somewhere\n", encoding="utf-8")
    (tmp_path / "log.csv").write_text("t,x\n0,1\n1,2\n", encoding="utf-8")
    recording = open_recording(tmp_path)
    assert len(list(recording.episodes)) == 1
    assert any("LICENSE.txt" in note for note in recording.report.notes)


@LAWS
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=1, max_size=30),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_numbers_come_back_to_the_bit(tmp_path: Path, values: list[float], delimiter: str, end: str) -> None:
    text = end.join([f"t_ms{delimiter}x", *(f"{k}{delimiter}{value!r}" for k, value in enumerate(values))])
    (tmp_path / "log.csv").write_bytes(text.encode())
    [episode] = open_recording(tmp_path / "log.csv").episodes
    assert np.array_equal(np.asarray(episode["reading@log"].values)[:, 0], values, equal_nan=True)


def test_a_long_log_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifeworld.episode.formats.csv_log._ROWS_AT_ONCE", 7)
    rows = "".join(f"{k},{k * k},{'' if k < 40 else 'word'}\n" for k in range(50))
    episode, _ = read(tmp_path / "log.csv", "t,x,y\n" + rows)
    assert np.asarray(episode["reading@log"].values)[:, 0].tolist() == [k * k for k in range(50)]
    assert np.isnan(np.asarray(episode["reading@log"].values)[:40, 1]).all()


@LAWS
@given(
    st.lists(
        st.sampled_from(
            ["t", "x", "time [ms]", "0", "1", "-1", "1,5", ",", ";", "\t", "\n", "\n", '"', "#", "nan", "2024-01-01", "word", "é", "[s]"]
        ),
        max_size=40,
    )
)
def test_any_text_gives_an_episode_or_a_typed_error(tmp_path: Path, parts: list[str]) -> None:
    (tmp_path / "log.csv").write_text("t,x\n0,1\n" + "".join(parts), encoding="utf-8")
    try:
        [episode] = open_recording(tmp_path / "log.csv").episodes
        assert all(np.all(np.diff(s.times_ns) > 0) for s in episode.streams.values())
    except InputError:
        pass


@LAWS
@given(data=st.data())
def test_flipped_logs_give_an_episode_or_a_typed_error(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(LOG)
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / "log.csv").write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    with suppress(InputError):
        [episode] = open_recording(tmp_path / "log.csv").episodes
        assert episode.streams
        assert all(np.all(np.diff(s.times_ns) > 0) for s in episode.streams.values())


@LAWS
@given(cut=st.integers(LOG.index(b"2.25"), len(LOG)))
def test_a_torn_log_holds_the_rows_before_the_tear(tmp_path: Path, cut: int) -> None:
    """A row that is torn itself is named if cells are missing; else its last cell is what is left of it."""
    (tmp_path / "log.csv").write_bytes(LOG[:cut])
    whole, torn = LOG[:cut].count(b"\n") - 1, LOG[:cut].rpartition(b"\n")[2]
    if torn and torn.count(b",") < 2:
        with pytest.raises(UnreadableFile, match=f"line {whole + 2}: a row of another length"):
            list(open_recording(tmp_path / "log.csv").episodes)
        return
    [episode] = open_recording(tmp_path / "log.csv").episodes
    assert np.asarray(episode["reading@log"].values)[:whole, 0].tolist() == [k * k for k in range(whole)]
    assert episode["reading@log"].times_ns[:whole].tolist() == [k * 10**9 for k in range(whole)]
