"""Who may come in: this machine by a token that opens once, others on the same network by a code, everybody from our own page only.

The server listens on the loopback interface. Its link carries a token behind the `#`, which browsers never send; the page posts it once
and gets a cookie that no script reads and no other site sends. Every request has to name this server as its Host (a name that another
server points at us is refused). What changes anything, and every WebSocket, has to come from our own page (Origin) or to bring a key
(Bearer), as scripts do. There is no CORS, and the page may load nothing from elsewhere. Nobody asks faster, more or longer than a page.

With `--lan` a second gate stands open to the network, by TLS alone. It lets in by a short code with few tries, and guests only: they see
the sessions, and nothing else of this machine.

Source: RFC 6454 (origins); OWASP's sheets on cross-site request forgery and DNS rebinding.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from lifeworld.studio.bucket import Buckets

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "lifeworld"
SCRIPT = "script"
"""Who brings the key for scripts."""
MOST_KEYS = 32
MOST_BODY = 1_000_000
MOST_FILE = 1_000_000_000
FILES = ("/api/verify", "/api/worlds")
"""What takes files: more bytes, and more time to send them."""
BODY_S, FILE_S = 10.0, 120.0
SAFE = ("GET", "HEAD")
API = "/api/"
"""What is behind the guard. Everything else is the page, which shows nothing to who is not in, and says so."""
DOOR = "/api/open"
GUESTS_SEE = ("/api/sessions", "/api/sessions/", "/api/blobs/")
"""What a guest from the network is answered: the sessions. No library, no episodes, no files."""
MOST_TRIES = 5
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those that nobody mistakes for each other; eight of them are 39 bits, against five tries."""
ASKS = (100.0, 400.0)
"""Requests a second of one person, and how many at once: a page fetches a few hundred meshes when it opens."""
OPENINGS = (0.5, 10.0)
"""Tokens and codes a second, of everybody together."""
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """One way in: under which hosts (`name:port`), by TLS or not, and whether who comes through it is a guest."""

    hosts: tuple[str, ...]
    tls: bool = False
    guests: bool = False

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(f"{'https' if self.tls else 'http'}://{host}" for host in self.hosts)


class Door:
    """The token of the link, the code of the network, the keys of those who came in, and one for scripts.

    `wanted` is the port that was meant, where it is taken.
    """

    def __init__(self, port: int, *, wanted: int | None = None) -> None:
        self.port, self.wanted = port, port if wanted is None else wanted
        self.gate = Gate(tuple(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")))
        self.token: str | None = secrets.token_urlsafe(32)
        self.code: str | None = None
        self.bearer = secrets.token_urlsafe(32)
        self._inside: dict[str, tuple[str, bool]] = {}
        self._tries = 0
        self._lock = threading.Lock()

    @property
    def link(self) -> str:
        """What to open. Works once."""
        return f"{self.address}/#{self.token}"

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def invite(self) -> str:
        """Another link, for somebody else or for later; the one before it no longer opens."""
        self.token = secrets.token_urlsafe(32)
        return self.link

    def pairing(self) -> str:
        """A new code for guests from the network; the one before it no longer opens."""
        with self._lock:
            self._tries = 0
            self.code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
            return self.code

    def open(self, token: str) -> str | None:
        """A key for who brings the token; None if it is not the one, or has opened already."""
        with self._lock:
            if self.token is None or not hmac.compare_digest(token.encode(), self.token.encode()):
                return None
            self.token = None
            return self._key(guest=False)

    def pair(self, code: str) -> str | None:
        """A guest's key for who brings the code; None if it is not the one, or was guessed at too often."""
        said = "".join(c for c in code.upper() if c.isalnum())
        with self._lock:
            if self.code is None:
                return None
            if not hmac.compare_digest(said.encode(), self.code.encode()):
                self._tries += 1
                if self._tries >= MOST_TRIES:
                    self.code = None
                return None
            return self._key(guest=True)

    def who(self, key: str) -> str | None:
        """The name of who holds a key, None if nobody does."""
        if hmac.compare_digest(key.encode(), self.bearer.encode()):
            return SCRIPT
        return self._inside[key][0] if key in self._inside else None

    def is_guest(self, key: str) -> bool:
        """Whether a key was given to a guest."""
        return key in self._inside and self._inside[key][1]

    def _key(self, *, guest: bool) -> str:
        key = secrets.token_urlsafe(32)
        self._inside[key] = (secrets.token_hex(8), guest)
        return key


class Guard:
    """An ASGI app around another that lets nobody in who does not belong here; `scope["who"]` and `scope["guest"]` say who does."""

    def __init__(self, app: App, door: Door, gate: Gate | None = None) -> None:
        self.app, self.door, self.gate = app, door, gate or door.gate
        self._asks, self._openings = Buckets(*ASKS), Buckets(*OPENINGS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(scope, headers)
        if refused is not None:
            await _refuse(scope, receive, send, *refused)
            return
        most, most_s = (MOST_FILE, FILE_S) if scope["path"] in FILES else (MOST_BODY, BODY_S)
        body = _Body(receive, most, most_s)
        listen = body.receive if scope["type"] == "http" else receive
        await self.app(scope, listen, _with_headers(send, body))

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, str] | None:
        """Status, code and sentence of why not; None for who may go on."""
        door, gate, path = self.door, self.gate, scope["path"]
        if headers.get("host", "").lower() not in gate.hosts:
            return 421, "wrong_host", f"This server answers to {' and '.join(gate.hosts)} only."
        keys = _keys(headers)
        key = next((each for each in keys if door.who(each) is not None), None)
        by_bearer = headers.get("authorization", "").startswith("Bearer ")
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE
        origin = headers.get("origin")
        if (origin is not None and origin.lower() not in gate.origins) or (changes and origin is None and not by_bearer):
            return 403, "wrong_origin", "This comes from another page than the studio's."
        length, most = headers.get("content-length", "0"), MOST_FILE if path in FILES else MOST_BODY
        if not (length.isascii() and length.isdigit()) or int(length) > most:
            return 413, "too_large", f"At most {most:,} bytes."
        scope["who"] = None if key is None else door.who(key)
        scope["guest"] = gate.guests or (key is not None and door.is_guest(key))
        closed = changes or path.startswith(API)
        if scope["who"] is None and closed and path != DOOR:
            return 401, "not_in", "Open the link that `lifeworld enter` printed."
        looks = _under(path, GUESTS_SEE) and (not changes or scope["type"] == "websocket")
        if scope["guest"] and closed and path != DOOR and not looks:
            return 403, "guest", "You are a guest here: you can look, and not change anything."
        if path == DOOR and changes and not self._openings.take("everybody"):
            return 429, "too_fast", "Too many have tried to open: wait a few seconds."
        if not self._asks.take(scope["who"] or (scope.get("client") or ("nobody",))[0]):
            return 429, "too_fast", "That is more than a page asks: wait a second."
        return None


def _under(path: str, places: tuple[str, ...]) -> bool:
    return path in places or any(path.startswith(place) for place in places if place.endswith("/"))


def _keys(headers: dict[str, str]) -> list[str]:
    """The keys that are brought. A browser sends the cookies of every port of a machine, so each studio's has a name of its own."""
    said = headers.get("authorization", "")
    if said.startswith("Bearer "):
        return [said.removeprefix("Bearer ")]
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return [value for name, _, value in pairs if name == COOKIE or name.startswith(f"{COOKIE}-")][:MOST_KEYS]


def cookie(key: str, *, port: int, tls: bool = False) -> str:
    """The header that keeps a key in a browser: no script reads it, no other site sends it."""
    return f"{COOKIE}-{port}={key}; HttpOnly; SameSite=Strict; Path=/{'; Secure' if tls else ''}"


class _Body:
    """A body counted and timed as it comes, since it need not say how long it is, nor be sent at once."""

    def __init__(self, receive: Receive, most: int, most_s: float) -> None:
        self._receive, self._most, self._count = receive, most, 0
        self._end = asyncio.get_running_loop().time() + most_s
        self._whole = self.too_late = False

    @property
    def too_large(self) -> bool:
        return self._count > self._most

    async def receive(self) -> MutableMapping[str, Any]:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            self.too_late = True
            return {"type": "http.disconnect"}
        self._count += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return {"type": "http.disconnect"} if self.too_large else message


def _with_headers(send: Send, body: _Body) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            had = {name.lower() for name, _ in message.get("headers", [])}
            more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in had]
            message = {**message, "headers": [*message.get("headers", []), *more]}
            if body.too_large or body.too_late:
                message["status"] = 413 if body.too_large else 408
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status % 1000, "reason": code})
        return
    body = json.dumps({"code": code, "message": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
