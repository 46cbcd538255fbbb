"""A WebSocket and a seat in a session, both ways at once, until one side ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

from lifeworld.core.errors import InputError
from lifeworld.studio import wire
from lifeworld.studio.bucket import Buckets
from lifeworld.studio.session import Session
from lifeworld.studio.viewer import Viewer

MOST_VIEWERS = 32
MESSAGES = (500.0, 2_000.0)
"""Messages a second from one page, and how many at once: a page acknowledges what it draws, and acts at every frame."""
MOST_REFUSED = 50
"""Who is too fast so often is sent away."""
NO_SESSION, FULL, TOO_FAST = 4404, 4429, 4408


async def converse(socket: WebSocket, session: Session | None, *, who: str, guest: bool) -> None:
    """Let somebody into a session, until they or it go."""
    if session is None or wire.PROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.close(NO_SESSION)
        return
    await socket.accept(subprotocol=wire.PROTOCOL)
    if session.viewers >= MOST_VIEWERS:
        await socket.close(FULL, "full")
        return
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended before the session
            loop.call_soon_threadsafe(news.set)

    viewer = session.enter(who, wake, guest=guest)
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
    pace, refused = Buckets(*MESSAGES), 0
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if not pace.take("messages"):
            refused += 1
            if refused > MOST_REFUSED:
                await socket.close(TOO_FAST, "too_fast")
                return
            viewer.say(wire.Wrong(None, "too_fast", f"At most {MESSAGES[0]:g} messages a second."))
            continue
        try:
            if (said := message.get("text")) is None:
                raise InputError("the studio is asked in text", got="binary")
            session.ask(viewer, wire.question(said))
        except InputError as error:
            viewer.say(wire.wrong(error, None))


async def _tell(socket: WebSocket, viewer: Viewer, news: asyncio.Event) -> None:
    while True:
        await news.wait()
        news.clear()
        texts, states = viewer.take()
        for said in texts:
            await socket.send_text(said)
        for state in states:
            await socket.send_bytes(state)
