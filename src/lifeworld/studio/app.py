"""The server: one page, a small API, one WebSocket for each who is in a session. Everything goes through the guard.

POST /api/open {"token": …}                      a cookie, for who brings the link's token
GET  /api/sessions                               the sessions there are
GET  /api/sessions/{name}/portraits/{number}     what its world looks like
GET  /api/blobs/{sha256}                         a mesh or a picture of it, immutable
WS   /api/sessions/{name}                        the session (wire.py), sub-protocol studio.v1
     /api/library…                               where there is one: what there is to enter, and episodes (library.py, episodes.py)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

from lifeworld.core.errors import InputError
from lifeworld.studio import wire
from lifeworld.studio.episodes import routes as episode_routes
from lifeworld.studio.guard import Door, Guard, cookie
from lifeworld.studio.library import Library
from lifeworld.studio.library import routes as library_routes
from lifeworld.studio.session import Session
from lifeworld.studio.viewer import Viewer

MOST_VIEWERS = 32
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
MISSING = (
    "<!doctype html><meta charset=utf-8><title>lifeworld</title><p>The page has not been built: run <code>make page</code>. The API works."
)


class Opening(BaseModel):
    """What opens the door."""

    token: str = Field(max_length=200)


class Studio:
    """The sessions, the door, the library where there is one, and the app that serves them."""

    def __init__(self, door: Door, library: Library | None = None) -> None:
        self.door, self.library = door, library
        self.sessions: dict[str, Session] = {}
        self.app = Guard(self._app(), door)

    def add(self, session: Session) -> Session:
        """A session to be entered."""
        self.sessions[session.name] = session
        return session

    def _app(self) -> FastAPI:
        @asynccontextmanager
        async def life(_app: FastAPI) -> AsyncIterator[None]:
            yield
            for session in self.sessions.values():
                session.stop("The server was closed.")

        app = FastAPI(title="lifeworld studio", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=life)

        @app.post("/api/open", status_code=204)
        def open_door(opening: Opening) -> Response:
            key = self.door.open(opening.token)
            if key is None:
                raise HTTPException(403, {"code": "wrong_token", "message": "This link has been used, or is not ours: ask for a new one."})
            return Response(status_code=204, headers={"set-cookie": cookie(key)})

        @app.get("/api/sessions")
        def sessions() -> list[dict[str, Any]]:
            return [{"name": s.name, "title": s.title} for s in self.sessions.values()]

        @app.get("/api/sessions/{name}/portraits/{number}")
        def portrait(name: str, number: int) -> Response:
            said = self._session(name).sceneries.json(number)
            if said is None:
                raise HTTPException(404, {"code": "no_portrait", "message": "The world has changed since: a newer portrait was announced."})
            return Response(said, media_type="application/json", headers={"cache-control": "private, max-age=3600"})

        @app.get("/api/blobs/{digest}")
        def blob(digest: str) -> Response:
            for session in self.sessions.values():
                if digest in session.sceneries.blobs:
                    media, data = session.sceneries.blobs[digest]
                    return Response(data, media_type=media, headers={"cache-control": "private, max-age=31536000, immutable"})
            raise HTTPException(404, {"code": "no_blob", "message": "There is nothing of this digest."})

        @app.websocket("/api/sessions/{name}")
        async def enter(socket: WebSocket, name: str) -> None:
            session = self.sessions.get(name)
            if session is None or wire.PROTOCOL not in socket.scope.get("subprotocols", []):
                await socket.close(4404)
                return
            await socket.accept(subprotocol=wire.PROTOCOL)
            await _converse(socket, session, who=socket.scope["who"])

        if self.library is not None:
            app.include_router(library_routes(self.library, self.add))
            app.include_router(episode_routes(self.library, self.add))

        @app.get("/{path:path}")
        def page(request: Request, path: str) -> Response:
            if path.startswith("api/"):
                raise HTTPException(404, {"code": "no_such", "message": "The studio answers nothing at this address."})
            return _static(path)

        return app

    def _session(self, name: str) -> Session:
        if name not in self.sessions:
            raise HTTPException(404, {"code": "no_session", "message": "There is no session of this name."})
        return self.sessions[name]


async def _converse(socket: WebSocket, session: Session, *, who: str) -> None:
    """Both ways at once, until one side ends."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended before the session
            loop.call_soon_threadsafe(news.set)

    if session.viewers >= MOST_VIEWERS:
        await socket.close(4429, "full")
        return
    viewer = session.enter(who, wake)
    listening = asyncio.create_task(_listen(socket, session, viewer))
    telling = asyncio.create_task(_tell(socket, viewer, news))
    try:
        await asyncio.wait((listening, telling), return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.leave(viewer)
        for task in (listening, telling):
            task.cancel()
        for task in (listening, telling):
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await task


async def _listen(socket: WebSocket, session: Session, viewer: Viewer) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        try:
            if (said := message.get("text")) is None:
                raise InputError("the studio is asked in text", got="binary")
            session.ask(viewer, wire.question(said))
        except InputError as error:
            viewer.texts.append(wire.text(wire.wrong(error, None)))
            viewer.wake()


async def _tell(socket: WebSocket, viewer: Viewer, news: asyncio.Event) -> None:
    while True:
        await news.wait()
        news.clear()
        texts, states = viewer.take()
        for said in texts:
            await socket.send_text(said)
        for state in states:
            await socket.send_bytes(state)


def _static(path: str) -> Response:
    """A file of the built page; any other path is the page itself, which knows its own."""
    root = files("lifeworld.studio") / "static"
    name = path if path.startswith("assets/") and "/" not in path.removeprefix("assets/") and not path.endswith("..") else "index.html"
    file = root.joinpath(*name.split("/"))
    if not file.is_file():
        if name != "index.html":
            raise HTTPException(404, {"code": "no_file", "message": "The page has no such file."})
        return Response(MISSING, media_type="text/html; charset=utf-8", status_code=503)
    kept = "public, max-age=31536000, immutable" if name != "index.html" else "no-cache"
    media = TYPES.get(name[name.rfind(".") :], "application/octet-stream")
    return Response(file.read_bytes(), media_type=media, headers={"cache-control": kept})
