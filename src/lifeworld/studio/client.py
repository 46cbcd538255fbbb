"""A seat in a session for a program: what a page can do, from Python.

    with Client(address, key) as me:                       # both as `lifeworld enter tabletop --headless` printed them
        me.say("put a glass on the magazine")
        me.act("hand", [0, 0, -0.2, 0, 0, 0, 0, 1])
        me.step(25)                                        # half a second on, as fast as it goes
        me.things["glass"]["position_m"]
        me.undo()

Who comes first owns the session; who comes later looks on. Messages are read by a thread of their own, so nobody has to hurry.
"""

from __future__ import annotations

import io
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import HTTPError, URLError

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lifeworld.core.errors import InputError, LifeworldError
from lifeworld.studio import wire

PATIENCE_S = 60.0
MOST_MESSAGE = 64_000_000
CHANGING = ("say", "change", "undo", "redo", "go", "seek", "mark", "play", "pause", "step")


class Refused(InputError):
    """What was asked was not done; `told` is the whole answer, `reason` its code."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told, self.reason = dict(told), str(told.get("code", ""))
        self.suggestions = tuple(told.get("suggestions") or ())
        super().__init__(str(told.get("message", "it was refused")))


class Lost(LifeworldError):
    """The session, or the way to it, has ended."""


class Client:
    """Somebody in a session. What it was told last: `welcome`, `things` by name, `facts`, `line`, `goals`, `time_s`.

    Args:
        address: `http://127.0.0.1:8420`.
        key: the key for scripts, or one that the door gave.
        session: its name; the first there is if None.

    Raises:
        Lost: if nobody answers there. Refused: if the key is not the one, or there is no such session.
    """

    def __init__(self, address: str, key: str, *, session: str | None = None) -> None:
        self.address, self._key = address.rstrip("/"), key
        self.welcome: dict[str, Any] = {}
        self.things: dict[str, dict[str, Any]] = {}
        self.facts: tuple[tuple[str, ...], ...] = ()
        self.line: dict[str, Any] = {}
        self.goals: dict[str, Any] | None = None
        self.time_s = 0.0
        self._answers: dict[int, tuple[dict[str, Any], int]] = {}  # with how often the timeline had been told then
        self._lines = 0
        self._nodes: dict[int, dict[str, Any]] = {}
        self._seen: dict[int, tuple[tuple[Any, ...], bytes]] = {}  # of each stream the last
        self._panes: dict[str, dict[str, Any]] = {}
        self._scenery: dict[str, Any] = {}
        self._portrait: tuple[str, dict[str, Any]] | None = None
        self._seq = 0
        self._why: str | None = None
        self._news = threading.Condition()
        there = [one["name"] for one in self.get("/api/sessions")]
        if not there or (session is not None and session not in there):
            raise Refused({"code": "no_session", "message": f"there is no session {session or 'here'}"})
        self.session = session or there[0]
        scheme, _, host = self.address.partition("://")
        try:
            self._entering = connect(
                f"{'wss' if scheme == 'https' else 'ws'}://{host}/api/sessions/{self.session}",
                subprotocols=[Subprotocol(wire.PROTOCOL)],
                additional_headers={"authorization": f"Bearer {key}"},
                compression=None,
                max_size=MOST_MESSAGE,
                close_timeout=1.0,
            )
            self._socket = self._entering.__enter__()
        except (OSError, InvalidHandshake) as error:
            raise Lost("the session does not let us in", got=str(error)) from error
        self._reader = threading.Thread(target=self._read, name="client", daemon=True)
        self._reader.start()
        self._until(lambda: self.welcome and self.line)

    # -- doing -------------------------------------------------------------------------------------------------------------

    def act(self, embodiment: str, value: ArrayLike) -> None:
        """What an embodiment does from now on."""
        self._send("act", embodiment=embodiment, value=np.asarray(value, dtype=np.float64).ravel().tolist())

    def say(self, text: str, *, selected: Sequence[str] = ()) -> str:
        """Follow a sentence; what was told of it.

        Raises:
            Refused: if it cannot be followed: `reason`, `suggestions`.
        """
        return str(self.ask("say", text=text, selected=list(selected))["told"])

    def read(self, text: str, *, selected: Sequence[str] = ()) -> dict[str, Any]:
        """What a sentence would do, and where it would put things."""
        return self.ask("read", text=text, selected=list(selected))

    def step(self, ticks: int = 1) -> None:
        """So many ticks on, as fast as they go, then time stands; afterwards all that was told is of that tick."""
        self.ask("step", ticks=ticks, fast=True)

    def undo(self) -> None:
        """Back to right before the last change."""
        self.ask("undo")

    def redo(self) -> None:
        """On again to where the last undo left."""
        self.ask("redo")

    def fork(self, tick: int | None = None, *, name: str | None = None) -> None:
        """Stand at an earlier tick of this branch (now, if None); what is done next begins a branch. `name` marks the place."""
        if tick is not None:
            self.ask("seek", tick=tick)
        if name is not None:
            self.ask("mark", name=name)

    def go(self, node: int) -> None:
        """To the end of another branch."""
        self.ask("go", node=node)

    def play(self, speed: float = 1.0) -> None:
        self.ask("play", speed=speed)

    def pause(self) -> None:
        self.ask("pause")

    # -- looking -----------------------------------------------------------------------------------------------------------

    def watch(self, *streams: str, hz: float = 10.0) -> dict[str, dict[str, Any]]:
        """Have these signals sent from now on (none: no more); of each what it is."""
        told = self.ask("watch", streams=list(streams), hz=hz)
        return {pane["stream"]: pane for pane in told["panes"]}

    def seen(self, stream: str, *, timeout_s: float = PATIENCE_S) -> Any:
        """The last that came of a watched signal: a picture (height, width, 3) in the colours of its pane, numbers in rows (float32), sound
        (int16), or lines; waits for the first.

        Raises:
            Refused: if it is not watched.
        """
        if stream not in self._panes:
            raise Refused({"code": "not_watched", "message": f"{stream} is not watched: ask for it by watch()"})
        number = int(self._panes[stream]["pane"])
        self._until(lambda: number in self._seen, timeout_s)
        head, payload = self._seen[number]
        match head[0]:
            case wire.PICTURE:
                return _picture(payload)
            case wire.NUMBERS:
                columns = self._panes[stream].get("columns")
                return np.frombuffer(payload, dtype="<f4").reshape(-1, len(columns) if columns else 1)
            case wire.SOUND:
                return np.frombuffer(payload, dtype="<i2")
        return json.loads(payload)

    def picture(self, stream: str | None = None, **how: Any) -> NDArray[np.uint8]:
        """The world as a camera sees it now, or an eye (`eye_m`, `at_m`, `fov_deg`): (height, width, 3). The owner's alone."""
        return _picture(self.export("png", stream=stream, **how))

    def export(self, form: str, path: Path | str | None = None, **how: Any) -> bytes:
        """A signed file of form png, mp4, wav or world; written to `path`, if given."""
        data = self._fetch(f"/api/sessions/{self.session}/export", {"form": form, **how})
        if path is not None:
            Path(path).write_bytes(data)
        return data

    @property
    def tick(self) -> int:
        """How many ticks lie between the first state and now."""
        nodes, number, ticks = self.line["nodes"], self.line["node"], int(self.line["tick"])
        while (parent := nodes[number]["parent"]) is not None:
            ticks, number = ticks + int(nodes[number]["left"]), parent
        return ticks

    @property
    def numbers(self) -> NDArray[np.float32]:
        """Where everything is (n, 7): of each frame of the portrait its position [m] and quaternion wxyz; soft shapes are left out.

        Raises:
            Refused: in a game or a dream, which shows pictures.
        """
        head, payload = self._seen[wire.NOW]
        if head[0] != wire.STATE:
            raise Refused({"code": "no_state", "message": "this world shows pictures: watch them"})
        return np.frombuffer(payload, dtype="<f4")[: 7 * len(self.portrait["frames"])].reshape(-1, 7)

    @property
    def portrait(self) -> dict[str, Any]:
        """What the world looks like: shapes on moving frames, by name."""
        url = self._scenery["url"]
        if self._portrait is None or self._portrait[0] != url:
            self._portrait = url, self.get(url)
        return self._portrait[1]

    # -- below these -------------------------------------------------------------------------------------------------------

    def ask(self, do: str, **how: Any) -> dict[str, Any]:
        """Ask anything of docs/studio.md and wait for its answer.

        Raises:
            Refused: if it was not done. Lost: if the session ended.
        """
        seq = self._send(do, **how)
        self._until(lambda: seq in self._answers)
        told, lines = self._answers.pop(seq)
        if told["is"] == "wrong":
            raise Refused(told)
        if do in CHANGING:  # what things are like now is told right after
            self._until(lambda: self._lines > lines)
            if do == "step":
                self._until(lambda: self.line["playing"] is False)
            if do not in ("play", "mark"):
                self._until(lambda: round(self.time_s / self.welcome["tick_s"]) == self.tick or self.line["playing"])
        return told

    def get(self, path: str) -> Any:
        """What the API answers at a path, from JSON."""
        return json.loads(self._fetch(path, None))

    def close(self) -> None:
        self._entering.__exit__(None, None, None)
        self._reader.join(5.0)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _send(self, do: str, **how: Any) -> int:
        self._seq += 1
        try:
            self._socket.send(json.dumps({"do": do, "seq": self._seq, **how}))
        except ConnectionClosed as error:
            raise Lost("the session has ended", got=self._why or str(error)) from error
        return self._seq

    def _until(self, holds: Callable[[], Any], timeout_s: float = PATIENCE_S) -> None:
        end = time.monotonic() + timeout_s
        with self._news:
            while not holds():
                if self._why is not None:
                    raise Lost("the session has ended", got=self._why)
                if not self._news.wait(end - time.monotonic()):
                    raise Lost("the session does not answer", got=f"nothing in {timeout_s:g} s")

    def _read(self) -> None:
        try:
            for message in self._socket:
                with self._news:
                    self._take(message)
                    self._news.notify_all()
                if isinstance(message, bytes):
                    self._socket.send(json.dumps({"do": "drawn", "seq": wire.HEADER.unpack_from(message)[3]}))
        except ConnectionClosed as error:
            self._why = self._why or str(error)
        finally:
            with self._news:
                self._why = self._why or "it was closed"
                self._news.notify_all()

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            head = wire.HEADER.unpack_from(message)
            if head[2] & wire.HALF:
                return  # for eyes: what a program is told of is ticks
            self._seen[head[1]] = head, message[wire.HEADER.size :]
            if head[1] == wire.NOW:
                self.time_s = head[4]
            return
        told = json.loads(message)
        match told["is"]:
            case "welcome":
                self.welcome, self._nodes = told, {}  # all of them follow
            case "outline":
                self.things = {thing["name"]: thing for thing in told["things"]}
                self.facts = tuple(tuple(fact) for fact in told["facts"])
            case "line":
                self._nodes |= {node["number"]: node for node in told["nodes"]}
                if not told["more"]:
                    self.line = {**told, "nodes": [self._nodes[number] for number in range(len(self._nodes))]}
                    self._lines += 1
            case "goals":
                self.goals = told
            case "scenery":
                self._scenery = told
            case "panes":
                said = {pane["stream"]: pane for pane in told["panes"]}
                self._panes = said if told["seq"] is not None else {**self._panes, **said}  # unasked: those that changed
            case "bye":
                self._why = str(told["why"])
        if told.get("seq") is not None and told["is"] != "going":
            self._answers[told["seq"]] = told, self._lines

    def _fetch(self, path: str, body: Mapping[str, Any] | None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, data, headers), timeout=300) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            said = error.read()
            with suppress(ValueError):
                told = json.loads(said)
                detail = told.get("detail", told)
                raise Refused(detail if isinstance(detail, dict) else {"message": str(detail)}) from None
            raise Refused({"code": str(error.code), "message": said[:200].decode("utf-8", "replace")}) from None
        except URLError as error:
            raise Lost("nobody answers there", got=str(error.reason), where=self.address) from error


def _picture(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
