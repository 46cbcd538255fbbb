"""Jobs on many processes give what they give on one; errors, deaths and a vanished parent end them all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifeworld.core.errors import EngineError, LimitError
from lifeworld.core.parallel import cores, spread


def square(x: int) -> int:
    return x * x


def where(x: int) -> tuple[int, int, str]:
    time.sleep(0.05)
    return x, os.getpid(), os.environ.get("LP_NUM_THREADS", "")


def fail_at_three(x: int) -> int:
    if x == 3:
        raise LimitError("three is too many", got=x)
    return x


def die_at_two(x: int) -> int:
    if x == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_jobs(workers: int) -> None:
    assert list(spread(square, range(20), workers=workers)) == [x * x for x in range(20)]


def test_two_workers_are_two_processes_and_not_this_one() -> None:
    done = list(spread(where, range(6), workers=2))
    assert [x for x, _, _ in done] == list(range(6))
    assert len({pid for _, pid, _ in done} - {os.getpid()}) == 2
    assert {threads for _, _, threads in done} == {os.environ.get("LP_NUM_THREADS", "1")}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_is_raised_as_it_was(workers: int) -> None:
    results = spread(fail_at_three, range(100), workers=workers)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LimitError, match="three is too many"):
        next(results)


def test_a_dead_worker_is_said_to_be_dead() -> None:
    with pytest.raises(EngineError, match=r"a worker process died.*fewer workers"):
        list(spread(die_at_two, range(8), workers=2))


def die_once_at_five_and_six(job: tuple[int, Path]) -> int:
    x, folder = job
    if x in (5, 6) and not (folder / str(x)).exists():
        (folder / str(x)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x


@pytest.mark.parametrize("workers", [2, 3])
def test_a_job_whose_worker_died_is_tried_again(workers: int, tmp_path: Path) -> None:
    jobs = [(x, tmp_path) for x in range(12)]
    assert list(spread(die_once_at_five_and_six, jobs, workers=workers, tries=2)) == list(range(12))
    with pytest.raises(EngineError, match="a worker process died"):
        list(spread(die_at_two, range(8), workers=workers, tries=2))
    assert list(spread(die_at_ten_to_twelve, range(14), workers=workers, tries=2, lost=gone))[9:] == [
        "9", *(f"{x} is lost: a worker process died" for x in (10, 11, 12)), "13",
    ]  # fmt: skip


def gone(x: int, why: EngineError) -> str:
    return f"{x} is lost: {why.what}"


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_what_a_dead_worker_was_at_is_lost_and_nothing_else(workers: int) -> None:
    done = list(spread(die_at_ten_to_twelve, range(25), workers=workers, lost=gone))
    assert done == [f"{x} is lost: a worker process died" if x in (10, 11, 12) else str(x) for x in range(25)]


def die_at_ten_to_twelve(x: int) -> str:
    if x in (10, 11, 12):
        os.kill(os.getpid(), signal.SIGKILL)
    return str(x)


def test_one_may_stop_asking() -> None:
    results = spread(square, range(1_000_000_000), workers=2)
    assert [next(results) for _ in range(9)] == [x * x for x in range(9)]
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert not multiprocessing.active_children()


def begin_and_tidy_up(folder: Path) -> None:
    mark = folder / str(os.getpid())
    mark.touch()
    try:
        time.sleep(60)
    finally:
        mark.unlink()


def test_what_runs_is_interrupted_and_may_tidy_up(tmp_path: Path) -> None:
    def jobs() -> Iterator[Path]:
        for _ in range(2):
            yield tmp_path
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.05)
        raise LimitError("no more jobs")

    with pytest.raises(LimitError, match="no more jobs"):
        list(spread(begin_and_tidy_up, jobs(), workers=2))
    assert not list(tmp_path.iterdir())


def test_workers_go_with_their_parent(tmp_path: Path) -> None:
    """Killed without a word, a parent leaves no process behind."""
    program = tmp_path / "parent.py"
    program.write_text(
        "import os, sys, time\n"
        "from lifeworld.core.parallel import spread\n"
        "def work(x):\n"
        "    print(os.getpid(), flush=True)\n"
        "    time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    list(spread(work, range(2), workers=2))\n"
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not any(Path(f"/proc/{child}").exists() for child in children):
            return
        time.sleep(0.1)
    pytest.fail("the workers are still there")


def test_there_is_a_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
