"""Who may come in: this machine only, by a token that opens once, from our own page.

The server listens on the loopback interface. Its link carries a token behind the `#`, which browsers never send; the page posts it once
and gets a cookie that no script reads and no other site sends. Every request has to name this server as its Host (a name that another
server points at us is refused). What changes anything, and every WebSocket, has to come from our own page (Origin) or to bring a key
(Bearer), as scripts do. There is no CORS, and the page may load nothing from elsewhere.

Source: RFC 6454 (origins); OWASP's sheets on cross-site request forgery and DNS rebinding.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "lifeworld"
MOST_BODY = 1_000_000
SAFE = ("GET", "HEAD")
OPEN = ("/", "/index.html", "/assets/", "/api/open")
"""What is answered before somebody is in: the page itself, which shows nothing, and the door."""
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


class Door:
    """The token of the link, the keys of those who came in, and one for scripts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token: str | None = secrets.token_urlsafe(32)
        self.bearer = secrets.token_urlsafe(32)
        self._inside: dict[str, str] = {}

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(f"http://{host}" for host in self.hosts)

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    @property
    def link(self) -> str:
        """What to open. Works once."""
        return f"http://127.0.0.1:{self.port}/#{self.token}"

    def invite(self) -> str:
        """Another link, for somebody else or for later; the one before it no longer opens."""
        self.token = secrets.token_urlsafe(32)
        return self.link

    def open(self, token: str) -> str | None:
        """A key for who brings the token; None if it is not the one, or has opened already."""
        if self.token is None or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token = None
        key = secrets.token_urlsafe(32)
        self._inside[key] = secrets.token_hex(8)
        return key

    def who(self, key: str) -> str | None:
        """The name of who holds a key, None if nobody does."""
        if hmac.compare_digest(key.encode(), self.bearer.encode()):
            return "script"
        return self._inside.get(key)


class Guard:
    """An ASGI app around another that lets nobody in who does not belong here; `scope["who"]` names who does."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(scope, headers)
        if refused is not None:
            await _refuse(scope, receive, send, *refused)
            return
        body = _Body(receive)
        await self.app(scope, body.receive, _with_headers(send, body))

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, str] | None:
        """Status, code and sentence of why not; None for who may go on."""
        door, path = self.door, scope["path"]
        if headers.get("host", "").lower() not in door.hosts:
            return 421, "wrong_host", "This server answers to 127.0.0.1 and localhost only."
        key = _key(headers)
        by_bearer = headers.get("authorization", "").startswith("Bearer ")
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE
        origin = headers.get("origin")
        if (origin is not None and origin.lower() not in door.origins) or (changes and origin is None and not by_bearer):
            return 403, "wrong_origin", "This comes from another page than the studio's."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BODY:
            return 413, "too_large", f"At most {MOST_BODY:,} bytes."
        scope["who"] = door.who(key) if key else None
        opens = path in OPEN or any(path.startswith(p) for p in OPEN if p.endswith("/") and p != "/")
        if scope["who"] is None and not opens:
            return 401, "not_in", "Open the link that `lifeworld enter` printed."
        return None


def _key(headers: dict[str, str]) -> str | None:
    said = headers.get("authorization", "")
    if said.startswith("Bearer "):
        return said.removeprefix("Bearer ")
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return None


def cookie(key: str) -> str:
    """The header that keeps a key in a browser: no script reads it, no other site sends it."""
    return f"{COOKIE}={key}; HttpOnly; SameSite=Strict; Path=/"


class _Body:
    """A body counted as it comes, since it need not say how long it is."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._count = receive, 0

    @property
    def too_large(self) -> bool:
        return self._count > MOST_BODY

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.too_large else message


def _with_headers(send: Send, body: _Body | None = None) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            had = {name.lower() for name, _ in message.get("headers", [])}
            more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in had]
            message = {**message, "headers": [*message.get("headers", []), *more]}
            if body is not None and body.too_large:
                message["status"] = 413
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status % 1000, "reason": code})
        return
    body = f'{{"code": "{code}", "message": "{why}"}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await _with_headers(send)({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
