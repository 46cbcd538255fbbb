"""The studio's server on this machine: on a free port, in this thread or one of its own."""

from __future__ import annotations

import errno
import socket
import threading
from types import TracebackType

import uvicorn

from lifeworld.core.errors import InputError
from lifeworld.studio.app import Studio
from lifeworld.studio.guard import Door
from lifeworld.studio.library import Library

HOST = "127.0.0.1"
USUAL_PORT = 8420
MOST_MESSAGE = 300_000


def listening(port: int | None = None) -> socket.socket:
    """A socket on this machine's loopback interface: on `port`, or on the usual one or the next that is free.

    Raises:
        InputError: if the port is taken, naming one that is free.
    """
    for candidate in (port,) if port is not None else (*range(USUAL_PORT, USUAL_PORT + 20), 0):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, candidate))
            made.listen(64)
        except OSError as error:
            made.close()
            if port is None and error.errno == errno.EADDRINUSE:
                continue
            free = listening()
            number = free.getsockname()[1]
            free.close()
            raise InputError(f"port {candidate} cannot be had", got=error.strerror, fix=f"Take another: --port {number}") from error
        return made
    raise InputError("no port is free")  # 0 is any that is


class Server:
    """A studio that is served until it is closed.

    with Server() as server:
        server.studio.add(Session("tabletop"))
        print(server.studio.door.link)
    """

    def __init__(self, port: int | None = None, *, library: Library | None = None) -> None:
        self._socket = listening(port)
        self.studio = Studio(Door(self._socket.getsockname()[1]), library)
        config = uvicorn.Config(
            self.studio.app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,  # it only adds to the latency of a loopback
            timeout_graceful_shutdown=2,
            limit_concurrency=200,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve in this thread until Ctrl-C."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.run, name="studio", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(10.0)
