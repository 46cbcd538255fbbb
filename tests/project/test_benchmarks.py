"""The table of benchmarks: what is kept when something is measured anew, what the page says of it, and that parts fit ten minutes."""

import json
import math
import subprocess
import sys
import textwrap

import pytest
from benchmarks import kept, one, others, parts
from benchmarks.kept import Book, Kept, Run
from benchmarks.others import Others, tree_busy_s
from benchmarks.page import text
from benchmarks.parts import WHOLE_S, benches, parts_of, told
from benchmarks.peers import cameras
from benchmarks.peers.models import table as models
from benchmarks.peers.plan import rows as plan
from benchmarks.row import DISTURBED, Row, figure, processor
from hypothesis import given
from hypothesis import strategies as st

OLD = Run(date="2026-01-01", machine="a clock", commit="aaa")
NEW = Run(date="2026-02-02", machine="a clock", commit="bbb")

names = st.sampled_from(["speed", "  of one", "  of two", "size", "share"])
values = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)
rows = st.builds(
    Row,
    names,
    values,
    st.sampled_from(["s", "dB", "%", "frames/s"]),
    st.none() | st.floats(0, 9),
    st.booleans(),
    st.none() | st.integers(0, 9),
)
measured = st.lists(st.tuples(rows, st.none() | st.floats(0, 1)), max_size=8)
steps = st.lists(st.tuples(st.sampled_from(["physics", "nano, long", "peers: cameras"]), measured, st.booleans()), max_size=5)


def _known(rows):
    """The last row of each name, as a part that gives no name twice would."""
    return list({(row.name): (row, share) for row, share in rows if not row.name.startswith("  ")}.values())


@given(steps)
def test_a_part_keeps_what_was_not_measured_anew_unless_it_is_told_to_drop_it(steps):
    book, expected = Book(), {}
    for number, (part, rows, drop) in enumerate(steps):
        run = Run(date=f"day {number}", machine="m", commit="c")
        book = book.with_part(part, _known(rows), run, drop=drop)
        if drop:
            expected = {key: value for key, value in expected.items() if key[0] != part}
        expected |= {(part, row.name): (row, run) for row, _ in _known(rows)}
    assert {(one.part, one.row.name): (one.row, one.run) for one in book.rows} == expected
    assert [one.part for one in book.rows] == sorted((one.part for one in book.rows), key=lambda p: (p.startswith("peers"), p))


@given(measured)
def test_what_is_written_is_read_again(tmp_path_factory, rows):
    book = Book().with_part("physics", [(row, share and round(share, 3)) for row, share in _known(rows)], NEW, drop=True)
    file = tmp_path_factory.mktemp("book") / "kept.json"
    kept.write(book, file)
    assert kept.read(file) == book
    assert kept.read(file.with_name("none.json")) == Book()


def test_rows_that_belong_to_others_are_told_apart_by_them():
    rows = [(Row(name, value, "s"), None) for name, value in (("a", 1.0), ("  each", 2.0), ("b", 3.0), ("  each", 4.0))]
    book = Book().with_part("physics", rows, OLD, drop=True)
    assert [one.row.value for one in book.rows] == [1, 2, 3, 4]
    book = book.with_part("physics", [(Row("b", 5.0, "s"), None), (Row("  each", 6.0, "s"), None)], NEW, drop=False)
    assert [(one.row.value, one.run.commit) for one in book.rows] == [(1, "aaa"), (2, "aaa"), (5, "bbb"), (6, "bbb")]
    book = book.with_part("physics", [(Row(kept.FAILED, None, "", note="no disk"), None)], NEW, drop=False)
    assert [one.row.value for one in book.rows] == [1, 2, 5, 6, None]
    book = book.with_part("physics", [(Row("a", 7.0, "s"), None)], NEW, drop=False)  # what failed once does not stay so
    assert [one.row.value for one in book.rows] == [7, 2, 5, 6]
    with pytest.raises(ValueError, match="two rows called 'a'"):
        book.with_part("physics", [(Row("a", 1.0, "s"), None), (Row("a", 2.0, "s"), None)], NEW, drop=True)


def test_what_another_processor_measured_is_kept_of_times_and_rates():
    def machine(name, day):
        return Run(date=f"day {day}", machine=f"{name}, 2 cores", commit="c")

    def rows(speed, size):
        return [(Row("speed", speed, "1/s", 5.0), 0.0), (Row("size", size, "MB"), 0.0)]

    book = Book()
    for day, (name, speed) in enumerate([("old", 1.0), ("new", 7.0), ("new", 8.0), ("old", 2.0), ("third", None), ("old", 3.0)]):
        book = book.with_part("physics", rows(speed, speed), machine(name, day), drop=True)
    speed, size = book.rows
    assert (speed.row.value, speed.verdict) == (3.0, "SHORT")
    assert [(each.run.processor, each.value, each.run.date) for each in speed.elsewhere] == [("new", 8.0, "day 2")]
    assert size.elsewhere == ()
    assert "on new 8, day 2, `c`" in text(book, str)
    assert "1 short.** Of those short, 1 were cleared on another processor." in text(book, str)
    crowded = book.with_part("physics", [(Row("speed", 9.0, "1/s", 5.0), 0.5)], machine("third", 6), drop=False)
    again = crowded.with_part("physics", rows(4.0, 4.0), machine("new", 7), drop=True)
    assert [(each.run.processor, each.value) for each in again.rows[0].elsewhere] == [("old", 3.0)]  # nothing of who was disturbed


@pytest.mark.parametrize(
    ("unit", "timed", "clocked"),
    [("s", False, True), ("ms", False, True), ("ms/clip", False, True), ("frames/s", False, True), ("s/s", False, True), ("x", True, True)]
    + [(unit, False, False) for unit in ("dB", "%", "steps", "points", "B/frame", "MB", "x", "")],
)
def test_times_and_rates_are_not_judged_when_others_were_at_it(unit, timed, clocked):
    for value, alone in ((2.0, "ok"), (0.5, "SHORT")):
        row = Row("speed", value, unit, 1.0, timed=timed)
        shares = {share: Kept(part="p", head="speed", row=row, run=OLD, others=share).verdict for share in (None, 0.0, DISTURBED, 0.5)}
        assert shares == {None: alone, 0.0: alone, DISTURBED: alone, 0.5: "disturbed" if clocked else alone}


def test_the_page_says_what_is_old_what_was_disturbed_and_what_failed():
    book = Book(whole=NEW, seconds=300.0)
    book = book.with_part(
        "physics", [(Row("steps", 30_000.0, "steps/s", 25_000, n=3), 0.01), (Row("  a|b", 1.25, "ms"), None)], NEW, drop=True
    )
    book = book.with_part("nano, long", [(Row("PSNR", 20.0, "dB", 26.5, n=144), 0.9)], OLD, drop=True)
    book = book.with_part("senses", [(Row("seen", 50.0, "frames/s", 150), 0.4)], NEW, drop=True)
    book = book.with_part("edit", [(Row("did not come to its end", None, "", note="OSError: no disk"), None)], NEW, drop=True)
    lines = text(book, lambda part: f"about {part}").splitlines()
    assert "All of `make bench` was last run on 2026-02-02, in 5.0 minutes, commit `bbb`: a clock." in lines
    assert "**4 bars and races: 1 cleared, 1 short, 1 disturbed, 1 without a number.**" in lines
    assert "| **physics** about physics |  |  |  |  |  |" in lines
    assert "| steps | 30,000 steps/s | ≥ 25,000 | ok | 3 |  |" in lines
    assert r"| · a\|b | 1.25 ms |  | others not counted |" in lines
    assert "| PSNR | 20 dB | ≥ 26.5 | **SHORT** | 144 | 2026-01-01, `aaa` |" in lines
    assert "| seen | 50 frames/s | ≥ 150 | **disturbed** |  | others took 40% |" in lines
    assert "| did not come to its end; OSError: no disk |  |  | **NO NUMBER** |  |  |" in lines
    assert lines.count("| steps |  |  |  |") == 1  # above what belongs to it and is not judged


def test_the_page_is_that_of_what_is_kept():
    assert kept.FILE.with_name("benchmarks.md").read_text(encoding="utf-8") == text(kept.read())


@given(st.floats(-1e11, 1e11))
def test_figures_say_four_places(value):
    assert math.isclose(float(figure(value).replace(",", "")), value, rel_tol=5.1e-4, abs_tol=1e-300)


def test_every_benchmark_says_what_it_measures_and_all_fit_ten_minutes():
    every = [part for bench in benches() for part in parts_of(bench)]
    assert len(benches()) >= 20
    for part in every:
        assert len(told(part.name)) > 20, part
        assert part.share_s > 0
    assert sum(part.share_s for part in every if not part.long) <= 0.95 * WHOLE_S  # the rest is Python, started once a part
    assert told("a benchmark that there was") == ""
    assert told("peers: cameras").startswith("our cameras beside others'")
    assert "beside others'" in told("peers: loaders")


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Write a benchmark of this body and run it as `python -m benchmarks` does; what was said."""

    def ran(body: str, *, long: bool = False) -> tuple[int, one.Said]:
        path = tmp_path / "bench_odd.py"
        path.write_text(f'"""Odd numbers, one after the other."""\nfrom benchmarks.row import Row\n\n{textwrap.dedent(body)}')
        monkeypatch.setattr(parts, "HERE", tmp_path)
        monkeypatch.setitem(sys.modules, "benchmarks.bench_odd", _loaded(path))
        file = tmp_path / "rows"
        return one.main("odd", long, file), one.heard(file)

    return ran


def _loaded(path):
    import importlib.util

    spec = importlib.util.spec_from_file_location("benchmarks.bench_odd", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_one_that_breaks_keeps_its_rows_and_says_why(bench):
    code, said = bench(
        """
        SHARE_S = 1
        def run():
            yield Row("one", 1.0, "dB")
            raise OSError("no disk\\nat all")
        """
    )
    assert (code, said.failed, said.absent) == (1, "OSError: no disk", "")
    assert [row for row, _ in said.rows] == [Row("one", 1.0, "dB")]


def test_numbers_of_numpy_are_python_s_and_what_is_none_says_so(bench):
    code, said = bench(
        """
        import numpy as np
        from benchmarks.parts import NotHere
        LONG_S = 5
        def run_long():
            yield Row("two", np.float32(2), "dB", n=np.int64(3))
            yield Row("three", np.float64("nan"), "dB", bar=1.0, note="of none")
            raise NotHere("the recordings")
        """,
        long=True,
    )
    assert (code, said.failed, said.absent) == (0, "", "the recordings")
    assert [row for row, _ in said.rows] == [Row("two", 2.0, "dB", n=3), Row("three", None, "dB", bar=1.0, note="of none; it is nan")]
    assert json.dumps([row.value for row, _ in said.rows]) == "[2.0, null]"


def test_a_benchmark_without_a_share_is_noticed(bench):
    with pytest.raises(ValueError, match=r"bench_odd\.py is to have `run` with SHARE_S"):
        bench("def run():\n    yield Row('one', 1.0, 'dB')\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nobody counts processor time elsewhere")
def test_processor_time_of_children_is_our_own_while_they_work_and_when_they_are_done():
    before, burn = tree_busy_s(), "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\nimport sys; sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "\n"
    assert tree_busy_s() - before >= 0.25
    child.communicate("")
    assert tree_busy_s() - before >= 0.25


def test_the_share_of_others_is_that_of_the_last_stretch_that_was_long_enough(monkeypatch):
    moments = iter([(0.0, 0.0, 0.0), (2.0, 3.0, 1.0), (2.1, 99.0, 1.0), (4.0, 9.0, 2.0), (5.0, float("nan"), 2.0)])
    monkeypatch.setattr(others, "_now", lambda: next(moments))
    monkeypatch.setattr(others.os, "cpu_count", lambda: 2)
    asked = Others()
    assert asked.share() == pytest.approx((3 - 1) / (2 * 2))
    assert asked.share() == pytest.approx(0.5)  # too short to tell
    assert asked.share() == pytest.approx(5 / (2 * 2))
    assert asked.share() is None


def test_every_benchmark_loads():
    """In a process of its own: torch stays out of the tests' one."""
    code = "from benchmarks.parts import benches, parts_of\nfor bench in benches():\n    [part.work() for part in parts_of(bench)]"
    done = subprocess.run([sys.executable, "-c", code], cwd=kept.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_tables_of_peers_give_ratios_with_the_worse_of_two_shares_and_say_who_did_not_run():
    turn = {"turns": [{"frames": 20}, {"frames": 22}], "size": "320×240", "version": "1", "note": ""}
    lines = [
        turn | {"name": "ours", "frames_per_s": 90.0, "ratio": None, "bar": None, "others": 0.3},
        turn | {"name": "pybullet", "frames_per_s": 60.0, "ratio": 1.5, "bar": 1.5, "others": 0.0},
        turn
        | {"name": "newton", "turns": [], "frames_per_s": None, "ratio": None, "bar": 5.0, "others": None, "note": "NOT BUILT: no wheel"},
    ]
    found = cameras.rows(lines)
    assert [(row.value, row.n, row.verdict(), others) for row, others in found] == [
        (90.0, 42, "", 0.3),
        (1.5, 42, "ok", 0.3),
        (None, None, "NO NUMBER", 0.3),
    ]
    assert found[2][0].note == "NOT BUILT: no wheel"
    learned = {"name": "ours", "version": "1", "numbers": 0.8, "samples_per_s": 30.0, "played_per_s": 200.0, "others": 0.0, "note": ""}
    peer = learned | {
        "name": "LeWM",
        "samples_per_s": 20.0,
        "played_per_s": None,
        "ratio_learned": 1.5,
        "ratio_usual": 3.0,
        "ratio_played": None,
    }
    rows = models.rows([learned, peer | {"others": 0.2}, {"name": "lost", "note": "no wheel", "others": 0.0}])
    assert [(row.value, row.verdict(others)) for row, others in rows] == [
        (30.0, ""), (200.0, ""), (1.5, "disturbed"), (3.0, ""), (None, "NO NUMBER"),
    ]  # fmt: skip


def test_a_table_of_planning_gives_how_much_more_is_reached_and_by_whom():
    told = {"reached": [60.0, 50.0, 70.0], "random": [2.0, 1.0, 7.0], "each": [55.0, 65.0]}
    ran = {"name": "ours", "seeds": [0, 1], "moderate": told, "real_r": 0.9, "imagined_r": 0.8, "plan_ms": 30.0}
    ran |= {"numbers": 3.1, "samples_per_s": 100.0, "pictures_a_sample": 2}
    beside = ran | {"name": "theirs", "moderate": told | {"ours_more": [3.0, -1.0, 7.0]}}
    said = {
        "world": "tworoom",
        "seconds": 150.0,
        "errands": 100,
        "lines": [{"name": "lost", "note": "no number: why"}],
        "means": [ran, beside, {"name": "lost", "seeds": []}],
    }
    book = Book().with_part("peers: plan", plan.rows(said, 0.0), NEW, drop=True)
    assert [one.row.value for one in book.rows if "more" in one.row.name] == [3.0]
    assert [one.row.note for one in book.rows if one.verdict == "NO NUMBER"] == ["no number: why"]
    assert {one.row.n for one in book.rows if one.row.unit in ("%", "points")} == {100}


def test_a_processor_is_told_with_what_it_multiplies_with():
    sold = ["processor\t: 0", "model name\t: AMD EPYC", "flags\t\t: fpu avx avx2 bmi2", "", "processor\t: 1"]
    assert processor(sold) == "AMD EPYC (AVX2)"
    sold[2] += " avx512f avx512_bf16"
    assert processor(sold) == "AMD EPYC (AVX-512, bfloat16)"
    assert processor(["model name : A toaster"]) == "A toaster"
