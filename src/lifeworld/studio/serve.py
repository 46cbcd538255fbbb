"""The studio's server on this machine: on a free port, in this thread or one of its own; and on the network, if asked to."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from lifeworld.core.errors import InputError
from lifeworld.provenance import Authority
from lifeworld.studio.app import Studio
from lifeworld.studio.guard import Door, Gate
from lifeworld.studio.impatient import Impatient
from lifeworld.studio.library import Library

HOST, EVERYWHERE = "127.0.0.1", "0.0.0.0"
USUAL_PORT = 8420
MOST_MESSAGE = 300_000
MOST_CONNECTIONS = 200
ELSEWHERE = ("192.0.2.1", 9)
"""An address that is nobody's (RFC 5737): asked which of ours would be used to reach it, and never sent a thing."""


def listening(port: int | None = None, *, host: str = HOST) -> socket.socket:
    """A socket on this machine's loopback interface, or on `host`: on `port`, or on the usual one or the next that is free.

    Raises:
        InputError: if the port is taken, naming one that is free.
    """
    for candidate in (port,) if port is not None else (*range(USUAL_PORT, USUAL_PORT + 20), 0):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, candidate))
            made.listen(64)
        except (OSError, OverflowError) as error:
            made.close()
            if port is None and isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                continue
            free = listening(host=host)
            number = free.getsockname()[1]
            free.close()
            raise InputError(
                f"port {candidate} cannot be had", got=getattr(error, "strerror", None) or str(error), fix=f"Take another: --port {number}"
            ) from error
        return made
    raise InputError("no port is free")  # 0 is any that is


class Server:
    """A studio that is served until it is closed.

    with Server() as server:
        server.studio.add(Session("tabletop"))
        print(server.studio.door.link)

    Args:
        port: where on 127.0.0.1; the first that is free from the usual one on if None.
        library: what there is to enter from its pages.
        lan: guests may come in from the network too, by TLS and a code: see `network`.
    """

    def __init__(self, port: int | None = None, *, library: Library | None = None, lan: bool = False) -> None:
        self._socket = listening(port)
        self.studio = Studio(Door(self._socket.getsockname()[1], wanted=port or USUAL_PORT), library)
        self.network = Network(self.studio) if lan else None
        self._server = uvicorn.Server(uvicorn.Config(self.studio.app, **_HOW))
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve in this thread until Ctrl-C."""
        if self.network is not None:
            self.network.begin()
        try:
            self._server.run(sockets=[self._socket])
        finally:
            if self.network is not None:
                self.network.end()

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.run, name="studio", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(10.0)


class Network:
    """The gate to the network: TLS by a certificate of this user's authority, a code with few tries, guests only.

    `link` is what a guest opens, code and all; `fingerprint` what their browser says of the certificate, to be compared.
    """

    def __init__(self, studio: Studio) -> None:
        self._socket = listening(host=EVERYWHERE)
        self.port = self._socket.getsockname()[1]
        names = _names()
        chain, key = Authority.usual().served(names)
        self.fingerprint = _fingerprint(chain)
        self._studio = studio
        studio.door.pairing()
        self.address = f"https://{names[0]}:{self.port}/"
        gate = Gate(tuple(f"{name}:{self.port}" for name in names), tls=True, guests=True)
        context = _context(chain, key)
        config = uvicorn.Config(studio.behind(gate), **{**_HOW, "lifespan": "off", "ssl_context_factory": lambda _config, _usual: context})
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: self._server.run(sockets=[self._socket]), name="network", daemon=True)

    @property
    def link(self) -> str:
        """What a guest opens, until the code was guessed at too often."""
        return f"{self.address}#{self._studio.door.code}"

    @property
    def told(self) -> str:
        """What to say to guests."""
        shown = ":".join(self.fingerprint[i : i + 2] for i in range(0, len(self.fingerprint), 2)).upper()
        return f"For guests on this network: {self.link}\nTheir browser warns once; its certificate's SHA-256 is {shown}"

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join(10.0)


# -- below -----------------------------------------------------------------------------------------------------------------

_HOW: dict[str, Any] = {
    "log_level": "error",  # what strangers send is no news
    "access_log": False,
    "server_header": False,
    "http": Impatient,
    "ws": "websockets-sansio",
    "ws_max_size": MOST_MESSAGE,
    "ws_per_message_deflate": False,  # it only adds to the latency of a loopback
    "timeout_graceful_shutdown": 2,
    "timeout_keep_alive": 10,
    "limit_concurrency": MOST_CONNECTIONS,
}


def _names() -> list[str]:
    """By what others may call this machine: its address on the network first."""
    names: dict[str, None] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(ELSEWHERE)
            names[asked.getsockname()[0]] = None
        except OSError:  # on no network: reached from here alone
            pass
    return [*names, *(host for host in (socket.gethostname().lower(), HOST, "localhost") if host and host not in names)]


def _context(chain: bytes, key: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory(prefix="lifeworld-tls-") as folder:  # Python reads keys from files only; 0700
        file = Path(folder) / "both.pem"
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(key + chain)
        context.load_cert_chain(file)
    return context


def _fingerprint(chain: bytes) -> str:
    first = chain[: chain.index(b"-----END CERTIFICATE-----")] + b"-----END CERTIFICATE-----\n"
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first.decode("ascii"))).hexdigest()
