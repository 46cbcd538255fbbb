"""What is said of an episode changes, it goes out of sight and comes back: exactly, wherever it was cut off, and LeRobot sees the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import episode, scenery, stream
from people import ANNA, make_bundle

from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.amend import aside, bring_back, relabel, set_aside
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.cut import cut
from lifeworld.episode.episode import Episode
from lifeworld.episode.erase import erase
from lifeworld.episode.seal import append_to
from lifeworld.episode.view import tables

Amend = Callable[[Path, str], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three episodes that LeRobot sees, and a fourth that it does not."""
    root = tmp_path_factory.mktemp("amend") / "b"
    with append_to(root) as writer:
        for number in range(3):
            writer.add(_seen(number))
        rng = np.random.default_rng(9)
        writer.add(replace(episode(stream("mass_kg", rng, count=1), title="beside"), labels={"task": "stand"}))
    return root


def _seen(number: int) -> Episode:
    rng = np.random.default_rng(number)
    times = np.arange(6) * 40_000_000
    film = Stream(SIGNALS["rgb"], times, scenery(6, 24, 32, seed=number), origin="simulated", source="front")
    action = Stream(SIGNALS["action"], times, rng.normal(size=(6, 2)), origin="simulated", source="hand")
    return episode(film, action, title=f"take {number}")


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "b"))


def sound(root: Path) -> None:
    assert [str(p) for p in check(root, deep=True) if not p.warning] == []


def shown(root: Path) -> list[tuple[str, str, dict[str, str], Episode]]:
    bundle = open_bundle(root)
    return [(uid, each.title, dict(each.labels), each) for uid, each in zip(bundle.uids, bundle, strict=True)]


def seen(root: Path) -> list[tuple[str, list[str]]]:
    """What LeRobot sees: of each episode its uid and its tasks."""
    return [(row["x_world/uid"], row["tasks"]) for row in tables.read_rows(root, open_bundle(root).info["total_episodes"])]


def same(a: list[tuple[str, str, dict[str, str], Episode]], b: list[tuple[str, str, dict[str, str], Episode]]) -> bool:
    return [one[:3] for one in a] == [one[:3] for one in b] and all(
        dict(one[3].streams) == dict(other[3].streams) for one, other in zip(a, b, strict=True)
    )


def test_another_title_and_other_labels_and_back(root: Path) -> None:
    before, lerobot = shown(root), seen(root)
    uid = before[1][0]
    was = relabel(root, uid, title="the cup falls", labels={"success": "no", "notes": "twice\nas high"})
    assert (was.title, dict(was.labels)) == ("take 1", {"success": None, "notes": None})
    now = shown(root)[1]
    assert now[1:3] == ("the cup falls", {**before[1][2], "success": "no", "notes": "twice\nas high"})
    assert seen(root)[1] == (uid, ["the cup falls"])  # the title is the task where nothing else says one
    sound(root)
    relabel(root, uid, title=was.title, labels=was.labels)
    assert same(shown(root), before)
    assert seen(root) == lerobot
    sound(root)
    snapshot = open_bundle(root).snapshot
    relabel(root, uid, title="take 1")  # nothing new is no change
    assert open_bundle(root).snapshot == snapshot


@pytest.mark.parametrize("place", [0, 1, 3])
def test_out_of_sight_and_back_where_it_stood(root: Path, place: int) -> None:
    before, lerobot = shown(root), seen(root)
    uid = before[place][0]
    set_aside(root, uid)
    assert [one[0] for one in shown(root)] == [one[0] for one in before if one[0] != uid]
    assert [one for one, _ in seen(root)] == [one for one, _ in lerobot if one != uid]
    assert [row["uid"] for row in aside(root)] == [uid]
    sound(root)
    with append_to(root) as writer:  # whoever writes next keeps it
        more = writer.add(_seen(7))
    bring_back(root, uid)
    assert [one[0] for one in shown(root)] == [*(one[0] for one in before), more]
    assert same(shown(root)[:-1], before)
    assert seen(root)[:-1] == lerobot
    assert aside(root) == []
    sound(root)


def test_all_out_of_sight_and_back_in_another_order(root: Path) -> None:
    before, lerobot = shown(root), seen(root)
    for uid, *_ in before:
        set_aside(root, uid)
    assert shown(root) == seen(root) == []
    sound(root)
    for uid, *_ in reversed(before):
        bring_back(root, uid)
        sound(root)
    assert same(shown(root), before)
    assert seen(root) == lerobot


def test_erasing_reaches_what_was_set_aside(tmp_path: Path) -> None:
    root = tmp_path / "b"
    make_bundle(root)
    uids = open_bundle(root).uids
    for uid in uids[:2]:
        set_aside(root, uid)
    erase(root, subject=ANNA)
    sound(root)
    assert [row["uid"] for row in aside(root)] == uids[1:2]  # the second was not hers alone, and is out of sight still
    bring_back(root, uids[1])
    sound(root)
    assert open_bundle(root).episode(uids[1]).title == ""
    erase(root, episode=uids[1])
    sound(root)


AMENDS: dict[str, Amend] = {
    "relabel": lambda root, uid: relabel(root, uid, title="other", labels={"flag": "shaky"}),
    "set aside": set_aside,
}


@pytest.mark.parametrize("how", ["relabel", *(pytest.param(how, marks=pytest.mark.slow) for how in ("set aside", "bring back"))])
def test_cut_off_anywhere_it_is_as_before_or_done(root: Path, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = open_bundle(root).uids[1]
    if how == "bring back":
        set_aside(root, uid)
    amend = AMENDS.get(how, bring_back)
    done = Path(shutil.copytree(root, tmp_path / "done"))
    steps = _cut_off(monkeypatch, done, lambda: amend(done, uid), at=-1)
    assert steps > 8
    before, after = (shown(root), seen(root)), (shown(done), seen(done))
    outcomes = set()
    for at in range(steps):
        copy = Path(shutil.copytree(root, tmp_path / f"{at}"))
        _cut_off(monkeypatch, copy, lambda copy=copy: amend(copy, uid), at=at)  # type: ignore[misc]
        with append_to(copy):
            pass
        now = (shown(copy), seen(copy))
        outcome = next(word for word, state in (("before", before), ("after", after)) if same(now[0], state[0]) and now[1] == state[1])
        outcomes.add(outcome)
        assert [str(p) for p in check(copy) if not p.warning] == []
        shutil.rmtree(copy)
    assert outcomes == {"before", "after"}


def _cut_off(monkeypatch: pytest.MonkeyPatch, root: Path, work: Callable[[], object], *, at: int) -> int:
    """Do it, and be stopped before the change of the disk of this number; how many there were."""
    count = 0

    class Stop(BaseException):
        pass

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count - 1 == at:
                raise Stop
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", counted(os.replace))
        patch.setattr(Path, "unlink", counted(Path.unlink))
        try:
            work()
        except Stop:
            assert at >= 0
    return count


def test_what_cannot_be_said_is_refused(root: Path) -> None:
    uid = open_bundle(root).uids[0]
    for title in ("x" * 500, "two\nlines", "\x1b[31m"):
        with pytest.raises(LimitError):
            relabel(root, uid, title=title)
    with pytest.raises(InputError):
        relabel(root, uid, labels={"": "x"})
    with pytest.raises(LimitError):
        relabel(root, uid, labels={"notes": "x" * 10_000})
    for wrong in (relabel, set_aside, bring_back):
        with pytest.raises(UnknownName):
            wrong(root, "0193")
    with pytest.raises(UnknownName):
        bring_back(root, uid)
    set_aside(root, uid)
    with pytest.raises(UnknownName):
        set_aside(root, uid)
    sound(root)


def test_a_piece_begins_at_nought_and_keeps_what_holds() -> None:
    times = np.arange(10) * 20_000_000
    rows = [np.zeros(1, SIGNALS["happened"].dtype) for _ in times]
    for row, time in zip(rows, times, strict=True):
        row["time_ns"] = time
    rng = np.random.default_rng(0)
    whole = episode(
        Stream(SIGNALS["position_m"], times, rng.normal(size=(10, 2, 3)), origin="simulated"),
        Stream(SIGNALS["happened"], times, rows, origin="simulated"),
        Stream(SIGNALS["mass_kg"], [0], rng.uniform(size=(1, 2)), origin="simulated"),
        title="whole",
    )
    piece = cut(whole, 40_000_000, 120_000_000, parent="0193")
    assert piece["position_m"].times_ns.tolist() == [0, 20_000_000, 40_000_000, 60_000_000]
    assert np.array_equal(piece["position_m"].values, whole["position_m"].values[2:6])
    assert [int(row["time_ns"][0]) for row in piece["happened"].values] == piece["happened"].times_ns.tolist()
    assert piece["mass_kg"].times_ns.tolist() == [0]
    assert np.array_equal(piece["mass_kg"].values, whole["mass_kg"].values)
    assert piece.scene is None
    assert piece.provenance.parents == ("0193",)
    again = cut(whole, 0, 180_000_000)
    assert dict(again.streams) == dict(whole.streams)
    for start, stop in ((5, 5), (-1, 5), (10**12, 2 * 10**12)):
        with pytest.raises(InputError):
            cut(whole, start, stop)
