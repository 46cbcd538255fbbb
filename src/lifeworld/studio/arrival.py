"""A `.world` that comes from somebody: looked into, opened within limits, read-only until it is accepted.

POST /api/verify?name=…                   a file: what is known about it
POST /api/worlds?name=…                   a .world: a session in it, {"session": name}
POST /api/sessions/{name}/accept          its owner has looked, and takes it for good
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from lifeworld.core.errors import UnsafeFile
from lifeworld.core.storage import on_disk
from lifeworld.provenance import verify
from lifeworld.studio.session import Session
from lifeworld.worlds.package import SUFFIX, unpack

NAME = Query("file", max_length=200)


class Host(Protocol):
    """Who knows the sessions, takes new ones, and keeps folders until it ends."""

    def session(self, name: str) -> Session: ...
    def add(self, session: Session) -> Session: ...
    def folder(self) -> Path: ...


def arrived(path: Path, into: Path, *, keep: Path | None = None, accepted: bool = False) -> tuple[Session, str]:
    """A session in a file's world, where it was left; and what has to be told of it, if anything.

    Args:
        into: an empty folder for what it brings along, which stays while the session lasts.
        accepted: take it for good without looking first.

    Raises:
        UnsafeFile: if it was changed since it was signed. UnreadableFile, FileTooLarge, SceneError: for what is no such file.
    """
    found = verify(path)
    if found.standing == "changed":
        raise UnsafeFile(
            "this world was changed since it was signed", where=path.name, got="; ".join(found.problems), fix="Ask for it again."
        )
    held = into / "came" / f"{path.stem}{SUFFIX}"
    with on_disk(into):
        held.parent.mkdir()
        shutil.copyfile(path, held)  # what was looked into is what is opened, whatever becomes of the path
    if verify(held).sha256 != found.sha256:
        raise UnsafeFile("the file changed while it was read", where=path.name)
    opened = unpack(held, into / "with")
    session = Session(
        opened.scene if opened.line is None else opened.line,
        seed=opened.seed,
        world=opened.world,
        title=opened.title,
        keep=keep,
        foreign=None if accepted or found.standing == "known" else found,
        source=held,
    )
    return session, opened.why


def routes(host: Host) -> APIRouter:
    """The routes by which files come in."""
    router = APIRouter()

    @router.post("/api/verify")
    async def look(request: Request, name: str = NAME) -> dict[str, Any]:
        """What is known about a file, which is the body."""
        with tempfile.TemporaryDirectory(prefix="lifeworld-verify-") as folder:
            file = await _received(request, Path(folder), name)
            found = await run_in_threadpool(verify, file)
        said: dict[str, Any] = msgspec.to_builtins(found)
        return {**said, "told": found.told, "exit_code": found.exit_code}

    @router.post("/api/worlds")
    async def enter(request: Request, name: str = NAME) -> dict[str, Any]:
        """A session in the world of a file, which is the body."""
        with tempfile.TemporaryDirectory(prefix="lifeworld-arrival-") as folder:
            file = await _received(request, Path(folder), name)
            session, why = await run_in_threadpool(arrived, file, host.folder())
        await run_in_threadpool(session.wait)
        host.add(session)
        return {"session": session.name, "accepted": session.foreign is None, "told": why}

    @router.post("/api/sessions/{name}/accept", status_code=204)
    def accept(name: str, request: Request) -> Response:
        """From now on a stranger's world may be acted in and changed."""
        session = host.session(name)
        if not session.owns(request.scope["who"]):
            raise HTTPException(403, {"code": "guest", "message": "Its owner accepts a world."})
        session.accept()
        return Response(status_code=204)

    return router


async def _received(request: Request, folder: Path, name: str) -> Path:
    """The body as a file of the last part of its name."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).lstrip(".")[:120]
    file = folder / (plain or "file")
    try:
        with on_disk(folder), file.open("wb") as out:
            async for chunk in request.stream():
                await run_in_threadpool(out.write, chunk)
    except ClientDisconnect:
        raise HTTPException(400, {"code": "cut_off", "message": "The file did not come whole."}) from None
    return file
