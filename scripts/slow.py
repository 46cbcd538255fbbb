"""Write down which tests are slow, by how long they took: tests/slow.txt, which tests/conftest.py reads.

    pytest -n 2 --junitxml=suite.xml
    python scripts/slow.py suite.xml [SECONDS]

What took longer than SECONDS (2) is slow, but for what STAYS. What was not run keeps its place in the list.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).parents[1] / "tests"
LIST = TESTS / "slow.txt"
STAYS = (
    "tests/episode/test_journal_killed.py::test_killed_at_four_moments",
    "tests/project/test_base.py",
    "tests/project/test_words_run.py",
    "tests/scene/formats/test_formats_hostile.py",
    "tests/scene/words/test_scene_of.py::test_the_kitchen_of_the_issue",
    "tests/studio/test_studio_pages.py::TestInABrowser::test_axe_finds_nothing_serious[dark]",
    "tests/studio/test_studio_session.py::test_branches_are_compared_and_looked_at_side_by_side",
    "tests/studio/test_studio_story.py::test_enter_say_undo",
    "tests/worlds/experts/test_tasks.py::test_a_thing_is_picked_and_placed[hand]",
    "tests/worlds/test_game.py::test_a_fork_far_back_is_exact",
    "tests/worlds/test_record.py::test_make_writes_what_it_says",
    "tests/worlds/test_world_laws.py::test_laws_in_every_starter[soft_things]",
    "tests/worlds/test_world_laws.py::test_laws_in_every_starter[tabletop]",
)
"""What is always run, however long it takes: the first things a user does, and the laws, by an example each."""


def took_s(report: Path) -> dict[str, float]:
    """How long each test of a JUnit report took [s], by its id."""
    out = {}
    for case in ElementTree.parse(report).iter("testcase"):
        parts = case.attrib["classname"].split(".")
        at = next(n for n in range(len(parts), 0, -1) if Path(TESTS.parent, *parts[:n]).with_suffix(".py").exists())
        out["::".join(("/".join(parts[:at]) + ".py", *parts[at:], case.attrib["name"]))] = float(case.attrib["time"])
    return out


def main(report: str, most_s: str = "2") -> None:
    took = took_s(Path(report))
    before = set(LIST.read_text(encoding="utf-8").splitlines()) if LIST.exists() else set()
    slow = {one for one, seconds in took.items() if seconds > float(most_s) and not one.startswith(STAYS)}
    LIST.write_text("".join(f"{one}\n" for one in sorted(slow | (before - set(took)))), encoding="utf-8")
    left = sum(seconds for one, seconds in took.items() if one not in slow)
    print(f"{len(slow)} of {len(took)} tests are slow; the others took {left:.0f} of {sum(took.values()):.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
