"""What a browser's page does, without the browser: it enters a session by a real socket, asks, draws and is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np
from websockets.sync.client import ClientConnection, connect

from lifeworld.studio import wire
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session

PATIENCE_S = 90.0
TICK_S = 0.02


@dataclass(frozen=True)
class Visited:
    """A server of another process, by its port."""

    port: int


class Page:
    """Somebody in a session: one of a server here, or by its name of one elsewhere."""

    def __init__(self, server: Server | Visited, session: Session | str, key: str) -> None:
        port = server.port if isinstance(server, Visited) else server.studio.door.port
        self.seq = 0
        self.nodes: dict[int, dict[str, Any]] = {}
        self.line: dict[str, Any] = {}
        self.halves = 0
        self.state: tuple[Any, ...] = ()
        self.numbers = np.zeros(0, np.float32)
        self.payload = b""
        self.sides: dict[int, Any] = {}
        self.panes: dict[int, list[tuple[Any, bytes]]] = {}
        self._entering = connect(
            f"ws://127.0.0.1:{port}/api/sessions/{session if isinstance(session, str) else session.name}",
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

    def all(self, many: int) -> dict[int, Any]:
        """The next pictures of so many branches that are compared: of each its time, portrait and numbers."""
        self.sides = {}
        self.until(lambda said: len(self.sides) == many)
        return self.sides

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next text message of which it holds; binary ones are drawn as they come."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            message = self.socket.recv(timeout=PATIENCE_S)
            if isinstance(message, bytes):
                head = wire.HEADER.unpack_from(message)
                self.socket.send(json.dumps({"do": "drawn", "seq": head[3]}))
                if head[2] & wire.HALF:
                    self.halves += 1
                    continue
                if head[1] >= wire.FIRST_PANE:
                    self.panes.setdefault(head[1], []).append((head, message[wire.HEADER.size :]))
                    continue
                if head[1] != wire.NOW:
                    self.sides[head[1]] = head[4], head[6], np.frombuffer(message[wire.HEADER.size :], dtype="<f4")
                    continue
                self.state = head
                self.payload = message[wire.HEADER.size :]
                if self.state[0] == wire.STATE:
                    self.numbers = np.frombuffer(self.payload, dtype="<f4")
                continue
            said: dict[str, Any] = json.loads(message)
            if said["is"] == "welcome":
                self.nodes = {}  # all of them follow
            if said["is"] == "line":  # told of those that are new, it knows all
                self.nodes |= {node["number"]: node for node in said["nodes"]}
                if said["more"]:
                    continue
                said["nodes"] = [self.nodes[number] for number in range(len(self.nodes))]
                self.line = said
            if holds(said):
                return said
        raise AssertionError("nothing came of it")

    def answer(self, do: str, **how: Any) -> dict[str, Any]:
        seq = self.ask(do, **how)
        return self.until(lambda said: said.get("seq") == seq and said["is"] != "going")

    def step(self, ticks: int) -> dict[str, Any]:
        """So many ticks on; the timeline then."""
        self.ask("again")
        self.until(lambda said: said["is"] == "welcome")
        node, tick = (line := self.until(lambda said: said["is"] == "line"))["node"], line["tick"]
        self.answer("step", ticks=ticks)
        line = self.until(
            lambda said: said["is"] == "line" and not said["playing"] and (said["tick"] == tick + ticks or said["node"] != node)
        )
        self.shown()
        return line

    def shown(self) -> np.ndarray:
        """Where everything is at the tick of the last outline: what is said comes before what is drawn."""
        self.until(lambda said: said["is"] == "outline" and round(self.state[4] / TICK_S) == said["tick"])
        return self.numbers.copy()

    def names(self) -> set[str]:
        return {thing["name"] for thing in self.until(lambda said: said["is"] == "outline")["things"]}


def keyed(server: Server) -> str:
    server.studio.door.invite()
    port, token = server.studio.door.port, server.studio.door.token
    answer = httpx2.post(f"http://127.0.0.1:{port}/api/open", json={"token": token}, headers={"origin": f"http://127.0.0.1:{port}"})
    return str(answer.headers["set-cookie"].partition("=")[2].partition(";")[0])
