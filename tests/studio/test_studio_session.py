"""Somebody enters, says a sentence, goes back, goes on otherwise; others look on. Over a real server and real sockets."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from lifeworld.studio import wire
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.worlds.game import WorldGame

PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class Page:
    """What a browser's page does, without the browser."""

    def __init__(self, server: Server, session: Session, key: str) -> None:
        port = server.studio.door.port
        self.seq = 0
        self.state: tuple[Any, ...] = ()
        self.numbers = np.zeros(0, np.float32)
        self.payload = b""
        self._entering = connect(
            f"ws://127.0.0.1:{port}/api/sessions/{session.name}",
            subprotocols=[wire.PROTOCOL],  # type: ignore[list-item]
            additional_headers={"cookie": f"lifeworld={key}"},
            origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
            compression=None,
            close_timeout=0.5,
        )
        self.socket: ClientConnection = self._entering.__enter__()

    def leave(self) -> None:
        self._entering.__exit__(None, None, None)

    def ask(self, do: str, **how: Any) -> int:
        self.seq += 1
        self.socket.send(json.dumps({"do": do, "seq": self.seq, **how}))
        return self.seq

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next text message of which it holds; binary ones are drawn as they come."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            message = self.socket.recv(timeout=PATIENCE_S)
            if isinstance(message, bytes):
                self.state = wire.HEADER.unpack_from(message)
                self.payload = message[wire.HEADER.size :]
                if self.state[0] == wire.STATE:
                    self.numbers = np.frombuffer(self.payload, dtype="<f4")
                self.socket.send(json.dumps({"do": "drawn", "seq": self.state[3]}))
            elif holds(said := json.loads(message)):
                return said
        raise AssertionError("nothing came of it")

    def answer(self, do: str, **how: Any) -> dict[str, Any]:
        seq = self.ask(do, **how)
        return self.until(lambda said: said.get("seq") == seq)

    def names(self) -> set[str]:
        return {thing["name"] for thing in self.until(lambda said: said["is"] == "outline")["things"]}


def keyed(server: Server) -> str:
    server.studio.door.invite()
    port, token = server.studio.door.port, server.studio.door.token
    answer = httpx2.post(f"http://127.0.0.1:{port}/api/open", json={"token": token}, headers={"origin": f"http://127.0.0.1:{port}"})
    return str(answer.headers["set-cookie"].partition("=")[2].partition(";")[0])


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    session = server.studio.add(Session("tabletop"))
    session.wait()
    yield session
    session.stop()
    del server.studio.sessions[session.name]


@pytest.fixture
def page(server: Server, session: Session) -> Iterator[Page]:
    page = Page(server, session, keyed(server))
    yield page
    page.leave()


def test_a_sentence_changes_the_world_and_undo_takes_it_back(server: Server, session: Session, page: Page) -> None:
    welcome = page.until(lambda said: said["is"] == "welcome")
    assert (welcome["seat"], welcome["origin"], welcome["editable"]) == ("owner", "simulated", True)
    page.answer("pause")
    before = page.names()
    ghost = page.answer("read", text="put a glass on the magazine")
    assert ghost["is"] == "understood"
    assert [g["kind"] for g in ghost["ghosts"]] == ["glass"]
    done = page.answer("say", text="put a glass on the magazine")
    assert done["is"] == "done"
    outline = page.until(lambda said: said["is"] == "outline" and len(said["things"]) > len(before))
    (new,) = {thing["name"] for thing in outline["things"]} - before
    assert ["on", new, "magazine"] in outline["facts"]
    scenery = f"http://127.0.0.1:{server.studio.door.port}/api/sessions/{session.name}/portraits/{page.state[6]}"
    look = httpx2.get(scenery, headers={"authorization": f"Bearer {server.studio.door.bearer}"}).json()
    assert new in look["things"]
    assert page.numbers.size == 7 * len(look["frames"])
    page.answer("undo")
    page.until(lambda said: said["is"] == "outline" and {t["name"] for t in said["things"]} == before)
    page.answer("redo")
    page.until(lambda said: said["is"] == "outline" and new in {t["name"] for t in said["things"]})


def test_what_cannot_be_followed_is_told_and_changes_nothing(page: Page) -> None:
    page.answer("pause")
    before = page.names()
    wrong = page.answer("say", text="put a glass on the magazin")
    assert (wrong["is"], wrong["reason"]) == ("wrong", "unknown_word")
    assert "magazine" in wrong["message"]
    assert page.answer("change", plan={"plan": 1, "edits": [{"type": "remove", "name": "nobody"}]})["is"] == "wrong"
    assert page.answer("undo")["message"].startswith("there is nothing to undo")
    assert page.names() == before


def test_time_goes_on_stands_and_goes_back_to_the_bit(page: Page) -> None:
    page.answer("pause")
    page.answer("step", ticks=12)
    page.until(lambda said: said["is"] == "line" and said["tick"] >= 12 and not said["playing"])
    then = page.numbers.copy()
    page.answer("step", ticks=8)
    page.until(lambda said: said["is"] == "line" and said["tick"] >= 20 and not said["playing"])
    assert not np.array_equal(page.numbers, then)
    page.answer("seek", tick=12)
    page.until(lambda said: said["is"] == "line" and said["tick"] == 12)
    assert np.array_equal(page.numbers, then)
    line = page.until(lambda said: said["is"] == "line")
    assert len(line["nodes"]) == 1
    page.answer("step", ticks=2)  # going on from the past begins a branch beside it
    line = page.until(lambda said: said["is"] == "line" and len(said["nodes"]) == 2 and not said["playing"])
    assert line["nodes"][1]["parent"] == 0
    assert line["nodes"][0]["ticks"] == 20


def test_a_hand_is_moved_and_its_input_comes_back(page: Page) -> None:
    welcome = page.until(lambda said: said["is"] == "welcome")
    (hand,) = [a for a in welcome["actions"] if a["kind"] == "hand"]
    value = list(hand["rest"])
    value[2] = hand["high"][2]
    page.until(lambda said: said["is"] == "line" and page.numbers.size > 0)
    first = page.numbers.copy()
    seq = page.ask("act", embodiment=hand["name"], value=value)
    page.until(lambda said: said["is"] == "line" and page.state[5] == seq)
    assert np.abs(page.numbers - first).max() > 0.01


def test_guests_look_on(server: Server, session: Session, page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    guest = Page(server, session, keyed(server))
    assert guest.until(lambda said: said["is"] == "welcome")["seat"] == "guest"
    for do, how in (("say", {"text": "remove the can"}), ("undo", {}), ("pause", {})):
        assert guest.answer(do, **how)["code"] == "guest"
    page.answer("say", text="remove the can")
    guest.until(lambda said: said["is"] == "outline" and "can" not in {t["name"] for t in said["things"]})
    guest.leave()


def test_a_page_that_draws_nothing_holds_up_nobody(server: Server, session: Session, page: Page) -> None:
    lazy = Page(server, session, keyed(server))
    line = page.until(lambda said: said["is"] == "line")
    page.until(lambda said: said["is"] == "line" and said["tick"] > line["tick"] + 50)
    lazy.leave()


def test_noise_on_the_socket_is_answered_and_survived(page: Page) -> None:
    for noise in ("", "{}", "[1]", '{"do": "say"}', '{"do": "act", "seq": 1, "embodiment": "hand", "value": [NaN]}', "\x00"):
        page.socket.send(noise)
        assert page.until(lambda said: said["is"] == "wrong")["code"] == "input_error"
    page.socket.send(b"\x00\x01")
    page.until(lambda said: said["is"] == "wrong")
    for value in ([0.0], [1e300] * 7, []):
        page.ask("act", embodiment="hand", value=value)
    page.ask("act", embodiment="nobody", value=[0.0])
    page.until(lambda said: said["is"] == "wrong" and said["code"] == "action_error")
    assert page.answer("pause")["is"] == "done"


def test_a_game_is_shown_by_its_pictures_and_cannot_be_changed(server: Server) -> None:
    session = server.studio.add(Session(None, world=WorldGame("coinrun"), title="coinrun"))
    session.wait()
    page = Page(server, session, keyed(server))
    welcome = page.until(lambda said: said["is"] == "welcome")
    assert (welcome["title"], welcome["editable"]) == ("coinrun", False)
    assert page.answer("say", text="add a coin")["reason"] == "cannot"
    page.answer("pause")
    page.answer("step", ticks=3)
    page.until(lambda said: said["is"] == "line" and said["tick"] >= 3 and not said["playing"])
    assert page.state[0] == wire.PICTURE
    picture = Image.open(io.BytesIO(page.payload))
    assert (picture.format, picture.size) == ("PNG", (64, 64))
    page.answer("seek", tick=1)
    page.until(lambda said: said["is"] == "line" and said["tick"] == 1)
    page.leave()
    session.stop()
    del server.studio.sessions[session.name]


def test_a_push_happens_now_and_can_be_taken_back(page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    page.answer("pause")
    page.names()
    page.answer("step", ticks=1)
    page.until(lambda said: said["is"] == "line" and said["tick"] == 1 and not said["playing"])
    assert page.answer("read", text="push the bottle at 1 m/s")["ghosts"] == []
    assert page.answer("say", text="push the bottle at 1 m/s")["is"] == "done"

    def bottle(said: dict[str, Any]) -> np.ndarray:
        return np.array(next(thing["position_m"] for thing in said["things"] if thing["name"] == "bottle"))

    before = bottle(page.until(lambda said: said["is"] == "outline"))
    page.answer("step", ticks=30)
    page.until(lambda said: said["is"] == "line" and said["tick"] == 30 and not said["playing"])
    after = bottle(page.until(lambda said: said["is"] == "outline" and said["tick"] >= 31))
    assert np.linalg.norm(after - before) > 0.05
    page.answer("undo")
    page.answer("step", ticks=30)
    page.until(lambda said: said["is"] == "line" and not said["playing"] and said["node"] != 1)
    still = bottle(page.until(lambda said: said["is"] == "outline"))
    assert np.linalg.norm(still - before) < 0.005
