"""The server: one page, a small API, one WebSocket for each who is in a session. Everything goes through the guard.

POST /api/open {"token": …}                      a cookie, for who brings the link's token, or from the network the code
GET  /api/sessions                               the sessions there are; …/{name}: one, and what is known of the file it came in
GET  /api/sessions/{name}/portraits/{number}     what its world looks like
GET  /api/blobs/{sha256}                         a mesh or a picture of it, immutable
WS   /api/sessions/{name}                        the session (wire.py), sub-protocol studio.v1
POST /api/sessions/{name}/export, …/accept       taken away, signed; a stranger's world accepted (export.py, arrival.py)
POST /api/verify, /api/worlds                    a file: what is known of it; a session in it
     /api/library…                               where there is one: what there is to enter, and episodes (library.py, episodes.py)
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from lifeworld.core.errors import InputError, LifeworldError, StorageError
from lifeworld.studio import arrival, export
from lifeworld.studio.converse import converse
from lifeworld.studio.episodes import routes as episode_routes
from lifeworld.studio.guard import Door, Gate, Guard, cookie
from lifeworld.studio.library import Library
from lifeworld.studio.library import routes as library_routes
from lifeworld.studio.session import Session

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
MISSING = (
    "<!doctype html><meta charset=utf-8><title>lifeworld</title><p>The page has not been built: run <code>make page</code>. The API works."
)


class Opening(BaseModel):
    """What opens the door."""

    token: str = Field(max_length=200)


class Running(BaseModel):
    """A session; `accepted` is false while a stranger's world can only be looked at."""

    name: str
    title: str
    accepted: bool = True


class About(Running):
    """And who is in it, and what is known of the file it came in until it is accepted."""

    viewers: int
    foreign: dict[str, Any] | None = None


class Studio:
    """The sessions, the door, the library where there is one, and the app that serves them."""

    def __init__(self, door: Door, library: Library | None = None) -> None:
        self.door, self.library = door, library
        self.sessions: dict[str, Session] = {}
        self._folders: list[tempfile.TemporaryDirectory[str]] = []
        self._inside = self._app()
        self.app = Guard(self._inside, door)

    def add(self, session: Session) -> Session:
        """A session to be entered."""
        self.sessions[session.name] = session
        return session

    def behind(self, gate: Gate) -> Guard:
        """The same studio behind another gate."""
        return Guard(self._inside, self.door, gate)

    def folder(self) -> Path:
        """A private folder that lasts as long as the studio."""
        made = tempfile.TemporaryDirectory(prefix="lifeworld-studio-")
        self._folders.append(made)
        return Path(made.name)

    def close(self) -> None:
        """An end for every session, and for what they have laid down."""
        if self.library is not None:
            self.library.close()
        for session in self.sessions.values():
            session.stop("The server was closed.")
        while self._folders:
            self._folders.pop().cleanup()

    def _app(self) -> FastAPI:
        @asynccontextmanager
        async def life(_app: FastAPI) -> AsyncIterator[None]:
            yield
            self.close()

        app = FastAPI(title="lifeworld studio", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=life)

        @app.exception_handler(LifeworldError)
        def told(_request: Request, error: Exception) -> Response:
            assert isinstance(error, LifeworldError)
            status = 422 if isinstance(error, InputError) else 507 if isinstance(error, StorageError) else 500
            return JSONResponse({"detail": {"code": error.code, "message": str(error)}}, status)

        @app.exception_handler(StarletteHTTPException)
        def refused(_request: Request, error: Exception) -> Response:
            assert isinstance(error, StarletteHTTPException)
            said: Any = error.detail
            detail = said if isinstance(said, dict) else {"code": f"http_{error.status_code}", "message": str(said)}
            return JSONResponse({"detail": detail}, error.status_code, error.headers)

        @app.exception_handler(RequestValidationError)
        def not_valid(_request: Request, error: Exception) -> Response:
            assert isinstance(error, RequestValidationError)
            first: dict[str, Any] = next(iter(error.errors()), {})
            where = " ".join(str(part) for part in first.get("loc", ()))[:200]
            return JSONResponse({"detail": {"code": "not_valid", "message": f"{where}: {first.get('msg', 'not valid')}"}}, 422)

        @app.post("/api/open", status_code=204)
        def open_door(opening: Opening, request: Request) -> Response:
            network = bool(request.scope["guest"])
            key = self.door.pair(opening.token) if network else self.door.open(opening.token)
            if key is None:
                raise HTTPException(403, {"code": "wrong_token", "message": "This link has been used, or is not ours: ask for a new one."})
            return Response(
                status_code=204,
                headers={"set-cookie": cookie(key, port=request.url.port or self.door.port, tls=request.scope["scheme"] == "https")},
            )

        @app.get("/api/sessions")
        def sessions() -> list[Running]:
            return [Running(name=s.name, title=s.title, accepted=s.foreign is None) for s in self.sessions.values()]

        @app.get("/api/sessions/{name}")
        def about(name: str) -> About:
            session = self.session(name)
            foreign = session.foreign
            known = None if foreign is None else {**msgspec.to_builtins(foreign), "told": foreign.told}
            return About(name=session.name, title=session.title, accepted=foreign is None, viewers=session.viewers, foreign=known)

        @app.get("/api/sessions/{name}/portraits/{number}")
        def portrait(name: str, number: int) -> Response:
            said = self.session(name).sceneries.json(number)
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
            await converse(socket, self.sessions.get(name), who=socket.scope["who"], guest=socket.scope["guest"])

        app.include_router(arrival.routes(self))
        app.include_router(export.routes(self))

        if self.library is not None:
            app.include_router(library_routes(self.library, self.add))
            app.include_router(episode_routes(self.library, self.add))

        @app.get("/{path:path}")
        def page(request: Request, path: str) -> Response:
            if path.startswith("api/"):
                raise HTTPException(404, {"code": "no_such", "message": "The studio answers nothing at this address."})
            return _static(path)

        return app

    def session(self, name: str) -> Session:
        """A session by its name; 404 where there is none."""
        if name not in self.sessions:
            raise HTTPException(404, {"code": "no_session", "message": "There is no session of this name."})
        return self.sessions[name]


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
