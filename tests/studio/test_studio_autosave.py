"""A session is saved as it is lived: whoever is killed, at any moment, finds their branches and their tick again, to the bit."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from visiting import TICK_S, Page, Visited

from lifeworld.core.errors import StorageError, UnreadableFile
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.studio import saved, wire
from lifeworld.studio.autosave import KEY_BYTES, Autosave, Saving, go_on, gone_on
from lifeworld.studio.session import Session
from lifeworld.studio.story import Story
from lifeworld.studio.viewer import Viewer
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.game import WorldGame
from lifeworld.worlds.game.game import Shown, keys
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.timeline import Timeline

LOST_S = 2.0


def a_world() -> WorldEventful:
    return WorldEventful(WorldPhysics(hearing=True, renderer="rays"))


def begun(folder: Path, what: str = "x", **how: Any) -> tuple[WorldEventful, Any]:
    world = a_world()
    base = Timeline.of(world.reset(starter.load("tabletop"), seed=0), "the beginning")
    troubles: list[Exception] = []
    return world, go_on(Saving(folder=folder, what=what, **how), world, base, title="A table", seed=0, told=troubles.append)


def same(world: Any, a: Timeline[Any], b: Timeline[Any]) -> None:
    """Both are one timeline, to the bit of every place in it."""
    assert [(n.said, n.parent, n.left.ticks if n.left else 0, n.course.ticks) for n in a.nodes] == [
        (n.said, n.parent, n.left.ticks if n.left else 0, n.course.ticks) for n in b.nodes
    ]
    assert (a.now.node, a.now.ticks, a.tick) == (b.now.node, b.now.ticks, b.tick)
    assert [(p.node, p.ticks) for p in a.ahead] == [(p.node, p.ticks) for p in b.ahead]
    assert [(name, p.node, p.ticks) for name, p in a.marks] == [(name, p.node, p.ticks) for name, p in b.marks]
    for one, other in zip(a.nodes, b.nodes, strict=True):
        assert np.array_equal(one.state.inner.vector, other.state.inner.vector)
        assert one.state.happened == other.state.happened
    assert np.array_equal(a.state.inner.vector, b.state.inner.vector)


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.integers(1, 130)),
        st.tuples(st.just("act"), st.floats(-0.5, 0.5)),
        st.tuples(st.just("say"), st.sampled_from(["put a glass on the magazine", "remove the can", "bump the mug", "lift the orange"])),
        st.tuples(st.just("undo"), st.none()),
        st.tuples(st.just("redo"), st.none()),
        st.tuples(st.just("seek"), st.floats(0, 1)),
        st.tuples(st.just("go"), st.integers(0, 5)),
        st.tuples(st.just("mark"), st.sampled_from(["here", "there"])),
    ),
    min_size=1,
    max_size=7,
)


def live(story: Story, deed: tuple[str, Any]) -> None:
    from lifeworld.core.errors import LifeworldError

    what, how = deed
    try:
        match what:
            case "tick":
                for _ in range(how):
                    story.tick()
            case "act":
                story.act("hand", [how, 0, 0, 0, 0, 0, 1])
            case "say":
                story.make(story.asked(how, []))
            case "undo":
                story.line = story.line.undo()
            case "redo":
                story.line = story.line.redo()
            case "seek":
                story.line = story.line.to(story.world, round(how * story.line.tick))
            case "go":
                story.line = story.line.go(how)
            case "mark":
                story.line = story.line.mark(how)
    except LifeworldError:
        pass


@given(DEEDS, st.lists(st.booleans(), min_size=7, max_size=7))
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_what_was_lived_is_what_is_gone_on_with(tmp_path_factory: pytest.TempPathFactory, deeds: list[Any], noted: list[bool]) -> None:
    folder = tmp_path_factory.mktemp("state")
    world, gone = begun(folder)
    story = Story(world, gone.line)
    story.act("hand", [0.1, 0, 0, 0, 0, 0, 1])
    story.tick()
    for deed, note in zip(deeds, noted, strict=False):
        live(story, deed)
        if note:
            gone.autosave.note(world, story.line, 1.0, now=True)
    gone.autosave.note(world, story.line, 0.5, now=True)
    gone.autosave.close()
    again, found = begun(folder)
    same(again, found.line, story.line)
    assert (found.speed, found.told is not None) == (0.5, True)
    went = Story(again, found.line)  # and it goes on as it would have
    went.held = dict(story.held)
    for each in (story, went):
        live(each, ("tick", 3))
        live(each, ("undo", None))
    same(again, went.line, story.line)
    found.autosave.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of some batches."""
    folder = tmp_path_factory.mktemp("lived")
    world, gone = begun(folder)
    story = Story(world, gone.line)
    for deed in (("act", 0.2), ("tick", 120), ("say", "put a glass on the magazine"), ("tick", 5), ("undo", None), ("tick", 3)):
        live(story, deed)
        gone.autosave.note(world, story.line, 1.0, now=True)
    gone.autosave.close()
    (path,) = folder.glob("*.session")
    return path.read_bytes()


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_file_cut_or_broken_anywhere_is_read_as_far_as_it_is_whole(
    tmp_path_factory: pytest.TempPathFactory, lived: bytes, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    path = folder / "a.session"
    end = data.draw(st.integers(0, len(lived)))
    broken = bytearray(lived[:end])
    if broken and data.draw(st.booleans()):
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(broken))
    _, whole, _ = saved.read(_written(folder / "whole.session", lived))
    try:
        _, batches, size = saved.read(path)
    except UnreadableFile:
        assert end < 200 or bytes(broken) != lived[:end]
        return
    assert batches == whole[: len(batches)]
    assert size <= end


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_every_beginning_of_a_saved_session_can_be_gone_on_with(lived: bytes, tmp_path: Path) -> None:
    _, batches, _ = saved.read(_written(tmp_path / "a.session", lived))
    world = a_world()
    base = Timeline.of(world.reset(starter.load("tabletop"), seed=0), "the beginning")
    ticks = []
    for count in range(1, len(batches) + 1):
        line, _ = gone_on(world, base, batches[:count])
        ticks.append((line.now.node, line.now.ticks))
    assert ticks == [(0, 120), (1, 0), (1, 5), (0, 120), (0, 123)]


class Counting:
    """A game that is saved as all that was done in it, as one that can only be played again is."""

    name, version, tick_ns = "counting", "1", 20_000_000
    action = keys("player", ("a", "b"))

    def __init__(self) -> None:
        self.done: list[float] = []

    def begin(self, seed: int) -> Shown:
        self.done = [float(seed)]
        return self._shown()

    def act(self, action: np.ndarray) -> Shown:
        self.done.append(float(action[0]))
        return self._shown()

    def _shown(self) -> Shown:
        return Shown(np.full((4, 4, 3), int(sum(self.done) * 10) % 256, np.uint8))

    def mark(self) -> tuple[float, ...]:
        return tuple(self.done)

    def go_to(self, mark: tuple[float, ...]) -> None:
        self.done = list(mark)

    def to_bytes(self, mark: tuple[float, ...]) -> bytes:
        return np.outer(mark, np.arange(1, 9)).tobytes()

    def from_bytes(self, data: bytes) -> tuple[float, ...]:
        return tuple(np.frombuffer(data).reshape(-1, 8)[:, 0].tolist())

    def close(self) -> None: ...


def played(folder: Path, ticks: int) -> tuple[Timeline[Any], int]:
    """A game played for so long, and gone on with from a little before its end; what is saved of it, in bytes."""
    world = WorldGame(Counting())
    base = Timeline.of(world.reset(None, seed=0), "the beginning")
    gone = go_on(Saving(folder=folder, what="x"), world, base, title="A game", seed=0, told=pytest.fail)
    story, rng = Story(world, gone.line), generator(0, "played")
    for tick in range(1, ticks + 1):
        story.act("player", [float(rng.random()), 0.0])
        story.tick()
        if tick % 50 == 0:
            gone.autosave.note(world, story.line, 1.0, now=True)
        if tick == ticks - 70:
            story.line = story.line.to(world, tick - 40)
    gone.autosave.note(world, story.line, 1.0, now=True)
    gone.autosave.close()
    return story.line, sum(path.stat().st_size for path in folder.glob("*.session"))


def test_a_game_that_is_played_again_takes_room_as_long_as_it_is_and_no_more(tmp_path: Path) -> None:
    """Its states are all that was done so far: saved every so many ticks they would take the square of it."""
    for ticks in (1_000, 3_000):
        line, size = played(tmp_path / str(ticks), ticks)
        assert size < ticks * (KEY_BYTES + 40)  # of which the actions take 40; in the square the second would be twice as much
    world = WorldGame(Counting())
    base = Timeline.of(world.reset(None, seed=0), "the beginning")
    found = go_on(Saving(folder=tmp_path / "3000", what="x"), world, base, title="A game", seed=0, told=pytest.fail)
    assert (len(found.line.nodes), found.line.tick) == (2, line.tick)
    assert found.line.state.mark == line.state.mark
    assert found.line.undo().state.mark == line.undo().state.mark
    found.autosave.close()


def test_who_only_looks_on_leaves_nothing_behind(tmp_path: Path) -> None:
    world, gone = begun(tmp_path)
    story = Story(world, gone.line)
    for _ in range(3):
        live(story, ("tick", 2))
        gone.autosave.note(world, story.line, 1.0, now=True)
    gone.autosave.close()
    assert list(tmp_path.iterdir()) == []


def test_another_beginning_and_anew_are_not_gone_on_with(lived: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.session").write_bytes(lived)
    for what, how, resumed in (("y", {}, False), ("x", {"anew": True}, False), ("x", {}, True)):
        _, gone = begun(tmp_path, what, **how)
        assert (gone.told is not None) == resumed
        if resumed:  # somebody is in it: whoever comes now begins anew
            _, other = begun(tmp_path, what)
            assert other.told is None
            other.autosave.close()
        gone.autosave.close()
    assert (tmp_path / "a.session").stat().st_size == len(lived)


@pytest.mark.parametrize("what", ["write", "fsync"])
def test_a_disk_that_refuses_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr("lifeworld.studio.autosave.AGAIN_S", 0.1)
    world = a_world()
    base = Timeline.of(world.reset(starter.load("tabletop"), seed=0), "the beginning")
    head = saved.Head(saved.FORMAT, "x", "t", 0, "e", 0.0)
    book, troubles, refuse = saved.begin(tmp_path, head), [], [True]

    def refusing(do: Callable[..., None]) -> Callable[..., None]:
        def done(*what: Any) -> None:
            if refuse:
                raise OSError(28, "No space left on device")
            do(*what)

        return done

    owner, name = (saved.Book, "_write") if what == "write" else (os, "fsync")
    monkeypatch.setattr(owner, name, refusing(getattr(owner, name)))
    autosave = Autosave(book, base, troubles.append)
    story = Story(world, base)
    live(story, ("say", "remove the can"))
    autosave.note(world, story.line, 1.0)
    end = time.monotonic() + 10
    while not troubles and time.monotonic() < end:
        time.sleep(0.01)
    live(story, ("say", "remove the mug"))
    autosave.note(world, story.line, 1.0)
    refuse.clear()
    while len(saved.read(book.path)[1]) < 2 and time.monotonic() < end:
        autosave.note(world, story.line, 1.0)  # as a session does, all the time
        time.sleep(0.01)
    autosave.close()
    assert [type(trouble).__name__ for trouble in troubles] == ["StorageError"]
    line, _ = gone_on(world, base, saved.read(book.path)[1])
    same(world, line, story.line)


def test_what_a_power_cut_took_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that refuses to sync may have dropped what was written: the next sync lays it down once more, and all of it in its order."""
    head = saved.Head(saved.FORMAT, "x", "t", 0, "e", 0.0)
    book = saved.begin(tmp_path, head)
    batches = [saved.Batch(float(i), [], [], [], saved.Now(0, i, [], [], 1.0)) for i in range(4)]
    book.append(batches[0])
    book.sync()
    kept = book.path.stat().st_size
    book.append(batches[1])
    book.append(batches[2])
    real = os.fsync

    def losing(handle: int) -> None:
        os.pwrite(handle, b"\0" * 40, kept)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", losing)
    with pytest.raises(StorageError):
        book.sync()
    assert saved.read(book.path)[1] == batches[:1]
    monkeypatch.setattr(os, "fsync", real)
    book.append(batches[3])
    book.sync()
    assert saved.read(book.path)[1] == batches
    book.close()


@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(sentences=st.lists(st.sampled_from(["put a glass on the magazine", "remove the can", "bump the mug", "?"]), min_size=1, max_size=4))
def test_who_is_told_that_it_is_done_finds_it_again(tmp_path_factory: pytest.TempPathFactory, sentences: list[str]) -> None:
    """Whatever becomes of the server right after the word: it is in the file by then. No clock is in this law, and no disk's speed."""
    folder = tmp_path_factory.mktemp("state")
    session = Session("tabletop", saving=Saving(folder=folder, what="x"))
    session.wait()
    found: queue.Queue[tuple[dict[str, Any], list[str]]] = queue.Queue()
    seen = 0

    def woken() -> None:  # in the session's own thread, right when something was said
        nonlocal seen
        for text in list(viewer.texts)[seen:]:
            seen += 1
            if (said := json.loads(text))["is"] in ("done", "wrong"):
                batches = [batch for path in folder.glob("*.session") for batch in saved.read(path)[1]]
                found.put((said, [node.said for batch in batches for node in batch.nodes if node.said]))

    viewer = Viewer("me", lambda: woken())
    session._seats.enter(viewer)
    try:
        done = []
        for seq, sentence in enumerate(sentences):
            session.ask(viewer, wire.Say(seq, sentence))
            said, kept = found.get(timeout=60)
            if said["is"] == "done":
                done.append(sentence)
            assert kept == done
    finally:
        session.stop()


# -- a real server, really killed ------------------------------------------------------------------------------------------


@contextmanager
def entered(state: Path, *more: str) -> Iterator[tuple[Page, subprocess.Popen[str], str]]:
    """`lifeworld enter tabletop` in a process of its own, and a page in it; what the process said on the way."""
    command = [str(Path(sys.executable).with_name("lifeworld")), "enter", "tabletop", "--no-browser", "--state", str(state), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, link = "", None
    assert process.stdout is not None
    while link is None:
        line = process.stdout.readline()
        assert line, f"it ended: {said}"
        said += line
        link = re.search(r"(http://127\.0\.0\.1:(\d+))/#(\S+)", line)
    origin, port, token = link.groups()
    answer = httpx2.post(f"{origin}/api/open", json={"token": token}, headers={"origin": origin})
    key = str(answer.headers["set-cookie"].partition("=")[2].partition(";")[0])
    name = httpx2.get(f"{origin}/api/sessions", headers={"cookie": f"lifeworld={key}"}).json()[0]["name"]
    page = Page(Visited(int(port)), name, key)
    try:
        yield page, process, said
    finally:
        with suppress(OSError):
            page.leave()
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_server_killed_at_any_moment_loses_two_seconds_at_most(tmp_path: Path) -> None:
    rng = generator(5, "kill")
    done: list[tuple[float, str]] = []  # what was answered, and when
    at: dict[int, np.ndarray] = {}  # where everything was, by tick of the last life
    tick, killed_s = 0, 0.0
    for life in range(4):
        with entered(tmp_path) as (page, process, said):
            assert ("You are back" in said) == (life > 0)
            line = page.until(lambda news: news["is"] == "line")
            kept = [node["said"] for node in line["nodes"] if node["said"]]
            must = [what for when, what in done if when < killed_s - LOST_S]
            assert kept[: len(must) + 1] == ["the beginning", *must]
            assert set(kept) <= {"the beginning", *(what for _, what in done)}
            assert not line["playing"] or life == 0
            now = page.until(lambda news: news["is"] == "outline")["tick"]
            assert tick - LOST_S / TICK_S <= now <= tick + 25
            if now in at:
                page.until(lambda news: page.numbers.size > 0)
                assert np.array_equal(page.numbers, at[now])
            done = [(0.0, what) for what in kept[1:]]
            page.answer("play", speed=1.0)
            at = {}
            for sentence in (f"put a glass on the {'magazine' if life % 2 else 'table'}", "bump the bottle"):
                page.ask("act", embodiment="hand", value=[*rng.uniform(-0.3, 0.3, 3), 0, 0, 0, 1])
                end = time.monotonic() + rng.uniform(0.3, 1.5)
                while time.monotonic() < end:
                    page.until(lambda news: news["is"] in ("line", "outline"))
                    at[round(page.state[4] / TICK_S)] = page.numbers.copy()
                if page.answer("say", text=sentence)["is"] == "done":
                    done.append((time.monotonic(), sentence))
            end = time.monotonic() + rng.uniform(0.0, 2.5)
            while time.monotonic() < end:
                tick = page.until(lambda news: news["is"] == "outline")["tick"]
                at[round(page.state[4] / TICK_S)] = page.numbers.copy()
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed_s = time.monotonic()


@pytest.mark.slow
def test_begun_anew_and_without_autosave_nothing_is_gone_on_with(tmp_path: Path) -> None:
    with entered(tmp_path) as (page, _, _):
        assert page.until(lambda news: news["is"] == "welcome")["saved"].startswith(str(tmp_path))
        page.answer("say", text="remove the can")
        page.until(lambda news: news["is"] == "outline")
        time.sleep(1.0)
    for more in (("--new",), ("--no-autosave",)):
        with entered(tmp_path, *more) as (page, _, said):
            assert "You are back" not in said
            welcome = page.until(lambda news: news["is"] == "welcome")
            assert welcome["resumed"] is None
            assert (welcome["saved"] is None) == (more == ("--no-autosave",))
            assert "can" in page.names()
